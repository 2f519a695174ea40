/*
 * unnamed: a long new log, on its way to the disk while it is still being made.
 *
 * Nothing is written to a log before W is held, and nothing slow is done under W.  But
 * what becomes a new log can be written before, to a file that has no name: nobody sees
 * it, and should this process end, it is gone.  Under W it is only given the log's name
 * (commit.c), and then it is synced as every new log is.
 *
 * What lies in the file needs no memory besides: its pages take the place of those that
 * were written, at the same addresses.  Should anything fail, there is no file, and the
 * log is written like any other, which says what is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/internal.h"

enum {
	WRITE_STEP = 1 << 22, /* bytes that are written, and that memory is given back of, at once */
	SYNC_STEP = 1 << 25   /* and that are worth a sync: the disk works while more is being made */
};

struct unnamed {
	struct follower follower;
	int fd;
	char *data;
	size_t written, synced, handed; /* of the thread, until it is joined */
	bool failed;                    /* likewise */
};

/* The file's pages take the place of data's; where that can't be done, all is there twice. */
static void
hand_over(struct unnamed *file)
{
	size_t length = (file->written - file->handed) / WRITE_STEP * WRITE_STEP;

	if (length > 0)
		(void)mmap(file->data + file->handed, length, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, file->fd, (off_t)file->handed);
	file->handed += length;
}

static void *
write_on(void *context)
{
	struct unnamed *file = context;
	size_t ready;

	while (!file->failed && follower_await(&file->follower, file->written, WRITE_STEP, &ready)) {
		file->failed = !file_write_at(file->fd, file->data + file->written, ready - file->written,
		    (off_t)file->written);
		file->written = ready;
		if (!file->failed)
			hand_over(file);
		/* What has failed once is never asked for again: a sync that came later would know nothing of it. */
		if (!file->failed && file->written - file->synced >= SYNC_STEP) {
			file->failed = fdatasync(file->fd) != 0;
			file->synced = file->written;
		}
	}
	return NULL;
}

struct unnamed *
unnamed_start(int directory, char *data)
{
	struct unnamed *file = memory_new(sizeof *file);

	file_size_is_error();
	file->data = data;
	file->fd = openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, STORE_FILE_MODE);
	if (file->fd >= 0 && fchmod(file->fd, STORE_FILE_MODE) == 0 &&
	    follower_start(&file->follower, write_on, file))
		return file;
	if (file->fd >= 0)
		close(file->fd);
	free(file);
	return NULL;
}

void
unnamed_more(struct unnamed *file, size_t length)
{
	follower_tell(&file->follower, length);
}

int
unnamed_finish(struct unnamed *file, size_t length)
{
	int fd = file->fd;

	follower_end(&file->follower);
	if (file->failed || file->written != length || fdatasync(fd) != 0) {
		close(fd);
		fd = 0;
	}
	free(file);
	return fd;
}

void
unnamed_give_up(struct unnamed *file)
{
	follower_end(&file->follower);
	close(file->fd);
	free(file);
}

/* More may have been made since it was finished. */
static bool
holds(int fd, const struct chunk *chunk)
{
	struct stat file;

	return fstat(fd, &file) == 0 && (uint64_t)file.st_size == chunk->bytes.length;
}

int
unnamed_name(const struct chunk *chunk, int directory, const char *name)
{
	char path[64];
	int fd;

	if (chunk->file == 0 || !holds(chunk->file, chunk))
		return -1;
	fd = fcntl(chunk->file, F_DUPFD_CLOEXEC, 3);
	snprintf(path, sizeof path, "/proc/self/fd/%d", chunk->file);
	if (fd >= 0 && linkat(AT_FDCWD, path, directory, name, AT_SYMLINK_FOLLOW) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}
