#include "office/payment/statement.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/document/document.h"
#include "office/help.h"
#include "office/payment/settlement.h"

/* On a day the order is this, then that of the records. */
enum { DOCUMENTS, PAYMENTS, DEDUCTIONS, BOUNCED };

/* Something that changed what is owed. */
struct event {
	struct slice currency, kind, document, due;
	int32_t day;
	int order;
	uint64_t number;
	int128 amount; /* units of 10^-6 */
};

struct statement {
	const struct statement_query *query;
	struct view *view;
	struct log *allocations;
	struct event *events;
	size_t count, capacity;
	struct arena arena; /* of what events say */
};

/* --- what there was ------------------------------------------------------------------ */

static void
add_event(struct statement *statement, struct slice date, const struct event *event)
{
	struct arena *arena = &statement->arena;
	struct event copy = *event;

	if (event->amount == 0 || !date_parse(date, &copy.day) || copy.day > statement->query->last)
		return;
	copy.currency = arena_copy(arena, event->currency);
	copy.kind = arena_copy(arena, event->kind);
	copy.document = arena_copy(arena, event->document);
	copy.due = arena_copy(arena, event->due);
	statement->events = memory_grow(statement->events, &statement->capacity, statement->count,
	    sizeof *statement->events);
	statement->events[statement->count++] = copy;
}

/* Of an invoice, what was granted or given up. */
struct deducting {
	struct statement *statement;
	struct slice document;
};

static enum status
add_deduction(const struct record *allocation, void *context, struct error *error)
{
	const struct deducting *deducting = context;
	const struct event event = { .order = DEDUCTIONS,
		.number = allocation->number,
		.currency = record_named(allocation, "currency"),
		.kind = record_named(allocation, "reason"),
		.document = deducting->document,
		.amount = -(int128)units_or_zero(record_named(allocation, "deduction")) };

	(void)error;
	add_event(deducting->statement, record_named(allocation, "date"), &event);
	return STATUS_OK;
}

static enum status
add_invoice(const struct record *invoice, void *context, struct error *error)
{
	struct statement *statement = context;
	struct log *allocations = statement->allocations;
	struct deducting deducting = { statement, record_named(invoice, "number") };
	const struct event event = { .order = DOCUMENTS,
		.number = invoice->number,
		.currency = record_named(invoice, "currency"),
		.kind = record_named(invoice, "kind"),
		.document = deducting.document,
		.due = record_named(invoice, "due"),
		.amount = units_or_zero(document_payable(invoice)) };

	if (document_stands(record_named(invoice, "status")))
		add_event(statement, record_named(invoice, "date"), &event);
	return log_each_referring(allocations, table_field(allocations->table, slice_of("invoice")),
	    invoice->number, add_deduction, &deducting, error);
}

static enum status
add_payment(const struct record *payment, void *context, struct error *error)
{
	struct event event = { .order = PAYMENTS,
		.number = payment->number,
		.currency = record_named(payment, "currency"),
		.kind = slice_of(slice_is(record_named(payment, "kind"), "refund") ? "refund" : "payment"),
		.document = record_id(payment),
		.amount = -(int128)payment_signed(payment) };

	(void)error;
	add_event(context, record_named(payment, "date"), &event);
	event.order = BOUNCED;
	event.kind = slice_of("bounced");
	event.amount = -event.amount;
	add_event(context, record_named(payment, "bounced"), &event);
	return STATUS_OK;
}

/* All of one table that is the customer's. */
static enum status
gather(struct statement *statement, const char *table, uint64_t customer, record_visit *add, struct error *error)
{
	struct log *log;
	enum status status = view_log(statement->view, table, &log, error);

	if (status != STATUS_OK)
		return status;
	return log_each_referring(log, table_field(log->table, slice_of("customer")), customer, add,
	    statement, error);
}

static int
event_compare(const void *a, const void *b)
{
	const struct event *x = a, *y = b;
	int currency = slice_compare(x->currency, y->currency);

	if (currency != 0)
		return currency;
	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	if (x->order != y->order)
		return x->order - y->order;
	return (x->number > y->number) - (x->number < y->number);
}

/* --- what is printed --------------------------------------------------------------------- */

struct printing {
	const struct statement *statement;
	statement_visit *visit;
	void *context;
	struct slice currency;
	int digits;
	int128 balance;
	bool opened; /* the line of what was owed before is out */
	struct arena arena;
};

static struct slice
amount_text(struct printing *printing, int128 units)
{
	return money_text(units, printing->digits, &printing->arena);
}

static void
print_row(struct printing *printing, const char *kind, int32_t day, const struct event *event)
{
	struct slice none = { "", 0 };
	const struct statement_row row = {
		.date = date_text(day, &printing->arena),
		.kind = event != NULL ? event->kind : slice_of(kind),
		.document = event != NULL ? event->document : none,
		.due = event != NULL ? event->due : none,
		.currency = printing->currency,
		.amount = event != NULL ? amount_text(printing, event->amount) : none,
		.balance = amount_text(printing, printing->balance),
	};

	printing->visit(&row, printing->context);
	arena_reset(&printing->arena);
}

static void
print_opening(struct printing *printing, int32_t day)
{
	if (!printing->opened)
		print_row(printing, "opening", day, NULL);
	printing->opened = true;
}

/* Events from first on, as long as they are in one currency; where the next one begins. */
static size_t
print_currency(struct printing *printing, size_t first)
{
	const struct statement *statement = printing->statement;
	const struct statement_query *query = statement->query;
	int32_t opening = query->first > DATE_FIRST ? query->first : statement->events[first].day;
	size_t i = first;

	printing->currency = statement->events[first].currency;
	printing->digits = codes_currency_digits(view_codes(statement->view), printing->currency);
	printing->balance = 0;
	printing->opened = false;
	for (; i < statement->count && slice_equal(statement->events[i].currency, printing->currency); i++) {
		const struct event *event = &statement->events[i];

		if (event->day >= query->first)
			print_opening(printing, opening);
		printing->balance += event->amount;
		if (event->day >= query->first)
			print_row(printing, NULL, event->day, event);
	}
	print_opening(printing, opening);
	print_row(printing, "closing", query->last, NULL);
	return i;
}

enum status
statement(struct view *view, const struct statement_query *query, statement_visit *visit, void *context,
    struct error *error)
{
	struct statement all = { .query = query, .view = view };
	struct printing printing = { .statement = &all, .visit = visit, .context = context };
	enum status status = view_log(view, "allocation", &all.allocations, error);

	if (status == STATUS_OK)
		status = gather(&all, "invoice", query->customer, add_invoice, error);
	if (status == STATUS_OK)
		status = gather(&all, "payment", query->customer, add_payment, error);
	if (all.count > 1)
		qsort(all.events, all.count, sizeof *all.events, event_compare);
	for (size_t i = 0; status == STATUS_OK && i < all.count;)
		i = print_currency(&printing, i);
	free(all.events);
	arena_release(&all.arena);
	arena_release(&printing.arena);
	return status;
}
