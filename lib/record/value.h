/*
 * value: every type's one spelling.
 *
 * A value comes in as somebody typed it and is stored in one spelling only (see
 * bo(5)); what does not fit its type is refused with a reason.
 */
#ifndef RECORD_VALUE_H
#define RECORD_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/decimal.h"
#include "base/slice.h"
#include "record/schema.h"
#include "stream/writer.h"

struct codes; /* countries, currencies and kinds of tax numbers, read from share/codes when first needed */

struct codes *codes_open(const char *share);
void codes_close(struct codes *codes);
/* Minor-unit digits of a currency (ISO 4217), or -1 when there is no such code. */
int codes_currency_digits(struct codes *codes, struct slice currency);
/* The alpha-2 code of a country given as alpha-2, alpha-3 or a name in common use (any case); absent when unknown. */
struct slice codes_country(struct codes *codes, struct slice name);
/* Kinds of tax numbers (record/taxid.h), as long as codes. */
struct taxids;
const struct taxids *codes_taxids(struct codes *codes);

/* How foreign data writes numbers and dates. */
struct spelling {
	char decimal; /* '.' or ','; the other one and spaces and ' may separate thousands where it is ',' or told; 0 is '.' without thousands */
	const char *date_pattern; /* see date_parse_as; NULL is ISO 8601 only */
};

struct value_context {
	struct codes *codes;
	const struct spelling *spelling; /* or NULL */
	int money_digits;                /* of the currency that applies; -1: none is known yet */
	int32_t today;                   /* the company's */
	int64_t now;                     /* UTC seconds */
	bool checked;                    /* text_check has already been done by the reader */
	bool unbroken;                   /* and there is no line break */
};

/*
 * text as a value of field in its stored spelling: points into text where nothing
 * had to change, else into the arena.  Empty is fine and stays empty.  On failure
 * false and *reason: `not a date: "31/02/2026"` (in the arena).  All but text and note
 * are trimmed first.  A date may be today, yesterday, tomorrow or ±SPAN from today; a
 * time now, ±SPAN from now, a day, or YYYY-MM-DD HH:MM[:SS], both UTC.  References are
 * not resolved here: for TYPE_REF the text is only checked to be one line.
 */
bool value_parse(const struct field *field, struct slice text, const struct value_context *context,
    struct arena *arena, struct slice *value, struct slice *reason);

enum cell type_cell(enum type type);

/* How values of a type compare and reckon. */
enum kind {
	KIND_TEXT,   /* bytes */
	KIND_NUMBER, /* int128 units of 10^-6: int, qty, rate, money, bool (0, 1) */
	KIND_DATE,   /* days */
	KIND_TIME,   /* seconds */
	KIND_SPAN    /* seconds, a month being 30.436875 days */
};

enum kind type_kind(enum type type);

/* A stored value as what it compares by; false when it is empty or not of that kind. */
bool value_number(enum kind kind, struct slice value, int128 *number);
/* text without allocation for numbers that are small; the arena otherwise. */
struct slice value_from_number(enum kind kind, int128 number, struct arena *arena);

#endif
