/*
 * csv: one line of RFC 4180, split and put together.
 *
 * These are for lines that bo itself wrote (logs, share/): one record a line,
 * commas, quotes only where a value holds a comma or a quote.  What strangers
 * wrote goes through reader.h, and so through libcsv.
 */
#ifndef STREAM_CSV_H
#define STREAM_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"

/*
 * Splits line (no newline) into at most limit raw fields, quotes still on.
 * Returns how many fields there are, which may be more than limit.
 */
size_t csv_split(struct slice line, struct slice *fields, size_t limit);

/* The raw field number index (from 0) of line; absent when there are fewer. */
struct slice csv_field(struct slice line, size_t index);

/* The same of count of them, their indexes rising. */
void csv_pick(struct slice line, const size_t *indexes, size_t count, struct slice *fields);

/* A raw field without its quotes; points into it, or into the arena where a quote was doubled. */
struct slice csv_decode(struct slice raw, struct arena *arena);

/* Whether value holds a comma, a quote or a line break. */
bool csv_must_quote(struct slice value);
/* Adds value, quoted where it must be. */
void csv_add(struct buffer *out, struct slice value);
/* The same into memory that has csv_room(value) bytes; returns where it ends. */
char *csv_put(char *to, struct slice value);
static inline size_t
csv_room(struct slice value)
{
	return 2 * value.length + 2;
}

/* The next line of text (without its newline), which moves past it; false at the end. */
bool csv_line(struct slice *text, struct slice *line);

#endif
