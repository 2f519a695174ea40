/* slice: cutting, comparing and counting pieces of text */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/slice.h"

static void
comparing_is_by_bytes_then_length(void **state)
{
	(void)state;
	assert_true(slice_compare(slice_of("abc"), slice_of("abd")) < 0);
	assert_true(slice_compare(slice_of("b"), slice_of("abc")) > 0);
	assert_true(slice_compare(slice_of("ab"), slice_of("abc")) < 0);
	assert_true(slice_compare(slice_of("abc"), slice_of("ab")) > 0);
	assert_int_equal(slice_compare(slice_of("abc"), slice_of("abc")), 0);
	assert_true(slice_compare(slice_of("z"), slice_of("\xc3\xa9")) < 0);
}

static void
absent_and_empty_compare_equal(void **state)
{
	(void)state;
	assert_int_equal(slice_compare(slice_of(NULL), slice_of("")), 0);
	assert_true(slice_compare(slice_of(NULL), slice_of("a")) < 0);
	assert_true(slice_equal(slice_of(NULL), slice_of("")));
}

static void
cutting_yields_every_part_then_absent(void **state)
{
	struct slice rest = slice_of("a,,b,");

	(void)state;
	assert_true(slice_is(slice_cut(&rest, ','), "a"));
	assert_true(slice_is(slice_cut(&rest, ','), ""));
	assert_true(slice_is(slice_cut(&rest, ','), "b"));
	assert_non_null(rest.data); /* an empty part is left behind the last separator */
	assert_true(slice_is(slice_cut(&rest, ','), ""));
	assert_null(rest.data);
	assert_null(slice_cut(&rest, ',').data);
}

static void
cutting_without_separator_takes_all(void **state)
{
	struct slice rest = slice_of("abc");

	(void)state;
	assert_true(slice_is(slice_cut(&rest, ';'), "abc"));
	assert_null(rest.data);
	assert_int_equal(rest.length, 0);
}

static void
trimming_takes_white_space_off_both_ends(void **state)
{
	(void)state;
	assert_true(slice_is(slice_trim(slice_of(" \t\r\na b\v\f ")), "a b"));
	assert_true(slice_is(slice_trim(slice_of("   ")), ""));
	assert_true(slice_is(slice_trim(slice_of("\xc2\xa0")), "\xc2\xa0")); /* ASCII only */
	assert_null(slice_trim(slice_of(NULL)).data);
}

static void
numbers_are_read_up_to_64_bits(void **state)
{
	unsigned long long number = 7;

	(void)state;
	assert_true(slice_to_u64(slice_of("1"), &number));
	assert_true(number == 1);
	assert_true(slice_to_u64(slice_of("1000000"), &number));
	assert_true(number == 1000000);
	assert_true(slice_to_u64(slice_of("18446744073709551615"), &number));
	assert_true(number == UINT64_MAX);
}

static void
what_is_no_positive_number_is_refused(void **state)
{
	static const char *const refused[] = {
		"",
		"0",
		"01",
		"+1",
		"-1",
		" 1",
		"1 ",
		"1.0",
		"0x1",
		"a",
		"1a",
		"18446744073709551616",
		"18446744073709551620",
		"99999999999999999999999",
	};
	unsigned long long number = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_false(slice_to_u64(slice_of(refused[i]), &number));
	assert_false(slice_to_u64(slice_of(NULL), &number));
	assert_true(number == 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comparing_is_by_bytes_then_length),
		cmocka_unit_test(absent_and_empty_compare_equal),
		cmocka_unit_test(cutting_yields_every_part_then_absent),
		cmocka_unit_test(cutting_without_separator_takes_all),
		cmocka_unit_test(trimming_takes_white_space_off_both_ends),
		cmocka_unit_test(numbers_are_read_up_to_64_bits),
		cmocka_unit_test(what_is_no_positive_number_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
