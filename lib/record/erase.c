/* erase: what is held becomes places in the erasure log */
#include "record/access.h"
#include "record/erase.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/holding.h"
#include "record/rule.h"
#include "store/store.h"
#include "stream/csv.h"

struct erasing {
	struct batch *batch;
	struct view *view;
	struct log *erasures;
	const struct table *table; /* of the erasures */
	struct holdings holdings;
	struct slice *blobs; /* documents that the lines name, each once; in the logs */
	size_t blob_count, blob_capacity;
};

bool
erase_applies(const struct table *table)
{
	return (table->flags & TABLE_PERSONAL) && !(table->flags & TABLE_CHILD);
}

/* --- rules --------------------------------------------------------------------------- */

static enum status
ask_rules(struct batch *batch, const struct record *record, struct error *error)
{
	const struct rule *const *rules = view_rules(batch_view(batch));

	for (; rules != NULL && *rules != NULL; rules++) {
		enum status status = STATUS_OK;

		if ((*rules)->check_erase != NULL)
			status = (*rules)->check_erase(batch, record, error);
		if (status != STATUS_OK && status != STATUS_REFUSED)
			return status;
	}
	return STATUS_OK;
}

/* Each record that is to go is looked at, not only the one that was named. */
static enum status
check(struct erasing *erasing, struct error *error)
{
	struct arena arena = ARENA_INIT;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < erasing->holdings.count; i++) {
		const struct holding *holding = &erasing->holdings.tables[i];

		for (uint64_t number = 1; number <= holding->log->count && status == STATUS_OK; number++) {
			struct record record;

			if (!holding->whole[number] || log_erased(holding->log, number))
				continue;
			arena_reset(&arena);
			status = record_read(holding->log, number, &arena, &record, error);
			if (status == STATUS_OK)
				status = ask_rules(erasing->batch, &record, error);
		}
	}
	arena_release(&arena);
	return status == STATUS_OK && error->total > 0 ? STATUS_REFUSED : status;
}

/* --- places that an erasure names already ------------------------------------------------ */

static void
drop_offset(struct holding *holding, uint64_t offset)
{
	size_t from = 0, to = holding->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (holding->offsets[middle] < offset)
			from = middle + 1;
		else
			to = middle;
	}
	if (from < holding->count && holding->offsets[from] == offset)
		memmove(holding->offsets + from, holding->offsets + from + 1,
		    (--holding->count - from) * sizeof *holding->offsets);
}

static struct holding *
holding_named(struct holdings *holdings, struct slice table)
{
	for (size_t i = 0; i < holdings->count; i++) {
		if (slice_is(table, holdings->tables[i].log->table->name))
			return &holdings->tables[i];
	}
	return NULL;
}

/* One that is committed but still being carried out: its lines are half there, and no digest of them is right. */
static enum status
drop_named(struct erasing *erasing, struct error *error)
{
	struct arena arena = ARENA_INIT;
	enum status status = STATUS_OK;

	for (uint64_t number = 1; number <= erasing->erasures->count && status == STATUS_OK; number++) {
		struct holding *holding;
		struct record record;
		unsigned long long offset;

		arena_reset(&arena);
		status = record_read(erasing->erasures, number, &arena, &record, error);
		if (status != STATUS_OK)
			break;
		holding = holding_named(&erasing->holdings, record_named(&record, "table"));
		if (holding != NULL && slice_to_u64(record_named(&record, "offset"), &offset))
			drop_offset(holding, offset);
	}
	arena_release(&arena);
	return status;
}

/* --- adding -------------------------------------------------------------------------------- */

/* What an erasure says, in the order of these. */
enum said { TABLE, RECORD, OFFSET, LENGTH, COLUMNS, DIGEST, SAID_COUNT };

static const char *const said_names[SAID_COUNT] = { "table", "record", "offset", "length", "columns", "digest" };

static enum status
add_erasure(struct erasing *erasing, const struct slice *values, struct error *error)
{
	struct assign assigns[SAID_COUNT];
	struct edit edit = { .table = erasing->table, .assigns = assigns, .by_rule = true };

	for (size_t i = 0; i < SAID_COUNT; i++) {
		if (values[i].length == 0)
			continue;
		assigns[edit.assign_count++] = (struct assign){
			{ .field = table_field(erasing->table, slice_of(said_names[i])), .via = SIZE_MAX },
			values[i]
		};
	}
	return batch_edit(erasing->batch, &edit, NULL, error);
}

static struct slice
number_text(uint64_t number, struct arena *arena)
{
	return arena_format(arena, "%" PRIu64, number);
}

/* Notes the documents that a revision names. */
static void
note_blobs(struct erasing *erasing, const struct record *revision)
{
	const struct table *table = revision->log->table;

	for (size_t i = 0; i < table->field_count; i++) {
		struct slice name;
		size_t known = 0;

		if (table->fields[i].type != TYPE_BLOB || (name = record_value(revision, i)).length == 0)
			continue;
		while (known < erasing->blob_count && !slice_equal(erasing->blobs[known], name))
			known++;
		if (known < erasing->blob_count)
			continue;
		erasing->blobs = memory_grow(erasing->blobs, &erasing->blob_capacity, erasing->blob_count,
		    sizeof *erasing->blobs);
		erasing->blobs[erasing->blob_count++] = name;
	}
}

static enum status
erase_line(struct erasing *erasing, struct log *log, uint64_t offset, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct record revision;
	struct slice fields[3];
	char *sealed;
	enum status status = record_read_at(log, offset, &arena, &revision, error);

	if (status == STATUS_OK) {
		sealed = arena_take(&arena, revision.line.length);
		line_seal(revision.line, sealed);
		csv_split((struct slice){ sealed, revision.line.length }, fields, 3);
		status = add_erasure(erasing,
		    (struct slice[SAID_COUNT]){ [TABLE] = slice_of(log->table->name),
			[RECORD] = record_id(&revision),
			[OFFSET] = number_text(offset, &arena),
			[LENGTH] = number_text(revision.line.length, &arena),
			[COLUMNS] = number_text(revision.layout->count, &arena),
			[DIGEST] = fields[2] },
		    error);
	}
	arena_release(&arena);
	return status;
}

/* Whether a line of the log at this offset of it is to be blank. */
static bool
is_going(const struct erasing *erasing, const char *table, uint64_t offset)
{
	for (size_t i = 0; i < erasing->holdings.count; i++) {
		const struct holding *holding = &erasing->holdings.tables[i];

		if (strcmp(holding->log->table->name, table) != 0)
			continue;
		for (size_t k = 0; k < holding->count; k++) {
			uint64_t start = holding->offsets[k];

			if (offset >= start && offset < start + log_line_at(holding->log, start).length)
				return true;
		}
	}
	return false;
}

/* Whether a line that stays names the document: in whatever field, of whatever revision. */
static enum status
is_named_elsewhere(const struct erasing *erasing, struct slice blob, bool *named, struct error *error)
{
	struct snapshot *snapshot = view_snapshot(erasing->view);
	size_t count;
	const char *const *tables = snapshot_tables(snapshot, &count);

	*named = false;
	for (size_t i = 0; i < count && !*named; i++) {
		struct slice log;
		const char *hit;
		enum status status = snapshot_log(snapshot, tables[i], &log, error);
		size_t from = 0;

		if (status != STATUS_OK)
			return status;
		while (!*named && log.length > from &&
		    (hit = memmem(log.data + from, log.length - from, blob.data, blob.length)) != NULL) {
			from = (size_t)(hit - log.data);
			*named = strcmp(tables[i], STORE_ERASURE) != 0 && !is_going(erasing, tables[i], from);
			from += blob.length;
		}
	}
	return STATUS_OK;
}

static enum status
erase_blobs(struct erasing *erasing, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < erasing->blob_count && status == STATUS_OK; i++) {
		bool named;

		status = is_named_elsewhere(erasing, erasing->blobs[i], &named, error);
		if (status == STATUS_OK && !named)
			status = add_erasure(erasing,
			    (struct slice[SAID_COUNT]){ [DIGEST] = erasing->blobs[i] }, error);
	}
	return status;
}

/* Blobs first: the last record of an erasure is always that of a line. */
static enum status
erase_held(struct erasing *erasing, struct error *error)
{
	struct arena arena = ARENA_INIT;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < erasing->holdings.count && status == STATUS_OK; i++) {
		const struct holding *holding = &erasing->holdings.tables[i];

		for (size_t k = 0; k < holding->count && status == STATUS_OK; k++) {
			struct record revision;

			status = record_read_at(holding->log, holding->offsets[k], &arena, &revision, error);
			if (status == STATUS_OK)
				note_blobs(erasing, &revision);
		}
	}
	arena_release(&arena);
	if (status == STATUS_OK)
		status = erase_blobs(erasing, error);
	for (size_t i = 0; i < erasing->holdings.count; i++) {
		const struct holding *holding = &erasing->holdings.tables[i];

		for (size_t k = 0; k < holding->count && status == STATUS_OK; k++)
			status = erase_line(erasing, holding->log, holding->offsets[k], error);
	}
	return status;
}

enum status
erase_records(struct batch *batch, struct log *log, const uint64_t *numbers, size_t count, bool force,
    struct error *error)
{
	struct erasing erasing = { .batch = batch, .view = batch_view(batch) };
	enum status status = access_verb(erasing.view, log->table, "erase", error);

	if (status == STATUS_OK)
		status = view_log(erasing.view, STORE_ERASURE, &erasing.erasures, error);
	if (status != STATUS_OK)
		return status;
	erasing.table = erasing.erasures->table;
	status = holdings_find(erasing.view, log, numbers, count, true, &erasing.holdings, error);
	if (status == STATUS_OK)
		status = drop_named(&erasing, error);
	if (status == STATUS_OK && !force)
		status = check(&erasing, error);
	if (status == STATUS_OK)
		status = erase_held(&erasing, error);
	holdings_release(&erasing.holdings);
	free(erasing.blobs);
	return status;
}

enum status
erase_found(struct log *log, uint64_t number, uint64_t *tx, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct log *erasures;
	char id[ID_SIZE];
	struct slice name = table_id(log->table, number, id);
	enum status status = view_log(log->view, STORE_ERASURE, &erasures, error);

	*tx = 0;
	for (uint64_t i = 1; status == STATUS_OK && i <= erasures->count; i++) {
		struct record record;

		arena_reset(&arena);
		status = record_read(erasures, i, &arena, &record, error);
		if (status == STATUS_OK && slice_equal(record_named(&record, "record"), name) &&
		    slice_is(record_named(&record, "table"), log->table->name))
			*tx = record.tx;
	}
	arena_release(&arena);
	return status;
}
