#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/date.h"
#include "base/period.h"

static void
is(const char *name, const char *first, const char *last)
{
	char text[2][DATE_SIZE];
	int32_t days[2];

	assert_true(period_days(slice_of(name), &days[0], &days[1]));
	date_format(days[0], text[0]);
	date_format(days[1], text[1]);
	assert_string_equal(text[0], first);
	assert_string_equal(text[1], last);
}

static void
a_period_has_a_first_and_a_last_day(void **state)
{
	(void)state;
	is("2026", "2026-01-01", "2026-12-31");
	is("2024-02", "2024-02-01", "2024-02-29");
	is("2026-Q1", "2026-01-01", "2026-03-31");
	is("2026-Q4", "2026-10-01", "2026-12-31");
	is("2026-02..2026-04", "2026-02-01", "2026-04-30");
	is("2025..2026-Q2", "2025-01-01", "2026-06-30");
	is("2026-02..2026-02", "2026-02-01", "2026-02-28");
}

static void
what_is_none_is_refused(void **state)
{
	static const char *const names[] = { "", "26", "0000", "2026-", "2026-0", "2026-13", "2026-00",
		"2026-Q0", "2026-Q5", "2026-q1", "2026-Q11", "2026-Q", "2026-01-01", "2026..", "..2026", "..",
		"2026-03..2026-02", "2026..2027..2028", "2026...2027", " 2026" };
	int32_t first, last;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_false(period_days(slice_of(names[i]), &first, &last));
}

/* What can be closed or planned is a month or a year. */
static void
a_month_or_a_year_is_no_more_than_that(void **state)
{
	int32_t first, last;

	(void)state;
	assert_true(period_month_or_year(slice_of("2026"), &first, &last));
	assert_true(period_month_or_year(slice_of("2026-10"), &first, &last));
	assert_false(period_month_or_year(slice_of("2026-Q1"), &first, &last));
	assert_false(period_month_or_year(slice_of("2026-01..2026-02"), &first, &last));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_period_has_a_first_and_a_last_day),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(a_month_or_a_year_is_no_more_than_that),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
