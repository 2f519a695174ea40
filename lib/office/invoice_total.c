#include "office/invoice_total.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "office/help.h"
#include "office/invoice.h"

enum rounding
invoice_rounding(struct slice rounding)
{
	return slice_is(rounding, "document") ? ROUND_DOCUMENT : ROUND_LINE;
}

/* --- one invoice ---------------------------------------------------------- */

struct line_fields
line_fields(const struct table *table)
{
	return (struct line_fields){
		.qty = table_field(table, slice_of("qty")),
		.price = table_field(table, slice_of("price")),
		.discount = table_field(table, slice_of("discount")),
		.tax_rate = table_field(table, slice_of("tax_rate")),
		.amount = table_field(table, slice_of("amount")),
		.tax = table_field(table, slice_of("tax")),
	};
}

struct money_line
line_money(const struct record *line, const struct line_fields *fields)
{
	return (struct money_line){
		.qty = units_or_zero(record_value(line, fields->qty)),
		.price = units_or_zero(record_value(line, fields->price)),
		.discount = units_or_zero(record_value(line, fields->discount)),
		.tax_rate = units_or_zero(record_value(line, fields->tax_rate)),
	};
}

struct summing {
	struct batch *batch;
	struct log *lines;
	struct line_fields fields;
	struct money_sum sum;
	const struct place *place;
	struct arena arena;
	size_t count;
};

static enum status
too_large(const struct place *place, struct error *error)
{
	return error_add(error, place, "comes to more than an amount can hold");
}

/* The rule of the line reckons by itself; it only has to look again. */
static enum status
mend_line(struct summing *summing, const struct record *line, struct slice amount, struct slice tax,
    struct error *error)
{
	const struct assign assigns[] = {
		{ .target = { .field = summing->fields.amount, .via = SIZE_MAX }, .value = amount },
		{ .target = { .field = summing->fields.tax, .via = SIZE_MAX }, .value = tax },
	};
	const struct edit edit = {
		.table = summing->lines->table,
		.number = line->number,
		.assigns = assigns,
		.assign_count = 2,
		.place = *summing->place,
		.by_rule = true,
	};

	if (slice_equal(record_value(line, summing->fields.amount), amount) &&
	    slice_equal(record_value(line, summing->fields.tax), tax))
		return STATUS_OK;
	return batch_edit(summing->batch, &edit, NULL, error);
}

static enum status
sum_line(struct summing *summing, uint64_t number, struct error *error)
{
	struct money_sum *sum = &summing->sum;
	struct arena *arena = &summing->arena;
	struct record record;
	int64_t amount, tax;
	enum status status;

	arena_reset(arena);
	status = record_read(summing->lines, number, arena, &record, error);
	if (status != STATUS_OK || record_archived(&record))
		return status;

	const struct money_line line = line_money(&record, &summing->fields);

	if (!money_line_round(&line, sum->rounding, sum->digits, &amount, &tax) || !money_sum_add(sum, &line))
		return too_large(summing->place, error);
	summing->count++;
	return mend_line(summing, &record, units_text(amount, sum->digits, false, arena),
	    sum->rounding == ROUND_LINE ? units_text(tax, sum->digits, false, arena) : slice_of(""), error);
}

/* A copy of the numbers of an invoice's lines: edits move the original. */
static uint64_t *
line_numbers(struct log *lines, uint64_t invoice, size_t *count)
{
	const uint64_t *children = log_children(lines, invoice, count);
	uint64_t *numbers = memory_array(*count, sizeof(*numbers));

	if (*count > 0)
		memcpy(numbers, children, *count * sizeof(*numbers));
	return numbers;
}

enum status
invoice_sum(struct batch *batch, uint64_t number, enum rounding rounding, int digits,
    const struct place *place, struct invoice_total *total, struct error *error)
{
	struct summing summing = { .batch = batch, .place = place };
	uint64_t *numbers;
	size_t count;
	enum status status;

	status = view_log(batch_view(batch), "invoice_line", &summing.lines, error);
	if (status != STATUS_OK)
		return status;
	summing.fields = line_fields(summing.lines->table);
	money_sum_init(&summing.sum, rounding, digits);
	numbers = line_numbers(summing.lines, number, &count);
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = sum_line(&summing, numbers[i], error);
	*total = (struct invoice_total){ .lines = summing.count };
	if (status == STATUS_OK && !money_sum_total(&summing.sum, &total->net, &total->tax, &total->total))
		status = too_large(place, error);
	money_sum_release(&summing.sum);
	arena_release(&summing.arena);
	free(numbers);
	return status;
}

/* --- all that a batch has touched ----------------------------------------- */

struct touched {
	uint64_t invoice;
	uint64_t line; /* of the input */
};

struct touched_list {
	struct touched *items;
	size_t count, capacity;
};

static int
touched_compare(const void *a, const void *b)
{
	const struct touched *x = a, *y = b;

	if (x->invoice != y->invoice)
		return x->invoice < y->invoice ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static uint64_t
touched_invoice(const struct change *change, struct log *invoices, struct log *lines, struct arena *arena)
{
	struct error ignored = ERROR_INIT;
	unsigned long long number = 0;
	struct record line;

	if (change->log == invoices)
		return change->number;
	if (change->log != lines)
		return 0;
	if (record_read(lines, change->number, arena, &line, &ignored) != STATUS_OK ||
	    !table_id_parse(invoices->table, record_named(&line, "invoice"), &number))
		number = 0;
	error_release(&ignored);
	return number;
}

/* In the order of their numbers, each once. */
static void
collect_touched(struct batch *batch, struct log *invoices, struct log *lines, struct touched_list *list)
{
	struct arena arena = ARENA_INIT;
	size_t count, kept = 0;
	const struct change *changes = batch_changes(batch, &count);

	for (size_t i = 0; i < count; i++) {
		uint64_t invoice = touched_invoice(&changes[i], invoices, lines, &arena);

		arena_reset(&arena);
		if (invoice == 0)
			continue;
		list->items = memory_grow(list->items, &list->capacity, list->count, sizeof(*list->items));
		list->items[list->count++] = (struct touched){ invoice, changes[i].line };
	}
	arena_release(&arena);
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), touched_compare);
	for (size_t i = 0; i < list->count; i++) {
		if (kept == 0 || list->items[kept - 1].invoice != list->items[i].invoice)
			list->items[kept++] = list->items[i];
	}
	list->count = kept;
}

static enum status
write_total(struct batch *batch, const struct record *invoice, const struct invoice_total *total, int digits,
    const struct place *place, struct error *error)
{
	const struct table *table = invoice->log->table;
	struct arena *arena = invoice->arena;
	const struct assign assigns[] = {
		assign_value(table, "net", units_text(total->net, digits, false, arena)),
		assign_value(table, "tax", units_text(total->tax, digits, false, arena)),
		assign_value(table, "total", units_text(total->total, digits, false, arena)),
	};
	const struct edit edit = {
		.table = table,
		.number = invoice->number,
		.assigns = assigns,
		.assign_count = sizeof(assigns) / sizeof(assigns[0]),
		.place = *place,
		.by_rule = true,
	};
	bool same = true;

	for (size_t i = 0; i < edit.assign_count; i++)
		same = same && slice_equal(record_value(invoice, assigns[i].target.field), assigns[i].value);
	return same ? STATUS_OK : batch_edit(batch, &edit, NULL, error);
}

static enum status
settle_one(struct batch *batch, struct log *invoices, const struct touched *touched, const char *source,
    struct arena *arena, struct error *error)
{
	struct place place = { .source = source, .line = touched->line };
	struct invoice_total total;
	struct record invoice;
	enum status status;
	int digits;

	status = record_read(invoices, touched->invoice, arena, &invoice, error);
	if (status != STATUS_OK || !slice_is(record_named(&invoice, "status"), "draft"))
		return status; /* an issued one was reckoned as it was issued, and stands */
	digits = record_money_digits(&invoice);
	if (digits < 0)
		return error_add(error, &place, "no currency");
	status = invoice_sum(batch, touched->invoice, invoice_rounding(record_named(&invoice, "rounding")),
	    digits, &place, &total, error);
	return status == STATUS_OK ? write_total(batch, &invoice, &total, digits, &place, error) : status;
}

struct settled {
	bool touched;
	const char *source;
	size_t changes; /* batch_change_count after the last time: nothing new means nothing to do */
};

void
invoice_touch(struct batch *batch, const char *source)
{
	struct settled *settled = batch_memory(batch, &rule_invoice, sizeof(*settled), NULL);

	settled->touched = true;
	settled->source = source;
}

enum status
invoice_settle(struct batch *batch, struct error *error)
{
	struct settled *settled = batch_memory(batch, &rule_invoice, sizeof(*settled), NULL);
	struct touched_list list = { .items = NULL };
	struct arena arena = ARENA_INIT;
	struct log *invoices, *lines;
	enum status status;

	if (!settled->touched || settled->changes == batch_change_count(batch))
		return STATUS_OK;
	status = view_log(batch_view(batch), "invoice", &invoices, error);
	if (status == STATUS_OK)
		status = view_log(batch_view(batch), "invoice_line", &lines, error);
	if (status == STATUS_OK)
		collect_touched(batch, invoices, lines, &list);
	for (size_t i = 0; i < list.count && status != STATUS_SYSTEM; i++) {
		status = settle_one(batch, invoices, &list.items[i], settled->source, &arena, error);
		arena_reset(&arena);
	}
	settled->changes = batch_change_count(batch);
	arena_release(&arena);
	free(list.items);
	return error->total > 0 ? STATUS_REFUSED : status;
}
