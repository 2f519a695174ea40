/* json: objects a line, in and what the reader makes of them */
#include "reader_fixture.h"

#include <time.h>

static const struct reader_options json = { .format = FORMAT_JSON };

static void
assert_json(const char *text, const char *expected)
{
	assert_reads(text, json, expected);
}

/* One object with one value under "a". */
static void
assert_value(const char *text, const char *expected)
{
	struct buffer line = BUFFER_INIT, want = BUFFER_INIT;

	buffer_format(&line, "{\"a\":%s}", text);
	buffer_format(&want, expected[0] == '!' ? "\n! 1: a: %s\n" : "\n1: %s\n",
	    expected + 2 * (expected[0] == '!'));
	assert_json(line.data, want.data);
	buffer_release(&line);
	buffer_release(&want);
}

static void
an_object_a_line(void **state)
{
	(void)state;
	assert_json("{\"a\":\"x\",\"b\":\"y\"}\n\n{\"b\":\"z\",\"a\":\"\"}\r\n", "\n1: x|y\n3: |z\n");
	assert_json("{}\n { } \n", "\n1: \n2: \n");
	assert_json("\t{ \"a\" : \"x\" , \"b\" : 1 } ", "\n1: x|1\n");
}

static void
columns_come_as_they_are_met(void **state)
{
	struct error error = ERROR_INIT;
	struct reader *reader;
	struct row row;
	size_t count;

	(void)state;
	assert_json("{\"a\":1}\n{\"b\":2}\n{\"a\":3,\"c\":null}\n", "\n1: 1\n2: ~|2\n3: 3|~|\n");
	assert_int_equal(reader_open(&reader, "in", slice_of("{\"a\":1}\n{\"b\":2}"), &json, &error), STATUS_OK);
	reader_columns(reader, &count);
	assert_int_equal(count, 0);
	assert_int_equal(reader_header(reader).length, 0);
	reader_next(reader, &row, &error);
	reader_next(reader, &row, &error);
	assert_int_equal(reader_column(reader, "b"), 1);
	assert_true(slice_is(reader_raw(reader), "{\"b\":2}"));
	reader_close(reader);
	error_release(&error);
}

static void
words_and_numbers_are_text(void **state)
{
	(void)state;
	assert_json("{\"a\":true,\"b\":false,\"c\":null,\"d\":-0.50,\"e\":12345678901234567890123}\n",
	    "\n1: true|false||-0.50|12345678901234567890123\n");
	assert_value("0", "0");
	assert_value("-1", "-1");
	assert_value("10.00", "10.00");
}

static void
exponents_are_expanded(void **state)
{
	static const char *const cases[][2] = { { "1e3", "1000" }, { "12.5e3", "12500" },
		{ "12.5E+1", "125" }, { "12.5e0", "12.5" }, { "125e-2", "1.25" }, { "125e-3", "0.125" },
		{ "125e-5", "0.00125" }, { "-1.50e1", "-15" }, { "-5e-1", "-0.5" }, { "0e5", "0" },
		{ "0.000e-3", "0" }, { "0.012e2", "1.2" }, { "0.012e1", "0.12" }, { "100e-2", "1" },
		{ "1e64",
		    "1"
		    "0000000000000000000000000000000000000000000000000000000000000000" },
		{ "1e-3", "0.001" }, { "10.0e0", "10" } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_value(cases[i][0], cases[i][1]);
	assert_value("1e65", "! an exponent that is too large");
	assert_value("1e-99999999999999999999", "! an exponent that is too large");
}

static void
what_is_no_number_is_refused(void **state)
{
	static const char *const cases[] = { "01", "-", "-a", "1.", "1.e2", "1e", "1e+", "-.5" };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_value(cases[i], "! not a number");
	assert_value("+1", "! not a value");
	assert_value(".5", "! not a value");
	assert_value("NaN", "! not a value");
	assert_value("True", "! not a value");
	assert_json("{\"a\":0x10}", "\n! 1: a comma is missing\n");
	assert_json("{\"a\":trueish}", "\n! 1: a comma is missing\n");
}

static void
escapes_are_read(void **state)
{
	(void)state;
	assert_value("\"a\\\"b\\\\c\\/d\\te\"", "a\"b\\c/d\te");
	assert_value("\"\\u0041\\u00e4\\u20AC\\ud83d\\ude00\"", "Aä€😀");
	assert_value("\"x\\ny\\r\\nz\\u2028\"", "x" BREAK "y" BREAK "z" BREAK);
	assert_value("\"é\\n\"", "é" BREAK);
	assert_value("\"\\u000a\"", BREAK);
}

static void
bad_strings_are_refused(void **state)
{
	(void)state;
	assert_value("\"\\x\"", "! an unknown escape in a string");
	assert_value("\"\\u12g4\"", "! not four hexadecimal digits after \\u");
	assert_value("\"\\ud83d\"", "! half of a surrogate pair");
	assert_value("\"\\ud83d\\n\"", "! half of a surrogate pair");
	assert_value("\"\\ud83d\\u0041\"", "! half of a surrogate pair");
	assert_value("\"\\ude00\"", "! half of a surrogate pair");
	assert_value("\"\x01\"", "! a control character in a string");
	assert_value("\"\\\"", "! a string that is never closed");
	assert_json("{\"a\":\"x", "\n! 1: a: a string that is never closed\n");
	assert_json("{\"a\":\"x\ny\"}", "\n! 1: a: a string that is never closed\n! 2: not an object\n");
}

static void
what_may_not_be_stored_names_the_column(void **state)
{
	(void)state;
	assert_value("\"\\u0000\"", "! a NUL");
	assert_value("\"\\b\"", "! a control character");
	assert_value("\"\\u0085\"", "! a control character");
	assert_value("\"\xff\"", "! invalid UTF-8");
	assert_value("\"\n\x01\"", "! a string that is never closed\n! 2: not an object");
	assert_json("{\"a\":{\"b\":\"\\u0000\"}}", "\n! 1: a.b: a NUL\n");
	assert_json("{\"a\\u0000\":1}", "\n! 1: a NUL\n");
	assert_json("{\"a\\u0000b\":{\"c\":1}}", "\n! 1: a NUL\n");
}

static void
objects_in_objects_are_dotted_columns(void **state)
{
	struct error error = ERROR_INIT;
	struct reader *reader;
	struct row row;

	(void)state;
	assert_json("{\"a\":{\"b\":{\"c\":1},\"d\":2},\"e\":3}\n", "\n1: 1|2|3\n");
	assert_int_equal(reader_open(&reader, "in", slice_of("{\"a\":{\"b\":{\"c\":1},\"d\":2},\"e\":3}"),
			     &json, &error),
	    STATUS_OK);
	assert_int_equal(reader_next(reader, &row, &error), STATUS_OK);
	assert_int_equal(reader_column(reader, "a.b.c"), 0);
	assert_int_equal(reader_column(reader, "a.d"), 1);
	assert_int_equal(reader_column(reader, "e"), 2);
	reader_close(reader);
	error_release(&error);
}

static void
arrays_of_objects_are_children(void **state)
{
	(void)state;
	assert_json("{\"l\":[{\"q\":1},{\"q\":2,\"i\":{\"s\":\"x\"}}],\"a\":9}\n", "\n1: ~|~|9 {1} {2|x}\n");
	assert_json("{\"a\":1,\"l\":[{}]}\n", "\n1: 1 {}\n");
	assert_json("{\"a\":1,\"l\":[]}\n", "\n1: 1|\n");
	assert_json("{\"l\":[{\"m\":[{\"x\":1}]}]}\n", "\n1: ~ { {1}}\n");
	assert_json("{\"a\":{\"l\":[{\"x\":1}]},\"m\":[{\"y\":2}]}\n", "\n1: ~|~ {1} {~|2}\n");
}

static void
children_say_where_they_come_from(void **state)
{
	struct error error = ERROR_INIT;
	struct reader *reader;
	struct row row;

	(void)state;
	assert_int_equal(reader_open(&reader, "in", slice_of("\n{\"l\":[{\"q\":1},{\"q\":2}]}"), &json, &error),
	    STATUS_OK);
	assert_int_equal(reader_next(reader, &row, &error), STATUS_OK);
	assert_int_equal(row.child_count, 2);
	assert_int_equal(row.children[1].line, 2);
	assert_int_equal(reader_column(reader, "l.q"), 0);
	reader_close(reader);
	error_release(&error);
}

static void
arrays_of_plain_values_are_words(void **state)
{
	(void)state;
	assert_value("[\"x\",1,true]", "x 1 true");
	assert_value("[ \"x\" ]", "x");
	assert_value("[\"x\\n\", \"y\"]", "x" BREAK " y");
	assert_value("[1,{\"b\":2}]", "! objects and plain values in one array");
	assert_value("[{\"b\":2},1]", "! objects and plain values in one array");
	assert_value("[[1]]", "! an array in an array");
	assert_value("[1,]", "! not a value");
	assert_value("[1 2]", "! a comma is missing");
	assert_json("{\"a\":[1", "\n! 1: a: an array that is not closed on its line\n");
}

static void
a_key_comes_once(void **state)
{
	(void)state;
	assert_json("{\"a\":1,\"a\":2}\n{\"a\":3}\n", "\n! 1: a: the same key twice\n2: 3\n");
	assert_json("{\"a\":null,\"a\":2}", "\n! 1: a: the same key twice\n");
	assert_json("{\"a\":{\"b\":1},\"a.b\":2}", "\n! 1: a.b: the same key twice\n");
	assert_json("{\"a\":{\"b\":1},\"a\":{\"c\":2}}", "\n! 1: a: the same key twice\n");
	assert_json("{\"l\":[{\"b\":1}],\"l\":[{\"b\":2}]}", "\n! 1: l: the same key twice\n");
	assert_json("{\"l\":[{\"b\":1,\"b\":1}]}", "\n! 1: l.b: the same key twice\n");
	assert_json("{\"l\":[],\"l\":[{\"b\":2}]}", "\n! 1: l: the same key twice\n");
	assert_json("{\"l\":[{\"b\":{\"c\":1}},{\"b\":{\"c\":1}}]}", "\n1: ~ {1} {1}\n");
}

static void
what_is_no_object_is_refused_and_reading_goes_on(void **state)
{
	static const char *const cases[][2] = { { "[]", "not an object" }, { "1", "not an object" },
		{ "\"a\"", "not an object" }, { "{", "a key in quotes is missing" },
		{ "{\"a\"}", "a: a colon is missing" }, { "{\"a\":", "a: a value is missing" },
		{ "{a:1}", "a key in quotes is missing" }, { "{\"\":1}", "an empty key" },
		{ "{\"a\":1", "an object that is not closed on its line" },
		{ "{\"a\":1,}", "a key in quotes is missing" }, { "{\"a\":1} x", "something after the object" },
		{ "{\"a\":1}{\"a\":2}", "something after the object" },
		{ "{\"a\":1}}", "something after the object" }, { "{\"a\" \"b\"}", "a: a colon is missing" },
		{ "{\"a\":1 \"b\":2}", "a comma is missing" } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buffer text = BUFFER_INIT, want = BUFFER_INIT;

		buffer_format(&text, "{\"a\":0}\n%s\n{\"a\":2}", cases[i][0]);
		buffer_format(&want, "\n1: 0\n! 2: %s\n3: 2\n", cases[i][1]);
		assert_json(text.data, want.data);
		buffer_release(&text);
		buffer_release(&want);
	}
}

static void
repeat(struct buffer *out, const char *text, int count)
{
	while (count-- > 0)
		buffer_add_text(out, text);
}

static void
depth_is_limited(void **state)
{
	struct buffer text = BUFFER_INIT;

	(void)state;
	repeat(&text, "{\"a\":", 16);
	buffer_add_text(&text, "1");
	repeat(&text, "}", 16);
	assert_json(text.data, "\n1: 1\n");
	buffer_clear(&text);
	repeat(&text, "{\"a\":", 100000);
	assert_json(text.data, "\n! 1: a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a: objects in objects too deep\n");
	buffer_clear(&text);
	repeat(&text, "{\"a\":[", 100000);
	assert_json(text.data, "\n! 1: a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a: objects in objects too deep\n");
	buffer_release(&text);
}

static void
a_row_has_at_most_256_columns(void **state)
{
	struct buffer text = BUFFER_INIT;

	(void)state;
	for (int i = 0; i < 256; i++)
		buffer_format(&text, "%s\"c%d\":%d", i > 0 ? "," : "{", i, i);
	buffer_add_text(&text, "}\n{\"c0\":1}\n{\"c256\":1}\n");
	assert_json(text.data, "\n1: 256 values\n2: 256 values\n! 3: more than 256 columns\n");
	buffer_release(&text);
}

static void
a_long_key_is_refused(void **state)
{
	struct buffer text = BUFFER_INIT;

	(void)state;
	buffer_add_text(&text, "{\"");
	repeat(&text, "k", 300);
	buffer_add_text(&text, "\":1}");
	assert_json(text.data, "\n! 1: a key that is too long\n");
	buffer_release(&text);
}

static void
a_line_has_at_most_1_mib(void **state)
{
	struct buffer text = BUFFER_INIT;

	(void)state;
	buffer_add_text(&text, "{\"a\":\"");
	repeat(&text, "x", READER_LINE_MAX);
	buffer_add_text(&text, "\"}\n{\"a\":1}\n");
	assert_json(text.data, "\n! 1: a line of more than 1 MiB\n2: 1\n");
	buffer_release(&text);
}

/* Lines that would take gigabytes if each child had room for every column, or each name a copy of its own. */
static void
hostile_lines_cost_what_they_weigh(void **state)
{
	static const char *const units[] = { "{}", "{\"z\":1}", "{\"z\":[{}]}", "{\"z\":{\"y\":[1]}}" };
	struct buffer text = BUFFER_INIT;
	double begin = (double)clock() / CLOCKS_PER_SEC;

	(void)state;
	for (int i = 0; i < 250; i++)
		buffer_format(&text, "%s\"c%d\":%d", i > 0 ? "," : "{", i, i);
	buffer_add_text(&text, "}\n");
	for (size_t i = 0; i < COUNT(units); i++) {
		size_t start = text.length;

		buffer_add_text(&text, "{\"l\":[{}");
		while (text.length - start < READER_LINE_MAX - 100)
			buffer_format(&text, ",%s", units[i]);
		buffer_add_text(&text, "]}\n");
	}
	for (int way = 0; way < 3; way++) {
		size_t start = text.length;

		buffer_add_text(&text, "{\"x\":{\"b\":1");
		for (int i = 0; text.length - start < READER_LINE_MAX - 100; i++) {
			if (way == 2)
				buffer_add_text(&text, ",\"a\":[1e64]");
			else
				buffer_format(&text, way == 0 ? ",\"a%d\":{}" : ",\"a%d\":1", i);
		}
		buffer_add_text(&text, "}}\n");
	}
	for (int i = 0; i < 4; i++) {
		struct error error = ERROR_INIT;
		struct reader *reader;
		struct row row;

		reader_open(&reader, "in", buffer_slice(&text), &json, &error);
		while (reader_next(reader, &row, &error) != STATUS_NO)
			continue;
		reader_close(reader);
		error_release(&error);
	}
	assert_true((double)clock() / CLOCKS_PER_SEC - begin < 30);
	buffer_release(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_a_line),
		cmocka_unit_test(columns_come_as_they_are_met),
		cmocka_unit_test(words_and_numbers_are_text),
		cmocka_unit_test(exponents_are_expanded),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(escapes_are_read),
		cmocka_unit_test(bad_strings_are_refused),
		cmocka_unit_test(what_may_not_be_stored_names_the_column),
		cmocka_unit_test(objects_in_objects_are_dotted_columns),
		cmocka_unit_test(arrays_of_objects_are_children),
		cmocka_unit_test(children_say_where_they_come_from),
		cmocka_unit_test(arrays_of_plain_values_are_words),
		cmocka_unit_test(a_key_comes_once),
		cmocka_unit_test(what_is_no_object_is_refused_and_reading_goes_on),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(a_row_has_at_most_256_columns),
		cmocka_unit_test(a_long_key_is_refused),
		cmocka_unit_test(a_line_has_at_most_1_mib),
		cmocka_unit_test(hostile_lines_cost_what_they_weigh),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
