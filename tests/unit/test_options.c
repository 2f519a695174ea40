/* options: the same everywhere, before or after the verb, until -- */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "cli/options.h"

enum { WORDS_MAX = 16 };

/* Parses words as if they stood behind the command's name. */
static enum status
parse(struct options *options, const struct own_option *own, struct error *error, ...)
{
	static char name[] = "bo-test";
	char *argv[WORDS_MAX + 1] = { name };
	int argc = 1;
	va_list words;

	va_start(words, error);
	while (argc < WORDS_MAX && (argv[argc] = va_arg(words, char *)) != NULL)
		argc++;
	va_end(words);
	return options_parse(options, argc, argv, own, error);
}

static void
words_keep_their_order(void **state)
{
	struct error error = ERROR_INIT;
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, NULL, &error, "set", "-q", "C1", "-", "a=-1", NULL), STATUS_OK);
	assert_int_equal(options.word_count, 4);
	assert_string_equal(options.words[0], "set");
	assert_string_equal(options.words[2], "-");
	assert_string_equal(options.words[3], "a=-1");
	assert_true(options.quiet);
	options_release(&options);
	error_release(&error);
}

static void
nothing_behind_two_dashes_is_an_option(void **state)
{
	struct error error = ERROR_INIT;
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, NULL, &error, "show", "--", "-q", "--", NULL), STATUS_OK);
	assert_int_equal(options.word_count, 3);
	assert_string_equal(options.words[1], "-q");
	assert_string_equal(options.words[2], "--");
	assert_false(options.quiet);
	options_release(&options);
	error_release(&error);
}

static void
filters_and_maps_pile_up(void **state)
{
	struct error error = ERROR_INIT;
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, NULL, &error, "-w", "a", "--where=b", "--map", "x=y", "--map=z=", NULL),
	    STATUS_OK);
	assert_int_equal(options.where_count, 2);
	assert_string_equal(options.where[1], "b");
	assert_string_equal(options.reader.map[0], "x=y");
	assert_string_equal(options.reader.map[1], "z=");
	assert_null(options.reader.map[2]);
	options_release(&options);
	error_release(&error);
}

static void
waiting_is_seconds_or_a_span(void **state)
{
	static const struct {
		char text[16];
		int64_t milliseconds; /* -1: refused */
	} cases[] = {
		{ "0", 0 },
		{ "7", 7000 },
		{ "2min", 120000 },
		{ "1h30s", 3630000 },
		{ "-1s", -1 },
		{ "1mo", -1 },
		{ "soon", -1 },
		{ "", -1 },
		{ "9999999999999", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct error error = ERROR_INIT;
		struct options options;
		enum status status = parse(&options, NULL, &error, "--wait", cases[i].text, NULL);

		assert_int_equal(status, cases[i].milliseconds >= 0 ? STATUS_OK : STATUS_USAGE);
		if (status == STATUS_OK)
			assert_int_equal(options.wait, cases[i].milliseconds);
		options_release(&options);
		error_release(&error);
	}
}

static void
what_makes_no_sense_is_refused(void **state)
{
	static char const cases[][2][16] = {
		{ "--output", "xml" },
		{ "--in", "table" },
		{ "--limit", "-1" },
		{ "--limit", "x" },
		{ "--delimiter", "::" },
		{ "--delimiter", "\"" },
		{ "--decimal", ";" },
		{ "--map", "x" },
		{ "--map", "=x" },
		{ "--skip", "1.5" },
		{ "--color=green", "list" },
		{ "--quiet=1", "list" },
		{ "--nonsense", "list" },
		{ "-Z", "list" },
		{ "list", "-f" },
		{ "list", "--fields" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct error error = ERROR_INIT;
		struct options options;

		assert_int_equal(parse(&options, NULL, &error, cases[i][0], cases[i][1], NULL), STATUS_USAGE);
		assert_int_equal(error.count, 1);
		options_release(&options);
		error_release(&error);
	}
}

static void
unknown_options_get_a_suggestion(void **state)
{
	struct error error = ERROR_INIT;
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, NULL, &error, "--feilds", NULL), STATUS_USAGE);
	assert_string_equal(error.faults[0].reason, "no such option: \"--feilds\" (did you mean \"fields\"?)");
	options_release(&options);
	error_release(&error);
}

static void
a_command_has_options_of_its_own(void **state)
{
	static const struct own_option own[] = {
		{ "weeks", "N", "how many" },
		{ "deep", NULL, "all of it" },
		{ NULL, NULL, NULL },
	};
	struct error error = ERROR_INIT;
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, own, &error, "--weeks", "13", "--deep", NULL), STATUS_OK);
	assert_string_equal(options.own[0], "13");
	assert_string_equal(options.own[1], "");
	options_release(&options);
	assert_int_equal(parse(&options, own, &error, "--week=1", NULL), STATUS_OK);
	assert_string_equal(options.own[0], "1");
	assert_null(options.own[1]);
	options_release(&options);
	error_release(&error);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_keep_their_order),
		cmocka_unit_test(nothing_behind_two_dashes_is_an_option),
		cmocka_unit_test(filters_and_maps_pile_up),
		cmocka_unit_test(waiting_is_seconds_or_a_span),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(unknown_options_get_a_suggestion),
		cmocka_unit_test(a_command_has_options_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
