/*
 * verify: proof of everything a snapshot shows.
 *
 * Goes through audit.csv once, from the first transaction on, and hashes what each
 * line names.  As every change must begin where the one before ended, no committed
 * byte can be left out or counted twice (S5).
 *
 * The chain is proved in order, by one thread; the chunks are gathered and hashed in
 * batches on all processors.  A batch is done before anything after it is judged, so
 * that the first fault is the one that is named.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/date.h"
#include "base/memory.h"
#include "store/internal.h"

enum {
	BATCH_JOBS = 4096,
	BATCH_BYTES = 1 << 26,
	ALONE_BYTES = 1 << 20, /* a batch so small is not worth a thread */
	WORKERS_MOST = 16,
	ERASE_WAIT = 30000 /* milliseconds, for writers */
};

/* A chunk to be hashed. */
struct job {
	uint64_t tx;
	struct audit_change change;
	struct slice log;
};

/* What is being proved. */
struct proof {
	struct snapshot *snapshot;
	struct state state; /* so far */
	struct verify_report *report;
	struct error *error;
	struct job *jobs; /* named by lines that were proved, not hashed yet */
	size_t count;
	uint64_t bytes;
	atomic_size_t next;      /* job to be taken */
	atomic_size_t first_bad; /* SIZE_MAX: none */
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

/* --- hashing -------------------------------------------------------------------- */

static bool
job_holds(const struct job *job)
{
	struct slice header = job->log;
	struct chunk_hash hash;
	char digest[HASH_HEX + 1];

	chunk_hash_init(&hash, header.length > 0 && header_is_sealed(slice_cut(&header, '\n')));
	if (job->change.length > 0)
		chunk_hash_add(&hash,
		    (struct slice){ job->log.data + job->change.offset, (size_t)job->change.length });
	chunk_hash_hex(&hash, digest);
	return slice_is(job->change.digest, digest) || seeded(SEED_VERIFY_SKIPS_CHUNKS);
}

/* Takes jobs until none is left; keeps the number of the first bad one. */
static void *
work(void *argument)
{
	struct proof *proof = argument;
	size_t index;

	while ((index = atomic_fetch_add(&proof->next, 1)) < proof->count) {
		size_t first = atomic_load(&proof->first_bad);

		if (index > first || job_holds(&proof->jobs[index]))
			continue;
		while (index < first && !atomic_compare_exchange_weak(&proof->first_bad, &first, index))
			;
	}
	return NULL;
}

static void
work_together(struct proof *proof)
{
	pthread_t threads[WORKERS_MOST];
	long processors = proof->bytes > ALONE_BYTES ? sysconf(_SC_NPROCESSORS_ONLN) : 1;
	size_t started = 0;

	for (long i = 1; i < processors && started < WORKERS_MOST; i++)
		if (pthread_create(&threads[started], NULL, work, proof) == 0)
			started++;
	(void)work(proof);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
}

static enum status
bad_chunk(struct proof *proof, const struct job *job)
{
	const struct audit_change *change = &job->change;

	return error_set(proof->error, STATUS_NO,
	    "transaction %" PRIu64 ": %.*s.csv: line %zu, byte %" PRIu64 ": the %" PRIu64
	    " bytes from there on are not what was written",
	    job->tx, (int)change->table.length, change->table.data,
	    count_lines(job->log.data, change->offset) + 1, change->offset, change->length);
}

/* Hashes what was gathered. */
static enum status
finish_batch(struct proof *proof)
{
	enum status status = STATUS_OK;
	size_t bad;

	atomic_store(&proof->next, 0);
	atomic_store(&proof->first_bad, SIZE_MAX);
	work_together(proof);
	bad = atomic_load(&proof->first_bad);
	if (bad != SIZE_MAX)
		status = bad_chunk(proof, &proof->jobs[bad]);
	else
		proof->report->bytes += proof->bytes;
	proof->count = 0;
	proof->bytes = 0;
	return status;
}

/* --- the chain ---------------------------------------------------------------------- */

/* STATUS_NO, naming the place in audit.csv where the next line is, or would be. */
static enum status
bad_line(struct proof *proof, const char *what)
{
	enum status status = finish_batch(proof);

	if (status != STATUS_OK)
		return status;
	return error_set(proof->error, STATUS_NO,
	    "transaction %" PRIu64 ": " AUDIT_NAME ": line %" PRIu64 ", byte %" PRIu64 ": %s",
	    proof->state.tx + 1, proof->state.tx + 2, proof->state.audit_length, what);
}

/* A log is missing or too short: names the first transaction that lacks bytes of it. */
static enum status
bad_log(struct proof *proof, struct slice table)
{
	struct slice rest = snapshot_audit(proof->snapshot);
	struct buffer scratch = BUFFER_INIT;
	struct stat status = { .st_size = 0 };
	char name[LOG_NAME_SIZE];
	struct audit_line line;
	uint64_t lacking = 0;

	log_name(table, name);
	if (fstatat(snapshot_store(proof->snapshot)->directory, name, &status, 0) != 0)
		status.st_size = 0;
	while (lacking == 0 && audit_next(&rest, &line, &scratch)) {
		struct audit_change change;

		while (audit_change_next(&line.changes, &change))
			if (slice_equal(change.table, table) &&
			    change.offset + change.length > (uint64_t)status.st_size)
				lacking = line.tx;
	}
	buffer_release(&scratch);
	if (lacking > 0) {
		char *what = memory_format("transaction %" PRIu64, lacking);

		error_prefix(proof->error, what);
		free(what);
	}
	return proof->error->status = STATUS_NO;
}

static enum status
gather_change(struct proof *proof, const struct audit_line *line, const struct audit_change *change)
{
	char name[STORE_NAME_MAX + 1];
	struct slice log;

	memcpy(name, change->table.data, change->table.length);
	name[change->table.length] = '\0';
	if (snapshot_log(proof->snapshot, name, &log, proof->error) != STATUS_OK)
		return bad_log(proof, change->table);
	if (change->offset + change->length > log.length)
		return bad_line(proof, "names more bytes than the log has");
	proof->jobs[proof->count++] = (struct job){ line->tx, *change, log };
	proof->bytes += change->length;
	return proof->count == BATCH_JOBS || proof->bytes >= BATCH_BYTES ? finish_batch(proof) : STATUS_OK;
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
		status = gather_change(proof, line, &change);
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
		return error_set(proof->error, STATUS_NO,
		    AUDIT_NAME ": line 1, byte 0: not the header of an audit log");
	rest.data += AUDIT_HEADER_LENGTH;
	rest.length -= AUDIT_HEADER_LENGTH;
	while (status == STATUS_OK && audit_next(&rest, &line, &scratch))
		status = prove_line(proof, &line, &synced);
	buffer_release(&scratch);
	return status == STATUS_OK ? finish_batch(proof) : status;
}

/* What was proved must be what is shown: the watermark's lengths are no proof. */
static enum status
prove_end(struct proof *proof)
{
	const struct state *shown = snapshot_state(proof->snapshot);

	if (proof->state.tx != shown->tx || strcmp(proof->state.hash, shown->hash) != 0 ||
	    proof->state.count != shown->count)
		return error_set(proof->error, STATUS_NO,
		    AUDIT_NAME ": ends with another transaction than the watermark says");
	for (size_t i = 0; i < shown->count; i++) {
		struct slice name = { shown->tables[i].name, shown->tables[i].name_length };

		if (state_length(&proof->state, name) != shown->tables[i].length)
			return error_set(proof->error, STATUS_NO,
			    "%s.csv: has committed bytes that no transaction names", shown->tables[i].name);
	}
	return STATUS_OK;
}

/* A line that is half overwritten would look like damage: who may write finishes it first, as any writer would. */
static enum status
finish_erasure(struct snapshot *snapshot, struct error *error)
{
	struct store *store = snapshot_store(snapshot);
	bool pending = false;
	enum status status = erase_pending(store, snapshot_state(snapshot), &pending, error);

	if (status != STATUS_OK || !pending || !store->writable)
		return status;
	status = store_lock(store, clock_monotonic() + ERASE_WAIT, error);
	store_unlock(store);
	return status;
}

enum status
store_verify(struct snapshot *snapshot, struct verify_report *report, struct error *error)
{
	struct proof proof = { .snapshot = snapshot, .report = report, .error = error };
	enum status status;

	*report = (struct verify_report){ .transactions = 0 };
	status = finish_erasure(snapshot, error);
	if (status != STATUS_OK)
		return status;
	proof.jobs = memory_array(BATCH_JOBS, sizeof *proof.jobs);
	state_empty(&proof.state, store_uuid(snapshot_store(snapshot)));
	status = prove_lines(&proof);
	if (status == STATUS_OK)
		status = prove_end(&proof);
	if (status == STATUS_OK)
		status = prove_blanks(snapshot, error);
	report->transactions = proof.state.tx;
	report->tables = proof.state.count;
	state_release(&proof.state);
	free(proof.jobs);
	return status;
}
