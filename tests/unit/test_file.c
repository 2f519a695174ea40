/* file: system calls that finish what they began */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { LARGE = 300000 };

/* A file that has no name any more. */
static int
temporary(void)
{
	FILE *file = tmpfile();
	int fd;

	assert_non_null(file);
	fd = dup(fileno(file));
	fclose(file);
	assert_true(fd >= 0);
	return fd;
}

static char *
large(void)
{
	static char bytes[LARGE];

	for (size_t i = 0; i < LARGE; i++)
		bytes[i] = (char)('a' + i % 23);
	return bytes;
}

static void
what_is_written_is_read(void **state)
{
	struct buffer out = BUFFER_INIT;
	int fd = temporary();

	(void)state;
	assert_true(file_write(fd, large(), LARGE));
	assert_true(lseek(fd, 0, SEEK_SET) == 0);
	buffer_add_text(&out, "before:");
	assert_true(file_read(fd, &out, LARGE));
	assert_int_equal(out.length, LARGE + 7);
	assert_memory_equal(out.data, "before:", 7);
	assert_memory_equal(out.data + 7, large(), LARGE);
	assert_int_equal(out.data[out.length], '\0');
	buffer_release(&out);
	close(fd);
}

static void
more_than_the_limit_is_an_error(void **state)
{
	struct buffer out = BUFFER_INIT;
	int fd = temporary();

	(void)state;
	assert_true(file_write(fd, "0123456789", 10));
	for (size_t limit = 0; limit < 12; limit++) {
		lseek(fd, 0, SEEK_SET);
		buffer_clear(&out);
		errno = 0;
		assert_int_equal(file_read(fd, &out, limit), limit >= 10);
		assert_int_equal(errno, limit >= 10 ? 0 : E2BIG);
	}
	buffer_release(&out);
	close(fd);
}

static void
reading_at_an_offset_stops_at_the_end(void **state)
{
	char bytes[10];
	int fd = temporary();

	(void)state;
	assert_true(file_write_at(fd, "world", 5, 6));
	assert_true(file_write_at(fd, "hello ", 6, 0));
	assert_int_equal(file_read_at(fd, bytes, 5, 3), 5);
	assert_memory_equal(bytes, "lo wo", 5);
	assert_int_equal(file_read_at(fd, bytes, 10, 8), 3);
	assert_memory_equal(bytes, "rld", 3);
	assert_int_equal(file_read_at(fd, bytes, 10, 11), 0);
	close(fd);
}

static void
failures_tell_why(void **state)
{
	struct buffer out = BUFFER_INIT;
	char byte;

	(void)state;
	assert_false(file_write(-1, "x", 1));
	assert_int_equal(errno, EBADF);
	assert_false(file_write_at(-1, "x", 1, 0));
	assert_int_equal(errno, EBADF);
	assert_int_equal(file_read_at(-1, &byte, 1, 0), -1);
	assert_int_equal(errno, EBADF);
	assert_false(file_load("/nonexistent/file", &out, 10));
	assert_int_equal(errno, ENOENT);
	assert_false(file_load("/", &out, 10));
	assert_int_equal(errno, EISDIR);
	assert_true(file_write(-1, NULL, 0));
	buffer_release(&out);
}

static void
a_full_device_is_a_failure(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	if (fd < 0) {
		print_message("no /dev/full here\n");
		skip();
	}
	assert_false(file_write(fd, "x", 1));
	assert_int_equal(errno, ENOSPC);
	close(fd);
}

static void
a_file_is_loaded_by_name(void **state)
{
	struct buffer out = BUFFER_INIT;
	char path[] = "/tmp/bo-test-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_true(file_load(path, &out, 0));
	assert_int_equal(out.length, 0);
	assert_true(file_write(fd, "content", 7));
	assert_true(file_load(path, &out, 7));
	assert_string_equal(out.data, "content");
	assert_false(file_load(path, &out, 6));
	assert_int_equal(errno, E2BIG);
	unlink(path);
	close(fd);
	buffer_release(&out);
}

/* Small files come at once, others in pieces; around the border too. */
static void
files_of_all_sizes_are_loaded_whole(void **state)
{
	static const size_t sizes[] = { 1, 8191, 8192, 8193, 16384, 20000, LARGE };
	struct buffer out = BUFFER_INIT;
	char path[] = "/tmp/bo-test-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_true(file_write_at(fd, large(), sizes[i], 0));
		buffer_clear(&out);
		buffer_add_text(&out, "before:");
		assert_true(file_load(path, &out, sizes[i]));
		assert_int_equal(out.length, sizes[i] + 7);
		assert_memory_equal(out.data + 7, large(), sizes[i]);
		assert_int_equal(out.data[out.length], '\0');
		buffer_clear(&out);
		assert_false(file_load(path, &out, sizes[i] - 1));
		assert_int_equal(errno, E2BIG);
	}
	unlink(path);
	close(fd);
	buffer_release(&out);
}

/* What comes in pieces is never taken for whole. */
static void
a_pipe_that_has_a_name_is_loaded_to_its_end(void **state)
{
	struct buffer out = BUFFER_INIT;
	char directory[] = "/tmp/bo-test-XXXXXX", path[64];
	pid_t child;

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/pipe", directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	child = fork();
	if (child == 0) {
		int fd = open(path, O_WRONLY | O_CLOEXEC);

		for (int i = 0; i < 3; i++) {
			if (!file_write(fd, "piece ", 6))
				_exit(1);
			usleep(20000);
		}
		_exit(0);
	}
	assert_true(file_load(path, &out, 100));
	assert_string_equal(out.data, "piece piece piece ");
	assert_int_equal(waitpid(child, NULL, 0), child);
	unlink(path);
	rmdir(directory);
	buffer_release(&out);
}

static void
ignore(int number)
{
	(void)number;
}

/* A child writes slowly into a pipe and interrupts the reader in between. */
static void
pipes_are_read_to_the_end_despite_signals(void **state)
{
	struct sigaction action = { .sa_handler = ignore }, old; /* without SA_RESTART */
	struct buffer out = BUFFER_INIT;
	int pipes[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(sigaction(SIGUSR1, &action, &old), 0);
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		for (int i = 0; i < 20; i++) {
			kill(getppid(), SIGUSR1);
			usleep(1000);
			if (!file_write(pipes[1], large(), LARGE / 20))
				_exit(1);
		}
		_exit(0);
	}
	close(pipes[1]);
	assert_true(file_read(pipes[0], &out, SIZE_MAX));
	assert_int_equal(out.length, LARGE);
	close(pipes[0]);
	while (waitpid(child, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	assert_int_equal(status, 0);
	sigaction(SIGUSR1, &old, NULL);
	buffer_release(&out);
}

/* In a child: closes those of 0 to 2 in the mask; a bit for everything that is as it should be. */
static int
descriptors_after_closing(int mask)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		bool fine = true;
		char byte = 'x';

		for (int fd = 0; fd <= 2; fd++)
			if (mask & 1 << fd)
				close(fd);
		fine = file_standard_descriptors();
		for (int fd = 0; fd <= 2; fd++)
			fine = fine && fcntl(fd, F_GETFD) == 0;
		if (mask & 1)
			fine = fine && read(0, &byte, 1) < 0;
		if (mask & 2)
			fine = fine && !file_write(1, &byte, 1);
		if (mask & 4)
			fine = fine && !file_write(2, &byte, 1);
		_exit(fine ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void
closed_standard_descriptors_become_null_and_fail(void **state)
{
	(void)state;
	for (int mask = 0; mask < 8; mask++)
		assert_int_equal(descriptors_after_closing(mask), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(more_than_the_limit_is_an_error),
		cmocka_unit_test(reading_at_an_offset_stops_at_the_end),
		cmocka_unit_test(failures_tell_why),
		cmocka_unit_test(a_full_device_is_a_failure),
		cmocka_unit_test(a_file_is_loaded_by_name),
		cmocka_unit_test(files_of_all_sizes_are_loaded_whole),
		cmocka_unit_test(a_pipe_that_has_a_name_is_loaded_to_its_end),
		cmocka_unit_test(pipes_are_read_to_the_end_despite_signals),
		cmocka_unit_test(closed_standard_descriptors_become_null_and_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
