/*
 * csv_reader: CSV that anybody may have written, by libcsv.
 *
 * libcsv is given one physical line a call, in strict mode and with no character
 * taken for a space, so that it is always known on which line a record began.  What
 * it does not see is seen to here: NUL, a bare carriage return, quotes that are never
 * closed, lines without end, too many columns.  A line that means the same to everybody
 * (quotes only around whole fields, nothing that is not text) is split without it.
 */
#include <csv.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "stream/reader_internal.h"

enum { BLOCK = 4096 }; /* libcsv's own buffer grows by so much */

struct field {
	size_t offset, length; /* in text */
};

struct csv_reader {
	struct csv_parser parser;
	struct buffer text; /* the fields of the record, one after the other */
	struct field fields[READER_COLUMNS_MAX];
	size_t count;    /* fields seen, kept or not */
	unsigned ends;   /* ends of records seen */
	uintmax_t began; /* physical line on which the field that is being read begins */
};

static int
no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void *
grow(void *old, size_t size)
{
	return memory_resize(old, size, 1);
}

static void
take_field(void *data, size_t length, void *context)
{
	struct csv_reader *csv = context;

	if (csv->count < READER_COLUMNS_MAX)
		csv->fields[csv->count] = (struct field){ csv->text.length, length };
	csv->count++;
	buffer_add(&csv->text, data, length);
}

static void
take_end(int c, void *context)
{
	struct csv_reader *csv = context;

	(void)c;
	csv->ends++;
}

static void
begin_record(struct reader *reader, uintmax_t line)
{
	struct csv_reader *csv = reader->csv;

	csv_free(&csv->parser);
	csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_delim(&csv->parser, (unsigned char)reader->options.delimiter);
	csv_set_space_func(&csv->parser, no_space);
	csv_set_realloc_func(&csv->parser, grow);
	csv_set_blk_size(&csv->parser, BLOCK);
	buffer_clear(&csv->text);
	csv->count = 0;
	csv->ends = 0;
	csv->began = line;
}

/* The name of a column, for messages; NULL in the header and where the column was dropped. */
static const char *
column_name(const struct reader *reader, size_t index)
{
	return index < reader->column_count && reader->columns[index].length > 0 ? reader->columns[index].data
										 : NULL;
}

static enum status
fault(struct reader *reader, uintmax_t line, size_t column, const char *text, struct error *error)
{
	struct place place = { reader->name, line, column == SIZE_MAX ? NULL : column_name(reader, column) };

	return error_add(error, &place, "%s", text);
}

/* Without the carriage returns at its end. */
static struct slice
without_returns(struct slice line)
{
	while (line.length > 0 && line.data[line.length - 1] == '\r')
		line.length--;
	return line;
}

/*
 * Where reading goes on after a record that is none: behind its first line.  That
 * reads no line more than twice.  A record goes on behind a line that has an odd number
 * of quotes, over lines with an even number, up to the next with an odd one, where
 * it ends or breaks; so a line is read as the first of a record and as part of one other.
 */
static void
resume(struct reader *reader, size_t at, uintmax_t line)
{
	struct slice skipped;

	reader->at = at;
	reader->line = line - 1;
	reader_line(reader, &skipped);
	reader->raw = (struct slice){ reader->bytes.data + at, reader->at - at };
}

/* libcsv has met a quote, on the line read last, that may not be there. */
static enum status
stray_quote(struct reader *reader, struct error *error)
{
	const struct csv_reader *csv = reader->csv;
	struct place place = { reader->name, csv->began, column_name(reader, csv->count) };

	if (csv->began == reader->line)
		return error_add(error, &place, "a quote in the middle of a value");
	return error_add(error, &place,
	    "a quote that is not closed: the next one, on line %ju, is in the middle of a value", reader->line);
}

/* Feeds the line read last, \n included; STATUS_NO when the record goes on behind it. */
static enum status
feed(struct reader *reader, struct slice line, struct error *error)
{
	struct csv_reader *csv = reader->csv;
	bool ended = line.data[line.length - 1] == '\n';
	struct slice text = without_returns((struct slice){ line.data, line.length - ended });
	size_t before = csv->count, used;

	used = csv_parse(&csv->parser, text.data, text.length, take_field, take_end, csv);
	if (csv->count > before)
		csv->began = reader->line;
	if (used != text.length)
		return stray_quote(reader, error);
	if (csv->ends > 0)
		return fault(reader, reader->line, SIZE_MAX, "a carriage return that ends no line", error);
	csv_parse(&csv->parser, line.data + text.length, line.length - text.length, take_field, take_end, csv);
	return csv->ends > 0 ? STATUS_OK : STATUS_NO;
}

/* The input ends. */
static enum status
finish(struct reader *reader, struct error *error)
{
	struct csv_reader *csv = reader->csv;

	if (csv_fini(&csv->parser, take_field, take_end, csv) != 0)
		return fault(reader, csv->began, csv->count, "a quote that is never closed", error);
	return STATUS_OK;
}

/* A record by libcsv, from the line that begins at `at`. */
static enum status
read_record(struct reader *reader, size_t at, uintmax_t number, struct error *error)
{
	enum status status = STATUS_NO;

	begin_record(reader, number);
	reader->at = at;
	reader->line = number - 1;
	while (status == STATUS_NO) {
		size_t from = reader->at;
		struct slice line;

		if (!reader_line(reader, &line))
			status = finish(reader, error);
		else if (from + line.length - at > READER_LINE_MAX)
			status = fault(reader, reader->csv->began, reader->csv->count,
			    "a record of more than 1 MiB, or a quote that is never closed", error);
		else
			status = feed(reader, (struct slice){ line.data, reader->at - from }, error);
	}
	reader->raw = (struct slice){ reader->bytes.data + at, reader->at - at };
	if (status == STATUS_REFUSED)
		resume(reader, at, number);
	return status;
}

/* The fields of the record in csv as values. */
static size_t
take_values(struct reader *reader)
{
	const struct csv_reader *csv = reader->csv;
	size_t count = csv->count < READER_COLUMNS_MAX ? csv->count : READER_COLUMNS_MAX;

	for (size_t i = 0; i < count; i++)
		reader->values[i] = (struct slice){ csv->text.data + csv->fields[i].offset, csv->fields[i].length };
	return csv->count;
}

/* Nothing is on the line; where there is but one column, that is a value of TSV, which has no quotes to show it. */
static bool
is_blank(const struct reader *reader, struct slice line)
{
	return line.length == 0 && !(reader->format == FORMAT_TSV && reader->column_count == 1);
}

/*
 * The next record that is not a blank line: its values, and their number in *count.
 * *simple when all of them have been checked; *quoteless is row.bare then.
 */
static enum status
next_record(struct reader *reader, size_t *count, uintmax_t *number, bool *simple, uint64_t *quoteless,
    struct error *error)
{
	struct buffer *decoded = &reader->csv->text;
	struct slice line;
	size_t at;
	enum status status;

	*simple = false;
	do {
		at = reader->at;
		if (!reader_line(reader, &line))
			return STATUS_NO;
		reader->raw = (struct slice){ line.data, reader->at - at };
		if (!reader_fits(reader, line, error))
			return STATUS_REFUSED;
		line = without_returns(line);
	} while (is_blank(reader, line));
	*number = reader->line;
	if (reader->format == FORMAT_TSV) {
		*count = csv_simple_tabs(line, reader->options.delimiter, decoded, reader->values);
		return STATUS_OK;
	}
	/* libcsv would take it for an empty line. */
	if (line.data[0] == '\r')
		return fault(reader, *number, SIZE_MAX, "a carriage return that ends no line", error);
	*simple = !reader->all_by_libcsv && text_check(line, NULL) == TEXT_OK &&
	    csv_simple_split(line, reader->options.delimiter, decoded, reader->values, count, quoteless);
	if (*simple)
		return STATUS_OK;
	status = read_record(reader, at, *number, error);
	if (status == STATUS_OK)
		*count = take_values(reader);
	return status;
}

/* Without a byte order mark, which also stands in the middle where lines or files were put before one. */
static struct slice
without_mark(struct slice text)
{
	return slice_starts(text, "\xef\xbb\xbf") ? (struct slice){ text.data + 3, text.length - 3 } : text;
}

/* The raw bytes of a line without its end. */
static struct slice
bare(struct slice raw)
{
	raw = without_mark(raw);
	if (raw.length > 0 && raw.data[raw.length - 1] == '\n')
		raw.length--;
	return without_returns(raw);
}

/* A first look, which is enough for most rows. */
static bool
may_be_header(const struct reader *reader)
{
	struct slice raw = reader->raw, header = reader->header;

	return raw.length >= header.length && header.length > 0 &&
	    (raw.data[0] == header.data[0] || raw.data[0] == '\xef');
}

enum status
csv_reader_next(struct reader *reader, struct row *row, struct error *error)
{
	size_t count, faults = error->total;
	uintmax_t number;
	uint64_t quoteless;
	bool simple;
	enum status status = next_record(reader, &count, &number, &simple, &quoteless, error);

	if (status != STATUS_OK)
		return status;
	if (count != reader->column_count) {
		struct place place = { reader->name, number, NULL };

		return error_add(error, &place, "%zu value%s where the header has %zu column%s", count,
		    count != 1 ? "s" : "", reader->column_count, reader->column_count != 1 ? "s" : "");
	}
	/* Files that were put together with cat(1) have it once more. */
	if (may_be_header(reader) && slice_equal(bare(reader->raw), reader->header))
		return fault(reader, number, SIZE_MAX, "the header again", error);
	for (size_t i = 0; !simple && i < count; i++) {
		if (reader->columns[i].length > 0)
			reader_clean(reader, &reader->values[i], number, column_name(reader, i), error);
	}
	*row = (struct row){ .line = number, .count = count, .values = reader->values, .plain = simple };
	if (simple)
		row->bare = quoteless;
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

/* One column of the header; again: which names were there before, and told so. */
static void
add_header(struct reader *reader, size_t index, bool *again, struct error *error)
{
	struct slice name = reader->values[index];
	size_t known = reader->column_count, found;
	uintmax_t line = reader->header_line;
	struct place place = { reader->name, line, NULL };

	if (!reader_clean(reader, &name, line, NULL, error))
		return;
	if (index == 0)
		name = without_mark(name);
	if (name.length == 0) {
		error_add(error, &place, "column %zu of the header has no name", index + 1);
		return;
	}
	name = reader_rename(reader, name);
	if (name.length == 0) {
		/* dropped, but it keeps its place */
		reader->columns[reader->column_count++] = name;
		return;
	}
	found = reader_add_column(reader, name, line, error);
	if (found < known && !again[found]) {
		again[found] = true;
		error_add(error, &place, "the header names \"%.*s\" more than once", (int)name.length, name.data);
	}
}

enum status
csv_reader_open(struct reader *reader, struct error *error)
{
	struct place place = { reader->name, 0, NULL };
	bool again[READER_COLUMNS_MAX] = { false };
	size_t count, faults = error->total;
	uintmax_t line = 0;
	uint64_t ignored;
	bool simple;
	enum status status;

	reader->csv = memory_new(sizeof *reader->csv);
	status = next_record(reader, &count, &line, &simple, &ignored, error);
	if (status == STATUS_NO)
		return error_add(error, &place, "empty: there is not even a header");
	if (status != STATUS_OK)
		return status;
	place.line = line;
	if (count > READER_COLUMNS_MAX)
		return error_add(error, &place, "%zu columns, more than %d", count, READER_COLUMNS_MAX);
	reader->header = bare(reader->raw);
	reader->header_line = line;
	for (size_t i = 0; i < count; i++)
		add_header(reader, i, again, error);
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

void
csv_reader_close(struct csv_reader *csv)
{
	if (csv == NULL)
		return;
	csv_free(&csv->parser);
	buffer_release(&csv->text);
	free(csv);
}
