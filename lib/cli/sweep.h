/*
 * sweep: all records of a table that -w and -a let through, in order, on all
 * processors (private to cli/).
 *
 * Records are visited chunk by chunk.  A chunk belongs to one worker, which has memory
 * of its own, and its result to a slot, which is taken in the order of the chunks (see
 * base/parallel.h).  Where values are derived there is one worker only: what computes
 * them may keep things in the view.  Where few records can match (see record/narrow.h)
 * these alone are visited.
 */
#ifndef CLI_SWEEP_H
#define CLI_SWEEP_H

#include "base/parallel.h"
#include "cli/cli.h"
#include "cli/terminal.h"

struct filter;
struct hunt;

/* What is done with the records.  Calls with different workers and slots come from different threads. */
struct sweeper {
	/* Before the first record of a chunk, and when a chunk is done again as it was too long for --limit. */
	void (*begin)(void *context, size_t worker, size_t slot);
	/* A record that matches.  It, and what is taken from its arena, goes away after the call. */
	enum status (*visit)(void *context, size_t worker, size_t slot, const struct record *record,
	    struct error *error);
	/* NULL, or what to call instead where nothing is filtered by; STATUS_NO: it is archived, and passed over. */
	enum status (
	    *visit_number)(void *context, size_t worker, size_t slot, uint64_t number, struct error *error);
	/* After the last record of a chunk; may be NULL. */
	void (*end)(void *context, size_t worker, size_t slot);
	/* The result of a chunk, on the calling thread; false: no more are wanted. */
	bool (*take)(void *context, size_t slot);
};

struct sweep {
	struct cli *cli;
	struct log *log;
	size_t workers, slots;
	uint64_t limit; /* of records; as --limit says unless it is set otherwise */
	bool narrowed;  /* no others can match than these */
	struct number_list few;
	uint64_t count; /* records that were taken */
	const struct sweeper *sweeper;
	void *context; /* of the sweeper */
	/* private */
	struct filter *filters[PARALLEL_WORKERS_MOST];
	struct arena arenas[PARALLEL_WORKERS_MOST]; /* of one record */
	struct sweep_chunk *chunks;                 /* by slot */
	uint64_t stride;                            /* records of a chunk */
	size_t jobs;
	struct progress progress;
	enum status status;
	struct error *error;
};

/* Compiles the filter for a sweep over log.  Closed also when it could not be opened. */
enum status sweep_open(struct sweep *sweep, struct cli *cli, struct log *log, struct error *error);
/* Says how many workers there will be.  stored: all that the sweeper looks at is stored, so that several threads may. */
enum status sweep_share(struct sweep *sweep, bool stored, struct error *error);
/* Hands all records that match to the sweeper. */
enum status sweep_run(struct sweep *sweep, const struct sweeper *sweeper, void *context, struct error *error);
void sweep_close(struct sweep *sweep);

#endif
