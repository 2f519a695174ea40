/* test_floor: how far back one must look in a damaged audit log, and what is found there */
#include "history_fixture.h"

enum { MANY = 2000 }; /* lines, more than are looked at first */

/* What is known to have been on disk, by audit.csv alone. */
static enum status
floor_of(struct fixture *fixture, struct history *history, uint64_t size, struct state *floor)
{
	struct watermark none = { .kind = WATERMARK_NONE };
	struct store *store;
	enum status status;

	fixture_write(fixture, "audit.csv", buffer_slice(&history->audit));
	store = fixture_open(fixture);
	memcpy(store->uuid, HISTORY_UUID, UUID_SIZE);
	status = floor_find(store, &none, size, floor, &fixture->error);
	store_close(store);
	return status;
}

static void
assert_floor(struct fixture *fixture, struct history *history, uint64_t wanted)
{
	struct state floor = { .tables = NULL };

	assert_status(fixture, floor_of(fixture, history, history->audit.length, &floor), STATUS_OK);
	assert_int_equal(floor.tx, wanted);
	state_release(&floor);
}

static void
assert_damage(struct fixture *fixture, struct history *history)
{
	struct state floor = { .tables = NULL };

	assert_status(fixture, floor_of(fixture, history, history->audit.length, &floor), STATUS_SYSTEM);
	state_release(&floor);
}

static void
begin_many(struct history *history)
{
	history_begin(history, HISTORY_UUID);
	for (uint64_t i = 0; i < MANY; i++)
		history_add(history, "", "", i == 0 ? 0 : i - 1);
}

static void
test_the_newest_synced_counts(void **state)
{
	struct history history;

	history_begin(&history, HISTORY_UUID);
	assert_floor(*state, &history, 0);
	history_add(&history, "", "", 0);
	assert_floor(*state, &history, 0);
	history_add(&history, "", "", 1);
	assert_floor(*state, &history, 1);
	buffer_add_text(&history.audit, "torn");
	assert_floor(*state, &history, 1);
	history_release(&history);
	begin_many(&history);
	assert_floor(*state, &history, MANY - 2);
	history_release(&history);
}

/* Nothing that is intact among the bytes that are looked at first, and at second. */
static void
test_it_is_looked_for_further_back_as_needed(void **state)
{
	struct history history;

	begin_many(&history);
	for (int i = 0; i < 70000; i++)
		buffer_add_text(&history.audit, "x\n");
	assert_floor(*state, &history, MANY - 2);
	for (int i = 0; i < 200000; i++)
		buffer_add_char(&history.audit, 'y');
	assert_floor(*state, &history, MANY - 2);
	history_release(&history);
	/* a line whose predecessors lie before the window */
	history_begin(&history, HISTORY_UUID);
	for (uint64_t i = 0; i < 4; i++) {
		char *reason = memory_new(40001);

		memset(reason, 'r', 40000);
		history_add(&history, reason, "", i == 0 ? 0 : i - 1);
		free(reason);
	}
	assert_floor(*state, &history, 2);
	history_release(&history);
}

/* `synced` names a line that is further back than the line that names it. */
static void
test_the_line_that_synced_names_may_lie_far_back(void **state)
{
	struct history history;

	history_begin(&history, HISTORY_UUID);
	for (uint64_t i = 0; i < MANY; i++)
		history_add(&history, "", "", i > 7 ? 7 : 0);
	assert_floor(*state, &history, 7);
	history_release(&history);
}

static void
test_without_an_intact_line_nothing_is_known(void **state)
{
	struct history history;

	history_begin(&history, HISTORY_UUID);
	history_line(&history, "2," HISTORY_TIME ",a,b,,,,0"); /* there is no first */
	history.audit.data[history.audit.length - 3] ^= 1;
	assert_floor(*state, &history, 0);
	history_release(&history);
	history_begin(&history, HISTORY_UUID);
	buffer_add_text(&history.audit, "2," HISTORY_TIME ",a,b,,,,0," HISTORY_HEX "\n");
	assert_floor(*state, &history, 0);
	history_release(&history);
}

static void
test_what_synced_names_must_be_there(void **state)
{
	struct history history;
	char *at;

	begin_many(&history);
	history_line(&history, "2001," HISTORY_TIME ",a,b,,,,1990");
	at = memmem(history.audit.data, history.audit.length, "\n1990,", 6);
	assert_non_null(at);
	at[1] = 'x'; /* no number */
	assert_damage(*state, &history);
	history_release(&history);
	history_begin(&history, HISTORY_UUID);
	history_line(&history, "5," HISTORY_TIME ",a,b,,,,0");
	history_line(&history, "6," HISTORY_TIME ",a,b,,,,4");
	assert_damage(*state, &history); /* there is none with that number */
	history_release(&history);
	history_begin(&history, HISTORY_UUID);
	buffer_add_text(&history.audit, "x\n");
	history_line(&history, "x," HISTORY_TIME ",a,b,,,,0");
	history_line(&history, "6," HISTORY_TIME ",a,b,,,,4");
	assert_damage(*state, &history); /* and none with a number */
	history_release(&history);
}

static void
test_a_file_that_shrank_meanwhile_is_only_short(void **state)
{
	struct fixture *fixture = *state;
	struct state floor = { .tables = NULL };
	struct history history;

	history_begin(&history, HISTORY_UUID);
	history_add(&history, "", "", 0);
	assert_status(fixture, floor_of(fixture, &history, 3, &floor), STATUS_SYSTEM);
	assert_reason(fixture, "lacks its header");
	assert_status(fixture, floor_of(fixture, &history, 1 << 20, &floor), STATUS_OK);
	assert_int_equal(floor.tx, 0);
	/* to nothing, or to a piece of the header */
	for (uint64_t base = 0; base < 2; base++) {
		struct watermark none = { .kind = WATERMARK_NONE };
		struct store *store = fixture_open(fixture);

		fixture_truncate(fixture, "audit.csv", (off_t)(9 * base));
		assert_status(fixture, floor_find(store, &none, 5000, &floor, &fixture->error), STATUS_OK);
		assert_int_equal(floor.tx, 0);
		store_close(store);
		fixture_write(fixture, "audit.csv", slice_of(AUDIT_HEADER));
	}
	state_release(&floor);
	history_release(&history);
}

/* The line before gives the hash, or, where its hash is damaged, what the rest of it says. */
static void
test_a_line_is_judged_by_the_two_before_it(void **state)
{
	struct history history;
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	struct slice rest, header, one, two, none = { NULL, 0 };
	char damaged[512];

	(void)state;
	history_begin(&history, HISTORY_UUID);
	history_add(&history, "", "", 0);
	history_add(&history, "", "", 0);
	history_add(&history, "", "", 0);
	rest = buffer_slice(&history.audit);
	header = slice_cut(&rest, '\n');
	one = slice_cut(&rest, '\n');
	two = slice_cut(&rest, '\n');
	rest = slice_cut(&rest, '\n');
	assert_true(line_intact(HISTORY_UUID, one, header, none, &line, &scratch));
	assert_true(line_intact(HISTORY_UUID, two, one, header, &line, &scratch));
	memcpy(damaged, one.data, one.length);
	damaged[one.length - 1] = 'Z';
	assert_true(
	    line_intact(HISTORY_UUID, two, (struct slice){ damaged, one.length }, header, &line, &scratch));
	memcpy(damaged, two.data, two.length);
	damaged[two.length - 1] = 'Z';
	assert_true(line_intact(HISTORY_UUID, rest, (struct slice){ damaged, two.length }, one, &line, &scratch));
	assert_false(
	    line_intact(HISTORY_UUID, rest, (struct slice){ damaged, two.length }, header, &line, &scratch));
	assert_false(line_intact(HISTORY_UUID, two, slice_of("short"), header, &line, &scratch));
	assert_false(line_intact(HISTORY_UUID, slice_of("no line"), one, header, &line, &scratch));
	history_release(&history);
	buffer_release(&scratch);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_newest_synced_counts),
		TEST(test_it_is_looked_for_further_back_as_needed),
		TEST(test_the_line_that_synced_names_may_lie_far_back),
		TEST(test_without_an_intact_line_nothing_is_known),
		TEST(test_what_synced_names_must_be_there),
		TEST(test_a_file_that_shrank_meanwhile_is_only_short),
		TEST(test_a_line_is_judged_by_the_two_before_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
