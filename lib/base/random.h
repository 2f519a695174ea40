/*
 * random: the only source of randomness, the kernel's.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum { UUID_SIZE = 37 };

bool random_bytes(void *out, size_t count); /* false with errno set */
/* A version 4 UUID (RFC 9562), lowercase; false with errno set. */
bool random_uuid(char out[UUID_SIZE]);
/* Whether text could be one: lowercase hexadecimal digits in five groups. */
bool uuid_valid(struct slice text);

#endif
