#include "office/document/document_policy.h"

#include <string.h>

#include "base/buffer.h"
#include "base/date.h"
#include "base/text.h"
#include "office/document/document.h"
#include "office/help.h"

/* A value by the name of its field, of a record or of a draft. */
typedef struct slice value_of(const void *from, const char *field);

static struct slice
value_stored(const void *from, const char *field)
{
	return record_named(from, field);
}

static struct slice
value_draft(const void *from, const char *field)
{
	return draft_named(from, field);
}

static enum rounding
rounding_of(struct slice rounding)
{
	if (slice_is(rounding, "document"))
		return ROUND_DOCUMENT;
	return slice_is(rounding, "rate") ? ROUND_RATE : ROUND_LINE;
}

/* A step that is a whole number of the currency's units; 0 for none, -1 for one that is no such thing. */
static int64_t
step_of(struct slice text, int digits)
{
	int64_t step;

	if (text.length == 0 || digits < 0)
		return 0;
	return decimal_parse(text, digits, &step) == DECIMAL_OK && step >= 0 ? step : -1;
}

static struct document_policy
policy_of(struct view *view, const void *from, value_of *value, int digits)
{
	struct document_policy policy = {
		.money = { .rounding = rounding_of(value(from, "rounding")),
		    .digits = digits,
		    .gross = slice_is(value(from, "prices"), "gross"),
		    .halves = slice_is(value(from, "tax_scheme"), "cgst-sgst") },
		.step = step_of(value(from, "cash_rounding"), digits),
		.withholding = units_or_zero(value(from, "withholding")),
	};

	if (slice_is(value(from, "discount_tax"), "always") && !policy.money.gross)
		policy.money.tax_discount = units_or_zero(value(from, "discount_rate"));
	if (!date_parse(value(from, "date"), &policy.day))
		policy.day = view_today(view);
	return policy;
}

struct document_policy
document_policy_stored(const struct record *document)
{
	return policy_of(document->log->view, document, value_stored, record_money_digits(document));
}

struct document_policy
document_policy_draft(const struct draft *draft)
{
	return policy_of(draft->log->view, draft, value_draft, draft_money_digits(draft));
}

/* --- where it is supplied ------------------------------------------------------------- */

static bool
same_folded(struct slice a, struct slice b)
{
	struct buffer x = BUFFER_INIT, y = BUFFER_INIT;
	bool same;

	text_casefold(&x, a);
	text_casefold(&y, b);
	same = slice_equal(buffer_slice(&x), buffer_slice(&y));
	buffer_release(&x);
	buffer_release(&y);
	return same;
}

/* The two digits that a GSTIN begins with; empty for any other number. */
static struct slice
gst_state(struct slice taxid)
{
	bool is = taxid.length == 15 && taxid.data[0] >= '0' && taxid.data[0] <= '9' &&
	    taxid.data[1] >= '0' && taxid.data[1] <= '9';

	return is ? (struct slice){ taxid.data, 2 } : (struct slice){ "", 0 };
}

/* The scheme of a document under GST; absent while nobody knows where it is supplied. */
static struct slice
gst_scheme(struct view *view, const struct draft *draft, const struct record *party)
{
	struct slice place = draft_named(draft, "place_of_supply"), country = record_named(party, "country");
	struct slice ours = gst_state(view_company(view, "taxid")),
		     theirs = gst_state(record_named(party, "taxid"));
	struct slice region = view_company(view, "region");

	if (country.length > 0 && !slice_equal(country, view_company(view, "country")))
		return slice_of("igst");
	if (place.length == 0 && ours.length > 0 && theirs.length > 0)
		return slice_of(slice_equal(ours, theirs) ? "cgst-sgst" : "igst");
	if (place.length == 0)
		place = record_named(party, "region");
	if (place.length == 0 || region.length == 0)
		return (struct slice){ NULL, 0 };
	return slice_of(same_folded(place, region) ? "cgst-sgst" : "igst");
}

/* --- drafts ---------------------------------------------------------------------------- */

enum { HUNDRED = 100000000 }; /* percent, in units of 10^-6 */

static void
check_percent(const struct draft *draft, const char *field, struct error *error)
{
	struct place place = draft_place(draft, field);
	int64_t percent = units_or_zero(draft_named(draft, field));

	if (percent < 0 || percent > HUNDRED)
		error_add(error, &place, "not between 0 and 100 percent");
}

static enum status
check(const struct draft *draft, struct error *error)
{
	struct place step = draft_place(draft, "cash_rounding"), terms = draft_place(draft, "discount_tax");
	struct slice text = draft_named(draft, "cash_rounding");
	struct document_policy policy = document_policy_draft(draft);
	size_t faults = error->total;

	check_percent(draft, "withholding", error);
	check_percent(draft, "discount_rate", error);
	if (policy.step < 0)
		error_add(error, &step, "not an amount that cash comes in: \"%.*s\"", (int)text.length, text.data);
	if (policy.money.gross && slice_is(draft_named(draft, "discount_tax"), "always"))
		error_add(error, &terms, "prices that hold the tax can't have it on less (prices=gross)");
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

/* What is given back has the tax that it had. */
static void
set_scheme(struct view *view, struct draft *draft, const struct record *party)
{
	struct slice scheme = { NULL, 0 };
	struct record corrected;

	if (reference_read(view, draft->log->table->name, draft_named(draft, "corrects"), draft->arena, &corrected))
		scheme = record_named(&corrected, "tax_scheme");
	else if (slice_is(view_company(view, "tax_scheme"), "gst"))
		scheme = gst_scheme(view, draft, party);
	draft_set(draft, "tax_scheme", scheme.data != NULL ? scheme : slice_of(""));
}

enum status
document_policy_default(struct batch *batch, struct draft *draft, struct error *error)
{
	struct view *view = batch_view(batch);
	const char *name = document_kind_of(draft->log->table->name)->party;
	size_t field = table_field(draft->log->table, slice_of(name));
	struct record party;
	bool found = reference_read(view, name, draft->values[field], draft->arena, &party);

	if (draft->is_new && found)
		draft_default(draft, "withholding", record_named(&party, "withholding"));
	if (draft->is_new && slice_equal(draft_named(draft, "currency"), view_company(view, "currency")))
		draft_default(draft, "cash_rounding", view_company(view, "cash_rounding"));
	if (found)
		set_scheme(view, draft, &party);
	return check(draft, error);
}

enum status
document_policy_placed(struct view *view, const struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "place_of_supply");

	if (!slice_is(view_company(view, "tax_scheme"), "gst") || draft_named(draft, "tax_scheme").length > 0)
		return STATUS_OK;
	if (view_company(view, "region").length == 0)
		return error_add(error, &place, "whether that is here is not known: the company has no region");
	return error_add(error, &place, "missing: nor has the %s a region or a GSTIN",
	    document_kind_of(draft->log->table->name)->party);
}

enum status
document_policy_still(const struct draft *draft, const char *stands, struct error *error)
{
	static const char *const fields[] = { "rounding", "prices", "discount_rate", "discount_tax" };
	size_t faults = error->total;

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		struct place place = draft_place(draft, fields[i]);

		if (draft_moves(draft, table_field(draft->log->table, slice_of(fields[i]))))
			error_add(error, &place, "can't change while it is %s: set it before", stands);
	}
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}
