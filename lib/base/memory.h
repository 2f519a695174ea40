/*
 * memory: allocation that does not fail.
 *
 * Running out of memory ends the process with one line on standard error: there
 * is nothing else a command could do.  The exit status must be the truth even
 * then, so whoever passes a point of no return says so with memory_stage().
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

#include "base/error.h"

/* What to exit with when memory runs out from now on: STATUS_SYSTEM (at first), _UNKNOWN or _UNREPORTED. */
void memory_stage(enum status status);

void *memory_new(size_t size);                 /* zeroed; free() it */
void *memory_array(size_t count, size_t size); /* zeroed, overflow-checked; free() it */
void *memory_zeros(size_t count, size_t size); /* likewise; costs nothing until it is written to */
void *memory_resize(void *old, size_t count, size_t size); /* overflow-checked; new bytes undefined */
char *memory_copy(const char *text, size_t length);        /* NUL added; free() it */
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2))); /* free() it */

/*
 * Makes room for one more element in a growing array: array and capacity are
 * updated, doubling from 16.  Returns the (moved) array.
 */
void *memory_grow(void *array, size_t *capacity, size_t count, size_t size);

/*
 * Zeroed memory for a table that is looked into at random: on large pages, where the
 * system has some, once it is long.  memory_table_free wants the same count and size.
 */
void *memory_table(size_t count, size_t size);
void memory_table_free(void *table, size_t count, size_t size); /* NULL is fine */

/* All of an array that was hardly touched is about to be written: in large pages, where that can be. */
void memory_fills(void *array, size_t length);

#endif
