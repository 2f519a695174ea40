/*
 * money: what a line costs, what tax is on it, and where both are rounded.
 *
 * A line's amount is qty × price × (1 − discount %), the tax on it amount ×
 * tax_rate %.  Both are exact between two roundings; rounding is half away from
 * zero to the digits of the currency (ISO 4217).  Where it happens is a policy
 * of the document:
 *
 *	ROUND_LINE      amount and tax of each line; the totals are their sums
 *	ROUND_DOCUMENT  once per tax rate, the exact net of all its lines and the
 *	                tax on that; what a line shows is rounded for show only
 */
#ifndef OFFICE_MONEY_H
#define OFFICE_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/decimal.h"

/* An exact number: units of 10^-digits, without zeros at the end of its decimals. */
struct exact {
	int128 units;
	int digits;
};

/* All of them in units of 10^-6; discount and tax_rate in percent. */
struct money_line {
	int64_t qty, price, discount, tax_rate;
};

enum rounding { ROUND_LINE, ROUND_DOCUMENT };

/* The functions below return false when a number grows out of 128 (exact) or 64 bits (rounded). */

/* qty × price less the discount. */
bool money_net(const struct money_line *line, struct exact *net);
/* base × rate %, rate in units of 10^-6. */
bool money_tax(struct exact base, int64_t rate, struct exact *tax);
/* Adds to *sum and leaves it alone when it can't. */
bool exact_add(struct exact *sum, struct exact number);
/* As units of 10^-digits, rounded half away from zero. */
bool exact_round(struct exact number, int digits, int64_t *units);

struct money_part; /* the exact net of one line, for ROUND_DOCUMENT */

/* The sums of a document, line by line. */
struct money_sum {
	enum rounding rounding;
	int digits;               /* of the currency */
	int64_t net, tax;         /* ROUND_LINE: so far */
	struct money_part *parts; /* ROUND_DOCUMENT: all lines */
	size_t count, capacity;
};

void money_sum_init(struct money_sum *sum, enum rounding rounding, int digits);
void money_sum_release(struct money_sum *sum);

/* The rounded amount of line, and its tax (0 for ROUND_DOCUMENT, which knows none by line). */
bool money_line_round(const struct money_line *line, enum rounding rounding, int digits, int64_t *amount,
    int64_t *tax);
bool money_sum_add(struct money_sum *sum, const struct money_line *line);
bool money_sum_total(struct money_sum *sum, int64_t *net, int64_t *tax, int64_t *total);

#endif
