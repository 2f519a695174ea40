/*
 * erase: lines made blank, as the erasure log says.
 *
 * The states of an erasure, transaction N:
 *
 *	[named] ------> [durable] ------> [all but the last blank] ------> [blank]
 *	store_append    store_settle      overwritten, synced              the last, synced
 *
 * Everything at or below N-1 is known to be on disk, by N's own `synced`, before N is
 * written (prepare_erasure): no recovery hashes again what is being overwritten.  And
 * the last line that N names is overwritten only after all others are on disk: it alone
 * tells whether N was finished, so that every writer can afford to ask (erase_pending).
 * As every writer does, and finishes what it finds, no erasure but the newest can be
 * unfinished.
 *
 * No lock is needed to overwrite: whoever does it writes the same bytes.  The id and tx
 * of a line stay as they are and are not written at all; the rest is made from the
 * erasure's record, not from the line, of which only a part may be left.
 */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/internal.h"
#include "stream/csv.h"

enum {
	COLUMNS_MOST = 260,
	WINDOW_FIRST = 1 << 14, /* bytes of the erasure log that are looked at first */
	HEADER_MOST = 4096,
	DIGITS_AND_COMMA = HASH_HEX + 1
};

/* --- the erasure log ------------------------------------------------------------- */

enum column { TABLE, RECORD, OFFSET, LENGTH, COLUMNS, DIGEST, COLUMN_COUNT };

static const char *const column_names[COLUMN_COUNT] = { "table", "record", "offset", "length", "columns",
	"digest" };

/* Where the columns are; they never move, as a header only ever gains some. */
struct shape {
	size_t columns[COLUMN_COUNT];
};

/* How much of the erasures is wanted. */
enum part {
	PART_LAST,   /* the last line */
	PART_NEWEST, /* the newest transaction's */
	PART_ALL
};

void
blanks_release(struct blanks *blanks)
{
	buffer_release(&blanks->bytes);
	free(blanks->all);
	*blanks = (struct blanks){ .all = NULL };
}

static enum status
damaged(const struct store *store, const char *what, struct error *error)
{
	return store_damage(store, error, STORE_ERASURE ".csv", "%s", what);
}

static bool
read_shape(struct slice header, struct shape *shape)
{
	struct slice names[COLUMNS_MOST];
	size_t count = csv_split(header, names, COLUMNS_MOST), found = 0;

	for (size_t i = 2; i < count && i < COLUMNS_MOST; i++)
		for (size_t k = 0; k < COLUMN_COUNT; k++)
			if (slice_is(names[i], column_names[k])) {
				shape->columns[k] = i;
				found++;
			}
	return found == COLUMN_COUNT;
}

/* One record of the log; false when it makes no sense. */
static bool
read_blank(const struct shape *shape, struct slice line, struct blank *blank)
{
	struct slice fields[COLUMNS_MOST];
	size_t count = csv_split(line, fields, COLUMNS_MOST);

	for (size_t k = 0; k < COLUMN_COUNT; k++)
		if (shape->columns[k] >= count || count > COLUMNS_MOST)
			return false;
	*blank = (struct blank){ .table = fields[shape->columns[TABLE]],
		.record = fields[shape->columns[RECORD]],
		.digest = fields[shape->columns[DIGEST]] };
	if (!number_parse(fields[1], &blank->tx) || !hash_is_hex(blank->digest))
		return false;
	if (blank->table.length == 0)
		return true;
	return table_name_valid(blank->table) && blank->record.length > 0 &&
	    number_parse(fields[shape->columns[OFFSET]], &blank->offset) &&
	    number_parse(fields[shape->columns[LENGTH]], &blank->length) &&
	    number_parse(fields[shape->columns[COLUMNS]], &blank->columns) && blank->offset > 0 &&
	    blank->length < STORE_LINE_MAX && blank->columns > 0 && blank->columns < COLUMNS_MOST;
}

/* Takes the records in bytes, from the line at position on. */
static bool
read_blanks(const struct shape *shape, size_t position, struct blanks *blanks)
{
	struct slice rest = { blanks->bytes.data + position, blanks->bytes.length - position }, line;

	while (csv_line(&rest, &line)) {
		if (slice_starts(line, "id,"))
			continue;
		blanks->all = memory_grow(blanks->all, &blanks->capacity, blanks->count, sizeof *blanks->all);
		if (!read_blank(shape, line, &blanks->all[blanks->count]))
			return false;
		blanks->count++;
	}
	return true;
}

/* Leaves the part that is wanted; false when the bytes, which begin in the midst of the log, may lack some of it. */
static bool
keep_part(struct blanks *blanks, enum part part, bool whole)
{
	size_t first = 0;

	if (blanks->count == 0 || part == PART_ALL)
		return whole;
	if (part == PART_LAST)
		first = blanks->count - 1;
	else
		while (blanks->all[first].tx != blanks->all[blanks->count - 1].tx)
			first++;
	if (part == PART_NEWEST && first == 0 && !whole)
		return false;
	blanks->count -= first;
	memmove(blanks->all, blanks->all + first, blanks->count * sizeof *blanks->all);
	return true;
}

/* Adds bytes of an open log; STATUS_SYSTEM when they are not there. */
static enum status
add_bytes(struct store *store, int fd, uint64_t offset, uint64_t length, struct buffer *out, struct error *error)
{
	char *room = buffer_reserve(out, (size_t)length + 1);
	ssize_t got = file_read_at(fd, room, (size_t)length, (off_t)offset);

	if (got < 0)
		return file_fault(store, error, STORE_ERASURE ".csv", "read");
	if ((uint64_t)got < length)
		return damaged(store, "shorter than it was", error);
	out->length += (size_t)got;
	return STATUS_OK;
}

/* Reads back from the end until there is enough. */
static enum status
load_part(struct store *store, int fd, uint64_t length, const struct shape *shape, enum part part,
    struct blanks *blanks, struct error *error)
{
	for (uint64_t span = part == PART_ALL ? length : WINDOW_FIRST;; span *= 2) {
		uint64_t base = span < length ? length - span : 0;
		size_t position = 0;
		enum status status;

		buffer_clear(&blanks->bytes);
		blanks->count = 0;
		status = add_bytes(store, fd, base, length - base, &blanks->bytes, error);
		if (status != STATUS_OK)
			return status;
		if (base > 0) { /* it begins within a line */
			struct slice rest = buffer_slice(&blanks->bytes);

			position = slice_cut(&rest, '\n').length + 1;
		}
		if (position < blanks->bytes.length && !read_blanks(shape, position, blanks))
			return damaged(store, "a line makes no sense", error);
		if (keep_part(blanks, part, base == 0))
			return STATUS_OK;
	}
}

static enum status
load(struct store *store, const struct state *state, enum part part, struct blanks *blanks, struct error *error)
{
	uint64_t length = state_length(state, slice_of(STORE_ERASURE));
	struct buffer start = BUFFER_INIT;
	struct shape shape;
	struct stat file;
	struct slice rest;
	enum status status;
	int fd;

	if (length == 0)
		return STATUS_OK;
	fd = plain_open(store->directory, STORE_ERASURE ".csv", O_RDONLY, &file);
	if (fd < 0)
		return file_fault(store, error, STORE_ERASURE ".csv", "open");
	status = add_bytes(store, fd, 0, length < HEADER_MOST ? length : HEADER_MOST, &start, error);
	rest = buffer_slice(&start);
	if (status == STATUS_OK && !read_shape(slice_cut(&rest, '\n'), &shape))
		status = damaged(store, "its header lacks a column", error);
	if (status == STATUS_OK)
		status = load_part(store, fd, length, &shape, part, blanks, error);
	buffer_release(&start);
	close(fd);
	return status;
}

enum status
blanks_load(struct store *store, const struct state *state, struct blanks *blanks, struct error *error)
{
	return load(store, state, PART_ALL, blanks, error);
}

/* --- one line --------------------------------------------------------------------- */

/* Bytes of "C17,42," at the beginning of line; 0 when it is not a line of the record. */
static size_t
head_length(const struct blank *blank, struct slice line)
{
	struct slice rest = line, id = slice_cut(&rest, ','), tx = slice_cut(&rest, ',');
	uint64_t number, head;

	if (!slice_equal(id, blank->record) || !number_parse(tx, &number) || rest.data == NULL)
		return 0;
	head = (uint64_t)(rest.data - line.data);
	/* A value has at least one byte, so there is a space at least. */
	return line.length > head + DIGITS_AND_COMMA + blank->columns - 1 ? (size_t)head : 0;
}

/* What is to follow the head. */
static void
add_form(struct buffer *out, const struct blank *blank, size_t head)
{
	size_t fields = (size_t)blank->length - head - DIGITS_AND_COMMA, commas = (size_t)blank->columns - 1;

	buffer_add_slice(out, blank->digest);
	buffer_add_char(out, ',');
	memset(buffer_reserve(out, fields + 1), ' ', fields - commas);
	memset(out->data + out->length + fields - commas, ',', commas);
	out->length += fields;
}

bool
blank_matches(const struct blank *blank, struct slice line)
{
	struct buffer form = BUFFER_INIT;
	size_t head = line.length == blank->length ? head_length(blank, line) : 0;
	bool same = false;

	if (head > 0) {
		add_form(&form, blank, head);
		same = memcmp(form.data, line.data + head, form.length) == 0;
	}
	buffer_release(&form);
	return same;
}

/* Reads the line that blank names; STATUS_SYSTEM when there is none at that place. */
static enum status
read_line(struct store *store, int fd, const char *name, const struct blank *blank, struct buffer *out,
    struct error *error)
{
	size_t length = (size_t)blank->length + 2; /* with the newlines around it */
	char *room;
	ssize_t got;

	buffer_clear(out);
	room = buffer_reserve(out, length);
	got = file_read_at(fd, room, length, (off_t)(blank->offset - 1));
	if (got < 0)
		return file_fault(store, error, name, "read");
	if ((size_t)got < length || room[0] != '\n' || room[length - 1] != '\n' ||
	    memchr(room + 1, '\n', length - 2) != NULL ||
	    head_length(blank, (struct slice){ room + 1, length - 2 }) == 0)
		return store_damage(store, error, name,
		    "there is no line of %.*s at byte %" PRIu64 ", which was erased by transaction %" PRIu64,
		    (int)blank->record.length, blank->record.data, blank->offset, blank->tx);
	out->length = length;
	return STATUS_OK;
}

/* --- overwriting --------------------------------------------------------------------- */

/* The logs that are written to. */
struct logs {
	struct store *store;
	struct pending *open;
	size_t count, capacity;
};

static enum status
open_log(struct logs *logs, struct slice table, int *fd, char name[LOG_NAME_SIZE], struct error *error)
{
	struct pending *log;
	struct stat file;

	log_name(table, name);
	for (size_t i = 0; i < logs->count; i++)
		if (slice_is(table, logs->open[i].name)) {
			*fd = logs->open[i].fd;
			return STATUS_OK;
		}
	*fd = plain_open(logs->store->directory, name, O_RDWR, &file);
	if (*fd < 0)
		return file_fault(logs->store, error, name, "open");
	logs->open = memory_grow(logs->open, &logs->capacity, logs->count, sizeof *logs->open);
	log = &logs->open[logs->count++];
	memcpy(log->name, table.data, table.length);
	log->name[table.length] = '\0';
	log->fd = *fd;
	return STATUS_OK;
}

static void
close_logs(struct logs *logs)
{
	for (size_t i = 0; i < logs->count; i++)
		close(logs->open[i].fd);
	free(logs->open);
}

/* A sync that failed is never tried again into a success: the store is broken then. */
static enum status
sync_logs(struct logs *logs, struct error *error)
{
	for (size_t i = 0; i < logs->count; i++) {
		if (fdatasync(logs->open[i].fd) == 0)
			continue;
		error_set(error, STATUS_UNKNOWN, "%s/%s.csv: can't sync:", logs->store->path, logs->open[i].name);
		mark_broken(logs->store);
		return STATUS_UNKNOWN;
	}
	return STATUS_OK;
}

/* Makes one line blank; *count goes up unless it was. */
static enum status
overwrite(struct logs *logs, const struct blank *blank, uint64_t *count, struct error *error)
{
	struct buffer line = BUFFER_INIT, form = BUFFER_INIT;
	char name[LOG_NAME_SIZE];
	struct slice text;
	enum status status;
	size_t head;
	int fd;

	status = open_log(logs, blank->table, &fd, name, error);
	if (status == STATUS_OK)
		status = read_line(logs->store, fd, name, blank, &line, error);
	if (status == STATUS_OK) {
		text = (struct slice){ line.data + 1, (size_t)blank->length };
		*count += !blank_matches(blank, text);
		head = head_length(blank, text);
		add_form(&form, blank, head);
		/* Also where it looks blank: who knows whether that ever reached the disk. */
		if (!file_write_at(fd, form.data, form.length, (off_t)(blank->offset + head)))
			status = file_fault(logs->store, error, name, "overwrite");
	}
	buffer_release(&line);
	buffer_release(&form);
	return status;
}

/* Everything but the last line first, and on disk before that. */
static enum status
overwrite_all(struct store *store, const struct blanks *blanks, uint64_t *count, struct error *error)
{
	struct logs logs = { .store = store };
	enum status status = STATUS_OK;

	for (size_t i = 0; i + 1 < blanks->count && status == STATUS_OK; i++)
		if (blanks->all[i].table.length > 0)
			status = overwrite(&logs, &blanks->all[i], count, error);
	if (status == STATUS_OK)
		status = sync_logs(&logs, error);
	if (status == STATUS_OK && blanks->all[blanks->count - 1].table.length > 0)
		status = overwrite(&logs, &blanks->all[blanks->count - 1], count, error);
	if (status == STATUS_OK)
		status = sync_logs(&logs, error);
	close_logs(&logs);
	return status;
}

/* --- what lies beside the logs --------------------------------------------------------- */

static enum status
remove_blobs(struct store *store, const struct blanks *blanks, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < blanks->count && status == STATUS_OK; i++)
		if (blanks->all[i].table.length == 0)
			status = blob_remove(store, blanks->all[i].digest, error);
	return status;
}

/* Whether a file in torn/ was cut off a log with seals, or of a table that came to nothing and so can't be asked. */
static bool
is_torn_personal(struct store *store, const char *name)
{
	const char *end = strstr(name, ".csv.");
	struct slice table = { name, end != NULL ? (size_t)(end - name) : 0 };
	char log[LOG_NAME_SIZE], start[sizeof "id,tx,seal,"];
	struct stat file;
	ssize_t got;
	int fd;

	if (!table_name_valid(table))
		return false;
	log_name(table, log);
	fd = plain_open(store->directory, log, O_RDONLY, &file);
	if (fd < 0)
		return true;
	got = plain_read(fd, start, sizeof start - 1);
	close(fd);
	return got <= 0 || header_is_sealed((struct slice){ start, (size_t)got }) ||
	    slice_is((struct slice){ start, (size_t)got }, "id,tx,seal\n");
}

/*
 * What was cut off after a crash was in no transaction, so it has no place that could be
 * named, and its ids may mean somebody else by now: what may hold personal data goes.
 */
static enum status
remove_torn(struct store *store, struct error *error)
{
	int fd = plain_directory(store->directory, "torn", false);
	DIR *torn = fd >= 0 ? fdopendir(fd) : NULL;
	enum status status = STATUS_OK;
	struct dirent *entry;

	if (torn == NULL) {
		if (fd >= 0)
			close(fd);
		return errno == ENOENT ? STATUS_OK : file_fault(store, error, "torn", "open");
	}
	while (status == STATUS_OK && (entry = readdir(torn)) != NULL) {
		if (!is_torn_personal(store, entry->d_name))
			continue;
		if (unlinkat(fd, entry->d_name, 0) != 0 && errno != ENOENT)
			status = file_fault(store, error, "torn", "remove what is in it");
		else
			store_warn(store, "removed torn/%s, which may hold personal data", entry->d_name);
	}
	if (status == STATUS_OK && fsync(fd) != 0)
		status = file_fault(store, error, "torn", "sync");
	closedir(torn);
	return status;
}

/* --- the whole of it ---------------------------------------------------------------------- */

static enum status
finish(struct store *store, const struct blanks *blanks, uint64_t *count, struct error *error)
{
	enum status status;

	if (blanks->count == 0)
		return STATUS_OK;
	status = remove_torn(store, error);
	if (status == STATUS_OK)
		status = remove_blobs(store, blanks, error);
	return status == STATUS_OK ? overwrite_all(store, blanks, count, error) : status;
}

enum status
erase_finish(struct store *store, const struct state *state, struct error *error)
{
	struct blanks blanks = { .all = NULL };
	uint64_t count = 0;
	enum status status = load(store, state, PART_NEWEST, &blanks, error);

	if (status == STATUS_OK)
		status = finish(store, &blanks, &count, error);
	blanks_release(&blanks);
	return status;
}

enum status
erase_pending(struct store *store, const struct state *state, bool *pending, struct error *error)
{
	struct blanks blanks = { .all = NULL };
	struct buffer line = BUFFER_INIT;
	char name[LOG_NAME_SIZE];
	struct stat file;
	enum status status = load(store, state, PART_LAST, &blanks, error);
	const struct blank *last = blanks.count > 0 ? &blanks.all[blanks.count - 1] : NULL;
	int fd;

	*pending = false;
	if (status == STATUS_OK && last != NULL && last->table.length > 0) {
		log_name(last->table, name);
		fd = plain_open(store->directory, name, O_RDONLY, &file);
		status = fd < 0 ? file_fault(store, error, name, "open")
				: read_line(store, fd, name, last, &line, error);
		if (status == STATUS_OK)
			*pending = !blank_matches(last, (struct slice){ line.data + 1, (size_t)last->length });
		if (fd >= 0)
			close(fd);
	}
	buffer_release(&line);
	blanks_release(&blanks);
	return status;
}

enum status
erase_redo(struct store *store, const struct state *state, struct error *error)
{
	bool pending;
	enum status status = erase_pending(store, state, &pending, error);

	if (status != STATUS_OK || !pending)
		return status;
	status = erase_finish(store, state, error);
	if (status == STATUS_UNKNOWN) /* the store is broken, but nothing of the caller's is in doubt */
		error->status = status = STATUS_SYSTEM;
	if (status == STATUS_OK)
		store_warn(store, "finished an erasure that was cut short");
	return status;
}

/* Takes out what is blank already. */
static enum status
drop_done(struct snapshot *snapshot, struct blanks *blanks, struct error *error)
{
	size_t left = 0;

	for (size_t i = 0; i < blanks->count; i++) {
		const struct blank *blank = &blanks->all[i];
		char name[STORE_NAME_MAX + 1];
		struct slice log, line;
		enum status status;

		if (blank->table.length == 0)
			continue; /* a document may have come again */
		memcpy(name, blank->table.data, blank->table.length);
		name[blank->table.length] = '\0';
		status = snapshot_log(snapshot, name, &log, error);
		if (status != STATUS_OK)
			return status;
		if (blank->offset >= log.length || blank->length >= log.length - blank->offset)
			continue; /* no line: the proof says so */
		line = (struct slice){ log.data + blank->offset, (size_t)blank->length };
		if (!blank_matches(blank, line))
			blanks->all[left++] = *blank;
	}
	blanks->count = left;
	return STATUS_OK;
}

enum status
store_blank(struct snapshot *snapshot, uint64_t *count, struct error *error)
{
	struct blanks blanks = { .all = NULL };
	uint64_t done = 0;
	enum status status = blanks_load(snapshot_store(snapshot), snapshot_state(snapshot), &blanks, error);

	if (status == STATUS_OK)
		status = drop_done(snapshot, &blanks, error);
	if (status == STATUS_OK)
		status = finish(snapshot_store(snapshot), &blanks, &done, error);
	if (count != NULL)
		*count = done;
	blanks_release(&blanks);
	return status;
}
