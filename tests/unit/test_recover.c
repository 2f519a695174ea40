/* test_recover: what a crash may leave, and what it can't have left */
#include "store_fixture.h"

/* One transaction in "note" whose process ends between append and sync. */
static void
append_and_die(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	uint64_t tx;

	if (fixture_append(fixture, store, &tx, PAIRS("note", "unfinished")) != STATUS_OK)
		_exit(99);
	_exit(0);
}

static void
add_one(struct fixture *fixture, const char *text)
{
	struct store *store = fixture_open(fixture);

	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", text)), STATUS_OK);
	store_close(store);
}

/* How often text occurs in a file. */
static size_t
occurrences(struct fixture *fixture, const char *name, const char *text)
{
	struct buffer bytes = BUFFER_INIT;
	size_t count = 0;

	fixture_read(fixture, name, &bytes);
	for (const char *at = bytes.data; (at = strstr(at, text)) != NULL; at++)
		count++;
	buffer_release(&bytes);
	return count;
}

static void
test_what_was_appended_whole_survives_its_writer(void **state)
{
	struct fixture *fixture = *state;

	fixture_fill(fixture, 2);
	assert_int_equal(fixture_child(append_and_die, fixture), 0);
	assert_int_equal(fixture_tx(fixture), 3);
}

static void
test_a_killed_writers_tail_is_cut_into_torn(void **state)
{
	struct fixture *fixture = *state;
	off_t audit, note;
	struct store *store;

	fixture_fill(fixture, 2);
	audit = fixture_size(fixture, "audit.csv");
	note = fixture_size(fixture, "note.csv");
	assert_int_equal(fixture_child(append_and_die, fixture), 0);
	fixture_truncate(fixture, "audit.csv", fixture_size(fixture, "audit.csv") - 9);
	assert_int_equal(fixture_tx(fixture), 2);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "next")), STATUS_OK);
	assert_non_null(strstr(store_warnings(store).data, "of an unfinished transaction off audit.csv"));
	assert_non_null(strstr(store_warnings(store).data, "of an unfinished transaction off note.csv"));
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 3);
	assert_int_equal(occurrences(fixture, "note.csv", "unfinished"), 0);
	assert_int_equal(occurrences(fixture, "note.csv", "R3,3,next\n"), 1);
	{
		char name[64];

		snprintf(name, sizeof name, "torn/note.csv.%lld.1", (long long)note);
		assert_int_equal(occurrences(fixture, name, "unfinished"), 1);
		snprintf(name, sizeof name, "torn/audit.csv.%lld.1", (long long)audit);
		assert_int_equal(occurrences(fixture, name, "3,20"), 1);
	}
}

/* The machine stops after transaction 4 was appended, none of it synced: any length of audit.csv may remain. */
static void
test_audit_cut_at_any_byte_after_the_floor_opens(void **state)
{
	struct fixture *fixture = *state;
	struct buffer whole = BUFFER_INIT, note = BUFFER_INIT, bytes = BUFFER_INIT;
	off_t floor;

	fixture_fill(fixture, 3);
	floor = fixture_size(fixture, "audit.csv");
	assert_int_equal(fixture_child(append_and_die, fixture), 0);
	fixture_read(fixture, "audit.csv", &whole);
	fixture_read(fixture, "note.csv", &note);
	for (off_t length = floor; length <= (off_t)whole.length; length++) {
		fixture_write(fixture, "audit.csv", (struct slice){ whole.data, (size_t)length });
		fixture_write(fixture, "note.csv", buffer_slice(&note));
		fixture_write(fixture, "watermark", (struct slice){ "", 0 });
		fixture_forget_head(fixture);
		assert_int_equal(fixture_tx(fixture), length == (off_t)whole.length ? 4 : 3);
		add_one(fixture, "after");
		assert_int_equal(fixture_tx(fixture), length == (off_t)whole.length ? 5 : 4);
		fixture_read(fixture, "audit.csv", &bytes);
		assert_memory_equal(bytes.data, whole.data, (size_t)floor);
	}
	buffer_release(&whole);
	buffer_release(&note);
	buffer_release(&bytes);
}

static void
test_a_chunk_that_is_not_there_is_a_torn_tail(void **state)
{
	struct fixture *fixture = *state;
	off_t before;

	fixture_fill(fixture, 3);
	before = fixture_size(fixture, "note.csv");
	assert_int_equal(fixture_child(append_and_die, fixture), 0);
	fixture_flip(fixture, "note.csv", before + 3);
	fixture_reboot(fixture);
	assert_int_equal(fixture_tx(fixture), 3);
	add_one(fixture, "next");
	assert_int_equal(fixture_tx(fixture), 4);
	assert_int_equal(occurrences(fixture, "note.csv", "next"), 1);
}

static void
test_a_chunk_that_is_missing_altogether_is_a_torn_tail(void **state)
{
	struct fixture *fixture = *state;
	off_t before;

	fixture_fill(fixture, 3);
	before = fixture_size(fixture, "note.csv");
	assert_int_equal(fixture_child(append_and_die, fixture), 0);
	fixture_truncate(fixture, "note.csv", before + 2);
	fixture_unlink(fixture, "watermark");
	assert_int_equal(fixture_tx(fixture), 3);
}

/* The newline arrived, an earlier sector did not. */
static void
test_zeros_in_the_last_line_are_a_torn_tail(void **state)
{
	struct fixture *fixture = *state;
	struct buffer audit = BUFFER_INIT;
	off_t before;

	fixture_fill(fixture, 3);
	before = fixture_size(fixture, "audit.csv");
	assert_int_equal(fixture_child(append_and_die, fixture), 0);
	fixture_read(fixture, "audit.csv", &audit);
	memset(audit.data + before, 0, audit.length - (size_t)before - 20);
	fixture_write(fixture, "audit.csv", buffer_slice(&audit));
	fixture_unlink(fixture, "watermark");
	assert_int_equal(fixture_tx(fixture), 3);
	add_one(fixture, "next");
	assert_int_equal(fixture_tx(fixture), 4);
	buffer_release(&audit);
}

/* Transaction 5 says that 4 was on disk: whatever is wrong with 4 is damage, and nothing is cut. */
static void
test_damage_in_durable_history_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct buffer audit = BUFFER_INIT, bytes = BUFFER_INIT;
	struct store *store;
	struct snapshot *snapshot;
	size_t begin, end;

	fixture_fill(fixture, 5);
	fixture_read(fixture, "audit.csv", &audit);
	end = (size_t)((char *)memrchr(audit.data, '\n', audit.length - 1) - audit.data);
	begin = (size_t)((char *)memrchr(audit.data, '\n', end) - audit.data) + 1;
	for (size_t at = begin; at < end; at++) {
		fixture_write(fixture, "audit.csv", buffer_slice(&audit));
		fixture_flip(fixture, "audit.csv", (off_t)at);
		fixture_write(fixture, "watermark", (struct slice){ "", 0 });
		fixture_forget_head(fixture);
		store = fixture_open(fixture);
		if (snapshot_open(store, &snapshot, &fixture->error) != STATUS_SYSTEM)
			fail_msg("a flip of byte %zu in line 4 of 5 went unnoticed", at - begin);
		assert_status(fixture, store_lock(store, INT64_MAX, &fixture->error), STATUS_SYSTEM);
		assert_reason(fixture, "audit.csv");
		store_close(store);
		fixture_read(fixture, "audit.csv", &bytes);
		assert_int_equal(bytes.length, audit.length);
	}
	buffer_release(&audit);
	buffer_release(&bytes);
}

static void
test_a_line_is_missed_where_the_next_says_it_was_on_disk(void **state)
{
	struct fixture *fixture = *state;
	struct buffer audit = BUFFER_INIT, bytes = BUFFER_INIT;
	struct store *store;
	size_t begin, end;

	fixture_fill(fixture, 5);
	fixture_read(fixture, "audit.csv", &audit);
	end = (size_t)((char *)memrchr(audit.data, '\n', audit.length - 1) - audit.data);
	begin = (size_t)((char *)memrchr(audit.data, '\n', end) - audit.data) + 1;
	memset(audit.data + begin, ' ', end - begin);
	fixture_write(fixture, "audit.csv", buffer_slice(&audit));
	fixture_write(fixture, "watermark", (struct slice){ "", 0 });
	fixture_forget_head(fixture);
	store = fixture_open(fixture);
	assert_status(fixture, store_lock(store, INT64_MAX, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "audit.csv");
	store_close(store);
	fixture_read(fixture, "audit.csv", &bytes);
	assert_int_equal(bytes.length, audit.length);
	buffer_release(&audit);
	buffer_release(&bytes);
}

static void
test_a_bad_chunk_that_was_on_disk_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct buffer audit = BUFFER_INIT;
	struct store *store;

	fixture_fill(fixture, 3);
	fixture_read(fixture, "watermark", &audit); /* of transaction 3 */
	assert_int_equal(fixture_child(append_and_die, fixture), 0);
	fixture_tx(fixture); /* a reader syncs 4 */
	add_one(fixture, "five says that four was on disk");
	fixture_write(fixture, "watermark", buffer_slice(&audit));
	fixture_reboot(fixture);
	fixture_flip(fixture, "note.csv", fixture_size(fixture, "note.csv") - 50);
	store = fixture_open(fixture);
	(void)store_lock(store, INT64_MAX, &fixture->error);
	store_unlock(store);
	store_close(store);
	assert_int_equal(fixture_verify(fixture), STATUS_NO);
	buffer_release(&audit);
}

static void
test_a_log_cut_short_stops_its_writer_and_its_reader(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;
	struct slice log;

	fixture_fill(fixture, 3);
	fixture_truncate(fixture, "note.csv", fixture_size(fixture, "note.csv") - 1);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, snapshot_log(snapshot, "note", &log, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "note.csv: ");
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "x")), STATUS_SYSTEM);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("other", "x")), STATUS_OK);
	snapshot_close(snapshot);
	store_close(store);
}

/* A writer was killed after it had made a new log, and after it had filled it. */
static void
test_a_new_logs_leftovers_are_not_adopted(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;

	fixture_fill(fixture, 1);
	fixture_write(fixture, "ticket.csv", slice_of(""));
	store = fixture_open(fixture);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("ticket", "one")), STATUS_OK);
	fixture_write(fixture, "order.csv", slice_of("id,tx,text\nR3,3,ghost\n"));
	assert_status(fixture, fixture_add(fixture, store, PAIRS("order", "two")), STATUS_OK);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 3);
	assert_int_equal(occurrences(fixture, "order.csv", "ghost"), 0);
	assert_int_equal(occurrences(fixture, "torn/order.csv.0.1", "ghost"), 1);
}

static void
test_lines_added_by_hand_are_not_shown_and_not_lost(void **state)
{
	struct fixture *fixture = *state;
	struct buffer note = BUFFER_INIT;
	off_t length;
	char name[64];

	fixture_fill(fixture, 2);
	length = fixture_size(fixture, "note.csv");
	fixture_read(fixture, "note.csv", &note);
	buffer_add_text(&note, "R99,99,by hand\n");
	fixture_write(fixture, "note.csv", buffer_slice(&note));
	assert_int_equal(fixture_tx(fixture), 2);
	add_one(fixture, "next");
	assert_int_equal(fixture_tx(fixture), 3);
	assert_int_equal(occurrences(fixture, "note.csv", "by hand"), 0);
	snprintf(name, sizeof name, "torn/note.csv.%lld.1", (long long)length);
	assert_int_equal(occurrences(fixture, name, "by hand"), 1);
	buffer_release(&note);
}

/* Far more transactions than the first window of bytes that is looked at. */
static void
test_the_floor_is_found_far_back(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	char text[64];
	uint64_t tx = 0;

	for (int i = 0; i < 700; i++) {
		snprintf(text, sizeof text, "unsettled %d", i);
		assert_status(fixture,
		    fixture_append(fixture, store, &tx, PAIRS(i % 2 ? "note" : "ticket", text)), STATUS_OK);
	}
	store_close(store);
	fixture_unlink(fixture, "watermark");
	fixture_truncate(fixture, "audit.csv", fixture_size(fixture, "audit.csv") - 1);
	fixture_forget_head(fixture);
	assert_int_equal(fixture_tx(fixture), 699);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_was_appended_whole_survives_its_writer,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_killed_writers_tail_is_cut_into_torn, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_audit_cut_at_any_byte_after_the_floor_opens,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_chunk_that_is_not_there_is_a_torn_tail, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_chunk_that_is_missing_altogether_is_a_torn_tail,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_zeros_in_the_last_line_are_a_torn_tail, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_damage_in_durable_history_is_refused, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_line_is_missed_where_the_next_says_it_was_on_disk,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_bad_chunk_that_was_on_disk_is_refused, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_log_cut_short_stops_its_writer_and_its_reader,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_new_logs_leftovers_are_not_adopted, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_lines_added_by_hand_are_not_shown_and_not_lost,
		    fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_the_floor_is_found_far_back, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
