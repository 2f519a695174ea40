#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_SIZE = 64 * 1024, SMALL_SIZE = 8 * 1024 };

bool
file_write(int fd, const void *data, size_t length)
{
	const char *p = data;

	while (length > 0) {
		ssize_t done = write(fd, p, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		p += done;
		length -= (size_t)done;
	}
	return true;
}

bool
file_write_at(int fd, const void *data, size_t length, off_t offset)
{
	const char *p = data;

	while (length > 0) {
		ssize_t done = pwrite(fd, p, length, offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		p += done;
		length -= (size_t)done;
		offset += done;
	}
	return true;
}

ssize_t
file_read_at(int fd, void *data, size_t length, off_t offset)
{
	char *p = data;
	size_t total = 0;

	while (total < length) {
		ssize_t got = pread(fd, p + total, length - total, offset + (off_t)total);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		total += (size_t)got;
	}
	return (ssize_t)total;
}

/*
 * How much to ask for next: a regular file and a byte to see its end, else a good piece.
 * From such a file fewer bytes than were asked for are the last ones; files of /proc,
 * which say that they are empty, are none.
 */
static size_t
read_size(int fd, bool *regular)
{
	struct stat status;

	*regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
	return *regular ? (size_t)status.st_size + 1 : READ_SIZE;
}

bool
file_read(int fd, struct buffer *out, size_t limit)
{
	bool regular;
	size_t size = read_size(fd, &regular), left = limit;

	for (;;) {
		/* One byte more than may come shows that there are more. */
		size_t want = left < size ? left + 1 : size;
		char *end = buffer_reserve(out, want);
		ssize_t got = read(fd, end, want);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			return true;
		if ((size_t)got > left) {
			errno = E2BIG;
			return false;
		}
		end[got] = '\0';
		out->length += (size_t)got;
		left -= (size_t)got;
		if (regular && (size_t)got < want)
			return true;
		/* A regular file ends here, as it was asked for whole: the room that is left is enough to see that. */
		size = (size_t)got < want ? want - (size_t)got : READ_SIZE;
	}
}

/*
 * Most files that are loaded are small: of what has an offset to read at, so is no pipe or
 * terminal, fewer bytes than were asked for are all.  false: who reads begins at the beginning.
 */
static bool
load_small(int fd, struct buffer *out, size_t limit)
{
	char *end = buffer_reserve(out, SMALL_SIZE);
	ssize_t got = pread(fd, end, SMALL_SIZE, 0);

	if (got <= 0 || got == SMALL_SIZE || (size_t)got > limit)
		return false;
	end[got] = '\0';
	out->length += (size_t)got;
	return true;
}

bool
file_load(const char *path, struct buffer *out, size_t limit)
{
	int fd, number;
	bool done;

	do {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return false;
	done = load_small(fd, out, limit) || file_read(fd, out, limit);
	number = errno;
	close(fd);
	errno = number;
	return done;
}

bool
file_standard_descriptors(void)
{
	struct pollfd open_ones[3] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

	if (poll(open_ones, 3, 0) < 0)
		return false;
	for (int fd = 0; fd <= 2; fd++) {
		/* The wrong way round: whoever uses a descriptor that was closed learns it, by EBADF. */
		int way = fd == 0 ? O_WRONLY : O_RDONLY;
		int opened;

		if (!(open_ones[fd].revents & POLLNVAL))
			continue;
		do {
			opened = open("/dev/null", way);
		} while (opened < 0 && errno == EINTR);
		if (opened != fd) /* the lowest that is free is fd, as those below are open */
			return false;
	}
	return true;
}

void
file_size_is_error(void)
{
	struct sigaction action = { .sa_handler = SIG_IGN };

	sigaction(SIGXFSZ, &action, NULL);
}

int
file_spool(void)
{
	const char *directory = getenv("TMPDIR");
	char path[4096];
	int fd;

	file_size_is_error();
	if (directory == NULL || *directory == '\0' || strlen(directory) > sizeof path - 32)
		directory = "/tmp";
	fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
		return fd;
	memcpy(path, directory, strlen(directory));
	memcpy(path + strlen(directory), "/bo-XXXXXX", sizeof "/bo-XXXXXX");
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}
