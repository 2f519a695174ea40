/*
 * writer: the store's ways as a small command, for powerloss and killpoints.
 *
 *	writer DIR init
 *	writer DIR add TABLE TEXT [TABLE TEXT]...   prints "OK <tx>" once it is on disk
 *	writer DIR leave TABLE TEXT [TABLE TEXT]... as if it were killed before the sync
 *	writer DIR dump                             prints "tx <tx>", what a reader is shown
 *
 * Exits with the status of bo(7).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "store/store.h"

enum { TABLES_MOST = 8, WAIT = 3000 };

/* The chunk of one line for a table, in the state that the snapshot shows. */
static enum status
make_chunk(struct snapshot *snapshot, const char *table, const char *text, struct buffer *bytes,
    struct chunk *chunk, struct error *error)
{
	struct slice log;
	enum status status = snapshot_log(snapshot, table, &log, error);

	if (status != STATUS_OK)
		return status;
	if (log.length == 0)
		buffer_add_text(bytes, "id,tx,text\n");
	buffer_format(bytes, "R%" PRIu64 ",%" PRIu64 ",%s\n", snapshot_tx(snapshot) + 1,
	    snapshot_tx(snapshot) + 1, text);
	*chunk = (struct chunk){ .table = table, .bytes = buffer_slice(bytes), .offset = log.length };
	chunk_digest(chunk, slice_cut(&log, '\n'));
	return STATUS_OK;
}

static enum status
append(struct store *store, struct snapshot *snapshot, char **pairs, size_t count, uint64_t *tx, struct error *error)
{
	struct chunk chunks[TABLES_MOST];
	struct buffer bytes[TABLES_MOST] = { BUFFER_INIT };
	struct transaction transaction = { "writer add", "", "", chunks, count };
	enum status status = snapshot_to_head(snapshot, error);

	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = make_chunk(snapshot, pairs[2 * i], pairs[2 * i + 1], &bytes[i], &chunks[i], error);
	if (status == STATUS_OK)
		status = store_append(store, snapshot, &transaction, tx, error);
	store_unlock(store);
	for (size_t i = 0; i < count; i++)
		buffer_release(&bytes[i]);
	return status;
}

/* Prints in one write, so that a trace shows when it was said. */
static enum status
say(const char *word, uint64_t tx)
{
	char line[64];
	int length = snprintf(line, sizeof line, "%s %" PRIu64 "\n", word, tx);

	return file_write(STDOUT_FILENO, line, (size_t)length) ? STATUS_OK : STATUS_UNREPORTED;
}

static enum status
add(struct store *store, char **pairs, size_t count, bool settle, struct error *error)
{
	struct snapshot *snapshot;
	uint64_t tx;
	enum status status = snapshot_open(store, &snapshot, error);

	if (status != STATUS_OK)
		return status;
	status = store_lock(store, clock_monotonic() + WAIT, error);
	if (status == STATUS_OK)
		status = append(store, snapshot, pairs, count, &tx, error);
	if (status == STATUS_OK && settle)
		status = store_settle(store, tx, clock_monotonic() + WAIT, error);
	snapshot_close(snapshot);
	return status == STATUS_OK && settle ? say("OK", tx) : status;
}

static enum status
dump(struct store *store, struct error *error)
{
	struct snapshot *snapshot;
	enum status status = snapshot_open(store, &snapshot, error);

	if (status == STATUS_OK)
		status = say("tx", snapshot_tx(snapshot));
	snapshot_close(snapshot);
	return status;
}

static enum status
run(int argc, char *argv[], struct error *error)
{
	struct store *store;
	enum status status;

	if (argc == 3 && strcmp(argv[2], "init") == 0)
		return store_create(argv[1], error);
	status = argc >= 3 ? store_open(argv[1], &store, error) : STATUS_USAGE;
	if (status != STATUS_OK)
		return status;
	if (argc == 3 && strcmp(argv[2], "dump") == 0)
		status = dump(store, error);
	else if (argc >= 5 && argc % 2 == 1 && argc <= 3 + 2 * TABLES_MOST &&
	    (strcmp(argv[2], "add") == 0 || strcmp(argv[2], "leave") == 0))
		status = add(store, argv + 3, (size_t)(argc - 3) / 2, argv[2][0] == 'a', error);
	else
		status = STATUS_USAGE;
	store_close(store);
	return status;
}

int
main(int argc, char *argv[])
{
	struct error error = ERROR_INIT;
	enum status status = file_standard_descriptors() ? run(argc, argv, &error) : STATUS_SYSTEM;

	if (error.count > 0)
		fprintf(stderr, "writer: %s\n", error.faults[0].reason);
	error_release(&error);
	return (int)status;
}
