/*
 * tally: counts, sums, least, most and average of values, by groups.
 *
 * Every record gives a row of values, those that it is grouped by first.  A tally is
 * for one thread; what several threads counted is put together by tally_merge, with the
 * same result whoever counted what.
 *
 * Sums are exact, in 128 bits.  Amounts of money add up, and compare, only within one
 * currency: where a group has several, tally_finish refuses.
 */
#ifndef RECORD_TALLY_H
#define RECORD_TALLY_H

#include "base/error.h"
#include "record/bucket.h"
#include "record/order.h"
#include "record/view.h"

enum measure { MEASURE_SUM, MEASURE_MIN, MEASURE_MAX, MEASURE_AVG };

/* One of the values that a record gives. */
struct tally_value {
	const char *name; /* of its field, for messages */
	struct order order;
	enum bucket bucket; /* where it is grouped by */
	bool money;
	size_t currency; /* of money: the value that says which; of a currency: what says it where that is empty.  SIZE_MAX: the company */
};

/* Something to be worked out for each group. */
struct tally_measure {
	enum measure what;
	size_t value;
};

struct tally_plan {
	const struct tally_value *values;
	size_t value_count, by_count; /* the first by_count are grouped by */
	const struct tally_measure *measures;
	size_t measure_count;
	struct slice currency;        /* the company's; empty: none */
	const struct zone_held *zone; /* the company's, held as long as the tally is added to */
	struct codes *codes;
};

struct tally;

struct tally *tally_new(const struct tally_plan *plan); /* the plan must outlive it */
void tally_free(struct tally *tally);                   /* NULL is fine */

/* Counts a record in. */
void tally_add(struct tally *tally, const struct slice *values);
/* Counts all that other has in as well. */
void tally_merge(struct tally *tally, struct tally *other);

/*
 * Puts the groups in order; without anything to group by there is one, even of no
 * record.  STATUS_REFUSED for a sum that is too large, or of several currencies:
 * `--sum total: amounts in EUR and USD do not add up (add --by currency)`.
 */
enum status tally_finish(struct tally *tally, struct error *error);

size_t tally_groups(const struct tally *tally);
/* The row of a group: what it is grouped by, the count, the measures.  In arena, or as long as the tally. */
void tally_row(const struct tally *tally, size_t group, struct slice *row, struct arena *arena);

/* "sum", "min", "max", "avg". */
const char *measure_name(enum measure what);

#endif
