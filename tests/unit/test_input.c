/* input: all of a stream at once */
#include "reader_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "stream/input.h"

#define NO_LIMIT (SIZE_MAX / 4)

enum { MIB = 1 << 20 };

/* Bytes that differ everywhere, so that nothing can be taken for something else. */
static void
fill(struct buffer *out, size_t length)
{
	buffer_clear(out);
	for (size_t line = 1; out->length < length; line++)
		buffer_format(out, "%zu,%zx\n", line, line * 2654435761u);
	out->length = length;
	out->data[length] = '\0';
}

/* A file without a name that holds bytes, read from its beginning. */
static int
file_of(struct slice bytes)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(file_write(fd, bytes.data, bytes.length));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* The end of a pipe that another process writes bytes to, a little at a time. */
static int
pipe_of(struct slice bytes, pid_t *writer)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	*writer = fork();
	if (*writer == 0) {
		close(ends[0]);
		for (size_t at = 0, step = 1; at < bytes.length; at += step, step = step * 3 % 70001) {
			if (!file_write(ends[1], bytes.data + at,
				step < bytes.length - at ? step : bytes.length - at))
				break;
		}
		_exit(0);
	}
	close(ends[1]);
	return ends[0];
}

/* Opens standard input, which is fd for as long as that takes. */
static enum status
open_standard(struct input *input, int fd, size_t limit, struct error *error)
{
	int saved = dup(STDIN_FILENO);
	enum status status;

	dup2(fd, STDIN_FILENO);
	status = input_open(input, "-", limit, error);
	assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0); /* it stays open */
	if (saved >= 0) {
		dup2(saved, STDIN_FILENO);
		close(saved);
	}
	return status;
}

/* Both a file and a pipe of that length come whole, mapped or not. */
static void
assert_comes_whole(size_t length, size_t from, bool mapped)
{
	struct buffer bytes = BUFFER_INIT;
	struct error error = ERROR_INIT;
	struct input input;
	pid_t writer;
	int fd;

	fill(&bytes, length);
	fd = file_of(buffer_slice(&bytes));
	lseek(fd, (off_t)from, SEEK_SET);
	assert_int_equal(open_standard(&input, fd, NO_LIMIT, &error), STATUS_OK);
	assert_int_equal(input.mapped != NULL, mapped);
	assert_int_equal(input.bytes.length, length - from);
	assert_true(memcmp(input.bytes.data, bytes.data + from, length - from) == 0);
	assert_string_equal(input.name, "-");
	input_close(&input);
	close(fd);

	fd = pipe_of(buffer_slice(&bytes), &writer);
	assert_int_equal(open_standard(&input, fd, NO_LIMIT, &error), STATUS_OK);
	assert_int_equal(input.mapped != NULL, length >= MIB);
	assert_true(slice_equal(input.bytes, buffer_slice(&bytes)));
	input_close(&input);
	close(fd);
	waitpid(writer, NULL, 0);
	buffer_release(&bytes);
	error_release(&error);
}

static void
a_short_stream_is_read(void **state)
{
	(void)state;
	assert_comes_whole(1, 0, false);
	assert_comes_whole(1000, 0, false);
	assert_comes_whole(1000, 10, false);
	assert_comes_whole(MIB - 1, 0, false);
}

static void
a_long_file_is_mapped_and_a_long_pipe_spooled(void **state)
{
	(void)state;
	assert_comes_whole(MIB, 0, true);
	assert_comes_whole(MIB + 1, 0, true);
	assert_comes_whole(5 * MIB + 123, 0, true);
}

static void
a_file_is_read_from_where_it_stands(void **state)
{
	(void)state;
	assert_comes_whole(3 * MIB, 5, true);
	assert_comes_whole(3 * MIB, 3 * MIB - 7, false);
	assert_comes_whole(1000, 1000, false);
}

static void
an_empty_stream_is_empty(void **state)
{
	struct error error = ERROR_INIT;
	struct input input;

	(void)state;
	assert_int_equal(input_open(&input, "/dev/null", NO_LIMIT, &error), STATUS_OK);
	assert_int_equal(input.bytes.length, 0);
	assert_null(input.mapped);
	input_close(&input);
}

static void
assert_too_long(int fd, size_t limit)
{
	struct error error = ERROR_INIT;
	struct input input;
	char reason[64];

	snprintf(reason, sizeof reason, "longer than %zu bytes", limit);
	assert_int_equal(open_standard(&input, fd, limit, &error), STATUS_REFUSED);
	assert_string_equal(error.faults[0].source, "-");
	assert_string_equal(error.faults[0].reason, reason);
	assert_null(input.bytes.data);
	input_close(&input);
	error_release(&error);
	close(fd);
}

static void
what_is_longer_than_the_limit_is_refused(void **state)
{
	static const size_t lengths[] = { 100, MIB, 2 * MIB, 5 * MIB };
	struct buffer bytes = BUFFER_INIT;
	struct error error = ERROR_INIT;
	struct input input;
	pid_t writer;
	int fd;

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		fill(&bytes, lengths[i]);
		assert_too_long(file_of(buffer_slice(&bytes)), lengths[i] - 1);
		assert_too_long(pipe_of(buffer_slice(&bytes), &writer), lengths[i] - 1);
		waitpid(writer, NULL, 0);
		fd = file_of(buffer_slice(&bytes));
		assert_int_equal(open_standard(&input, fd, lengths[i], &error), STATUS_OK);
		input_close(&input);
		close(fd);
	}
	buffer_release(&bytes);
}

static void
what_cannot_be_read_says_why(void **state)
{
	static const struct {
		const char *path, *reason;
	} cases[] = { { "/no/such/file", "/no/such/file: No such file or directory" },
		{ "/", "/: Is a directory" }, { "/proc/self/mem", "/proc/self/mem: Input/output error" } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct error error = ERROR_INIT;
		struct input input;

		assert_int_equal(input_open(&input, cases[i].path, NO_LIMIT, &error), STATUS_SYSTEM);
		assert_string_equal(error.faults[0].reason, cases[i].reason);
		input_close(&input);
		error_release(&error);
	}
}

static void
a_spool_leaves_nothing_behind(void **state)
{
	char directory[] = "/tmp/bo-test-XXXXXX", *saved = getenv("TMPDIR");
	struct buffer bytes = BUFFER_INIT;
	struct error error = ERROR_INIT;
	struct input input;
	pid_t writer;
	int fd;

	(void)state;
	saved = saved != NULL ? strdup(saved) : NULL;
	assert_non_null(mkdtemp(directory));
	setenv("TMPDIR", directory, 1);
	fill(&bytes, 2 * MIB);
	fd = pipe_of(buffer_slice(&bytes), &writer);
	assert_int_equal(open_standard(&input, fd, NO_LIMIT, &error), STATUS_OK);
	assert_true(slice_equal(input.bytes, buffer_slice(&bytes)));
	assert_int_equal(rmdir(directory), 0); /* which must be empty already */
	input_close(&input);
	close(fd);
	waitpid(writer, NULL, 0);
	if (saved != NULL)
		setenv("TMPDIR", saved, 1);
	else
		unsetenv("TMPDIR");
	free(saved);
	buffer_release(&bytes);
}

/* Of what was converted; a sanitizer keeps what was freed as it grew. */
#ifdef __SANITIZE_ADDRESS__
enum { COPIES = 4 };
#else
enum { COPIES = 1 };
#endif

/* Bytes that are in this process's memory right now. */
static size_t
resident_bytes(void)
{
	struct buffer text = BUFFER_INIT;
	unsigned long pages;
	char *at;

	assert_true(file_load("/proc/self/statm", &text, 4096));
	at = strchr(text.data, ' ');
	pages = strtoul(at, NULL, 10);
	buffer_release(&text);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void
what_was_read_leaves_memory_and_comes_back(void **state)
{
	const struct reader_options utf8 = { .format = FORMAT_CSV }, latin = { .encoding = "ISO-8859-1" };
	const struct reader_options *const ways[] = { &utf8, &utf8, &latin };
	struct buffer bytes = BUFFER_INIT;
	struct error error = ERROR_INIT;
	struct input input;
	size_t expected = 0;
	int fd;

	(void)state;
	fill(&bytes, 24 * MIB);
	fd = file_of(buffer_slice(&bytes));
	buffer_release(&bytes);
	assert_int_equal(open_standard(&input, fd, NO_LIMIT, &error), STATUS_OK);
	for (size_t i = 0; i < COUNT(ways); i++) {
		size_t before = resident_bytes(), sum = 0;
		struct reader *reader;
		struct row row;

		assert_int_equal(reader_open_input(&reader, &input, ways[i], &error), STATUS_OK);
		assert_string_equal(reader_name(reader), "-");
		while (reader_next(reader, &row, &error) == STATUS_OK)
			sum = sum * 31 + row.values[0].length + (unsigned char)row.values[1].data[0];
		assert_true(resident_bytes() < before + 8 * MIB + COPIES * reader->converted.capacity);
		assert_true(sum != 0);
		if (i > 0)
			assert_true(sum == expected);
		expected = sum;
		assert_true(slice_starts(reader_header(reader), "1,"));
		reader_close(reader);
	}
	input_close(&input);
	error_release(&error);
	close(fd);
}

/*
 * Whoever writes a file anew in place may do so while it is read: what a row was when it
 * was looked at, it is when it is used.
 */
static void
a_row_that_was_looked_at_stays_as_it_was(void **state)
{
	static const char row_text[] = "code-0001,some name,\n";
	enum { ROW = sizeof row_text - 1, ROWS = 3 * MIB / ROW };
	struct reader_options options = { .format = FORMAT_CSV };
	struct buffer bytes = BUFFER_INIT;
	struct error error = ERROR_INIT;
	struct input input;
	struct reader *reader;
	struct row row;
	char *others;
	int fd;

	(void)state;
	buffer_add_text(&bytes, "a,b,c\n");
	for (size_t i = 0; i < ROWS; i++)
		buffer_add(&bytes, row_text, ROW);
	fd = file_of(buffer_slice(&bytes));
	others = mmap(NULL, bytes.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(others, MAP_FAILED);
	assert_int_equal(open_standard(&input, fd, NO_LIMIT, &error), STATUS_OK);
	assert_non_null(input.mapped);
	assert_int_equal(reader_open_input(&reader, &input, &options, &error), STATUS_OK);
	for (size_t i = 0; i < ROWS; i++) {
		char *place = others + 6 + i * ROW;

		assert_int_equal(reader_next(reader, &row, &error), STATUS_OK);
		memset(place, '\n', ROW);
		assert_true(slice_is(row.values[0], "code-0001"));
		assert_true(slice_is(row.values[1], "some name"));
		memcpy(place, row_text, ROW);
	}
	assert_int_equal(reader_next(reader, &row, &error), STATUS_NO);
	reader_close(reader);
	input_close(&input);
	munmap(others, bytes.length);
	close(fd);
	buffer_release(&bytes);
}

/* Rows of every kind, good and bad, over and over. */
static void
fill_rows(struct buffer *out, size_t length)
{
	static const char *const rows[] = { "1,plain,row", "2,\"a, b\",\"say \"\"hi\"\"\"", "3,two,values,too",
		"4", "5,\"over\ntwo lines\",x", "6,bad \xff byte,x", ("7,one" BREAK "two,x"), "",
		"8,a\"stray,x", "a,b,c", "9,\xd8\xb9\xd9\x84\xdb\x8c,\xf0\x9f\xab\x96", "10,ctrl\x01,x" };

	buffer_add_text(out, "a,b,c\n");
	for (size_t i = 0; out->length < length; i++) {
		/* Mostly plain ones, so that faults come in all parts of a block. */
		buffer_add_text(out, rows[i % 7 == 0 ? i / 7 % COUNT(rows) : 0]);
		buffer_add_char(out, '\n');
	}
}

static void
show_all(struct buffer *out, struct reader *reader)
{
	struct error error = ERROR_INIT;
	enum status status;
	struct row row;

	do {
		status = reader_next(reader, &row, &error);
		buffer_format(out, "%d %d: ", status, (int)(status == STATUS_OK && row.plain));
		if (status == STATUS_OK)
			buffer_format(out, "%jx ", (uintmax_t)row.bare);
		if (status == STATUS_OK)
			show_values(out, &row);
		show_faults(out, &error);
		buffer_add_slice(out, reader_raw(reader));
		buffer_add_char(out, '\n');
	} while (status != STATUS_NO);
	error_release(&error);
}

static void
reading_ahead_changes_nothing(void **state)
{
	struct reader_options options = { .format = FORMAT_CSV };
	struct buffer bytes = BUFFER_INIT, alone = BUFFER_INIT, ahead = BUFFER_INIT;
	struct error error = ERROR_INIT;
	struct reader *reader;
	struct input input = { .name = "in" };
	struct row row;

	(void)state;
	fill_rows(&bytes, 2 * MIB);
	input.bytes = buffer_slice(&bytes);
	assert_int_equal(reader_open(&reader, "in", input.bytes, &options, &error), STATUS_OK);
	show_all(&alone, reader);
	reader_close(reader);
	assert_int_equal(reader_open_input(&reader, &input, &options, &error), STATUS_OK);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		assert_non_null(reader->ahead);
	show_all(&ahead, reader);
	assert_int_equal(reader_next(reader, &row, &error), STATUS_NO); /* and again */
	reader_close(reader);
	assert_string_equal(ahead.data, alone.data);
	/* Given up before the first row, within a block, and after some. */
	for (size_t rows = 0; rows < 2000; rows = rows * 3 + 1) {
		assert_int_equal(reader_open_input(&reader, &input, &options, &error), STATUS_OK);
		for (size_t i = 0; i < rows; i++)
			reader_next(reader, &row, &error);
		error_clear(&error);
		reader_close(reader);
	}
	error_release(&error);
	buffer_release(&bytes);
	buffer_release(&alone);
	buffer_release(&ahead);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_stream_is_read),
		cmocka_unit_test(a_long_file_is_mapped_and_a_long_pipe_spooled),
		cmocka_unit_test(a_file_is_read_from_where_it_stands),
		cmocka_unit_test(an_empty_stream_is_empty),
		cmocka_unit_test(what_is_longer_than_the_limit_is_refused),
		cmocka_unit_test(what_cannot_be_read_says_why),
		cmocka_unit_test(a_spool_leaves_nothing_behind),
		cmocka_unit_test(reading_ahead_changes_nothing),
		cmocka_unit_test(a_row_that_was_looked_at_stays_as_it_was),
		cmocka_unit_test(what_was_read_leaves_memory_and_comes_back),
	};

	return cmocka_run_group_tests_name("input", tests, NULL, NULL);
}
