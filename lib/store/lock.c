/*
 * lock: who may write, and who is syncing.
 *
 * The locks lie on bytes of audit.csv itself, far beyond any data, so there is no
 * lock file that could be lost, copied or left behind.  W and S are locks of the
 * open file description (fcntl F_OFD_SETLK): they end with the process that holds
 * them, however it ends, and closing another descriptor of the file does not drop
 * them.  Only an ordinary lock tells whose it is, so the holder of W takes one on
 * the next byte.
 *
 * Waiting is polling: a blocking request can't be given a deadline without a
 * signal, and signals belong to the program, not to a library.
 *
 * Order where both are held: W before S (or S by lock_try, which never waits).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "store/internal.h"

enum { NAP_FIRST = 50 * 1000, NAP_LONGEST = 2 * 1000 * 1000 }; /* nanoseconds */

static const off_t lock_base = (off_t)1 << 62;

static struct flock
lock_of(enum lock_byte byte, short type)
{
	return (
	    struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = lock_base + (off_t)byte, .l_len = 1 };
}

enum status
lock_try(struct store *store, enum lock_byte byte, bool *taken, struct error *error)
{
	struct flock lock = lock_of(byte, F_WRLCK);
	int result;

	do {
		result = fcntl(store->audit, byte == LOCK_HOLDER ? F_SETLK : F_OFD_SETLK, &lock);
	} while (result != 0 && errno == EINTR);
	*taken = result == 0;
	if (seeded(SEED_NO_WRITER_LOCK) && byte == LOCK_WRITER)
		*taken = true;
	if (result != 0 && errno != EAGAIN)
		return error_set(error, STATUS_SYSTEM, "%s/" AUDIT_NAME ": can't lock:", store->path);
	return STATUS_OK;
}

void
lock_release(struct store *store, enum lock_byte byte)
{
	struct flock lock = lock_of(byte, F_UNLCK);

	/* Can't fail but for a bad descriptor, and then the lock is gone as well. */
	(void)fcntl(store->audit, byte == LOCK_HOLDER ? F_SETLK : F_OFD_SETLK, &lock);
}

void
lock_nap(long *nanoseconds)
{
	struct timespec nap;

	if (*nanoseconds == 0)
		*nanoseconds = NAP_FIRST;
	nap = (struct timespec){ .tv_nsec = *nanoseconds };
	nanosleep(&nap, NULL);
	*nanoseconds = *nanoseconds < NAP_LONGEST / 2 ? *nanoseconds * 2 : NAP_LONGEST;
}

/* The name of a process, without the newline; empty when it is not known. */
static void
process_name(pid_t pid, char *out, size_t size)
{
	char path[64];
	ssize_t got;
	int fd;

	out[0] = '\0';
	snprintf(path, sizeof path, "/proc/%ld/comm", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	got = read(fd, out, size - 1);
	close(fd);
	out[got > 0 ? got : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

static enum status
busy(struct store *store, enum lock_byte byte, struct error *error)
{
	struct flock lock = lock_of(LOCK_HOLDER, F_WRLCK);
	char name[32];

	if (byte != LOCK_WRITER || fcntl(store->audit, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK ||
	    lock.l_pid <= 0)
		return error_set(error, STATUS_BUSY, "the store is busy: another process is %s",
		    byte == LOCK_WRITER ? "writing" : "syncing");
	process_name(lock.l_pid, name, sizeof name);
	return error_set(error, STATUS_BUSY, "the store is busy: process %ld%s%s%s is writing",
	    (long)lock.l_pid, name[0] != '\0' ? " (" : "", name, name[0] != '\0' ? ")" : "");
}

enum status
lock_wait(struct store *store, enum lock_byte byte, int64_t deadline, struct error *error)
{
	long nap = 0;
	bool taken;

	for (;;) {
		enum status status = lock_try(store, byte, &taken, error);

		if (status != STATUS_OK || taken)
			return status;
		if (clock_monotonic() >= deadline)
			return busy(store, byte, error);
		lock_nap(&nap);
	}
}

/* Whether the name audit.csv still means the file that is open. */
static enum status
is_current(struct store *store, bool *current, struct error *error)
{
	struct stat open_one, named_one;

	if (fstat(store->audit, &open_one) != 0 ||
	    fstatat(store->directory, AUDIT_NAME, &named_one, AT_SYMLINK_NOFOLLOW) != 0)
		return file_fault(store, error, AUDIT_NAME, "look at it");
	*current = (open_one.st_ino == named_one.st_ino && open_one.st_dev == named_one.st_dev) ||
	    seeded(SEED_REPLACED_FILE_LOCKED);
	return STATUS_OK;
}

enum status
lock_follow_name(struct store *store, struct error *error)
{
	bool current;
	enum status status = is_current(store, &current, error);

	return status == STATUS_OK && !current ? store_open_audit(store, error) : status;
}

enum status
lock_writer(struct store *store, int64_t deadline, struct error *error)
{
	file_size_is_error();
	for (;;) {
		bool current;
		enum status status = lock_wait(store, LOCK_WRITER, deadline, error);

		if (status != STATUS_OK)
			return status;
		status = is_current(store, &current, error);
		if (status == STATUS_OK && current)
			return STATUS_OK;
		lock_release(store, LOCK_WRITER);
		if (status == STATUS_OK)
			status = store_open_audit(store, error);
		if (status != STATUS_OK)
			return status;
	}
}
