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

struct field {
	size_t offset, length; /* in text */
};

struct csv_reader {
	struct csv_parser parser;
	struct buffer text;    /* the fields of the record, one after the other */
	struct field fields[READER_COLUMNS_MAX + 1];
	size_t count;          /* fields seen, kept or not */
	unsigned ends;         /* ends of records seen */
};

static int
no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void
take_field(void *data, size_t length, void *context)
{
	struct csv_reader *csv = context;

	if (csv->count <= READER_COLUMNS_MAX)
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
begin_record(struct reader *reader)
{
	struct csv_reader *csv = reader->csv;

	csv_free(&csv->parser);
	csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_delim(&csv->parser, (unsigned char)reader->options.delimiter);
	csv_set_space_func(&csv->parser, no_space);
	buffer_clear(&csv->text);
	csv->count = 0;
	csv->ends = 0;
}

/* The name of the column that is being read, for messages; NULL in the header. */
static const char *
column_name(const struct reader *reader, size_t index)
{
	return index < reader->column_count ? reader->columns[index].data : NULL;
}

static enum status
fault(struct reader *reader, uintmax_t line, size_t column, const char *text, struct error *error)
{
	struct place place = { reader->name, line, column == SIZE_MAX ? NULL : column_name(reader, column) };

	return error_add(error, &place, "%s", text);
}

/* Where reading goes on after a record that is none: behind its first line. */
static void
resume(struct reader *reader, size_t at, uintmax_t line)
{
	struct slice skipped;

	reader->at = at;
	reader->line = line - 1;
	reader_line(reader, &skipped);
	reader->raw = (struct slice){ reader->bytes.data + at, reader->at - at };
}

/* Feeds one physical line, its line end included; STATUS_NO when the record goes on behind it. */
static enum status
feed(struct reader *reader, struct slice line, uintmax_t number, struct error *error)
{
	struct csv_reader *csv = reader->csv;
	size_t used = csv_parse(&csv->parser, line.data, line.length, take_field, take_end, csv);

	if (used != line.length)
		return fault(reader, number, csv->count, "a quote in the middle of a value", error);
	if (csv->ends > 1)
		return fault(reader, number, SIZE_MAX, "a carriage return that ends no line", error);
	return csv->ends == 1 ? STATUS_OK : STATUS_NO;
}

static enum status
finish(struct reader *reader, uintmax_t number, struct error *error)
{
	struct csv_reader *csv = reader->csv;

	if (csv_fini(&csv->parser, take_field, take_end, csv) != 0)
		return fault(reader, number, csv->count, "a quote that is never closed", error);
	return STATUS_OK;
}

/* A record by libcsv, from the line that begins at `at`. */
static enum status
read_record(struct reader *reader, size_t at, uintmax_t number, struct error *error)
{
	enum status status = STATUS_NO;
	struct slice line;

	begin_record(reader);
	reader->at = at;
	reader->line = number - 1;
	while (status == STATUS_NO) {
		size_t from = reader->at;

		if (!reader_line(reader, &line)) {
			status = finish(reader, number, error);
			break;
		}
		if (reader->at - at > READER_LINE_MAX)
			status = fault(reader, number, SIZE_MAX, "a record of more than 1 MiB, or a quote that is never closed",
			    error);
		else
			status = feed(reader, (struct slice){ reader->bytes.data + from, reader->at - from }, number, error);
		if (status == STATUS_NO && reader->at == reader->bytes.length)
			status = finish(reader, number, error);
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

/*
 * A field in quotes that begins at p, as RFC 4180 has it: up to a quote that the
 * delimiter or the end of the line follows.  Gives where it ends, NULL when libcsv
 * must look at it.
 */
static const char *
quoted_field(struct reader *reader, const char *p, const char *end, struct slice *value)
{
	const char *start = ++p, *quote = memchr(p, '"', (size_t)(end - p));
	char *out, *to;

	if (quote == NULL)
		return NULL;
	if (quote + 1 == end || quote[1] == reader->options.delimiter) {
		*value = (struct slice){ start, (size_t)(quote - start) };
		return quote + 1;
	}
	out = to = arena_take(&reader->arena, (size_t)(end - start));
	while (quote != NULL && quote + 1 < end && quote[1] == '"') {
		memcpy(to, p, (size_t)(quote + 1 - p));
		to += quote + 1 - p;
		p = quote + 2;
		quote = memchr(p, '"', (size_t)(end - p));
	}
	if (quote == NULL || (quote + 1 < end && quote[1] != reader->options.delimiter))
		return NULL;
	memcpy(to, p, (size_t)(quote - p));
	to += quote - p;
	*value = (struct slice){ out, (size_t)(to - out) };
	return quote + 1;
}

/*
 * Splits a line that means the same to everybody: quotes only around whole fields,
 * every one closed.  At most READER_COLUMNS_MAX values are kept; *count is how many
 * there are.  false when libcsv must look at it.
 */
static bool
split_simple(struct reader *reader, struct slice line, bool quotes, size_t *count)
{
	const char *p = line.data, *end = p + line.length;

	for (*count = 0;; p++) {
		struct slice value;
		const char *stop;

		if (quotes && p < end && *p == '"') {
			stop = quoted_field(reader, p, end, &value);
			if (stop == NULL)
				return false;
		} else {
			stop = memchr(p, reader->options.delimiter, (size_t)(end - p));
			if (stop == NULL)
				stop = end;
			value = (struct slice){ p, (size_t)(stop - p) };
			if (quotes && memchr(p, '"', value.length) != NULL)
				return false;
		}
		if (*count < READER_COLUMNS_MAX)
			reader->values[*count] = value;
		(*count)++;
		if (stop == end)
			return true;
		p = stop;
	}
}

/* TSV has no quotes: \\t, \\n and \\\\ stand for what can't be in it. */
static void
unescape(struct reader *reader, size_t count)
{
	for (size_t i = 0; i < count && i < READER_COLUMNS_MAX; i++) {
		struct slice *value = &reader->values[i];
		char *out, *start;

		if (memchr(value->data, '\\', value->length) == NULL)
			continue;
		start = out = arena_take(&reader->arena, value->length);
		for (size_t k = 0; k < value->length; k++) {
			char c = value->data[k];

			if (c == '\\' && k + 1 < value->length) {
				c = value->data[++k];
				c = c == 't' ? '\t' : c == 'n' ? '\n' : c;
			}
			*out++ = c;
		}
		*value = (struct slice){ start, (size_t)(out - start) };
	}
}

/*
 * The next record that is not a blank line: its values, and their number in *count.
 * *simple when the whole line has been checked.
 */
static enum status
next_record(struct reader *reader, size_t *count, uintmax_t *number, bool *simple, struct error *error)
{
	struct slice line;
	size_t at;
	enum status status;

	*simple = false;
	do {
		at = reader->at;
		if (!reader_line(reader, &line))
			return STATUS_NO;
		*number = reader->line;
		if (line.length > 0 && line.data[line.length - 1] == '\r')
			line.length--;
	} while (line.length == 0);
	reader->raw = (struct slice){ reader->bytes.data + at, reader->at - at };
	if (line.length >= READER_LINE_MAX)
		return fault(reader, *number, SIZE_MAX, "a line of more than 1 MiB", error);
	if (reader->format == FORMAT_TSV) {
		split_simple(reader, line, false, count);
		unescape(reader, *count);
		return STATUS_OK;
	}
	/* A carriage return in the middle is a fault, so it never passes as simple. */
	*simple = text_check(line, NULL) == TEXT_OK;
	if (*simple && split_simple(reader, line, memchr(line.data, '"', line.length) != NULL, count))
		return STATUS_OK;
	*simple = false;
	status = read_record(reader, at, *number, error);
	if (status == STATUS_OK)
		*count = take_values(reader);
	return status;
}

/* Whether the values are the header's once more. */
static bool
is_header_again(const struct reader *reader, struct slice raw)
{
	return slice_equal(slice_trim(raw), slice_trim(reader->header));
}

enum status
csv_reader_next(struct reader *reader, struct row *row, struct error *error)
{
	size_t count, faults = error->total;
	uintmax_t number;
	bool simple;
	enum status status = next_record(reader, &count, &number, &simple, error);

	if (status != STATUS_OK)
		return status;
	if (count != reader->column_count) {
		struct place place = { reader->name, number, NULL };

		return error_add(error, &place, "%zu values where the header has %zu columns", count,
		    reader->column_count);
	}
	if (reader->raw.length <= reader->header.length + 2 && is_header_again(reader, reader->raw))
		return fault(reader, number, SIZE_MAX, "the header again", error);
	for (size_t i = 0; !simple && i < count; i++)
		reader_clean(reader, &reader->values[i], number, column_name(reader, i), error);
	*row = (struct row){ .line = number, .count = count, .values = reader->values };
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

/* One column of the header. */
static void
add_header(struct reader *reader, size_t index, uintmax_t line, struct error *error)
{
	struct slice name = reader->values[index], renamed;
	struct place place = { reader->name, line, NULL };

	if (!reader_clean(reader, &name, line, NULL, error))
		return;
	renamed = reader_rename(reader, name);
	if (name.length == 0)
		error_add(error, &place, "column %zu of the header has no name", index + 1);
	for (size_t i = 0; i < reader->column_count && renamed.length > 0; i++) {
		if (slice_equal(reader->columns[i], renamed))
			error_add(error, &place, "the header names \"%.*s\" twice", (int)renamed.length, renamed.data);
	}
	/* A column that was mapped to nothing keeps its place without a name. */
	reader->columns[reader->column_count++] = arena_copy(&reader->names, renamed);
}

enum status
csv_reader_open(struct reader *reader, struct error *error)
{
	struct place place = { reader->name, 0, NULL };
	size_t count;
	uintmax_t line = 0;
	bool simple;
	enum status status;

	reader->csv = memory_new(sizeof *reader->csv);
	status = next_record(reader, &count, &line, &simple, error);
	if (status == STATUS_NO)
		return error_add(error, &place, "empty: there is not even a header");
	if (status != STATUS_OK)
		return status;
	place.line = line;
	if (count > READER_COLUMNS_MAX)
		return error_add(error, &place, "%zu columns, more than %d", count, READER_COLUMNS_MAX);
	reader->header = slice_trim(reader->raw);
	for (size_t i = 0; i < count; i++)
		add_header(reader, i, line, error);
	return error->total > 0 ? STATUS_REFUSED : STATUS_OK;
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
