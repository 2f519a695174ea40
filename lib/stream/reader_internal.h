/*
 * reader_internal: what the readers of CSV and of JSON lines share (private to stream/).
 */
#ifndef STREAM_READER_INTERNAL_H
#define STREAM_READER_INTERNAL_H

#include "base/arena.h"
#include "base/buffer.h"
#include "stream/reader.h"

struct csv_reader;
struct json_reader;
struct read_ahead;

enum { READER_SLOTS = 4 * READER_COLUMNS_MAX }; /* a power of two */

struct reader {
	const char *name;
	struct reader_options options;
	enum format format;      /* never FORMAT_AUTO */
	struct slice bytes;      /* UTF-8 from here on */
	struct buffer converted; /* holds them when they were in another encoding */
	struct slice mapped; /* what reader_give_back has not given back yet; absent when nothing may be */
	char *own;           /* pages before this are nobody else's; NULL: all are */
	size_t needed;       /* rows from here on are looked at still; SIZE_MAX: the one at hand */
	size_t at;           /* of the next line in bytes */
	uintmax_t line;      /* number of the line at `at` */
	struct slice *columns;
	size_t column_count;
	uint16_t slots[READER_SLOTS]; /* by the hash of its name: index of a column + 1, 0 for none */
	struct slice header, raw;
	uintmax_t header_line;
	struct slice *values; /* of the row, READER_COLUMNS_MAX of them */
	struct arena names;   /* of columns */
	struct arena arena;   /* of the row */
	struct buffer folded; /* for reader_clean */
	struct csv_reader *csv;
	struct json_reader *json;
	struct read_ahead *ahead; /* reads in place of whoever asks, or NULL; then all of the above is its own */
	bool all_by_libcsv;       /* no line is split without it: for tests that compare the two */
};

/* The name of a column after --map. */
struct slice reader_rename(struct reader *reader, struct slice name);
/* Its index, added when it is new; SIZE_MAX with a fault at line when there are too many. */
size_t reader_add_column(struct reader *reader, struct slice name, uintmax_t line, struct error *error);

/*
 * The physical line at `at`, without its \n; `at` and the line number move behind it.
 * false at the end of the input.
 */
bool reader_line(struct reader *reader, struct slice *line);

/*
 * A value as it may be stored: line breaks folded.  false with a fault when it holds
 * what may not be stored.
 */
bool reader_clean(struct reader *reader, struct slice *value, uintmax_t line, const char *column,
    struct error *error);

/* Adds the fault of a line (without its \n) that is too long; false when it is. */
bool reader_fits(struct reader *reader, struct slice line, struct error *error);

/* Nobody needs what lies before at for now: if it is mapped, it need not stay in memory. */
void reader_give_back(struct reader *reader, const char *at);

/* The next row, by whoever has the reader to himself. */
enum status reader_take(struct reader *reader, struct row *row, struct error *error);

/*
 * read_ahead.c: has another thread read what follows; NULL where there can be none.  The
 * columns are known from here on.  Rows are like those of reader_next.
 */
struct read_ahead *read_ahead_start(struct reader *reader);
enum status read_ahead_next(struct read_ahead *ahead, struct row *row, struct error *error);
struct slice read_ahead_raw(const struct read_ahead *ahead);
void read_ahead_stop(struct read_ahead *ahead); /* NULL is fine */

/* encoding.c: the bytes, in the encoding of the options (NULL: by their byte order mark, else UTF-8), as UTF-8. */
enum status encoding_convert(struct reader *reader, struct error *error);

/* csv_reader.c */
enum status csv_reader_open(struct reader *reader, struct error *error);
void csv_reader_close(struct csv_reader *csv);
enum status csv_reader_next(struct reader *reader, struct row *row, struct error *error);

/*
 * csv_simple.c: splits a line that means the same to everybody: quotes only around
 * whole values, every one closed.  The first READER_COLUMNS_MAX values are kept, those
 * with doubled quotes in decoded; *count is how many there are, *bare what struct row says.
 * false when it is not that simple.
 */
bool csv_simple_split(struct slice line, char delimiter, struct buffer *decoded, struct slice *values,
    size_t *count, uint64_t *bare);
/* A line of TSV: no quotes, but \t, \n, \r and \\ for what can't be in it. */
size_t csv_simple_tabs(struct slice line, char delimiter, struct buffer *decoded, struct slice *values);

/* json_reader.c */
void json_reader_open(struct reader *reader);
void json_reader_close(struct json_reader *json);
enum status json_reader_next(struct reader *reader, struct row *row, struct error *error);

#endif
