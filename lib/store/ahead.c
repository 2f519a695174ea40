/*
 * ahead: the digest of a long chunk, worked out by a second thread while the first
 * is still making it.
 *
 * The maker says how far the bytes are final; the thread follows at whole lines.
 * What it hashed can't be taken back: then the digest is begun anew by chunk_digest.
 * A third thread follows in the same way and writes what becomes a new log (unnamed.c).
 */
#include <stdlib.h>

#include "base/memory.h"
#include "store/internal.h"

enum {
	HASH_STEP = 1,       /* bytes that are worth going on for */
	WRITE_FROM = 1 << 22 /* bytes of a new log that are worth a file */
};

struct digest_ahead {
	struct follower follower;
	char *data;
	size_t done; /* of the thread, until it is joined */
	struct chunk_hash hash;
	const struct store *store; /* where a new log belongs, NULL when it is none, or is being written */
	struct unnamed *file;
};

/* --- who follows ---------------------------------------------------------------- */

bool
follower_start(struct follower *follower, void *(*run)(void *), void *context)
{
	pthread_mutex_init(&follower->mutex, NULL);
	pthread_cond_init(&follower->news, NULL);
	if (pthread_create(&follower->thread, NULL, run, context) == 0)
		return true;
	pthread_mutex_destroy(&follower->mutex);
	pthread_cond_destroy(&follower->news);
	return false;
}

void
follower_tell(struct follower *follower, size_t ready)
{
	pthread_mutex_lock(&follower->mutex);
	if (ready > follower->ready)
		follower->ready = ready;
	pthread_cond_signal(&follower->news);
	pthread_mutex_unlock(&follower->mutex);
}

void
follower_end(struct follower *follower)
{
	pthread_mutex_lock(&follower->mutex);
	follower->ended = true;
	pthread_cond_signal(&follower->news);
	pthread_mutex_unlock(&follower->mutex);
	pthread_join(follower->thread, NULL);
	pthread_mutex_destroy(&follower->mutex);
	pthread_cond_destroy(&follower->news);
}

bool
follower_await(struct follower *follower, size_t done, size_t step, size_t *ready)
{
	pthread_mutex_lock(&follower->mutex);
	while (follower->ready - done < step && !follower->ended)
		pthread_cond_wait(&follower->news, &follower->mutex);
	*ready = follower->ready;
	pthread_mutex_unlock(&follower->mutex);
	return *ready > done;
}

/* --- the digest ------------------------------------------------------------------- */

static void *
hash_on(void *context)
{
	struct digest_ahead *ahead = context;
	size_t ready;

	while (follower_await(&ahead->follower, ahead->done, HASH_STEP, &ready)) {
		chunk_hash_add(&ahead->hash, (struct slice){ ahead->data + ahead->done, ready - ahead->done });
		ahead->done = ready;
	}
	return NULL;
}

struct digest_ahead *
digest_ahead_start(char *data, struct slice before)
{
	struct digest_ahead *ahead = memory_new(sizeof *ahead);

	ahead->data = data;
	chunk_hash_init(&ahead->hash, header_is_sealed(before));
	if (follower_start(&ahead->follower, hash_on, ahead))
		return ahead;
	free(ahead);
	return NULL;
}

void
digest_ahead_write(struct digest_ahead *ahead, const struct store *store)
{
	ahead->store = store;
}

void
digest_ahead_more(struct digest_ahead *ahead, size_t length)
{
	follower_tell(&ahead->follower, length);
	if (ahead->store != NULL && length >= WRITE_FROM) {
		ahead->file = unnamed_start(ahead->store->directory, ahead->data);
		ahead->store = NULL;
	}
	if (ahead->file != NULL)
		unnamed_more(ahead->file, length);
}

size_t
digest_ahead_told(const struct digest_ahead *ahead)
{
	return ahead->follower.ready; /* only this thread changes it */
}

int
digest_ahead_finish(struct digest_ahead *ahead, size_t length, char digest[HASH_HEX + 1])
{
	int file = 0;

	digest_ahead_more(ahead, length);
	follower_end(&ahead->follower);
	chunk_hash_hex(&ahead->hash, digest);
	if (ahead->file != NULL)
		file = unnamed_finish(ahead->file, length);
	free(ahead);
	return file;
}

void
digest_ahead_give_up(struct digest_ahead *ahead)
{
	follower_end(&ahead->follower);
	if (ahead->file != NULL)
		unnamed_give_up(ahead->file);
	free(ahead);
}
