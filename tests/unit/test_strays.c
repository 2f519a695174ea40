/* test_strays: lines that no transaction names are found where they lie, and only those */
#include "fault_fixture.h"

static void
write_torn(struct fixture *fixture, const char *name, const char *text)
{
	char *path = memory_format("torn/%s", name), *torn = fixture_path(fixture, "torn");

	mkdir(torn, 0770);
	fixture_write(fixture, path, slice_of(text));
	free(path);
	free(torn);
}

static void
test_strays_come_by_table_and_place(void **state)
{
	static const char *const wanted[] = { "torn/note.csv.9.1", "torn/note.csv.30.1", "torn/note.csv.30.2",
		"note.csv", "torn/ticket.csv.0.1" };
	struct fixture *fixture = *state;
	struct strays strays;
	struct store *store;

	fixture_fill(fixture, 2);
	write_torn(fixture, "ticket.csv.0.1", "ticket");
	write_torn(fixture, "note.csv.30.2", "second");
	write_torn(fixture, "note.csv.30.1", "first");
	write_torn(fixture, "note.csv.9.1", "earlier");
	fixture_append_text(fixture, "note.csv", "R9,9,by hand\n");
	store = fixture_open(fixture);
	assert_status(fixture, strays_read(store, false, clock_monotonic(), &strays, &fixture->error), STATUS_OK);
	assert_int_equal(strays.count, 5);
	for (size_t i = 0; i < strays.count; i++)
		assert_string_equal(strays.items[i].name, wanted[i]);
	assert_true(slice_is(buffer_slice(&strays.items[3].bytes), "R9,9,by hand\n"));
	assert_int_equal(strays.items[3].start, strays.items[3].offset);
	assert_int_equal(strays.items[1].offset, 30);
	assert_int_equal(strays.items[1].start, 0);
	/* what lies in a log is not removed; what is gone already is fine */
	assert_status(fixture, strays_remove(store, &strays, &fixture->error), STATUS_OK);
	assert_status(fixture, strays_remove(store, &strays, &fixture->error), STATUS_OK);
	assert_true(fixture_size(fixture, "torn/note.csv.9.1") < 0);
	strays_release(&strays);
	assert_status(fixture, strays_read(store, false, clock_monotonic(), &strays, &fixture->error), STATUS_OK);
	assert_int_equal(strays.count, 1);
	strays_release(&strays);
	store_close(store);
}

static void
test_other_names_are_not_strays(void **state)
{
	static const char *const names[] = { "README", "note.csv", "note.csv.x.1", "note.csv.1.x",
		"note.csv.1", "note.txt.1.1", "Note.csv.1.1", "audit.csv.1.1" };
	struct fixture *fixture = *state;
	struct strays strays;
	struct store *store;

	fixture_fill(fixture, 1);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		write_torn(fixture, names[i], "bytes");
	fixture_write(fixture, "note.csv.bak", slice_of("a copy of somebody's"));
	fixture_write(fixture, "note.txt", slice_of("a note"));
	store = fixture_open(fixture);
	assert_status(fixture, strays_read(store, true, clock_monotonic(), &strays, &fixture->error), STATUS_OK);
	assert_int_equal(strays.count, 0);
	strays_release(&strays);
	store_close(store);
}

static void
test_what_is_too_long_is_not_read(void **state)
{
	struct fixture *fixture = *state;
	struct strays strays;
	struct store *store;

	fixture_fill(fixture, 1);
	fixture_truncate(fixture, "note.csv", ((off_t)1 << 30) + 1000);
	store = fixture_open(fixture);
	assert_status(fixture, strays_read(store, false, clock_monotonic(), &strays, &fixture->error),
	    STATUS_SYSTEM);
	assert_reason(fixture, "note.csv: too long to be adopted");
	strays_release(&strays);
	store_close(store);
}

static void
test_where_torn_is_no_directory_it_is_said(void **state)
{
	struct fixture *fixture = *state;
	struct strays strays;
	struct store *store;
	struct snapshot *snapshot;
	struct survey survey;

	fixture_fill(fixture, 1);
	store = fixture_open(fixture);
	assert_status(fixture, strays_read(store, false, clock_monotonic(), &strays, &fixture->error), STATUS_OK);
	assert_status(fixture, strays_remove(store, &strays, &fixture->error), STATUS_OK); /* there is none */
	fixture_write(fixture, "torn", slice_of("a file"));
	assert_status(fixture, strays_remove(store, &strays, &fixture->error), STATUS_SYSTEM);
	assert_status(fixture, strays_read(store, false, clock_monotonic(), &strays, &fixture->error),
	    STATUS_SYSTEM);
	strays_release(&strays);
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, store_survey(snapshot, &survey, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "torn: can't open");
	store->writable = false;
	assert_status(fixture, strays_read(store, false, clock_monotonic(), &strays, &fixture->error),
	    STATUS_SYSTEM);
	assert_reason(fixture, "no permission to write");
	snapshot_close(snapshot);
	store_close(store);
}

/* As many files as there may be of one place. */
static void
test_where_no_name_is_left_nothing_is_cut(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	char *torn = fixture_path(fixture, "torn");
	off_t size;

	fixture_fill(fixture, 1);
	fixture_append_text(fixture, "note.csv", "torn");
	size = fixture_size(fixture, "note.csv");
	assert_int_equal(mkdir(torn, 0770), 0);
	store = fixture_open(fixture);
	assert_status(fixture, store_lock(store, clock_monotonic(), &fixture->error), STATUS_OK);
	{
		char *path = fixture_path(fixture, "note.csv");
		int fd = open(path, O_RDWR | O_CLOEXEC);

		fault_arm("openat", 2, EEXIST, true); /* the first is torn/ itself */
		assert_status(fixture,
		    file_cut(store, fd, "note.csv", (uint64_t)size - 4, (uint64_t)size, &fixture->error),
		    STATUS_SYSTEM);
		assert_non_null(fault_disarm());
		close(fd);
		free(path);
	}
	assert_int_equal(fixture_size(fixture, "note.csv"), size);
	store_close(store);
	free(torn);
}

static void
test_a_survey_counts_what_there_is(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;
	struct survey survey;
	char name[HASH_HEX + 1], *path, *other;

	fixture_fill(fixture, 2);
	write_torn(fixture, "note.csv.1.1", "12345");
	fixture_append_text(fixture, "audit.csv", "3,torn");
	store = fixture_open(fixture);
	assert_status(fixture, blob_put(store, slice_of("letter"), name, &fixture->error), STATUS_OK);
	path = memory_format("blob/%.2s/new-1234", name);
	fixture_write(fixture, path, slice_of("half a letter"));
	other = memory_format("%s/blob/%.2s/%064d", fixture->directory, name, 0);
	assert_int_equal(mkdir(other, 0770), 0);
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, store_survey(snapshot, &survey, &fixture->error), STATUS_OK);
	assert_int_equal(survey.tx, 2);
	assert_false(survey.broken);
	assert_int_equal(survey.audit_tail, 6);
	assert_int_equal(survey.torn_files, 1);
	assert_int_equal(survey.torn_bytes, 5);
	assert_int_equal(survey.blobs, 1);
	assert_int_equal(survey.blob_bytes, 6);
	mark_broken(store);
	assert_status(fixture, store_survey(snapshot, &survey, &fixture->error), STATUS_OK);
	assert_true(survey.broken);
	fixture_unlink(fixture, "watermark");
	assert_status(fixture, store_survey(snapshot, &survey, &fixture->error), STATUS_OK);
	assert_false(survey.broken);
	snapshot_close(snapshot);
	store_close(store);
	free(path);
	free(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_strays_come_by_table_and_place),
		TEST(test_other_names_are_not_strays),
		TEST(test_what_is_too_long_is_not_read),
		TEST(test_where_torn_is_no_directory_it_is_said),
		TEST(test_where_no_name_is_left_nothing_is_cut),
		TEST(test_a_survey_counts_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
