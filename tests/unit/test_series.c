#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/date.h"
#include "office/series.h"

static int32_t
day(int year, int month, int of_month)
{
	return date_from_civil((struct civil){ year, month, of_month });
}

static void
assert_number(const char *pattern, int32_t date, uint64_t number, const char *expected)
{
	struct buffer out = BUFFER_INIT;

	series_number(slice_of(pattern), date, number, &out);
	assert_string_equal(out.data, expected);
	buffer_release(&out);
}

static void
assert_code(const char *pattern, int32_t date, const char *expected)
{
	struct buffer out = BUFFER_INIT;

	series_code(slice_of(pattern), date, &out);
	assert_string_equal(out.data, expected);
	buffer_release(&out);
}

static void
numbers_follow_the_pattern(void **state)
{
	(void)state;
	assert_number("INV-{year}-{number:6}", day(2026, 11, 22), 12, "INV-2026-000012");
	assert_number("{number}/{yy}", day(2026, 11, 22), 12, "12/26");
	assert_number("{year}{month}-{number:3}", day(2026, 1, 31), 7, "202601-007");
	assert_number("发票{year}第{number:4}号", day(2026, 1, 31), 7, "发票2026第0007号");
}

static void
a_number_may_outgrow_its_zeros(void **state)
{
	(void)state;
	assert_number("R{number:2}x", day(2026, 1, 1), 1234, "R1234x");
	assert_number("{number:18}.", day(2026, 1, 1), UINT64_C(18446744073709551615), "18446744073709551615.");
}

static void
a_year_counts_for_itself(void **state)
{
	(void)state;
	assert_code("INV-{year}-{number:6}", day(2026, 12, 31), "INV-2026-#");
	assert_code("INV-{year}-{number:6}", day(2027, 1, 1), "INV-2027-#");
	assert_code("{month}/{number}", day(2027, 1, 1), "01/#");
}

static void
how_many_zeros_makes_no_other_series(void **state)
{
	(void)state;
	assert_code("A{number:3}", day(2026, 1, 1), "A#");
	assert_code("A{number:9}", day(2026, 1, 1), "A#");
}

static void
where_the_number_stands_makes_another_series(void **state)
{
	(void)state;
	assert_code("A{number}B", day(2026, 1, 1), "A#B");
	assert_code("AB{number}", day(2026, 1, 1), "AB#");
}

static void
good_patterns_have_no_fault(void **state)
{
	static const char *const good[] = { "INV-{year}-{number:6}", "{number}", "a}b{number}", "Nº {number:1}" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_null(series_pattern_fault(slice_of(good[i])));
}

static void
bad_patterns_have_one(void **state)
{
	static const char *const bad[] = { "", "INV", "{year}", "{number}{number}", "{number", "{",
		"{number:}", "{number:x}", "{number:19}", "{Number}", "{day}{number}", "{number}{" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(series_pattern_fault(slice_of(bad[i])));
}

static void
a_number_must_not_look_like_an_id(void **state)
{
	(void)state;
	assert_non_null(series_pattern_fault(slice_of("V{number}")));
	assert_non_null(series_pattern_fault(slice_of("RE{yy}{number}")));
	assert_null(series_pattern_fault(slice_of("V-{number}")));
	assert_non_null(series_pattern_fault(slice_of("V{number:4}"))); /* V1000 */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_follow_the_pattern),
		cmocka_unit_test(a_number_may_outgrow_its_zeros),
		cmocka_unit_test(a_year_counts_for_itself),
		cmocka_unit_test(how_many_zeros_makes_no_other_series),
		cmocka_unit_test(where_the_number_stands_makes_another_series),
		cmocka_unit_test(good_patterns_have_no_fault),
		cmocka_unit_test(bad_patterns_have_one),
		cmocka_unit_test(a_number_must_not_look_like_an_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
