/*
 * buffer: bytes that grow.  data is NULL or has a NUL behind its length bytes.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct buffer {
	char *data;
	size_t length;
	size_t capacity;
};

#define BUFFER_INIT { .data = NULL }

/*
 * Makes it a buffer that stays where it is while it grows: room bytes of address space,
 * which cost nothing until they are written, in large pages where there are such.  It
 * must not grow beyond them.  false where so much can't be had: then nothing has changed.
 * Given back by buffer_unpin, not by buffer_release.
 */
bool buffer_pin(struct buffer *buffer, size_t room);
void buffer_unpin(struct buffer *buffer, size_t room);

void buffer_release(struct buffer *buffer);
void buffer_clear(struct buffer *buffer); /* keeps its memory */
/* Who writes there adds to length himself, and the NUL. */
char *buffer_reserve(struct buffer *buffer, size_t room); /* where to write up to room bytes */
void buffer_add(struct buffer *buffer, const char *data, size_t length);
void buffer_add_slice(struct buffer *buffer, struct slice text);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_char(struct buffer *buffer, char c);
void buffer_add_u64(struct buffer *buffer, unsigned long long number);
void buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_vformat(struct buffer *buffer, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
struct slice buffer_slice(const struct buffer *buffer);

#endif
