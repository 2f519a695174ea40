/* holding: marks the records, then takes their revisions */
#include "record/holding.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct search {
	struct view *view;
	struct holdings *holdings;
	struct log *log;    /* of the records that are asked for */
	const bool *asked;  /* by number */
	struct arena arena; /* of one revision */
};

void
holdings_release(struct holdings *holdings)
{
	for (size_t i = 0; i < holdings->count; i++) {
		free(holdings->tables[i].whole);
		free(holdings->tables[i].offsets);
	}
	free(holdings->tables);
	*holdings = (struct holdings){ .tables = NULL };
}

/* Opens every log that may hold something. */
static enum status
open_tables(struct search *search, bool personal_only, struct error *error)
{
	const char *const *name = schema_names(view_schema(search->view));
	struct holdings *holdings = search->holdings;
	enum status status = STATUS_OK;

	for (; *name != NULL && status == STATUS_OK; name++) {
		const struct table *table;
		struct log *log;

		status = view_table(search->view, *name, &table, error);
		if (status != STATUS_OK || (personal_only && !(table->flags & TABLE_PERSONAL)))
			continue;
		status = view_log(search->view, *name, &log, error);
		if (status != STATUS_OK || log->count == 0)
			continue;
		holdings->tables = memory_grow(holdings->tables, &holdings->capacity, holdings->count,
		    sizeof *holdings->tables);
		holdings->tables[holdings->count++] = (struct holding){ .log = log,
			.whole = memory_array(log->count + 1, sizeof(bool)) };
	}
	return status;
}

static struct holding *
holding_of(struct search *search, const struct log *log)
{
	for (size_t i = 0; i < search->holdings->count; i++) {
		if (search->holdings->tables[i].log == log)
			return &search->holdings->tables[i];
	}
	return NULL;
}

/* The record, and its children. */
static void
mark(struct search *search, struct holding *holding, uint64_t number)
{
	const struct log *log = holding->log;

	if (number > log->count || holding->whole[number])
		return;
	holding->whole[number] = true;
	for (size_t i = 0; i < search->holdings->count; i++) {
		struct holding *below = &search->holdings->tables[i];
		const uint64_t *children;
		uint64_t *copy;
		size_t count;

		if (strcmp(below->log->table->parent, log->table->name) != 0)
			continue;
		children = log_children(below->log, number, &count);
		copy = memory_array(count + 1, sizeof *copy); /* it goes deeper in the same log, perhaps */
		if (count > 0)
			memcpy(copy, children, count * sizeof *copy);
		for (size_t k = 0; k < count; k++)
			mark(search, below, copy[k]);
		free(copy);
	}
}

/* Whether a revision refers to one of the records that are asked for. */
static bool
refers(const struct search *search, const struct record *revision)
{
	const struct table *table = revision->log->table, *target = search->log->table;

	for (size_t i = 0; i < table->field_count; i++) {
		unsigned long long number;

		if (table->fields[i].type != TYPE_REF || (table->fields[i].flags & FIELD_DERIVED) ||
		    strcmp(table->fields[i].target, target->name) != 0)
			continue;
		if (table_id_parse(target, record_value(revision, i), &number) &&
		    number <= search->log->count && search->asked[number])
			return true;
	}
	return false;
}

static bool
may_refer(const struct search *search, const struct table *table)
{
	for (size_t i = 0; i < table->field_count; i++) {
		if (table->fields[i].type == TYPE_REF &&
		    strcmp(table->fields[i].target, search->log->table->name) == 0)
			return true;
	}
	return false;
}

/* The records whose newest revision refers to one that is asked for. */
static enum status
mark_referring(struct search *search, struct holding *holding, struct error *error)
{
	struct log *log = holding->log;
	enum status status = STATUS_OK;

	for (uint64_t number = 1; number <= log->count && status == STATUS_OK; number++) {
		struct record record;

		if (log_newest(log, number) == 0)
			continue;
		arena_reset(&search->arena);
		status = record_read(log, number, &search->arena, &record, error);
		if (status == STATUS_OK && refers(search, &record))
			mark(search, holding, number);
	}
	return status;
}

static enum status
take_line(struct search *search, struct holding *holding, uint64_t offset, struct error *error)
{
	struct record revision;
	enum status status;

	arena_reset(&search->arena);
	status = record_read_at(holding->log, offset, &search->arena, &revision, error);
	if (status != STATUS_OK || revision.erased ||
	    !(holding->whole[revision.number] || refers(search, &revision)))
		return status;
	holding->offsets = memory_grow(holding->offsets, &holding->capacity, holding->count,
	    sizeof *holding->offsets);
	holding->offsets[holding->count++] = offset;
	return STATUS_OK;
}

static enum status
take_revisions(struct search *search, struct holding *holding, struct error *error)
{
	const struct log *log = holding->log;
	uint64_t offset = 0;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && offset < log->bytes.length) {
		struct slice line = log_line_at(log, offset);

		if (!slice_starts(line, "id,"))
			status = take_line(search, holding, offset, error);
		offset += line.length + 1;
	}
	return status;
}

enum status
holdings_find(struct view *view, struct log *log, const uint64_t *numbers, size_t count, bool personal_only,
    struct holdings *holdings, struct error *error)
{
	struct search search = { .view = view, .holdings = holdings, .log = log };
	bool *asked = memory_array(log->count + 1, sizeof *asked);
	struct holding *own;
	enum status status = open_tables(&search, personal_only, error);

	own = holding_of(&search, log);
	for (size_t i = 0; i < count; i++)
		asked[numbers[i]] = true;
	search.asked = asked;
	for (size_t i = 0; status == STATUS_OK && own != NULL && i < count; i++)
		mark(&search, own, numbers[i]);
	for (size_t i = 0; status == STATUS_OK && i < holdings->count; i++) {
		if (may_refer(&search, holdings->tables[i].log->table))
			status = mark_referring(&search, &holdings->tables[i], error);
	}
	for (size_t i = 0; status == STATUS_OK && i < holdings->count; i++)
		status = take_revisions(&search, &holdings->tables[i], error);
	arena_release(&search.arena);
	free(asked);
	return status;
}
