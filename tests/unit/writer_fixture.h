/*
 * writer_fixture: what the writer makes of rows.
 */
#ifndef WRITER_FIXTURE_H
#define WRITER_FIXTURE_H

#include "reader_fixture.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "stream/writer.h"

static const struct column columns[] = { { "id", CELL_TEXT }, { "name", CELL_TEXT }, { "total", CELL_NUMBER },
	{ "count", CELL_INTEGER }, { "open", CELL_BOOL }, { "tags", CELL_TAGS }, { "state", CELL_STATE } };

enum { COLUMNS = COUNT(columns) };

/* What the writer makes of rows, COUNT values each. */
static inline void
write_rows(struct buffer *out, struct writer_options options, const struct column *which, size_t count,
    const char *const *values, size_t rows)
{
	int fd = memfd_create("output", MFD_CLOEXEC);
	struct error error = ERROR_INIT;
	struct writer *writer = writer_open(fd, &options, which, count);
	struct slice row[COLUMNS];

	for (size_t r = 0; r < rows; r++) {
		for (size_t i = 0; i < count; i++)
			row[i] = slice_of(values[r * count + i]);
		writer_row(writer, row);
	}
	assert_int_equal(writer_close(writer, &error), STATUS_OK);
	lseek(fd, 0, SEEK_SET);
	buffer_clear(out);
	buffer_add_text(out, "");
	assert_true(file_read(fd, out, 1 << 26));
	close(fd);
}

static inline void
assert_written(struct writer_options options, const struct column *which, size_t count,
    const char *const *values, size_t rows, const char *expected)
{
	struct buffer out = BUFFER_INIT;

	write_rows(&out, options, which, count, values, rows);
	assert_string_equal(out.data, expected);
	buffer_release(&out);
}

/* One text in a column "a". */
static inline void
assert_value(struct writer_options options, const char *value, const char *expected)
{
	static const struct column text = { "a", CELL_TEXT };

	options.no_header = true;
	assert_written(options, &text, 1, &value, 1, expected);
}

#endif
