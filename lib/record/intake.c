/* intake: from a row to its line by the shortest way */
#include "record/intake.h"

#include <stdlib.h>

#include "base/memory.h"
#include "record/access.h"
#include "record/batch_internal.h"
#include "record/lookup.h"
#include "record/rule.h"

struct intake {
	struct batch *batch;
	struct log *log;
	const size_t *fields; /* by column */
	size_t count;
	struct value_context context;
	struct slice *presets; /* by field */
	struct slice *values;  /* by field: of the row at hand */
	struct arena kept;     /* presets */
	struct arena arena;    /* of the row */
};

static bool
has_rule(const struct view *view, const struct table *table)
{
	const struct rule *const *rules = view_rules(view);

	for (; rules != NULL && *rules != NULL; rules++)
		if ((*rules)->check != NULL && strcmp((*rules)->table, table->name) == 0)
			return true;
	return false;
}

/* Whether new records of the table, with these fields given, are nothing but their values. */
static bool
is_plain(const struct view *view, const struct log *log, const size_t *fields, size_t count)
{
	const struct table *table = log->table;

	if ((table->flags & (TABLE_SINGLE | TABLE_CHILD)) || table->state != SIZE_MAX || has_rule(view, table))
		return false;
	for (const size_t *i = log->checklist.presets; *i != SIZE_MAX; i++)
		if (table->fields[*i].type == TYPE_REF)
			return false;
	for (size_t i = 0; i < count; i++) {
		const struct field *field = fields[i] != SIZE_MAX ? &table->fields[fields[i]] : NULL;

		if (field != NULL &&
		    (field->type == TYPE_REF || (field->flags & (FIELD_DERIVED | FIELD_COMPUTED)) ||
			(field->type == TYPE_MONEY && table->currency != SIZE_MAX)))
			return false;
	}
	return true;
}

static struct intake *
make(struct batch *batch, struct log *log, const size_t *fields, size_t count)
{
	size_t field_count = log->table->field_count;
	struct intake *intake = memory_new(sizeof *intake);
	size_t *copy = memory_array(count + 1, sizeof *copy);

	memcpy(copy, fields, count * sizeof *copy);
	intake->batch = batch;
	intake->log = log;
	intake->fields = copy;
	intake->count = count;
	intake->presets = memory_array(field_count, sizeof *intake->presets);
	intake->values = memory_array(field_count, sizeof *intake->values);
	for (size_t i = 0; i < field_count; i++)
		intake->presets[i] = (struct slice){ "", 0 };
	return intake;
}

/* What every row begins with; false when a default is none for this store. */
static bool
set_presets(struct intake *intake)
{
	struct draft draft = { .log = intake->log, .values = intake->presets, .arena = &intake->kept };
	struct value_context *context = &intake->context;

	context->codes = view_codes(intake->log->view);
	context->money_digits = draft_money_digits(&draft);
	context->today = view_today(intake->log->view);
	context->now = view_now(intake->log->view);
	for (const size_t *i = intake->log->checklist.presets; *i != SIZE_MAX; i++) {
		const struct field *field = &intake->log->table->fields[*i];
		struct slice reason;

		if (!value_parse(field, slice_of(field->preset), context, &intake->kept, &intake->presets[*i],
			&reason))
			return false;
	}
	return true;
}

struct intake *
intake_new(struct batch *batch, const struct table *table, const size_t *fields, size_t count,
    const struct spelling *spelling)
{
	struct error ignored = ERROR_INIT;
	struct intake *intake = NULL;
	struct log *log;

	/* Whatever fails here fails again where somebody hears of it. */
	if (view_log(batch->view, table->name, &log, &ignored) == STATUS_OK &&
	    is_plain(batch->view, log, fields, count) && !access_binds(&batch->access, batch->view)) {
		intake = make(batch, log, fields, count);
		if (!set_presets(intake)) {
			intake_free(intake);
			intake = NULL;
		} else {
			intake->context.spelling = spelling;
			intake->context.checked = true;
		}
	}
	error_release(&ignored);
	return intake;
}

void
intake_free(struct intake *intake)
{
	if (intake == NULL)
		return;
	arena_release(&intake->kept);
	arena_release(&intake->arena);
	free((void *)(uintptr_t)intake->fields);
	free(intake->presets);
	free(intake->values);
	free(intake);
}

/* The value of one field; false when it is none, or would be taken for an id. */
static bool
take_value(struct intake *intake, size_t index, struct slice text)
{
	const struct field *field = &intake->log->table->fields[index];
	struct slice *value = &intake->values[index], reason;

	if (field->type == TYPE_TEXT || field->type == TYPE_NOTE)
		*value = text; /* the reader has done all the looking there is to do */
	else if (!value_parse(field, text, &intake->context, &intake->arena, value, &reason))
		return false;
	return !(field->flags & FIELD_KEY) ||
	    !table_id_parse(intake->log->table, *value, &(unsigned long long){ 0 });
}

/* Something that is no blank, so that the line can't be taken for an erased one. */
static bool
says_something(const struct intake *intake)
{
	for (size_t i = 0; i < intake->log->table->field_count; i++)
		if (intake->values[i].length > 0 && intake->values[i].data[0] != ' ')
			return true;
	return false;
}

/* What will be looked for when all else is done is far away in memory. */
static void
look_ahead(const struct intake *intake, const struct slice *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (intake->fields[i] != SIZE_MAX && values[i].length > 0 &&
		    (intake->log->table->fields[intake->fields[i]].flags & FIELD_UNIQUE))
			lookup_await(intake->log, intake->fields[i], values[i]);
}

/* Nothing that is required is missing, nothing that must be unique is there already. */
static bool
stands(const struct intake *intake)
{
	const struct checklist *checklist = &intake->log->checklist;

	for (const size_t *i = checklist->required; *i != SIZE_MAX; i++)
		if (intake->values[*i].length == 0)
			return false;
	for (const size_t *i = checklist->unique; *i != SIZE_MAX; i++)
		if (intake->values[*i].length > 0 && log_find(intake->log, *i, intake->values[*i]) != 0)
			return false;
	return says_something(intake);
}

enum status
intake_row(struct intake *intake, const struct slice *values, size_t count, struct place place, struct error *error)
{
	struct log *log = intake->log;
	struct draft draft = { .log = log,
		.number = log->count + 1,
		.is_new = true,
		.values = intake->values,
		.place = place,
		.arena = &intake->arena };

	if (count > intake->count || draft.number >= UINT32_MAX)
		return STATUS_NO;
	look_ahead(intake, values, count);
	arena_reset(&intake->arena);
	memcpy(intake->values, intake->presets, log->table->field_count * sizeof *intake->values);
	for (size_t i = 0; i < count; i++)
		if (intake->fields[i] != SIZE_MAX && values[i].length > 0 &&
		    !take_value(intake, intake->fields[i], values[i]))
			return STATUS_NO;
	return stands(intake) ? batch_write(intake->batch, &draft, false, error) : STATUS_NO;
}
