/* test_erase: what an erasure names is blank, whatever happened in between */
#include "store_fixture.h"

#define SALT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

enum { BEGIN = sizeof "id,tx,seal,name,town\n" - 1 };

/* Two persons, and a note; what person.csv was like is left in log. */
static void
fill(struct fixture *fixture, struct buffer *log)
{
	struct store *store = fixture_open(fixture);

	assert_status(fixture, fixture_add(fixture, store, PAIRS("person", SALT ",Ada,\"London, W1\"")),
	    STATUS_OK);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("person", SALT ",Grace,New York")), STATUS_OK);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "something")), STATUS_OK);
	store_close(store);
	fixture_read(fixture, "person.csv", log);
}

/* Appends the erasure of Ada, and settles it or not. */
static enum status
erase_ada(struct fixture *fixture, const struct buffer *log, bool settle)
{
	struct store *store = fixture_open(fixture);
	char *text = fixture_erasure(log, "person", BEGIN);
	uint64_t tx;
	enum status status = fixture_append(fixture, store, &tx, PAIRS(STORE_ERASURE, text));

	if (status == STATUS_OK && settle)
		status = store_settle(store, tx, clock_monotonic() + 30000, &fixture->error);
	store_close(store);
	free(text);
	return status;
}

static bool
has_ada(struct fixture *fixture)
{
	struct buffer log = BUFFER_INIT;
	bool has;

	fixture_read(fixture, "person.csv", &log);
	has = memmem(log.data, log.length, "Ada", 3) != NULL || memmem(log.data, log.length, "W1", 2) != NULL;
	buffer_release(&log);
	return has;
}

static void
test_settling_an_erasure_makes_the_line_blank(void **state)
{
	struct fixture *fixture = *state;
	struct buffer before = BUFFER_INIT, after = BUFFER_INIT;
	char *wanted;
	size_t length;

	fill(fixture, &before);
	assert_status(fixture, erase_ada(fixture, &before, true), STATUS_OK);
	fixture_read(fixture, "person.csv", &after);
	assert_int_equal(after.length, before.length);
	length = strcspn(before.data + BEGIN, "\n");
	wanted = memory_copy(before.data, before.length);
	line_seal((struct slice){ before.data + BEGIN, length }, wanted + BEGIN);
	assert_memory_equal(after.data, wanted, before.length);
	assert_true(line_is_blank((struct slice){ after.data + BEGIN, length }));
	assert_false(line_is_blank((struct slice){ before.data + BEGIN, length }));
	assert_int_equal(fixture_verify(fixture), STATUS_OK);
	free(wanted);
	buffer_release(&before);
	buffer_release(&after);
}

static void
test_all_that_is_overwritten_is_known_to_be_on_disk_before(void **state)
{
	struct fixture *fixture = *state;
	struct buffer log = BUFFER_INIT, audit = BUFFER_INIT;
	struct slice rest, line = { "", 0 };
	struct store *store;
	uint64_t tx;

	fill(fixture, &log);
	store = fixture_open(fixture);
	/* appended, and not synced by anybody */
	assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS("note", "unsynced")), STATUS_OK);
	store_close(store);
	assert_status(fixture, erase_ada(fixture, &log, false), STATUS_OK);
	fixture_read(fixture, "audit.csv", &audit);
	rest = buffer_slice(&audit);
	while (rest.length > 0)
		line = slice_cut(&rest, '\n');
	assert_true(slice_starts(line, "5,"));
	assert_memory_equal(line.data + line.length - HASH_HEX - 3, ",4,", 3);
	assert_true(has_ada(fixture));
	buffer_release(&log);
	buffer_release(&audit);
}

static void
test_the_next_writer_finishes_what_was_cut_short(void **state)
{
	struct fixture *fixture = *state;
	struct buffer log = BUFFER_INIT;
	struct store *store;

	fill(fixture, &log);
	assert_status(fixture, erase_ada(fixture, &log, false), STATUS_OK);
	assert_true(has_ada(fixture));
	store = fixture_open(fixture);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "next")), STATUS_OK);
	assert_non_null(strstr(store_warnings(store).data, "finished an erasure"));
	store_close(store);
	assert_false(has_ada(fixture));
	assert_int_equal(fixture_verify(fixture), STATUS_OK);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "another")), STATUS_OK);
	assert_int_equal(store_warnings(store).length, 0);
	store_close(store);
	buffer_release(&log);
}

/* As after power loss: any part of the line is still as it was, the rest is not. */
static void
test_a_line_of_which_any_part_is_left_is_finished(void **state)
{
	struct fixture *fixture = *state;
	struct buffer before = BUFFER_INIT, after = BUFFER_INIT, torn = BUFFER_INIT;
	size_t length;

	fill(fixture, &before);
	assert_status(fixture, erase_ada(fixture, &before, true), STATUS_OK);
	fixture_read(fixture, "person.csv", &after);
	length = strcspn(before.data + BEGIN, "\n");
	for (size_t cut = strlen("R1,1,"); cut < length; cut++) {
		for (int first = 0; first < 2; first++) {
			struct store *store = fixture_open(fixture);
			const struct buffer *head = first ? &after : &before, *tail = first ? &before : &after;

			buffer_clear(&torn);
			buffer_add(&torn, head->data, BEGIN + cut);
			buffer_add(&torn, tail->data + BEGIN + cut, before.length - BEGIN - cut);
			fixture_write(fixture, "person.csv", buffer_slice(&torn));
			fixture_reboot(fixture);
			assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "next")), STATUS_OK);
			store_close(store);
			fixture_read(fixture, "person.csv", &torn);
			assert_memory_equal(torn.data, after.data, after.length);
		}
	}
	assert_int_equal(fixture_verify(fixture), STATUS_OK);
	buffer_release(&before);
	buffer_release(&after);
	buffer_release(&torn);
}

static void
test_repair_finishes_too(void **state)
{
	struct fixture *fixture = *state;
	struct buffer log = BUFFER_INIT, half = BUFFER_INIT;
	struct store *store;
	struct state shown = { .tx = 0 };
	struct watermark mark = { .kind = WATERMARK_NONE };
	uint64_t size;

	fill(fixture, &log);
	assert_status(fixture, erase_ada(fixture, &log, true), STATUS_OK);
	fixture_read(fixture, "person.csv", &half);
	memcpy(half.data + BEGIN + 80, log.data + BEGIN + 80, 3);
	fixture_write(fixture, "person.csv", buffer_slice(&half));
	store = fixture_open(fixture);
	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
	assert_true(watermark_write(store, &mark.state, true));
	assert_status(fixture, store_repair(store, &fixture->error), STATUS_OK);
	store_close(store);
	assert_false(has_ada(fixture));
	assert_int_equal(fixture_verify(fixture), STATUS_OK);
	watermark_release(&mark);
	state_release(&shown);
	buffer_release(&log);
	buffer_release(&half);
}

static void
test_verify_tells_of_a_place_that_is_not_blank(void **state)
{
	struct fixture *fixture = *state;
	struct buffer log = BUFFER_INIT;
	struct store *store;
	struct snapshot *snapshot;
	uint64_t count;
	char *text;

	fill(fixture, &log);
	assert_status(fixture, erase_ada(fixture, &log, true), STATUS_OK);
	/* another erasure, so that the first is not looked at by writers any more */
	text = fixture_erasure(&log, "person", BEGIN + strcspn(log.data + BEGIN, "\n") + 1);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_add(fixture, store, PAIRS(STORE_ERASURE, text)), STATUS_OK);
	free(text);
	fixture_read(fixture, "person.csv", &log);
	log.data[BEGIN + 2] = '9';
	fixture_write(fixture, "person.csv", buffer_slice(&log));
	assert_int_equal(fixture_verify(fixture), STATUS_NO);
	log.data[BEGIN + 2] = ',';
	log.data[log.length - 3] = 'x';
	fixture_write(fixture, "person.csv", buffer_slice(&log));
	assert_int_equal(fixture_verify(fixture), STATUS_OK); /* it was the last, and is finished */
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, store_blank(snapshot, &count, &fixture->error), STATUS_OK);
	assert_int_equal(count, 0);
	snapshot_close(snapshot);
	store_close(store);
	buffer_release(&log);
}

static void
test_what_is_left_of_an_older_erasure_is_found_and_finished_on_demand(void **state)
{
	struct fixture *fixture = *state;
	struct buffer whole = BUFFER_INIT, log = BUFFER_INIT;
	struct store *store;
	struct snapshot *snapshot;
	uint64_t count;
	char *text;

	fill(fixture, &whole);
	assert_status(fixture, erase_ada(fixture, &whole, true), STATUS_OK);
	text = fixture_erasure(&whole, "person", BEGIN + strcspn(whole.data + BEGIN, "\n") + 1);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_add(fixture, store, PAIRS(STORE_ERASURE, text)), STATUS_OK);
	free(text);
	fixture_read(fixture, "person.csv", &log);
	memcpy(log.data + BEGIN, whole.data + BEGIN, strcspn(whole.data + BEGIN, "\n"));
	fixture_write(fixture, "person.csv", buffer_slice(&log));
	assert_int_equal(fixture_verify(fixture), STATUS_NO);
	assert_reason(fixture, "transaction 4: person.csv: line 2, byte 21: was erased, but is not blank");
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, store_blank(snapshot, &count, &fixture->error), STATUS_OK);
	assert_int_equal(count, 1);
	assert_int_equal(fixture_verify(fixture), STATUS_OK);
	snapshot_close(snapshot);
	store_close(store);
	buffer_release(&whole);
	buffer_release(&log);
}

/* Nothing that is no line of that record is ever overwritten. */
static void
test_an_erasure_that_names_no_line_stops_writers(void **state)
{
	struct fixture *fixture = *state;
	struct buffer log = BUFFER_INIT, after = BUFFER_INIT;
	struct store *store;

	fill(fixture, &log);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_add(fixture, store, PAIRS(STORE_ERASURE, "person,R1,22,90,2," SALT)),
	    STATUS_UNKNOWN);
	store_close(store);
	fixture_read(fixture, "person.csv", &after);
	assert_memory_equal(after.data, log.data, log.length);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "next")), STATUS_SYSTEM);
	assert_reason(fixture, "there is no line of R1 at byte 22");
	store_close(store);
	buffer_release(&log);
	buffer_release(&after);
}

/* So many that the newest are not within the bytes that are looked at first. */
static void
test_an_erasure_of_many_lines_is_finished_whole(void **state)
{
	enum { LINES = 300 };
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct buffer log = BUFFER_INIT, text = BUFFER_INIT;
	size_t offset = BEGIN;
	uint64_t tx;

	for (size_t i = 0; i < LINES; i++)
		assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS("person", SALT ",Ada,W1")),
		    STATUS_OK);
	assert_status(fixture, store_settle(store, tx, clock_monotonic() + 30000, &fixture->error), STATUS_OK);
	fixture_read(fixture, "person.csv", &log);
	for (size_t i = 0; i < LINES; i++) {
		char *one = fixture_erasure(&log, "person", offset);

		if (i > 0)
			buffer_format(&text, "\nR%zu,%d,", 1000 + i, LINES + 1);
		buffer_add_text(&text, one);
		offset += strcspn(log.data + offset, "\n") + 1;
		free(one);
	}
	assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS(STORE_ERASURE, text.data)), STATUS_OK);
	assert_true(has_ada(fixture));
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "next")), STATUS_OK);
	assert_false(has_ada(fixture));
	store_close(store);
	assert_int_equal(fixture_verify(fixture), STATUS_OK);
	buffer_release(&log);
	buffer_release(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_settling_an_erasure_makes_the_line_blank),
		TEST(test_all_that_is_overwritten_is_known_to_be_on_disk_before),
		TEST(test_the_next_writer_finishes_what_was_cut_short),
		TEST(test_a_line_of_which_any_part_is_left_is_finished),
		TEST(test_repair_finishes_too),
		TEST(test_verify_tells_of_a_place_that_is_not_blank),
		TEST(test_what_is_left_of_an_older_erasure_is_found_and_finished_on_demand),
		TEST(test_an_erasure_that_names_no_line_stops_writers),
		TEST(test_an_erasure_of_many_lines_is_finished_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
