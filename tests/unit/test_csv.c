/* csv: lines that bo wrote itself */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "stream/csv.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t seed = 0x2545f4914f6cdd1d;

/* xorshift64*: the same numbers in every run. */
static uint64_t
next(uint64_t limit)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (seed * 0x2545f4914f6cdd1d >> 32) % limit;
}

static void
assert_slice(struct slice got, const char *expected)
{
	assert_int_equal(got.length, strlen(expected));
	assert_memory_equal(got.data, expected, got.length);
}

static void
a_line_is_split_at_commas_outside_quotes(void **state)
{
	struct slice fields[4];

	(void)state;
	assert_int_equal(csv_split(slice_of("a,,\"b,\"\"c\",d"), fields, 4), 4);
	assert_slice(fields[0], "a");
	assert_slice(fields[1], "");
	assert_slice(fields[2], "\"b,\"\"c\"");
	assert_slice(fields[3], "d");
	assert_int_equal(csv_split(slice_of(""), fields, 4), 1);
	assert_slice(fields[0], "");
	assert_int_equal(csv_split(slice_of(","), fields, 4), 2);
	assert_slice(fields[1], "");
}

static void
more_fields_than_fit_are_counted(void **state)
{
	struct slice fields[2] = { { "x", 1 }, { "x", 1 } };

	(void)state;
	assert_int_equal(csv_split(slice_of("a,b,c,d"), fields, 1), 4);
	assert_slice(fields[0], "a");
	assert_slice(fields[1], "x");
}

static void
a_field_is_found_by_its_index(void **state)
{
	(void)state;
	assert_slice(csv_field(slice_of("a,\"b,\",c"), 1), "\"b,\"");
	assert_slice(csv_field(slice_of("a,b,"), 2), "");
	assert_null(csv_field(slice_of("a,b"), 2).data);
}

static void
several_are_picked_in_one_walk(void **state)
{
	static const size_t wanted[] = { 0, 2, 3, 5 };
	struct slice fields[4];

	(void)state;
	csv_pick(slice_of("a,b,\"c,\",d,e"), wanted, 4, fields);
	assert_slice(fields[0], "a");
	assert_slice(fields[1], "\"c,\"");
	assert_slice(fields[2], "d");
	assert_null(fields[3].data);
	csv_pick(slice_of("a"), wanted + 1, 3, fields);
	for (size_t i = 0; i < 3; i++)
		assert_null(fields[i].data);
}

static void
quotes_are_taken_off(void **state)
{
	struct arena arena = ARENA_INIT;
	const char *raw = "\"b,\"";

	(void)state;
	assert_slice(csv_decode(slice_of("a"), &arena), "a");
	assert_slice(csv_decode(slice_of(""), &arena), "");
	assert_slice(csv_decode(slice_of("\"\""), &arena), "");
	assert_slice(csv_decode(slice_of("\"a\"\"b\"\"\""), &arena), "a\"b\"");
	assert_ptr_equal(csv_decode(slice_of(raw), &arena).data, raw + 1);
	arena_release(&arena);
}

static void
only_what_must_be_is_quoted(void **state)
{
	static const char *const cases[][2] = { { "a b", "a b" }, { "", "" }, { "a,b", "\"a,b\"" },
		{ "say \"x\"", "\"say \"\"x\"\"\"" }, { "a\nb", "\"a\nb\"" }, { "a\rb", "\"a\rb\"" },
		{ "a\tb\u2028", "a\tb\u2028" }, { "0123456789abcdef,", "\"0123456789abcdef,\"" } };
	struct buffer out = BUFFER_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		buffer_clear(&out);
		csv_add(&out, slice_of(cases[i][0]));
		assert_slice(buffer_slice(&out), cases[i][1]);
	}
	buffer_release(&out);
}

static void
lines_come_one_after_the_other(void **state)
{
	struct slice text = slice_of("a\n\nb"), line;

	(void)state;
	assert_true(csv_line(&text, &line));
	assert_slice(line, "a");
	assert_true(csv_line(&text, &line));
	assert_slice(line, "");
	assert_true(csv_line(&text, &line));
	assert_slice(line, "b");
	assert_false(csv_line(&text, &line));
	text = slice_of("a\n");
	assert_true(csv_line(&text, &line));
	assert_false(csv_line(&text, &line));
}

static void
what_is_put_together_comes_apart_the_same(void **state)
{
	static const char letters[] = "ab,\",\" ";
	struct arena arena = ARENA_INIT;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct buffer line = BUFFER_INIT, values[8] = { BUFFER_INIT };
		size_t count = 1 + next(COUNT(values));
		struct slice fields[COUNT(values)];

		for (size_t i = 0; i < count; i++) {
			for (uint64_t length = next(3) == 0 ? next(40) : next(6); length > 0; length--)
				buffer_add_char(&values[i], letters[next(sizeof letters - 1)]);
			if (i > 0)
				buffer_add_char(&line, ',');
			csv_add(&line, buffer_slice(&values[i]));
		}
		arena_reset(&arena);
		assert_int_equal(csv_split(buffer_slice(&line), fields, COUNT(fields)), count);
		for (size_t i = 0; i < count; i++) {
			assert_true(slice_equal(csv_decode(fields[i], &arena), buffer_slice(&values[i])));
			assert_true(slice_equal(csv_field(buffer_slice(&line), i), fields[i]));
			buffer_release(&values[i]);
		}
		buffer_release(&line);
	}
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_split_at_commas_outside_quotes),
		cmocka_unit_test(more_fields_than_fit_are_counted),
		cmocka_unit_test(a_field_is_found_by_its_index),
		cmocka_unit_test(several_are_picked_in_one_walk),
		cmocka_unit_test(quotes_are_taken_off),
		cmocka_unit_test(only_what_must_be_is_quoted),
		cmocka_unit_test(lines_come_one_after_the_other),
		cmocka_unit_test(what_is_put_together_comes_apart_the_same),
	};

	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
