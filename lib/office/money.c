#include "office/money.h"

#include <stdlib.h>

#include "base/memory.h"

enum {
	PERCENT_DIGITS = DECIMAL_DIGITS + 2, /* a percentage in units of 10^-6 is a factor in units of 10^-8 */
	FACTOR_ONE = 100000000               /* 1 in those */
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

/* --- tax ---------------------------------------------------------------------- */

/* number × numerator / divisor, rounded; none of the factors is beyond 64 bits. */
static bool
scale(int128 number, int64_t numerator, int128 divisor, int64_t *units)
{
	int128 product;

	if (__builtin_mul_overflow(number, (int128)numerator, &product))
		return false;
	product = decimal_divide(product, divisor);
	*units = (int64_t)product;
	return *units == product;
}

bool
money_percent(int64_t units, int64_t percent, int64_t *part)
{
	return scale(units, percent, FACTOR_ONE, part);
}

static int
components(const struct money_policy *policy)
{
	return policy->halves ? 2 : 1;
}

/* One component of the tax in or on an amount, of which a percentage may be left off first. */
static bool
tax_of(const struct money_policy *policy, int64_t amount, int64_t off, int64_t rate, int64_t *tax)
{
	int128 whole = policy->gross ? (int128)FACTOR_ONE + rate : (int128)FACTOR_ONE;

	if (off == 0)
		return scale(amount, rate, whole * components(policy), tax);
	return scale((int128)amount * (FACTOR_ONE - off), rate, whole * components(policy) * FACTOR_ONE, tax);
}

bool
money_line_round(const struct money_line *line, const struct money_policy *policy, int64_t *amount, int64_t *tax)
{
	struct exact net;

	*tax = 0;
	if (!money_net(line, &net) || !exact_round(net, policy->digits, amount))
		return false;
	if (policy->rounding != ROUND_LINE)
		return true;
	/* EN 16931, BT-131: the line's amount is a rounded one, and it is what is taxed. */
	return tax_of(policy, *amount, policy->tax_discount, line->tax_rate, tax) &&
	    !__builtin_mul_overflow(*tax, components(policy), tax);
}

/* --- sums --------------------------------------------------------------------- */

void
money_sum_init(struct money_sum *sum, const struct money_policy *policy)
{
	*sum = (struct money_sum){ .policy = *policy };
}

void
money_sum_release(struct money_sum *sum)
{
	free(sum->groups);
	sum->groups = NULL;
	sum->count = sum->capacity = 0;
}

static struct money_group *
group_of(struct money_sum *sum, const struct money_line *line)
{
	for (size_t i = 0; i < sum->count; i++)
		if (sum->groups[i].category == line->category && sum->groups[i].rate == line->tax_rate)
			return &sum->groups[i];
	sum->groups = memory_grow(sum->groups, &sum->capacity, sum->count, sizeof(*sum->groups));
	sum->groups[sum->count] = (struct money_group){ .category = line->category, .rate = line->tax_rate };
	return &sum->groups[sum->count++];
}

bool
money_sum_add(struct money_sum *sum, const struct money_line *line)
{
	const struct money_policy *policy = &sum->policy;
	struct money_group *group = group_of(sum, line);
	struct exact net;
	int64_t amount, tax;

	if (policy->rounding == ROUND_DOCUMENT)
		return money_net(line, &net) && exact_add(&group->exact, net);
	if (!money_line_round(line, policy, &amount, &tax) || !decimal_add(&group->amount, amount))
		return false;
	tax /= components(policy);
	return decimal_add(&group->tax[0], tax) && (!policy->halves || decimal_add(&group->tax[1], tax));
}

/* The tax on an exact net: halves are half the rate, which has a digit more then. */
static bool
exact_tax(const struct money_policy *policy, struct exact net, int64_t rate, int64_t *base, int64_t *tax)
{
	struct exact part = exact_of(policy->halves ? rate * 5 : rate, PERCENT_DIGITS + (policy->halves ? 1 : 0));

	return exact_multiply(&net, exact_of(FACTOR_ONE - policy->tax_discount, PERCENT_DIGITS)) &&
	    exact_round(net, policy->digits, base) && exact_multiply(&net, part) &&
	    exact_round(net, policy->digits, tax);
}

/* Base and tax of a group, all lines of which are in. */
static bool
group_tax(const struct money_policy *policy, struct money_group *group)
{
	bool document = policy->rounding == ROUND_DOCUMENT;

	if (document && !exact_round(group->exact, policy->digits, &group->amount))
		return false;
	if (document && !policy->gross) {
		if (!exact_tax(policy, group->exact, group->rate, &group->base, &group->tax[0]))
			return false;
	} else if (!money_percent(group->amount, FACTOR_ONE - policy->tax_discount, &group->base) ||
	    (policy->rounding != ROUND_LINE && !tax_of(policy, group->base, 0, group->rate, &group->tax[0])))
		return false;
	if (policy->halves && policy->rounding != ROUND_LINE)
		group->tax[1] = group->tax[0];
	return true;
}

static bool
group_total(const struct money_policy *policy, struct money_group *group)
{
	int64_t tax;

	if (!group_tax(policy, group) || __builtin_add_overflow(group->tax[0], group->tax[1], &tax))
		return false;
	group->net = group->amount;
	if (policy->gross && __builtin_sub_overflow(group->amount, tax, &group->net))
		return false;
	if (policy->gross)
		group->base = group->net;
	return true;
}

static int
group_compare(const void *a, const void *b)
{
	const struct money_group *x = a, *y = b;

	if (x->category != y->category)
		return x->category < y->category ? -1 : 1;
	return (x->rate > y->rate) - (x->rate < y->rate);
}

bool
money_sum_total(struct money_sum *sum, int64_t *net, int64_t *tax, int64_t *total)
{
	*net = *tax = 0;
	if (sum->count > 1)
		qsort(sum->groups, sum->count, sizeof(*sum->groups), group_compare);
	for (size_t i = 0; i < sum->count; i++) {
		struct money_group *group = &sum->groups[i];

		if (!group_total(&sum->policy, group) || !decimal_add(net, group->net) ||
		    !decimal_add(tax, group->tax[0]) || !decimal_add(tax, group->tax[1]))
			return false;
	}
	*total = *net;
	return decimal_add(total, *tax);
}

/* --- what is owed ---------------------------------------------------------------- */

int64_t
money_to_step(int64_t units, int64_t step)
{
	return (int64_t)(decimal_divide(units, step) * step - units);
}
