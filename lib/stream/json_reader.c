/*
 * json_reader: JSON lines (RFC 8259, one object a line).
 *
 * Objects in objects become dotted columns, arrays of objects children, arrays of
 * plain values words.  Numbers stay text, so that no digit is lost.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stream/json_text.h"
#include "stream/reader_internal.h"

enum {
	DEPTH_MAX = 16,
	NAME_MAX_BYTES = 256, /* of a column, dots included */
	CONTAINERS_MAX = 256, /* objects and arrays in one object */
	CELLS_MAX = 1 << 20   /* values of all children of a row, absent ones included */
};

struct json_reader {
	struct json_text text;
	struct buffer path;  /* the column that is being read: keys with dots between them */
	struct buffer words; /* of the array that is being read */
	size_t cells;        /* of the row's children so far */
	int depth;
};

/* An object or array, which like any other key may come once. */
struct container {
	struct slice path;
	struct container *next;
};

/* One object's values while it is read. */
struct object {
	struct slice *values; /* by column, READER_COLUMNS_MAX of them */
	size_t known;         /* the first so many have been set, be it to absent */
	struct container *containers;
	size_t container_count;
	struct row *children;
	size_t child_count, child_capacity;
};

static bool read_object(struct reader *reader, struct object *object, struct error *error);

static bool
fail_at(struct reader *reader, const char *column, const char *why, struct error *error)
{
	struct place place = { reader->name, reader->line, column };

	error_add(error, &place, "%s", why);
	return false;
}

/* A fault in the column that is being read. */
static bool
fail(struct reader *reader, const char *why, struct error *error)
{
	const struct buffer *path = &reader->json->path;

	return fail_at(reader, path->length > 0 ? path->data : NULL, why, error);
}

static bool
fail_text(struct reader *reader, struct error *error)
{
	return fail(reader, reader->json->text.why, error);
}

/* A comma, or that what closes with c has ended. */
static bool
goes_on(struct reader *reader, char c, bool *more, struct error *error)
{
	struct json_text *text = &reader->json->text;

	*more = json_take(text, ',');
	if (*more || json_take(text, c))
		return true;
	if (!json_ended(text))
		return fail(reader, "a comma is missing", error);
	return fail(reader,
	    c == '}' ? "an object that is not closed on its line" : "an array that is not closed on its line",
	    error);
}

/* The value of the column that is being read; it may come once. */
static bool
set_value(struct reader *reader, struct object *object, struct slice value, struct error *error)
{
	struct slice name = reader_rename(reader, buffer_slice(&reader->json->path));
	size_t column;

	if (name.length == 0)
		return true; /* dropped */
	column = reader_add_column(reader, name, reader->line, error);
	if (column == SIZE_MAX)
		return false;
	while (object->known <= column)
		object->values[object->known++] = (struct slice){ NULL, 0 };
	if (object->values[column].data != NULL)
		return fail_at(reader, reader->columns[column].data, "the same key twice", error);
	if (!reader_clean(reader, &value, reader->line, reader->columns[column].data, error))
		return false;
	object->values[column] = value;
	return true;
}

/* An object or array begins at the path. */
static bool
add_container(struct reader *reader, struct object *object, struct error *error)
{
	struct slice path = buffer_slice(&reader->json->path);
	struct container *container;

	for (container = object->containers; container != NULL; container = container->next) {
		if (slice_equal(container->path, path))
			return fail(reader, "the same key twice", error);
	}
	if (object->container_count++ == CONTAINERS_MAX)
		return fail(reader, "too many objects and arrays in one object", error);
	container = arena_take(&reader->arena, sizeof *container);
	*container = (struct container){ arena_copy(&reader->arena, path), object->containers };
	object->containers = container;
	return true;
}

/* A row of children, over the columns that are known at its end. */
static void
add_child(struct reader *reader, struct object *object, const struct object *child)
{
	struct slice *values = arena_take(&reader->arena, (child->known + 1) * sizeof *values);

	if (child->known > 0)
		memcpy(values, child->values, child->known * sizeof *values);
	if (object->child_count == object->child_capacity) {
		struct row *rows;

		object->child_capacity = object->child_capacity == 0 ? 8 : object->child_capacity * 2;
		rows = arena_take(&reader->arena, object->child_capacity * sizeof *rows);
		if (object->child_count > 0)
			memcpy(rows, object->children, object->child_count * sizeof *rows);
		object->children = rows;
	}
	object->children[object->child_count++] = (struct row){ .line = reader->line,
		.count = child->known,
		.values = values,
		.child_count = child->child_count,
		.children = child->children };
}

/* An array of objects: children, over columns that begin with the array's name. */
static bool
read_children(struct reader *reader, struct object *object, struct error *error)
{
	struct json_reader *json = reader->json;
	bool more = true;

	while (more) {
		struct slice values[READER_COLUMNS_MAX];
		struct object child = { .values = values };

		if (!json_take(&json->text, '{'))
			return fail(reader, "objects and plain values in one array", error);
		if (!read_object(reader, &child, error))
			return false;
		json->cells += child.known + 1;
		if (json->cells > CELLS_MAX)
			return fail(reader, "too many objects in an array", error);
		add_child(reader, object, &child);
		if (!goes_on(reader, ']', &more, error))
			return false;
	}
	return true;
}

/* An array of plain values: words. */
static bool
read_words(struct reader *reader, struct object *object, struct error *error)
{
	struct json_reader *json = reader->json;
	struct slice word;
	bool more = true;

	buffer_clear(&json->words);
	while (more) {
		if (json_take(&json->text, '{'))
			return fail(reader, "objects and plain values in one array", error);
		if (json_take(&json->text, '['))
			return fail(reader, "an array in an array", error);
		if (!json_scalar(&json->text, &reader->arena, &word))
			return fail_text(reader, error);
		if (json->words.length > 0)
			buffer_add_char(&json->words, ' ');
		buffer_add_slice(&json->words, word);
		if (!goes_on(reader, ']', &more, error))
			return false;
	}
	return set_value(reader, object, arena_copy(&reader->arena, buffer_slice(&json->words)), error);
}

/* An array whose opening bracket has been taken. */
static bool
read_array(struct reader *reader, struct object *object, struct error *error)
{
	struct json_text *text = &reader->json->text;

	if (json_take(text, ']'))
		return set_value(reader, object, slice_of(""), error);
	if (!json_ended(text) && *text->p == '{')
		return read_children(reader, object, error);
	return read_words(reader, object, error);
}

static bool
read_value(struct reader *reader, struct object *object, struct error *error)
{
	struct json_text *text = &reader->json->text;
	struct slice value;

	if (json_take(text, '{'))
		return add_container(reader, object, error) && read_object(reader, object, error);
	if (json_take(text, '['))
		return add_container(reader, object, error) && read_array(reader, object, error);
	if (!json_scalar(text, &reader->arena, &value))
		return fail_text(reader, error);
	return set_value(reader, object, value, error);
}

/* A key and the colon behind it; the path gets longer by it. */
static bool
read_key(struct reader *reader, struct error *error)
{
	struct json_reader *json = reader->json;
	struct slice key;

	if (!json_take(&json->text, '"'))
		return fail(reader, "a key in quotes is missing", error);
	if (!json_string(&json->text, &reader->arena, &key))
		return fail_text(reader, error);
	if (key.length == 0)
		return fail(reader, "an empty key", error);
	if (json->path.length + 1 + key.length > NAME_MAX_BYTES)
		return fail(reader, "a key that is too long", error);
	if (!reader_clean(reader, &key, reader->line, NULL, error))
		return false;
	if (json->path.length > 0)
		buffer_add_char(&json->path, '.');
	buffer_add_slice(&json->path, key);
	return json_take(&json->text, ':') || fail(reader, "a colon is missing", error);
}

/* An object whose opening brace has been taken. */
static bool
read_object(struct reader *reader, struct object *object, struct error *error)
{
	struct json_reader *json = reader->json;
	size_t prefix = json->path.length;
	bool more = !json_take(&json->text, '}');

	if (json->depth == DEPTH_MAX)
		return fail(reader, "objects in objects too deep", error);
	json->depth++;
	while (more) {
		if (!read_key(reader, error) || !read_value(reader, object, error))
			return false;
		json->path.length = prefix;
		json->path.data[prefix] = '\0';
		if (!goes_on(reader, '}', &more, error))
			return false;
	}
	json->depth--;
	return true;
}

/* The object of a line. */
static bool
read_line(struct reader *reader, struct slice line, struct object *object, struct error *error)
{
	struct json_reader *json = reader->json;

	json->text.p = line.data;
	json->text.end = line.data + line.length;
	json->cells = 0;
	json->depth = 0;
	buffer_clear(&json->path);
	if (!json_take(&json->text, '{'))
		return fail(reader, "not an object", error);
	if (!read_object(reader, object, error))
		return false;
	return json_ended(&json->text) || fail(reader, "something after the object", error);
}

void
json_reader_open(struct reader *reader)
{
	reader->json = memory_new(sizeof *reader->json);
}

void
json_reader_close(struct json_reader *json)
{
	if (json == NULL)
		return;
	buffer_release(&json->text.scratch);
	buffer_release(&json->path);
	buffer_release(&json->words);
	free(json);
}

enum status
json_reader_next(struct reader *reader, struct row *row, struct error *error)
{
	struct object object = { .values = reader->values };
	struct slice line;

	do {
		if (!reader_line(reader, &line))
			return STATUS_NO;
		reader->raw = line;
		if (!reader_fits(reader, line, error))
			return STATUS_REFUSED;
	} while (slice_trim(line).length == 0);
	if (!read_line(reader, line, &object, error))
		return STATUS_REFUSED;
	while (object.known < reader->column_count)
		object.values[object.known++] = (struct slice){ NULL, 0 };
	*row = (struct row){ .line = reader->line,
		.count = object.known,
		.values = object.values,
		.child_count = object.child_count,
		.children = object.children };
	return STATUS_OK;
}
