/* batch: edits become drafts, and drafts that stand all checks become lines (batch_tail.c) */
#include "record/batch_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/access.h"
#include "record/draft.h"
#include "record/log.h"
#include "record/lookup.h"
#include "record/rule.h"

struct batch *
batch_new(struct view *view)
{
	struct batch *batch = memory_new(sizeof *batch);

	batch->view = view;
	batch->tx = snapshot_tx(view_snapshot(view)) + 1;
	snprintf(batch->tx_column, sizeof batch->tx_column, ",%" PRIu64 ",", batch->tx);
	return batch;
}

void
batch_free(struct batch *batch)
{
	if (batch == NULL)
		return;
	for (size_t i = 0; i < batch->log_count; i++)
		batch_give_up_ahead(&batch->logs[i]);
	while (batch->pads != NULL) {
		struct pad *next = batch->pads->next;

		if (batch->pads->release != NULL)
			batch->pads->release(batch->pads->memory);
		free(batch->pads->memory);
		free(batch->pads);
		batch->pads = next;
	}
	for (size_t i = 0; i < BATCH_DEPTH_MAX; i++)
		arena_release(&batch->arenas[i]);
	access_close(batch->access);
	free(batch->logs);
	free(batch->journal);
	free(batch->changes);
	free(batch->chunks);
	random_stream_free(batch->random);
	free(batch);
}

struct view *
batch_view(struct batch *batch)
{
	return batch->view;
}

void
batch_give_reason(struct batch *batch, const char *reason)
{
	batch->reason = reason;
}

struct slice
batch_reason(const struct batch *batch)
{
	return slice_of(batch->reason != NULL ? batch->reason : "");
}

void
batch_only_try(struct batch *batch)
{
	batch->trial = true;
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
	if ((log->table->flags & TABLE_COMPUTED) && !edit->by_rule)
		return error_add(error, &draft->place, "a %s is written by bo itself", log->table->name);
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
		status = draft_check(batch, &draft, edit, error);
		if (status == STATUS_OK)
			status = batch_write(batch, &draft, NULL, !asked, error);
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

	if (batch->depth == BATCH_DEPTH_MAX)
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
		batch_give_up_ahead(&batch->logs[entry->log]);
		log->tail.length = log->newest[entry->number] - 1 - log->bytes.length;
		log->newest[entry->number] = entry->before;
		if (entry->before == 0)
			log->count = entry->number - 1;
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
		batch_give_up_ahead(&batch->logs[i]);
		log_forget(batch->logs[i].log);
	}
	batch->count = 0;
	batch->log_count = 0;
}

enum status
batch_whole(struct batch *batch, const struct table *table, uint64_t number, const struct place *place,
    struct error *error)
{
	const struct rule *const *rules = view_rules(batch->view);
	enum status status = STATUS_OK;

	for (; rules != NULL && *rules != NULL && status == STATUS_OK; rules++) {
		if ((*rules)->whole == NULL || strcmp((*rules)->table, table->name) != 0)
			continue;
		batch->depth++; /* its edits are not what was asked for */
		status = (*rules)->whole(batch, number, place, error);
		batch->depth--;
	}
	return status;
}

enum status
batch_finish(struct batch *batch, struct error *error)
{
	const struct rule *const *rules = view_rules(batch->view);
	size_t before;
	enum status sound = view_sound(batch->view, error);

	if (sound != STATUS_OK)
		return sound;
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

uintmax_t
batch_line(struct batch *batch, const struct log *log, uint64_t number)
{
	/* Those that are new in its log were given numbers one by one, so it is not farther in front. */
	for (size_t i = number - log->settled - 1; i < batch->count && batch->searched < SEARCHED_MOST; i++) {
		const struct entry *entry = &batch->journal[i];

		batch->searched++;
		if (entry->number == number && batch->logs[entry->log].log == log)
			return entry->line;
	}
	return 0;
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
