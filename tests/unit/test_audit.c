/* test_audit: lines of the audit log, taken apart, found, chained */
#include "store_fixture.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TIME "2026-01-02T03:04:05.678Z"

static void
test_a_line_is_taken_apart(void **state)
{
	static const char text[] = "7," TIME ",root(ada),invoice issue,k-1,\"say \"\"hi\"\", all\",note:0:5:" HEX
				   ",6," HEX;
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;

	(void)state;
	assert_true(audit_parse(slice_of(text), &line, &scratch));
	assert_int_equal(line.tx, 7);
	assert_int_equal(line.synced, 6);
	assert_true(slice_is(line.time, TIME));
	assert_true(slice_is(line.actor, "root(ada)"));
	assert_true(slice_is(line.command, "invoice issue"));
	assert_true(slice_is(line.key, "k-1"));
	assert_true(slice_is(line.reason, "say \"hi\", all"));
	assert_true(slice_is(line.changes, "note:0:5:" HEX));
	assert_true(slice_is(line.hash, HEX));
	assert_true(slice_is(line.raw, text));
	buffer_release(&scratch);
}

static void
test_two_quoted_fields_both_stay(void **state)
{
	static const char text[] = "1," TIME ",a,\"x\"\"1\",\"y\"\"2\",\"z\"\"3\",,0," HEX;
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;

	(void)state;
	assert_true(audit_parse(slice_of(text), &line, &scratch));
	assert_true(slice_is(line.command, "x\"1"));
	assert_true(slice_is(line.key, "y\"2"));
	assert_true(slice_is(line.reason, "z\"3"));
	buffer_release(&scratch);
}

static void
test_what_is_no_line_has_tx_0(void **state)
{
	static const char *const bad[] = {
		"",
		",",
		"x",
		"0," TIME ",a,b,,,,0," HEX,
		"01," TIME ",a,b,,,,0," HEX,
		"1," TIME ",a,b,,,,0",
		"1," TIME ",a,b,,,,0,," HEX,
		"1," TIME ",a,b,,,,-1," HEX,
		"1,yesterday,a,b,,,,0," HEX,
		"1," TIME ",a,b,,,,0,G" HEX,
		"99999999999999999999," TIME ",a,b,,,,0," HEX,
		"18446744073709551616," TIME ",a,b,,,,0," HEX,
	};
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_false(audit_parse(slice_of(bad[i]), &line, &scratch));
		assert_int_equal(line.tx, 0);
	}
	buffer_release(&scratch);
}

static void
test_next_passes_over_the_header_and_ends(void **state)
{
	struct slice rest = slice_of(
	    AUDIT_HEADER "1," TIME ",a,b,,,,0," HEX "\nnonsense\n2," TIME ",a,b,,,,0," HEX);
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;

	(void)state;
	assert_true(audit_next(&rest, &line, &scratch));
	assert_int_equal(line.tx, 1);
	assert_true(audit_next(&rest, &line, &scratch));
	assert_int_equal(line.tx, 0);
	assert_true(slice_is(line.raw, "nonsense"));
	assert_true(audit_next(&rest, &line, &scratch)); /* without its newline it is not whole */
	assert_int_equal(line.tx, 0);
	assert_false(audit_next(&rest, &line, &scratch));
	buffer_release(&scratch);
}

static void
test_every_transaction_is_found_and_no_other(void **state)
{
	struct buffer audit = BUFFER_INIT, scratch = BUFFER_INIT;
	struct audit_line line;

	(void)state;
	assert_false(audit_find(slice_of(AUDIT_HEADER), 1, &line, &scratch));
	for (uint64_t count = 0; count < 40; count++) {
		buffer_clear(&audit);
		buffer_add_text(&audit, AUDIT_HEADER);
		for (uint64_t tx = 1; tx <= count; tx++)
			buffer_format(&audit, "%" PRIu64 "," TIME ",a,b,,%.*s,,0," HEX "\n", tx,
			    (int)(tx * 7 % 60), HEX);
		for (uint64_t tx = 1; tx <= count; tx++) {
			assert_true(audit_find(buffer_slice(&audit), tx, &line, &scratch));
			assert_int_equal(line.tx, tx);
		}
		assert_false(audit_find(buffer_slice(&audit), 0, &line, &scratch));
		assert_false(audit_find(buffer_slice(&audit), count + 1, &line, &scratch));
	}
	buffer_release(&audit);
	buffer_release(&scratch);
}

static void
test_changes_come_one_by_one(void **state)
{
	struct slice changes = slice_of("note:0:5:" HEX ";ticket_2:18446744073709551615:0:" HEX);
	struct audit_change change;

	(void)state;
	assert_true(audit_change_next(&changes, &change));
	assert_true(slice_is(change.table, "note"));
	assert_int_equal(change.length, 5);
	assert_true(audit_change_next(&changes, &change));
	assert_true(slice_is(change.table, "ticket_2"));
	assert_true(change.offset == UINT64_MAX);
	assert_true(slice_is(change.digest, HEX));
	assert_false(audit_change_next(&changes, &change));
}

static void
test_nonsense_in_changes_stops(void **state)
{
	static const char *const bad[] = {
		"note",
		"note:0:5",
		"note:0:5:abc",
		"note:x:5:" HEX,
		"note:0:05:" HEX,
		"Note:0:5:" HEX,
		"../x:0:5:" HEX,
		"audit:0:5:" HEX,
		":0:5:" HEX,
		";note:0:5:" HEX,
		"note:0:5:" HEX ":1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct slice changes = slice_of(bad[i]);
		struct audit_change change;

		assert_false(audit_change_next(&changes, &change));
		assert_true(slice_is(changes, bad[i])); /* what is left shows that it was not the end */
	}
}

static void
test_the_hash_covers_the_line_before_and_all_but_itself(void **state)
{
	static const char text[] = "1," TIME ",a,b,,,,0," HEX;
	char hash[HASH_HEX + 1], wanted[HASH_HEX + 1];

	(void)state;
	audit_chain("uuid", slice_of(text), hash);
	hash_text(slice_of("uuid1," TIME ",a,b,,,,0,"), wanted);
	assert_string_equal(hash, wanted);
}

/* Whatever the values are, what store_append writes reads back the same. */
static void
test_fields_survive_writing_and_reading(void **state)
{
	static const char *const values[] = { "plain", "with, comma", "\"quoted\"", "\"", "tab\there",
		"Zoë, \"x\"", "" };
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct buffer scratch = BUFFER_INIT;

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct transaction transaction = { .command = "test", .key = values[i], .reason = values[i] };
		struct snapshot *snapshot = fixture_snapshot(fixture, store);
		struct audit_line line;
		uint64_t tx;

		assert_status(fixture, store_lock(store, INT64_MAX, &fixture->error), STATUS_OK);
		assert_status(fixture, snapshot_to_head(snapshot, &fixture->error), STATUS_OK);
		assert_status(fixture, store_append(store, snapshot, &transaction, &tx, &fixture->error),
		    STATUS_OK);
		assert_status(fixture, store_settle(store, tx, INT64_MAX, &fixture->error), STATUS_OK);
		assert_status(fixture, snapshot_refresh(snapshot, &fixture->error), STATUS_OK);
		assert_true(audit_find(snapshot_audit(snapshot), tx, &line, &scratch));
		assert_true(slice_is(line.key, values[i]));
		assert_true(slice_is(line.reason, values[i]));
		snapshot_close(snapshot);
	}
	store_close(store);
	buffer_release(&scratch);
	assert_int_equal(fixture_tx(fixture), sizeof values / sizeof *values);
}

static void
test_a_name_of_a_table_is_small_letters_digits_and_bars(void **state)
{
	static const char *const good[] = { "a", "note", "note_2", "z9_" };
	static const char *const bad[] = { "", "Note", "{note", "_note", "9note", "no-te", "no:te", "noTe",
		"no{te", "audit", HEX "x" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(table_name_valid(slice_of(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(table_name_valid(slice_of(bad[i])));
}

static void
test_a_field_that_is_empty_in_quotes_is_empty(void **state)
{
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;

	(void)state;
	assert_true(audit_parse(slice_of("1," TIME ",a,b,\"\",,,0," HEX), &line, &scratch));
	assert_int_equal(line.key.length, 0);
	buffer_release(&scratch);
}

static void
test_nothing_is_found_in_what_is_no_audit_log(void **state)
{
	static const char *const bad[] = { "", "x", "1", AUDIT_HEADER "garbage\n", AUDIT_HEADER "no newline" };
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(audit_find(slice_of(bad[i]), 1, &line, &scratch));
	buffer_release(&scratch);
}

static void
test_the_line_before_is_whole_or_none(void **state)
{
	struct slice line;
	char hash[HASH_HEX + 1];

	(void)state;
	assert_false(audit_line_before(slice_of("abc"), 3, true, &line));
	assert_false(audit_line_before(slice_of("abc\n"), 0, true, &line));
	assert_false(audit_line_before(slice_of("abc\n"), 4, false, &line));
	assert_true(audit_line_before(slice_of("\n"), 1, true, &line));
	assert_int_equal(line.length, 0);
	assert_true(audit_line_before(slice_of("a\nbc\n"), 5, false, &line));
	assert_true(slice_is(line, "bc"));
	assert_false(audit_hash_of(slice_of("short"), hash));
	assert_false(audit_hash_of(slice_of("x" HEX "Z"), hash));
	assert_true(audit_hash_of(slice_of("x," HEX), hash));
}

/* However long: what is longer than a line may be is not read on. */
static void
test_the_reader_ends_where_no_line_ends(void **state)
{
	struct fixture *fixture = *state;
	char *text = memory_new(2 * (size_t)STORE_LINE_MAX + 1), *path = fixture_path(fixture, "long");
	struct audit_reader reader;
	struct slice raw;

	memset(text, 'x', 2 * (size_t)STORE_LINE_MAX);
	memcpy(text, "one\n", 4);
	fixture_write(fixture, "long", slice_of(text));
	audit_reader_init(&reader, open(path, O_RDONLY | O_CLOEXEC), 0);
	assert_status(fixture, audit_reader_next(&reader, &raw, &fixture->error), STATUS_OK);
	assert_true(slice_is(raw, "one"));
	assert_status(fixture, audit_reader_next(&reader, &raw, &fixture->error), STATUS_NO);
	assert_false(reader.ended);
	close(reader.fd);
	audit_reader_release(&reader);
	free(text);
	free(path);
}

/* A line that goes over the end that was set is not there yet. */
static void
test_the_reader_stops_where_it_is_told(void **state)
{
	static const struct {
		uint64_t end;
		unsigned lines;
	} cases[] = { { 0, 0 }, { 3, 0 }, { 4, 1 }, { 7, 1 }, { 8, 2 }, { 9, 2 }, { 100, 2 }, { UINT64_MAX, 2 } };
	struct fixture *fixture = *state;
	char *path = fixture_path(fixture, "two");
	int fd;

	fixture_write(fixture, "two", slice_of("one\ntwo\nhalf"));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct audit_reader reader;
		struct slice raw;
		unsigned lines = 0;

		audit_reader_init(&reader, fd, 0);
		reader.end = cases[i].end;
		while (audit_reader_next(&reader, &raw, &fixture->error) == STATUS_OK)
			lines++;
		assert_int_equal(lines, cases[i].lines);
		audit_reader_release(&reader);
	}
	close(fd);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_is_taken_apart),
		cmocka_unit_test(test_two_quoted_fields_both_stay),
		cmocka_unit_test(test_what_is_no_line_has_tx_0),
		cmocka_unit_test(test_next_passes_over_the_header_and_ends),
		cmocka_unit_test(test_every_transaction_is_found_and_no_other),
		cmocka_unit_test(test_changes_come_one_by_one),
		cmocka_unit_test(test_nonsense_in_changes_stops),
		cmocka_unit_test(test_the_hash_covers_the_line_before_and_all_but_itself),
		cmocka_unit_test(test_a_name_of_a_table_is_small_letters_digits_and_bars),
		cmocka_unit_test(test_a_field_that_is_empty_in_quotes_is_empty),
		cmocka_unit_test(test_nothing_is_found_in_what_is_no_audit_log),
		cmocka_unit_test(test_the_line_before_is_whole_or_none),
		cmocka_unit_test_setup_teardown(test_the_reader_ends_where_no_line_ends, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_the_reader_stops_where_it_is_told, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_fields_survive_writing_and_reading, fixture_setup,
		    fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
