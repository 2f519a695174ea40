#include "office/help.h"

#include "base/date.h"
#include "base/decimal.h"

struct place
draft_place(const struct draft *draft, const char *field)
{
	return (struct place){ draft->place.source, draft->place.line, field };
}

bool
draft_moves(const struct draft *draft, size_t field)
{
	if (draft->log->table->fields[field].flags & FIELD_DERIVED)
		return false;
	if (draft->is_new)
		return draft->values[field].length > 0;
	return !slice_equal(draft->values[field], record_value(draft->old, field));
}

void
draft_default(struct draft *draft, const char *field, struct slice value)
{
	if (draft_named(draft, field).length == 0)
		draft_set(draft, field, value);
}

bool
reference_read(struct view *view, const char *table, struct slice reference, struct arena *arena,
    struct record *record)
{
	struct error ignored = ERROR_INIT;
	unsigned long long number;
	struct log *log;
	bool found;

	found = reference.length > 0 && view_log(view, table, &log, &ignored) == STATUS_OK &&
	    table_id_parse(log->table, reference, &number) &&
	    record_read(log, number, arena, record, &ignored) == STATUS_OK;
	error_release(&ignored);
	return found;
}

bool
reference_of(const struct record *record, const char *field, uint64_t *number)
{
	const struct table *own = record->log->table, *table;
	struct slice value = record_named(record, field);
	struct error ignored = ERROR_INIT;
	unsigned long long found;
	bool is_there = value.length > 0 &&
	    view_table(record->log->view, own->fields[table_field(own, slice_of(field))].target, &table,
		&ignored) == STATUS_OK &&
	    table_id_parse(table, value, &found);

	error_release(&ignored);
	*number = is_there ? found : 0;
	return is_there;
}

bool
units_of(struct slice value, int64_t *units)
{
	return value.length > 0 && decimal_parse(value, DECIMAL_DIGITS, units) == DECIMAL_OK;
}

int64_t
units_or_zero(struct slice value)
{
	int64_t units = 0;

	return units_of(value, &units) ? units : 0;
}

struct slice
units_text(int64_t units, int digits, bool trim, struct arena *arena)
{
	char text[DECIMAL_SIZE];
	size_t length = decimal_format(units, digits, trim, text);

	return arena_copy(arena, (struct slice){ text, length });
}

struct slice
money_text(int128 units, int digits, struct arena *arena)
{
	int64_t rounded;

	if (digits < 0 || !decimal_rescale(units, DECIMAL_DIGITS, digits, &rounded))
		return slice_of("");
	return units_text(rounded, digits, false, arena);
}

struct slice
date_text(int32_t day, struct arena *arena)
{
	char text[DATE_SIZE];
	size_t length = date_format(day, text);

	return arena_copy(arena, (struct slice){ text, length });
}

struct assign
assign_value(const struct table *table, const char *field, struct slice value)
{
	return (struct assign){
		.target = { .field = table_field(table, slice_of(field)), .via = SIZE_MAX },
		.value = value,
	};
}

uint64_t
change_parent(const struct change *change, struct log *parents, struct log *children, struct arena *arena)
{
	struct error ignored = ERROR_INIT;
	unsigned long long number = 0;
	struct record child;

	if (change->log == parents)
		return change->number;
	if (change->log != children)
		return 0;
	if (record_read(children, change->number, arena, &child, &ignored) != STATUS_OK ||
	    !table_id_parse(parents->table, record_value(&child, children->table->parent_field), &number))
		number = 0;
	error_release(&ignored);
	return number;
}
