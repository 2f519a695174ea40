#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/slice.h"
#include "office/money.h"

enum { LINES = 2000, DOCUMENTS = 200, DOCUMENT_LINES = 10, RATES = 3 };

static const struct money_policy by_line = { .rounding = ROUND_LINE, .digits = 2 },
				 by_rate = { .rounding = ROUND_RATE, .digits = 2 },
				 by_document = { .rounding = ROUND_DOCUMENT, .digits = 2 };

static int64_t
units(const char *text)
{
	int64_t number;

	assert_int_equal(decimal_parse(slice_of(text), DECIMAL_DIGITS, &number), DECIMAL_OK);
	return number;
}

static struct money_line
line_of(const char *qty, const char *price, const char *discount, const char *rate)
{
	return (struct money_line){ units(qty), units(price), units(discount), units(rate), TAX_S };
}

static void
assert_line(struct money_line line, enum rounding rounding, int digits, const char *amount, const char *tax)
{
	const struct money_policy policy = { .rounding = rounding, .digits = digits };
	char text[DECIMAL_SIZE];
	int64_t a, t;

	assert_true(money_line_round(&line, &policy, &a, &t));
	decimal_format(a, digits, false, text);
	assert_string_equal(text, amount);
	decimal_format(t, digits, false, text);
	assert_string_equal(text, tax);
}

static void
assert_total(struct money_sum *sum, const char *net, const char *tax, const char *total)
{
	int64_t amounts[3];
	const char *expected[] = { net, tax, total };
	char text[DECIMAL_SIZE];

	assert_true(money_sum_total(sum, &amounts[0], &amounts[1], &amounts[2]));
	for (size_t i = 0; i < 3; i++) {
		decimal_format(amounts[i], sum->policy.digits, false, text);
		assert_string_equal(text, expected[i]);
	}
}

static void
an_amount_is_qty_times_price(void **state)
{
	(void)state;
	assert_line(line_of("3", "19.99", "0", "20"), ROUND_LINE, 2, "59.97", "11.99");
	assert_line(line_of("0.333333", "3", "0", "0"), ROUND_LINE, 2, "1.00", "0.00");
	assert_line(line_of("0", "19.99", "0", "20"), ROUND_LINE, 2, "0.00", "0.00");
}

static void
a_discount_is_percent_off(void **state)
{
	(void)state;
	assert_line(line_of("2", "50", "12.5", "10"), ROUND_LINE, 2, "87.50", "8.75");
	assert_line(line_of("2", "50", "100", "10"), ROUND_LINE, 2, "0.00", "0.00");
}

static void
a_half_is_rounded_away_from_zero(void **state)
{
	(void)state;
	assert_line(line_of("1", "0.125", "0", "0"), ROUND_LINE, 2, "0.13", "0.00");
	assert_line(line_of("-1", "0.125", "0", "0"), ROUND_LINE, 2, "-0.13", "0.00");
	assert_line(line_of("1", "0.124999", "0", "0"), ROUND_LINE, 2, "0.12", "0.00");
	assert_line(line_of("1", "0.5", "0", "5"), ROUND_LINE, 2, "0.50", "0.03");
}

static void
the_currency_decides_the_digits(void **state)
{
	(void)state;
	assert_line(line_of("3", "333.5", "0", "10"), ROUND_LINE, 0, "1001", "100");
	assert_line(line_of("1.5", "1.2345", "0", "5"), ROUND_LINE, 3, "1.852", "0.093");
}

static void
the_tax_of_a_line_is_on_its_rounded_amount(void **state)
{
	(void)state;
	/* 0.004 × 1000 % is 0.04, but what is shown as nothing is not taxed */
	assert_line(line_of("1", "0.004", "0", "1000"), ROUND_LINE, 2, "0.00", "0.00");
}

static void
rounding_by_line_adds_what_the_lines_show(void **state)
{
	struct money_line line = line_of("1", "0.125", "0", "19");
	struct money_sum sum;

	(void)state;
	money_sum_init(&sum, &by_line);
	for (int i = 0; i < 3; i++)
		assert_true(money_sum_add(&sum, &line));
	assert_total(&sum, "0.39", "0.06", "0.45");
	money_sum_release(&sum);
}

static void
rounding_by_document_rounds_once_a_rate(void **state)
{
	struct money_line full = line_of("1", "0.125", "0", "19"), half = line_of("1", "0.125", "0", "7");
	struct money_sum sum;

	(void)state;
	money_sum_init(&sum, &by_document);
	for (int i = 0; i < 3; i++) {
		assert_true(money_sum_add(&sum, &full));
		assert_true(money_sum_add(&sum, &half));
	}
	/* 0.375 at each rate: 0.38 and 0.38; tax 0.07125 and 0.02625 */
	assert_total(&sum, "0.76", "0.10", "0.86");
	money_sum_release(&sum);
}

static void
rounding_by_rate_adds_amounts_and_taxes_their_sum(void **state)
{
	struct money_line full = line_of("1", "0.125", "0", "19"), half = line_of("1", "0.125", "0", "7");
	struct money_sum sum;

	(void)state;
	money_sum_init(&sum, &by_rate);
	for (int i = 0; i < 3; i++) {
		assert_true(money_sum_add(&sum, &full));
		assert_true(money_sum_add(&sum, &half));
	}
	/* three times 0.13 at each rate; tax 0.0741 and 0.0273 */
	assert_total(&sum, "0.78", "0.10", "0.88");
	assert_int_equal(sum.count, 2);
	assert_int_equal(sum.groups[0].rate, 7000000);
	assert_int_equal(sum.groups[0].base, 39);
	assert_int_equal(sum.groups[0].tax[0], 3);
	assert_int_equal(sum.groups[1].tax[0], 7);
	money_sum_release(&sum);
}

static void
categories_of_one_rate_stay_apart(void **state)
{
	struct money_line zero = line_of("1", "10", "0", "0"), exempt = zero, export = zero;
	struct money_sum sum;

	(void)state;
	zero.category = TAX_Z;
	exempt.category = TAX_E;
	export.category = TAX_G;
	money_sum_init(&sum, &by_rate);
	assert_true(money_sum_add(&sum, &export) && money_sum_add(&sum, &zero) &&
	    money_sum_add(&sum, &exempt) && money_sum_add(&sum, &zero));
	assert_total(&sum, "40.00", "0.00", "40.00");
	assert_int_equal(sum.count, 3);
	assert_int_equal(sum.groups[0].category, TAX_Z);
	assert_int_equal(sum.groups[0].base, 2000);
	assert_int_equal(sum.groups[2].category, TAX_G);
	money_sum_release(&sum);
}

/* What 3 lines of price at 19 % come to. */
static void
assert_policy(struct money_policy policy, const char *price, const char *net, const char *tax, const char *total)
{
	struct money_line line = line_of("1", price, "0", "19");
	struct money_sum sum;

	policy.digits = 2;
	money_sum_init(&sum, &policy);
	for (int i = 0; i < 3; i++)
		assert_true(money_sum_add(&sum, &line));
	assert_total(&sum, net, tax, total);
	money_sum_release(&sum);
}

static void
tax_is_taken_out_of_prices_that_hold_it(void **state)
{
	(void)state;
	/* 9.99 × 19 / 119 is 1.5950…, 29.97 × 19 / 119 is 4.7851… */
	assert_policy((struct money_policy){ .rounding = ROUND_LINE, .gross = true }, "9.99", "25.17", "4.80",
	    "29.97");
	assert_policy((struct money_policy){ .rounding = ROUND_RATE, .gross = true }, "9.99", "25.18", "4.79",
	    "29.97");
	assert_policy((struct money_policy){ .rounding = ROUND_DOCUMENT, .gross = true }, "9.99", "25.18",
	    "4.79", "29.97");
	assert_policy((struct money_policy){ .rounding = ROUND_LINE, .gross = true }, "-9.99", "-25.17",
	    "-4.80", "-29.97");
}

static void
halves_are_rounded_one_by_one(void **state)
{
	(void)state;
	/* 30.03 × 9.5 % is 2.85285, 10.01 × 9.5 % 0.95095; 0.03 × 9.5 % 0.00285 and yet 0.03 × 19 % 0.0057 */
	assert_policy((struct money_policy){ .rounding = ROUND_RATE, .halves = true }, "10.01", "30.03",
	    "5.70", "35.73");
	assert_policy((struct money_policy){ .rounding = ROUND_DOCUMENT, .halves = true }, "0.01", "0.03",
	    "0.00", "0.03");
	assert_policy((struct money_policy){ .rounding = ROUND_DOCUMENT }, "0.01", "0.03", "0.01", "0.04");
	assert_policy((struct money_policy){ .rounding = ROUND_LINE, .halves = true }, "10.01", "30.03",
	    "5.70", "35.73");
}

static void
a_discount_for_early_payment_may_be_off_what_is_taxed(void **state)
{
	struct money_policy policy = { .rounding = ROUND_RATE, .tax_discount = 2000000 };
	struct money_line line = line_of("1", "100", "0", "20");
	struct money_sum sum;

	(void)state;
	assert_policy(policy, "100", "300.00", "55.86", "355.86");
	policy.digits = 2;
	money_sum_init(&sum, &policy);
	assert_true(money_sum_add(&sum, &line));
	assert_total(&sum, "100.00", "19.60", "119.60");
	assert_int_equal(sum.groups[0].base, 9800);
	money_sum_release(&sum);
	policy.rounding = ROUND_LINE;
	assert_policy(policy, "100", "300.00", "55.86", "355.86");
	policy.rounding = ROUND_DOCUMENT;
	assert_policy(policy, "100", "300.00", "55.86", "355.86");
}

static void
what_is_owed_is_rounded_to_a_step(void **state)
{
	int64_t part;

	(void)state;
	assert_int_equal(money_to_step(10722, 5), -2);
	assert_int_equal(money_to_step(10723, 5), 2);
	assert_int_equal(money_to_step(-10723, 5), -2);
	assert_int_equal(money_to_step(10725, 5), 0);
	assert_int_equal(money_to_step(10725, 10), 5);
	assert_int_equal(money_to_step(-10725, 10), -5);
	assert_true(money_percent(12345, 10000000, &part));
	assert_int_equal(part, 1235);
	assert_true(money_percent(-12345, 10000000, &part));
	assert_int_equal(part, -1235);
	assert_false(money_percent(INT64_MAX, 200000000, &part));
}

static void
a_document_without_lines_is_zero(void **state)
{
	struct money_sum sum;

	(void)state;
	money_sum_init(&sum, &by_document);
	assert_total(&sum, "0.00", "0.00", "0.00");
	money_sum_release(&sum);
}

static void
what_does_not_fit_is_no_amount(void **state)
{
	struct money_line huge = { INT64_MAX, INT64_MAX, 0, 0, TAX_S };
	struct money_line odd = { INT64_MAX, INT64_MAX, 1, 1, TAX_S };
	struct money_line large = line_of("90000000000", "1000000", "0", "10");
	struct money_sum sum;
	int64_t amount, tax;

	(void)state;
	assert_false(money_line_round(&huge, &by_line, &amount, &tax));
	assert_false(money_line_round(&odd, &by_line, &amount, &tax));
	money_sum_init(&sum, &by_line);
	assert_true(money_sum_add(&sum, &large));
	assert_false(money_sum_add(&sum, &large));
	money_sum_release(&sum);
}

static void
numbers_of_ordinary_size_never_overflow(void **state)
{
	/* a thousand million with all six decimals, at a discount and a rate with six of their own */
	struct money_line line = line_of("999.999999", "999999.999999", "1.234567", "19.123456");
	int64_t amount, tax;

	(void)state;
	assert_true(money_line_round(&line, &by_line, &amount, &tax));
	assert_int_equal(amount, INT64_C(98765432901)); /* 987654329.01135… */
	assert_int_equal(tax, INT64_C(18887364104));
}

/* --- against bc --------------------------------------------------------- */

static uint64_t seed = 42;

static uint64_t
next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* As people write them: mostly few decimals, now and then all six. */
static int64_t
some(int64_t limit)
{
	static const int64_t steps[] = { 1000000, 100000, 10000, 10000, 1000, 1 };
	int64_t step = steps[next() % 6];

	return (int64_t)(next() % (uint64_t)(limit / step)) * step;
}

static struct money_line
some_line(void)
{
	struct money_line line = { some(INT64_C(100000000000)), some(INT64_C(10000000000)), 0, 0, TAX_S };

	if (next() % 4 == 0)
		line.qty = -line.qty;
	if (next() % 2 == 0)
		line.discount = some(100000000);
	line.tax_rate = some(30000000);
	return line;
}

static const char bc_functions[] = "scale=0\n"
				   "define h(n, d) { auto p; p = 10^d; if (n < 0) return -((-n + p / 2) / p); return (n + p / 2) / p; }\n"
				   "define a(q, p, d) { return q * p * (100000000 - d); }\n";

struct oracle {
	char name[32];
	FILE *script, *answers;
};

static void
oracle_open(struct oracle *oracle)
{
	int fd;

	if (access("/usr/bin/bc", X_OK) != 0)
		skip();
	snprintf(oracle->name, sizeof(oracle->name), "/tmp/bo-money-XXXXXX");
	fd = mkstemp(oracle->name);
	assert_true(fd >= 0);
	oracle->script = fdopen(fd, "w");
	assert_non_null(oracle->script);
	fputs(bc_functions, oracle->script);
}

static void
oracle_run(struct oracle *oracle)
{
	char command[64];

	assert_int_equal(fclose(oracle->script), 0);
	snprintf(command, sizeof(command), "bc -q %s </dev/null", oracle->name);
	oracle->answers = popen(command, "r");
	assert_non_null(oracle->answers);
}

static int64_t
oracle_next(struct oracle *oracle)
{
	char answer[64];

	assert_non_null(fgets(answer, sizeof(answer), oracle->answers));
	return strtoll(answer, NULL, 10);
}

static void
oracle_close(struct oracle *oracle)
{
	assert_int_equal(pclose(oracle->answers), 0);
	unlink(oracle->name);
}

static void
lines_agree_with_bc(void **state)
{
	static struct money_line lines[LINES];
	struct oracle oracle;
	int64_t amount, tax;

	(void)state;
	oracle_open(&oracle);
	for (size_t i = 0; i < LINES; i++) {
		struct money_line l = lines[i] = some_line();

		fprintf(oracle.script, "x = h(a(%jd, %jd, %jd), 20 - %zu)\nx\nh(x * %jd, 8)\n",
		    (intmax_t)l.qty, (intmax_t)l.price, (intmax_t)l.discount, i % 4, (intmax_t)l.tax_rate);
	}
	oracle_run(&oracle);
	for (size_t i = 0; i < LINES; i++) {
		const struct money_policy policy = { .rounding = ROUND_LINE, .digits = (int)(i % 4) };

		assert_true(money_line_round(&lines[i], &policy, &amount, &tax));
		assert_int_equal(amount, oracle_next(&oracle));
		assert_int_equal(tax, oracle_next(&oracle));
	}
	oracle_close(&oracle);
}

static void
documents_agree_with_bc(void **state)
{
	static const int64_t rates[RATES] = { 0, 7000000, 19600000 };
	static struct money_line lines[DOCUMENTS][DOCUMENT_LINES];
	struct oracle oracle;

	(void)state;
	oracle_open(&oracle);
	for (size_t d = 0; d < DOCUMENTS; d++) {
		fprintf(oracle.script, "n[0] = 0; n[1] = 0; n[2] = 0\n");
		for (size_t i = 0; i < DOCUMENT_LINES; i++) {
			size_t rate = next() % RATES;
			struct money_line *l = &lines[d][i];

			*l = some_line();
			l->tax_rate = rates[rate];
			fprintf(oracle.script, "n[%zu] += a(%jd, %jd, %jd)\n", rate, (intmax_t)l->qty,
			    (intmax_t)l->price, (intmax_t)l->discount);
		}
		fprintf(oracle.script,
		    "h(n[0], 18) + h(n[1], 18) + h(n[2], 18)\n"
		    "h(n[1] * 7000000, 26) + h(n[2] * 19600000, 26)\n");
	}
	oracle_run(&oracle);
	for (size_t d = 0; d < DOCUMENTS; d++) {
		struct money_sum sum;
		int64_t net, tax, total;

		money_sum_init(&sum, &by_document);
		for (size_t i = 0; i < DOCUMENT_LINES; i++)
			assert_true(money_sum_add(&sum, &lines[d][i]));
		assert_true(money_sum_total(&sum, &net, &tax, &total));
		assert_int_equal(net, oracle_next(&oracle));
		assert_int_equal(tax, oracle_next(&oracle));
		assert_int_equal(total, net + tax);
		money_sum_release(&sum);
	}
	oracle_close(&oracle);
}

/* All policies, on lines with every sign and rate: groups agree with bc, and the document adds up. */
static void
policies_agree_with_bc(void **state)
{
	static const int64_t rates[RATES] = { 5500000, 7000000, 19600000 };
	static struct money_line lines[DOCUMENTS][DOCUMENT_LINES];
	static struct money_policy policies[DOCUMENTS];
	struct oracle oracle;

	(void)state;
	oracle_open(&oracle);
	for (size_t d = 0; d < DOCUMENTS; d++) {
		struct money_policy *policy = &policies[d];
		const char *whole;

		*policy = (struct money_policy){ .rounding = d % 2 ? ROUND_RATE : ROUND_LINE, .digits = 2 };
		policy->gross = d % 3 == 0;
		policy->halves = d % 5 < 2;
		policy->tax_discount = !policy->gross && d % 7 < 2 ? some(10000000) : 0;
		whole = policy->gross ? "(10^8 + r)" : "10^8";
		fprintf(oracle.script,
		    "n[0] = 0; n[1] = 0; n[2] = 0; t[0] = 0; t[1] = 0; t[2] = 0; h = %d; f = 10^8 - %jd\n"
		    "define q(n, d) { if (n < 0) return -((-n + (d + 1) / 2 - (d %% 2)) / d);"
		    " return (n + (d + 1) / 2 - (d %% 2)) / d; }\n",
		    policy->halves ? 2 : 1, (intmax_t)policy->tax_discount);
		for (size_t i = 0; i < DOCUMENT_LINES; i++) {
			size_t rate = next() % RATES;
			struct money_line *l = &lines[d][i];

			*l = some_line();
			l->tax_rate = rates[rate];
			fprintf(oracle.script,
			    "r = %jd; x = h(a(%jd, %jd, %jd), 18); n[%zu] += x; t[%zu] += h * q(x * f * r, %s * h * 10^8)\n",
			    (intmax_t)l->tax_rate, (intmax_t)l->qty, (intmax_t)l->price,
			    (intmax_t)l->discount, rate, rate, whole);
		}
		for (size_t i = 0; i < RATES && policy->rounding == ROUND_RATE; i++)
			fprintf(oracle.script, "r = %jd; t[%zu] = h * q(q(n[%zu] * f, 10^8) * r, %s * h)\n",
			    (intmax_t)rates[i], i, i, whole);
		fprintf(oracle.script, "n[0] + n[1] + n[2]\nt[0] + t[1] + t[2]\n");
	}
	oracle_run(&oracle);
	for (size_t d = 0; d < DOCUMENTS; d++) {
		int64_t net, tax, total, bases = 0, amounts = oracle_next(&oracle), taxes = oracle_next(&oracle);
		struct money_sum sum;

		money_sum_init(&sum, &policies[d]);
		for (size_t i = 0; i < DOCUMENT_LINES; i++)
			assert_true(money_sum_add(&sum, &lines[d][i]));
		assert_true(money_sum_total(&sum, &net, &tax, &total));
		assert_int_equal(tax, taxes);
		assert_int_equal(policies[d].gross ? total : net, amounts);
		assert_int_equal(total, net + tax);
		for (size_t i = 0; i < sum.count; i++) {
			struct money_group *group = &sum.groups[i];

			bases += policies[d].tax_discount == 0 ? group->base : group->net;
			tax -= group->tax[0] + group->tax[1];
			assert_int_equal(policies[d].halves ? group->tax[0] : 0, group->tax[1]);
		}
		assert_int_equal(bases, net);
		assert_int_equal(tax, 0);
		money_sum_release(&sum);
	}
	oracle_close(&oracle);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_amount_is_qty_times_price),
		cmocka_unit_test(a_discount_is_percent_off),
		cmocka_unit_test(a_half_is_rounded_away_from_zero),
		cmocka_unit_test(the_currency_decides_the_digits),
		cmocka_unit_test(the_tax_of_a_line_is_on_its_rounded_amount),
		cmocka_unit_test(rounding_by_line_adds_what_the_lines_show),
		cmocka_unit_test(rounding_by_document_rounds_once_a_rate),
		cmocka_unit_test(rounding_by_rate_adds_amounts_and_taxes_their_sum),
		cmocka_unit_test(categories_of_one_rate_stay_apart),
		cmocka_unit_test(tax_is_taken_out_of_prices_that_hold_it),
		cmocka_unit_test(halves_are_rounded_one_by_one),
		cmocka_unit_test(a_discount_for_early_payment_may_be_off_what_is_taxed),
		cmocka_unit_test(what_is_owed_is_rounded_to_a_step),
		cmocka_unit_test(a_document_without_lines_is_zero),
		cmocka_unit_test(what_does_not_fit_is_no_amount),
		cmocka_unit_test(numbers_of_ordinary_size_never_overflow),
		cmocka_unit_test(lines_agree_with_bc),
		cmocka_unit_test(documents_agree_with_bc),
		cmocka_unit_test(policies_agree_with_bc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
