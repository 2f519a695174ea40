/*
 * recover: the last valid transaction.
 *
 * From what is known to have been on disk (floor.c) forward, up to the line before
 * the first that is not whole by its own hash, or whose bytes are not all there.
 * What follows is a torn tail, which a writer may cut; but
 *
 *   - only content is torn: an error while reading is an error, and cuts nothing;
 *   - a line in the tail which says that a transaction was on disk that is
 *     now bad shows damage, not a torn tail; then nothing is cut.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/internal.h"

void
recovery_release(struct recovery *recovery)
{
	state_release(&recovery->floor);
	state_release(&recovery->head);
}

/* Whether the bytes of one change are in its log. */
static enum status
change_present(struct store *store, const struct audit_change *change, struct error *error)
{
	char name[LOG_NAME_SIZE], digest[HASH_HEX + 1];
	struct stat status;
	enum status result;
	int fd;

	log_name(change->table, name);
	fd = plain_open(store->directory, name, O_RDONLY, &status);
	if (fd < 0 && errno == ENOENT)
		return STATUS_NO;
	if (fd < 0)
		return file_fault(store, error, name, "open");
	result = chunk_hash_file(fd, change->offset, change->length, digest);
	if (result == STATUS_SYSTEM)
		file_fault(store, error, name, "read");
	if (result == STATUS_OK && !slice_is(change->digest, digest) && !seeded(SEED_NO_DIGEST_CHECK))
		result = STATUS_NO;
	close(fd);
	return result;
}

enum status
changes_present(struct store *store, struct slice changes, struct error *error)
{
	struct audit_change change;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && audit_change_next(&changes, &change))
		if (change.length > 0)
			status = change_present(store, &change, error);
	return status;
}

/*
 * Looks through the tail, raw being its first line: does anything in it say that
 * what is bad was on disk?  Whoever wrote that knew it, so a line is believed even
 * where its own hash can't be checked, since the line before it is the bad one.
 */
static enum status
judge_tail(struct store *store, struct audit_reader *reader, const struct state *head, struct slice raw,
    struct error *error)
{
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	enum status status;

	do {
		if (audit_parse(raw, &line, &scratch) && line.synced > head->tx && !seeded(SEED_NO_FLOOR)) {
			status = store_damage(store, error, AUDIT_NAME,
			    "transaction %" PRIu64
			    " is damaged, in this file or in a log, though transaction %" PRIu64
			    " says that it was on disk; see bo-audit(1), verify",
			    head->tx + 1, line.tx);
			break;
		}
		status = audit_reader_next(reader, &raw, error);
	} while (status == STATUS_OK);
	buffer_release(&scratch);
	return status == STATUS_NO ? STATUS_OK : status;
}

/* Takes the next line if it is valid; STATUS_NO at the end or at the first one that is not, which *raw is then. */
static enum status
take_next(struct store *store, struct audit_reader *reader, struct state *head, struct slice *raw,
    struct buffer *scratch, struct error *error)
{
	struct audit_line line;
	enum status status;

	*raw = (struct slice){ NULL, 0 };
	status = audit_reader_next(reader, raw, error);
	if (status != STATUS_OK)
		return status;
	if (!audit_parse(*raw, &line, scratch) || state_refuses(head, &line) != NULL)
		return STATUS_NO;
	status = changes_present(store, line.changes, error);
	if (status == STATUS_OK)
		state_apply(head, &line);
	return status;
}

enum status
recover_find(struct store *store, const struct watermark *mark, uint64_t size, struct recovery *recovery,
    struct error *error)
{
	struct buffer scratch = BUFFER_INIT;
	struct audit_reader reader;
	struct slice raw;
	enum status status = floor_find(store, mark, size, &recovery->floor, error);

	if (status != STATUS_OK)
		return status;
	state_copy(&recovery->head, &recovery->floor);
	if (size == recovery->head.audit_length)
		return STATUS_OK;
	audit_reader_init(&reader, store->audit, recovery->head.audit_length);
	do {
		status = take_next(store, &reader, &recovery->head, &raw, &scratch, error);
	} while (status == STATUS_OK);
	if (status == STATUS_NO)
		status = raw.data != NULL ? judge_tail(store, &reader, &recovery->head, raw, error) : STATUS_OK;
	buffer_release(&scratch);
	audit_reader_release(&reader);
	return status;
}
