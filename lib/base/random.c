#include "base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/hash.h"
#include "base/memory.h"

enum { STREAM_BYTES = 1024 }; /* that are worked out at once */

struct random_stream {
	struct keystream keys;
	size_t taken; /* of the bytes below */
	unsigned char bytes[STREAM_BYTES];
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
	struct random_stream *stream = memory_new(sizeof *stream);
	unsigned char key[KEYSTREAM_KEY];

	if (!random_bytes(key, sizeof key)) {
		free(stream);
		return NULL;
	}
	keystream_init(&stream->keys, key);
	explicit_bzero(key, sizeof key);
	stream->taken = sizeof stream->bytes;
	return stream;
}

void
random_stream_take(struct random_stream *stream, char out[HASH_HEX + 1])
{
	if (stream->taken == sizeof stream->bytes) {
		keystream_next(&stream->keys, stream->bytes, sizeof stream->bytes);
		stream->taken = 0;
	}
	hash_to_hex(stream->bytes + stream->taken, HASH_SIZE, out);
	stream->taken += HASH_SIZE;
}

void
random_stream_free(struct random_stream *stream)
{
	if (stream == NULL)
		return;
	explicit_bzero(stream, sizeof *stream);
	free(stream);
}

bool
uuid_valid(struct slice text)
{
	if (text.length != UUID_SIZE - 1)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
	}
	return true;
}
