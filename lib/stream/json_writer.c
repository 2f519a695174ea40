/* json_writer: the writer's JSON lines (RFC 8259, one object a line) */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "stream/scan.h"
#include "stream/utf8.h"
#include "stream/writer_internal.h"

/* How many bytes at the beginning of text stand for themselves in a JSON string; printable ASCII only. */
static size_t
plain_length(struct slice text)
{
	for (size_t at = 0; at < text.length; at += SCAN_BLOCK) {
		struct scan_block block = scan_at(text, at);
		unsigned special = scan_odd(block) | scan_equal(block, '"') | scan_equal(block, '\\');

		if (special != 0)
			return at + (size_t)__builtin_ctz(special);
	}
	return text.length;
}

static void
add_ascii(struct buffer *out, char c)
{
	switch (c) {
	case '"':
		buffer_add_text(out, "\\\"");
		return;
	case '\\':
		buffer_add_text(out, "\\\\");
		return;
	case '\n':
		buffer_add_text(out, "\\n");
		return;
	case '\r':
		buffer_add_text(out, "\\r");
		return;
	case '\t':
		buffer_add_text(out, "\\t");
		return;
	default:
		break;
	}
	if ((unsigned char)c < 0x20 || c == 0x7f)
		buffer_format(out, "\\u%04x", (unsigned)(unsigned char)c);
	else
		buffer_add_char(out, c);
}

/* Adds the first character of text that is not plain; returns how many bytes it had. */
static size_t
add_special(struct buffer *out, struct slice text)
{
	size_t length;

	if ((unsigned char)text.data[0] < 0x80) {
		add_ascii(out, text.data[0]);
		return 1;
	}
	length = utf8_length(text);
	if (length == 0) {
		/* only a damaged store holds such a byte, and JSON must stay UTF-8 */
		buffer_add_text(out, "\xef\xbf\xbd");
		return 1;
	}
	if (length == 3 && memcmp(text.data, TEXT_BREAK, 3) == 0)
		buffer_add_text(out, "\\n");
	else
		buffer_add(out, text.data, length);
	return length;
}

static void
add_string(struct buffer *out, struct slice text)
{
	buffer_add_char(out, '"');
	while (text.length > 0) {
		size_t length = plain_length(text);

		buffer_add(out, text.data, length);
		text.data += length;
		text.length -= length;
		while (text.length > 0 && ((unsigned char)text.data[0] >= 0x80 || length == 0)) {
			length = add_special(out, text);
			text.data += length;
			text.length -= length;
		}
	}
	buffer_add_char(out, '"');
}

static void
add_tags(struct buffer *out, struct slice tags)
{
	bool first = true;

	buffer_add_char(out, '[');
	while (tags.data != NULL && tags.length > 0) {
		struct slice tag = slice_cut(&tags, ' ');

		if (tag.length == 0)
			continue;
		if (!first)
			buffer_add_char(out, ',');
		first = false;
		add_string(out, tag);
	}
	buffer_add_char(out, ']');
}

/* An integer as JSON spells it: a plan's "+1" is none. */
static bool
is_integer(struct slice text)
{
	size_t start = text.length > 0 && text.data[0] == '-' ? 1 : 0;

	if (text.length == start || (text.data[start] == '0' && text.length > start + 1))
		return false;
	for (size_t i = start; i < text.length; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	return true;
}

static bool
is_literal(enum cell cell, struct slice value)
{
	if (cell == CELL_INTEGER)
		return is_integer(value);
	return cell == CELL_BOOL && (slice_is(value, "true") || slice_is(value, "false"));
}

static void
add_value(struct buffer *out, enum cell cell, struct slice value)
{
	if (value.length == 0)
		buffer_add_text(out, "null");
	else if (is_literal(cell, value))
		buffer_add_slice(out, value);
	else if (cell == CELL_TAGS)
		add_tags(out, value);
	else
		add_string(out, value);
}

static void
add_nested_row(struct buffer *out, const struct nested *nested, size_t row)
{
	buffer_add_char(out, '{');
	for (size_t i = 0; i < nested->column_count; i++) {
		if (i > 0)
			buffer_add_char(out, ',');
		add_string(out, slice_of(nested->columns[i].name));
		buffer_add_char(out, ':');
		add_value(out, nested->columns[i].cell, nested->values[row * nested->column_count + i]);
	}
	buffer_add_char(out, '}');
}

static void
add_nested(struct buffer *out, const struct nested *nested)
{
	add_string(out, slice_of(nested->name));
	buffer_add_text(out, ":[");
	for (size_t row = 0; row < nested->row_count; row++) {
		if (row > 0)
			buffer_add_char(out, ',');
		add_nested_row(out, nested, row);
	}
	buffer_add_char(out, ']');
}

static void
json_begin(struct writer *writer)
{
	writer->key_ends = memory_array(writer->count, sizeof *writer->key_ends);
	for (size_t i = 0; i < writer->count; i++) {
		buffer_add_char(&writer->keys, i == 0 ? '{' : ',');
		add_string(&writer->keys, slice_of(writer->columns[i].name));
		buffer_add_char(&writer->keys, ':');
		writer->key_ends[i] = writer->keys.length;
	}
}

static void
json_row(struct writer *writer, const struct slice *values, const struct nested *nested, size_t nested_count)
{
	struct buffer *out = &writer->out;
	size_t from = 0;

	if (writer->count == 0)
		buffer_add_char(out, '{');
	for (size_t i = 0; i < writer->count; i++) {
		buffer_add(out, writer->keys.data + from, writer->key_ends[i] - from);
		from = writer->key_ends[i];
		add_value(out, writer->columns[i].cell, values[i]);
	}
	for (size_t i = 0; i < nested_count; i++) {
		if (writer->count > 0 || i > 0)
			buffer_add_char(out, ',');
		add_nested(out, &nested[i]);
	}
	buffer_add_text(out, "}\n");
}

const struct writer_format writer_json = { .begin = json_begin, .row = json_row };
