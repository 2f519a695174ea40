#include "base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <nettle/chacha.h>

#include "base/hash.h"
#include "base/memory.h"

enum { POOL = 4096 };

struct random_stream {
	struct chacha_ctx cipher;
	size_t left; /* bytes of the pool that nobody has had */
	uint8_t pool[POOL];
};

bool
random_bytes(void *out, size_t count)
{
	unsigned char *p = out;

	while (count > 0) {
		ssize_t got = getrandom(p, count, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		p += got;
		count -= (size_t)got;
	}
	return true;
}

bool
random_uuid(char out[UUID_SIZE])
{
	static const size_t groups[] = { 4, 2, 2, 2, 6 }; /* bytes between the hyphens */
	unsigned char bytes[16];
	const unsigned char *p = bytes;

	if (!random_bytes(bytes, sizeof(bytes)))
		return false;
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); /* version 4 */
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80); /* RFC 9562's variant */
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (i > 0)
			*out++ = '-';
		hash_to_hex(p, groups[i], out);
		out += 2 * groups[i];
		p += groups[i];
	}
	return true;
}

struct random_stream *
random_stream_new(void)
{
	static const uint8_t nonce[CHACHA_NONCE_SIZE]; /* the key is used once */
	struct random_stream *stream;
	uint8_t key[CHACHA_KEY_SIZE];

	if (!random_bytes(key, sizeof key))
		return NULL;
	stream = memory_new(sizeof *stream);
	chacha_set_key(&stream->cipher, key);
	chacha_set_nonce(&stream->cipher, nonce);
	explicit_bzero(key, sizeof key);
	return stream;
}

void
random_stream_take(struct random_stream *stream, void *out, size_t count)
{
	char *to = out;

	while (count > 0) {
		size_t piece;

		if (stream->left == 0) {
			memset(stream->pool, 0, sizeof stream->pool);
			chacha_crypt(&stream->cipher, sizeof stream->pool, stream->pool, stream->pool);
			stream->left = sizeof stream->pool;
		}
		piece = count < stream->left ? count : stream->left;
		memcpy(to, stream->pool + sizeof stream->pool - stream->left, piece);
		stream->left -= piece;
		to += piece;
		count -= piece;
	}
}

void
random_stream_free(struct random_stream *stream)
{
	if (stream == NULL)
		return;
	explicit_bzero(stream, sizeof *stream);
	free(stream);
}
