#include "office/money.h"

#include <stdlib.h>

#include "base/memory.h"

enum {
	PERCENT_DIGITS = DECIMAL_DIGITS + 2, /* a percentage in units of 10^-6 is a factor in units of 10^-8 */
	FACTOR_ONE = 100000000               /* 1 in those */
};

struct money_part {
	int64_t rate;
	struct exact net;
};

/*
 * Zeros are stripped from factors while they are 64 bits wide: what people write
 * has few decimals, and so a product of four of them stays far from 128 bits.
 */
static struct exact
exact_of(int64_t units, int digits)
{
	for (; digits > 0 && units % 10 == 0; digits--)
		units /= 10;
	return (struct exact){ units, digits };
}

static bool
exact_multiply(struct exact *number, struct exact factor)
{
	if (__builtin_mul_overflow(number->units, factor.units, &number->units))
		return false;
	number->digits += factor.digits;
	return true;
}

bool
exact_add(struct exact *sum, struct exact number)
{
	struct exact result = *sum;
	struct exact *coarse = result.digits < number.digits ? &result : &number;
	int digits = result.digits < number.digits ? number.digits : result.digits;

	if (__builtin_mul_overflow(coarse->units, decimal_power(digits - coarse->digits), &coarse->units) ||
	    __builtin_add_overflow(result.units, number.units, &result.units))
		return false;
	*sum = (struct exact){ result.units, digits };
	return true;
}

bool
exact_round(struct exact number, int digits, int64_t *units)
{
	return decimal_rescale(number.units, number.digits, digits, units);
}

bool
money_net(const struct money_line *line, struct exact *net)
{
	int64_t left;

	if (__builtin_sub_overflow(FACTOR_ONE, line->discount, &left))
		return false;
	*net = exact_of(line->qty, DECIMAL_DIGITS);
	return exact_multiply(net, exact_of(line->price, DECIMAL_DIGITS)) &&
	    exact_multiply(net, exact_of(left, PERCENT_DIGITS));
}

bool
money_tax(struct exact base, int64_t rate, struct exact *tax)
{
	*tax = base;
	return exact_multiply(tax, exact_of(rate, PERCENT_DIGITS));
}

bool
money_line_round(const struct money_line *line, enum rounding rounding, int digits, int64_t *amount, int64_t *tax)
{
	struct exact net, on_it;

	*tax = 0;
	if (!money_net(line, &net) || !exact_round(net, digits, amount))
		return false;
	if (rounding == ROUND_DOCUMENT)
		return true;
	/* EN 16931, BT-131: the line's amount is a rounded one, and it is what is taxed. */
	return money_tax(exact_of(*amount, digits), line->tax_rate, &on_it) && exact_round(on_it, digits, tax);
}

void
money_sum_init(struct money_sum *sum, enum rounding rounding, int digits)
{
	*sum = (struct money_sum){ .rounding = rounding, .digits = digits };
}

void
money_sum_release(struct money_sum *sum)
{
	free(sum->parts);
	sum->parts = NULL;
	sum->count = sum->capacity = 0;
}

bool
money_sum_add(struct money_sum *sum, const struct money_line *line)
{
	struct money_part part = { .rate = line->tax_rate };
	int64_t amount, tax;

	if (sum->rounding == ROUND_LINE)
		return money_line_round(line, ROUND_LINE, sum->digits, &amount, &tax) &&
		    decimal_add(&sum->net, amount) && decimal_add(&sum->tax, tax);
	if (!money_net(line, &part.net))
		return false;
	sum->parts = memory_grow(sum->parts, &sum->capacity, sum->count, sizeof(*sum->parts));
	sum->parts[sum->count++] = part;
	return true;
}

static int
part_compare(const void *a, const void *b)
{
	int64_t x = ((const struct money_part *)a)->rate, y = ((const struct money_part *)b)->rate;

	return (x > y) - (x < y);
}

/* The lines of one rate, parts[from] and what follows it; returns where the next rate begins, 0 on overflow. */
static size_t
rate_total(const struct money_sum *sum, size_t from, int64_t *net, int64_t *tax)
{
	struct exact base = { 0 }, on_it;
	int64_t rounded_net, rounded_tax;
	size_t i;

	for (i = from; i < sum->count && sum->parts[i].rate == sum->parts[from].rate; i++) {
		if (!exact_add(&base, sum->parts[i].net))
			return 0;
	}
	if (!money_tax(base, sum->parts[from].rate, &on_it) ||
	    !exact_round(base, sum->digits, &rounded_net) || !exact_round(on_it, sum->digits, &rounded_tax) ||
	    !decimal_add(net, rounded_net) || !decimal_add(tax, rounded_tax))
		return 0;
	return i;
}

bool
money_sum_total(struct money_sum *sum, int64_t *net, int64_t *tax, int64_t *total)
{
	*net = sum->net;
	*tax = sum->tax;
	if (sum->count > 1)
		qsort(sum->parts, sum->count, sizeof(*sum->parts), part_compare);
	for (size_t i = 0; i < sum->count;) {
		i = rate_total(sum, i, net, tax);
		if (i == 0)
			return false;
	}
	*total = *net;
	return decimal_add(total, *tax);
}
