/*
 * slow: a disk that takes its time, and counts.  A library to be preloaded, not a program.
 *
 * Every fsync and fdatasync takes SLOW_US microseconds longer.  SLOW_COUNT names a file
 * of 8 bytes, a number that each of them adds one to, whichever process it is in.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void
count_one(void)
{
	const char *path = getenv("SLOW_COUNT");
	atomic_ulong *count;
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (count == MAP_FAILED)
		return;
	atomic_fetch_add(count, 1);
	munmap(count, sizeof *count);
}

static void
take_time(void)
{
	const char *text = getenv("SLOW_US");
	long microseconds = text != NULL ? strtol(text, NULL, 10) : 0;
	struct timespec pause = { microseconds / 1000000, microseconds % 1000000 * 1000 };

	if (microseconds > 0)
		nanosleep(&pause, NULL);
}

int
fsync(int fd)
{
	count_one();
	take_time();
	return (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
	count_one();
	take_time();
	return (int)syscall(SYS_fdatasync, fd);
}
