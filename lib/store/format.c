/* format: finding and opening a store */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/internal.h"

#define FORMAT_NAME "bo.format"

enum { FORMAT_LONGEST = 256, GROUPS_MOST = 256, LEVELS_MOST = 256 };

/* Not in <linux/magic.h>, or not in every version of it. */
enum { MAGIC_XFS = 0x58465342, MAGIC_ZFS = 0x2fc12fc1, MAGIC_F2FS = (int)0xf2f52010 };

/*
 * Only local file systems: over a network locks work, but cached lengths do not,
 * and acknowledged work was lost when it was tried.
 */
static bool
is_local(int directory)
{
	struct statfs status;

	if (fstatfs(directory, &status) != 0)
		return false;
	switch ((unsigned)status.f_type) {
	case EXT4_SUPER_MAGIC: /* ext2 and ext3 too */
	case MAGIC_XFS:
	case BTRFS_SUPER_MAGIC:
	case (unsigned)MAGIC_F2FS:
	case MAGIC_ZFS:
	case OVERLAYFS_SUPER_MAGIC:
	case TMPFS_MAGIC:
		return true;
	default:
		errno = 0;
		return false;
	}
}

enum status
store_check_local(int directory, const char *path, struct error *error)
{
	if (is_local(directory))
		return STATUS_OK;
	if (errno != 0)
		return error_set(error, STATUS_SYSTEM, "%s: can't look at its file system:", path);
	return error_set(error, STATUS_SYSTEM,
	    "%s: on a network or unknown file system, where a store would lose work; see bo(5)", path);
}

/* "bo 1 <uuid>\n", and nothing else. */
static enum status
parse_format(const char *path, struct slice text, char uuid[UUID_SIZE], struct error *error)
{
	struct slice line = slice_cut(&text, '\n'), rest = line;
	uint64_t version;

	if (text.data == NULL || text.length > 0 || !slice_is(slice_cut(&rest, ' '), "bo") ||
	    !number_parse(slice_cut(&rest, ' '), &version))
		return error_set(error, STATUS_SYSTEM, "%s/" FORMAT_NAME ": not what bo-init writes", path);
	if (version != 1)
		return error_set(error, STATUS_SYSTEM, "%s: a store of format %llu; this program knows format 1",
		    path, (unsigned long long)version);
	/* Files are named after it, so it had better be no path. */
	if (!uuid_valid(rest))
		return error_set(error, STATUS_SYSTEM, "%s/" FORMAT_NAME ": not what bo-init writes", path);
	memcpy(uuid, rest.data, rest.length);
	uuid[rest.length] = '\0';
	return STATUS_OK;
}

static enum status
read_format(struct store *store, struct error *error)
{
	char text[FORMAT_LONGEST];
	struct stat status;
	ssize_t got;
	int fd = plain_open(store->directory, FORMAT_NAME, O_RDONLY, &status);

	if (fd < 0 && errno == ENOENT)
		return error_set(error, STATUS_SYSTEM,
		    "not a store: %s (no " FORMAT_NAME "); make one with bo-init", store->path);
	if (fd < 0)
		return file_fault(store, error, FORMAT_NAME, "open");
	got = plain_read(fd, text, sizeof text);
	if (got < 0)
		file_fault(store, error, FORMAT_NAME, "read");
	close(fd);
	if (got < 0)
		return STATUS_SYSTEM;
	return parse_format(store->path, (struct slice){ text, (size_t)got }, store->uuid, error);
}

enum status
store_open_audit(struct store *store, struct error *error)
{
	struct stat status;
	bool writable = true;
	int fd = plain_open(store->directory, AUDIT_NAME, O_RDWR, &status);

	if (fd < 0 && (errno == EACCES || errno == EROFS || errno == EPERM)) {
		writable = false;
		fd = plain_open(store->directory, AUDIT_NAME, O_RDONLY, &status);
	}
	if (fd < 0)
		return file_fault(store, error, AUDIT_NAME, "open");
	if (store->audit >= 0) {
		close(store->audit);
		store->generation++;
	}
	store->audit = fd;
	store->writable = writable;
	store->inode = (uint64_t)status.st_ino;
	store->device = status.st_dev;
	store->opened_size = (uint64_t)status.st_size;
	if ((uint64_t)status.st_size < AUDIT_HEADER_LENGTH)
		return store_damage(store, error, AUDIT_NAME, "lacks its header");
	return STATUS_OK;
}

/* Whether the user belongs to a group. */
static bool
in_group(gid_t group)
{
	gid_t groups[GROUPS_MOST];
	int count;

	if (group == getgid() || group == getegid())
		return true;
	count = getgroups(GROUPS_MOST, groups);
	for (int i = 0; i < count; i++)
		if (groups[i] == group)
			return true;
	return false;
}

/*
 * A store that nobody named must be one that somebody trusted made.  *why is left alone
 * where there is none, else NULL, or why it is not taken.
 */
static bool
is_trusted(int directory, const char **why)
{
	struct stat status;
	int fd = plain_open(directory, FORMAT_NAME, O_RDONLY, &status);

	if (fd < 0) {
		*why = errno == EACCES ? "you may not read it" : *why;
		return false;
	}
	close(fd);
	*why = NULL;
	if (status.st_uid != getuid() && status.st_uid != 0 && !in_group(status.st_gid))
		*why = "it belongs to somebody else";
	else if ((status.st_mode & S_IWOTH) != 0)
		*why = "anybody may write to it";
	return *why == NULL;
}

static bool
same_directory(int one, int other)
{
	struct stat a, b;

	return fstat(one, &a) != 0 || fstat(other, &b) != 0 || (a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

/* What /proc knows; it takes as long as opening a store's files. */
static char *
path_of(int directory)
{
	char name[64], path[PATH_MAX];
	ssize_t length;

	snprintf(name, sizeof name, "/proc/self/fd/%d", directory);
	length = readlink(name, path, sizeof path - 1);
	return length > 0 ? memory_copy(path, (size_t)length) : NULL;
}

/*
 * The nearest directory from here up that holds a trusted store; -1 when there is none.
 * *other is then the path of the nearest one that is not trusted, and *why says why, or NULL.
 */
static int
find_upwards(char **other, const char **why)
{
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; here >= 0 && i < LEVELS_MOST; i++) {
		const char *reason = NULL;
		int parent;

		if (is_trusted(here, &reason))
			return here;
		if (reason != NULL && *other == NULL) {
			*other = path_of(here);
			*why = reason;
		}
		parent = openat(here, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (parent < 0 || same_directory(here, parent)) {
			if (parent >= 0)
				close(parent);
			break;
		}
		close(here);
		here = parent;
	}
	if (here >= 0)
		close(here);
	return -1;
}

static enum status
open_found(struct store *store, struct error *error)
{
	char *other = NULL;
	const char *why = NULL;

	store->directory = find_upwards(&other, &why);
	if (store->directory >= 0) {
		store->path = path_of(store->directory);
		store->straight = store->path != NULL;
		if (store->path == NULL)
			store->path = memory_copy(".", 1);
	} else if (other != NULL)
		error_set(error, STATUS_SYSTEM,
		    "there is a store in %s, but %s: if it is meant, name it with -d or BO_STORE", other, why);
	else
		error_set(error, STATUS_SYSTEM,
		    "no store here or above; name one with -d or BO_STORE, or make one with bo-init");
	free(other);
	return store->directory >= 0 ? STATUS_OK : STATUS_SYSTEM;
}

/* Opens a directory, if the kernel knows that no symbolic link is on the way to it. */
static int
open_straight(const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS };

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

/* The real path by its parts alone, which a straight one has; NULL where ".." is one of them. */
static char *
path_by_parts(const char *path)
{
	char here[PATH_MAX];
	struct buffer out = BUFFER_INIT;
	struct slice rest = slice_of(path);

	here[0] = '\0';
	if (path[0] != '/' && (getcwd(here, sizeof here) == NULL || here[0] != '/'))
		return NULL;
	buffer_add_text(&out, strcmp(here, "/") != 0 ? here : "");
	while (rest.data != NULL) {
		struct slice part = slice_cut(&rest, '/');

		if (slice_is(part, "..")) {
			buffer_release(&out);
			return NULL;
		}
		if (part.length == 0 || slice_is(part, "."))
			continue;
		buffer_add_char(&out, '/');
		buffer_add_slice(&out, part);
	}
	if (out.length == 0)
		buffer_add_char(&out, '/');
	return out.data;
}

char *
store_real_path(const struct store *store)
{
	char *path = store->straight ? path_by_parts(store->path) : NULL;

	return path != NULL ? path : path_of(store->directory);
}

static enum status
open_directory(struct store *store, const char *directory, struct error *error)
{
	if (directory == NULL)
		directory = getenv("BO_STORE");
	if (directory != NULL && directory[0] != '\0') {
		store->path = memory_copy(directory, strlen(directory));
		store->directory = open_straight(directory);
		store->straight = store->directory >= 0;
		if (!store->straight)
			store->directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (store->directory < 0)
			return error_set(error, STATUS_SYSTEM, "%s: can't open the store:", directory);
		return STATUS_OK;
	}
	return open_found(store, error);
}

/*
 * S8: were 0, 1 or 2 closed, the store's files would be opened there, and the
 * next message printed into a log.
 */
static enum status
keep_off_standard(struct store *store, struct error *error)
{
	int moved;

	if (store->directory > STDERR_FILENO)
		return STATUS_OK;
	moved = fcntl(store->directory, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (moved < 0)
		return error_set(error, STATUS_SYSTEM, "%s: can't open the store:", store->path);
	close(store->directory);
	store->directory = moved;
	if (!file_standard_descriptors())
		return error_set(error, STATUS_SYSTEM, "/dev/null: can't open:");
	return STATUS_OK;
}

enum status
store_open(const char *directory, struct store **out, struct error *error)
{
	struct store *store = store_allocate(NULL);
	enum status status;

	status = open_directory(store, directory, error);
	if (status == STATUS_OK)
		status = keep_off_standard(store, error);
	if (status == STATUS_OK)
		status = store_check_local(store->directory, store->path, error);
	if (status == STATUS_OK)
		status = read_format(store, error);
	if (status == STATUS_OK)
		status = store_open_audit(store, error);
	if (status != STATUS_OK)
		store_close(store);
	*out = status == STATUS_OK ? store : NULL;
	return status;
}
