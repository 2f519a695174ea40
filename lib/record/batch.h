/*
 * batch: one transaction in the making.
 *
 * Edits come in as people or files write them: field names resolved, values still
 * text.  A batch checks each against schema, flow, references, uniqueness and rules,
 * and turns it into a line in its log's tail, where every later look at the view
 * sees it.  All faults are collected; a batch with faults is never committed.
 */
#ifndef RECORD_BATCH_H
#define RECORD_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "record/view.h"

struct batch;

/*
 * What a column of an input or the left side of FIELD=VALUE names: a field of the
 * table, possibly through a unique field of what it refers to (`customer.code`).
 */
struct target {
	size_t field;          /* of the table */
	const char *via_table; /* for a reference: the table it leads to, or NULL */
	size_t via;            /* the unique field there that finds the record; SIZE_MAX: an id or its key */
};

/* STATUS_USAGE when there is no such field, or it can't be set (derived, computed: STATUS_REFUSED). */
enum status target_resolve(struct view *view, const struct table *table, struct slice name,
    struct target *target, struct error *error);

struct assign {
	struct target target;
	struct slice value; /* as typed; empty clears */
};

/* What somebody wants of one record. */
struct edit {
	const struct table *table;
	uint64_t number;  /* the record, 0 for a new one */
	const char *verb; /* a transition to take, or NULL */
	const struct assign *assigns;
	size_t assign_count;
	uint64_t expected_tx;            /* refuse when its newest revision is another one; 0: any */
	struct place place;              /* for faults; field is filled in */
	const struct spelling *spelling; /* of the input, or NULL */
	bool checked;                    /* the reader has checked the text */
	bool by_rule;                    /* computed fields may be set (rules only) */
};

/* A revision as rules see it. */
struct draft {
	struct log *log;
	uint64_t number;
	bool is_new;
	const struct record *old; /* NULL when is_new */
	struct slice *values;     /* decoded, one per field, "" for none */
	struct place place;
	struct arena *arena;
};

struct slice draft_named(const struct draft *draft, const char *field);
void draft_set(struct draft *draft, const char *field,
    struct slice value); /* value in its stored spelling, in draft->arena or longer-lived */
/* Digits of the currency that applies to the draft (its own, its parent's, the company's), or -1. */
int draft_money_digits(const struct draft *draft);
/* The state changes to `state` with this revision (or the record is new in it). */
bool draft_enters(const struct draft *draft, const char *state);

struct batch *batch_new(struct view *view);
void batch_free(struct batch *batch); /* what is pending stays in the view; NULL is fine */
/* Takes everything out of the view again, as it must be before view_follow. */
void batch_forget(struct batch *batch);
struct view *batch_view(struct batch *batch);
/* Why all this is done, as the audit log will say it; "" when nobody has said so.  reason is kept, not copied. */
void batch_give_reason(struct batch *batch, const char *reason);
struct slice batch_reason(const struct batch *batch);
/* Call before the first edit: what is made will only be looked at, so nothing is written, and chunks have no digest. */
void batch_only_try(struct batch *batch);

/*
 * One edit.  *number (may be NULL) is the record's, also for a new one.  STATUS_REFUSED with
 * one fault for each thing that is wrong.  An edit that changes nothing makes no revision.
 */
enum status batch_edit(struct batch *batch, const struct edit *edit, uint64_t *number, struct error *error);

/* Takes back everything since mark (a row that turned out bad, with --rejects). */
struct batch_mark {
	size_t changes;
};
struct batch_mark batch_mark(const struct batch *batch);
void batch_back(struct batch *batch, struct batch_mark mark);

/* Runs the rules' hooks for a whole record of table, as it is now. */
enum status batch_whole(struct batch *batch, const struct table *table, uint64_t number,
    const struct place *place, struct error *error);

/* Runs the rules' finish hooks.  Call once, when all edits are in and error has no faults. */
enum status batch_finish(struct batch *batch, struct error *error);

/* One changed record: its newest line is in the log's tail. */
struct change {
	struct log *log;
	uint64_t number;
	uint64_t before; /* offset + 1 of the revision it had, 0 when it is new */
	uint64_t line;   /* of the input, 0 for none */
	bool by_rule;    /* not asked for, but following */
};

/* In the order of the edits, each record once. */
const struct change *batch_changes(const struct batch *batch, size_t *count);
/* Of them, those that were asked for in this table (not children, not what rules added). */
size_t batch_asked(const struct batch *batch, const struct table *table, uint64_t *numbers, size_t limit);

/* Memory of a rule between its calls, zeroed at first, freed with the batch by release (may be NULL). */
void *batch_memory(struct batch *batch, const struct rule *rule, size_t size, void (*release)(void *));
/* A counter that moves with every change: a finish hook can tell whether there is news. */
size_t batch_change_count(const struct batch *batch);

/* Chunks ready for store_append, digests included; valid until the batch is freed. */
struct chunk;
void batch_chunks(struct batch *batch, const struct chunk **chunks, size_t *count);

#endif
