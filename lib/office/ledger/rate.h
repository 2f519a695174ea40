/*
 * rate: what other currencies are worth in the currency of the books.
 *
 * A rate says what one unit of a currency is worth, or what 100 or 10000 of it are where
 * six decimals would say too little of one.  It holds from its day until there is a newer
 * one: on days without, such as Sundays, the newest before applies.
 */
#ifndef OFFICE_RATE_H
#define OFFICE_RATE_H

#include "base/decimal.h"
#include "record/rule.h"

extern const struct rule rule_rate;

/* So many whole units of the other currency are worth worth × 10^-6 of the books'.  Both are positive. */
struct rate {
	int64_t worth, units;
};

/*
 * The rate that applies on a day; that of the books' own currency is 1.  STATUS_REFUSED
 * with a fault at place that says how to enter one when there is none.
 */
enum status rate_on(struct view *view, struct slice currency, int32_t day, const struct place *place,
    struct rate *rate, struct error *error);

/* A rate as documents keep it, in fields `rate` and `rate_units`; false when it is none. */
bool rate_read(struct slice worth, struct slice units, struct rate *rate);

/*
 * An amount in units of 10^-from of that currency as units of 10^-to of the books', rounded
 * half away from zero; false when it does not fit.
 */
bool rate_convert(struct rate rate, int from, int to, int64_t amount, int64_t *converted);

/* The same before rounding: amount × *factor / *divisor, which is positive; false when these do not fit. */
bool rate_exact(struct rate rate, int from, int to, int128 *factor, int128 *divisor);

/* A rate as it is newest on a day.  Lives until the callback returns. */
typedef void rate_visit(const struct record *rate, void *context);
/* Those of all currencies, in the order of their codes. */
enum status rates_current(struct view *view, int32_t day, rate_visit *visit, void *context, struct error *error);

#endif
