/* decimal: exact numbers, checked against 128-bit arithmetic */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/decimal.h"

static uint64_t seed = 0x2545f4914f6cdd1d;

/* xorshift64*: the same numbers in every run. */
static uint64_t
next(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1d;
}

/* Of any size, small ones as often as large ones. */
static int64_t
next_units(void)
{
	return (int64_t)next() >> next() % 64;
}

static enum decimal_result
parse(const char *text, int digits, int64_t *units)
{
	return decimal_parse(slice_of(text), digits, units);
}

static void
numbers_are_read_as_units(void **state)
{
	static const struct {
		const char *text;
		int digits;
		int64_t units;
	} cases[] = {
		{ "0", 2, 0 },
		{ "-0", 2, 0 },
		{ "-0.00", 2, 0 },
		{ "1", 0, 1 },
		{ "1", 2, 100 },
		{ "1.5", 2, 150 },
		{ "-1.05", 2, -105 },
		{ "007", 0, 7 },
		{ "0.000001", 6, 1 },
		{ "12.500000000", 1, 125 },
		{ "3.0", 0, 3 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "-9223372036854775808", 0, INT64_MIN },
		{ "92233720368547758.07", 2, INT64_MAX },
		{ "-92233720368547758.08", 2, INT64_MIN },
		{ "9.223372036854775807", 18, INT64_MAX },
		{ "-9.223372036854775808000", 18, INT64_MIN },
		{ "00000000000000000000000000000001.10", 2, 110 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t units = 99;

		assert_int_equal(parse(cases[i].text, cases[i].digits, &units), DECIMAL_OK);
		assert_true(units == cases[i].units);
	}
}

static void
what_is_no_number_is_refused(void **state)
{
	static const char *const refused[] = {
		"", "-", ".", "-.", ".5", "5.", "-5.", "+5", " 5", "5 ", "1,5", "1.2.3", "1e5", "--5", "5-",
		"0x10", "1_000", "1.5a", "1.a", "NaN", "99999999999999999999x", "\xd9\xa3", /* an Arabic three */
	};
	int64_t units = 99;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(parse(refused[i], 2, &units), DECIMAL_SYNTAX);
	assert_int_equal(decimal_parse(slice_of(NULL), 2, &units), DECIMAL_SYNTAX);
	assert_int_equal(decimal_parse((struct slice){ "1\0", 2 }, 2, &units), DECIMAL_SYNTAX);
	assert_int_equal(units, 99);
}

static void
too_many_decimals_are_told_apart_from_too_large(void **state)
{
	int64_t units = 99;

	(void)state;
	assert_int_equal(parse("1.005", 2, &units), DECIMAL_EXACT);
	assert_int_equal(parse("1.0001", 0, &units), DECIMAL_EXACT);
	assert_int_equal(parse("9223372036854775808", 0, &units), DECIMAL_RANGE);
	assert_int_equal(parse("-9223372036854775809", 0, &units), DECIMAL_RANGE);
	assert_int_equal(parse("92233720368547758.08", 2, &units), DECIMAL_RANGE);
	assert_int_equal(parse("18446744073709551617", 0, &units), DECIMAL_RANGE);
	assert_int_equal(parse("184467440737095516170", 0, &units), DECIMAL_RANGE);
	assert_int_equal(parse("100000000000000000000000000000000000000", 0, &units), DECIMAL_RANGE);
	assert_int_equal(parse("10", 18, &units), DECIMAL_RANGE);
	assert_int_equal(units, 99);
}

static void
units_are_written_with_all_decimals_or_trimmed(void **state)
{
	static const struct {
		int64_t units;
		int digits;
		const char *full, *trimmed;
	} cases[] = {
		{ 0, 0, "0", "0" },
		{ 0, 2, "0.00", "0" },
		{ 5, 2, "0.05", "0.05" },
		{ -5, 2, "-0.05", "-0.05" },
		{ 150, 2, "1.50", "1.5" },
		{ 100, 2, "1.00", "1" },
		{ 100, 0, "100", "100" },
		{ 1500000, 6, "1.500000", "1.5" },
		{ INT64_MAX, 0, "9223372036854775807", "9223372036854775807" },
		{ INT64_MIN, 2, "-92233720368547758.08", "-92233720368547758.08" },
		{ INT64_MIN, 18, "-9.223372036854775808", "-9.223372036854775808" },
	};
	char out[DECIMAL_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *full = cases[i].full, *trimmed = cases[i].trimmed;

		assert_int_equal(decimal_format(cases[i].units, cases[i].digits, false, out), strlen(full));
		assert_string_equal(out, full);
		assert_int_equal(decimal_format(cases[i].units, cases[i].digits, true, out), strlen(trimmed));
		assert_string_equal(out, trimmed);
	}
}

static void
what_is_written_reads_back(void **state)
{
	char out[DECIMAL_SIZE];

	(void)state;
	for (int i = 0; i < 200000; i++) {
		int64_t units = next_units(), back;
		int digits = (int)(next() % 19);
		size_t length = decimal_format(units, digits, next() & 1, out);

		assert_int_equal(decimal_parse((struct slice){ out, length }, digits, &back), DECIMAL_OK);
		assert_true(back == units);
	}
}

static void
halves_are_rounded_away_from_zero(void **state)
{
	(void)state;
	assert_true(decimal_divide(5, 10) == 1);
	assert_true(decimal_divide(-5, 10) == -1);
	assert_true(decimal_divide(4, 10) == 0);
	assert_true(decimal_divide(-4, 10) == 0);
	assert_true(decimal_divide(15, 10) == 2);
	assert_true(decimal_divide(25, 10) == 3);
	assert_true(decimal_divide(-25, 10) == -3);
	assert_true(decimal_divide(1, 3) == 0);
	assert_true(decimal_divide(2, 3) == 1);
	assert_true(decimal_divide(7, 1) == 7);
}

static void
a_quotient_is_never_more_than_half_off(void **state)
{
	(void)state;
	for (int i = 0; i < 200000; i++) {
		int128 units = (int128)next_units() * next_units();
		int128 divisor = (int128)(next() >> next() % 64) + 1;
		int128 off = units - decimal_divide(units, divisor) * divisor; /* what is missing */

		/* Half is allowed only on the side of zero: rounded away from it. */
		if (units >= 0)
			assert_true(2 * off < divisor && 2 * off >= -divisor);
		else
			assert_true(2 * off <= divisor && 2 * off > -divisor);
	}
}

static void
division_has_no_overflow_at_128_bits(void **state)
{
	const int128 most = (int128)(~(uint128)0 >> 1), least = -most - 1;

	(void)state;
	assert_true(decimal_divide(most, most) == 1);
	assert_true(decimal_divide(least, most) == -1);
	assert_true(decimal_divide(most / 2, most) == 0);
	assert_true(decimal_divide(most / 2 + 1, most) == 1);
	assert_true(decimal_divide(least, 1) == least);
}

static void
rescaling_multiplies_exactly_or_rounds(void **state)
{
	int64_t out = 99;

	(void)state;
	assert_true(decimal_rescale(150, 2, 6, &out) && out == 1500000);
	assert_true(decimal_rescale(1005000, 6, 2, &out) && out == 101);
	assert_true(decimal_rescale(-1005000, 6, 2, &out) && out == -101);
	assert_true(decimal_rescale(1004999, 6, 2, &out) && out == 100);
	assert_true(decimal_rescale(7, 3, 3, &out) && out == 7);
	assert_true(decimal_rescale(INT64_MIN, 0, 0, &out) && out == INT64_MIN);
	/* 0.19 × 123456789.12 with six and two digits: 23456789.9328 */
	assert_true(decimal_rescale((int128)190000 * 12345678912, 8, 2, &out) && out == 2345678993);
}

static void
rescaling_tells_of_overflow(void **state)
{
	int64_t out = 99;

	(void)state;
	assert_false(decimal_rescale(INT64_MAX, 0, 1, &out));
	assert_false(decimal_rescale(INT64_MIN, 0, 36, &out));
	assert_false(decimal_rescale((int128)INT64_MAX + 1, 2, 2, &out));
	assert_false(decimal_rescale((int128)INT64_MIN - 1, 2, 2, &out));
	/* The last half that still rounds into range, and the first that does not. */
	assert_true(decimal_rescale((int128)INT64_MAX * 10 + 4, 1, 0, &out) && out == INT64_MAX);
	out = 99;
	assert_false(decimal_rescale((int128)INT64_MAX * 10 + 5, 1, 0, &out));
	assert_int_equal(out, 99);
}

static void
powers_are_those_of_ten(void **state)
{
	int128 power = 1;

	(void)state;
	for (int digits = 0; digits <= 36; digits++, power *= 10)
		assert_true(decimal_power(digits) == power);
}

static void
sums_are_exact_or_left_alone(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++) {
		int64_t a = next_units(), b = next_units(), sum = a;
		int128 exact = (int128)a + b;

		if (exact < INT64_MIN || exact > INT64_MAX) {
			assert_false(decimal_add(&sum, b));
			assert_true(sum == a);
		} else {
			assert_true(decimal_add(&sum, b));
			assert_true(sum == exact);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_as_units),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(too_many_decimals_are_told_apart_from_too_large),
		cmocka_unit_test(units_are_written_with_all_decimals_or_trimmed),
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(halves_are_rounded_away_from_zero),
		cmocka_unit_test(a_quotient_is_never_more_than_half_off),
		cmocka_unit_test(division_has_no_overflow_at_128_bits),
		cmocka_unit_test(rescaling_multiplies_exactly_or_rounds),
		cmocka_unit_test(rescaling_tells_of_overflow),
		cmocka_unit_test(powers_are_those_of_ten),
		cmocka_unit_test(sums_are_exact_or_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
