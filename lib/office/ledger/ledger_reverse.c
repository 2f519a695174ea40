/* ledger_reverse: the same amounts to the other side */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "office/help.h"
#include "office/ledger/ledger.h"

enum { ENTRY_FIELDS = 6, POSTING_FIELDS = 6 };

static struct slice
opposite(struct slice amount, struct arena *arena)
{
	if (amount.length > 0 && amount.data[0] == '-')
		return (struct slice){ amount.data + 1, amount.length - 1 };
	return arena_format(arena, "-%.*s", (int)amount.length, amount.data);
}

static enum status
reverse_posting(struct batch *batch, const struct record *posting, struct slice entry, struct error *error)
{
	const struct table *table = posting->log->table;
	const struct assign assigns[POSTING_FIELDS] = {
		assign_value(table, "entry", entry),
		assign_value(table, "account", record_named(posting, "account")),
		assign_value(table, "amount", opposite(record_named(posting, "amount"), posting->arena)),
		assign_value(table, "currency", record_named(posting, "currency")),
		assign_value(table, "text", record_named(posting, "text")),
		assign_value(table, "tags", record_named(posting, "tags")),
	};
	const struct edit edit = { .table = table, .assigns = assigns, .assign_count = POSTING_FIELDS };

	return batch_edit(batch, &edit, NULL, error);
}

/* A copy: edits move the original. */
static uint64_t *
copy_numbers(const uint64_t *numbers, size_t count)
{
	uint64_t *copy = memory_array(count + 1, sizeof *copy);

	if (count > 0)
		memcpy(copy, numbers, count * sizeof *copy);
	return copy;
}

static enum status
reverse_postings(struct batch *batch, const struct record *old, struct slice entry, struct error *error)
{
	struct log *log;
	const uint64_t *children;
	uint64_t *numbers;
	size_t count;
	enum status status = view_log(batch_view(batch), "posting", &log, error);

	if (status != STATUS_OK)
		return status;
	children = log_children(log, old->number, &count);
	numbers = copy_numbers(children, count);
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct record posting;

		status = record_read(log, numbers[i], old->arena, &posting, error);
		if (status == STATUS_OK && !record_archived(&posting))
			status = reverse_posting(batch, &posting, entry, error);
	}
	free(numbers);
	return status;
}

/* Whether source is a record of this store, which the entry is the other half of. */
static bool
is_event(struct view *view, struct slice source)
{
	static const char *const tables[] = { "invoice", "bill", "payment", "allocation" };
	struct error ignored = ERROR_INIT;
	unsigned long long number;
	struct log *log;
	bool found = false;

	for (size_t i = 0; i < sizeof tables / sizeof tables[0] && !found; i++)
		found = view_log(view, tables[i], &log, &ignored) == STATUS_OK &&
		    table_id_parse(log->table, source, &number) && number <= log->count;
	error_release(&ignored);
	return found;
}

static enum status
check_reversible(struct view *view, const struct record *old, struct error *error)
{
	struct log *log = old->log;
	struct slice id = record_id(old), source = record_named(old, "source");
	uint64_t by = log_find(log, table_field(log->table, slice_of("reverses")), id);

	if (!slice_is(record_named(old, "status"), "posted"))
		return error_add(error, NULL, "%.*s is a draft: it is changed or archived, not reversed",
		    (int)id.length, id.data);
	if (by != 0)
		return error_add(error, NULL, "%.*s was taken back already, by %s%llu", (int)id.length,
		    id.data, log->table->prefix, (unsigned long long)by);
	if (is_event(view, source))
		return error_add(error, NULL,
		    "%.*s is what %.*s put into the books: that stands, and so does this", (int)id.length,
		    id.data, (int)source.length, source.data);
	return STATUS_OK;
}

static enum status
reverse(struct batch *batch, const struct record *old, int32_t day, struct error *error)
{
	const struct table *table = old->log->table;
	struct slice id = record_id(old), text = record_named(old, "text");
	const struct assign assigns[ENTRY_FIELDS] = {
		assign_value(table, "date", date_text(day, old->arena)),
		assign_value(table, "status", slice_of("posted")),
		assign_value(table, "text",
		    arena_format(old->arena, "takes back %.*s: %.*s", (int)id.length, id.data,
			(int)text.length, text.data)),
		assign_value(table, "kind", slice_of("reversal")),
		assign_value(table, "currency", record_named(old, "currency")),
		assign_value(table, "reverses", id),
	};
	const struct edit edit = { .table = table, .assigns = assigns, .assign_count = ENTRY_FIELDS };
	uint64_t number;
	char new_id[ID_SIZE];
	enum status status;

	status = check_reversible(batch_view(batch), old, error);
	if (status != STATUS_OK)
		return status;
	status = batch_edit(batch, &edit, &number, error);
	return status == STATUS_OK ? reverse_postings(batch, old, table_id(table, number, new_id), error) : status;
}

enum status
ledger_reverse(struct batch *batch, uint64_t number, int32_t day, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct record old;
	struct log *log;
	enum status status = view_log(batch_view(batch), "entry", &log, error);

	if (status == STATUS_OK)
		status = record_read(log, number, &arena, &old, error);
	if (status == STATUS_OK)
		status = reverse(batch, &old, day, error);
	arena_release(&arena);
	return status;
}
