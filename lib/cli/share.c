/* share: beside the program first, so that a tree that was moved still works */
#include "cli/share.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/memory.h"

enum { DIRECTORY_MAX = 4096 };

/* The part of a path before its last slash; NULL when it has none. */
static char *
directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? memory_copy(path, (size_t)(slash - path)) : NULL;
}

char *
share_program_directory(void)
{
	char path[DIRECTORY_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

	if (length <= 0 || (size_t)length == sizeof path - 1)
		return NULL;
	path[length] = '\0';
	return directory_of(path);
}

/*
 * Where the program was called by name, which is most often where it lies: the kernel hands
 * that over, while /proc/self takes more time than all else that is asked of the kernel here.
 * Who calls a program with more rights than he has may name it as he likes.
 */
static char *
called_directory(void)
{
	const char *path = (const char *)getauxval(AT_EXECFN);

	return path != NULL && getauxval(AT_SECURE) == 0 ? directory_of(path) : NULL;
}

/* The directories that may be it are looked at one after the other, until one is. */
struct search {
	share_look *look;
	void *context;
	struct error *error;
	char *found;
};

static enum status
try_directory(struct search *search, const char *directory, const char *suffix)
{
	char *path = memory_format("%s%s", directory, suffix);
	enum status status = search->look(path, search->context, search->error);

	if (status == STATUS_OK)
		search->found = path;
	else
		free(path);
	return status;
}

/* Beside a program in this directory, which may be NULL; frees it. */
static enum status
try_beside(struct search *search, char *directory)
{
	enum status status = directory != NULL ? try_directory(search, directory, "/../share/bo") : STATUS_NO;

	free(directory);
	return status;
}

static const char *
named_directory(void)
{
	const char *named = getauxval(AT_SECURE) != 0 ? NULL : getenv("BO_SHARE");

	return named != NULL && named[0] != '\0' ? named : NULL;
}

enum status
share_visit(share_look *look, void *context, char **found, struct error *error)
{
	struct search search = { .look = look, .context = context, .error = error };
	const char *named = named_directory();
	enum status status;

	if (named != NULL) {
		status = try_directory(&search, named, "");
	} else {
		status = try_beside(&search, called_directory());
		if (status == STATUS_NO)
			status = try_beside(&search, share_program_directory());
		if (status == STATUS_NO)
			status = try_directory(&search, BO_PREFIX_SHARE, "");
	}
	*found = search.found;
	if (status == STATUS_NO && named != NULL)
		return error_set(error, STATUS_SYSTEM, "no tables.csv in $BO_SHARE: \"%s\"", named);
	if (status == STATUS_NO)
		return error_set(error, STATUS_SYSTEM,
		    "the tables that belong to bo are not there (looked in \"%s\")", BO_PREFIX_SHARE);
	return status;
}

static enum status
holds_tables(const char *directory, void *context, struct error *error)
{
	char *path = memory_format("%s/tables.csv", directory);
	bool there = access(path, R_OK) == 0;

	(void)context;
	(void)error;
	free(path);
	return there ? STATUS_OK : STATUS_NO;
}

char *
share_find(struct error *error)
{
	char *found;

	(void)share_visit(holds_tables, NULL, &found, error);
	return found;
}
