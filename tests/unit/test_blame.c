/* test_blame: the first transaction that is not as it was written, whatever state the files are in */
#include "fault_fixture.h"

#include "history_fixture.h"

#include "store/checkpoint.h"

static void
begin(struct fixture *fixture, struct history *history)
{
	struct store *store = fixture_open(fixture);

	history_begin(history, store_uuid(store));
	store_close(store);
}

/* --- blame -------------------------------------------------------------------------------- */

static enum status
blame(struct fixture *fixture, uint64_t *good)
{
	struct store *store = fixture_open(fixture);
	enum status status = store_blame(store, good, &fixture->error);

	store_close(store);
	return status;
}

static void
test_blame_names_what_is_wrong_with_a_line(void **state)
{
	struct fixture *fixture = *state;
	struct history history;
	uint64_t good;

	begin(fixture, &history);
	history_add(&history, "", "ghost:0:0:" HISTORY_HEX, 0);
	history_add(&history, "", "", 1);
	history_add(&history, "", "", 0);
	history_write(fixture, &history);
	assert_status(fixture, blame(fixture, &good), STATUS_NO);
	assert_reason(fixture, "transaction 3: audit.csv: line 4");
	assert_reason(fixture, "less was on disk");
	assert_int_equal(good, 2);
	history_release(&history);
	begin(fixture, &history);
	history_add(&history, "", "", 0);
	buffer_add_text(&history.audit, "nonsense\n");
	history_write(fixture, &history);
	assert_status(fixture, blame(fixture, &good), STATUS_NO);
	assert_reason(fixture, "transaction 2: audit.csv: line 3");
	assert_reason(fixture, "not a line of an audit log");
	history.audit.data[0] = 'T';
	history_write(fixture, &history);
	assert_status(fixture, blame(fixture, &good), STATUS_NO);
	assert_reason(fixture, "line 1, byte 0: not the header");
	memset(history.audit.data, 'x', history.audit.length);
	history_write(fixture, &history);
	assert_status(fixture, blame(fixture, &good), STATUS_NO);
	assert_reason(fixture, "line 1, byte 0: not the header");
	history_release(&history);
}

static void
test_blame_names_a_log_that_is_gone(void **state)
{
	struct fixture *fixture = *state;
	uint64_t good;

	fixture_fill(fixture, 2);
	fixture_unlink(fixture, "note.csv");
	assert_status(fixture, blame(fixture, &good), STATUS_NO);
	assert_reason(fixture, "transaction 1: note.csv: is missing");
	assert_int_equal(good, 0);
}

/* Where the lines before can't be counted, it is called the first. */
static void
test_blame_goes_on_without_the_number_of_a_line(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	uint64_t good;

	fixture_fill(fixture, 2);
	fixture_flip(fixture, "note.csv", fixture_size(fixture, "note.csv") - 2);
	store = fixture_open(fixture);
	fault_arm("pread", 7, EIO, false); /* after audit.csv and its end, and the header and the bytes of both changes */
	assert_status(fixture, store_blame(store, &good, &fixture->error), STATUS_NO);
	assert_non_null(fault_disarm());
	assert_reason(fixture, "transaction 2: note.csv: line 1, byte ");
	assert_int_equal(good, 1);
	store_close(store);
}

/* Nobody is blamed for what can't be read. */
static void
test_blame_ends_where_reading_fails(void **state)
{
	struct fixture *fixture = *state;
	struct history history;
	struct store *store;
	char *reason = memory_new(50001);
	uint64_t good;

	memset(reason, 'r', 50000);
	begin(fixture, &history);
	for (uint64_t i = 0; i < 3; i++)
		history_add(&history, reason, "", i);
	history_write(fixture, &history);
	store = fixture_open(fixture);
	fault_arm("pread", 2, EIO, false);
	assert_status(fixture, store_blame(store, &good, &fixture->error), STATUS_SYSTEM);
	assert_non_null(fault_disarm());
	assert_int_equal(good, 1);
	store_close(store);
	history_release(&history);
	free(reason);
}

/* --- checkpoints ------------------------------------------------------------------------------- */

static void
test_a_transaction_that_is_not_found_was_another_one(void **state)
{
	struct fixture *fixture = *state;
	struct checkpoint head;
	struct store *store;
	struct snapshot *snapshot;

	fixture_fill(fixture, 1);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	checkpoint_make(snapshot, store_uuid(store), &head);
	assert_null(checkpoint_refuses(snapshot, store_uuid(store), &head));
	snapshot_close(snapshot);
	fixture_fill(fixture, 2);
	fixture_flip(fixture, "audit.csv", AUDIT_HEADER_LENGTH); /* 1 becomes 0 */
	snapshot = fixture_snapshot(fixture, store);
	assert_string_equal(checkpoint_refuses(snapshot, store_uuid(store), &head),
	    "the history was another one then");
	snapshot_close(snapshot);
	store_close(store);
}

static void
test_lines_that_are_no_checkpoint(void **state)
{
	static const char *const bad[] = {
		"bo/" HISTORY_UUID "\nx\nuvq9Hfs0VpzvJ3wKBmwzcdfXQXz1oHRNnQVUvHMIpF8=\n",
		"bo/" HISTORY_UUID "\n7\nuvq9Hfs0VpzvJ3wKBmwzcdfXQXz1oHRNnQVUvHMIpF8*\n",
		"so/" HISTORY_UUID "\n7\nuvq9Hfs0VpzvJ3wKBmwzcdfXQXz1oHRNnQVUvHMIpF8=\n",
		"bo/" HISTORY_UUID "x\n7\nuvq9Hfs0VpzvJ3wKBmwzcdfXQXz1oHRNnQVUvHMIpF8=\n",
	};
	struct fixture *fixture = *state;
	struct checkpoint head;
	struct slice rest;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		error_clear(&fixture->error);
		rest = slice_of(bad[i]);
		assert_status(fixture, checkpoint_next(&rest, NULL, &head, &fixture->error), STATUS_REFUSED);
	}
	error_clear(&fixture->error);
	rest = slice_of("\xe2\x80\x94 auditor c2lnbmF0dXJl\n"); /* a signature of nothing */
	assert_status(fixture, checkpoint_next(&rest, NULL, &head, &fixture->error), STATUS_NO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_blame_names_what_is_wrong_with_a_line),
		TEST(test_blame_names_a_log_that_is_gone),
		TEST(test_blame_goes_on_without_the_number_of_a_line),
		TEST(test_blame_ends_where_reading_fails),
		TEST(test_a_transaction_that_is_not_found_was_another_one),
		TEST(test_lines_that_are_no_checkpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
