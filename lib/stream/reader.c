/* reader: what all formats have in common */
#include "stream/reader_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

struct slice
reader_rename(struct reader *reader, struct slice name)
{
	for (const char *const *map = reader->options.map; map != NULL && *map != NULL; map++) {
		struct slice to = slice_of(*map), from = slice_cut(&to, '=');

		if (slice_equal(from, name))
			return to.data != NULL ? to : (struct slice){ "", 0 };
	}
	return name;
}

static size_t
find_column(const struct reader *reader, struct slice name)
{
	for (size_t i = 0; i < reader->column_count; i++) {
		if (slice_equal(reader->columns[i], name))
			return i;
	}
	return SIZE_MAX;
}

size_t
reader_add_column(struct reader *reader, struct slice name, uintmax_t line, struct error *error)
{
	size_t index = find_column(reader, name);
	struct place place = { reader->name, line, NULL };

	if (index != SIZE_MAX)
		return index;
	if (reader->column_count == READER_COLUMNS_MAX) {
		error_add(error, &place, "more than %d columns", READER_COLUMNS_MAX);
		return SIZE_MAX;
	}
	reader->columns[reader->column_count] = arena_copy(&reader->names, name);
	return reader->column_count++;
}

bool
reader_line(struct reader *reader, struct slice *line)
{
	const char *start = reader->bytes.data + reader->at, *newline;
	size_t left = reader->bytes.length - reader->at;

	if (left == 0)
		return false;
	newline = memchr(start, '\n', left);
	*line = (struct slice){ start, newline != NULL ? (size_t)(newline - start) : left };
	reader->at += line->length + (newline != NULL);
	reader->line++;
	return true;
}

bool
reader_clean(struct reader *reader, struct slice *value, uintmax_t line, const char *column, struct error *error)
{
	struct place place = { reader->name, line, column };
	struct buffer folded = BUFFER_INIT;
	enum text_fault fault = text_check(*value, NULL);
	const char *cr;

	if (fault == TEXT_OK)
		return true;
	if (fault == TEXT_BROKEN) {
		text_fold_breaks(&folded, *value);
		*value = arena_copy(&reader->arena, buffer_slice(&folded));
		buffer_release(&folded);
		/* What follows the first break has not been looked at. */
		for (struct slice rest = *value; fault == TEXT_BROKEN;) {
			cr = memmem(rest.data, rest.length, TEXT_BREAK, strlen(TEXT_BREAK));
			if (cr == NULL) {
				fault = text_check(rest, NULL);
				break;
			}
			fault = text_check((struct slice){ rest.data, (size_t)(cr - rest.data) }, NULL);
			rest.length -= (size_t)(cr - rest.data) + strlen(TEXT_BREAK);
			rest.data = cr + strlen(TEXT_BREAK);
			if (fault == TEXT_OK)
				fault = TEXT_BROKEN;
		}
		if (fault == TEXT_OK || fault == TEXT_BROKEN)
			return true;
	}
	error_add(error, &place, "%s", text_fault_name(fault));
	return false;
}

/* JSON when an object comes first, else CSV. */
static enum format
guess(struct slice bytes)
{
	struct slice text = slice_trim((struct slice){ bytes.data, bytes.length < 4096 ? bytes.length : 4096 });

	return text.length > 0 && text.data[0] == '{' ? FORMAT_JSON : FORMAT_CSV;
}

static void
skip_lines(struct reader *reader)
{
	struct slice line;

	for (size_t i = 0; i < reader->options.skip; i++) {
		if (!reader_line(reader, &line))
			break;
	}
}

static enum status
start(struct reader *reader, struct error *error)
{
	struct place place = { reader->name, 0, NULL };
	enum status status = encoding_convert(reader->name, reader->options.encoding, &reader->bytes,
	    &reader->converted, error);

	if (status != STATUS_OK)
		return status;
	if (reader->bytes.length == 0)
		return error_add(error, &place, "empty: there is not even a header");
	skip_lines(reader);
	if (reader->format == FORMAT_AUTO)
		reader->format = guess(
		    (struct slice){ reader->bytes.data + reader->at, reader->bytes.length - reader->at });
	if (reader->format == FORMAT_TSV && reader->options.delimiter == '\0')
		reader->options.delimiter = '\t';
	if (reader->options.delimiter == '\0')
		reader->options.delimiter = ',';
	if (reader->format == FORMAT_IDS)
		reader_add_column(reader, slice_of("id"), 0, error);
	if (reader->format == FORMAT_CSV || reader->format == FORMAT_TSV)
		return csv_reader_open(reader, error);
	return STATUS_OK;
}

enum status
reader_open(struct reader **out, const char *name, struct slice bytes, const struct reader_options *options,
    struct error *error)
{
	struct reader *reader = memory_new(sizeof *reader);
	enum status status;

	reader->name = name;
	reader->options = *options;
	reader->format = options->format;
	reader->bytes = bytes;
	reader->columns = memory_array(READER_COLUMNS_MAX, sizeof *reader->columns);
	reader->values = memory_array(READER_COLUMNS_MAX, sizeof *reader->values);
	status = start(reader, error);
	if (status != STATUS_OK) {
		reader_close(reader);
		reader = NULL;
	}
	*out = reader;
	return status;
}

void
reader_close(struct reader *reader)
{
	if (reader == NULL)
		return;
	csv_reader_close(reader->csv);
	arena_release(&reader->names);
	arena_release(&reader->arena);
	buffer_release(&reader->converted);
	free(reader->columns);
	free(reader->values);
	free(reader);
}

const char *
reader_name(const struct reader *reader)
{
	return reader->name;
}

const struct slice *
reader_columns(const struct reader *reader, size_t *count)
{
	*count = reader->column_count;
	return reader->columns;
}

size_t
reader_column(const struct reader *reader, const char *name)
{
	return find_column(reader, slice_of(name));
}

/* One id a line. */
static enum status
next_id(struct reader *reader, struct row *row, struct error *error)
{
	struct slice line;

	do {
		if (!reader_line(reader, &line))
			return STATUS_NO;
		reader->raw = line;
		line = slice_trim(line);
	} while (line.length == 0);
	reader->values[0] = line;
	*row = (struct row){ .line = reader->line, .count = 1, .values = reader->values };
	return reader_clean(reader, &reader->values[0], reader->line, "id", error) ? STATUS_OK : STATUS_REFUSED;
}

enum status
reader_next(struct reader *reader, struct row *row, struct error *error)
{
	arena_reset(&reader->arena);
	switch (reader->format) {
	case FORMAT_JSON:
		return json_reader_next(reader, row, error);
	case FORMAT_IDS:
		return next_id(reader, row, error);
	default:
		return csv_reader_next(reader, row, error);
	}
}

struct slice
reader_raw(const struct reader *reader)
{
	return reader->raw;
}

struct slice
reader_header(const struct reader *reader)
{
	return reader->header;
}
