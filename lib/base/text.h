/*
 * text: UTF-8, what may be stored, what may reach a terminal, how wide it is.
 *
 * A line break inside a value is stored as U+2028 LINE SEPARATOR, which is what
 * that character is for: so a record is always one line.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/slice.h"

#define TEXT_BREAK "\xe2\x80\xa8" /* U+2028 */

enum text_fault {
	TEXT_OK,
	TEXT_INVALID, /* not UTF-8 (RFC 3629: no overlong forms, no surrogates) */
	TEXT_CONTROL, /* C0 but tab, DEL, C1 */
	TEXT_NUL,
	TEXT_BROKEN /* a line break: \n, \r\n, \r or U+2028 */
};

/* The first thing that may not stand in a one-line value; offset (may be NULL) is where. */
enum text_fault text_check(struct slice text, size_t *offset);
/* A word for people: "invalid UTF-8", "a control character", … */
const char *text_fault_name(enum text_fault fault);

/* Adds text with every line break (\r\n, \n, \r) as U+2028. */
void text_fold_breaks(struct buffer *out, struct slice text);
/* Adds text with every U+2028 as \n. */
void text_unfold_breaks(struct buffer *out, struct slice text);

/*
 * Adds text fit for a terminal: control characters, bidi controls and invalid
 * bytes as '?'; tab, U+2028 and U+2029 as a space.
 */
void text_safe(struct buffer *out, struct slice text);

/*
 * Terminal columns that text takes after text_safe(): wide East Asian characters
 * and emoji 2, combining marks, joiners and what they join to an emoji 0.
 */
size_t text_width(struct slice text);
/*
 * The longest beginning of text that takes at most columns, not splitting a grapheme
 * (UAX 29); *width (may be NULL) what it takes.
 */
struct slice text_fit(struct slice text, size_t columns, size_t *width);
/* The number of code points. */
size_t text_count(struct slice text);

/* Adds text folded for comparing without case (Unicode case folding, NFKC). */
void text_casefold(struct buffer *out, struct slice text);

#endif
