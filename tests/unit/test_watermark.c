/* test_watermark: a hint that may be lost, garbled or foreign, and is never believed too much */
#include "store_fixture.h"

static void
test_without_a_watermark_nothing_is_lost(void **state)
{
	struct fixture *fixture = *state;

	fixture_fill(fixture, 4);
	fixture_unlink(fixture, "watermark");
	assert_int_equal(fixture_tx(fixture), 4);
	assert_int_equal(fixture_size(fixture, "watermark") > 0, 1); /* and it is made again */
	fixture_fill(fixture, 2);
	assert_int_equal(fixture_tx(fixture), 6);
}

static void
test_a_writer_settles_without_a_watermark(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	uint64_t tx;

	assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS("note", "a")), STATUS_OK);
	fixture_unlink(fixture, "watermark");
	assert_status(fixture, store_settle(store, tx, INT64_MAX, &fixture->error), STATUS_OK);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 1);
}

static void
test_a_garbled_watermark_is_no_watermark(void **state)
{
	struct fixture *fixture = *state;
	struct buffer mark = BUFFER_INIT;
	size_t length;

	fixture_fill(fixture, 3);
	fixture_read(fixture, "watermark", &mark);
	length = (size_t)(strchr(mark.data, '\n') - mark.data) + 1;
	for (size_t at = 0; at < length; at += 17) {
		struct watermark seen = { .kind = WATERMARK_HERE };
		struct store *store;
		uint64_t size;

		fixture_write(fixture, "watermark", buffer_slice(&mark));
		fixture_flip(fixture, "watermark", (off_t)at);
		store = fixture_open(fixture);
		assert_status(fixture, watermark_read(store, &size, &seen, &fixture->error), STATUS_OK);
		assert_int_equal(seen.kind, WATERMARK_NONE);
		watermark_release(&seen);
		store_close(store);
		assert_int_equal(fixture_tx(fixture), 3);
	}
	buffer_release(&mark);
}

static void
test_a_watermark_reads_as_it_was_written(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct watermark mark = { .kind = WATERMARK_NONE };
	uint64_t size;

	fixture_fill(fixture, 3);
	store = fixture_open(fixture);
	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
	assert_int_equal(mark.kind, WATERMARK_HERE);
	assert_false(mark.broken);
	assert_int_equal(mark.state.tx, 3);
	assert_int_equal(mark.state.audit_length, size);
	assert_int_equal(mark.state.count, 1);
	assert_string_equal(mark.state.tables[0].name, "note");
	assert_int_equal(mark.state.tables[0].length, fixture_size(fixture, "note.csv"));
	watermark_release(&mark);
	store_close(store);
}

static void
test_a_watermark_of_another_boot_is_a_floor(void **state)
{
	struct fixture *fixture = *state;
	struct watermark mark = { .kind = WATERMARK_NONE };
	struct store *store;
	uint64_t size;

	fixture_fill(fixture, 3);
	fixture_reboot(fixture);
	store = fixture_open(fixture);
	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
	assert_int_equal(mark.kind, WATERMARK_PAST);
	watermark_release(&mark);
	store_close(store);
	/* what it covers must be there */
	fixture_forget_head(fixture);
	fixture_truncate(fixture, "audit.csv", fixture_size(fixture, "audit.csv") - 3);
	assert_int_equal(fixture_verify(fixture), STATUS_SYSTEM);
	assert_reason(fixture, "known to be on disk");
}

static void
test_a_copy_does_not_believe_the_watermark_it_came_with(void **state)
{
	struct fixture *fixture = *state;
	struct watermark mark = { .kind = WATERMARK_HERE };
	struct store *store;
	char *command, *original = fixture->directory;
	uint64_t size;
	static const char *const names[] = { "audit.csv", "bo.format", "note.csv", "watermark" };

	fixture_fill(fixture, 3);
	command = memory_format("%s/copy", fixture->root);
	assert_int_equal(mkdir(command, 0770), 0);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct buffer bytes = BUFFER_INIT;

		fixture->directory = original;
		fixture_read(fixture, names[i], &bytes);
		fixture->directory = command;
		fixture_write(fixture, names[i], buffer_slice(&bytes));
		buffer_release(&bytes);
	}
	store = fixture_open(fixture);
	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
	assert_int_equal(mark.kind, WATERMARK_NONE);
	watermark_release(&mark);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 3);
	fixture->directory = original;
	free(command);
}

static void
test_audit_shorter_than_the_watermark_is_damage(void **state)
{
	struct fixture *fixture = *state;

	fixture_fill(fixture, 3);
	fixture_forget_head(fixture);
	fixture_truncate(fixture, "audit.csv", fixture_size(fixture, "audit.csv") - 1);
	assert_int_equal(fixture_verify(fixture), STATUS_SYSTEM);
	assert_reason(fixture, "audit.csv");
}

static void
test_another_last_line_than_the_watermarks_is_damage(void **state)
{
	struct fixture *fixture = *state;

	fixture_fill(fixture, 3);
	fixture_forget_head(fixture);
	fixture_flip(fixture, "audit.csv", fixture_size(fixture, "audit.csv") - 3);
	assert_int_equal(fixture_verify(fixture), STATUS_SYSTEM);
	assert_reason(fixture, "transaction 3");
}

/* Marks the store as after a failed sync, with one transaction appended and not synced. */
static void
break_it(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	struct watermark mark = { .kind = WATERMARK_NONE };
	uint64_t tx, size;

	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
	assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS("note", "perhaps")), STATUS_OK);
	assert_true(watermark_write(store, &mark.state, true));
	assert_status(fixture, store_settle(store, tx, INT64_MAX, &fixture->error), STATUS_UNKNOWN);
	watermark_release(&mark);
	store_close(store);
}

static void
test_a_broken_store_is_read_and_not_written(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;

	fixture_fill(fixture, 2);
	break_it(fixture);
	assert_int_equal(fixture_tx(fixture), 2);
	store = fixture_open(fixture);
	assert_status(fixture, store_lock(store, INT64_MAX, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "repair");
	store_close(store);
}

/* A transaction is whole, or it goes: here with its line, or with its bytes. */
static void
test_repair_cuts_off_what_is_not_whole(void **state)
{
	static const char *const torn[] = { "audit.csv", "note.csv" };
	struct fixture *fixture = *state;
	struct store *store;

	fixture_fill(fixture, 2);
	for (size_t i = 0; i < 2; i++) {
		break_it(fixture);
		fixture_truncate(fixture, torn[i], fixture_size(fixture, torn[i]) - 1);
		store = fixture_open(fixture);
		assert_status(fixture, store_repair(store, &fixture->error), STATUS_OK);
		store_close(store);
		assert_int_equal(fixture_tx(fixture), 2 + i);
		fixture_fill(fixture, 1);
		assert_int_equal(fixture_tx(fixture), 3 + i);
	}
}

static void
test_repair_keeps_what_is_whole(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;

	fixture_fill(fixture, 2);
	break_it(fixture);
	store = fixture_open(fixture);
	assert_status(fixture, store_repair(store, &fixture->error), STATUS_OK);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 3);
	fixture_fill(fixture, 1);
	assert_int_equal(fixture_tx(fixture), 4);
}

static void
test_repair_refuses_what_does_not_prove(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;

	fixture_fill(fixture, 2);
	break_it(fixture);
	fixture_flip(fixture, "note.csv", 14);
	store = fixture_open(fixture);
	assert_status(fixture, store_repair(store, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "note.csv");
	assert_status(fixture, store_lock(store, INT64_MAX, &fixture->error), STATUS_SYSTEM); /* still broken */
	store_close(store);
}

static void
test_repair_of_a_sound_store_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	assert_status(fixture, store_repair(store, &fixture->error), STATUS_OK);
	assert_int_equal(store_warnings(store).length, 0);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 2);
}

/* One who may not write can't sync, and sees what is known to be on disk. */
static void
test_one_who_may_not_write_sees_the_newest_synced(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;

	fixture_fill(fixture, 3);
	store = fixture_open(fixture);
	store->writable = false;
	snapshot = fixture_snapshot(fixture, store);
	assert_int_equal(snapshot_tx(snapshot), 3); /* the watermark says so */
	snapshot_close(snapshot);
	fixture_unlink(fixture, "watermark");
	fixture_forget_head(fixture);
	snapshot = fixture_snapshot(fixture, store);
	assert_int_equal(snapshot_tx(snapshot), 2); /* line 3 says so of 2 */
	assert_non_null(strstr(store_warnings(store).data, "not shown"));
	snapshot_close(snapshot);
	assert_status(fixture, store_lock(store, INT64_MAX, &fixture->error), STATUS_SYSTEM);
	store_close(store);
}

/* --- marks that nobody wrote --------------------------------------------------------- */

/* Writes a mark with these words, B for this boot, U for the uuid, I for the inode, each on its own; its checksum is right. */
static void
write_mark(struct fixture *fixture, struct store *store, const char *words)
{
	struct buffer text = BUFFER_INIT, boot = BUFFER_INIT;
	char digest[HASH_HEX + 1];
	struct slice rest = slice_of(words);

	assert_true(file_load("/proc/sys/kernel/random/boot_id", &boot, 1000));
	while (rest.length > 0) {
		struct slice word = slice_cut(&rest, ' ');

		if (text.length > 0)
			buffer_add_char(&text, ' ');
		if (slice_is(word, "B"))
			buffer_add_slice(&text, (struct slice){ boot.data, UUID_SIZE - 1 });
		else if (slice_is(word, "U"))
			buffer_add_text(&text, store->uuid);
		else if (slice_is(word, "I"))
			buffer_format(&text, "%" PRIu64, store->inode);
		else
			buffer_add_slice(&text, word);
	}
	hash_text(buffer_slice(&text), digest);
	buffer_format(&text, " %.16s\n", digest);
	fixture_write(fixture, "watermark", buffer_slice(&text));
	buffer_release(&text);
	buffer_release(&boot);
}

#define U "2bcc1961-fa32-41c9-957d-0f8e12fe7abc"

static void
test_a_mark_is_what_its_words_say(void **state)
{
	static const struct {
		const char *words;
		enum watermark_kind kind;
	} marks[] = {
		{ "bo-watermark 1 B U I 0 53 " U " ok -", WATERMARK_HERE },
		{ "bo-watermark 1 B U I 0 53 " U " broken -", WATERMARK_HERE },
		{ "bo-watermark 1 " U " U I 0 53 " U " ok -", WATERMARK_PAST },
		{ "bo-watermark 1 " U " U I 0 53 " U " broken -", WATERMARK_PAST },
		{ "bo-watermark 1 - U I 0 53 " U " ok -", WATERMARK_PAST },
		{ "bo-watermark 1 - U I 0 53 " U " broken -", WATERMARK_HERE }, /* who knows */
		{ "bo-watermark 1 B " U " I 0 53 " U " ok -", WATERMARK_NONE },
		{ "bo-watermark 1 B U x 0 53 " U " ok -", WATERMARK_NONE },
		{ "bo-watermark 1 B U 1 0 53 " U " ok -", WATERMARK_NONE },
		{ "bo-waterline 1 B U I 0 53 " U " ok -", WATERMARK_NONE },
		{ "bo-watermark 2 B U I 0 53 " U " ok -", WATERMARK_NONE },
		{ "bo-watermark 1 B U I x 53 " U " ok -", WATERMARK_NONE },
		{ "bo-watermark 1 B U I 0 053 " U " ok -", WATERMARK_NONE },
		{ "bo-watermark 1 B U I 0 53  ok -", WATERMARK_NONE },
		{ "bo-watermark 1 B U I 0 53 " U U " ok -", WATERMARK_NONE },
		{ "bo-watermark 1 B U I 0 53 " U " fine -", WATERMARK_NONE },
		{ "bo-watermark 1 B U I 0 53 " U " ok Note:5", WATERMARK_NONE },
		{ "bo-watermark 1 B U I 0 53 " U " ok note:x", WATERMARK_NONE },
		{ "bo-watermark 1 B U I 0 53 " U " ok note:5;ticket:7", WATERMARK_HERE },
	};
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		struct watermark mark = { .kind = WATERMARK_NONE };
		uint64_t size;

		write_mark(fixture, store, marks[i].words);
		assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
		if (mark.kind != marks[i].kind)
			fail_msg("kind %d: %s", mark.kind, marks[i].words);
		watermark_release(&mark);
	}
	store_close(store);
}

/* What was not written by a bo is no line, however long it is. */
static void
test_a_mark_without_a_line_is_none(void **state)
{
	static const char *const short_ones[] = { "bo", "bo\n",
		"bo-watermark 1 B U I 0 53 x ok - 0123456789abcde0\n",
		"bo-watermark 1 B U I 0 53 x ok -_0123456789abcde0\n", "\n" };
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct watermark mark = { .kind = WATERMARK_NONE };
	char *text = memory_new((2 << 20) + 1);
	uint64_t size;

	memset(text, 'x', 2 << 20);
	fixture_write(fixture, "watermark", slice_of(text));
	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
	assert_int_equal(mark.kind, WATERMARK_NONE);
	for (size_t i = 0; i < sizeof short_ones / sizeof *short_ones; i++) {
		fixture_write(fixture, "watermark", slice_of(short_ones[i]));
		assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
		assert_int_equal(mark.kind, WATERMARK_NONE);
	}
	watermark_release(&mark);
	store_close(store);
	free(text);
}

/* A mark of very many tables is longer than what is read first. */
static void
test_a_long_mark_reads_as_it_was_written(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct watermark mark = { .kind = WATERMARK_NONE };
	struct state many = { .tables = NULL };
	uint64_t size;

	state_empty(&many, store->uuid);
	for (uint64_t i = 0; i < 1000; i++) {
		char name[32];

		snprintf(name, sizeof name, "table_%" PRIu64, i);
		state_add_table(&many, slice_of(name), 1000000 + i);
	}
	assert_true(watermark_write(store, &many, false));
	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
	assert_int_equal(mark.kind, WATERMARK_HERE);
	assert_int_equal(mark.state.count, 1000);
	assert_int_equal(mark.state.tables[999].length, 1000999);
	watermark_release(&mark);
	state_release(&many);
	store_close(store);
}

static void
test_a_mark_that_points_into_the_header_is_damage(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct watermark mark = { .kind = WATERMARK_NONE };
	uint64_t size;

	write_mark(fixture, store, "bo-watermark 1 B U I 1 53 " U " ok -");
	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "makes no sense");
	watermark_release(&mark);
	store_close(store);
}

/* What lies where the last line should end: no comma before the hash, no newline after it. */
static void
test_a_mark_whose_place_is_in_no_line_is_damage(void **state)
{
	struct fixture *fixture = *state;
	struct watermark mark = { .kind = WATERMARK_NONE };
	struct store *store;
	off_t end;
	uint64_t size;

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	end = fixture_size(fixture, "audit.csv");
	for (off_t back = 1; back <= HASH_HEX + 2; back += HASH_HEX + 1) {
		fixture_flip(fixture, "audit.csv", end - back);
		assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_SYSTEM);
		assert_reason(fixture, "known to be on disk, is not there");
		fixture_flip(fixture, "audit.csv", end - back);
	}
	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
	watermark_release(&mark);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_without_a_watermark_nothing_is_lost),
		TEST(test_a_writer_settles_without_a_watermark),
		TEST(test_a_garbled_watermark_is_no_watermark),
		TEST(test_a_watermark_reads_as_it_was_written),
		TEST(test_a_watermark_of_another_boot_is_a_floor),
		TEST(test_a_copy_does_not_believe_the_watermark_it_came_with),
		TEST(test_audit_shorter_than_the_watermark_is_damage),
		TEST(test_another_last_line_than_the_watermarks_is_damage),
		TEST(test_a_broken_store_is_read_and_not_written),
		TEST(test_repair_cuts_off_what_is_not_whole),
		TEST(test_repair_keeps_what_is_whole),
		TEST(test_repair_refuses_what_does_not_prove),
		TEST(test_repair_of_a_sound_store_changes_nothing),
		TEST(test_one_who_may_not_write_sees_the_newest_synced),
		TEST(test_a_mark_is_what_its_words_say),
		TEST(test_a_mark_without_a_line_is_none),
		TEST(test_a_long_mark_reads_as_it_was_written),
		TEST(test_a_mark_that_points_into_the_header_is_damage),
		TEST(test_a_mark_whose_place_is_in_no_line_is_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
