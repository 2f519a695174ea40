/* allocation: what of a payment settles which document */
#include <string.h>

#include "base/date.h"
#include "office/help.h"
#include "office/ledger/ledger_document.h"
#include "office/ledger/ledger_entry.h"
#include "office/payment/payment_internal.h"
#include "office/ledger/rate.h"
#include "office/payment/settlement.h"

/* What an allocation is between. */
struct between {
	const struct document_kind *kind;
	struct record payment, document;
	int128 open, left; /* before it, units of 10^-6 */
	bool back;         /* it takes back what was settled */
	int32_t since;     /* the last day on which either was changed the other way */
};

/* --- who with whom --------------------------------------------------------------------- */

static enum status
find_document(struct view *view, struct draft *draft, struct between *between, bool *found, struct error *error)
{
	bool invoice = draft_named(draft, "invoice").length > 0, bill = draft_named(draft, "bill").length > 0;
	struct place place = draft_place(draft, "invoice");

	*found = false;
	if (invoice == bill)
		return error_add(error, &place,
		    invoice ? "and a bill: it settles one of them"
			    : "missing: which invoice or bill does it settle?");
	between->kind = invoice ? &document_invoice : &document_bill;
	*found = reference_read(view, "payment", draft_named(draft, "payment"), draft->arena, &between->payment) &&
	    reference_read(view, between->kind->table, draft_named(draft, between->kind->table), draft->arena,
		&between->document);
	return STATUS_OK; /* what is not there was said already */
}

static enum status
check_same(const struct draft *draft, const struct between *between, const char *field, struct error *error)
{
	struct place place = draft_place(draft, between->kind->table);
	struct slice its = record_named(&between->document, field), ours = record_named(&between->payment, field);
	struct slice id = record_id(&between->document);

	if (slice_equal(its, ours))
		return STATUS_OK;
	return error_add(error, &place, "%s of %.*s is %.*s, of the payment %.*s", field, (int)id.length,
	    id.data, (int)its.length, its.data, ours.length > 0 ? (int)ours.length : 6,
	    ours.length > 0 ? ours.data : "nobody");
}

static enum status
check_match(const struct draft *draft, const struct between *between, struct error *error)
{
	struct place place = draft_place(draft, between->kind->table), whole = draft_place(draft, NULL);
	struct slice state = record_named(&between->document, "status"), id = record_id(&between->document);
	enum status status = check_same(draft, between, between->kind->party, error);

	if (status == STATUS_OK)
		status = check_same(draft, between, "currency", error);
	if (status == STATUS_OK && !document_stands(state))
		status = error_add(error, &place, "%.*s is %s%.*s: nothing is owed", (int)id.length, id.data,
		    slice_is(state, "draft") ? "a " : "", (int)state.length, state.data);
	if (status == STATUS_OK && record_named(&between->payment, "bounced").length > 0)
		status = error_add(error, &whole, "the payment was taken back: there is nothing to allocate");
	return status;
}

/* --- when -------------------------------------------------------------------------------- */

static int32_t
later(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

/* Whether the amounts that are given take something back. */
static bool
takes_back(const struct draft *draft, const struct record *document)
{
	int128 takes = (int128)units_or_zero(draft_named(draft, "amount")) +
	    units_or_zero(draft_named(draft, "deduction"));

	return takes != 0 && (takes < 0) != (units_or_zero(document_payable(document)) < 0);
}

/*
 * From the day on which there are both, and what was taken back of them is free again, or was
 * settled that is taken back: else more would be settled than there is, or less than nothing,
 * on the days between.
 */
static enum status
set_date(struct batch *batch, struct draft *draft, const struct between *between, struct error *error)
{
	struct place place = draft_place(draft, "date");
	int32_t paid, issued, first, day;

	if (!date_parse(record_named(&between->payment, "date"), &paid) ||
	    !date_parse(record_named(&between->document, "date"), &issued))
		return STATUS_OK;
	first = later(later(paid, issued), between->since);
	draft_default(draft, "date", date_text(first, draft->arena));
	if (!date_parse(draft_named(draft, "date"), &day))
		return STATUS_OK;
	if (day < first)
		return error_add(error, &place, "before %s, from when on there is something to %s",
		    date_text(first, draft->arena).data,
		    between->back ? "take back" : "settle, and to settle it with");
	if (day > view_today(batch_view(batch)))
		return error_add(error, &place, "is yet to come");
	return period_check(batch, draft, error);
}

/* --- how much ------------------------------------------------------------------------------ */

static int128
smaller(int128 a, int128 b)
{
	return (a < 0 ? -a : a) < (b < 0 ? -b : b) ? a : b;
}

/* What is open there and left here, whichever is less. */
static enum status
default_amount(struct draft *draft, const struct between *between, int digits, struct error *error)
{
	struct place place = draft_place(draft, "amount");
	int128 open = between->open - units_or_zero(draft_named(draft, "deduction"));
	int64_t units;

	if (draft_named(draft, "amount").length > 0 || draft_named(draft, "deduction").length > 0)
		return STATUS_OK;
	if (between->left == 0 || (open < 0) != (between->left < 0))
		return error_add(error, &place,
		    open == 0 ? "nothing is open there" : "nothing of the payment is left for it");
	if (!decimal_rescale(smaller(open, between->left), DECIMAL_DIGITS, digits, &units))
		return error_add(error, &place, "more than an amount can hold");
	draft_set(draft, "amount", units_text(units, digits, false, draft->arena));
	return STATUS_OK;
}

static enum status
check_deduction(const struct draft *draft, int64_t deduction, struct error *error)
{
	struct place place = draft_place(draft, "reason"), tax_place = draft_place(draft, "tax");
	int64_t tax = units_or_zero(draft_named(draft, "tax"));

	if ((deduction != 0) != (draft_named(draft, "reason").length > 0))
		return error_add(error, &place,
		    deduction != 0 ? "missing: why is it deducted?" : "of no deduction");
	if (tax != 0 && ((tax < 0) != (deduction < 0) || smaller(tax, deduction) != tax))
		return error_add(error, &tax_place, "more than the deduction that it is part of");
	return STATUS_OK;
}

/* Between nothing and all of a document is settled at any time. */
static enum status
check_open(const struct draft *draft, const struct between *between, int128 takes, int digits, struct error *error)
{
	struct place place = draft_place(draft, "amount");
	int128 total = units_or_zero(document_payable(&between->document)), rest = between->open - takes;
	struct slice id = record_id(&between->document);
	int64_t open = 0;

	if (total >= 0 ? rest >= 0 && rest <= total : rest <= 0 && rest >= total)
		return STATUS_OK;
	decimal_rescale(between->open, DECIMAL_DIGITS, digits, &open);
	return error_add(error, &place, "of %.*s %s is open", (int)id.length, id.data,
	    units_text(open, digits, false, draft->arena).data);
}

static enum status
check_amounts(struct draft *draft, const struct between *between, int digits, struct error *error)
{
	struct place place = draft_place(draft, "amount");
	int64_t amount, deduction;
	enum status status = default_amount(draft, between, digits, error);

	amount = units_or_zero(draft_named(draft, "amount"));
	deduction = units_or_zero(draft_named(draft, "deduction"));
	if (status == STATUS_OK && amount == 0 && deduction == 0)
		status = error_add(error, &place, "settles nothing");
	if (status == STATUS_OK)
		status = check_deduction(draft, deduction, error);
	return status == STATUS_OK ? check_open(draft, between, (int128)amount + deduction, digits, error)
				   : status;
}

/* --- what is posted ------------------------------------------------------------------------ */

/* The use of the account that bears what is not paid. */
static const char *
use_of(struct slice reason)
{
	static const char *const uses[][2] = {
		{ "discount", "discount" },
		{ "tolerance", "rounding" },
		{ "withholding", "withholding" },
		{ "write-off", "baddebt" },
	};

	for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
		if (slice_is(reason, uses[i][0]))
			return uses[i][1];
	return "rounding";
}

static int64_t
units_at(const struct draft *draft, const char *field, int digits)
{
	int64_t units = 0;

	decimal_rescale(units_or_zero(draft_named(draft, field)), DECIMAL_DIGITS, digits, &units);
	return units;
}

/* What is deducted is owed no longer: somebody bears it, and the state its share of the tax. */
static enum status
post_deduction(struct batch *batch, const struct draft *draft, const struct between *between, int digits,
    struct error *error)
{
	const struct document_kind *kind = between->kind;
	struct slice reason = draft_named(draft, "reason"), id = record_id(&between->document), none = { "", 0 };
	int64_t deduction = kind->sign * units_at(draft, "deduction", digits),
		tax = kind->sign * units_at(draft, "tax", digits);
	const struct document_part parts[] = {
		{ kind->control, 0, -deduction, record_named(&between->document, kind->party) },
		{ use_of(reason), 0, deduction - tax, none },
		{ kind->tax, 0, tax, none },
	};

	if (deduction == 0)
		return STATUS_OK;
	return document_post(batch, draft,
	    arena_format(draft->arena, "%.*s on %.*s", (int)reason.length, reason.data, (int)id.length, id.data),
	    digits, parts, sizeof parts / sizeof parts[0], error);
}

static bool
rate_of(const struct record *record, struct rate *rate)
{
	return rate_read(record_named(record, "rate"), record_named(record, "rate_units"), rate);
}

/*
 * Money of another currency was worth one thing when it was owed and another when it came:
 * the difference is a gain or a loss as soon as one settles the other.
 */
static enum status
post_exchange(struct batch *batch, const struct draft *draft, const struct between *between, int digits,
    struct error *error)
{
	struct slice books = view_company(batch_view(batch), "currency"), none = { "", 0 }, id;
	int books_digits = codes_currency_digits(view_codes(batch_view(batch)), books);
	size_t count = draft->log->table->field_count;
	int64_t amount = units_at(draft, "amount", digits), owed, came, gain;
	struct rate then, now;
	struct draft in_books = *draft;

	if (slice_equal(draft_named(draft, "currency"), books) || !rate_of(&between->document, &then) ||
	    !rate_of(&between->payment, &now) || !rate_convert(then, digits, books_digits, amount, &owed) ||
	    !rate_convert(now, digits, books_digits, amount, &came))
		return STATUS_OK;
	id = record_id(&between->document);
	gain = between->kind->sign * (came - owed);
	in_books.values = arena_zero(draft->arena, count, sizeof *in_books.values);
	memcpy(in_books.values, draft->values, count * sizeof *in_books.values);
	draft_set(&in_books, "currency", books);

	const struct document_part parts[] = { { "conversion", 0, gain, none }, { "fx", 0, -gain, none } };

	return document_post(batch, &in_books,
	    arena_format(draft->arena, "exchange on %.*s", (int)id.length, id.data), books_digits, parts, 2,
	    error);
}

/* --- the rule ------------------------------------------------------------------------------- */

static enum status
check_stands(const struct draft *draft, struct error *error)
{
	struct slice id = record_id(draft->old);
	size_t faults = error->total;

	for (size_t i = 0; i < draft->log->table->field_count; i++) {
		struct place place = draft_place(draft, draft->log->table->fields[i].name);

		if (draft_moves(draft, i))
			error_add(error, &place,
			    "%.*s stands: it is taken back (bo-payment unallocate), not changed",
			    (int)id.length, id.data);
	}
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

static enum status
measure(struct view *view, struct between *between, struct error *error)
{
	struct settled document, payment;
	enum status status = settled_read(view, DATE_LAST, &between->document, &document, error);

	if (status == STATUS_OK)
		status = settled_read(view, DATE_LAST, &between->payment, &payment, error);
	if (status != STATUS_OK)
		return status;
	between->open = settled_open(&document, &between->document, DATE_LAST);
	between->left = settled_left(&payment, &between->payment, DATE_LAST);
	between->since = later(settled_document_day(&document, &between->document, between->back),
	    settled_payment_day(&payment, &between->payment, between->back));
	return STATUS_OK;
}

static enum status
check_allocation(struct batch *batch, struct draft *draft, struct error *error)
{
	struct view *view = batch_view(batch);
	struct between between;
	bool found = false;
	int digits;
	enum status status;

	payment_touch(batch, draft->place.source);
	if (!draft->is_new)
		return check_stands(draft, error);
	status = find_document(view, draft, &between, &found, error);
	if (status != STATUS_OK || !found)
		return status;
	status = check_match(draft, &between, error);
	if (status == STATUS_OK)
		between.back = takes_back(draft, &between.document);
	if (status == STATUS_OK)
		status = measure(view, &between, error);
	if (status == STATUS_OK)
		status = set_date(batch, draft, &between, error);
	if (status != STATUS_OK)
		return status;
	draft_set(draft, "currency", record_named(&between.payment, "currency"));
	draft_set(draft, "rate", record_named(&between.document, "rate"));
	draft_set(draft, "rate_units", record_named(&between.document, "rate_units"));
	digits = draft_money_digits(draft);
	status = check_amounts(draft, &between, digits, error);
	if (status == STATUS_OK)
		status = post_deduction(batch, draft, &between, digits, error);
	return status == STATUS_OK ? post_exchange(batch, draft, &between, digits, error) : status;
}

const struct rule rule_allocation = { .table = "allocation", .check = check_allocation };
