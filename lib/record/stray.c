/* stray: lines that somebody wrote into a log himself, as edits */
#include "record/stray.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stream/reader.h"

enum { DEPTH_MOST = 4 }; /* of tables in tables */

struct adoption {
	struct batch *batch;
	const struct stray *stray;
	struct log *log;
	struct arena arena;
	uint64_t known;  /* records that there were when the lines were written */
	uint64_t before; /* records that there were before the first edit of this stray */
	uintmax_t above; /* lines of the file above the part that is being read */
};

/* What a column of the part's header means. */
struct meaning {
	size_t id;      /* index of the column, or SIZE_MAX */
	size_t *fields; /* by column: the field, or SIZE_MAX when it is passed over */
};

/* The highest number given out in the log before offset. */
static uint64_t
count_before(const struct log *log, uint64_t offset)
{
	uint64_t count = 0, at = 0;

	while (at < offset && at < log->bytes.length) {
		struct slice line = log_line_at(log, at), rest = line;
		unsigned long long number;

		if (table_id_parse(log->table, slice_cut(&rest, ','), &number) && number > count)
			count = number;
		at += line.length + 1;
	}
	return count;
}

static uintmax_t
lines_before(const struct log *log, uint64_t offset)
{
	uint64_t at = 0;
	uintmax_t lines = 0;

	for (; at < offset && at < log->bytes.length; lines++)
		at += log_line_at(log, at).length + 1;
	return lines;
}

static enum status
read_header(const struct adoption *adoption, struct reader *reader, struct meaning *meaning, struct error *error)
{
	const struct table *table = adoption->log->table;
	struct place place = { adoption->stray->name, adoption->above, NULL };
	size_t count;
	const struct slice *columns = reader_columns(reader, &count);

	meaning->id = reader_column(reader, "id");
	meaning->fields = memory_array(count + 1, sizeof *meaning->fields);
	for (size_t i = 0; i < count; i++) {
		size_t field = table_field(table, columns[i]);

		meaning->fields[i] = SIZE_MAX;
		if (slice_is(columns[i], "id") || slice_is(columns[i], "tx") ||
		    (adoption->log->sealed && slice_is(columns[i], "seal")))
			continue;
		if (field == SIZE_MAX)
			error_add(error, &place, "no such field: \"%.*s\"", (int)columns[i].length,
			    columns[i].data);
		else if (!(table->fields[field].flags & (FIELD_DERIVED | FIELD_COMPUTED | FIELD_FOREIGN)))
			meaning->fields[i] = field;
	}
	return error->total > 0 ? STATUS_REFUSED : STATUS_OK;
}

/* The record that a line is about: 0 for a new one. */
static enum status
find_record(const struct adoption *adoption, struct slice id, const struct place *place, uint64_t *number,
    struct error *error)
{
	const struct log *log = adoption->log;
	struct place at = { place->source, place->line, "id" };
	unsigned long long stated;
	char next[ID_SIZE];
	struct slice next_id = table_id(log->table, log->count + 1, next);

	*number = 0;
	if (id.length == 0)
		return STATUS_OK;
	if (!table_id_parse(log->table, id, &stated) || stated == 0)
		return error_add(error, &at, "not an id of this table: \"%.*s\"", (int)id.length, id.data);
	if (stated <= adoption->known || (stated > adoption->before && stated <= log->count))
		*number = stated;
	else if (stated <= log->count)
		return error_add(error, &at,
		    "%.*s was given to another record since this was written; without an id it will be %.*s",
		    (int)id.length, id.data, (int)next_id.length, next_id.data);
	else if (stated != log->count + 1)
		return error_add(error, &at, "no such %s: \"%.*s\"; a new one will be %.*s", log->table->name,
		    (int)id.length, id.data, (int)next_id.length, next_id.data);
	return STATUS_OK;
}

static enum status
adopt_row(struct adoption *adoption, const struct row *row, const struct meaning *meaning, struct error *error)
{
	const struct table *table = adoption->log->table;
	struct edit edit = { .table = table };
	struct assign *assigns = arena_zero(&adoption->arena, row->count + 1, sizeof *assigns);
	struct slice id = meaning->id < row->count ? row->values[meaning->id] : (struct slice){ "", 0 };
	struct record record;
	enum status status;

	/* The first line that the reader saw was the header, which was put there. */
	edit.place = (struct place){ adoption->stray->name, adoption->above + row->line - 1, NULL };
	edit.assigns = assigns;
	status = find_record(adoption, id, &edit.place, &edit.number, error);
	if (status == STATUS_OK && edit.number != 0)
		status = record_read(adoption->log, edit.number, &adoption->arena, &record, error);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < row->count; i++) {
		size_t field = meaning->fields[i];
		struct slice value = row->values[i], old = { "", 0 };

		if (field == SIZE_MAX)
			continue;
		if (edit.number != 0)
			old = record_value(&record, field);
		if (!slice_equal(value, old))
			assigns[edit.assign_count++] = (struct assign){ { .field = field, .via = SIZE_MAX },
				arena_copy(&adoption->arena, value) };
	}
	return edit.number == 0 || edit.assign_count > 0 ? batch_edit(adoption->batch, &edit, NULL, error)
							 : STATUS_OK;
}

/* The reader counts from the header on that was put above the lines. */
static void
move_faults(const struct adoption *adoption, size_t first, struct error *error)
{
	for (size_t i = first; i < error->count; i++)
		error->faults[i].line += adoption->above - 1;
}

/* Lines that one header applies to. */
static enum status
adopt_part(struct adoption *adoption, struct slice header, struct slice lines, struct error *error)
{
	const struct reader_options options = { .format = FORMAT_CSV };
	struct meaning meaning = { .fields = NULL };
	struct buffer text = BUFFER_INIT;
	struct reader *reader;
	struct row row;
	enum status status;

	if (lines.length == 0)
		return STATUS_OK;
	buffer_add_slice(&text, header);
	buffer_add_char(&text, '\n');
	buffer_add_slice(&text, lines);
	status = reader_open(&reader, adoption->stray->name, buffer_slice(&text), &options, error);
	if (status == STATUS_OK) {
		status = read_header(adoption, reader, &meaning, error);
		while (status == STATUS_OK || (status == STATUS_REFUSED && meaning.fields != NULL)) {
			size_t faults = error->count;

			status = reader_next(reader, &row, error);
			if (status == STATUS_OK)
				status = adopt_row(adoption, &row, &meaning, error);
			else
				move_faults(adoption, faults, error);
		}
		reader_close(reader);
	}
	free(meaning.fields);
	buffer_release(&text);
	return status == STATUS_NO ? STATUS_OK : status;
}

/* The header that applies where the stray lies, or lay; absent in a log that has none yet. */
static struct slice
header_at(const struct log *log, uint64_t offset)
{
	const struct layout *layout = NULL;

	if (log->bytes.length > 0 && offset > 0)
		layout = log_layout(log, offset < log->bytes.length ? offset : log->bytes.length - 1);
	return layout != NULL ? layout->header : (struct slice){ "", 0 };
}

/* Takes a stray apart where headers lie in it. */
static enum status
adopt_lines(struct adoption *adoption, struct error *error)
{
	struct slice rest = buffer_slice(&adoption->stray->bytes), header;
	const char *start = rest.data;
	uintmax_t line = adoption->above;
	enum status status = STATUS_OK;

	header = header_at(adoption->log, adoption->stray->offset);
	while (rest.length > 0 && (status == STATUS_OK || status == STATUS_REFUSED)) {
		struct slice next = slice_cut(&rest, '\n');

		line++;
		if (slice_starts(next, "id,")) {
			status = adopt_part(adoption, header,
			    (struct slice){ start, (size_t)(next.data - start) }, error);
			header = next;
			start = rest.data;
			adoption->above = line;
		} else if (header.length == 0)
			return error_add(error, &(struct place){ adoption->stray->name, line, NULL },
			    "what its columns are is not said: a log begins with its header");
		if (rest.data == NULL)
			rest.length = 0;
	}
	if (start != NULL && (status == STATUS_OK || status == STATUS_REFUSED)) {
		struct slice all = buffer_slice(&adoption->stray->bytes);

		status = adopt_part(adoption, header,
		    (struct slice){ start, all.length - (size_t)(start - all.data) }, error);
	}
	return status;
}

static enum status
adopt_stray(struct batch *batch, const struct stray *stray, struct error *error)
{
	struct adoption adoption = { .batch = batch, .stray = stray, .arena = ARENA_INIT };
	enum status status = view_log(batch_view(batch), stray->table, &adoption.log, error);

	if (status == STATUS_NO) {
		error_clear(error);
		return error_add(error, &(struct place){ stray->name, 0, NULL }, "no such table: \"%s\"",
		    stray->table);
	}
	if (status != STATUS_OK)
		return status;
	adoption.known = count_before(adoption.log, stray->offset);
	adoption.before = adoption.log->count;
	adoption.above = lines_before(adoption.log, stray->start);
	status = adopt_lines(&adoption, error);
	arena_release(&adoption.arena);
	return status;
}

/* How many tables a table lives in. */
static size_t
depth_of(struct view *view, const char *name)
{
	const struct table *table;
	struct error ignored = ERROR_INIT;
	size_t depth = 0;

	while (depth < DEPTH_MOST && view_table(view, name, &table, &ignored) == STATUS_OK &&
	    table->parent[0] != '\0') {
		name = table->parent;
		depth++;
	}
	error_release(&ignored);
	return depth;
}

enum status
stray_edits(struct batch *batch, const struct strays *strays, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t depth = 0; depth <= DEPTH_MOST; depth++)
		for (size_t i = 0; i < strays->count && (status == STATUS_OK || status == STATUS_REFUSED); i++)
			if (depth_of(batch_view(batch), strays->items[i].table) == depth)
				status = adopt_stray(batch, &strays->items[i], error);
	if (status == STATUS_OK && error->total > 0)
		status = STATUS_REFUSED;
	return status;
}
