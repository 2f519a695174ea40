#include "base/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	LARGE_PAGE = 1 << 21,
	MAPPED = 136 * 1024 /* bytes that malloc, as long as it is small itself, takes from the system alone */
};

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

/* What is mapped for itself alone is zero already; a part of the heap has to be made so. */
void *
memory_zeros(size_t count, size_t size)
{
	size_t length = bytes(count, size);

	return memory_array(1, length > MAPPED / 8 && length < MAPPED ? MAPPED : length);
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

/* length bytes that begin at a multiple of a large page: what lies around them is given back. */
static void *
map_aligned(size_t length)
{
	size_t room = bytes(1, length) + LARGE_PAGE, before;
	char *start = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED)
		out_of_memory();
	before = (LARGE_PAGE - (uintptr_t)start % LARGE_PAGE) % LARGE_PAGE;
	if (before > 0)
		munmap(start, before);
	if (room - before > length)
		munmap(start + before + length, room - before - length);
	return start + before;
}

/* What a table takes: whole large pages once it is as long as one. */
static size_t
table_length(size_t count, size_t size)
{
	size_t length = bytes(count, size), more = LARGE_PAGE - 1;

	if (length < LARGE_PAGE)
		return length;
	if (length > SIZE_MAX - more)
		out_of_memory();
	return (length + more) & ~more;
}

void *
memory_table(size_t count, size_t size)
{
	size_t length = table_length(count, size);
	void *table;

	if (length < LARGE_PAGE)
		return memory_array(count, size);
	table = map_aligned(length);
	(void)madvise(table, length, MADV_HUGEPAGE); /* an advice */
	return table;
}

void
memory_table_free(void *table, size_t count, size_t size)
{
	size_t length = table_length(count, size);

	if (length < LARGE_PAGE)
		free(table);
	else if (table != NULL)
		munmap(table, length);
}

void
memory_fills(void *array, size_t length)
{
	size_t before = (LARGE_PAGE - (uintptr_t)array % LARGE_PAGE) % LARGE_PAGE;

	if (length >= before + LARGE_PAGE)
		(void)madvise((char *)array + before, (length - before) / LARGE_PAGE * LARGE_PAGE, MADV_HUGEPAGE);
}
