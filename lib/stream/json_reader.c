/*
 * json_reader: JSON lines (RFC 8259, one object a line).
 *
 * Objects in objects become dotted columns, arrays of objects children, arrays of
 * plain values words.  Numbers stay text, so that no digit is lost.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "stream/reader_internal.h"
#include "stream/utf8.h"

enum {
	DEPTH_MAX = 16,
	EXPONENT_MAX = 64,  /* digits that an exponent may add */
	CHILDREN_MAX = 100000
};

struct parse {
	struct reader *reader;
	const char *p, *end;
	uintmax_t line;
	int depth;
	struct error *error;
};

/* One object's values while it is read. */
struct object {
	struct slice *values; /* by column */
	struct row *children;
	size_t child_count, child_capacity;
};

static bool
fail(struct parse *parse, const char *key, const char *text)
{
	struct place place = { parse->reader->name, parse->line, key };

	error_add(parse->error, &place, "%s", text);
	return false;
}

static void
skip_space(struct parse *parse)
{
	while (parse->p < parse->end &&
	    (*parse->p == ' ' || *parse->p == '\t' || *parse->p == '\r' || *parse->p == '\n'))
		parse->p++;
}

static bool
take(struct parse *parse, char c)
{
	skip_space(parse);
	if (parse->p == parse->end || *parse->p != c)
		return false;
	parse->p++;
	return true;
}

/* Four hexadecimal digits. */
static bool
read_unit(struct parse *parse, uint32_t *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++, parse->p++) {
		char c = parse->p < parse->end ? *parse->p : '\0';
		uint32_t digit;

		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			digit = (uint32_t)((c | 32) - 'a') + 10;
		else
			return false;
		*unit = *unit << 4 | digit;
	}
	return true;
}

/* What follows \u. */
static bool
read_code(struct parse *parse, struct buffer *out)
{
	uint32_t high, low;
	char text[4];

	if (!read_unit(parse, &high))
		return fail(parse, NULL, "not four hexadecimal digits after \\u");
	if (high >= 0xd800 && high <= 0xdbff) {
		if (parse->end - parse->p < 6 || parse->p[0] != '\\' || parse->p[1] != 'u')
			return fail(parse, NULL, "half of a surrogate pair");
		parse->p += 2;
		if (!read_unit(parse, &low) || low < 0xdc00 || low > 0xdfff)
			return fail(parse, NULL, "half of a surrogate pair");
		high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
	} else if (high >= 0xdc00 && high <= 0xdfff)
		return fail(parse, NULL, "half of a surrogate pair");
	buffer_add(out, text, utf8_encode(high, text));
	return true;
}

static bool
read_escape(struct parse *parse, struct buffer *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = parse->p < parse->end ? *parse->p++ : '\0';
	const char *found = c != '\0' ? strchr(from, c) : NULL;

	if (c == 'u')
		return read_code(parse, out);
	if (found == NULL)
		return fail(parse, NULL, "an unknown escape in a string");
	buffer_add_char(out, to[found - from]);
	return true;
}

/* A string whose opening quote has been taken. */
static bool
read_string(struct parse *parse, struct slice *text)
{
	struct buffer out = BUFFER_INIT;
	const char *start = parse->p;
	bool plain = true;

	while (parse->p < parse->end && *parse->p != '"') {
		const char *stop = parse->p;

		if ((unsigned char)*stop < 0x20) {
			buffer_release(&out);
			return fail(parse, NULL, "a control character in a string");
		}
		if (*stop != '\\') {
			parse->p++;
			if (!plain)
				buffer_add_char(&out, *stop);
			continue;
		}
		if (plain)
			buffer_add(&out, start, (size_t)(stop - start));
		plain = false;
		parse->p++;
		if (!read_escape(parse, &out)) {
			buffer_release(&out);
			return false;
		}
	}
	if (parse->p == parse->end) {
		buffer_release(&out);
		return fail(parse, NULL, "a string that is never closed");
	}
	*text = plain ? (struct slice){ start, (size_t)(parse->p - start) }
	              : arena_copy(&parse->reader->arena, buffer_slice(&out));
	parse->p++;
	buffer_release(&out);
	return true;
}

static size_t
digits(struct parse *parse)
{
	const char *start = parse->p;

	while (parse->p < parse->end && *parse->p >= '0' && *parse->p <= '9')
		parse->p++;
	return (size_t)(parse->p - start);
}

/* 12.5e3 as 12500: the point is moved, zeros are added. */
static bool
expand(struct parse *parse, struct slice mantissa, long exponent, struct slice *text)
{
	struct buffer out = BUFFER_INIT;
	struct slice rest = mantissa, whole;
	size_t point;

	if (exponent > EXPONENT_MAX || exponent < -EXPONENT_MAX)
		return fail(parse, NULL, "an exponent that is too large");
	if (rest.data[0] == '-') {
		buffer_add_char(&out, '-');
		rest.data++, rest.length--;
	}
	whole = slice_cut(&rest, '.');
	point = EXPONENT_MAX + whole.length;
	for (int i = 0; i < EXPONENT_MAX; i++)
		buffer_add_char(&out, '0');
	buffer_add_slice(&out, whole);
	if (rest.data != NULL)
		buffer_add_slice(&out, rest);
	for (int i = 0; i < EXPONENT_MAX; i++)
		buffer_add_char(&out, '0');
	{
		/* All digits without a point; it belongs behind point + exponent of them. */
		size_t sign = mantissa.data[0] == '-', at = sign + point, from = sign, to = out.length;
		struct buffer moved = BUFFER_INIT;

		at = exponent < 0 ? at - (size_t)-exponent : at + (size_t)exponent;
		while (from + 1 < at && out.data[from] == '0')
			from++;
		while (to > at && out.data[to - 1] == '0')
			to--;
		if (sign)
			buffer_add_char(&moved, '-');
		buffer_add(&moved, out.data + from, at - from);
		if (to > at) {
			buffer_add_char(&moved, '.');
			buffer_add(&moved, out.data + at, to - at);
		}
		*text = arena_copy(&parse->reader->arena, buffer_slice(&moved));
		buffer_release(&moved);
	}
	buffer_release(&out);
	return true;
}

static bool
read_number(struct parse *parse, struct slice *text)
{
	const char *start = parse->p;
	size_t leading;
	long exponent = 0;
	bool negative = false;

	if (*parse->p == '-')
		parse->p++;
	leading = digits(parse);
	if (leading == 0 || (leading > 1 && parse->p[-(ptrdiff_t)leading] == '0'))
		return fail(parse, NULL, "not a number");
	if (parse->p < parse->end && *parse->p == '.') {
		parse->p++;
		if (digits(parse) == 0)
			return fail(parse, NULL, "not a number");
	}
	*text = (struct slice){ start, (size_t)(parse->p - start) };
	if (parse->p == parse->end || (*parse->p | 32) != 'e')
		return true;
	parse->p++;
	if (parse->p < parse->end && (*parse->p == '+' || *parse->p == '-'))
		negative = *parse->p++ == '-';
	if (parse->p == parse->end || *parse->p < '0' || *parse->p > '9')
		return fail(parse, NULL, "not a number");
	for (; parse->p < parse->end && *parse->p >= '0' && *parse->p <= '9'; parse->p++)
		exponent = exponent > EXPONENT_MAX ? exponent : exponent * 10 + (*parse->p - '0');
	return expand(parse, *text, negative ? -exponent : exponent, text);
}

static bool
read_word(struct parse *parse, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(parse->end - parse->p) < length || memcmp(parse->p, word, length) != 0)
		return false;
	parse->p += length;
	return true;
}

/* A string, number, true, false or null. */
static bool
read_scalar(struct parse *parse, struct slice *text)
{
	skip_space(parse);
	if (parse->p == parse->end)
		return fail(parse, NULL, "a value is missing");
	if (*parse->p == '"') {
		parse->p++;
		return read_string(parse, text);
	}
	if (*parse->p == '-' || (*parse->p >= '0' && *parse->p <= '9'))
		return read_number(parse, text);
	*text = slice_of("true");
	if (read_word(parse, "true"))
		return true;
	*text = slice_of("false");
	if (read_word(parse, "false"))
		return true;
	*text = (struct slice){ "", 0 };
	if (read_word(parse, "null"))
		return true;
	return fail(parse, NULL, "not a value");
}

static bool read_object(struct parse *parse, struct slice prefix, struct object *object);

/* The value of a column; it may come once. */
static bool
set_value(struct parse *parse, struct object *object, struct slice name, struct slice value)
{
	struct reader *reader = parse->reader;
	struct slice renamed = reader_rename(reader, name);
	size_t column;

	if (renamed.length == 0)
		return true; /* mapped to nothing */
	column = reader_add_column(reader, renamed, parse->line, parse->error);
	if (column == SIZE_MAX)
		return false;
	if (object->values[column].data != NULL)
		return fail(parse, reader->columns[column].data, "the same key twice");
	if (!reader_clean(reader, &value, parse->line, reader->columns[column].data, parse->error))
		return false;
	object->values[column] = value;
	return true;
}

static struct slice
dotted(struct parse *parse, struct slice prefix, struct slice name)
{
	if (prefix.length == 0)
		return name;
	return arena_format(&parse->reader->arena, "%.*s.%.*s", (int)prefix.length, prefix.data, (int)name.length,
	    name.data);
}

/* One object of an array: a child, over columns that begin with the array's name. */
static bool
read_child(struct parse *parse, struct slice name, struct object *object)
{
	struct arena *arena = &parse->reader->arena;
	struct object child = { .values = arena_zero(arena, READER_COLUMNS_MAX, sizeof(struct slice)) };
	struct row *rows;

	if (!read_object(parse, name, &child))
		return false;
	if (object->child_count == CHILDREN_MAX)
		return fail(parse, NULL, "too many objects in an array");
	if (object->child_count == object->child_capacity) {
		object->child_capacity = object->child_capacity == 0 ? 8 : object->child_capacity * 2;
		rows = arena_zero(arena, object->child_capacity, sizeof *rows);
		if (object->child_count > 0)
			memcpy(rows, object->children, object->child_count * sizeof *rows);
		object->children = rows;
	}
	object->children[object->child_count++] = (struct row){ .line = parse->line,
		.count = parse->reader->column_count,
		.values = child.values,
		.child_count = child.child_count,
		.children = child.children };
	return true;
}

/* An array whose opening bracket has been taken. */
static bool
read_array(struct parse *parse, struct slice name, struct object *object)
{
	struct buffer words = BUFFER_INIT;
	struct slice word;
	bool good = true, plain = false, objects = false;

	if (take(parse, ']'))
		return set_value(parse, object, name, (struct slice){ "", 0 });
	do {
		if (take(parse, '{')) {
			objects = true;
			good = read_child(parse, name, object);
		} else {
			good = read_scalar(parse, &word);
			plain = true;
			buffer_add_text(&words, words.length > 0 ? " " : "");
			if (good)
				buffer_add_slice(&words, word);
		}
	} while (good && take(parse, ','));
	if (good && !take(parse, ']'))
		good = fail(parse, NULL, "an array that is never closed");
	if (good && plain && objects)
		good = fail(parse, NULL, "objects and plain values in one array");
	if (good && plain)
		good = set_value(parse, object, name, arena_copy(&parse->reader->arena, buffer_slice(&words)));
	buffer_release(&words);
	return good;
}

static bool
read_member(struct parse *parse, struct slice prefix, struct object *object)
{
	struct slice name, value;

	if (!take(parse, '"'))
		return fail(parse, NULL, "a key in quotes is missing");
	if (!read_string(parse, &name))
		return false;
	if (name.length == 0)
		return fail(parse, NULL, "an empty key");
	if (!take(parse, ':'))
		return fail(parse, NULL, "a colon is missing");
	name = dotted(parse, prefix, name);
	if (!reader_clean(parse->reader, &name, parse->line, NULL, parse->error))
		return false;
	if (take(parse, '{'))
		return read_object(parse, name, object);
	if (take(parse, '['))
		return read_array(parse, name, object);
	return read_scalar(parse, &value) && set_value(parse, object, name, value);
}

/* An object whose opening brace has been taken. */
static bool
read_object(struct parse *parse, struct slice prefix, struct object *object)
{
	bool good = true;

	if (++parse->depth > DEPTH_MAX)
		return fail(parse, NULL, "objects in objects too deep");
	if (!take(parse, '}')) {
		do {
			good = read_member(parse, prefix, object);
		} while (good && take(parse, ','));
		if (good && !take(parse, '}'))
			good = fail(parse, NULL, "an object that is never closed");
	}
	parse->depth--;
	return good;
}

enum status
json_reader_next(struct reader *reader, struct row *row, struct error *error)
{
	struct parse parse = { .reader = reader, .error = error };
	struct object object = { .values = reader->values };
	struct slice line;

	do {
		if (!reader_line(reader, &line))
			return STATUS_NO;
	} while (slice_trim(line).length == 0);
	reader->raw = line;
	parse.line = reader->line;
	parse.p = line.data;
	parse.end = line.data + line.length;
	memset(reader->values, 0, READER_COLUMNS_MAX * sizeof *reader->values);
	if (line.length > READER_LINE_MAX) {
		fail(&parse, NULL, "a line of more than 1 MiB");
		return STATUS_REFUSED;
	}
	if (!take(&parse, '{')) {
		fail(&parse, NULL, "not an object");
		return STATUS_REFUSED;
	}
	if (!read_object(&parse, (struct slice){ "", 0 }, &object))
		return STATUS_REFUSED;
	skip_space(&parse);
	if (parse.p != parse.end) {
		fail(&parse, NULL, "something after the object");
		return STATUS_REFUSED;
	}
	*row = (struct row){ .line = parse.line,
		.count = reader->column_count,
		.values = reader->values,
		.child_count = object.child_count,
		.children = object.children };
	return STATUS_OK;
}
