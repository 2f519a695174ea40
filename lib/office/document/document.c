/* document: from a draft to what stands */
#include "office/document/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "base/text.h"
#include "office/help.h"
#include "office/document/credit.h"
#include "office/document/document_tax.h"
#include "office/document/document_total.h"
#include "office/ledger/ledger_document.h"
#include "office/series.h"
#include "office/payment/settlement.h"

const struct document_kind document_invoice = {
	.table = "invoice",
	.lines = "invoice_line",
	.taxes = "invoice_tax",
	.name = "invoice",
	.party = "customer",
	.price = "price",
	.stands = "issued",
	.copies = "bill_",
	.numbered = true,
	.control = "receivable",
	.result = "sales",
	.tax = "tax-output",
	.sign = 1,
};

const struct document_kind document_bill = {
	.table = "bill",
	.lines = "bill_line",
	.taxes = "bill_tax",
	.name = "bill",
	.party = "supplier",
	.price = "cost",
	.stands = "posted",
	.copies = "seller_",
	.numbered = false,
	.control = "payable",
	.result = "purchases",
	.tax = "tax-input",
	.sign = -1,
};

const struct document_kind *
document_kind_of(const char *table)
{
	static const struct document_kind *const kinds[] = { &document_invoice, &document_bill };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i]->table, table) == 0 || strcmp(kinds[i]->lines, table) == 0)
			return kinds[i];
	return NULL;
}

static const struct document_kind *
kind_of(const struct draft *draft)
{
	return document_kind_of(draft->log->table->name);
}

bool
document_stands(struct slice status)
{
	return !slice_is(status, "draft") && !slice_is(status, "void");
}

bool
draft_issues(const struct draft *draft)
{
	return draft_enters(draft, kind_of(draft)->stands) &&
	    (draft->is_new || slice_is(record_named(draft->old, "status"), "draft"));
}

static bool
is_credit(const struct draft *draft)
{
	return slice_is(draft_named(draft, "kind"), "credit");
}

static bool
is_charge(struct slice kind)
{
	return slice_is(kind, "charge");
}

static bool
party_read(struct view *view, const struct draft *draft, struct record *party)
{
	const char *name = kind_of(draft)->party;

	return reference_read(view, name, draft_named(draft, name), draft->arena, party);
}

/* --- drafts ----------------------------------------------------------------- */

/* A new document is in its party's currency, else in the company's. */
static void
default_currency(struct view *view, struct draft *draft)
{
	struct record party;

	if (party_read(view, draft, &party))
		draft_default(draft, "currency", record_named(&party, "currency"));
	draft_default(draft, "currency", view_company(view, "currency"));
}

/* --- issuing ---------------------------------------------------------------- */

static enum status
check_issuable(const struct draft *draft, const struct document_total *total, struct error *error)
{
	struct place whole = draft_place(draft, NULL), place = draft_place(draft, "total");
	size_t faults = error->total;

	if (slice_is(draft_named(draft, "archived"), "true"))
		error_add(error, &whole, "is archived: nothing is %s from there", kind_of(draft)->stands);
	if (total->lines == 0)
		error_add(error, &whole, "has no lines: there is nothing to it");
	if (total->total < 0 && !is_credit(draft))
		error_add(error, &place, "is negative: that wants a credit note (kind=credit)");
	if (total->total > 0 && is_credit(draft))
		error_add(error, &place, "is not negative: a credit note gives back");
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

/* What the lines come to goes into the draft with the number, in one revision. */
static enum status
set_total(struct batch *batch, struct draft *draft, const struct document_policy *policy,
    struct document_total *total, struct error *error)
{
	struct place place = draft_place(draft, "total");
	int64_t units[TOTAL_FIELDS];
	enum status status;

	if (policy->money.digits < 0) {
		place.field = "currency";
		return error_add(error, &place, "missing");
	}
	status = document_sum(batch, kind_of(draft), draft->number, policy, &place, total, error);
	if (status == STATUS_OK)
		status = check_issuable(draft, total, error);
	if (status == STATUS_OK && is_credit(draft))
		status = credit_check(batch, draft, total->total, policy->money.digits, error);
	total_units(total, units);
	for (size_t i = 0; i < TOTAL_FIELDS; i++)
		draft_set(draft, total_fields[i], units_text(units[i], policy->money.digits, false, draft->arena));
	return status;
}

/* Where what it comes to goes: a charge for being late is no sale, nor is what takes one back. */
static const char *
result_of(struct view *view, const struct draft *draft)
{
	const struct document_kind *kind = kind_of(draft);
	struct slice what = draft_named(draft, "kind");
	struct record corrected;

	if (is_credit(draft) &&
	    reference_read(view, kind->table, draft_named(draft, "corrects"), draft->arena, &corrected))
		what = record_named(&corrected, "kind");
	return is_charge(what) ? "dunning" : kind->result;
}

/*
 * The customer owes all of it: what was sold, and the tax that goes on to the state.  A
 * supplier is owed likewise.  Where lines name accounts, what was sold or bought is theirs.
 * The parts for tax come first.
 */
static size_t
make_parts(struct batch *batch, const struct draft *draft, const struct document_policy *policy,
    const struct document_total *total, struct document_part *parts)
{
	const struct document_kind *kind = kind_of(draft);
	size_t count = tax_part_count(total, policy);
	int64_t rest = total->net;
	struct slice none = { "", 0 };

	tax_parts(batch, draft, total, policy, parts);
	parts[count++] = (struct document_part){ kind->control, 0, kind->sign * total->payable,
		draft_named(draft, kind->party) };
	for (size_t i = 0; i < total->share_count; i++) {
		parts[count++] = (struct document_part){ kind->result, total->shares[i].account,
			-kind->sign * total->shares[i].units, none };
		rest -= total->shares[i].units;
	}
	parts[count++] = (struct document_part){ result_of(batch_view(batch), draft), 0, -kind->sign * rest, none };
	parts[count++] = (struct document_part){ "rounding", 0, -kind->sign * total->rounding_amount, none };
	return count;
}

static enum status
post(struct batch *batch, const struct draft *draft, const struct document_policy *policy,
    const struct document_total *total, struct error *error)
{
	size_t room = tax_part_count(total, policy) + total->share_count + 3, count;
	struct document_part *parts = memory_array(room, sizeof *parts);
	struct slice number = draft_named(draft, "number");
	enum status status;

	count = make_parts(batch, draft, policy, total, parts);
	status = document_post(batch, draft,
	    arena_format(draft->arena, "%s %.*s", is_credit(draft) ? "credit note" : kind_of(draft)->name,
		(int)number.length, number.data),
	    policy->money.digits, parts, count, error);
	if (status == STATUS_OK)
		status = tax_write(batch, draft, total, policy, parts, count, error);
	free(parts);
	return status;
}

static void
default_terms(struct view *view, struct draft *draft)
{
	struct record party;

	if (party_read(view, draft, &party))
		draft_default(draft, "terms", record_named(&party, "terms"));
	draft_default(draft, "terms", view_company(view, "terms"));
}

/* The document's date and its due date, given or worked out. */
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
		return error_add(error, &date_place, "%.*s is yet to come: %s is not dated ahead",
		    (int)text.length, text.data, kind_of(draft)->numbered ? "an invoice" : "a bill");
	if (span_parse(draft_named(draft, "terms"), &terms))
		draft_default(draft, "due", date_text(date_add_span(*date, terms), draft->arena));
	if (date_parse(draft_named(draft, "due"), &due) && due < *date)
		return error_add(error, &place, "before the date of the %s, %.*s", kind_of(draft)->name,
		    (int)text.length, text.data);
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

static void
set_copy(struct draft *draft, const char *field, struct slice value)
{
	char name[32];

	snprintf(name, sizeof name, "%s%s", kind_of(draft)->copies, field);
	draft_set(draft, name, value);
}

/* A document has to say whom it is for even when the customer has moved on, or was erased. */
static enum status
copy_party(struct view *view, struct draft *draft, struct error *error)
{
	const char *name = kind_of(draft)->party;
	struct place place = draft_place(draft, name);
	struct slice id = draft_named(draft, name);
	struct record party;

	if (!party_read(view, draft, &party))
		return STATUS_OK; /* it is required, and has been checked */
	if (party.erased)
		return error_add(error, &place, "%.*s was erased", (int)id.length, id.data);
	set_copy(draft, "name", record_named(&party, "name"));
	set_copy(draft, "address", address_of(&party, draft->arena));
	set_copy(draft, "country", record_named(&party, "country"));
	set_copy(draft, "taxid", record_named(&party, "taxid"));
	return STATUS_OK;
}

/* What the company calls the series that it is numbered by: credit notes and charges have their own. */
static const char *
series_of(const struct draft *draft)
{
	if (is_credit(draft))
		return "credit_number";
	return is_charge(draft_named(draft, "kind")) ? "charge_number" : "invoice_number";
}

/* The next number of its series. */
static enum status
give_number(struct batch *batch, struct draft *draft, int32_t date, struct error *error)
{
	struct slice number;
	enum status status = series_next(batch, draft, series_of(draft), date, &number, error);

	if (status == STATUS_OK)
		draft_set(draft, "number", number);
	return status;
}

static enum status
issue(struct batch *batch, struct draft *draft, struct error *error)
{
	struct view *view = batch_view(batch);
	struct document_policy policy = document_policy_draft(draft);
	struct document_total total = { .lines = 0 };
	int32_t date = 0;
	enum status status = set_total(batch, draft, &policy, &total, error), dated = STATUS_OK;

	if (status == STATUS_OK || status == STATUS_REFUSED)
		dated = set_dates(view, draft, &date, error);
	if (status == STATUS_OK)
		status = dated;
	if (status == STATUS_OK)
		status = copy_party(view, draft, error);
	if (status == STATUS_OK)
		status = document_policy_placed(view, draft, error);
	if (status == STATUS_OK && kind_of(draft)->numbered)
		status = tax_check(view, draft, &total, error);
	if (status == STATUS_OK)
		status = document_rate(batch, draft, error);
	if (status == STATUS_OK && kind_of(draft)->numbered)
		status = give_number(batch, draft, date, error);
	if (status == STATUS_OK)
		status = post(batch, draft, &policy, &total, error);
	document_total_release(&total);
	return status;
}

/* --- documents -------------------------------------------------------------- */

/* What stands does so, but for its notes and where it stands (disputed, say); what is void stays so. */
static enum status
check_frozen(const struct draft *draft, struct error *error)
{
	const struct table *table = draft->log->table;
	struct slice state = record_named(draft->old, "status");
	bool stands = document_stands(state);
	struct slice name = stands ? record_named(draft->old, "number") : record_id(draft->old);
	size_t faults = error->total, notes = table_field(table, slice_of("notes")),
	       status = table_field(table, slice_of("status"));

	for (size_t i = 0; i < table->field_count; i++) {
		struct place place = draft_place(draft, table->fields[i].name);

		if (i == notes || i == status || !draft_moves(draft, i))
			continue;
		if (i != table->archived)
			error_add(error, &place,
			    stands ? "%.*s is %.*s and stands: what is wrong with it wants a credit note"
				   : "%.*s is %.*s and stays as it is",
			    (int)name.length, name.data, (int)state.length, state.data);
		else if (stands && slice_is(draft->values[i], "true"))
			error_add(error, &place, "%.*s is %.*s: it can't be archived", (int)name.length,
			    name.data, (int)state.length, state.data);
	}
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

struct slice
document_identity(struct slice party, struct slice number, struct arena *arena)
{
	char *folded = arena_take(arena, number.length + 1);
	size_t length = 0;

	for (size_t i = 0; i < number.length; i++) {
		unsigned char byte = (unsigned char)number.data[i];

		if (byte >= 'a' && byte <= 'z')
			folded[length++] = (char)(byte - 'a' + 'A');
		else if ((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || byte >= 0x80)
			folded[length++] = (char)byte;
	}
	return arena_format(arena, "%.*s %.*s", (int)party.length, party.data, (int)length, folded);
}

static void
set_identity(struct draft *draft)
{
	bool is_void = slice_is(draft_named(draft, "status"), "void");

	draft_set(draft, "identity",
	    is_void ? slice_of("")
		    : document_identity(draft_named(draft, kind_of(draft)->party),
			  draft_named(draft, "number"), draft->arena));
}

static enum status
check_document(struct batch *batch, struct draft *draft, struct error *error)
{
	const struct document_kind *kind = kind_of(draft);
	enum status status = STATUS_OK;

	document_touch(batch, kind, draft->place.source);
	if (!draft->is_new && !slice_is(record_named(draft->old, "status"), "draft"))
		return check_frozen(draft, error);
	if (draft->is_new)
		default_currency(batch_view(batch), draft);
	if (!kind->numbered)
		set_identity(draft);
	status = document_policy_default(batch, draft, error);
	if (status == STATUS_OK && draft_issues(draft)) {
		status = document_policy_still(draft, kind->stands, error);
		if (status == STATUS_OK)
			status = issue(batch, draft, error);
	}
	return status;
}

/* --- erasure ------------------------------------------------------------------ */

/* Why a document keeps its party from being erased; NULL when it does not. */
static const char *
keeps_party(const struct record *document, const struct settled *settled)
{
	struct slice state = record_named(document, "status");

	if (slice_is(state, "draft"))
		return record_archived(document) ? NULL : "a draft";
	return settled_open(settled, document, DATE_LAST) != 0 ? "not settled" : NULL;
}

struct erasing {
	const struct document_kind *kind;
	struct slice party;
};

static enum status
check_kept(const struct record *document, void *context, struct error *error)
{
	const struct erasing *erasing = context;
	struct slice id = record_id(document);
	struct settled settled;
	const char *why;
	enum status status = settled_read(document->log->view, DATE_LAST, document, &settled, error);

	why = status == STATUS_OK ? keeps_party(document, &settled) : NULL;
	if (why != NULL)
		error_add(error, NULL, "%.*s can't be erased: %s %.*s is %s", (int)erasing->party.length,
		    erasing->party.data, erasing->kind->name, (int)id.length, id.data, why);
	return status;
}

/* Whoever issued a document must be able to say to whom until it is settled; a draft is about to be one. */
static enum status
check_erase(struct batch *batch, const struct document_kind *kind, const struct record *record, struct error *error)
{
	struct erasing erasing = { kind, record_id(record) };
	struct log *log;
	enum status status;

	if (strcmp(record->log->table->name, kind->party) != 0)
		return STATUS_OK;
	status = view_log(batch_view(batch), kind->table, &log, error);
	if (status == STATUS_OK)
		status = log_each_referring(log, table_field(log->table, slice_of(kind->party)),
		    record->number, check_kept, &erasing, error);
	return status == STATUS_OK && error->total > 0 ? STATUS_REFUSED : status;
}

static enum status
erase_customer(struct batch *batch, const struct record *record, struct error *error)
{
	return check_erase(batch, &document_invoice, record, error);
}

static enum status
erase_supplier(struct batch *batch, const struct record *record, struct error *error)
{
	return check_erase(batch, &document_bill, record, error);
}

const struct rule rule_invoice = {
	.table = "invoice",
	.check = check_document,
	.finish = invoices_settle,
	.check_erase = erase_customer,
	.derive = document_derive,
};

const struct rule rule_bill = {
	.table = "bill",
	.check = check_document,
	.finish = bills_settle,
	.check_erase = erase_supplier,
	.derive = document_derive,
};
