/*
 * file: the store's files, opened so that nothing else can be slipped in.
 *
 * S8: relative to the store's directory, never through a link, only regular
 * files with one name, created 0660.  A second name (a hard link) would be
 * written through by whoever made it, a FIFO would hang the reader.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/internal.h"

enum { COPY_PIECE = 1 << 16, WRITE_PIECE = 1 << 23, TORN_TRIES = 10000 };

static int
close_with(int fd, int number)
{
	close(fd);
	errno = number;
	return -1;
}

static int
open_again(int directory, const char *name, int flags, mode_t mode)
{
	int fd;

	do {
		fd = openat(directory, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, mode);
	} while (fd < 0 && errno == EINTR);
	return fd;
}

int
plain_open(int directory, const char *name, int flags, struct stat *status)
{
	int fd = open_again(directory, name, flags | O_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (fstat(fd, status) != 0)
		return close_with(fd, errno);
	if (!S_ISREG(status->st_mode))
		return close_with(fd, ENOTSUP);
	if (status->st_nlink != 1)
		return close_with(fd, EMLINK);
	return fd;
}

int
plain_create(int directory, const char *name)
{
	int fd;

	file_size_is_error();
	fd = open_again(directory, name, O_RDWR | O_CREAT | O_EXCL, STORE_FILE_MODE);
	if (fd >= 0 && fchmod(fd, STORE_FILE_MODE) != 0)
		return close_with(fd, errno);
	return fd;
}

ssize_t
plain_read(int fd, void *data, size_t size)
{
	ssize_t got;

	do {
		got = pread(fd, data, size, 0);
	} while (got < 0 && errno == EINTR);
	return got;
}

bool
plain_write(int fd, struct slice bytes, uint64_t offset)
{
	while (bytes.length > WRITE_PIECE) {
		if (!file_write_at(fd, bytes.data, WRITE_PIECE, (off_t)offset))
			return false;
		(void)sync_file_range(fd, (off_t)offset, WRITE_PIECE, SYNC_FILE_RANGE_WRITE);
		offset += WRITE_PIECE;
		bytes = (struct slice){ bytes.data + WRITE_PIECE, bytes.length - WRITE_PIECE };
	}
	return file_write_at(fd, bytes.data, bytes.length, (off_t)offset);
}

int
plain_directory(int directory, const char *name, bool make)
{
	int fd = open_again(directory, name, O_RDONLY | O_DIRECTORY, 0);

	if (fd >= 0 || errno != ENOENT || !make)
		return fd;
	if (mkdirat(directory, name, STORE_DIRECTORY_MODE) != 0 && errno != EEXIST)
		return -1;
	fd = open_again(directory, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd >= 0 && (fchmod(fd, STORE_DIRECTORY_MODE) != 0 && errno != EPERM))
		return close_with(fd, errno);
	if (fd >= 0 && fsync(directory) != 0)
		return close_with(fd, errno);
	return fd;
}

void
log_name(struct slice table, char out[LOG_NAME_SIZE])
{
	memcpy(out, table.data, table.length);
	memcpy(out + table.length, ".csv", sizeof ".csv");
}

enum status
file_fault(const struct store *store, struct error *error, const char *name, const char *doing)
{
	switch (errno) {
	case ENOTSUP:
		return store_damage(store, error, name, "not a regular file");
	case EMLINK:
		return store_damage(store, error, name, "has more than one name (a hard link)");
	case ELOOP:
		return store_damage(store, error, name, "is a symbolic link");
	default:
		return error_set(error, STATUS_SYSTEM, "%s/%s: can't %s:", store->path, name, doing);
	}
}

/* A new file in torn/ for what is cut off name at offset; its own name in out. */
static int
torn_create(int torn, const char *name, uint64_t offset, char *out, size_t size)
{
	for (int i = 1; i <= TORN_TRIES; i++) {
		int fd;

		snprintf(out, size, "%s.%" PRIu64 ".%d", name, offset, i);
		fd = plain_create(torn, out);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static bool
copy_bytes(int from, int to, uint64_t offset, uint64_t end)
{
	char piece[COPY_PIECE];

	while (offset < end) {
		size_t want = end - offset < sizeof piece ? (size_t)(end - offset) : sizeof piece;
		ssize_t got = file_read_at(from, piece, want, (off_t)offset);

		if (got <= 0)
			return got == 0;
		if (!file_write(to, piece, (size_t)got))
			return false;
		offset += (uint64_t)got;
	}
	return true;
}

/* Keeps the bytes from offset to end: they may be all there is of somebody's work. */
static bool
torn_save(struct store *store, int fd, const char *name, uint64_t offset, uint64_t end, char *saved, size_t size)
{
	int torn = plain_directory(store->directory, "torn", true);
	int copy = torn >= 0 ? torn_create(torn, name, offset, saved, size) : -1;
	bool good = copy >= 0 && copy_bytes(fd, copy, offset, end) && fsync(copy) == 0 && fsync(torn) == 0;
	int number = errno;

	if (copy >= 0 && !good)
		unlinkat(torn, saved, 0);
	if (copy >= 0)
		close(copy);
	if (torn >= 0)
		close(torn);
	errno = number;
	return good;
}

enum status
file_move_tail(struct store *store, int fd, const char *name, uint64_t keep, uint64_t size,
    char saved[TORN_NAME_SIZE], struct error *error)
{
	if (!torn_save(store, fd, name, keep, size, saved, TORN_NAME_SIZE))
		return error_set(error, STATUS_SYSTEM,
		    "%s/torn: can't save what an unfinished transaction left in %s:", store->path, name);
	if (ftruncate(fd, (off_t)keep) != 0)
		return error_set(error, STATUS_SYSTEM,
		    "%s/%s: can't cut off an unfinished transaction:", store->path, name);
	return STATUS_OK;
}

enum status
file_cut(struct store *store, int fd, const char *name, uint64_t keep, uint64_t size, struct error *error)
{
	char saved[TORN_NAME_SIZE];
	enum status status = file_move_tail(store, fd, name, keep, size, saved, error);

	if (status == STATUS_OK)
		store_warn(store, "cut %" PRIu64 " bytes of an unfinished transaction off %s, kept in torn/%s",
		    size - keep, name, saved);
	return status;
}

/* Whether path lies in a home that is not there: a daemon's is often one that must not be. */
static bool
is_homeless(const char *path)
{
	const char *home = secure_getenv("HOME");

	return home != NULL && home[0] == '/' && slice_starts(slice_of(path), home) && access(home, F_OK) != 0;
}

void
plain_directories(const char *path)
{
	char *copy;

	if (is_homeless(path))
		return;
	copy = memory_copy(path, strlen(path));
	for (char *slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0700);
		*slash = '/';
	}
	free(copy);
}
