/*
 * pattern: regular expressions (Perl's, by PCRE2) that answer in bounded time.
 *
 * The text is UTF-8, \w and \d are Unicode's, case counts unless (?i), a dot stops
 * at a line break (U+2028 in a note).
 */
#ifndef RECORD_PATTERN_H
#define RECORD_PATTERN_H

#include <stddef.h>

#include "base/slice.h"

struct pattern;

enum match {
	MATCH_NO,
	MATCH_YES,
	MATCH_LIMIT /* it would have taken too long or too much memory */
};

enum { PATTERN_REASON_SIZE = 256, PATTERN_TEXT_MAX = 4096 };

/* NULL with a reason (`missing closing parenthesis, at character 5`) when text is no pattern. */
struct pattern *pattern_compile(struct slice text, char reason[PATTERN_REASON_SIZE]);
void pattern_free(struct pattern *pattern); /* NULL is fine */

/*
 * Bytes that stand in every text that matches, as long as they are simply told from the
 * pattern; absent otherwise.
 */
struct slice pattern_word(const struct pattern *pattern);

/* Whether the pattern is found anywhere in text.  Not for two threads at once. */
enum match pattern_match(struct pattern *pattern, struct slice text);

#endif
