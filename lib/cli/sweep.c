/* sweep: records in chunks, read by several threads, taken in order */
#include "cli/sweep.h"

#include <stdlib.h>

#include "base/memory.h"
#include "cli/select.h"
#include "record/hunt.h"

enum {
	CHUNK_LEAST = 1 << 19, /* bytes of the log, more or less */
	CHUNK_MOST = 1 << 21,
	ALONE_BYTES = 1 << 21 /* a log so short is not worth a thread */
};

/* What a slot holds. */
struct sweep_chunk {
	uint64_t visited; /* records that matched */
	enum status status;
	struct error error;
};

/* --- a chunk ----------------------------------------------------------------------- */

/* Reads record number if it matches; STATUS_NO when it does not. */
static enum status
read_matching(struct sweep *sweep, size_t worker, uint64_t number, struct record *record, struct error *error)
{
	struct arena *arena = &sweep->arenas[worker];
	enum status status;
	bool passes;

	arena_reset(arena);
	status = record_peek(sweep->log, number, arena, record, error);
	if (status != STATUS_OK)
		return status;
	if (!sweep->cli->options.archived && record_archived(record))
		return STATUS_NO;
	passes = filter_pass(sweep->filters[worker], record, error);
	status = record_held(record, error);
	if (status == STATUS_OK && !passes)
		status = error->total > 0 ? error->status : STATUS_NO;
	return status;
}

static enum status
visit(struct sweep *sweep, size_t worker, size_t slot, uint64_t number, struct error *error)
{
	const struct sweeper *sweeper = sweep->sweeper;
	struct record record;
	enum status status;

	if (sweeper->visit_number != NULL && !filter_any(sweep->filters[worker]))
		return sweeper->visit_number(sweep->context, worker, slot, number, error);
	status = read_matching(sweep, worker, number, &record, error);
	if (status == STATUS_OK)
		status = sweeper->visit(sweep->context, worker, slot, &record, error);
	return status;
}

/* How many records may match, and (from 1 on) which they are. */
static uint64_t
count_places(const struct sweep *sweep)
{
	return sweep->narrowed ? sweep->few.count : sweep->log->count;
}

static uint64_t
number_at(const struct sweep *sweep, uint64_t place)
{
	return sweep->narrowed ? sweep->few.all[place - 1] : place;
}

/* Lines mostly stand as their records are numbered; where they do not, this says little. */
static void
tell_seen(const struct sweep *sweep, uint64_t first, uint64_t last)
{
	const struct log *log = sweep->log;
	uint64_t begin = log_newest(log, first), end = log_newest(log, last);

	if (begin > 0 && end > begin && end <= log->bytes.length)
		snapshot_seen(view_snapshot(sweep->cli->view),
		    (struct slice){ log->bytes.data + begin - 1, (size_t)(end - begin) });
}

/* Visits records of a chunk until limit of them matched. */
static void
do_chunk(struct sweep *sweep, size_t worker, size_t slot, size_t job, uint64_t limit)
{
	struct sweep_chunk *chunk = &sweep->chunks[slot];
	struct hunt hunt = { .log = sweep->log };
	uint64_t first = (uint64_t)job * sweep->stride + 1, last = first + sweep->stride - 1;

	if (last > count_places(sweep))
		last = count_places(sweep);
	if (!sweep->narrowed)
		hunt.word = filter_word(sweep->filters[worker]);
	chunk->visited = 0;
	chunk->status = STATUS_OK;
	sweep->sweeper->begin(sweep->context, worker, slot);
	for (uint64_t place = first; place <= last && chunk->visited < limit && chunk->status == STATUS_OK;
	     place++) {
		uint64_t number = number_at(sweep, place);

		if (log_newest(sweep->log, number) == 0 || !hunt_may(&hunt, number))
			continue;
		chunk->status = visit(sweep, worker, slot, number, &chunk->error);
		chunk->visited += chunk->status == STATUS_OK;
		if (chunk->status == STATUS_NO)
			chunk->status = STATUS_OK;
	}
	if (sweep->sweeper->end != NULL)
		sweep->sweeper->end(sweep->context, worker, slot);
	if (sweep->workers > 1)
		tell_seen(sweep, first, last);
}

static void
work(void *context, size_t worker, size_t slot, size_t job)
{
	struct sweep *sweep = context;

	/* Alone, what was taken is known; else as many as there may be at most. */
	do_chunk(sweep, worker, slot, job, sweep->workers == 1 ? sweep->limit - sweep->count : sweep->limit);
}

/* --- all of them --------------------------------------------------------------------- */

static bool
take(void *context, size_t slot, size_t job)
{
	struct sweep *sweep = context;
	struct sweep_chunk *chunk = &sweep->chunks[slot];
	uint64_t reached = (uint64_t)(job + 1) * sweep->stride, places = count_places(sweep);
	bool more;

	if (chunk->visited > sweep->limit - sweep->count)
		do_chunk(sweep, 0, slot, job, sweep->limit - sweep->count);
	sweep->count += chunk->visited;
	progress_reach(&sweep->progress, reached < places ? reached : places);
	more = sweep->sweeper->take(sweep->context, slot);
	if (chunk->status != STATUS_OK) {
		sweep->status = chunk->status;
		error_release(sweep->error);
		*sweep->error = chunk->error;
		chunk->error = (struct error)ERROR_INIT;
	}
	return more && sweep->status == STATUS_OK && sweep->count < sweep->limit;
}

/* How many records make a chunk, and how many workers there are for them. */
static void
share_out(struct sweep *sweep, bool stored)
{
	uint64_t bytes = sweep->log->bytes.length, count = sweep->log->count, chunk = bytes / 64;

	chunk = chunk < CHUNK_LEAST ? CHUNK_LEAST : chunk > CHUNK_MOST ? CHUNK_MOST : chunk;
	sweep->stride = bytes > 0 ? count * chunk / bytes + 1 : 1;
	if (sweep->narrowed)
		sweep->stride = sweep->few.count + 1;
	sweep->jobs = (size_t)((count_places(sweep) + sweep->stride - 1) / sweep->stride);
	/* So few are not worth a thread, nor a look at where all the others are. */
	stored = stored && (filter_any(sweep->filters[0]) || sweep->limit > sweep->stride);
	sweep->workers = stored && bytes >= ALONE_BYTES ? parallel_workers(sweep->jobs) : 1;
	sweep->slots = parallel_slots(sweep->workers);
}

enum status
sweep_open(struct sweep *sweep, struct cli *cli, struct log *log, struct error *error)
{
	enum status status;

	*sweep = (struct sweep){ .cli = cli, .log = log, .limit = cli->options.limit, .error = error };
	status = filter_open(cli, log->table, &sweep->filters[0], error);
	if (status == STATUS_OK)
		sweep->narrowed = filter_narrow(sweep->filters[0], log, &sweep->few);
	return status;
}

enum status
sweep_share(struct sweep *sweep, bool stored, struct error *error)
{
	enum status status = STATUS_OK;

	share_out(sweep, stored && filter_is_stored(sweep->filters[0]));
	for (size_t i = 1; i < sweep->workers && status == STATUS_OK; i++)
		status = filter_open(sweep->cli, sweep->log->table, &sweep->filters[i], error);
	return status;
}

enum status
sweep_run(struct sweep *sweep, const struct sweeper *sweeper, void *context, struct error *error)
{
	struct parallel parallel = { sweep->jobs, sweep->workers, sweep, work, take };

	sweep->sweeper = sweeper;
	sweep->context = context;
	sweep->error = error;
	sweep->chunks = memory_array(sweep->slots, sizeof *sweep->chunks);
	progress_begin(&sweep->progress, sweep->cli->name, "records", &sweep->cli->options);
	/* Several threads may only read; all lines are better found at once than one by one. */
	if (sweep->workers > 1)
		view_fill(sweep->cli->view);
	else if (!sweep->narrowed && (filter_any(sweep->filters[0]) || sweep->limit > sweep->stride))
		log_fill(sweep->log);
	if (sweep->limit > 0)
		parallel_run(&parallel);
	progress_end(&sweep->progress);
	for (size_t i = 0; i < sweep->slots; i++)
		error_release(&sweep->chunks[i].error);
	free(sweep->chunks);
	return sweep->status;
}

void
sweep_close(struct sweep *sweep)
{
	for (size_t i = 0; i < PARALLEL_WORKERS_MOST; i++) {
		filter_close(sweep->filters[i]);
		arena_release(&sweep->arenas[i]);
	}
	free(sweep->few.all);
}
