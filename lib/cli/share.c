/* share: beside the program first, so that a tree that was moved still works */
#include "cli/share.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/memory.h"

enum { DIRECTORY_MAX = 4096, LEVELS_UP = 4 };

char *
share_program_directory(void)
{
	char path[DIRECTORY_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
	char *slash;

	if (length <= 0 || (size_t)length == sizeof path - 1)
		return NULL;
	path[length] = '\0';
	slash = strrchr(path, '/');
	return slash != NULL ? memory_copy(path, (size_t)(slash - path)) : NULL;
}

static bool
holds_tables(const char *directory)
{
	char *path = memory_format("%s/tables.csv", directory);
	bool there = access(path, R_OK) == 0;

	free(path);
	return there;
}

/* directory/suffix if it has the tables; free() it. */
static char *
try_directory(const char *directory, const char *suffix)
{
	char *path = memory_format("%s%s", directory, suffix);

	if (holds_tables(path))
		return path;
	free(path);
	return NULL;
}

/* build/bin, build/clang/bin …: the source tree's share/ is some levels up. */
static char *
search_source_tree(char *directory)
{
	char *found = NULL;

	for (int level = 0; level < LEVELS_UP && found == NULL; level++) {
		char *slash = strrchr(directory, '/');

		if (slash == NULL)
			break;
		*slash = '\0';
		if (strcmp(slash + 1, "build") == 0)
			return try_directory(directory, "/share");
	}
	return found;
}

static char *
search(void)
{
	const char *named = getauxval(AT_SECURE) != 0 ? NULL : getenv("BO_SHARE");
	char *directory, *found = NULL;

	if (named != NULL && named[0] != '\0')
		return try_directory(named, "");
	directory = share_program_directory();
	if (directory != NULL) {
		found = try_directory(directory, "/../share/bo");
		if (found == NULL)
			found = search_source_tree(directory);
	}
	free(directory);
	return found != NULL ? found : try_directory(BO_PREFIX_SHARE, "");
}

char *
share_find(struct error *error)
{
	char *found = search();
	const char *named = getenv("BO_SHARE");

	if (found == NULL && named != NULL && named[0] != '\0')
		error_set(error, STATUS_SYSTEM, "no tables.csv in $BO_SHARE: \"%s\"", named);
	else if (found == NULL)
		error_set(error, STATUS_SYSTEM,
		    "the tables that belong to bo are not there (looked in \"%s\")", BO_PREFIX_SHARE);
	return found;
}
