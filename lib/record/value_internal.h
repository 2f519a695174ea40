/*
 * value_internal: the parsers of the types, a file for each family.
 *
 * Every parser gets text without white space around it, not empty, one line of
 * valid UTF-8, and either sets *value or gives a reason.
 */
#ifndef RECORD_VALUE_INTERNAL_H
#define RECORD_VALUE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/date.h"
#include "record/value.h"

struct parsing {
	const struct field *field;
	const struct value_context *context;
	struct slice text; /* what to parse */
	struct arena *arena;
	struct slice *value;
	struct slice *reason;
};

/* Refuses with `what: "text"`, long text clipped; always false. */
bool parsing_refuse(struct parsing *parsing, const char *what);
/* Takes spelling as the value: text itself if it is spelled so already, else a copy.  Always true. */
bool parsing_take(struct parsing *parsing, struct slice spelling);

/* value_number.c */
bool parse_int(struct parsing *parsing);
bool parse_decimal(struct parsing *parsing); /* qty, rate */
bool parse_money(struct parsing *parsing);

/* value_date.c */
bool parse_date(struct parsing *parsing);
bool parse_time(struct parsing *parsing);
bool parse_span(struct parsing *parsing);
/* day + span; false when that is out of the calendar. */
bool day_add(int32_t day, struct span span, int32_t *sum);
bool time_add(int64_t seconds, struct span span, int64_t *sum);
/* "today", "yesterday", "tomorrow"; false for any other word. */
bool day_word(struct slice word, int32_t today, int32_t *day);

/* value_address.c */
bool parse_email(struct parsing *parsing);
bool parse_phone(struct parsing *parsing);
bool parse_url(struct parsing *parsing);

/* value_code.c */
bool parse_country(struct parsing *parsing);
bool parse_currency(struct parsing *parsing);
bool parse_language(struct parsing *parsing);
bool parse_iban(struct parsing *parsing);
bool parse_taxid(struct parsing *parsing);
bool parse_blob(struct parsing *parsing);

/* codes.c: why the lists can't be used, or NULL. */
const char *codes_fault(struct codes *codes);

/* ASCII only, whatever the locale. */
static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
is_alnum(char c)
{
	return is_alpha(c) || is_digit(c);
}

static inline char
to_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static inline char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

#endif
