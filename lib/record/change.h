/*
 * change: from edits to an acknowledged transaction.
 *
 * The edits are built and checked against what is durable, with no lock held; only
 * then is the store locked.  When somebody was faster they are built again on top of
 * what he wrote, from the same input.
 */
#ifndef RECORD_CHANGE_H
#define RECORD_CHANGE_H

#include "record/batch.h"
#include "record/rule.h"
#include "store/store.h"

/* Makes the edits.  May be called several times, each with a fresh batch: everything it keeps it starts anew. */
typedef enum status change_build(struct batch *batch, void *context, struct error *error);

struct change_options {
	const char *command; /* "ticket solve" */
	const char *key;     /* idempotency key, or NULL */
	struct slice input;  /* what the key stands for besides the command: all operands and all input */
	const char *reason;  /* or NULL */
	int64_t wait;        /* milliseconds for the lock, and again for the disk */
	bool dry_run;
};

struct change_outcome {
	uint64_t tx;   /* 0 when nothing was written */
	bool replayed; /* the key was there already: tx is what it did then, the view shows that moment */
	struct batch *batch; /* to look at what was done; free it before the view.  NULL when replayed */
};

/*
 * Builds, commits and settles.  The view then shows the state with this change in it.
 * A change of nothing writes nothing and is STATUS_OK with tx 0.
 */
enum status change_commit(struct view *view, const struct change_options *options, change_build *build,
    void *context, struct change_outcome *outcome, struct error *error);

/* The key as it goes into the log: "KEY@sha256"; STATUS_USAGE when it has characters other than [A-Za-z0-9._:/+-] or is longer than 128. */
enum status change_key(const struct change_options *options, char *out, size_t size, struct error *error);

#endif
