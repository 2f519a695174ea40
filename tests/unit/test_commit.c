/* test_commit: what is refused before a byte is written, and what may happen to it afterwards */
#include "fault_fixture.h"

#include "history_fixture.h"

#define HEADER "id,tx,text\n"
#define SALT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* Appends under the lock, from a snapshot that stands at the head. */
static enum status
append(struct fixture *fixture, struct store *store, const struct transaction *transaction, uint64_t *tx)
{
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	enum status status;

	assert_status(fixture, store_lock(store, clock_monotonic() + 3000, &fixture->error), STATUS_OK);
	assert_status(fixture, snapshot_to_head(snapshot, &fixture->error), STATUS_OK);
	status = store_append(store, snapshot, transaction, tx, &fixture->error);
	snapshot_close(snapshot);
	return status;
}

static struct chunk
chunk_of(const char *table, const char *text, uint64_t offset)
{
	struct chunk chunk = { .table = table, .bytes = slice_of(text), .offset = offset };

	chunk_digest(&chunk, slice_of(HEADER));
	return chunk;
}

/* --- refused ---------------------------------------------------------------------------- */

static void
test_chunks_that_make_no_sense_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct chunk good = chunk_of("note", HEADER "R1,1,x\n", 0), undigested = good;
	struct chunk pairs[][2] = {
		{ chunk_of("note", HEADER, 0), chunk_of("ticket", HEADER "R1,1,x\n", 0) }, /* no record */
		{ chunk_of("note", HEADER "R1,x,y\n", 0), good },                          /* no number */
		{ good, good },
		{ undigested, chunk_of("ticket", HEADER "R1,1,x\n", 0) },
	};
	uint64_t tx;

	pairs[3][0].digest[0] = 'G';
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct transaction transaction = { .command = "test",
			.key = "",
			.reason = "",
			.chunks = pairs[i],
			.count = 2 };

		assert_status(fixture, append(fixture, store, &transaction, &tx), STATUS_REFUSED);
	}
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 0);
	assert_true(fixture_size(fixture, "note.csv") < 0);
}

static void
test_words_that_are_more_than_one_line_are_refused(void **state)
{
	static const char *const words[][3] = {
		{ "two\nlines", "", "" },
		{ "", "two\nlines", "" },
		{ "", "", "two\nlines" },
		{ "", "", "rub\x7fout" },
		{ "\x1b[1m", "", "" },
	};
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	char *longest = memory_new(STORE_LINE_MAX + 1);
	struct transaction transaction = { .command = "test", .key = "", .reason = longest };
	uint64_t tx;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const struct transaction bad = { .command = words[i][0], .key = words[i][1], .reason = words[i][2] };

		assert_status(fixture, append(fixture, store, &bad, &tx), STATUS_REFUSED);
		assert_reason(fixture, "a control character in command, key or reason");
	}
	memset(longest, 'r', STORE_LINE_MAX);
	assert_status(fixture, append(fixture, store, &transaction, &tx), STATUS_REFUSED);
	assert_reason(fixture, "the reason is too long");
	transaction.reason = "a tab\tis fine";
	assert_status(fixture, append(fixture, store, &transaction, &tx), STATUS_OK);
	free(longest);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 1);
}

/* Another history with as many transactions. */
static void
test_a_snapshot_of_another_history_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct transaction transaction = { .command = "test", .key = "", .reason = "" };
	struct snapshot *snapshot;
	struct history history;
	uint64_t tx;

	fixture_fill(fixture, 1);
	snapshot = fixture_snapshot(fixture, store);
	history_begin(&history, store_uuid(store));
	history_add(&history, "", "", 0);
	history_write(fixture, &history);
	assert_status(fixture, store_lock(store, clock_monotonic() + 3000, &fixture->error), STATUS_OK);
	assert_status(fixture, store_append(store, snapshot, &transaction, &tx, &fixture->error), STATUS_REFUSED);
	assert_reason(fixture, "moved on");
	history_release(&history);
	snapshot_close(snapshot);
	store_close(store);
}

/* --- logs that are not as they were ------------------------------------------------------- */

/* What appending says to a log that was made short, or taken away, a moment ago. */
static void
test_a_log_that_lacks_committed_bytes_is_damage(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	uint64_t tx, length;
	struct chunk chunks[2];
	struct transaction transaction = { .command = "test", .key = "", .reason = "", .chunks = chunks, .count = 2 };

	fixture_fill(fixture, 1);
	length = (uint64_t)fixture_size(fixture, "note.csv");
	chunks[0] = chunk_of("note", "R2,2,x\n", length);
	chunks[1] = chunk_of("ticket", HEADER "R2,2,x\n", 0);
	fixture_truncate(fixture, "note.csv", (off_t)length - 1);
	assert_status(fixture, append(fixture, store, &transaction, &tx), STATUS_SYSTEM);
	assert_reason(fixture, "bytes long, but");
	assert_true(fixture_size(fixture, "ticket.csv") < 0);
	fixture_unlink(fixture, "note.csv");
	assert_status(fixture, append(fixture, store, &transaction, &tx), STATUS_SYSTEM);
	assert_reason(fixture, "note.csv: can't open: No such file");
	store_close(store);
}

/* What is written in pieces is there whole, or not at all. */
static void
test_a_chunk_of_many_pieces(void **state)
{
	enum { LONG = 9 << 20 };
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	char *text = memory_new(LONG + 1);
	struct chunk chunk;
	struct transaction transaction = { .command = "test", .key = "", .reason = "", .chunks = &chunk, .count = 1 };
	uint64_t tx;

	memset(text, 'x', LONG);
	memcpy(text, HEADER "R1,1,", strlen(HEADER "R1,1,"));
	for (size_t i = 100000; i < LONG; i += 100000)
		memcpy(text + i, "\nR1,1,", 6);
	text[LONG - 1] = '\n';
	chunk = chunk_of("note", text, 0);
	assert_int_equal(fixture_tx(fixture), 0); /* and the watermark is written */
	for (unsigned piece = 1; piece <= 2; piece++) {
		fault_arm("pwrite", piece, ENOSPC, false);
		assert_status(fixture, append(fixture, store, &transaction, &tx), STATUS_SYSTEM);
		assert_non_null(fault_disarm());
		assert_int_equal(fixture_size(fixture, "note.csv"), 0);
	}
	assert_status(fixture, append(fixture, store, &transaction, &tx), STATUS_OK);
	assert_status(fixture, store_settle(store, tx, clock_monotonic() + 3000, &fixture->error), STATUS_OK);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 1);
	assert_int_equal(fixture_size(fixture, "note.csv"), LONG);
	free(text);
}

/* Neither written nor taken back, and nobody knows how far it was. */
static void
test_what_can_not_be_taken_back_breaks_the_store_without_a_mark_too(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct transaction transaction = { .command = "test", .key = "", .reason = "" };
	struct snapshot *snapshot;
	uint64_t tx;

	fixture_fill(fixture, 2);
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, store_lock(store, clock_monotonic() + 3000, &fixture->error), STATUS_OK);
	assert_status(fixture, snapshot_to_head(snapshot, &fixture->error), STATUS_OK);
	fixture_unlink(fixture, "watermark");
	fault_arm("pwrite ftruncate", 1, EIO, true);
	assert_status(fixture, store_append(store, snapshot, &transaction, &tx, &fixture->error), STATUS_UNKNOWN);
	assert_non_null(fault_disarm());
	assert_reason(fixture, "could not be taken back: ");
	snapshot_close(snapshot);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 2);
}

/* --- settling -------------------------------------------------------------------------------- */

/* What happens to the files between append and settle. */
struct mishap {
	bool cut;             /* the transaction is cut off again */
	const char *more;     /* what is appended to audit.csv */
	bool unmarked;        /* the watermark goes */
	const char *lost_log; /* of another's transaction, which was not settled either */
	const char *fails;    /* what fails while it is settled */
};

static enum status
settle_after(struct fixture *fixture, const struct mishap *mishap)
{
	struct store *store = fixture_open(fixture), *other = fixture_open(fixture);
	off_t size = fixture_size(fixture, "audit.csv");
	uint64_t tx, ignored;
	enum status status;
	bool taken;

	if (mishap->lost_log != NULL)
		assert_status(fixture, fixture_append(fixture, other, &ignored, PAIRS("other", "unsettled")),
		    STATUS_OK);
	/* so that nobody settles the other one's meanwhile */
	assert_status(fixture, lock_try(other, LOCK_SYNC, &taken, &fixture->error), STATUS_OK);
	assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS("ticket", "mine")), STATUS_OK);
	lock_release(other, LOCK_SYNC);
	if (mishap->cut)
		fixture_truncate(fixture, "audit.csv", size);
	if (mishap->more != NULL)
		fixture_append_text(fixture, "audit.csv", mishap->more);
	if (mishap->unmarked)
		fixture_unlink(fixture, "watermark");
	if (mishap->lost_log != NULL)
		fixture_unlink(fixture, mishap->lost_log);
	if (mishap->fails != NULL)
		fault_arm(mishap->fails, 1, EIO, true);
	status = store_settle(store, tx, clock_monotonic() + 3000, &fixture->error);
	fault_disarm();
	store_close(store);
	store_close(other);
	return status;
}

static void
test_what_lies_behind_a_transaction_does_not_keep_it_from_settling(void **state)
{
	static const char *const tails[] = { "nonsense\n", "9," HISTORY_TIME ",a,b,,,,0," HISTORY_HEX "\n" };

	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		struct fixture *fixture;
		void *fresh = NULL;

		assert_int_equal(fixture_setup(&fresh), 0);
		fixture = fresh;
		fixture_fill(fixture, 1);
		assert_status(fixture, settle_after(fixture, &(struct mishap){ .more = tails[i] }), STATUS_OK);
		assert_int_equal(fixture_tx(fixture), 2);
		fixture_teardown(&fresh);
	}
	(void)state;
}

static void
test_a_transaction_that_vanished_is_not_settled(void **state)
{
	struct fixture *fixture = *state;

	fixture_fill(fixture, 1);
	assert_status(fixture, settle_after(fixture, &(struct mishap){ .cut = true }), STATUS_UNKNOWN);
	assert_reason(fixture, "transaction 2 has vanished");
	fixture_unlink(fixture, "ticket.csv");
	assert_status(fixture, settle_after(fixture, &(struct mishap){ .cut = true, .unmarked = true }),
	    STATUS_UNKNOWN);
	assert_reason(fixture, "transaction 2 has vanished");
}

static void
test_a_sync_that_fails_without_a_mark_breaks_the_store_too(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;

	fixture_fill(fixture, 1);
	assert_status(fixture,
	    settle_after(fixture, &(struct mishap){ .unmarked = true, .fails = "fdatasync" }), STATUS_UNKNOWN);
	assert_reason(fixture, "the outcome is unknown: ");
	store = fixture_open(fixture);
	assert_true(fault_broke(fixture, store));
	store_close(store);
}

/* Of another's, which has to be synced too; no sync has failed, so nothing is broken. */
static void
test_a_log_of_another_that_is_gone_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;

	fixture_fill(fixture, 1);
	assert_status(fixture, settle_after(fixture, &(struct mishap){ .lost_log = "other.csv" }), STATUS_UNKNOWN);
	assert_reason(fixture, "other.csv");
	store = fixture_open(fixture);
	assert_false(fault_broke(fixture, store));
	store_close(store);
}

/* --- leading ------------------------------------------------------------------------------------ */

static void
test_who_leads_after_all_is_done_has_nothing_to_do(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct state now = { .tables = NULL };
	bool led, taken;
	struct store *other;

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	other = fixture_open(fixture);
	assert_status(fixture, lead(store, clock_monotonic(), &now, &fixture->error), STATUS_OK);
	assert_int_equal(now.tx, 2);
	/* somebody writes: he will lead */
	assert_status(fixture, lock_try(other, LOCK_WRITER, &taken, &fixture->error), STATUS_OK);
	assert_status(fixture, lead_if_idle(store, &now, &led, &fixture->error), STATUS_OK);
	assert_false(led);
	lock_release(other, LOCK_WRITER);
	fixture_append_text(fixture, "audit.csv", "torn");
	assert_status(fixture, lead(store, clock_monotonic(), &now, &fixture->error), STATUS_OK);
	assert_int_equal(now.tx, 2);
	mark_broken(other);
	assert_status(fixture, lead(store, clock_monotonic(), &now, &fixture->error), STATUS_OK);
	assert_int_equal(now.tx, 2);
	/* who syncs keeps W from whoever comes to lead too late */
	assert_status(fixture, lock_try(other, LOCK_SYNC, &taken, &fixture->error), STATUS_OK);
	assert_status(fixture, lead(store, clock_monotonic(), &now, &fixture->error), STATUS_BUSY);
	assert_status(fixture, lock_try(other, LOCK_WRITER, &taken, &fixture->error), STATUS_OK);
	assert_true(taken);
	state_release(&now);
	store_close(store);
	store_close(other);
}

/* A log that is shorter than its committed length must not be called durable. */
static void
test_a_short_log_is_not_synced(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct state now = { .tables = NULL };

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	assert_status(fixture, lead(store, clock_monotonic(), &now, &fixture->error), STATUS_OK);
	fixture_truncate(fixture, "note.csv", 5);
	assert_status(fixture, lead_sync(store, NULL, &now, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "5 bytes long, but");
	state_release(&now);
	store_close(store);
}

/* --- recovery -------------------------------------------------------------------------------------- */

/* After power loss: the line is whole, its log never had a name; or the line is not the next one. */
static void
test_what_is_not_all_there_is_torn(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	uint64_t tx;

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS("other", "unsettled")), STATUS_OK);
	store_close(store);
	fixture_unlink(fixture, "other.csv");
	assert_int_equal(fixture_tx(fixture), 2);
	fixture_fill(fixture, 1);
	assert_int_equal(fixture_tx(fixture), 3);
	fixture_append_text(fixture, "audit.csv", "9," HISTORY_TIME ",a,b,,,,0," HISTORY_HEX "\n");
	assert_int_equal(fixture_tx(fixture), 3);
	fixture_fill(fixture, 1);
	assert_int_equal(fixture_tx(fixture), 4);
}

/* --- lines in their sealed form ------------------------------------------------------------------------ */

static void
test_only_what_is_wholly_blank_is_blank(void **state)
{
	static const char *const blank[] = { "P1,1," SALT ",    ", "P1,1," SALT ",  ,," };
	static const char *const not_blank[] = {
		"P1,1,short",
		"P1,1," SALT "x    ",
		"P1,1," SALT ",Ada",
		"id,1," SALT ",    ",
		"P1,1,G0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff,    ",
		"P1,1," SALT ",  x,",
		"P1,1," SALT ",  ,x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof blank / sizeof *blank; i++)
		assert_true(line_is_blank(slice_of(blank[i])));
	for (size_t i = 0; i < sizeof not_blank / sizeof *not_blank; i++)
		assert_false(line_is_blank(slice_of(not_blank[i])));
	assert_true(header_is_sealed(slice_of("id,tx,seal")));
	assert_true(header_is_sealed(slice_of("id,tx,seal,name")));
	assert_false(header_is_sealed(slice_of("id,tx,sealing")));
}

/* The hash of a file goes by pieces: one that holds no line's end, and one that begins with one. */
static void
test_a_line_longer_than_a_piece_is_hashed_whole(void **state)
{
	enum { LONG = 700000 };
	struct fixture *fixture = *state;
	struct buffer bytes = BUFFER_INIT;
	struct chunk chunk = { .table = "person" };
	char digest[HASH_HEX + 1], *path = fixture_path(fixture, "person.csv"), *name = memory_new(LONG + 1);
	int fd;

	memset(name, 'n', LONG);
	buffer_format(&bytes, "id,tx,seal,name\nP1,1," SALT ",%s\nP2,1," SALT ",x\n", name);
	fixture_write(fixture, "person.csv", buffer_slice(&bytes));
	chunk.bytes = buffer_slice(&bytes);
	chunk_digest(&chunk, (struct slice){ NULL, 0 });
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(chunk_hash_file(fd, 0, bytes.length, digest), STATUS_OK);
	assert_string_equal(digest, chunk.digest);
	close(fd);
	buffer_release(&bytes);
	free(name);
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_chunks_that_make_no_sense_are_refused),
		TEST(test_words_that_are_more_than_one_line_are_refused),
		TEST(test_a_snapshot_of_another_history_is_refused),
		TEST(test_a_log_that_lacks_committed_bytes_is_damage),
		TEST(test_a_chunk_of_many_pieces),
		TEST(test_what_can_not_be_taken_back_breaks_the_store_without_a_mark_too),
		cmocka_unit_test(test_what_lies_behind_a_transaction_does_not_keep_it_from_settling),
		TEST(test_a_transaction_that_vanished_is_not_settled),
		TEST(test_a_sync_that_fails_without_a_mark_breaks_the_store_too),
		TEST(test_a_log_of_another_that_is_gone_is_told),
		TEST(test_who_leads_after_all_is_done_has_nothing_to_do),
		TEST(test_a_short_log_is_not_synced),
		TEST(test_what_is_not_all_there_is_torn),
		cmocka_unit_test(test_only_what_is_wholly_blank_is_blank),
		TEST(test_a_line_longer_than_a_piece_is_hashed_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
