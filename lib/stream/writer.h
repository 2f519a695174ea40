/*
 * writer: records out, as CSV, TSV, JSON lines, ids or a table for a terminal.
 *
 * Output goes through one large buffer.  Values are given decoded, as stored
 * (line breaks as U+2028).
 */
#ifndef STREAM_WRITER_H
#define STREAM_WRITER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "stream/reader.h"

enum cell {
	CELL_TEXT,
	CELL_NUMBER,  /* right-aligned in a table; a string in JSON (decimals must stay exact) */
	CELL_INTEGER, /* right-aligned; a JSON number */
	CELL_BOOL,    /* a JSON true or false */
	CELL_TAGS,    /* a JSON array of strings */
	CELL_STATE,   /* text that a terminal may colour */
	CELL_DATE,    /* text that is a day or */
	CELL_TIME     /* an instant, for who asks about it */
};

struct column {
	const char *name;
	enum cell cell;
};

struct writer_options {
	enum format format;
	bool no_header;
	bool raw;         /* line breaks in values as they are, not U+2028 (CSV quotes them) */
	bool spreadsheet; /* CSV and TSV: cells that would start a formula get a ' in front */
	bool colour;      /* table: may use SGR sequences */
	bool isolates; /* table: what runs right to left stands between isolates, lest it turn its neighbours */
	size_t width; /* table: terminal columns, 0: no limit */
};

/* The rows of one kind of children of a record; printed by JSON only. */
struct nested {
	const char *name;
	const struct column *columns;
	size_t column_count;
	const struct slice *values; /* row_count × column_count */
	size_t row_count;
};

struct writer;

/* Writes to fd.  columns must outlive the writer.  A column named "id" is what FORMAT_IDS prints. */
struct writer *writer_open(int fd, const struct writer_options *options, const struct column *columns,
    size_t count);

/*
 * One record, count values.  A failed write is remembered and reported by
 * writer_close; writer_failed tells early, so that a long scan can stop.
 */
void writer_row(struct writer *writer, const struct slice *values);
void writer_row_nested(struct writer *writer, const struct slice *values, const struct nested *nested,
    size_t nested_count);

/*
 * CSV only: where lines that are already in their final form are added, newlines
 * included (whole records, nothing checked); writer_spill afterwards hands them on when
 * they are long.
 */
struct buffer *writer_buffer(struct writer *writer);
void writer_spill(struct writer *writer);

/*
 * A writer of rows that only gathers them, in the form that the other one writes; not
 * for a table.  What it has is exchanged for the content of bytes by writer_exchange,
 * and written by writer_bytes of the other.  Closed as any other.
 */
struct writer *writer_part(const struct writer *writer);
void writer_exchange(struct writer *part, struct buffer *bytes);
void writer_bytes(struct writer *writer, struct slice bytes);

/* Hands what is buffered to the descriptor now (for streams that are followed live). */
void writer_flush(struct writer *writer);
bool writer_failed(const struct writer *writer);

/* Flushes and frees.  STATUS_SYSTEM with errno's text when anything could not be written. */
enum status writer_close(struct writer *writer, struct error *error);

#endif
