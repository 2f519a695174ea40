#include "office/invoice.h"

#include <string.h>

#include "base/date.h"
#include "base/text.h"
#include "office/help.h"
#include "office/invoice_total.h"
#include "office/ledger_document.h"
#include "office/series.h"

/* --- drafts ----------------------------------------------------------------- */

/* A new invoice is in its customer's currency, else in the company's. */
static void
default_currency(struct view *view, struct draft *draft)
{
	struct record customer;

	if (reference_read(view, "customer", draft_named(draft, "customer"), draft->arena, &customer))
		draft_default(draft, "currency", record_named(&customer, "currency"));
	draft_default(draft, "currency", view_company(view, "currency"));
}

/* --- issuing ---------------------------------------------------------------- */

static enum status
check_issuable(const struct draft *draft, const struct invoice_total *total, struct error *error)
{
	struct place whole = draft_place(draft, NULL), place = draft_place(draft, "total");
	size_t faults = error->total;

	if (slice_is(draft_named(draft, "archived"), "true"))
		error_add(error, &whole, "is archived: nothing is issued from there");
	if (total->lines == 0)
		error_add(error, &whole, "has no lines: there is nothing to issue");
	if (total->total < 0)
		error_add(error, &place, "is negative: that wants a credit note, not an invoice");
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

/* What the lines come to goes into the draft with the number, in one revision. */
static enum status
set_total(struct batch *batch, struct draft *draft, struct invoice_total *total, struct error *error)
{
	struct place place = draft_place(draft, "total");
	int digits = draft_money_digits(draft);
	enum status status;

	if (digits < 0) {
		place.field = "currency";
		return error_add(error, &place, "missing");
	}
	status = invoice_sum(batch, draft->number, invoice_rounding(draft_named(draft, "rounding")), digits,
	    &place, total, error);
	if (status == STATUS_OK)
		status = check_issuable(draft, total, error);
	draft_set(draft, "net", units_text(total->net, digits, false, draft->arena));
	draft_set(draft, "tax", units_text(total->tax, digits, false, draft->arena));
	draft_set(draft, "total", units_text(total->total, digits, false, draft->arena));
	return status;
}

/* The customer owes all of it: what was sold, and the tax that goes on to the state. */
static enum status
post(struct batch *batch, const struct draft *draft, const struct invoice_total *total, struct error *error)
{
	struct slice number = draft_named(draft, "number");
	const struct document_part parts[] = {
		{ "receivable", total->total, draft_named(draft, "customer") },
		{ "sales", -total->net, { "", 0 } },
		{ "tax-output", -total->tax, { "", 0 } },
	};

	return document_post(batch, draft,
	    arena_format(draft->arena, "invoice %.*s", (int)number.length, number.data),
	    draft_money_digits(draft), parts, sizeof parts / sizeof parts[0], error);
}

static void
default_terms(struct view *view, struct draft *draft)
{
	struct record customer;

	if (reference_read(view, "customer", draft_named(draft, "customer"), draft->arena, &customer))
		draft_default(draft, "terms", record_named(&customer, "terms"));
	draft_default(draft, "terms", view_company(view, "terms"));
}

/* The invoice's date and its due date, given or worked out. */
static enum status
set_dates(struct view *view, struct draft *draft, int32_t *date, struct error *error)
{
	struct place place = draft_place(draft, "due"), date_place = draft_place(draft, "date");
	struct slice text;
	struct span terms;
	int32_t due;

	draft_default(draft, "date", date_text(view_today(view), draft->arena));
	default_terms(view, draft);
	text = draft_named(draft, "date");
	if (!date_parse(text, date))
		return STATUS_OK; /* its type has been checked */
	/* Numbers follow dates: a slip into next year would stop all that come before it. */
	if (*date > view_today(view))
		return error_add(error, &date_place, "%.*s is yet to come: an invoice is not dated ahead",
		    (int)text.length, text.data);
	if (span_parse(draft_named(draft, "terms"), &terms))
		draft_default(draft, "due", date_text(date_add_span(*date, terms), draft->arena));
	if (date_parse(draft_named(draft, "due"), &due) && due < *date)
		return error_add(error, &place, "before the date of the invoice, %.*s", (int)text.length,
		    text.data);
	return STATUS_OK;
}

/* Street, then postal code and town, then region, a line each (line breaks are stored as U+2028). */
static struct slice
address_of(const struct record *customer, struct arena *arena)
{
	static const char *const parts[] = { "address", "postcode", "city", "region" };
	struct slice address = { "", 0 };

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		struct slice part = record_named(customer, parts[i]);
		bool behind = i == 2 && record_named(customer, "postcode").length > 0;
		const char *between = behind ? " " : TEXT_BREAK;

		if (part.length > 0)
			address = arena_format(arena, "%.*s%s%.*s", (int)address.length, address.data,
			    address.length > 0 ? between : "", (int)part.length, part.data);
	}
	return address;
}

/* A document has to say who it is for even when the customer has moved on, or was erased. */
static enum status
set_buyer(struct view *view, struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "customer");
	struct slice customer = draft_named(draft, "customer");
	struct record record;

	if (!reference_read(view, "customer", customer, draft->arena, &record))
		return STATUS_OK; /* it is required, and has been checked */
	if (record.erased)
		return error_add(error, &place, "%.*s was erased", (int)customer.length, customer.data);
	draft_set(draft, "bill_name", record_named(&record, "name"));
	draft_set(draft, "bill_address", address_of(&record, draft->arena));
	draft_set(draft, "bill_country", record_named(&record, "country"));
	draft_set(draft, "bill_taxid", record_named(&record, "taxid"));
	return STATUS_OK;
}

static enum status
issue(struct batch *batch, struct draft *draft, struct error *error)
{
	struct view *view = batch_view(batch);
	struct invoice_total total = { .lines = 0 };
	struct slice number;
	int32_t date = 0;
	enum status status = set_total(batch, draft, &total, error), dated;

	if (status != STATUS_OK && status != STATUS_REFUSED)
		return status;
	dated = set_dates(view, draft, &date, error);
	if (status == STATUS_OK)
		status = dated;
	if (status == STATUS_OK)
		status = set_buyer(view, draft, error);
	if (status == STATUS_OK)
		status = series_next(batch, draft, view_company(view, "invoice_number"), date, &number, error);
	if (status != STATUS_OK)
		return status;
	draft_set(draft, "number", number);
	return post(batch, draft, &total, error);
}

/* Lines are reckoned as the stored invoice says, so how is said before. */
static enum status
check_rounding(const struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "rounding");

	if (!draft_moves(draft, table_field(draft->log->table, slice_of("rounding"))))
		return STATUS_OK;
	return error_add(error, &place, "can't change while it is issued: set it before");
}

/* --- documents -------------------------------------------------------------- */

/* An issued invoice stands; a void one stays so. */
static enum status
check_frozen(const struct draft *draft, struct error *error)
{
	const struct table *table = draft->log->table;
	bool issued = slice_is(record_named(draft->old, "status"), "issued");
	struct slice name = issued ? record_named(draft->old, "number") : record_id(draft->old);
	size_t faults = error->total, notes = table_field(table, slice_of("notes"));

	for (size_t i = 0; i < table->field_count; i++) {
		struct place place = draft_place(draft, table->fields[i].name);

		if (i == notes || !draft_moves(draft, i))
			continue;
		if (i != table->archived)
			error_add(error, &place,
			    issued ? "%.*s is issued and stands: what is wrong with it wants a credit note"
				   : "%.*s is void and stays as it is",
			    (int)name.length, name.data);
		else if (issued && slice_is(draft->values[i], "true"))
			error_add(error, &place, "%.*s is issued: it can't be archived", (int)name.length,
			    name.data);
	}
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

static enum status
check_invoice(struct batch *batch, struct draft *draft, struct error *error)
{
	enum status status = STATUS_OK;

	invoice_touch(batch, draft->place.source);
	if (!draft->is_new && !slice_is(record_named(draft->old, "status"), "draft"))
		return check_frozen(draft, error);
	if (draft->is_new)
		default_currency(batch_view(batch), draft);
	if (draft_enters(draft, "issued")) {
		status = check_rounding(draft, error);
		if (status == STATUS_OK)
			status = issue(batch, draft, error);
	}
	return status;
}

/* --- erasure ------------------------------------------------------------------ */

/* Whoever issued a document must be able to say to whom until it is settled; a draft is about to be one. */
static enum status
check_erase(struct batch *batch, const struct record *record, struct error *error)
{
	struct slice customer = record_id(record);
	struct arena arena = ARENA_INIT;
	struct log *log;
	enum status status = STATUS_OK;

	if (strcmp(record->log->table->name, "customer") == 0)
		status = view_log(batch_view(batch), "invoice", &log, error);
	else
		log = NULL;
	for (uint64_t number = 1; status == STATUS_OK && log != NULL && number <= log->count; number++) {
		struct record invoice;
		struct slice state, id;

		arena_reset(&arena);
		status = record_read(log, number, &arena, &invoice, error);
		if (status != STATUS_OK || !slice_equal(record_named(&invoice, "customer"), customer))
			continue;
		state = record_named(&invoice, "status");
		id = record_id(&invoice);
		if (slice_is(state, "issued") || (slice_is(state, "draft") && !record_archived(&invoice)))
			error_add(error, NULL, "%.*s can't be erased: invoice %.*s is %s",
			    (int)customer.length, customer.data, (int)id.length, id.data,
			    slice_is(state, "draft") ? "a draft" : "issued");
	}
	arena_release(&arena);
	return status == STATUS_OK && error->total > 0 ? STATUS_REFUSED : status;
}

const struct rule rule_invoice = {
	.table = "invoice",
	.check = check_invoice,
	.finish = invoice_settle,
	.check_erase = check_erase,
};
