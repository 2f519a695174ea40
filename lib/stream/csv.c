/* csv: one line of RFC 4180, split and put together */
#include "stream/csv.h"

#include <string.h>

#include "stream/scan.h"

/* Walks over the fields of a line; mask has the commas of the block at base that are still to come. */
struct cursor {
	struct slice line;
	size_t start; /* of the field that comes next; past the line's length when none does */
	size_t at;    /* where the next block begins */
	size_t base;
	unsigned mask;
};

/* Where the quoted text that begins at start ends: behind its closing quote. */
static size_t
quoted_end(struct slice line, size_t start)
{
	size_t at = start + 1;

	while (at < line.length) {
		const char *quote = memchr(line.data + at, '"', line.length - at);

		if (quote == NULL)
			break;
		at = (size_t)(quote - line.data) + 1;
		if (at >= line.length || line.data[at] != '"')
			return at;
		at++;
	}
	return line.length;
}

/* A field begins at start: a comma inside its quotes is none. */
static inline void
begin_field(struct cursor *cursor, size_t start)
{
	cursor->start = start;
	if (start < cursor->line.length && cursor->line.data[start] == '"') {
		cursor->mask = 0;
		cursor->at = quoted_end(cursor->line, start);
	}
}

static inline struct cursor
cursor_of(struct slice line)
{
	struct cursor cursor = { .line = line };

	begin_field(&cursor, 0);
	return cursor;
}

static inline bool
next_field(struct cursor *cursor, struct slice *field)
{
	size_t end;

	if (cursor->start > cursor->line.length)
		return false;
	while (cursor->mask == 0 && cursor->at < cursor->line.length) {
		cursor->base = cursor->at;
		cursor->mask = scan_equal(scan_at(cursor->line, cursor->at), ',');
		cursor->at += SCAN_BLOCK;
	}
	if (cursor->mask == 0) {
		*field = (struct slice){ cursor->line.data + cursor->start, cursor->line.length - cursor->start };
		cursor->start = cursor->line.length + 1;
		return true;
	}
	end = cursor->base + (size_t)__builtin_ctz(cursor->mask);
	*field = (struct slice){ cursor->line.data + cursor->start, end - cursor->start };
	cursor->mask &= cursor->mask - 1;
	begin_field(cursor, end + 1);
	return true;
}

size_t
csv_split(struct slice line, struct slice *fields, size_t limit)
{
	struct cursor cursor = cursor_of(line);
	struct slice field;
	size_t count = 0;

	for (; next_field(&cursor, &field); count++)
		if (count < limit)
			fields[count] = field;
	return count;
}

struct slice
csv_field(struct slice line, size_t index)
{
	struct cursor cursor = cursor_of(line);
	struct slice field;

	while (next_field(&cursor, &field))
		if (index-- == 0)
			return field;
	return (struct slice){ NULL, 0 };
}

void
csv_pick(struct slice line, const size_t *indexes, size_t count, struct slice *fields)
{
	struct cursor cursor = cursor_of(line);
	struct slice field = { NULL, 0 };
	size_t next = 0;

	for (size_t i = 0; i < count; i++) {
		for (; next <= indexes[i]; next++) {
			if (!next_field(&cursor, &field))
				field = (struct slice){ NULL, 0 };
		}
		fields[i] = field;
	}
}

struct slice
csv_decode(struct slice raw, struct arena *arena)
{
	struct slice inner;
	const char *quote;
	char *copy;
	size_t length;

	if (raw.length == 0 || raw.data[0] != '"')
		return raw;
	inner = (struct slice){ raw.data + 1, raw.length - 1 };
	if (inner.length > 0 && inner.data[inner.length - 1] == '"')
		inner.length--;
	quote = inner.length > 0 ? memchr(inner.data, '"', inner.length) : NULL;
	if (quote == NULL)
		return inner;

	copy = arena_take(arena, inner.length);
	length = (size_t)(quote - inner.data);
	memcpy(copy, inner.data, length);
	for (size_t i = length; i < inner.length; i++) {
		copy[length++] = inner.data[i];
		if (inner.data[i] == '"' && i + 1 < inner.length && inner.data[i + 1] == '"')
			i++;
	}
	return (struct slice){ copy, length };
}

bool
csv_must_quote(struct slice value)
{
	if (value.length == 0)
		return false;
	if (value.length < SCAN_BLOCK)
		return scan_quotable(scan_short(value)) != 0;
	for (size_t at = 0; at < value.length; at += SCAN_BLOCK)
		if (scan_quotable(scan_at(value, at)) != 0)
			return true;
	return false;
}

static char *
put_quoted(char *to, struct slice value)
{
	*to++ = '"';
	while (value.length > 0) {
		const char *quote = memchr(value.data, '"', value.length);
		size_t length = quote != NULL ? (size_t)(quote - value.data) + 1 : value.length;

		memcpy(to, value.data, length);
		to += length;
		if (quote != NULL)
			*to++ = '"';
		value = (struct slice){ value.data + length, value.length - length };
	}
	*to++ = '"';
	return to;
}

char *
csv_put(char *to, struct slice value)
{
	if (csv_must_quote(value))
		return put_quoted(to, value);
	if (value.length > 0)
		memcpy(to, value.data, value.length);
	return to + value.length;
}

void
csv_add(struct buffer *out, struct slice value)
{
	char *to = buffer_reserve(out, csv_room(value)), *end = csv_put(to, value);

	*end = '\0';
	out->length += (size_t)(end - to);
}

bool
csv_line(struct slice *text, struct slice *line)
{
	const char *end;

	if (text->length == 0)
		return false;
	end = memchr(text->data, '\n', text->length);
	line->data = text->data;
	line->length = end != NULL ? (size_t)(end - text->data) : text->length;
	text->data += line->length + (end != NULL);
	text->length -= line->length + (end != NULL);
	return true;
}
