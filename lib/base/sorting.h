/*
 * sorting: numbers by keys that compare as bytes, however many there are.
 *
 * Entries are kept in memory up to a budget.  Beyond it they are sorted and written to
 * a file that has no name (in $TMPDIR), as one run; at the end all runs are merged.
 * Several threads sort.  Entries with the same key stay in the order of their numbers.
 */
#ifndef BASE_SORTING_H
#define BASE_SORTING_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"

enum { SORTING_BUDGET = 128 << 20 }; /* bytes */

struct sorting;

/* budget is less than 1 GiB. */
struct sorting *sorting_new(size_t budget);
void sorting_free(struct sorting *sorting); /* NULL is fine */

/* Adds an entry to some that are gathered elsewhere: any thread may, each to its own. */
void sorting_gather(struct buffer *entries, struct slice key, uint32_t number);
/* Takes the entries that were gathered. */
enum status sorting_take(struct sorting *sorting, struct slice entries, struct error *error);

/* When all are taken. */
enum status sorting_finish(struct sorting *sorting, struct error *error);
/* The next number in order; false at the end. */
bool sorting_next(struct sorting *sorting, uint32_t *number);

#endif
