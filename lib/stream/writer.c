/* writer: records out; this file holds the buffer and what all formats have in common */
#include "stream/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "stream/writer_internal.h"

enum { OUTPUT_SIZE = 256 * 1024 };

static const struct writer_format *
format_of(enum format format, int fd)
{
	switch (format) {
	case FORMAT_CSV:
		return &writer_csv;
	case FORMAT_TSV:
		return &writer_tsv;
	case FORMAT_JSON:
		return &writer_json;
	case FORMAT_IDS:
		return &writer_ids;
	case FORMAT_TABLE:
		return &writer_table;
	case FORMAT_AUTO:
		break;
	}
	return isatty(fd) ? &writer_table : &writer_csv;
}

static size_t
id_column(const struct column *columns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(columns[i].name, "id") == 0)
			return i;
	return 0;
}

struct writer *
writer_open(int fd, const struct writer_options *options, const struct column *columns, size_t count)
{
	struct writer *writer = memory_new(sizeof *writer);

	writer->fd = fd;
	writer->options = *options;
	writer->format = format_of(options->format, fd);
	writer->columns = columns;
	writer->count = count;
	writer->id = id_column(columns, count);
	buffer_reserve(&writer->out, OUTPUT_SIZE + OUTPUT_SIZE / 4);
	if (writer->format->begin != NULL)
		writer->format->begin(writer);
	return writer;
}

static void
write_out(struct writer *writer, struct slice bytes)
{
	if (writer->failure != 0 || bytes.length == 0)
		return;
	if (!file_write(writer->fd, bytes.data, bytes.length))
		writer->failure = errno != 0 ? errno : EIO;
}

static void
write_buffer(struct writer *writer)
{
	write_out(writer, buffer_slice(&writer->out));
	buffer_clear(&writer->out);
}

void
writer_spill(struct writer *writer)
{
	if (writer->out.length >= OUTPUT_SIZE && writer->fd >= 0)
		write_buffer(writer);
}

void
writer_row(struct writer *writer, const struct slice *values)
{
	writer_row_nested(writer, values, NULL, 0);
}

void
writer_row_nested(struct writer *writer, const struct slice *values, const struct nested *nested,
    size_t nested_count)
{
	writer->format->row(writer, values, nested, nested_count);
	writer_spill(writer);
}

struct buffer *
writer_buffer(struct writer *writer)
{
	return &writer->out;
}

void
writer_bytes(struct writer *writer, struct slice bytes)
{
	if (bytes.length >= OUTPUT_SIZE) {
		write_buffer(writer);
		write_out(writer, bytes);
		return;
	}
	buffer_add_slice(&writer->out, bytes);
	writer_spill(writer);
}

struct writer *
writer_part(const struct writer *writer)
{
	struct writer *part = memory_new(sizeof *part);

	part->fd = -1;
	part->options = writer->options;
	part->options.no_header = true;
	part->format = writer->format;
	part->columns = writer->columns;
	part->count = writer->count;
	part->id = writer->id;
	if (part->format->begin != NULL)
		part->format->begin(part);
	return part;
}

void
writer_exchange(struct writer *part, struct buffer *bytes)
{
	struct buffer gathered = part->out;

	part->out = *bytes;
	buffer_clear(&part->out);
	*bytes = gathered;
}

void
writer_flush(struct writer *writer)
{
	if (writer->format->flush != NULL)
		writer->format->flush(writer);
	write_buffer(writer);
}

bool
writer_failed(const struct writer *writer)
{
	return writer->failure != 0;
}

enum status
writer_close(struct writer *writer, struct error *error)
{
	enum status status = STATUS_OK;

	if (writer->fd >= 0)
		writer_flush(writer);
	if (writer->failure != 0) {
		errno = writer->failure;
		status = error_set(error, STATUS_SYSTEM,
		    writer->fd == STDOUT_FILENO ? "standard output:" : "output:");
	}
	if (writer->format->end != NULL)
		writer->format->end(writer);
	buffer_release(&writer->out);
	buffer_release(&writer->scratch);
	buffer_release(&writer->nulls);
	free(writer->keys);
	free(writer);
	return status;
}
