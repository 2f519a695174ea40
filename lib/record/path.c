#include "record/path.h"

#include <stdint.h>

#include "record/suggest.h"

static enum status
no_field(const struct table *table, struct slice name, bool first, struct error *error)
{
	struct suggestion suggestion = SUGGESTION_INIT(name);
	char hint[SUGGESTION_SIZE];

	for (size_t i = 0; i < table->field_count; i++)
		suggestion_try(&suggestion, table->fields[i].name);
	suggestion_text(&suggestion, hint);
	if (first)
		return error_set(error, STATUS_USAGE, "no such field: \"%.*s\"%s", (int)name.length,
		    name.data, hint);
	return error_set(error, STATUS_USAGE, "no such field of %s: \"%.*s\"%s", table->name,
	    (int)name.length, name.data, hint);
}

bool
path_begins(const struct table *table, struct slice name)
{
	return table_field(table, name) != SIZE_MAX ||
	    (table->prefix[0] != '\0' && (slice_is(name, "id") || slice_is(name, "tx")));
}

/* The last step: a field, id or tx. */
static bool
step_last(struct path *path, const struct table *table, struct slice name, long *step)
{
	size_t index;

	path->field = NULL;
	if (!path_begins(table, name))
		return false;
	if (slice_is(name, "id")) {
		*step = PATH_ID;
		path->type = TYPE_TEXT;
		return true;
	}
	if (slice_is(name, "tx")) {
		*step = PATH_TX;
		path->type = TYPE_INT;
		return true;
	}
	index = table_field(table, name);
	*step = (long)index;
	path->field = &table->fields[index];
	path->type = path->field->type;
	return true;
}

/* A step that leads to another table, whose log is opened. */
static enum status
step_through(struct view *view, const struct table *table, struct slice name, struct slice rest, bool first,
    struct log **log, long *step, struct error *error)
{
	size_t index = table_field(table, name);
	const struct field *field;

	if (index == SIZE_MAX && !slice_is(name, "id") && !slice_is(name, "tx"))
		return no_field(table, name, first, error);
	field = index == SIZE_MAX ? NULL : &table->fields[index];
	if (field == NULL || field->type != TYPE_REF)
		return error_set(error, STATUS_USAGE, "%.*s refers to nothing, so %.*s.%.*s means nothing",
		    (int)name.length, name.data, (int)name.length, name.data, (int)rest.length, rest.data);
	*step = (long)index;
	return view_log(view, field->target, log, error);
}

enum status
path_resolve(struct view *view, const struct table *table, struct slice text, struct path *path, struct error *error)
{
	struct slice rest = text;
	struct log *log = NULL;

	*path = (struct path){ .count = 0 };
	if (text.length >= PATH_NAME_SIZE)
		return error_set(error, STATUS_USAGE, "too long for a field: \"%.60s…\"", text.data);
	memcpy(path->name, text.data, text.length);
	for (;;) {
		struct slice name = slice_cut(&rest, '.');
		long *step = &path->steps[path->count].field;
		enum status status;

		path->steps[path->count].table = table;
		path->steps[path->count++].log = log;
		if (rest.data == NULL) {
			if (step_last(path, table, name, step))
				return STATUS_OK;
			return no_field(table, name, path->count == 1, error);
		}
		if (path->count == PATH_STEPS)
			return error_set(error, STATUS_USAGE, "more than %d steps: \"%s\"", PATH_STEPS,
			    path->name);
		status = step_through(view, table, name, rest, path->count == 1, &log, step, error);
		if (status != STATUS_OK)
			return status;
		table = log->table;
	}
}

bool
path_is_stored(const struct path *path)
{
	for (size_t i = 0; i < path->count; i++) {
		long field = path->steps[i].field;

		if (field >= 0 && (path->steps[i].table->fields[field].flags & FIELD_DERIVED))
			return false;
	}
	return true;
}

static struct slice
step_value(long field, const struct record *record)
{
	char text[24], *at = text + sizeof(text);
	uint64_t tx = record->tx;

	if (field == PATH_ID)
		return record_id(record);
	if (field >= 0)
		return record_value(record, (size_t)field);
	do {
		*--at = (char)('0' + tx % 10);
		tx /= 10;
	} while (tx != 0);
	return arena_copy(record->arena, (struct slice){ at, (size_t)(text + sizeof(text) - at) });
}

struct slice
path_value(struct path *path, const struct record *record)
{
	struct slice value = step_value(path->steps[0].field, record);
	struct record next;

	for (size_t i = 1; i < path->count; i++) {
		struct error ignored = ERROR_INIT;
		struct log *log = path->steps[i].log;
		unsigned long long number;

		if (value.length == 0 || !table_id_parse(log->table, value, &number) ||
		    record_peek(log, number, record->arena, &next, &ignored) != STATUS_OK) {
			error_release(&ignored);
			return (struct slice){ "", 0 };
		}
		value = step_value(path->steps[i].field, &next);
	}
	return value;
}
