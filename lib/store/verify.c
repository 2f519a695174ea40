/*
 * verify: proof of everything a snapshot shows.
 *
 * Goes through audit.csv once, from the first transaction on, and hashes what each
 * line names.  As every change must begin where the one before ended, no committed
 * byte can be left out or counted twice (S5).
 */
#include <inttypes.h>
#include <stdlib.h>

#include "store/internal.h"

/* What is being proved. */
struct proof {
	struct snapshot *snapshot;
	struct state state; /* so far */
	struct verify_report *report;
	struct error *error;
};

static size_t
count_lines(const char *bytes, uint64_t length)
{
	size_t lines = 0;
	const char *end = bytes + length;

	while (bytes < end && (bytes = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
		lines++;
		bytes++;
	}
	return lines;
}

/* STATUS_NO, naming the place in audit.csv that raw is, or would be. */
static enum status
bad_line(struct proof *proof, const char *what)
{
	return error_set(proof->error, STATUS_NO,
	    "transaction %" PRIu64 ": " AUDIT_NAME ": line %" PRIu64 ", byte %" PRIu64 ": %s", proof->state.tx + 1,
	    proof->state.tx + 2, proof->state.audit_length, what);
}

static enum status
prove_change(struct proof *proof, const struct audit_line *line, const struct audit_change *change)
{
	char name[STORE_NAME_MAX + 1], digest[HASH_HEX + 1];
	struct chunk_hash hash;
	struct slice log, header;
	enum status status;

	memcpy(name, change->table.data, change->table.length);
	name[change->table.length] = '\0';
	status = snapshot_log(proof->snapshot, name, &log, proof->error);
	if (status != STATUS_OK)
		return proof->error->status = STATUS_NO;
	if (change->offset + change->length > log.length)
		return bad_line(proof, "names more bytes than the log has");
	header = log;
	chunk_hash_init(&hash, log.length > 0 && header_is_sealed(slice_cut(&header, '\n')));
	if (change->length > 0)
		chunk_hash_add(&hash, (struct slice){ log.data + change->offset, (size_t)change->length });
	chunk_hash_hex(&hash, digest);
	proof->report->bytes += change->length;
	if (slice_is(change->digest, digest))
		return STATUS_OK;
	return error_set(proof->error, STATUS_NO,
	    "transaction %" PRIu64 ": %s.csv: line %zu, byte %" PRIu64 ": the %" PRIu64
	    " bytes from there on are not what was written", line->tx, name,
	    count_lines(log.data, change->offset) + 1, change->offset, change->length);
}

static enum status
prove_line(struct proof *proof, const struct audit_line *line, uint64_t *synced)
{
	const char *refusal = line->tx == 0 ? "not a line of an audit log" : state_refuses(&proof->state, line);
	struct slice rest = line->changes;
	struct audit_change change;
	enum status status = STATUS_OK;

	if (refusal == NULL && line->synced < *synced)
		refusal = "says that less was on disk than the line before";
	if (refusal != NULL)
		return bad_line(proof, refusal);
	while (status == STATUS_OK && audit_change_next(&rest, &change))
		status = prove_change(proof, line, &change);
	if (status == STATUS_OK) {
		state_apply(&proof->state, line);
		*synced = line->synced;
	}
	return status;
}

static enum status
prove_lines(struct proof *proof)
{
	struct slice rest = snapshot_audit(proof->snapshot);
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	uint64_t synced = 0;
	enum status status = STATUS_OK;

	if (!slice_starts(rest, AUDIT_HEADER))
		return error_set(proof->error, STATUS_NO, AUDIT_NAME ": line 1, byte 0: not the header of an audit log");
	rest.data += AUDIT_HEADER_LENGTH;
	rest.length -= AUDIT_HEADER_LENGTH;
	while (status == STATUS_OK && audit_next(&rest, &line, &scratch))
		status = prove_line(proof, &line, &synced);
	buffer_release(&scratch);
	return status;
}

/* What was proved must be what is shown: the watermark's lengths are no proof. */
static enum status
prove_end(struct proof *proof)
{
	const struct state *shown = snapshot_state(proof->snapshot);

	if (proof->state.tx != shown->tx || strcmp(proof->state.hash, shown->hash) != 0 ||
	    proof->state.count != shown->count)
		return error_set(proof->error, STATUS_NO, AUDIT_NAME ": ends with another transaction than the watermark says");
	for (size_t i = 0; i < shown->count; i++) {
		struct slice name = { shown->tables[i].name, shown->tables[i].name_length };

		if (state_length(&proof->state, name) != shown->tables[i].length)
			return error_set(proof->error, STATUS_NO, "%s.csv: has committed bytes that no transaction names",
			    shown->tables[i].name);
	}
	return STATUS_OK;
}

enum status
store_verify(struct snapshot *snapshot, struct verify_report *report, struct error *error)
{
	struct proof proof = { .snapshot = snapshot, .report = report, .error = error };
	enum status status;

	*report = (struct verify_report){ .transactions = 0 };
	state_empty(&proof.state, store_uuid(snapshot_store(snapshot)));
	status = prove_lines(&proof);
	if (status == STATUS_OK)
		status = prove_end(&proof);
	report->transactions = proof.state.tx;
	report->tables = proof.state.count;
	state_release(&proof.state);
	return status;
}
