/* test_heads: the head that was seen last, wherever it is kept and whatever is in its file */
#include "fault_fixture.h"

static char *
head_path(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	char *path = store->head_path != NULL ? memory_copy(store->head_path, strlen(store->head_path)) : NULL;

	snapshot_close(snapshot);
	store_close(store);
	return path;
}

/* What a reader says while the file of the head holds this text, C being its checksum. */
static enum status
read_with(struct fixture *fixture, const char *path, const char *text)
{
	struct buffer bytes = BUFFER_INIT;
	char digest[HASH_HEX + 1];
	struct store *store;
	struct snapshot *snapshot;
	enum status status;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	buffer_add_text(&bytes, text);
	if (bytes.length > 0 && bytes.data[bytes.length - 1] == 'C') {
		bytes.length--;
		hash_text(buffer_slice(&bytes), digest);
		buffer_format(&bytes, "%.16s\n", digest);
	}
	assert_true(fd >= 0);
	assert_true(file_write(fd, bytes.data, bytes.length));
	close(fd);
	store = fixture_open(fixture);
	status = snapshot_open(store, &snapshot, &fixture->error);
	snapshot_close(snapshot);
	store_close(store);
	buffer_release(&bytes);
	return status;
}

#define ONE "00000000000000000001 00000000000000000200 "
#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
test_what_is_no_head_is_as_if_there_were_none(void **state)
{
	static const char *const nothing[] = {
		"",
		"bo-head 1 " ONE HEX " 0123456789abcdef\n",
		"bo-head 1 " ONE HEX " 012345\n",
		"bo-tail 1 " ONE HEX " C",
		"bo-head 2 " ONE HEX " C",
		"bo-head 1 0000000000000000000x 00000000000000000200 " HEX " C",
		"bo-head 1 00000000000000000001 0000000000000000020x " HEX " C",
		"bo-head 1 " ONE "G123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef C",
		"bo-head 1 00000000000000000000 00000000000000000200 " HEX " C",
		"bo-head 1 00000000000000000001 00000000000000000066 " HEX " C",
	};
	struct fixture *fixture = *state;
	char *path;

	fixture_fill(fixture, 2);
	path = head_path(fixture);
	for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
		assert_status(fixture, read_with(fixture, path, nothing[i]), STATUS_OK);
	assert_status(fixture, read_with(fixture, path, "bo-head 1 " ONE HEX " C"), STATUS_SYSTEM);
	assert_reason(fixture, "rewritten or cut short since you last saw it, at transaction 1;");
	free(path);
}

/* The same number at another place, or with another hash, is another history. */
static void
test_a_head_is_its_number_its_place_and_its_hash(void **state)
{
	/* within the line: no comma before the hash, a comma but no newline behind it */
	static const uint64_t off[] = { 1, 2, HASH_HEX + 1 };
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;
	char *path, *text;
	uint64_t length;

	fixture_fill(fixture, 2);
	path = head_path(fixture);
	length = (uint64_t)fixture_size(fixture, "audit.csv");
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	text = memory_format("bo-head 1 %020d %020" PRIu64 " %s C", 2, length, snapshot_hash(snapshot));
	assert_status(fixture, read_with(fixture, path, text), STATUS_OK);
	free(text);
	for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
		text = memory_format("bo-head 1 %020d %020" PRIu64 " %s C", 2, length - off[i],
		    snapshot_hash(snapshot));
		assert_status(fixture, read_with(fixture, path, text), STATUS_SYSTEM);
		free(text);
	}
	text = memory_format("bo-head 1 %020d %020" PRIu64 " " HEX " C", 2, length);
	assert_status(fixture, read_with(fixture, path, text), STATUS_SYSTEM);
	free(text);
	text = memory_format("bo-head 1 %020d %020" PRIu64 " " HEX " C", 9, length + 999);
	assert_status(fixture, read_with(fixture, path, text), STATUS_SYSTEM);
	free(text);
	snapshot_close(snapshot);
	store_close(store);
	free(path);
}

/* XDG_STATE_HOME, else HOME, else nowhere; what is not absolute does not count. */
static void
test_where_the_head_is_kept(void **state)
{
	static const struct {
		const char *state, *home, *place;
	} cases[] = {
		{ "ROOT", "/nowhere", "/bo/" },
		{ NULL, "ROOT", "/.local/state/bo/" },
		{ "relative", "ROOT", "/.local/state/bo/" },
		{ "", "relative", NULL },
		{ "relative", NULL, NULL },
		{ NULL, NULL, NULL },
	};
	struct fixture *fixture = *state;

	fixture_fill(fixture, 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *where = cases[i].state, *home = cases[i].home;
		char *path;

		unsetenv("XDG_STATE_HOME");
		unsetenv("HOME");
		if (where != NULL)
			setenv("XDG_STATE_HOME", strcmp(where, "ROOT") == 0 ? fixture->root : where, 1);
		if (home != NULL)
			setenv("HOME", strcmp(home, "ROOT") == 0 ? fixture->root : home, 1);
		path = head_path(fixture);
		assert_int_equal(path != NULL, cases[i].place != NULL);
		if (path != NULL) {
			assert_memory_equal(path, fixture->root, strlen(fixture->root));
			assert_memory_equal(path + strlen(fixture->root), cases[i].place, strlen(cases[i].place));
			assert_int_equal(access(path, F_OK), 0);
		}
		free(path);
	}
	setenv("XDG_STATE_HOME", fixture->root, 1);
}

/* Where the head is that a reader compares who names the store like this. */
static char *
head_path_by(struct fixture *fixture, const char *name)
{
	struct store *store;
	struct snapshot *snapshot;
	char *path;

	assert_status(fixture, store_open(name, &store, &fixture->error), STATUS_OK);
	snapshot = fixture_snapshot(fixture, store);
	path = store->head_path != NULL ? memory_copy(store->head_path, strlen(store->head_path)) : NULL;
	snapshot_close(snapshot);
	store_close(store);
	return path;
}

/* A store has one head, by whatever name it is opened. */
static void
test_every_name_of_a_store_has_the_same_head(void **state)
{
	static const char *const names[] = { "store", "./store", "store/", ".//store/.", "store/../store", "link" };
	struct fixture *fixture = *state;
	char here[4096], *link = memory_format("%s/link", fixture->root), *path, *other;

	assert_non_null(getcwd(here, sizeof here));
	fixture_fill(fixture, 1);
	path = head_path(fixture);
	assert_int_equal(symlink(fixture->directory, link), 0);
	other = head_path_by(fixture, link);
	assert_string_equal(other, path);
	free(other);
	assert_int_equal(chdir(fixture->root), 0);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		other = head_path_by(fixture, names[i]);
		assert_string_equal(other, path);
		free(other);
	}
	assert_int_equal(chdir("store"), 0);
	other = head_path_by(fixture, ".");
	assert_string_equal(other, path);
	free(other);
	assert_int_equal(chdir(here), 0);
	free(path);
	free(link);
}

static void
test_where_the_store_has_no_name_nothing_is_remembered(void **state)
{
	struct fixture *fixture = *state;
	char *link = memory_format("%s/link", fixture->root), *path;

	fixture_fill(fixture, 1);
	assert_int_equal(symlink(fixture->directory, link), 0);
	fault_arm("readlink", 1, ENOENT, true);
	path = head_path_by(fixture, link);
	assert_non_null(fault_disarm());
	assert_null(path);
	free(link);
}

/* A head that may only be read is compared, and stays as it is. */
static void
test_a_head_that_can_not_be_written_is_still_compared(void **state)
{
	struct fixture *fixture = *state;
	char *path;
	struct store *store;
	struct snapshot *snapshot;

	fixture_fill(fixture, 1);
	path = head_path(fixture);
	fixture_fill(fixture, 1);
	store = fixture_open(fixture);
	fault_arm("open", 2, EACCES, false); /* the first is for the id of this boot */
	assert_status(fixture, snapshot_open(store, &snapshot, &fixture->error), STATUS_OK);
	assert_string_equal(fault_disarm(), "open");
	assert_int_equal(store->head_tx, 2);
	snapshot_close(snapshot);
	store_close(store);
	free(path);
}

static void
test_a_head_that_can_not_be_made_is_no_error(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);

	fault_arm("open", 2, EACCES, true);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "one")), STATUS_OK);
	assert_string_equal(fault_disarm(), "open");
	assert_int_equal(store->head_file, -1);
	store_close(store);
}

/* --- whether it was only somebody who was faster ------------------------------------------ */

/* Opened before the others came, and looks after them. */
static void
test_somebody_who_was_faster_cuts_nothing_short(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct state before = { .tables = NULL };
	struct watermark mark = { .kind = WATERMARK_NONE };
	uint64_t size;

	fixture_fill(fixture, 1);
	store = fixture_open(fixture);
	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
	state_copy(&before, &mark.state);
	fixture_fill(fixture, 1);
	assert_status(fixture, head_check(store, &before, &fixture->error), STATUS_OK);
	/* one who may not write may have seen more than he can be shown now */
	fixture_unlink(fixture, "watermark");
	assert_status(fixture, head_check(store, &before, &fixture->error), STATUS_SYSTEM);
	store->writable = false;
	assert_status(fixture, head_check(store, &before, &fixture->error), STATUS_OK);
	store->writable = true;
	/* a mark that has not come so far, of another boot, or can't be read, says nothing */
	assert_true(watermark_write(store, &before, false));
	assert_status(fixture, head_check(store, &before, &fixture->error), STATUS_SYSTEM);
	fixture_reboot(fixture);
	assert_status(fixture, head_check(store, &before, &fixture->error), STATUS_SYSTEM);
	fault_arm("pread", 3, EIO, false); /* after the head and audit.csv */
	assert_status(fixture, head_check(store, &before, &fixture->error), STATUS_SYSTEM);
	assert_non_null(fault_disarm());
	state_release(&before);
	watermark_release(&mark);
	store_close(store);
}

/* --- accepting another history ---------------------------------------------------------------- */

static void
test_what_was_lost_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct buffer audit = BUFFER_INIT;
	struct store *store;
	struct snapshot *snapshot;
	char hash[HASH_HEX + 1];
	uint64_t tx;

	fixture_fill(fixture, 1);
	fixture_read(fixture, "audit.csv", &audit);
	fixture_fill(fixture, 1);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, store_lost_head(snapshot, &tx, hash, &fixture->error), STATUS_NO);
	assert_reason(fixture, "goes on from what you saw, transaction 2");
	fault_arm("pread", 2, EIO, false); /* of audit.csv, the first is of the head */
	assert_status(fixture, store_lost_head(snapshot, &tx, hash, &fixture->error), STATUS_SYSTEM);
	assert_non_null(fault_disarm());
	snapshot_close(snapshot);
	store_close(store);
	fixture_write(fixture, "audit.csv", buffer_slice(&audit));
	fixture_unlink(fixture, "watermark");
	store = fixture_open(fixture);
	assert_status(fixture, snapshot_open(store, &snapshot, &fixture->error), STATUS_SYSTEM);
	store_doubt_head(store);
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, store_lost_head(snapshot, &tx, hash, &fixture->error), STATUS_OK);
	assert_int_equal(tx, 2);
	store_trust_head(store);
	assert_status(fixture, snapshot_refresh(snapshot, &fixture->error), STATUS_OK);
	assert_status(fixture, store_lost_head(snapshot, &tx, hash, &fixture->error), STATUS_NO);
	snapshot_close(snapshot);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), 1);
	buffer_release(&audit);
}

static void
test_who_saw_nothing_lost_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	char hash[HASH_HEX + 1];
	uint64_t tx;

	assert_status(fixture, store_lost_head(snapshot, &tx, hash, &fixture->error), STATUS_NO);
	assert_reason(fixture, "you have not seen this store before");
	snapshot_close(snapshot);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_no_head_is_as_if_there_were_none),
		TEST(test_a_head_is_its_number_its_place_and_its_hash),
		TEST(test_where_the_head_is_kept),
		TEST(test_every_name_of_a_store_has_the_same_head),
		TEST(test_where_the_store_has_no_name_nothing_is_remembered),
		TEST(test_a_head_that_can_not_be_written_is_still_compared),
		TEST(test_a_head_that_can_not_be_made_is_no_error),
		TEST(test_somebody_who_was_faster_cuts_nothing_short),
		TEST(test_what_was_lost_is_told),
		TEST(test_who_saw_nothing_lost_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
