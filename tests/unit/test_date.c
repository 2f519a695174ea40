/* date: the calendar, spans, zones */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/date.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t seed = 0x9e3779b97f4a7c15;

/* xorshift64*: the same numbers in every run. */
static uint64_t
next(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1d;
}

static int64_t
next_number(void)
{
	return (int64_t)next() >> next() % 64;
}

static int32_t
day_of(const char *text)
{
	int32_t day;

	assert_true(date_parse(slice_of(text), &day));
	return day;
}

static int64_t
instant_of(const char *text)
{
	int64_t seconds;

	assert_true(time_parse(slice_of(text), &seconds));
	return seconds;
}

static void
assert_day(int32_t day, const char *expected)
{
	char out[DATE_SIZE];

	assert_int_equal(date_format(day, out), 10);
	assert_string_equal(out, expected);
}

static void
assert_instant(int64_t seconds, const char *expected)
{
	char out[TIME_SIZE];

	assert_int_equal(time_format(seconds, out), 20);
	assert_string_equal(out, expected);
}

static void
every_day_of_ten_thousand_years_follows_the_one_before(void **state)
{
	int32_t day = DATE_FIRST;

	(void)state;
	for (int year = 1; year <= 9999; year++)
		for (int month = 1; month <= 12; month++)
			for (int i = 1; i <= date_month_length(year, month); i++, day++) {
				struct civil civil = date_to_civil(day);

				assert_true(date_from_civil((struct civil){ year, month, i }) == day);
				assert_true(civil.year == year && civil.month == month && civil.day == i);
			}
	assert_int_equal(day, DATE_LAST + 1);
}

static void
known_days_have_their_numbers_and_weekdays(void **state)
{
	(void)state;
	assert_int_equal(day_of("1970-01-01"), 0);
	assert_int_equal(day_of("2000-03-01"), 11017);
	assert_int_equal(date_weekday(day_of("1970-01-01")), 4);
	assert_int_equal(date_weekday(day_of("2026-11-22")), 7);
	assert_int_equal(date_weekday(day_of("2024-02-29")), 4);
	assert_int_equal(date_weekday(day_of("1969-12-29")), 1);
	assert_int_equal(date_weekday(DATE_FIRST), 1);
}

static void
leap_years_are_gregorian(void **state)
{
	(void)state;
	assert_int_equal(date_month_length(2024, 2), 29);
	assert_int_equal(date_month_length(2023, 2), 28);
	assert_int_equal(date_month_length(1900, 2), 28);
	assert_int_equal(date_month_length(2000, 2), 29);
	assert_int_equal(date_month_length(2023, 12), 31);
}

static void
dates_have_one_spelling(void **state)
{
	static const char *const refused[] = {
		"",
		"2026-02-29",
		"2026-13-01",
		"2026-00-01",
		"2026-01-00",
		"2026-04-31",
		"0000-01-01",
		"2026-1-01",
		"26-01-01",
		"2026/01/01",
		"2026-01-01 ",
		" 2026-01-01",
		"2026-01-0a",
		"2026-01-01T",
		"-026-01-01",
		"20260101",
		"1900-02-29",
	};
	int32_t day = 99;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(date_parse(slice_of(refused[i]), &day));
	assert_false(date_parse(slice_of(NULL), &day));
	assert_int_equal(day, 99);
	assert_day(day_of("0001-01-01"), "0001-01-01");
	assert_day(day_of("9999-12-31"), "9999-12-31");
	assert_day(INT32_MAX, "9999-12-31");
	assert_day(INT32_MIN, "0001-01-01");
}

static void
times_are_read_with_zone_and_fraction(void **state)
{
	(void)state;
	assert_true(instant_of("1970-01-01T00:00:00Z") == 0);
	assert_true(instant_of("2026-11-22T03:35:53Z") == 1795318553);
	assert_true(instant_of("2026-11-22T04:35:53+01:00") == 1795318553);
	assert_true(instant_of("2026-11-21T22:05:53-05:30") == 1795318553);
	assert_true(instant_of("2026-11-22T03:35:53.999Z") == 1795318553);
	assert_true(instant_of("2026-11-22T03:35:53.9+00:00") == 1795318553);
	assert_true(instant_of("1969-12-31T23:59:59Z") == -1);
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const refused[] = {
		"",
		"2026-11-22",
		"2026-11-22T03:35:53",
		"2026-11-22 03:35:53Z",
		"2026-11-22T24:00:00Z",
		"2026-11-22T03:60:00Z",
		"2026-11-22T03:35:60Z",
		"2026-11-22T03:35:53.Z",
		"2026-11-22T03:35:53Zx",
		"2026-11-22T03:35:53+1:00",
		"2026-11-22T03:35:53+24:00",
		"2026-11-22T03:35:53+0100",
		"2026-11-22T03:35:53.123",
		"2026-02-29T00:00:00Z",
		"0001-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01",
		"2026-11-22T3:35:53.1Z",
	};
	int64_t seconds = 99;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(time_parse(slice_of(refused[i]), &seconds));
	assert_int_equal(seconds, 99);
}

static void
times_are_written_in_utc(void **state)
{
	char out[TIME_SIZE];

	(void)state;
	assert_instant(1795318553, "2026-11-22T03:35:53Z");
	assert_instant(-1, "1969-12-31T23:59:59Z");
	assert_instant(INT64_MAX, "9999-12-31T23:59:59Z");
	assert_instant(INT64_MIN, "0001-01-01T00:00:00Z");
	assert_int_equal(time_format_ms(1795318553007, out), 24);
	assert_string_equal(out, "2026-11-22T03:35:53.007Z");
	time_format_ms(-1, out);
	assert_string_equal(out, "1969-12-31T23:59:59.999Z");
	time_format_ms(-1000, out);
	assert_string_equal(out, "1969-12-31T23:59:59.000Z");
	assert_int_equal(time_format_ms(INT64_MIN, out), 24);
}

static void
foreign_dates_are_read_by_pattern(void **state)
{
	static const struct {
		const char *text, *pattern, *day;
	} cases[] = {
		{ "22.11.2026", "DD.MM.YYYY", "2026-11-22" },
		{ "1/2/2026", "M/D/YYYY", "2026-01-02" },
		{ "11/22/2026", "M/D/YYYY", "2026-11-22" },
		{ "22.11.26", "DD.MM.YY", "2026-11-22" },
		{ "31.12.69", "DD.MM.YY", "2069-12-31" },
		{ "01.01.70", "DD.MM.YY", "1970-01-01" },
		{ "261122", "YYMMDD", "2026-11-22" },
		{ "20261122", "YYYYMMDD", "2026-11-22" },
		{ "20261122093000[0:GMT]", "YYYYMMDD", "2026-11-22" },
		{ "2026-11-22T09:30:00Z", "YYYY-MM-DD", "2026-11-22" },
		{ "22.11.2026 09:30", "DD.MM.YYYY", "2026-11-22" },
		{ "22.11.2026 09:30", "DD.MM.YYYY hh:mm", "2026-11-22" },
		{ "2026-11-22T09:30:59", "YYYY-MM-DDThh:mm:ss", "2026-11-22" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int32_t day;

		assert_true(date_parse_as(slice_of(cases[i].text), cases[i].pattern, &day));
		assert_day(day, cases[i].day);
	}
}

static void
what_does_not_fit_its_pattern_is_refused(void **state)
{
	static const char *const refused[][2] = {
		{ "31/02/2026", "DD/MM/YYYY" },
		{ "22.11.20261", "DD.MM.YYYY" },
		{ "1/2/2026", "M/D/YY" },
		{ "1/123", "M/D" },
		{ "1.2.2026", "DD.MM.YYYY" },
		{ "22-11-2026", "DD.MM.YYYY" },
		{ "22.11.", "DD.MM.YYYY" },
		{ "2026-11-22 24:00", "YYYY-MM-DD hh:mm" },
		{ "2026-11-22 09:30 ", "YYYY-MM-DD hh:mm" },
		{ "20101122", "YYMMDD" },
		{ "22.11.", "DD.MM." },
		{ "", "DD.MM.YYYY" },
		{ "x", "" },
		{ "", "" },
		{ "00.00.0000", "DD.MM.YYYY" },
	};
	int32_t day = 99;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(date_parse_as(slice_of(refused[i][0]), refused[i][1], &day));
	assert_false(date_parse_as(slice_of(NULL), "DD.MM.YYYY", &day));
	assert_int_equal(day, 99);
}

static void
spans_are_read_in_all_units(void **state)
{
	static const struct {
		const char *text;
		struct span span;
	} cases[] = {
		{ "30d", { 0, 30 * DAY_SECONDS } },
		{ "-2w", { 0, -14 * DAY_SECONDS } },
		{ "1y6mo", { 18, 0 } },
		{ "1h30min", { 0, 5400 } },
		{ "-1h30min", { 0, -5400 } },
		{ "0s", { 0, 0 } },
		{ "-0d", { 0, 0 } },
		{ "1y-3d", { 12, -3 * DAY_SECONDS } },
		{ "-1y+3d", { -12, 3 * DAY_SECONDS } },
		{ "1mo1min", { 1, 60 } },
		{ "9223372036854775807s", { 0, INT64_MAX } },
		{ "-9223372036854775808s", { 0, INT64_MIN } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span span;

		assert_true(span_parse(slice_of(cases[i].text), &span));
		assert_true(span.months == cases[i].span.months && span.seconds == cases[i].span.seconds);
	}
}

static void
what_is_no_span_is_refused(void **state)
{
	static const char *const refused[] = {
		"",
		"-",
		"d",
		"30",
		"30x",
		"30D",
		"1.5h",
		"30 d",
		" 30d",
		"30d ",
		"+30d",
		"--1d",
		"1d-",
		"1m",
		"1mon",
		"9223372036854775808s",
		"-9223372036854775809s",
		"99999999999999999999s",
		"1000000000000000000y",
		"9223372036854775807s1s",
	};
	struct span span = { 7, 7 };

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(span_parse(slice_of(refused[i]), &span));
	assert_false(span_parse(slice_of(NULL), &span));
	assert_true(span.months == 7 && span.seconds == 7);
}

static void
spans_have_one_spelling(void **state)
{
	static const char *const spellings[][2] = {
		{ "2w", "14d" },
		{ "90min", "90min" },
		{ "1h30min", "90min" },
		{ "36h", "36h" },
		{ "3600s", "1h" },
		{ "0d", "0s" },
		{ "61s", "61s" },
		{ "18mo", "1y6mo" },
		{ "12mo", "1y" },
		{ "-24h", "-1d" },
		{ "18mo2w", "1y6mo14d" },
		{ "-6mo-1d", "-6mo1d" },
		{ "1y-1d", "1y-1d" },
		{ "-1y+1d", "-1y+1d" },
	};
	char out[SPAN_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(spellings); i++) {
		struct span span;

		assert_true(span_parse(slice_of(spellings[i][0]), &span));
		assert_int_equal(span_format(span, out), strlen(spellings[i][1]));
		assert_string_equal(out, spellings[i][1]);
	}
}

static void
every_span_reads_back(void **state)
{
	(void)state;
	for (int i = 0; i < 200000; i++) {
		struct span span = { next_number(), next_number() }, back;
		char out[SPAN_SIZE];
		size_t length;

		if (i == 0)
			span = (struct span){ INT64_MIN, INT64_MIN };
		else if (i == 1)
			span = (struct span){ INT64_MIN, INT64_MAX };
		else if (i % 3 == 0)
			span.months = 0;
		length = span_format(span, out);
		assert_int_equal(length, strlen(out));
		assert_true(length < SPAN_SIZE);
		assert_true(span_parse(slice_of(out), &back));
		assert_true(back.months == span.months && back.seconds == span.seconds);
	}
}

static void
months_end_on_the_last_day_there_is(void **state)
{
	(void)state;
	assert_day(date_add_span(day_of("2026-01-31"), (struct span){ 1, 0 }), "2026-02-28");
	assert_day(date_add_span(day_of("2024-01-31"), (struct span){ 1, 0 }), "2024-02-29");
	assert_day(date_add_span(day_of("2024-02-29"), (struct span){ 12, 0 }), "2025-02-28");
	assert_day(date_add_span(day_of("2026-03-31"), (struct span){ -1, 0 }), "2026-02-28");
	assert_day(date_add_span(day_of("2026-01-15"), (struct span){ -1, 0 }), "2025-12-15");
	assert_day(date_add_span(day_of("2026-01-31"), (struct span){ 1, DAY_SECONDS }), "2026-03-01");
}

static void
hours_move_a_day_by_its_midnight(void **state)
{
	(void)state;
	assert_day(date_add_span(day_of("2026-01-10"), (struct span){ 0, 36 * 3600 }), "2026-01-11");
	assert_day(date_add_span(day_of("2026-01-10"), (struct span){ 0, -36 * 3600 }), "2026-01-08");
	assert_day(date_add_span(day_of("2026-01-10"), (struct span){ 0, -30 * DAY_SECONDS }), "2025-12-11");
	assert_instant(time_add_span(instant_of("2026-01-31T12:30:01Z"), (struct span){ 1, 5400 }),
	    "2026-02-28T14:00:01Z");
}

static void
sums_stop_at_the_ends_of_the_calendar(void **state)
{
	static const int64_t far[] = { INT64_MAX, 9999 * 12, INT64_MAX / DAY_SECONDS };

	(void)state;
	for (size_t i = 0; i < COUNT(far); i++) {
		assert_int_equal(date_add_span(0, (struct span){ far[i], 0 }), DATE_LAST);
		assert_int_equal(date_add_span(0, (struct span){ -far[i], 0 }), DATE_FIRST);
	}
	assert_int_equal(date_add_span(0, (struct span){ 0, INT64_MAX }), DATE_LAST);
	assert_int_equal(date_add_span(0, (struct span){ INT64_MIN, INT64_MIN }), DATE_FIRST);
	assert_instant(time_add_span(INT64_MAX, (struct span){ 0, INT64_MAX }), "9999-12-31T23:59:59Z");
}

static void
the_clock_goes_forward(void **state)
{
	int64_t monotonic = clock_monotonic();

	(void)state;
	assert_true(clock_milliseconds() > 0);
	assert_true(clock_monotonic() >= monotonic);
}

static void
zone_names_play_no_tricks(void **state)
{
	static const char *const refused[] = {
		"",
		"/etc/localtime",
		"../etc/passwd",
		"Europe/../UTC",
		"Europe",
		"Europe/",
		"Nowhere/Land",
		"leapseconds",
		"zone.tab",
		"UTC;x",
		"Europe/Berlin ",
		":UTC",
		"EST5EDT,M3.2.0,M11.1.0",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(zone_valid(refused[i]));
	assert_false(zone_valid(NULL));
	assert_true(zone_valid("UTC"));
}

static void
need_zones(void)
{
	if (!zone_valid("Europe/Berlin")) {
		print_message("no tz database here\n");
		skip();
	}
}

static void
a_day_depends_on_the_zone(void **state)
{
	int64_t instant = instant_of("2026-06-30T22:30:00Z");

	(void)state;
	need_zones();
	assert_day(zone_day(NULL, instant), "2026-06-30");
	assert_day(zone_day("", instant), "2026-06-30");
	assert_day(zone_day("UTC", instant), "2026-06-30");
	assert_day(zone_day("Europe/Berlin", instant), "2026-07-01");
	assert_day(zone_day("America/New_York", instant), "2026-06-30");
	assert_day(zone_day("Nowhere/Land", instant), "2026-06-30");
	assert_day(zone_day("UTC", -1), "1969-12-31");
}

static void
a_day_begins_at_its_first_instant(void **state)
{
	static const struct {
		const char *zone, *day, *begins;
	} cases[] = {
		{ "", "2026-03-29", "2026-03-29T00:00:00Z" },
		{ "Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z" },
		{ "Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z" },
		{ "Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15:00Z" },
		{ "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z" }, /* there was no 00:00 */
		{ "Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z" },      /* there was no 30th */
		{ "Pacific/Kiritimati", "2026-01-01", "2025-12-31T10:00:00Z" },
		{ "Europe/Berlin", "2070-07-01", "2070-06-30T22:00:00Z" },
		/* beyond the tables, by the rule */
	};

	(void)state;
	need_zones();
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_instant(zone_midnight(cases[i].zone, day_of(cases[i].day)), cases[i].begins);
}

static void
midnight_is_where_the_day_changes(void **state)
{
	static const char *const zones[] = {
		"UTC",
		"Europe/Berlin",
		"America/St_Johns",
		"Asia/Beirut",
		"Pacific/Apia",
	};

	(void)state;
	need_zones();
	for (size_t i = 0; i < COUNT(zones); i++)
		for (int32_t day = day_of("2004-01-01"); day < day_of("2005-01-01"); day += 5) {
			int64_t midnight = zone_midnight(zones[i], day);

			assert_int_equal(zone_day(zones[i], midnight), day);
			assert_int_equal(zone_day(zones[i], midnight - 1), day - 1);
		}
}

static void
zones_leave_the_environment_alone(void **state)
{
	(void)state;
	need_zones();
	setenv("TZ", "Asia/Tokyo", 1);
	zone_day("Europe/Berlin", 0);
	assert_string_equal(getenv("TZ"), "Asia/Tokyo");
	unsetenv("TZ");
	zone_midnight("Europe/Berlin", 0);
	assert_null(getenv("TZ"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_of_ten_thousand_years_follows_the_one_before),
		cmocka_unit_test(known_days_have_their_numbers_and_weekdays),
		cmocka_unit_test(leap_years_are_gregorian),
		cmocka_unit_test(dates_have_one_spelling),
		cmocka_unit_test(times_are_read_with_zone_and_fraction),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(times_are_written_in_utc),
		cmocka_unit_test(foreign_dates_are_read_by_pattern),
		cmocka_unit_test(what_does_not_fit_its_pattern_is_refused),
		cmocka_unit_test(spans_are_read_in_all_units),
		cmocka_unit_test(what_is_no_span_is_refused),
		cmocka_unit_test(spans_have_one_spelling),
		cmocka_unit_test(every_span_reads_back),
		cmocka_unit_test(months_end_on_the_last_day_there_is),
		cmocka_unit_test(hours_move_a_day_by_its_midnight),
		cmocka_unit_test(sums_stop_at_the_ends_of_the_calendar),
		cmocka_unit_test(the_clock_goes_forward),
		cmocka_unit_test(zone_names_play_no_tricks),
		cmocka_unit_test(a_day_depends_on_the_zone),
		cmocka_unit_test(a_day_begins_at_its_first_instant),
		cmocka_unit_test(midnight_is_where_the_day_changes),
		cmocka_unit_test(zones_leave_the_environment_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
