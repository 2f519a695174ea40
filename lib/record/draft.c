/* draft: an edit meets schema, flow and references */
#include "record/draft.h"

#include <string.h>

#include "base/buffer.h"
#include "base/decimal.h"
#include "record/batch_internal.h"

/* Adds a fault about one field of the draft. */
#define FAULT(draft, name, error, ...) \
	error_add((error), &(struct place){ (draft)->place.source, (draft)->place.line, (name) }, __VA_ARGS__)

static struct slice
old_value(const struct draft *draft, size_t field)
{
	return draft->is_new ? (struct slice){ "", 0 } : record_value(draft->old, field);
}

struct slice
draft_named(const struct draft *draft, const char *field)
{
	size_t index = table_field(draft->log->table, slice_of(field));

	return index == SIZE_MAX ? (struct slice){ "", 0 } : draft->values[index];
}

void
draft_set(struct draft *draft, const char *field, struct slice value)
{
	size_t index = table_field(draft->log->table, slice_of(field));

	if (index != SIZE_MAX)
		draft->values[index] = value.data != NULL ? value : (struct slice){ "", 0 };
}

bool
draft_enters(const struct draft *draft, const char *state)
{
	size_t field = draft->log->table->state;

	return field != SIZE_MAX && slice_is(draft->values[field], state) &&
	    (draft->is_new || !slice_equal(draft->values[field], old_value(draft, field)));
}

int
draft_money_digits(const struct draft *draft)
{
	const struct table *table = draft->log->table;
	struct view *view = draft->log->view;
	struct error ignored = ERROR_INIT;
	struct record parent;
	struct log *parents;
	struct slice currency = { "", 0 };
	unsigned long long number;
	int digits = -1;

	if (table->currency != SIZE_MAX)
		currency = draft->values[table->currency];
	if (currency.length == 0 && table->parent_field != SIZE_MAX &&
	    view_log(view, table->parent, &parents, &ignored) == STATUS_OK &&
	    table_id_parse(parents->table, draft->values[table->parent_field], &number) &&
	    record_read(parents, number, draft->arena, &parent, &ignored) == STATUS_OK)
		digits = record_money_digits(&parent);
	else {
		if (currency.length == 0)
			currency = view_company(view, "currency");
		if (currency.length > 0)
			digits = codes_currency_digits(view_codes(view), currency);
	}
	error_release(&ignored);
	return digits;
}

/* The id of the record that text refers to: by id, by key, or by the field the column named. */
static bool
parse_reference(const struct draft *draft, const struct target *target, struct slice text,
    struct slice *value, struct error *error)
{
	const struct field *field = &draft->log->table->fields[target->field];
	struct place place = { draft->place.source, draft->place.line, field->name };
	char id[ID_SIZE];
	struct log *log;
	uint64_t number;

	if (view_log(draft->log->view, field->target, &log, error) != STATUS_OK)
		return false;
	text = slice_trim(text);
	if (target->via == SIZE_MAX)
		number = log_resolve(log, text, &place, error);
	else if ((number = log_find(log, target->via, text)) == 0)
		error_add(error, &place, "no %s has %s \"%.*s\"", field->target,
		    log->table->fields[target->via].name, (int)text.length, text.data);
	if (number == 0)
		return false;
	*value = arena_copy(draft->arena, table_id(log->table, number, id));
	/* What refers to it already goes on to do so. */
	if (log_erased(log, number) && !slice_equal(*value, old_value(draft, target->field))) {
		error_add(error, &place, "%.*s was erased", (int)value->length, value->data);
		return false;
	}
	return true;
}

/* What a filling needs from one value to the next. */
struct filling {
	struct draft *draft;
	const struct edit *edit;
	struct value_context context;
};

static void
begin_filling(struct filling *filling, struct draft *draft, const struct edit *edit)
{
	*filling = (struct filling){ .draft = draft,
		.edit = edit,
		.context = { .codes = view_codes(draft->log->view),
		    .spelling = edit->spelling,
		    .money_digits = -1,
		    .checked = edit->checked } };
}

static bool
parse_value(struct filling *filling, const struct assign *assign, struct error *error)
{
	struct draft *draft = filling->draft;
	const struct field *field = &draft->log->table->fields[assign->target.field];
	struct slice value, reason;

	if (field->type == TYPE_DATE)
		filling->context.today = view_today(draft->log->view);
	else if (field->type == TYPE_TIME)
		filling->context.now = view_now(draft->log->view);
	if (!value_parse(field, assign->value, &filling->context, draft->arena, &value, &reason)) {
		FAULT(draft, field->name, error, "%.*s", (int)reason.length, reason.data);
		return false;
	}
	if (field->type == TYPE_REF && value.length > 0 &&
	    !parse_reference(draft, &assign->target, value, &value, error))
		return false;
	/* It would be taken for the record with that number wherever somebody means this one. */
	if ((field->flags & FIELD_KEY) && table_id_parse(draft->log->table, value, &(unsigned long long){ 0 })) {
		FAULT(draft, field->name, error, "looks like an id of this table: \"%.*s\"",
		    (int)value.length, value.data);
		return false;
	}
	draft->values[assign->target.field] = value;
	return true;
}

static void
assign_value(struct filling *filling, const struct assign *assign, struct error *error)
{
	const struct field *field = &filling->draft->log->table->fields[assign->target.field];

	if ((field->flags & (FIELD_DERIVED | FIELD_COMPUTED)) && !filling->edit->by_rule)
		FAULT(filling->draft, field->name, error, "is worked out by bo and can't be set");
	else
		parse_value(filling, assign, error);
}

/* Money is read last: its digits depend on the currency, which may come in the same edit. */
static void
assign_values(struct filling *filling, struct error *error)
{
	const struct field *fields = filling->draft->log->table->fields;
	const struct edit *edit = filling->edit;
	bool money = false;

	for (size_t i = 0; i < edit->assign_count; i++) {
		if (fields[edit->assigns[i].target.field].type == TYPE_MONEY)
			money = true;
		else
			assign_value(filling, &edit->assigns[i], error);
	}
	if (!money)
		return;
	filling->context.money_digits = draft_money_digits(filling->draft);
	for (size_t i = 0; i < edit->assign_count; i++) {
		if (fields[edit->assigns[i].target.field].type == TYPE_MONEY)
			assign_value(filling, &edit->assigns[i], error);
	}
}

/* Whether the record was last written by a program whose table had no such field. */
static bool
is_from_before(const struct draft *draft, size_t field)
{
	return !draft->is_new && layout_column(draft->old->layout, field) == SIZE_MAX;
}

/*
 * New records get the schema's defaults where nothing was given; older ones those of
 * required fields that there were not yet, or nobody could ever change them again.
 */
static void
set_defaults(struct draft *draft, const struct edit *edit, struct error *error)
{
	const struct table *table = draft->log->table;
	struct filling filling;

	/* A default is written in our own spelling, whatever the input's is. */
	begin_filling(&filling, draft, &(struct edit){ .table = edit->table });
	for (const size_t *i = draft->log->checklist.presets; *i != SIZE_MAX; i++) {
		const struct field *field = &table->fields[*i];
		struct assign assign = { .target = { .field = *i, .via = SIZE_MAX } };

		if (draft->values[*i].length > 0 ||
		    !(draft->is_new || ((field->flags & FIELD_REQUIRED) && is_from_before(draft, *i))))
			continue;
		if (field->type == TYPE_MONEY)
			filling.context.money_digits = draft_money_digits(draft);
		assign.value = slice_of(field->preset);
		parse_value(&filling, &assign, error);
	}
}

static void
names_of(const struct table *table, const char *verb, struct buffer *out)
{
	for (size_t i = 0; i < table->transition_count; i++) {
		if (strcmp(table->transitions[i].verb, verb) != 0)
			continue;
		for (const char *const *from = table->transitions[i].from; *from != NULL; from++) {
			buffer_add_text(out, out->length > 0 ? ", " : "");
			buffer_add_text(out, *from);
		}
	}
}

/* Takes the transition that the edit names. */
static void
take_transition(struct draft *draft, const struct edit *edit, struct error *error)
{
	const struct table *table = draft->log->table;
	struct slice state = old_value(draft, table->state);
	const struct transition *transition;
	struct buffer from = BUFFER_INIT;
	char id[ID_SIZE], text[STORE_NAME_MAX];

	memcpy(text, state.data, state.length < sizeof text ? state.length : 0);
	text[state.length < sizeof text ? state.length : 0] = '\0';
	transition = table_transition(table, edit->verb, draft->is_new ? "-" : text);
	if (transition != NULL)
		draft->values[table->state] = slice_of(transition->to);
	else if (draft->is_new)
		FAULT(draft, NULL, error, "%s makes no new %s", edit->verb, table->name);
	else {
		struct slice name = table_id(table, draft->number, id);

		names_of(table, edit->verb, &from);
		FAULT(draft, NULL, error, "%.*s is %s: %s goes from %s", (int)name.length, name.data, text,
		    edit->verb, from.data);
	}
	buffer_release(&from);
}

static bool
creates(const struct table *table, struct slice state)
{
	bool any = false;

	for (size_t i = 0; i < table->transition_count; i++) {
		if (strcmp(table->transitions[i].from[0], "-") != 0)
			continue;
		any = true;
		if (slice_is(state, table->transitions[i].to))
			return true;
	}
	return !any && slice_is(state, table->fields[table->state].preset);
}

/* A state that was simply assigned must be where some transition leads. */
static void
check_state(struct draft *draft, struct error *error)
{
	const struct table *table = draft->log->table;
	const char *name = table->fields[table->state].name;
	struct slice from = old_value(draft, table->state), to = draft->values[table->state];

	if (draft->is_new ? to.length == 0 || creates(table, to) : slice_equal(from, to))
		return;
	if (draft->is_new)
		FAULT(draft, name, error, "a new %s can't begin as %.*s", table->name, (int)to.length, to.data);
	else if (table_moves(table, from, to) == NULL)
		FAULT(draft, name, error, "nothing leads from %.*s to %.*s", (int)from.length, from.data,
		    to.length > 0 ? (int)to.length : 7, to.length > 0 ? to.data : "nothing");
}

enum status
draft_fill(struct draft *draft, const struct edit *edit, struct error *error)
{
	const struct table *table = draft->log->table;
	struct filling filling;
	size_t faults = error->total;

	draft->values = arena_take(draft->arena, table->field_count * sizeof *draft->values);
	for (size_t i = 0; i < table->field_count; i++) {
		if (draft->is_new || (table->fields[i].flags & FIELD_DERIVED))
			draft->values[i] = (struct slice){ "", 0 };
		else
			draft->values[i] = record_value(draft->old, i);
	}
	begin_filling(&filling, draft, edit);
	assign_values(&filling, error);
	if (edit->verb != NULL && table->state != SIZE_MAX)
		take_transition(draft, edit, error);
	if (draft->is_new || draft_changed(draft))
		set_defaults(draft, edit, error);
	if (table->state != SIZE_MAX && edit->verb == NULL)
		check_state(draft, error);
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

/* Who has the value: ids that are only about to be given out say nothing to anybody. */
static void
tell_holder(struct batch *batch, const struct draft *draft, size_t field, uint64_t number, struct error *error)
{
	const struct table *table = draft->log->table;
	struct slice value = draft->values[field], holder;
	uintmax_t line;
	char id[ID_SIZE];

	if (number <= draft->log->settled) {
		holder = table_id(table, number, id);
		FAULT(draft, table->fields[field].name, error, "\"%.*s\" is taken by %.*s", (int)value.length,
		    value.data, (int)holder.length, holder.data);
		return;
	}
	line = batch_line(batch, draft->log, number);
	if (line != 0)
		FAULT(draft, table->fields[field].name, error, "\"%.*s\" is in line %ju already",
		    (int)value.length, value.data, line);
	else
		FAULT(draft, table->fields[field].name, error, "\"%.*s\" is taken by another new %s",
		    (int)value.length, value.data, table->name);
}

static void
check_unique(struct batch *batch, const struct draft *draft, size_t field, struct error *error)
{
	struct slice value = draft->values[field];
	uint64_t found;

	if (value.length == 0 || (!draft->is_new && slice_equal(value, old_value(draft, field))))
		return;
	found = log_find(draft->log, field, value);
	if (found != 0 && found != draft->number)
		tell_holder(batch, draft, field, found, error);
}

/* What the transition into the new state needs. */
static void
check_needs(const struct draft *draft, const struct edit *edit, struct error *error)
{
	const struct table *table = draft->log->table;
	struct slice from = old_value(draft, table->state), to = draft->values[table->state];
	const struct transition *transition = NULL;

	if (!draft->is_new && slice_equal(from, to))
		return;
	for (size_t i = 0; i < table->transition_count && transition == NULL; i++) {
		const struct transition *candidate = &table->transitions[i];

		if (slice_is(to, candidate->to) &&
		    transition_from(candidate, draft->is_new ? slice_of("-") : from) &&
		    (edit->verb == NULL || strcmp(edit->verb, candidate->verb) == 0))
			transition = candidate;
	}
	for (const char *const *need = transition != NULL ? transition->needs : NULL;
	     need != NULL && *need != NULL; need++) {
		if (draft_named(draft, *need).length == 0)
			FAULT(draft, *need, error, "missing: %s needs it", transition->verb);
	}
}

/* What was fixed stays as it is. */
static void
check_fixed(const struct draft *draft, struct error *error)
{
	const struct table *table = draft->log->table;

	for (size_t i = 0; i < table->field_count; i++) {
		struct slice old;

		if (!(table->fields[i].flags & FIELD_FIXED))
			continue;
		old = old_value(draft, i);
		if (old.length > 0 && !slice_equal(old, draft->values[i]))
			FAULT(draft, table->fields[i].name, error,
			    "can't be changed any more: it is \"%.*s\"", (int)old.length, old.data);
	}
}

/* Nothing, or nothing but blanks. */
static bool
is_empty(const struct draft *draft)
{
	for (size_t i = 0; i < draft->log->table->field_count; i++) {
		const struct slice *value = &draft->values[i];

		for (size_t k = 0; k < value->length; k++) {
			if (value->data[k] != ' ')
				return false;
		}
	}
	return true;
}

enum status
draft_check(struct batch *batch, const struct draft *draft, const struct edit *edit, struct error *error)
{
	const struct table *table = draft->log->table;
	const struct checklist *checklist = &draft->log->checklist;
	size_t faults = error->total;

	for (const size_t *i = checklist->required; *i != SIZE_MAX; i++) {
		if (draft->values[*i].length == 0)
			FAULT(draft, table->fields[*i].name, error, "missing");
	}
	for (const size_t *i = checklist->unique; *i != SIZE_MAX; i++)
		check_unique(batch, draft, *i, error);
	if (!draft->is_new)
		check_fixed(draft, error);
	/* A line of nothing but blanks and commas could not be told from one that was erased. */
	if (is_empty(draft))
		FAULT(draft, NULL, error, "nothing in it");
	if (table->state != SIZE_MAX)
		check_needs(draft, edit, error);
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

bool
draft_changed(const struct draft *draft)
{
	const struct table *table = draft->log->table;

	if (draft->is_new)
		return true;
	for (size_t i = 0; i < table->field_count; i++) {
		if (!(table->fields[i].flags & FIELD_DERIVED) &&
		    !slice_equal(draft->values[i], record_value(draft->old, i)))
			return true;
	}
	return false;
}
