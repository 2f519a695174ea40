#include "record/schema_internal.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "record/suggest.h"

/* --- names and ids ------------------------------------------------------ */

bool
name_valid(struct slice name)
{
	if (name.length == 0 || name.length > NAME_MAX_BYTES || name.data[0] < 'a' || name.data[0] > 'z')
		return false;
	for (size_t i = 1; i < name.length; i++) {
		char c = name.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return true;
}

static size_t
capitals(struct slice text)
{
	size_t n = 0;

	while (n < text.length && text.data[n] >= 'A' && text.data[n] <= 'Z')
		n++;
	return n;
}

static bool
prefix_valid(struct slice prefix)
{
	return prefix.length >= 1 && prefix.length <= 4 && capitals(prefix) == prefix.length;
}

bool
id_shaped(struct slice text)
{
	size_t n = capitals(text);
	unsigned long long number;

	if (n < 1 || n > 4)
		return false;
	return slice_to_u64((struct slice){ text.data + n, text.length - n }, &number);
}

bool
table_id_parse(const struct table *table, struct slice text, unsigned long long *number)
{
	size_t n = strlen(table->prefix);

	if (!slice_starts(text, table->prefix))
		return false;
	return slice_to_u64((struct slice){ text.data + n, text.length - n }, number);
}

struct slice
table_id(const struct table *table, unsigned long long number, char out[ID_SIZE])
{
	char *end = out + ID_SIZE, *p = end;
	size_t length = strlen(table->prefix);

	/* By hand: every line that is written and every id that is printed goes through here. */
	do {
		*--p = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	memcpy(out, table->prefix, length);
	memmove(out + length, p, (size_t)(end - p));
	return (struct slice){ out, length + (size_t)(end - p) };
}

/* --- which tables there are --------------------------------------------- */

struct entry *
schema_entry(const struct schema *schema, struct slice name)
{
	for (size_t i = 0; i < schema->count; i++)
		if (slice_equal(name, schema->entries[i]->name))
			return schema->entries[i];
	return NULL;
}

static struct entry *
entry_add(struct schema *schema, const struct table *table)
{
	struct entry *entry = arena_zero(&schema->arena, 1, sizeof(*entry));

	entry->table = *table;
	entry->table.key = entry->table.state = entry->table.parent_field = SIZE_MAX;
	entry->table.archived = entry->table.currency = SIZE_MAX;
	entry->name = slice_of(table->name);
	entry->prefix = slice_of(table->prefix);
	schema->entries = memory_grow(schema->entries, &schema->capacity, schema->count, sizeof(struct entry *));
	schema->entries[schema->count++] = entry;
	return entry;
}

bool
table_flags_parse(struct schema *schema, struct slice text, unsigned *flags, const char **reason)
{
	static const char *const names[] = { "personal", "child", "single", "computed", NULL };
	const char *const *word = words_split(&schema->arena, text);

	*flags = 0;
	for (; *word != NULL; word++) {
		size_t i = 0;

		while (names[i] != NULL && strcmp(names[i], *word) != 0)
			i++;
		if (names[i] == NULL) {
			*reason = arena_format(&schema->arena, "unknown flag: \"%s\"", *word).data;
			return false;
		}
		*flags |= 1u << i;
	}
	return true;
}

/* What is wrong with a table that is about to be added after those that are there; NULL when nothing is. */
static const char *
entry_fault(struct schema *schema, const struct table *table)
{
	struct arena *arena = &schema->arena;

	if (!name_valid(slice_of(table->name)))
		return arena_format(arena, "not a table's name: \"%s\"", table->name).data;
	if (!prefix_valid(slice_of(table->prefix)))
		return arena_format(arena, "not a prefix of one to four capitals: \"%s\"", table->prefix).data;
	if (schema_entry(schema, slice_of(table->name)) != NULL)
		return arena_format(arena, "there is a table \"%s\" already", table->name).data;
	if (schema_prefix_table(schema, slice_of(table->prefix)) != NULL)
		return arena_format(arena, "the prefix %s is taken by %s", table->prefix,
		    schema_prefix_table(schema, slice_of(table->prefix)))
		    .data;
	if ((table->flags & TABLE_CHILD) != 0 && table->parent[0] == '\0')
		return "a child needs a parent";
	if ((table->flags & TABLE_CHILD) == 0 && table->parent[0] != '\0')
		return "only a table with the flag child has a parent";
	if ((table->flags & TABLE_CHILD) != 0 && (table->flags & TABLE_SINGLE) != 0)
		return "a child can't be single";
	return NULL;
}

/* Parents may come after their children in the file, so they are looked at when all are there. */
static const char *
parent_fault(struct schema *schema, const struct table *table)
{
	const struct table *parent = table;

	for (size_t steps = 0; parent->parent[0] != '\0'; steps++) {
		const struct entry *entry = schema_entry(schema, slice_of(parent->parent));

		if (entry == NULL)
			return arena_format(&schema->arena, "no such table: \"%s\"", parent->parent).data;
		if (steps >= schema->count)
			return "a table can't be its own parent";
		parent = &entry->table;
	}
	return NULL;
}

static enum status
tables_read(struct schema *schema, struct error *error)
{
	enum { TABLE, PREFIX, PARENT, REFERS, FLAGS, COMMAND, HELP, COLUMNS };
	const char *columns[COLUMNS], *reason;
	struct listing listing;
	enum status status;

	status = listing_open(schema, "", "tables", "table,prefix,parent,refers,flags,command,help", &listing,
	    error);
	if (status != STATUS_OK)
		return status;
	while (status == STATUS_OK && (status = listing_next(&listing, columns, COLUMNS, error)) == STATUS_OK) {
		struct table table = { .name = columns[TABLE],
			.prefix = columns[PREFIX],
			.parent = columns[PARENT],
			.refers = columns[REFERS],
			.command = columns[COMMAND],
			.help = columns[HELP] };

		if (!table_flags_parse(schema, slice_of(columns[FLAGS]), &table.flags, &reason) ||
		    (reason = entry_fault(schema, &table)) != NULL)
			return listing_wrong(&listing, error, "%s", reason);
		entry_add(schema, &table)->line = listing.line;
	}
	if (status != STATUS_NO)
		return status;
	for (size_t i = 0; i < schema->count; i++)
		if ((reason = parent_fault(schema, &schema->entries[i]->table)) != NULL) {
			listing.line = schema->entries[i]->line;
			return listing_wrong(&listing, error, "%s", reason);
		}
	return STATUS_OK;
}

enum status
schema_try(const char *share, struct schema **out, struct error *error)
{
	struct schema *schema = memory_new(sizeof(*schema));
	enum status status;

	schema->share = memory_copy(share, strlen(share));
	status = tables_read(schema, error);
	if (status != STATUS_OK) {
		schema_close(schema);
		schema = NULL;
	}
	*out = schema;
	return status;
}

enum status
schema_open(const char *share, struct schema **out, struct error *error)
{
	enum status status = schema_try(share, out, error);

	if (status == STATUS_NO)
		return error_set(error, STATUS_SYSTEM, "%s/tables.csv: is not there", share);
	return status;
}

void
schema_close(struct schema *schema)
{
	if (schema == NULL)
		return;
	for (size_t i = 0; i < schema->count; i++)
		free(schema->entries[i]->added);
	free(schema->entries);
	free(schema->share);
	buffer_release(&schema->scratch);
	arena_release(&schema->arena);
	free(schema);
}

const char *
schema_share(const struct schema *schema)
{
	return schema->share;
}

enum status
schema_table(struct schema *schema, const char *name, const struct table **table, struct error *error)
{
	struct entry *entry = schema_entry(schema, slice_of(name));
	enum status status;

	*table = NULL;
	if (entry == NULL) {
		char hint[SUGGESTION_SIZE];
		struct suggestion suggestion = SUGGESTION_INIT(slice_of(name));

		for (size_t i = 0; i < schema->count; i++)
			suggestion_try(&suggestion, schema->entries[i]->table.name);
		return error_set(error, STATUS_NO, "no such table: \"%s\"%s", name,
		    suggestion_text(&suggestion, hint));
	}
	if (!entry->loaded && (status = schema_load(schema, entry, error)) != STATUS_OK)
		return status;
	*table = &entry->table;
	return STATUS_OK;
}

const char *const *
schema_names(struct schema *schema)
{
	if (schema->names == NULL || schema->names_of != schema->count) {
		const char **names = arena_zero(&schema->arena, schema->count + 1, sizeof(*names));

		for (size_t i = 0; i < schema->count; i++)
			names[i] = schema->entries[i]->table.name;
		schema->names = names;
		schema->names_of = schema->count;
	}
	return schema->names;
}

const char *
schema_command_table(struct schema *schema, struct slice command)
{
	if (command.length == 0)
		return NULL;
	for (size_t i = 0; i < schema->count; i++)
		if (slice_is(command, schema->entries[i]->table.command))
			return schema->entries[i]->table.name;
	return NULL;
}

const char *
schema_prefix_table(struct schema *schema, struct slice prefix)
{
	for (size_t i = 0; i < schema->count; i++)
		if (slice_equal(prefix, schema->entries[i]->prefix))
			return schema->entries[i]->table.name;
	return NULL;
}

const char *const *
schema_children(struct schema *schema, const char *parent)
{
	static const char *const none[] = { NULL };
	struct entry *entry = schema_entry(schema, slice_of(parent));
	const char **names;
	size_t count = 0;

	if (entry == NULL)
		return none;
	if (entry->children != NULL && entry->children_of == schema->count)
		return entry->children;
	names = arena_zero(&schema->arena, schema->count + 1, sizeof(*names));
	for (size_t i = 0; i < schema->count; i++)
		if (strcmp(schema->entries[i]->table.parent, parent) == 0)
			names[count++] = schema->entries[i]->table.name;
	entry->children = names;
	entry->children_of = schema->count;
	return names;
}

bool
entry_refers(const struct entry *entry, const char *target)
{
	struct slice rest = slice_of(entry->table.refers);

	while (rest.data != NULL)
		if (slice_is(slice_cut(&rest, ' '), target))
			return true;
	return strcmp(entry->table.parent, target) == 0;
}

bool
schema_refers(const struct schema *schema, const char *table, const char *target)
{
	const struct entry *entry = schema_entry(schema, slice_of(table));

	if (entry == NULL)
		return false;
	for (size_t i = 0; i < entry->added_count; i++)
		if (entry->added[i].type == TYPE_REF && strcmp(entry->added[i].target, target) == 0)
			return true;
	return entry_refers(entry, target);
}

/* --- what a store defines for itself ------------------------------------ */

enum status
schema_add_table(struct schema *schema, const struct table_text *text, struct error *error)
{
	struct arena *arena = &schema->arena;
	struct table table = { .name = arena_text(arena, text->table),
		.prefix = arena_text(arena, text->prefix),
		.parent = arena_text(arena, text->parent),
		.refers = "",
		.command = "",
		.help = arena_text(arena, text->help) };
	const char *reason;

	if (!table_flags_parse(schema, text->flags, &table.flags, &reason) ||
	    (reason = entry_fault(schema, &table)) != NULL)
		return error_set(error, STATUS_REFUSED, "%s", reason);
	if (table.parent[0] != '\0' && schema_entry(schema, text->parent) == NULL)
		return error_set(error, STATUS_REFUSED, "no such table: \"%s\"", table.parent);
	entry_add(schema, &table)->own = true;
	return STATUS_OK;
}

/* What a store may not do although a schema file may; NULL when it may. */
static const char *
added_fault(struct schema *schema, const struct entry *entry, const struct field *field)
{
	struct slice name = slice_of(field->name);

	if (!entry->own && !slice_starts(name, "x_"))
		return arena_format(&schema->arena,
		    "a field added to %s needs a name that begins with x_: \"%s\"", entry->table.name, field->name)
		    .data;
	for (size_t i = 0; i < entry->added_count; i++) {
		if (slice_is(name, entry->added[i].name))
			return arena_format(&schema->arena, "%s has a field \"%s\" already",
			    entry->table.name, field->name)
			    .data;
		if ((field->flags & entry->added[i].flags & FIELD_KEY) != 0)
			return arena_format(&schema->arena, "%s has a key already: \"%s\"", entry->table.name,
			    entry->added[i].name)
			    .data;
	}
	if (!entry->own && (field->flags & FIELD_KEY) != 0)
		return "a field added to a table of bo can be unique, but not its key";
	if (field->type == TYPE_STATE)
		return "states need transitions, which a store can't define: use enum";
	if ((field->flags & FIELD_COMPUTED) != 0)
		return "nothing computes a field that a store defines: use derived";
	if ((field->flags & FIELD_DERIVED) != 0 && field->preset[0] == '\0')
		return "a derived field needs an expression as its default";
	if (field->type == TYPE_REF && schema_entry(schema, slice_of(field->target)) == NULL)
		return arena_format(&schema->arena, "no such table: \"%s\"", field->target).data;
	return NULL;
}

enum status
schema_add_field(struct schema *schema, const struct field_text *text, struct error *error)
{
	struct entry *entry = schema_entry(schema, text->table);
	struct field field;
	const char *reason;

	if (entry == NULL)
		return error_set(error, STATUS_REFUSED, "no such table: \"%.*s\"", (int)text->table.length,
		    text->table.data);
	if (entry->loaded)
		return error_set(error, STATUS_REFUSED, "%s is in use: its fields can't change now",
		    entry->table.name);
	if (entry->added_count >= FIELDS_MAX)
		return error_set(error, STATUS_REFUSED, "%s has too many fields", entry->table.name);
	if (!field_parse(schema, text, &field, &reason) || (reason = added_fault(schema, entry, &field)) != NULL)
		return error_set(error, STATUS_REFUSED, "%s", reason);
	entry->added = memory_grow(entry->added, &entry->added_capacity, entry->added_count, sizeof(field));
	entry->added[entry->added_count++] = field;
	return STATUS_OK;
}

/* --- within a table ----------------------------------------------------- */

/* Rules ask for fields by name, again and again: most names differ in their first letter. */
size_t
table_field(const struct table *table, struct slice name)
{
	if (name.length == 0)
		return SIZE_MAX;
	for (size_t i = 0; i < table->field_count; i++) {
		const char *other = table->fields[i].name;

		if (other[0] == name.data[0] && strncmp(other, name.data, name.length) == 0 &&
		    other[name.length] == '\0')
			return i;
	}
	return SIZE_MAX;
}

bool
transition_from(const struct transition *transition, struct slice state)
{
	bool fresh = state.length == 0 || slice_is(state, "-");

	for (const char *const *from = transition->from; *from != NULL; from++) {
		if (strcmp(*from, "-") == 0 ? fresh
					    : !fresh && (strcmp(*from, "*") == 0 || slice_is(state, *from)))
			return true;
	}
	return false;
}

const struct transition *
table_transition(const struct table *table, const char *verb, const char *from)
{
	for (size_t i = 0; i < table->transition_count; i++) {
		const struct transition *transition = &table->transitions[i];

		if (strcmp(transition->verb, verb) == 0 &&
		    (from == NULL || transition_from(transition, slice_of(from))))
			return transition;
	}
	return NULL;
}

const struct transition *
table_moves(const struct table *table, struct slice from, struct slice to)
{
	for (size_t i = 0; i < table->transition_count; i++)
		if (slice_is(to, table->transitions[i].to) && transition_from(&table->transitions[i], from))
			return &table->transitions[i];
	return NULL;
}
