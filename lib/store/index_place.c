/* index_place: where a user's indexes are, and whether there are any */
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/index_internal.h"

enum {
	SMALL = 256 * 1024,  /* bytes of a log that are read as fast as an index is opened */
	BEHIND = 128 * 1024, /* bytes that are read rather than indexed again */
	BEHIND_PART = 512    /* or this part of the log, if that is more */
};

enum index_mode { MODE_AUTO, MODE_OFF, MODE_ON, MODE_ALWAYS };

/* secure: under setgid the user must not aim our writes, and there is no index */
static enum index_mode
index_mode(void)
{
	const char *mode = secure_getenv("BO_INDEX");

	if (mode == NULL)
		return MODE_AUTO;
	if (strcmp(mode, "off") == 0)
		return MODE_OFF;
	if (strcmp(mode, "always") == 0)
		return MODE_ALWAYS;
	return strcmp(mode, "on") == 0 ? MODE_ON : MODE_AUTO;
}

enum status
index_settings(struct error *error)
{
	const char *mode = secure_getenv("BO_INDEX"), *cache = secure_getenv("BO_CACHE");

	if (mode != NULL && mode[0] != '\0' && index_mode() == MODE_AUTO)
		return error_set(error, STATUS_USAGE, "BO_INDEX: not off, on or always: \"%s\"", mode);
	if (cache != NULL && cache[0] != '\0' && cache[0] != '/')
		return error_set(error, STATUS_USAGE, "BO_CACHE: not a path from the root: \"%s\"", cache);
	return STATUS_OK;
}

static char *
find_path(const struct store *store)
{
	const char *named = secure_getenv("BO_CACHE"), *cache = secure_getenv("XDG_CACHE_HOME"),
		   *home = secure_getenv("HOME");

	if (named != NULL && named[0] == '/')
		return memory_format("%s/%s", named, store->uuid);
	if (cache != NULL && cache[0] == '/')
		return memory_format("%s/bo/%s", cache, store->uuid);
	if (home != NULL && home[0] == '/')
		return memory_format("%s/.cache/bo/%s", home, store->uuid);
	return NULL;
}

const char *
index_refuses(const struct store *store, int fd, bool directory, struct stat *status)
{
	struct error ignored = ERROR_INIT;
	bool local;

	if (fstat(fd, status) != 0)
		return strerror(errno);
	if (!(directory ? S_ISDIR(status->st_mode) : S_ISREG(status->st_mode)))
		return directory ? "it is no directory" : "it is no file";
	if (status->st_uid != (uid_t)getauxval(AT_EUID) || (status->st_mode & 022) != 0)
		return "it is not yours alone";
	if (status->st_dev == store->device || index_mode() != MODE_AUTO)
		return NULL;
	local = store_check_local(fd, "", &ignored) == STATUS_OK;
	error_release(&ignored);
	return local ? NULL : "it is on a network file system";
}

/* What is wrong with the directory; NULL when nothing is. */
static const char *
look_at(const struct store *store, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;
	const char *why;

	if (fd < 0)
		return errno == ENOENT ? NULL : strerror(errno);
	why = index_refuses(store, fd, true, &status);
	close(fd);
	return why;
}

const struct index_place *
index_place(struct store *store)
{
	struct index_place *place = &store->index;

	if (!place->looked) {
		place->looked = true;
		place->path = find_path(store);
		if (index_mode() == MODE_OFF)
			place->why = "BO_INDEX=off";
		else if (place->path == NULL)
			place->why = "no directory to keep it in is named";
	}
	return place;
}

bool
index_place_make(struct store *store)
{
	struct index_place *place = &store->index;

	index_place(store);
	if (place->why == NULL && !place->made) {
		place->made = true;
		plain_directories(place->path);
		place->why = mkdir(place->path, 0700) == 0 || errno == EEXIST ? look_at(store, place->path)
									      : "its directory can't be made";
	}
	return place->why == NULL;
}

void
index_place_close(struct store *store)
{
	free(store->index.path);
	store->index = (struct index_place){ .looked = false };
}

const char *
index_where(struct store *store)
{
	return index_mode() != MODE_OFF ? index_place(store)->path : NULL;
}

const char *
index_directory(struct store *store, const char **why)
{
	const struct index_place *place = index_place(store);

	*why = place->why != NULL ? place->why : look_at(store, place->path);
	return *why == NULL ? place->path : NULL;
}

bool
index_wanted(struct store *store, uint64_t length)
{
	if (length == 0 || (length < SMALL && index_mode() != MODE_ALWAYS))
		return false;
	return index_place(store)->why == NULL;
}

bool
index_outgrown(uint64_t scanned, uint64_t length)
{
	uint64_t behind = length - scanned;

	if (index_mode() == MODE_ALWAYS)
		return behind > 0;
	return behind > BEHIND && behind > length / BEHIND_PART;
}

static bool
is_ours(const char *name)
{
	const char *end = strstr(name, INDEX_SUFFIX);

	return end != NULL && end > name &&
	    (end[sizeof INDEX_SUFFIX - 1] == '\0' || end[sizeof INDEX_SUFFIX - 1] == '.');
}

enum status
index_drop(struct store *store, size_t *count, struct error *error)
{
	const struct index_place *place = index_place(store);
	enum status status = STATUS_OK;
	struct dirent *entry;
	size_t dropped = 0;
	DIR *directory;

	if (count != NULL)
		*count = 0;
	if (place->path == NULL)
		return STATUS_OK;
	directory = opendir(place->path);
	if (directory == NULL)
		return errno == ENOENT ? STATUS_OK
				       : error_set(error, STATUS_SYSTEM, "%s: can't read:", place->path);
	while ((entry = readdir(directory)) != NULL) {
		if (!is_ours(entry->d_name))
			continue;
		if (unlinkat(dirfd(directory), entry->d_name, 0) == 0)
			dropped++;
		else if (errno != ENOENT)
			status = error_set(error, STATUS_SYSTEM, "%s/%s: can't remove:", place->path,
			    entry->d_name);
	}
	closedir(directory);
	if (count != NULL)
		*count = dropped;
	return status;
}
