/* log: the newest line of each record, found by one look at every line */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/gather.h"
#include "record/indexed.h"
#include "record/log.h"
#include "record/lookup.h"
#include "stream/csv.h"

enum { COLUMNS_MAX = 256 };

enum status
log_damaged(const struct log *log, uint64_t offset, const char *why, struct error *error)
{
	return error_set(error, STATUS_SYSTEM, "%s.csv: damaged at byte %llu: %s", log->table->name,
	    (unsigned long long)offset, why);
}

/* A table of our own, whose fields may grow by columns that no schema knows. */
static struct table *
copy_table(const struct table *table)
{
	struct table *copy = memory_new(sizeof *copy);
	struct field *fields = memory_array(table->field_count, sizeof *fields);

	memcpy(fields, table->fields, table->field_count * sizeof *fields);
	*copy = *table;
	copy->fields = fields;
	return copy;
}

/* The indexes of the fields that have one of the flags, or (flags 0) a default. */
static size_t *
list_fields(const struct table *table, unsigned flags)
{
	size_t *list = memory_array(table->field_count + 1, sizeof *list), count = 0;

	for (size_t i = 0; i < table->field_count; i++) {
		const struct field *field = &table->fields[i];
		bool preset = field->preset[0] != '\0' && !(field->flags & FIELD_DERIVED);

		if (flags != 0 ? (field->flags & flags) != 0 : preset)
			list[count++] = i;
	}
	list[count] = SIZE_MAX;
	return list;
}

struct log *
log_new(struct view *view, const struct table *table)
{
	struct log *log = memory_new(sizeof *log);

	log->view = view;
	log->table = copy_table(table);
	log->sealed = (table->flags & TABLE_PERSONAL) != 0;
	log->checklist = (struct checklist){ list_fields(table, 0), list_fields(table, FIELD_REQUIRED),
		list_fields(table, FIELD_UNIQUE | FIELD_KEY) };
	return log;
}

static void
free_table(struct table *table)
{
	for (size_t i = 0; i < table->field_count; i++) {
		if (table->fields[i].flags & FIELD_FOREIGN)
			free((char *)(uintptr_t)table->fields[i].name);
	}
	free((void *)(uintptr_t)table->fields);
	free(table);
}

static void
free_layout(struct layout *layout)
{
	free((void *)(uintptr_t)layout->fields);
	free((void *)(uintptr_t)layout->column);
	free((char *)(uintptr_t)layout->header.data);
	free(layout);
}

static void
free_tail(struct log *log)
{
	if (log->pinned)
		buffer_unpin(&log->tail, LOG_TAIL_ROOM);
	else
		buffer_release(&log->tail);
	log->pinned = false;
}

void
log_pin_tail(struct log *log)
{
	if (!log->pinned)
		log->pinned = buffer_pin(&log->tail, LOG_TAIL_ROOM);
}

void
log_free(struct log *log)
{
	if (log == NULL)
		return;
	indexed_free(log);
	lookups_free(log);
	for (size_t i = 0; i < log->layout_count; i++)
		free_layout(log->layouts[i]);
	free(log->layouts);
	free(log->checklist.presets);
	free(log->checklist.required);
	free(log->checklist.unique);
	free(log->newest);
	free_tail(log);
	free_table((struct table *)(uintptr_t)log->table);
	free(log);
}

/* The index of a column's field; a column that no schema knows becomes a field that is carried along. */
static size_t
column_field(struct log *log, struct slice name)
{
	struct table *table = (struct table *)(uintptr_t)log->table;
	size_t index = table_field(table, name);
	struct field *fields;

	if (index != SIZE_MAX)
		return index;
	index = table->field_count++;
	fields = memory_resize((void *)(uintptr_t)table->fields, table->field_count, sizeof *fields);
	fields[index] = (struct field){ .name = memory_copy(name.data, name.length),
		.type = TYPE_NOTE,
		.flags = FIELD_FOREIGN | FIELD_HIDDEN,
		.preset = "",
		.help = "a column that this version does not know" };
	table->fields = fields;
	return index;
}

/* Reads a header line; the caller has seen that it begins with "id,". */
static enum status
add_layout(struct log *log, struct slice header, uint64_t offset, struct error *error)
{
	struct slice names[COLUMNS_MAX + 3];
	size_t count = csv_split(header, names, COLUMNS_MAX + 3), skip;
	size_t *fields, *column;
	struct layout *layout;
	bool sealed = count > 2 && slice_is(names[2], "seal");

	if (count < 2 || count > COLUMNS_MAX + 3 || !slice_is(names[1], "tx"))
		return log_damaged(log, offset, "not a header", error);
	if (log->layout_count > 0 && sealed != log->sealed)
		return log_damaged(log, offset, "a header with another seal", error);
	log->sealed = sealed;
	skip = sealed ? 3 : 2;
	fields = memory_array(count - skip + 1, sizeof *fields);
	for (size_t i = skip; i < count; i++)
		fields[i - skip] = column_field(log, names[i]);
	column = memory_array(log->table->field_count, sizeof *column);
	for (size_t i = 0; i < log->table->field_count; i++)
		column[i] = SIZE_MAX;
	for (size_t i = skip; i < count; i++)
		column[fields[i - skip]] = i - skip;
	layout = memory_new(sizeof *layout);
	*layout = (struct layout){ .offset = offset,
		.header = { memory_copy(header.data, header.length), header.length },
		.count = count - skip,
		.known = log->table->field_count,
		.fields = fields,
		.column = column };
	log->layouts = memory_grow(log->layouts, &log->layout_capacity, log->layout_count,
	    sizeof(struct layout *));
	log->layouts[log->layout_count++] = layout;
	return STATUS_OK;
}

void
log_make_room(struct log *log, uint64_t number)
{
	while (number >= log->capacity) {
		size_t capacity = log->capacity < 64 ? 64 : log->capacity * 2;

		log->newest = memory_resize(log->newest, capacity, sizeof *log->newest);
		memset(log->newest + log->capacity, 0, (capacity - log->capacity) * sizeof *log->newest);
		log->capacity = capacity;
	}
}

void
log_point(struct log *log, uint64_t number, uint64_t offset)
{
	log_make_room(log, number);
	log->newest[number] = offset + 1;
	if (number > log->count)
		log->count = number;
}

uint64_t
log_line_number(const struct log *log, const char *line, const char *end)
{
	const char *prefix = log->table->prefix;
	uint64_t number = 0;

	for (; *prefix != '\0'; prefix++, line++) {
		if (line == end || *line != *prefix)
			return 0;
	}
	for (; line < end && *line >= '0' && *line <= '9' && number < UINT32_MAX; line++)
		number = number * 10 + (uint64_t)(*line - '0');
	return line < end && *line == ',' && number <= UINT32_MAX ? number : 0;
}

/* Whether somebody keeps what lines there are. */
static bool
is_entered(const struct log *log)
{
	return log->lookups != NULL || log->referring != NULL || log->indexed != NULL;
}

enum status
log_take_line(struct log *log, struct slice line, uint64_t offset, struct error *error)
{
	uint64_t number = log_line_number(log, line.data, line.data + line.length);

	/* Ids are dense, so none can be larger than the number of lines so far; +1 for this one. */
	if (number != 0 && number <= log->count + 1) {
		log_point(log, number, offset);
		if (is_entered(log))
			lookups_enter(log, number);
		return STATUS_OK;
	}
	if (slice_starts(line, "id,"))
		return add_layout(log, line, offset, error);
	return log_damaged(log, offset, "not a record", error);
}

/* Long enough that threads seldom wait for each other, short enough that all have something to do. */
static size_t
piece_length(struct slice text)
{
	const size_t least = 1 << 20, most = 16 << 20;
	size_t length = text.length / 64;

	return length < least ? least : length > most ? most : length;
}

/* Reads the lines of text, which begins at offset. */
static enum status
scan(struct log *log, struct slice text, uint64_t offset, struct error *error)
{
	const char *line = text.data, *end = text.data + text.length;
	enum status status = STATUS_OK;

	if (text.length >= LOG_SCAN_LONG && !is_entered(log))
		return log_scan(log, text, offset, piece_length(text), error);
	while (line < end && status == STATUS_OK) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		uint64_t at = offset + (uint64_t)(line - text.data);

		if (newline == NULL)
			return log_damaged(log, at, "a line without an end", error);
		status = log_take_line(log, (struct slice){ line, (size_t)(newline - line) }, at, error);
		line = newline + 1;
	}
	return status;
}

static struct slice
line_from(struct slice text, size_t at)
{
	const char *start = text.data + at, *newline;

	newline = memchr(start, '\n', text.length - at);
	return (struct slice){ start, newline != NULL ? (size_t)(newline - start) : text.length - at };
}

enum status
log_follow(struct log *log, struct slice bytes, struct error *error)
{
	struct slice fresh;
	enum status status;

	if (bytes.length == 0)
		return STATUS_OK;
	log->bytes = bytes;
	if (log->scanned == 0 && !slice_starts(bytes, "id,"))
		return log_damaged(log, 0, "the log has no header", error);
	if (log->scanned == 0)
		indexed_open(log, bytes);
	fresh = (struct slice){ bytes.data + log->scanned, bytes.length - log->scanned };
	status = scan(log, fresh, log->scanned, error);
	log->scanned = bytes.length;
	log->settled = log->count;
	return status;
}

enum status
log_take_header(struct log *log, struct slice bytes, uint64_t offset, struct error *error)
{
	struct slice line = line_from(bytes, offset);

	if (!slice_starts(line, "id,") || (offset > 0 && bytes.data[offset - 1] != '\n'))
		return log_damaged(log, offset, "not a header", error);
	return add_layout(log, line, offset, error);
}

void
log_unread(struct log *log)
{
	while (log->layout_count > 0)
		free_layout(log->layouts[--log->layout_count]);
	free(log->newest);
	log->newest = NULL;
	log->capacity = 0;
	log->count = log->scanned = 0;
}

void
log_read_base(struct log *log, uint64_t length)
{
	static const char *const nothing[] = { NULL };
	struct gathering base;

	gather_init(&base, (struct slice){ log->bytes.data, length }, log->table->prefix, NULL, nothing);
	log->damaged = !gather_read(&base);
	for (uint64_t number = 1; !log->damaged && number <= base.count && number <= log->count; number++) {
		if (log->newest[number] == 0)
			log->newest[number] = base.newest[number];
	}
	if (!log->damaged)
		lookups_complete(log, base.newest, base.count);
	gather_release(&base);
}

enum status
log_sound(const struct log *log, struct error *error)
{
	if (!log->damaged)
		return STATUS_OK;
	return error_set(error, STATUS_SYSTEM, "%s.csv: damaged; see bo-audit(1), verify", log->table->name);
}

void
log_forget(struct log *log)
{
	if (log->tail.length == 0)
		return;
	while (log->layout_count > 0 && log->layouts[log->layout_count - 1]->offset >= log->bytes.length)
		free_layout(log->layouts[--log->layout_count]);
	log->complete = NULL;
	free_tail(log);
	log->count = log->settled;
}

struct slice
log_line_at(const struct log *log, uint64_t offset)
{
	if (offset < log->bytes.length)
		return line_from(log->bytes, offset);
	return line_from(buffer_slice(&log->tail), offset - log->bytes.length);
}

struct slice
log_line(const struct log *log, uint64_t number)
{
	if (log_newest(log, number) == 0)
		return (struct slice){ NULL, 0 };
	return log_line_at(log, log->newest[number] - 1);
}

bool
log_erased(const struct log *log, uint64_t number)
{
	return log->sealed && line_is_blank(log_line(log, number));
}

const struct layout *
log_layout(const struct log *log, uint64_t offset)
{
	size_t i = log->layout_count;

	while (i > 0 && log->layouts[i - 1]->offset > offset)
		i--;
	return i > 0 ? log->layouts[i - 1] : NULL;
}

static bool
is_stored(const struct field *field)
{
	return (field->flags & (FIELD_DERIVED | FIELD_FOREIGN)) == 0;
}

const struct layout *
log_writable(struct log *log)
{
	struct layout *last = log->layout_count > 0 ? log->layouts[log->layout_count - 1] : NULL;
	struct error ignored = ERROR_INIT;
	struct buffer header = BUFFER_INIT;
	size_t missing = 0;

	if (last != NULL && log->complete == last)
		return last;
	if (last != NULL)
		buffer_add_slice(&header, last->header);
	else
		buffer_add_text(&header, log->sealed ? "id,tx,seal" : "id,tx");
	for (size_t i = 0; i < log->table->field_count; i++) {
		if (!is_stored(&log->table->fields[i]) || (last != NULL && layout_column(last, i) != SIZE_MAX))
			continue;
		buffer_add_char(&header, ',');
		buffer_add_text(&header, log->table->fields[i].name);
		missing++;
	}
	if (missing > 0) {
		uint64_t offset = log->bytes.length + log->tail.length;

		add_layout(log, buffer_slice(&header), offset, &ignored);
		buffer_add_slice(&log->tail, buffer_slice(&header));
		buffer_add_char(&log->tail, '\n');
	}
	buffer_release(&header);
	error_release(&ignored);
	log->complete = log->layouts[log->layout_count - 1];
	return log->complete;
}

/* A line of the tail that makes a new record, or (number 0) another one. */
struct tail_line {
	uint64_t number;
	struct slice text; /* with its newline */
};

static int
compare_tail_lines(const void *a, const void *b)
{
	const struct tail_line *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->text.data > y->text.data) - (x->text.data < y->text.data);
}

/* The next line of rest; number 0 unless it makes a new record. */
static struct tail_line
next_tail_line(const struct log *log, struct slice *rest)
{
	struct slice line = slice_cut(rest, '\n');
	uint64_t number = log_line_number(log, line.data, line.data + line.length);

	return (struct tail_line){ number > log->settled ? number : 0, { line.data, line.length + 1 } };
}

/* How many lines the tail has; *ordered tells whether its new records come as they are numbered. */
static size_t
count_tail_lines(const struct log *log, bool *ordered)
{
	struct slice rest = buffer_slice(&log->tail);
	uint64_t last = 0;
	size_t count = 0;

	for (*ordered = true; rest.length > 0; count++) {
		struct tail_line line = next_tail_line(log, &rest);

		*ordered = *ordered && (line.number == 0 || line.number >= last);
		last = line.number != 0 ? line.number : last;
	}
	return count;
}

/*
 * Whoever reads a log takes new records as they are numbered.  Where the first line of one
 * was taken out, a later record may come before it.
 */
static void
order_tail(struct log *log)
{
	struct slice rest = buffer_slice(&log->tail);
	struct buffer text = BUFFER_INIT;
	struct tail_line *lines;
	bool ordered;
	size_t count = count_tail_lines(log, &ordered);

	if (ordered)
		return;
	lines = memory_array(count, sizeof *lines);
	for (size_t i = 0; i < count; i++)
		lines[i] = next_tail_line(log, &rest);
	/* The header, which is no record, stays in front; so do lines of older ones. */
	qsort(lines, count, sizeof *lines, compare_tail_lines);
	for (size_t i = 0; i < count; i++)
		buffer_add_slice(&text, lines[i].text);
	memcpy(log->tail.data, text.data, text.length);
	free(lines);
	buffer_release(&text);
}

void
log_compact(struct log *log, const uint64_t *dead, size_t count)
{
	char *tail = log->tail.data;
	uint64_t base = log->bytes.length;
	size_t to = 0, from = 0;
	struct error ignored = ERROR_INIT;

	for (size_t i = 0; i < count; i++) {
		size_t at = dead[i] - base, length = log_line_at(log, dead[i]).length + 1;

		memmove(tail + to, tail + from, at - from);
		to += at - from;
		from = at + length;
	}
	memmove(tail + to, tail + from, log->tail.length - from);
	log->tail.length = to + log->tail.length - from;
	order_tail(log);
	/* The header, if there is one, comes first and has not moved: only records are read again. */
	while (log->layout_count > 0 && log->layouts[log->layout_count - 1]->offset >= base)
		free_layout(log->layouts[--log->layout_count]);
	log->complete = NULL;
	scan(log, buffer_slice(&log->tail), base, &ignored);
	error_release(&ignored);
}
