/* access: records about users make sense, and leave somebody who may change them */
#include "office/access.h"

#include "office/help.h"
#include "record/duty.h"
#include "record/grant.h"

/* Whether anything in the batch could take the last administrator away. */
static void
touch(struct batch *batch)
{
	*(bool *)batch_memory(batch, &rule_user, sizeof(bool), NULL) = true;
}

static enum status
fault(const struct draft *draft, const char *field, struct error *error, const char *what, struct slice value)
{
	struct place place = draft_place(draft, field);

	return error_add(error, &place, "%s: \"%.*s\"", what, (int)value.length, value.data);
}

/* --- users ---------------------------------------------------------------------- */

static enum status
check_user(struct batch *batch, struct draft *draft, struct error *error)
{
	struct slice login = draft_named(draft, "login"), rest = draft_named(draft, "roles");
	struct log *roles;
	size_t faults = error->total;
	enum status status = view_log(batch_view(batch), "role", &roles, error);

	touch(batch);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < login.length; i++) {
		/* The audit log puts claims in brackets. */
		if (login.data[i] == ' ' || login.data[i] == '(' || login.data[i] == ')') {
			fault(draft, "login", error, "not a login name", login);
			break;
		}
	}
	while (rest.length > 0) {
		struct slice word = slice_cut(&rest, ' ');

		if (log_find(roles, roles->table->key, word) == 0)
			fault(draft, "roles", error, "no such role", word);
	}
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

/* May set users and roles, and so give himself whatever else there is. */
static enum status
is_administrator(struct view *view, uint64_t number, bool *is, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct grants grants;
	enum status status = grants_load(view, number, &arena, &grants, error);

	*is = status == STATUS_OK && grants_cover(&grants, "user", "set") && grants_cover(&grants, "role", "set");
	grants_release(&grants);
	arena_release(&arena);
	return status;
}

static enum status
keep_administrator(struct batch *batch, struct error *error)
{
	const bool *touched = batch_memory(batch, &rule_user, sizeof(bool), NULL);
	bool found = false;
	struct log *users;
	enum status status;

	if (!*touched)
		return STATUS_OK;
	status = view_log(batch_view(batch), "user", &users, error);
	for (uint64_t i = 1; status == STATUS_OK && i <= users->count && !found; i++)
		status = is_administrator(batch_view(batch), i, &found, error);
	if (status != STATUS_OK || found || users->count == 0)
		return status;
	return error_add(error, NULL,
	    "nobody would be left who may set user and role: give somebody a role that may");
}

const struct rule rule_user = {
	.table = "user",
	.check = check_user,
	.finish = keep_administrator,
};

/* --- roles --------------------------------------------------------------------------- */

static enum status
check_role(struct batch *batch, struct draft *draft, struct error *error)
{
	struct slice name = draft_named(draft, "name");

	touch(batch);
	if (name.length > 0 && memchr(name.data, ' ', name.length) != NULL)
		return fault(draft, "name", error, "not one word", name);
	return STATUS_OK;
}

const struct rule rule_role = { .table = "role", .check = check_role };

static enum status
check_verbs(const struct draft *draft, const struct table *table, struct error *error)
{
	struct slice rest = draft_named(draft, "verbs");
	size_t faults = error->total;

	while (rest.length > 0) {
		struct slice word = slice_cut(&rest, ' ');

		if (!taken_known(table, word))
			fault(draft, "verbs", error, "no such verb", word);
	}
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

static enum status
check_permission(struct batch *batch, struct draft *draft, struct error *error)
{
	struct slice name = draft_named(draft, "table"), limit = draft_named(draft, "limit");
	struct place place = draft_place(draft, "limit");
	const struct table *table;
	enum status status;

	touch(batch);
	if (limit.length > 0 && limit.data[0] == '-')
		return error_add(error, &place, "less than nothing");
	if (slice_is(name, "*") || name.length == 0)
		return STATUS_OK;
	status = view_table(batch_view(batch), arena_text(draft->arena, name), &table, error);
	if (status == STATUS_NO) {
		error_clear(error);
		return fault(draft, "table", error, "no such table", name);
	}
	if (status != STATUS_OK)
		return status;
	place.field = "table";
	if (table->flags & TABLE_CHILD)
		return error_add(error, &place, "is part of %s: what may be done to that goes for it",
		    table->parent);
	place.field = "limit";
	if (limit.length > 0 && grant_amount(table) == SIZE_MAX)
		error_add(error, &place, "%s has no amount", table->name);
	return check_verbs(draft, table, error);
}

const struct rule rule_permission = { .table = "permission", .check = check_permission };

/* --- duties ------------------------------------------------------------------------------ */

static enum status
check_duty(struct batch *batch, struct draft *draft, struct error *error)
{
	const struct duty_text text = { draft_named(draft, "name"), draft_named(draft, "table"),
		draft_named(draft, "verb"), draft_named(draft, "before"), draft_named(draft, "via"),
		draft_named(draft, "field") };
	struct duty duty;

	/* To switch one off, it need not make sense. */
	if (slice_is(draft_named(draft, "archived"), "true"))
		return STATUS_OK;
	return duty_resolve(batch_view(batch), &text, &draft->place, &duty, error);
}

const struct rule rule_duty = { .table = "duty", .check = check_duty };
