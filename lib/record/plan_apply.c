/* plan_apply: the rows of a plan become edits, one for each record */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "record/plan.h"

struct row_text {
	struct slice table, id, field, old, new;
	uintmax_t line;
};

/* The rows about one record, in the order of the plan. */
struct item {
	struct row_text *rows;
	size_t count, capacity;
	uint64_t number; /* once it is known */
};

struct plan {
	struct batch *batch;
	const char *source;
	struct arena arena;
	struct item *items;
	size_t count, capacity;
	size_t *slots; /* hash table of items by table and id: index + 1, 0 for none */
	size_t slot_count;
};

static enum status
find_columns(const struct reader *reader, size_t columns[PLAN_COLUMNS], struct error *error)
{
	for (size_t i = 0; i < PLAN_COLUMNS; i++) {
		columns[i] = reader_column(reader, plan_columns[i].name);
		if (columns[i] == SIZE_MAX)
			return error_add(error, NULL, "not a plan: there is no column \"%s\"",
			    plan_columns[i].name);
	}
	return STATUS_OK;
}

static struct slice
keep(struct plan *plan, const struct row *row, size_t column)
{
	return column < row->count ? arena_copy(&plan->arena, row->values[column]) : (struct slice){ "", 0 };
}

/* The slot of the record with that id, or the free one where it belongs. */
static size_t *
find_slot(const struct plan *plan, struct slice table, struct slice id)
{
	size_t i = hash_quick(id) & (plan->slot_count - 1);

	while (plan->slots[i] != 0) {
		const struct row_text *row = &plan->items[plan->slots[i] - 1].rows[0];

		if (slice_equal(row->id, id) && slice_equal(row->table, table))
			break;
		i = (i + 1) & (plan->slot_count - 1);
	}
	return &plan->slots[i];
}

static void
enlarge(struct plan *plan)
{
	free(plan->slots);
	plan->slot_count = plan->slot_count == 0 ? 64 : plan->slot_count * 2;
	plan->slots = memory_array(plan->slot_count, sizeof *plan->slots);
	for (size_t i = 0; i < plan->count; i++)
		*find_slot(plan, plan->items[i].rows[0].table, plan->items[i].rows[0].id) = i + 1;
}

static void
add_row(struct plan *plan, const struct row_text *text)
{
	struct item *item;
	size_t *slot;

	if (plan->count * 2 >= plan->slot_count)
		enlarge(plan);
	slot = find_slot(plan, text->table, text->id);
	if (*slot == 0) {
		plan->items = memory_grow(plan->items, &plan->capacity, plan->count, sizeof *plan->items);
		plan->items[plan->count++] = (struct item){ .rows = NULL };
		*slot = plan->count;
	}
	item = &plan->items[*slot - 1];
	item->rows = memory_grow(item->rows, &item->capacity, item->count, sizeof *item->rows);
	item->rows[item->count++] = *text;
}

static enum status
read_plan(struct plan *plan, struct reader *reader, struct error *error)
{
	size_t columns[PLAN_COLUMNS];
	struct row row;
	enum status status = find_columns(reader, columns, error);

	if (status != STATUS_OK)
		return status;
	do {
		status = reader_next(reader, &row, error);
		if (status == STATUS_OK)
			add_row(plan,
			    &(struct row_text){ keep(plan, &row, columns[0]), keep(plan, &row, columns[1]),
				keep(plan, &row, columns[2]), keep(plan, &row, columns[3]),
				keep(plan, &row, columns[4]), row.line });
	} while (status == STATUS_OK || status == STATUS_REFUSED);
	if (status == STATUS_NO)
		status = error->total > 0 ? STATUS_REFUSED : STATUS_OK;
	return status;
}

/* "+3" as the id that record has now got; other text as it is. */
static struct slice
real_reference(struct plan *plan, const struct field *field, struct slice text)
{
	struct error ignored = ERROR_INIT;
	const struct table *table;
	char id[ID_SIZE];
	size_t *slot;

	if (field->type != TYPE_REF || text.length < 2 || text.data[0] != '+')
		return text;
	slot = find_slot(plan, slice_of(field->target), text);
	if (*slot != 0 && plan->items[*slot - 1].number != 0 &&
	    view_table(batch_view(plan->batch), field->target, &table, &ignored) == STATUS_OK)
		text = arena_copy(&plan->arena, table_id(table, plan->items[*slot - 1].number, id));
	error_release(&ignored);
	return text;
}

/* "=3": a record that rules have made, and will make again. */
static bool
names_follower(struct slice text)
{
	return text.length > 1 && text.data[0] == '=';
}

/* One row as an assignment; false when it is a fault or nothing to be assigned. */
static bool
row_assign(struct plan *plan, const struct row_text *row, struct log *log, const struct record *record,
    struct assign *assign, struct error *error)
{
	struct place place = { plan->source, row->line, NULL };
	size_t field = table_field(log->table, row->field);
	struct slice current;

	if (field == SIZE_MAX) {
		error_add(error, &place, "no such field: \"%.*s\"", (int)row->field.length, row->field.data);
		return false;
	}
	if (log->table->fields[field].flags & (FIELD_COMPUTED | FIELD_DERIVED))
		return false;
	place.field = log->table->fields[field].name;
	current = record != NULL ? record_value(record, field) : (struct slice){ "", 0 };
	if (!slice_equal(current, row->old)) {
		error_add(error, &place, "%.*s is \"%.*s\" now, not \"%.*s\"", (int)row->id.length,
		    row->id.data, (int)current.length, current.data, (int)row->old.length, row->old.data);
		return false;
	}
	if (log->table->fields[field].type == TYPE_REF && names_follower(row->new))
		return false;
	*assign = (struct assign){ { .field = field, .via = SIZE_MAX },
		real_reference(plan, &log->table->fields[field], row->new) };
	return true;
}

static enum status
open_item(struct plan *plan, struct item *item, struct log **log, struct record *record, struct error *error)
{
	const struct row_text *first = &item->rows[0];
	struct place place = { plan->source, first->line, "table" };
	char *name = arena_text(&plan->arena, first->table);
	enum status status = view_log(batch_view(plan->batch), name, log, error);

	if (status == STATUS_NO)
		return error_add(error, &place, "no such table: \"%s\"", name);
	if (status != STATUS_OK || (first->id.length > 0 && first->id.data[0] == '+'))
		return status;
	place.field = "id";
	item->number = log_resolve(*log, first->id, &place, error);
	if (item->number == 0)
		return STATUS_REFUSED;
	return record_read(*log, item->number, &plan->arena, record, error);
}

static enum status
apply_item(struct plan *plan, struct item *item, struct error *error)
{
	struct assign *assigns = arena_zero(&plan->arena, item->count, sizeof *assigns);
	struct edit edit = { .assigns = assigns, .place = { plan->source, item->rows[0].line, NULL } };
	struct record record;
	struct log *log;
	bool is_new = item->rows[0].id.length > 0 && item->rows[0].id.data[0] == '+';
	size_t faults = error->total;
	enum status status;

	if (names_follower(item->rows[0].id))
		return STATUS_OK;
	status = open_item(plan, item, &log, &record, error);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < item->count; i++)
		edit.assign_count += row_assign(plan, &item->rows[i], log, is_new ? NULL : &record,
		    &assigns[edit.assign_count], error);
	if (error->total > faults)
		return STATUS_REFUSED;
	/* What only follows from something else follows again. */
	if (edit.assign_count == 0)
		return STATUS_OK;
	edit.table = log->table;
	edit.number = item->number;
	return batch_edit(plan->batch, &edit, &item->number, error);
}

enum status
plan_apply(struct batch *batch, struct reader *reader, struct error *error)
{
	struct plan plan = { .batch = batch, .source = reader_name(reader) };
	enum status status = read_plan(&plan, reader, error);

	for (size_t i = 0; status == STATUS_OK && i < plan.count; i++) {
		enum status applied = apply_item(&plan, &plan.items[i], error);

		if (applied != STATUS_OK && applied != STATUS_REFUSED)
			status = applied;
	}
	for (size_t i = 0; i < plan.count; i++)
		free(plan.items[i].rows);
	free(plan.items);
	free(plan.slots);
	arena_release(&plan.arena);
	return status == STATUS_OK && error->total > 0 ? STATUS_REFUSED : status;
}
