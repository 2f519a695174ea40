/*
 * test_faults_beside: whatever call fails while a store is copied, repaired, proved, looked
 * over, or gets back what nobody named, the status is the truth
 */
#include "fault_fixture.h"

#include "store/checkpoint.h"

#define SALT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define LETTER "a letter"

/* --- copies ------------------------------------------------------------------------------ */

static void
no_step(void *context)
{
	(void)context;
}

static enum status
act_copy(struct fixture *fixture)
{
	char *directory = memory_format("%s/copy", fixture->root);
	struct copy_report report;
	struct store *store;
	enum status status = store_open(fixture->directory, &store, &fixture->error);

	if (status == STATUS_OK)
		status = store_copy(store, directory, clock_monotonic() + 30000, no_step, NULL, &report,
		    &fixture->error);
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

static char *
person(struct fixture *fixture)
{
	struct buffer log = BUFFER_INIT;
	char *text;

	fixture_read(fixture, "person.csv", &log);
	text = fixture_erasure(&log, "person", sizeof "id,tx,seal,name,town\n" - 1);
	buffer_release(&log);
	return text;
}

static void
prepare_store(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	char name[HASH_HEX + 1];

	assert_status(fixture,
	    fixture_add(fixture, store, PAIRS("note", "one", "person", SALT ",Ada,London")), STATUS_OK);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("person", SALT ",Grace,New York")), STATUS_OK);
	assert_status(fixture, blob_put(store, slice_of(LETTER), name, &fixture->error), STATUS_OK);
	store_close(store);
}

/* A copy with two transactions, of a store that has gone on; Ada was erased since. */
static void
prepare_older_copy(struct fixture *fixture)
{
	struct store *store;
	char name[HASH_HEX + 1], *text;

	prepare_store(fixture);
	assert_status(fixture, act_copy(fixture), STATUS_OK);
	text = person(fixture);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "two", STORE_ERASURE, text)), STATUS_OK);
	assert_status(fixture, blob_put(store, slice_of("another"), name, &fixture->error), STATUS_OK);
	store_close(store);
	free(text);
}

/* The same, and in the copy lies what nobody named. */
static void
prepare_copy_with_tails(struct fixture *fixture)
{
	prepare_older_copy(fixture);
	go_to(fixture, "copy");
	fixture_append_text(fixture, "note.csv", "R9,9,by hand and longer than what is to come");
	fixture_append_text(fixture, "person.csv", "R9,9,");
	go_to(fixture, "store");
}

/* A copy that was begun and came to nothing. */
static void
prepare_begun_copy(struct fixture *fixture)
{
	prepare_store(fixture);
	fault_arm("renameat", 2, EIO, false); /* the first is the blob's */
	assert_int_equal(act_copy(fixture), STATUS_SYSTEM);
	assert_string_equal(fault_disarm(), "renameat");
}

static bool
is_store(const struct fixture *fixture)
{
	char *name = fixture_path(fixture, "bo.format");
	bool is = access(name, F_OK) == 0;

	free(name);
	return is;
}

/* What is there can be read and proved, and has at least `least` transactions. */
static void
assert_copy(struct fixture *fixture, uint64_t least, uint64_t most)
{
	go_to(fixture, "copy");
	fault_mend(fixture);
	assert_in_range(fixture_tx(fixture), least, most);
	go_to(fixture, "store");
}

static void
judge_copy_of(struct fixture *fixture, enum status status, uint64_t before, uint64_t tx)
{
	bool is;

	assert_int_equal(fixture_tx(fixture), tx);
	go_to(fixture, "copy");
	is = is_store(fixture);
	go_to(fixture, "store");
	if (status == STATUS_OK)
		assert_copy(fixture, tx, tx);
	else
		assert_true(status == STATUS_SYSTEM || status == STATUS_UNKNOWN);
	if (is)
		assert_copy(fixture, before, tx);
	else
		assert_int_equal(before, 0);
	assert_status(fixture, act_copy(fixture), STATUS_OK);
	assert_copy(fixture, tx, tx);
}

static void
judge_copy(struct fixture *fixture, enum status status)
{
	judge_copy_of(fixture, status, 0, 2);
}

static void
judge_copy_again(struct fixture *fixture, enum status status)
{
	judge_copy_of(fixture, status, 2, 3);
}

/* --- repair --------------------------------------------------------------------------------- */

/* The third transaction's sync failed, and something torn came after it. */
static void
prepare_broken(struct fixture *fixture)
{
	struct store *store;

	prepare_store(fixture);
	store = fixture_open(fixture);
	fault_arm("fdatasync", 1, EIO, false);
	assert_int_equal(fixture_add(fixture, store, PAIRS("note", "lost")), STATUS_UNKNOWN);
	assert_non_null(fault_disarm());
	fixture_append_text(fixture, "note.csv", "R4,4,to");
	store_close(store);
}

static void
erase_without_sync(struct fixture *fixture, unsigned at)
{
	struct store *store;
	char *text;

	prepare_store(fixture);
	text = person(fixture);
	store = fixture_open(fixture);
	fault_arm("fdatasync", at, EIO, false);
	assert_int_equal(fixture_add(fixture, store, PAIRS(STORE_ERASURE, text)), STATUS_UNKNOWN);
	assert_non_null(fault_disarm());
	store_close(store);
	free(text);
}

/* The sync of an erasure's log failed: nothing is overwritten yet, and it is whole. */
static void
prepare_unknown_erasure(struct fixture *fixture)
{
	erase_without_sync(fixture, 1);
}

/* The sync of what an erasure overwrote failed, after those of its log and of audit.csv. */
static void
prepare_broken_erasure(struct fixture *fixture)
{
	erase_without_sync(fixture, 3);
}

static enum status
act_mend(struct fixture *fixture)
{
	struct store *store;
	struct repair_report report;
	enum status status = store_open(fixture->directory, &store, &fixture->error);

	if (status == STATUS_OK)
		status = store_mend(store, &report, &fixture->error);
	store_close(store);
	return status;
}

static void
judge_mend(struct fixture *fixture, enum status status)
{
	assert_true(status == STATUS_OK || status == STATUS_SYSTEM);
	if (status == STATUS_OK)
		assert_int_equal(fixture_tx(fixture), 3);
	fault_assert_found(fixture, 3, 3);
}

static void
judge_mend_sound(struct fixture *fixture, enum status status)
{
	assert_true(status == STATUS_OK || status == STATUS_SYSTEM);
	fault_assert_found(fixture, 2, 2);
}

static void
judge_mend_erasure(struct fixture *fixture, enum status status)
{
	assert_true(status == STATUS_OK || status == STATUS_SYSTEM);
	fault_assert_found(fixture, 3, 3);
}

/* --- proving ---------------------------------------------------------------------------------- */

static enum status
act_verify(struct fixture *fixture)
{
	return fixture_verify(fixture);
}

static enum status
act_blame(struct fixture *fixture)
{
	struct store *store;
	uint64_t good;
	enum status status = store_open(fixture->directory, &store, &fixture->error);

	if (status == STATUS_OK)
		status = store_blame(store, &good, &fixture->error);
	if (status == STATUS_OK)
		assert_int_equal(good, 2);
	store_close(store);
	return status;
}

static enum status
act_look_back(struct fixture *fixture)
{
	struct store *store;
	struct snapshot *snapshot = NULL;
	enum status status = store_open(fixture->directory, &store, &fixture->error);

	if (status == STATUS_OK)
		status = snapshot_open_tx(store, 1, &snapshot, &fixture->error);
	if (status == STATUS_OK)
		assert_int_equal(snapshot_tx(snapshot), 1);
	snapshot_close(snapshot);
	snapshot = NULL;
	if (status == STATUS_OK)
		status = snapshot_open_time(store, clock_milliseconds(), &snapshot, &fixture->error);
	snapshot_close(snapshot);
	store_close(store);
	return status;
}

static enum status
act_survey(struct fixture *fixture)
{
	struct store *store;
	struct snapshot *snapshot = NULL;
	struct survey survey;
	enum status status = store_open(fixture->directory, &store, &fixture->error);

	if (status == STATUS_OK)
		status = snapshot_open(store, &snapshot, &fixture->error);
	if (status == STATUS_OK)
		status = store_survey(snapshot, &survey, &fixture->error);
	if (status == STATUS_OK)
		assert_in_range(survey.blobs, 0, 1);
	snapshot_close(snapshot);
	store_close(store);
	return status;
}

/* A call that fails is never taken for a store that is damaged. */
static void
judge_look(struct fixture *fixture, enum status status)
{
	if (status != STATUS_OK && status != STATUS_SYSTEM)
		fail_msg("status %d: %s", status, fixture->error.faults[0].reason);
	fault_assert_found(fixture, 2, 2);
}

/* --- strays ------------------------------------------------------------------------------------ */

static void
prepare_strays(struct fixture *fixture)
{
	prepare_store(fixture);
	fixture_append_text(fixture, "note.csv", "R8,8,cut\n");
	fault_mend(fixture);
	fixture_append_text(fixture, "audit.csv", "3,torn");
	fixture_append_text(fixture, "person.csv", "R9,9," SALT ",Ida,Rome\n");
}

static enum status
read_strays(struct fixture *fixture, bool move, bool remove)
{
	struct store *store;
	struct strays strays = { .items = NULL };
	enum status status = store_open(fixture->directory, &store, &fixture->error);

	if (status == STATUS_OK)
		status = strays_read(store, move, clock_monotonic() + 30000, &strays, &fixture->error);
	if (status == STATUS_OK)
		assert_int_equal(strays.count, 2);
	if (status == STATUS_OK && remove)
		status = strays_remove(store, &strays, &fixture->error);
	strays_release(&strays);
	store_close(store);
	return status;
}

static enum status
act_read_strays(struct fixture *fixture)
{
	return read_strays(fixture, false, false);
}

static enum status
act_take_strays(struct fixture *fixture)
{
	return read_strays(fixture, true, true);
}

static void
judge_strays(struct fixture *fixture, enum status status)
{
	assert_true(status == STATUS_OK || status == STATUS_SYSTEM);
	fault_assert_found(fixture, 2, 2);
}

/* What was only read is still there. */
static void
judge_read_strays(struct fixture *fixture, enum status status)
{
	judge_strays(fixture, status);
	assert_status(fixture, act_read_strays(fixture), STATUS_OK);
}

/* --- documents ------------------------------------------------------------------------------------ */

static enum status
put(struct fixture *fixture, const char *text)
{
	struct store *store;
	struct buffer out = BUFFER_INIT;
	char name[HASH_HEX + 1];
	enum status status = store_open(fixture->directory, &store, &fixture->error);

	if (status == STATUS_OK)
		status = blob_put(store, slice_of(text), name, &fixture->error);
	if (status == STATUS_OK)
		status = blob_get(store, name, &out, &fixture->error);
	if (status == STATUS_OK)
		assert_true(slice_is(buffer_slice(&out), text));
	buffer_release(&out);
	store_close(store);
	return status;
}

static enum status
act_put(struct fixture *fixture)
{
	return put(fixture, "a new document");
}

static enum status
act_put_again(struct fixture *fixture)
{
	return put(fixture, LETTER);
}

static enum status
act_remove(struct fixture *fixture)
{
	struct store *store;
	char name[HASH_HEX + 1];
	enum status status = store_open(fixture->directory, &store, &fixture->error);

	hash_text(slice_of(LETTER), name);
	if (status == STATUS_OK)
		status = blob_remove(store, slice_of(name), &fixture->error);
	if (status == STATUS_OK)
		assert_false(blob_exists(store, slice_of(name)));
	store_close(store);
	return status;
}

/* Whole or not at all; and it can be put. */
static void
judge_put(struct fixture *fixture, enum status status)
{
	assert_true(status == STATUS_OK || status == STATUS_SYSTEM);
	assert_status(fixture, act_put(fixture), STATUS_OK);
	assert_status(fixture, act_put_again(fixture), STATUS_OK);
}

static const struct deed deeds[] = {
	{ "copy", prepare_store, act_copy, judge_copy },
	{ "copy where a copy was begun", prepare_begun_copy, act_copy, judge_copy },
	{ "bring a copy up to date", prepare_older_copy, act_copy, judge_copy_again },
	{ "bring a copy with tails up to date", prepare_copy_with_tails, act_copy, judge_copy_again },
	{ "repair", prepare_broken, act_mend, judge_mend },
	{ "repair what is not broken", prepare_store, act_mend, judge_mend_sound },
	{ "repair an unknown erasure", prepare_unknown_erasure, act_mend, judge_mend_erasure },
	{ "repair a broken erasure", prepare_broken_erasure, act_mend, judge_mend_erasure },
	{ "verify", prepare_store, act_verify, judge_look },
	{ "blame", prepare_store, act_blame, judge_look },
	{ "look back", prepare_store, act_look_back, judge_look },
	{ "look over", prepare_store, act_survey, judge_look },
	{ "read strays", prepare_strays, act_read_strays, judge_read_strays },
	{ "take strays", prepare_strays, act_take_strays, judge_strays },
	{ "put a document", prepare_store, act_put, judge_put },
	{ "put a document again", prepare_store, act_put_again, judge_put },
	{ "remove a document", prepare_store, act_remove, judge_put },
};

int
main(void)
{
	return fault_run(deeds, sizeof deeds / sizeof *deeds);
}
