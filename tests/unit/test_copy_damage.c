/* test_copy_damage: copies that have gone their own way, and stores that are not what they were */
#include "fault_fixture.h"

#include <time.h>

#define SALT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define UUID "2bcc1961-fa32-41c9-957d-0f8e12fe7abc"

/* What is done at the first sign of life. */
static void (*interfere)(struct fixture *fixture);

static void
step(void *context)
{
	void (*deed)(struct fixture *) = interfere;

	interfere = NULL;
	if (deed != NULL)
		deed(context);
}

static enum status
copy_to(struct fixture *fixture, const char *directory, struct copy_report *report)
{
	struct store *store = fixture_open(fixture);
	enum status status = store_copy(store, directory, clock_monotonic() + 5000, step, fixture, report,
	    &fixture->error);

	store_close(store);
	return status;
}

static enum status
copy(struct fixture *fixture)
{
	char *directory = memory_format("%s/copy", fixture->root);
	struct copy_report report;
	enum status status = copy_to(fixture, directory, &report);

	free(directory);
	return status;
}

/* From now on the fixture's store is the copy, or the first one again. */
static void
go_to(struct fixture *fixture, const char *name)
{
	free(fixture->directory);
	fixture->directory = memory_format("%s/%s", fixture->root, name);
}

static void
assert_proved(struct fixture *fixture, uint64_t tx)
{
	go_to(fixture, "copy");
	assert_int_equal(fixture_tx(fixture), tx);
	go_to(fixture, "store");
}

static void
add(struct fixture *fixture, const char *const *pairs)
{
	struct store *store = fixture_open(fixture);

	assert_status(fixture, fixture_add(fixture, store, pairs), STATUS_OK);
	store_close(store);
}

/* --- where it may go ------------------------------------------------------------------- */

static void
test_what_is_no_copy_of_it_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	struct copy_report report;
	char *other = memory_format("%s/other", fixture->root), *full = memory_format("%s/full", fixture->root);

	fixture_fill(fixture, 1);
	assert_status(fixture, store_create(other, &fixture->error), STATUS_OK);
	assert_status(fixture, copy_to(fixture, other, &report), STATUS_REFUSED);
	assert_reason(fixture, "but a store of its own");
	assert_status(fixture, copy_to(fixture, fixture->directory, &report), STATUS_REFUSED);
	assert_reason(fixture, "that is the store itself");
	assert_int_equal(mkdir(full, 0770), 0);
	fixture_append_text(fixture, "../full/thing", "of somebody");
	assert_status(fixture, copy_to(fixture, full, &report), STATUS_REFUSED);
	assert_reason(fixture, "neither empty nor a store");
	free(other);
	free(full);
}

/* A copy of another store was begun there, by a name as long. */
static void
test_a_copy_of_another_that_was_begun_is_begun_anew(void **state)
{
	struct fixture *fixture = *state;
	char *directory = memory_format("%s/copy", fixture->root);

	fixture_fill(fixture, 1);
	assert_int_equal(mkdir(directory, 0770), 0);
	fixture_append_text(fixture, "../copy/bo.format.new", "bo 1 " UUID "\n");
	assert_status(fixture, copy(fixture), STATUS_OK);
	assert_proved(fixture, 1);
	free(directory);
}

/* Another device, the same number of a file. */
static void
be_elsewhere(const char *function, struct stat *status)
{
	static dev_t other;

	(void)function;
	if (S_ISDIR(status->st_mode))
		status->st_dev = ++other;
}

static void
test_a_directory_on_another_device_is_another_directory(void **state)
{
	struct fixture *fixture = *state;
	struct copy_report report;

	fixture_fill(fixture, 1);
	fault_alter = be_elsewhere;
	assert_status(fixture, copy_to(fixture, fixture->directory, &report), STATUS_OK);
	fault_alter = NULL;
	assert_int_equal(report.bytes, 0);
}

/* Somebody else makes the same copy at the same time, and is done first. */
static void
test_a_copy_that_somebody_else_finishes_is_left_to_him(void **state)
{
	struct fixture *fixture = *state;
	int ready[2];
	char byte;
	pid_t pid;

	fixture_fill(fixture, 1);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		char *directory = memory_format("%s/copy", fixture->root);
		struct store *other = store_allocate(directory);
		struct timespec moment = { .tv_nsec = 300 * 1000 * 1000 };
		bool taken = false;

		mkdir(directory, 0770);
		other->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		fixture_append_text(fixture, "../copy/audit.csv", AUDIT_HEADER);
		/* as if he had begun it himself */
		fixture_append_text(fixture, "../copy/bo.format.new", "bo 1 ");
		fixture_append_text(fixture, "../copy/bo.format.new", other->uuid);
		other->audit = openat(other->directory, AUDIT_NAME, O_RDWR | O_CLOEXEC);
		lock_try(other, LOCK_WRITER, &taken, &fixture->error);
		(void)!write(ready[1], "x", 1);
		nanosleep(&moment, NULL);
		fixture_append_text(fixture, "../copy/bo.format", "bo 1 " UUID "\n");
		_exit(taken ? 0 : 1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	{
		struct store *store = fixture_open(fixture);
		struct buffer mark = BUFFER_INIT;

		buffer_format(&mark, "bo 1 %s\n", store_uuid(store));
		go_to(fixture, "copy");
		fixture_write(fixture, "bo.format.new", buffer_slice(&mark));
		go_to(fixture, "store");
		buffer_release(&mark);
		store_close(store);
	}
	assert_status(fixture, copy(fixture), STATUS_BUSY);
	assert_reason(fixture, "somebody else has just made it a store");
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(ready[0]);
	close(ready[1]);
}

/* --- histories that part ---------------------------------------------------------------- */

static void
test_a_copy_that_has_gone_on_by_itself_is_refused(void **state)
{
	struct fixture *fixture = *state;

	fixture_fill(fixture, 1);
	assert_status(fixture, copy(fixture), STATUS_OK);
	go_to(fixture, "copy");
	fixture_fill(fixture, 1);
	go_to(fixture, "store");
	assert_status(fixture, copy(fixture), STATUS_REFUSED);
	assert_reason(fixture, "has gone on by itself: its newest transaction is 2");
	add(fixture, PAIRS("note", "another second"));
	assert_status(fixture, copy(fixture), STATUS_REFUSED);
	assert_reason(fixture, "they differ at or before transaction 2");
	assert_proved(fixture, 2);
}

/* The store's own audit.csv is damaged: where the copy ends, or behind that. */
static void
test_a_damaged_history_is_not_copied(void **state)
{
	struct fixture *fixture = *state;
	off_t second;

	fixture_fill(fixture, 1);
	assert_status(fixture, copy(fixture), STATUS_OK);
	second = fixture_size(fixture, "audit.csv");
	fixture_fill(fixture, 2);
	fixture_flip(fixture, "audit.csv", AUDIT_HEADER_LENGTH); /* 1 becomes 0 */
	assert_status(fixture, copy(fixture), STATUS_REFUSED);
	assert_reason(fixture, "they differ at or before transaction 1");
	fixture_flip(fixture, "audit.csv", AUDIT_HEADER_LENGTH);
	fixture_flip(fixture, "audit.csv", second + 30);
	assert_status(fixture, copy(fixture), STATUS_SYSTEM);
	assert_reason(fixture, "transaction 2: the hash does not match");
	fixture_flip(fixture, "audit.csv", second + 30);
	fixture_flip(fixture, "audit.csv", second + 6); /* the hyphen behind the year */
	assert_status(fixture, copy(fixture), STATUS_SYSTEM);
	assert_reason(fixture, "transaction 2: not a line of an audit log");
	assert_proved(fixture, 1);
}

/* --- logs of the copy --------------------------------------------------------------------- */

static void
test_a_copy_that_lacks_bytes_is_damage(void **state)
{
	struct fixture *fixture = *state;

	fixture_fill(fixture, 2);
	assert_status(fixture, copy(fixture), STATUS_OK);
	fixture_fill(fixture, 1);
	go_to(fixture, "copy");
	fixture_truncate(fixture, "note.csv", 7);
	go_to(fixture, "store");
	assert_status(fixture, copy(fixture), STATUS_SYSTEM);
	assert_reason(fixture, "note.csv: 7 bytes long, but");
	go_to(fixture, "copy");
	fixture_unlink(fixture, "note.csv");
	go_to(fixture, "store");
	assert_status(fixture, copy(fixture), STATUS_SYSTEM);
	assert_reason(fixture, "note.csv: can't open: No such file");
}

/* What lies behind the copy's end is kept where it is not the beginning of what is to come. */
static void
test_a_tail_of_somebody_elses_is_kept_aside(void **state)
{
	struct fixture *fixture = *state;
	char *torn;

	fixture_fill(fixture, 1);
	assert_status(fixture, copy(fixture), STATUS_OK);
	fixture_fill(fixture, 1);
	go_to(fixture, "copy");
	torn = memory_format("torn/note.csv.%lld.1", (long long)fixture_size(fixture, "note.csv"));
	fixture_append_text(fixture, "note.csv", "mine");
	go_to(fixture, "store");
	assert_status(fixture, copy(fixture), STATUS_OK);
	go_to(fixture, "copy");
	assert_int_equal(fixture_size(fixture, torn), 4);
	go_to(fixture, "store");
	assert_proved(fixture, 2);
	free(torn);
}

/* Neither copied nor taken back: the copy's next writer does that. */
static void
test_what_can_not_be_taken_back_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct copy_report report;
	struct store *store;
	char *directory = memory_format("%s/copy", fixture->root);

	fixture_fill(fixture, 1);
	assert_status(fixture, copy(fixture), STATUS_OK);
	fixture_fill(fixture, 1);
	fixture_flip(fixture, "note.csv", fixture_size(fixture, "note.csv") - 3);
	store = fixture_open(fixture);
	fault_arm("ftruncate", 1, EIO, true);
	assert_status(fixture,
	    store_copy(store, directory, clock_monotonic(), step, fixture, &report, &fixture->error),
	    STATUS_SYSTEM);
	assert_non_null(fault_disarm());
	assert_non_null(strstr(store_warnings(store).data, "note.csv: can't cut off what was copied"));
	store_close(store);
	assert_proved(fixture, 1);
	free(directory);
}

/* --- documents ------------------------------------------------------------------------------- */

static char letters[2][16]; /* whose names begin with the same two digits */

static void
find_letters(void)
{
	char first[HASH_HEX + 1], name[HASH_HEX + 1];

	snprintf(letters[0], sizeof letters[0], "letter");
	hash_text(slice_of(letters[0]), first);
	for (unsigned i = 0;; i++) {
		snprintf(letters[1], sizeof letters[1], "letter %u", i);
		hash_text(slice_of(letters[1]), name);
		if (memcmp(name, first, 2) == 0)
			return;
	}
}

/* Everything that is named is erased while the first is being copied. */
static void
remove_letters(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	char name[HASH_HEX + 1];

	for (int i = 0; i < 2; i++) {
		hash_text(slice_of(letters[i]), name);
		assert_status(fixture, blob_remove(store, slice_of(name), &fixture->error), STATUS_OK);
	}
	store_close(store);
}

static void
test_a_document_that_is_erased_meanwhile_is_no_fault(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct copy_report report;
	char name[HASH_HEX + 1], *directory = memory_format("%s/copy", fixture->root);

	find_letters();
	for (int i = 0; i < 2; i++)
		assert_status(fixture, blob_put(store, slice_of(letters[i]), name, &fixture->error), STATUS_OK);
	store_close(store);
	interfere = remove_letters;
	assert_status(fixture, copy_to(fixture, directory, &report), STATUS_OK);
	assert_int_equal(report.blobs, 1);
	assert_proved(fixture, 0);
	free(directory);
}

/* --- erasures ----------------------------------------------------------------------------------- */

static void
fill_persons(struct fixture *fixture)
{
	char *long_name = memory_new(900001);

	memset(long_name, 'n', 900000);
	for (int i = 0; i < 3; i++) {
		char *text = memory_format(SALT ",%s,York", i == 0 ? "Ada" : long_name);

		add(fixture, PAIRS("person", text));
		free(text);
	}
	free(long_name);
}

/* In a copy that was made before, nothing is written over what was altered otherwise. */
static void
test_what_was_altered_is_not_taken_for_erased(void **state)
{
	struct fixture *fixture = *state;
	struct buffer before = BUFFER_INIT, after = BUFFER_INIT;

	fill_persons(fixture);
	assert_status(fixture, copy(fixture), STATUS_OK);
	go_to(fixture, "copy");
	fixture_read(fixture, "person.csv", &before);
	go_to(fixture, "store");
	fixture_flip(fixture, "person.csv", 21 + 5 + 64 + 2); /* a letter of Ada's */
	assert_status(fixture, copy(fixture), STATUS_SYSTEM);
	assert_reason(fixture, "altered since it was copied, in transaction 1");
	go_to(fixture, "copy");
	fixture_read(fixture, "person.csv", &after);
	go_to(fixture, "store");
	assert_true(slice_equal(buffer_slice(&before), buffer_slice(&after)));
	buffer_release(&before);
	buffer_release(&after);
}

/* What the copy lost since is mended from the store, whose lines have the digests. */
static void
test_a_copy_that_lost_bytes_gets_them_again(void **state)
{
	struct fixture *fixture = *state;

	fill_persons(fixture);
	add(fixture, PAIRS("note", "one"));
	assert_status(fixture, copy(fixture), STATUS_OK);
	go_to(fixture, "copy");
	fixture_truncate(fixture, "person.csv", fixture_size(fixture, "person.csv") - 9);
	go_to(fixture, "store");
	assert_status(fixture, copy(fixture), STATUS_OK);
	assert_proved(fixture, 4);
}

/* A first transaction whose reason leaves room for other words. */
static void
add_with_room(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	struct chunk chunk = { .table = "person",
		.bytes = slice_of("id,tx,seal,name,town\nR1,1," SALT ",Ada,London\n") };
	struct transaction transaction = { .command = "test",
		.key = "",
		.reason = "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr",
		.chunks = &chunk,
		.count = 1 };
	uint64_t tx;

	chunk_digest(&chunk, (struct slice){ NULL, 0 });
	assert_status(fixture, store_lock(store, clock_monotonic(), &fixture->error), STATUS_OK);
	assert_status(fixture, snapshot_to_head(snapshot, &fixture->error), STATUS_OK);
	assert_status(fixture, store_append(store, snapshot, &transaction, &tx, &fixture->error), STATUS_OK);
	assert_status(fixture, store_settle(store, tx, clock_monotonic() + 3000, &fixture->error), STATUS_OK);
	snapshot_close(snapshot);
	store_close(store);
}

/* Puts other numbers in the place of "person:0:", at the cost of the reason. */
static void
renumber(struct buffer *audit, const char *numbers)
{
	char *reason = strstr(audit->data, "rrrr"), *at = strstr(audit->data, "person:0:");
	size_t more = strlen(numbers) - strlen("person:0:");

	memmove(reason, reason + more, (size_t)(at - reason) - more);
	memcpy(at - more, numbers, strlen(numbers));
}

/* A transaction of long ago now names what never was. */
static void
test_a_damaged_change_is_not_followed_out_of_its_log(void **state)
{
	static const char *const numbers[] = { "person:18446744073709551000:", "person:0:99999999999" };
	struct fixture *fixture = *state;
	struct buffer audit = BUFFER_INIT;

	add_with_room(fixture);
	add(fixture, PAIRS("note", "two"));
	assert_status(fixture, copy(fixture), STATUS_OK);
	fixture_flip(fixture, "person.csv", 21 + 5 + 64 + 2);
	fixture_read(fixture, "audit.csv", &audit);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct buffer bad = BUFFER_INIT;

		buffer_add_slice(&bad, buffer_slice(&audit));
		renumber(&bad, numbers[i]);
		fixture_write(fixture, "audit.csv", buffer_slice(&bad));
		assert_status(fixture, copy(fixture), STATUS_SYSTEM);
		assert_reason(fixture, "transaction 1: names more bytes than there were");
		buffer_release(&bad);
	}
	buffer_release(&audit);
}

/* Lines that list a table without adding to it have nothing to erase. */
static void
test_an_erasure_after_a_thousand_transactions_comes_along(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct buffer log = BUFFER_INIT;
	char *text;
	uint64_t tx = 0;

	assert_status(fixture, fixture_add(fixture, store, PAIRS("person", SALT ",Ada,London")), STATUS_OK);
	while (tx < CHECKPOINT_EVERY)
		assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS("note", "x")), STATUS_OK);
	assert_status(fixture, store_settle(store, tx, clock_monotonic() + 9000, &fixture->error), STATUS_OK);
	assert_status(fixture, copy(fixture), STATUS_OK);
	fixture_read(fixture, "person.csv", &log);
	text = fixture_erasure(&log, "person", 21);
	assert_status(fixture, fixture_add(fixture, store, PAIRS(STORE_ERASURE, text)), STATUS_OK);
	store_close(store);
	assert_status(fixture, copy(fixture), STATUS_OK);
	assert_proved(fixture, CHECKPOINT_EVERY + 1);
	go_to(fixture, "copy");
	fixture_read(fixture, "person.csv", &log);
	assert_null(memmem(log.data, log.length, "Ada", 3));
	go_to(fixture, "store");
	buffer_release(&log);
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_no_copy_of_it_is_left_alone),
		TEST(test_a_copy_of_another_that_was_begun_is_begun_anew),
		TEST(test_a_directory_on_another_device_is_another_directory),
		TEST(test_a_copy_that_somebody_else_finishes_is_left_to_him),
		TEST(test_a_copy_that_has_gone_on_by_itself_is_refused),
		TEST(test_a_damaged_history_is_not_copied),
		TEST(test_a_copy_that_lacks_bytes_is_damage),
		TEST(test_a_tail_of_somebody_elses_is_kept_aside),
		TEST(test_what_can_not_be_taken_back_is_told),
		TEST(test_a_document_that_is_erased_meanwhile_is_no_fault),
		TEST(test_what_was_altered_is_not_taken_for_erased),
		TEST(test_a_copy_that_lost_bytes_gets_them_again),
		TEST(test_a_damaged_change_is_not_followed_out_of_its_log),
		TEST(test_an_erasure_after_a_thousand_transactions_comes_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
