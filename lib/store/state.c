/* state: a transaction, and how long it leaves every log */
#include <stdlib.h>

#include "base/memory.h"
#include "store/internal.h"

void
state_release(struct state *state)
{
	free(state->tables);
	*state = (struct state){ .tables = NULL };
}

void
state_empty(struct state *state, const char *uuid)
{
	state->tx = 0;
	memcpy(state->hash, uuid, UUID_SIZE);
	state->audit_length = AUDIT_HEADER_LENGTH;
	state->count = 0;
}

void
state_add_table(struct state *state, struct slice name, uint64_t length)
{
	struct table *table;

	state->tables = memory_grow(state->tables, &state->capacity, state->count, sizeof *state->tables);
	table = &state->tables[state->count++];
	memcpy(table->name, name.data, name.length);
	table->name[name.length] = '\0';
	table->name_length = name.length;
	table->length = length;
}

void
state_copy(struct state *to, const struct state *from)
{
	to->tx = from->tx;
	memcpy(to->hash, from->hash, sizeof to->hash);
	to->audit_length = from->audit_length;
	to->count = 0;
	for (size_t i = 0; i < from->count; i++)
		state_add_table(to, (struct slice){ from->tables[i].name, from->tables[i].name_length },
		    from->tables[i].length);
}

static struct table *
find_table(const struct state *state, struct slice name)
{
	for (size_t i = 0; i < state->count; i++) {
		struct table *table = &state->tables[i];

		if (table->name_length == name.length && memcmp(table->name, name.data, name.length) == 0)
			return table;
	}
	return NULL;
}

const struct table *
state_table(const struct state *state, struct slice name)
{
	return find_table(state, name);
}

uint64_t
state_length(const struct state *state, struct slice name)
{
	const struct table *table = find_table(state, name);

	return table != NULL ? table->length : 0;
}

/* Whether one of the changes before `stop` names the same table. */
static bool
named_before(struct slice changes, const char *stop, struct slice table)
{
	struct audit_change change;

	do {
		(void)audit_change_next(&changes, &change); /* one of them is the one at `stop` */
		if (change.table.data == stop)
			return false;
	} while (!slice_equal(change.table, table));
	return true;
}

/* Checks the list of changes; *old counts those of tables that were there before. */
static const char *
refuse_changes(const struct state *state, const struct audit_line *line, bool checkpoint)
{
	struct slice rest = line->changes;
	struct audit_change change;
	size_t old = 0;

	while (audit_change_next(&rest, &change)) {
		const struct table *table = find_table(state, change.table);

		if (change.offset != (table != NULL ? table->length : 0))
			return "a change does not begin where the log ended";
		if (change.offset + change.length < change.offset)
			return "a change is impossibly long";
		if (named_before(line->changes, change.table.data, change.table))
			return "a table is named twice";
		old += table != NULL;
	}
	if (rest.length > 0)
		return "the list of changes makes no sense";
	if (checkpoint && old != state->count)
		return "the list of changes should name every table";
	return NULL;
}

const char *
state_refuses(const struct state *state, const struct audit_line *line)
{
	char hash[HASH_HEX + 1];

	if (line->tx != state->tx + 1)
		return "the transaction number is out of order";
	audit_chain(state->hash, line->raw, hash);
	if (!slice_is(line->hash, hash) && !seeded(SEED_NO_LINE_HASH))
		return "the hash does not match";
	if (line->synced > state->tx)
		return "claims to be on disk before it was written";
	return refuse_changes(state, line, line->tx % CHECKPOINT_EVERY == 0);
}

/* Takes over the lengths that line states. */
static void
adopt_changes(struct state *state, const struct audit_line *line)
{
	struct slice rest = line->changes;
	struct audit_change change;

	while (audit_change_next(&rest, &change)) {
		struct table *table = find_table(state, change.table);

		if (table != NULL)
			table->length = change.offset + change.length;
		else
			state_add_table(state, change.table, change.offset + change.length);
	}
}

void
state_apply(struct state *state, const struct audit_line *line)
{
	adopt_changes(state, line);
	state->tx = line->tx;
	memcpy(state->hash, line->hash.data, HASH_HEX);
	state->hash[HASH_HEX] = '\0';
	state->audit_length += line->raw.length + 1;
}

/* The number at the beginning of a line, 0 where there is none. */
static uint64_t
line_tx(struct slice raw)
{
	uint64_t tx;

	return number_parse(slice_cut(&raw, ','), &tx) ? tx : 0;
}

/*
 * Walks back to where reading must begin: the first transaction, or a line that
 * lists every table.  *begin is its offset, *before the line before it.
 */
static enum state_found
find_begin(struct slice bytes, uint64_t base, size_t *begin, struct slice *before)
{
	size_t end = bytes.length;
	struct slice raw;
	uint64_t tx;

	do {
		if (!audit_line_before(bytes, end, base == 0, &raw))
			return base == 0 ? STATE_BAD : STATE_MORE;
		tx = line_tx(raw);
		if (tx == 0)
			return STATE_BAD;
		end = (size_t)(raw.data - bytes.data);
	} while (tx != 1 && tx % CHECKPOINT_EVERY != 0);
	*begin = end;
	if (!audit_line_before(bytes, end, base == 0, before))
		return base == 0 ? STATE_BAD : STATE_MORE;
	return STATE_FOUND;
}

/* The first line read: nothing is known before it but its predecessor's hash. */
static bool
apply_first(struct state *state, struct slice before, const struct audit_line *line)
{
	char hash[HASH_HEX + 1];

	if (line->tx == 1)
		return slice_is(before, "tx,time,actor,command,key,reason,changes,synced,hash") &&
		    state_refuses(state, line) == NULL;
	if (!audit_hash_of(before, state->hash))
		return false;
	audit_chain(state->hash, line->raw, hash);
	return slice_is(line->hash, hash);
}

enum state_found
state_from_lines(struct state *state, const char *uuid, struct slice bytes, uint64_t base)
{
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	struct slice before, rest;
	size_t begin;
	bool good, first = true;
	enum state_found found = find_begin(bytes, base, &begin, &before);

	if (found != STATE_FOUND)
		return found;
	state_empty(state, uuid);
	state->audit_length = base + begin;
	rest = (struct slice){ bytes.data + begin, bytes.length - begin };
	for (good = true; good && audit_next(&rest, &line, &scratch); first = false) {
		good = line.tx != 0 &&
		    (first ? apply_first(state, before, &line) : state_refuses(state, &line) == NULL);
		if (good)
			state_apply(state, &line);
	}
	buffer_release(&scratch);
	return good ? STATE_FOUND : STATE_BAD;
}
