/* store: what belongs to an open store and to no step of its life */
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/guard.h"
#include "store/index_internal.h"

enum { ACTOR_LONGEST = 64, PASSWD_SIZE = 16384, PASSWD_MAX = 1 << 20 };

struct store *
store_allocate(const char *path)
{
	struct store *store = memory_new(sizeof *store);

	store->directory = store->audit = store->mark = store->head_file = -1;
	store->path = path != NULL ? memory_copy(path, strlen(path)) : NULL;
	return store;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	pending_close(store);
	index_place_close(store);
	if (store->audit >= 0)
		close(store->audit); /* and with it go the locks */
	if (store->mark >= 0)
		close(store->mark);
	if (store->head_file >= 0)
		close(store->head_file);
	if (store->directory >= 0)
		close(store->directory);
	state_release(&store->head);
	state_release(&store->floor);
	buffer_release(&store->warnings);
	free(store->pending);
	free(store->path);
	free(store->login);
	free(store->actor);
	free(store->head_path);
	free(store);
}

const char *
store_uuid(const struct store *store)
{
	return store->uuid;
}

const char *
store_path(const struct store *store)
{
	return store->path;
}

bool
store_writable(const struct store *store)
{
	return store->writable;
}

struct slice
store_warnings(const struct store *store)
{
	return buffer_slice(&store->warnings);
}

void
store_guard(struct store *store)
{
	if (!store->guarded)
		guard_logs();
	store->guarded = true;
}

void
store_warn(struct store *store, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	buffer_add_text(&store->warnings, text);
	buffer_add_char(&store->warnings, '\n');
}

enum status
store_damage(const struct store *store, struct error *error, const char *name, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return error_set(error, STATUS_SYSTEM, "%s/%s: %s", store->path, name, text);
}

static bool
login_valid(struct slice name)
{
	return name.length > 0 && name.length < ACTOR_LONGEST && text_check(name, NULL) == TEXT_OK;
}

/* The name that /etc/passwd has for uid; NULL when it has none. */
static char *
local_name(uid_t uid)
{
	struct buffer text = BUFFER_INIT;
	struct slice rest;
	char *found = NULL;

	if (file_load("/etc/passwd", &text, PASSWD_MAX)) {
		for (rest = buffer_slice(&text); rest.data != NULL && found == NULL;) {
			struct slice line = slice_cut(&rest, '\n'), name = slice_cut(&line, ':');
			uint64_t number;

			(void)slice_cut(&line, ':');
			if (number_parse(slice_cut(&line, ':'), &number) && number == uid && login_valid(name))
				found = memory_copy(name.data, name.length);
		}
	}
	buffer_release(&text);
	return found;
}

/* The name that the name service has for uid, wherever it is kept; NULL when it has none. */
static char *
service_name(uid_t uid)
{
	char *memory = memory_new(PASSWD_SIZE), *name = NULL;
	struct passwd entry, *found = NULL;

	if (getpwuid_r(uid, &entry, memory, PASSWD_SIZE, &found) == 0 && found != NULL &&
	    login_valid(slice_of(found->pw_name)))
		name = memory_copy(found->pw_name, strlen(found->pw_name));
	free(memory);
	return name;
}

const char *
store_login(struct store *store)
{
	uid_t uid = getuid();

	/* The file first, as everywhere: to set the name service going takes longer than all else here. */
	if (store->login == NULL)
		store->login = local_name(uid);
	if (store->login == NULL)
		store->login = service_name(uid);
	if (store->login == NULL)
		store->login = memory_format("%" PRIuMAX, (uintmax_t)uid);
	return store->login;
}

const char *
store_actor(struct store *store)
{
	const char *name, *claim = getenv("SUDO_USER");

	if (store->actor != NULL)
		return store->actor;
	name = store_login(store);
	/* Anybody can say so; it is noted, and never the other way round. */
	if (claim != NULL && strcmp(claim, name) != 0 && login_valid(slice_of(claim)))
		store->actor = memory_format("%s(%s)", name, claim);
	else
		store->actor = memory_copy(name, strlen(name));
	return store->actor;
}
