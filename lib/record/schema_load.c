/*
 * The files of share/: what a table's fields and transitions are.
 */
#include "record/schema_internal.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "record/suggest.h"
#include "stream/csv.h"

enum { FILE_MAX = 1 << 20 };

/* In the order of enum type and of enum field_flag. */
static const char *const type_names[] = { "text", "note", "int", "qty", "rate", "money", "date", "time",
	"span", "bool", "enum", "state", "ref", "email", "phone", "country", "currency", "language", "iban",
	"taxid", "url", "blob", "tags", NULL };
static const char *const flag_names[] = { "required", "unique", "key", "fixed", "indexed", "derived",
	"hidden", "computed", NULL };

/* --- a file, line by line ----------------------------------------------- */

enum status
listing_wrong(const struct listing *listing, struct error *error, const char *format, ...)
{
	char reason[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	return error_set(error, STATUS_SYSTEM, "%s%s/%s.csv:%zu: %s", listing->schema->share, listing->folder,
	    listing->name, listing->line, reason);
}

enum status
listing_open(struct schema *schema, const char *folder, const char *name, const char *header,
    struct listing *listing, struct error *error)
{
	struct slice path = arena_format(&schema->arena, "%s%s/%s.csv", schema->share, folder, name);
	struct slice line;

	*listing = (struct listing){ .schema = schema, .folder = folder, .name = name, .line = 1 };
	buffer_clear(&schema->scratch);
	if (!file_load(path.data, &schema->scratch, FILE_MAX)) {
		if (errno == ENOENT || errno == ENOTDIR)
			return STATUS_NO;
		return error_set(error, STATUS_SYSTEM, "%s:", path.data);
	}
	listing->rest = arena_copy(&schema->arena, buffer_slice(&schema->scratch));
	if (!csv_line(&listing->rest, &line) || !slice_is(line, header))
		return listing_wrong(listing, error, "the header is not \"%s\"", header);
	return STATUS_OK;
}

/*
 * A column as a string.  The file's text is the schema's own, and its line has been split:
 * what ends the column there, a comma, a quote or the line's end, may become the NUL.
 */
static const char *
column_text(struct arena *arena, struct slice raw)
{
	struct slice value = csv_decode(raw, arena);

	if (value.data < raw.data || value.data > raw.data + raw.length)
		return arena_text(arena, value); /* decoded elsewhere */
	((char *)(uintptr_t)value.data)[value.length] = '\0';
	return value.data;
}

enum status
listing_next(struct listing *listing, const char **columns, size_t count, struct error *error)
{
	struct arena *arena = &listing->schema->arena;
	struct slice line, raw[LISTING_COLUMNS];
	size_t found;

	if (!csv_line(&listing->rest, &line))
		return STATUS_NO;
	listing->line++;
	found = csv_split(line, raw, count);
	if (found != count)
		return listing_wrong(listing, error, "%zu columns, not %zu", found, count);
	for (size_t i = 0; i < count; i++)
		columns[i] = column_text(arena, raw[i]);
	return STATUS_OK;
}

const char *const *
words_split(struct arena *arena, struct slice text)
{
	const char **words;
	struct slice rest = text;
	size_t count = 1;

	for (size_t i = 0; i < text.length; i++)
		count += text.data[i] == ' ';
	words = arena_zero(arena, count + 1, sizeof(*words));
	count = 0;
	while (rest.data != NULL) {
		struct slice word = slice_cut(&rest, ' ');

		if (word.length > 0)
			words[count++] = arena_text(arena, word);
	}
	return words;
}

static size_t
name_index(const char *const *names, struct slice name)
{
	for (size_t i = 0; names[i] != NULL; i++)
		if (slice_is(name, names[i]))
			return i;
	return SIZE_MAX;
}

/* --- a field ------------------------------------------------------------ */

/* `what: "word" (did you mean "other"?)` */
static const char *
unknown(struct arena *arena, const char *what, struct slice word, const char *const *known)
{
	char hint[SUGGESTION_SIZE];
	struct suggestion suggestion = { .word = word, .best = suggest_nearest(word, known) };

	return arena_format(arena, "%s: \"%.*s\"%s", what, (int)word.length, word.data,
	    suggestion_text(&suggestion, hint))
	    .data;
}

static bool
choice_valid(const char *choice)
{
	for (; *choice != '\0'; choice++) {
		char c = *choice;
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!alnum && strchr("_-.:/", c) == NULL)
			return false;
	}
	return true;
}

static bool
choices_parse(struct arena *arena, struct slice inner, struct field *field, const char **reason)
{
	const char *const *choices = words_split(arena, inner);

	*reason = "a choice of nothing";
	if (choices[0] == NULL)
		return false;
	for (size_t i = 0; choices[i] != NULL; i++) {
		*reason = arena_format(arena, "not a word to choose: \"%s\"", choices[i]).data;
		if (!choice_valid(choices[i]))
			return false;
		*reason = arena_format(arena, "twice the same choice: \"%s\"", choices[i]).data;
		for (size_t j = 0; j < i; j++)
			if (strcmp(choices[i], choices[j]) == 0)
				return false;
	}
	field->choices = choices;
	return true;
}

/* "text", "ref(customer)", "enum(a b)" */
static bool
type_parse(struct arena *arena, struct slice text, struct field *field, const char **reason)
{
	struct slice rest = text, name = slice_cut(&rest, '(');
	bool inner = rest.data != NULL, wants_inner;
	size_t index = name_index(type_names, name);

	if (index == SIZE_MAX) {
		*reason = unknown(arena, "unknown type", name, type_names);
		return false;
	}
	field->type = (enum type)index;
	wants_inner = field->type == TYPE_ENUM || field->type == TYPE_STATE || field->type == TYPE_REF;
	if (inner == wants_inner && !inner)
		return true;
	if (inner == wants_inner && rest.length > 0 && rest.data[rest.length - 1] == ')') {
		rest.length--;
		if (field->type != TYPE_REF)
			return choices_parse(arena, rest, field, reason);
		field->target = arena_text(arena, rest);
		if (name_valid(rest))
			return true;
	}
	*reason = arena_format(arena, "not a type: \"%.*s\"", (int)text.length, text.data).data;
	return false;
}

static bool
flags_parse(struct arena *arena, struct slice text, struct field *field, const char **reason)
{
	enum { STORED_ONLY = FIELD_REQUIRED | FIELD_UNIQUE | FIELD_FIXED | FIELD_INDEXED | FIELD_COMPUTED };

	for (const char *const *word = words_split(arena, text); *word != NULL; word++) {
		size_t index = name_index(flag_names, slice_of(*word));

		if (index == SIZE_MAX) {
			*reason = unknown(arena, "unknown flag", slice_of(*word), flag_names);
			return false;
		}
		field->flags |= 1u << index;
	}
	if ((field->flags & FIELD_KEY) != 0)
		field->flags |= FIELD_UNIQUE;
	*reason = "a derived field is never stored: of the flags it can have hidden alone";
	return (field->flags & FIELD_DERIVED) == 0 || (field->flags & STORED_ONLY) == 0;
}

bool
field_parse(struct schema *schema, const struct field_text *text, struct field *field, const char **reason)
{
	static const char *const reserved[] = { "id", "tx", "seal", "archived", NULL };
	struct arena *arena = &schema->arena;

	*field = (struct field){ .name = arena_text(arena, text->field),
		.preset = arena_text(arena, text->preset),
		.help = arena_text(arena, text->help) };
	if (!name_valid(text->field)) {
		*reason = arena_format(arena, "not a field's name: \"%s\"", field->name).data;
		return false;
	}
	if (name_index(reserved, text->field) != SIZE_MAX) {
		*reason = arena_format(arena, "every table has \"%s\" by itself", field->name).data;
		return false;
	}
	return type_parse(arena, text->type, field, reason) && flags_parse(arena, text->flags, field, reason);
}

struct slice
field_type_text(const struct field *field, char *out, size_t size)
{
	struct buffer text = BUFFER_INIT;
	size_t length;

	buffer_add_text(&text, type_names[field->type]);
	if (field->type == TYPE_REF)
		buffer_format(&text, "(%s)", field->target);
	if (field->choices != NULL) {
		for (size_t i = 0; field->choices[i] != NULL; i++)
			buffer_format(&text, "%c%s", i == 0 ? '(' : ' ', field->choices[i]);
		buffer_add_char(&text, ')');
	}
	length = text.length < size ? text.length : size - 1;
	memcpy(out, text.data, length);
	out[length] = '\0';
	buffer_release(&text);
	return (struct slice){ out, length };
}

/* --- a table's fields --------------------------------------------------- */

/* Fields one after the other, with what was seen of them. */
struct loading {
	struct schema *schema;
	struct entry *entry;
	struct field *fields;
	size_t count, capacity;
	struct table *table;
};

static void
field_add(struct loading *loading, const struct field *field)
{
	loading->fields = memory_grow(loading->fields, &loading->capacity, loading->count,
	    sizeof *loading->fields);
	loading->fields[loading->count++] = *field;
}

/* Takes one more field into the table; what is wrong with that, or NULL. */
static const char *
field_take(struct loading *loading, const struct field *field)
{
	struct arena *arena = &loading->schema->arena;
	struct table *table = loading->table;
	size_t index = loading->count;

	for (size_t i = 0; i < index; i++)
		if (strcmp(loading->fields[i].name, field->name) == 0)
			return arena_format(arena, "there is a field \"%s\" already", field->name).data;
	if (index + 1 >= FIELDS_MAX)
		return arena_format(arena, "more than %d fields", FIELDS_MAX).data;
	if (field->type == TYPE_REF && schema_entry(loading->schema, slice_of(field->target)) == NULL)
		return arena_format(arena, "no such table: \"%s\"", field->target).data;
	if ((field->flags & FIELD_KEY) != 0) {
		if (table->key != SIZE_MAX)
			return "a table can't have two keys";
		table->key = index;
	}
	if (field->type == TYPE_STATE) {
		if (table->state != SIZE_MAX)
			return "a table can't have two fields of type state";
		table->state = index;
	}
	if (field->type == TYPE_CURRENCY && table->currency == SIZE_MAX)
		table->currency = index;
	if (field->type == TYPE_REF && (table->flags & TABLE_CHILD) != 0 &&
	    strcmp(field->target, table->parent) == 0 &&
	    (table->parent_field == SIZE_MAX || strcmp(field->name, table->parent) == 0))
		table->parent_field = index;
	field_add(loading, field);
	return NULL;
}

static enum status
fields_read(struct loading *loading, struct error *error)
{
	enum { FIELD, TYPE, FLAGS, PRESET, HELP, COLUMNS };
	struct schema *schema = loading->schema;
	const char *columns[COLUMNS], *reason, *name = loading->table->name;
	struct listing listing;
	enum status status;

	status = listing_open(schema, "/schema", name, "field,type,flags,default,help", &listing, error);
	if (status == STATUS_NO)
		return error_set(error, STATUS_SYSTEM, "%s/schema/%s.csv:", schema->share, name);
	while (status == STATUS_OK && (status = listing_next(&listing, columns, COLUMNS, error)) == STATUS_OK) {
		struct field_text text = { .field = slice_of(columns[FIELD]),
			.type = slice_of(columns[TYPE]),
			.flags = slice_of(columns[FLAGS]),
			.preset = slice_of(columns[PRESET]),
			.help = slice_of(columns[HELP]) };
		struct field field;

		if (!field_parse(schema, &text, &field, &reason) || (reason = field_take(loading, &field)) != NULL)
			return listing_wrong(&listing, error, "%s", reason);
		if (field.type == TYPE_REF && !entry_refers(loading->entry, field.target))
			return listing_wrong(&listing, error, "tables.csv does not say that %s refers to %s",
			    name, field.target);
		if (slice_starts(text.field, "x_"))
			return listing_wrong(&listing, error, "names that begin with x_ are the stores' own");
	}
	return status == STATUS_NO ? STATUS_OK : status;
}

/* The last declared field of every table. */
static const struct field archived = { .name = "archived",
	.type = TYPE_BOOL,
	.preset = "",
	.help = "no longer in use: hidden from lists without -a" };

static enum status
fields_load(struct loading *loading, struct error *error)
{
	struct table *table = loading->table;
	const char *reason = NULL;
	struct field *kept;

	if (!loading->entry->own) {
		enum status status = fields_read(loading, error);

		if (status != STATUS_OK)
			return status;
	}
	for (size_t i = 0; reason == NULL && i < loading->entry->added_count; i++)
		reason = field_take(loading, &loading->entry->added[i]);
	if (reason == NULL && (table->flags & TABLE_CHILD) != 0 && table->parent_field == SIZE_MAX)
		reason = arena_format(&loading->schema->arena, "a child of %s needs a field of type ref(%s)",
		    table->parent, table->parent)
			     .data;
	if (reason != NULL && loading->entry->own)
		return error_set(error, STATUS_SYSTEM, "table %s: %s", table->name, reason);
	if (reason != NULL)
		return error_set(error, STATUS_SYSTEM, "%s/schema/%s.csv: %s", loading->schema->share,
		    table->name, reason);
	table->archived = loading->count;
	field_add(loading, &archived);
	kept = arena_zero(&loading->schema->arena, loading->count, sizeof(*kept));
	memcpy(kept, loading->fields, loading->count * sizeof(*kept));
	table->fields = kept;
	table->field_count = loading->count;
	return STATUS_OK;
}

/* --- its flow ----------------------------------------------------------- */

static bool
verb_valid(const char *verb)
{
	if (verb[0] < 'a' || verb[0] > 'z')
		return false;
	for (; *verb != '\0'; verb++)
		if (!((*verb >= 'a' && *verb <= 'z') || (*verb >= '0' && *verb <= '9') || *verb == '-' ||
			*verb == '_'))
			return false;
	return true;
}

/* What is wrong with a transition, given those before it; NULL when nothing is. */
static const char *
transition_fault(struct arena *arena, const struct table *table, const struct transition *transition)
{
	const char *const *states = table->fields[table->state].choices;

	if (!verb_valid(transition->verb))
		return arena_format(arena, "not a verb: \"%s\"", transition->verb).data;
	if (transition->from[0] == NULL)
		return "from no state at all";
	for (const char *const *from = transition->from; *from != NULL; from++) {
		bool special = strcmp(*from, "-") == 0 || strcmp(*from, "*") == 0;

		if (special && transition->from[1] != NULL)
			return arena_format(arena, "%s stands alone or not at all", *from).data;
		if (!special && name_index(states, slice_of(*from)) == SIZE_MAX)
			return unknown(arena, "no such state", slice_of(*from), states);
		if (table_transition(table, transition->verb, *from) != NULL)
			return arena_format(arena, "%s from %s is there already", transition->verb, *from).data;
	}
	if (name_index(states, slice_of(transition->to)) == SIZE_MAX)
		return unknown(arena, "no such state", slice_of(transition->to), states);
	for (const char *const *need = transition->needs; *need != NULL; need++)
		if (table_field(table, slice_of(*need)) == SIZE_MAX)
			return arena_format(arena, "no such field: \"%s\"", *need).data;
	return NULL;
}

/* Of a table that has a field of type state, which none of a store's own is: the others need not be looked for. */
static enum status
flow_load(struct loading *loading, struct error *error)
{
	enum { VERB, FROM, TO, NEEDS, HELP, COLUMNS };
	struct arena *arena = &loading->schema->arena;
	struct table *table = loading->table;
	const char *columns[COLUMNS], *reason;
	struct transition *transitions;
	struct listing listing;
	enum status status;
	size_t lines = 0;

	status = listing_open(loading->schema, "/flow", table->name, "verb,from,to,needs,help", &listing, error);
	if (status != STATUS_OK)
		return status == STATUS_NO ? STATUS_OK : status;
	for (size_t i = 0; i < listing.rest.length; i++)
		lines += listing.rest.data[i] == '\n';
	table->transitions = transitions = arena_zero(arena, lines + 1, sizeof(*transitions));
	while ((status = listing_next(&listing, columns, COLUMNS, error)) == STATUS_OK) {
		struct transition transition = { .verb = columns[VERB],
			.from = words_split(arena, slice_of(columns[FROM])),
			.to = columns[TO],
			.needs = words_split(arena, slice_of(columns[NEEDS])),
			.help = columns[HELP] };

		if ((reason = transition_fault(arena, table, &transition)) != NULL)
			return listing_wrong(&listing, error, "%s", reason);
		transitions[table->transition_count++] = transition;
	}
	return status == STATUS_NO ? STATUS_OK : status;
}

/*
 * entry->table stays as it was until all of it is right, so that a table that was
 * refused once is refused again.
 */
enum status
schema_load(struct schema *schema, struct entry *entry, struct error *error)
{
	struct table table = entry->table;
	struct loading loading = { .schema = schema, .entry = entry, .table = &table };
	enum status status;

	status = fields_load(&loading, error);
	if (status == STATUS_OK && table.state != SIZE_MAX)
		status = flow_load(&loading, error);
	if (status == STATUS_OK) {
		entry->table = table;
		entry->loaded = true;
	}
	free(loading.fields);
	return status;
}
