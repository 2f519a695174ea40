/* sorting: in memory or by way of a file, the order is the same */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/sorting.h"
#include "record/order.h"

enum { ENTRIES = 30000, KEY_MOST = 24 };

static uint64_t seed = 0x2545f4914f6cdd1d;

static size_t
next(size_t limit)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (size_t)((seed * 0x2545f4914f6cdd1d >> 32) % limit);
}

struct entry {
	char key[KEY_MOST];
	size_t length;
	uint32_t number;
};

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = slice_compare((struct slice){ x->key, x->length }, (struct slice){ y->key, y->length });

	return order != 0 ? order : (x->number > y->number) - (x->number < y->number);
}

/* Few different keys, many that begin alike, some that are empty. */
static void
make_entries(struct entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		entries[i].number = (uint32_t)i + 1;
		entries[i].length = next(4) == 0 ? next(KEY_MOST) : next(10);
		for (size_t j = 0; j < entries[i].length; j++)
			entries[i].key[j] = j < 7 && next(3) != 0 ? 'x' : "\0a\xff"[next(3)];
	}
}

static void
sort_and_compare(size_t count, size_t budget)
{
	struct entry *entries = calloc(count + 1, sizeof *entries);
	struct sorting *sorting = sorting_new(budget);
	struct error error = ERROR_INIT;
	struct buffer gathered = BUFFER_INIT;
	uint32_t number;

	make_entries(entries, count);
	for (size_t i = 0; i < count; i++) {
		sorting_gather(&gathered, (struct slice){ entries[i].key, entries[i].length }, entries[i].number);
		if (next(100) == 0 || i + 1 == count) {
			assert_int_equal(sorting_take(sorting, buffer_slice(&gathered), &error), STATUS_OK);
			buffer_clear(&gathered);
		}
	}
	assert_int_equal(sorting_finish(sorting, &error), STATUS_OK);
	qsort(entries, count, sizeof *entries, compare);
	for (size_t i = 0; i < count; i++) {
		assert_true(sorting_next(sorting, &number));
		assert_int_equal(number, entries[i].number);
	}
	assert_false(sorting_next(sorting, &number));
	sorting_free(sorting);
	buffer_release(&gathered);
	free(entries);
}

static void
any_budget_gives_the_same_order(void **state)
{
	static const size_t budgets[] = { 1, 100, 1000, 40000, 100000, SORTING_BUDGET };

	(void)state;
	for (size_t i = 0; i < sizeof budgets / sizeof budgets[0]; i++) {
		/* With one byte every entry is a run of its own. */
		sort_and_compare(budgets[i] < 1000 ? 700 : ENTRIES, budgets[i]);
		for (size_t count = 0; count < 20; count++)
			sort_and_compare(count, budgets[i]);
	}
}

static void
a_file_that_can_t_be_had_is_told(void **state)
{
	struct sorting *sorting = sorting_new(1);
	struct error error = ERROR_INIT;
	struct buffer gathered = BUFFER_INIT;
	const char *before = getenv("TMPDIR");
	char *kept = before != NULL ? strdup(before) : NULL;

	(void)state;
	setenv("TMPDIR", "/dev/null/nowhere", 1);
	sorting_gather(&gathered, slice_of("a"), 1);
	assert_int_equal(sorting_take(sorting, buffer_slice(&gathered), &error), STATUS_SYSTEM);
	assert_string_equal(error.faults[0].reason, "a file to sort in: Not a directory");
	if (kept != NULL)
		setenv("TMPDIR", kept, 1);
	else
		unsetenv("TMPDIR");
	free(kept);
	error_release(&error);
	buffer_release(&gathered);
	sorting_free(sorting);
}

/* --- keys of values ----------------------------------------------------------------- */

static void
make_value(enum kind kind, char text[32])
{
	static const char *const texts[] = { "", "a", "ab", "b", "a\xff", "\xc3\xa9", "a b" };

	if (next(9) == 0)
		text[0] = '\0';
	else if (kind == KIND_TEXT)
		snprintf(text, 32, "%s", texts[next(7)]);
	else if (kind == KIND_DATE)
		snprintf(text, 32, "20%02zu-%02zu-%02zu", next(30), 1 + next(12), 1 + next(28));
	else
		snprintf(text, 32, "%s%zu.%zu", next(2) ? "-" : "", next(4) ? next(300) : next(UINT32_MAX),
		    next(10));
}

/* Two values each: the first goes before the second. */
static void
keys_compare_as_the_values_do(void **state)
{
	static const struct order orders[] = { { .kind = KIND_TEXT }, { .kind = KIND_NUMBER },
		{ .kind = KIND_DATE } };
	struct buffer keys[2] = { BUFFER_INIT, BUFFER_INIT };

	(void)state;
	for (int round = 0; round < 200000; round++) {
		const struct order *order[2] = { &orders[next(3)], &orders[next(3)] };
		bool down[2] = { next(2) == 0, next(2) == 0 };
		char text[2][2][32];
		int expected = 0, got;

		buffer_clear(&keys[0]);
		buffer_clear(&keys[1]);
		for (size_t i = 0; i < 2; i++) {
			struct order_value value[2];

			for (size_t j = 0; j < 2; j++) {
				make_value(order[i]->kind, text[i][j]);
				value[j] = order_value(order[i], slice_of(text[i][j]));
				order_key(order[i], slice_of(text[i][j]), down[i], &keys[j]);
			}
			if (expected == 0)
				expected = order_compare(order[i], &value[0], &value[1]) * (down[i] ? -1 : 1);
		}
		got = slice_compare(buffer_slice(&keys[0]), buffer_slice(&keys[1]));
		assert_int_equal((got > 0) - (got < 0), (expected > 0) - (expected < 0));
	}
	buffer_release(&keys[0]);
	buffer_release(&keys[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_budget_gives_the_same_order),
		cmocka_unit_test(a_file_that_can_t_be_had_is_told),
		cmocka_unit_test(keys_compare_as_the_values_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
