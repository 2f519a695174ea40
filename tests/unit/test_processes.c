/* processes: each job is done once, by whomever, and what it says is taken in order */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/processes.h"

enum { JOBS = 40, LONG = 1 << 20, NONE = JOBS };

struct run {
	size_t done;              /* by this process */
	size_t fails, dies, ends; /* jobs, or NONE */
	size_t refuses;           /* what is not taken */
	size_t taken;
	size_t strangers; /* of them, done by another process */
	pid_t self;
};

static size_t
length_of(size_t job)
{
	return job % 3 == 0 ? 0 : job % 7 == 0 ? LONG : job;
}

static enum status
work(void *context, size_t job, struct buffer *said, struct error *error)
{
	struct run *run = context;

	assert_int_equal(said->length, 0);
	run->done++;
	if (job == run->fails)
		return error_set(error, STATUS_SYSTEM, "job %zu has no reason", job);
	if (job == run->dies && getpid() != run->self)
		raise(SIGKILL);
	if (job == run->ends && getpid() != run->self)
		_exit(4);
	buffer_format(said, "%ld ", (long)getpid());
	memset(buffer_reserve(said, length_of(job)), (int)('a' + job % 26), length_of(job));
	said->length += length_of(job);
	return STATUS_OK;
}

static enum status
take(void *context, size_t job, struct slice said, struct error *error)
{
	struct run *run = context;
	struct slice process = slice_cut(&said, ' ');
	unsigned long long number;

	assert_int_equal(job, run->taken);
	run->taken++;
	assert_true(slice_to_u64(process, &number));
	run->strangers += number != (unsigned long long)run->self;
	assert_int_equal(said.length, length_of(job));
	for (size_t i = 0; i < said.length; i++)
		if (said.data[i] != (char)('a' + job % 26))
			fail_msg("job %zu says %c", job, said.data[i]);
	return job == run->refuses ? error_set(error, STATUS_NO, "enough") : STATUS_OK;
}

static enum status
run_with(struct run *run, size_t count, struct error *error)
{
	struct processes processes = { JOBS, count, run, work, take };

	run->self = getpid();
	return processes_run(&processes, error);
}

#define RUN_INIT { .fails = NONE, .dies = NONE, .ends = NONE, .refuses = NONE }

static void
test_all_is_taken_in_order(void **state)
{
	(void)state;
	for (size_t count = 1; count <= 5; count++) {
		struct error error = ERROR_INIT;
		struct run run = RUN_INIT;

		assert_int_equal(run_with(&run, count, &error), STATUS_OK);
		assert_int_equal(run.taken, JOBS);
		assert_int_equal(run.strangers, count == 1 ? 0 : JOBS);
		assert_int_equal(run.done, count == 1 ? JOBS : 0); /* its memory is its own */
		error_release(&error);
	}
}

static void
test_the_first_failure_ends_it(void **state)
{
	(void)state;
	for (size_t count = 1; count <= 3; count++) {
		struct error error = ERROR_INIT;
		struct run run = RUN_INIT;

		run.fails = 7;
		assert_int_equal(run_with(&run, count, &error), STATUS_SYSTEM);
		assert_string_equal(error.faults[0].reason, "job 7 has no reason");
		assert_int_equal(run.taken, 7);
		run = (struct run)RUN_INIT;
		run.refuses = 9;
		assert_int_equal(run_with(&run, count, &error), STATUS_NO);
		assert_int_equal(run.taken, 10);
		error_release(&error);
	}
}

static void
test_a_process_that_dies_is_missed(void **state)
{
	struct error error = ERROR_INIT;
	struct run run = RUN_INIT;

	(void)state;
	run.dies = 11;
	assert_int_equal(run_with(&run, 2, &error), STATUS_SYSTEM);
	assert_non_null(strstr(error.faults[0].reason, "was killed: Killed"));
	assert_int_equal(run.taken, 0);
	run = (struct run)RUN_INIT;
	run.ends = 11;
	assert_int_equal(run_with(&run, 2, &error), STATUS_SYSTEM);
	assert_non_null(strstr(error.faults[0].reason, "gave up"));
	assert_int_equal(run.taken, 0);
	error_release(&error);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_is_taken_in_order),
		cmocka_unit_test(test_the_first_failure_ends_it),
		cmocka_unit_test(test_a_process_that_dies_is_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
