#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "office/document/creditor_reference.h"

static void
assert_made(const char *number, const char *expected)
{
	char reference[CREDITOR_REFERENCE_SIZE], parsed[CREDITOR_REFERENCE_SIZE];

	assert_true(creditor_reference_make(slice_of(number), reference));
	assert_string_equal(reference, expected);
	assert_true(creditor_reference_parse(slice_of(reference), parsed));
	assert_string_equal(parsed, expected);
}

static void
assert_parsed(const char *text, const char *expected)
{
	char reference[CREDITOR_REFERENCE_SIZE];

	assert_true(creditor_reference_parse(slice_of(text), reference));
	assert_string_equal(reference, expected);
}

static void
assert_none(const char *text)
{
	char reference[CREDITOR_REFERENCE_SIZE];

	assert_false(creditor_reference_parse(slice_of(text), reference));
}

static void
a_number_makes_its_reference(void **state)
{
	(void)state;
	assert_made("INV2026000001", "RF94INV2026000001");
	assert_made("INV-2026-000001", "RF94INV2026000001");
	assert_made("inv/2026 000001", "RF94INV2026000001");
	assert_made("539007547034", "RF18539007547034");
	assert_made("发票2601/001", "RF072601001");
	assert_made("0", "RF040");
}

static void
check_digits_are_two_also_when_they_are_small(void **state)
{
	char reference[CREDITOR_REFERENCE_SIZE];
	unsigned small = 0;

	(void)state;
	for (char number[4] = "100"; number[0] <= '9'; number[0]++)
		for (number[1] = '0'; number[1] <= '9'; number[1]++)
			for (number[2] = '0'; number[2] <= '9'; number[2]++) {
				assert_true(creditor_reference_make(slice_of(number), reference));
				assert_int_equal(strlen(reference), 7);
				assert_true(creditor_reference_parse(slice_of(reference), reference));
				small += reference[2] == '0';
			}
	assert_true(small > 0);
}

static void
the_last_21_count(void **state)
{
	(void)state;
	assert_made("ABCDEFGHIJKLMNOPQRSTU", "RF95ABCDEFGHIJKLMNOPQRSTU");
	assert_made("xx-ABCDEFGHIJKLMNOPQRSTU", "RF95ABCDEFGHIJKLMNOPQRSTU");
}

static void
nothing_to_make_it_of_makes_none(void **state)
{
	char reference[CREDITOR_REFERENCE_SIZE];

	(void)state;
	assert_false(creditor_reference_make(slice_of(""), reference));
	assert_false(creditor_reference_make(slice_of("发票/-"), reference));
}

static void
banks_write_it_in_groups(void **state)
{
	(void)state;
	assert_parsed("RF18539007547034", "RF18539007547034");
	assert_parsed("RF18 5390 0754 7034", "RF18539007547034");
	assert_parsed(" rf94 inv2 0260 0000 1", "RF94INV2026000001");
}

static void
what_is_wrong_in_it_is_seen(void **state)
{
	(void)state;
	assert_none("");
	assert_none("RF18");
	assert_none("RF");
	assert_none("RF19539007547034"); /* a check digit */
	assert_none("RF18539007547043"); /* two digits the other way round */
	assert_none("FR18539007547034");
	assert_none("RFX8539007547034");
	assert_none("RF18-5390-0754-7034");
	assert_none("RF1853900754703\xc3\xa9");
	assert_none("RF22ABCDEFGHIJKLMNOPQRSTUV"); /* 22 characters */
}

/* MOD 97-10 finds every single wrong character, and every two neighbours that changed places. */
static void
every_single_slip_is_seen(void **state)
{
	static const char good[] = "RF94INV2026000001";
	static const char all[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char slip[sizeof good];

	(void)state;
	for (size_t i = 2; i < sizeof good - 1; i++) {
		memcpy(slip, good, sizeof good);
		for (const char *c = all; *c != '\0'; c++) {
			slip[i] = *c;
			if (*c != good[i] && (*c <= '9') == (good[i] <= '9'))
				assert_none(slip);
		}
	}
	for (size_t i = 4; i + 2 < sizeof good; i++) {
		memcpy(slip, good, sizeof good);
		slip[i] = good[i + 1];
		slip[i + 1] = good[i];
		if (slip[i] != slip[i + 1])
			assert_none(slip);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_makes_its_reference),
		cmocka_unit_test(check_digits_are_two_also_when_they_are_small),
		cmocka_unit_test(the_last_21_count),
		cmocka_unit_test(nothing_to_make_it_of_makes_none),
		cmocka_unit_test(banks_write_it_in_groups),
		cmocka_unit_test(what_is_wrong_in_it_is_seen),
		cmocka_unit_test(every_single_slip_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
