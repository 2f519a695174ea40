/*
 * lead: making durable what is valid, for oneself and for others.
 *
 * The holder of S syncs whatever was appended since the watermark, by whomever, and
 * then publishes the new one.  Data and audit.csv are synced at once, in no order: a line
 * carries the digests of what must be there with it, so one without the other is a
 * torn tail.  A sync that failed is never tried again: the kernel reports it once,
 * takes what never reached the disk for written, and says yes the next time.  So the
 * watermark says "broken" then, and only bo-store repair goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/date.h"
#include "store/internal.h"

void
pending_close(struct store *store)
{
	for (size_t i = 0; i < store->pending_count; i++)
		close(store->pending[i].fd);
	store->pending_count = 0;
}

int
pending_find(const struct store *store, const char *table)
{
	for (size_t i = 0; i < store->pending_count; i++)
		if (strcmp(store->pending[i].name, table) == 0)
			return store->pending[i].fd;
	return -1;
}

/* Adds a log to what is to be synced. */
static enum status
add_log(struct store *store, const struct table *table, struct syncing *syncing, struct error *error)
{
	char name[LOG_NAME_SIZE];
	struct stat status;
	int fd = pending_find(store, table->name);

	log_name((struct slice){ table->name, table->name_length }, name);
	if (fd >= 0) {
		syncing_add(syncing, fd, name, false);
		return STATUS_OK;
	}
	fd = plain_open(store->directory, name, O_RDONLY, &status);
	if (fd < 0)
		return file_fault(store, error, name, "open");
	syncing_add(syncing, fd, name, true);
	if ((uint64_t)status.st_size < table->length)
		return store_damage(store, error, name, "%" PRIu64 " bytes long, but %" PRIu64 " are committed",
		    (uint64_t)status.st_size, table->length);
	return STATUS_OK;
}

/*
 * Has the disk begin with what this process has written, of all files at once: each sync
 * then waits for work that is under way.  A hint; what is durable only the syncs say.
 */
static void
begin_writing(const struct store *store)
{
	for (size_t i = 0; i < store->pending_count; i++)
		(void)sync_file_range(store->pending[i].fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	(void)sync_file_range(store->audit, 0, 0, SYNC_FILE_RANGE_WRITE);
}

enum status
lead_sync(struct store *store, const struct state *from, const struct state *to, struct error *error)
{
	struct syncing syncing = { .count = 0 };
	enum status status = STATUS_OK;

	begin_writing(store);
	for (size_t i = 0; i < to->count && status == STATUS_OK; i++) {
		const struct table *table = &to->tables[i];

		if (from == NULL ||
		    state_length(from, (struct slice){ table->name, table->name_length }) != table->length)
			status = add_log(store, table, &syncing, error);
	}
	if (status == STATUS_OK) {
		syncing_add(&syncing, store->audit, AUDIT_NAME, false);
		status = syncing_run(&syncing, store, error);
	}
	syncing_release(&syncing);
	if (status == STATUS_OK && from == NULL && fsync(store->directory) != 0)
		status = error_set(error, STATUS_UNKNOWN, "%s: can't sync:", store->path);
	return status;
}

/*
 * Syncs and publishes head.  Of a file that the watermark does not know (a copy, a
 * restart) everything is synced, since nobody knows who wrote it and how.  Where there
 * is none it may have been a broken one (S6): then a sync alone would speak of nothing,
 * and what is beyond the floor is written anew (anew.c).  After a restart the cache is another
 * one, which has forgotten what never reached the disk.  A mark that can't be written is no failure: what is on disk is on disk, and the next one
 * who needs to know syncs once more.
 */
static enum status
sync_and_publish(struct store *store, const struct watermark *mark, const struct state *floor,
    const struct state *head, struct error *error)
{
	bool here = mark->kind == WATERMARK_HERE;
	enum status status = STATUS_OK;

	if ((here && head->tx == mark->state.tx) || seeded(SEED_READER_DOES_NOT_SYNC))
		return STATUS_OK;
	if (mark->kind == WATERMARK_NONE)
		status = write_anew(store, mark, floor, head, error);
	if (status == STATUS_OK)
		status = lead_sync(store, here ? &mark->state : NULL, head, error);
	if (status == STATUS_OK)
		(void)watermark_write(store, head, false);
	else if (status == STATUS_UNKNOWN)
		(void)watermark_write(store, here ? &mark->state : floor, true);
	return status;
}

/* W and S are held; W is given back as soon as the head is found: syncing is slow. */
static enum status
lead_locked(struct store *store, struct state *state, struct error *error)
{
	struct watermark mark = { .kind = WATERMARK_NONE };
	struct recovery recovery = { .head = { .tx = 0 } };
	uint64_t size;
	bool done = false;
	enum status status = watermark_read(store, &size, &mark, error);

	if (status == STATUS_OK && mark.kind == WATERMARK_HERE &&
	    (mark.broken || size == mark.state.audit_length)) {
		state_copy(state, &mark.state);
		done = true;
	} else if (status == STATUS_OK) {
		status = recover_find(store, &mark, size, &recovery, error);
	}
	lock_release(store, LOCK_WRITER);
	if (status == STATUS_OK && !done) {
		status = sync_and_publish(store, &mark, &recovery.floor, &recovery.head, error);
		state_copy(state, &recovery.head);
	}
	watermark_release(&mark);
	recovery_release(&recovery);
	return status;
}

enum status
lead(struct store *store, int64_t deadline, struct state *state, struct error *error)
{
	enum status status = lock_writer(store, deadline, error);

	if (status != STATUS_OK)
		return status;
	status = lock_wait(store, LOCK_SYNC, deadline, error);
	if (status != STATUS_OK) {
		lock_release(store, LOCK_WRITER);
		return status;
	}
	status = lead_locked(store, state, error);
	lock_release(store, LOCK_SYNC);
	return status;
}

enum status
lead_if_idle(struct store *store, struct state *state, bool *led, struct error *error)
{
	enum status status = lock_try(store, LOCK_SYNC, led, error);

	if (status != STATUS_OK || !*led)
		return status;
	status = lock_writer(store, 0, error); /* a deadline that has passed: looks once */
	if (status == STATUS_OK)
		status = lead_locked(store, state, error);
	else
		*led = false;
	if (status == STATUS_BUSY) {
		error_clear(error);
		status = STATUS_OK;
	}
	lock_release(store, LOCK_SYNC);
	return status;
}

enum status
lead_head(struct store *store, int64_t deadline, struct error *error)
{
	struct watermark mark = { .kind = WATERMARK_NONE };
	uint64_t size;
	enum status status;

	if (store->floor.tx == store->head.tx)
		return STATUS_OK;
	status = lock_wait(store, LOCK_SYNC, deadline, error);
	if (status != STATUS_OK)
		return status;
	status = watermark_read(store, &size, &mark, error);
	if (status == STATUS_OK)
		status = sync_and_publish(store, &mark, &store->floor, &store->head, error);
	/* Elsewhere a mark that can't be written is no failure: here the next line must say what it says. */
	if (status == STATUS_OK)
		status = watermark_read(store, &size, &mark, error);
	if (status == STATUS_OK && (mark.kind != WATERMARK_HERE || mark.state.tx < store->head.tx))
		status = error_set(error, STATUS_SYSTEM, "%s/watermark: can't be written", store->path);
	lock_release(store, LOCK_SYNC);
	watermark_release(&mark);
	if (status == STATUS_UNKNOWN) /* nothing of ours was written */
		error->status = status = STATUS_SYSTEM;
	if (status == STATUS_OK)
		state_copy(&store->floor, &store->head);
	return status;
}
