/* taken: two revisions are compared */
#include "record/taken.h"

#include <string.h>

/* Set by people, and of no meaning of its own. */
static bool
is_plain(const struct table *table, size_t field)
{
	return !(table->fields[field].flags & (FIELD_DERIVED | FIELD_COMPUTED | FIELD_FOREIGN)) &&
	    field != table->state && field != table->archived;
}

static struct slice
old_value(const struct draft *draft, size_t field)
{
	return draft->is_new ? (struct slice){ "", 0 } : record_value(draft->old, field);
}

static bool
moves(const struct draft *draft, size_t field)
{
	return !slice_equal(draft->values[field], old_value(draft, field));
}

static const struct transition *
transition_taken(const struct draft *draft, const struct edit *edit)
{
	const struct table *table = draft->log->table;
	struct slice from;

	if (table->state == SIZE_MAX || (edit->verb == NULL && !moves(draft, table->state)))
		return NULL;
	from = draft->is_new ? slice_of("-") : old_value(draft, table->state);
	for (size_t i = 0; i < table->transition_count; i++) {
		const struct transition *transition = &table->transitions[i];

		if (transition_from(transition, from) && slice_is(draft->values[table->state], transition->to) &&
		    (edit->verb == NULL || strcmp(edit->verb, transition->verb) == 0))
			return transition;
	}
	return NULL;
}

static bool
is_needed(const struct transition *transition, const char *field)
{
	const char *const *need = transition != NULL ? transition->needs : NULL;

	for (; need != NULL && *need != NULL; need++) {
		if (strcmp(*need, field) == 0)
			return true;
	}
	return false;
}

static bool
sets_more(const struct draft *draft, const struct transition *transition)
{
	const struct table *table = draft->log->table;

	for (size_t i = 0; i < table->field_count; i++) {
		if (is_plain(table, i) && moves(draft, i) && !is_needed(transition, table->fields[i].name))
			return true;
	}
	return false;
}

void
taken_by_draft(const struct draft *draft, const struct edit *edit, struct taken *taken)
{
	const struct transition *transition = transition_taken(draft, edit);
	size_t archived = draft->log->table->archived;

	*taken = (struct taken){ .count = 0 };
	if (transition != NULL)
		taken->verbs[taken->count++] = transition->verb;
	if (draft->is_new) {
		if (transition == NULL)
			taken->verbs[taken->count++] = "add";
		return;
	}
	if (moves(draft, archived))
		taken->verbs[taken->count++] = slice_is(draft->values[archived], "true") ? "archive" : "unarchive";
	if (sets_more(draft, transition))
		taken->verbs[taken->count++] = "set";
}

bool
taken_has(const struct taken *taken, const char *verb)
{
	for (size_t i = 0; i < taken->count; i++) {
		if (strcmp(taken->verbs[i], verb) == 0)
			return true;
	}
	return false;
}

static bool
differs(const struct record *revision, const struct record *before, size_t field)
{
	struct slice old = { "", 0 };

	if (revision->log->table->fields[field].flags & FIELD_DERIVED)
		return false;
	if (before != NULL)
		old = record_value(before, field);
	return !slice_equal(record_value(revision, field), old);
}

static bool
took_transition(const struct record *revision, const struct record *before, const char *verb)
{
	const struct table *table = revision->log->table;
	struct slice from = before != NULL ? record_value(before, table->state) : slice_of("-");
	struct slice to = record_value(revision, table->state);

	for (size_t i = 0; i < table->transition_count; i++) {
		const struct transition *transition = &table->transitions[i];

		if (strcmp(transition->verb, verb) == 0 && transition_from(transition, from) &&
		    slice_is(to, transition->to))
			return true;
	}
	return false;
}

bool
taken_by_revision(const struct record *revision, const struct record *before, const char *verb, size_t field)
{
	const struct table *table = revision->log->table;
	bool moved = table->state != SIZE_MAX && differs(revision, before, table->state);
	bool archived = slice_is(record_value(revision, table->archived), "true");

	if (field != SIZE_MAX)
		return differs(revision, before, field);
	if (strcmp(verb, "add") == 0)
		return before == NULL;
	if (strcmp(verb, archived ? "archive" : "unarchive") == 0)
		return before != NULL && differs(revision, before, table->archived);
	if (strcmp(verb, "set") != 0)
		return moved && took_transition(revision, before, verb);
	for (size_t i = 0; i < table->field_count && before != NULL && !moved; i++) {
		if (is_plain(table, i) && differs(revision, before, i))
			return true;
	}
	return false;
}

bool
taken_known(const struct table *table, struct slice verb)
{
	static const char *const generic[] = { "*", "add", "set", "put", "archive", "unarchive", "erase" };

	for (size_t i = 0; i < sizeof generic / sizeof generic[0]; i++) {
		if (slice_is(verb, generic[i]))
			return true;
	}
	for (size_t i = 0; i < table->transition_count; i++) {
		if (slice_is(verb, table->transitions[i].verb))
			return true;
	}
	return false;
}
