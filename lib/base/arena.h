/*
 * arena: many small pieces of memory that are freed together.
 *
 * Nothing taken from an arena is ever freed alone.  arena_reset() keeps the
 * blocks for reuse, so a loop that resets once a record allocates nothing.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/slice.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* all blocks, the one in use first */
	struct arena_block *spare;  /* emptied by arena_reset */
	size_t used;                /* bytes used of the first block */
};

#define ARENA_INIT { .blocks = NULL }

void arena_release(struct arena *arena);
void arena_reset(struct arena *arena);
void *arena_take(struct arena *arena, size_t size);               /* aligned for anything, not zeroed */
void *arena_zero(struct arena *arena, size_t count, size_t size); /* zeroed array */
struct slice arena_copy(struct arena *arena, struct slice text);  /* the copy is also NUL-ended */
char *arena_text(struct arena *arena, struct slice text);         /* NUL-ended copy */
struct slice arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
