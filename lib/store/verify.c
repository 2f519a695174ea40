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
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/memory.h"
#include "store/checkpoint.h"
#include "store/internal.h"

enum {
	BATCH_JOBS = 4096,
	BATCH_BYTES = 1 << 26,
	ALONE_BYTES = 1 << 20, /* a batch so small is not worth a thread */
	PIECE_BYTES = 1 << 20, /* after so many a chunk that is being hashed counts what it has */
	TELL_EVERY = 100,      /* milliseconds between two looks at what others hash */
	WORKERS_MOST = 64,
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
	const struct verify_how *how;
	struct state state; /* so far */
	struct verify_report *report;
	struct error *error;
	struct job *jobs; /* named by lines that were proved, not hashed yet */
	size_t count;
	uint64_t bytes;
	atomic_size_t next;    /* job to be taken */
	_Atomic uint64_t read; /* bytes of audit.csv and of chunks so far */
	uint64_t told;         /* of them, when the caller was told last */
};

/* One of those who hash. */
struct worker {
	struct proof *proof;
	size_t bad; /* the first bad job that it met; SIZE_MAX: none */
	pthread_t thread;
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

/* Tells the caller, who is in this thread, when there is something to tell. */
static void
tell(struct proof *proof)
{
	uint64_t read = atomic_load(&proof->read);

	if (proof->how->step == NULL || read < proof->told + PIECE_BYTES)
		return;
	proof->told = read;
	proof->how->step(proof->how->context, read);
}

/* Cuts whole lines off, at most PIECE_BYTES unless a line is longer. */
static struct slice
cut_piece(struct slice *rest)
{
	struct slice piece = *rest;
	const char *end = NULL;

	if (rest->length > PIECE_BYTES)
		end = memrchr(rest->data, '\n', PIECE_BYTES);
	if (end != NULL)
		piece.length = (size_t)(end - rest->data) + 1;
	rest->data += piece.length;
	rest->length -= piece.length;
	return piece;
}

static bool
job_holds(struct proof *proof, const struct job *job)
{
	struct slice header = job->log, rest = { NULL, (size_t)job->change.length };
	struct chunk_hash hash;
	char digest[HASH_HEX + 1];

	chunk_hash_init(&hash, header.length > 0 && header_is_sealed(slice_cut(&header, '\n')));
	if (rest.length > 0)
		rest.data = job->log.data + job->change.offset;
	while (rest.length > 0) {
		struct slice piece = cut_piece(&rest);

		chunk_hash_add(&hash, piece);
		atomic_fetch_add(&proof->read, piece.length);
	}
	chunk_hash_hex(&hash, digest);
	return slice_is(job->change.digest, digest) || seeded(SEED_VERIFY_SKIPS_CHUNKS);
}

/*
 * Takes a job; false when none was left, or this one is bad.  Jobs are taken in their order
 * and nobody stops before a bad one, so somebody stops at the first of all.
 */
static bool
work_once(struct worker *worker)
{
	struct proof *proof = worker->proof;
	size_t index = atomic_fetch_add(&proof->next, 1);

	if (index >= proof->count)
		return false;
	if (job_holds(proof, &proof->jobs[index]))
		return true;
	worker->bad = index;
	return false;
}

static void *
work(void *argument)
{
	while (work_once(argument))
		;
	return NULL;
}

/* Waits for a thread, and tells of what it does meanwhile. */
static void
join(struct proof *proof, pthread_t thread)
{
	int64_t until;

	do {
		tell(proof);
		until = clock_monotonic() + TELL_EVERY;
	} while (pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC,
		     &(struct timespec){ until / 1000, until % 1000 * 1000000 }) == ETIMEDOUT);
	tell(proof);
}

static size_t
processors(const struct proof *proof)
{
	long all = sysconf(_SC_NPROCESSORS_ONLN);

	if (proof->bytes <= ALONE_BYTES)
		return 1;
	if (proof->how->jobs > 0)
		return proof->how->jobs;
	return all > 0 ? (size_t)all : 1;
}

/* The first bad job; SIZE_MAX when all hold. */
static size_t
work_together(struct proof *proof)
{
	struct worker workers[WORKERS_MOST], own = { .proof = proof, .bad = SIZE_MAX };
	size_t started = 0;

	for (size_t i = 1; i < processors(proof) && started < WORKERS_MOST; i++) {
		workers[started] = own;
		if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0)
			started++;
	}
	while (work_once(&own))
		tell(proof);
	for (size_t i = 0; i < started; i++) {
		join(proof, workers[i].thread);
		if (workers[i].bad < own.bad)
			own.bad = workers[i].bad;
	}
	return own.bad;
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
	bad = work_together(proof);
	if (bad != SIZE_MAX) {
		proof->report->transactions = proof->jobs[bad].tx - 1;
		status = bad_chunk(proof, &proof->jobs[bad]);
	} else {
		proof->report->transactions = proof->state.tx;
		proof->report->bytes += proof->bytes;
	}
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

/* A log is missing or too short, so nobody can be shown it: the files alone tell which transaction is the first. */
static enum status
bad_log(struct proof *proof)
{
	struct error blame = ERROR_INIT;
	uint64_t good;
	enum status status = store_blame(snapshot_store(proof->snapshot), &good, &blame);

	if (status != STATUS_OK) {
		proof->report->transactions = good;
		error_set(proof->error, status, "%s", blame.faults[0].reason);
	}
	error_release(&blame);
	return proof->error->status;
}

static enum status
gather_change(struct proof *proof, const struct audit_line *line, const struct audit_change *change)
{
	char name[STORE_NAME_MAX + 1];
	struct slice log;

	memcpy(name, change->table.data, change->table.length);
	name[change->table.length] = '\0';
	if (snapshot_log(proof->snapshot, name, &log, proof->error) != STATUS_OK)
		return bad_log(proof);
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

	/* audit_next passes over what looks like a header, wherever it is */
	if (line->raw.data != snapshot_audit(proof->snapshot).data + proof->state.audit_length)
		refusal = "not a line of an audit log";
	if (refusal == NULL && line->synced < *synced)
		refusal = "says that less was on disk than the line before";
	if (refusal != NULL)
		return bad_line(proof, refusal);
	while (status == STATUS_OK && audit_change_next(&rest, &change))
		status = gather_change(proof, line, &change);
	if (status == STATUS_OK) {
		state_apply(&proof->state, line);
		*synced = line->synced;
		atomic_fetch_add(&proof->read, line->raw.length);
		tell(proof);
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

	if (proof->state.audit_length != snapshot_audit(proof->snapshot).length)
		return bad_line(proof, "not a line of an audit log");
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

/* That what is blank was erased, and what was erased is blank. */
static enum status
prove_erasures(struct proof *proof)
{
	uint64_t bad;
	enum status status = prove_blanks(proof->snapshot, &bad, proof->error);

	if (status == STATUS_NO)
		proof->report->transactions = bad > 0 ? bad - 1 : 0;
	return status;
}

enum status
store_prove(struct snapshot *snapshot, const struct verify_how *how, struct verify_report *report,
    struct error *error)
{
	struct proof proof = { .snapshot = snapshot, .how = how, .report = report, .error = error };
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
		status = prove_erasures(&proof);
	if (status == STATUS_OK)
		status = blobs_prove(snapshot_store(snapshot), error);
	report->tables = proof.state.count;
	state_release(&proof.state);
	free(proof.jobs);
	return status;
}

enum status
store_verify(struct snapshot *snapshot, struct verify_report *report, struct error *error)
{
	static const struct verify_how plainly = { .jobs = 0 };

	return store_prove(snapshot, &plainly, report, error);
}
