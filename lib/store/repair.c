/*
 * repair: after a failed sync.
 *
 * What the page cache shows after a failed sync is not what the disk has.  So:
 *
 *	1. the cache is dropped, and all that the mark covers is read and proved again;
 *	2. what came after it is looked through as after a killed writer (recover.c).  As
 *	   far as it is whole it is kept: it may have been acknowledged and covered by a
 *	   mark that was deleted since (S3, S6); otherwise its outcome is unknown;
 *	3. what is kept is written anew, synced, and proved as the disk has it (anew.c).  If
 *	   that fails nothing is cut, and the store stays broken;
 *	4. what is not whole, and so was never shown or acknowledged, is cut off and kept
 *	   in torn/, and everything is synced.
 *
 * Only then the store is no longer marked broken.  Killed at any point, it still is, and
 * has lost nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/date.h"
#include "store/internal.h"

enum { REPAIR_WAIT = 30000 };

static void
drop_cache(struct store *store, const struct state *state)
{
	posix_fadvise(store->audit, 0, 0, POSIX_FADV_DONTNEED);
	for (size_t i = 0; i < state->count; i++) {
		char name[LOG_NAME_SIZE];
		struct stat status;
		int fd;

		log_name((struct slice){ state->tables[i].name, state->tables[i].name_length }, name);
		fd = plain_open(store->directory, name, O_RDONLY, &status);
		if (fd < 0)
			continue; /* the proof says so */
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		close(fd);
	}
}

/* Proves what the broken mark covers: a snapshot shows just that. */
static enum status
prove(struct store *store, struct verify_report *report, struct error *error)
{
	struct snapshot *snapshot;
	enum status status = snapshot_open(store, &snapshot, error);

	if (status != STATUS_OK)
		return status;
	status = store_verify(snapshot, report, error);
	if (status == STATUS_NO)
		error->status = status = STATUS_SYSTEM;
	snapshot_close(snapshot);
	return status;
}

/* What the user saw last is compared with what is kept, not with this. */
static enum status
prove_shown(struct store *store, struct verify_report *report, struct error *error)
{
	bool doubted = store->head_doubted;
	enum status status;

	store->head_doubted = true;
	status = prove(store, report, error);
	store->head_doubted = doubted;
	return status;
}

static enum status
cut_log(struct store *store, const char *name, uint64_t keep, uint64_t *cut, struct error *error)
{
	struct stat file;
	enum status status = STATUS_OK;
	int fd = plain_open(store->directory, name, O_RDWR, &file);

	if (fd < 0)
		return file_fault(store, error, name, "open");
	if ((uint64_t)file.st_size > keep)
		status = file_cut(store, fd, name, keep, (uint64_t)file.st_size, error);
	if (status == STATUS_OK && (uint64_t)file.st_size > keep)
		*cut += (uint64_t)file.st_size - keep;
	close(fd);
	return status;
}

/* Cuts everything back to what is kept. */
static enum status
cut_all(struct store *store, const struct state *kept, uint64_t *cut, struct error *error)
{
	enum status status = cut_log(store, AUDIT_NAME, kept->audit_length, cut, error);

	for (size_t i = 0; i < kept->count && status == STATUS_OK; i++) {
		char name[LOG_NAME_SIZE];

		log_name((struct slice){ kept->tables[i].name, kept->tables[i].name_length }, name);
		status = cut_log(store, name, kept->tables[i].length, cut, error);
	}
	return status;
}

/* How far the files are whole beyond what the mark covers. */
static enum status
find_whole(struct store *store, const struct watermark *mark, struct state *whole, struct error *error)
{
	struct recovery recovery = { .head = { .tx = 0 } };
	struct stat file;
	enum status status = STATUS_OK;

	if (fstat(store->audit, &file) != 0)
		status = file_fault(store, error, AUDIT_NAME, "look at it");
	if (status == STATUS_OK)
		status = recover_find(store, mark, (uint64_t)file.st_size, &recovery, error);
	if (status == STATUS_OK)
		state_copy(whole, &recovery.head);
	recovery_release(&recovery);
	return status;
}

/* What is beyond the mark and is kept becomes durable, what else there is is cut off. */
static enum status
settle_tail(struct store *store, const struct watermark *mark, const struct state *kept, uint64_t *cut,
    struct error *error)
{
	enum status status = write_anew(store, mark, &mark->state, kept, error);

	if (status == STATUS_OK)
		status = cut_all(store, kept, cut, error);
	if (status == STATUS_OK)
		status = lead_sync(store, NULL, kept, error);
	return status;
}

/* The mark, which is still broken, covers what was kept; with that, all is proved. */
static enum status
prove_kept(struct store *store, const struct state *kept, struct verify_report *report, struct error *error)
{
	enum status status = STATUS_OK;

	if (!watermark_write(store, kept, true))
		status = error_set(error, STATUS_SYSTEM, "%s/watermark: can't write:", store->path);
	if (status == STATUS_OK)
		status = erase_redo(store, kept, error);
	return status == STATUS_OK ? prove(store, report, error) : status;
}

static enum status
mend(struct store *store, const struct watermark *mark, struct repair_report *report, struct error *error)
{
	const struct state *shown = &mark->state;
	struct state kept = { .tx = 0 };
	enum status status;

	drop_cache(store, shown);
	status = erase_redo(store, shown, error);
	if (status == STATUS_OK)
		status = prove_shown(store, &report->proved, error);
	if (status == STATUS_OK)
		status = find_whole(store, mark, &kept, error);
	if (status == STATUS_OK)
		status = head_check(store, &kept, error);
	if (status == STATUS_OK)
		status = settle_tail(store, mark, &kept, &report->cut, error);
	if (status == STATUS_OK && kept.tx > shown->tx)
		status = prove_kept(store, &kept, &report->proved, error);
	if (status == STATUS_UNKNOWN) /* still broken, and says so */
		error->status = status = STATUS_SYSTEM;
	if (status == STATUS_OK && !watermark_write(store, &kept, false))
		status = error_set(error, STATUS_SYSTEM, "%s/watermark: can't write:", store->path);
	state_release(&kept);
	return status;
}

/* W and S are held. */
static enum status
repair_locked(struct store *store, struct repair_report *report, struct error *error)
{
	struct watermark mark = { .kind = WATERMARK_NONE };
	uint64_t size;
	enum status status = watermark_read(store, &size, &mark, error);

	report->broken = status == STATUS_OK && mark.kind == WATERMARK_HERE && mark.broken;
	if (report->broken)
		status = mend(store, &mark, report, error);
	watermark_release(&mark);
	return status;
}

enum status
store_mend(struct store *store, struct repair_report *report, struct error *error)
{
	int64_t deadline = clock_monotonic() + REPAIR_WAIT;
	enum status status;

	*report = (struct repair_report){ .broken = false };
	if (!store->writable)
		return error_set(error, STATUS_SYSTEM, "%s/" AUDIT_NAME ": no permission to write", store->path);
	status = lock_writer(store, deadline, error);
	if (status != STATUS_OK)
		return status;
	status = lock_wait(store, LOCK_SYNC, deadline, error);
	if (status == STATUS_OK) {
		status = repair_locked(store, report, error);
		lock_release(store, LOCK_SYNC);
	}
	lock_release(store, LOCK_WRITER);
	if (status != STATUS_OK || report->broken)
		return status;
	/* Nothing failed to sync: what any writer would do, and the proof. */
	status = store_lock(store, deadline, error);
	if (status != STATUS_OK)
		return status;
	store_unlock(store);
	return prove(store, &report->proved, error);
}

enum status
store_repair(struct store *store, struct error *error)
{
	struct repair_report report;

	return store_mend(store, &report, error);
}
