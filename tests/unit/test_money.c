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
	return (struct money_line){ units(qty), units(price), units(discount), units(rate) };
}

static void
assert_line(struct money_line line, enum rounding rounding, int digits, const char *amount, const char *tax)
{
	char text[DECIMAL_SIZE];
	int64_t a, t;

	assert_true(money_line_round(&line, rounding, digits, &a, &t));
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
		decimal_format(amounts[i], sum->digits, false, text);
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
	money_sum_init(&sum, ROUND_LINE, 2);
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
	money_sum_init(&sum, ROUND_DOCUMENT, 2);
	for (int i = 0; i < 3; i++) {
		assert_true(money_sum_add(&sum, &full));
		assert_true(money_sum_add(&sum, &half));
	}
	/* 0.375 at each rate: 0.38 and 0.38; tax 0.07125 and 0.02625 */
	assert_total(&sum, "0.76", "0.10", "0.86");
	money_sum_release(&sum);
}

static void
a_document_without_lines_is_zero(void **state)
{
	struct money_sum sum;

	(void)state;
	money_sum_init(&sum, ROUND_DOCUMENT, 2);
	assert_total(&sum, "0.00", "0.00", "0.00");
	money_sum_release(&sum);
}

static void
what_does_not_fit_is_no_amount(void **state)
{
	struct money_line huge = { INT64_MAX, INT64_MAX, 0, 0 };
	struct money_line odd = { INT64_MAX, INT64_MAX, 1, 1 };
	struct money_line large = line_of("90000000000", "1000000", "0", "10");
	struct money_sum sum;
	int64_t amount, tax;

	(void)state;
	assert_false(money_line_round(&huge, ROUND_LINE, 2, &amount, &tax));
	assert_false(money_line_round(&odd, ROUND_LINE, 2, &amount, &tax));
	money_sum_init(&sum, ROUND_LINE, 2);
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
	assert_true(money_line_round(&line, ROUND_LINE, 2, &amount, &tax));
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
	struct money_line line = { some(INT64_C(100000000000)), some(INT64_C(10000000000)), 0, 0 };

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
		assert_true(money_line_round(&lines[i], ROUND_LINE, (int)(i % 4), &amount, &tax));
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

		money_sum_init(&sum, ROUND_DOCUMENT, 2);
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
		cmocka_unit_test(a_document_without_lines_is_zero),
		cmocka_unit_test(what_does_not_fit_is_no_amount),
		cmocka_unit_test(numbers_of_ordinary_size_never_overflow),
		cmocka_unit_test(lines_agree_with_bc),
		cmocka_unit_test(documents_agree_with_bc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
