/* plan: what a batch would change, written down, and made again from paper */
#include "record/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/history.h"

const struct column plan_columns[PLAN_COLUMNS] = { { "table", CELL_TEXT }, { "id", CELL_TEXT },
	{ "field", CELL_TEXT }, { "old", CELL_TEXT }, { "new", CELL_TEXT } };

/* A new record's number in the plan, and whether it follows from something else. */
struct name {
	size_t number;
	bool follows;
};

/* New records of one log are numbered as they come in the plan: the record settled + 1 + i is names[i]. */
struct label {
	const struct log *log;
	struct name *names;
};

struct labels {
	struct label *logs;
	size_t count, capacity;
};

static struct label *
label_of(struct labels *labels, const struct log *log)
{
	for (size_t i = 0; i < labels->count; i++) {
		if (labels->logs[i].log == log)
			return &labels->logs[i];
	}
	return NULL;
}

static void
label_changes(struct labels *labels, const struct change *changes, size_t count)
{
	size_t next = 1;

	for (size_t i = 0; i < count; i++) {
		const struct log *log = changes[i].log;
		struct label *label;

		if (changes[i].before != 0)
			continue;
		label = label_of(labels, log);
		if (label == NULL) {
			labels->logs = memory_grow(labels->logs, &labels->capacity, labels->count,
			    sizeof *labels->logs);
			label = &labels->logs[labels->count++];
			*label = (struct label){ log,
				memory_array(log->count - log->settled + 1, sizeof *label->names) };
		}
		label->names[changes[i].number - log->settled - 1] = (struct name){ next++, changes[i].by_rule };
	}
}

static void
labels_release(struct labels *labels)
{
	for (size_t i = 0; i < labels->count; i++)
		free(labels->logs[i].names);
	free(labels->logs);
}

/* "+3" for a new record, "=3" for one that follows by itself, else its id. */
static struct slice
name_record(struct labels *labels, const struct log *log, uint64_t number, struct arena *arena)
{
	struct label *label = label_of(labels, log);
	struct name name;
	char id[ID_SIZE];

	if (number <= log->settled || label == NULL)
		return arena_copy(arena, table_id(log->table, number, id));
	name = label->names[number - log->settled - 1];
	return arena_format(arena, "%c%zu", name.follows ? '=' : '+', name.number);
}

/* A value as it goes into a plan: references to new records by their label. */
static struct slice
name_value(struct labels *labels, const struct record *record, size_t field)
{
	const struct field *what = &record->log->table->fields[field];
	struct slice value = record_value(record, field);
	struct error ignored = ERROR_INIT;
	unsigned long long number;
	struct log *log;

	if (what->type != TYPE_REF || value.length == 0)
		return value;
	if (view_log(record->log->view, what->target, &log, &ignored) == STATUS_OK &&
	    table_id_parse(log->table, value, &number))
		value = name_record(labels, log, number, record->arena);
	error_release(&ignored);
	return value;
}

static enum status
write_change(struct labels *labels, const struct change *change, struct arena *arena, struct writer *writer,
    struct error *error)
{
	const struct table *table = change->log->table;
	struct record new, old;
	struct slice name;
	enum status status = record_read(change->log, change->number, arena, &new, error);

	if (status == STATUS_OK && change->before != 0)
		status = record_read_at(change->log, change->before - 1, arena, &old, error);
	if (status != STATUS_OK)
		return status;
	name = name_record(labels, change->log, change->number, arena);
	for (size_t i = 0; i < table->field_count; i++) {
		struct slice before = { "", 0 }, after;

		if (table->fields[i].flags & (FIELD_DERIVED | FIELD_FOREIGN))
			continue;
		if (change->before != 0)
			before = record_value(&old, i);
		after = name_value(labels, &new, i);
		if (!slice_equal(before, after))
			writer_row(writer,
			    (struct slice[]){ slice_of(table->name), name, slice_of(table->fields[i].name),
				before, after });
	}
	return STATUS_OK;
}

enum status
plan_write(struct batch *batch, struct writer *writer, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct labels labels = { .count = 0 };
	size_t count;
	const struct change *changes = batch_changes(batch, &count);
	enum status status = STATUS_OK;

	label_changes(&labels, changes, count);
	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		arena_reset(&arena);
		status = write_change(&labels, &changes[i], &arena, writer, error);
	}
	labels_release(&labels);
	arena_release(&arena);
	return status;
}

/* --- taking a transaction back ------------------------------------------- */

struct undo {
	uint64_t tx;
	struct writer *writer;
};

static enum status
undo_field(const struct undo *undo, const struct record *now, const struct record *before, size_t index,
    struct error *error)
{
	const struct field *field = &now->log->table->fields[index];
	struct slice id = record_id(now), current = record_value(now, index), old = record_value(before, index);
	struct place place = { NULL, 0, field->name };

	if (slice_equal(current, old) || (field->flags & (FIELD_DERIVED | FIELD_FOREIGN | FIELD_COMPUTED)))
		return STATUS_OK;
	if ((field->flags & FIELD_FIXED) && current.length > 0)
		return error_add(error, &place, "%.*s: can't be taken back, it is fixed", (int)id.length, id.data);
	if (field->type == TYPE_STATE && table_moves(now->log->table, current, old) == NULL)
		return error_add(error, &place, "%.*s: nothing leads back from %.*s to %.*s", (int)id.length,
		    id.data, (int)current.length, current.data, (int)old.length, old.data);
	writer_row(undo->writer,
	    (struct slice[]){ slice_of(now->log->table->name), id, slice_of(field->name), current, old });
	return STATUS_OK;
}

/* A child that came later would be left in the open, or be hidden unasked. */
static enum status
undo_children(const struct undo *undo, const struct record *parent, struct error *error)
{
	struct view *view = parent->log->view;
	const char *const *tables = schema_children(view_schema(view), parent->log->table->name);
	struct slice id = record_id(parent);
	enum status status = STATUS_OK;

	for (; status == STATUS_OK && *tables != NULL; tables++) {
		const uint64_t *children;
		struct record child;
		struct log *log;
		size_t count = 0;

		status = view_log(view, *tables, &log, error);
		children = status == STATUS_OK ? log_children(log, parent->number, &count) : NULL;
		for (size_t i = 0; status == STATUS_OK && i < count; i++) {
			struct slice name;

			status = record_read(log, children[i], parent->arena, &child, error);
			if (status != STATUS_OK || child.tx <= undo->tx || record_archived(&child))
				continue;
			name = record_id(&child);
			error_add(error, NULL, "%.*s has got %.*s since transaction %llu", (int)id.length,
			    id.data, (int)name.length, name.data, (unsigned long long)undo->tx);
		}
	}
	return status;
}

static enum status
undo_revision(const struct record *revision, const struct record *before, void *context, struct error *error)
{
	struct undo *undo = context;
	struct log *log = revision->log;
	struct slice id;

	if (revision->tx > undo->tx)
		return STATUS_NO;
	if (revision->tx != undo->tx)
		return STATUS_OK;
	id = record_id(revision);
	if (log_line(log, revision->number).data != revision->line.data) {
		error_add(error, NULL, "%.*s has changed since transaction %llu", (int)id.length, id.data,
		    (unsigned long long)undo->tx);
		return STATUS_OK;
	}
	if (before == NULL) {
		writer_row(undo->writer,
		    (struct slice[]){ slice_of(log->table->name), id,
			slice_of(log->table->fields[log->table->archived].name), slice_of(""), slice_of("true") });
		return undo_children(undo, revision, error);
	}
	for (size_t i = 0; i < log->table->field_count; i++)
		undo_field(undo, revision, before, i, error);
	return STATUS_OK;
}

enum status
plan_undo(struct view *view, uint64_t tx, struct writer *writer, struct error *error)
{
	struct buffer scratch = BUFFER_INIT;
	struct undo undo = { tx, writer };
	struct audit_line line;
	struct audit_change change;
	struct slice changes;
	enum status status = STATUS_OK;

	if (!audit_find(snapshot_audit(view_snapshot(view)), tx, &line, &scratch))
		status = error_set(error, STATUS_NO, "no such transaction: %llu", (unsigned long long)tx);
	changes = line.changes;
	while (status == STATUS_OK && audit_change_next(&changes, &change)) {
		char name[STORE_NAME_MAX + 1];
		struct log *log;

		if (change.length == 0 || change.table.length > STORE_NAME_MAX)
			continue;
		memcpy(name, change.table.data, change.table.length);
		name[change.table.length] = '\0';
		status = view_log(view, name, &log, error);
		if (status == STATUS_OK)
			status = history_log(log, change.offset, undo_revision, &undo, error);
		if (status == STATUS_NO)
			status = STATUS_OK;
	}
	buffer_release(&scratch);
	return status == STATUS_OK && error->total > 0 ? STATUS_REFUSED : status;
}
