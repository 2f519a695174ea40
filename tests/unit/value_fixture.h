/*
 * value_fixture: parses text as a value of a type and says what came of it.
 */
#ifndef VALUE_FIXTURE_H
#define VALUE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/date.h"
#include "record/value.h"

static struct codes *codes;
static struct arena arena;

static inline int
value_setup(void **state)
{
	(void)state;
	codes = codes_open("share");
	return 0;
}

static inline int
value_teardown(void **state)
{
	(void)state;
	codes_close(codes);
	arena_release(&arena);
	return 0;
}

static const char *const sizes[] = { "low", "normal", "high", NULL };

/* What text becomes in a field of type; a reason begins with "! ". */
static inline const char *
parsed_by(enum type type, unsigned flags, const char *text, const struct value_context *context)
{
	struct field field = { .name = "field", .type = type, .flags = flags, .choices = sizes, .preset = "" };
	struct slice value, reason;

	arena_reset(&arena);
	if (value_parse(&field, slice_of(text), context, &arena, &value, &reason))
		return arena_text(&arena, value);
	return arena_format(&arena, "! %.*s", (int)reason.length, reason.data).data;
}

/* Today is 2026-03-10, now 2026-03-10T12:00:00Z, money has two digits. */
static inline struct value_context
context_new(void)
{
	struct value_context context = { .codes = codes, .money_digits = 2, .today = 20522 };

	context.now = (int64_t)context.today * DAY_SECONDS + 12 * 3600;
	return context;
}

static inline const char *
parsed(enum type type, const char *text)
{
	struct value_context context = context_new();

	return parsed_by(type, 0, text, &context);
}

struct example {
	const char *text, *value;
};

static inline void
check(enum type type, const struct example *examples)
{
	for (; examples->text != NULL; examples++)
		assert_string_equal(parsed(type, examples->text), examples->value);
}

#endif
