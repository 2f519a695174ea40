/* csv_reader: the quick way against libcsv, and what somebody hostile may write */
#include "reader_fixture.h"

#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/memory.h"

static const struct reader_options plain = { .format = FORMAT_AUTO };

/* --- the quick way and libcsv ----------------------------------------------------- */

static void
assert_same_both_ways(struct slice bytes, const struct reader_options *options)
{
	struct buffer quick = BUFFER_INIT, thorough = BUFFER_INIT;

	show_reader(&quick, bytes, options, false);
	show_reader(&thorough, bytes, options, true);
	assert_string_equal(quick.data, thorough.data);
	buffer_release(&quick);
	buffer_release(&thorough);
}

static uint64_t seed = 0x9e3779b97f4a7c15;

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
the_quick_way_reads_what_libcsv_reads(void **state)
{
	static const char *const pieces[] = { "a", ",", ",", "\"", "\"", "\"\"", "\",\"", " ", "\r", "\n",
		"\n", "\r\n", "é", "\t", ";", "\u2028", "\x01", "\"\n", "more than sixteen" };
	static const struct reader_options ways[] = { { .format = FORMAT_CSV },
		{ .format = FORMAT_CSV, .delimiter = ';' }, { .format = FORMAT_CSV, .delimiter = 'a' } };
	struct buffer text = BUFFER_INIT;

	(void)state;
	for (int round = 0; round < 40000; round++) {
		const struct reader_options *options = &ways[next(COUNT(ways))];
		uint64_t length = next(round % 8 == 0 ? 100 : 24);

		buffer_clear(&text);
		buffer_format(&text, next(2) == 0 ? "x%cy\n" : "x\n",
		    options->delimiter != 0 ? options->delimiter : ',');
		while (length-- > 0)
			buffer_add_text(&text, pieces[next(COUNT(pieces))]);
		assert_same_both_ways(buffer_slice(&text), options);
	}
	buffer_release(&text);
}

#define SPECTRUM "../shared/data/torture/csv-spectrum"

static void
csv_spectrum_reads_as_its_json_says(void **state)
{
	static const char *const names[] = { "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes",
		"json", "newlines", "newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf", "utf8" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		char *csv = memory_format(SPECTRUM "/csvs/%s.csv", names[i]);
		char *json = memory_format(SPECTRUM "/json/%s.json", names[i]);
		struct buffer bytes = BUFFER_INIT, text = BUFFER_INIT, line = BUFFER_INIT, got = BUFFER_INIT,
			      want = BUFFER_INIT;

		if (!file_load(csv, &bytes, 1 << 20) || !file_load(json, &text, 1 << 20)) {
			print_message("there is no %s\n", csv);
			free(csv);
			free(json);
			buffer_release(&bytes);
			skip();
		}
		/* [ {…}, {…} ] over many lines, as one object on one. */
		buffer_add_text(&line, "{\"r\":");
		for (size_t k = 0; k < text.length; k++)
			buffer_add_char(&line, text.data[k] == '\n' ? ' ' : text.data[k]);
		buffer_add_char(&line, '}');
		show_reader(&got, buffer_slice(&bytes), &plain, false);
		show_reader(&want, buffer_slice(&line), &plain, false);
		assert_same_both_ways(buffer_slice(&bytes), &plain);
		assert_null(strstr(got.data, "!"));
		assert_null(strstr(want.data, "!"));
		/* "{1|2} {3|4}" against the rows, after their line numbers */
		buffer_clear(&text);
		for (char *at = strchr(got.data, '\n'); at != NULL && at[1] != '\0'; at = strchr(at + 1, '\n'))
			buffer_format(&text, " {%.*s}", (int)strcspn(strstr(at, ": ") + 2, "\n"),
			    strstr(at, ": ") + 2);
		buffer_add_char(&text, '\n');
		assert_string_equal(strchr(want.data, '{') - 1, text.data);
		buffer_release(&bytes);
		buffer_release(&text);
		buffer_release(&line);
		buffer_release(&got);
		buffer_release(&want);
		free(csv);
		free(json);
	}
}

/* --- what somebody hostile may write ---------------------------------------------- */

/* Reads all; returns how many rows there were, good or bad. */
static size_t
count_rows(struct slice bytes)
{
	struct error error = ERROR_INIT;
	struct reader *reader;
	struct row row;
	size_t count = 0;

	assert_int_equal(reader_open(&reader, "in", bytes, &plain, &error), STATUS_OK);
	while (reader_next(reader, &row, &error) != STATUS_NO)
		count++;
	reader_close(reader);
	error_release(&error);
	return count;
}

static double
processor_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

/*
 * Bytes that would cost hours if each line led to another look at the MiB behind it, and
 * gigabytes if each value got the room of its line: all of this takes a second or two.
 */
static void
hostile_input_costs_time_in_proportion_to_its_length(void **state)
{
	static const char *const units[] = { "\"\n", "\",\"\n", "\"\"\"\n", "x,\"\n", "\"x\ny\n", "\"\"\"\",",
		"\"\r\n", "\"x\n\"\"\n\"\"\n", "\"\ny\n\"\"y\n", ",", "\"", "\"\"", "\r", "\"é\n" };
	double begin = processor_seconds();

	(void)state;
	for (size_t i = 0; i < COUNT(units); i++) {
		struct buffer text = BUFFER_INIT;

		buffer_add_text(&text, "a\n");
		for (int line = 0; text.length < 3 << 20; line++) {
			buffer_add_text(&text, units[i]);
			/* what has no line end of its own gets one now and then */
			if (line % 50000 == 49999)
				buffer_add_char(&text, '\n');
		}
		count_rows(buffer_slice(&text));
		buffer_release(&text);
	}
	assert_true(processor_seconds() - begin < 60);
}

static void
an_unclosed_quote_over_many_lines_costs_two_looks(void **state)
{
	double begin = processor_seconds();
	struct buffer text = BUFFER_INIT;

	(void)state;
	buffer_add_text(&text, "a\n\"open\n");
	while (text.length < 16 << 20)
		buffer_add_text(&text, "\"\"\n");
	assert_int_equal(count_rows(buffer_slice(&text)), 1 + (text.length - 8) / 3);
	buffer_release(&text);
	assert_true(processor_seconds() - begin < 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_quick_way_reads_what_libcsv_reads),
		cmocka_unit_test(csv_spectrum_reads_as_its_json_says),
		cmocka_unit_test(hostile_input_costs_time_in_proportion_to_its_length),
		cmocka_unit_test(an_unclosed_quote_over_many_lines_costs_two_looks),
	};

	return cmocka_run_group_tests_name("csv_reader", tests, NULL, NULL);
}
