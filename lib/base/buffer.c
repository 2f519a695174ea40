#include "base/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_CAPACITY = 64 };

void
buffer_release(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer)BUFFER_INIT;
}

void
buffer_clear(struct buffer *buffer)
{
	buffer->length = 0;
	if (buffer->data != NULL)
		buffer->data[0] = '\0';
}

/* Makes room for the bytes and the NUL behind them. */
static void
grow(struct buffer *buffer, size_t room)
{
	size_t need, capacity = buffer->capacity < FIRST_CAPACITY / 2 ? FIRST_CAPACITY : buffer->capacity;

	if (__builtin_add_overflow(buffer->length, room, &need) || need >= SIZE_MAX / 4)
		need = SIZE_MAX / 4; /* more than there is: memory_resize ends it */
	if (buffer->capacity != 0)
		capacity += capacity / 2;
	if (capacity <= need)
		capacity = need + 1;
	buffer->data = memory_resize(buffer->data, capacity, 1);
	buffer->capacity = capacity;
	buffer->data[buffer->length] = '\0';
}

char *
buffer_reserve(struct buffer *buffer, size_t room)
{
	if (buffer->capacity - buffer->length <= room)
		grow(buffer, room);
	return buffer->data + buffer->length;
}

void
buffer_add(struct buffer *buffer, const char *data, size_t length)
{
	char *end = buffer_reserve(buffer, length);

	if (length > 0)
		memcpy(end, data, length);
	end[length] = '\0';
	buffer->length += length;
}

void
buffer_add_slice(struct buffer *buffer, struct slice text)
{
	buffer_add(buffer, text.data, text.length);
}

void
buffer_add_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void
buffer_add_char(struct buffer *buffer, char c)
{
	char *end = buffer_reserve(buffer, 1);

	end[0] = c;
	end[1] = '\0';
	buffer->length++;
}

void
buffer_add_u64(struct buffer *buffer, unsigned long long number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	buffer_add(buffer, digits + at, sizeof(digits) - at);
}

void
buffer_vformat(struct buffer *buffer, const char *format, va_list arguments)
{
	va_list again;
	char *end = buffer_reserve(buffer, FIRST_CAPACITY);
	size_t room = buffer->capacity - buffer->length;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(end, room, format, arguments);
	if (length > 0 && (size_t)length >= room) {
		end = buffer_reserve(buffer, (size_t)length);
		vsnprintf(end, (size_t)length + 1, format, again);
	}
	va_end(again);
	if (length > 0)
		buffer->length += (size_t)length;
	buffer->data[buffer->length] = '\0';
}

void
buffer_format(struct buffer *buffer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	buffer_vformat(buffer, format, arguments);
	va_end(arguments);
}

struct slice
buffer_slice(const struct buffer *buffer)
{
	/* An empty buffer is empty text, not absent text. */
	return (struct slice){ buffer->data != NULL ? buffer->data : "", buffer->length };
}
