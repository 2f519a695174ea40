/* target: what a column of an input, or the left side of FIELD=VALUE, names */
#include "record/batch.h"

#include <string.h>

#include "record/suggest.h"

/* The field's name and what follows its first dot. */
static enum status
resolve_via(struct view *view, const struct field *field, struct slice rest, struct target *target,
    struct error *error)
{
	const struct table *table;
	enum status status;

	if (field->type != TYPE_REF)
		return error_set(error, STATUS_USAGE, "%s refers to nothing, so %s.%.*s means nothing",
		    field->name, field->name, (int)rest.length, rest.data);
	status = view_table(view, field->target, &table, error);
	if (status != STATUS_OK)
		return status;
	target->via_table = field->target;
	if (slice_is(rest, "id"))
		return STATUS_OK;
	target->via = table_field(table, rest);
	if (target->via == SIZE_MAX)
		return error_set(error, STATUS_USAGE, "no such field: \"%s.%.*s\"", field->name,
		    (int)rest.length, rest.data);
	if (!(table->fields[target->via].flags & (FIELD_UNIQUE | FIELD_KEY)))
		return error_set(error, STATUS_USAGE, "%s.%s is not unique, so it can't tell which %s is meant",
		    field->name, table->fields[target->via].name, field->target);
	return STATUS_OK;
}

static enum status
unknown(const struct table *table, struct slice name, struct error *error)
{
	struct suggestion suggestion = SUGGESTION_INIT(name);
	char hint[SUGGESTION_SIZE];

	for (size_t i = 0; i < table->field_count; i++)
		suggestion_try(&suggestion, table->fields[i].name);
	return error_set(error, STATUS_USAGE, "no such field: \"%.*s\"%s", (int)name.length, name.data,
	    suggestion_text(&suggestion, hint));
}

enum status
target_resolve(struct view *view, const struct table *table, struct slice name, struct target *target,
    struct error *error)
{
	struct slice rest = name, first = slice_cut(&rest, '.');
	const struct field *field;

	*target = (struct target){ .field = table_field(table, first), .via = SIZE_MAX };
	if (target->field == SIZE_MAX)
		return unknown(table, name, error);
	field = &table->fields[target->field];
	if (field->flags & (FIELD_DERIVED | FIELD_COMPUTED))
		return error_set(error, STATUS_REFUSED, "%s is worked out by bo and can't be set", field->name);
	return rest.data != NULL ? resolve_via(view, field, rest, target, error) : STATUS_OK;
}
