#include "base/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * A global, since every allocation anywhere may be the one that fails, and what
 * the process has already done to the store is a fact about the process.
 */
static enum status stage = STATUS_SYSTEM;

void
memory_stage(enum status status)
{
	stage = status;
}

/* stdio may want memory itself, so the line goes out by hand. */
static _Noreturn void
out_of_memory(void)
{
	static const char reason[] = ": out of memory\n";
	const char *name = program_invocation_short_name;
	size_t length = strnlen(name, 64);
	char line[64 + sizeof(reason)];
	ssize_t ignored;

	memcpy(line, name, length);
	memcpy(line + length, reason, sizeof(reason) - 1);
	ignored = write(STDERR_FILENO, line, length + sizeof(reason) - 1);
	(void)ignored; /* the exit status says it too */
	_exit((int)stage);
}

/* count × size, if there is such a number; at least one, so that NULL always means failure. */
static size_t
bytes(size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		out_of_memory();
	return total == 0 ? 1 : total;
}

void *
memory_new(size_t size)
{
	return memory_array(1, size);
}

void *
memory_array(size_t count, size_t size)
{
	void *memory = calloc(1, bytes(count, size));

	if (memory == NULL)
		out_of_memory();
	return memory;
}

void *
memory_resize(void *old, size_t count, size_t size)
{
	void *memory = realloc(old, bytes(count, size));

	if (memory == NULL)
		out_of_memory();
	return memory;
}

char *
memory_copy(const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		out_of_memory();
	copy = memory_resize(NULL, length + 1, 1);
	if (length > 0)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *
memory_format(const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		out_of_memory();
	return text;
}

void *
memory_grow(void *array, size_t *capacity, size_t count, size_t size)
{
	if (count < *capacity)
		return array;
	if (count > SIZE_MAX / 2)
		out_of_memory();
	*capacity = count < 16 ? 16 : count * 2;
	return memory_resize(array, *capacity, size);
}
