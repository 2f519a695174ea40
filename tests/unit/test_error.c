/* error and memory: faults pile up, failures stand alone, memory does not fail quietly */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

static void
a_failure_stands_alone(void **state)
{
	struct error error = ERROR_INIT;

	(void)state;
	error_add(&error, NULL, "first");
	assert_int_equal(error_set(&error, STATUS_SYSTEM, "cannot %s", "go on"), STATUS_SYSTEM);
	assert_int_equal(error.status, STATUS_SYSTEM);
	assert_int_equal(error.count, 1);
	assert_int_equal(error.total, 1);
	assert_string_equal(error.faults[0].reason, "cannot go on");
	assert_null(error.faults[0].source);
	error_release(&error);
	assert_int_equal(error.status, STATUS_OK);
}

static void
a_colon_at_the_end_says_what_errno_is(void **state)
{
	struct error error = ERROR_INIT;

	(void)state;
	errno = ENOENT;
	error_set(&error, STATUS_SYSTEM, "%s:", "orders.csv");
	assert_string_equal(error.faults[0].reason, "orders.csv: No such file or directory");
	assert_int_equal(errno, ENOENT);
	error_release(&error);
}

static void
faults_pile_up_with_their_places(void **state)
{
	char source[] = "orders.csv";
	struct place place = { source, 12, "due" };
	struct error error = ERROR_INIT;

	(void)state;
	assert_int_equal(error_add(&error, &place, "not a date: \"%s\"", "31/02/2026"), STATUS_REFUSED);
	source[0] = 'X'; /* the fault has a copy */
	assert_int_equal(error_add(&error, NULL, "too late"), STATUS_REFUSED);
	assert_int_equal(error.status, STATUS_REFUSED);
	assert_int_equal(error.count, 2);
	assert_string_equal(error.faults[0].source, "orders.csv");
	assert_int_equal(error.faults[0].line, 12);
	assert_string_equal(error.faults[0].field, "due");
	assert_string_equal(error.faults[0].reason, "not a date: \"31/02/2026\"");
	assert_null(error.faults[1].field);
	error_release(&error);
}

static void
more_than_a_hundred_faults_are_counted_only(void **state)
{
	struct error error = ERROR_INIT;

	(void)state;
	for (int i = 0; i < 1000; i++)
		error_add(&error, NULL, "fault %d", i);
	assert_int_equal(error.count, ERROR_FAULTS_KEPT);
	assert_int_equal(error.total, 1000);
	assert_string_equal(error.faults[ERROR_FAULTS_KEPT - 1].reason, "fault 99");
	error_release(&error);
}

static void
a_fault_does_not_hide_a_failure(void **state)
{
	struct error error = ERROR_INIT;

	(void)state;
	error_set(&error, STATUS_UNKNOWN, "sync failed");
	assert_int_equal(error_add(&error, NULL, "bad line"), STATUS_UNKNOWN);
	assert_int_equal(error.status, STATUS_UNKNOWN);
	assert_int_equal(error.count, 1);
	error_release(&error);
}

static void
a_failure_may_quote_the_one_it_replaces(void **state)
{
	struct error error = ERROR_INIT;

	(void)state;
	error_set(&error, STATUS_NO, "inner");
	error_set(&error, STATUS_SYSTEM, "outer: %s", error.faults[0].reason);
	assert_string_equal(error.faults[0].reason, "outer: inner");
	assert_int_equal(error_prefix(&error, "import"), STATUS_SYSTEM);
	assert_string_equal(error.faults[0].reason, "import: outer: inner");
	error_clear(&error);
	assert_int_equal(error.count, 0);
	assert_int_equal(error_prefix(&error, "import"), STATUS_OK);
	error_release(&error);
}

static void
a_growing_array_doubles_from_sixteen(void **state)
{
	size_t capacity = 0;
	int *array = NULL;

	(void)state;
	for (size_t count = 0; count < 1000; count++) {
		array = memory_grow(array, &capacity, count, sizeof(*array));
		array[count] = (int)count;
		assert_true(capacity >= 16 && capacity > count && (capacity & (capacity - 1)) == 0);
	}
	assert_int_equal(array[0], 0);
	assert_int_equal(array[999], 999);
	free(array);
}

static void
copies_and_formats_are_ended_by_nul(void **state)
{
	char *copy = memory_copy("a\0bc", 3), *text = memory_format("%s-%d", "x", 5);
	char *nothing = memory_copy(NULL, 0);

	(void)state;
	assert_memory_equal(copy, "a\0b\0", 4);
	assert_string_equal(text, "x-5");
	assert_string_equal(nothing, "");
	free(copy);
	free(text);
	free(nothing);
}

/* Runs out of memory in a child; its exit status, and what it wrote to standard error. */
static int
exhaust(enum status stage, char *line, size_t size)
{
	int pipes[2], status;
	size_t length = 0;
	ssize_t got;
	pid_t child;

	assert_int_equal(pipe(pipes), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(pipes[1], STDERR_FILENO);
		if (stage != STATUS_OK)
			memory_stage(stage);
		memory_resize(NULL, SIZE_MAX / 2, 4); /* overflows */
		_exit(99);
	}
	close(pipes[1]);
	while ((got = read(pipes[0], line + length, size - 1 - length)) > 0)
		length += (size_t)got;
	line[length] = '\0';
	close(pipes[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
running_out_of_memory_ends_with_one_line_and_the_true_status(void **state)
{
	char line[200];

	(void)state;
	assert_int_equal(exhaust(STATUS_OK, line, sizeof(line)), STATUS_SYSTEM);
	assert_non_null(strstr(line, "test_error: out of memory\n"));
	assert_int_equal(exhaust(STATUS_UNKNOWN, line, sizeof(line)), STATUS_UNKNOWN);
	assert_int_equal(exhaust(STATUS_UNREPORTED, line, sizeof(line)), STATUS_UNREPORTED);
}

static void
sorts_faults_of_a_source_by_line(void **state)
{
	struct error error = ERROR_INIT;

	(void)state;
	error_add(&error, NULL, "of none");
	error_add(&error, &(struct place){ "-", 7, NULL }, "seven");
	error_add(&error, &(struct place){ "-", 3, NULL }, "three");
	error_add(&error, &(struct place){ "-", 3, NULL }, "three again");
	error_sort(&error);
	assert_string_equal(error.faults[0].reason, "of none");
	assert_string_equal(error.faults[1].reason, "three");
	assert_string_equal(error.faults[2].reason, "three again");
	assert_string_equal(error.faults[3].reason, "seven");
	error_release(&error);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_stands_alone),
		cmocka_unit_test(a_colon_at_the_end_says_what_errno_is),
		cmocka_unit_test(faults_pile_up_with_their_places),
		cmocka_unit_test(more_than_a_hundred_faults_are_counted_only),
		cmocka_unit_test(a_fault_does_not_hide_a_failure),
		cmocka_unit_test(a_failure_may_quote_the_one_it_replaces),
		cmocka_unit_test(a_growing_array_doubles_from_sixteen),
		cmocka_unit_test(copies_and_formats_are_ended_by_nul),
		cmocka_unit_test(running_out_of_memory_ends_with_one_line_and_the_true_status),
		cmocka_unit_test(sorts_faults_of_a_source_by_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
