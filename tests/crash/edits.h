/*
 * edits: what somebody can do to the bytes of a file who may write it.
 *
 * Where, how much and what is up to next_random().
 */
#ifndef EDITS_H
#define EDITS_H

#include "disk.h"

/* A line of bytes, not the first; its newline is part of it. */
static inline struct slice
any_line(const struct buffer *bytes)
{
	size_t at = next_random() % bytes->length;
	const char *start, *end;

	start = memrchr(bytes->data, '\n', at);
	start = start != NULL && start + 1 < bytes->data + bytes->length
	    ? start + 1
	    : (const char *)memchr(bytes->data, '\n', bytes->length) + 1;
	end = memchr(start, '\n', bytes->length - (size_t)(start - bytes->data));
	return (struct slice){ start, (size_t)(end - start) + 1 };
}

/* Puts `fresh` in the place of the bytes [at, at + length). */
static inline void
replace(struct buffer *bytes, size_t at, size_t length, struct slice fresh)
{
	struct buffer out = BUFFER_INIT;

	buffer_add_slice(&out, (struct slice){ bytes->data, at });
	buffer_add_slice(&out, fresh);
	buffer_add_slice(&out, (struct slice){ bytes->data + at + length, bytes->length - at - length });
	buffer_clear(bytes);
	buffer_add_slice(bytes, buffer_slice(&out));
	buffer_release(&out);
}

static inline void
flip(struct buffer *bytes)
{
	bytes->data[next_random() % bytes->length] ^= (char)(1 << next_random() % 8);
}

static inline void
put_in(struct buffer *bytes)
{
	char noise[16];
	size_t length = 1 + next_random() % sizeof noise;

	for (size_t i = 0; i < length; i++)
		noise[i] = "\n,0a9\" ;:R"[next_random() % 10];
	replace(bytes, next_random() % bytes->length, 0, (struct slice){ noise, length });
}

static inline void
swap(struct buffer *bytes)
{
	struct slice one = any_line(bytes), two = any_line(bytes), early, late;
	struct buffer first = BUFFER_INIT, second = BUFFER_INIT;

	early = one.data < two.data ? one : two;
	late = one.data < two.data ? two : one;
	buffer_add_slice(&first, early);
	buffer_add_slice(&second, late);
	if (early.data != late.data) {
		size_t where = (size_t)(early.data - bytes->data); /* the bytes may move */

		replace(bytes, (size_t)(late.data - bytes->data), late.length, buffer_slice(&first));
		replace(bytes, where, early.length, buffer_slice(&second));
	}
	buffer_release(&first);
	buffer_release(&second);
}

/* As an erasure leaves a line: the same digest, and nothing to read. */
static inline void
erase(struct buffer *bytes)
{
	struct slice line = any_line(bytes);
	char *sealed = memory_new(line.length);
	size_t at = (size_t)(line.data - bytes->data);

	line_seal((struct slice){ line.data, line.length - 1 }, sealed);
	memcpy(bytes->data + at, sealed, line.length - 1);
	free(sealed);
}

#endif
