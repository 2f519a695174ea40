/*
 * commits: one process that commits one transaction after the other.
 *
 *	commits STORE COUNT
 *
 * The store's own share of an add, without a start for each and without fields and
 * rules: each adds one line to a table of its own.  STORE is made where there is none.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/date.h"
#include "store/store.h"

enum { WAIT = 60000 };

/* One line for the log, under the lock, in the state at the head. */
static enum status
append(struct store *store, struct snapshot *snapshot, struct buffer *bytes, uint64_t *tx, struct error *error)
{
	struct slice log;
	enum status status = snapshot_to_head(snapshot, error);

	if (status == STATUS_OK)
		status = snapshot_log(snapshot, "line", &log, error);
	if (status == STATUS_OK) {
		uint64_t next = snapshot_tx(snapshot) + 1;
		struct chunk chunk = { .table = "line", .offset = log.length };
		struct transaction transaction = { "commits add", "", "", &chunk, 1 };

		if (log.length == 0)
			buffer_add_text(bytes, "id,tx,name,city\n");
		buffer_format(bytes, "LN%" PRIu64 ",%" PRIu64 ",Alfreds Futterkiste,Berlin\n", next, next);
		chunk.bytes = buffer_slice(bytes);
		chunk_digest(&chunk, slice_cut(&log, '\n'));
		status = store_append(store, snapshot, &transaction, tx, error);
	}
	return status;
}

static enum status
commit(struct store *store, struct snapshot *snapshot, struct error *error)
{
	struct buffer bytes = BUFFER_INIT;
	uint64_t tx;
	enum status status = store_lock(store, clock_monotonic() + WAIT, error);

	if (status == STATUS_OK)
		status = append(store, snapshot, &bytes, &tx, error);
	store_unlock(store);
	if (status == STATUS_OK)
		status = store_settle(store, tx, clock_monotonic() + WAIT, error);
	buffer_release(&bytes);
	return status;
}

static enum status
commit_all(const char *directory, long count, struct error *error)
{
	struct error ignored = ERROR_INIT;
	struct store *store;
	struct snapshot *snapshot = NULL;
	enum status status;

	store_create(directory, &ignored); /* it may be there */
	error_release(&ignored);
	status = store_open(directory, &store, error);
	if (status != STATUS_OK)
		return status;
	status = snapshot_open(store, &snapshot, error);
	for (long i = 0; i < count && status == STATUS_OK; i++)
		status = commit(store, snapshot, error);
	snapshot_close(snapshot);
	store_close(store);
	return status;
}

int
main(int argc, char *argv[])
{
	struct error error = ERROR_INIT;
	enum status status;

	if (argc != 3) {
		fputs("usage: commits STORE COUNT\n", stderr);
		return STATUS_USAGE;
	}
	status = commit_all(argv[1], strtol(argv[2], NULL, 10), &error);
	if (error.count > 0)
		fprintf(stderr, "commits: %s\n", error.faults[0].reason);
	error_release(&error);
	return (int)status;
}
