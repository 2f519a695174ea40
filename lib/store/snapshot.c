/*
 * snapshot: the store as of one transaction, its logs mapped.
 *
 * A log is mapped when it is first asked for, with room to grow, so that following
 * it rarely means mapping it again; what was handed out stays valid until the
 * snapshot is closed.  Nothing beyond the committed lengths is ever looked at.
 *
 * A small one is read instead, which takes an eighth of the time.  What was read stays as it
 * is, so it must be known to be on disk, where nobody cuts it any more (S1), and no line of a
 * personal table, which an erasure writes over.  Once it has grown it is mapped like others.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/guard.h"
#include "store/internal.h"

enum {
	ROOM_TO_GROW = 1 << 24,
	SMALL = 1 << 15,    /* bytes that are read rather than mapped */
	TAIL = HASH_HEX + 2 /* of a line of audit.csv: comma, hash, newline */
};

struct mapping {
	char *base;       /* NULL: not mapped yet */
	size_t reserved;  /* bytes of address space, 0 when base is a copy, to be freed */
	uint64_t copied;  /* bytes of the copy */
	uint64_t checked; /* the length of the file when it was last asked */
	int fd;           /* -1: not open; audit.csv's is the store's */
	char table[STORE_NAME_MAX + 1];
};

struct retired {
	char *base;
	size_t reserved;
};

struct snapshot {
	struct store *store;
	unsigned generation;
	bool past;    /* the state is an older one than the newest */
	bool durable; /* the state is known to be on disk */
	struct state state;
	struct mapping audit;
	struct mapping *logs;
	size_t count, capacity;
	struct retired *retired; /* mapped before, perhaps still pointed into */
	size_t retired_count, retired_capacity;
	const char **names;
};

/* --- mapping ------------------------------------------------------------------ */

static void
retire(struct snapshot *snapshot, struct mapping *mapping)
{
	struct retired *retired;

	if (mapping->base == NULL)
		return;
	snapshot->retired = memory_grow(snapshot->retired, &snapshot->retired_capacity,
	    snapshot->retired_count, sizeof *snapshot->retired);
	retired = &snapshot->retired[snapshot->retired_count++];
	*retired = (struct retired){ mapping->base, mapping->reserved };
	mapping->base = NULL;
	mapping->reserved = 0;
	mapping->copied = 0;
}

static void
release(const struct retired *retired)
{
	if (retired->reserved > 0)
		munmap(retired->base, retired->reserved);
	else
		free(retired->base);
}

/* audit.csv was replaced: what is mapped belongs to files that have lost their names. */
static void
retire_all(struct snapshot *snapshot)
{
	if (snapshot->generation == snapshot->store->generation)
		return;
	snapshot->generation = snapshot->store->generation;
	retire(snapshot, &snapshot->audit);
	snapshot->audit.checked = 0;
	for (size_t i = 0; i < snapshot->count; i++) {
		retire(snapshot, &snapshot->logs[i]);
		close(snapshot->logs[i].fd);
	}
	snapshot->count = 0;
}

static enum status
too_short(const struct snapshot *snapshot, const char *name, uint64_t size, uint64_t length, struct error *error)
{
	return store_damage(snapshot->store, error, name,
	    "%" PRIu64 " bytes long, but %" PRIu64 " are committed", size, length);
}

/* Reads length bytes of fd, unless they belong to a personal table. */
static enum status
copy(struct snapshot *snapshot, struct mapping *mapping, int fd, const char *name, uint64_t length,
    struct error *error)
{
	char *bytes = memory_resize(NULL, (size_t)length, 1);
	ssize_t got = file_read_at(fd, bytes, (size_t)length, 0);
	struct slice rest = { bytes, got > 0 ? (size_t)got : 0 };
	bool sealed = header_is_sealed(slice_cut(&rest, '\n'));

	if (got == (ssize_t)length && !sealed) {
		mapping->base = bytes;
		mapping->copied = length;
		return STATUS_OK;
	}
	free(bytes);
	if (got < 0)
		return file_fault(snapshot->store, error, name, "read");
	return sealed ? STATUS_OK : too_short(snapshot, name, (uint64_t)got, length, error);
}

/* Sees to it that length bytes of fd are in memory. */
static enum status
map(struct snapshot *snapshot, struct mapping *mapping, int fd, const char *name, uint64_t length,
    struct error *error)
{
	struct store *store = snapshot->store;
	enum status result = STATUS_OK;
	struct stat status;
	size_t room;
	void *base;

	if (mapping->base == NULL && length <= SMALL && snapshot->durable)
		result = copy(snapshot, mapping, fd, name, length, error);
	if (result != STATUS_OK || length <= mapping->copied)
		return result;
	if (length > mapping->checked) {
		if (fstat(fd, &status) != 0)
			return file_fault(store, error, name, "look at it");
		mapping->checked = (uint64_t)status.st_size;
	}
	if (length > mapping->checked)
		return too_short(snapshot, name, mapping->checked, length, error);
	if (mapping->base != NULL && length <= mapping->reserved)
		return STATUS_OK;
	store_guard(store);
	room = (size_t)(length + length / 4 + ROOM_TO_GROW) & ~(size_t)(ROOM_TO_GROW - 1);
	base = mmap(NULL, room, PROT_READ, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED)
		return file_fault(store, error, name, "map");
	retire(snapshot, mapping);
	mapping->base = base;
	mapping->reserved = room;
	return STATUS_OK;
}

static struct mapping *
find_log(struct snapshot *snapshot, const char *table)
{
	for (size_t i = 0; i < snapshot->count; i++)
		if (strcmp(snapshot->logs[i].table, table) == 0)
			return &snapshot->logs[i];
	return NULL;
}

static enum status
open_log(struct snapshot *snapshot, const struct table *table, struct mapping **out, struct error *error)
{
	char name[LOG_NAME_SIZE];
	struct mapping *mapping;
	struct stat status;
	int fd;

	log_name((struct slice){ table->name, table->name_length }, name);
	fd = plain_open(snapshot->store->directory, name, O_RDONLY, &status);
	if (fd < 0)
		return file_fault(snapshot->store, error, name, "open");
	snapshot->logs = memory_grow(snapshot->logs, &snapshot->capacity, snapshot->count, sizeof *snapshot->logs);
	mapping = &snapshot->logs[snapshot->count++];
	*mapping = (struct mapping){ .fd = fd, .checked = (uint64_t)status.st_size };
	memcpy(mapping->table, table->name, table->name_length + 1);
	*out = mapping;
	return STATUS_OK;
}

enum status
snapshot_log(struct snapshot *snapshot, const char *table, struct slice *bytes, struct error *error)
{
	const struct table *entry = state_table(&snapshot->state, slice_of(table));
	struct mapping *mapping = find_log(snapshot, table);
	char name[LOG_NAME_SIZE];
	enum status status = STATUS_OK;

	*bytes = (struct slice){ "", 0 };
	if (entry == NULL || entry->length == 0)
		return STATUS_OK;
	if (mapping == NULL)
		status = open_log(snapshot, entry, &mapping, error);
	if (status != STATUS_OK)
		return status;
	log_name(slice_of(table), name);
	status = map(snapshot, mapping, mapping->fd, name, entry->length, error);
	if (status == STATUS_OK)
		*bytes = (struct slice){ mapping->base, (size_t)entry->length };
	return status;
}

void
snapshot_seen(const struct snapshot *snapshot, struct slice piece)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), first = (uintptr_t)piece.data + page - 1,
		  end = (uintptr_t)piece.data + piece.length;

	first -= first % page;
	end -= end % page;
	/* Other memory would be emptied by this. */
	for (size_t i = 0; i < snapshot->count; i++) {
		const struct mapping *log = &snapshot->logs[i];
		uintptr_t base = (uintptr_t)log->base;

		if (log->base != NULL && base <= first && first < end && end <= base + log->reserved)
			(void)madvise((void *)first, end - first, MADV_DONTNEED);
	}
}

/* --- states --------------------------------------------------------------------- */

/* One who may not write can't sync for others, so can't know more than what is written. */
static enum status
floor_state(struct store *store, const struct watermark *mark, uint64_t size, struct state *state,
    struct error *error)
{
	enum status status = floor_find(store, mark, size, state, error);

	if (status == STATUS_OK && size > state->audit_length)
		store_warn(store,
		    "transactions after %" PRIu64
		    " are not shown: nothing says that they are on disk, and you may not write here"
		    " (any command of somebody who may will see to it)",
		    state->tx);
	return status;
}

/* The newest durable state; first: nothing of the store was looked at yet. */
static enum status
durable_state(struct store *store, bool first, struct state *state, struct error *error)
{
	struct watermark mark = { .kind = WATERMARK_NONE };
	bool done = false;
	uint64_t size;
	enum status status = first ? watermark_glance(store, &size, &mark, error)
				   : watermark_read(store, &size, &mark, error);

	if (status == STATUS_OK && mark.kind == WATERMARK_HERE) {
		if (size > mark.state.audit_length && !mark.broken && store->writable)
			status = lead_if_idle(store, state, &done, error); /* what a killed writer left may be whole */
		if (!done)
			state_copy(state, &mark.state);
	} else if (status == STATUS_OK && store->writable) {
		status = lead(store, clock_monotonic() + READER_WAIT, state, error);
	} else if (status == STATUS_OK) {
		status = floor_state(store, &mark, size, state, error);
	}
	watermark_release(&mark);
	if (status == STATUS_UNKNOWN) /* a sync failed, but this one did not want to write */
		error->status = status = STATUS_SYSTEM;
	return status;
}

/* Everything handed out from now on is of snapshot->state. */
static enum status
settle_on_state(struct snapshot *snapshot, struct error *error)
{
	retire_all(snapshot);
	free(snapshot->names);
	snapshot->names = NULL;
	return map(snapshot, &snapshot->audit, snapshot->store->audit, AUDIT_NAME,
	    snapshot->state.audit_length, error);
}

/*
 * Goes on to a newer state.  Where somebody has put back a backup meanwhile, nothing that was
 * found out about the logs holds any more.  One who may not write can be told of an older
 * state than before: what was shown stays.
 */
static enum status
move_to(struct snapshot *snapshot, const struct state *state, bool durable, struct error *error)
{
	uint64_t before = snapshot->state.tx;
	enum status status = head_still_there(snapshot->store, &snapshot->state, error);

	if (status != STATUS_OK)
		return status;
	if (state->tx < before && !snapshot->durable)
		return error_set(error, STATUS_SYSTEM,
		    "%s: transaction %" PRIu64 " was there before, and is not known to be on disk",
		    snapshot->store->path, before);
	if (state->tx >= before) {
		snapshot->durable = durable;
		state_copy(&snapshot->state, state);
	}
	return settle_on_state(snapshot, error);
}

enum status
snapshot_refresh(struct snapshot *snapshot, struct error *error)
{
	struct state state = { .tx = 0 };
	enum status status = lock_follow_name(snapshot->store, error);

	if (status == STATUS_OK)
		status = durable_state(snapshot->store, false, &state, error);
	if (status == STATUS_OK)
		status = move_to(snapshot, &state, true, error);
	if (status == STATUS_OK)
		head_remember(snapshot->store, &snapshot->state);
	state_release(&state);
	return status;
}

enum status
snapshot_to_head(struct snapshot *snapshot, struct error *error)
{
	if (!snapshot->store->locked)
		return error_set(error, STATUS_REFUSED, "the store is not locked");
	return move_to(snapshot, &snapshot->store->head, false, error);
}

/* What this user saw last and is not shown may be there all the same, beyond a mark that is broken. */
static enum status
check_head(struct store *store, const struct state *state, struct error *error)
{
	struct watermark mark = { .kind = WATERMARK_NONE };
	struct error ignored = ERROR_INIT;
	uint64_t size;
	enum status status = head_check(store, state, error);

	if (status == STATUS_OK)
		return STATUS_OK;
	if (watermark_read(store, &size, &mark, &ignored) == STATUS_OK && mark.kind == WATERMARK_HERE && mark.broken)
		error_prefix(error, "marked broken, since a sync failed, so bo-store(1), repair, comes first");
	watermark_release(&mark);
	error_release(&ignored);
	return status;
}

/* What watermark_glance left to be looked at: the last line ends where the state does. */
static enum status
check_end(const struct snapshot *snapshot, struct error *error)
{
	struct slice audit = snapshot_audit(snapshot), tail;

	if (snapshot->state.tx == 0)
		return STATUS_OK;
	tail = (struct slice){ audit.data + audit.length - TAIL, TAIL };
	if (tail.data[0] == ',' && tail.data[TAIL - 1] == '\n' &&
	    memcmp(tail.data + 1, snapshot->state.hash, HASH_HEX) == 0)
		return STATUS_OK;
	return watermark_untrue(snapshot->store, &snapshot->state, error);
}

enum status
snapshot_open(struct store *store, struct snapshot **out, struct error *error)
{
	struct snapshot *snapshot = memory_new(sizeof *snapshot);
	enum status status;

	snapshot->store = store;
	snapshot->generation = store->generation;
	snapshot->durable = true;
	status = durable_state(store, true, &snapshot->state, error);
	if (status == STATUS_OK)
		status = settle_on_state(snapshot, error);
	if (status == STATUS_OK)
		status = check_end(snapshot, error);
	if (status == STATUS_OK)
		status = check_head(store, &snapshot->state, error);
	if (status == STATUS_OK)
		head_remember(store, &snapshot->state);
	if (status != STATUS_OK) {
		snapshot_close(snapshot);
		snapshot = NULL;
	}
	*out = snapshot;
	return status;
}

/* Goes back to transaction tx, which the snapshot covers. */
static enum status
go_back(struct snapshot *snapshot, uint64_t tx, struct error *error)
{
	struct slice audit = snapshot_audit(snapshot);
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	bool found = true;

	if (tx == snapshot->state.tx)
		return STATUS_OK;
	snapshot->past = true;
	if (tx == 0) {
		state_empty(&snapshot->state, snapshot->store->uuid);
	} else {
		found = audit_find(audit, tx, &line, &scratch);
		if (found) {
			audit.length = (size_t)(line.raw.data - audit.data) + line.raw.length + 1;
			found = state_from_lines(&snapshot->state, snapshot->store->uuid, audit, 0) == STATE_FOUND;
		}
	}
	buffer_release(&scratch);
	if (!found)
		return store_damage(snapshot->store, error, AUDIT_NAME,
		    "damaged at or before transaction %" PRIu64 "; see bo-audit(1), verify", tx);
	return settle_on_state(snapshot, error);
}

enum status
snapshot_open_tx(struct store *store, uint64_t tx, struct snapshot **out, struct error *error)
{
	struct snapshot *snapshot;
	enum status status = snapshot_open(store, &snapshot, error);

	*out = NULL;
	if (status != STATUS_OK)
		return status;
	if (tx > snapshot->state.tx)
		status = error_set(error, STATUS_NO,
		    "there is no transaction %" PRIu64 " yet, the newest is %" PRIu64, tx, snapshot->state.tx);
	else
		status = go_back(snapshot, tx, error);
	if (status == STATUS_OK)
		*out = snapshot;
	else
		snapshot_close(snapshot);
	return status;
}

/*
 * The newest transaction made at or before an instant, 0 when there is none.
 * Looks at all times from the end, as a clock may have gone back.
 */
static uint64_t
newest_at(struct slice audit, int64_t milliseconds)
{
	char instant[TIME_SIZE];
	size_t end = audit.length;
	struct slice raw;
	uint64_t tx;

	time_format_ms(milliseconds, instant);
	for (; audit_line_before(audit, end, true, &raw); end = (size_t)(raw.data - audit.data)) {
		struct slice rest = raw, number = slice_cut(&rest, ',');

		if (slice_compare(slice_cut(&rest, ','), slice_of(instant)) <= 0 && number_parse(number, &tx))
			return tx;
	}
	return 0;
}

enum status
snapshot_open_time(struct store *store, int64_t milliseconds, struct snapshot **out, struct error *error)
{
	struct snapshot *snapshot;
	enum status status = snapshot_open(store, &snapshot, error);

	*out = NULL;
	if (status != STATUS_OK)
		return status;
	status = go_back(snapshot, newest_at(snapshot_audit(snapshot), milliseconds), error);
	if (status == STATUS_OK)
		*out = snapshot;
	else
		snapshot_close(snapshot);
	return status;
}

void
snapshot_close(struct snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	retire(snapshot, &snapshot->audit);
	for (size_t i = 0; i < snapshot->count; i++) {
		retire(snapshot, &snapshot->logs[i]);
		close(snapshot->logs[i].fd);
	}
	for (size_t i = 0; i < snapshot->retired_count; i++)
		release(&snapshot->retired[i]);
	free(snapshot->retired);
	free(snapshot->logs);
	free(snapshot->names);
	state_release(&snapshot->state);
	free(snapshot);
}

uint64_t
snapshot_tx(const struct snapshot *snapshot)
{
	return snapshot->state.tx;
}

const char *
snapshot_hash(const struct snapshot *snapshot)
{
	return snapshot->state.hash;
}

struct slice
snapshot_audit(const struct snapshot *snapshot)
{
	return (struct slice){ snapshot->audit.base, (size_t)snapshot->state.audit_length };
}

bool
snapshot_is_past(const struct snapshot *snapshot)
{
	return snapshot->past;
}

const struct state *
snapshot_state(const struct snapshot *snapshot)
{
	return &snapshot->state;
}

struct store *
snapshot_store(const struct snapshot *snapshot)
{
	return snapshot->store;
}

const char *const *
snapshot_tables(struct snapshot *snapshot, size_t *count)
{
	*count = snapshot->state.count;
	if (snapshot->names == NULL) {
		snapshot->names = memory_array(snapshot->state.count + 1, sizeof *snapshot->names);
		for (size_t i = 0; i < snapshot->state.count; i++)
			snapshot->names[i] = snapshot->state.tables[i].name;
	}
	return snapshot->names;
}
