#include "record/sheet.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/expr.h"
#include "stream/csv.h"

enum { SHEET_FIELDS_MAX = 32, PREFIX_SIZE = 5 };

struct sheet {
	struct table table;
	struct log log;
	struct layout layout;
	size_t same[SHEET_FIELDS_MAX]; /* every column is the field of the same index */
	struct slice raw[SHEET_FIELDS_MAX];
	size_t id, tx; /* fields, or SIZE_MAX */
	char prefix[PREFIX_SIZE];
	struct arena arena;
	struct expr **exprs;
	size_t expr_count;
};

static void
describe(struct sheet *sheet, struct view *view, const char *name, const struct field *fields, size_t count)
{
	sheet->table = (struct table){
		.name = name,
		.prefix = sheet->prefix,
		.parent = "",
		.command = "",
		.help = "",
		.fields = fields,
		.field_count = count,
		.key = SIZE_MAX,
		.state = SIZE_MAX,
		.parent_field = SIZE_MAX,
		.archived = SIZE_MAX,
		.currency = SIZE_MAX,
	};
	for (size_t i = 0; i < count; i++)
		sheet->same[i] = i;
	sheet->layout = (struct layout){
		.count = count,
		.fields = sheet->same,
		.known = count,
		.column = sheet->same,
	};
	sheet->log = (struct log){ .view = view, .table = &sheet->table };
	sheet->id = table_field(&sheet->table, slice_of("id"));
	sheet->tx = table_field(&sheet->table, slice_of("tx"));
}

enum status
sheet_open(struct sheet **out, struct view *view, const char *name, const struct field *fields, size_t count,
    const char *const *where, size_t where_count, struct error *error)
{
	struct sheet *sheet = memory_new(sizeof(*sheet));
	enum status status = STATUS_OK;

	if (count > SHEET_FIELDS_MAX) {
		free(sheet);
		*out = NULL;
		return error_set(error, STATUS_SYSTEM, "%s: more than %d columns", name, SHEET_FIELDS_MAX);
	}
	describe(sheet, view, name, fields, count);
	sheet->exprs = memory_array(where_count, sizeof(struct expr *));
	for (; status == STATUS_OK && sheet->expr_count < where_count; sheet->expr_count++)
		status = expr_compile(view, &sheet->table, where[sheet->expr_count],
		    &sheet->exprs[sheet->expr_count], error);
	if (status != STATUS_OK) {
		sheet_close(sheet);
		sheet = NULL;
	}
	*out = sheet;
	return status;
}

void
sheet_close(struct sheet *sheet)
{
	if (sheet == NULL)
		return;
	for (size_t i = 0; i < sheet->expr_count; i++)
		expr_free(sheet->exprs[i]);
	free(sheet->exprs);
	arena_release(&sheet->arena);
	free(sheet);
}

/* A record's values are raw: one that begins with a quote would be taken for a quoted one. */
static struct slice
raw_value(struct sheet *sheet, struct slice value)
{
	struct buffer quoted = BUFFER_INIT;

	if (value.length == 0 || value.data[0] != '"')
		return value;
	csv_add(&quoted, value);
	value = arena_copy(&sheet->arena, buffer_slice(&quoted));
	buffer_release(&quoted);
	return value;
}

/* The id's letters become the prefix of the table that the record seems to be of. */
static uint64_t
take_id(struct sheet *sheet, struct slice id)
{
	unsigned long long number = 0;
	size_t letters = 0;

	while (letters < id.length && letters < PREFIX_SIZE - 1 && id.data[letters] >= 'A' &&
	    id.data[letters] <= 'Z')
		letters++;
	memcpy(sheet->prefix, id.data, letters);
	sheet->prefix[letters] = '\0';
	slice_to_u64((struct slice){ id.data + letters, id.length - letters }, &number);
	return number;
}

bool
sheet_holds(struct sheet *sheet, const struct slice *values, struct error *error)
{
	struct record record = { .log = &sheet->log, .layout = &sheet->layout, .raw = sheet->raw };
	unsigned long long tx = 0;
	bool holds = true;

	if (sheet->expr_count == 0)
		return true;
	arena_reset(&sheet->arena);
	record.arena = &sheet->arena;
	for (size_t i = 0; i < sheet->table.field_count; i++)
		sheet->raw[i] = raw_value(sheet, values[i]);
	if (sheet->id != SIZE_MAX)
		record.number = take_id(sheet, values[sheet->id]);
	if (sheet->tx != SIZE_MAX && slice_to_u64(values[sheet->tx], &tx))
		record.tx = tx;
	for (size_t i = 0; i < sheet->expr_count && holds; i++)
		holds = expr_true(sheet->exprs[i], &record, error);
	return holds;
}
