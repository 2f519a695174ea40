/* batch_tail: the lines of a batch, and how they get into a transaction */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "record/batch_internal.h"
#include "record/log.h"
#include "record/lookup.h"
#include "record/stencil.h"
#include "stream/csv.h"

enum {
	SALT_BYTES = 32, /* of a seal, written as 64 digits */
	SALTS_FEW = 16,
	AHEAD_STEP = 256 * 1024 /* bytes of a tail that are worth telling another thread of */
};

static void
drop_file(struct writing *writing)
{
	if (writing->file != 0)
		close(writing->file);
	writing->file = 0;
}

void
batch_give_up_ahead(struct writing *writing)
{
	if (writing->ahead != NULL)
		digest_ahead_give_up(writing->ahead);
	drop_file(writing);
	writing->ahead = NULL;
	writing->revised = true;
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

/* A fresh salt as 64 digits.  A single record asks the kernel; many have a stream that it has begun. */
static enum status
put_salt(struct batch *batch, char *to, struct error *error)
{
	unsigned char salt[SALT_BYTES];

	if (batch->random == NULL && batch->count >= SALTS_FEW)
		batch->random = random_stream_new();
	if (batch->random != NULL)
		random_stream_take(batch->random, to);
	else if (random_bytes(salt, sizeof salt))
		hash_to_hex(salt, sizeof salt, to);
	else
		return error_set(error, STATUS_SYSTEM, "random numbers:");
	return STATUS_OK;
}

/* What comes before the fields: id, transaction and, where there is one, the salt. */
static enum status
add_head(struct batch *batch, const struct draft *draft, struct error *error)
{
	struct buffer *tail = &draft->log->tail;
	char *start = buffer_reserve(tail, ID_SIZE + sizeof batch->tx_column + HASH_HEX), *to = start;
	size_t length = strlen(batch->tx_column);

	to += table_id(draft->log->table, draft->number, to).length;
	memcpy(to, batch->tx_column, length);
	to += length;
	if (draft->log->sealed) {
		if (put_salt(batch, to, error) != STATUS_OK)
			return STATUS_SYSTEM;
		to += HASH_HEX;
	} else
		to--; /* every field brings its comma */
	tail->length += (size_t)(to - start);
	return STATUS_OK;
}

/* Every column of the layout, a comma in front of each, and the line's end. */
static void
add_values(struct buffer *tail, const struct draft *draft, const struct layout *layout)
{
	size_t room = 1;
	char *start, *to;

	for (size_t i = 0; i < layout->count; i++)
		room += 1 + csv_room(draft->values[layout->fields[i]]);
	start = to = buffer_reserve(tail, room);
	for (size_t i = 0; i < layout->count; i++) {
		struct slice value = draft->values[layout->fields[i]];

		*to++ = ',';
		if (value.length > 0)
			to = csv_put(to, value);
	}
	*to++ = '\n';
	*to = '\0';
	tail->length += (size_t)(to - start);
}

/* The same by a stencil. */
static void
add_known(struct buffer *tail, const struct draft *draft, const struct layout *layout, const struct known *known)
{
	char *start, *to;

	stencil_fit(known->stencil, layout);
	start = buffer_reserve(tail, stencil_room(known->stencil, draft->values));
	to = stencil_put(known->stencil, draft->values, known->bare, start);
	*to = '\0';
	tail->length += (size_t)(to - start);
}

/* Writes the draft's line to the tail of its log. */
static enum status
write_line(struct batch *batch, const struct draft *draft, const struct known *known, struct error *error)
{
	struct log *log = draft->log;
	const struct layout *layout = log_writable(log);
	struct buffer *tail = &log->tail;
	size_t start = tail->length;

	if (add_head(batch, draft, error) != STATUS_OK)
		return STATUS_SYSTEM;
	if (known != NULL)
		add_known(tail, draft, layout, known);
	else
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
		if (writing->ahead != NULL && log->bytes.length == 0)
			digest_ahead_write(writing->ahead, view_store(log->view));
	}
	if (writing->ahead != NULL && log->tail.length - digest_ahead_told(writing->ahead) >= AHEAD_STEP)
		digest_ahead_more(writing->ahead, log->tail.length);
}

/* Enters the line just written, which begins at offset, into journal and log. */
static void
enter(struct batch *batch, const struct draft *draft, const struct known *known, uint64_t offset, bool by_rule)
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
	lookups_enter_values(log, draft->number, draft->values, known);
	if (pending)
		batch_give_up_ahead(&batch->logs[index]);
	else if (log->tail.length >= LOG_TAIL_LONG && !batch->trial)
		hash_ahead(&batch->logs[index]);
}

enum status
batch_write(struct batch *batch, const struct draft *draft, const struct known *known, bool by_rule,
    struct error *error)
{
	struct log *log = draft->log;
	uint64_t offset;
	enum status status;

	log_writable(log); /* which may begin with a header */
	offset = log->bytes.length + log->tail.length;
	status = write_line(batch, draft, known, error);
	if (status == STATUS_OK)
		enter(batch, draft, known, offset, by_rule);
	return status;
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
		drop_file(&batch->logs[i]);
		if (batch->logs[i].ahead != NULL)
			batch->logs[i].file = digest_ahead_finish(batch->logs[i].ahead, chunk->bytes.length,
			    chunk->digest);
		else if (!batch->trial)
			chunk_digest(chunk, header_before(log));
		chunk->file = batch->logs[i].file;
		batch->logs[i].ahead = NULL;
		made++;
	}
	*chunks = batch->chunks;
	*count = made;
}
