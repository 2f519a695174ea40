/* check_billing: nothing is taken off that was not paid ahead, nothing charged that no reminder says */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "office/check/check.h"
#include "office/document/document.h"
#include "office/help.h"

/* --- prepayments -------------------------------------------------------------------- */

/* What a line adds to a prepayment, or takes off it. */
struct share {
	uint64_t prepayment;
	char category[4];
	int64_t tax_rate, amount;
};

struct shares {
	struct log *invoices;
	struct share *items;
	size_t count, capacity;
};

static int
share_compare(const void *a, const void *b)
{
	const struct share *x = a, *y = b;
	int category = strcmp(x->category, y->category);

	if (x->prepayment != y->prepayment)
		return x->prepayment < y->prepayment ? -1 : 1;
	if (category != 0)
		return category;
	return (x->tax_rate > y->tax_rate) - (x->tax_rate < y->tax_rate);
}

/* The prepayment that a line is about: what it deducts, its own invoice, or what that credits; absent for none. */
static struct slice
prepayment_of(struct view *view, const struct record *line, const struct record *invoice, struct record *found)
{
	struct slice deducts = record_named(line, "deducts"), kind = record_named(invoice, "kind");
	struct slice name = deducts;

	if (deducts.length == 0 && slice_is(kind, "prepayment"))
		name = record_id(invoice);
	else if (deducts.length == 0 && slice_is(kind, "credit"))
		name = record_named(invoice, "corrects");
	if (!reference_read(view, "invoice", name, line->arena, found))
		return slice_of("");
	return deducts.length > 0 || slice_is(record_named(found, "kind"), "prepayment") ? name : slice_of("");
}

static enum status
visit_line(struct checking *checking, const struct record *line, void *context, struct error *error)
{
	struct shares *shares = context;
	struct record invoice, prepayment;
	struct slice category = record_named(line, "category");
	struct share share = { .tax_rate = units_or_zero(record_named(line, "tax_rate")),
		.amount = units_or_zero(record_named(line, "amount")) };

	(void)error;
	if (record_archived(line) ||
	    !reference_read(checking->view, "invoice", record_named(line, "invoice"), line->arena, &invoice) ||
	    !document_stands(record_named(&invoice, "status")) ||
	    prepayment_of(checking->view, line, &invoice, &prepayment).length == 0)
		return STATUS_OK;
	if (!slice_is(record_named(&prepayment, "kind"), "prepayment")) {
		check_report(checking, line->log, line->number, "deducts", "it is no prepayment");
		return STATUS_OK;
	}
	share.prepayment = prepayment.number;
	memcpy(share.category, category.data, category.length < 3 ? category.length : 3);
	shares->items = memory_grow(shares->items, &shares->capacity, shares->count, sizeof *shares->items);
	shares->items[shares->count++] = share;
	return STATUS_OK;
}

static void
report_shares(struct checking *checking, const struct shares *shares)
{
	int128 sum = 0;

	for (size_t i = 0; i < shares->count; i++) {
		const struct share *share = &shares->items[i];
		struct slice over, rate;

		sum += share->amount;
		if (i + 1 < shares->count && share_compare(share, share + 1) == 0)
			continue;
		over = value_from_number(KIND_NUMBER, -sum, &checking->arena);
		rate = value_from_number(KIND_NUMBER, share->tax_rate, &checking->arena);
		if (sum < 0)
			check_report(checking, shares->invoices, share->prepayment, NULL,
			    "%.*s more is taken off than was paid ahead, at %.*s percent tax (%s)",
			    (int)over.length, over.data, (int)rate.length, rate.data, share->category);
		sum = 0;
	}
}

static enum status
run_prepayments(struct checking *checking, struct error *error)
{
	struct shares shares = { .items = NULL };
	struct log *lines;
	enum status status = view_log(checking->view, "invoice", &shares.invoices, error);

	if (status == STATUS_OK)
		status = view_log(checking->view, "invoice_line", &lines, error);
	if (status == STATUS_OK)
		status = check_each(checking, lines, visit_line, &shares, error);
	if (shares.count > 1)
		qsort(shares.items, shares.count, sizeof *shares.items, share_compare);
	if (status == STATUS_OK)
		report_shares(checking, &shares);
	free(shares.items);
	return status;
}

const struct check check_prepayments = {
	.name = "prepayments",
	.help = "no more is taken off a prepayment than was billed ahead, at any tax rate",
	.run = run_prepayments,
};

/* --- reminders ------------------------------------------------------------------------ */

static enum status
visit_reminder(struct checking *checking, const struct record *reminder, void *context, struct error *error)
{
	int64_t cost = units_or_zero(record_named(reminder, "fee")) +
	    units_or_zero(record_named(reminder, "interest"));
	struct slice name = record_named(reminder, "charge");
	struct record charge;

	(void)context, (void)error;
	if (cost == 0 && name.length == 0)
		return STATUS_OK;
	if (!reference_read(checking->view, "invoice", name, reminder->arena, &charge) ||
	    !slice_is(record_named(&charge, "kind"), "charge") ||
	    !document_stands(record_named(&charge, "status")))
		check_report(checking, reminder->log, reminder->number, "charge",
		    "fee and interest are owed by no document");
	else if (units_or_zero(record_named(&charge, "total")) != cost)
		check_report(checking, reminder->log, reminder->number, "charge",
		    "%.*s is not over what the reminder says", (int)name.length, name.data);
	return STATUS_OK;
}

static enum status
run_reminders(struct checking *checking, struct error *error)
{
	struct log *reminders;
	enum status status = view_log(checking->view, "reminder", &reminders, error);

	return status == STATUS_OK ? check_each(checking, reminders, visit_reminder, NULL, error) : status;
}

const struct check check_reminders = {
	.name = "reminders",
	.help = "fee and interest of every reminder are owed by the document that it names",
	.run = run_reminders,
};
