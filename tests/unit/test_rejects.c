/* rejects: bad rows in a file that can be mended and read again */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/rejects.h"

struct fixture {
	char path[32];
	struct rejects rejects;
	struct error why;
};

static int
begin(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	int fd;

	*state = fixture;
	snprintf(fixture->path, sizeof fixture->path, "/tmp/bo-rejects-XXXXXX");
	fd = mkstemp(fixture->path);
	if (fd == -1 || write(fd, "old\n", 4) != 4 || close(fd) != 0)
		return -1;
	error_add(&fixture->why, &(struct place){ "-", 7, "name" }, "not \"%s\"", "a\\b");
	return rejects_open(&fixture->rejects, fixture->path, 0, &fixture->why) == STATUS_OK ? 0 : -1;
}

static int
end(void **state)
{
	struct fixture *fixture = *state;

	rejects_close(&fixture->rejects);
	error_release(&fixture->why);
	unlink(fixture->path);
	free(fixture);
	return 0;
}

static void
assert_file(struct fixture *fixture, const char *wanted)
{
	struct buffer text = BUFFER_INIT;
	struct error error = ERROR_INIT;

	assert_int_equal(rejects_write(&fixture->rejects, &error), STATUS_OK);
	assert_true(file_load(fixture->path, &text, 4096));
	assert_string_equal(text.data, wanted);
	buffer_release(&text);
	error_release(&error);
}

static void
csv_rows_get_a_quoted_reason(void **state)
{
	struct fixture *fixture = *state;

	rejects_begin(&fixture->rejects, slice_of("code,name"));
	rejects_add(&fixture->rejects, slice_of("X,\"two\nlines\"\r\n"), &fixture->why);
	assert_file(fixture, "code,name,reason\nX,\"two\nlines\",\"name: not \"\"a\\b\"\"\"\n");
}

static void
json_rows_stay_json(void **state)
{
	struct fixture *fixture = *state;

	rejects_begin(&fixture->rejects, slice_of(""));
	rejects_add(&fixture->rejects, slice_of("{\"code\":\"X\"}\n"), &fixture->why);
	rejects_add(&fixture->rejects, slice_of("{}"), &fixture->why);
	assert_file(fixture,
	    "{\"code\":\"X\",\"reason\":\"name: not \\\"a\\\\b\\\"\"}\n"
	    "{\"reason\":\"name: not \\\"a\\\\b\\\"\"}\n");
}

static void
every_reason_is_there(void **state)
{
	struct fixture *fixture = *state;

	error_add(&fixture->why, NULL, "and more");
	rejects_begin(&fixture->rejects, slice_of("code"));
	rejects_add(&fixture->rejects, slice_of("X"), &fixture->why);
	assert_file(fixture, "code,reason\nX,\"name: not \"\"a\\b\"\"; and more\"\n");
}

static void
beginning_again_forgets(void **state)
{
	struct fixture *fixture = *state;

	rejects_begin(&fixture->rejects, slice_of("code"));
	rejects_add(&fixture->rejects, slice_of("X"), &fixture->why);
	rejects_begin(&fixture->rejects, slice_of("code"));
	assert_int_equal(fixture->rejects.count, 0);
	assert_file(fixture, "code,reason\n");
}

static void
a_file_that_has_nothing_to_say_is_left_alone(void **state)
{
	assert_file(*state, "old\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(csv_rows_get_a_quoted_reason, begin, end),
		cmocka_unit_test_setup_teardown(json_rows_stay_json, begin, end),
		cmocka_unit_test_setup_teardown(every_reason_is_there, begin, end),
		cmocka_unit_test_setup_teardown(beginning_again_forgets, begin, end),
		cmocka_unit_test_setup_teardown(a_file_that_has_nothing_to_say_is_left_alone, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
