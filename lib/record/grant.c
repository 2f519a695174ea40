/* grant: user, role and permission records */
#include "record/grant.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static enum status
add_permissions(struct log *log, uint64_t role, struct slice name, struct arena *arena, struct grants *grants,
    struct error *error)
{
	size_t count;
	const uint64_t *numbers = log_children(log, role, &count);
	enum status status = STATUS_OK;

	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct record record;

		status = record_read(log, numbers[i], arena, &record, error);
		if (status != STATUS_OK || record_archived(&record))
			continue;
		grants->list = memory_grow(grants->list, &grants->capacity, grants->count, sizeof *grants->list);
		grants->list[grants->count++] = (struct grant){ name, record_named(&record, "table"),
			record_named(&record, "verbs"), record_named(&record, "limit") };
	}
	return status;
}

static enum status
add_role(struct view *view, struct slice name, struct arena *arena, struct grants *grants, struct error *error)
{
	struct log *roles, *permissions;
	struct record record;
	uint64_t number;
	enum status status = view_log(view, "role", &roles, error);

	if (status == STATUS_OK)
		status = view_log(view, "permission", &permissions, error);
	if (status != STATUS_OK)
		return status;
	number = log_find(roles, roles->table->key, name);
	if (number == 0)
		return STATUS_OK;
	status = record_read(roles, number, arena, &record, error);
	if (status == STATUS_OK && !record_archived(&record))
		status = add_permissions(permissions, number, name, arena, grants, error);
	return status;
}

enum status
grants_load(struct view *view, uint64_t number, struct arena *arena, struct grants *grants, struct error *error)
{
	struct log *users;
	struct record record;
	struct slice rest;
	enum status status = view_log(view, "user", &users, error);

	*grants = (struct grants){ .count = 0 };
	if (status == STATUS_OK)
		status = record_read(users, number, arena, &record, error);
	if (status != STATUS_OK || record_archived(&record))
		return status;
	rest = grants->roles = record_named(&record, "roles");
	while (rest.length > 0 && status == STATUS_OK)
		status = add_role(view, slice_cut(&rest, ' '), arena, grants, error);
	return status;
}

void
grants_release(struct grants *grants)
{
	free(grants->list);
	*grants = (struct grants){ .count = 0 };
}

bool
grant_covers(const struct grant *grant, const char *table, const char *verb)
{
	bool put = strcmp(verb, "add") == 0 || strcmp(verb, "set") == 0;
	struct slice rest = grant->verbs;

	if (!slice_is(grant->table, "*") && !slice_is(grant->table, table))
		return false;
	while (rest.length > 0) {
		struct slice word = slice_cut(&rest, ' ');

		if (slice_is(word, "*") || slice_is(word, verb) || (put && slice_is(word, "put")))
			return true;
	}
	return false;
}

bool
grants_cover(const struct grants *grants, const char *table, const char *verb)
{
	for (size_t i = 0; i < grants->count; i++) {
		if (grant_covers(&grants->list[i], table, verb))
			return true;
	}
	return false;
}

size_t
grant_amount(const struct table *table)
{
	static const char *const names[] = { "total", "amount" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t field = table_field(table, slice_of(names[i]));

		if (field != SIZE_MAX && table->fields[field].type == TYPE_MONEY)
			return field;
	}
	for (size_t i = 0; i < table->field_count; i++) {
		if (table->fields[i].type == TYPE_MONEY && (table->fields[i].flags & FIELD_COMPUTED))
			return i;
	}
	return SIZE_MAX;
}
