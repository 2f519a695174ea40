/*
 * ahead: the digest of a long chunk, worked out by a second thread while the first
 * is still making it.
 *
 * The maker says how far the bytes are final; the thread follows at whole lines.
 * What it hashed can't be taken back: then the digest is begun anew by chunk_digest.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"
#include "store/internal.h"

struct digest_ahead {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t news;
	const char *data;
	size_t ready; /* bytes that are final; under the mutex */
	bool ended;   /* no more will come; under the mutex */
	size_t done;  /* of the thread, until it is joined */
	struct chunk_hash hash;
};

/* How far to go on; false when nothing more will come. */
static bool
await_news(struct digest_ahead *ahead, size_t *ready)
{
	bool more;

	pthread_mutex_lock(&ahead->mutex);
	while (ahead->ready == ahead->done && !ahead->ended)
		pthread_cond_wait(&ahead->news, &ahead->mutex);
	*ready = ahead->ready;
	more = *ready > ahead->done;
	pthread_mutex_unlock(&ahead->mutex);
	return more;
}

static void *
follow(void *context)
{
	struct digest_ahead *ahead = context;
	size_t ready;

	while (await_news(ahead, &ready)) {
		chunk_hash_add(&ahead->hash, (struct slice){ ahead->data + ahead->done, ready - ahead->done });
		ahead->done = ready;
	}
	return NULL;
}

static void
tell(struct digest_ahead *ahead, size_t ready, bool ended)
{
	pthread_mutex_lock(&ahead->mutex);
	if (ready > ahead->ready)
		ahead->ready = ready;
	ahead->ended = ended;
	pthread_cond_signal(&ahead->news);
	pthread_mutex_unlock(&ahead->mutex);
}

struct digest_ahead *
digest_ahead_start(const char *data, struct slice before)
{
	struct digest_ahead *ahead = memory_new(sizeof *ahead);

	ahead->data = data;
	pthread_mutex_init(&ahead->mutex, NULL);
	pthread_cond_init(&ahead->news, NULL);
	chunk_hash_init(&ahead->hash, header_is_sealed(before));
	if (pthread_create(&ahead->thread, NULL, follow, ahead) == 0)
		return ahead;
	pthread_mutex_destroy(&ahead->mutex);
	pthread_cond_destroy(&ahead->news);
	free(ahead);
	return NULL;
}

void
digest_ahead_more(struct digest_ahead *ahead, size_t length)
{
	tell(ahead, length, false);
}

size_t
digest_ahead_told(const struct digest_ahead *ahead)
{
	return ahead->ready; /* only this thread changes it */
}

void
digest_ahead_finish(struct digest_ahead *ahead, size_t length, char digest[HASH_HEX + 1])
{
	tell(ahead, length, true);
	pthread_join(ahead->thread, NULL);
	chunk_hash_hex(&ahead->hash, digest);
	pthread_mutex_destroy(&ahead->mutex);
	pthread_cond_destroy(&ahead->news);
	free(ahead);
}
