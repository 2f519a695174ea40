/*
 * batch: edits become lines in the tails of logs.
 *
 * The journal holds one entry for each line that was written, so that any number of
 * the last ones can be taken back: an entry says which line was the newest before.
 * When a record is revised twice, its first line is dead and left out in the end,
 * since (id, tx) names one revision.
 */
#include "record/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "record/access.h"
#include "record/draft.h"
#include "record/log.h"
#include "record/lookup.h"
#include "record/rule.h"
#include "stream/csv.h"

enum {
	DEPTH_MAX = 8,   /* rules that edit records whose rules edit records … */
	SALT_BYTES = 32, /* of a seal, written as 64 digits */
	SALT_POOL = 64 * 1024,
	AHEAD_STEP = 256 * 1024 /* bytes of a tail that are worth telling another thread of */
};

struct entry {
	uint64_t before; /* offset + 1 of what was the newest line, 0 for none */
	uint32_t number;
	uint32_t line; /* of the input */
	uint16_t log;  /* index into logs */
	bool first;    /* of this record in this batch */
	bool by_rule;
};

/* A log with pending lines. */
struct writing {
	struct log *log;
	struct digest_ahead *ahead; /* of its tail, when that is long */
	bool revised;               /* lines were taken back or revised: no digest can be worked out ahead */
};

struct pad {
	struct pad *next;
	const struct rule *rule;
	void *memory;
	void (*release)(void *);
};

struct batch {
	struct view *view;
	struct access *access; /* made by the first edit */
	uint64_t tx;           /* the transaction's number, if nobody is faster */
	struct writing *logs;
	size_t log_count, log_capacity;
	struct entry *journal;
	size_t count, capacity;
	struct change *changes; /* made on demand */
	struct chunk *chunks;
	struct pad *pads;
	struct arena arenas[DEPTH_MAX];
	size_t depth;
	unsigned char *salts;
	size_t salts_left;
};

struct batch *
batch_new(struct view *view)
{
	struct batch *batch = memory_new(sizeof *batch);

	batch->view = view;
	batch->tx = snapshot_tx(view_snapshot(view)) + 1;
	return batch;
}

/* Whatever was hashed ahead of a log is of no use any more. */
static void
give_up_ahead(struct writing *writing)
{
	char digest[HASH_HEX + 1];

	if (writing->ahead != NULL)
		digest_ahead_finish(writing->ahead, digest_ahead_told(writing->ahead), digest);
	writing->ahead = NULL;
	writing->revised = true;
}

void
batch_free(struct batch *batch)
{
	if (batch == NULL)
		return;
	for (size_t i = 0; i < batch->log_count; i++)
		give_up_ahead(&batch->logs[i]);
	while (batch->pads != NULL) {
		struct pad *next = batch->pads->next;

		if (batch->pads->release != NULL)
			batch->pads->release(batch->pads->memory);
		free(batch->pads->memory);
		free(batch->pads);
		batch->pads = next;
	}
	for (size_t i = 0; i < DEPTH_MAX; i++)
		arena_release(&batch->arenas[i]);
	access_close(batch->access);
	free(batch->logs);
	free(batch->journal);
	free(batch->changes);
	free(batch->chunks);
	free(batch->salts);
	free(batch);
}

struct view *
batch_view(struct batch *batch)
{
	return batch->view;
}

void *
batch_memory(struct batch *batch, const struct rule *rule, size_t size, void (*release)(void *))
{
	struct pad *pad = batch->pads;

	while (pad != NULL && pad->rule != rule)
		pad = pad->next;
	if (pad == NULL) {
		pad = memory_new(sizeof *pad);
		*pad = (struct pad){ batch->pads, rule, memory_new(size), release };
		batch->pads = pad;
	}
	return pad->memory;
}

size_t
batch_change_count(const struct batch *batch)
{
	return batch->count;
}

static size_t
log_index(struct batch *batch, struct log *log)
{
	for (size_t i = batch->log_count; i > 0; i--) {
		if (batch->logs[i - 1].log == log)
			return i - 1;
	}
	batch->logs = memory_grow(batch->logs, &batch->log_capacity, batch->log_count, sizeof *batch->logs);
	batch->logs[batch->log_count] = (struct writing){ .log = log };
	return batch->log_count++;
}

/* A fresh salt as 64 digits; random numbers are had by the block, not by the line. */
static enum status
add_salt(struct batch *batch, struct buffer *out, struct error *error)
{
	char hex[HASH_HEX + 1];

	if (batch->salts_left == 0) {
		/* A single record must not pay for a block. */
		size_t wanted = batch->count < 16 ? SALT_BYTES : SALT_POOL;

		if (batch->salts == NULL)
			batch->salts = memory_resize(NULL, SALT_POOL, 1);
		if (!random_bytes(batch->salts, wanted))
			return error_set(error, STATUS_SYSTEM, "random numbers:");
		batch->salts_left = wanted;
	}
	batch->salts_left -= SALT_BYTES;
	hash_to_hex(batch->salts + batch->salts_left, SALT_BYTES, hex);
	buffer_add(out, hex, HASH_HEX);
	return STATUS_OK;
}

/* Every column of the layout, a comma in front of each, and the line's end. */
static void
add_values(struct buffer *tail, const struct draft *draft, const struct layout *layout)
{
	for (size_t i = 0; i < layout->count; i++) {
		struct slice value = draft->values[layout->fields[i]];
		char *to = buffer_reserve(tail, layout->count - i + 1);

		*to = ',';
		tail->length++;
		/* The room for all commas that are left is there: most columns are empty. */
		for (; value.length == 0 && i + 1 < layout->count; tail->length++) {
			*++to = ',';
			value = draft->values[layout->fields[++i]];
		}
		if (value.length > 0)
			csv_add(tail, value);
	}
	buffer_add_char(tail, '\n');
}

/* Writes the draft's line to the tail of its log. */
static enum status
write_line(struct batch *batch, const struct draft *draft, struct error *error)
{
	struct log *log = draft->log;
	const struct layout *layout = log_writable(log);
	struct buffer *tail = &log->tail;
	size_t start = tail->length;
	char id[ID_SIZE];

	buffer_add_slice(tail, table_id(log->table, draft->number, id));
	buffer_add_char(tail, ',');
	buffer_add_u64(tail, batch->tx);
	if (log->sealed) {
		buffer_add_char(tail, ',');
		if (add_salt(batch, tail, error) != STATUS_OK)
			return STATUS_SYSTEM;
	}
	add_values(tail, draft, layout);
	if (log->pinned && tail->length > LOG_TAIL_ROOM - 4 * (size_t)STORE_LINE_MAX)
		return error_set(error, STATUS_REFUSED, "more than one transaction can hold");
	if (tail->length - start > STORE_LINE_MAX) {
		size_t length = tail->length - start;

		tail->length = start;
		return error_add(error, &draft->place, "%zu bytes are too many for one record (%d at most)",
		    length, STORE_LINE_MAX);
	}
	return STATUS_OK;
}

/* The header that holds at the end of what is committed; absent for a new log. */
static struct slice
header_before(const struct log *log)
{
	const struct layout *layout;

	if (log->bytes.length == 0)
		return (struct slice){ NULL, 0 };
	layout = log_layout(log, log->bytes.length - 1);
	return layout != NULL ? layout->header : (struct slice){ NULL, 0 };
}

/* Has another processor hash what is written of a long tail. */
static void
hash_ahead(struct writing *writing)
{
	struct log *log = writing->log;
	struct slice before;

	if (writing->revised)
		return;
	if (writing->ahead == NULL) {
		log_pin_tail(log);
		before = header_before(log);
		if (log->pinned)
			writing->ahead = digest_ahead_start(log->tail.data,
			    before.data != NULL ? before : log->layouts[log->layout_count - 1]->header);
		writing->revised = writing->ahead == NULL;
	}
	if (writing->ahead != NULL && log->tail.length - digest_ahead_told(writing->ahead) >= AHEAD_STEP)
		digest_ahead_more(writing->ahead, log->tail.length);
}

/* Enters the line just written, which begins at offset, into journal and log. */
static void
enter(struct batch *batch, const struct draft *draft, uint64_t offset, bool by_rule)
{
	struct log *log = draft->log;
	uint64_t before = draft->is_new ? 0 : log_newest(log, draft->number);
	bool pending = before > log->bytes.length;
	size_t index = log_index(batch, log);

	batch->journal = memory_grow(batch->journal, &batch->capacity, batch->count, sizeof *batch->journal);
	batch->journal[batch->count++] = (struct entry){ .before = before,
		.number = (uint32_t)draft->number,
		.line = draft->place.line < UINT32_MAX ? (uint32_t)draft->place.line : 0,
		.log = (uint16_t)index,
		.first = !pending,
		.by_rule = by_rule };
	log_point(log, draft->number, offset);
	lookups_enter(log, draft->number);
	if (pending)
		give_up_ahead(&batch->logs[index]);
	else if (log->tail.length >= LOG_TAIL_LONG)
		hash_ahead(&batch->logs[index]);
}

static enum status
run_checks(struct batch *batch, struct draft *draft, struct error *error)
{
	const struct rule *const *rules = view_rules(batch->view);
	size_t faults = error->total;

	for (; rules != NULL && *rules != NULL; rules++) {
		enum status status;

		if ((*rules)->check == NULL || strcmp((*rules)->table, draft->log->table->name) != 0)
			continue;
		status = (*rules)->check(batch, draft, error);
		if (status != STATUS_OK && status != STATUS_REFUSED)
			return status;
	}
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

static enum status
check_expected(const struct draft *draft, const struct edit *edit, struct error *error)
{
	struct slice id;

	if (edit->expected_tx == 0 || draft->is_new || draft->old->tx == edit->expected_tx)
		return STATUS_OK;
	id = record_id(draft->old);
	return error_add(error, &edit->place, "%.*s has changed since: it is at tx %llu, not %llu",
	    (int)id.length, id.data, (unsigned long long)draft->old->tx, (unsigned long long)edit->expected_tx);
}

static enum status
begin_draft(struct draft *draft, struct record *old, const struct edit *edit, struct arena *arena,
    struct error *error)
{
	struct log *log = draft->log;

	*draft = (struct draft){ .log = log,
		.number = edit->number,
		.is_new = edit->number == 0,
		.place = edit->place,
		.arena = arena };
	draft->place.field = NULL;
	if (!draft->is_new) {
		enum status status = record_read(log, edit->number, arena, old, error);

		draft->old = old;
		if (status == STATUS_OK && old->erased)
			return error_add(error, &draft->place, "%s%llu was erased", log->table->prefix,
			    (unsigned long long)edit->number);
		return status;
	}
	if ((log->table->flags & TABLE_SINGLE) && log->count > 0)
		return error_add(error, &draft->place, "there is a %s already", log->table->name);
	/* Ids stay below 2^32 so that the arrays that hold them stay small. */
	if (log->count >= UINT32_MAX - 1)
		return error_add(error, &draft->place, "no ids are left");
	draft->number = log->count + 1;
	return STATUS_OK;
}

static enum status
edit_at_depth(struct batch *batch, const struct edit *edit, struct arena *arena, uint64_t *number,
    struct error *error)
{
	struct record old;
	struct draft draft = { .log = NULL };
	enum status status = view_log(batch->view, edit->table->name, &draft.log, error);
	bool asked = batch->depth == 1 && !edit->by_rule;
	uint64_t offset;

	if (status == STATUS_OK)
		status = begin_draft(&draft, &old, edit, arena, error);
	if (status == STATUS_OK)
		status = check_expected(&draft, edit, error);
	if (status == STATUS_OK)
		status = draft_fill(&draft, edit, error);
	if (status == STATUS_OK && asked)
		status = access_check(&batch->access, &draft, edit, error);
	if (status == STATUS_OK)
		status = run_checks(batch, &draft, error);
	/* A rule may have made records of the same table: the number is given last. */
	if (status == STATUS_OK && draft.is_new)
		draft.number = draft.log->count + 1;
	if (status == STATUS_OK && draft_changed(&draft)) {
		status = draft_check(&draft, edit, error);
		if (status == STATUS_OK) {
			log_writable(draft.log); /* which may begin with a header */
			offset = draft.log->bytes.length + draft.log->tail.length;
			status = write_line(batch, &draft, error);
		}
		if (status == STATUS_OK)
			enter(batch, &draft, offset, !asked);
		if (status == STATUS_OK && asked)
			access_entered(batch->access, draft.number, batch->count);
	}
	if (number != NULL)
		*number = status == STATUS_OK ? draft.number : 0;
	return status;
}

enum status
batch_edit(struct batch *batch, const struct edit *edit, uint64_t *number, struct error *error)
{
	struct arena *arena;
	enum status status;

	if (batch->depth == DEPTH_MAX)
		return error_set(error, STATUS_SYSTEM, "rules that call each other without end");
	arena = &batch->arenas[batch->depth++];
	arena_reset(arena);
	status = edit_at_depth(batch, edit, arena, number, error);
	batch->depth--;
	return status;
}

struct batch_mark
batch_mark(const struct batch *batch)
{
	return (struct batch_mark){ batch->count };
}

void
batch_back(struct batch *batch, struct batch_mark mark)
{
	while (batch->count > mark.changes) {
		const struct entry *entry = &batch->journal[--batch->count];
		struct log *log = batch->logs[entry->log].log;

		/* Everything written since lies behind this line. */
		give_up_ahead(&batch->logs[entry->log]);
		log->tail.length = log->newest[entry->number] - 1 - log->bytes.length;
		log->newest[entry->number] = entry->before;
		if (entry->before == 0)
			log->count = entry->number - 1;
		offspring_drop(log);
	}
	access_back(batch->access, mark.changes);
}

void
batch_forget(struct batch *batch)
{
	for (size_t i = batch->count; i > 0; i--) {
		const struct entry *entry = &batch->journal[i - 1];

		batch->logs[entry->log].log->newest[entry->number] = entry->before;
	}
	for (size_t i = 0; i < batch->log_count; i++) {
		give_up_ahead(&batch->logs[i]);
		log_forget(batch->logs[i].log);
	}
	batch->count = 0;
	batch->log_count = 0;
}

enum status
batch_finish(struct batch *batch, struct error *error)
{
	const struct rule *const *rules = view_rules(batch->view);
	size_t before;

	do {
		before = batch->count;
		for (const struct rule *const *rule = rules; rule != NULL && *rule != NULL; rule++) {
			enum status status = STATUS_OK;

			if ((*rule)->finish != NULL) {
				batch->depth++;
				status = (*rule)->finish(batch, error);
				batch->depth--;
			}
			if (status != STATUS_OK && status != STATUS_REFUSED)
				return status;
		}
	} while (batch->count != before && error->total == 0);
	return error->total > 0 ? STATUS_REFUSED : access_finish(batch->access, error);
}

static struct change
to_change(const struct batch *batch, const struct entry *entry)
{
	return (struct change){ .log = batch->logs[entry->log].log,
		.number = entry->number,
		.before = entry->before,
		.line = entry->line,
		.by_rule = entry->by_rule };
}

const struct change *
batch_changes(const struct batch *batch, size_t *count)
{
	struct batch *own = (struct batch *)(uintptr_t)batch;
	size_t made = 0;

	free(own->changes);
	own->changes = memory_array(batch->count + 1, sizeof *own->changes);
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->journal[i].first)
			own->changes[made++] = to_change(batch, &batch->journal[i]);
	}
	*count = made;
	return own->changes;
}

size_t
batch_asked(const struct batch *batch, const struct table *table, uint64_t *numbers, size_t limit)
{
	size_t count = 0;

	for (size_t i = 0; i < batch->count; i++) {
		const struct entry *entry = &batch->journal[i];

		if (!entry->first || entry->by_rule ||
		    strcmp(batch->logs[entry->log].log->table->name, table->name) != 0)
			continue;
		if (count < limit)
			numbers[count] = entry->number;
		count++;
	}
	return count;
}

static int
compare_offsets(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Takes out of the tails the lines that were revised again. */
static void
drop_dead_lines(struct batch *batch)
{
	uint64_t *dead = memory_array(batch->count + 1, sizeof *dead);
	size_t left = 0;

	for (size_t i = 0; i < batch->log_count; i++) {
		struct log *log = batch->logs[i].log;
		size_t count = 0;

		for (size_t k = 0; k < batch->count; k++) {
			if (batch->journal[k].log == i && !batch->journal[k].first)
				dead[count++] = batch->journal[k].before - 1;
		}
		if (count > 0) {
			qsort(dead, count, sizeof *dead, compare_offsets);
			log_compact(log, dead, count);
		}
	}
	free(dead);
	/* What is left has no dead lines any more. */
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->journal[i].first)
			batch->journal[left++] = batch->journal[i];
	}
	batch->count = left;
}

/* Whether the batch has changed any record of its log number index. */
static bool
touches(const struct batch *batch, size_t index)
{
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->journal[i].log == index)
			return true;
	}
	return false;
}

void
batch_chunks(struct batch *batch, const struct chunk **chunks, size_t *count)
{
	size_t made = 0;

	drop_dead_lines(batch);
	free(batch->chunks);
	batch->chunks = memory_array(batch->log_count + 1, sizeof *batch->chunks);
	for (size_t i = 0; i < batch->log_count; i++) {
		struct log *log = batch->logs[i].log;
		struct chunk *chunk = &batch->chunks[made];

		if (!touches(batch, i))
			continue;
		*chunk = (struct chunk){ .table = log->table->name,
			.bytes = buffer_slice(&log->tail),
			.offset = log->bytes.length };
		if (batch->logs[i].ahead != NULL)
			digest_ahead_finish(batch->logs[i].ahead, chunk->bytes.length, chunk->digest);
		else
			chunk_digest(chunk, header_before(log));
		batch->logs[i].ahead = NULL;
		made++;
	}
	*chunks = batch->chunks;
	*count = made;
}
