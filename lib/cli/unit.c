/* unit: the record first, then its children, which refer to it */
#include "cli/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Children that a record had before, to which those of a `put` are matched by position. */
struct present {
	const struct table *table;
	const uint64_t *numbers;
	size_t count, used;
};

/* A child that is to be: assigns[0] is kept free for its parent. */
struct wish {
	struct edit edit;
	struct assign *assigns;
	struct wish *next;
};

struct unit {
	struct plan_of_units *plan;
	struct edit record;
	bool once; /* no other row of the stream may be about the same record */
	struct wish *children, **last;
};

static void
begin(struct unit *unit, struct plan_of_units *plan)
{
	arena_reset(&plan->arena);
	*unit = (struct unit){ .plan = plan };
	unit->last = &unit->children;
	unit->record = (struct edit){ .table = plan->cli->table,
		.verb = plan->transition,
		.spelling = plan->cli->options.spelled ? &plan->cli->options.spelling : NULL };
}

static struct wish *
add_wish(struct unit *unit, const struct table *table, size_t room, struct place place)
{
	struct wish *wish = arena_zero(&unit->plan->arena, 1, sizeof *wish);

	wish->assigns = arena_zero(&unit->plan->arena, room + 1, sizeof *wish->assigns);
	wish->edit = (struct edit){ .table = table,
		.assigns = wish->assigns,
		.assign_count = 1,
		.place = place,
		.spelling = unit->record.spelling };
	*unit->last = wish;
	unit->last = &wish->next;
	return wish;
}

/* The children that the operands add to each record. */
static void
add_word_children(struct unit *unit, struct place place)
{
	const struct words *words = unit->plan->words;

	for (size_t i = 1; i < words->part_count; i++) {
		const struct part *part = &words->parts[i];
		struct wish *wish = add_wish(unit, part->table, part->count, place);

		memcpy(wish->assigns + 1, part->assigns, part->count * sizeof *part->assigns);
		wish->edit.assign_count = part->count + 1;
	}
}

/* Faults of a child whose record was refused: all but that it has no parent. */
static void
check_orphan(struct unit *unit, struct wish *wish, struct error *error)
{
	const struct table *table = wish->edit.table;
	const char *parent = table->fields[table->parent_field].name;
	struct batch_mark mark = batch_mark(unit->plan->batch);
	struct error own = ERROR_INIT;

	if (wish->edit.number != 0)
		return;
	wish->edit.assigns = wish->assigns + 1;
	wish->edit.assign_count--;
	batch_edit(unit->plan->batch, &wish->edit, NULL, &own);
	batch_back(unit->plan->batch, mark);
	for (size_t i = 0; i < own.count && own.status == STATUS_REFUSED; i++) {
		const struct fault *fault = &own.faults[i];

		if (fault->field == NULL || strcmp(fault->field, parent) != 0)
			error_add(error, &(struct place){ fault->source, fault->line, fault->field }, "%s",
			    fault->reason);
	}
	error_release(&own);
}

static enum status
edit_child(struct unit *unit, struct wish *wish, struct slice parent, struct error *error)
{
	wish->assigns[0] = (struct assign){ { .field = wish->edit.table->parent_field, .via = SIZE_MAX }, parent };
	return batch_edit(unit->plan->batch, &wish->edit, NULL, error);
}

/* Which line of the stream a record was in before, 0 for none; room is made for it. */
static uintmax_t *
line_of(struct plan_of_units *plan, uint64_t number)
{
	size_t capacity = plan->line_capacity;

	while (capacity <= number)
		capacity = capacity > 0 ? capacity * 2 : 1024;
	if (capacity > plan->line_capacity) {
		uintmax_t *lines = memory_array(capacity, sizeof *lines);

		if (plan->lines != NULL)
			memcpy(lines, plan->lines, plan->line_capacity * sizeof *lines);
		free(plan->lines);
		plan->lines = lines;
		plan->line_capacity = capacity;
	}
	return &plan->lines[number];
}

bool
unit_note_line(struct plan_of_units *plan, uint64_t number, uintmax_t line)
{
	uintmax_t *noted = line_of(plan, number);

	if (*noted != 0)
		return false;
	*noted = line;
	return true;
}

/* Of two rows about one record the later would win in silence. */
static enum status
check_twice(struct unit *unit, struct error *error)
{
	struct plan_of_units *plan = unit->plan;
	struct place place = unit->record.place;
	uintmax_t before;
	char id[ID_SIZE];
	struct slice name;

	/* Rows with children may well share their record. */
	unit->once = plan->purpose == PURPOSE_PUT ||
	    (plan->purpose == PURPOSE_SET && plan->columns->child_count == 0);
	if (!unit->once || unit->record.number == 0)
		return STATUS_OK;
	before = *line_of(plan, unit->record.number);
	if (before == 0)
		return STATUS_OK;
	name = table_id(plan->cli->table, unit->record.number, id);
	place.field = plan->purpose == PURPOSE_PUT ? plan->cli->options.match : "id";
	return error_add(error, &place, "%.*s was in line %ju already", (int)name.length, name.data, before);
}

/* Sends a unit into the batch. */
static enum status
commit_unit(struct unit *unit, struct error *error)
{
	size_t faults = error->total;
	uint64_t number = 0;
	char id[ID_SIZE];
	enum status status = batch_edit(unit->plan->batch, &unit->record, &number, error);
	bool orphans = status == STATUS_REFUSED;

	if (status != STATUS_OK && !orphans)
		return status;
	for (struct wish *wish = unit->children; wish != NULL; wish = wish->next) {
		if (orphans) {
			check_orphan(unit, wish, error);
			continue;
		}
		status = edit_child(unit, wish, table_id(unit->record.table, number, id), error);
		if (status != STATUS_OK && status != STATUS_REFUSED)
			return status;
	}
	if (error->total > faults)
		return STATUS_REFUSED;
	status = batch_whole(unit->plan->batch, unit->record.table, number, &unit->record.place, error);
	if (status != STATUS_OK)
		return status;
	if (unit->once)
		*line_of(unit->plan, number) = unit->record.place.line;
	return STATUS_OK;
}

enum status
unit_from_words(struct plan_of_units *plan, uint64_t number, struct error *error)
{
	const struct part *own = &plan->words->parts[0];
	struct unit unit;

	begin(&unit, plan);
	unit.record.number = number;
	unit.record.assigns = own->assigns;
	unit.record.assign_count = own->count;
	add_word_children(&unit, (struct place){ .source = NULL });
	return commit_unit(&unit, error);
}

/* --- from rows -------------------------------------------------------------------- */

static struct slice
cell(const struct row *row, size_t column)
{
	return column < row->count && row->values[column].data != NULL ? row->values[column]
								       : (struct slice){ "", 0 };
}

static struct place
row_place(const struct plan_of_units *plan, const struct row *row)
{
	return (struct place){ .source = plan->columns->source, .line = row->line };
}

/* The record that a row's id names. */
static enum status
resolve_id(struct unit *unit, struct log *log, const struct row *row, struct error *error)
{
	struct place place = row_place(unit->plan, row);
	struct slice text = cell(row, unit->plan->columns->id);

	place.field = "id";
	if (text.length == 0)
		return error_add(error, &place, "missing");
	unit->record.number = log_resolve(log, text, &place, error);
	return unit->record.number != 0 ? STATUS_OK : STATUS_REFUSED;
}

/* The record that has the row's value in the field of --match; none is fine, it is new then. */
static enum status
match_record(struct unit *unit, struct log *log, const struct row *row, struct error *error)
{
	const struct plan_of_units *plan = unit->plan;
	struct place place = row_place(plan, row);
	struct slice text = cell(row, plan->columns->match), value, reason;
	size_t field;
	struct value_context context = { .codes = view_codes(plan->cli->view),
		.spelling = plan->cli->options.spelled ? &plan->cli->options.spelling : NULL,
		.money_digits = -1,
		.today = view_today(plan->cli->view),
		.now = view_now(plan->cli->view),
		.checked = true };

	place.field = plan->cli->options.match;
	if (text.length == 0)
		return error_add(error, &place, "missing: --match needs it");
	field = plan->columns->roles[plan->columns->match].target.field;
	if (!value_parse(&plan->cli->table->fields[field], text, &context, &unit->plan->arena, &value, &reason))
		return error_add(error, &place, "%.*s", (int)reason.length, reason.data);
	unit->record.number = log_find(log, field, value);
	return STATUS_OK;
}

static enum status
find_record(struct unit *unit, const struct row *row, struct error *error)
{
	struct log *log;
	enum status status;

	if (unit->plan->purpose == PURPOSE_ADD)
		return STATUS_OK;
	status = view_log(unit->plan->cli->view, unit->plan->cli->table_name, &log, error);
	if (status != STATUS_OK)
		return status;
	if (unit->plan->purpose == PURPOSE_PUT)
		return match_record(unit, log, row, error);
	return resolve_id(unit, log, row, error);
}

static enum status
take_tx(struct unit *unit, const struct row *row, struct error *error)
{
	struct place place = row_place(unit->plan, row);
	struct slice text = cell(row, unit->plan->columns->tx);
	unsigned long long tx;

	if (text.length == 0 || unit->plan->cli->options.force || unit->record.number == 0)
		return STATUS_OK;
	place.field = "tx";
	if (!slice_to_u64(text, &tx))
		return error_add(error, &place, "not a transaction: \"%.*s\"", (int)text.length, text.data);
	unit->record.expected_tx = tx;
	return STATUS_OK;
}

/* A value that bo works out itself may be in the stream, as long as it is the one there is. */
static enum status
check_same(const struct plan_of_units *plan, const struct table *table, uint64_t number, size_t field,
    struct slice text, struct place place, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct record record;
	struct log *log;
	struct slice value = { "", 0 };
	enum status status = view_log(plan->cli->view, table->name, &log, error);

	place.field = table->fields[field].name;
	if (status == STATUS_OK && number != 0)
		status = record_read(log, number, &arena, &record, error);
	if (status == STATUS_OK && number != 0)
		value = record_value(&record, field);
	if (status == STATUS_OK && !slice_equal(value, text) && text.length > 0)
		status = error_add(error, &place, "is worked out by bo and can't be set");
	arena_release(&arena);
	return status;
}

/* The values of the record itself, besides those of the operands. */
static enum status
take_values(struct unit *unit, const struct row *row, struct error *error)
{
	struct plan_of_units *plan = unit->plan;
	const struct part *own = &plan->words->parts[0];
	size_t room = own->count + plan->columns->count + 1, count = own->count, faults = error->total;
	struct assign *assigns = arena_take(&plan->arena, room * sizeof *assigns);

	memcpy(assigns, own->assigns, own->count * sizeof *assigns);
	for (size_t i = 0; i < row->count && i < plan->columns->count; i++) {
		const struct role *role = &plan->columns->roles[i];

		/* Nothing is said by what is not there, nor by an empty value of a new record. */
		if (row->values[i].data == NULL || (row->values[i].length == 0 && unit->record.number == 0))
			continue;
		if (role->kind == ROLE_FIELD)
			assigns[count++] = (struct assign){ role->target, row->values[i] };
		else if (role->kind == ROLE_SAME)
			check_same(plan, plan->cli->table, unit->record.number, role->target.field,
			    row->values[i], row_place(plan, row), error);
		else if (role->kind == ROLE_LIST && row->values[i].length > 0)
			error_add(error, &unit->record.place, "children are given by their fields: \"%.*s\"",
			    (int)row->values[i].length, row->values[i].data);
	}
	unit->record.assigns = assigns;
	unit->record.assign_count = count;
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

static enum status
resolve_child(const struct plan_of_units *plan, struct wish *wish, struct slice text, struct error *error)
{
	struct log *log;
	enum status status = view_log(plan->cli->view, wish->edit.table->name, &log, error);

	if (status == STATUS_OK) {
		struct place place = { wish->edit.place.source, wish->edit.place.line, "id" };

		wish->edit.number = log_resolve(log, text, &place, error);
		status = wish->edit.number != 0 ? STATUS_OK : STATUS_REFUSED;
	}
	return status;
}

static bool
has_child(const struct columns *columns, const struct row *row, const struct table *child)
{
	for (size_t i = 0; i < row->count && i < columns->count; i++) {
		if (columns->roles[i].child == child && columns->roles[i].kind != ROLE_IGNORED &&
		    row->values[i].length > 0)
			return true;
	}
	return false;
}

/* The number of the next child that was there before, 0 when there are no more. */
static uint64_t
next_present(struct present *present)
{
	return present != NULL && present->used < present->count ? present->numbers[present->used++] : 0;
}

static enum status
take_child(struct unit *unit, const struct row *row, const struct table *child, struct present *present,
    struct error *error)
{
	const struct plan_of_units *plan = unit->plan;
	const struct columns *columns = plan->columns;
	struct wish *wish = add_wish(unit, child, columns->count, row_place(plan, row));
	size_t faults = error->total;
	enum status status = STATUS_OK;

	wish->edit.checked = true;
	for (size_t i = 0; i < row->count && i < columns->count && status == STATUS_OK; i++) {
		if (columns->roles[i].child == child && columns->roles[i].kind == ROLE_CHILD_ID &&
		    row->values[i].length > 0)
			status = resolve_child(plan, wish, row->values[i], error);
	}
	if (wish->edit.number == 0)
		wish->edit.number = next_present(present);
	for (size_t i = 0; i < row->count && i < columns->count && status == STATUS_OK; i++) {
		const struct role *role = &columns->roles[i];

		if (role->child != child || row->values[i].data == NULL ||
		    (row->values[i].length == 0 && wish->edit.number == 0))
			continue;
		if (role->kind == ROLE_CHILD_FIELD && role->target.field != child->parent_field)
			wish->assigns[wish->edit.assign_count++] = (struct assign){ role->target, row->values[i] };
		else if (role->kind == ROLE_CHILD_SAME)
			check_same(plan, child, wish->edit.number, role->target.field, row->values[i],
			    wish->edit.place, error);
	}
	return status == STATUS_OK && error->total > faults ? STATUS_REFUSED : status;
}

/* The children of one kind that a record has and that are not archived. */
static enum status
list_present(struct unit *unit, const struct table *child, struct present *present, struct error *error)
{
	struct arena *arena = &unit->plan->arena;
	struct log *log;
	size_t count;
	const uint64_t *numbers;
	uint64_t *copy;
	enum status status = view_log(unit->plan->cli->view, child->name, &log, error);

	*present = (struct present){ .table = child };
	if (status != STATUS_OK || unit->record.number == 0)
		return status;
	numbers = log_children(log, unit->record.number, &count);
	copy = arena_take(arena, (count + 1) * sizeof *copy);
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct record record;

		status = record_read(log, numbers[i], arena, &record, error);
		if (status == STATUS_OK && !record_archived(&record))
			copy[present->count++] = numbers[i];
	}
	present->numbers = copy;
	return status;
}

/* Children that a `put` names no more go into the archive. */
static void
archive_rest(struct unit *unit, struct present *present, struct place place)
{
	uint64_t number;

	while ((number = next_present(present)) != 0) {
		struct wish *wish = add_wish(unit, present->table, 1, place);

		wish->edit.number = number;
		wish->assigns[wish->edit.assign_count++] = (struct assign){
			{ .field = present->table->archived, .via = SIZE_MAX }, slice_of("true")
		};
	}
}

static enum status
take_children(struct unit *unit, const struct row *rows, size_t count, const struct table *child,
    struct error *error)
{
	const struct columns *columns = unit->plan->columns;
	struct present present, *match = NULL;
	enum status status = STATUS_OK;
	size_t faults = error->total;

	if (unit->plan->purpose == PURPOSE_PUT) {
		status = list_present(unit, child, &present, error);
		match = &present;
	}
	for (size_t i = 0; i < count; i++) {
		if (status == STATUS_OK && has_child(columns, &rows[i], child))
			status = take_child(unit, &rows[i], child, match, error);
		for (size_t k = 0; k < rows[i].child_count; k++) {
			if (status == STATUS_OK && has_child(columns, &rows[i].children[k], child))
				status = take_child(unit, &rows[i].children[k], child, match, error);
		}
		if (status == STATUS_REFUSED)
			status = STATUS_OK;
	}
	if (status == STATUS_OK && match != NULL)
		archive_rest(unit, match, row_place(unit->plan, &rows[0]));
	return status == STATUS_OK && error->total > faults ? STATUS_REFUSED : status;
}

enum status
unit_from_rows(struct plan_of_units *plan, const struct row *rows, size_t count, struct error *error)
{
	struct unit unit;
	size_t faults = error->total;
	enum status status;

	begin(&unit, plan);
	unit.record.place = row_place(plan, &rows[0]);
	/* The reader has looked at what it read, but nobody at the operands. */
	unit.record.checked = plan->words->parts[0].count == 0;
	status = find_record(&unit, &rows[0], error);
	if (status == STATUS_OK)
		status = check_twice(&unit, error);
	if (status == STATUS_OK)
		status = take_tx(&unit, &rows[0], error);
	if (status == STATUS_OK)
		status = take_values(&unit, &rows[0], error);
	for (size_t i = 0;
	     i < plan->columns->child_count && (status == STATUS_OK || status == STATUS_REFUSED); i++) {
		enum status child = take_children(&unit, rows, count, plan->columns->children[i], error);

		status = child != STATUS_OK ? child : status;
	}
	if (status != STATUS_OK)
		return status;
	add_word_children(&unit, unit.record.place);
	status = commit_unit(&unit, error);
	return status == STATUS_OK && error->total > faults ? STATUS_REFUSED : status;
}
