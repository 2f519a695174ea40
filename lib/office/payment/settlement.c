/* settlement: the allocations of one document or payment, or one pass over all, kept with the view */
#include "office/payment/settlement.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/help.h"

/* By number of a record. */
struct sums {
	const struct table *table; /* of the records */
	size_t field;              /* of an allocation, that names one */
	struct settled *items;
	size_t size;
};

enum { INVOICES, BILLS, PAYMENTS, SUMS };

/* Questions after which all are read, and of how many allocations one more. */
enum { ASKED_MOST = 32, ASKED_PART = 64 };

struct settlement {
	struct log *log; /* allocations */
	size_t amount, deduction, reason, date;
	size_t asked;
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

static size_t
which_sums(const char *table)
{
	return strcmp(table, "payment") == 0 ? PAYMENTS : strcmp(table, "bill") == 0 ? BILLS : INVOICES;
}

static const struct settled nothing = { .up = DATE_FIRST - 1, .down = DATE_FIRST - 1 };

static void
settled_add(struct settled *settled, int128 units, int64_t granted, int32_t date)
{
	int32_t *last = units < 0 ? &settled->down : &settled->up;

	settled->units += units;
	settled->granted += granted;
	if (date > *last)
		*last = date;
}

/* An allocation as numbers. */
struct share {
	int64_t amount, deduction, granted;
	int32_t date;
};

static struct share
share_of(const struct settlement *settlement, const struct record *allocation)
{
	struct share share = { .amount = units_or_zero(record_value(allocation, settlement->amount)),
		.deduction = units_or_zero(record_value(allocation, settlement->deduction)),
		.date = DATE_FIRST };

	/* What is withheld is paid, to somebody else. */
	if (!slice_is(record_value(allocation, settlement->reason), "withholding"))
		share.granted = share.deduction;
	date_parse(record_value(allocation, settlement->date), &share.date);
	return share;
}

static void
share_add(struct settled *settled, const struct share *share, size_t which)
{
	if (which == PAYMENTS)
		settled_add(settled, share->amount, 0, share->date);
	else
		settled_add(settled, (int128)share->amount + share->deduction, share->granted, share->date);
}

/* --- of one --------------------------------------------------------------------------- */

struct asking {
	const struct settlement *settlement;
	size_t which;
	int32_t day;
	struct settled *settled;
};

static enum status
add_one(const struct record *allocation, void *context, struct error *error)
{
	const struct asking *asking = context;
	struct share share = share_of(asking->settlement, allocation);

	(void)error;
	if (share.date <= asking->day)
		share_add(asking->settled, &share, asking->which);
	return STATUS_OK;
}

/* --- of all --------------------------------------------------------------------------- */

static struct settled *
settled_of(struct sums *sums, uint64_t number)
{
	size_t size = (size_t)number + 1 + sums->size;
	struct settled *items;

	if (number < sums->size)
		return &sums->items[number];
	items = memory_array(size, sizeof *items);
	if (sums->size > 0)
		memcpy(items, sums->items, sums->size * sizeof *items);
	for (size_t i = sums->size; i < size; i++)
		items[i] = nothing;
	free(sums->items);
	sums->items = items;
	sums->size = size;
	return &sums->items[number];
}

static enum status
add_to_all(struct settlement *settlement, uint64_t allocation, struct error *error)
{
	struct record record;
	struct share share;
	enum status status;

	arena_reset(&settlement->arena);
	status = record_peek(settlement->log, allocation, &settlement->arena, &record, error);
	if (status == STATUS_NO)
		return STATUS_OK;
	if (status != STATUS_OK)
		return status;
	share = share_of(settlement, &record);
	for (size_t i = 0; share.date <= settlement->day && i < SUMS; i++) {
		struct sums *sums = &settlement->sums[i];
		struct slice reference = record_value(&record, sums->field);
		unsigned long long number;

		if (reference.length > 0 && table_id_parse(sums->table, reference, &number))
			share_add(settled_of(sums, number), &share, i);
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

/* Brings the sums up to date with what is pending. */
static enum status
read_all(struct settlement *settlement, int32_t day, struct error *error)
{
	struct log *log = settlement->log;
	enum status status = STATUS_OK;

	if (settlement->day != day || settlement->seen > log->count || settlement->tail > log->tail.length)
		settlement_forget(settlement);
	settlement->day = day;
	while (settlement->seen < log->count && status == STATUS_OK)
		status = add_to_all(settlement, ++settlement->seen, error);
	settlement->tail = log->tail.length;
	return status;
}

enum status
settled_read(struct view *view, int32_t day, const struct record *record, struct settled *settled,
    struct error *error)
{
	/* What is checked asks about all, what is shown about one day. */
	static const char all, shown;
	struct settlement *settlement = view_memory(view, day == DATE_LAST ? &all : &shown,
	    sizeof *settlement, settlement_release);
	struct asking asking = { .settlement = settlement, .day = day, .settled = settled };
	struct log *log = settlement->log;
	enum status status = STATUS_OK;

	*settled = nothing;
	if (log == NULL)
		status = view_log(view, "allocation", &log, error);
	if (status == STATUS_OK && settlement->log == NULL)
		status = settlement_begin(settlement, view, log, error);
	if (status != STATUS_OK)
		return status;
	asking.which = which_sums(record->log->table->name);
	if (settlement->asked++ < ASKED_MOST + log->count / ASKED_PART)
		return log_each_referring(log, settlement->sums[asking.which].field, record->number, add_one,
		    &asking, error);
	status = read_all(settlement, day, error);
	if (status == STATUS_OK && record->number < settlement->sums[asking.which].size)
		*settled = settlement->sums[asking.which].items[record->number];
	return status;
}

/* --- what it comes to -------------------------------------------------------------------- */

int32_t
settled_document_day(const struct settled *settled, const struct record *document, bool back)
{
	bool negative = units_or_zero(document_payable(document)) < 0;

	return negative != back ? settled->up : settled->down;
}

int32_t
settled_payment_day(const struct settled *settled, const struct record *payment, bool back)
{
	return (payment_signed(payment) < 0) != back ? settled->up : settled->down;
}

static bool
dated_by(const struct record *record, int32_t day)
{
	int32_t date;

	return day == DATE_LAST || (date_parse(record_named(record, "date"), &date) && date <= day);
}

int128
settled_open(const struct settled *settled, const struct record *document, int32_t day)
{
	if (!document_stands(record_named(document, "status")) || !dated_by(document, day))
		return 0;
	return units_or_zero(document_payable(document)) - settled->units;
}

int64_t
payment_signed(const struct record *payment)
{
	int64_t amount = units_or_zero(record_named(payment, "amount"));

	return slice_is(record_named(payment, "kind"), "refund") ? -amount : amount;
}

int128
settled_left(const struct settled *settled, const struct record *payment, int32_t day)
{
	int32_t bounced;

	if (!dated_by(payment, day))
		return 0;
	/* It has come back: nothing of it is left from that day on. */
	if (date_parse(record_named(payment, "bounced"), &bounced) && (day == DATE_LAST || bounced <= day))
		return 0;
	return payment_signed(payment) - settled->units;
}

/* --- derived fields ---------------------------------------------------------------- */

struct slice
document_derive(const struct record *document, const struct field *field)
{
	struct view *view = document->log->view;
	struct error ignored = ERROR_INIT;
	struct settled settled;
	int32_t day = view_today(view);
	struct slice value = { "", 0 };

	if (strcmp(field->name, "open") == 0 && document_stands(record_named(document, "status")) &&
	    settled_read(view, day, document, &settled, &ignored) == STATUS_OK)
		value = money_text(settled_open(&settled, document, day), record_money_digits(document),
		    document->arena);
	error_release(&ignored);
	return value;
}

struct slice
payment_derive(const struct record *payment, const struct field *field)
{
	struct view *view = payment->log->view;
	struct error ignored = ERROR_INIT;
	struct settled settled;
	int32_t day = view_today(view);
	struct slice value = { "", 0 };

	if (strcmp(field->name, "unallocated") == 0 &&
	    settled_read(view, day, payment, &settled, &ignored) == STATUS_OK)
		value = money_text(settled_left(&settled, payment, day), record_money_digits(payment),
		    payment->arena);
	error_release(&ignored);
	return value;
}
