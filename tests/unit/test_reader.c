/* reader: CSV, TSV and ids that anybody may have written */
#include "reader_fixture.h"

static const struct reader_options plain = { .format = FORMAT_AUTO };

static void
assert_csv(const char *text, const char *expected)
{
	assert_reads(text, plain, expected);
}

/* --- what RFC 4180 says ----------------------------------------------------------- */

static void
values_come_decoded(void **state)
{
	(void)state;
	assert_csv("a,b\n1,2\n", "a|b\n2: 1|2\n");
	assert_csv("a,b\n\"1,5\",\"say \"\"hi\"\"\"\n", "a|b\n2: 1,5|say \"hi\"\n");
	assert_csv("\"a\",\"b \"\"x\"\"\"\n,\n", "a|b \"x\"\n2: |\n");
	assert_csv("a,b\n\"\",\"\"\"\"\n", "a|b\n2: |\"\n");
	assert_csv("a\n\"\"\n", "a\n2: \n");
}

static void
spaces_and_tabs_belong_to_values(void **state)
{
	(void)state;
	assert_csv("a,b\n 1 ,\t2\n", "a|b\n2:  1 |\t2\n");
	assert_csv("a,b\n\" 1 \", \n", "a|b\n2:  1 | \n");
}

static void
the_last_line_need_not_end(void **state)
{
	(void)state;
	assert_csv("a,b\n1,2", "a|b\n2: 1|2\n");
	assert_csv("a,b\n1,\"2\"", "a|b\n2: 1|2\n");
	assert_csv("a,b\n1,\"2\n3\"", "a|b\n2: 1|2" BREAK "3\n");
	assert_csv("a,b\n1,", "a|b\n2: 1|\n");
	assert_csv("a,b\n\"1\",", "a|b\n2: 1|\n");
	assert_csv("a,b", "a|b\n");
}

static void
windows_line_ends_are_line_ends(void **state)
{
	(void)state;
	assert_csv("a,b\r\n1,2\r\n\"3\",\"4\"\r\n", "a|b\n2: 1|2\n3: 3|4\n");
	assert_csv("a,b\r\r\n1,2\r\r\n\"3\",é\r\r\n", "a|b\n2: 1|2\n3: 3|é\n");
	assert_csv("a,b\r\n\"x\r\ny\",2\r\n", "a|b\n2: x" BREAK "y|2\n");
	assert_csv("a,b\r\n1,2\r", "a|b\n2: 1|2\n");
}

static void
blank_lines_are_nothing(void **state)
{
	(void)state;
	assert_csv("\n\r\na\n\n1\n\r\n\n2\n\n", "a\n5: 1\n8: 2\n");
	assert_csv("a,b\n\"1\n\n\n2\",3\n", "a|b\n2: 1" BREAK BREAK BREAK "2|3\n");
}

static void
line_breaks_in_values_are_folded(void **state)
{
	(void)state;
	assert_csv("a,b\n\"x\ny\",\"x\ry\"\n1,2\n", "a|b\n2: x" BREAK "y|x" BREAK "y\n4: 1|2\n");
	assert_csv("a,b\nx" BREAK "y,1\n", "a|b\n2: x" BREAK "y|1\n");
	assert_csv("a\n\"x\n\"\n", "a\n2: x" BREAK "\n");
}

static void
a_byte_order_mark_is_skipped(void **state)
{
	(void)state;
	assert_csv("\ufeffa,b\n1,2\n", "a|b\n2: 1|2\n");
	assert_csv("\ufeff\"a\",b\n1,\ufeff2\n", "a|b\n2: 1|\ufeff2\n");
	assert_csv("\ufeff{\"a\":1}\n", "\n1: 1\n");
	assert_csv("\n\ufeffa,b\n1,2\n", "a|b\n3: 1|2\n");
}

static void
another_delimiter(void **state)
{
	struct reader_options options = { .format = FORMAT_CSV, .delimiter = ';' };

	(void)state;
	assert_reads("a;b\n1,5;\"2;5\"\n\"x\ny\";2\n", options, "a|b\n2: 1,5|2;5\n3: x" BREAK "y|2\n");
	options.delimiter = '\t';
	assert_reads("a\tb\n\"1\t2\"\t\\t\n", options, "a|b\n2: 1\t2|\\t\n");
}

/* --- faults ----------------------------------------------------------------------- */

static void
an_unclosed_quote_names_the_line_where_it_opened(void **state)
{
	(void)state;
	assert_csv("a,b\n1,\"2\n", "a|b\n! 2: b: a quote that is never closed\n");
	assert_csv("a,b\n1,2\n\"3,4\n5,6\n7,8\n",
	    "a|b\n2: 1|2\n! 3: a: a quote that is never closed\n4: 5|6\n5: 7|8\n");
	/* the record begins on line 2, the value on line 3 */
	assert_csv("a,b\n\"1\n2\",\"3\n4,5\n",
	    "a|b\n! 3: b: a quote that is never closed\n! 3: a: a quote in the middle of a value\n4: 4|5\n");
}

static void
a_quote_in_the_middle_of_a_value_names_line_and_column(void **state)
{
	(void)state;
	assert_csv("a,b\n1,x\"y\n3,4\n", "a|b\n! 2: b: a quote in the middle of a value\n3: 3|4\n");
	assert_csv("a,b\n\"1\"x,2\n3,4\n", "a|b\n! 2: a: a quote in the middle of a value\n3: 3|4\n");
	assert_csv("a,b\n1,\"2\" \n", "a|b\n! 2: b: a quote in the middle of a value\n");
	assert_csv("a,b\n\"1\n2\",3\"\n",
	    "a|b\n! 3: b: a quote in the middle of a value\n! 3: a: a quote in the middle of a value\n");
}

static void
a_quote_that_the_next_one_does_not_close_names_both_lines(void **state)
{
	(void)state;
	assert_csv("a,b\n1,\"2\n3,4\n5,\"6\"\n",
	    "a|b\n! 2: b: a quote that is not closed: the next one, on line 4, is in the middle of a value\n"
	    "3: 3|4\n4: 5|6\n");
}

static void
a_bare_carriage_return_is_a_fault(void **state)
{
	static const char *const lines[] = { "1\r,2", "1,2\r3,4", "\r1,2", "1,\"2\"\r3", "1,2\r\"3",
		"1,\xc3\xa9\r3" };
	struct buffer text = BUFFER_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		buffer_clear(&text);
		buffer_format(&text, "a,b\n0,0\n%s\n5,6\n", lines[i]);
		assert_csv(text.data, "a|b\n2: 0|0\n! 3: a carriage return that ends no line\n4: 5|6\n");
	}
	buffer_release(&text);
	assert_csv("a,b\r1,2\r3,4\r", "! 1: a carriage return that ends no line\n");
}

static void
what_is_not_text_names_line_and_column(void **state)
{
	static const struct {
		const char *value;
		size_t length;
		const char *fault;
	} cases[] = { { "x\0y", 3, "a NUL" }, { "\x1b[2J", 4, "a control character" },
		{ "\xff", 1, "invalid UTF-8" }, { "\xc0\x80", 2, "invalid UTF-8" },
		{ "\xc2\x85", 2, "a control character" }, { "\xed\xa0\x80", 3, "invalid UTF-8" },
		{ "\"1\n\x7f\"", 5, "a control character" },
		{ "\"\xe2\x80\xa8\x01\"", 6, "a control character" } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buffer text = BUFFER_INIT, expected = BUFFER_INIT;

		buffer_add_text(&text, "a,b\n1,2\n3,");
		buffer_add(&text, cases[i].value, cases[i].length);
		buffer_add_text(&text, "\n");
		buffer_format(&expected, "a|b\n2: 1|2\n! 3: b: %s\n", cases[i].fault);
		assert_reads_bytes(buffer_slice(&text), plain, expected.data);
		buffer_release(&text);
		buffer_release(&expected);
	}
}

static void
every_fault_of_a_row_is_named(void **state)
{
	(void)state;
	assert_csv("a,b\n\x01,\x02\n", "a|b\n! 2: a: a control character\n! 2: b: a control character\n");
}

static void
ragged_rows_are_faults(void **state)
{
	(void)state;
	assert_csv("a,b\n1\n1,2,3\n\"x\ny\"\n1,2\n",
	    "a|b\n! 2: 1 value where the header has 2 columns\n! 3: 3 values where the header has 2 columns\n"
	    "! 4: 1 value where the header has 2 columns\n6: 1|2\n");
}

static void
the_header_again_is_a_fault(void **state)
{
	(void)state;
	assert_csv("a,b\n1,2\na,b\n3,4\n", "a|b\n2: 1|2\n! 3: the header again\n4: 3|4\n");
	assert_csv("a,b\r\n1,2\r\n\ufeffa,b\r\n3,4\r\n", "a|b\n2: 1|2\n! 3: the header again\n4: 3|4\n");
	assert_csv("a,b\n1,2\na,b", "a|b\n2: 1|2\n! 3: the header again\n");
	assert_csv("a,b\na,c\n", "a|b\n2: a|c\n");
}

static void
without_a_header_there_is_nothing_to_read(void **state)
{
	(void)state;
	assert_csv("", "! empty: there is not even a header\n");
	assert_csv("\n\n", "! empty: there is not even a header\n");
	assert_csv("\ufeff", "! empty: there is not even a header\n");
}

static void
columns_have_names_and_each_its_own(void **state)
{
	(void)state;
	assert_csv("a,b,a\n", "! 1: the header names \"a\" more than once\n");
	assert_csv("a,b,a,a,b\n",
	    "! 1: the header names \"a\" more than once\n"
	    "! 1: the header names \"b\" more than once\n");
	assert_csv("\na,a\n", "! 2: the header names \"a\" more than once\n");
	assert_csv("a,,\"\"\n",
	    "! 1: column 2 of the header has no name\n! 1: column 3 of the header has no name\n");
	assert_csv("a,\x01\n", "! 1: a control character\n");
	assert_csv("a,b\"\n", "! 1: a quote in the middle of a value\n");
	assert_csv("a,\"b\nx\n", "! 1: a quote that is never closed\n");
}

static void
more_than_256_columns_are_a_fault(void **state)
{
	struct buffer text = BUFFER_INIT;

	(void)state;
	for (int i = 0; i < 256; i++)
		buffer_format(&text, "%sc%d", i > 0 ? "," : "", i);
	buffer_add_char(&text, '\n');
	for (int i = 0; i < 256; i++)
		buffer_add_text(&text, i > 0 ? ",\"é\"" : "1");
	buffer_add_text(&text, "\n");
	assert_csv(text.data, "256 values\n2: 256 values\n");
	for (int i = 0; i < 300; i++)
		buffer_add_text(&text, i > 0 ? ",\"a\"\"b\"" : "1");
	buffer_add_text(&text, "\n");
	for (int i = 0; i < 300; i++)
		buffer_add_text(&text, i > 0 ? ",\"é\n\"" : "1");
	assert_csv(text.data,
	    "256 values\n2: 256 values\n! 3: 300 values where the header has 256 columns\n"
	    "! 4: 300 values where the header has 256 columns\n");
	buffer_release(&text);
}

static void
a_header_of_more_than_256_columns_is_a_fault(void **state)
{
	struct buffer text = BUFFER_INIT;

	(void)state;
	for (int i = 0; i < 257; i++)
		buffer_format(&text, "%sc%d", i > 0 ? "," : "", i);
	assert_csv(text.data, "! 1: 257 columns, more than 256\n");
	buffer_release(&text);
}

static void
add_many(struct buffer *text, char c, size_t count)
{
	memset(buffer_reserve(text, count), c, count);
	text->length += count;
	text->data[text->length] = '\0';
}

static void
a_line_has_at_most_1_mib(void **state)
{
	struct buffer text = BUFFER_INIT;

	(void)state;
	buffer_add_text(&text, "a,b\n1,");
	add_many(&text, 'x', READER_LINE_MAX - 1);
	buffer_add_text(&text, "\n3,4\n");
	assert_csv(text.data, "a|b\n! 2: a line of more than 1 MiB\n3: 3|4\n");
	buffer_clear(&text);
	buffer_add_text(&text, "a\n");
	add_many(&text, ',', READER_LINE_MAX);
	buffer_add_text(&text, "\n3\n");
	assert_csv(text.data, "a\n! 2: 1048577 values where the header has 1 column\n3: 3\n");
	buffer_release(&text);
}

static void
a_record_of_many_lines_has_at_most_1_mib(void **state)
{
	struct buffer text = BUFFER_INIT, out = BUFFER_INIT;

	(void)state;
	buffer_add_text(&text, "a,b\n1,\"\n");
	for (int i = 0; i < READER_LINE_MAX / 4; i++)
		buffer_add_text(&text, "3,4\n");
	show_reader(&out, buffer_slice(&text), &plain, false);
	assert_non_null(strstr(out.data,
	    "a|b\n! 2: b: a record of more than 1 MiB, or a quote that is never closed\n3: 3|4\n"));
	assert_non_null(strstr(out.data, "\n262146: 3|4\n"));
	buffer_release(&out);
	buffer_release(&text);
}

static void
a_refused_row_is_there_as_it_came(void **state)
{
	struct error error = ERROR_INIT;
	struct reader *reader;
	struct row row;

	(void)state;
	assert_int_equal(reader_open(&reader, "in", slice_of("a,b\r\n1,\"2\n3\"\n4\n\"5\n6,7"), &plain, &error),
	    STATUS_OK);
	assert_string_equal(reader_name(reader), "in");
	assert_true(slice_is(reader_header(reader), "a,b"));
	assert_int_equal(reader_column(reader, "b"), 1);
	assert_true(reader_column(reader, "c") == SIZE_MAX);
	assert_int_equal(reader_next(reader, &row, &error), STATUS_OK);
	assert_true(slice_is(reader_raw(reader), "1,\"2\n3\"\n"));
	assert_int_equal(reader_next(reader, &row, &error), STATUS_REFUSED);
	assert_true(slice_is(reader_raw(reader), "4\n"));
	assert_int_equal(reader_next(reader, &row, &error), STATUS_REFUSED);
	assert_true(slice_is(reader_raw(reader), "\"5\n"));
	assert_int_equal(reader_next(reader, &row, &error), STATUS_OK);
	assert_true(slice_is(reader_raw(reader), "6,7"));
	assert_int_equal(reader_next(reader, &row, &error), STATUS_NO);
	assert_int_equal(reader_next(reader, &row, &error), STATUS_NO);
	reader_close(reader);
	error_release(&error);
}

/* --- options ---------------------------------------------------------------------- */

static void
columns_are_renamed_and_dropped(void **state)
{
	static const char *const map[] = { "Kunde=customer", "Rest=", "x=y=z", NULL };
	struct reader_options options = { .map = map };

	(void)state;
	assert_reads("Kunde,Rest,x\n1,2,3\n", options, "customer||y=z\n2: 1|2|3\n");
	assert_reads("Rest,customer,Kunde\n", options, "! 1: the header names \"customer\" more than once\n");
	assert_reads("{\"Kunde\":1,\"Rest\":{\"a\":1},\"x\":3}\n", options, "\n1: 1|1|3\n");
	assert_reads("{\"Kunde\":1,\"Rest\":2,\"x\":3}\n", options, "\n1: 1|3\n");
}

static void
what_is_in_a_dropped_column_does_not_matter(void **state)
{
	static const char *const map[] = { "b=", "c=", NULL };
	struct reader_options options = { .map = map };

	(void)state;
	assert_reads("a,b,c\n1,\x01,\xff\n", options, "a||\n2: 1|\x01|\xff\n");
	assert_reads("a,b,c\n1,x\"y,3\n", options, "a||\n! 2: a quote in the middle of a value\n");
}

static void
lines_before_the_header_are_skipped(void **state)
{
	struct reader_options options = { .skip = 2 };

	(void)state;
	assert_reads("An \"Export\n\na,b\n1,2\n", options, "a|b\n4: 1|2\n");
	assert_reads("x\ny\n{\"a\":1}\n", options, "\n3: 1\n");
	assert_reads("x\n", options, "! empty: there is not even a header\n");
}

static void
other_encodings(void **state)
{
	struct reader_options options = { .encoding = "ISO-8859-1" };

	(void)state;
	assert_reads("a\n\xc4pfel\n", options, "a\n2: Äpfel\n");
	options.encoding = "windows-1252";
	assert_reads("a\n\x80 5\n", options, "a\n2: € 5\n");
	/* holds a letter back, for an accent that may follow */
	options.encoding = "CP1258";
	assert_reads("a\nca", options, "a\n2: ca\n");
	options.encoding = "UTF-8";
	assert_reads("a\nÄ\n", options, "a\n2: Ä\n");
	options.encoding = "klingon";
	assert_reads("a\n", options, "usage ! no such encoding: \"klingon\"\n");
	options.encoding = "";
	assert_reads("a\n", options, "usage ! no such encoding: \"\"\n");
}

static void
what_is_not_in_the_encoding_names_its_line(void **state)
{
	struct reader_options options = { .encoding = "ASCII" };

	(void)state;
	assert_reads("a\n1\n2 \xc4\n", options, "! 3: not in ASCII\n");
	options.encoding = "EUC-JP";
	assert_reads("a\n\xa4", options, "! 2: not in EUC-JP\n");
}

static void
utf_16_with_a_mark_is_understood(void **state)
{
	(void)state;
	assert_reads_bytes((struct slice){ "\xff\xfe"
					   "a\0\n\0\xac\x20\n\0",
			       10 },
	    plain, "a\n2: €\n");
	assert_reads_bytes((struct slice){ "\xfe\xff\0a\0\n\x20\xac\0\n", 10 }, plain, "a\n2: €\n");
	assert_reads_bytes((struct slice){ "\xff\xfe"
					   "a\0\n\0\xac",
			       7 },
	    plain, "! 2: not in UTF-16LE\n");
	assert_reads_bytes((struct slice){ "\xff\xfe"
					   "a\0\n\0\x00\xd8\n\0",
			       10 },
	    plain, "! 2: not in UTF-16LE\n");
}

static void
long_input_is_converted_in_pieces(void **state)
{
	struct reader_options options = { .encoding = "ISO-8859-1" };
	struct buffer text = BUFFER_INIT, out = BUFFER_INIT;

	(void)state;
	buffer_add_text(&text, "a\n");
	for (int i = 0; i < 100000; i++)
		buffer_add_text(&text, "\xe4\xf6\xfc\n");
	show_reader(&out, buffer_slice(&text), &options, false);
	assert_non_null(strstr(out.data, "\n100001: äöü\n"));
	assert_null(strstr(out.data, "!"));
	buffer_release(&text);
	buffer_release(&out);
}

/* --- TSV and ids ------------------------------------------------------------------ */

static void
tsv_has_escapes_and_no_quotes(void **state)
{
	struct reader_options options = { .format = FORMAT_TSV };

	(void)state;
	assert_reads("a\tb\n\"1\t2\n", options, "a|b\n2: \"1|2\n");
	assert_reads("a\tb\nx\\ty\tx\\ny\\\\n\\\n", options, "a|b\n2: x\ty|x" BREAK "y\\n\\\n");
	assert_reads("a\tb\nC:\\dir\tx\\ry\r\n", options, "a|b\n2: C:\\dir|x" BREAK "y\n");
	assert_reads("a\tb\n1\n1\t2\t3\n\t\n", options,
	    "a|b\n! 2: 1 value where the header has 2 columns\n! 3: 3 values where the header has 2 columns\n4: |\n");
	assert_reads("a\tb\n1\t\x01\n", options, "a|b\n! 2: b: a control character\n");
	assert_reads("a\tb\n\n1\t2\n", options, "a|b\n3: 1|2\n");
	assert_reads("a\n\n1\n", options, "a\n2: \n3: 1\n");
}

static void
ids_are_one_a_line(void **state)
{
	struct reader_options options = { .format = FORMAT_IDS };

	(void)state;
	assert_reads("C1\n\n C2 \r\nC3", options, "id\n1: C1\n3: C2\n4: C3\n");
	assert_reads("C1\nC\x01\n", options, "id\n1: C1\n! 2: id: a control character\n");
	assert_reads("", options, "! empty: there is not even a header\n");
}

static void
json_is_known_by_its_brace(void **state)
{
	struct buffer text = BUFFER_INIT;

	(void)state;
	assert_csv(" \n\t{\"a\":1}\n", "\n2: 1\n");
	assert_csv("a{\n1\n", "a{\n2: 1\n");
	add_many(&text, ' ', 10000);
	buffer_add_text(&text, "{\"a\":1}");
	assert_csv(text.data, "\n1: 1\n");
	buffer_release(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_decoded),
		cmocka_unit_test(spaces_and_tabs_belong_to_values),
		cmocka_unit_test(the_last_line_need_not_end),
		cmocka_unit_test(windows_line_ends_are_line_ends),
		cmocka_unit_test(blank_lines_are_nothing),
		cmocka_unit_test(line_breaks_in_values_are_folded),
		cmocka_unit_test(a_byte_order_mark_is_skipped),
		cmocka_unit_test(another_delimiter),
		cmocka_unit_test(an_unclosed_quote_names_the_line_where_it_opened),
		cmocka_unit_test(a_quote_in_the_middle_of_a_value_names_line_and_column),
		cmocka_unit_test(a_quote_that_the_next_one_does_not_close_names_both_lines),
		cmocka_unit_test(a_bare_carriage_return_is_a_fault),
		cmocka_unit_test(what_is_not_text_names_line_and_column),
		cmocka_unit_test(every_fault_of_a_row_is_named),
		cmocka_unit_test(ragged_rows_are_faults),
		cmocka_unit_test(the_header_again_is_a_fault),
		cmocka_unit_test(without_a_header_there_is_nothing_to_read),
		cmocka_unit_test(columns_have_names_and_each_its_own),
		cmocka_unit_test(more_than_256_columns_are_a_fault),
		cmocka_unit_test(a_header_of_more_than_256_columns_is_a_fault),
		cmocka_unit_test(a_line_has_at_most_1_mib),
		cmocka_unit_test(a_record_of_many_lines_has_at_most_1_mib),
		cmocka_unit_test(a_refused_row_is_there_as_it_came),
		cmocka_unit_test(columns_are_renamed_and_dropped),
		cmocka_unit_test(what_is_in_a_dropped_column_does_not_matter),
		cmocka_unit_test(lines_before_the_header_are_skipped),
		cmocka_unit_test(other_encodings),
		cmocka_unit_test(what_is_not_in_the_encoding_names_its_line),
		cmocka_unit_test(utf_16_with_a_mark_is_understood),
		cmocka_unit_test(long_input_is_converted_in_pieces),
		cmocka_unit_test(tsv_has_escapes_and_no_quotes),
		cmocka_unit_test(ids_are_one_a_line),
		cmocka_unit_test(json_is_known_by_its_brace),
	};

	return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
