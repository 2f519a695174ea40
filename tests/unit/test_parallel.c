/* parallel: each job is done once, and taken in order */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/parallel.h"

enum { JOBS = 5000, SLOTS = 64 };

struct run {
	size_t slots, taken, stop; /* stop: the job that is the last to be taken */
	size_t results[SLOTS];     /* by slot: the job whose result is there, + 1 */
	atomic_int busy[PARALLEL_WORKERS_MOST];
	atomic_int done[JOBS];
	atomic_size_t ahead; /* most slots that were ever full, and a little more */
};

static void
work(void *context, size_t worker, size_t slot, size_t job)
{
	struct run *run = context;

	/* cmocka is not for several threads: what is wrong here is seen when it is taken. */
	if (atomic_fetch_add(&run->busy[worker], 1) != 0)
		atomic_fetch_add(&run->done[job], 100);
	if (run->results[slot] != 0)
		atomic_fetch_add(&run->done[job], 1000);
	for (volatile size_t i = 0; i < job * 7919 % 2000; i++)
		;
	run->results[slot] = job + 1;
	atomic_fetch_add(&run->done[job], 1);
	atomic_fetch_add(&run->ahead, 1);
	atomic_fetch_sub(&run->busy[worker], 1);
}

static bool
take(void *context, size_t slot, size_t job)
{
	struct run *run = context;

	assert_true(slot < run->slots);
	assert_int_equal(job, run->taken);
	assert_int_equal(run->results[slot], job + 1);
	assert_int_equal(atomic_load(&run->done[job]), 1);
	run->results[slot] = 0;
	run->taken++;
	return job != run->stop;
}

static void
run_with(size_t jobs, size_t workers, size_t stop)
{
	static struct run run;
	struct parallel parallel = { jobs, workers, &run, work, take };
	size_t expected = stop < jobs ? stop + 1 : jobs;

	run = (struct run){ .slots = parallel_slots(workers), .stop = stop };
	assert_true(run.slots <= SLOTS);
	parallel_run(&parallel);
	assert_int_equal(run.taken, expected);
	/* Nobody ran further ahead than there are slots. */
	assert_true(atomic_load(&run.ahead) <= expected + run.slots);
	for (size_t i = 0; i < jobs; i++)
		assert_true(atomic_load(&run.done[i]) <= 1);
}

static void
all_jobs_are_done_once_and_taken_in_order(void **state)
{
	(void)state;
	for (size_t workers = 1; workers <= PARALLEL_WORKERS_MOST; workers += 3)
		run_with(JOBS, workers, SIZE_MAX);
}

static void
who_takes_can_stop(void **state)
{
	(void)state;
	for (size_t stop = 0; stop < 40; stop++) {
		run_with(JOBS, 1, stop);
		run_with(JOBS, 4, stop);
	}
}

static void
few_jobs_and_none(void **state)
{
	(void)state;
	for (size_t jobs = 0; jobs < 5; jobs++)
		for (size_t workers = 1; workers < 5; workers++)
			run_with(jobs, workers, SIZE_MAX);
	assert_int_equal(parallel_workers(0), 1);
	assert_int_equal(parallel_workers(1), 1);
	assert_true(parallel_workers(SIZE_MAX) >= 1);
	assert_true(parallel_workers(SIZE_MAX) <= PARALLEL_WORKERS_MOST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_jobs_are_done_once_and_taken_in_order),
		cmocka_unit_test(who_takes_can_stop),
		cmocka_unit_test(few_jobs_and_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
