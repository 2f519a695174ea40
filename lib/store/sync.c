/*
 * sync: several files made durable together.
 *
 * A disk that is asked for one file after the other is waited for as often.  Asked for
 * all at once, by a thread for each, it has one wait in all: the file system puts them
 * into one commit of its journal.  Where no thread is to be had they take their turns.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/internal.h"

enum {
	THREADS_MOST = 15, /* more than a transaction has tables; a copy may have more */
	STACK = 1 << 16    /* a thread makes one system call */
};

struct sync_file {
	int fd;
	bool close_it;
	char name[LOG_NAME_SIZE];
	int number; /* errno of what failed, or 0 */
	pthread_t thread;
	bool aside; /* the thread is at it */
};

void
syncing_add(struct syncing *syncing, int fd, const char *name, bool close_it)
{
	struct sync_file *file;

	syncing->files = memory_grow(syncing->files, &syncing->capacity, syncing->count, sizeof *syncing->files);
	file = &syncing->files[syncing->count++];
	*file = (struct sync_file){ .fd = fd, .close_it = close_it };
	memcpy(file->name, name, strlen(name) + 1);
}

static void *
sync_one(void *context)
{
	struct sync_file *file = context;

	if (fdatasync(file->fd) != 0 && !seeded(SEED_SYNC_ERROR_SWALLOWED))
		file->number = errno;
	return NULL;
}

static bool
is_left_out(const struct store *store, const struct sync_file *file)
{
	bool audit = file->fd == store->audit;

	return (seeded(SEED_LOGS_NOT_SYNCED) && !audit) || (seeded(SEED_AUDIT_NOT_SYNCED) && audit);
}

/* All but the first get a thread; whoever got none is left to this one. */
static void
start_threads(struct syncing *syncing, const struct store *store)
{
	pthread_attr_t attributes;

	if (syncing->count < 2 || pthread_attr_init(&attributes) != 0)
		return;
	(void)pthread_attr_setstacksize(&attributes, STACK); /* too small for this system: as large as ever */
	for (size_t i = 1; i < syncing->count && i <= THREADS_MOST; i++) {
		struct sync_file *file = &syncing->files[i];

		file->aside = !is_left_out(store, file) &&
		    pthread_create(&file->thread, &attributes, sync_one, file) == 0;
	}
	pthread_attr_destroy(&attributes);
}

enum status
syncing_run(struct syncing *syncing, const struct store *store, struct error *error)
{
	enum status status = STATUS_OK;

	start_threads(syncing, store);
	for (size_t i = 0; i < syncing->count; i++)
		if (!syncing->files[i].aside && !is_left_out(store, &syncing->files[i]))
			sync_one(&syncing->files[i]);
	for (size_t i = 0; i < syncing->count; i++) {
		struct sync_file *file = &syncing->files[i];

		if (file->aside)
			pthread_join(file->thread, NULL);
		file->aside = false;
		if (file->number == 0 || status != STATUS_OK)
			continue;
		errno = file->number;
		status = error_set(error, STATUS_UNKNOWN, "%s/%s: can't sync:", store->path, file->name);
	}
	return status;
}

void
syncing_release(struct syncing *syncing)
{
	for (size_t i = 0; i < syncing->count; i++)
		if (syncing->files[i].close_it)
			close(syncing->files[i].fd);
	free(syncing->files);
}
