/*
 * reader: records in, from CSV or JSON lines that anybody may have written.
 *
 * Values come out decoded and in UTF-8, line breaks folded to U+2028.  What may
 * not be stored (invalid UTF-8, control characters, NUL) is a fault, with file,
 * line and column named.  The cost is linear in the input, memory bounded by it: by
 * one record, unless the input has to be converted to UTF-8.
 *
 * CSV is RFC 4180 with a header; the separator is a comma unless told.  JSON is
 * one object a line; an object in an object becomes dotted columns
 * ("customer.code"), an array of objects the children of the row, whose columns
 * start with the array's name and a dot ("invoice_line.qty"), an array of plain
 * values the values separated by spaces (tags), true and false the words, null
 * the empty value, numbers their text as written (exponents are expanded).
 */
#ifndef STREAM_READER_H
#define STREAM_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

enum format {
	FORMAT_AUTO, /* in: JSON when the first byte that is not white space is '{', else CSV.  out: table on a terminal, else CSV */
	FORMAT_CSV,
	FORMAT_TSV,
	FORMAT_JSON,
	FORMAT_IDS,  /* in: one id a line, no header, as the column "id".  out: likewise */
	FORMAT_TABLE /* out only */
};

enum {
	READER_LINE_MAX = 1 << 20, /* bytes of one record */
	READER_COLUMNS_MAX = 256,
	ROW_BARE = 64 /* columns that row.bare speaks of */
};

struct reader_options {
	enum format format;
	char delimiter; /* 0: ',' (tab for FORMAT_TSV) */
	const char *encoding; /* for iconv; NULL: UTF-8 (a byte order mark is skipped; UTF-16 with one is understood) */
	size_t skip;            /* physical lines before the header */
	const char *const *map; /* OLD=NEW pairs: columns renamed as they come; NULL-ended, or NULL */
};

struct row {
	uintmax_t line;             /* physical line it begins on */
	size_t count;               /* values: the columns known so far; later columns are absent */
	const struct slice *values; /* one per column; absent (data NULL) where a JSON object has no such key */
	bool plain;    /* the values are pieces of one line of checked text: there is no line break in them */
	uint64_t bare; /* bit i: value i certainly holds neither comma nor quote; 0 unless plain */
	size_t child_count;
	const struct row *children; /* rows over the same columns; only JSON has them */
};

struct reader;
struct input;

/*
 * Reads bytes (which must outlive the reader) that came from name.  STATUS_REFUSED
 * when there are none, the header is missing, names a column twice or not at all,
 * or the encoding is unknown.
 */
enum status reader_open(struct reader **reader, const char *name, struct slice bytes,
    const struct reader_options *options, struct error *error);
/* The same for an input (input.h), which must outlive the reader: of one that is mapped, what was read leaves memory. */
enum status reader_open_input(struct reader **reader, const struct input *input,
    const struct reader_options *options, struct error *error);
void reader_close(struct reader *reader);
const char *reader_name(const struct reader *reader); /* as it was given to reader_open */

/* The names of the columns so far; JSON may add to them with every row. */
const struct slice *reader_columns(const struct reader *reader, size_t *count);
size_t reader_column(const struct reader *reader, const char *name); /* its index, or SIZE_MAX */

/*
 * The next row, valid until the next call.  STATUS_NO at the end.  A row that can't
 * be had is added to error as one or more faults (STATUS_REFUSED), and the next call
 * goes on behind it where that is possible.  A repeated header line is a fault.
 */
enum status reader_next(struct reader *reader, struct row *row, struct error *error);

/* The bytes of the row that was returned or refused last, as they came (for --rejects). */
struct slice reader_raw(const struct reader *reader);
/* The header line as it came, without its line end; empty for JSON and ids. */
struct slice reader_header(const struct reader *reader);
uintmax_t reader_header_line(const struct reader *reader); /* 0 where there is none */

#endif
