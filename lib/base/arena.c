#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
	BLOCK_FIRST = 1000, /* what most arenas of a short command come to: they share their pages */
	BLOCK_LAST = 4 * 1024 * 1024, /* blocks double up to this size */
	ALIGNMENT = alignof(max_align_t)
};

struct arena_block {
	struct arena_block *next;
	size_t size; /* bytes of data */
	alignas(max_align_t) char data[];
};

static void
blocks_free(struct arena_block *block)
{
	while (block != NULL) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
}

void
arena_release(struct arena *arena)
{
	blocks_free(arena->blocks);
	blocks_free(arena->spare);
	*arena = (struct arena)ARENA_INIT;
}

void
arena_reset(struct arena *arena)
{
	struct arena_block *block;

	arena->used = 0;
	if (arena->blocks == NULL)
		return;
	while ((block = arena->blocks->next) != NULL) {
		arena->blocks->next = block->next;
		block->next = arena->spare;
		arena->spare = block;
	}
}

/* A spare block of at least size bytes, or a new one. */
static struct arena_block *
block_get(struct arena *arena, size_t size)
{
	struct arena_block *block, **link;
	size_t full = BLOCK_FIRST;

	for (link = &arena->spare; (block = *link) != NULL; link = &block->next)
		if (block->size >= size) {
			*link = block->next;
			return block;
		}
	if (arena->blocks != NULL)
		full = arena->blocks->size < BLOCK_LAST / 2 ? arena->blocks->size * 2 : BLOCK_LAST;
	if (full < size)
		full = size;
	block = memory_resize(NULL, full + sizeof(*block), 1);
	block->size = full;
	return block;
}

static size_t
room(const struct arena *arena)
{
	return arena->blocks == NULL ? 0 : arena->blocks->size - arena->used;
}

static void *
take_from_new_block(struct arena *arena, size_t size)
{
	size_t left = room(arena);
	struct arena_block *block = block_get(arena, size);

	/* Whichever of the two has more room left is the one in use from here on. */
	if (arena->blocks != NULL && block->size - size < left) {
		block->next = arena->blocks->next;
		arena->blocks->next = block;
	} else {
		block->next = arena->blocks;
		arena->blocks = block;
		arena->used = size;
	}
	return block->data;
}

void *
arena_take(struct arena *arena, size_t size)
{
	char *memory;

	if (size > SIZE_MAX / 2)
		size = SIZE_MAX / 2; /* more than there is: memory_resize ends it */
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (size == 0)
		size = ALIGNMENT;
	if (room(arena) < size)
		return take_from_new_block(arena, size);
	memory = arena->blocks->data + arena->used;
	arena->used += size;
	return memory;
}

void *
arena_zero(struct arena *arena, size_t count, size_t size)
{
	size_t total;
	void *memory;

	if (__builtin_mul_overflow(count, size, &total))
		total = SIZE_MAX / 2;
	memory = arena_take(arena, total);
	memset(memory, 0, total);
	return memory;
}

char *
arena_text(struct arena *arena, struct slice text)
{
	char *copy = arena_take(arena, text.length + 1);

	if (text.length > 0)
		memcpy(copy, text.data, text.length);
	copy[text.length] = '\0';
	return copy;
}

struct slice
arena_copy(struct arena *arena, struct slice text)
{
	if (text.data == NULL)
		return text; /* absent stays absent */
	return (struct slice){ arena_text(arena, text), text.length };
}

struct slice
arena_format(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char small[256], *text;
	int length;

	va_start(arguments, format);
	length = vsnprintf(small, sizeof(small), format, arguments);
	va_end(arguments);
	if (length < 0)
		length = 0, small[0] = '\0';
	text = arena_take(arena, (size_t)length + 1);
	if ((size_t)length < sizeof(small)) {
		memcpy(text, small, (size_t)length + 1);
	} else {
		va_start(arguments, format);
		vsnprintf(text, (size_t)length + 1, format, arguments);
		va_end(arguments);
	}
	return (struct slice){ text, (size_t)length };
}
