/* test_store: making, finding, locking, appending */
#include <sys/resource.h>

#include "store_fixture.h"

static mode_t
mode_of(struct fixture *fixture, const char *name)
{
	char *path = fixture_path(fixture, name);
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	free(path);
	return status.st_mode & 07777;
}

static void
test_a_new_store_is_for_the_group_whatever_the_umask(void **state)
{
	struct fixture *fixture = *state;
	mode_t old = umask(0177);
	char *first = fixture->directory;

	fixture->directory = memory_format("%s/second", fixture->root);
	assert_status(fixture, store_create(fixture->directory, &fixture->error), STATUS_OK);
	fixture_fill(fixture, 1);
	umask(old);
	assert_int_equal(mode_of(fixture, "."), 02770);
	assert_int_equal(mode_of(fixture, "bo.format"), 0660);
	assert_int_equal(mode_of(fixture, "audit.csv"), 0660);
	assert_int_equal(mode_of(fixture, "note.csv"), 0660);
	assert_int_equal(mode_of(fixture, "watermark"), 0660);
	free(fixture->directory);
	fixture->directory = first;
}

static void
test_a_store_is_not_made_twice_nor_over_other_things(void **state)
{
	struct fixture *fixture = *state;

	assert_status(fixture, store_create(fixture->directory, &fixture->error), STATUS_REFUSED);
	assert_reason(fixture, "is a store already");
	assert_status(fixture, store_create(fixture->root, &fixture->error), STATUS_REFUSED);
	assert_reason(fixture, "not empty");
}

static void
test_a_making_that_was_cut_short_is_finished(void **state)
{
	struct fixture *fixture = *state;

	fixture_unlink(fixture, "bo.format");
	fixture_truncate(fixture, "audit.csv", 7);
	fixture_write(fixture, "bo.format.new", slice_of("bo 1 half"));
	assert_status(fixture, store_create(fixture->directory, &fixture->error), STATUS_OK);
	assert_int_equal(fixture_tx(fixture), 0);
}

static void
test_what_is_no_store_says_so(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;

	assert_status(fixture, store_open(fixture->root, &store, &fixture->error), STATUS_SYSTEM);
	assert_null(store);
	assert_reason(fixture, "make one with bo-init");
	assert_status(fixture, store_open("/proc", &store, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "file system");
	fixture_write(fixture, "bo.format", slice_of("bo 2 2bcc1961-fa32-41c9-957d-0f8e12fe7abc\n"));
	assert_status(fixture, store_open(fixture->directory, &store, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "format 2");
	fixture_write(fixture, "bo.format", slice_of("bo 1 \n"));
	assert_status(fixture, store_open(fixture->directory, &store, &fixture->error), STATUS_SYSTEM);
}

/* Heads and caches are named after it. */
static void
test_a_uuid_that_is_a_path_is_refused(void **state)
{
	static const char *const uuids[] = { "../../../../../../../tmp/2bcc1961-fa",
		"2bcc1961-fa32-41c9-957d-0f8e12fe7ab/", "2BCC1961-FA32-41C9-957D-0F8E12FE7ABC",
		"2bcc1961fa3241c9957d0f8e12fe7abc0000", "2bcc1961-fa32-41c9-957d-0f8e12fe7ab" };
	struct fixture *fixture = *state;
	struct store *store;

	for (size_t i = 0; i < sizeof uuids / sizeof *uuids; i++) {
		char *text = memory_format("bo 1 %s\n", uuids[i]);

		fixture_write(fixture, "bo.format", slice_of(text));
		assert_status(fixture, store_open(fixture->directory, &store, &fixture->error), STATUS_SYSTEM);
		assert_reason(fixture, "not what bo-init writes");
		free(text);
	}
}

static void
test_links_and_fifos_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	char *audit = fixture_path(fixture, "audit.csv"), *other = fixture_path(fixture, "other");

	assert_int_equal(link(audit, other), 0);
	assert_status(fixture, store_open(fixture->directory, &store, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "hard link");
	assert_int_equal(unlink(audit), 0);
	assert_int_equal(symlink(other, audit), 0);
	assert_status(fixture, store_open(fixture->directory, &store, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "symbolic link");
	assert_int_equal(unlink(audit), 0);
	assert_int_equal(mkfifo(audit, 0660), 0);
	assert_status(fixture, store_open(fixture->directory, &store, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "not a regular file");
	free(audit);
	free(other);
}

static void
test_a_store_is_found_from_below_and_by_environment(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	char *below = fixture_path(fixture, "a"), *deeper = fixture_path(fixture, "a/b");
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(mkdir(below, 0770) | mkdir(deeper, 0770) | chdir(deeper), 0);
	assert_status(fixture, store_open(NULL, &store, &fixture->error), STATUS_OK);
	assert_string_equal(store_path(store), fixture->directory);
	store_close(store);
	assert_int_equal(chmod("../../bo.format", 0666), 0);
	assert_status(fixture, store_open(NULL, &store, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "anybody may write to it: if it is meant, name it with -d or BO_STORE");
	setenv("BO_STORE", fixture->directory, 1);
	assert_status(fixture, store_open(NULL, &store, &fixture->error), STATUS_OK);
	store_close(store);
	assert_int_equal(fchdir(here), 0);
	close(here);
	free(below);
	free(deeper);
}

/* --- one writer at a time --------------------------------------------------------- */

enum { WRITERS = 4, ADDS = 25 };

static void
add_many(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	char text[32];

	for (int i = 0; i < ADDS; i++) {
		snprintf(text, sizeof text, "%ld-%d", (long)getpid(), i);
		if (fixture_add(fixture, store, PAIRS("note", text, "ticket", text)) != STATUS_OK)
			_exit(1);
	}
	store_close(store);
}

static void
test_concurrent_writers_lose_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;
	struct slice note, ticket, line, other;
	uint64_t tx = 0;

	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0) {
			add_many(fixture);
			_exit(0);
		}
	for (int i = 0; i < WRITERS; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(fixture_tx(fixture), WRITERS * ADDS);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, snapshot_log(snapshot, "note", &note, &fixture->error), STATUS_OK);
	assert_status(fixture, snapshot_log(snapshot, "ticket", &ticket, &fixture->error), STATUS_OK);
	for (slice_cut(&note, '\n'), slice_cut(&ticket, '\n'); note.length > 0; tx++) {
		line = slice_cut(&note, '\n');
		other = slice_cut(&ticket, '\n');
		assert_true(slice_equal(line, other));
	}
	assert_int_equal(tx, WRITERS * ADDS);
	snapshot_close(snapshot);
	store_close(store);
}

static void
test_a_busy_store_names_its_holder(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	int ready[2], done[2];
	char byte, wanted[64];
	pid_t pid;

	assert_int_equal(pipe(ready) | pipe(done), 0);
	pid = fork();
	if (pid == 0) {
		struct store *own = fixture_open(fixture);

		assert_status(fixture, store_lock(own, INT64_MAX, &fixture->error), STATUS_OK);
		(void)!write(ready[1], "x", 1);
		(void)!read(done[0], &byte, 1);
		_exit(0); /* killed or ended: the lock goes with it */
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_status(fixture, store_lock(store, clock_monotonic() + 30, &fixture->error), STATUS_BUSY);
	snprintf(wanted, sizeof wanted, "process %ld (test_store", (long)pid);
	assert_reason(fixture, wanted);
	assert_int_equal(write(done[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_status(fixture, store_lock(store, clock_monotonic() + 3000, &fixture->error), STATUS_OK);
	store_close(store);
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(done[i]);
	}
}

/* An editor saved audit.csv by rename: the lock on the old file keeps nobody out. */
static void
test_a_replaced_audit_log_is_opened_again(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct buffer audit = BUFFER_INIT;
	char *path = fixture_path(fixture, "audit.csv"), *fresh = fixture_path(fixture, "fresh");

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	fixture_read(fixture, "audit.csv", &audit);
	fixture_write(fixture, "fresh", buffer_slice(&audit));
	assert_int_equal(rename(fresh, path), 0);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "three")), STATUS_OK);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 3);
	buffer_release(&audit);
	free(path);
	free(fresh);
}

/* --- what is refused ----------------------------------------------------------------- */

/* Appends one chunk under the lock, made as told. */
static enum status
append_raw(struct fixture *fixture, struct store *store, const char *table, const char *bytes,
    uint64_t offset, const char *reason)
{
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	struct chunk chunk = { .table = table, .bytes = slice_of(bytes), .offset = offset };
	struct transaction transaction = { .command = "test", .key = "", .reason = reason, .chunks = &chunk, .count = 1 };
	uint64_t tx;
	enum status status;

	chunk_digest(&chunk, (struct slice){ NULL, 0 });
	assert_status(fixture, store_lock(store, INT64_MAX, &fixture->error), STATUS_OK);
	assert_status(fixture, snapshot_to_head(snapshot, &fixture->error), STATUS_OK);
	status = store_append(store, snapshot, &transaction, &tx, &fixture->error);
	snapshot_close(snapshot);
	return status;
}

static void
test_chunks_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		const char *table, *bytes;
		uint64_t offset;
	} bad[] = {
		{ "note", "id,tx,text\nR1,2,x\n", 0 }, /* another transaction's number */
		{ "note", "id,tx,text\nR1,1,x", 0 },   /* no newline */
		{ "note", "", 0 },
		{ "note", "R1,1,x\n", 0 },             /* no header */
		{ "note", "id,tx,text\nR1,1,x\n", 5 }, /* from another state */
		{ "audit", "id,tx,text\nR1,1,x\n", 0 },
		{ "../note", "id,tx,text\nR1,1,x\n", 0 },
		{ "Note", "id,tx,text\nR1,1,x\n", 0 },
	};
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_status(fixture,
		    append_raw(fixture, store, bad[i].table, bad[i].bytes, bad[i].offset, ""), STATUS_REFUSED);
	assert_status(fixture, append_raw(fixture, store, "note", "id,tx,text\nR1,1,x\n", 0, "two\nlines"),
	    STATUS_REFUSED);
	assert_status(fixture, append_raw(fixture, store, "note", "id,tx,text\nR1,1,x\n", 0, ""), STATUS_OK);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 1);
}

static void
test_a_snapshot_behind_the_head_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	struct transaction transaction = { .command = "test", .key = "", .reason = "" };
	uint64_t tx;

	fixture_fill(fixture, 1);
	assert_status(fixture, store_lock(store, INT64_MAX, &fixture->error), STATUS_OK);
	assert_status(fixture, store_append(store, snapshot, &transaction, &tx, &fixture->error), STATUS_REFUSED);
	assert_false(store->locked); /* released whatever comes of it */
	assert_status(fixture, store_append(store, snapshot, &transaction, &tx, &fixture->error), STATUS_REFUSED);
	snapshot_close(snapshot);
	store_close(store);
}

/* --- a full disk -------------------------------------------------------------------------- */

static void
append_with_little_room(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	off_t room = fixture_size(fixture, "audit.csv") > fixture_size(fixture, "note.csv")
	    ? fixture_size(fixture, "audit.csv") + 50
	    : 0;
	struct rlimit limit = { (rlim_t)room, RLIM_INFINITY };
	enum status status;

	setrlimit(RLIMIT_FSIZE, &limit);
	status = fixture_add(fixture, store, PAIRS("note", "does not fit", "ticket", "neither"));
	_exit((int)status);
}

static void
test_what_does_not_fit_never_happened(void **state)
{
	struct fixture *fixture = *state;
	struct buffer before = BUFFER_INIT, after = BUFFER_INIT;

	fixture_fill(fixture, 3);
	fixture_read(fixture, "audit.csv", &before);
	assert_int_equal(fixture_child(append_with_little_room, fixture), STATUS_SYSTEM);
	fixture_read(fixture, "audit.csv", &after);
	assert_true(slice_equal(buffer_slice(&before), buffer_slice(&after)));
	assert_int_equal(fixture_tx(fixture), 3);
	fixture_fill(fixture, 1);
	assert_int_equal(fixture_tx(fixture), 4);
	buffer_release(&before);
	buffer_release(&after);
}

/* --- the audit line ----------------------------------------------------------------------- */

static void
test_every_1024th_line_lists_all_tables(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot;
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	struct audit_change change;
	struct slice changes;
	uint64_t tx = 0;

	assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS("note", "a", "ticket", "b")), STATUS_OK);
	while (tx < 1030)
		assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS("order", "c")), STATUS_OK);
	assert_status(fixture, store_settle(store, tx, INT64_MAX, &fixture->error), STATUS_OK);
	snapshot = fixture_snapshot(fixture, store);
	assert_true(audit_find(snapshot_audit(snapshot), 1024, &line, &scratch));
	changes = line.changes;
	assert_true(audit_change_next(&changes, &change));
	assert_true(slice_is(change.table, "note"));
	assert_int_equal(change.length, 0);
	assert_int_equal(change.offset, fixture_size(fixture, "note.csv"));
	assert_true(audit_change_next(&changes, &change));
	assert_true(slice_is(change.table, "ticket"));
	assert_true(audit_change_next(&changes, &change));
	assert_true(slice_is(change.table, "order"));
	assert_true(change.length > 0);
	assert_false(audit_change_next(&changes, &change));
	snapshot_close(snapshot);
	/* and so lengths are found without the lines before it */
	assert_status(fixture, snapshot_open_tx(store, 1029, &snapshot, &fixture->error), STATUS_OK);
	assert_int_equal(state_length(snapshot_state(snapshot), slice_of("note")),
	    fixture_size(fixture, "note.csv"));
	snapshot_close(snapshot);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 1030);
	buffer_release(&scratch);
}

static void
test_the_claim_of_sudo_is_noted(void **state)
{
	struct fixture *fixture = *state;
	struct buffer audit = BUFFER_INIT;

	setenv("SUDO_USER", "alice", 1);
	fixture_fill(fixture, 1);
	setenv("SUDO_USER", "al\nice", 1);
	fixture_fill(fixture, 1);
	unsetenv("SUDO_USER");
	fixture_read(fixture, "audit.csv", &audit);
	assert_non_null(strstr(audit.data, "(alice),test add"));
	assert_null(strstr(audit.data, "ice)\n"));
	buffer_release(&audit);
	assert_int_equal(fixture_tx(fixture), 2);
}

static void
test_a_transaction_may_only_say_something(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);

	assert_status(fixture, fixture_add(fixture, store, (const char *const[]){ NULL }), STATUS_OK);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_new_store_is_for_the_group_whatever_the_umask),
		TEST(test_a_store_is_not_made_twice_nor_over_other_things),
		TEST(test_a_making_that_was_cut_short_is_finished),
		TEST(test_what_is_no_store_says_so),
		TEST(test_a_uuid_that_is_a_path_is_refused),
		TEST(test_links_and_fifos_are_refused),
		TEST(test_a_store_is_found_from_below_and_by_environment),
		TEST(test_concurrent_writers_lose_nothing),
		TEST(test_a_busy_store_names_its_holder),
		TEST(test_a_replaced_audit_log_is_opened_again),
		TEST(test_chunks_that_make_no_sense_are_refused),
		TEST(test_a_snapshot_behind_the_head_is_refused),
		TEST(test_what_does_not_fit_never_happened),
		TEST(test_every_1024th_line_lists_all_tables),
		TEST(test_the_claim_of_sudo_is_noted),
		TEST(test_a_transaction_may_only_say_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
