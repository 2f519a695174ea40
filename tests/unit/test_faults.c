/*
 * test_faults: whatever call fails while a store is made, read, written or erased from, the
 * status is the truth, and the next one who comes finds a store
 */
#include "fault_fixture.h"

#define SALT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* A change of a store with `before` transactions. */
static void
judge_change(struct fixture *fixture, enum status status, uint64_t before)
{
	switch (status) {
	case STATUS_OK:
		fault_assert_found(fixture, before + 1, before + 1);
		break;
	case STATUS_SYSTEM:
		fault_assert_found(fixture, before, before);
		break;
	case STATUS_UNKNOWN:
		fault_assert_found(fixture, before, before + 1);
		break;
	default:
		fail_msg("status %d: %s", status, fixture->error.faults[0].reason);
	}
}

/* --- making one ------------------------------------------------------------------------- */

static void
prepare_nothing(struct fixture *fixture)
{
	nftw(fixture->directory, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static enum status
act_create(struct fixture *fixture)
{
	return store_create(fixture->directory, &fixture->error);
}

/* One that was not finished can be made again. */
static void
judge_create(struct fixture *fixture, enum status status)
{
	char *name = fixture_path(fixture, "bo.format");
	bool there = access(name, F_OK) == 0;

	free(name);
	assert_true(status == STATUS_OK || status == STATUS_SYSTEM);
	if (status == STATUS_OK)
		assert_true(there);
	if (!there)
		assert_status(fixture, store_create(fixture->directory, &fixture->error), STATUS_OK);
	fault_assert_found(fixture, 0, 0);
}

/* --- reading ------------------------------------------------------------------------------ */

static void
prepare_two(struct fixture *fixture)
{
	fixture_fill(fixture, 2);
}

static void
prepare_restart(struct fixture *fixture)
{
	fixture_fill(fixture, 2);
	fixture_reboot(fixture);
}

static void
prepare_no_mark(struct fixture *fixture)
{
	fixture_fill(fixture, 2);
	fixture_unlink(fixture, "watermark");
}

/* A third transaction, whose writer was killed before it settled. */
static void
prepare_unsettled(struct fixture *fixture)
{
	struct store *store;
	uint64_t tx;

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS("note", "unsettled")), STATUS_OK);
	store_close(store);
}

/* A third transaction, whose writer was killed while writing it. */
static void
prepare_torn(struct fixture *fixture)
{
	fixture_fill(fixture, 2);
	fixture_append_text(fixture, "note.csv", "R3,3,to");
	fixture_append_text(fixture, "audit.csv", "3,2026-01-01T00:0");
}

static enum status
act_read(struct fixture *fixture)
{
	struct store *store;
	struct snapshot *snapshot = NULL;
	struct slice log;
	enum status status = store_open(fixture->directory, &store, &fixture->error);

	if (status == STATUS_OK)
		status = snapshot_open(store, &snapshot, &fixture->error);
	if (status == STATUS_OK)
		status = snapshot_log(snapshot, "note", &log, &fixture->error);
	if (status == STATUS_OK) {
		assert_true(log.length > 0);
		assert_in_range(snapshot_tx(snapshot), 1, 3);
		status = snapshot_refresh(snapshot, &fixture->error);
	}
	snapshot_close(snapshot);
	store_close(store);
	return status;
}

static void
judge_read(struct fixture *fixture, enum status status)
{
	assert_true(status == STATUS_OK || status == STATUS_SYSTEM);
	fault_assert_found(fixture, 2, 2);
}

static void
judge_read_unsettled(struct fixture *fixture, enum status status)
{
	assert_true(status == STATUS_OK || status == STATUS_SYSTEM);
	fault_assert_found(fixture, 3, 3); /* it is whole, and so repair keeps it too */
}

/* --- writing ------------------------------------------------------------------------------ */

static enum status
act_add(struct fixture *fixture)
{
	struct store *store;
	enum status status = store_open(fixture->directory, &store, &fixture->error);

	if (status == STATUS_OK)
		status = fixture_add(fixture, store, PAIRS("note", "more"));
	store_close(store);
	return status;
}

static enum status
act_add_new(struct fixture *fixture)
{
	struct store *store;
	enum status status = store_open(fixture->directory, &store, &fixture->error);

	if (status == STATUS_OK)
		status = fixture_add(fixture, store, PAIRS("note", "more", "other", "first"));
	store_close(store);
	return status;
}

static void
judge_add(struct fixture *fixture, enum status status)
{
	judge_change(fixture, status, 2);
}

static void
judge_add_unsettled(struct fixture *fixture, enum status status)
{
	switch (status) {
	case STATUS_OK:
		fault_assert_found(fixture, 4, 4);
		break;
	case STATUS_SYSTEM:
		fault_assert_found(fixture, 3, 3);
		break;
	default:
		assert_int_equal(status, STATUS_UNKNOWN);
		fault_assert_found(fixture, 3, 4);
	}
}

/* --- erasing --------------------------------------------------------------------------------- */

enum { BEGIN = sizeof "id,tx,seal,name,town\n" - 1 };

/* Somebody, a document, and a line of somebody's that was cut off. */
static void
prepare_person(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	char name[HASH_HEX + 1];

	assert_status(fixture, fixture_add(fixture, store, PAIRS("person", SALT ",Ada,London")), STATUS_OK);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("person", SALT ",Grace,New York")), STATUS_OK);
	assert_status(fixture, blob_put(store, slice_of("Ada's letter"), name, &fixture->error), STATUS_OK);
	fixture_append_text(fixture, "person.csv", "R3,3," SALT ",Ad");
	assert_status(fixture, store_lock(store, clock_monotonic(), &fixture->error), STATUS_OK);
	store_unlock(store);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("person", SALT ",Ida,Rome")), STATUS_OK);
	store_close(store);
}

/* As transaction tx: names Ada's line and Grace's, and the document, which has no line; free() it. */
static char *
erasure(struct fixture *fixture, int tx)
{
	struct buffer log = BUFFER_INIT;
	char digest[HASH_HEX + 1], *ada, *grace, *text;

	fixture_read(fixture, "person.csv", &log);
	ada = fixture_erasure(&log, "person", BEGIN);
	grace = fixture_erasure(&log, "person", BEGIN + strcspn(log.data + BEGIN, "\n") + 1);
	hash_text(slice_of("Ada's letter"), digest);
	text = memory_format("%s\nR%d,%d,,,,,,%s\nR%d,%d,%s", ada, tx, tx, digest, tx, tx, grace);
	free(ada);
	free(grace);
	buffer_release(&log);
	return text;
}

/* The erasure's writer was killed before it settled. */
static void
prepare_unfinished(struct fixture *fixture)
{
	struct store *store;
	uint64_t tx;
	char *text;

	prepare_person(fixture);
	text = erasure(fixture, 4);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_append(fixture, store, &tx, PAIRS(STORE_ERASURE, text)), STATUS_OK);
	store_close(store);
	free(text);
}

static enum status
act_erase(struct fixture *fixture)
{
	struct faults armed = faults;
	struct store *store;
	enum status status;
	char *text;

	fault_disarm();
	text = erasure(fixture, 4);
	faults = armed;
	status = store_open(fixture->directory, &store, &fixture->error);
	if (status == STATUS_OK)
		status = fixture_add(fixture, store, PAIRS(STORE_ERASURE, text));
	store_close(store);
	free(text);
	return status;
}

static void
assert_erased(struct fixture *fixture)
{
	struct buffer log = BUFFER_INIT;

	fixture_read(fixture, "person.csv", &log);
	assert_null(memmem(log.data, log.length, "Ada", 3));
	assert_null(memmem(log.data, log.length, "Grace", 5));
	assert_non_null(memmem(log.data, log.length, "Ida", 3));
	buffer_release(&log);
}

static void
judge_erase(struct fixture *fixture, enum status status)
{
	if (status == STATUS_OK)
		assert_erased(fixture);
	judge_change(fixture, status, 3);
}

/* Whoever adds finishes the erasure first, and if he can't does not add. */
static void
judge_add_unfinished(struct fixture *fixture, enum status status)
{
	switch (status) {
	case STATUS_OK:
		fault_assert_found(fixture, 5, 5);
		assert_erased(fixture); /* by the one after him where nobody could say what was on disk */
		break;
	case STATUS_SYSTEM:
		fault_assert_found(fixture, 4, 4);
		break;
	default:
		assert_int_equal(status, STATUS_UNKNOWN);
		fault_assert_found(fixture, 4, 5);
	}
}

/* Another writer comes between the look and the lock; he may take the watermark along. */
static enum status
erase_after_another(struct fixture *fixture, bool unmarked)
{
	struct faults armed = faults;
	struct store *store, *other;
	struct snapshot *snapshot = NULL;
	struct buffer bytes = BUFFER_INIT;
	struct chunk chunk = { .table = STORE_ERASURE };
	struct transaction transaction = { .command = "test", .key = "", .reason = "", .chunks = &chunk, .count = 1 };
	enum status status;
	uint64_t tx;
	char *text;

	fault_disarm();
	text = erasure(fixture, 5);
	buffer_format(&bytes, "id,tx,table,record,offset,length,columns,digest\nR5,5,%s\n", text);
	chunk.bytes = buffer_slice(&bytes);
	chunk_digest(&chunk, (struct slice){ NULL, 0 });
	store = fixture_open(fixture);
	other = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	assert_status(fixture, fixture_append(fixture, other, &tx, PAIRS("note", "unsettled")), STATUS_OK);
	assert_status(fixture, store_lock(store, clock_monotonic(), &fixture->error), STATUS_OK);
	assert_status(fixture, snapshot_to_head(snapshot, &fixture->error), STATUS_OK);
	if (unmarked)
		fixture_unlink(fixture, "watermark");
	faults = armed;
	status = store_append(store, snapshot, &transaction, &tx, &fixture->error);
	if (status == STATUS_OK)
		status = store_settle(store, tx, clock_monotonic() + 30000, &fixture->error);
	armed = faults;
	fault_disarm();
	snapshot_close(snapshot);
	store_close(store);
	store_close(other);
	buffer_release(&bytes);
	free(text);
	faults = armed;
	return status;
}

static enum status
act_erase_after_another(struct fixture *fixture)
{
	return erase_after_another(fixture, false);
}

static enum status
act_erase_unmarked(struct fixture *fixture)
{
	return erase_after_another(fixture, true);
}

/* The other's is whole, and so it is there, whatever happened to this one's. */
static void
judge_erase_after_another(struct fixture *fixture, enum status status)
{
	switch (status) {
	case STATUS_OK:
		assert_erased(fixture);
		fault_assert_found(fixture, 5, 5);
		break;
	case STATUS_SYSTEM:
		fault_assert_found(fixture, 4, 4);
		break;
	default:
		assert_int_equal(status, STATUS_UNKNOWN);
		fault_assert_found(fixture, 4, 5);
	}
}

/* --- all of them --------------------------------------------------------------------------------- */

static const struct deed deeds[] = {
	{ "make a store", prepare_nothing, act_create, judge_create },
	{ "read", prepare_two, act_read, judge_read },
	{ "read after a restart", prepare_restart, act_read, judge_read },
	{ "read without a watermark", prepare_no_mark, act_read, judge_read },
	{ "read what nobody settled", prepare_unsettled, act_read, judge_read_unsettled },
	{ "read what is torn", prepare_torn, act_read, judge_read },
	{ "add", prepare_two, act_add, judge_add },
	{ "add to a new table", prepare_two, act_add_new, judge_add },
	{ "add after a restart", prepare_restart, act_add, judge_add },
	{ "add without a watermark", prepare_no_mark, act_add, judge_add },
	{ "add after what nobody settled", prepare_unsettled, act_add, judge_add_unsettled },
	{ "add after what is torn", prepare_torn, act_add, judge_add },
	{ "erase", prepare_person, act_erase, judge_erase },
	{ "erase after another's change", prepare_person, act_erase_after_another, judge_erase_after_another },
	{ "erase without a watermark", prepare_person, act_erase_unmarked, judge_erase_after_another },
	{ "add after half an erasure", prepare_unfinished, act_add, judge_add_unfinished },
};

int
main(void)
{
	return fault_run(deeds, sizeof deeds / sizeof *deeds);
}
