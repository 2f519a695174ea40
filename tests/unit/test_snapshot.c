/* test_snapshot: what a reader is shown, then and now */
#include "store_fixture.h"
#include "store/guard.h"

static struct slice
log_of(struct fixture *fixture, struct snapshot *snapshot, const char *table)
{
	struct slice bytes;

	assert_status(fixture, snapshot_log(snapshot, table, &bytes, &fixture->error), STATUS_OK);
	return bytes;
}

static void
test_an_empty_store_is_shown_empty(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	size_t count;

	assert_int_equal(snapshot_tx(snapshot), 0);
	assert_string_equal(snapshot_hash(snapshot), store_uuid(store));
	assert_int_equal(log_of(fixture, snapshot, "note").length, 0);
	assert_true(slice_is(snapshot_audit(snapshot), AUDIT_HEADER));
	(void)snapshot_tables(snapshot, &count);
	assert_int_equal(count, 0);
	snapshot_close(snapshot);
	store_close(store);
}

static void
test_bytes_handed_out_stay_after_refresh(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot;
	struct slice before, after;
	char *long_text = memory_new(600001);

	memset(long_text, 'x', 600000);
	fixture_fill(fixture, 2);
	snapshot = fixture_snapshot(fixture, store);
	before = log_of(fixture, snapshot, "note");
	for (int i = 0; i < 60; i++) /* more than the room that was left to grow */
		assert_status(fixture, fixture_add(fixture, store, PAIRS("note", long_text)), STATUS_OK);
	assert_int_equal(log_of(fixture, snapshot, "note").length, before.length);
	assert_status(fixture, snapshot_refresh(snapshot, &fixture->error), STATUS_OK);
	after = log_of(fixture, snapshot, "note");
	assert_int_equal(snapshot_tx(snapshot), 62);
	assert_true(after.length > 60 * 600000);
	assert_memory_equal(before.data, after.data, before.length);
	assert_true(before.data != after.data); /* mapped anew */
	snapshot_close(snapshot);
	store_close(store);
	free(long_text);
}

/* Whether the page at a place is in this process's memory. */
static bool
is_mapped_in(const char *at)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t entry = 0;

	assert_int_equal(pread(fd, &entry, sizeof entry, (off_t)((uintptr_t)at / page * sizeof entry)),
	    sizeof entry);
	close(fd);
	return entry >> 63 != 0;
}

static void
test_what_was_seen_goes_away_and_comes_back(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot;
	char *text = memory_new(600001), *copy;
	struct slice log;

	memset(text, 'x', 600000);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", text)), STATUS_OK);
	snapshot = fixture_snapshot(fixture, store);
	log = log_of(fixture, snapshot, "note");
	copy = memory_copy(log.data, log.length);
	assert_true(is_mapped_in(log.data + 300000));
	snapshot_seen(snapshot, log);
	assert_false(is_mapped_in(log.data + 300000));
	assert_memory_equal(log.data, copy, log.length);
	/* What is no part of a log keeps what is in it. */
	snapshot_seen(snapshot, (struct slice){ text, 600000 });
	snapshot_seen(snapshot, (struct slice){ log.data, 0 });
	assert_int_equal(strspn(text, "x"), 600000);
	free(copy);
	free(text);
	snapshot_close(snapshot);
	store_close(store);
}

static void
test_what_is_not_durable_is_not_shown_while_its_writer_is_at_it(void **state)
{
	struct fixture *fixture = *state;
	struct store *writer = fixture_open(fixture), *reader = fixture_open(fixture);
	struct snapshot *snapshot;
	bool taken;
	uint64_t tx;

	fixture_fill(fixture, 2);
	assert_status(fixture, fixture_append(fixture, writer, &tx, PAIRS("note", "pending")), STATUS_OK);
	assert_status(fixture, lock_try(writer, LOCK_SYNC, &taken, &fixture->error), STATUS_OK);
	snapshot = fixture_snapshot(fixture, reader);
	assert_int_equal(snapshot_tx(snapshot), 2);
	lock_release(writer, LOCK_SYNC);
	assert_status(fixture, store_settle(writer, tx, INT64_MAX, &fixture->error), STATUS_OK);
	assert_status(fixture, snapshot_refresh(snapshot, &fixture->error), STATUS_OK);
	assert_int_equal(snapshot_tx(snapshot), 3);
	snapshot_close(snapshot);
	store_close(writer);
	store_close(reader);
}

static void
test_settling_past_its_deadline_is_unknown(void **state)
{
	struct fixture *fixture = *state;
	struct store *writer = fixture_open(fixture), *other = fixture_open(fixture);
	bool taken;
	uint64_t tx;

	fixture_fill(fixture, 1);
	assert_status(fixture, fixture_append(fixture, writer, &tx, PAIRS("note", "pending")), STATUS_OK);
	assert_status(fixture, lock_try(other, LOCK_SYNC, &taken, &fixture->error), STATUS_OK);
	assert_status(fixture, store_settle(writer, tx, clock_monotonic() + 20, &fixture->error), STATUS_UNKNOWN);
	lock_release(other, LOCK_SYNC);
	store_close(writer);
	store_close(other);
	assert_int_equal(fixture_tx(fixture), 2);
}

static void
test_tables_come_in_the_order_of_their_first_transaction(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot;
	const char *const *names;
	size_t count;

	assert_status(fixture, fixture_add(fixture, store, PAIRS("ticket", "a")), STATUS_OK);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "b", "ticket", "c", "apple", "d")),
	    STATUS_OK);
	fixture_unlink(fixture, "watermark");
	snapshot = fixture_snapshot(fixture, store);
	names = snapshot_tables(snapshot, &count);
	assert_int_equal(count, 3);
	assert_string_equal(names[0], "ticket");
	assert_string_equal(names[1], "note");
	assert_string_equal(names[2], "apple");
	snapshot_close(snapshot);
	store_close(store);
}

static void
test_a_store_as_of_each_transaction_is_a_prefix(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *now, *then;
	struct slice whole;
	size_t last = 0;

	fixture_fill(fixture, 12);
	now = fixture_snapshot(fixture, store);
	whole = log_of(fixture, now, "note");
	for (uint64_t tx = 0; tx <= 12; tx++) {
		struct slice part;
		struct verify_report report;

		assert_status(fixture, snapshot_open_tx(store, tx, &then, &fixture->error), STATUS_OK);
		assert_int_equal(snapshot_tx(then), tx);
		part = log_of(fixture, then, "note");
		assert_true(part.length > last || tx == 0);
		assert_memory_equal(part.data, whole.data, part.length);
		assert_status(fixture, store_verify(then, &report, &fixture->error), STATUS_OK);
		last = part.length;
		snapshot_close(then);
	}
	assert_int_equal(last, whole.length);
	assert_status(fixture, snapshot_open_tx(store, 13, &then, &fixture->error), STATUS_NO);
	snapshot_close(now);
	store_close(store);
}

/* Writes an audit log whose transactions have these times and change nothing. */
static void
write_times(struct fixture *fixture, struct store *store, const char *const *times, size_t count)
{
	struct buffer audit = BUFFER_INIT;
	char hash[HASH_HEX + 1];

	buffer_add_text(&audit, AUDIT_HEADER);
	memcpy(hash, store_uuid(store), UUID_SIZE);
	for (size_t i = 0; i < count; i++) {
		size_t start = audit.length;
		struct buffer line = BUFFER_INIT;

		buffer_format(&audit, "%zu,%s,a,b,,,,%zu,", i + 1, times[i], i);
		buffer_format(&line, "%s%s", hash, audit.data + start);
		hash_text(buffer_slice(&line), hash);
		buffer_format(&audit, "%s\n", hash);
		buffer_release(&line);
	}
	fixture_write(fixture, "audit.csv", buffer_slice(&audit));
	buffer_release(&audit);
}

static void
test_an_instant_finds_its_newest_transaction_though_the_clock_went_back(void **state)
{
	static const char *const times[] = {
		"2026-01-01T10:00:00.000Z",
		"2026-01-01T12:00:00.500Z",
		"2026-01-01T11:00:00.000Z",
		"2026-01-01T13:00:00.000Z",
	};
	static const struct {
		int64_t after; /* milliseconds after 2026-01-01T10:00 */
		uint64_t tx;
	} wanted[] = {
		{ -1, 0 },
		{ 0, 1 },
		{ 3599999, 1 },
		{ 3600000, 3 },
		{ 7200499, 3 },
		{ 7200500, 3 },
		{ 10800000, 4 },
		{ 99999999, 4 },
	};
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	int64_t ten;

	assert_true(time_parse(slice_of("2026-01-01T10:00:00Z"), &ten));
	write_times(fixture, store, times, 4);
	assert_int_equal(fixture_tx(fixture), 4);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		struct snapshot *snapshot;

		assert_status(fixture,
		    snapshot_open_time(store, ten * 1000 + wanted[i].after, &snapshot, &fixture->error),
		    STATUS_OK);
		assert_int_equal(snapshot_tx(snapshot), wanted[i].tx);
		snapshot_close(snapshot);
	}
	store_close(store);
}

static void
test_a_clock_that_went_back_is_warned_of(void **state)
{
	static const char *const times[] = { "2999-01-01T10:00:00.000Z" };
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);

	write_times(fixture, store, times, 1);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "now")), STATUS_OK);
	assert_non_null(strstr(store_warnings(store).data, "the clock went back"));
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 2);
}

/* Lines of a kilobyte: soon more than is read rather than mapped. */
static void
fill_long(struct fixture *fixture, size_t count)
{
	struct store *store = fixture_open(fixture);
	char text[1000];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	for (size_t i = 0; i < count; i++)
		assert_status(fixture, fixture_add(fixture, store, PAIRS("note", text)), STATUS_OK);
	store_close(store);
}

static void
read_a_log_that_shrinks(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	struct slice log = log_of(fixture, snapshot, "note");
	volatile char last;

	guard_stage(STATUS_SYSTEM); /* as in a process that has written nothing */
	close(STDERR_FILENO);
	open("/dev/null", O_WRONLY);
	fixture_truncate(fixture, "note.csv", 0);
	last = log.data[log.length - 1];
	_exit(last != 0 ? 98 : 99);
}

static void
test_a_log_that_shrinks_under_a_reader_is_an_error_and_no_crash(void **state)
{
	struct fixture *fixture = *state;

	fill_long(fixture, 200);
	assert_int_equal(fixture_child(read_a_log_that_shrinks, fixture), STATUS_SYSTEM);
}

/* A short one was read, and is there whatever happens to the file; who comes later is told. */
static void
test_a_short_log_that_shrinks_is_damage_to_who_comes_later(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;
	struct slice log, other;

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	log = log_of(fixture, snapshot, "note");
	fixture_truncate(fixture, "note.csv", (off_t)log.length - 1);
	assert_int_equal(log.data[log.length - 1], '\n');
	snapshot_close(snapshot);
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, snapshot_log(snapshot, "note", &other, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "are committed");
	snapshot_close(snapshot);
	store_close(store);
}

/* From read to mapped: what was handed out stays, what is handed out then is whole. */
static void
test_a_log_that_outgrows_a_copy_is_mapped(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot;
	struct slice before, after;
	struct buffer kept = BUFFER_INIT, whole = BUFFER_INIT;

	fixture_fill(fixture, 2);
	snapshot = fixture_snapshot(fixture, store);
	before = log_of(fixture, snapshot, "note");
	buffer_add_slice(&kept, before);
	for (int i = 0; i < 3; i++) {
		fixture_fill(fixture, 1);
		assert_status(fixture, snapshot_refresh(snapshot, &fixture->error), STATUS_OK);
		after = log_of(fixture, snapshot, "note");
		buffer_clear(&whole);
		fixture_read(fixture, "note.csv", &whole);
		assert_true(slice_equal(after, buffer_slice(&whole)));
		assert_true(slice_equal(before, buffer_slice(&kept)));
	}
	assert_int_equal(snapshot_tx(snapshot), 5);
	snapshot_close(snapshot);
	store_close(store);
	buffer_release(&kept);
	buffer_release(&whole);
}

/* Opened a while ago: what is shown is the newest all the same. */
static void
test_a_store_that_grew_since_it_was_opened_is_shown_whole(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot;

	fixture_fill(fixture, 2);
	for (int i = 0; i < 2; i++) {
		snapshot = fixture_snapshot(fixture, store);
		assert_int_equal(snapshot_tx(snapshot), 2 + i);
		snapshot_close(snapshot);
		fixture_fill(fixture, 1);
	}
	store_close(store);
}

/* A mark of this boot names a line that does not end there: damage, whoever comes. */
static void
test_a_last_line_that_is_not_there_is_damage(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;
	off_t end;

	fixture_fill(fixture, 2);
	end = fixture_size(fixture, "audit.csv");
	for (off_t back = 1; back <= HASH_HEX + 2; back += 13) {
		fixture_flip(fixture, "audit.csv", end - back);
		store = fixture_open(fixture);
		assert_status(fixture, snapshot_open(store, &snapshot, &fixture->error), STATUS_SYSTEM);
		assert_reason(fixture, "transaction 2, known to be on disk, is not there");
		store_close(store);
		fixture_flip(fixture, "audit.csv", end - back);
	}
	assert_int_equal(fixture_tx(fixture), 2);
}

/* --- the head that was seen last ------------------------------------------------------ */

/* A history as a forger would write it: everything chained anew, one word changed. */
static void
forge(struct fixture *fixture, size_t count)
{
	struct store *store = fixture_open(fixture);
	const char *times[16];

	for (size_t i = 0; i < count; i++)
		times[i] = "2026-01-01T10:00:00.000Z";
	write_times(fixture, store, times, count);
	fixture_unlink(fixture, "watermark");
	store_close(store);
}

static void
test_a_history_written_anew_is_noticed(void **state)
{
	struct fixture *fixture = *state;

	fixture_fill(fixture, 3);
	forge(fixture, 9);
	assert_int_equal(fixture_verify(fixture), STATUS_SYSTEM);
	assert_reason(fixture, "rewritten or cut short since you last saw it, at transaction 3");
	fixture_forget_head(fixture);
	assert_int_equal(fixture_verify(fixture), STATUS_OK); /* nobody else could tell */
}

static void
test_a_history_cut_short_is_noticed(void **state)
{
	struct fixture *fixture = *state;
	struct buffer audit = BUFFER_INIT;

	fixture_fill(fixture, 2);
	fixture_read(fixture, "audit.csv", &audit);
	fixture_fill(fixture, 1);
	fixture_unlink(fixture, "watermark");
	fixture_write(fixture, "audit.csv", buffer_slice(&audit));
	assert_int_equal(fixture_verify(fixture), STATUS_SYSTEM);
	assert_reason(fixture, "rewritten or cut short");
	buffer_release(&audit);
}

static void
test_nowhere_to_remember_is_no_error(void **state)
{
	struct fixture *fixture = *state;

	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	fixture_fill(fixture, 2);
	setenv("XDG_STATE_HOME", "/proc/nowhere", 1);
	fixture_fill(fixture, 2);
	assert_int_equal(fixture_tx(fixture), 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_empty_store_is_shown_empty),
		TEST(test_bytes_handed_out_stay_after_refresh),
		TEST(test_what_was_seen_goes_away_and_comes_back),
		TEST(test_what_is_not_durable_is_not_shown_while_its_writer_is_at_it),
		TEST(test_settling_past_its_deadline_is_unknown),
		TEST(test_tables_come_in_the_order_of_their_first_transaction),
		TEST(test_a_store_as_of_each_transaction_is_a_prefix),
		TEST(test_an_instant_finds_its_newest_transaction_though_the_clock_went_back),
		TEST(test_a_clock_that_went_back_is_warned_of),
		TEST(test_a_log_that_shrinks_under_a_reader_is_an_error_and_no_crash),
		TEST(test_a_short_log_that_shrinks_is_damage_to_who_comes_later),
		TEST(test_a_log_that_outgrows_a_copy_is_mapped),
		TEST(test_a_store_that_grew_since_it_was_opened_is_shown_whole),
		TEST(test_a_last_line_that_is_not_there_is_damage),
		TEST(test_a_history_written_anew_is_noticed),
		TEST(test_a_history_cut_short_is_noticed),
		TEST(test_nowhere_to_remember_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
