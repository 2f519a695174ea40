/*
 * fuzz_stream: what the fuzzers of the readers share.
 *
 * Whatever bytes come in, the reader ends, and names a reason for what it refuses; what it
 * has read can be written in every format and is read the same again.
 */
#ifndef FUZZ_STREAM_H
#define FUZZ_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "stream/csv.h"
#include "stream/reader_internal.h"
#include "stream/writer.h"

/* Rows over columns, the columns that were met last missing from the first rows of JSON. */
struct sheet {
	struct arena arena;
	struct column columns[READER_COLUMNS_MAX];
	struct slice names[READER_COLUMNS_MAX];
	size_t column_count;
	struct slice *values; /* READER_COLUMNS_MAX a row */
	size_t row_count, capacity;
	size_t faults;
};

/* What must never happen has happened. */
static inline void
insist(bool holds)
{
	if (!holds)
		abort();
}

static inline void
sheet_release(struct sheet *sheet)
{
	arena_release(&sheet->arena);
	free(sheet->values);
	*sheet = (struct sheet){ .column_count = 0 };
}

/* Children as rows of their own: what matters is that they can be read. */
static inline void
sheet_add(struct sheet *sheet, const struct row *row)
{
	struct slice *values;

	sheet->values = memory_grow(sheet->values, &sheet->capacity, sheet->row_count,
	    READER_COLUMNS_MAX * sizeof *sheet->values);
	values = sheet->values + sheet->row_count++ * READER_COLUMNS_MAX;
	memset(values, 0, READER_COLUMNS_MAX * sizeof *values);
	for (size_t i = 0; i < row->count; i++)
		values[i] = arena_copy(&sheet->arena, row->values[i]);
	for (size_t i = 0; i < row->child_count; i++)
		sheet_add(sheet, &row->children[i]);
}

/* false when there is nothing to read. */
static inline bool
sheet_read(struct sheet *sheet, struct slice bytes, const struct reader_options *options, bool by_libcsv)
{
	struct error error = ERROR_INIT;
	struct reader *reader;
	enum status status = reader_open(&reader, "in", bytes, options, &error);
	const struct slice *names;
	struct row row;

	if (status != STATUS_OK) {
		insist(reader == NULL && error.count > 0 && error.faults[0].reason[0] != '\0');
		error_release(&error);
		return false;
	}
	reader->all_by_libcsv = by_libcsv;
	while ((status = reader_next(reader, &row, &error)) != STATUS_NO) {
		struct slice raw = reader_raw(reader);

		insist(status == STATUS_OK ? error.count == 0 : status == STATUS_REFUSED && error.count > 0);
		insist(raw.data + raw.length <= reader->bytes.data + reader->at);
		sheet->faults += error.count;
		error_clear(&error);
		for (size_t i = 0; status == STATUS_OK && i < row.count && i < ROW_BARE; i++)
			insist((row.bare >> i & 1) == 0 || (row.plain && !csv_must_quote(row.values[i])));
		if (status == STATUS_OK)
			sheet_add(sheet, &row);
	}
	names = reader_columns(reader, &sheet->column_count);
	for (size_t i = 0; i < sheet->column_count; i++) {
		sheet->names[i] = arena_copy(&sheet->arena, names[i]);
		sheet->columns[i] = (struct column){ sheet->names[i].data, CELL_TEXT };
	}
	reader_close(reader);
	error_release(&error);
	return true;
}

static inline void
sheet_write(const struct sheet *sheet, enum format format, bool raw, struct buffer *out)
{
	struct writer_options options = { .format = format, .raw = raw, .width = format == FORMAT_TABLE ? 60 : 0 };
	struct error error = ERROR_INIT;
	int fd = memfd_create("sheet", MFD_CLOEXEC);
	struct writer *writer = writer_open(fd, &options, sheet->columns, sheet->column_count);

	for (size_t r = 0; r < sheet->row_count; r++)
		writer_row(writer, sheet->values + r * READER_COLUMNS_MAX);
	insist(writer_close(writer, &error) == STATUS_OK && lseek(fd, 0, SEEK_SET) == 0);
	buffer_clear(out);
	insist(file_read(fd, out, SIZE_MAX / 4));
	close(fd);
}

/* Empty and absent are the same but in JSON. */
static inline bool
sheet_equal(const struct sheet *a, const struct sheet *b)
{
	if (a->column_count != b->column_count || a->row_count != b->row_count)
		return false;
	for (size_t i = 0; i < a->column_count; i++) {
		if (!slice_equal(a->names[i], b->names[i]))
			return false;
	}
	for (size_t i = 0; i < a->row_count * READER_COLUMNS_MAX; i++) {
		if (!slice_equal(a->values[i], b->values[i]))
			return false;
	}
	return true;
}

static inline struct slice
without_mark(struct slice text)
{
	return slice_starts(text, "\xef\xbb\xbf") ? (struct slice){ text.data + 3, text.length - 3 } : text;
}

/*
 * Whether CSV and TSV can hold it: no reader of them takes a row that is the header again,
 * nor a mark before the name of the first column.
 */
static inline bool
sheet_fits_csv(const struct sheet *sheet)
{
	if (!slice_equal(sheet->names[0], without_mark(sheet->names[0])))
		return false;
	for (size_t r = 0; r < sheet->row_count; r++) {
		const struct slice *values = sheet->values + r * READER_COLUMNS_MAX;
		size_t same = slice_equal(without_mark(values[0]), sheet->names[0]) ? 1 : 0;

		while (same > 0 && same < sheet->column_count && slice_equal(values[same], sheet->names[same]))
			same++;
		if (same == sheet->column_count)
			return false;
	}
	return true;
}

/* What was read can be written and read again, and no byte of it would upset a terminal. */
static inline void
sheet_goes_round(const struct sheet *sheet)
{
	static const enum format formats[] = { FORMAT_CSV, FORMAT_TSV, FORMAT_JSON };
	struct buffer text = BUFFER_INIT;

	for (size_t i = 0; i < 6 && sheet->column_count > 0 && sheet->row_count > 0; i++) {
		struct reader_options options = { .format = formats[i % 3] };
		struct sheet again = { .column_count = 0 };

		if (options.format != FORMAT_JSON && !sheet_fits_csv(sheet))
			continue;
		sheet_write(sheet, options.format, i >= 3, &text);
		insist(sheet_read(&again, buffer_slice(&text), &options, false));
		insist(again.faults == 0 && sheet_equal(sheet, &again));
		sheet_release(&again);
	}
	sheet_write(sheet, FORMAT_TABLE, false, &text);
	for (size_t i = 0; i < text.length; i++)
		insist((unsigned char)text.data[i] >= ' ' || text.data[i] == '\n');
	buffer_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef LIBFUZZER

/* Texts of so many pieces on average, always the same ones; or the files that are named. */
static inline int
fuzz_pieces(char *argv[], const char *const *pieces, size_t count, uint32_t average)
{
	unsigned long rounds = 20000;
	struct buffer text = BUFFER_INIT;
	uint32_t seed = 1;

	if (argv[1] != NULL && strcmp(argv[1], "-n") == 0)
		rounds = argv[2] != NULL ? strtoul(argv[2], NULL, 10) : rounds;
	else if (argv[1] != NULL)
		rounds = 0;
	for (char **file = argv + 1; rounds == 0 && *file != NULL; file++) {
		buffer_clear(&text);
		if (!file_load(*file, &text, 1 << 24)) {
			perror(*file);
			return 1;
		}
		LLVMFuzzerTestOneInput((const uint8_t *)buffer_slice(&text).data, text.length);
	}
	for (; rounds > 0; rounds--) {
		buffer_clear(&text);
		for (seed = seed * 1664525 + 1013904223; (seed >> 8) % average != 0;
		     seed = seed * 1664525 + 1013904223)
			buffer_add_text(&text, pieces[(seed >> 14) % count]);
		LLVMFuzzerTestOneInput((const uint8_t *)buffer_slice(&text).data, text.length);
	}
	buffer_release(&text);
	return 0;
}

static inline int
fuzz_main(char *argv[], const char *const *pieces, size_t count)
{
	return fuzz_pieces(argv, pieces, count, 40);
}

#endif

#endif
