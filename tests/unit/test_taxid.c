#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/check_digit.h"
#include "base/file.h"
#include "record/taxid.h"
#include "stream/csv.h"

static struct taxids *taxids;

static int
setup(void **state)
{
	(void)state;
	taxids = taxids_open("share");
	return taxids_fault(taxids) == NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	taxids_close(taxids);
	return 0;
}

static enum taxid_verdict
judge(const char *id)
{
	return taxid_judge(taxids, slice_of(id)).verdict;
}

/* --- the sums --------------------------------------------------------------------------- */

/* The examples of the standards: ISO 7064 for 0794, ISO 7812 for the card number. */
static void
sums_are_as_published(void **state)
{
	static const unsigned weights[] = { 8, 7, 6, 5, 4, 3, 2 };

	(void)state;
	assert_true(check_mod_11_10(slice_of("07945")));
	assert_false(check_mod_11_10(slice_of("07946")));
	assert_false(check_mod_11_10(slice_of("")));
	assert_int_equal(check_luhn(slice_of("49927398716"), 10), 0);
	assert_int_equal(check_luhn(slice_of("49927398717"), 10), 1);
	assert_int_equal(check_luhn(slice_of("27AAPFU0939F1ZV"), 36), 0);
	assert_int_equal(check_modulo(slice_of("GB1"), 97), 16111 % 97);
	assert_int_equal(check_modulo(slice_of("79444"), 97), 1);
	assert_int_equal(check_weighted(slice_of("1234567"), weights, 7, 11), 112 % 11);
	assert_int_equal(check_weighted(slice_of("12"), weights, 7, 11), 0);
	assert_int_equal(check_value('Z'), 35);
	assert_int_equal(check_value('-'), -1);
}

/* --- the list ---------------------------------------------------------------------------- */

static size_t
list_load(const char *path, struct buffer *file, struct slice *rest)
{
	struct slice line;

	if (!file_load(path, file, 1 << 20))
		return 0;
	*rest = buffer_slice(file);
	return csv_line(rest, &line);
}

/* Each line has an example that holds; with another character at its end it does not. */
static void
each_line_has_a_right_one_and_wrong_ones(void **state)
{
	struct buffer file = BUFFER_INIT;
	struct slice rest, line, fields[6];
	size_t seen = 0;

	(void)state;
	assert_int_equal(list_load("share/codes/taxid.csv", &file, &rest), 1);
	for (; csv_line(&rest, &line); seen++) {
		struct arena arena = ARENA_INIT;
		char *id;
		size_t wrong = 0;

		csv_split(line, fields, 6);
		id = (char *)(uintptr_t)arena_text(&arena, fields[4]);
		if (judge(id) != TAXID_HOLDS)
			fail_msg("%s does not hold", id);
		/* Several lines for one prefix let through what one of them would not. */
		for (size_t i = fields[0].length; id[i] != '\0'; i++) {
			char right = id[i];

			if (right < '0' || right > '9')
				continue;
			id[i] = right == '9' ? '0' : (char)(right + 1);
			wrong += judge(id) != TAXID_HOLDS;
			id[i] = right;
		}
		if (wrong < 4 && !slice_is(fields[2], "none"))
			fail_msg("%s: only %zu of its digits matter", id, wrong);
		arena_release(&arena);
	}
	assert_true(seen > 40);
	buffer_release(&file);
}

static void
what_is_wrong_is_told_apart(void **state)
{
	struct taxid_finding finding;

	(void)state;
	assert_int_equal(judge("DE123456788"), TAXID_HOLDS);
	assert_int_equal(judge("DE123456789"), TAXID_DIGIT);
	assert_int_equal(judge("DE12345678"), TAXID_FORM);
	assert_int_equal(judge("DEL850101AB1"), TAXID_UNKNOWN);
	assert_int_equal(judge("123456789"), TAXID_UNKNOWN);
	assert_int_equal(judge("GB000000000"), TAXID_DIGIT);
	assert_int_equal(judge("27AAPFU0939F1ZV"), TAXID_HOLDS);
	assert_int_equal(judge("27AAPFU0939F1ZW"), TAXID_DIGIT);
	assert_int_equal(judge("77AAPFU0939F1Z1"), TAXID_DIGIT);
	finding = taxid_judge(taxids, slice_of("ATU13585628"));
	assert_int_equal(finding.verdict, TAXID_DIGIT);
	assert_true(slice_is(finding.name, "VAT number of Austria"));
	assert_true(slice_is(finding.example, "ATU13585627"));
}

/* Kinds that one line can't show: people, old forms, a second sum. */
static void
other_forms_hold_too(void **state)
{
	static const char *const right[] = { "ES54362315K", "ESX2482300W", "ESX5253868R", "ESM1234567L",
		"ESJ99216582", "ESB58378431", "FR83404833048", "FRK7399859412", "FR4Z123456782",
		"BE403019261", "CZ7103192745", "IE1114174HH", "IE8Z49289F", "IT00000010215", "LT290061371314",
		"LV07091910933", "LV32579461005", "BG101004508", "GB980780684001", "CHE193843357MWST",
		"RO24736200", "SI50223054", NULL };
	static const char *const wrong[] = { "ES54362315Z", "ESX2482300A", "ESM1234567A", "ESJ99216583",
		"FR84404833048", "FRK8399859412", "FRIO399859412", "BE403019262", "CZ7103192746",
		"IE1114174HI", "IE8Z49289G", "LV07091910934", "LT290061371315", "GB980780685001",
		"CHE193843358MWST", "RO24736201", "SI50223055", "NL004495446B01", NULL };

	(void)state;
	for (size_t i = 0; right[i] != NULL; i++)
		if (judge(right[i]) != TAXID_HOLDS)
			fail_msg("%s does not hold", right[i]);
	for (size_t i = 0; wrong[i] != NULL; i++)
		if (judge(wrong[i]) == TAXID_HOLDS)
			fail_msg("%s holds", wrong[i]);
}

/* These were made up to look right, and their check digits do not hold. */
static bool
made_up(struct slice id)
{
	static const char *const all[] = { "FRA0123456789", "FR0A012345678", "FRAB012345678", "IE0000000W",
		"LU00000000" };

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (slice_is(id, all[i]))
			return true;
	return false;
}

static void
no_published_number_is_refused(void **state)
{
	struct buffer file = BUFFER_INIT;
	struct slice rest, line, fields[3];
	size_t seen = 0, held = 0, refused = 0;

	(void)state;
	if (list_load("../shared/data/reference/vat-id-vectors.csv", &file, &rest) == 0) {
		print_message("no list of published numbers here\n");
		skip();
	}
	while (csv_line(&rest, &line)) {
		enum taxid_verdict verdict;

		if (csv_split(slice_trim(line), fields, 3) != 3)
			continue;
		verdict = taxid_judge(taxids, fields[1]).verdict;
		if (!slice_is(fields[2], "valid"))
			refused += verdict >= TAXID_FORM;
		else if (verdict >= TAXID_FORM && !made_up(fields[1]))
			fail_msg("%.*s is refused", (int)fields[1].length, fields[1].data);
		held += verdict == TAXID_HOLDS;
		seen++;
	}
	print_message("%zu numbers, %zu hold, %zu of the wrong ones are refused\n", seen, held, refused);
	assert_true(seen > 2000 && held > 1500 && refused > 150);
	buffer_release(&file);
}

static void
a_list_that_is_wrong_says_where(void **state)
{
	struct taxids *none = taxids_open("no/such/share");

	(void)state;
	assert_string_equal(taxids_fault(none), "no/such/share/codes/taxid.csv: No such file or directory");
	taxids_close(none);
	taxids_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_as_published),
		cmocka_unit_test(each_line_has_a_right_one_and_wrong_ones),
		cmocka_unit_test(what_is_wrong_is_told_apart),
		cmocka_unit_test(other_forms_hold_too),
		cmocka_unit_test(no_published_number_is_refused),
		cmocka_unit_test(a_list_that_is_wrong_says_where),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
