/*
 * help: what several rules do with drafts and stored values (private to office/).
 */
#ifndef OFFICE_HELP_H
#define OFFICE_HELP_H

#include <stdbool.h>
#include <stdint.h>

#include "record/batch.h"
#include "record/rule.h"
#include "record/view.h"

/* Where a fault about one field of draft lies; field may be NULL. */
struct place draft_place(const struct draft *draft, const char *field);

/* A field has another value than in the record's last revision (in a new one: is not empty). */
bool draft_moves(const struct draft *draft, size_t field);

/* Sets a field that is still empty. */
void draft_default(struct draft *draft, const char *field, struct slice value);

/* The record that reference names, read into arena; false when it is empty or there is none. */
bool reference_read(struct view *view, const char *table, struct slice reference, struct arena *arena,
    struct record *record);

/* The number of the record that a field, which is a reference, names; false when it is empty. */
bool reference_of(const struct record *record, const char *field, uint64_t *number);

/* A stored int, qty, rate as units of 10^-6 (money likewise, whatever its digits); false when it is empty. */
bool units_of(struct slice value, int64_t *units);
/* Likewise, empty being 0. */
int64_t units_or_zero(struct slice value);

/* Units of 10^-digits as a stored value; trim is for all but money. */
struct slice units_text(int64_t units, int digits, bool trim, struct arena *arena);

/* Units of 10^-6 as money of a currency with so many digits; empty for none (-1) and for more than there can be. */
struct slice money_text(int128 units, int digits, struct arena *arena);

struct slice date_text(int32_t day, struct arena *arena);

/* The record of parents that a change is about, itself or through one of its children; 0 for none. */
uint64_t change_parent(const struct change *change, struct log *parents, struct log *children,
    struct arena *arena);

/* One assignment of a stored value to a field. */
static inline struct assign
assign_field(size_t field, struct slice value)
{
	return (struct assign){ .target = { .field = field, .via = SIZE_MAX }, .value = value };
}

/* Likewise by name. */
struct assign assign_value(const struct table *table, const char *field, struct slice value);

#endif
