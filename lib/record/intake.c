/* intake: from a row to its line by the shortest way */
#include "record/intake.h"

#include <stdlib.h>

#include "base/memory.h"
#include "record/access.h"
#include "record/batch_internal.h"
#include "record/lookup.h"
#include "record/path.h"
#include "record/pick.h"
#include "record/rule.h"
#include "record/stencil.h"
#include "stream/csv.h"

enum { RECENT_MOST = 32, PATIENCE = 100 };

/* What a column said last, and what that was: dates and countries are often the same again. */
struct recent {
	int patience; /* rises with every row in which it was, falls with every other; 0: nobody looks any more */
	size_t said_length, value_length;
	bool bare;
	char said[RECENT_MOST], value[RECENT_MOST];
};

/* A column of the input. */
struct input_column {
	const struct field *field; /* NULL: nobody wants it */
	size_t index;              /* of the field */
	bool is_text;              /* the reader has done all the looking there is to do */
	struct recent recent;
};

struct intake {
	struct batch *batch;
	struct log *log;
	struct input_column *columns;
	size_t count;
	struct value_context context;
	struct slice *presets; /* by field */
	struct slice *values;  /* by field: of the row at hand */
	bool *bare;            /* and what is known of them */
	uint32_t *hashes;
	bool *given; /* by field: there is a column for it */
	struct stencil stencil;
	struct pick pick;      /* of records that are there, by column */
	long *picked;          /* its fields */
	struct slice *present; /* its values */
	struct arena kept;     /* presets */
	struct arena arena;    /* of the row */
};

static bool
has_rule(const struct view *view, const struct table *table)
{
	const struct rule *const *rules = view_rules(view);

	for (; rules != NULL && *rules != NULL; rules++)
		if (((*rules)->check != NULL || (*rules)->whole != NULL) &&
		    strcmp((*rules)->table, table->name) == 0)
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
	const struct field *all = log->table->fields;
	size_t field_count = log->table->field_count;
	struct intake *intake = memory_new(sizeof *intake);

	intake->batch = batch;
	intake->log = log;
	intake->columns = memory_array(count + 1, sizeof *intake->columns);
	intake->count = count;
	intake->presets = memory_array(field_count, sizeof *intake->presets);
	intake->values = memory_array(field_count, sizeof *intake->values);
	intake->bare = memory_array(field_count, sizeof *intake->bare);
	intake->hashes = memory_array(field_count, sizeof *intake->hashes);
	intake->given = memory_array(field_count, sizeof *intake->given);
	intake->picked = memory_array(count + 1, sizeof *intake->picked);
	intake->present = memory_array(count + 1, sizeof *intake->present);
	for (size_t i = 0; i < field_count; i++)
		intake->presets[i] = (struct slice){ "", 0 };
	pick_init(&intake->pick, log, intake->picked, count);
	for (size_t i = 0; i < count; i++) {
		intake->picked[i] = fields[i] != SIZE_MAX ? (long)fields[i] : PICK_ABSENT;
		if (fields[i] == SIZE_MAX)
			continue;
		intake->columns[i] = (struct input_column){ .field = &all[fields[i]],
			.index = fields[i],
			.is_text = all[fields[i]].type == TYPE_TEXT || all[fields[i]].type == TYPE_NOTE,
			.recent = { .patience = PATIENCE } };
		intake->given[fields[i]] = true;
	}
	intake->stencil.varies = intake->given;
	intake->stencil.fixed = intake->presets;
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
			intake->context.checked = intake->context.unbroken = true;
			memcpy(intake->values, intake->presets, table->field_count * sizeof *intake->values);
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
	stencil_release(&intake->stencil);
	pick_release(&intake->pick);
	free(intake->picked);
	free(intake->present);
	free(intake->columns);
	free(intake->given);
	free(intake->presets);
	free(intake->values);
	free(intake->bare);
	free(intake->hashes);
	free(intake);
}

/* Keeps what text was. */
static void
remember(struct recent *recent, struct slice text, struct slice value)
{
	if (text.length > RECENT_MOST || value.length > RECENT_MOST || --recent->patience == 0)
		return;
	memcpy(recent->said, text.data, text.length);
	memcpy(recent->value, value.data, value.length);
	recent->said_length = text.length;
	recent->value_length = value.length;
	recent->bare = !csv_must_quote(value);
}

/* A value that is more than text; false when it is none. */
static bool
parse(struct intake *intake, struct input_column *column, struct slice text, struct slice *value, bool *bare)
{
	struct recent *recent = &column->recent;
	struct slice reason;

	if (recent->patience > 0 && slice_equal(text, (struct slice){ recent->said, recent->said_length })) {
		recent->patience += recent->patience < PATIENCE;
		*value = (struct slice){ recent->value, recent->value_length };
		*bare = recent->bare;
		return true;
	}
	if (!value_parse(column->field, text, &intake->context, &intake->arena, value, &reason))
		return false;
	/* A piece of what needs no quotes needs none. */
	*bare = *bare && value->data >= text.data && value->data < text.data + text.length;
	if (recent->patience > 0 && value->length > 0)
		remember(recent, text, *value);
	return true;
}

/* The value of one column; false when it is none, or would be taken for an id. */
static bool
take_value(struct intake *intake, struct input_column *column, struct slice text, bool bare)
{
	const struct field *field = column->field;
	struct slice value = text;

	if (text.length > 0 && !column->is_text && !parse(intake, column, text, &value, &bare))
		return false;
	if (value.length == 0) {
		intake->values[column->index] = intake->presets[column->index];
		intake->bare[column->index] = false;
		return true;
	}
	intake->values[column->index] = value;
	intake->bare[column->index] = bare;
	/* What will be looked for when all else is done is far away in memory. */
	if ((field->flags & FIELD_UNIQUE) && bare)
		intake->hashes[column->index] = lookup_await(intake->log, column->index, value);
	return !(field->flags & FIELD_KEY) ||
	    !table_id_parse(intake->log->table, value, &(unsigned long long){ 0 });
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

/* Nothing that is required is missing, nothing that must be unique is there already. */
static bool
stands(const struct intake *intake)
{
	const struct checklist *checklist = &intake->log->checklist;

	for (const size_t *i = checklist->required; *i != SIZE_MAX; i++)
		if (intake->values[*i].length == 0)
			return false;
	for (const size_t *i = checklist->unique; *i != SIZE_MAX; i++)
		if (intake->values[*i].length > 0 &&
		    lookup_find(intake->log, *i, intake->values[*i], intake->hashes[*i]) != 0)
			return false;
	return says_something(intake);
}

/* Takes all columns. */
static bool
take_values(struct intake *intake, const struct row *row)
{
	arena_reset(&intake->arena);
	for (const size_t *i = intake->log->checklist.unique; *i != SIZE_MAX; i++)
		intake->hashes[*i] = 0;
	for (size_t i = 0; i < row->count; i++) {
		bool bare = i < ROW_BARE && (row->bare >> i & 1) != 0;

		if (intake->columns[i].field != NULL &&
		    !take_value(intake, &intake->columns[i], row->values[i], bare))
			return false;
	}
	return true;
}

enum status
intake_row(struct intake *intake, const struct row *row, struct place place, struct error *error)
{
	struct log *log = intake->log;
	struct draft draft = { .log = log,
		.number = log->count + 1,
		.is_new = true,
		.values = intake->values,
		.place = place,
		.arena = &intake->arena };
	struct known known = { .bare = intake->bare, .hashes = intake->hashes, .stencil = &intake->stencil };

	if (row->count != intake->count || draft.number >= UINT32_MAX || !take_values(intake, row) ||
	    !stands(intake))
		return STATUS_NO;
	return batch_write(intake->batch, &draft, &known, false, error);
}

/* The value that a record has to have where a column says text; false when that is no value. */
static bool
is_value(struct intake *intake, struct input_column *column, struct slice text, struct slice present)
{
	struct slice value = text;
	bool bare = false;

	if (text.length > 0 && !column->is_text && !parse(intake, column, text, &value, &bare))
		return false;
	return slice_equal(value, present) &&
	    (!(column->field->flags & FIELD_KEY) ||
		!table_id_parse(intake->log->table, value, &(unsigned long long){ 0 }));
}

/* The record that a row is about; 0 when there is none, or it takes more to tell. */
static uint64_t
find_match(struct intake *intake, const struct row *row, size_t match)
{
	struct input_column *column = &intake->columns[match];
	struct slice value = row->values[match];
	bool bare = false;

	if (value.length == 0 || column->field == NULL ||
	    (!column->is_text && !parse(intake, column, value, &value, &bare)))
		return 0;
	return log_find(intake->log, column->index, value);
}

uint64_t
intake_same(struct intake *intake, const struct row *row, size_t match)
{
	struct log *log = intake->log;
	uint64_t number, newest;

	arena_reset(&intake->arena);
	if (row->count != intake->count || (number = find_match(intake, row, match)) == 0)
		return 0;
	newest = log_newest(log, number);
	if (newest == 0 ||
	    !pick_values(&intake->pick, log_layout(log, newest - 1), log_line_at(log, newest - 1),
		&intake->arena, intake->present))
		return 0;
	for (size_t i = 0; i < row->count; i++) {
		if (intake->columns[i].field != NULL &&
		    !is_value(intake, &intake->columns[i], row->values[i], intake->present[i]))
			return 0;
	}
	return number;
}
