/* table: aligned columns, for people at a terminal */
#include "writer_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static const struct writer_options table = { .format = FORMAT_TABLE };

static void
columns_are_aligned_by_what_they_hold(void **state)
{
	static const char *const values[] = { "C1", "日本", "1.50", "7", "C20", "e\u0301", "-100.00", "12" };

	(void)state;
	assert_written(table, columns, 4, values, 2,
	    "id   name    total  count\n"
	    "---  ----  -------  -----\n"
	    "C1   日本     1.50      7\n"
	    "C20  e\u0301     -100.00     12\n");
	assert_written((struct writer_options){ .format = FORMAT_TABLE, .no_header = true }, columns, 4,
	    values, 2,
	    "C1   日本     1.50   7\n"
	    "C20  e\u0301     -100.00  12\n");
}

static void
no_line_of_a_table_ends_in_spaces(void **state)
{
	static const char *const values[] = { "C1", "", "C2", "Ann Other" };

	(void)state;
	assert_written(table, columns, 2, values, 2, "id  name\n--  ---------\nC1\nC2  Ann Other\n");
}

static void
a_table_without_rows_is_its_header(void **state)
{
	(void)state;
	assert_written(table, columns, 2, NULL, 0, "id  name\n--  ----\n");
	assert_written(table, columns, 0, NULL, 0, "");
}

static void
no_control_character_reaches_a_terminal(void **state)
{
	(void)state;
	assert_value(table, "a\x1b[31mb\x07\x7f\xc2\x9bm", "a?[31mb???m\n");
	assert_value(table, "a" BREAK "b\tc\u2029", "a b c \n");
	assert_value(table, "x\u202ey\u2066\u200f", "x?y??\n");
	assert_value(table, "\xff\xc0z", "??z\n");
}

static void
right_to_left_text_is_isolated(void **state)
{
	static const char *const values[] = { "C1", "שלום", "1.00", "C2", "abc", "2.00" };
	struct writer_options options = { .format = FORMAT_TABLE, .isolates = true };

	(void)state;
	assert_written(table, columns, 3, values, 1,
	    "id  name  total\n"
	    "--  ----  -----\n"
	    "C1  שלום   1.00\n");
	assert_written(options, columns, 3, values, 2,
	    "id  name  total\n"
	    "--  ----  -----\n"
	    "C1  \u2068שלום\u2069   1.00\n"
	    "C2  abc    2.00\n");
}

static void
long_texts_are_shortened_to_the_terminal(void **state)
{
	static const char *const values[] = { "C1", "abcdefghijklmnopqrstuvwxyz", "123456.78", "C2",
		"日本日本日本日本日本日本", "1" };
	struct writer_options options = { .format = FORMAT_TABLE, .width = 30, .no_header = true };

	(void)state;
	assert_written(options, columns, 3, values, 2,
	    "C1  abcdefghijklmn…  123456.78\n"
	    "C2  日本日本日本日…          1\n");
	options.width = 10; /* a text keeps 4 columns, ids and numbers all they need */
	assert_written(options, columns, 3, values, 1, "C1  abc…  123456.78\n");
	options.width = 0;
	assert_written(options, columns, 3, values, 1, "C1  abcdefghijklmnopqrstuvwxyz  123456.78\n");
}

static void
the_first_column_is_shortened_last(void **state)
{
	static const struct column report[] = { { "account", CELL_TEXT }, { "name", CELL_TEXT },
		{ "currency", CELL_TEXT }, { "due", CELL_DATE }, { "total", CELL_NUMBER } };
	static const char *const values[] = { "assets:bank:savings", "Money that was put by", "EUR",
		"2026-01-31", "1234.56" };
	struct writer_options options = { .format = FORMAT_TABLE, .width = 61 };

	(void)state;
	assert_written(options, report, 5, values, 1,
	    "account              name       currency  due           total\n"
	    "-------------------  ---------  --------  ----------  -------\n"
	    "assets:bank:savings  Money th…  EUR       2026-01-31  1234.56\n");
	options.width = 52;
	assert_written(options, report, 5, values, 1,
	    "account              name  cur…  due           total\n"
	    "-------------------  ----  ----  ----------  -------\n"
	    "assets:bank:savings  Mon…  EUR   2026-01-31  1234.56\n");
	options.width = 48;
	assert_written(options, report, 5, values, 1,
	    "account          name  cur…  due           total\n"
	    "---------------  ----  ----  ----------  -------\n"
	    "assets:bank:sa…  Mon…  EUR   2026-01-31  1234.56\n");
}

/* No line is wider than the terminal, whatever is in it, as long as texts may be shortened. */
static void
a_table_fits_its_terminal(void **state)
{
	static const char *const pieces[] = { "a", "日", "e\u0301", "👨\u200d👩\u200d👧", " ", "ש", "long word " };
	static const struct column texts[] = { { "a", CELL_TEXT }, { "b", CELL_TEXT }, { "c", CELL_TAGS } };
	struct buffer values[30] = { BUFFER_INIT }, out = BUFFER_INIT;
	const char *cells[COUNT(values)];
	uint32_t seed = 1;

	(void)state;
	for (size_t width = 34; width < 90; width++) {
		struct writer_options options = { .format = FORMAT_TABLE, .isolates = true, .width = width };

		for (size_t i = 0; i < COUNT(values); i++) {
			buffer_clear(&values[i]);
			buffer_add_text(&values[i], "");
			for (int n = 0; n < 12; n++) {
				seed = seed * 1664525 + 1013904223;
				buffer_add_text(&values[i], pieces[(seed >> 8) % COUNT(pieces)]);
			}
			cells[i] = values[i].data;
		}
		write_rows(&out, options, texts, 3, cells, COUNT(cells) / 3);
		for (struct slice text = buffer_slice(&out), line; text.length > 0;) {
			struct buffer bare = BUFFER_INIT;

			line = slice_cut(&text, '\n');
			/* isolates take no room, but text_width sees what text_safe would make of them */
			for (size_t i = 0; i < line.length; i++) {
				if (line.length - i >= 3 &&
				    (memcmp(line.data + i, "\u2068", 3) == 0 ||
					memcmp(line.data + i, "\u2069", 3) == 0))
					i += 2;
				else
					buffer_add_char(&bare, line.data[i]);
			}
			assert_true(text_width(buffer_slice(&bare)) <= width);
			buffer_release(&bare);
		}
	}
	for (size_t i = 0; i < COUNT(values); i++)
		buffer_release(&values[i]);
	buffer_release(&out);
}

static void
colour_is_for_headers_and_states(void **state)
{
	static const struct column which[] = { { "a", CELL_TEXT }, { "s", CELL_STATE } };
	static const char *const values[] = { "x", "open", "y", "open" };
	struct writer_options options = { .format = FORMAT_TABLE, .colour = true };
	struct buffer out = BUFFER_INIT;
	const char *first, *second;

	(void)state;
	write_rows(&out, options, which, 2, values, 2);
	assert_true(slice_starts(buffer_slice(&out), "\033[1;4ma\033[m  \033[1;4ms\033[m\nx  \033[3"));
	first = strstr(out.data, "x  ");
	second = strstr(out.data, "y  ");
	assert_memory_equal(first + 3, second + 3, strlen("\033[32mopen\033[m\n"));
	buffer_release(&out);
}

static void
a_long_table_goes_out_bit_by_bit(void **state)
{
	struct buffer out = BUFFER_INIT;
	const char **values = calloc(6000, sizeof *values);

	(void)state;
	for (size_t i = 0; i < 3000; i++) {
		values[2 * i] = "C1";
		values[2 * i + 1] = i == 2500 ? "wider than all before" : "x";
	}
	write_rows(&out, table, columns, 2, values, 3000);
	assert_true(slice_starts(buffer_slice(&out), "id  name\n--  ----\nC1  x\nC1  x\n"));
	assert_non_null(strstr(out.data, "\nC1  wider than all before\nC1  x\n"));
	assert_int_equal(out.length,
	    strlen("id  name\n--  ----\n") + 2999 * strlen("C1  x\n") + strlen("C1  wider than all before\n"));
	buffer_release(&out);
	free(values);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_aligned_by_what_they_hold),
		cmocka_unit_test(no_line_of_a_table_ends_in_spaces),
		cmocka_unit_test(a_table_without_rows_is_its_header),
		cmocka_unit_test(no_control_character_reaches_a_terminal),
		cmocka_unit_test(right_to_left_text_is_isolated),
		cmocka_unit_test(long_texts_are_shortened_to_the_terminal),
		cmocka_unit_test(the_first_column_is_shortened_last),
		cmocka_unit_test(a_table_fits_its_terminal),
		cmocka_unit_test(colour_is_for_headers_and_states),
		cmocka_unit_test(a_long_table_goes_out_bit_by_bit),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
