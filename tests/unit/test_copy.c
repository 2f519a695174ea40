/* test_copy: a copy has every committed byte, and nothing that is not proved */
#include "store_fixture.h"

#define SALT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void
fill(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);

	assert_status(fixture,
	    fixture_add(fixture, store, PAIRS("note", "first", "person", SALT ",Ada,London")), STATUS_OK);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("person", SALT ",Grace,New York")), STATUS_OK);
	store_close(store);
}

static void
count_step(void *context)
{
	++*(size_t *)context;
}

/* Copies into "copy" beside the store; *steps (may be NULL) counts the signs of life. */
static enum status
copy(struct fixture *fixture, struct copy_report *report, size_t *steps)
{
	char *directory = memory_format("%s/copy", fixture->root);
	struct store *store = fixture_open(fixture);
	size_t ignored = 0;
	enum status status = store_copy(store, directory, clock_monotonic(), count_step,
	    steps != NULL ? steps : &ignored, report, &fixture->error);

	store_close(store);
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
read_from(struct fixture *fixture, const char *directory, const char *name, struct buffer *out)
{
	go_to(fixture, directory);
	buffer_clear(out);
	fixture_read(fixture, name, out);
	go_to(fixture, "store");
}

static void
assert_same(struct fixture *fixture, const char *name)
{
	struct buffer here = BUFFER_INIT, there = BUFFER_INIT;

	read_from(fixture, "store", name, &here);
	read_from(fixture, "copy", name, &there);
	assert_int_equal(here.length, there.length);
	assert_memory_equal(here.data, there.data, here.length);
	buffer_release(&here);
	buffer_release(&there);
}

static void
assert_proved(struct fixture *fixture, const char *directory)
{
	go_to(fixture, directory);
	assert_int_equal(fixture_verify(fixture), STATUS_OK);
	go_to(fixture, "store");
}

static void
test_a_copy_has_every_committed_byte(void **state)
{
	struct fixture *fixture = *state;
	struct copy_report report;
	size_t steps = 0;

	fill(fixture);
	assert_status(fixture, copy(fixture, &report, &steps), STATUS_OK);
	assert_int_equal(report.before, 0);
	assert_int_equal(report.tx, 2);
	assert_true(steps >= 2);
	assert_same(fixture, "audit.csv");
	assert_same(fixture, "note.csv");
	assert_same(fixture, "person.csv");
	assert_proved(fixture, "copy");
}

/* An empty store is one too. */
static void
test_an_empty_store_is_copied(void **state)
{
	struct fixture *fixture = *state;
	struct copy_report report;

	assert_status(fixture, copy(fixture, &report, NULL), STATUS_OK);
	assert_int_equal(report.tx, 0);
	assert_proved(fixture, "copy");
}

/* Ada's line becomes what an erasure leaves of it. */
static void
blank_ada(struct fixture *fixture)
{
	struct buffer log = BUFFER_INIT;
	char *start, *blank;
	size_t length;
	off_t offset;

	fixture_read(fixture, "person.csv", &log);
	start = memmem(log.data, log.length, "R1,", 3);
	assert_non_null(start);
	offset = start - log.data;
	length = (size_t)((char *)memchr(start, '\n', log.length - (size_t)offset) - start);
	blank = memory_new(length);
	line_seal((struct slice){ start, length }, blank);
	memcpy(start, blank, length);
	fixture_write(fixture, "person.csv", buffer_slice(&log));
	free(blank);
	buffer_release(&log);
}

static void
test_what_was_erased_is_erased_in_the_copy(void **state)
{
	struct fixture *fixture = *state;
	struct copy_report report;
	struct buffer there = BUFFER_INIT;

	fill(fixture);
	assert_status(fixture, copy(fixture, &report, NULL), STATUS_OK);
	read_from(fixture, "copy", "person.csv", &there);
	assert_non_null(memmem(there.data, there.length, "Ada", 3));
	blank_ada(fixture);
	assert_status(fixture, copy(fixture, &report, NULL), STATUS_OK);
	read_from(fixture, "copy", "person.csv", &there);
	assert_null(memmem(there.data, there.length, "Ada", 3));
	assert_non_null(memmem(there.data, there.length, "Grace", 5));
	assert_same(fixture, "person.csv");
	buffer_release(&there);
}

static void
test_what_is_damaged_stays_out_of_the_copy(void **state)
{
	struct fixture *fixture = *state;
	struct copy_report report;
	struct store *store;
	struct buffer before = BUFFER_INIT, after = BUFFER_INIT;

	fill(fixture);
	assert_status(fixture, copy(fixture, &report, NULL), STATUS_OK);
	read_from(fixture, "copy", "note.csv", &before);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "third")), STATUS_OK);
	store_close(store);
	fixture_flip(fixture, "note.csv", fixture_size(fixture, "note.csv") - 3);
	assert_int_equal(copy(fixture, &report, NULL), STATUS_SYSTEM);
	assert_reason(fixture, "transaction 3");
	read_from(fixture, "copy", "note.csv", &after);
	assert_int_equal(before.length, after.length);
	assert_proved(fixture, "copy");
	buffer_release(&before);
	buffer_release(&after);
}

static void
test_a_busy_copy_is_not_waited_for_beyond_the_deadline(void **state)
{
	struct fixture *fixture = *state;
	struct copy_report report;
	struct store *there;

	fill(fixture);
	assert_status(fixture, copy(fixture, &report, NULL), STATUS_OK);
	go_to(fixture, "copy");
	there = fixture_open(fixture);
	assert_status(fixture, store_lock(there, clock_monotonic() + 1000, &fixture->error), STATUS_OK);
	go_to(fixture, "store");
	assert_int_equal(copy(fixture, &report, NULL), STATUS_BUSY);
	store_close(there);
	assert_status(fixture, copy(fixture, &report, NULL), STATUS_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_copy_has_every_committed_byte, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_an_empty_store_is_copied, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_what_was_erased_is_erased_in_the_copy, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_what_is_damaged_stays_out_of_the_copy, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_a_busy_copy_is_not_waited_for_beyond_the_deadline,
		    fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
