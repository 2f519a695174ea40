/*
 * cases: what bo makes of random amounts, beside the same in the language of bc.
 *
 *	cases SEED COUNT
 *
 * prints lines of two columns, COUNT of each kind: an expression of the functions in
 * tests/money/functions.bc, and the result that lib/office came to.  Where it refuses since
 * a number does not fit it says 10^30, as those functions do.
 */
#include <stdio.h>
#include <stdlib.h>

#include "office/money.h"
#include "office/ledger/rate.h"
#include "office/ledger/split.h"

enum { PARTS = 12 };

#define REFUSED "1000000000000000000000000000000"

static uint64_t state;

/* splitmix64. */
static uint64_t
next(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static int64_t
below(int64_t limit)
{
	return (int64_t)(next() % (uint64_t)limit);
}

/* Of any size below 2^bits, small ones as often as large ones; halves of what will be rounded often. */
static int64_t
amount(int bits)
{
	int64_t number = (int64_t)(next() >> (64 - bits) >> below(bits));

	if (below(4) == 0)
		number = number / 1000 * 1000 + 500;
	return below(2) == 0 ? number : -number;
}

static int
currency_digits(void)
{
	static const int digits[] = { 0, 2, 3 };

	return digits[below(3)];
}

static void
print_result(bool fits, int64_t result)
{
	if (fits)
		printf("\t%lld\n", (long long)result);
	else
		puts("\t" REFUSED);
}

static void
rescaled(void)
{
	int64_t units = amount(63), result = 0;
	int from = (int)below(10), to = (int)below(10);
	bool fits = decimal_rescale(units, from, to, &result);

	printf("r(%lld,%d,%d)", (long long)units, from, to);
	print_result(fits, result);
}

static void
divided(void)
{
	int64_t units = amount(63), divisor = below(2) == 0 ? below(1000) + 1 : llabs(amount(62)) + 1;

	printf("h(%lld,%lld)\t%lld\n", (long long)units, (long long)divisor,
	    (long long)decimal_divide(units, divisor));
}

/* qty × price less the discount, once rounded, and tax on it. */
static void
line(void)
{
	struct money_line line = { amount(44), llabs(amount(44)), below(100000001), below(30000001), TAX_S };
	const struct money_policy policy = { .rounding = ROUND_LINE, .digits = currency_digits() };
	struct exact net;
	int64_t result = 0, tax = 0;
	bool fits = money_net(&line, &net) && exact_round(net, policy.digits, &result);

	printf("n(%lld,%lld,%lld,%d)", (long long)line.qty, (long long)line.price, (long long)line.discount,
	    policy.digits);
	print_result(fits, result);
	fits = money_line_round(&line, &policy, &result, &tax);
	printf("t(%lld,%lld,%lld,%d,%lld)", (long long)line.qty, (long long)line.price,
	    (long long)line.discount, policy.digits, (long long)line.tax_rate);
	print_result(fits, tax);
}

static void
converted(void)
{
	static const int64_t units[] = { 1, 1, 1, 10, 100, 10000, 7 };
	struct rate rate = { llabs(amount(34)) + 1, units[below(7)] };
	int from = currency_digits(), to = currency_digits();
	int64_t own = amount(63), result = 0;
	bool fits = rate_convert(rate, from, to, own, &result);

	printf("c(%lld,%lld,%lld,%d,%d)", (long long)own, (long long)rate.worth, (long long)rate.units, from, to);
	print_result(fits, result);
}

static void
print_parts(const int64_t *parts, int count)
{
	for (int i = 0; i < count; i++)
		printf("%s%lld", i > 0 ? " " : "", (long long)parts[i]);
	putchar('\n');
}

/* A total by weights, of which some are equal and some 0. */
static void
weighted(void)
{
	int64_t weights[PARTS], parts[PARTS], total = amount(62);
	int count = 1 + (int)below(PARTS);
	bool equal = below(3) == 0;

	for (int i = 0; i < count; i++)
		weights[i] = equal ? 7 : below(4) == 0 ? 0 : llabs(amount(40));
	weights[below(count)] += 1;
	if (!split_weights(total, weights, (size_t)count, parts))
		abort();
	for (int i = 0; i < count; i++)
		printf("w[%d]=%lld;", i, (long long)weights[i]);
	printf("z=p(%d,%lld)\t", count, (long long)total);
	print_parts(parts, count);
}

/* Amounts of either sign at a rate: they come to their sum at that rate. */
static void
exchanged(void)
{
	struct rate rate = { llabs(amount(30)) + 1, below(2) == 0 ? 1 : 100 };
	int count = 1 + (int)below(PARTS), from = currency_digits(), to = currency_digits();
	int64_t own[PARTS], parts[PARTS], sum = 0, total;
	int128 exact[PARTS], factor, divisor;

	if (!rate_exact(rate, from, to, &factor, &divisor))
		abort();
	for (int i = 0; i < count; i++) {
		own[i] = amount(40);
		sum += own[i];
		exact[i] = factor * own[i];
	}
	if (!rate_convert(rate, from, to, sum, &total) ||
	    !split_exact(exact, (size_t)count, divisor, total, parts))
		abort();
	for (int i = 0; i < count; i++)
		printf("w[%d]=%lld;", i, (long long)own[i]);
	printf("z=e(%d,%lld,%lld,%d,%d)\t", count, (long long)rate.worth, (long long)rate.units, from, to);
	print_parts(parts, count);
}

/* What is written is what was meant, and read again the same. */
static void
written(void)
{
	int64_t units = amount(63), again;
	int digits = (int)below(7);
	char text[DECIMAL_SIZE];
	size_t length = decimal_format(units, digits, below(2) == 0, text);

	if (decimal_parse((struct slice){ text, length }, digits, &again) != DECIMAL_OK || again != units)
		abort();
	printf("i(%s*10^%d)\t%lld\n", text, digits, (long long)units);
}

int
main(int argc, char *argv[])
{
	static void (*const kinds[])(void) = { rescaled, divided, line, converted, weighted, exchanged, written };
	long count;

	if (argc != 3)
		return 2;
	state = strtoull(argv[1], NULL, 10);
	count = strtol(argv[2], NULL, 10);
	for (long n = 0; n < count; n++)
		for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++)
			kinds[kind]();
	return 0;
}
