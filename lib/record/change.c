/* change: build, lock, build again if need be, append, settle */

#include "record/change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"

enum {
	KEY_MAX = 128,
	LOCK_FREE_TRIES = 3,
	LARGE = 1 << 20 /* bytes of input that take longer to build than anybody should wait for */
};

enum status
change_key(const struct change_options *options, char *out, size_t size, struct error *error)
{
	struct hash hash;
	char hex[HASH_HEX + 1];
	size_t length = strlen(options->key);

	if (length == 0 || length > KEY_MAX ||
	    strspn(options->key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/+-") != length)
		return error_set(error, STATUS_USAGE,
		    "not a key: \"%s\" (up to %d letters, digits and . _ : / + -)", options->key, KEY_MAX);
	hash_init(&hash);
	hash_add(&hash, options->command, strlen(options->command) + 1);
	hash_add(&hash, options->input.data, options->input.length);
	hash_hex(&hash, hex);
	snprintf(out, size, "%s@%s", options->key, hex);
	return STATUS_OK;
}

/* Looks for the key in what the snapshot shows; *tx is 0 when it was never used. */
static enum status
find_key(struct view *view, const char *key, uint64_t *tx, struct error *error)
{
	struct slice audit = snapshot_audit(view_snapshot(view));
	size_t name = (size_t)(strchr(key, '@') - key) + 1;
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	enum status status = STATUS_OK;
	const char *hit;

	*tx = 0;
	/* Most keys are new: only lines that hold the name somewhere are looked at closely. */
	while (*tx == 0 && status == STATUS_OK && (hit = memmem(audit.data, audit.length, key, name)) != NULL) {
		const char *start = memrchr(audit.data, '\n', (size_t)(hit - audit.data));
		struct slice rest;

		start = start != NULL ? start + 1 : audit.data;
		rest = (struct slice){ start, audit.length - (size_t)(start - audit.data) };
		if (!audit_next(&rest, &line, &scratch))
			break;
		if (slice_is(line.key, key))
			*tx = line.tx;
		else if (line.key.length > name && memcmp(line.key.data, key, name) == 0)
			status = error_set(error, STATUS_REFUSED,
			    "key \"%.*s\" was used for something else by transaction %llu", (int)name - 1,
			    key, (unsigned long long)line.tx);
		audit = rest;
	}
	buffer_release(&scratch);
	return status;
}

struct attempt {
	struct view *view;
	const struct change_options *options;
	change_build *build;
	void *context;
	char key[KEY_MAX + HASH_HEX + 2];
	struct change_outcome *outcome;
	const struct chunk *chunks;
	size_t count;
	bool done; /* nothing is left to be written */
};

/* Builds on the view as it stands. */
static enum status
build_once(struct attempt *attempt, struct error *error)
{
	struct change_outcome *outcome = attempt->outcome;
	enum status status = STATUS_OK;

	batch_free(outcome->batch);
	outcome->batch = NULL;
	if (attempt->key[0] != '\0') {
		status = find_key(attempt->view, attempt->key, &outcome->tx, error);
		if (status != STATUS_OK || outcome->tx != 0) {
			outcome->replayed = attempt->done = status == STATUS_OK;
			return status;
		}
	}
	outcome->batch = batch_new(attempt->view);
	batch_give_reason(outcome->batch, attempt->options->reason);
	if (attempt->options->dry_run)
		batch_only_try(outcome->batch);
	status = attempt->build(outcome->batch, attempt->context, error);
	if (status == STATUS_OK && error->total == 0)
		status = batch_finish(outcome->batch, error);
	if (status == STATUS_OK && error->total > 0)
		status = STATUS_REFUSED;
	if (status == STATUS_OK)
		batch_chunks(outcome->batch, &attempt->chunks, &attempt->count);
	attempt->done = attempt->count == 0 || attempt->options->dry_run;
	return status;
}

/* Brings the view to the head; *moved when that is not where it stood: what was built is gone then. */
static enum status
follow_head(struct attempt *attempt, bool *moved, struct error *error)
{
	struct snapshot *snapshot = view_snapshot(attempt->view);
	uint64_t before = snapshot_tx(snapshot);
	enum status status = snapshot_to_head(snapshot, error);

	*moved = status == STATUS_OK && snapshot_tx(snapshot) != before;
	if (!*moved)
		return status;
	batch_forget(attempt->outcome->batch);
	return view_follow(attempt->view, error);
}

/*
 * Waits until what others have written is on disk: it decides about us, and nobody is
 * told of anything that might still be lost.  Nothing of ours is in doubt.
 */
static enum status
await_head(struct attempt *attempt, int64_t deadline, struct error *error)
{
	uint64_t head = snapshot_tx(view_snapshot(attempt->view));
	enum status status = store_settle(view_store(attempt->view), head, deadline, error);

	if (status == STATUS_UNKNOWN)
		status = error->status = STATUS_SYSTEM;
	return status;
}

/*
 * Locks, and builds again what others have overtaken.  A long input is built again
 * without the lock a few times first, so that nobody waits for it in vain.
 */
static enum status
lock_and_build(struct attempt *attempt, int64_t deadline, struct error *error)
{
	struct store *store = view_store(attempt->view);

	for (int tries = 1;; tries++) {
		bool moved, large = attempt->options->input.length > LARGE && tries < LOCK_FREE_TRIES;
		enum status status = store_lock(store, deadline, error);

		if (status != STATUS_OK)
			return status;
		status = follow_head(attempt, &moved, error);
		if (status == STATUS_OK && !moved)
			return status;
		if (status == STATUS_OK && large) {
			store_unlock(store);
			status = await_head(attempt, deadline, error);
			if (status == STATUS_OK)
				status = build_once(attempt, error);
			if (status != STATUS_OK || attempt->done)
				return status;
			continue;
		}
		if (status == STATUS_OK)
			status = build_once(attempt, error);
		if (status == STATUS_OK && !attempt->done)
			return status;
		store_unlock(store);
		if (status == STATUS_OK || status == STATUS_REFUSED) {
			struct error late = ERROR_INIT;

			if (await_head(attempt, deadline, &late) != STATUS_OK) {
				error_release(error);
				*error = late;
				return late.status;
			}
			error_release(&late);
		}
		return status;
	}
}

enum status
change_commit(struct view *view, const struct change_options *options, change_build *build, void *context,
    struct change_outcome *outcome, struct error *error)
{
	struct attempt attempt = { .view = view,
		.options = options,
		.build = build,
		.context = context,
		.outcome = outcome };
	int64_t deadline = clock_monotonic() + options->wait;
	struct transaction transaction = { .command = options->command, .key = attempt.key };
	enum status status = STATUS_OK;

	*outcome = (struct change_outcome){ .tx = 0 };
	if (options->key != NULL)
		status = change_key(options, attempt.key, sizeof attempt.key, error);
	if (status == STATUS_OK)
		status = build_once(&attempt, error);
	if (status != STATUS_OK || attempt.done)
		return status;
	status = lock_and_build(&attempt, deadline, error);
	if (status != STATUS_OK || attempt.done)
		return status;
	transaction.reason = options->reason != NULL ? options->reason : "";
	transaction.chunks = attempt.chunks;
	transaction.count = attempt.count;
	status = store_append(view_store(view), view_snapshot(view), &transaction, &outcome->tx, error);
	if (status == STATUS_OK)
		status = store_settle(view_store(view), outcome->tx, clock_monotonic() + options->wait, error);
	return status;
}
