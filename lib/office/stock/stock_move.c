#include "office/stock/stock_move.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/memory.h"

enum status
move_reader_open(struct move_reader *reader, struct view *view, struct error *error)
{
	const struct table *table;
	enum status status;

	*reader = (struct move_reader){ .log = NULL };
	status = view_log(view, "stock_move", &reader->log, error);
	if (status == STATUS_OK)
		status = view_table(view, "item", &reader->items, error);
	if (status == STATUS_OK)
		status = view_table(view, "location", &reader->locations, error);
	if (status != STATUS_OK)
		return status;
	table = reader->log->table;
	reader->date = table_field(table, slice_of("date"));
	reader->item = table_field(table, slice_of("item"));
	reader->qty = table_field(table, slice_of("qty"));
	reader->from = table_field(table, slice_of("from"));
	reader->to = table_field(table, slice_of("to"));
	reader->archived = table->archived;
	return STATUS_OK;
}

static uint64_t
reference_number(const struct table *table, struct slice value)
{
	unsigned long long number;

	return value.length > 0 && table_id_parse(table, value, &number) ? number : 0;
}

enum status
move_read(struct move_reader *reader, uint64_t number, struct move *move, struct error *error)
{
	struct record record;
	enum status status;

	arena_reset(&reader->arena);
	status = record_read(reader->log, number, &reader->arena, &record, error);
	if (status != STATUS_OK)
		return status;
	*move = (struct move){
		.number = number,
		.item = reference_number(reader->items, record_value(&record, reader->item)),
		.from = reference_number(reader->locations, record_value(&record, reader->from)),
		.to = reference_number(reader->locations, record_value(&record, reader->to)),
	};
	if (slice_is(record_value(&record, reader->archived), "true"))
		return STATUS_NO;
	if (move->item == 0 || !date_parse(record_value(&record, reader->date), &move->date) ||
	    decimal_parse(record_value(&record, reader->qty), DECIMAL_DIGITS, &move->qty) != DECIMAL_OK)
		return error_set(error, STATUS_SYSTEM, "stock_move.csv: %s%llu is no movement",
		    reader->log->table->prefix, (unsigned long long)number);
	return STATUS_OK;
}

static enum status
visit_one(struct move_reader *reader, uint64_t number, move_visit *visit, void *context, struct error *error)
{
	struct move move;
	enum status status = move_read(reader, number, &move, error);

	if (status == STATUS_OK)
		visit(&move, context);
	return status == STATUS_NO ? STATUS_OK : status;
}

enum status
move_of_item(struct move_reader *reader, uint64_t item, move_visit *visit, void *context, struct error *error)
{
	size_t count;
	const uint64_t *numbers = log_referring(reader->log, reader->item, item, &count);
	enum status status = STATUS_OK;

	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = visit_one(reader, numbers[i], visit, context, error);
	return status;
}

enum status
move_all(struct move_reader *reader, move_visit *visit, void *context, struct error *error)
{
	enum status status = STATUS_OK;

	for (uint64_t number = 1; number <= reader->log->count && status == STATUS_OK; number++)
		status = visit_one(reader, number, visit, context, error);
	return status;
}

/* --- pairs ------------------------------------------------------------------ */

static size_t
pair_slot(const struct pair_table *table, struct pair pair)
{
	uint64_t hash = (pair.item * UINT64_C(0x9e3779b97f4a7c15)) ^
	    (pair.location * UINT64_C(0xc2b2ae3d27d4eb4f));
	size_t mask = table->slot_count - 1, i = (size_t)(hash ^ hash >> 32) & mask;

	for (; table->slots[i] != 0; i = (i + 1) & mask) {
		const struct pair *there = &table->pairs[table->slots[i] - 1];

		if (there->item == pair.item && there->location == pair.location)
			break;
	}
	return i;
}

static void
pair_enlarge(struct pair_table *table)
{
	free(table->slots);
	table->slot_count = table->slot_count == 0 ? 64 : table->slot_count * 2;
	table->slots = memory_array(table->slot_count, sizeof(*table->slots));
	for (size_t i = 0; i < table->count; i++)
		table->slots[pair_slot(table, table->pairs[i])] = i + 1;
}

size_t
pair_enter(struct pair_table *table, struct pair pair)
{
	size_t slot;

	if (table->count * 2 >= table->slot_count)
		pair_enlarge(table);
	slot = pair_slot(table, pair);
	if (table->slots[slot] == 0) {
		table->pairs = memory_grow(table->pairs, &table->capacity, table->count, sizeof(*table->pairs));
		table->pairs[table->count++] = pair;
		table->slots[slot] = table->count;
	}
	return table->slots[slot] - 1;
}

size_t
pair_find(const struct pair_table *table, struct pair pair)
{
	size_t entry = table->slot_count == 0 ? 0 : table->slots[pair_slot(table, pair)];

	return entry == 0 ? SIZE_MAX : entry - 1;
}

void
pair_release(struct pair_table *table)
{
	free(table->pairs);
	free(table->slots);
}
