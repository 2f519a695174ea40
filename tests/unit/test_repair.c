/*
 * test_repair: a disk that loses what it failed to sync, and what is left after the repair
 *
 * The functions below take the place of the C library's.  The files are the page cache;
 * what has reached the disk is kept beside them, page by page.  A sync that fails takes its
 * file's pages for written and says so once, as kernels do; dropping the cache, or a power
 * cut, shows what the disk has.
 */
#undef _FORTIFY_SOURCE /* which has functions of its own in the place of these */

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>

#include "store_fixture.h"

enum { PAGE = 64, PAGES_MOST = 1024, FILES_MOST = 64 }; /* small, so that a log has several */

enum disk_mood {
	DISK_GOOD,
	DISK_LOSES, /* says so, and has nothing */
	DISK_SCARES /* says so, and has it */
};

struct disk_file {
	ino_t inode;
	uint64_t length; /* that the disk knows of */
	bool length_dirty;
	bool dirty[PAGES_MOST];
	char pages[PAGES_MOST][PAGE];
};

static struct {
	struct disk_file files[FILES_MOST];
	size_t count;
	enum disk_mood mood; /* at the next sync of a file */
	unsigned passes;     /* but for so many before it */
	bool lies;           /* succeeds, and has nothing */
} disk;

static void
disk_forget(void)
{
	memset(&disk, 0, sizeof disk);
}

static void
disk_will(enum disk_mood mood, unsigned passes)
{
	disk.mood = mood;
	disk.passes = passes;
}

/* What has no pages is an empty file here: a directory, a pipe. */
static struct disk_file *
disk_file(int fd, uint64_t *size)
{
	struct stat status = { .st_ino = 0 };

	*size = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
	for (size_t i = 0; i < disk.count; i++)
		if (disk.files[i].inode == status.st_ino)
			return &disk.files[i];
	assert_true(disk.count < FILES_MOST);
	disk.files[disk.count].inode = status.st_ino;
	return &disk.files[disk.count++];
}

static void
disk_dirty(int fd, uint64_t offset, uint64_t length, uint64_t size_before)
{
	uint64_t size;
	struct disk_file *file = disk_file(fd, &size);

	for (uint64_t page = offset / PAGE; page * PAGE < offset + length && page < PAGES_MOST; page++)
		file->dirty[page] = true;
	file->length_dirty |= size != size_before;
}

static uint64_t
size_of(int fd)
{
	uint64_t size;

	(void)disk_file(fd, &size);
	return size;
}

ssize_t
pwrite(int fd, const void *data, size_t length, off_t offset)
{
	uint64_t before = size_of(fd);
	ssize_t written = (ssize_t)syscall(SYS_pwrite64, fd, data, length, offset);

	disk_dirty(fd, (uint64_t)offset, written > 0 ? (uint64_t)written : 0, before);
	return written;
}

ssize_t
write(int fd, const void *data, size_t length)
{
	uint64_t before = size_of(fd);
	off_t offset = lseek(fd, 0, (fcntl(fd, F_GETFL) & O_APPEND) != 0 ? SEEK_END : SEEK_CUR);
	ssize_t written = (ssize_t)syscall(SYS_write, fd, data, length);

	disk_dirty(fd, offset > 0 ? (uint64_t)offset : 0, written > 0 ? (uint64_t)written : 0, before);
	return written;
}

int
ftruncate(int fd, off_t length)
{
	uint64_t size;
	struct disk_file *file;

	if (syscall(SYS_ftruncate, fd, length) != 0)
		return -1;
	file = disk_file(fd, &size);
	file->length_dirty = true;
	for (uint64_t page = ((uint64_t)length + PAGE - 1) / PAGE; page < PAGES_MOST; page++)
		file->dirty[page] = false;
	return 0;
}

int
futimens(int fd, const struct timespec times[2])
{
	uint64_t size;

	disk_file(fd, &size)->length_dirty = true;
	return (int)syscall(SYS_utimensat, fd, NULL, times, 0);
}

static void
disk_write_out(int fd, struct disk_file *file, uint64_t size)
{
	for (uint64_t page = 0; page * PAGE < size && page < PAGES_MOST; page++) {
		if (!file->dirty[page])
			continue;
		memset(file->pages[page], 0, PAGE);
		assert_true(pread(fd, file->pages[page], PAGE, (off_t)(page * PAGE)) >= 0);
	}
	if (file->length_dirty)
		file->length = size;
}

static int
disk_sync(int fd)
{
	uint64_t size;
	struct disk_file *file = disk_file(fd, &size);
	enum disk_mood mood = disk.passes == 0 ? disk.mood : DISK_GOOD;

	if (disk.passes > 0)
		disk.passes--;
	else
		disk.mood = DISK_GOOD;
	if (mood != DISK_LOSES && !disk.lies)
		disk_write_out(fd, file, size);
	memset(file->dirty, 0, sizeof file->dirty);
	file->length_dirty = false;
	errno = EIO;
	return mood == DISK_GOOD ? 0 : -1;
}

/* Files are synced in their order: which of them this disk loses is part of each test. */
int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *context)
{
	(void)thread;
	(void)attributes;
	(void)start;
	(void)context;
	return EAGAIN;
}

int
fdatasync(int fd)
{
	return disk_sync(fd);
}

int
fsync(int fd)
{
	return disk_sync(fd);
}

/* The pages that are taken for written are read from the disk again. */
static void
disk_reread(int fd, struct disk_file *file, uint64_t size)
{
	for (uint64_t page = 0; page * PAGE < size && page < PAGES_MOST; page++) {
		uint64_t rest = size - page * PAGE;

		if (!file->dirty[page])
			syscall(SYS_pwrite64, fd, file->pages[page], rest < PAGE ? rest : PAGE, page * PAGE);
	}
}

int
posix_fadvise(int fd, off_t offset, off_t length, int advice)
{
	char name[32];
	uint64_t size;
	struct disk_file *file = disk_file(fd, &size);
	int writable;

	(void)offset;
	(void)length;
	if (advice != POSIX_FADV_DONTNEED)
		return 0;
	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	writable = open(name, O_WRONLY | O_CLOEXEC);
	assert_true(writable >= 0);
	disk_reread(writable, file, size);
	close(writable);
	return 0;
}

/* Everything is as the disk has it; but for names, of which the model knows nothing. */
static void
power_cut(struct fixture *fixture)
{
	static const char *const names[] = { "audit.csv", "note.csv", "other.csv" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *path = fixture_path(fixture, names[i]);
		int fd = open(path, O_RDWR | O_CLOEXEC);
		struct disk_file *file;
		uint64_t size;

		free(path);
		if (fd < 0)
			continue;
		file = disk_file(fd, &size);
		memset(file->dirty, 0, sizeof file->dirty);
		assert_int_equal(syscall(SYS_ftruncate, fd, file->length), 0);
		disk_reread(fd, file, file->length);
		close(fd);
	}
	fixture_unlink(fixture, "watermark");
}

static int
setup(void **state)
{
	disk_forget();
	return fixture_setup(state);
}

/* --- what is done to it ---------------------------------------------------------------- */

static void
assert_add(struct fixture *fixture, const char *const *pairs, enum status wanted)
{
	struct store *store = fixture_open(fixture);

	assert_status(fixture, fixture_add(fixture, store, pairs), wanted);
	store_close(store);
}

static void
assert_read(struct fixture *fixture, enum status wanted)
{
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot;

	assert_status(fixture, snapshot_open(store, &snapshot, &fixture->error), wanted);
	snapshot_close(snapshot);
	store_close(store);
}

static void
assert_repair(struct fixture *fixture, enum status wanted, struct repair_report *report)
{
	struct store *store = fixture_open(fixture);

	assert_status(fixture, store_mend(store, report, &fixture->error), wanted);
	assert_true(report->broken);
	store_close(store);
}

/* So many are shown now, and after the power was cut, and more can be made. */
static void
assert_lasting(struct fixture *fixture, uint64_t tx)
{
	assert_int_equal(fixture_tx(fixture), tx);
	power_cut(fixture);
	assert_int_equal(fixture_tx(fixture), tx);
	assert_add(fixture, PAIRS("note", "later"), STATUS_OK);
	power_cut(fixture);
	assert_int_equal(fixture_tx(fixture), tx + 1);
}

/* --- tests --------------------------------------------------------------------------------- */

static void
test_the_disk_keeps_what_was_synced(void **state)
{
	struct fixture *fixture = *state;

	fixture_fill(fixture, 3);
	power_cut(fixture);
	assert_lasting(fixture, 3);
}

/* S3 and S6: the watermark that covered it may go, and then a sync may fail. */
static void
test_what_was_acknowledged_outlives_its_watermark_and_a_failed_sync(void **state)
{
	struct fixture *fixture = *state;
	struct repair_report report;

	for (unsigned passes = 0; passes < 2; passes++) { /* that of the log, and that of audit.csv */
		fixture_fill(fixture, 2);
		fixture_unlink(fixture, "watermark");
		disk_will(DISK_LOSES, passes);
		assert_read(fixture, STATUS_SYSTEM);
		assert_reason(fixture, "can't sync");
		assert_read(fixture, STATUS_SYSTEM);
		assert_reason(fixture, "repair, comes first");
		assert_repair(fixture, STATUS_OK, &report);
		assert_int_equal(report.cut, 0);
		assert_int_equal(report.proved.transactions, 2 + 3 * passes);
		assert_lasting(fixture, 2 + 3 * passes);
	}
}

static void
test_what_the_disk_has_not_is_cut_off(void **state)
{
	struct fixture *fixture = *state;
	struct repair_report report;

	fixture_fill(fixture, 2);
	for (unsigned passes = 0; passes < 2; passes++) {
		disk_will(DISK_LOSES, passes);
		assert_add(fixture,
		    PAIRS("note",
			"a line that is longer than what a page of this disk holds, "
			"so that some of it lies on a page of its own"),
		    STATUS_UNKNOWN);
		assert_repair(fixture, STATUS_OK, &report);
		assert_true(report.cut > 0);
		assert_int_equal(report.proved.transactions, 2 + passes);
		assert_lasting(fixture, 2 + passes);
	}
}

static void
test_what_the_disk_has_after_all_is_kept(void **state)
{
	struct fixture *fixture = *state;
	struct repair_report report;

	fixture_fill(fixture, 2);
	for (unsigned passes = 0; passes < 2; passes++) {
		disk_will(DISK_SCARES, passes);
		assert_add(fixture, PAIRS("note", "perhaps"), STATUS_UNKNOWN);
		assert_repair(fixture, STATUS_OK, &report);
		assert_int_equal(report.cut, 0);
		assert_int_equal(report.proved.transactions, 3 + 2 * passes);
		assert_lasting(fixture, 3 + 2 * passes);
	}
}

/* The log of a new table is in the cache still: bytes and length must be written anew to last. */
static void
test_what_only_memory_has_is_written_anew(void **state)
{
	struct fixture *fixture = *state;
	struct repair_report report;

	fixture_fill(fixture, 2);
	disk_will(DISK_LOSES, 2); /* after those of the new log and of its name */
	assert_add(fixture, PAIRS("other", "first"), STATUS_UNKNOWN);
	assert_repair(fixture, STATUS_OK, &report);
	assert_int_equal(report.proved.transactions, 3);
	assert_lasting(fixture, 3);
}

/* S6 lets anybody delete a mark, and so one that says "broken": what is shown then is on disk all the same. */
static void
test_a_broken_mark_may_be_deleted(void **state)
{
	struct fixture *fixture = *state;

	fixture_fill(fixture, 2);
	disk_will(DISK_LOSES, 2);
	assert_add(fixture, PAIRS("other", "first"), STATUS_UNKNOWN);
	fixture_unlink(fixture, "watermark");
	assert_lasting(fixture, 3);
	for (unsigned passes = 0; passes < 2; passes++) { /* that of the log, and that of audit.csv */
		disk_will(DISK_LOSES, passes);
		assert_add(fixture, PAIRS("note", "perhaps"), STATUS_UNKNOWN);
		fixture_unlink(fixture, "watermark");
		assert_lasting(fixture, 5 + 2 * passes);
	}
}

/* Nor does it help to delete it where the disk fails again. */
static void
test_what_can_not_be_written_anew_is_not_shown(void **state)
{
	struct fixture *fixture = *state;
	struct repair_report report;

	fixture_fill(fixture, 2);
	disk_will(DISK_LOSES, 0);
	assert_add(fixture, PAIRS("note", "perhaps"), STATUS_UNKNOWN);
	fixture_unlink(fixture, "watermark");
	disk_will(DISK_LOSES, 0);
	assert_read(fixture, STATUS_SYSTEM);
	assert_reason(fixture, "can't sync");
	assert_repair(fixture, STATUS_OK, &report);
	assert_true(report.cut > 0);
	assert_lasting(fixture, 2);
}

static void
test_a_repair_whose_sync_fails_cuts_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct repair_report report;
	off_t audit, note;

	fixture_fill(fixture, 2);
	disk_will(DISK_SCARES, 0);
	assert_add(fixture, PAIRS("note", "perhaps"), STATUS_UNKNOWN);
	fixture_append_text(fixture, "note.csv", "R4,4,to");
	audit = fixture_size(fixture, "audit.csv");
	note = fixture_size(fixture, "note.csv");
	for (unsigned passes = 0; passes < 2; passes++) {
		disk_will(DISK_SCARES, passes);
		assert_repair(fixture, STATUS_SYSTEM, &report);
		assert_reason(fixture, "can't sync");
		assert_int_equal(fixture_size(fixture, "audit.csv"), audit);
		assert_int_equal(fixture_size(fixture, "note.csv"), note);
		assert_add(fixture, PAIRS("note", "more"), STATUS_SYSTEM); /* still broken */
	}
	assert_repair(fixture, STATUS_OK, &report);
	assert_int_equal(report.cut, strlen("R4,4,to"));
	assert_lasting(fixture, 3);
}

/* There repair would not help: nor does it say so to one who may not even write. */
static void
test_a_history_that_was_cut_short_is_no_matter_of_repair(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;

	fixture_fill(fixture, 2);
	fixture_truncate(fixture, "audit.csv", AUDIT_HEADER_LENGTH);
	fixture_unlink(fixture, "watermark");
	store = fixture_open(fixture);
	store->writable = false;
	assert_status(fixture, snapshot_open(store, &snapshot, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "rewritten or cut short since you last saw it, at transaction 2");
	assert_null(strstr(fixture->error.faults[0].reason, "repair"));
	store_close(store);
}

static void
test_a_disk_that_lies_is_found_out(void **state)
{
	struct fixture *fixture = *state;
	struct repair_report report;

	fixture_fill(fixture, 2);
	disk_will(DISK_LOSES, 2);
	assert_add(fixture, PAIRS("other", "first"), STATUS_UNKNOWN);
	disk.lies = true;
	assert_repair(fixture, STATUS_SYSTEM, &report);
	assert_reason(fixture, "transaction 3 was written anew, and is not there");
	disk.lies = false;
	assert_repair(fixture, STATUS_OK, &report);
	assert_lasting(fixture, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_disk_keeps_what_was_synced),
		TEST(test_what_was_acknowledged_outlives_its_watermark_and_a_failed_sync),
		TEST(test_what_the_disk_has_not_is_cut_off),
		TEST(test_what_the_disk_has_after_all_is_kept),
		TEST(test_what_only_memory_has_is_written_anew),
		TEST(test_a_broken_mark_may_be_deleted),
		TEST(test_what_can_not_be_written_anew_is_not_shown),
		TEST(test_a_repair_whose_sync_fails_cuts_nothing),
		TEST(test_a_history_that_was_cut_short_is_no_matter_of_repair),
		TEST(test_a_disk_that_lies_is_found_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
