/* test_verify: every change to what is committed is found, and its place named */
#include "store_fixture.h"

#include <errno.h>
#include <pthread.h>

#define SALT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* Three transactions over two tables, one of them personal. */
static void
fill(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);

	assert_status(fixture,
	    fixture_add(fixture, store, PAIRS("note", "first", "person", SALT ",Ada,London")), STATUS_OK);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "second")), STATUS_OK);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("person", SALT ",Grace,New York")), STATUS_OK);
	store_close(store);
}

static void
test_a_sound_store_is_proved(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;
	struct verify_report report;

	fill(fixture);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, store_verify(snapshot, &report, &fixture->error), STATUS_OK);
	assert_int_equal(report.transactions, 3);
	assert_int_equal(report.tables, 2);
	assert_int_equal(report.bytes, fixture_size(fixture, "note.csv") + fixture_size(fixture, "person.csv"));
	snapshot_close(snapshot);
	store_close(store);
}

/* Which transaction wrote the byte at offset of a log, whose header belongs to the first. */
static unsigned
writer_of(const struct buffer *log, size_t offset)
{
	const char *line = memrchr(log->data, '\n', offset);
	struct slice rest;
	uint64_t tx = 0;

	line = line != NULL ? line + 1 : log->data;
	rest = (struct slice){ line, (size_t)(log->data + log->length - line) };
	(void)slice_cut(&rest, ',');
	return number_parse(slice_cut(&rest, ','), &tx) ? (unsigned)tx : 1;
}

static void
check_flips(struct fixture *fixture, const char *name)
{
	struct buffer log = BUFFER_INIT;
	char wanted[64];

	fixture_read(fixture, name, &log);
	for (size_t at = 0; at < log.length; at++) {
		fixture_flip(fixture, name, (off_t)at);
		if (fixture_verify(fixture) != STATUS_NO)
			fail_msg("a flip of byte %zu of %s went unnoticed", at, name);
		snprintf(wanted, sizeof wanted, "transaction %u: %s: line ", writer_of(&log, at), name);
		assert_reason(fixture, wanted);
		fixture_flip(fixture, name, (off_t)at);
	}
	assert_int_equal(fixture_verify(fixture), STATUS_OK);
	buffer_release(&log);
}

static void
test_each_flipped_byte_of_a_log_is_found_and_named(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture);
	check_flips(fixture, "note.csv");
	check_flips(fixture, "person.csv");
}

static void
test_the_place_is_named(void **state)
{
	struct fixture *fixture = *state;
	char wanted[128];

	fill(fixture);
	snprintf(wanted, sizeof wanted, "transaction 2: note.csv: line 3, byte %zu: the 12 bytes from there on",
	    strlen("id,tx,text\nR1,1,first\n"));
	fixture_flip(fixture, "note.csv", fixture_size(fixture, "note.csv") - 2);
	assert_int_equal(fixture_verify(fixture), STATUS_NO);
	assert_reason(fixture, wanted);
}

static void
test_each_flipped_byte_of_the_audit_log_is_found(void **state)
{
	struct fixture *fixture = *state;
	struct buffer audit = BUFFER_INIT;

	fill(fixture);
	fixture_read(fixture, "audit.csv", &audit);
	for (size_t at = 0; at < audit.length; at++) {
		enum status status;

		fixture_flip(fixture, "audit.csv", (off_t)at);
		status = fixture_verify(fixture);
		if (status != STATUS_NO && status != STATUS_SYSTEM)
			fail_msg("a flip of byte %zu of audit.csv went unnoticed", at);
		fixture_flip(fixture, "audit.csv", (off_t)at);
	}
	assert_int_equal(fixture_verify(fixture), STATUS_OK);
	buffer_release(&audit);
}

static void
test_a_bad_audit_line_is_named(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture);
	fixture_flip(fixture, "audit.csv", AUDIT_HEADER_LENGTH + 30);
	assert_int_equal(fixture_verify(fixture), STATUS_NO);
	assert_reason(fixture, "transaction 1: audit.csv: line 2, byte 53: the hash does not match");
}

static void
test_a_blank_line_that_no_erasure_names_is_found(void **state)
{
	struct fixture *fixture = *state;
	struct buffer log = BUFFER_INIT;
	struct slice rest, line;

	fill(fixture);
	fixture_read(fixture, "person.csv", &log);
	rest = buffer_slice(&log);
	(void)slice_cut(&rest, '\n');
	line = slice_cut(&rest, '\n');
	line_seal(line, log.data + (line.data - log.data));
	assert_null(strstr(log.data, "Ada"));
	fixture_write(fixture, "person.csv", buffer_slice(&log));
	assert_int_equal(fixture_verify(fixture), STATUS_NO);
	assert_reason(fixture, "transaction 1: person.csv: line 2, byte 21: is blank, though no erasure names it");
	buffer_release(&log);
}

static void
test_a_log_that_is_missing_or_short_is_found(void **state)
{
	struct fixture *fixture = *state;

	fill(fixture);
	fixture_truncate(fixture, "person.csv", fixture_size(fixture, "person.csv") - 1);
	assert_int_equal(fixture_verify(fixture), STATUS_NO);
	assert_reason(fixture, "transaction 3: ");
	assert_reason(fixture, "person.csv");
	fixture_unlink(fixture, "person.csv");
	assert_int_equal(fixture_verify(fixture), STATUS_NO);
	assert_reason(fixture, "transaction 1: ");
	assert_reason(fixture, "person.csv");
}

/* A watermark that shows more of a log than any transaction names. */
static void
test_bytes_that_no_transaction_names_are_found(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct watermark mark = { .kind = WATERMARK_NONE };
	struct buffer log = BUFFER_INIT;
	uint64_t size;

	fill(fixture);
	fixture_read(fixture, "note.csv", &log);
	buffer_add_text(&log, "R9,3,smuggled\n");
	fixture_write(fixture, "note.csv", buffer_slice(&log));
	store = fixture_open(fixture);
	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
	mark.state.tables[0].length = log.length;
	assert_true(watermark_write(store, &mark.state, false));
	store_close(store);
	assert_int_equal(fixture_verify(fixture), STATUS_NO);
	assert_reason(fixture, "note.csv: has committed bytes that no transaction names");
	watermark_release(&mark);
	buffer_release(&log);
}

/* Enough for several threads: whichever meets a fault first, the first one is named. */
static void
test_of_several_faults_the_first_is_named(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	char *text = memory_new(400001);
	off_t begin[9];

	memset(text, 'x', 400000);
	for (int i = 0; i < 8; i++) {
		begin[i] = i == 0 ? 0 : fixture_size(fixture, "note.csv");
		assert_status(fixture, fixture_add(fixture, store, PAIRS("note", text)), STATUS_OK);
	}
	store_close(store);
	free(text);
	assert_int_equal(fixture_tx(fixture), 8);
	for (int i = 7; i >= 2; i--) {
		char wanted[64];

		fixture_flip(fixture, "note.csv", begin[i] + 1000);
		assert_int_equal(fixture_verify(fixture), STATUS_NO);
		snprintf(wanted, sizeof wanted, "transaction %d: note.csv: line %d,", i + 1, i + 2);
		assert_reason(fixture, wanted);
	}
}

/* What looks like a header is passed over by who reads on; a forged watermark may reckon with it. */
static void
test_a_header_in_the_midst_of_the_audit_log_is_found(void **state)
{
	struct fixture *fixture = *state;
	struct buffer audit = BUFFER_INIT, forged = BUFFER_INIT;
	struct watermark mark = { .kind = WATERMARK_NONE };
	struct store *store;
	size_t at;
	uint64_t size;

	fill(fixture);
	fixture_read(fixture, "audit.csv", &audit);
	at = (size_t)((const char *)memchr(audit.data + AUDIT_HEADER_LENGTH, '\n', audit.length) - audit.data) + 1;
	buffer_add_slice(&forged, (struct slice){ audit.data, at });
	buffer_add_text(&forged, "tx,slipped in\n");
	buffer_add_slice(&forged, (struct slice){ audit.data + at, audit.length - at });
	store = fixture_open(fixture);
	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
	fixture_write(fixture, "audit.csv", buffer_slice(&forged));
	mark.state.audit_length += strlen("tx,slipped in\n");
	assert_true(watermark_write(store, &mark.state, false));
	store_close(store);
	setenv("XDG_STATE_HOME", "/dev/null", 1); /* whose newest head is elsewhere now would be told */
	assert_int_equal(fixture_verify(fixture), STATUS_NO);
	assert_reason(fixture, "transaction 2: audit.csv: line 3, byte ");
	watermark_release(&mark);
	buffer_release(&audit);
	buffer_release(&forged);
}

/* In place of the C library's: the first wait is over before the thread is. */
static bool late;

int
pthread_clockjoin_np(pthread_t thread, void **value, clockid_t clock, const struct timespec *until)
{
	(void)clock;
	(void)until;
	if (!late)
		return pthread_join(thread, value);
	late = false;
	return ETIMEDOUT;
}

static void
keep_most(void *context, uint64_t bytes)
{
	uint64_t *most = context;

	if (bytes > *most)
		*most = bytes;
}

static void
test_a_thread_that_takes_long_is_waited_for(void **state)
{
	enum { LONG = 700000 };
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	char *text = memory_new(LONG + 1);
	struct verify_report report;
	struct snapshot *snapshot;
	uint64_t most = 0;
	struct verify_how how = { .jobs = 2, .step = keep_most, .context = &most };

	memset(text, 'x', LONG);
	for (int i = 0; i < 3; i++)
		assert_status(fixture, fixture_add(fixture, store, PAIRS("note", text)), STATUS_OK);
	snapshot = fixture_snapshot(fixture, store);
	late = true;
	assert_status(fixture, store_prove(snapshot, &how, &report, &fixture->error), STATUS_OK);
	assert_false(late);
	assert_true(most >= LONG);
	assert_int_equal(report.transactions, 3);
	snapshot_close(snapshot);
	store_close(store);
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_sound_store_is_proved),
		TEST(test_each_flipped_byte_of_a_log_is_found_and_named),
		TEST(test_the_place_is_named),
		TEST(test_each_flipped_byte_of_the_audit_log_is_found),
		TEST(test_a_bad_audit_line_is_named),
		TEST(test_a_blank_line_that_no_erasure_names_is_found),
		TEST(test_a_log_that_is_missing_or_short_is_found),
		TEST(test_of_several_faults_the_first_is_named),
		TEST(test_bytes_that_no_transaction_names_are_found),
		TEST(test_a_thread_that_takes_long_is_waited_for),
		TEST(test_a_header_in_the_midst_of_the_audit_log_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
