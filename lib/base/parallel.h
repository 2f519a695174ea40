/*
 * parallel: jobs on all processors, their results taken in order.
 *
 * A job is done by one of several workers: the calling thread and as many more as
 * there are processors.  Its result goes into one of a few slots, until the calling
 * thread takes it; jobs run ahead of what was taken by as many as there are slots,
 * so that memory is bounded however many there are.
 *
 *	jobs     0 1 2 | 3 4 5 6 | 7 8 9 …
 *	         taken   slots     not begun
 */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>

enum { PARALLEL_WORKERS_MOST = 16 };

struct parallel {
	size_t jobs;
	size_t workers; /* as parallel_workers says; 1 starts no thread */
	void *context;
	/* Does a job.  Neither its worker nor its slot is used by another thread meanwhile. */
	void (*work)(void *context, size_t worker, size_t slot, size_t job);
	/* Takes a result, in the order of the jobs, on the calling thread; false: no more are wanted. */
	bool (*take)(void *context, size_t slot, size_t job);
};

/* How many workers are worth their while for so many jobs. */
size_t parallel_workers(size_t jobs);

/* How many slots there are for so many workers. */
size_t parallel_slots(size_t workers);

/* Returns when all results are taken, or no more are wanted and no job is being done. */
void parallel_run(const struct parallel *parallel);

#endif
