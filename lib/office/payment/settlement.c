/* settlement: one pass over allocations, kept with the view */
#include "office/payment/settlement.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/help.h"

/* What the allocations of one document or payment come to. */
struct sum {
	int128 units;
	int64_t granted;  /* of it, deductions that nobody pays */
	int32_t up, down; /* the last days on which it was more than before, and less; DATE_FIRST - 1: never */
};

/* By number of a record. */
struct sums {
	const struct table *table; /* of the records */
	size_t field;              /* of an allocation, that names one */
	struct sum *items;
	size_t size;
};

enum { INVOICES, BILLS, PAYMENTS, SUMS };

struct settlement {
	struct log *log; /* allocations */
	size_t amount, deduction, reason, date;
	struct sums sums[SUMS];
	uint64_t seen; /* allocations that are in the sums */
	size_t tail; /* bytes that were pending when they were read: fewer means that some were taken back */
	int32_t day;
	struct arena arena;
};

static void
settlement_release(void *memory)
{
	struct settlement *settlement = memory;

	for (size_t i = 0; i < SUMS; i++)
		free(settlement->sums[i].items);
	arena_release(&settlement->arena);
}

static enum status
settlement_begin(struct settlement *settlement, struct view *view, struct log *log, struct error *error)
{
	static const char *const names[SUMS] = { "invoice", "bill", "payment" };
	enum status status = STATUS_OK;

	settlement->log = log;
	settlement->amount = table_field(log->table, slice_of("amount"));
	settlement->deduction = table_field(log->table, slice_of("deduction"));
	settlement->reason = table_field(log->table, slice_of("reason"));
	settlement->date = table_field(log->table, slice_of("date"));
	for (size_t i = 0; i < SUMS && status == STATUS_OK; i++) {
		settlement->sums[i].field = table_field(log->table, slice_of(names[i]));
		status = view_table(view, names[i], &settlement->sums[i].table, error);
	}
	return status;
}

static const struct sum no_sum = { .up = DATE_FIRST - 1, .down = DATE_FIRST - 1 };

static struct sum *
sum_of(struct sums *sums, uint64_t number)
{
	size_t size = (size_t)number + 1 + sums->size;
	struct sum *items;

	if (number < sums->size)
		return &sums->items[number];
	items = memory_array(size, sizeof *items);
	if (sums->size > 0)
		memcpy(items, sums->items, sums->size * sizeof *items);
	for (size_t i = sums->size; i < size; i++)
		items[i] = no_sum;
	free(sums->items);
	sums->items = items;
	sums->size = size;
	return &sums->items[number];
}

static void
sums_add(struct sums *sums, struct slice reference, int128 units, int64_t granted, int32_t date)
{
	unsigned long long number;
	struct sum *sum;
	int32_t *last;

	if (reference.length == 0 || !table_id_parse(sums->table, reference, &number))
		return;
	sum = sum_of(sums, number);
	sum->units += units;
	sum->granted += granted;
	last = units < 0 ? &sum->down : &sum->up;
	if (date > *last)
		*last = date;
}

/* Adds one allocation to the sums. */
static enum status
settlement_add(struct settlement *settlement, uint64_t number, struct error *error)
{
	struct sums *sums = settlement->sums;
	int64_t amount, deduction, granted;
	int32_t date = DATE_FIRST;
	struct record record;
	enum status status;

	arena_reset(&settlement->arena);
	status = record_peek(settlement->log, number, &settlement->arena, &record, error);
	if (status == STATUS_NO)
		return STATUS_OK;
	if (status != STATUS_OK)
		return status;
	amount = units_or_zero(record_value(&record, settlement->amount));
	deduction = units_or_zero(record_value(&record, settlement->deduction));
	/* What is withheld is paid, to somebody else. */
	granted = slice_is(record_value(&record, settlement->reason), "withholding") ? 0 : deduction;
	date_parse(record_value(&record, settlement->date), &date);
	if (date <= settlement->day) {
		int128 all = (int128)amount + deduction;

		sums_add(&sums[INVOICES], record_value(&record, sums[INVOICES].field), all, granted, date);
		sums_add(&sums[BILLS], record_value(&record, sums[BILLS].field), all, granted, date);
		sums_add(&sums[PAYMENTS], record_value(&record, sums[PAYMENTS].field), amount, 0, date);
	}
	return record_held(&record, error);
}

static void
settlement_forget(struct settlement *settlement)
{
	for (size_t i = 0; i < SUMS; i++) {
		free(settlement->sums[i].items);
		settlement->sums[i].items = NULL;
		settlement->sums[i].size = 0;
	}
	settlement->seen = 0;
}

enum status
settlement_read(struct view *view, int32_t day, struct settlement **out, struct error *error)
{
	/* What is checked asks about all, what is shown about one day. */
	static const char all, shown;
	struct settlement *settlement = view_memory(view, day == DATE_LAST ? &all : &shown,
	    sizeof *settlement, settlement_release);
	struct log *log;
	enum status status = view_log(view, "allocation", &log, error);

	if (status == STATUS_OK && settlement->log == NULL)
		status = settlement_begin(settlement, view, log, error);
	if (status != STATUS_OK)
		return status;
	if (settlement->day != day || settlement->seen > log->count || settlement->tail > log->tail.length)
		settlement_forget(settlement);
	settlement->day = day;
	while (settlement->seen < log->count && status == STATUS_OK)
		status = settlement_add(settlement, ++settlement->seen, error);
	settlement->tail = log->tail.length;
	*out = settlement;
	return status;
}

static const struct sum *
sums_get(const struct sums *sums, uint64_t number)
{
	return number < sums->size ? &sums->items[number] : &no_sum;
}

static const struct sum *
settled_by(const struct settlement *settlement, const struct document_kind *kind, uint64_t number)
{
	return sums_get(&settlement->sums[kind == &document_invoice ? INVOICES : BILLS], number);
}

int128
settlement_settled(const struct settlement *settlement, const struct document_kind *kind, uint64_t number)
{
	return settled_by(settlement, kind, number)->units;
}

int64_t
settlement_granted(const struct settlement *settlement, const struct document_kind *kind, uint64_t number)
{
	return settled_by(settlement, kind, number)->granted;
}

int128
settlement_used(const struct settlement *settlement, uint64_t payment)
{
	return sums_get(&settlement->sums[PAYMENTS], payment)->units;
}

int32_t
settlement_document_day(const struct settlement *settlement, const struct record *document, bool back)
{
	const struct document_kind *kind = document_kind_of(document->log->table->name);
	const struct sum *sum = settled_by(settlement, kind, document->number);
	bool negative = units_or_zero(document_payable(document)) < 0;

	return negative != back ? sum->up : sum->down;
}

int32_t
settlement_payment_day(const struct settlement *settlement, const struct record *payment, bool back)
{
	const struct sum *sum = sums_get(&settlement->sums[PAYMENTS], payment->number);

	return (payment_signed(payment) < 0) != back ? sum->up : sum->down;
}

static bool
dated_by(const struct record *record, int32_t day)
{
	int32_t date;

	return day == DATE_LAST || (date_parse(record_named(record, "date"), &date) && date <= day);
}

int128
settlement_open(const struct settlement *settlement, const struct record *document, int32_t day)
{
	const struct document_kind *kind = document_kind_of(document->log->table->name);

	if (!document_stands(record_named(document, "status")) || !dated_by(document, day))
		return 0;
	return units_or_zero(document_payable(document)) - settlement_settled(settlement, kind, document->number);
}

int64_t
payment_signed(const struct record *payment)
{
	int64_t amount = units_or_zero(record_named(payment, "amount"));

	return slice_is(record_named(payment, "kind"), "refund") ? -amount : amount;
}

int128
settlement_unallocated(const struct settlement *settlement, const struct record *payment, int32_t day)
{
	int32_t bounced;

	if (!dated_by(payment, day))
		return 0;
	/* It has come back: nothing of it is left from that day on. */
	if (date_parse(record_named(payment, "bounced"), &bounced) && (day == DATE_LAST || bounced <= day))
		return 0;
	return payment_signed(payment) - settlement_used(settlement, payment->number);
}

/* --- derived fields ---------------------------------------------------------------- */

struct slice
document_derive(const struct record *document, const struct field *field)
{
	struct view *view = document->log->view;
	struct error ignored = ERROR_INIT;
	struct settlement *settlement;
	int32_t day = view_today(view);
	struct slice value = { "", 0 };

	if (strcmp(field->name, "open") == 0 && document_stands(record_named(document, "status")) &&
	    settlement_read(view, day, &settlement, &ignored) == STATUS_OK)
		value = money_text(settlement_open(settlement, document, day), record_money_digits(document),
		    document->arena);
	error_release(&ignored);
	return value;
}

struct slice
payment_derive(const struct record *payment, const struct field *field)
{
	struct view *view = payment->log->view;
	struct error ignored = ERROR_INIT;
	struct settlement *settlement;
	int32_t day = view_today(view);
	struct slice value = { "", 0 };

	if (strcmp(field->name, "unallocated") == 0 && settlement_read(view, day, &settlement, &ignored) == STATUS_OK)
		value = money_text(settlement_unallocated(settlement, payment, day),
		    record_money_digits(payment), payment->arena);
	error_release(&ignored);
	return value;
}
