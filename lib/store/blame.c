/*
 * blame: which transaction is the first that is not as it was written.
 *
 * For stores that are so damaged that nobody may be shown a state of them, so by the
 * files alone, from their beginning on.  Plain and slow: it is only asked when
 * something is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/file.h"
#include "store/checkpoint.h"
#include "store/internal.h"

enum { PIECE = 1 << 16 };

/* The line that begins, or would, at offset of a file. */
static uint64_t
line_at(int fd, uint64_t offset)
{
	struct buffer piece = BUFFER_INIT;
	uint64_t line = 1;

	for (uint64_t at = 0; at < offset; at += piece.length) {
		size_t want = offset - at < PIECE ? (size_t)(offset - at) : PIECE;
		ssize_t got;

		buffer_clear(&piece);
		got = file_read_at(fd, buffer_reserve(&piece, want), want, (off_t)at);
		if (got <= 0)
			break;
		piece.length = (size_t)got;
		for (size_t i = 0; i < piece.length; i++)
			line += piece.data[i] == '\n';
	}
	buffer_release(&piece);
	return line;
}

/* STATUS_NO, saying what is wrong with the bytes of a change, in an open file of that size. */
static enum status
blame_bytes(int fd, uint64_t size, const char *name, uint64_t tx, const struct audit_change *change,
    struct error *error)
{
	uint64_t line = line_at(fd, change->offset);

	if (size < change->offset + change->length)
		return error_set(error, STATUS_NO,
		    "transaction %" PRIu64 ": %s: line %" PRIu64 ", byte %" PRIu64 ": the %" PRIu64
		    " bytes from there on are not all there: the file ends at byte %" PRIu64,
		    tx, name, line, change->offset, change->length, size);
	return error_set(error, STATUS_NO,
	    "transaction %" PRIu64 ": %s: line %" PRIu64 ", byte %" PRIu64 ": the %" PRIu64
	    " bytes from there on are not what was written",
	    tx, name, line, change->offset, change->length);
}

/* STATUS_NO, naming the place, when the bytes of one change are not there. */
static enum status
blame_change(struct store *store, uint64_t tx, const struct audit_change *change, struct error *error)
{
	char name[LOG_NAME_SIZE], digest[HASH_HEX + 1];
	struct stat status;
	enum status result;
	int fd;

	log_name(change->table, name);
	fd = plain_open(store->directory, name, O_RDONLY, &status);
	if (fd < 0 && errno != ENOENT)
		return file_fault(store, error, name, "open");
	if (fd < 0)
		return error_set(error, STATUS_NO, "transaction %" PRIu64 ": %s: is missing", tx, name);
	result = chunk_hash_file(fd, change->offset, change->length, digest);
	if (result == STATUS_SYSTEM)
		file_fault(store, error, name, "read");
	else if (result == STATUS_NO || !slice_is(change->digest, digest))
		result = blame_bytes(fd, (uint64_t)status.st_size, name, tx, change, error);
	close(fd);
	return result;
}

static enum status
blame_line(struct store *store, struct state *state, struct slice raw, uint64_t *synced,
    struct buffer *scratch, struct error *error)
{
	const char *refusal = "not a line of an audit log";
	struct audit_change change;
	struct audit_line line;
	struct slice changes;
	enum status status = STATUS_OK;

	if (audit_parse(raw, &line, scratch))
		refusal = line.synced < *synced ? "says that less was on disk than the line before"
						: state_refuses(state, &line);
	if (refusal != NULL)
		return error_set(error, STATUS_NO,
		    "transaction %" PRIu64 ": " AUDIT_NAME ": line %" PRIu64 ", byte %" PRIu64 ": %s",
		    state->tx + 1, state->tx + 2, state->audit_length, refusal);
	changes = line.changes;
	while (status == STATUS_OK && audit_change_next(&changes, &change))
		if (change.length > 0)
			status = blame_change(store, line.tx, &change, error);
	if (status == STATUS_OK) {
		*synced = line.synced;
		state_apply(state, &line);
	}
	return status;
}

static bool
is_header(struct slice raw)
{
	return slice_equal(raw, (struct slice){ AUDIT_HEADER, AUDIT_HEADER_LENGTH - 1 });
}

enum status
store_blame(struct store *store, uint64_t *good, struct error *error)
{
	struct buffer scratch = BUFFER_INIT;
	struct state state = { .tables = NULL };
	struct audit_reader reader;
	struct slice raw;
	uint64_t synced = 0;
	enum status status, read;

	state_empty(&state, store->uuid);
	audit_reader_init(&reader, store->audit, 0);
	status = read = audit_reader_next(&reader, &raw, error);
	if (read == STATUS_NO || (read == STATUS_OK && !is_header(raw)))
		status = error_set(error, STATUS_NO,
		    AUDIT_NAME ": line 1, byte 0: not the header of an audit log");
	while (status == STATUS_OK && (read = audit_reader_next(&reader, &raw, error)) == STATUS_OK)
		status = blame_line(store, &state, raw, &synced, &scratch, error);
	if (status == STATUS_OK && read == STATUS_SYSTEM)
		status = STATUS_SYSTEM;
	*good = state.tx;
	state_release(&state);
	buffer_release(&scratch);
	audit_reader_release(&reader);
	return status;
}
