/*
 * create: a new, empty store.
 *
 * bo.format comes last and by rename, so that a directory is a store wholly or not
 * at all; one that was not finished (power loss) can be made again.  The lock on
 * audit.csv keeps two makers apart.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "base/memory.h"
#include "store/internal.h"

#define FORMAT_NAME "bo.format"
#define FORMAT_NEW "bo.format.new"

enum { MARK_BLOCK = 4096, MAKER_WAIT = 5000 };

static enum status
fault(const char *directory, const char *what, struct error *error)
{
	return error_set(error, STATUS_SYSTEM, "%s: can't %s:", directory, what);
}

/* What a maker that was interrupted may leave behind. */
static bool
is_leftover(const char *name)
{
	static const char *const names[] = { ".", "..", AUDIT_NAME, "watermark", FORMAT_NEW };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* STATUS_REFUSED when it is a store already, or holds something else. */
static enum status
check_empty(int fd, const char *directory, struct error *error)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy >= 0 ? fdopendir(copy) : NULL;
	enum status status = STATUS_OK;
	struct dirent *entry;

	if (list == NULL) {
		if (copy >= 0)
			close(copy);
		return fault(directory, "read the directory", error);
	}
	if (faccessat(fd, FORMAT_NAME, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		status = error_set(error, STATUS_REFUSED, "%s: is a store already", directory);
	for (errno = 0; status == STATUS_OK && (entry = readdir(list)) != NULL;) {
		if (!is_leftover(entry->d_name))
			status = error_set(error, STATUS_REFUSED, "%s: not empty", directory);
	}
	if (status == STATUS_OK && errno != 0)
		status = fault(directory, "read the directory", error);
	closedir(list);
	return status;
}

/* An audit.csv without transactions; one that somebody filled is not a leftover. */
static enum status
write_audit(struct store *store, struct error *error)
{
	struct stat status;

	if (fstat(store->audit, &status) != 0)
		return fault(store->path, "look at " AUDIT_NAME, error);
	if (status.st_size > AUDIT_HEADER_LENGTH)
		return error_set(error, STATUS_REFUSED, "%s: not empty", store->path);
	if (ftruncate(store->audit, 0) != 0 ||
	    !file_write_at(store->audit, AUDIT_HEADER, AUDIT_HEADER_LENGTH, 0) || fsync(store->audit) != 0)
		return fault(store->path, "write " AUDIT_NAME, error);
	return STATUS_OK;
}

/* It is a block long, so that updating it needs no new space; what it says comes later. */
enum status
store_make_mark(const struct store *store, struct error *error)
{
	char block[MARK_BLOCK];
	bool good;
	int fd = plain_create(store->directory, "watermark");

	if (fd < 0 && errno == EEXIST)
		return STATUS_OK;
	memset(block, '\n', sizeof block);
	good = fd >= 0 && file_write_at(fd, block, sizeof block, 0);
	if (fd >= 0)
		close(fd);
	return good ? STATUS_OK : fault(store->path, "write watermark", error);
}

static enum status
write_format(struct store *store, struct error *error)
{
	struct buffer text = BUFFER_INIT;
	bool good;
	int fd;

	if (!random_uuid(store->uuid))
		return fault(store->path, "get random bytes", error);
	if (unlinkat(store->directory, FORMAT_NEW, 0) != 0 && errno != ENOENT)
		return fault(store->path, "remove " FORMAT_NEW, error);
	fd = plain_create(store->directory, FORMAT_NEW);
	if (fd < 0)
		return fault(store->path, "make " FORMAT_NEW, error);
	buffer_format(&text, "bo 1 %s\n", store->uuid);
	good = file_write(fd, text.data, text.length) && fsync(fd) == 0 && fsync(store->directory) == 0 &&
	    renameat(store->directory, FORMAT_NEW, store->directory, FORMAT_NAME) == 0 &&
	    fsync(store->directory) == 0;
	if (!good)
		fault(store->path, "write " FORMAT_NAME, error);
	close(fd);
	buffer_release(&text);
	return good ? STATUS_OK : STATUS_SYSTEM;
}

static enum status
open_audit(struct store *store, struct error *error)
{
	struct stat status;

	store->audit = plain_create(store->directory, AUDIT_NAME);
	if (store->audit < 0 && errno == EEXIST)
		store->audit = plain_open(store->directory, AUDIT_NAME, O_RDWR, &status);
	return store->audit >= 0 ? STATUS_OK : fault(store->path, "make " AUDIT_NAME, error);
}

static enum status
fill(struct store *store, struct error *error)
{
	enum status status = check_empty(store->directory, store->path, error);

	if (status == STATUS_OK)
		status = open_audit(store, error);
	if (status == STATUS_OK)
		status = lock_wait(store, LOCK_WRITER, clock_monotonic() + MAKER_WAIT, error);
	if (status == STATUS_OK) /* again: another maker may have been faster */
		status = check_empty(store->directory, store->path, error);
	if (status == STATUS_OK)
		status = write_audit(store, error);
	if (status == STATUS_OK)
		status = store_make_mark(store, error);
	if (status == STATUS_OK)
		status = write_format(store, error);
	return status;
}

static int
open_parent(const char *directory)
{
	char *copy = memory_copy(directory, strlen(directory));
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(copy);
	return fd;
}

enum status
store_sync_parent(const char *directory, struct error *error)
{
	int fd = open_parent(directory);
	bool good = fd >= 0 && fsync(fd) == 0;

	if (!good)
		fault(directory, "sync its directory", error);
	if (fd >= 0)
		close(fd);
	return good ? STATUS_OK : STATUS_SYSTEM;
}

/* Where the file system is not a local one, not even a directory is made. */
static enum status
check_parent(const char *directory, struct error *error)
{
	int fd = open_parent(directory);
	enum status status;

	if (fd < 0)
		return fault(directory, "make the directory", error);
	status = store_check_local(fd, directory, error);
	close(fd);
	return status;
}

/* One that is there keeps its mode. */
enum status
store_make_directory(const char *directory, int *fd, struct error *error)
{
	bool made = false;
	enum status status;

	*fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0 && errno == ENOENT) {
		status = check_parent(directory, error);
		if (status != STATUS_OK)
			return status;
		made = mkdir(directory, STORE_DIRECTORY_MODE) == 0;
		if (!made && errno != EEXIST)
			return fault(directory, "make the directory", error);
		*fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (*fd < 0)
		return fault(directory, "open the directory", error);
	if (made && fchmod(*fd, STORE_DIRECTORY_MODE) != 0)
		return fault(directory, "set its mode", error);
	return store_check_local(*fd, directory, error);
}

enum status
store_create(const char *directory, struct error *error)
{
	struct store *store = store_allocate(directory);
	enum status status;

	status = file_standard_descriptors() ? store_make_directory(directory, &store->directory, error)
					     : fault("/dev/null", "open", error);
	if (status == STATUS_OK)
		status = fill(store, error);
	if (status == STATUS_OK)
		status = store_sync_parent(directory, error);
	store_close(store);
	return status;
}
