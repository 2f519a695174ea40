/* test_history: logs that are damaged in ways that no crash leaves, and who says what of them */
#include "fault_fixture.h"

#include "history_fixture.h"

/* Enough threads are wanted for a batch to go round. */
static long processors;

long
sysconf(int name)
{
	static long (*real)(int);

	if (real == NULL)
		*(void **)&real = fault_real("sysconf", "sysconf");
	return name == _SC_NPROCESSORS_ONLN && processors != 0 ? processors : real(name);
}

static void
begin(struct fixture *fixture, struct history *history)
{
	struct store *store = fixture_open(fixture);

	history_begin(history, store_uuid(store));
	store_close(store);
}

/* The newest state by the lines themselves, as the first who leads finds it. */
static void
lead_state(struct fixture *fixture, struct state *state)
{
	struct store *store = fixture_open(fixture);

	assert_status(fixture, lead(store, clock_monotonic() + 3000, state, &fixture->error), STATUS_OK);
	store_close(store);
}

/* --- proof ---------------------------------------------------------------------------- */

static enum status
verify_report(struct fixture *fixture, struct verify_report *report)
{
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	enum status status = store_verify(snapshot, report, &fixture->error);

	snapshot_close(snapshot);
	store_close(store);
	return status;
}

/* A table without a byte, thousands of transactions, and one very large: more than one batch of each. */
static void
test_more_than_a_batch_is_proved(void **state)
{
	enum { LARGE = (1 << 26) + 5 };
	struct fixture *fixture = *state;
	struct verify_report report;
	struct history history;
	char *change, *zeros = memory_new(LARGE);

	begin(fixture, &history);
	change = history_change("ghost", 0, slice_of(""));
	for (uint64_t i = 0; i < 5000; i++)
		history_add(&history, "", change, i);
	free(change);
	change = history_change("large", 0, (struct slice){ zeros, LARGE });
	history_add(&history, "", change, 5000);
	free(change);
	fixture_write(fixture, "ghost.csv", slice_of(""));
	fixture_write(fixture, "large.csv", slice_of(""));
	fixture_truncate(fixture, "large.csv", LARGE);
	history_write(fixture, &history);
	processors = 100; /* more than anybody starts threads for */
	assert_status(fixture, verify_report(fixture, &report), STATUS_OK);
	assert_int_equal(report.transactions, 5001);
	assert_int_equal(report.tables, 2);
	assert_int_equal(report.bytes, LARGE);
	fault_arm("pthread_create", 3, EAGAIN, true); /* two more is what there is */
	assert_status(fixture, verify_report(fixture, &report), STATUS_OK);
	assert_non_null(fault_disarm());
	processors = -1; /* nobody knows */
	assert_status(fixture, verify_report(fixture, &report), STATUS_OK);
	processors = 0;
	history_release(&history);
	free(zeros);
}

static void
count_step(void *context, uint64_t bytes)
{
	uint64_t *last = context;

	assert_true(bytes > *last);
	*last = bytes;
}

/* Of two who hash, the one who comes first meets what is bad; and the caller is told how far it is. */
static void
test_what_another_thread_finds_is_named(void **state)
{
	enum { LONG = 700000 };
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot;
	struct verify_report report;
	char *text = memory_new(LONG + 1);
	uint64_t told = 0;
	const struct verify_how how = { .jobs = 2, .step = count_step, .context = &told };

	memset(text, 'x', LONG);
	for (int i = 0; i < 4; i++)
		assert_status(fixture, fixture_add(fixture, store, PAIRS("note", text)), STATUS_OK);
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, store_prove(snapshot, &how, &report, &fixture->error), STATUS_OK);
	assert_true(told > 0);
	fixture_flip(fixture, "note.csv", LONG * 2);
	told = 0;
	fault_patient = true;
	assert_status(fixture, store_prove(snapshot, &how, &report, &fixture->error), STATUS_NO);
	fault_patient = false;
	assert_reason(fixture, "transaction 2: note.csv");
	snapshot_close(snapshot);
	store_close(store);
	free(text);
}

/* What looks like a header, at the end, and has a hash. */
static void
test_a_header_at_the_end_is_no_line(void **state)
{
	struct fixture *fixture = *state;
	struct verify_report report;
	struct state shown = { .tables = NULL };
	struct store *store;

	fixture_fill(fixture, 2);
	lead_state(fixture, &shown);
	fixture_append_text(fixture, "audit.csv", "tx,x," HISTORY_HEX "\n");
	shown.audit_length = (uint64_t)fixture_size(fixture, "audit.csv");
	memcpy(shown.hash, HISTORY_HEX, sizeof shown.hash);
	store = fixture_open(fixture);
	assert_true(watermark_write(store, &shown, false));
	store_close(store);
	fixture_forget_head(fixture);
	assert_status(fixture, verify_report(fixture, &report), STATUS_NO);
	assert_reason(fixture, "not a line of an audit log");
	state_release(&shown);
}

/* A document that is another, and one that is erased while all are proved. */
static void
test_documents_are_proved(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	char name[HASH_HEX + 1], *path, *left;

	assert_status(fixture, blob_put(store, slice_of("letter"), name, &fixture->error), STATUS_OK);
	path = memory_format("blob/%.2s/%s", name, name);
	left = memory_format("blob/%.2s/new-1234", name);
	fixture_write(fixture, left, slice_of("half a letter"));
	assert_status(fixture, blobs_prove(store, &fixture->error), STATUS_OK);
	fixture_flip(fixture, path, 0);
	assert_status(fixture, blobs_prove(store, &fixture->error), STATUS_NO);
	assert_reason(fixture, "is not what its name says");
	fault_arm("fstat", 1, ENOENT, false); /* once it is open: as if it had not been */
	assert_status(fixture, blobs_prove(store, &fixture->error), STATUS_OK);
	assert_non_null(fault_disarm());
	store_close(store);
	free(path);
	free(left);
}

/* A change is bad and so is a line after it: the change comes first. */
static void
test_a_bad_change_is_named_before_a_bad_line(void **state)
{
	struct fixture *fixture = *state;
	struct verify_report report;
	off_t first;

	fixture_fill(fixture, 1);
	first = fixture_size(fixture, "audit.csv");
	fixture_fill(fixture, 2);
	fixture_flip(fixture, "note.csv", 14);
	fixture_flip(fixture, "audit.csv", first + 20);
	assert_status(fixture, verify_report(fixture, &report), STATUS_NO);
	assert_reason(fixture, "transaction 1: note.csv: line 1, byte 0");
	fixture_flip(fixture, "note.csv", 14);
	assert_status(fixture, verify_report(fixture, &report), STATUS_NO);
	assert_reason(fixture, "transaction 2: audit.csv: line 3");
}

/* A change that begins in no line: the number of the line it is in is told. */
static void
test_a_bad_change_within_a_line_is_named(void **state)
{
	struct fixture *fixture = *state;
	struct verify_report report;
	struct state shown = { .tables = NULL };
	struct history history;
	char *one, *other;

	begin(fixture, &history);
	one = history_change("note", 0, slice_of("id,tx,text\nR1,1"));
	other = history_change("note", 15, slice_of(",x\n"));
	history_add(&history, "", one, 0);
	history_add(&history, "", other, 1);
	fixture_write(fixture, "note.csv", slice_of("id,tx,text\nR1,1,x\n"));
	history_write(fixture, &history);
	lead_state(fixture, &shown);
	fixture_flip(fixture, "note.csv", 16);
	assert_status(fixture, verify_report(fixture, &report), STATUS_NO);
	assert_reason(fixture, "transaction 2: note.csv: line 2, byte 15");
	state_release(&shown);
	history_release(&history);
	free(one);
	free(other);
}

/* The mark says something else than the lines do: one more table, less of one, another hash or number. */
static void
test_what_is_shown_is_what_the_lines_say(void **state)
{
	struct fixture *fixture = *state;
	struct verify_report report;
	struct state shown = { .tables = NULL };
	struct store *store;

	fixture_fill(fixture, 3);
	lead_state(fixture, &shown);
	store = fixture_open(fixture);
	state_add_table(&shown, slice_of("more"), 0);
	assert_true(watermark_write(store, &shown, false));
	assert_status(fixture, verify_report(fixture, &report), STATUS_NO);
	assert_reason(fixture, "ends with another transaction");
	shown.count--;
	shown.tables[0].length--;
	assert_true(watermark_write(store, &shown, false));
	assert_status(fixture, verify_report(fixture, &report), STATUS_NO);
	assert_reason(fixture, "names more bytes than the log has");
	shown.tables[0].length++;
	shown.tx = 2;
	assert_true(watermark_write(store, &shown, false));
	fixture_forget_head(fixture);
	assert_status(fixture, verify_report(fixture, &report), STATUS_NO);
	assert_reason(fixture, "ends with another transaction");
	state_release(&shown);
	store_close(store);
}

/* Somebody writes the history anew, as long as it was, under one who is proving it. */
static void
test_a_history_written_anew_under_the_proof_is_found(void **state)
{
	struct fixture *fixture = *state;
	struct verify_report report;
	struct history history, other;
	struct snapshot *snapshot;
	struct store *store;

	begin(fixture, &history);
	begin(fixture, &other);
	/* long enough that it is mapped, not read */
	for (int i = 0; i < 400; i++) {
		history_add(&history, "good", "", 0);
		history_add(&other, "evil", "", 0);
	}
	history_write(fixture, &history);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	assert_true(snapshot_audit(snapshot).length > 32768);
	assert_status(fixture, store_verify(snapshot, &report, &fixture->error), STATUS_OK);
	fixture_write(fixture, "audit.csv", buffer_slice(&other.audit));
	assert_status(fixture, store_verify(snapshot, &report, &fixture->error), STATUS_NO);
	assert_reason(fixture, "ends with another transaction");
	snapshot_close(snapshot);
	store_close(store);
	history_release(&history);
	history_release(&other);
}

/* Blank, and carries no number of a transaction either. */
static void
test_a_blank_line_of_no_transaction_is_found(void **state)
{
	static const char log[] = "id,tx,seal,name,town\nR1,1," HISTORY_HEX ",Ada,x\nR2,x," HISTORY_HEX ",   ,\n";
	struct fixture *fixture = *state;
	struct verify_report report;
	struct history history;
	struct chunk chunk = { .table = "person", .bytes = slice_of(log) };
	char *change;

	chunk_digest(&chunk, (struct slice){ NULL, 0 });
	change = memory_format("person:0:%zu:%s", sizeof log - 1, chunk.digest);
	begin(fixture, &history);
	history_add(&history, "", change, 0);
	fixture_write(fixture, "person.csv", slice_of(log));
	history_write(fixture, &history);
	assert_status(fixture, verify_report(fixture, &report), STATUS_NO);
	assert_reason(fixture, "transaction 0: person.csv: line 3");
	assert_reason(fixture, "is blank, though no erasure names it");
	history_release(&history);
	free(change);
}

static void
test_less_on_disk_than_the_line_before_is_found(void **state)
{
	struct fixture *fixture = *state;
	struct verify_report report;
	struct history history;

	begin(fixture, &history);
	history_add(&history, "", "", 0);
	history_add(&history, "", "", 1);
	history_add(&history, "", "", 0);
	history_write(fixture, &history);
	assert_status(fixture, verify_report(fixture, &report), STATUS_NO);
	assert_reason(fixture, "transaction 3: audit.csv: line 4");
	assert_reason(fixture, "says that less was on disk than the line before");
	history_release(&history);
}

/* --- looking back ----------------------------------------------------------------------------------- */

static void
test_what_is_damaged_is_not_shown_as_of_then(void **state)
{
	struct fixture *fixture = *state;
	struct snapshot *snapshot;
	struct store *store;
	struct slice log;
	size_t count;

	fixture_fill(fixture, 3);
	store = fixture_open(fixture);
	fixture_flip(fixture, "audit.csv", AUDIT_HEADER_LENGTH); /* 1 becomes 0 */
	assert_status(fixture, snapshot_open_tx(store, 1, &snapshot, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "damaged at or before transaction 1");
	assert_status(fixture, snapshot_open_tx(store, 2, &snapshot, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "damaged at or before transaction 2");
	assert_null(snapshot);
	fixture_flip(fixture, "audit.csv", AUDIT_HEADER_LENGTH);
	snapshot = fixture_snapshot(fixture, store);
	assert_ptr_equal(snapshot_tables(snapshot, &count), snapshot_tables(snapshot, &count));
	assert_status(fixture, snapshot_to_head(snapshot, &fixture->error), STATUS_REFUSED);
	assert_status(fixture, snapshot_log(snapshot, "note", &log, &fixture->error), STATUS_OK);
	assert_true(log.length > 0);
	snapshot_close(snapshot);
	store_close(store);
}

/* A line without a number is passed over; what is shown then must be whole all the same. */
static void
test_an_instant_among_damaged_lines_is_not_shown(void **state)
{
	struct fixture *fixture = *state;
	struct snapshot *snapshot;
	struct history history;
	struct store *store;
	struct state shown = { .tables = NULL };
	int64_t then;
	char *at;

	begin(fixture, &history);
	history_add(&history, "", "", 0);
	history_line(&history, "2,2026-03-01T00:00:00.000Z,a,b,,,,0");
	history_line(&history, "3,2026-04-01T00:00:00.000Z,a,b,,,,0");
	history_write(fixture, &history);
	lead_state(fixture, &shown);
	at = memmem(history.audit.data, history.audit.length, "\n2,2026-03", 10);
	assert_non_null(at);
	at[1] = 'x';
	fixture_write(fixture, "audit.csv", buffer_slice(&history.audit));
	store = fixture_open(fixture);
	assert_true(time_parse(slice_of("2026-03-05T00:00:00Z"), &then));
	assert_status(fixture, snapshot_open_time(store, then * 1000, &snapshot, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "damaged at or before transaction 1");
	at[1] = '2';
	at[12] ^= 1;
	fixture_write(fixture, "audit.csv", buffer_slice(&history.audit));
	assert_status(fixture, snapshot_open_time(store, then * 1000, &snapshot, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "damaged at or before transaction 2");
	assert_null(snapshot);
	state_release(&shown);
	store_close(store);
	history_release(&history);
}

/* Somebody put another audit.csv in its place while a log was mapped. */
static void
test_a_replaced_audit_log_takes_its_logs_along(void **state)
{
	struct fixture *fixture = *state;
	struct buffer audit = BUFFER_INIT;
	struct snapshot *snapshot;
	struct store *store;
	struct slice before, after;
	char *path = fixture_path(fixture, "audit.csv"), *fresh = fixture_path(fixture, "fresh");

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, snapshot_log(snapshot, "note", &before, &fixture->error), STATUS_OK);
	fixture_read(fixture, "audit.csv", &audit);
	fixture_write(fixture, "fresh", buffer_slice(&audit));
	assert_int_equal(rename(fresh, path), 0);
	assert_status(fixture, store_lock(store, clock_monotonic() + 3000, &fixture->error), STATUS_OK);
	store_unlock(store);
	assert_status(fixture, snapshot_refresh(snapshot, &fixture->error), STATUS_OK);
	assert_status(fixture, snapshot_log(snapshot, "note", &after, &fixture->error), STATUS_OK);
	assert_true(before.data != after.data);
	assert_true(slice_equal(before, after));
	snapshot_close(snapshot);
	store_close(store);
	buffer_release(&audit);
	free(path);
	free(fresh);
}

/* Puts what a file was in its place, as who restores a backup does. */
static void
put_back(struct fixture *fixture, const char *name, struct slice bytes)
{
	char *path = fixture_path(fixture, name), *fresh = fixture_path(fixture, "fresh");

	fixture_write(fixture, "fresh", bytes);
	assert_int_equal(rename(fresh, path), 0);
	free(path);
	free(fresh);
}

/*
 * Where a backup is put back under those who have looked already, nothing that they know
 * holds any more: they are told, and nothing is written.
 */
static void
test_a_history_that_was_put_back_is_not_gone_on_from(void **state)
{
	struct fixture *fixture = *state;
	struct buffer audit = BUFFER_INIT, note = BUFFER_INIT;
	struct snapshot *reader, *writer;
	struct store *store, *other, *third;

	fixture_fill(fixture, 2);
	fixture_read(fixture, "audit.csv", &audit);
	fixture_read(fixture, "note.csv", &note);
	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	reader = fixture_snapshot(fixture, store);
	other = fixture_open(fixture);
	writer = fixture_snapshot(fixture, other);
	assert_int_equal(snapshot_tx(reader), 4);
	put_back(fixture, "note.csv", buffer_slice(&note));
	put_back(fixture, "audit.csv", buffer_slice(&audit));
	third = fixture_open(fixture);
	store_doubt_head(third);
	for (int i = 0; i < 2; i++) {
		assert_status(fixture, store_lock(store, clock_monotonic() + 3000, &fixture->error), STATUS_OK);
		store_unlock(store);
		assert_status(fixture, snapshot_refresh(reader, &fixture->error), STATUS_SYSTEM);
		assert_reason(fixture, "was rewritten or cut short since you last saw it, at transaction 4");
		assert_status(fixture, store_lock(other, clock_monotonic() + 3000, &fixture->error), STATUS_OK);
		assert_status(fixture, snapshot_to_head(writer, &fixture->error), STATUS_SYSTEM);
		assert_reason(fixture, "was rewritten or cut short since you last saw it, at transaction 4");
		store_unlock(other);
		/* A longer history is another one all the same. */
		for (int k = 0; k < 3; k++)
			assert_status(fixture,
			    fixture_add(fixture, third, PAIRS("note", "of another history")), STATUS_OK);
	}
	snapshot_close(reader);
	snapshot_close(writer);
	store_close(store);
	store_close(other);
	store_close(third);
	buffer_release(&audit);
	buffer_release(&note);
}

/* One who may not write is told when even that can't be found out. */
static void
test_one_who_may_not_write_is_told_of_damage(void **state)
{
	struct fixture *fixture = *state;
	struct snapshot *snapshot;
	struct watermark mark = { .kind = WATERMARK_NONE };
	struct store *store;
	uint64_t size;

	fixture_fill(fixture, 3);
	store = fixture_open(fixture);
	store->writable = false;
	fixture_unlink(fixture, "watermark");
	fixture_flip(fixture, "audit.csv", AUDIT_HEADER_LENGTH + 30);
	assert_status(fixture, snapshot_open(store, &snapshot, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "damaged at or before transaction");
	/* a mark that he may not read either is as if there were none */
	fault_arm("openat", 1, EACCES, false);
	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
	assert_non_null(fault_disarm());
	assert_int_equal(mark.kind, WATERMARK_NONE);
	store_close(store);
}

static off_t real_sizes;

/* A file was longer when it was asked for its size than when it was read. */
static void
be_longer(const char *function, struct stat *status)
{
	if (strcmp(function, "fstat") == 0 && S_ISREG(status->st_mode))
		status->st_size = real_sizes + 100000;
}

static void
test_what_shrinks_between_a_look_and_a_read_is_not_there(void **state)
{
	struct fixture *fixture = *state;
	struct watermark mark = { .kind = WATERMARK_NONE };
	char digest[HASH_HEX + 1], *path = fixture_path(fixture, "note.csv");
	struct state shown = { .tables = NULL };
	struct store *store;
	uint64_t size;
	int fd;

	fixture_fill(fixture, 2);
	lead_state(fixture, &shown);
	store = fixture_open(fixture);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	real_sizes = fixture_size(fixture, "audit.csv");
	shown.audit_length += 500;
	assert_true(watermark_write(store, &shown, false));
	fault_alter = be_longer;
	assert_int_equal(chunk_hash_file(fd, 0, (uint64_t)real_sizes + 5000, digest), STATUS_NO);
	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_SYSTEM);
	fault_alter = NULL;
	assert_reason(fixture, "known to be on disk, is not there");
	assert_int_equal(chunk_hash_file(fd, 1 << 20, 1, digest), STATUS_NO);
	close(fd);
	watermark_release(&mark);
	state_release(&shown);
	store_close(store);
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_more_than_a_batch_is_proved),
		TEST(test_what_another_thread_finds_is_named),
		TEST(test_a_header_at_the_end_is_no_line),
		TEST(test_documents_are_proved),
		TEST(test_a_bad_change_is_named_before_a_bad_line),
		TEST(test_a_bad_change_within_a_line_is_named),
		TEST(test_what_is_shown_is_what_the_lines_say),
		TEST(test_a_history_written_anew_under_the_proof_is_found),
		TEST(test_a_blank_line_of_no_transaction_is_found),
		TEST(test_less_on_disk_than_the_line_before_is_found),
		TEST(test_what_is_damaged_is_not_shown_as_of_then),
		TEST(test_an_instant_among_damaged_lines_is_not_shown),
		TEST(test_a_replaced_audit_log_takes_its_logs_along),
		TEST(test_a_history_that_was_put_back_is_not_gone_on_from),
		TEST(test_one_who_may_not_write_is_told_of_damage),
		TEST(test_what_shrinks_between_a_look_and_a_read_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
