/*
 * copy_target: the directory that is to be a copy.
 *
 * One that is no store yet gets a bo.format.new with the uuid first, which says whose
 * copy it is to become, and bo.format, by rename, last: until then nobody can open it,
 * and a copy that was cut short is simply made again.  One that is a store is locked
 * like by any writer, and left alone unless it has that uuid.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/internal.h"

#define FORMAT_NAME "bo.format"
#define FORMAT_NEW "bo.format.new"

enum { FORMAT_LONGEST = 256 };

static enum status
fault(const char *directory, const char *what, struct error *error)
{
	return error_set(error, STATUS_SYSTEM, "%s: can't %s:", directory, what);
}

static enum status
refuse(const char *directory, struct error *error)
{
	return error_set(error, STATUS_REFUSED, "%s: neither empty nor a store", directory);
}

/* Whether there is nothing in the directory but, perhaps, the mark of a copy. */
static enum status
has_files(int fd, const char *directory, bool *files, struct error *error)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;
	enum status status = STATUS_OK;

	*files = false;
	if (list == NULL) {
		if (again >= 0)
			close(again);
		return fault(directory, "read the directory", error);
	}
	for (errno = 0; (entry = readdir(list)) != NULL; errno = 0)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    strcmp(entry->d_name, FORMAT_NEW) != 0)
			*files = true;
	if (errno != 0)
		status = fault(directory, "read the directory", error);
	closedir(list);
	return status;
}

static char *
format_text(const struct store *store)
{
	return memory_format("bo 1 %s\n", store->uuid);
}

/* Whether a copy of this store was begun here. */
static enum status
was_begun(const struct store *store, bool *begun, struct error *error)
{
	char text[FORMAT_LONGEST], *wanted;
	struct stat status;
	int fd = plain_open(store->directory, FORMAT_NEW, O_RDONLY, &status);
	ssize_t got;

	*begun = false;
	if (fd < 0)
		return errno == ENOENT ? STATUS_OK : fault(store->path, "open " FORMAT_NEW, error);
	got = plain_read(fd, text, sizeof text);
	if (got < 0)
		fault(store->path, "read " FORMAT_NEW, error);
	close(fd);
	wanted = format_text(store);
	*begun = got == (ssize_t)strlen(wanted) && memcmp(text, wanted, (size_t)got) == 0;
	free(wanted);
	return got < 0 ? STATUS_SYSTEM : STATUS_OK;
}

/* Says whose copy this is going to be; on disk before anything else is. */
static enum status
begin(const struct store *store, struct error *error)
{
	char *text = format_text(store);
	bool good;
	int fd;

	if (unlinkat(store->directory, FORMAT_NEW, 0) != 0 && errno != ENOENT) {
		free(text);
		return fault(store->path, "remove " FORMAT_NEW, error);
	}
	fd = plain_create(store->directory, FORMAT_NEW);
	good = fd >= 0 && file_write(fd, text, strlen(text)) && fsync(fd) == 0 && fsync(store->directory) == 0;
	if (!good)
		fault(store->path, "make " FORMAT_NEW, error);
	if (fd >= 0)
		close(fd);
	free(text);
	return good ? STATUS_OK : STATUS_SYSTEM;
}

/* An audit.csv without transactions, and the lock on it. */
static enum status
begin_audit(struct store *store, int64_t deadline, struct error *error)
{
	struct stat file;
	enum status status;
	int fd = plain_create(store->directory, AUDIT_NAME);

	if (fd < 0 && errno == EEXIST)
		fd = plain_open(store->directory, AUDIT_NAME, O_RDWR, &file);
	if (fd < 0)
		return fault(store->path, "make " AUDIT_NAME, error);
	store->audit = fd;
	status = lock_wait(store, LOCK_WRITER, deadline, error);
	if (status != STATUS_OK)
		return status;
	store->locked = true;
	if (faccessat(store->directory, FORMAT_NAME, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return error_set(error, STATUS_BUSY, "%s: somebody else has just made it a store", store->path);
	if (ftruncate(fd, 0) != 0 || !file_write_at(fd, AUDIT_HEADER, AUDIT_HEADER_LENGTH, 0) ||
	    fsync(fd) != 0 || fstat(fd, &file) != 0)
		return fault(store->path, "write " AUDIT_NAME, error);
	store->inode = (uint64_t)file.st_ino;
	store->writable = true;
	return STATUS_OK;
}

static enum status
open_fresh(struct copy_target *target, const struct store *from, const char *directory, int64_t deadline,
    struct error *error)
{
	struct store *store = store_allocate(directory);
	bool files = false, begun = false;
	enum status status = store_make_directory(directory, &store->directory, error);

	target->store = store;
	target->fresh = true;
	memcpy(store->uuid, from->uuid, sizeof store->uuid);
	if (status == STATUS_OK)
		status = has_files(store->directory, directory, &files, error);
	if (status == STATUS_OK)
		status = was_begun(store, &begun, error);
	if (status == STATUS_OK && !begun)
		status = files ? refuse(directory, error) : begin(store, error);
	if (status == STATUS_OK)
		status = begin_audit(store, deadline, error);
	if (status == STATUS_OK)
		state_empty(&store->head, store->uuid);
	return status;
}

static enum status
open_store(struct copy_target *target, const struct store *from, const char *directory, int64_t deadline,
    struct error *error)
{
	struct stat one, other;
	enum status status = store_open(directory, &target->store, error);

	if (status != STATUS_OK)
		return status;
	if (fstat(from->directory, &one) != 0 || fstat(target->store->directory, &other) != 0)
		return fault(directory, "look at it", error);
	if (one.st_dev == other.st_dev && one.st_ino == other.st_ino)
		return error_set(error, STATUS_REFUSED, "%s: that is the store itself", directory);
	if (strcmp(target->store->uuid, from->uuid) != 0)
		return error_set(error, STATUS_REFUSED, "%s: not a copy of %s, but a store of its own",
		    directory, from->path);
	return store_lock(target->store, deadline, error);
}

enum status
copy_target_open(struct copy_target *target, const struct store *from, const char *directory,
    int64_t deadline, struct error *error)
{
	char *name = memory_format("%s/" FORMAT_NAME, directory);
	bool there = faccessat(AT_FDCWD, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;

	free(name);
	*target = (struct copy_target){ .store = NULL };
	return there ? open_store(target, from, directory, deadline, error)
		     : open_fresh(target, from, directory, deadline, error);
}

enum status
copy_target_finish(struct copy_target *target, struct error *error)
{
	struct store *store = target->store;
	enum status status = store_make_mark(store, error);

	if (status != STATUS_OK)
		return status;
	if (fsync(store->directory) != 0 ||
	    renameat(store->directory, FORMAT_NEW, store->directory, FORMAT_NAME) != 0 ||
	    fsync(store->directory) != 0)
		return fault(store->path, "write " FORMAT_NAME, error);
	return store_sync_parent(store->path, error);
}

void
copy_target_close(struct copy_target *target)
{
	if (target->store != NULL)
		store_unlock(target->store);
	store_close(target->store);
	target->store = NULL;
}
