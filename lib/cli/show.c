/* show: children as small tables, references to a record as lists of ids */
#include "cli/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/fit.h"
#include "cli/report.h"
#include "cli/terminal.h"

enum {
	RELATED_SHOWN = 10,
	LONG = 1 << 20 /* bytes of a log that are not read for an id that may be in it */
};

static enum status
flush(struct showing *showing, struct error *error)
{
	bool written = file_write(STDOUT_FILENO, showing->out.data, showing->out.length);

	buffer_clear(&showing->out);
	return written ? STATUS_OK : error_set(error, STATUS_SYSTEM, "standard output:");
}

/* Paths to the fields that a child is shown by. */
static size_t
child_paths(const struct log *log, struct path *paths)
{
	const struct table *table = log->table;
	size_t count = 1;

	paths[0] = (struct path){ .name = "id", .count = 1, .type = TYPE_TEXT };
	paths[0].steps[0].table = table;
	paths[0].steps[0].field = PATH_ID;
	for (size_t i = 0; i < table->field_count; i++) {
		const struct field *field = &table->fields[i];
		struct path *path = &paths[count];

		if ((field->flags & (FIELD_HIDDEN | FIELD_FOREIGN)) || i == table->parent_field ||
		    i == table->archived)
			continue;
		*path = (struct path){ .count = 1, .type = field->type, .field = field };
		snprintf(path->name, sizeof path->name, "%s", field->name);
		path->steps[0].table = table;
		path->steps[0].field = (long)i;
		count++;
	}
	return count;
}

static enum status
write_children(struct showing *showing, struct log *log, const uint64_t *numbers, size_t count, struct error *error)
{
	struct path *paths = memory_array(log->table->field_count + 1, sizeof *paths);
	struct writer_options options = report_options(showing->cli);
	size_t columns = child_paths(log, paths);
	struct column *names;
	struct slice *values;
	struct writer *writer;
	enum status status;

	options.format = FORMAT_TABLE;
	columns = fit_columns(log, numbers, count, options.width, paths, columns, NULL);
	names = memory_array(columns + 1, sizeof *names);
	values = memory_array(columns + 1, sizeof *values);
	for (size_t i = 0; i < columns; i++)
		names[i] = (struct column){ paths[i].name, type_cell(paths[i].type) };
	writer = writer_open(STDOUT_FILENO, &options, names, columns);
	for (size_t i = 0; i < count; i++) {
		struct record child;

		if (record_read(log, numbers[i], &showing->arena, &child, error) != STATUS_OK)
			continue;
		for (size_t k = 0; k < columns; k++)
			values[k] = path_value(&paths[k], &child);
		writer_row(writer, values);
	}
	status = writer_close(writer, error);
	free(paths);
	free(names);
	free(values);
	return status;
}

/* The children that are not archived (with -a all). */
static enum status
show_kind(struct showing *showing, const struct record *record, struct log *log, struct error *error)
{
	size_t count, left = 0;
	const uint64_t *numbers = log_children(log, record->number, &count);
	uint64_t *shown = arena_take(&showing->arena, (count + 1) * sizeof *shown);
	enum status status = STATUS_OK;

	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct record child;

		status = record_read(log, numbers[i], &showing->arena, &child, error);
		if (status == STATUS_OK && (showing->cli->options.archived || !record_archived(&child)))
			shown[left++] = numbers[i];
	}
	if (status != STATUS_OK || left == 0)
		return status;
	buffer_format(&showing->out, "%s\n", log->table->name);
	status = flush(showing, error);
	return status == STATUS_OK ? write_children(showing, log, shown, left, error) : status;
}

enum status
show_children(struct showing *showing, const struct record *record, struct error *error)
{
	struct view *view = showing->cli->view;
	const char *const *name = schema_children(view_schema(view), record->log->table->name);
	enum status status = STATUS_OK;

	for (; *name != NULL && status == STATUS_OK; name++) {
		struct log *log;

		status = view_log(view, *name, &log, error);
		if (status == STATUS_OK)
			status = show_kind(showing, record, log, error);
	}
	return status;
}

/* --- related ---------------------------------------------------------------------- */

/* Whether the id may stand in the log of a table: most tables need no closer look. */
static bool
is_mentioned(struct view *view, const char *table, struct slice id)
{
	struct error ignored = ERROR_INIT;
	struct slice bytes;
	bool found = snapshot_log(view_snapshot(view), table, &bytes, &ignored) == STATUS_OK &&
	    bytes.length > 0 &&
	    (bytes.length > LONG || memmem(bytes.data, bytes.length, id.data, id.length) != NULL);

	error_release(&ignored);
	return found;
}

/* Whether record number refers to id in field, and is not archived; then its id is added. */
static bool
add_if_referring(struct buffer *ids, bool shown, struct log *log, uint64_t number, size_t field,
    struct slice id, struct arena *arena)
{
	struct error ignored = ERROR_INIT;
	struct slice line = log_line(log, number);
	struct record record;
	bool refers;

	if (line.data == NULL || memmem(line.data, line.length, id.data, id.length) == NULL)
		return false;
	arena_reset(arena);
	refers = record_read(log, number, arena, &record, &ignored) == STATUS_OK &&
	    slice_equal(record_value(&record, field), id) && !record_archived(&record);
	error_release(&ignored);
	if (refers && shown) {
		buffer_add_char(ids, ' ');
		buffer_add_slice(ids, record_id(&record));
	}
	return refers;
}

/* Records whose field refers to id. */
static void
add_referring(struct showing *showing, struct log *log, size_t field, struct slice id)
{
	struct buffer ids = BUFFER_INIT;
	struct arena arena = ARENA_INIT;
	const uint64_t *numbers = NULL;
	size_t count = 0, all = log->count;
	bool known = log_having(log, field, id, &numbers, &all);

	for (size_t i = 0; i < all; i++) {
		uint64_t number = known ? numbers[i] : i + 1;

		if (add_if_referring(&ids, count < RELATED_SHOWN, log, number, field, id, &arena))
			count++;
	}
	if (count > 0)
		buffer_format(&showing->out, "%s.%s  %zu:%s%s\n", log->table->name,
		    log->table->fields[field].name, count, ids.data, count > RELATED_SHOWN ? " ..." : "");
	buffer_release(&ids);
	arena_release(&arena);
}

static enum status
related_in(struct showing *showing, const struct record *record, const char *name, struct slice id,
    struct error *error)
{
	struct view *view = showing->cli->view;
	const struct table *table;
	struct log *log;
	enum status status = view_table(view, name, &table, error);

	for (size_t i = 0; status == STATUS_OK && i < table->field_count; i++) {
		if (table->fields[i].type != TYPE_REF ||
		    strcmp(table->fields[i].target, record->log->table->name) != 0 || i == table->parent_field)
			continue;
		status = view_log(view, name, &log, error);
		if (status == STATUS_OK)
			add_referring(showing, log, i, id);
	}
	return status;
}

enum status
show_related(struct showing *showing, const struct record *record, struct error *error)
{
	const struct schema *schema = view_schema(showing->cli->view);
	const char *const *name = schema_names(view_schema(showing->cli->view)), *shown = record->log->table->name;
	struct slice id = record_id(record);
	enum status status = STATUS_OK;

	for (; *name != NULL && status == STATUS_OK; name++) {
		if (schema_refers(schema, *name, shown) && is_mentioned(showing->cli->view, *name, id))
			status = related_in(showing, record, *name, id, error);
	}
	return status;
}
