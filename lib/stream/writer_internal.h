/*
 * writer_internal: what the formats of the writer share (private to stream/).
 */
#ifndef STREAM_WRITER_INTERNAL_H
#define STREAM_WRITER_INTERNAL_H

#include "base/buffer.h"
#include "stream/writer.h"

struct table;

/* A column of JSON: where its text begins, and how much of that is not the value. */
struct json_key {
	size_t start, length;
	enum cell cell;
};

/* One format.  Each function adds to writer->out, which is handed on when it is long. */
struct writer_format {
	void (*begin)(struct writer *writer); /* before the first row; may be NULL */
	void (*row)(struct writer *writer, const struct slice *values, const struct nested *nested,
	    size_t nested_count);
	void (*flush)(struct writer *writer); /* what it holds back goes out; may be NULL */
	void (*end)(struct writer *writer);   /* frees what begin made; may be NULL */
};

struct writer {
	int fd; /* -1: what is written is gathered */
	struct writer_options options;
	const struct writer_format *format;
	const struct column *columns;
	size_t count;
	size_t id;   /* index of the column that FORMAT_IDS prints */
	int failure; /* errno of the first write that failed, or 0 */
	struct buffer out;
	struct buffer scratch; /* one cell */
	struct buffer nulls;   /* JSON: ,"name":null of every column, one behind the other */
	struct json_key *keys; /* and what is where in it */
	struct table *table;
};

extern const struct writer_format writer_csv;
extern const struct writer_format writer_tsv;
extern const struct writer_format writer_ids;
extern const struct writer_format writer_json;
extern const struct writer_format writer_table;

/* The value, with a ' in front where a spreadsheet would take it for a formula; valid until the next call. */
struct slice writer_defuse(struct buffer *scratch, enum cell cell, struct slice value);

#endif
