/* record: one record, read from its line when somebody looks at it */
#include "record/view.h"

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
	return csv_decode(record->raw[column], record->arena);
}

struct slice
record_named(const struct record *record, const char *field)
{
	size_t index = table_field(record->log->table, slice_of(field));

	return index == SIZE_MAX ? (struct slice){ "", 0 } : record_value(record, index);
}

bool
record_archived(const struct record *record)
{
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
