/*
 * interest: on what is owed too long, at rates that change.
 *
 * Rates are records: from a day on, a kind of interest is so many percent a year.  Each
 * day that ends with something open bears a 365th of that (act/365, leap years too), on
 * what is open then: what is paid on a day bears none for it.  Nothing is rounded before the
 * end, half away from zero, and there is none on interest.
 */
#ifndef OFFICE_INTEREST_H
#define OFFICE_INTEREST_H

#include "record/rule.h"

extern const struct rule rule_interest_rate;

/* What bears interest, from first to last day. */
struct interest {
	const struct record *invoice;
	struct slice kind;
	int32_t first, last;
};

/*
 * In units of 10^-digits.  STATUS_REFUSED with a fault at place when a day has no rate, or
 * it comes to more than an amount can hold.
 */
enum status interest_reckon(struct view *view, const struct interest *interest, int digits,
    const struct place *place, int64_t *units, struct error *error);

#endif
