/*
 * random: the only source of randomness, the kernel's.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/hash.h"
#include "base/slice.h"

enum { UUID_SIZE = 37 };

bool random_bytes(void *out, size_t count); /* false with errno set */
/* A version 4 UUID (RFC 9562), lowercase; false with errno set. */
bool random_uuid(char out[UUID_SIZE]);
/* Whether text could be one: lowercase hexadecimal digits in five groups. */
bool uuid_valid(struct slice text);

/*
 * Many random numbers of 32 bytes, as 64 digits: from a cipher under a key from the kernel,
 * many times as fast as to ask the kernel each time.  NULL where there is no key to be had.
 */
struct random_stream;
struct random_stream *random_stream_new(void);
void random_stream_take(struct random_stream *stream, char out[HASH_HEX + 1]);
void random_stream_free(struct random_stream *stream); /* NULL is fine; nothing of it stays in memory */

#endif
