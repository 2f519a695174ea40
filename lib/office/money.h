/*
 * money: what a line costs, what tax is on it, and where both are rounded.
 *
 * A line's amount is qty × price × (1 − discount %), the tax on it amount × tax_rate %.
 * Both are exact between two roundings; rounding is half away from zero to the digits of
 * the currency (ISO 4217).  Where it happens is a policy of the document:
 *
 *	ROUND_LINE      amount and tax of each line; the totals are their sums
 *	ROUND_RATE      the amount of each line, the tax once for each category and rate, on
 *	                the sum of their amounts (EN 16931, BR-CO-17)
 *	ROUND_DOCUMENT  once for each category and rate, the exact net of all its lines and the
 *	                tax on that; what a line shows is rounded for show only
 *
 * Prices may hold the tax already: then amounts do as well, the tax is taken out of them
 * (amount × rate / (100 + rate), rounded where the policy says), the net is what is left,
 * and the total is what the prices say.
 *
 * Tax may consist of two components of half the rate each (CGST and SGST of India), which
 * are rounded one by one.  It may be reckoned as if a discount for early payment had been
 * taken already.
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

/* UNCL5305, as EN 16931 has it; see share/tax/category.csv.  Only S has a rate. */
enum tax_category { TAX_S, TAX_Z, TAX_E, TAX_AE, TAX_K, TAX_G, TAX_O, TAX_CATEGORIES };

/* Numbers in units of 10^-6; discount and tax_rate in percent. */
struct money_line {
	int64_t qty, price, discount, tax_rate;
	enum tax_category category;
};

enum rounding { ROUND_LINE, ROUND_RATE, ROUND_DOCUMENT };

/* How a document is reckoned. */
struct money_policy {
	enum rounding rounding;
	int digits;           /* of the currency */
	bool gross;           /* prices hold the tax */
	bool halves;          /* two components of half the rate each */
	int64_t tax_discount; /* percent, units of 10^-6, that is off what is taxed; not with gross */
};

/* The functions below return false when a number grows out of 128 (exact) or 64 bits (rounded). */

/* qty × price less the discount. */
bool money_net(const struct money_line *line, struct exact *net);
/* Adds to *sum and leaves it alone when it can't. */
bool exact_add(struct exact *sum, struct exact number);
/* As units of 10^-digits, rounded half away from zero. */
bool exact_round(struct exact number, int digits, int64_t *units);

/* What the lines of one category and rate come to. */
struct money_group {
	enum tax_category category;
	int64_t rate;       /* of all components together */
	int64_t net;        /* what they add to the document's net */
	int64_t base;       /* what is taxed: net, less the discount for early payment if that is off */
	int64_t tax[2];     /* by component; the second is 0 without halves */
	int64_t amount;     /* of the lines, as they show it: so far */
	struct exact exact; /* likewise, without rounding (ROUND_DOCUMENT) */
};

/* The sums of a document, line by line. */
struct money_sum {
	struct money_policy policy;
	struct money_group *groups; /* in order of category, then of rate, once they are totalled */
	size_t count, capacity;
};

void money_sum_init(struct money_sum *sum, const struct money_policy *policy);
void money_sum_release(struct money_sum *sum);

/* The rounded amount of line, and its tax (0 unless ROUND_LINE: the others know none by line). */
bool money_line_round(const struct money_line *line, const struct money_policy *policy, int64_t *amount,
    int64_t *tax);
bool money_sum_add(struct money_sum *sum, const struct money_line *line);
/* Fills in the groups.  total is net and tax, and with gross what the prices say. */
bool money_sum_total(struct money_sum *sum, int64_t *net, int64_t *tax, int64_t *total);

/* What must be added to units so that they are a multiple of step (both of the same digits), half away from zero. */
int64_t money_to_step(int64_t units, int64_t step);
/* percent (units of 10^-6) of units, rounded. */
bool money_percent(int64_t units, int64_t percent, int64_t *part);

#endif
