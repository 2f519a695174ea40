/*
 * reader_internal: what the readers of CSV and of JSON lines share (private to stream/).
 */
#ifndef STREAM_READER_INTERNAL_H
#define STREAM_READER_INTERNAL_H

#include "base/arena.h"
#include "base/buffer.h"
#include "stream/reader.h"

struct csv_reader;

struct reader {
	const char *name;
	struct reader_options options;
	enum format format;          /* never FORMAT_AUTO */
	struct slice bytes;          /* UTF-8 from here on */
	struct buffer converted;     /* holds them when they were in another encoding */
	size_t at;                   /* of the next line in bytes */
	uintmax_t line;              /* number of the line at `at` */
	struct slice *columns;
	size_t column_count;
	struct slice header, raw;
	struct slice *values;        /* of the row, READER_COLUMNS_MAX of them */
	struct arena names;          /* of columns */
	struct arena arena;          /* of the row */
	struct csv_reader *csv;
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

/* encoding.c: bytes in the named encoding (NULL: by their byte order mark, else UTF-8) as UTF-8. */
enum status encoding_convert(const char *name, const char *encoding, struct slice *bytes, struct buffer *converted,
    struct error *error);

/* csv_reader.c */
enum status csv_reader_open(struct reader *reader, struct error *error);
void csv_reader_close(struct csv_reader *csv);
enum status csv_reader_next(struct reader *reader, struct row *row, struct error *error);

/* json_reader.c */
enum status json_reader_next(struct reader *reader, struct row *row, struct error *error);

#endif
