/* delimited: the writer's CSV, TSV and ids */
#include <string.h>

#include "base/text.h"
#include "stream/csv.h"
#include "stream/writer_internal.h"

/*
 * White space and invisible characters that a spreadsheet skips, and the signs that
 * it takes for the start of a formula, both with their Unicode cousins.
 */
static const char *const skipped[] = { " ", "\t", "\r", "\n", TEXT_BREAK, "\xc2\xa0", "\xe3\x80\x80",
	"\xef\xbb\xbf", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84",
	"\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
	"\xe2\x80\x8b", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\xa0", NULL };
static const char *const signs[] = { "=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
	"\xef\xbc\xa0", "\xe2\x88\x92", NULL };

/* The length of the one among prefixes that text starts with, or 0. */
static size_t
prefix_length(struct slice text, const char *const *prefixes)
{
	for (; *prefixes != NULL; prefixes++)
		if (slice_starts(text, *prefixes))
			return strlen(*prefixes);
	return 0;
}

static bool
starts_formula(struct slice value)
{
	size_t length;

	/* a tab or line break in front is stripped by some programs and splits the cell in others */
	if (value.length > 0 && (value.data[0] == '\t' || value.data[0] == '\r' || value.data[0] == '\n'))
		return true;
	while ((length = prefix_length(value, skipped)) > 0) {
		value.data += length;
		value.length -= length;
	}
	return prefix_length(value, signs) > 0;
}

struct slice
writer_defuse(struct buffer *scratch, enum cell cell, struct slice value)
{
	if (cell == CELL_NUMBER || cell == CELL_INTEGER || cell == CELL_BOOL || !starts_formula(value))
		return value;
	buffer_clear(scratch);
	buffer_add_char(scratch, '\'');
	buffer_add_slice(scratch, value);
	return buffer_slice(scratch);
}

static void
csv_value(struct writer *writer, enum cell cell, struct slice value)
{
	size_t start = writer->out.length;
	struct buffer unfolded = BUFFER_INIT;

	if (writer->options.spreadsheet)
		value = writer_defuse(&writer->scratch, cell, value);
	if (!writer->options.raw || value.length == 0 || memmem(value.data, value.length, TEXT_BREAK, 3) == NULL) {
		csv_add(&writer->out, value);
	} else {
		text_unfold_breaks(&unfolded, value);
		csv_add(&writer->out, buffer_slice(&unfolded));
		buffer_release(&unfolded);
	}
	/* a line with nothing on it would not be read as a record */
	if (writer->count == 1 && writer->out.length == start)
		buffer_add_text(&writer->out, "\"\"");
}

static void
csv_begin(struct writer *writer)
{
	if (writer->options.no_header)
		return;
	for (size_t i = 0; i < writer->count; i++) {
		if (i > 0)
			buffer_add_char(&writer->out, ',');
		csv_add(&writer->out, slice_of(writer->columns[i].name));
	}
	buffer_add_char(&writer->out, '\n');
}

/* Values that are written as they stand: room is made for all of them at once. */
static void
csv_plain_row(struct buffer *out, const struct slice *values, size_t count)
{
	size_t room = 0;
	char *to;

	for (size_t i = 0; i < count; i++)
		room += csv_room(values[i]) + 1;
	to = buffer_reserve(out, room);
	for (size_t i = 0; i < count; i++) {
		if (values[i].length > 0)
			to = csv_put(to, values[i]);
		*to++ = ',';
	}
	/* In place of the last comma. */
	to[-1] = '\n';
	*to = '\0';
	out->length = (size_t)(to - out->data);
}

static void
csv_row(struct writer *writer, const struct slice *values, const struct nested *nested, size_t nested_count)
{
	(void)nested;
	(void)nested_count;
	if (writer->count > 1 && !writer->options.raw && !writer->options.spreadsheet) {
		csv_plain_row(&writer->out, values, writer->count);
		return;
	}
	for (size_t i = 0; i < writer->count; i++) {
		if (i > 0)
			buffer_add_char(&writer->out, ',');
		csv_value(writer, writer->columns[i].cell, values[i]);
	}
	buffer_add_char(&writer->out, '\n');
}

/* Bytes from at on that are none of those that TSV escapes, nor begin a line break. */
static size_t
tsv_plain(struct slice value, size_t at)
{
	static const bool special[256] = { ['\t'] = true, ['\n'] = true, ['\r'] = true, ['\\'] = true, [0xe2] = true };
	size_t start = at;

	while (at < value.length && !special[(unsigned char)value.data[at]])
		at++;
	return at - start;
}

static void
tsv_value(struct writer *writer, struct slice value)
{
	struct buffer *out = &writer->out;

	for (size_t i = 0; i < value.length; i++) {
		size_t plain = tsv_plain(value, i);
		char c;

		buffer_add(out, value.data + i, plain);
		i += plain;
		if (i == value.length)
			break;
		c = value.data[i];
		if (c == '\t')
			buffer_add_text(out, "\\t");
		else if (c == '\n')
			buffer_add_text(out, "\\n");
		else if (c == '\r')
			buffer_add_text(out, "\\r");
		else if (c == '\\')
			buffer_add_text(out, "\\\\");
		else if (writer->options.raw && value.length - i >= 3 &&
		    memcmp(value.data + i, TEXT_BREAK, 3) == 0) {
			buffer_add_text(out, "\\n");
			i += 2;
		} else
			buffer_add_char(out, c);
	}
}

static void
tsv_begin(struct writer *writer)
{
	if (writer->options.no_header)
		return;
	for (size_t i = 0; i < writer->count; i++) {
		if (i > 0)
			buffer_add_char(&writer->out, '\t');
		tsv_value(writer, slice_of(writer->columns[i].name));
	}
	buffer_add_char(&writer->out, '\n');
}

static void
tsv_row(struct writer *writer, const struct slice *values, const struct nested *nested, size_t nested_count)
{
	(void)nested;
	(void)nested_count;
	for (size_t i = 0; i < writer->count; i++) {
		struct slice value = values[i];

		if (i > 0)
			buffer_add_char(&writer->out, '\t');
		if (writer->options.spreadsheet)
			value = writer_defuse(&writer->scratch, writer->columns[i].cell, value);
		tsv_value(writer, value);
	}
	buffer_add_char(&writer->out, '\n');
}

static void
ids_row(struct writer *writer, const struct slice *values, const struct nested *nested, size_t nested_count)
{
	(void)nested;
	(void)nested_count;
	if (writer->count == 0)
		return;
	buffer_add_slice(&writer->out, values[writer->id]);
	buffer_add_char(&writer->out, '\n');
}

const struct writer_format writer_csv = { .begin = csv_begin, .row = csv_row };
const struct writer_format writer_tsv = { .begin = tsv_begin, .row = tsv_row };
const struct writer_format writer_ids = { .row = ids_row };
