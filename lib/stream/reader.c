/* reader: what all formats have in common */
#include "stream/reader_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "stream/input.h"

enum {
	GIVE_BACK = 1 << 20,      /* bytes at a time, whole pages */
	OWN_AHEAD = 2 << 20,      /* bytes that are made one's own at once: more than a line may have */
	READ_AHEAD_FROM = 1 << 20 /* bytes of an input that are worth a thread */
};

struct slice
reader_rename(struct reader *reader, struct slice name)
{
	for (const char *const *map = reader->options.map; map != NULL && *map != NULL; map++) {
		struct slice to = slice_of(*map), from = slice_cut(&to, '=');

		if (slice_equal(from, name))
			return to.data != NULL ? to : (struct slice){ "", 0 };
	}
	return name;
}

/* The slot of the column with that name, or the free one where it belongs. */
static size_t
find_slot(const struct reader *reader, struct slice name)
{
	size_t at = hash_quick(name) % READER_SLOTS;

	while (reader->slots[at] != 0 && !slice_equal(reader->columns[reader->slots[at] - 1], name))
		at = (at + 1) % READER_SLOTS;
	return at;
}

size_t
reader_add_column(struct reader *reader, struct slice name, uintmax_t line, struct error *error)
{
	size_t slot = find_slot(reader, name);
	struct place place = { reader->name, line, NULL };

	if (reader->slots[slot] != 0)
		return reader->slots[slot] - 1u;
	if (reader->column_count == READER_COLUMNS_MAX) {
		error_add(error, &place, "more than %d columns", READER_COLUMNS_MAX);
		return SIZE_MAX;
	}
	reader->columns[reader->column_count] = arena_copy(&reader->names, name);
	reader->slots[slot] = (uint16_t)++reader->column_count;
	return reader->column_count - 1;
}

/*
 * Copies the pages of the next lines: a mapped file may be written to by others, and what
 * was looked at must be what is used.  A page is copied by writing to it.
 */
static void
make_own(struct reader *reader)
{
	const char *next = reader->bytes.data + reader->at, *end = reader->bytes.data + reader->bytes.length;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (reader->own >= end || (reader->own > next && reader->own - next > READER_LINE_MAX))
		return;
	end = end - next > OWN_AHEAD ? next + OWN_AHEAD : end;
	for (; reader->own < end; reader->own += page) {
		volatile char *byte = reader->own;

		*byte = *byte;
	}
}

bool
reader_line(struct reader *reader, struct slice *line)
{
	const char *start = reader->bytes.data + reader->at, *newline;
	size_t left = reader->bytes.length - reader->at;

	if (left == 0)
		return false;
	if (reader->own != NULL)
		make_own(reader);
	newline = memchr(start, '\n', left);
	*line = (struct slice){ start, newline != NULL ? (size_t)(newline - start) : left };
	reader->at += line->length + (newline != NULL);
	reader->line++;
	return true;
}

bool
reader_fits(struct reader *reader, struct slice line, struct error *error)
{
	struct place place = { reader->name, reader->line, NULL };

	if (line.length <= READER_LINE_MAX)
		return true;
	error_add(error, &place, "a line of more than 1 MiB");
	return false;
}

void
reader_give_back(struct reader *reader, const char *at)
{
	size_t behind;

	if (reader->mapped.data == NULL)
		return;
	behind = (size_t)(at - reader->mapped.data) / GIVE_BACK * GIVE_BACK;
	if (behind == 0)
		return;
	/* They come back from the file if somebody looks again. */
	madvise((char *)(uintptr_t)reader->mapped.data, behind, MADV_DONTNEED);
	reader->mapped.data += behind;
	reader->mapped.length -= behind;
}

/* The first thing in value that is neither text nor a line break; *breaks when there are some. */
static enum text_fault
check_lines(struct slice value, bool *breaks)
{
	size_t at;
	enum text_fault fault;

	*breaks = false;
	while ((fault = text_check(value, &at)) == TEXT_BROKEN) {
		*breaks = true;
		at += value.data[at] == '\n' || value.data[at] == '\r' ? 1 : strlen(TEXT_BREAK);
		value.data += at;
		value.length -= at;
	}
	return fault;
}

bool
reader_clean(struct reader *reader, struct slice *value, uintmax_t line, const char *column, struct error *error)
{
	struct place place = { reader->name, line, column };
	bool breaks;
	enum text_fault fault = check_lines(*value, &breaks);

	if (fault != TEXT_OK) {
		error_add(error, &place, "%s", text_fault_name(fault));
		return false;
	}
	if (breaks) {
		buffer_clear(&reader->folded);
		text_fold_breaks(&reader->folded, *value);
		*value = arena_copy(&reader->arena, buffer_slice(&reader->folded));
	}
	return true;
}

/* JSON when an object comes first, else CSV. */
static enum format
guess(const struct reader *reader)
{
	size_t at = reader->at;

	while (at < reader->bytes.length && strchr(" \t\r\n", reader->bytes.data[at]) != NULL &&
	    reader->bytes.data[at] != '\0')
		at++;
	return at < reader->bytes.length && reader->bytes.data[at] == '{' ? FORMAT_JSON : FORMAT_CSV;
}

static void
skip_lines(struct reader *reader)
{
	struct slice line;

	for (size_t i = 0; i < reader->options.skip; i++) {
		if (!reader_line(reader, &line))
			break;
	}
}

static enum status
start(struct reader *reader, struct error *error)
{
	struct place place = { reader->name, 0, NULL };
	enum status status = encoding_convert(reader, error);

	if (status != STATUS_OK)
		return status;
	if (reader->bytes.length == 0)
		return error_add(error, &place, "empty: there is not even a header");
	skip_lines(reader);
	if (reader->format == FORMAT_AUTO)
		reader->format = guess(reader);
	if (reader->format == FORMAT_TSV && reader->options.delimiter == '\0')
		reader->options.delimiter = '\t';
	if (reader->options.delimiter == '\0')
		reader->options.delimiter = ',';
	if (reader->format == FORMAT_IDS)
		reader_add_column(reader, slice_of("id"), 0, error);
	if (reader->format == FORMAT_CSV || reader->format == FORMAT_TSV)
		return csv_reader_open(reader, error);
	if (reader->format == FORMAT_JSON)
		json_reader_open(reader);
	return STATUS_OK;
}

/*
 * mapped is where the mapping begins that bytes lie in, absent when they don't lie in one;
 * own likewise, where others may write to it.
 */
static enum status
open_bytes(struct reader **out, const char *name, struct slice bytes, struct slice mapped, char *own,
    const struct reader_options *options, struct error *error)
{
	struct reader *reader = memory_new(sizeof *reader);
	enum status status;

	reader->name = name;
	reader->options = *options;
	reader->format = options->format;
	reader->bytes = bytes;
	reader->mapped = mapped;
	reader->own = own;
	reader->needed = SIZE_MAX;
	reader->columns = memory_array(READER_COLUMNS_MAX, sizeof *reader->columns);
	reader->values = memory_array(READER_COLUMNS_MAX, sizeof *reader->values);
	status = start(reader, error);
	if (status != STATUS_OK) {
		reader_close(reader);
		reader = NULL;
	}
	*out = reader;
	return status;
}

enum status
reader_open(struct reader **reader, const char *name, struct slice bytes,
    const struct reader_options *options, struct error *error)
{
	return open_bytes(reader, name, bytes, (struct slice){ NULL, 0 }, NULL, options, error);
}

enum status
reader_open_input(struct reader **reader, const struct input *input, const struct reader_options *options,
    struct error *error)
{
	struct slice mapped = { input->mapped, input->mapped_size };
	enum status status = open_bytes(reader, input->name, input->bytes, mapped,
	    input->shared ? input->mapped : NULL, options, error);

	/* JSON may have new columns in any row, so those who read it must not be overtaken. */
	if (status == STATUS_OK && (*reader)->bytes.length >= READ_AHEAD_FROM &&
	    ((*reader)->format == FORMAT_CSV || (*reader)->format == FORMAT_TSV))
		(*reader)->ahead = read_ahead_start(*reader);
	return status;
}

void
reader_close(struct reader *reader)
{
	if (reader == NULL)
		return;
	read_ahead_stop(reader->ahead);
	csv_reader_close(reader->csv);
	json_reader_close(reader->json);
	arena_release(&reader->names);
	arena_release(&reader->arena);
	buffer_release(&reader->converted);
	buffer_release(&reader->folded);
	free(reader->columns);
	free(reader->values);
	free(reader);
}

const char *
reader_name(const struct reader *reader)
{
	return reader->name;
}

const struct slice *
reader_columns(const struct reader *reader, size_t *count)
{
	*count = reader->column_count;
	return reader->columns;
}

size_t
reader_column(const struct reader *reader, const char *name)
{
	uint16_t slot = reader->slots[find_slot(reader, slice_of(name))];

	return slot != 0 ? slot - 1u : SIZE_MAX;
}

/* One id a line. */
static enum status
next_id(struct reader *reader, struct row *row, struct error *error)
{
	struct slice line;

	do {
		if (!reader_line(reader, &line))
			return STATUS_NO;
		reader->raw = line;
		if (!reader_fits(reader, line, error))
			return STATUS_REFUSED;
		line = slice_trim(line);
	} while (line.length == 0);
	reader->values[0] = line;
	*row = (struct row){ .line = reader->line, .count = 1, .values = reader->values };
	return reader_clean(reader, &reader->values[0], reader->line, "id", error) ? STATUS_OK : STATUS_REFUSED;
}

enum status
reader_take(struct reader *reader, struct row *row, struct error *error)
{
	arena_reset(&reader->arena);
	reader_give_back(reader, reader->bytes.data + (reader->needed < reader->at ? reader->needed : reader->at));
	switch (reader->format) {
	case FORMAT_JSON:
		return json_reader_next(reader, row, error);
	case FORMAT_IDS:
		return next_id(reader, row, error);
	default:
		return csv_reader_next(reader, row, error);
	}
}

enum status
reader_next(struct reader *reader, struct row *row, struct error *error)
{
	return reader->ahead != NULL ? read_ahead_next(reader->ahead, row, error)
				     : reader_take(reader, row, error);
}

struct slice
reader_raw(const struct reader *reader)
{
	return reader->ahead != NULL ? read_ahead_raw(reader->ahead) : reader->raw;
}

struct slice
reader_header(const struct reader *reader)
{
	return reader->header;
}

uintmax_t
reader_header_line(const struct reader *reader)
{
	return reader->header_line;
}
