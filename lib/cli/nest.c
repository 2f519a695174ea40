/* nest: children by their parent */
#include "cli/nest.h"

#include <stdlib.h>

#include "base/memory.h"

struct level {
	struct log *log;
	struct column *columns; /* id, tx, then fields */
	size_t *fields;         /* of the columns from the third on */
	size_t count;
};

struct nest {
	struct cli *cli;
	struct level *levels;
	size_t count;
};

static void
choose_columns(const struct cli *cli, struct level *level)
{
	const struct table *table = level->log->table;

	level->columns = memory_array(table->field_count + 2, sizeof *level->columns);
	level->fields = memory_array(table->field_count + 2, sizeof *level->fields);
	level->columns[0] = (struct column){ "id", CELL_TEXT };
	level->columns[1] = (struct column){ "tx", CELL_INTEGER };
	level->count = 2;
	for (size_t i = 0; i < table->field_count; i++) {
		const struct field *field = &table->fields[i];

		if ((field->flags & (FIELD_HIDDEN | FIELD_FOREIGN)) || i == table->parent_field ||
		    (i == table->archived && !cli->options.archived))
			continue;
		level->fields[level->count] = i;
		level->columns[level->count++] = (struct column){ field->name, type_cell(field->type) };
	}
}

struct nest *
nest_new(struct cli *cli, const struct table *table)
{
	const char *const *names = schema_children(view_schema(cli->view), table->name);
	struct error ignored = ERROR_INIT;
	struct nest *nest;
	size_t count = 0;

	while (names[count] != NULL)
		count++;
	if (count == 0)
		return NULL;
	nest = memory_new(sizeof *nest);
	nest->cli = cli;
	nest->levels = memory_array(count, sizeof *nest->levels);
	for (size_t i = 0; i < count; i++) {
		struct level *level = &nest->levels[nest->count];

		if (view_log(cli->view, names[i], &level->log, &ignored) != STATUS_OK)
			continue;
		choose_columns(cli, level);
		nest->count++;
	}
	error_release(&ignored);
	return nest;
}

static struct nested
children_of(const struct nest *nest, const struct level *level, const struct record *parent)
{
	size_t count, rows = 0;
	const uint64_t *numbers = log_children(level->log, parent->number, &count);
	struct slice *values = arena_take(parent->arena, (count * level->count + 1) * sizeof *values);
	struct error ignored = ERROR_INIT;

	for (size_t i = 0; i < count; i++) {
		struct slice *row = values + rows * level->count, rest;
		struct record child;

		if (record_read(level->log, numbers[i], parent->arena, &child, &ignored) != STATUS_OK ||
		    (record_archived(&child) && !nest->cli->options.archived))
			continue;
		rest = child.line;
		row[0] = slice_cut(&rest, ',');
		row[1] = slice_cut(&rest, ',');
		for (size_t k = 2; k < level->count; k++)
			row[k] = record_value(&child, level->fields[k]);
		rows++;
	}
	error_release(&ignored);
	return (struct nested){ level->log->table->name, level->columns, level->count, values, rows };
}

const struct nested *
nest_children(struct nest *nest, const struct record *record, size_t *count)
{
	struct nested *nested = arena_take(record->arena, (nest->count + 1) * sizeof *nested);

	for (size_t i = 0; i < nest->count; i++)
		nested[i] = children_of(nest, &nest->levels[i], record);
	*count = nest->count;
	return nested;
}

void
nest_free(struct nest *nest)
{
	if (nest == NULL)
		return;
	for (size_t i = 0; i < nest->count; i++) {
		free(nest->levels[i].columns);
		free(nest->levels[i].fields);
	}
	free(nest->levels);
	free(nest);
}
