/*
 * processes: jobs done by several processes, what they say taken in order.
 *
 * For jobs that fill in memory as they go what the next one finds there, which threads
 * could not share.  Each process has a copy of all there is when they begin, and takes
 * the next job until none is left; what it changes is gone with it, but for the bytes
 * that a job hands back.
 */
#ifndef BASE_PROCESSES_H
#define BASE_PROCESSES_H

#include "base/buffer.h"
#include "base/error.h"

struct processes {
	size_t jobs;
	size_t count; /* as parallel_workers says; 1 starts none */
	void *context;
	/* Does a job and puts what is to be taken into said, which is empty. */
	enum status (*work)(void *context, size_t job, struct buffer *said, struct error *error);
	/* Takes what a job said, in the order of the jobs, in the calling process. */
	enum status (*take)(void *context, size_t job, struct slice said, struct error *error);
};

/*
 * The first failure of a job, in their order, or of take; nothing is taken after it.  Of
 * what a job fails with the first reason is kept.  STATUS_SYSTEM when a process was killed.
 * No other thread may be at work when it is called.
 */
enum status processes_run(const struct processes *processes, struct error *error);

#endif
