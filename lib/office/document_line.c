/* document_line: what a line takes from its item, and what it comes to */
#include "office/document.h"
#include "office/document_total.h"
#include "office/help.h"

static bool
changes_anything(const struct draft *draft)
{
	for (size_t i = 0; i < draft->log->table->field_count; i++) {
		if (draft_moves(draft, i))
			return true;
	}
	return draft->is_new;
}

static enum status
check_parent(const struct draft *draft, const struct record *document, struct error *error)
{
	struct place place = draft_place(draft, NULL);
	struct slice state = record_named(document, "status"), id = record_id(document);

	if (slice_is(state, "draft") || !changes_anything(draft))
		return STATUS_OK;
	return error_add(error, &place, "%.*s is %.*s: its lines stand", (int)id.length, id.data,
	    (int)state.length, state.data);
}

/* An item's price is in the company's currency. */
static enum status
default_price(struct view *view, struct draft *draft, const struct record *document,
    const struct record *item, struct error *error)
{
	const struct document_kind *kind = document_kind_of(document->log->table->name);
	struct slice price = record_named(item, kind->price), currency = record_named(document, "currency");
	struct slice company = view_company(view, "currency");
	struct place place = draft_place(draft, "price");

	if (draft_named(draft, "price").length > 0 || price.length == 0)
		return STATUS_OK;
	if (!slice_equal(currency, company))
		return error_add(error, &place, "the item's is in %.*s, the %s in %.*s: say what it is",
		    (int)company.length, company.data, kind->name, (int)currency.length, currency.data);
	draft_set(draft, "price", price);
	return STATUS_OK;
}

/* A new line takes from its item what it leaves open. */
static enum status
default_from_item(struct view *view, struct draft *draft, const struct record *document, struct error *error)
{
	struct record item;

	if (!reference_read(view, "item", draft_named(draft, "item"), draft->arena, &item))
		return STATUS_OK;
	draft_default(draft, "description", record_named(&item, "name"));
	draft_default(draft, "unit", record_named(&item, "unit"));
	draft_default(draft, "tax_rate", record_named(&item, "tax_rate"));
	return default_price(view, draft, document, &item, error);
}

enum { HUNDRED = 100000000 }; /* percent, in units of 10^-6 */

static enum status
check_numbers(const struct draft *draft, const struct money_line *line, struct error *error)
{
	struct place price = draft_place(draft, "price"), discount = draft_place(draft, "discount"),
		     rate = draft_place(draft, "tax_rate");
	bool from_item = draft_named(draft, "item").length > 0;
	size_t faults = error->total;

	if (draft_named(draft, "price").length == 0)
		error_add(error, &price,
		    from_item ? "neither the line nor the item has one"
			      : "missing: the line names no item to take it from");
	if (line->discount < 0 || line->discount > HUNDRED)
		error_add(error, &discount, "not between 0 and 100 percent");
	if (line->tax_rate < 0)
		error_add(error, &rate, "less than nothing");
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

/* Amount and tax, as the document rounds. */
static enum status
reckon(struct draft *draft, const struct record *document, struct error *error)
{
	enum rounding rounding = document_rounding(record_named(document, "rounding"));
	struct place place = draft_place(draft, "amount");
	const struct money_line line = {
		.qty = units_or_zero(draft_named(draft, "qty")),
		.price = units_or_zero(draft_named(draft, "price")),
		.discount = units_or_zero(draft_named(draft, "discount")),
		.tax_rate = units_or_zero(draft_named(draft, "tax_rate")),
	};
	int digits = record_money_digits(document);
	int64_t amount, tax;
	enum status status = check_numbers(draft, &line, error);

	if (status != STATUS_OK)
		return status;
	if (digits < 0)
		return error_add(error, &place, "the document has no currency");
	if (!money_line_round(&line, rounding, digits, &amount, &tax))
		return error_add(error, &place, "comes to more than an amount can hold");
	draft_set(draft, "amount", units_text(amount, digits, false, draft->arena));
	draft_set(draft, "tax",
	    rounding == ROUND_LINE ? units_text(tax, digits, false, draft->arena) : slice_of(""));
	return STATUS_OK;
}

static enum status
check_line(struct batch *batch, struct draft *draft, struct error *error)
{
	const struct document_kind *kind = document_kind_of(draft->log->table->name);
	struct view *view = batch_view(batch);
	struct record document;
	enum status status;

	document_touch(batch, kind, draft->place.source);
	if (!reference_read(view, kind->table, draft_named(draft, kind->table), draft->arena, &document))
		return STATUS_OK; /* it is required: that is said elsewhere */
	status = check_parent(draft, &document, error);
	if (status == STATUS_OK && !slice_is(record_named(&document, "status"), "draft"))
		return STATUS_OK;
	if (status == STATUS_OK && draft->is_new)
		status = default_from_item(view, draft, &document, error);
	return status == STATUS_OK ? reckon(draft, &document, error) : status;
}

const struct rule rule_invoice_line = {
	.table = "invoice_line",
	.check = check_line,
};

const struct rule rule_bill_line = {
	.table = "bill_line",
	.check = check_line,
};
