/*
 * fault_fixture: the system calls that the store makes, any of which can be made to fail.
 *
 * The functions below take the place of the C library's in the test that includes
 * this, before anything else.  Until fault_arm is called they do what those do, but
 * for syncing: nothing here outlives the test, so it is only counted.
 *
 * The ways of failing: an errno, once or from then on; or, where bytes are written,
 * half of them only.
 */
#ifndef FAULT_FIXTURE_H
#define FAULT_FIXTURE_H

#undef _FORTIFY_SOURCE /* which has functions of its own in the place of these */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>

#include "store_fixture.h"

enum { FAULT_HALF = -1 }; /* in the place of an errno */

struct faults {
	const char *only; /* the functions that are counted, with spaces between them, or NULL for all */
	unsigned at;      /* which call fails, from 1; 0: none */
	bool always;      /* and all later ones */
	int number;       /* errno */
	unsigned calls;   /* counted since fault_arm */
	const char *hit;  /* the function that failed first, or NULL */
};

static struct faults faults;

static inline void
fault_arm(const char *only, unsigned at, int number, bool always)
{
	faults = (struct faults){ .only = only, .at = at, .number = number, .always = always };
}

/* Nothing fails any more; the function that did, or NULL. */
static inline const char *
fault_disarm(void)
{
	const char *hit = faults.hit;

	faults = (struct faults){ .at = 0 };
	return hit;
}

static bool
fault_names(const char *list, const char *function)
{
	struct slice rest = slice_of(list);

	while (rest.length > 0)
		if (slice_is(slice_cut(&rest, ' '), function))
			return true;
	return false;
}

/* Whether this call is to go wrong, however.  Some calls come from threads. */
static bool
fault_due(const char *function)
{
	unsigned call;

	if (faults.only != NULL && !fault_names(faults.only, function))
		return false;
	call = __atomic_add_fetch(&faults.calls, 1, __ATOMIC_SEQ_CST);
	if (call != faults.at && !(faults.always && call > faults.at))
		return false;
	if (faults.hit == NULL)
		faults.hit = function;
	return true;
}

/* A sanitizer calls these functions before it is ready to look at memory. */
__attribute__((no_sanitize("address"))) static bool
fault_fails(const char *function)
{
	if (faults.at == 0 || !fault_due(function) || faults.number == FAULT_HALF)
		return false;
	errno = faults.number;
	return true;
}

/* How much of length is written. */
static size_t
fault_length(size_t length)
{
	bool here = faults.number == FAULT_HALF && faults.at > 0 && faults.calls == faults.at;

	return here && length > 1 ? length / 2 : length;
}

/* --- by number: these are the kernel's own --------------------------------------- */

/*
 * Whether name is one of the directories of blob/ that are not there.  All 256 are looked
 * for again and again, and to miss one is like missing another: the first stands for them.
 */
static bool
fault_is_empty_shelf(int directory, const char *name)
{
	return faults.at > 0 && strlen(name) == 2 && strspn(name, "0123456789abcdef") == 2 &&
	    strcmp(name, "00") != 0 && syscall(SYS_faccessat, directory, name, F_OK) != 0;
}

int
openat(int directory, const char *name, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	if (!fault_is_empty_shelf(directory, name) && fault_fails("openat"))
		return -1;
	return (int)syscall(SYS_openat, directory, name, flags, mode);
}

/* What is read in the place of /etc/passwd. */
static const char *fault_passwd;

int
open(const char *name, int flags, ...)
{
	va_list arguments;
	mode_t mode;

	va_start(arguments, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
	va_end(arguments);
	if (fault_passwd != NULL && strcmp(name, "/etc/passwd") == 0)
		name = fault_passwd;
	return fault_fails("open") ? -1 : (int)syscall(SYS_openat, AT_FDCWD, name, flags, mode);
}

/* What becomes of the two where the C library would rather check the flags itself. */
/* NOLINTBEGIN(bugprone-reserved-identifier) */
int __open64_2(const char *name, int flags);
int __openat64_2(int directory, const char *name, int flags);

int
__open64_2(const char *name, int flags)
{
	return open(name, flags, 0);
}

int
__openat64_2(int directory, const char *name, int flags)
{
	return openat(directory, name, flags, 0);
}
/* NOLINTEND(bugprone-reserved-identifier) */

int
fcntl(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return fault_fails("fcntl") ? -1 : (int)syscall(SYS_fcntl, fd, command, argument);
}

/* What fstat and fstatat found is told to this first, which may make something else of it. */
static void (*fault_alter)(const char *function, struct stat *status);

static int
fault_stat(const char *function, int result, struct stat *status)
{
	if (result == 0 && fault_alter != NULL)
		fault_alter(function, status);
	return result;
}

int
fstat(int fd, struct stat *status)
{
	if (fault_fails("fstat"))
		return -1;
	return fault_stat("fstat", (int)syscall(SYS_fstat, fd, status), status);
}

int
fstatat(int directory, const char *name, struct stat *status, int flags)
{
	if (fault_fails("fstatat"))
		return -1;
	return fault_stat("fstatat", (int)syscall(SYS_newfstatat, directory, name, status, flags), status);
}

int
lstat(const char *name, struct stat *status)
{
	if (fault_fails("lstat"))
		return -1;
	return fault_stat("lstat", (int)syscall(SYS_newfstatat, AT_FDCWD, name, status, AT_SYMLINK_NOFOLLOW),
	    status);
}

int
fstatfs(int fd, struct statfs *status)
{
	return fault_fails("fstatfs") ? -1 : (int)syscall(SYS_fstatfs, fd, status);
}

int
fchmod(int fd, mode_t mode)
{
	return fault_fails("fchmod") ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

int
futimens(int fd, const struct timespec times[2])
{
	return fault_fails("futimens") ? -1 : (int)syscall(SYS_utimensat, fd, NULL, times, 0);
}

int
mkdirat(int directory, const char *name, mode_t mode)
{
	return fault_fails("mkdirat") ? -1 : (int)syscall(SYS_mkdirat, directory, name, mode);
}

int
mkdir(const char *name, mode_t mode)
{
	return fault_fails("mkdir") ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, name, mode);
}

int
unlinkat(int directory, const char *name, int flags)
{
	return fault_fails("unlinkat") ? -1 : (int)syscall(SYS_unlinkat, directory, name, flags);
}

int
linkat(int from, const char *old, int to, const char *name, int flags)
{
	return fault_fails("linkat") ? -1 : (int)syscall(SYS_linkat, from, old, to, name, flags);
}

int
renameat(int from, const char *old, int to, const char *name)
{
	return fault_fails("renameat") ? -1 : (int)syscall(SYS_renameat, from, old, to, name);
}

int
rename(const char *old, const char *name)
{
	return fault_fails("rename") ? -1 : (int)syscall(SYS_renameat, AT_FDCWD, old, AT_FDCWD, name);
}

ssize_t
readlink(const char *name, char *out, size_t size)
{
	return fault_fails("readlink") ? -1 : (ssize_t)syscall(SYS_readlinkat, AT_FDCWD, name, out, size);
}

int
ftruncate(int fd, off_t length)
{
	return fault_fails("ftruncate") ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

ssize_t
read(int fd, void *data, size_t length)
{
	return fault_fails("read") ? -1 : (ssize_t)syscall(SYS_read, fd, data, length);
}

ssize_t
pread(int fd, void *data, size_t length, off_t offset)
{
	return fault_fails("pread") ? -1 : (ssize_t)syscall(SYS_pread64, fd, data, length, offset);
}

ssize_t
write(int fd, const void *data, size_t length)
{
	return fault_fails("write") ? -1 : (ssize_t)syscall(SYS_write, fd, data, fault_length(length));
}

ssize_t
pwrite(int fd, const void *data, size_t length, off_t offset)
{
	return fault_fails("pwrite") ? -1
				     : (ssize_t)syscall(SYS_pwrite64, fd, data, fault_length(length), offset);
}

ssize_t
writev(int fd, const struct iovec *pieces, int count)
{
	return fault_fails("writev") ? -1 : (ssize_t)syscall(SYS_writev, fd, pieces, count);
}

#ifdef __GLIBC__
/* A library that was not built for large files calls the same by other names. */
int fault_plain_open(const char *name, int flags, mode_t mode) __asm__("open");
ssize_t fault_plain_pwrite(int fd, const void *data, size_t length, off_t offset) __asm__("pwrite");

int
fault_plain_open(const char *name, int flags, mode_t mode)
{
	return open(name, flags, mode);
}

ssize_t
fault_plain_pwrite(int fd, const void *data, size_t length, off_t offset)
{
	return pwrite(fd, data, length, offset);
}
#endif

int
fsync(int fd)
{
	(void)fd;
	return fault_fails("fsync") ? -1 : 0;
}

int
fdatasync(int fd)
{
	(void)fd;
	return fault_fails("fdatasync") ? -1 : 0;
}

void *
mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	/* The C library maps memory of its own, for threads and large buffers. */
	if (fd >= 0 && fault_fails("mmap"))
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset); /* NOLINT */
}

ssize_t
getrandom(void *out, size_t length, unsigned flags)
{
	return fault_fails("getrandom") ? -1 : (ssize_t)syscall(SYS_getrandom, out, length, flags);
}

/* --- by name: these are more than a call of the kernel ------------------------------- */

/* The C library's own; where it has two it is the one for large files that is replaced here. */
static void *
fault_real(const char *name, const char *other)
{
	void *real = dlsym(RTLD_NEXT, name);

	return real != NULL ? real : dlsym(RTLD_NEXT, other);
}

struct dirent *
readdir(DIR *directory)
{
	static struct dirent *(*real)(DIR *);

	if (real == NULL)
		*(void **)&real = fault_real("readdir64", "readdir");
	return fault_fails("readdir") ? NULL : real(directory);
}

DIR *
fdopendir(int fd)
{
	static DIR *(*real)(int);

	if (real == NULL)
		*(void **)&real = fault_real("fdopendir", "fdopendir");
	return fault_fails("fdopendir") ? NULL : real(fd);
}

/* Whether a new thread gets a while for itself. */
static bool fault_patient;

int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
	static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	int result;

	if (real == NULL)
		*(void **)&real = fault_real("pthread_create", "pthread_create");
	if (fault_fails("pthread_create"))
		return errno;
	result = real(thread, attributes, start, argument);
	if (fault_patient)
		usleep(100 * 1000);
	return result;
}

/* Who is found instead of who there is. */
static int (*fault_user)(struct passwd *entry, struct passwd **found);

int
getpwuid_r(uid_t user, struct passwd *entry, char *memory, size_t size, struct passwd **found)
{
	static int (*real)(uid_t, struct passwd *, char *, size_t, struct passwd **);

	if (real == NULL)
		*(void **)&real = fault_real("getpwuid_r", "getpwuid_r");
	*found = NULL;
	if (fault_user != NULL)
		return fault_user(entry, found);
	return fault_fails("getpwuid_r") ? errno : real(user, entry, memory, size, found);
}

/* --- what the next one finds ------------------------------------------------------------ */

/* Whether a failed sync has broken the store. */
static inline bool
fault_broke(struct fixture *fixture, struct store *store)
{
	struct watermark mark = { .kind = WATERMARK_NONE };
	uint64_t size;

	assert_status(fixture, watermark_read(store, &size, &mark, &fixture->error), STATUS_OK);
	watermark_release(&mark);
	return mark.broken;
}

/* Mends the store if it is broken; otherwise it must do without. */
static inline void
fault_mend(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	struct repair_report report;

	if (fault_broke(fixture, store)) {
		assert_status(fixture, store_mend(store, &report, &fixture->error), STATUS_OK);
		assert_true(report.broken);
	}
	store_close(store);
}

/* The transactions that are there, between least and most; and that there can be more. */
static inline void
fault_assert_found(struct fixture *fixture, uint64_t least, uint64_t most)
{
	struct store *store;
	uint64_t tx;

	fault_mend(fixture);
	tx = fixture_tx(fixture);
	assert_in_range(tx, least, most);
	store = fixture_open(fixture);
	assert_status(fixture, fixture_add(fixture, store, PAIRS("note", "later")), STATUS_OK);
	store_close(store);
	assert_int_equal(fixture_tx(fixture), tx + 1);
}

/* --- sweeping ------------------------------------------------------------------------- */

/* Something that is done to a store, and judged by what it says and what is found then. */
struct deed {
	const char *name;
	void (*prepare)(struct fixture *fixture);
	enum status (*act)(struct fixture *fixture);
	/* fails the test unless what is there is what status promises */
	void (*judge)(struct fixture *fixture, enum status status);
};

enum { FAULT_CALLS_MOST = 2000 };

/* What is open; a leak shows in it. */
static inline int
fault_lowest_free(void)
{
	int fd = dup(STDIN_FILENO);

	assert_true(fd >= 0);
	close(fd);
	return fd;
}

/* One deed with one fault; the function that failed, or NULL when there are no so many calls. */
static inline const char *
fault_one(const struct deed *deed, const char *only, unsigned at, int number, bool always)
{
	void *state = NULL;
	struct fixture *fixture;
	enum status status;
	const char *hit;
	int before;

	/* in memory, where there is such a place: there are thousands of them */
	assert_int_equal(fixture_setup_in(&state, access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"), 0);
	fixture = state;
	deed->prepare(fixture);
	before = fault_lowest_free();
	fault_arm(only, at, number, always);
	status = deed->act(fixture);
	hit = fault_disarm();
	if (getenv("FAULT_TRACE") != NULL)
		fprintf(stderr, "# %s: call %u, %s: status %d, %s\n", deed->name, at, hit != NULL ? hit : "none",
		    status, fixture->error.count > 0 ? fixture->error.faults[0].reason : "");
	assert_int_equal(fault_lowest_free(), before);
	if (hit == NULL)
		assert_status(fixture, status, STATUS_OK);
	if (number == EINTR || number == FAULT_HALF) /* no faults: they are to be gone on after */
		assert_status(fixture, status, STATUS_OK);
	deed->judge(fixture, status);
	fixture_teardown(&state);
	return hit;
}

/* A deed with every call of `only` (NULL: of everything) failing in turn. */
static inline void
fault_sweep(const struct deed *deed, const char *only, int number, bool always)
{
	unsigned at = 1;

	while (fault_one(deed, only, at, number, always) != NULL) {
		at++;
		assert_true(at < FAULT_CALLS_MOST);
	}
	if (only == NULL)
		assert_true(at > 1);
}

/* The ways to fail that every deed must stand. */
static inline void
fault_sweep_all(const struct deed *deed)
{
	static const char *const restarted[] = { "pread", "pwrite", "write", "getrandom", "fcntl" };

	fault_sweep(deed, NULL, EIO, false);
	fault_sweep(deed, NULL, EIO, true);
	fault_sweep(deed, NULL, EACCES, false);
	fault_sweep(deed, "pwrite", FAULT_HALF, false);
	fault_sweep(deed, "write", FAULT_HALF, false);
	for (size_t i = 0; i < sizeof restarted / sizeof *restarted; i++)
		fault_sweep(deed, restarted[i], EINTR, false);
}

static inline void
fault_test(void **state)
{
	fault_sweep_all(*state);
}

/* One test for each deed: the status is the truth, whatever fails. */
static inline int
fault_run(const struct deed *deeds, size_t count)
{
	struct CMUnitTest *tests = memory_array(count, sizeof *tests);
	int failed;

	for (size_t i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest){ .name = deeds[i].name,
			.test_func = fault_test,
			.initial_state = (void *)(uintptr_t)&deeds[i] };
	failed = _cmocka_run_group_tests("faults", tests, count, NULL, NULL);
	free(tests);
	return failed;
}

#endif
