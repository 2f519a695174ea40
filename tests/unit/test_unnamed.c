/* test_unnamed: a long new log is written before it has a name, and nobody can tell */
#include "fault_fixture.h"

#include "base/buffer.h"

#define HEADER "id,tx,text\n"

enum { LONG = 5 << 20, ROOM = 1 << 27, VERY_LONG = 70 << 20 };

/* What is made of a long new log. */
struct making {
	struct buffer bytes; /* pinned */
	struct buffer copy;  /* of them, as they were made */
	struct chunk chunk;
	unsigned tx;
};

static void
begin(struct making *making)
{
	*making = (struct making){ .chunk = { .table = "note" }, .tx = 1 };
	buffer_add_text(&making->bytes, HEADER);
	assert_true(buffer_pin(&making->bytes, ROOM));
}

/* Lines, until there are so many bytes. */
static void
add_lines(struct making *making, struct digest_ahead *ahead, size_t length)
{
	for (unsigned i = 1; making->bytes.length < length; i++) {
		buffer_format(&making->bytes, "R%u,%u,%060u\n", i, making->tx, i);
		if (ahead != NULL && making->bytes.length - digest_ahead_told(ahead) > 1 << 18)
			digest_ahead_more(ahead, making->bytes.length);
	}
	buffer_add_slice(&making->copy, buffer_slice(&making->bytes));
	making->chunk.bytes = buffer_slice(&making->bytes);
}

static void
release(struct making *making)
{
	if (making->chunk.file != 0)
		close(making->chunk.file);
	buffer_unpin(&making->bytes, ROOM);
	buffer_release(&making->copy);
}

/* Makes all of it ahead; false where there could be no thread. */
static bool
make(struct making *making, const struct store *store, size_t length)
{
	struct digest_ahead *ahead = digest_ahead_start(making->bytes.data, slice_of(HEADER));

	if (ahead != NULL)
		digest_ahead_write(ahead, store);
	add_lines(making, ahead, length);
	if (ahead == NULL)
		chunk_digest(&making->chunk, slice_of(HEADER));
	else
		making->chunk.file = digest_ahead_finish(ahead, making->bytes.length, making->chunk.digest);
	return ahead != NULL;
}

static enum status
append(struct fixture *fixture, struct store *store, struct snapshot *snapshot, const struct making *making)
{
	struct transaction transaction = { .command = "test",
		.key = "",
		.reason = "",
		.chunks = &making->chunk,
		.count = 1 };
	uint64_t tx;
	enum status status = store_lock(store, clock_monotonic() + 3000, &fixture->error);

	if (status == STATUS_OK)
		status = store_append(store, snapshot, &transaction, &tx, &fixture->error);
	if (status == STATUS_OK)
		status = store_settle(store, tx, clock_monotonic() + 30000, &fixture->error);
	return status;
}

static void
assert_log_is(struct fixture *fixture, const struct making *making)
{
	struct buffer log = BUFFER_INIT;

	fixture_read(fixture, "note.csv", &log);
	assert_true(slice_equal(buffer_slice(&log), buffer_slice(&making->copy)));
	assert_true(slice_equal(making->chunk.bytes, buffer_slice(&making->copy)));
	assert_status(fixture, fixture_verify(fixture), STATUS_OK);
	buffer_release(&log);
}

/* --- as it should be --------------------------------------------------------------- */

static void
test_it_has_no_name_before_it_is_appended(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	struct making making;
	struct stat file, log;
	char *path = fixture_path(fixture, "note.csv");

	begin(&making);
	assert_true(make(&making, store, LONG));
	assert_true(making.chunk.file > 2);
	assert_true(fixture_size(fixture, "note.csv") < 0);
	assert_int_equal(fstat(making.chunk.file, &file), 0);
	assert_int_equal(file.st_nlink, 0);
	assert_int_equal(file.st_mode & 07777, 0660);
	assert_status(fixture, append(fixture, store, snapshot, &making), STATUS_OK);
	assert_int_equal(lstat(path, &log), 0);
	assert_true(log.st_ino == file.st_ino);
	assert_int_equal(log.st_nlink, 1);
	snapshot_close(snapshot);
	store_close(store);
	assert_log_is(fixture, &making);
	release(&making);
	fault_assert_found(fixture, 1, 1);
	free(path);
}

static void
test_what_is_short_has_no_file(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct making making;

	begin(&making);
	assert_true(make(&making, store, 1 << 20));
	assert_int_equal(making.chunk.file, 0);
	release(&making);
	store_close(store);
}

static void
test_nothing_is_left_of_what_is_given_up(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	int before = fault_lowest_free();
	struct making making;
	struct digest_ahead *ahead;

	begin(&making);
	ahead = digest_ahead_start(making.bytes.data, slice_of(HEADER));
	digest_ahead_write(ahead, store);
	add_lines(&making, ahead, LONG);
	digest_ahead_give_up(ahead);
	assert_int_equal(fault_lowest_free(), before);
	assert_true(slice_equal(buffer_slice(&making.bytes), buffer_slice(&making.copy)));
	release(&making);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 0);
}

/* --- as it may be ------------------------------------------------------------------ */

/* What a killed writer left under the name is kept, as it always is. */
static void
test_a_name_that_is_taken_is_written_to(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	struct making making;

	begin(&making);
	assert_true(make(&making, store, LONG));
	fixture_write(fixture, "note.csv", slice_of("left\n"));
	assert_status(fixture, append(fixture, store, snapshot, &making), STATUS_OK);
	snapshot_close(snapshot);
	store_close(store);
	assert_log_is(fixture, &making);
	assert_int_equal(fixture_size(fixture, "torn/note.csv.0.1"), 5);
	release(&making);
}

/* Killed between the name and the audit line: the next writer keeps it in torn/, and goes on. */
static void
test_a_name_alone_says_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct making making;
	int fd;

	begin(&making);
	assert_true(make(&making, store, LONG));
	fd = unnamed_name(&making.chunk, store->directory, "note.csv");
	assert_true(fd >= 0);
	close(fd);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 0);
	fault_assert_found(fixture, 0, 0);
	assert_int_equal(fixture_size(fixture, "torn/note.csv.0.1"), (off_t)making.copy.length);
	assert_status(fixture, fixture_verify(fixture), STATUS_OK);
	release(&making);
}

/* More came after the file was finished: it is not the chunk. */
static void
test_a_file_that_is_shorter_is_not_taken(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	struct making making;

	begin(&making);
	assert_true(make(&making, store, LONG));
	buffer_clear(&making.copy);
	buffer_add_text(&making.bytes, "R999999,1,more\n");
	buffer_add_slice(&making.copy, buffer_slice(&making.bytes));
	making.chunk.bytes = buffer_slice(&making.bytes);
	chunk_digest(&making.chunk, slice_of(HEADER));
	assert_status(fixture, append(fixture, store, snapshot, &making), STATUS_OK);
	snapshot_close(snapshot);
	store_close(store);
	assert_log_is(fixture, &making);
	release(&making);
}

/* While it is made: a write or a sync that fails is the end of the file, not of the log. */
static void
test_a_file_that_fails_is_none(void **state)
{
	static const struct {
		const char *function;
		unsigned at;
		int number;
		bool is_there;
	} faults_to_come[] = { { "openat", 1, EOPNOTSUPP, false }, { "fchmod", 1, EPERM, false },
		{ "pthread_create", 2, EAGAIN, false }, { "pwrite", 1, ENOSPC, false },
		{ "pwrite", 2, ENOSPC, false }, { "pwrite", 2, FAULT_HALF, true }, { "fdatasync", 1, EIO, false },
		{ "fdatasync", 2, EIO, false }, { "fdatasync", 3, EIO, false }, { "mmap", 1, ENOMEM, true } };
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof faults_to_come / sizeof *faults_to_come; i++) {
		struct store *store = fixture_open(fixture);
		int before = fault_lowest_free();
		struct making making;

		begin(&making);
		fault_arm(faults_to_come[i].function, faults_to_come[i].at, faults_to_come[i].number, false);
		assert_true(make(&making, store, VERY_LONG));
		assert_non_null(fault_disarm());
		assert_int_equal(making.chunk.file != 0, faults_to_come[i].is_there);
		assert_true(slice_equal(making.chunk.bytes, buffer_slice(&making.copy)));
		release(&making);
		assert_int_equal(fault_lowest_free(), before);
		store_close(store);
	}
	assert_int_equal(fixture_tx(fixture), 0);
}

/* --- whatever fails ------------------------------------------------------------------ */

static void
prepare_one(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);

	assert_status(fixture, fixture_add(fixture, store, PAIRS("ticket", "one")), STATUS_OK);
	store_close(store);
}

static enum status
act_add_long(struct fixture *fixture)
{
	struct faults armed = faults;
	struct store *store;
	struct snapshot *snapshot;
	struct making making;
	enum status status;

	fault_disarm();
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	begin(&making);
	making.tx = 2;
	add_lines(&making, NULL, LONG);
	faults = armed;
	make(&making, store, 0);
	status = append(fixture, store, snapshot, &making);
	armed = faults;
	fault_disarm();
	snapshot_close(snapshot);
	store_close(store);
	assert_true(
	    slice_equal(buffer_slice(&making.bytes), (struct slice){ making.copy.data, making.bytes.length }));
	release(&making);
	faults = armed;
	return status;
}

static void
judge_add_long(struct fixture *fixture, enum status status)
{
	if (status == STATUS_OK)
		assert_true(fixture_size(fixture, "note.csv") >= LONG);
	if (status == STATUS_OK)
		assert_int_equal(fixture_tx(fixture), 2);
	else if (status == STATUS_UNKNOWN)
		fault_mend(fixture);
	else {
		assert_int_equal(status, STATUS_SYSTEM);
		fault_assert_found(fixture, 1, 1);
	}
	assert_status(fixture, fixture_verify(fixture), STATUS_OK);
}

static void
test_whatever_fails_the_status_is_the_truth(void **state)
{
	static const struct deed deed = { "add a long new log", prepare_one, act_add_long, judge_add_long };
	static const char *const calls[] = { "linkat", "fcntl", "fsync", "fdatasync", "pwrite", "openat" };

	(void)state;
	fault_sweep(&deed, NULL, EIO, false);
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		fault_sweep(&deed, calls[i], EIO, true);
	fault_sweep(&deed, "linkat", EPERM, false);
	fault_sweep(&deed, "pwrite", FAULT_HALF, false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_it_has_no_name_before_it_is_appended),
		TEST(test_what_is_short_has_no_file),
		TEST(test_nothing_is_left_of_what_is_given_up),
		TEST(test_a_name_that_is_taken_is_written_to),
		TEST(test_a_name_alone_says_nothing),
		TEST(test_a_file_that_is_shorter_is_not_taken),
		TEST(test_a_file_that_fails_is_none),
		cmocka_unit_test(test_whatever_fails_the_status_is_the_truth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
