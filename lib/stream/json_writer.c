/* json_writer: the writer's JSON lines (RFC 8259, one object a line) */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "stream/scan.h"
#include "stream/utf8.h"
#include "stream/writer_internal.h"

/*
 * Values are put where room was made for the whole row before: at most ESCAPE_MOST bytes
 * for one of theirs, and a few around them.  A block that is written beyond what counts
 * is written over again.
 */
enum { ESCAPE_MOST = 6 /* \u001f */, AROUND_MOST = 4 /* "" and more */, BEYOND = 2 * SCAN_BLOCK };

static inline char *
put_text(char *to, const char *text, size_t length)
{
	memcpy(to, text, length);
	return to + length;
}

/*
 * Copies up to a block of text, which is not empty; returns how many of its bytes stand for
 * themselves in a JSON string (printable ASCII only), at most those of a block.
 */
static inline size_t
put_plain(char *to, struct slice text)
{
	bool whole = text.length >= SCAN_BLOCK;
	struct scan_block block = whole ? scan_load(text.data, 0) : scan_short(text);

	scan_store(block, to);
	return (size_t)__builtin_ctz(scan_special(block) | 1u << (whole ? SCAN_BLOCK : text.length));
}

static char *
put_code(char *to, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";

	to = put_text(to, "\\u00", 4);
	*to++ = digits[c >> 4];
	*to++ = digits[c & 0xf];
	return to;
}

static char *
put_ascii(char *to, char c)
{
	switch (c) {
	case '"':
		return put_text(to, "\\\"", 2);
	case '\\':
		return put_text(to, "\\\\", 2);
	case '\n':
		return put_text(to, "\\n", 2);
	case '\r':
		return put_text(to, "\\r", 2);
	case '\t':
		return put_text(to, "\\t", 2);
	default:
		break;
	}
	if ((unsigned char)c < 0x20 || c == 0x7f)
		return put_code(to, (unsigned char)c);
	*to = c;
	return to + 1;
}

static inline bool
continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/*
 * The length of the character beyond ASCII that text begins with, where it stands for itself
 * and a look at its bytes tells so: as for nearly all letters.  Else 0.
 */
static inline size_t
letter_length(struct slice text)
{
	unsigned char lead = (unsigned char)text.data[0];

	if (text.length < 3)
		return text.length == 2 && lead >= 0xc2 && lead < 0xe0 && continues(text.data[1]) ? 2 : 0;
	if (!continues(text.data[1]) || lead < 0xc2)
		return 0;
	if (lead < 0xe0)
		return 2;
	/* e0 and ed have forms that are wrong, e2 has TEXT_BREAK */
	return lead < 0xf0 && lead != 0xe0 && lead != 0xe2 && lead != 0xed && continues(text.data[2]) ? 3 : 0;
}

/* Adds the first character of text that is not plain, and moves behind it. */
static char *
put_special(char *to, struct slice *text)
{
	size_t length = utf8_length(*text);
	const char *from = text->data;

	text->data += length > 0 ? length : 1;
	text->length -= length > 0 ? length : 1;
	if (length == 1)
		return put_ascii(to, *from);
	/* only a damaged store holds such a byte, and JSON must stay UTF-8 */
	if (length == 0)
		return put_text(to, "\xef\xbf\xbd", 3);
	if (length == 3 && memcmp(from, TEXT_BREAK, 3) == 0)
		return put_text(to, "\\n", 2);
	return put_text(to, from, length);
}

/* Adds the characters that text begins with and are not ASCII, and moves behind them. */
static inline char *
put_letters(char *to, struct slice *text)
{
	struct slice rest = *text;

	while (rest.length > 0 && (unsigned char)rest.data[0] >= 0x80) {
		size_t length = letter_length(rest);

		if (length == 0) {
			to = put_special(to, &rest);
			continue;
		}
		to[0] = rest.data[0];
		to[1] = rest.data[1];
		to[length - 1] = rest.data[length - 1];
		to += length;
		rest.data += length;
		rest.length -= length;
	}
	*text = rest;
	return to;
}

/* The rest of a text, which is not empty, and of whose first block length bytes were put. */
static char *
put_rest(char *to, struct slice text, size_t length)
{
	for (;;) {
		to += length;
		text.data += length;
		text.length -= length;
		if (length < SCAN_BLOCK && text.length > 0 && (unsigned char)text.data[0] < 0x80)
			to = put_special(to, &text);
		to = put_letters(to, &text);
		if (text.length == 0)
			return to;
		length = put_plain(to, text);
	}
}

static inline char *
put_string(char *to, struct slice text)
{
	*to++ = '"';
	if (text.length > 0) {
		size_t length = put_plain(to, text);

		to = length == text.length ? to + length : put_rest(to, text, length);
	}
	*to++ = '"';
	return to;
}

static char *
put_tags(char *to, struct slice tags)
{
	bool first = true;

	*to++ = '[';
	while (tags.data != NULL && tags.length > 0) {
		struct slice tag = slice_cut(&tags, ' ');

		if (tag.length == 0)
			continue;
		if (!first)
			*to++ = ',';
		first = false;
		to = put_string(to, tag);
	}
	*to++ = ']';
	return to;
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

/* Of a value that is not empty. */
static inline char *
put_value(char *to, enum cell cell, struct slice value)
{
	if (cell == CELL_TEXT)
		return put_string(to, value);
	if (is_literal(cell, value))
		return put_text(to, value.data, value.length);
	return cell == CELL_TAGS ? put_tags(to, value) : put_string(to, value);
}

/* Room for the values of a row, without what stands between them. */
static size_t
values_room(const struct slice *values, size_t count)
{
	size_t room = 0;

	for (size_t i = 0; i < count; i++)
		room += values[i].length;
	return room * ESCAPE_MOST + count * AROUND_MOST + BEYOND;
}

/* Ends what was put from buffer_reserve on. */
static void
end_put(struct buffer *out, const char *to)
{
	out->length = (size_t)(to - out->data);
	out->data[out->length] = '\0';
}

static void
add_string(struct buffer *out, struct slice text)
{
	end_put(out, put_string(buffer_reserve(out, values_room(&text, 1)), text));
}

static void
add_nested_row(struct buffer *out, const struct nested *nested, size_t row)
{
	const struct slice *values = &nested->values[row * nested->column_count];

	buffer_add_char(out, '{');
	for (size_t i = 0; i < nested->column_count; i++) {
		if (i > 0)
			buffer_add_char(out, ',');
		add_string(out, slice_of(nested->columns[i].name));
		buffer_add_char(out, ':');
		if (values[i].length == 0)
			buffer_add(out, "null", 4);
		else
			end_put(out,
			    put_value(buffer_reserve(out, values_room(&values[i], 1)),
				nested->columns[i].cell, values[i]));
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

/* "name":value of every column with its comma, which is null; how much of it is for the name. */
static void
json_begin(struct writer *writer)
{
	writer->keys = memory_array(writer->count + 1, sizeof *writer->keys);
	for (size_t i = 0; i < writer->count; i++) {
		struct json_key *key = &writer->keys[i];

		key->start = writer->nulls.length;
		buffer_add_char(&writer->nulls, ',');
		add_string(&writer->nulls, slice_of(writer->columns[i].name));
		buffer_add_char(&writer->nulls, ':');
		key->length = writer->nulls.length - key->start;
		key->cell = writer->columns[i].cell;
		buffer_add_text(&writer->nulls, "null");
	}
	writer->keys[writer->count].start = writer->nulls.length;
	/* A block of it may be read beyond its end. */
	memset(buffer_reserve(&writer->nulls, SCAN_BLOCK), 0, SCAN_BLOCK);
}

/* Most keys are no longer than a block. */
static inline char *
put_key(char *to, const char *key, size_t length)
{
	if (length > SCAN_BLOCK)
		return put_text(to, key, length);
	memcpy(to, key, SCAN_BLOCK);
	return to + length;
}

/* The columns; those without a value that follow each other are one piece of text. */
static char *
put_columns(const struct writer *writer, const struct slice *values, char *to)
{
	const struct json_key *keys = writer->keys;
	const char *nulls = writer->nulls.data;
	size_t count = writer->count, i = 0;

	while (i < count) {
		size_t start = keys[i].start;

		if (values[i].length == 0) {
			while (++i < count && values[i].length == 0)
				;
			to = put_text(to, nulls + start, keys[i].start - start);
			continue;
		}
		to = put_key(to, nulls + start, keys[i].length);
		to = put_value(to, keys[i].cell, values[i]);
		i++;
	}
	return to;
}

static void
json_row(struct writer *writer, const struct slice *values, const struct nested *nested, size_t nested_count)
{
	struct buffer *out = &writer->out;
	size_t before = out->length;

	end_put(out,
	    put_columns(writer, values,
		buffer_reserve(out, writer->nulls.length + values_room(values, writer->count))));
	for (size_t i = 0; i < nested_count; i++) {
		buffer_add_char(out, ',');
		add_nested(out, &nested[i]);
	}
	if (out->length == before)
		buffer_add_char(out, ',');
	/* In place of the first comma. */
	out->data[before] = '{';
	buffer_add(out, "}\n", 2);
}

const struct writer_format writer_json = { .begin = json_begin, .row = json_row };
