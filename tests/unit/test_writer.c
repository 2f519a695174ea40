/* writer: records out, in every format */
#include "writer_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "stream/writer.h"

static const char *const record[] = { "C1", "Ann \"x\", y", "-1.50", "7", "true", "vip new", "open", "C2",
	NULL, "", "", "", "", "" };

static const struct writer_options csv = { .format = FORMAT_CSV };
static const struct writer_options tsv = { .format = FORMAT_TSV };
static const struct writer_options json = { .format = FORMAT_JSON };

static void
csv_quotes_what_must_be(void **state)
{
	struct writer_options bare = { .format = FORMAT_CSV, .no_header = true };

	(void)state;
	assert_written(csv, columns, COLUMNS, record, 2,
	    "id,name,total,count,open,tags,state\nC1,\"Ann \"\"x\"\", y\",-1.50,7,true,vip new,open\nC2,,,,,,\n");
	assert_written(bare, columns, 2, record, 1, "C1,\"Ann \"\"x\"\", y\"\n");
	assert_value(csv, "", "\"\"\n"); /* nothing on a line would be no record */
}

static void
line_breaks_stay_folded_unless_raw_is_wanted(void **state)
{
	struct writer_options raw = { .raw = true };

	(void)state;
	assert_value(csv, "a" BREAK "b", "a" BREAK "b\n");
	assert_value(tsv, "a" BREAK "b", "a" BREAK "b\n");
	raw.format = FORMAT_CSV;
	assert_value(raw, "a" BREAK "b", "\"a\nb\"\n");
	assert_value(raw, NULL, "\"\"\n");
	raw.format = FORMAT_TSV;
	assert_value(raw, "a" BREAK "b", "a\\nb\n");
}

static void
tsv_escapes_what_it_cannot_hold(void **state)
{
	(void)state;
	assert_value(tsv, "a\tb\\n\"c\",d", "a\\tb\\\\n\"c\",d\n");
	assert_written(tsv, columns, 3, record, 1, "id\tname\ttotal\nC1\tAnn \"x\", y\t-1.50\n");
}

static void
ids_are_ids_alone(void **state)
{
	static const struct column two[] = { { "name", CELL_TEXT }, { "id", CELL_TEXT } };
	static const char *const values[] = { "Ann", "C1", "Bob", "C2" };

	(void)state;
	assert_written((struct writer_options){ .format = FORMAT_IDS }, two, 2, values, 2, "C1\nC2\n");
}

static void
json_has_a_type_for_every_cell(void **state)
{
	(void)state;
	assert_written(json, columns, COLUMNS, record, 2,
	    "{\"id\":\"C1\",\"name\":\"Ann \\\"x\\\", y\",\"total\":\"-1.50\",\"count\":7,\"open\":true,"
	    "\"tags\":[\"vip\",\"new\"],\"state\":\"open\"}\n"
	    "{\"id\":\"C2\",\"name\":null,\"total\":null,\"count\":null,\"open\":null,\"tags\":null,\"state\":null}\n");
}

static void
json_strings_are_escaped(void **state)
{
	(void)state;
	assert_value(json, "a\tb\\c\"d/", "{\"a\":\"a\\tb\\\\c\\\"d/\"}\n");
	assert_value(json, "x" BREAK "y", "{\"a\":\"x\\ny\"}\n");
	assert_value(json, "\x01\x7f", "{\"a\":\"\\u0001\\u007f\"}\n");
	assert_value(json, "Größe 日本 😀", "{\"a\":\"Größe 日本 😀\"}\n");
	assert_value(json,
	    "a\xff"
	    "b\xe2\x80",
	    "{\"a\":\"a\ufffdb\ufffd\ufffd\"}\n");
}

static void
json_integers_that_are_none_are_strings(void **state)
{
	static const struct column number[] = { { "n", CELL_INTEGER } }, truth[] = { { "b", CELL_BOOL } };
	static const char *const values[] = { "+1", "-0", "01", "-5", "" };
	static const char *const words[] = { "false", "maybe" };

	(void)state;
	assert_written(json, number, 1, values, 5,
	    "{\"n\":\"+1\"}\n{\"n\":-0}\n{\"n\":\"01\"}\n{\"n\":-5}\n{\"n\":null}\n");
	assert_written(json, truth, 1, words, 2, "{\"b\":false}\n{\"b\":\"maybe\"}\n");
}

static void
children_are_nested_in_json_alone(void **state)
{
	static const struct column own[] = { { "id", CELL_TEXT } },
				   line[] = { { "item", CELL_TEXT }, { "qty", CELL_INTEGER } };
	const struct slice values[] = { slice_of("V1") },
			   cells[] = { slice_of("I1"), slice_of("2"), slice_of("I2"), slice_of("") };
	const struct nested nested[] = { { "line", line, 2, cells, 2 }, { "note", line, 2, NULL, 0 } };
	static const enum format formats[] = { FORMAT_JSON, FORMAT_CSV };
	static const char *const expected[] = {
		"{\"id\":\"V1\",\"line\":[{\"item\":\"I1\",\"qty\":2},{\"item\":\"I2\",\"qty\":null}],\"note\":[]}\n",
		"id\nV1\n"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(formats); i++) {
		struct writer_options options = { .format = formats[i] };
		struct buffer out = BUFFER_INIT;
		struct error error = ERROR_INIT;
		int fd = memfd_create("output", MFD_CLOEXEC);
		struct writer *writer = writer_open(fd, &options, own, 1);

		writer_row_nested(writer, values, nested, 2);
		assert_int_equal(writer_close(writer, &error), STATUS_OK);
		lseek(fd, 0, SEEK_SET);
		assert_true(file_read(fd, &out, 4096));
		assert_string_equal(out.data, expected[i]);
		buffer_release(&out);
		close(fd);
	}
}

/* --- spreadsheets ----------------------------------------------------------------- */

static void
what_a_spreadsheet_would_calculate_is_defused(void **state)
{
	static const char *const formulas[] = { "=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠x", "−1",
		" =1", "\u00a0=1", "\u3000＝1", "\u200b@x", "\ufeff=1", "\u2028=1", "\u2060 -x", "\tx", "\t=1" };
	static const char *const harmless[] = { "1+1", "a=b", "'=1", "x@y", "", " a", "*", "#N/A" };
	struct writer_options options = { .spreadsheet = true };
	struct buffer expected = BUFFER_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(formulas); i++) {
		options.format = FORMAT_CSV;
		buffer_clear(&expected);
		buffer_format(&expected, "'%s\n", formulas[i]);
		assert_value(options, formulas[i], expected.data);
		assert_value(csv, formulas[i], expected.data + 1);
		if (formulas[i][0] == '\t')
			continue;
		options.format = FORMAT_TSV;
		assert_value(options, formulas[i], expected.data);
	}
	for (size_t i = 0; i < COUNT(harmless); i++) {
		options.format = FORMAT_TSV;
		buffer_clear(&expected);
		buffer_format(&expected, "%s\n", harmless[i]);
		assert_value(options, harmless[i], expected.data);
	}
	options.format = FORMAT_CSV;
	assert_value(options, "=A1,\"x\"", "\"'=A1,\"\"x\"\"\"\n");
	buffer_release(&expected);
}

static void
numbers_stay_numbers_in_a_spreadsheet(void **state)
{
	static const struct column which[] = { { "n", CELL_NUMBER }, { "i", CELL_INTEGER }, { "s", CELL_STATE } };
	static const char *const values[] = { "-1.50", "-7", "-x" };
	struct writer_options options = { .format = FORMAT_CSV, .spreadsheet = true };

	(void)state;
	assert_written(options, which, 3, values, 1, "n,i,s\n-1.50,-7,'-x\n");
}

/* --- the descriptor --------------------------------------------------------------- */

static void
a_failed_write_is_reported(void **state)
{
	static const enum format formats[] = { FORMAT_CSV, FORMAT_TSV, FORMAT_JSON, FORMAT_IDS, FORMAT_TABLE };
	struct slice row[] = { slice_of("C1"), slice_of("Ann") };

	(void)state;
	for (size_t i = 0; i < COUNT(formats); i++) {
		struct writer_options options = { .format = formats[i] };
		struct error error = ERROR_INIT;
		int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
		struct writer *writer = writer_open(fd, &options, columns, 2);

		writer_row(writer, row);
		assert_false(writer_failed(writer));
		writer_flush(writer);
		assert_true(writer_failed(writer));
		writer_row(writer, row);
		assert_int_equal(writer_close(writer, &error), STATUS_SYSTEM);
		assert_string_equal(error.faults[0].reason, "output: No space left on device");
		error_release(&error);
		close(fd);
	}
}

static void
a_long_scan_sees_the_failure_early(void **state)
{
	struct slice row[] = { slice_of("C1"), slice_of("Ann") };
	struct error error = ERROR_INIT;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct writer *writer = writer_open(fd, &csv, columns, 2);
	size_t rows = 0;

	(void)state;
	for (; !writer_failed(writer) && rows < 1000000; rows++)
		writer_row(writer, row);
	assert_true(rows < 1000000);
	assert_int_equal(writer_close(writer, &error), STATUS_SYSTEM);
	error_release(&error);
	close(fd);
}

static void
nothing_goes_out_before_it_must(void **state)
{
	struct slice row[] = { slice_of("C1"), slice_of("Ann") };
	struct error error = ERROR_INIT;
	int fd = memfd_create("output", MFD_CLOEXEC);
	struct writer *writer = writer_open(fd, &csv, columns, 2);

	(void)state;
	writer_row(writer, row);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	writer_flush(writer);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), strlen("id,name\nC1,Ann\n"));
	buffer_add_text(writer_buffer(writer), "C2,Bob\n");
	writer_bytes(writer, slice_of("C3,Cat\n"));
	assert_int_equal(writer_close(writer, &error), STATUS_OK);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), strlen("id,name\nC1,Ann\nC2,Bob\nC3,Cat\n"));
	close(fd);
}

/* --- there and back --------------------------------------------------------------- */

static void
what_is_written_is_read_the_same(void **state)
{
	static const char *const pieces[] = { "a", " ", ",", "\"", "\\", "\\n", "\\t", "\t", BREAK, "é", "😀",
		"'", "{", "=" };
	static const struct column which[] = { { "a", CELL_TEXT }, { "b", CELL_TEXT }, { "c", CELL_TEXT } };
	static const enum format formats[] = { FORMAT_CSV, FORMAT_TSV, FORMAT_JSON };
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct writer_options options = { .format = formats[round % 3], .raw = round % 2 == 0 };
		struct reader_options back = { .format = formats[round % 3] };
		struct buffer values[12] = { BUFFER_INIT }, out = BUFFER_INIT;
		const char *cells[COUNT(values)];
		size_t columns_used = (size_t)round % 5 == 0 ? 1 : 3, rows = COUNT(values) / columns_used;
		struct error error = ERROR_INIT;
		struct reader *reader;
		struct row row;

		for (size_t i = 0; i < COUNT(values); i++) {
			buffer_add_text(&values[i], "");
			for (seed = seed * 1664525 + 1013904223; (seed >> 8) % 5 != 0;
			     seed = seed * 1664525 + 1013904223)
				buffer_add_text(&values[i], pieces[(seed >> 12) % COUNT(pieces)]);
			/* the header again would be refused, and rightly */
			cells[i] = strcmp(values[i].data, "a") == 0 ? "A" : values[i].data;
		}
		write_rows(&out, options, which, columns_used, cells, rows);
		assert_int_equal(reader_open(&reader, "in", buffer_slice(&out), &back, &error), STATUS_OK);
		for (size_t r = 0; r < rows; r++) {
			assert_int_equal(reader_next(reader, &row, &error), STATUS_OK);
			assert_int_equal(row.count, columns_used);
			for (size_t i = 0; i < columns_used; i++)
				assert_true(slice_is(row.values[i], cells[r * columns_used + i]));
		}
		assert_int_equal(reader_next(reader, &row, &error), STATUS_NO);
		reader_close(reader);
		for (size_t i = 0; i < COUNT(values); i++)
			buffer_release(&values[i]);
		buffer_release(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_quotes_what_must_be),
		cmocka_unit_test(line_breaks_stay_folded_unless_raw_is_wanted),
		cmocka_unit_test(tsv_escapes_what_it_cannot_hold),
		cmocka_unit_test(ids_are_ids_alone),
		cmocka_unit_test(json_has_a_type_for_every_cell),
		cmocka_unit_test(json_strings_are_escaped),
		cmocka_unit_test(json_integers_that_are_none_are_strings),
		cmocka_unit_test(children_are_nested_in_json_alone),
		cmocka_unit_test(what_a_spreadsheet_would_calculate_is_defused),
		cmocka_unit_test(numbers_stay_numbers_in_a_spreadsheet),
		cmocka_unit_test(a_failed_write_is_reported),
		cmocka_unit_test(a_long_scan_sees_the_failure_early),
		cmocka_unit_test(nothing_goes_out_before_it_must),
		cmocka_unit_test(what_is_written_is_read_the_same),
	};

	return cmocka_run_group_tests_name("writer", tests, NULL, NULL);
}
