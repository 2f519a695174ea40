#include "value_fixture.h"

#include "base/file.h"
#include "stream/csv.h"

static void
email_addresses_are_shaped_like_rfc_5321(void **state)
{
	static const char *const bad[] = { "ann", "ann@", "@example.org", "ann@@example.org",
		"ann@example..org", "ann@-example.org", "ann.@example.org", ".ann@example.org",
		"a..b@example.org", "a b@example.org", "Ann <ann@example.org>", "ann@example.org.",
		"ann@exa_mple.org", "\"a@example.org", "\"\\\"@example.org" };
	static const struct example examples[] = { { "Ann@Example.ORG", "Ann@example.org" },
		{ "a.b+c@sub.example.org", "a.b+c@sub.example.org" },
		{ "jürgen@müller.example", "jürgen@müller.example" },
		{ "\"a b\"@example.org", "\"a b\"@example.org" }, { "a@[192.0.2.1]", "a@[192.0.2.1]" },
		{ "a@localhost", "a@localhost" }, { NULL, NULL } };
	char text[400];

	(void)state;
	check(TYPE_EMAIL, examples);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "! not an e-mail address: \"%s\"", bad[i]);
		assert_string_equal(parsed(TYPE_EMAIL, bad[i]), text);
	}
	memset(text, 'a', sizeof(text));
	memcpy(text + 65, "@b.example", 11);
	assert_memory_equal(parsed(TYPE_EMAIL, text), "! not", 5);
	assert_memory_equal(parsed(TYPE_EMAIL, text + 1), "aaaa", 4);
}

static void
telephone_numbers_are_kept_as_typed(void **state)
{
	static const struct example examples[] = { { " +49 (0)30 / 123-45 ", "+49 (0)30 / 123-45" },
		{ "555.1234 ext. 5", "555.1234 ext. 5" }, { "555 1234 x5", "555 1234 x5" },
		{ "*100#", "! not a telephone number: \"*100#\"" }, { "12", "! not a telephone number: \"12\"" },
		{ "call me 123", "! not a telephone number: \"call me 123\"" }, { NULL, NULL } };

	(void)state;
	check(TYPE_PHONE, examples);
}

static void
a_url_has_a_scheme(void **state)
{
	static const struct example examples[] = { { "https://example.org/a?b=c#d", "https://example.org/a?b=c#d" },
		{ "mailto:ann@example.org", "mailto:ann@example.org" },
		{ "example.org", "! not a URL: \"example.org\"" }, { "http:", "! not a URL: \"http:\"" },
		{ ":x", "! not a URL: \":x\"" }, { "1a:x", "! not a URL: \"1a:x\"" },
		{ "http://a b", "! not a URL: \"http://a b\"" }, { NULL, NULL } };

	(void)state;
	check(TYPE_URL, examples);
}

/* --- codes -------------------------------------------------------------- */

static void
countries_go_by_code_and_by_name(void **state)
{
	static const struct example examples[] = { { "DE", "DE" }, { "de", "DE" }, { "DEU", "DE" },
		{ "Germany", "DE" }, { "germany", "DE" }, { "UK", "GB" }, { "U.K.", "GB" },
		{ "Great Britain", "GB" }, { "USA", "US" }, { "U.S.A.", "US" }, { "Österreich", "AT" },
		{ "ÖSTERREICH", "AT" }, { "Bosnia & Herzegovina", "BA" }, { "Côte d'Ivoire", "CI" },
		{ "Korea, Republic of", "KR" }, { "Atlantis", "! not a country: \"Atlantis\"" },
		{ "XX", "! not a country: \"XX\"" }, { NULL, NULL } };

	(void)state;
	check(TYPE_COUNTRY, examples);
}

static void
currencies_exist_and_have_digits(void **state)
{
	static const struct example examples[] = { { "eur", "EUR" }, { "JPY", "JPY" },
		{ "DEM", "! not a currency: \"DEM\"" }, { "EURO", "! not a currency: \"EURO\"" },
		{ "€", "! not a currency: \"€\"" }, { NULL, NULL } };

	(void)state;
	check(TYPE_CURRENCY, examples);
	assert_int_equal(codes_currency_digits(codes, slice_of("EUR")), 2);
	assert_int_equal(codes_currency_digits(codes, slice_of("JPY")), 0);
	assert_int_equal(codes_currency_digits(codes, slice_of("KWD")), 3);
	assert_int_equal(codes_currency_digits(codes, slice_of("XXX")), -1);
	assert_int_equal(codes_currency_digits(codes, slice_of("eur")), -1);
	assert_int_equal(codes_currency_digits(codes, slice_of("")), -1);
}

static void
missing_lists_are_the_reason_given(void **state)
{
	struct codes *missing = codes_open("/nonexistent");
	struct value_context context = context_new();

	(void)state;
	context.codes = missing;
	assert_string_equal(parsed_by(TYPE_CURRENCY, 0, "EUR", &context),
	    "! /nonexistent/codes/currency.csv: No such file or directory");
	assert_string_equal(parsed_by(TYPE_COUNTRY, 0, "DE", &context),
	    "! /nonexistent/codes/currency.csv: No such file or directory");
	codes_close(missing);
}

/* --- identifiers -------------------------------------------------------- */

static void
language_tags_have_one_case(void **state)
{
	static const struct example examples[] = { { "EN", "en" }, { "en_gb", "en-GB" },
		{ "zh-hant-tw", "zh-Hant-TW" }, { "de-1996", "de-1996" }, { "es-419", "es-419" },
		{ "en-x-US", "en-x-us" }, { "english", "english" }, { "e", "! not a language tag: \"e\"" },
		{ "en-", "! not a language tag: \"en-\"" }, { "en--US", "! not a language tag: \"en--US\"" },
		{ "German (DE)", "! not a language tag: \"German (DE)\"" }, { NULL, NULL } };

	(void)state;
	check(TYPE_LANGUAGE, examples);
}

static void
an_iban_is_as_long_as_its_country_says_and_checks(void **state)
{
	static const struct example examples[] = { { "DE89 3704 0044 0532 0130 00", "DE89370400440532013000" },
		{ "gb82west12345698765432", "GB82WEST12345698765432" },
		{ "DE89370400440532013001", "! IBAN check digits do not hold: \"DE89370400440532013001\"" },
		{ "DE8937040044053201300", "! not as long as an IBAN of that country: \"DE8937040044053201300\"" },
		{ "FR.98.20041.01016.0994845V037-34", "FR9820041010160994845V03734" },
		{ "DE89/3704", "! not an IBAN: \"DE89/3704\"" }, { "1234", "! not an IBAN: \"1234\"" },
		{ NULL, NULL } };

	(void)state;
	check(TYPE_IBAN, examples);
}

static void
published_ibans_are_accepted(void **state)
{
	struct buffer file = BUFFER_INIT;
	struct slice rest, line, columns[4];
	struct arena kept = ARENA_INIT;
	size_t seen = 0;

	(void)state;
	if (!file_load("../shared/data/reference/example-ibans.csv", &file, 1 << 24)) {
		buffer_release(&file);
		skip();
	}
	rest = buffer_slice(&file);
	csv_line(&rest, &line);
	while (csv_line(&rest, &line)) {
		const char *value;
		bool holds;

		if (csv_split(line, columns, 4) != 4)
			continue;
		holds = slice_is(columns[3], "yes");
		arena_reset(&kept);
		value = parsed(TYPE_IBAN, arena_text(&kept, columns[2]));
		if (holds)
			assert_true(slice_is(columns[2], value));
		else
			assert_memory_equal(value, "! ", 2);
		seen++;
	}
	assert_true(seen > 1000);
	arena_release(&kept);
	buffer_release(&file);
}

static void
a_tax_number_is_letters_and_digits(void **state)
{
	static const struct example examples[] = { { "de 136.695-976", "DE136695976" },
		{ "DE123456789",
		    "! mistyped: the check digit of a VAT number of Germany does not hold: \"DE123456789\"" },
		{ "DE 12345678", "! not a VAT number of Germany (such as DE136695976): \"DE 12345678\"" },
		{ "12-3456789", "123456789" }, { "DEL850101AB1", "DEL850101AB1" },
		{ "A", "! not a tax number: \"A\"" }, { "DE/1", "! not a tax number: \"DE/1\"" },
		{ "123456789012345678901", "! not a tax number: \"123456789012345678901\"" }, { NULL, NULL } };

	(void)state;
	check(TYPE_TAXID, examples);
}

static void
a_blob_is_a_digest(void **state)
{
	const char *digest = "E3B0C44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

	(void)state;
	assert_string_equal(parsed(TYPE_BLOB, digest),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_string_equal(parsed(TYPE_BLOB, digest + 60), "! not the SHA-256 of a document: \"b855\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(email_addresses_are_shaped_like_rfc_5321),
		cmocka_unit_test(telephone_numbers_are_kept_as_typed),
		cmocka_unit_test(a_url_has_a_scheme),
		cmocka_unit_test(countries_go_by_code_and_by_name),
		cmocka_unit_test(currencies_exist_and_have_digits),
		cmocka_unit_test(missing_lists_are_the_reason_given),
		cmocka_unit_test(language_tags_have_one_case),
		cmocka_unit_test(an_iban_is_as_long_as_its_country_says_and_checks),
		cmocka_unit_test(published_ibans_are_accepted),
		cmocka_unit_test(a_tax_number_is_letters_and_digits),
		cmocka_unit_test(a_blob_is_a_digest),
	};

	return cmocka_run_group_tests(tests, value_setup, value_teardown);
}
