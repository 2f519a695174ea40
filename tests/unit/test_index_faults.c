/* test_index_faults: where an index can't be kept, made or read there is none, and nothing else is different */
#include "fault_fixture.h"

#include <lmdb.h>

#include "store/index_internal.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

enum { LONG_PAGE = 1 << 20, PAGES = 10 }; /* more than is kept in memory at once */

static void
use_cache(struct fixture *fixture)
{
	char *cache = memory_format("%s/cache", fixture->root);

	setenv("BO_CACHE", cache, 1);
	setenv("BO_INDEX", "always", 1);
	free(cache);
}

static int
setup(void **state)
{
	if (fixture_setup(state) != 0)
		return -1;
	use_cache(*state);
	return 0;
}

/* --- making and reading one ------------------------------------------------------------ */

static void
add_pages(struct index_writer *writer)
{
	char *bytes = memory_new(LONG_PAGE);

	for (uint32_t number = 0; number < PAGES; number++) {
		memset(bytes, (int)number + 'a', LONG_PAGE);
		index_write_page(writer, 1, number, (struct slice){ bytes, LONG_PAGE });
	}
	index_write_page(writer, 2, 0, (struct slice){ NULL, 0 });
	free(bytes);
}

static void
assert_pages(struct index *index)
{
	struct buffer page = BUFFER_INIT;

	for (uint32_t number = 0; number < PAGES; number++)
		if (index_page(index, 1, number, &page)) {
			assert_int_equal(page.length, LONG_PAGE);
			assert_int_equal(page.data[0], number + 'a');
			assert_int_equal(page.data[LONG_PAGE - 1], number + 'a');
		}
	buffer_release(&page);
}

/* STATUS_OK whatever comes of it: an index is never an error. */
static enum status
with_snapshot(struct fixture *fixture, void (*deed)(struct snapshot *snapshot))
{
	struct faults armed = faults;
	struct store *store;
	struct snapshot *snapshot;

	fault_disarm();
	use_cache(fixture);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	faults = armed;
	deed(snapshot);
	armed = faults;
	fault_disarm();
	snapshot_close(snapshot);
	store_close(store);
	faults = armed;
	return STATUS_OK;
}

static void
make(struct snapshot *snapshot)
{
	struct index_writer *writer = index_write(snapshot, "note", ": text", true, NULL);

	if (writer == NULL)
		return;
	add_pages(writer);
	(void)index_write_end(writer, true);
}

static void
look(struct snapshot *snapshot)
{
	struct index *index;

	if (index_open(snapshot, "note", ": text", &index) == INDEX_USABLE)
		assert_pages(index);
	index_close(index);
}

static enum status
act_make(struct fixture *fixture)
{
	return with_snapshot(fixture, make);
}

static enum status
act_look(struct fixture *fixture)
{
	return with_snapshot(fixture, look);
}

static void
prepare_log(struct fixture *fixture)
{
	fixture_fill(fixture, 2);
}

/* Erased, so that there is something to look at first. */
static void
prepare_erasure(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);

	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "one")), STATUS_OK);
	assert_status(fixture,
	    fixture_add(fixture, store,
		PAIRS(STORE_ERASURE, ",,,,,00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")),
	    STATUS_OK);
	store_close(store);
}

static void
prepare_index(struct fixture *fixture)
{
	fixture_fill(fixture, 2);
	assert_status(fixture, act_make(fixture), STATUS_OK);
}

/* Whatever was left: it can be made, and then every page is there. */
static void
judge_index(struct fixture *fixture, enum status status)
{
	struct store *store;
	struct snapshot *snapshot;
	struct index *index;
	struct buffer page = BUFFER_INIT;

	assert_int_equal(status, STATUS_OK);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	make(snapshot);
	assert_int_equal(index_open(snapshot, "note", ": text", &index), INDEX_USABLE);
	assert_pages(index);
	assert_true(index_page(index, 2, 0, &page));
	assert_int_equal(page.length, 0);
	index_close(index);
	snapshot_close(snapshot);
	store_close(store);
	buffer_release(&page);
}

static const struct deed deeds[] = {
	{ "make an index", prepare_log, act_make, judge_index },
	{ "make one after an erasure", prepare_erasure, act_make, judge_index },
	{ "read an index", prepare_index, act_look, judge_index },
};

static void
test_a_failed_call_is_no_index(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
		fault_sweep(&deeds[i], NULL, EIO, false);
		fault_sweep(&deeds[i], NULL, EIO, true);
		fault_sweep(&deeds[i], NULL, EACCES, false);
	}
}

/* More than there is room for in the map: the rest is not written, and none of it kept. */
static void
test_what_is_too_large_is_not_kept(void **state)
{
	enum { TOO_MANY = 80 };
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;
	struct index_writer *writer;
	struct index *index;
	char *bytes = memory_new(LONG_PAGE);

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	writer = index_write(snapshot, "note", ": text", false, NULL);
	assert_non_null(writer);
	for (uint32_t number = 0; number < TOO_MANY; number++)
		index_write_page(writer, 1, number, (struct slice){ bytes, LONG_PAGE });
	assert_false(index_write_end(writer, true));
	assert_int_equal(index_open(snapshot, "note", ": text", &index), INDEX_MISSING);
	snapshot_close(snapshot);
	store_close(store);
	free(bytes);
}

/* Nor in the middle of a change, nor of what is about to be blanked. */
static void
test_none_is_made_of_what_may_not_stay(void **state)
{
	struct fixture *fixture = *state;
	struct buffer log = BUFFER_INIT;
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot;
	char *text;
	uint64_t tx;

	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "one", "person", HEX ",Ada,London")),
	    STATUS_OK);
	fixture_read(fixture, "person.csv", &log);
	text = fixture_erasure(&log, "person", sizeof "id,tx,seal,name,town\n" - 1);
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, store_lock(store, clock_monotonic(), &fixture->error), STATUS_OK);
	assert_null(index_write(snapshot, "note", ": text", false, NULL));
	store_unlock(store);
	snapshot_close(snapshot);
	assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS(STORE_ERASURE, text)), STATUS_OK);
	snapshot = fixture_snapshot(fixture, store);
	assert_null(index_write(snapshot, "note", ": text", false, NULL));
	snapshot_close(snapshot);
	store_close(store);
	buffer_release(&log);
	free(text);
}

/* One that goes on from another has its key, so that what stands for a value stays the same. */
static void
test_one_that_goes_on_from_another_has_its_key(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;
	struct index_writer *writer;
	struct index *index;
	char *draft;

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	for (int personal = 0; personal < 2; personal++) {
		writer = index_write(snapshot, "note", ": text", personal == 1, NULL);
		assert_non_null(writer);
		assert_true(index_write_end(writer, true));
		assert_int_equal(index_open(snapshot, "note", ": text", &index), INDEX_USABLE);
		writer = index_write(snapshot, "note", ": text", personal == 1, index);
		assert_non_null(writer);
		assert_int_equal(index_tag(index_writer_key(writer), slice_of("Ada")),
		    index_tag(index_key(index), slice_of("Ada")));
		/* somebody else's draft has its name now */
		draft = memory_format("%s/cache/%s/note.index.new", fixture->root, store_uuid(store));
		unlink(draft);
		close(open(draft, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
		assert_false(index_write_end(writer, true));
		assert_int_equal(access(draft, F_OK), 0);
		unlink(draft);
		free(draft);
		index_close(index);
	}
	snapshot_close(snapshot);
	store_close(store);
}

static void
test_ending_nothing_is_nothing(void **state)
{
	(void)state;
	assert_false(index_write_end(NULL, true));
}

/* --- what it stands on -------------------------------------------------------------------- */

static char *
index_path(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	char *path = memory_format("%s/cache/%s/note.index", fixture->root, store_uuid(store));

	store_close(store);
	return path;
}

/* A file with one page, of key 0, whose checksum is right. */
static void
write_stand(const char *path, struct slice line)
{
	unsigned char zeros[8] = { 0 };
	uint64_t sum = hash_seeded(hash_seeded(0, (struct slice){ (const char *)zeros, 8 }), line);
	struct buffer page = BUFFER_INIT;
	MDB_val key = { 8, zeros }, value;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	buffer_add_slice(&page, line);
	buffer_add(&page, (const char *)&sum, sizeof sum);
	value = (MDB_val){ page.length, page.data };
	unlink(path);
	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_open(env, path, MDB_NOLOCK | MDB_NOSUBDIR | MDB_NOSYNC, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
	assert_int_equal(mdb_put(txn, dbi, &key, &value, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
	buffer_release(&page);
}

#define SALT " 0123456789abcdef"
#define SECRET " 0123456789abcdef0123456789abcdef"
#define BAD_HASH " G123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/*
 * U for the uuid and boot, L for the length of audit.csv (M one less, N and P
 * more), H for its hash; each before a space.
 */
static void
write_words(const char *words, struct store *store, struct snapshot *snapshot, struct buffer *line)
{
	uint64_t length = snapshot_audit(snapshot).length;

	for (const char *word = words; *word != '\0'; word++)
		if (word[0] == 'U' && word[1] == ' ')
			buffer_format(line, "%s %s", store_uuid(store), store_boot(store));
		else if (word[0] == 'L' && word[1] == ' ')
			buffer_format(line, "%" PRIu64, length);
		else if (word[0] == 'M' && word[1] == ' ')
			buffer_format(line, "%" PRIu64, length - 1);
		else if (word[0] == 'N' && word[1] == ' ')
			buffer_format(line, "%" PRIu64, length + 100);
		else if (word[0] == 'P' && word[1] == ' ')
			buffer_format(line, "%" PRIu64, length + 10000);
		else if (word[0] == 'H' && word[1] == ' ')
			buffer_add_text(line, snapshot_hash(snapshot));
		else
			buffer_add_char(line, word[0]);
}

static void
test_what_it_stands_on_must_make_sense(void **state)
{
	static const struct {
		const char *words;
		enum index_found found;
	} stands[] = {
		{ "bo-index 2 U note 2 L H 10 0 0" SALT SECRET " : text\n", INDEX_USABLE },
		{ "bo-index 2 U note 2 L H 10 0 1" SALT SECRET " : text\n", INDEX_USABLE },
		{ "so-index 1 U note 2 L H 10 0 0" SALT SECRET " : text\n", INDEX_STALE },
		{ "bo-index 1 U note 2 L H 10 0 0" SALT SECRET " : text\n", INDEX_STALE },
		{ "bo-index 2 x y note 2 L H 10 0 0" SALT SECRET " : text\n", INDEX_STALE },
		{ "bo-index 2 U nota 2 L H 10 0 0" SALT SECRET " : text\n", INDEX_STALE },
		{ "bo-index 2 U note x L H 10 0 0" SALT SECRET " : text\n", INDEX_STALE },
		{ "bo-index 2 U note 2 x H 10 0 0" SALT SECRET " : text\n", INDEX_STALE },
		{ "bo-index 2 U note 2 L" BAD_HASH " 10 0 0" SALT SECRET " : text\n", INDEX_STALE },
		{ "bo-index 2 U note 2 L H x 0 0" SALT SECRET " : text\n", INDEX_STALE },
		{ "bo-index 2 U note 2 L H 10 x 0" SALT SECRET " : text\n", INDEX_STALE },
		{ "bo-index 2 U note 2 L H 10 0 0 0123" SECRET " : text\n", INDEX_STALE },
		{ "bo-index 2 U note 2 L H 10 0 0 G123456789abcdef" SECRET " : text\n", INDEX_STALE },
		{ "bo-index 2 U note 2 L H 10 0 0 0G23456789abcdef" SECRET " : text\n", INDEX_STALE },
		{ "bo-index 2 U note 2 L H 10 0 0" SALT " 0123 : text\n", INDEX_STALE },
		{ "bo-index 2 U note 2 L H 10 0 0" SALT SECRET " ", INDEX_STALE },
		{ "bo-index 2 U note 2 L H 10 0 0" SALT SECRET " : other\n", INDEX_STALE },
		{ "bo-index 2 U note 2 L H 10 0 0" SALT SECRET " : texts\n", INDEX_STALE },
		{ "bo-index 2 U note 2 L H 10 0 0" SALT SECRET " : other text\n", INDEX_USABLE },
		{ "bo-index 2 U note 2 66 H 10 0 0" SALT SECRET " : text\n", INDEX_STALE },
		{ "bo-index 2 U note 2 67 H 10 0 0" SALT SECRET " : text\n", INDEX_STALE },
		{ "bo-index 2 U note 2 M H 10 0 0" SALT SECRET " : text\n", INDEX_STALE }, /* no comma there */
		{ "bo-index 2 U note 2 N H 10 0 0" SALT SECRET " : text\n", INDEX_STALE }, /* nor there */
		{ "bo-index 2 U note 2 P H 10 0 0" SALT SECRET " : text\n", INDEX_STALE }, /* no such bytes */
		{ "bo-index 2 U note 2 L H 10 7 0" SALT SECRET " : text\n", INDEX_STALE }, /* no such erasures */
		{ "bo-index 2 U note 2 L H 1000000 0 0" SALT SECRET " : text\n", INDEX_STALE }, /* nor log */
	};
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;
	char *path = index_path(fixture);

	fixture_fill(fixture, 2);
	assert_status(fixture, act_make(fixture), STATUS_OK);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	fixture_append_text(fixture, "audit.csv", HEX HEX HEX); /* behind what is shown */
	for (size_t i = 0; i < sizeof stands / sizeof *stands; i++) {
		struct buffer line = BUFFER_INIT;
		struct index *index;
		write_words(stands[i].words, store, snapshot, &line);
		write_stand(path, buffer_slice(&line));
		if (index_open(snapshot, "note", ": text", &index) != stands[i].found)
			fail_msg("not %d: %s", stands[i].found, stands[i].words);
		index_close(index);
		buffer_release(&line);
	}
	snapshot_close(snapshot);
	store_close(store);
	free(path);
}

/* One that is ahead knows of no fewer bytes than there were, of the log and of erasures. */
static void
test_what_is_ahead_must_have_grown(void **state)
{
	static const struct {
		const char *words;
		enum index_found found;
	} stands[] = {
		{ "bo-index 2 U note 5 L H 1000 9999 0" SALT SECRET " : text\n", INDEX_AHEAD },
		{ "bo-index 2 U note 5 L H 10 9999 0" SALT SECRET " : text\n", INDEX_STALE },
		{ "bo-index 2 U note 5 L H 1000 0 0" SALT SECRET " : text\n", INDEX_STALE },
	};
	struct fixture *fixture = *state;
	struct snapshot *snapshot, *past;
	char *path = index_path(fixture), *erasure;
	struct buffer log = BUFFER_INIT;
	struct store *store;

	fixture_fill(fixture, 2);
	assert_status(fixture, act_make(fixture), STATUS_OK);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("person", HEX ",Ada,London")), STATUS_OK);
	fixture_read(fixture, "person.csv", &log);
	erasure = fixture_erasure(&log, "person", strlen("id,tx,seal,name,town\n"));
	assert_status(fixture, fixture_add(fixture, store, PAIRS(STORE_ERASURE, erasure)), STATUS_OK);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "more")), STATUS_OK);
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, snapshot_open_tx(store, 4, &past, &fixture->error), STATUS_OK);
	for (size_t i = 0; i < sizeof stands / sizeof *stands; i++) {
		struct buffer line = BUFFER_INIT;
		struct index *index;

		write_words(stands[i].words, store, snapshot, &line);
		write_stand(path, buffer_slice(&line));
		assert_int_equal(index_open(past, "note", ": text", &index), stands[i].found);
		index_close(index);
		buffer_release(&line);
	}
	snapshot_close(past);
	snapshot_close(snapshot);
	store_close(store);
	buffer_release(&log);
	free(erasure);
	free(path);
}

/* A comma before the hash, and no newline behind it. */
static void
test_a_hash_that_does_not_end_its_line_is_another(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;
	struct index *index;

	off_t end;

	fixture_fill(fixture, 2);
	end = fixture_size(fixture, "audit.csv");
	assert_status(fixture, act_make(fixture), STATUS_OK);
	fixture_fill(fixture, 1);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	assert_int_equal(index_open(snapshot, "note", ": text", &index), INDEX_USABLE);
	index_close(index);
	snapshot_close(snapshot);
	fixture_flip(fixture, "audit.csv", end - 1);
	snapshot = fixture_snapshot(fixture, store);
	assert_int_equal(index_open(snapshot, "note", ": text", &index), INDEX_STALE);
	snapshot_close(snapshot);
	store_close(store);
}

static unsigned elsewhere; /* which look at the draft is the first to find another; 0: none */

/* As if the draft's name meant a file with the same number on another device, or another's. */
static void
move_draft(const char *function, struct stat *status)
{
	if (elsewhere > 1 && strcmp(function, "lstat") == 0)
		elsewhere--;
	else if (elsewhere == 1 && strcmp(function, "lstat") == 0)
		status->st_dev++;
	else if (elsewhere == 0 && S_ISREG(status->st_mode))
		status->st_uid++;
}

static void
test_a_draft_that_is_another_file_is_not_put_in_place(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;
	struct index *index;
	struct index_writer *writer;

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	for (unsigned look_at = 1; look_at <= 2; look_at++) {
		elsewhere = look_at;
		fault_alter = move_draft;
		assert_null(index_write(snapshot, "note", ": text", false, NULL));
		fault_alter = NULL;
	}
	writer = index_write(snapshot, "note", ": text", false, NULL);
	assert_non_null(writer);
	fault_alter = move_draft;
	assert_false(index_write_end(writer, true));
	fault_alter = NULL;
	assert_int_equal(index_open(snapshot, "note", ": text", &index), INDEX_MISSING);
	make(snapshot);
	elsewhere = 0;
	fault_alter = move_draft;
	assert_int_equal(index_open(snapshot, "note", ": text", &index), INDEX_OFF);
	fault_alter = NULL;
	snapshot_close(snapshot);
	store_close(store);
}

/* Without the id of this boot nobody could tell later whether it is of this boot. */
static void
test_none_is_made_where_the_boot_is_not_known(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	fault_arm("open", 1, ENOENT, false);
	snapshot = fixture_snapshot(fixture, store);
	assert_non_null(fault_disarm());
	assert_string_equal(store_boot(store), "-");
	assert_null(index_write(snapshot, "note", ": text", false, NULL));
	snapshot_close(snapshot);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_failed_call_is_no_index),
		TEST(test_what_is_too_large_is_not_kept),
		TEST(test_none_is_made_of_what_may_not_stay),
		TEST(test_one_that_goes_on_from_another_has_its_key),
		cmocka_unit_test(test_ending_nothing_is_nothing),
		TEST(test_what_it_stands_on_must_make_sense),
		TEST(test_what_is_ahead_must_have_grown),
		TEST(test_a_hash_that_does_not_end_its_line_is_another),
		TEST(test_a_draft_that_is_another_file_is_not_put_in_place),
		TEST(test_none_is_made_where_the_boot_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
