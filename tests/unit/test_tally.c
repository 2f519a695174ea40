/* tally: what no command can bring about, and that it does not matter who counts what */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "record/tally.h"

static uint64_t seed = 0x2545f4914f6cdd1d;

static size_t
next(size_t limit)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (size_t)((seed * 0x2545f4914f6cdd1d >> 32) % limit);
}

static const struct zone_held utc = { .utc = true };

static const struct tally_value values[] = {
	{ .name = "name", .order = { .kind = KIND_TEXT }, .currency = SIZE_MAX },
	{ .name = "day", .order = { .kind = KIND_DATE }, .bucket = BUCKET_MONTH, .currency = SIZE_MAX },
	{ .name = "qty", .order = { .kind = KIND_NUMBER }, .currency = SIZE_MAX },
};

static const struct tally_measure measures[] = { { MEASURE_SUM, 2 }, { MEASURE_MIN, 2 }, { MEASURE_MAX, 0 },
	{ MEASURE_AVG, 2 } };

static const struct tally_plan plan = { .values = values,
	.value_count = 3,
	.by_count = 2,
	.measures = measures,
	.measure_count = 4,
	.currency = { "", 0 },
	.zone = &utc };

static void
add(struct tally *tally, const char *name, const char *day, const char *qty)
{
	tally_add(tally, (struct slice[]){ slice_of(name), slice_of(day), slice_of(qty) });
}

static void
a_sum_that_overflows_is_refused(void **state)
{
	/* As large as a number may be spelled: 64 bits are less by far. */
	static const char *const huge = "99999999999999999999999999999999";
	struct tally *tally = tally_new(&plan), *other = tally_new(&plan);
	struct error error = ERROR_INIT;

	(void)state;
	add(tally, "a", "2026-01-01", huge);
	assert_int_equal(tally_finish(tally, &error), STATUS_OK);
	tally_free(tally);
	tally = tally_new(&plan);
	add(tally, "a", "2026-01-01", huge);
	add(tally, "a", "2026-01-02", huge);
	add(tally, "b", "2026-01-02", "1");
	tally_merge(other, tally);
	assert_int_equal(tally_finish(other, &error), STATUS_REFUSED);
	assert_string_equal(error.faults[0].reason, "--avg qty: the sum is too large");
	error_release(&error);
	tally_free(other);
	tally_free(tally);
}

static void
assert_same_rows(const struct tally *a, const struct tally *b)
{
	struct arena arena = ARENA_INIT;
	struct slice one[7], two[7];

	assert_int_equal(tally_groups(a), tally_groups(b));
	for (size_t i = 0; i < tally_groups(a); i++) {
		tally_row(a, i, one, &arena);
		tally_row(b, i, two, &arena);
		for (size_t j = 0; j < 7; j++)
			assert_true(slice_equal(one[j], two[j]));
		arena_reset(&arena);
	}
	arena_release(&arena);
}

static void
it_does_not_matter_who_counts_what(void **state)
{
	struct tally *alone = tally_new(&plan), *parts[3];
	struct error error = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		parts[i] = tally_new(&plan);
	for (size_t i = 0; i < 60000; i++) {
		char name[80], day[16], qty[32];
		struct tally *part = parts[next(3)];

		/* Some names are long, some are empty. */
		snprintf(name, sizeof name, "%.*s%zu", (int)next(2) * 40,
		    "a name that is longer than what a group holds", next(500));
		snprintf(day, sizeof day, "20%02zu-%02zu-%02zu", next(30), 1 + next(12), 1 + next(28));
		snprintf(qty, sizeof qty, "%s%zu.%06zu", next(2) ? "-" : "", next(100000), next(1000000));
		if (next(50) == 0)
			name[0] = '\0';
		if (next(20) == 0)
			qty[0] = '\0';
		add(alone, name, day, qty);
		add(part, name, day, qty);
	}
	for (size_t i = 1; i < 3; i++)
		tally_merge(parts[0], parts[i]);
	assert_int_equal(tally_finish(alone, &error), STATUS_OK);
	assert_int_equal(tally_finish(parts[0], &error), STATUS_OK);
	assert_true(tally_groups(alone) > 10000);
	assert_same_rows(alone, parts[0]);
	for (size_t i = 0; i < 3; i++)
		tally_free(parts[i]);
	tally_free(alone);
}

/* Where nothing but sums is asked for, records wait for each other. */
static void
sums_alone_are_the_same_sums(void **state)
{
	static const struct tally_measure sums[] = { { MEASURE_SUM, 2 }, { MEASURE_AVG, 2 } };
	struct tally_plan alone = plan;
	struct tally *one, *other = tally_new(&plan);
	struct error error = ERROR_INIT;
	struct arena arena = ARENA_INIT;
	struct slice row[5], rest[7];

	(void)state;
	alone.measures = sums;
	alone.measure_count = 2;
	one = tally_new(&alone);
	for (size_t i = 0; i < 30011; i++) {
		char name[80], day[16], qty[32];

		snprintf(name, sizeof name, "%.*s%zu", (int)next(3) * 25,
		    "names of more than what may wait, and of less", next(3000));
		snprintf(day, sizeof day, "20%02zu-%02zu-%02zu", next(3), 1 + next(12), 1 + next(33));
		snprintf(qty, sizeof qty, "%s%zu.%02zu", next(2) ? "-" : "", next(100000), next(100));
		if (next(20) == 0)
			qty[0] = '\0';
		add(one, name, day, qty);
		add(other, name, day, qty);
	}
	assert_int_equal(tally_finish(one, &error), STATUS_OK);
	assert_int_equal(tally_finish(other, &error), STATUS_OK);
	assert_int_equal(tally_groups(one), tally_groups(other));
	for (size_t i = 0; i < tally_groups(one); i++) {
		static const size_t same[] = { 0, 1, 2, 3, 6 };

		tally_row(one, i, row, &arena);
		tally_row(other, i, rest, &arena);
		for (size_t j = 0; j < 5; j++)
			assert_true(slice_equal(row[j], rest[same[j]]));
		arena_reset(&arena);
	}
	arena_release(&arena);
	tally_free(one);
	tally_free(other);
}

/* --- buckets ---------------------------------------------------------------------------- */

static void
assert_bucket(enum bucket bucket, const char *day, const char *expected)
{
	struct bucketer *bucketer = bucketer_new(bucket, KIND_DATE, &utc);
	struct slice got = bucketer_find(bucketer, slice_of(day));

	assert_int_equal(got.length, strlen(expected));
	assert_memory_equal(got.data, expected, got.length);
	bucketer_free(bucketer);
}

static void
weeks_are_those_of_iso_8601(void **state)
{
	(void)state;
	assert_bucket(BUCKET_WEEK, "2005-01-01", "2004-W53");
	assert_bucket(BUCKET_WEEK, "2005-12-31", "2005-W52");
	assert_bucket(BUCKET_WEEK, "2007-01-01", "2007-W01");
	assert_bucket(BUCKET_WEEK, "2008-12-29", "2009-W01");
	assert_bucket(BUCKET_WEEK, "2010-01-03", "2009-W53");
	assert_bucket(BUCKET_WEEK, "0001-01-01", "0001-W01");
	assert_bucket(BUCKET_WEEK, "9999-12-31", "9999-W52");
}

static void
what_is_no_day_has_no_bucket(void **state)
{
	(void)state;
	assert_bucket(BUCKET_MONTH, "", "");
	assert_bucket(BUCKET_MONTH, "2026-02-30", "");
	assert_bucket(BUCKET_MONTH, "2026-02-28 and what follows, which is long", "");
	assert_bucket(BUCKET_QUARTER, "2026-10-01", "2026-Q4");
	assert_int_equal(bucket_named(slice_of("quarter")), BUCKET_QUARTER);
	assert_int_equal(bucket_named(slice_of("")), BUCKET_NONE);
}

/* One that has found many days, and one that has found none. */
static void
what_was_found_before_does_not_matter(void **state)
{
	struct bucketer *old = bucketer_new(BUCKET_WEEK, KIND_DATE, &utc);

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		struct bucketer *fresh = bucketer_new(BUCKET_WEEK, KIND_DATE, &utc);
		struct slice got, expected;
		char day[16];

		snprintf(day, sizeof day, "20%02zu-%02zu-%02zu", next(20), next(15), next(35));
		got = bucketer_find(old, slice_of(day));
		expected = bucketer_find(fresh, slice_of(day));
		assert_true(slice_equal(got, expected));
		bucketer_free(fresh);
	}
	bucketer_free(old);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sum_that_overflows_is_refused),
		cmocka_unit_test(it_does_not_matter_who_counts_what),
		cmocka_unit_test(sums_alone_are_the_same_sums),
		cmocka_unit_test(weeks_are_those_of_iso_8601),
		cmocka_unit_test(what_is_no_day_has_no_bucket),
		cmocka_unit_test(what_was_found_before_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
