/* record: one record, read from its line when somebody looks at it */
#include "record/view.h"

#include "base/hash.h"
#include "base/places.h"
#include "record/derived.h"
#include "record/log.h"
#include "stream/csv.h"

enum status
record_read_at(struct log *log, uint64_t offset, struct arena *arena, struct record *record, struct error *error)
{
	const struct layout *layout = log_layout(log, offset);
	size_t skip = log->sealed ? 3 : 2, count = layout->count + skip;
	struct slice line = log_line_at(log, offset);
	unsigned long long number, tx;

	/* The tail moves when it grows, so what is read from it is copied. */
	if (offset >= log->bytes.length)
		line = arena_copy(arena, line);
	*record = (struct record){ .log = log, .line = line, .layout = layout, .arena = arena };
	record->raw = arena_take(arena, count * sizeof *record->raw);
	if (csv_split(line, record->raw, count) != count ||
	    !table_id_parse(log->table, record->raw[0], &number) || !slice_to_u64(record->raw[1], &tx))
		return error_set(error, STATUS_SYSTEM, "%s.csv: damaged at byte %llu: not a record of %zu columns",
		    log->table->name, (unsigned long long)offset, count);
	record->number = number;
	record->tx = tx;
	record->raw += skip;
	record->erased = log->sealed && line_is_blank(line);
	for (size_t i = 0; record->erased && i < layout->count; i++)
		record->raw[i] = (struct slice){ "", 0 };
	return STATUS_OK;
}

enum status
record_read(struct log *log, uint64_t number, struct arena *arena, struct record *record, struct error *error)
{
	if (log_newest(log, number) == 0 && log->damaged)
		return log_sound(log, error);
	if (log_newest(log, number) == 0)
		return error_set(error, STATUS_NO, "no such %s: %s%llu", log->table->name, log->table->prefix,
		    (unsigned long long)number);
	return record_read_at(log, log_newest(log, number) - 1, arena, record, error);
}

/* --- as far as it is asked for ------------------------------------------------------ */

/*
 * Where the columns of a line end.  Some more are found than are asked for, so that the
 * next one mostly is known; where quotes are not as bo writes them the line is walked
 * over byte by byte.
 */
struct columns {
	struct slice rest; /* the columns, behind id, tx and seal */
	uint32_t *ends;    /* of those that are known */
	size_t known;
	struct slice *raw; /* the columns, where they were walked over */
	bool walked;
	bool lacking; /* there were fewer than were asked for */
};

enum { COLUMNS_MORE = 8 };

/* Behind the commas of id, tx and the seal; absent when there are fewer. */
static struct slice
behind_head(const struct log *log, struct slice line, unsigned long long *tx)
{
	struct slice rest = { NULL, 0 };
	size_t at = 0, start;

	/* They are short. */
	while (at < line.length && line.data[at] != ',')
		at++;
	for (start = ++at; at < line.length && line.data[at] != ',';)
		at++;
	if (at >= line.length || !slice_to_u64((struct slice){ line.data + start, at - start }, tx))
		return rest;
	rest = (struct slice){ line.data + at + 1, line.length - at - 1 };
	if (!log->sealed)
		return rest;
	/* A seal has no comma in it, and a length of its own. */
	if (rest.length > HASH_HEX && rest.data[HASH_HEX] == ',')
		return (struct slice){ rest.data + HASH_HEX + 1, rest.length - HASH_HEX - 1 };
	slice_cut(&rest, ',');
	return rest;
}

enum status
record_peek(struct log *log, uint64_t number, struct arena *arena, struct record *record, struct error *error)
{
	uint64_t newest = log_newest(log, number);
	struct columns *columns;
	struct slice line, rest;
	unsigned long long tx;

	/* What lies in the tail moves: it is read as ever. */
	if (newest == 0 || newest > log->bytes.length)
		return record_read(log, number, arena, record, error);
	line = log_line_at(log, newest - 1);
	rest = behind_head(log, line, &tx);
	if (rest.length == 0 || (log->sealed && rest.data[0] == ' ' && line_is_blank(line)))
		return record_read(log, number, arena, record, error);
	columns = arena_take(arena, sizeof *columns);
	*columns = (struct columns){ .rest = rest };
	*record = (struct record){ .log = log,
		.number = number,
		.tx = tx,
		.line = line,
		.layout = log_layout(log, newest - 1),
		.columns = columns,
		.arena = arena };
	return STATUS_OK;
}

enum status
record_held(const struct record *record, struct error *error)
{
	if (record->columns == NULL || !record->columns->lacking)
		return STATUS_OK;
	return log_damaged(record->log, (uint64_t)(record->line.data - record->log->bytes.data),
	    "not all columns are there", error);
}

static void
walk_columns(struct columns *columns, const struct record *record)
{
	size_t count = record->layout->count;

	columns->raw = arena_take(record->arena, count * sizeof *columns->raw);
	columns->known = csv_split(columns->rest, columns->raw, count);
	columns->known = columns->known < count ? columns->known : count;
	columns->walked = true;
}

/* Finds the columns up to the one that is asked for, and some more. */
static void
find_columns(struct columns *columns, const struct record *record, size_t column)
{
	size_t wanted = column + COLUMNS_MORE, found;

	if (wanted > record->layout->count)
		wanted = record->layout->count;
	columns->ends = arena_take(record->arena, wanted * sizeof *columns->ends);
	found = places_outside(columns->rest, log_behind(record->log, columns->rest), ',', columns->ends, wanted);
	if (found == SIZE_MAX) {
		walk_columns(columns, record);
		return;
	}
	/* The last one ends where the line does. */
	if (found < wanted)
		columns->ends[found++] = (uint32_t)columns->rest.length;
	columns->known = found;
}

/* The raw value of a column. */
static struct slice
raw_column(const struct record *record, size_t column)
{
	struct columns *columns = record->columns;
	size_t start;

	if (columns == NULL)
		return record->raw[column];
	if (columns->known <= column && !columns->walked)
		find_columns(columns, record, column);
	if (columns->known <= column) {
		columns->lacking = true;
		return (struct slice){ "", 0 };
	}
	if (columns->walked)
		return columns->raw[column];
	start = column > 0 ? columns->ends[column - 1] + (size_t)1 : 0;
	return (struct slice){ columns->rest.data + start, columns->ends[column] - start };
}

/* --- values --------------------------------------------------------------------------- */

struct slice
record_value(const struct record *record, size_t field)
{
	const struct field *what = &record->log->table->fields[field];
	size_t column;

	if (record->erased)
		return (struct slice){ "", 0 };
	if (what->flags & FIELD_DERIVED)
		return derived_value(record, what);
	column = layout_column(record->layout, field);
	if (column == SIZE_MAX)
		return (struct slice){ "", 0 };
	return csv_decode(raw_column(record, column), record->arena);
}

struct slice
record_named(const struct record *record, const char *field)
{
	size_t index = table_field(record->log->table, slice_of(field));

	return index == SIZE_MAX ? (struct slice){ "", 0 } : record_value(record, index);
}

/* The last column, which `archived` mostly is, tells without those before it being split. */
static bool
ends_empty(const struct record *record)
{
	size_t last = record->layout->count - 1;
	struct slice line = record->line;

	return record->columns != NULL && record->layout->count > 0 && record->columns->known <= last &&
	    record->layout->fields[last] == record->log->table->archived && line.data[line.length - 1] == ',';
}

bool
record_archived(const struct record *record)
{
	if (!record->erased && ends_empty(record))
		return false;
	return record->erased || slice_is(record_value(record, record->log->table->archived), "true");
}

struct slice
record_id(const struct record *record)
{
	char id[ID_SIZE];

	return arena_copy(record->arena, table_id(record->log->table, record->number, id));
}

/* Digits of the company's currency. */
static int
company_digits(struct view *view)
{
	struct slice currency = view_company(view, "currency");

	return currency.length > 0 ? codes_currency_digits(view_codes(view), currency) : -1;
}

int
record_money_digits(const struct record *record)
{
	struct log *log = record->log;
	const struct table *table = log->table;
	struct error ignored = ERROR_INIT;
	struct record parent;
	struct log *parents;
	struct slice value;
	unsigned long long number;
	int digits = -1;

	if (table->currency != SIZE_MAX && (value = record_value(record, table->currency)).length > 0)
		return codes_currency_digits(view_codes(log->view), value);
	if (table->parent_field != SIZE_MAX && view_log(log->view, table->parent, &parents, &ignored) == STATUS_OK &&
	    table_id_parse(parents->table, record_value(record, table->parent_field), &number) &&
	    record_read(parents, number, record->arena, &parent, &ignored) == STATUS_OK)
		digits = record_money_digits(&parent);
	else
		digits = company_digits(log->view);
	error_release(&ignored);
	return digits;
}

uint64_t
log_resolve(struct log *log, struct slice text, const struct place *place, struct error *error)
{
	const struct table *table = log->table;
	unsigned long long number;
	uint64_t found = 0;

	if (table_id_parse(table, text, &number)) {
		if (log_newest(log, number) != 0)
			found = number;
	} else if (table->key != SIZE_MAX)
		found = log_find(log, table->key, text);
	if (found == 0 && log_sound(log, error) == STATUS_OK)
		error_add(error, place, "no such %s: \"%.*s\"", table->name, (int)text.length, text.data);
	return found;
}
