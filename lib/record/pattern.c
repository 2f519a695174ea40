#include "record/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/places.h"
#include "base/text.h"

/* About 10 ms at worst; what people write needs a few hundred steps. */
enum { STEPS = 200000, DEPTH = 20000, HEAP_KIB = 4096, NESTING = 100 };

/* What the word of a pattern says of a text that has it. */
enum meaning {
	PART,  /* nothing: the pattern asks for more */
	WHOLE, /* that it matches */
	FIRST  /* likewise, where it begins with the word */
};

struct pattern {
	struct slice word; /* every text that matches has it; absent: there may be none */
	enum meaning meaning;
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

/* PCRE2 returns NULL only when memory has run out, which for us ends the process: memory_new would have too. */
static void *
had(void *made)
{
	if (made == NULL)
		memory_array(SIZE_MAX, SIZE_MAX);
	return made;
}

static void
explain(struct slice text, int code, size_t offset, char reason[PATTERN_REASON_SIZE])
{
	PCRE2_UCHAR message[160];

	if (pcre2_get_error_message(code, message, sizeof(message)) < 0)
		message[0] = '\0';
	if (offset > text.length)
		offset = text.length;
	snprintf(reason, PATTERN_REASON_SIZE, "%s, at character %zu", (const char *)message,
	    text_count((struct slice){ text.data, offset }) + 1);
}

/* --- words ------------------------------------------------------------------------ */

/* Bytes that may mean something else in a pattern than themselves. */
static bool
is_special(char c)
{
	return c == '\0' || strchr("\\^$.[|()?*+{", c) != NULL;
}

/* Behind these a word need not be there, or it takes more than a look to tell. */
static bool
is_simple(struct slice text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] == '\0' || strchr("\\[|({", text.data[i]) != NULL)
			return false;
	return true;
}

/* Without its last character. */
static struct slice
without_last(struct slice word)
{
	while (word.length > 0 && ((unsigned char)word.data[word.length - 1] & 0xc0) == 0x80)
		word.length--;
	word.length -= word.length > 0;
	return word;
}

/* The longest piece of a simple pattern that stands for itself and has to be there. */
static struct slice
longest_word(struct slice text)
{
	struct slice longest = { NULL, 0 };

	for (size_t at = 0; at < text.length; at++) {
		struct slice word = { text.data + at, 0 };

		while (at < text.length && !is_special(text.data[at]))
			at++;
		word.length = (size_t)(text.data + at - word.data);
		if (at < text.length && (text.data[at] == '?' || text.data[at] == '*'))
			word = without_last(word);
		if (word.length > longest.length)
			longest = word;
	}
	return longest;
}

static void
find_word(struct pattern *pattern, struct slice text)
{
	struct slice word;

	if (!is_simple(text) || (word = longest_word(text)).length == 0)
		return;
	if (word.length == text.length)
		pattern->meaning = WHOLE;
	else if (word.length == text.length - 1 && text.data[0] == '^')
		pattern->meaning = FIRST;
	pattern->word = (struct slice){ memory_copy(word.data, word.length), word.length };
}

struct slice
pattern_word(const struct pattern *pattern)
{
	return pattern->word;
}

/* --- patterns --------------------------------------------------------------------- */

struct pattern *
pattern_compile(struct slice text, char reason[PATTERN_REASON_SIZE])
{
	uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_MATCH_INVALID_UTF;
	pcre2_compile_context *context;
	struct pattern *pattern;
	pcre2_code *code;
	PCRE2_SIZE offset;
	int fault;

	if (text.length > PATTERN_TEXT_MAX) {
		snprintf(reason, PATTERN_REASON_SIZE, "longer than %d bytes", PATTERN_TEXT_MAX);
		return NULL;
	}
	context = had(pcre2_compile_context_create(NULL));
	pcre2_set_newline(context, PCRE2_NEWLINE_ANY);
	pcre2_set_parens_nest_limit(context, NESTING);
	code = pcre2_compile((PCRE2_SPTR)text.data, text.length, options, &fault, &offset, context);
	pcre2_compile_context_free(context);
	if (code == NULL) {
		explain(text, fault, offset, reason);
		return NULL;
	}
	pattern = memory_new(sizeof(*pattern));
	pattern->code = code;
	pattern->data = had(pcre2_match_data_create(1, NULL));
	pattern->limits = had(pcre2_match_context_create(NULL));
	pcre2_set_match_limit(pattern->limits, STEPS);
	pcre2_set_depth_limit(pattern->limits, DEPTH);
	pcre2_set_heap_limit(pattern->limits, HEAP_KIB);
	find_word(pattern, text);
	return pattern;
}

void
pattern_free(struct pattern *pattern)
{
	if (pattern == NULL)
		return;
	pcre2_match_context_free(pattern->limits);
	pcre2_match_data_free(pattern->data);
	pcre2_code_free(pattern->code);
	free((char *)pattern->word.data);
	free(pattern);
}

/* Whether text has the word, and has it where it should. */
static bool
has_word(const struct pattern *pattern, struct slice text)
{
	struct slice word = pattern->word;

	if (pattern->meaning == FIRST)
		return text.length >= word.length && memcmp(text.data, word.data, word.length) == 0;
	return place_of(text, 0, word) != SIZE_MAX;
}

enum match
pattern_match(struct pattern *pattern, struct slice text)
{
	const char *data = text.data != NULL ? text.data : "";
	int result;

	if (pattern->word.length > 0 && !has_word(pattern, text))
		return MATCH_NO;
	if (pattern->meaning != PART)
		return MATCH_YES;
	result = pcre2_match(pattern->code, (PCRE2_SPTR)data, text.length, 0, 0, pattern->data, pattern->limits);
	if (result >= 0)
		return MATCH_YES;
	return result == PCRE2_ERROR_NOMATCH ? MATCH_NO : MATCH_LIMIT;
}
