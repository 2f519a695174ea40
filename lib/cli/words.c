/* words: ids, FIELD=VALUE and children, as somebody typed them */
#include "cli/words.h"

#include <ctype.h>
#include <string.h>

static bool
is_child_name(const char *child, const char *parent, struct slice name)
{
	size_t length = strlen(parent);

	return slice_is(name, child) ||
	    (strncmp(child, parent, length) == 0 && child[length] == '_' && slice_is(name, child + length + 1));
}

const struct table *
words_find_child(struct cli *cli, struct slice name)
{
	const char *const *children = schema_children(view_schema(cli->view), cli->table_name);
	struct error ignored = ERROR_INIT;
	const struct table *child = NULL;

	for (; *children != NULL && child == NULL; children++) {
		if (is_child_name(*children, cli->table_name, name) &&
		    view_table(cli->view, *children, &child, &ignored) != STATUS_OK)
			child = NULL;
	}
	error_release(&ignored);
	return child;
}

/* The only child table that people add to, NULL when there are several; *count is how many. */
static const struct table *
only_child(struct cli *cli, size_t *count)
{
	const char *const *children = schema_children(view_schema(cli->view), cli->table_name);
	const struct table *found = NULL;

	for (*count = 0; *children != NULL; children++) {
		const struct table *child = words_find_child(cli, slice_of(*children));

		if (child == NULL || (child->flags & TABLE_COMPUTED))
			continue;
		found = child;
		++*count;
	}
	return *count == 1 ? found : NULL;
}

enum status
words_child(struct cli *cli, struct slice name, const struct table **child, struct error *error)
{
	size_t count;

	*child = only_child(cli, &count);
	if (count == 0)
		return error_set(error, STATUS_USAGE, "a %s has no children", cli->table_name);
	if (name.length == 0 && *child == NULL)
		return error_set(error, STATUS_USAGE,
		    "\":\" does not say which: a %s has children of several tables", cli->table_name);
	if (name.length > 0)
		*child = words_find_child(cli, name);
	if (*child == NULL)
		return error_set(error, STATUS_USAGE, "a %s has no children called \"%.*s\"", cli->table_name,
		    (int)name.length, name.data);
	return STATUS_OK;
}

/* FIELD=VALUE, as opposed to an id or key: what stands before the first '=' could be a field. */
static bool
is_assignment(const char *word)
{
	const char *at = word;

	if (!islower((unsigned char)*at))
		return false;
	while (islower((unsigned char)*at) || isdigit((unsigned char)*at) || *at == '_' || *at == '.')
		at++;
	return *at == '=';
}

/* The child table that has a field of that name while parent, the command's own table, has none; or NULL. */
static const struct table *
child_with(struct cli *cli, const struct table *parent, struct slice name)
{
	const char *const *children = schema_children(view_schema(cli->view), cli->table_name);
	struct slice rest = name, first = slice_cut(&rest, '.');
	const struct table *child;

	if (parent != cli->table || table_field(parent, first) != SIZE_MAX)
		return NULL;
	for (; *children != NULL; children++) {
		child = words_find_child(cli, slice_of(*children));
		if (child != NULL && table_field(child, first) != SIZE_MAX)
			return child;
	}
	return NULL;
}

static enum status
add_assign(struct cli *cli, struct part *part, const char *word, struct error *error)
{
	struct slice value = slice_of(word), name = slice_cut(&value, '=');
	struct assign *assign = &part->assigns[part->count];
	const struct table *child = NULL;
	enum status status = target_resolve(cli->view, part->table, name, &assign->target, error);

	if (status == STATUS_USAGE)
		child = child_with(cli, part->table, name);
	if (child != NULL)
		return error_set(error, STATUS_USAGE,
		    "no such field: \"%.*s\" (a field of %s: put it behind \":\")", (int)name.length,
		    name.data, child->name);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < part->count; i++) {
		if (part->assigns[i].target.field == assign->target.field)
			return error_set(error, STATUS_USAGE, "%s is given twice",
			    part->table->fields[assign->target.field].name);
	}
	assign->value = value.data != NULL ? value : (struct slice){ "", 0 };
	part->count++;
	return STATUS_OK;
}

static enum status
add_word(struct cli *cli, struct words *words, struct part *part, const char *word, struct error *error)
{
	if (is_assignment(word))
		return add_assign(cli, part, word, error);
	if (words->part_count > 1)
		return error_set(error, STATUS_USAGE, "not FIELD=VALUE: \"%s\"", word);
	if (strcmp(word, "-") == 0)
		words->stream = true;
	else
		words->ids[words->id_count++] = word;
	return STATUS_OK;
}

enum status
words_parse(struct cli *cli, struct arena *arena, struct words *words, struct error *error)
{
	size_t room = cli->operand_count + 1;
	struct part *part;
	enum status status = STATUS_OK;

	*words = (struct words){ .ids = arena_zero(arena, room, sizeof *words->ids),
		.parts = arena_zero(arena, room, sizeof *words->parts),
		.part_count = 1 };
	part = words->parts;
	*part = (struct part){ cli->table, arena_zero(arena, room + 1, sizeof *part->assigns), 0 };
	for (size_t i = 0; i < cli->operand_count && status == STATUS_OK; i++) {
		const char *word = cli->operands[i];

		if (word[0] == ':') {
			part = &words->parts[words->part_count++];
			part->assigns = arena_zero(arena, room - i + 1, sizeof *part->assigns);
			status = words_child(cli, slice_of(word + 1), &part->table, error);
		} else
			status = add_word(cli, words, part, word, error);
	}
	if (status == STATUS_OK && words->stream && words->id_count > 0)
		status = error_set(error, STATUS_USAGE, "either ids or \"-\", not both: \"%s\"", words->ids[0]);
	return status;
}

bool
words_stream(const struct cli *cli)
{
	for (size_t i = 0; i < cli->operand_count && cli->operands[i][0] != ':'; i++) {
		if (strcmp(cli->operands[i], "-") == 0)
			return true;
	}
	return false;
}
