/*
 * commit: how a transaction gets into the store.
 *
 * What is kept here (the other invariants are with the files that keep them: S4 and
 * S5 state.c, S6 watermark.c, S7 recover.c, S8 file.c):
 *
 *  S1  A log only grows, but for a tail that was never shown or acknowledged, which
 *      only the holder of W cuts.  Nothing at or below the watermark or the newest
 *      `synced` is ever cut.
 *  S2  tx never decreases in a log: lines carry the number that is given out under W.
 *  S3  Acknowledged implies durable, shown implies durable: store_settle returns, and
 *      the watermark moves, only after the sync.
 *
 * The states of transaction N+1, and who can see it:
 *
 *	          store_lock          chunks, then          store_settle:
 *	          cuts the tail       the audit line        sync, watermark
 *	  [idle] ----------> [W held] ----------> [appended] ----------> [durable]
 *	     ^                  |   |                 |                       |
 *	     |     error:       |   | cut fails       | sync fails            | readers see it;
 *	     +--- cut back -----+   v                 v                       | it can't be lost
 *	       nothing happened   [broken]  <---------+                       v
 *	                              |                                  acknowledged
 *	                              +--> repair: kept if whole, and then durable
 *
 *	killed in [W held]: no whole audit line, so the next writer cuts what is there
 *	killed in [appended]: the next leader finds the line valid, syncs, publishes
 *	power loss in [appended]: whole and so kept, or torn and so cut, in all logs at once
 *
 * A long log that is made by its transaction was written and synced before, without a name
 * (unnamed.c): then [W held] to [appended] gives it that name, and cutting back takes it.
 *
 * Locks: W from store_lock to the end of store_append, some 30 microseconds plus the
 * bytes; S while syncing.  Waiters for S look at the watermark in between, so that one
 * sync serves all who appended before it began, and none needs a lock to learn so.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/guard.h"
#include "store/internal.h"
#include "stream/csv.h"

enum {
	BREAK_WAIT = 2000, /* milliseconds to wait for S before saying "broken" without it */
	ERASE_WAIT = 30000 /* and for who is syncing what an erasure overwrites */
};

/* What memory.c and the SIGBUS handler exit with from now on. */
static void
set_stage(enum status status)
{
	memory_stage(status);
	guard_stage(status);
}

void
store_unlock(struct store *store)
{
	if (!store->locked)
		return;
	store->locked = false;
	lock_release(store, LOCK_HOLDER);
	lock_release(store, LOCK_WRITER);
}

/* W is held: finds where to go on, and cuts what lies beyond. */
static enum status
take_over(struct store *store, struct error *error)
{
	struct watermark mark = { .kind = WATERMARK_NONE };
	struct recovery recovery = { .head = { .tx = 0 } };
	uint64_t size;
	enum status status = watermark_read(store, &size, &mark, error);

	if (status == STATUS_OK && mark.kind == WATERMARK_HERE && mark.broken && !seeded(SEED_BROKEN_IGNORED))
		status = error_set(error, STATUS_SYSTEM,
		    "%s: marked broken, since a sync failed; see bo-store(1), repair", store->path);
	if (status == STATUS_OK)
		status = recover_find(store, &mark, size, &recovery, error);
	if (seeded(SEED_CUT_TO_FLOOR))
		state_copy(&recovery.head, &recovery.floor);
	if (status == STATUS_OK && size > recovery.head.audit_length)
		status = file_cut(store, store->audit, AUDIT_NAME, recovery.head.audit_length, size, error);
	if (status == STATUS_OK) {
		state_copy(&store->head, &recovery.head);
		state_copy(&store->floor, &recovery.floor);
		status = erase_redo(store, &store->floor, error);
	}
	watermark_release(&mark);
	recovery_release(&recovery);
	return status;
}

enum status
store_lock(struct store *store, int64_t deadline, struct error *error)
{
	enum status status;
	bool taken;

	if (!store->writable)
		return error_set(error, STATUS_SYSTEM, "%s/" AUDIT_NAME ": no permission to write", store->path);
	(void)store_actor(store); /* now, as it may take long */
	status = lock_writer(store, deadline, error);
	if (status != STATUS_OK)
		return status;
	store->locked = true;
	status = lock_try(store, LOCK_HOLDER, &taken, error);
	if (status == STATUS_OK)
		status = take_over(store, error);
	if (status != STATUS_OK)
		store_unlock(store);
	return status;
}

/* --- appending -------------------------------------------------------------- */

/* The tx column of the first record in bytes; 0 when there is none. */
static uint64_t
first_tx(struct slice bytes)
{
	struct slice line;
	uint64_t tx;

	while (bytes.length > 0) {
		line = slice_cut(&bytes, '\n');
		if (slice_is(slice_cut(&line, ','), "id"))
			continue; /* a header */
		return number_parse(slice_cut(&line, ','), &tx) ? tx : 0;
	}
	return 0;
}

static enum status
check_chunk(const struct store *store, const struct transaction *transaction, size_t index, struct error *error)
{
	const struct chunk *chunk = &transaction->chunks[index];
	struct slice name = slice_of(chunk->table);

	if (!table_name_valid(name))
		return error_set(error, STATUS_REFUSED, "not a name of a table: \"%s\"", chunk->table);
	for (size_t i = 0; i < index; i++)
		if (strcmp(transaction->chunks[i].table, chunk->table) == 0)
			return error_set(error, STATUS_REFUSED, "%s: two chunks in one transaction", chunk->table);
	if (chunk->bytes.length == 0 || chunk->bytes.data[chunk->bytes.length - 1] != '\n')
		return error_set(error, STATUS_REFUSED, "%s: a chunk must be whole lines", chunk->table);
	if (chunk->offset != state_length(&store->head, name))
		return error_set(error, STATUS_REFUSED,
		    "%s: the chunk was made from another state of the store", chunk->table);
	if (chunk->offset == 0 && !slice_starts(chunk->bytes, "id,tx"))
		return error_set(error, STATUS_REFUSED, "%s: a log begins with its header", chunk->table);
	if (first_tx(chunk->bytes) != store->head.tx + 1)
		return error_set(error, STATUS_REFUSED, "%s: the chunk carries another transaction's number",
		    chunk->table);
	if (!hash_is_hex(slice_of(chunk->digest)))
		return error_set(error, STATUS_REFUSED, "%s: the chunk has no digest", chunk->table);
	return STATUS_OK;
}

/* No field may smuggle in a line of its own. */
static bool
is_one_line(const char *text)
{
	for (; *text != '\0'; text++)
		if (((unsigned char)*text < ' ' && *text != '\t') || *text == 0x7f)
			return false;
	return true;
}

static enum status
check_transaction(const struct store *store, const struct snapshot *snapshot,
    const struct transaction *transaction, struct error *error)
{
	const struct state *state = snapshot_state(snapshot);
	enum status status = STATUS_OK;

	if (!store->locked)
		return error_set(error, STATUS_REFUSED, "the store is not locked");
	if (state->tx != store->head.tx || strcmp(state->hash, store->head.hash) != 0)
		return error_set(error, STATUS_REFUSED, "the store has moved on since it was read");
	if (!is_one_line(transaction->command) || !is_one_line(transaction->key) ||
	    !is_one_line(transaction->reason))
		return error_set(error, STATUS_REFUSED, "a control character in command, key or reason");
	for (size_t i = 0; i < transaction->count && status == STATUS_OK; i++)
		status = check_chunk(store, transaction, i, error);
	return status;
}

static bool
has_chunk(const struct transaction *transaction, const char *table)
{
	for (size_t i = 0; i < transaction->count; i++)
		if (strcmp(transaction->chunks[i].table, table) == 0)
			return true;
	return false;
}

static void
add_change(struct buffer *line, bool first, const char *table, uint64_t offset, uint64_t length, const char *digest)
{
	buffer_format(line, "%s%s:%" PRIu64 ":%" PRIu64 ":%s", first ? "" : ";", table, offset, length, digest);
}

/* The list of changes; on every 1,024th line all tables, in the order they came. */
static void
add_changes(struct buffer *line, const struct store *store, const struct transaction *transaction)
{
	bool all = (store->head.tx + 1) % CHECKPOINT_EVERY == 0, first = true;
	char nothing[HASH_HEX + 1];

	if (all) {
		hash_text((struct slice){ "", 0 }, nothing);
		for (size_t i = 0; i < store->head.count; i++) {
			const struct table *table = &store->head.tables[i];

			if (has_chunk(transaction, table->name))
				continue;
			add_change(line, first, table->name, table->length, 0, nothing);
			first = false;
		}
	}
	for (size_t i = 0; i < transaction->count; i++, first = false) {
		const struct chunk *chunk = &transaction->chunks[i];

		add_change(line, first, chunk->table, chunk->offset, chunk->bytes.length, chunk->digest);
	}
}

/* A clock that went back is told of and never corrected: one bad clock must not poison the store. */
static void
warn_of_clock(struct store *store, const struct snapshot *snapshot, const char *now)
{
	struct slice audit = snapshot_audit(snapshot), raw = { audit.data, 0 }, time;

	if (store->head.tx == 0)
		return;
	(void)audit_line_before(audit, audit.length, true, &raw); /* what is committed ends with a line */
	(void)slice_cut(&raw, ',');
	time = slice_cut(&raw, ',');
	if (slice_compare(slice_of(now), time) < 0)
		store_warn(store, "the clock went back: it is %s, and the last transaction was made at %.*s",
		    now, (int)time.length, time.data);
}

static enum status
build_line(struct store *store, const struct snapshot *snapshot, const struct transaction *transaction,
    struct buffer *line, struct error *error)
{
	char time[TIME_SIZE], hash[HASH_HEX + 1];
	struct hash chain;

	time_format_ms(clock_milliseconds(), time);
	warn_of_clock(store, snapshot, time);
	buffer_format(line, "%" PRIu64 ",%s,", store->head.tx + 1, time);
	csv_add(line, slice_of(store_actor(store)));
	buffer_add_char(line, ',');
	csv_add(line, slice_of(transaction->command));
	buffer_add_char(line, ',');
	csv_add(line, slice_of(transaction->key));
	buffer_add_char(line, ',');
	csv_add(line, slice_of(transaction->reason));
	buffer_add_char(line, ',');
	add_changes(line, store, transaction);
	buffer_format(line, ",%" PRIu64 ",", store->floor.tx);
	hash_init(&chain);
	hash_add(&chain, store->head.hash, strlen(store->head.hash));
	hash_add(&chain, line->data, line->length);
	hash_hex(&chain, hash);
	buffer_format(line, "%s\n", hash);
	if (line->length > STORE_LINE_MAX)
		return error_set(error, STATUS_REFUSED, "the reason is too long");
	return STATUS_OK;
}

/*
 * Opens a log to append to, making it if it is new.  A name that is there but was
 * never committed may be a killed writer's, who did not come to sync it.
 */
static enum status
open_log(struct store *store, const struct chunk *chunk, struct pending *out, struct error *error)
{
	char name[LOG_NAME_SIZE];
	struct stat file = { .st_size = 0 };
	enum status status = STATUS_OK;
	int fd;

	log_name(slice_of(chunk->table), name);
	fd = plain_open(store->directory, name, O_RDWR, &file);
	if (fd < 0 && errno == ENOENT && chunk->offset == 0) {
		fd = unnamed_name(chunk, store->directory, name); /* all that is left to do, or can't be done */
		out->written = fd >= 0;
		if (fd < 0)
			fd = plain_create(store->directory, name);
	}
	out->fd = fd;
	if (fd < 0)
		return file_fault(store, error, name, "open");
	if ((uint64_t)file.st_size < chunk->offset)
		return store_damage(store, error, name, "%" PRIu64 " bytes long, but %" PRIu64 " are committed",
		    (uint64_t)file.st_size, chunk->offset);
	if ((uint64_t)file.st_size > chunk->offset)
		status = file_cut(store, fd, name, chunk->offset, (uint64_t)file.st_size, error);
	if (status == STATUS_OK && chunk->offset == 0 && !seeded(SEED_NO_DIRECTORY_SYNC) &&
	    (fsync(fd) != 0 || fsync(store->directory) != 0))
		return error_set(error, STATUS_SYSTEM, "%s/%s: can't sync the new log:", store->path, name);
	return status;
}

/*
 * Takes back one log.  One that was written before it had a name loses that again: its
 * bytes may still be looked at by who made them.
 */
static bool
cut_log_back(const struct store *store, const struct pending *pending, uint64_t offset)
{
	char name[LOG_NAME_SIZE];

	if (!pending->written)
		return ftruncate(pending->fd, (off_t)offset) == 0;
	log_name(slice_of(pending->name), name);
	return unlinkat(store->directory, name, 0) == 0;
}

static enum status
open_logs(struct store *store, const struct transaction *transaction, struct error *error)
{
	enum status status = STATUS_OK;

	pending_close(store);
	for (size_t i = 0; i < transaction->count && status == STATUS_OK; i++) {
		struct pending *pending;

		store->pending = memory_grow(store->pending, &store->pending_capacity, store->pending_count,
		    sizeof *store->pending);
		pending = &store->pending[store->pending_count];
		*pending = (struct pending){ .fd = -1 };
		status = open_log(store, &transaction->chunks[i], pending, error);
		if (pending->fd < 0)
			break;
		memcpy(pending->name, transaction->chunks[i].table, strlen(transaction->chunks[i].table) + 1);
		store->pending_count++;
	}
	/* Nothing is written yet, unless it was before; where that stays the next writer cuts it. */
	for (size_t i = 0; i < store->pending_count && status != STATUS_OK; i++)
		if (store->pending[i].written)
			(void)cut_log_back(store, &store->pending[i], 0);
	return status;
}

void
mark_broken(struct store *store)
{
	struct watermark mark = { .kind = WATERMARK_NONE };
	struct error ignored = ERROR_INIT;
	bool held = lock_wait(store, LOCK_SYNC, clock_monotonic() + BREAK_WAIT, &ignored) == STATUS_OK;
	uint64_t size;

	if (watermark_read(store, &size, &mark, &ignored) != STATUS_OK || mark.kind != WATERMARK_HERE)
		state_copy(&mark.state, &store->floor);
	(void)watermark_write(store, &mark.state, true);
	if (held)
		lock_release(store, LOCK_SYNC);
	watermark_release(&mark);
	error_release(&ignored);
}

/* Takes back what was written of a transaction that can't be finished. */
static enum status
cut_back(struct store *store, const struct transaction *transaction, struct error *error)
{
	bool good = ftruncate(store->audit, (off_t)store->head.audit_length) == 0;

	for (size_t i = 0; i < store->pending_count; i++)
		if (!cut_log_back(store, &store->pending[i], transaction->chunks[i].offset))
			good = false;
	if (good) {
		set_stage(STATUS_SYSTEM);
		return error->status;
	}
	mark_broken(store);
	error_prefix(error, "could not be taken back");
	error->status = STATUS_UNKNOWN;
	return STATUS_UNKNOWN;
}

/*
 * The chunks, then the line that makes them valid.  At exact offsets: should
 * somebody append by hand meanwhile, the digests still hold for our bytes.
 */
static enum status
write_all(struct store *store, const struct transaction *transaction, const struct buffer *line, struct error *error)
{
	set_stage(STATUS_UNKNOWN);
	for (size_t i = 0; i < transaction->count; i++) {
		const struct chunk *chunk = &transaction->chunks[i];

		if (!store->pending[i].written && !plain_write(store->pending[i].fd, chunk->bytes, chunk->offset) &&
		    !seeded(SEED_WRITE_ERROR_SWALLOWED)) {
			error_set(error, STATUS_SYSTEM, "%s/%s.csv: nothing was written:", store->path,
			    chunk->table);
			return cut_back(store, transaction, error);
		}
	}
	if (!file_write_at(store->audit, line->data, line->length, (off_t)store->head.audit_length)) {
		error_set(error, STATUS_SYSTEM, "%s/" AUDIT_NAME ": nothing was written:", store->path);
		return cut_back(store, transaction, error);
	}
	return STATUS_OK;
}

/*
 * What is overwritten must not be looked at by a recovery, which would take it for torn:
 * so all of it is known to be on disk, by the erasure's own line, before that is written.
 * And there is one unfinished erasure at most.
 */
static enum status
prepare_erasure(struct store *store, const struct transaction *transaction, struct error *error)
{
	enum status status;

	if (!has_chunk(transaction, STORE_ERASURE))
		return STATUS_OK;
	status = lead_head(store, clock_monotonic() + ERASE_WAIT, error);
	return status == STATUS_OK ? erase_redo(store, &store->floor, error) : status;
}

enum status
store_append(struct store *store, const struct snapshot *snapshot, const struct transaction *transaction,
    uint64_t *tx, struct error *error)
{
	struct buffer line = BUFFER_INIT;
	enum status status = check_transaction(store, snapshot, transaction, error);

	if (status == STATUS_OK)
		status = prepare_erasure(store, transaction, error);
	if (status == STATUS_OK)
		status = build_line(store, snapshot, transaction, &line, error);
	if (status == STATUS_OK)
		status = open_logs(store, transaction, error);
	if (status == STATUS_OK)
		status = write_all(store, transaction, &line, error);
	if (status == STATUS_OK)
		*tx = store->head.tx + 1;
	else
		pending_close(store);
	store_unlock(store);
	buffer_release(&line);
	return status;
}

/* --- settling ----------------------------------------------------------------- */

/*
 * How far audit.csv, size bytes long, goes by its chain alone: what follows the watermark was
 * written in this boot, under W.
 */
static enum status
follow_chain(struct store *store, uint64_t size, struct state *state, struct error *error)
{
	struct buffer scratch = BUFFER_INIT;
	struct audit_reader reader;
	struct audit_line line;
	struct slice raw;
	enum status status;

	audit_reader_init(&reader, store->audit, state->audit_length);
	reader.end = size;
	while ((status = audit_reader_next(&reader, &raw, error)) == STATUS_OK) {
		if (!audit_parse(raw, &line, &scratch) || state_refuses(state, &line) != NULL)
			break;
		state_apply(state, &line);
	}
	audit_reader_release(&reader);
	buffer_release(&scratch);
	return status == STATUS_SYSTEM ? STATUS_SYSTEM : STATUS_OK;
}

/* S is held and the mark is valid: syncs what came after it and publishes that.  *head is what is durable then. */
static enum status
settle_after(struct store *store, const struct watermark *mark, uint64_t size, uint64_t tx,
    struct state *head, struct error *error)
{
	enum status status;

	state_copy(head, &mark->state);
	status = follow_chain(store, size, head, error);
	if (status == STATUS_OK && head->tx < tx)
		status = store_damage(store, error, AUDIT_NAME, "transaction %" PRIu64 " has vanished", tx);
	if (status != STATUS_OK)
		return status;
	if (seeded(SEED_WATERMARK_BEFORE_SYNC))
		(void)watermark_write(store, head, false);
	status = lead_sync(store, &mark->state, head, error);
	if (status == STATUS_OK)
		(void)watermark_write(store, head, false);
	else if (status == STATUS_UNKNOWN)
		(void)watermark_write(store, &mark->state, true);
	return status;
}

/* What the mark says of tx: STATUS_OK it is on disk, STATUS_NO not yet, STATUS_UNKNOWN never. */
static enum status
ask_mark(const struct watermark *mark, uint64_t tx, struct error *error)
{
	if (mark->kind != WATERMARK_HERE)
		return STATUS_NO;
	if (mark->state.tx >= tx)
		return STATUS_OK;
	if (mark->broken)
		return error_set(error, STATUS_UNKNOWN, "a sync failed; see bo-store(1), repair");
	return STATUS_NO;
}

/* One turn: leads if nobody does, else looks.  STATUS_NO when it is not settled yet. */
static enum status
settle_turn(struct store *store, uint64_t tx, int64_t deadline, struct watermark *mark, struct state *durable,
    struct error *error)
{
	uint64_t size;
	bool leader, waiting;
	enum status status = lock_try(store, LOCK_SYNC, &leader, error);

	if (status == STATUS_OK)
		status = watermark_read(store, &size, mark, error);
	if (status == STATUS_OK)
		status = ask_mark(mark, tx, error);
	waiting = status == STATUS_NO;
	if (status == STATUS_OK)
		state_copy(durable, &mark->state);
	else if (waiting && leader && mark->kind == WATERMARK_HERE)
		status = settle_after(store, mark, size, tx, durable, error);
	if (leader)
		lock_release(store, LOCK_SYNC);
	if (waiting && leader && mark->kind != WATERMARK_HERE) {
		/* The mark is gone: from the newest `synced` on, which takes W, and W comes first. */
		status = lead(store, deadline, durable, error);
		if (status == STATUS_OK && durable->tx < tx)
			status = store_damage(store, error, AUDIT_NAME,
			    "transaction %" PRIu64 " has vanished", tx);
	}
	return status;
}

/* What this process erased is on disk as a transaction: now it may be overwritten. */
static enum status
settle_erasure(struct store *store, const struct state *durable, struct error *error)
{
	enum status status;

	if (pending_find(store, STORE_ERASURE) < 0)
		return STATUS_OK;
	status = erase_finish(store, durable, error);
	if (status != STATUS_OK)
		error_prefix(error,
		    "the erasure stands, and the next change of the store, or its repair, will finish it");
	return status;
}

enum status
store_settle(struct store *store, uint64_t tx, int64_t deadline, struct error *error)
{
	struct watermark mark = { .kind = WATERMARK_NONE };
	struct state durable = { .tx = 0 };
	long nap = 0;
	enum status status;

	while ((status = settle_turn(store, tx, deadline, &mark, &durable, error)) == STATUS_NO) {
		if (clock_monotonic() >= deadline) {
			status = error_set(error, STATUS_UNKNOWN, "waited too long for another process to sync");
			break;
		}
		lock_nap(&nap);
	}
	if (status == STATUS_OK)
		status = settle_erasure(store, &durable, error);
	if (status == STATUS_OK) {
		set_stage(STATUS_UNREPORTED);
		head_remember(store, &durable);
	} else {
		error_prefix(error, "the outcome is unknown");
		error->status = status = seeded(SEED_SYNC_FAILED_IS_STATUS_4) ? STATUS_SYSTEM : STATUS_UNKNOWN;
	}
	pending_close(store);
	state_release(&durable);
	watermark_release(&mark);
	return status;
}
