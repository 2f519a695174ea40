/*
 * reader_fixture: all that a reader says about a text, as a text.
 *
 *	a|b             the columns, when the reader is open
 *	2: 1|2          a row and the line it begins on; ~ where a value is absent
 *	2: 1|2 {x|y}    with a child
 *	! 3: b: why     a fault, its line and its column
 *	?               the status was not what goes with that
 */
#ifndef READER_FIXTURE_H
#define READER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"
#include "stream/csv.h"
#include "stream/reader.h"
#include "stream/reader_internal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BREAK "\u2028"

/* With so many values a row is only counted. */
enum { SHOWN_MAX = 20 };

static inline void
show_values(struct buffer *out, const struct row *row)
{
	for (size_t i = 0; i < row->count && row->count <= SHOWN_MAX; i++) {
		buffer_add_text(out, i > 0 ? "|" : "");
		if (row->values[i].data == NULL)
			buffer_add_char(out, '~');
		else
			buffer_add_slice(out, row->values[i]);
	}
	if (row->count > SHOWN_MAX)
		buffer_format(out, "%zu values", row->count);
	for (size_t i = 0; i < row->child_count; i++) {
		buffer_add_text(out, " {");
		show_values(out, &row->children[i]);
		buffer_add_char(out, '}');
	}
}

static inline void
show_faults(struct buffer *out, struct error *error)
{
	for (size_t i = 0; i < error->count; i++) {
		const struct fault *fault = &error->faults[i];

		buffer_add_text(out, "! ");
		if (fault->line > 0)
			buffer_format(out, "%ju: ", fault->line);
		if (fault->field != NULL)
			buffer_format(out, "%s: ", fault->field);
		buffer_format(out, "%s\n", fault->reason);
	}
	error_clear(error);
}

/* What a row says needs no quotes needs none. */
static inline bool
is_bare_rightly(const struct row *row)
{
	for (size_t i = 0; i < row->count && i < ROW_BARE; i++) {
		if ((row->bare >> i & 1) != 0 && (!row->plain || csv_must_quote(row->values[i])))
			return false;
	}
	return row->count >= ROW_BARE || row->bare >> row->count == 0;
}

static inline void
show_rows(struct buffer *out, struct reader *reader)
{
	struct error error = ERROR_INIT;
	enum status status;
	struct row row;

	while ((status = reader_next(reader, &row, &error)) != STATUS_NO) {
		if (status == STATUS_OK && error.count == 0) {
			buffer_format(out, "%ju: %s", row.line, is_bare_rightly(&row) ? "" : "?");
			show_values(out, &row);
			buffer_add_char(out, '\n');
		} else if (status != STATUS_REFUSED || error.status != STATUS_REFUSED || error.count == 0)
			buffer_add_text(out, "?\n");
		show_faults(out, &error);
	}
	error_release(&error);
}

/* Adds what a reader says about bytes; by_libcsv: without the quick way. */
static inline void
show_reader(struct buffer *out, struct slice bytes, const struct reader_options *options, bool by_libcsv)
{
	struct error error = ERROR_INIT;
	struct reader *reader;
	enum status status = reader_open(&reader, "in", bytes, options, &error);
	size_t count;

	if ((status == STATUS_OK) != (reader != NULL))
		buffer_add_text(out, "?\n");
	if (status == STATUS_USAGE)
		buffer_add_text(out, "usage ");
	show_faults(out, &error);
	error_release(&error);
	if (reader == NULL)
		return;
	reader->all_by_libcsv = by_libcsv;
	show_values(out, &(struct row){ .values = reader_columns(reader, &count), .count = reader->column_count });
	buffer_add_char(out, '\n');
	show_rows(out, reader);
	reader_close(reader);
}

static inline void
assert_reads_bytes(struct slice bytes, struct reader_options options, const char *expected)
{
	struct buffer out = BUFFER_INIT;

	show_reader(&out, bytes, &options, false);
	assert_string_equal(out.data, expected);
	buffer_release(&out);
}

static inline void
assert_reads(const char *text, struct reader_options options, const char *expected)
{
	assert_reads_bytes(slice_of(text), options, expected);
}

#endif
