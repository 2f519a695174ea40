/* columns: names to roles */
#include "cli/columns.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static bool
takes_computed(const struct columns *columns)
{
	return columns->purpose == PURPOSE_SET || columns->purpose == PURPOSE_PUT;
}

/* Fields that are derived are what list prints besides: nothing to take.  *done when that settles it. */
static void
settle_computed(const struct columns *columns, const struct table *table, struct slice name, bool child,
    struct role *role, bool *done)
{
	size_t field = table_field(table, name);
	unsigned flags = field != SIZE_MAX ? table->fields[field].flags : 0;

	*done = true;
	role->target = (struct target){ .field = field, .via = SIZE_MAX };
	if (flags & FIELD_DERIVED)
		role->kind = ROLE_IGNORED;
	else if ((flags & FIELD_COMPUTED) && takes_computed(columns))
		role->kind = child ? ROLE_CHILD_SAME : ROLE_SAME;
	else
		*done = false;
}

static void
add_child(struct columns *columns, const struct table *child)
{
	for (size_t i = 0; i < columns->child_count; i++) {
		if (columns->children[i] == child)
			return;
	}
	if (columns->child_count < COLUMNS_CHILDREN_MAX)
		columns->children[columns->child_count++] = child;
}

static enum status
child_role(struct columns *columns, const struct table *child, struct slice name, struct role *role,
    struct error *error)
{
	bool done;

	add_child(columns, child);
	role->child = child;
	if (slice_is(name, "id"))
		role->kind = columns->purpose == PURPOSE_ADD ? ROLE_IGNORED : ROLE_CHILD_ID;
	else if (slice_is(name, "tx"))
		role->kind = ROLE_IGNORED;
	else {
		settle_computed(columns, child, name, true, role, &done);
		if (!done) {
			role->kind = ROLE_CHILD_FIELD;
			return target_resolve(columns->cli->view, child, name, &role->target, error);
		}
	}
	return STATUS_OK;
}

/* With --group: the only child table there is, if it has a field of that name. */
static const struct table *
bare_child(struct columns *columns, struct slice name)
{
	struct slice rest = name, first = slice_cut(&rest, '.');
	const struct table *child;
	struct error ignored = ERROR_INIT;

	if (columns->cli->options.group == NULL ||
	    words_child(columns->cli, (struct slice){ "", 0 }, &child, &ignored) != STATUS_OK)
		child = NULL;
	error_release(&ignored);
	return child != NULL && table_field(child, first) != SIZE_MAX ? child : NULL;
}

static bool
is_given(const struct columns *columns, size_t field)
{
	const struct part *own = &columns->words->parts[0];

	for (size_t i = 0; i < own->count; i++) {
		if (own->assigns[i].target.field == field)
			return true;
	}
	return false;
}

static enum status
own_role(struct columns *columns, struct slice name, struct role *role, struct error *error)
{
	enum status status;
	bool done;

	settle_computed(columns, columns->cli->table, name, false, role, &done);
	if (done)
		return STATUS_OK;
	status = target_resolve(columns->cli->view, columns->cli->table, name, &role->target, error);
	role->kind = status == STATUS_OK && is_given(columns, role->target.field) ? ROLE_IGNORED : ROLE_FIELD;
	return status;
}

/* What one column is; STATUS_USAGE or STATUS_REFUSED with the reason when it is nothing. */
static enum status
find_role(struct columns *columns, struct slice name, bool groups, struct role *role, struct error *error)
{
	struct slice rest = name, first = slice_cut(&rest, '.');
	const struct table *child;

	*role = (struct role){ .kind = ROLE_IGNORED };
	if (name.length == 0)
		return STATUS_OK; /* dropped by --map */
	if (slice_is(name, "id"))
		role->kind = columns->purpose == PURPOSE_ADD ? ROLE_IGNORED : ROLE_ID;
	else if (slice_is(name, "tx"))
		role->kind = columns->purpose == PURPOSE_ADD ? ROLE_IGNORED : ROLE_TX;
	else if (columns->purpose != PURPOSE_IDS) {
		if (table_field(columns->cli->table, first) != SIZE_MAX)
			return own_role(columns, name, role, error);
		child = words_find_child(columns->cli, first);
		if (child != NULL && rest.data != NULL)
			return child_role(columns, child, rest, role, error);
		if (child != NULL) {
			add_child(columns, child);
			role->kind = ROLE_LIST;
			return STATUS_OK;
		}
		child = bare_child(columns, name);
		if (child != NULL)
			return child_role(columns, child, name, role, error);
		if (!groups)
			return own_role(columns, name, role, error);
	}
	return STATUS_OK;
}

static void
remember(struct columns *columns, struct slice name, size_t index)
{
	const struct options *options = &columns->cli->options;

	if (columns->roles[index].kind == ROLE_ID)
		columns->id = index;
	if (columns->roles[index].kind == ROLE_TX)
		columns->tx = index;
	if (options->group != NULL && slice_is(name, options->group))
		columns->group = index;
	if (options->match != NULL && slice_is(name, options->match))
		columns->match = index;
}

/* --map '*=': what is neither a field nor named by another --map is left out. */
static bool
is_left_out(const struct columns *columns, struct slice name)
{
	const char *const *map = columns->cli->options.reader.map;
	struct slice rest = name, first = slice_cut(&rest, '.');
	bool rest_dropped = false;

	for (; map != NULL && *map != NULL; map++) {
		struct slice to = slice_of(*map), from = slice_cut(&to, '=');

		if (slice_equal(to, name))
			return false;
		rest_dropped = rest_dropped || (slice_is(from, "*") && to.length == 0);
	}
	return rest_dropped && table_field(columns->cli->table, first) == SIZE_MAX &&
	    words_find_child(columns->cli, first) == NULL;
}

/* What may help with the first column that is unknown: once is enough. */
static const char *
column_hint(struct columns *columns, struct slice name, const struct error *why)
{
	if (columns->hinted || why->status != STATUS_USAGE || why->count == 0 ||
	    strstr(why->faults[0].reason, "did you mean") != NULL)
		return "";
	columns->hinted = true;
	if (columns->alone && memchr(name.data, ';', name.length) != NULL)
		return " (--delimiter ';'?)";
	if (columns->alone && memchr(name.data, '\t', name.length) != NULL)
		return " (--in tsv?)";
	return " (--map OLD=NEW renames a column, OLD= leaves it out, '*=' all that are no fields)";
}

static void
refuse_column(struct columns *columns, struct slice name, uintmax_t line, const struct error *why,
    struct error *error)
{
	char *column = memory_copy(name.data, name.length);

	error_add(error, &(struct place){ columns->source, line, column }, "%s%s",
	    why->count > 0 ? why->faults[0].reason : "no such field", column_hint(columns, name, why));
	free(column);
}

enum status
columns_follow(struct columns *columns, const struct reader *reader, uintmax_t line, struct error *error)
{
	size_t count;
	const struct slice *names = reader_columns(reader, &count);
	size_t faults = error->total;

	columns->alone = count == 1;
	for (; columns->count < count; columns->count++) {
		struct slice name = names[columns->count];
		bool groups = columns->cli->options.group != NULL && slice_is(name, columns->cli->options.group);
		struct error own = ERROR_INIT;
		enum status status;

		columns->roles = memory_grow(columns->roles, &columns->capacity, columns->count,
		    sizeof *columns->roles);
		status = find_role(columns, name, groups, &columns->roles[columns->count], &own);
		if (status != STATUS_OK) {
			columns->roles[columns->count].kind = ROLE_IGNORED;
			if (!is_left_out(columns, name))
				refuse_column(columns, name, line, &own, error);
		}
		error_release(&own);
		remember(columns, name, columns->count);
	}
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

void
columns_release(struct columns *columns)
{
	free(columns->roles);
	columns->roles = NULL;
	columns->count = columns->capacity = 0;
}
