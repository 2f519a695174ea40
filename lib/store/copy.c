/*
 * copy: a store as it durably stands, in another directory.
 *
 * How far audit.csv goes is read first, as with any copy: the logs are then always
 * long enough.  It is written last, so that wherever this is cut short the copy is
 * what it was before:
 *
 *	[older copy] --blobs, logs--> [with tails] --audit.csv--> [new copy] --> erasures
 *	      ^                            |
 *	      +------- failed: cut back ---+    killed: the next writer or copy cuts them
 *
 * Tails are bytes beyond the committed lengths, which nobody looks at.  Before
 * audit.csv names them they are synced, dropped from the cache, and read back against
 * the digests of the lines that are going to name them.
 *
 * A copy has the uuid of its store, and audit.csv another inode: so a watermark is
 * worthless in a copy that was made otherwise, and its first reader leads.  Here it is
 * written anew, since everything was synced.  Whoever writes into a copy makes it a
 * fork: it can't be brought up to date any more.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/internal.h"

enum { STEP = 1 << 20 };

struct copy {
	struct store *from, *to;
	struct snapshot *snapshot;
	copy_step *step;
	void *context;
	struct copy_report *report;
	struct error *error;
};

static struct slice
table_slice(const struct table *table)
{
	return (struct slice){ table->name, table->name_length };
}

/* --- is it the beginning of the same history? ------------------------------------- */

static enum status
check_ancestor(struct copy *copy)
{
	const struct state *here = snapshot_state(copy->snapshot), *there = &copy->to->head;
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	bool same = there->tx == 0;

	if (there->tx > here->tx)
		return error_set(copy->error, STATUS_REFUSED,
		    "%s: has gone on by itself: its newest transaction is %" PRIu64 ", that of %s %" PRIu64,
		    copy->to->path, there->tx, copy->from->path, here->tx);
	if (there->tx > 0 && audit_find(snapshot_audit(copy->snapshot), there->tx, &line, &scratch))
		same = slice_is(line.hash, there->hash);
	buffer_release(&scratch);
	if (same)
		return STATUS_OK;
	return error_set(copy->error, STATUS_REFUSED,
	    "%s: its history is another one than that of %s: they differ at or before transaction %" PRIu64,
	    copy->to->path, copy->from->path, there->tx);
}

/* --- blobs ------------------------------------------------------------------------------ */

static enum status
copy_blob(struct copy *copy, const char *name)
{
	struct buffer bytes = BUFFER_INIT;
	char written[HASH_HEX + 1];
	enum status status;

	if (blob_exists(copy->to, slice_of(name)))
		return STATUS_OK;
	status = blob_get(copy->from, name, &bytes, copy->error);
	if (status == STATUS_OK)
		status = blob_put(copy->to, buffer_slice(&bytes), written, copy->error);
	else if (status == STATUS_NO) /* unlinked meanwhile */
		error_clear(copy->error);
	if (status == STATUS_OK) {
		copy->report->blobs++;
		copy->step(copy->context);
	}
	buffer_release(&bytes);
	return status == STATUS_NO ? STATUS_OK : status;
}

static enum status
copy_shelf(int shelf, void *context, struct error *error)
{
	struct copy *copy = context;
	DIR *list = fdopendir(shelf);
	const struct dirent *entry;
	enum status status = STATUS_OK;

	if (list == NULL) {
		close(shelf);
		return error_set(error, STATUS_SYSTEM, "%s/blob: can't read:", copy->from->path);
	}
	for (errno = 0; status == STATUS_OK && (entry = readdir(list)) != NULL; errno = 0)
		if (hash_is_hex(slice_of(entry->d_name)))
			status = copy_blob(copy, entry->d_name);
	if (status == STATUS_OK && errno != 0)
		status = error_set(error, STATUS_SYSTEM, "%s/blob: can't read:", copy->from->path);
	closedir(list);
	return status;
}

/* --- logs --------------------------------------------------------------------------------- */

/* Writes bytes from `keep` on, step by step. */
static bool
write_steps(struct copy *copy, int fd, struct slice bytes, uint64_t keep)
{
	for (uint64_t at = keep; at < bytes.length; at += STEP) {
		size_t piece = bytes.length - at < STEP ? (size_t)(bytes.length - at) : STEP;

		if (!file_write_at(fd, bytes.data + at, piece, (off_t)at))
			return false;
		copy->report->bytes += piece;
		copy->step(copy->context);
	}
	return true;
}

/* What lies in the copy beyond its committed length: of an interrupted copy, or somebody's own. */
static enum status
clear_tail(struct copy *copy, int fd, const char *name, struct slice bytes, uint64_t keep, uint64_t size)
{
	struct buffer tail = BUFFER_INIT;
	enum status status = STATUS_OK;
	ssize_t got;

	if (size > bytes.length)
		return file_cut(copy->to, fd, name, keep, size, copy->error);
	got = file_read_at(fd, buffer_reserve(&tail, (size_t)(size - keep) + 1), (size_t)(size - keep),
	    (off_t)keep);
	if (got < 0)
		status = file_fault(copy->to, copy->error, name, "read");
	else if (memcmp(tail.data, bytes.data + keep, (size_t)got) != 0)
		status = file_cut(copy->to, fd, name, keep, size, copy->error);
	buffer_release(&tail);
	return status;
}

static enum status
append_log(struct copy *copy, int fd, const char *name, struct slice bytes, uint64_t keep, uint64_t size)
{
	enum status status = STATUS_OK;

	if (size < keep)
		return store_damage(copy->to, copy->error, name,
		    "%" PRIu64 " bytes long, but %" PRIu64 " are committed", size, keep);
	if (size > keep)
		status = clear_tail(copy, fd, name, bytes, keep, size);
	if (status != STATUS_OK)
		return status;
	if (!write_steps(copy, fd, bytes, keep))
		return file_fault(copy->to, copy->error, name, "write");
	if (fsync(fd) != 0)
		return file_fault(copy->to, copy->error, name, "sync");
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED); /* so that the proof reads the disk */
	return STATUS_OK;
}

static enum status
copy_log(struct copy *copy, const struct table *table)
{
	uint64_t keep = state_length(&copy->to->head, table_slice(table));
	struct stat file = { .st_size = 0 };
	char name[LOG_NAME_SIZE];
	struct slice bytes;
	enum status status;
	int fd;

	if (keep == table->length)
		return STATUS_OK;
	status = snapshot_log(copy->snapshot, table->name, &bytes, copy->error);
	if (status != STATUS_OK)
		return status;
	log_name(table_slice(table), name);
	fd = plain_open(copy->to->directory, name, O_RDWR, &file);
	if (fd < 0 && errno == ENOENT && keep == 0)
		fd = plain_create(copy->to->directory, name);
	if (fd < 0)
		return file_fault(copy->to, copy->error, name, "open");
	status = append_log(copy, fd, name, bytes, keep, (uint64_t)file.st_size);
	close(fd);
	return status;
}

static enum status
copy_logs(struct copy *copy)
{
	const struct state *state = snapshot_state(copy->snapshot);
	enum status status = STATUS_OK;

	for (size_t i = 0; i < state->count && status == STATUS_OK; i++)
		status = copy_log(copy, &state->tables[i]);
	if (status == STATUS_OK && fsync(copy->to->directory) != 0)
		status = error_set(copy->error, STATUS_SYSTEM, "%s: can't sync:", copy->to->path);
	return status;
}

/* The bytes of audit.csv that the copy lacks. */
static struct slice
missing_lines(const struct copy *copy)
{
	struct slice audit = snapshot_audit(copy->snapshot);
	size_t keep = (size_t)copy->to->head.audit_length;

	return (struct slice){ audit.data + keep, audit.length - keep };
}

/* Every missing line chains to the one before, and what it names is there, read back. */
static enum status
prove(struct copy *copy)
{
	struct slice rest = missing_lines(copy);
	struct buffer scratch = BUFFER_INIT;
	struct state state = { .tx = 0 };
	struct audit_line line;
	enum status status = STATUS_OK;

	state_copy(&state, &copy->to->head);
	while (status == STATUS_OK && audit_next(&rest, &line, &scratch)) {
		const char *refusal = line.tx == 0 ? "not a line of an audit log" : state_refuses(&state, &line);

		if (refusal != NULL)
			status = store_damage(copy->from, copy->error, AUDIT_NAME,
			    "transaction %" PRIu64 ": %s", state.tx + 1, refusal);
		else
			status = changes_present(copy->to, line.changes, copy->error);
		if (status == STATUS_NO)
			status = store_damage(copy->from, copy->error, AUDIT_NAME,
			    "transaction %" PRIu64
			    ": what it added was altered, or did not arrive in the copy; see bo-audit(1), verify",
			    line.tx);
		if (status == STATUS_OK)
			state_apply(&state, &line);
	}
	state_release(&state);
	buffer_release(&scratch);
	return status;
}

/* Takes back what no transaction of the copy names. */
static void
cut_back(struct copy *copy)
{
	const struct state *state = snapshot_state(copy->snapshot);

	for (size_t i = 0; i < state->count; i++) {
		uint64_t keep = state_length(&copy->to->head, table_slice(&state->tables[i]));
		char name[LOG_NAME_SIZE];
		struct stat file;
		int fd;

		log_name(table_slice(&state->tables[i]), name);
		fd = plain_open(copy->to->directory, name, O_RDWR, &file);
		if (fd < 0)
			continue;
		if ((uint64_t)file.st_size > keep && ftruncate(fd, (off_t)keep) != 0)
			store_warn(copy->from, "%s/%s: can't cut off what was copied; its next writer does",
			    copy->to->path, name);
		close(fd);
	}
}

/* --- audit.csv ------------------------------------------------------------------------------ */

/* From here on the copy has the new transactions. */
static enum status
write_audit(struct copy *copy)
{
	struct slice lines = missing_lines(copy);
	uint64_t keep = copy->to->head.audit_length;

	if (!file_write_at(copy->to->audit, lines.data, lines.length, (off_t)keep)) {
		file_fault(copy->to, copy->error, AUDIT_NAME, "write");
		if (ftruncate(copy->to->audit, (off_t)keep) != 0)
			store_warn(copy->from,
			    "%s/" AUDIT_NAME ": can't cut off what was copied; its next writer does",
			    copy->to->path);
		return STATUS_SYSTEM;
	}
	if (fsync(copy->to->audit) != 0) {
		(void)watermark_write(copy->to, &copy->to->head, true);
		return error_set(copy->error, STATUS_UNKNOWN, "%s/" AUDIT_NAME ": can't sync:", copy->to->path);
	}
	copy->report->bytes += lines.length;
	return STATUS_OK;
}

static enum status
publish(struct copy *copy, int64_t deadline)
{
	enum status status = lock_wait(copy->to, LOCK_SYNC, deadline, copy->error);

	if (status != STATUS_OK)
		return status;
	/* One that can't be written is no failure: the next reader leads. */
	(void)watermark_write(copy->to, snapshot_state(copy->snapshot), false);
	lock_release(copy->to, LOCK_SYNC);
	return STATUS_OK;
}

/* --- erasures --------------------------------------------------------------------------------- */

/*
 * A change that the copy had before and that looks otherwise now.  An erasure leaves
 * the digest as it is; anything else is damage, and stays out of the copy.
 */
static enum status
erase_change(struct copy *copy, int fd, const char *name, uint64_t tx, const struct audit_change *change,
    struct slice log)
{
	struct slice bytes = { log.data + change->offset, (size_t)change->length }, header = log;
	struct chunk_hash hash;
	char digest[HASH_HEX + 1];

	chunk_hash_init(&hash, header_is_sealed(slice_cut(&header, '\n')));
	chunk_hash_add(&hash, bytes);
	chunk_hash_hex(&hash, digest);
	if (!slice_is(change->digest, digest))
		return store_damage(copy->from, copy->error, name,
		    "altered since it was copied, in transaction %" PRIu64 "; see bo-audit(1), verify", tx);
	if (!file_write_at(fd, bytes.data, bytes.length, (off_t)change->offset))
		return file_fault(copy->to, copy->error, name, "write");
	copy->report->bytes += bytes.length;
	return STATUS_OK;
}

/* Whether the bytes that both have are the same. */
static enum status
same_bytes(struct copy *copy, int fd, const char *name, struct slice expected, uint64_t offset, bool *same)
{
	struct buffer piece = BUFFER_INIT;
	char *room = buffer_reserve(&piece, STEP);
	enum status status = STATUS_OK;

	*same = true;
	for (size_t at = 0; at < expected.length && *same; at += STEP) {
		size_t want = expected.length - at < STEP ? expected.length - at : STEP;
		ssize_t got = file_read_at(fd, room, want, (off_t)(offset + at));

		if (got < 0) {
			status = file_fault(copy->to, copy->error, name, "read");
			break;
		}
		*same = (size_t)got == want && memcmp(room, expected.data + at, want) == 0;
	}
	buffer_release(&piece);
	return status;
}

/* The changes of one table that the copy had already, those that are not as they were. */
static enum status
erase_changes(struct copy *copy, int fd, const char *name, struct slice table, struct slice log, uint64_t keep)
{
	struct slice rest = snapshot_audit(copy->snapshot);
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && audit_next(&rest, &line, &scratch) && line.tx <= copy->to->head.tx) {
		struct audit_change change;

		while (status == STATUS_OK && audit_change_next(&line.changes, &change)) {
			bool same;

			if (!slice_equal(change.table, table) || change.length == 0)
				continue;
			if (change.offset > keep || change.length > keep - change.offset) {
				status = store_damage(copy->from, copy->error, AUDIT_NAME,
				    "transaction %" PRIu64 ": names more bytes than there were", line.tx);
				break;
			}
			status = same_bytes(copy, fd, name,
			    (struct slice){ log.data + change.offset, (size_t)change.length }, change.offset,
			    &same);
			if (status == STATUS_OK && !same)
				status = erase_change(copy, fd, name, line.tx, &change, log);
		}
	}
	buffer_release(&scratch);
	if (status == STATUS_OK && fsync(fd) != 0)
		status = file_fault(copy->to, copy->error, name, "sync");
	return status;
}

/* A personal table: what was erased since the last copy is erased there too. */
static enum status
copy_erasures(struct copy *copy, const struct table *table)
{
	uint64_t keep = table->length; /* of the copy as it was */
	struct slice log, header, name = table_slice(table);
	char file_name[LOG_NAME_SIZE];
	struct stat file;
	bool same = true;
	enum status status = snapshot_log(copy->snapshot, table->name, &log, copy->error);
	int fd;

	header = log;
	if (status != STATUS_OK || !header_is_sealed(slice_cut(&header, '\n')))
		return status;
	log_name(name, file_name);
	fd = plain_open(copy->to->directory, file_name, O_RDWR, &file);
	if (fd < 0)
		return file_fault(copy->to, copy->error, file_name, "open");
	status = same_bytes(copy, fd, file_name, (struct slice){ log.data, (size_t)keep }, 0, &same);
	if (status == STATUS_OK && !same)
		status = erase_changes(copy, fd, file_name, name, log, keep);
	close(fd);
	return status;
}

/* --- all of it ------------------------------------------------------------------------------------ */

static enum status
write_copy(struct copy *copy)
{
	enum status status = shelves_visit(copy->from, copy_shelf, copy, copy->error);

	if (status == STATUS_OK)
		status = copy_logs(copy);
	if (status == STATUS_OK)
		status = prove(copy);
	if (status != STATUS_OK)
		cut_back(copy);
	return status;
}

static enum status
copy_to(struct copy *copy, struct copy_target *target, int64_t deadline)
{
	enum status status;

	copy->to = target->store;
	copy->report->before = target->store->head.tx;
	status = check_ancestor(copy);
	if (status == STATUS_OK)
		status = write_copy(copy);
	if (status == STATUS_OK && missing_lines(copy).length > 0)
		status = write_audit(copy);
	for (size_t i = 0; i < copy->to->head.count && status == STATUS_OK; i++)
		status = copy_erasures(copy, &copy->to->head.tables[i]);
	if (target->fresh)
		copy->report->bytes += AUDIT_HEADER_LENGTH;
	if (status == STATUS_OK && target->fresh)
		status = copy_target_finish(target, copy->error);
	if (status == STATUS_OK)
		status = publish(copy, deadline);
	return status;
}

enum status
store_copy(struct store *store, const char *directory, int64_t deadline, copy_step *step, void *context,
    struct copy_report *report, struct error *error)
{
	struct copy copy = { .from = store, .step = step, .context = context, .report = report, .error = error };
	struct copy_target target = { .store = NULL };
	enum status status = snapshot_open(store, &copy.snapshot, error);

	*report = (struct copy_report){ .tx = 0 };
	if (status != STATUS_OK)
		return status;
	report->tx = snapshot_tx(copy.snapshot);
	status = copy_target_open(&target, store, directory, deadline, error);
	if (status == STATUS_OK)
		status = copy_to(&copy, &target, deadline);
	if (target.store != NULL)
		buffer_add_slice(&store->warnings, store_warnings(target.store));
	copy_target_close(&target);
	snapshot_close(copy.snapshot);
	return status;
}
