#include "value_fixture.h"

#define UNIT ((int128)1000000)

/* --- text --------------------------------------------------------------- */

static void
text_is_stored_as_it_is_on_one_line(void **state)
{
	static const struct example examples[] = { { "", "" }, { " a b ", " a b " }, { "a\tb", "a\tb" },
		{ "Käse “x”", "Käse “x”" }, { "a\nb", "! a line break in a one-line field" },
		{ "a\xe2\x80\xa8"
		  "b",
		    "! a line break in a one-line field" },
		{ "a\xff", "! invalid UTF-8" }, { "a\x1b[2J", "! a control character" }, { NULL, NULL } };

	(void)state;
	check(TYPE_TEXT, examples);
}

static void
a_note_folds_its_line_breaks(void **state)
{
	static const struct example examples[] = { { "a\nb\r\nc",
						       "a\xe2\x80\xa8"
						       "b\xe2\x80\xa8"
						       "c" },
		{ "a\xe2\x80\xa8"
		  "b",
		    "a\xe2\x80\xa8"
		    "b" },
		{ " a ", " a " }, { "a\nb\x01", "! a control character" }, { "a\n\xff", "! invalid UTF-8" },
		{ NULL, NULL } };

	(void)state;
	check(TYPE_NOTE, examples);
}

static void
nul_is_refused_in_every_type(void **state)
{
	struct field field = { .name = "field", .choices = sizes, .preset = "" };
	struct value_context context = context_new();
	struct slice value, reason;

	(void)state;
	for (int type = TYPE_TEXT; type <= TYPE_TAGS; type++) {
		field.type = (enum type)type;
		arena_reset(&arena);
		assert_false(
		    value_parse(&field, (struct slice){ "1\0002", 3 }, &context, &arena, &value, &reason));
	}
}

static void
breaks_that_a_reader_folded_are_still_refused(void **state)
{
	struct value_context context = context_new();

	(void)state;
	context.checked = true;
	assert_string_equal(parsed_by(TYPE_TEXT, 0,
				"a\xe2\x80\xa8"
				"b",
				&context),
	    "! a line break in a one-line field");
	assert_string_equal(parsed_by(TYPE_TEXT, 0,
				"a\xe2\x80\xa9"
				"b",
				&context),
	    "a\xe2\x80\xa9"
	    "b");
}

static void
typed_values_are_trimmed_and_may_be_empty(void **state)
{
	(void)state;
	for (int type = TYPE_INT; type <= TYPE_TAGS; type++)
		assert_string_equal(parsed((enum type)type, "  "), "");
	assert_string_equal(parsed(TYPE_INT, " 12\n"), "12");
}

static void
a_reason_shows_only_the_beginning_of_a_long_value(void **state)
{
	char text[5001];
	const char *reason;

	(void)state;
	for (size_t i = 0; i < 5000; i += 2) {
		text[i] = '\xc3';
		text[i + 1] = '\xa4';
	}
	text[0] = 'x';
	text[1] = 'y';
	text[5000] = '\0';
	reason = parsed(TYPE_INT, text);
	assert_true(strlen(reason) < 100);
	assert_string_equal(reason + strlen(reason) - strlen("ä…\""), "ä…\"");
}

/* --- numbers ------------------------------------------------------------ */

static void
whole_numbers(void **state)
{
	static const struct example examples[] = { { "12", "12" }, { "+12", "12" }, { "-0", "0" }, { "007", "7" },
		{ "12.0", "! not a whole number: \"12.0\"" }, { "12,5", "! not a whole number: \"12,5\"" },
		{ "1e3", "! not a whole number: \"1e3\"" }, { "+-1", "! not a whole number: \"+-1\"" },
		{ "+", "! not a whole number: \"+\"" }, { "9223372036854775807", "9223372036854775807" },
		{ "9223372036854775808", "! too large: \"9223372036854775808\"" }, { NULL, NULL } };

	(void)state;
	check(TYPE_INT, examples);
}

static void
quantities_have_up_to_six_decimals_and_no_zeros_behind(void **state)
{
	static const struct example examples[] = { { "1.500", "1.5" }, { "12", "12" },
		{ "0.000001", "0.000001" }, { "-0.0", "0" },
		{ "0.0000001", "! more than 6 decimals: \"0.0000001\"" }, { "1,5", "! not a number: \"1,5\"" },
		{ ".", "! not a number: \".\"" }, { "1 000", "! not a number: \"1 000\"" }, { NULL, NULL } };

	(void)state;
	check(TYPE_QTY, examples);
	check(TYPE_RATE, examples);
}

static void
money_has_the_digits_of_its_currency(void **state)
{
	static const struct example examples[] = { { "12", "12.00" }, { "12.5", "12.50" }, { "-0", "0.00" },
		{ "12.500", "12.50" }, { "1.234", "! too many decimals for this currency: \"1.234\"" },
		{ "12,5", "! not an amount: \"12,5\"" }, { "EUR 5", "! not an amount: \"EUR 5\"" },
		{ NULL, NULL } };
	struct value_context context = context_new();

	(void)state;
	check(TYPE_MONEY, examples);
	context.money_digits = 0;
	assert_string_equal(parsed_by(TYPE_MONEY, 0, "12.00", &context), "12");
	assert_string_equal(parsed_by(TYPE_MONEY, 0, "12.50", &context),
	    "! too many decimals for this currency: \"12.50\"");
	context.money_digits = 3;
	assert_string_equal(parsed_by(TYPE_MONEY, 0, "12.5", &context), "12.500");
	context.money_digits = -1;
	assert_string_equal(parsed_by(TYPE_MONEY, 0, "12", &context),
	    "! no currency is set (bo-config set currency=EUR)");
	assert_string_equal(parsed_by(TYPE_MONEY, 0, "", &context), "");
}

static void
foreign_numbers_may_have_thousands(void **state)
{
	static const struct {
		char decimal;
		const char *text, *value;
	} examples[] = {
		{ ',', "1.234.567,5", "1234567.50" },
		{ ',', "1234,5", "1234.50" },
		{ ',', "1 234,5", "1234.50" },
		{ ',', "1'234,5", "1234.50" },
		{ ',',
		    "1\xc2\xa0"
		    "234",
		    "1234.00" },
		{ ',', "-12,5", "-12.50" },
		{ ',', "+12,5", "12.50" },
		{ ',', "12.5", "! not an amount: \"12.5\"" },
		{ ',', "1.2345,5", "! not an amount: \"1.2345,5\"" },
		{ ',', "1.234 567", "! not an amount: \"1.234 567\"" },
		{ ',', "1234.567", "! not an amount: \"1234.567\"" },
		{ ',', ".123", "! not an amount: \".123\"" },
		{ ',', "1,2,3", "! not an amount: \"1,2,3\"" },
		{ ',', "12,", "! not an amount: \"12,\"" },
		{ '.', "1,234,567.5", "1234567.50" },
		{ '.', "1,5", "! not an amount: \"1,5\"" },
		{ '\0', "1,234", "! not an amount: \"1,234\"" },
		{ '\0', "1234.5", "1234.50" },
		{ ',', "1111111111111111111111111111111111111111111111",
		    "! not an amount: \"1111111111111111111111111111111111111111111111\"" },
	};
	struct spelling spelling = { .decimal = '\0' };
	struct value_context context = context_new();

	(void)state;
	context.spelling = &spelling;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		spelling.decimal = examples[i].decimal;
		assert_string_equal(parsed_by(TYPE_MONEY, 0, examples[i].text, &context), examples[i].value);
	}
	spelling.decimal = ',';
	assert_string_equal(parsed_by(TYPE_INT, 0, "1.234", &context), "1234");
	assert_string_equal(parsed_by(TYPE_INT, 0, "1,0", &context), "! not a whole number: \"1,0\"");
}

static void
truth_has_many_spellings_and_one(void **state)
{
	static const struct example examples[] = { { "true", "true" }, { "YES", "true" }, { "y", "true" },
		{ "1", "true" }, { "False", "false" }, { "no", "false" }, { "N", "false" }, { "0", "false" },
		{ "maybe", "! neither true nor false: \"maybe\"" },
		{ "2", "! neither true nor false: \"2\"" }, { NULL, NULL } };

	(void)state;
	check(TYPE_BOOL, examples);
}

/* --- time --------------------------------------------------------------- */

static void
dates_are_iso_or_relative_to_today(void **state)
{
	static const struct example examples[] = { { "2026-10-01", "2026-10-01" }, { "today", "2026-03-10" },
		{ "yesterday", "2026-03-09" }, { "tomorrow", "2026-03-11" }, { "+30d", "2026-04-09" },
		{ "-2w", "2026-02-24" }, { "+1mo", "2026-04-10" },
		{ "31/02/2026", "! not a date: \"31/02/2026\"" },
		{ "2026-02-30", "! not a date: \"2026-02-30\"" }, { "30d", "! not a date: \"30d\"" },
		{ "+3h", "! not a date: \"+3h\"" }, { "+99999y", "! not a date: \"+99999y\"" },
		{ "+-3d", "! not a date: \"+-3d\"" }, { "+", "! not a date: \"+\"" },
		{ "-", "! not a date: \"-\"" }, { "now", "! not a date: \"now\"" }, { NULL, NULL } };

	(void)state;
	check(TYPE_DATE, examples);
}

static void
foreign_dates_follow_their_pattern(void **state)
{
	struct spelling spelling = { .date_pattern = "D.M.YYYY" };
	struct value_context context = context_new();

	(void)state;
	context.spelling = &spelling;
	assert_string_equal(parsed_by(TYPE_DATE, 0, "1.10.2026", &context), "2026-10-01");
	assert_string_equal(parsed_by(TYPE_DATE, 0, "2026-10-01", &context), "2026-10-01");
	assert_string_equal(parsed_by(TYPE_DATE, 0, "31.2.2026", &context), "! not a date: \"31.2.2026\"");
	assert_string_equal(parsed_by(TYPE_TIME, 0, "1.10.2026 12:30", &context), "2026-10-01T12:30:00Z");
	assert_string_equal(parsed_by(TYPE_TIME, 0, "1.10.2026 25:30", &context),
	    "! not a time: \"1.10.2026 25:30\"");
	spelling.date_pattern = "D.M.YYYY hh:mm";
	assert_string_equal(parsed_by(TYPE_TIME, 0, "1.10.2026 12:30", &context), "2026-10-01T12:30:00Z");
}

static void
times_are_utc(void **state)
{
	static const struct example examples[] = { { "2026-10-01T12:30:00Z", "2026-10-01T12:30:00Z" },
		{ "2026-10-01T12:30:00+02:00", "2026-10-01T10:30:00Z" },
		{ "2026-10-01T12:30:00.999Z", "2026-10-01T12:30:00Z" },
		{ "2026-10-01 12:30", "2026-10-01T12:30:00Z" },
		{ "2026-10-01 12:30:05", "2026-10-01T12:30:05Z" }, { "2026-10-01", "2026-10-01T00:00:00Z" },
		{ "now", "2026-03-10T12:00:00Z" }, { "-30min", "2026-03-10T11:30:00Z" },
		{ "+1d", "2026-03-11T12:00:00Z" }, { "today", "2026-03-10T00:00:00Z" },
		{ "2026-10-01 24:00", "! not a time: \"2026-10-01 24:00\"" },
		{ "2026-10-01 1230", "! not a time: \"2026-10-01 1230\"" },
		{ "2026-10-01 ", "2026-10-01T00:00:00Z" }, { "12:30", "! not a time: \"12:30\"" },
		{ "later", "! not a time: \"later\"" }, { NULL, NULL } };

	(void)state;
	check(TYPE_TIME, examples);
}

static void
spans_have_one_spelling(void **state)
{
	static const struct example examples[] = { { "30d", "30d" }, { "2w", "14d" }, { "90min", "90min" },
		{ "12mo", "1y" }, { "+1d", "1d" }, { "-1d", "-1d" },
		{ "30", "! not a span of time such as 30d or 1y6mo: \"30\"" },
		{ "+-1d", "! not a span of time such as 30d or 1y6mo: \"+-1d\"" },
		{ "+", "! not a span of time such as 30d or 1y6mo: \"+\"" }, { NULL, NULL } };

	(void)state;
	check(TYPE_SPAN, examples);
}

/* --- words -------------------------------------------------------------- */

static void
a_choice_is_one_of_the_choices(void **state)
{
	(void)state;
	assert_string_equal(parsed(TYPE_ENUM, " high "), "high");
	assert_string_equal(parsed(TYPE_STATE, "hgh"), "! not one of low, normal, high: \"hgh\"");
	assert_string_equal(parsed(TYPE_ENUM, "High"), "! not one of low, normal, high: \"High\"");
}

static void
tags_are_sorted_and_each_once(void **state)
{
	static const struct example examples[] = { { "b a  b", "a b" }, { "vip", "vip" }, { "a b", "a b" },
		{ "ö a\tz", "a z ö" }, { NULL, NULL } };

	(void)state;
	check(TYPE_TAGS, examples);
}

/* --- as numbers --------------------------------------------------------- */

static void
assert_number(enum kind kind, const char *text, int128 wanted)
{
	int128 number = 0;

	assert_true(value_number(kind, slice_of(text), &number));
	assert_true(number == wanted);
}

static void
stored_values_compare_as_numbers(void **state)
{
	int128 number;

	(void)state;
	assert_number(KIND_NUMBER, "12.50", 12 * UNIT + UNIT / 2);
	assert_number(KIND_NUMBER, "-0.000001", -1);
	assert_number(KIND_NUMBER, "9223372036854775807", (int128)INT64_MAX * UNIT);
	assert_number(KIND_NUMBER, "true", UNIT);
	assert_number(KIND_NUMBER, "false", 0);
	assert_number(KIND_DATE, "1970-01-02", 1);
	assert_number(KIND_TIME, "1970-01-02T00:00:01Z", DAY_SECONDS + 1);
	assert_number(KIND_SPAN, "1mo", 2629746);
	assert_number(KIND_SPAN, "2d", 2 * DAY_SECONDS);
	assert_false(value_number(KIND_NUMBER, slice_of(""), &number));
	assert_false(value_number(KIND_NUMBER, slice_of("-"), &number));
	assert_false(value_number(KIND_NUMBER, slice_of("1.2.3"), &number));
	assert_false(value_number(KIND_NUMBER, slice_of("1.2345678"), &number));
	assert_false(value_number(KIND_NUMBER, slice_of("truth"), &number));
	assert_false(value_number(KIND_NUMBER, slice_of("1111111111111111111111111111111111111111"), &number));
	assert_false(value_number(KIND_DATE, slice_of("x"), &number));
	assert_false(value_number(KIND_TEXT, slice_of("1"), &number));
}

static void
numbers_come_back_in_their_spelling(void **state)
{
	int128 most = ((int128)1 << 126) - 1 + ((int128)1 << 126);

	(void)state;
	arena_reset(&arena);
	assert_true(slice_is(value_from_number(KIND_NUMBER, 7 * UNIT, &arena), "7"));
	assert_true(slice_is(value_from_number(KIND_NUMBER, 0, &arena), "0"));
	assert_true(slice_is(value_from_number(KIND_NUMBER, -UNIT / 2, &arena), "-0.5"));
	assert_true(slice_is(value_from_number(KIND_NUMBER, 1234 * UNIT + 1, &arena), "1234.000001"));
	assert_true(slice_is(value_from_number(KIND_NUMBER, -100 * UNIT, &arena), "-100"));
	assert_true(
	    slice_is(value_from_number(KIND_NUMBER, most, &arena), "170141183460469231731687303715884.105727"));
	assert_true(slice_is(value_from_number(KIND_NUMBER, -most - 1, &arena),
	    "-170141183460469231731687303715884.105728"));
	assert_true(slice_is(value_from_number(KIND_DATE, 1, &arena), "1970-01-02"));
	assert_true(slice_is(value_from_number(KIND_TIME, 1, &arena), "1970-01-01T00:00:01Z"));
	assert_true(slice_is(value_from_number(KIND_SPAN, 2 * DAY_SECONDS, &arena), "2d"));
	assert_true(slice_is(value_from_number(KIND_DATE, most, &arena), ""));
	assert_true(slice_is(value_from_number(KIND_TIME, -most, &arena), ""));
	assert_true(slice_is(value_from_number(KIND_SPAN, most, &arena), ""));
}

/* Whatever is accepted is accepted again and stays as it is. */
static void
every_spelling_is_its_own(void **state)
{
	static const char alphabet[] = "0123456789.-+,:TZ dwmoy@axE/ ";
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		char text[12], value[128];
		enum type type;
		size_t length;

		seed = seed * 1664525 + 1013904223;
		length = 1 + (seed >> 16) % (sizeof(text) - 1);
		for (size_t i = 0; i < length; i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		text[length] = '\0';
		type = (enum type)(TYPE_INT + round % (TYPE_TAGS - TYPE_INT + 1));
		if (type == TYPE_REF)
			continue;
		snprintf(value, sizeof(value), "%s", parsed(type, text));
		if (value[0] != '!' && value[0] != '\0')
			assert_string_equal(parsed(type, value), value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_stored_as_it_is_on_one_line),
		cmocka_unit_test(a_note_folds_its_line_breaks),
		cmocka_unit_test(nul_is_refused_in_every_type),
		cmocka_unit_test(breaks_that_a_reader_folded_are_still_refused),
		cmocka_unit_test(typed_values_are_trimmed_and_may_be_empty),
		cmocka_unit_test(a_reason_shows_only_the_beginning_of_a_long_value),
		cmocka_unit_test(whole_numbers),
		cmocka_unit_test(quantities_have_up_to_six_decimals_and_no_zeros_behind),
		cmocka_unit_test(money_has_the_digits_of_its_currency),
		cmocka_unit_test(foreign_numbers_may_have_thousands),
		cmocka_unit_test(truth_has_many_spellings_and_one),
		cmocka_unit_test(dates_are_iso_or_relative_to_today),
		cmocka_unit_test(foreign_dates_follow_their_pattern),
		cmocka_unit_test(times_are_utc),
		cmocka_unit_test(spans_have_one_spelling),
		cmocka_unit_test(a_choice_is_one_of_the_choices),
		cmocka_unit_test(tags_are_sorted_and_each_once),
		cmocka_unit_test(stored_values_compare_as_numbers),
		cmocka_unit_test(numbers_come_back_in_their_spelling),
		cmocka_unit_test(every_spelling_is_its_own),
	};

	return cmocka_run_group_tests(tests, value_setup, value_teardown);
}
