/* document_line: what a line takes from its item, and what it comes to */
#include "office/document/document.h"
#include "office/document/document_total.h"
#include "office/help.h"
#include "office/tax/tax_category.h"
#include "office/tax/tax_rate.h"

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

/* A class or a rate, whichever the line or else the item says. */
static void
default_tax(struct draft *draft, const struct record *item)
{
	struct slice class = record_named(item, "tax_class");

	if (draft_named(draft, "tax_rate").length > 0 || draft_named(draft, "tax_class").length > 0)
		return;
	draft_set(draft, class.length > 0 ? "tax_class" : "tax_rate",
	    class.length > 0 ? class : record_named(item, "tax_rate"));
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
	default_tax(draft, &item);
	return default_price(view, draft, document, &item, error);
}

/* A line that says nothing of tax is in its party's category: a business abroad, say. */
static void
default_category(struct view *view, struct draft *draft, const struct record *document)
{
	const char *name = document_kind_of(document->log->table->name)->party;
	struct record party;

	if (draft_named(draft, "tax_rate").length == 0 && draft_named(draft, "tax_class").length == 0 &&
	    reference_read(view, name, record_named(document, name), draft->arena, &party))
		draft_default(draft, "category", record_named(&party, "tax_category"));
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

/* --- tax ----------------------------------------------------------------------- */

static bool
moves(const struct draft *draft, const char *field)
{
	return draft_moves(draft, table_field(draft->log->table, slice_of(field)));
}

/* The rate of its class on the document's day; the document sees to it once more when it is issued. */
static enum status
take_class(struct view *view, struct draft *draft, const struct document_policy *policy, struct error *error)
{
	struct place place = draft_place(draft, "tax_class"), rate_place = draft_place(draft, "tax_rate");
	struct slice class = draft_named(draft, "tax_class");
	int64_t rate;
	enum status status;

	if (class.length == 0)
		return STATUS_OK;
	status = tax_rate_on(view, class, policy->day, &rate, error);
	if (status == STATUS_NO)
		return tax_rate_missing(class, policy->day, &place, error);
	if (status == STATUS_OK && draft_named(draft, "tax_rate").length > 0 && moves(draft, "tax_rate") &&
	    units_or_zero(draft_named(draft, "tax_rate")) != rate)
		return error_add(error, &rate_place,
		    "follows from the class \"%.*s\": a line has one or the other", (int)class.length,
		    class.data);
	if (status == STATUS_OK)
		draft_set(draft, "tax_rate", units_text(rate, DECIMAL_DIGITS, true, draft->arena));
	return status;
}

/*
 * Only S has a rate, so a rate makes S of Z and none Z of S; but who says Z, E, AE, K, G or O
 * wants no tax.  Why there is none must be said where it is not clear from the category.
 */
static enum status
take_category(struct view *view, struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "exemption"), category_place = draft_place(draft, "category");
	int64_t rate = units_or_zero(draft_named(draft, "tax_rate"));
	enum tax_category category = tax_category_of(draft_named(draft, "category"), rate);
	const struct tax_category_rule *rule;
	enum status status;

	if (category == TAX_Z && rate != 0 && !moves(draft, "category"))
		category = TAX_S;
	if (category == TAX_S && rate == 0 && moves(draft, "category"))
		return error_add(error, &category_place, "S wants a rate of tax (Z is without)");
	if (category == TAX_S && rate == 0)
		category = TAX_Z;
	if (category != TAX_S && rate != 0)
		draft_set(draft, "tax_rate", slice_of("0"));
	draft_set(draft, "category", slice_of(tax_category_code(category)));
	status = tax_category_rule(view, category, &rule, error);
	if (status != STATUS_OK)
		return status;
	if (rule->exempt)
		draft_default(draft, "exemption", rule->reason);
	else if (!moves(draft, "exemption"))
		draft_set(draft, "exemption", slice_of(""));
	if (rule->exempt == (draft_named(draft, "exemption").length > 0))
		return STATUS_OK;
	return error_add(error, &place, "category %s %s", tax_category_code(category),
	    rule->exempt ? "wants the reason to be said" : "has no reason to be exempt");
}

/* Amount and tax, as the document rounds. */
static enum status
reckon(struct draft *draft, const struct document_policy *policy, struct error *error)
{
	struct place place = draft_place(draft, "amount");
	const struct money_line line = {
		.qty = units_or_zero(draft_named(draft, "qty")),
		.price = units_or_zero(draft_named(draft, "price")),
		.discount = units_or_zero(draft_named(draft, "discount")),
		.tax_rate = units_or_zero(draft_named(draft, "tax_rate")),
	};
	int digits = policy->money.digits;
	int64_t amount, tax;
	enum status status = check_numbers(draft, &line, error);

	if (status != STATUS_OK)
		return status;
	if (digits < 0)
		return error_add(error, &place, "the document has no currency");
	if (!money_line_round(&line, &policy->money, &amount, &tax))
		return error_add(error, &place, "comes to more than an amount can hold");
	draft_set(draft, "amount", units_text(amount, digits, false, draft->arena));
	draft_set(draft, "tax",
	    policy->money.rounding == ROUND_LINE ? units_text(tax, digits, false, draft->arena) : slice_of(""));
	return STATUS_OK;
}

/* What a line of a draft comes to, unless it comes reckoned from the document. */
static enum status
fill_in(struct batch *batch, struct draft *draft, const struct record *document, struct error *error)
{
	struct view *view = batch_view(batch);
	struct document_policy policy = document_policy_stored(document);
	enum status status = STATUS_OK;

	if (lines_mending(batch))
		return take_category(view, draft, error);
	if (draft->is_new) {
		default_category(view, draft, document);
		status = default_from_item(view, draft, document, error);
	}
	if (status == STATUS_OK)
		status = take_class(view, draft, &policy, error);
	if (status == STATUS_OK)
		status = take_category(view, draft, error);
	return status == STATUS_OK ? reckon(draft, &policy, error) : status;
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
	return status == STATUS_OK ? fill_in(batch, draft, &document, error) : status;
}

const struct rule rule_invoice_line = {
	.table = "invoice_line",
	.check = check_line,
};

const struct rule rule_bill_line = {
	.table = "bill_line",
	.check = check_line,
};
