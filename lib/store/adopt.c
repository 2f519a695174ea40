/*
 * adopt: lines that no transaction names.
 *
 * Somebody appended them to a log by hand, or a writer that was killed left them.
 * They lie behind the committed end of a log, until a writer comes by and cuts them
 * off, and then under torn/, as TABLE.csv.OFFSET.NUMBER.  What they mean is for others
 * to say; here they are found, read, moved and, once recorded, removed.
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

#define TORN_NAME "torn"

static const size_t stray_largest = (size_t)1 << 30;

void
strays_release(struct strays *strays)
{
	for (size_t i = 0; i < strays->count; i++) {
		free(strays->items[i].name);
		buffer_release(&strays->items[i].bytes);
	}
	free(strays->items);
	*strays = (struct strays){ .items = NULL };
}

/* TABLE.csv, and what follows it; false when name is not of a table's log. */
static bool
table_of(struct slice name, struct slice *table, struct slice *rest)
{
	*rest = name;
	*table = slice_cut(rest, '.');
	return rest->data != NULL && table_name_valid(*table) && slice_is(slice_cut(rest, '.'), "csv");
}

/* Takes bytes from offset to the end of fd as a stray; fd stays open. */
static enum status
add_stray(const struct store *store, struct strays *strays, int fd, struct slice table, char *name,
    uint64_t from, uint64_t offset, struct error *error)
{
	struct stray *stray;
	struct stat file;
	ssize_t got = -1;

	strays->items = memory_grow(strays->items, &strays->capacity, strays->count, sizeof *strays->items);
	stray = &strays->items[strays->count++];
	*stray = (struct stray){ .name = name, .offset = offset, .start = from };
	memcpy(stray->table, table.data, table.length);
	stray->table[table.length] = '\0';
	if (fstat(fd, &file) != 0)
		return file_fault(store, error, name, "look at it");
	if ((uint64_t)file.st_size - from > stray_largest)
		return store_damage(store, error, name, "too long to be adopted");
	got = file_read_at(fd, buffer_reserve(&stray->bytes, (size_t)((uint64_t)file.st_size - from) + 1),
	    (size_t)((uint64_t)file.st_size - from), (off_t)from);
	if (got < 0)
		return file_fault(store, error, name, "read");
	stray->bytes.length = (size_t)got;
	stray->bytes.data[got] = '\0';
	return STATUS_OK;
}

/* What one file of torn/ holds, if it was cut off a table's log. */
static enum status
read_torn(const struct store *store, struct strays *strays, int torn, const char *name, struct error *error)
{
	struct slice table, rest;
	struct stat file;
	uint64_t offset, number;
	enum status status;
	int fd;

	if (!table_of(slice_of(name), &table, &rest) || rest.data == NULL ||
	    !number_parse(slice_cut(&rest, '.'), &offset) || !number_parse(rest, &number))
		return STATUS_OK;
	fd = plain_open(torn, name, O_RDONLY, &file);
	if (fd < 0)
		return file_fault(store, error, TORN_NAME, "open a file of it");
	status = add_stray(store, strays, fd, table, memory_format(TORN_NAME "/%s", name), 0, offset, error);
	close(fd);
	return status;
}

/* What lies behind the end of a log, or has only just been there. */
static enum status
read_tail(struct store *store, struct strays *strays, const char *name, bool move, struct error *error)
{
	struct slice table, rest;
	char saved[TORN_NAME_SIZE];
	uint64_t keep;
	struct stat file;
	enum status status = STATUS_OK;
	int fd;

	if (!table_of(slice_of(name), &table, &rest) || rest.data != NULL)
		return STATUS_OK;
	fd = plain_open(store->directory, name, move ? O_RDWR : O_RDONLY, &file);
	if (fd < 0)
		return file_fault(store, error, name, "open");
	keep = state_length(&store->head, table);
	if ((uint64_t)file.st_size > keep && move) /* it is read in torn/ */
		status = file_move_tail(store, fd, name, keep, (uint64_t)file.st_size, saved, error);
	else if ((uint64_t)file.st_size > keep)
		status = add_stray(store, strays, fd, table, memory_copy(name, strlen(name)), keep, keep, error);
	close(fd);
	return status;
}

/* Calls one of the two above for each name in a directory. */
static enum status
read_names(struct store *store, struct strays *strays, int directory, bool torn, bool move, struct error *error)
{
	int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;
	enum status status = STATUS_OK;

	if (list == NULL) {
		if (again >= 0)
			close(again);
		return error_set(error, STATUS_SYSTEM, "%s: can't read the directory:", store->path);
	}
	for (errno = 0; status == STATUS_OK && (entry = readdir(list)) != NULL; errno = 0)
		status = torn ? read_torn(store, strays, directory, entry->d_name, error)
			      : read_tail(store, strays, entry->d_name, move, error);
	if (status == STATUS_OK && errno != 0)
		status = error_set(error, STATUS_SYSTEM, "%s: can't read the directory:", store->path);
	closedir(list);
	return status;
}

static int
by_name(const void *one, const void *other)
{
	const struct stray *a = one, *b = other;

	if (strcmp(a->table, b->table) != 0)
		return strcmp(a->table, b->table);
	if (a->offset != b->offset)
		return (a->offset > b->offset) - (a->offset < b->offset);
	return strcmp(a->name, b->name);
}

/* The head as the holder of W sees it, without cutting anything. */
static enum status
find_head(struct store *store, struct error *error)
{
	struct watermark mark = { .kind = WATERMARK_NONE };
	struct recovery recovery = { .head = { .tx = 0 } };
	uint64_t size;
	enum status status = watermark_read(store, &size, &mark, error);

	if (status == STATUS_OK)
		status = recover_find(store, &mark, size, &recovery, error);
	if (status == STATUS_OK)
		state_copy(&store->head, &recovery.head);
	watermark_release(&mark);
	recovery_release(&recovery);
	return status;
}

static enum status
read_all(struct store *store, bool move, struct strays *strays, struct error *error)
{
	enum status status = read_names(store, strays, store->directory, false, move, error);
	int torn;

	if (status != STATUS_OK)
		return status;
	torn = plain_directory(store->directory, TORN_NAME, false);
	if (torn < 0)
		return errno == ENOENT ? STATUS_OK : file_fault(store, error, TORN_NAME, "open");
	status = read_names(store, strays, torn, true, move, error);
	close(torn);
	return status;
}

enum status
strays_read(struct store *store, bool move, int64_t deadline, struct strays *strays, struct error *error)
{
	enum status status;

	*strays = (struct strays){ .items = NULL };
	if (!store->writable)
		return error_set(error, STATUS_SYSTEM, "%s/" AUDIT_NAME ": no permission to write", store->path);
	status = move ? store_lock(store, deadline, error) : lock_writer(store, deadline, error);
	if (status == STATUS_OK && !move)
		status = find_head(store, error);
	if (status == STATUS_OK)
		status = read_all(store, move, strays, error);
	if (move)
		store_unlock(store);
	else
		lock_release(store, LOCK_WRITER);
	if (strays->count > 1)
		qsort(strays->items, strays->count, sizeof *strays->items, by_name);
	return status;
}

enum status
strays_remove(struct store *store, const struct strays *strays, struct error *error)
{
	int torn = plain_directory(store->directory, TORN_NAME, false);
	enum status status = STATUS_OK;

	if (torn < 0)
		return errno == ENOENT ? STATUS_OK : file_fault(store, error, TORN_NAME, "open");
	for (size_t i = 0; i < strays->count && status == STATUS_OK; i++) {
		const char *name = strays->items[i].name;

		if (strncmp(name, TORN_NAME "/", sizeof TORN_NAME) == 0 &&
		    unlinkat(torn, name + sizeof TORN_NAME, 0) != 0 && errno != ENOENT)
			status = error_set(error, STATUS_SYSTEM, "%s/%s: can't remove:", store->path, name);
	}
	if (status == STATUS_OK && fsync(torn) != 0)
		status = error_set(error, STATUS_SYSTEM, "%s/" TORN_NAME ": can't sync:", store->path);
	close(torn);
	return status;
}
