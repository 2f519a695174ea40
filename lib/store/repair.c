/*
 * repair: after a failed sync.
 *
 * What the page cache shows after a failed sync is not what the disk has.  So the
 * cache is dropped, all that was ever shown is read and proved again from the disk,
 * what came after it (never shown, never acknowledged) is cut off and kept in torn/,
 * and everything is synced.  Only then the store is no longer marked broken.
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

/* Cuts everything back to what was shown. */
static enum status
cut_all(struct store *store, const struct state *shown, uint64_t *cut, struct error *error)
{
	enum status status = cut_log(store, AUDIT_NAME, shown->audit_length, cut, error);

	for (size_t i = 0; i < shown->count && status == STATUS_OK; i++) {
		char name[LOG_NAME_SIZE];

		log_name((struct slice){ shown->tables[i].name, shown->tables[i].name_length }, name);
		status = cut_log(store, name, shown->tables[i].length, cut, error);
	}
	return status;
}

static enum status
mend(struct store *store, const struct state *shown, struct repair_report *report, struct error *error)
{
	enum status status;

	drop_cache(store, shown);
	status = erase_redo(store, shown, error);
	if (status == STATUS_OK)
		status = prove(store, &report->proved, error);
	if (status == STATUS_OK)
		status = cut_all(store, shown, &report->cut, error);
	if (status == STATUS_OK)
		status = lead_sync(store, NULL, shown, error);
	if (status == STATUS_UNKNOWN) /* still broken, and says so */
		error->status = status = STATUS_SYSTEM;
	if (status == STATUS_OK && !watermark_write(store, shown, false))
		status = error_set(error, STATUS_SYSTEM, "%s/watermark: can't write:", store->path);
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
		status = mend(store, &mark.state, report, error);
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
