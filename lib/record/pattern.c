#include "record/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"

/* About 10 ms at worst; what people write needs a few hundred steps. */
enum { STEPS = 200000, DEPTH = 20000, HEAP_KIB = 4096, NESTING = 100 };

struct pattern {
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
	free(pattern);
}

enum match
pattern_match(struct pattern *pattern, struct slice text)
{
	const char *data = text.data != NULL ? text.data : "";
	int result = pcre2_match(pattern->code, (PCRE2_SPTR)data, text.length, 0, 0, pattern->data,
	    pattern->limits);

	if (result >= 0)
		return MATCH_YES;
	return result == PCRE2_ERROR_NOMATCH ? MATCH_NO : MATCH_LIMIT;
}
