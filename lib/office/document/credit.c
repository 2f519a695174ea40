/* credit: credit notes are made of lines, held to what they correct, and settle it */
#include "office/document/credit.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/help.h"
#include "office/payment/payment_internal.h"
#include "office/payment/settlement.h"

/* --- what was credited so far -------------------------------------------------------------- */

/* Calls visit for the records of a log that correct one of the same table. */
static enum status
each_correcting(struct log *log, uint64_t number, record_visit *visit, void *context, struct error *error)
{
	return log_each_referring(log, table_field(log->table, slice_of("corrects")), number, visit, context,
	    error);
}

static enum status
add_total(const struct record *record, void *context, struct error *error)
{
	int128 *sum = context;

	(void)error;
	if (document_stands(record_named(record, "status")))
		*sum += units_or_zero(record_named(record, "total"));
	return STATUS_OK;
}

/* Whether the document is one that this credit note can be for. */
static enum status
check_corrected(const struct draft *draft, const struct document_kind *kind, const struct record *document,
    struct error *error)
{
	struct place place = draft_place(draft, "corrects");
	struct slice id = record_id(document);

	if (slice_is(record_named(document, "kind"), "credit"))
		return error_add(error, &place, "%.*s is a credit note itself", (int)id.length, id.data);
	if (!document_stands(record_named(document, "status")))
		return error_add(error, &place, "%.*s does not stand: there is nothing to give back",
		    (int)id.length, id.data);
	if (!slice_equal(record_named(document, kind->party), draft_named(draft, kind->party)) ||
	    !slice_equal(record_named(document, "currency"), draft_named(draft, "currency")))
		return error_add(error, &place, "%.*s has another %s or currency", (int)id.length, id.data,
		    kind->party);
	return STATUS_OK;
}

/* What was deducted, and its tax with it, was given up already: it can't be given back as well. */
static enum status
say_too_much(const struct draft *draft, struct slice id, int128 left, int64_t granted, int digits,
    struct error *error)
{
	struct place place = draft_place(draft, "total");
	struct slice text = money_text(left, digits, draft->arena),
		     off = money_text(granted, digits, draft->arena);

	if (granted == 0)
		return error_add(error, &place, "gives back more than is left of %.*s, %.*s", (int)id.length,
		    id.data, (int)text.length, text.data);
	return error_add(error, &place,
	    "gives back more than is left of %.*s, %.*s: %.*s of it was deducted (bo-payment unallocate takes that back)",
	    (int)id.length, id.data, (int)text.length, text.data, (int)off.length, off.data);
}

enum status
credit_check(struct batch *batch, const struct draft *draft, int64_t total, int digits, struct error *error)
{
	const struct document_kind *kind = document_kind_of(draft->log->table->name);
	struct slice id = draft_named(draft, "corrects");
	int128 left, before = 0, gives = -(int128)total * decimal_power(DECIMAL_DIGITS - digits);
	struct settled settled;
	struct record document;
	int64_t granted;
	enum status status;

	if (!reference_read(batch_view(batch), kind->table, id, draft->arena, &document))
		return STATUS_OK; /* it corrects none */
	status = check_corrected(draft, kind, &document, error);
	if (status == STATUS_OK)
		status = settled_read(batch_view(batch), DATE_LAST, &document, &settled, error);
	if (status == STATUS_OK)
		status = each_correcting(draft->log, document.number, add_total, &before, error);
	if (status != STATUS_OK)
		return status;
	granted = settled.granted;
	if (granted < 0) /* some cents too much were paid: that is nothing to give back more for */
		granted = 0;
	left = units_or_zero(record_named(&document, "total")) + before - granted;
	return gives <= left ? STATUS_OK : say_too_much(draft, id, left, granted, digits, error);
}

/* --- a note from lines ------------------------------------------------------------------------- */

struct note {
	struct batch *batch;
	struct log *invoices, *lines;
	struct arena *arena;
	uint64_t number;
};

/* Fields that a note takes over as they are. */
static bool
is_copied(const struct table *table, size_t field, size_t without)
{
	unsigned flags = table->fields[field].flags;

	/* The rate is the one that was, whatever has become of its class. */
	return field != without && field != table->archived && field != table->state &&
	    field != table_field(table, slice_of("tax_class")) &&
	    (flags & (FIELD_COMPUTED | FIELD_DERIVED | FIELD_UNIQUE | FIELD_KEY)) == 0;
}

static enum status
begin_note(struct note *note, const struct record *invoice, struct error *error)
{
	static const char *const same[] = { "customer", "currency", "rate", "rate_units", "rounding", "terms",
		"prices", "place_of_supply", "discount_rate", "discount_days", "discount_tax",
		"cash_rounding", "withholding" };
	struct edit edit = { .table = note->invoices->table, .by_rule = false };
	struct assign assigns[sizeof same / sizeof same[0] + 2];
	size_t count = 0;

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		if (table_field(edit.table, slice_of(same[i])) != SIZE_MAX)
			assigns[count++] = assign_value(edit.table, same[i], record_named(invoice, same[i]));
	assigns[count++] = assign_value(edit.table, "kind", slice_of("credit"));
	assigns[count++] = assign_value(edit.table, "corrects", record_id(invoice));
	edit.assigns = assigns;
	edit.assign_count = count;
	return batch_edit(note->batch, &edit, &note->number, error);
}

static enum status
add_qty(const struct record *record, void *context, struct error *error)
{
	struct error ignored = ERROR_INIT;
	struct record invoice;
	struct arena arena = ARENA_INIT;
	int64_t *left = context;

	(void)error;
	if (!record_archived(record) &&
	    reference_read(record->log->view, "invoice", record_named(record, "invoice"), &arena, &invoice) &&
	    !slice_is(record_named(&invoice, "status"), "void"))
		*left += units_or_zero(record_named(record, "qty"));
	arena_release(&arena);
	error_release(&ignored);
	return STATUS_OK;
}

/* The quantity of a line that was not credited, by drafts either. */
static enum status
qty_left(struct note *note, const struct record *line, int64_t *left, struct error *error)
{
	*left = units_or_zero(record_named(line, "qty"));
	return each_correcting(note->lines, line->number, add_qty, left, error);
}

static enum status
credit_qty(struct note *note, const struct record *line, int64_t qty, struct error *error)
{
	const struct table *table = line->log->table;
	size_t parent = table->parent_field, qty_field = table_field(table, slice_of("qty"));
	struct edit edit = { .table = table };
	struct assign *assigns = arena_take(note->arena, (table->field_count + 3) * sizeof *assigns);
	char id[ID_SIZE];

	for (size_t i = 0; i < table->field_count; i++)
		if (i != parent && is_copied(table, i, qty_field) && record_value(line, i).length > 0)
			assigns[edit.assign_count++] = (struct assign){ { .field = i, .via = SIZE_MAX },
				record_value(line, i) };
	assigns[edit.assign_count++] = assign_value(table, "invoice",
	    table_id(note->invoices->table, note->number, id));
	assigns[edit.assign_count++] = assign_value(table, "qty",
	    units_text(-qty, DECIMAL_DIGITS, true, note->arena));
	assigns[edit.assign_count++] = assign_value(table, "corrects", record_id(line));
	edit.assigns = assigns;
	return batch_edit(note->batch, &edit, NULL, error);
}

/* One line, as much as was asked for; nothing is said of one that is used up when all were asked for. */
static enum status
credit_one(struct note *note, const struct record *invoice, const struct credit_line *wanted, bool asked,
    struct error *error)
{
	struct record line;
	struct slice id;
	int64_t left = 0, qty;
	enum status status = record_read(note->lines, wanted->number, note->arena, &line, error);

	if (status != STATUS_OK || (!asked && record_archived(&line)))
		return status;
	id = record_id(&line);
	if (!slice_equal(record_named(&line, "invoice"), record_id(invoice)))
		return error_add(error, NULL, "%.*s is a line of another invoice", (int)id.length, id.data);
	status = qty_left(note, &line, &left, error);
	qty = wanted->whole ? left : wanted->qty;
	if (status == STATUS_OK && asked &&
	    (qty == 0 || (qty < 0) != (left < 0) || (qty < 0 ? qty < left : qty > left)))
		return error_add(error, NULL, "of %.*s %s is left to credit", (int)id.length, id.data,
		    left == 0 ? "nothing" : units_text(left, DECIMAL_DIGITS, true, note->arena).data);
	return status == STATUS_OK && qty != 0 ? credit_qty(note, &line, qty, error) : status;
}

static enum status
credit_lines(struct note *note, const struct record *invoice, const struct credit_line *lines, size_t count,
    struct error *error)
{
	size_t total = 0, before = batch_change_count(note->batch);
	const uint64_t *children = log_children(note->lines, invoice->number, &total);
	struct credit_line *all = memory_array(total + 1, sizeof *all);
	struct slice id = record_id(invoice);
	enum status status = STATUS_OK;

	for (size_t i = 0; i < total; i++)
		all[i] = (struct credit_line){ .number = children[i], .whole = true };
	for (size_t i = 0;
	     i < (count > 0 ? count : total) && (status == STATUS_OK || status == STATUS_REFUSED); i++)
		status = credit_one(note, invoice, count > 0 ? &lines[i] : &all[i], count > 0, error);
	if (status == STATUS_OK && batch_change_count(note->batch) == before)
		status = error_add(error, NULL, "nothing of %.*s is left to credit", (int)id.length, id.data);
	free(all);
	return status;
}

enum status
credit_note(struct batch *batch, uint64_t number, const struct credit_line *lines, size_t count,
    uint64_t *out, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct note note = { .batch = batch, .arena = &arena };
	struct record invoice;
	struct slice id;
	enum status status = view_log(batch_view(batch), "invoice", &note.invoices, error);

	if (status == STATUS_OK)
		status = view_log(batch_view(batch), "invoice_line", &note.lines, error);
	if (status == STATUS_OK)
		status = record_read(note.invoices, number, &arena, &invoice, error);
	if (status == STATUS_OK) {
		id = record_id(&invoice);
		if (!document_stands(record_named(&invoice, "status")))
			status = error_add(error, NULL,
			    "%.*s does not stand: it is changed, or void, not credited", (int)id.length, id.data);
		else if (slice_is(record_named(&invoice, "kind"), "credit"))
			status = error_add(error, NULL, "%.*s is a credit note itself", (int)id.length, id.data);
	}
	if (status == STATUS_OK)
		status = begin_note(&note, &invoice, error);
	if (status == STATUS_OK)
		status = credit_lines(&note, &invoice, lines, count, error);
	*out = note.number;
	arena_release(&arena);
	return status;
}

/* --- what it settles --------------------------------------------------------------------------- */

enum status
settle_without_money(struct batch *batch, const struct record *document, struct slice date,
    const struct place *place, struct record *payment, struct error *error)
{
	const struct document_kind *kind = document_kind_of(document->log->table->name);
	struct edit edit = { .place = *place, .by_rule = true };
	uint64_t number;
	struct log *log;
	enum status status = view_log(batch_view(batch), "payment", &log, error);

	if (status != STATUS_OK)
		return status;
	edit.table = log->table;

	const struct assign assigns[] = {
		assign_value(edit.table, "status", slice_of("settled")),
		assign_value(edit.table, "date", date),
		assign_value(edit.table, kind->party, record_named(document, kind->party)),
		assign_value(edit.table, "currency", record_named(document, "currency")),
	};

	edit.assigns = assigns;
	edit.assign_count = sizeof assigns / sizeof assigns[0];
	status = batch_edit(batch, &edit, &number, error);
	return status == STATUS_OK ? record_read(log, number, document->arena, payment, error) : status;
}

static enum status
settle_between(struct batch *batch, const struct record *note, const struct record *document, int64_t amount,
    const struct place *place, struct error *error)
{
	const struct document_kind *kind = document_kind_of(note->log->table->name);
	const struct allotment on = { .kind = kind, .document = document->number, .amount = amount };
	const struct allotment from = { .kind = kind, .document = note->number, .amount = -amount };
	struct record payment;
	enum status status;

	/* It counts from the day of the note, which is not before that of the document. */
	status = settle_without_money(batch, note, record_named(note, "date"), place, &payment, error);
	if (status == STATUS_OK)
		status = allot(batch, &payment, &on, place, error);
	return status == STATUS_OK ? allot(batch, &payment, &from, place, error) : status;
}

enum status
credit_settle(struct batch *batch, const struct record *note, const struct place *place, struct error *error)
{
	const struct document_kind *kind = document_kind_of(note->log->table->name);
	struct settled of_document, of_note;
	struct record document;
	int128 open, given;
	enum status status;

	if (!slice_is(record_named(note, "kind"), "credit") ||
	    !reference_read(batch_view(batch), kind->table, record_named(note, "corrects"), note->arena, &document))
		return STATUS_OK;
	status = settled_read(batch_view(batch), DATE_LAST, &document, &of_document, error);
	if (status == STATUS_OK)
		status = settled_read(batch_view(batch), DATE_LAST, note, &of_note, error);
	if (status != STATUS_OK)
		return status;
	open = settled_open(&of_document, &document, DATE_LAST);
	given = -settled_open(&of_note, note, DATE_LAST);
	if (given > open)
		given = open;
	return given > 0 ? settle_between(batch, note, &document, (int64_t)given, place, error) : STATUS_OK;
}

/* --- what is given up ----------------------------------------------------------------------------- */

static int64_t
share_of(int128 open, int64_t tax, int64_t total, int digits)
{
	int128 sign = total < 0 ? -1 : 1, unit = decimal_power(DECIMAL_DIGITS - digits);

	return total == 0 ? 0 : (int64_t)(decimal_divide(open * tax / unit * sign, total * sign) * unit);
}

static enum status
write_off(struct batch *batch, const struct record *document, int32_t day, bool relief, struct error *error)
{
	const struct document_kind *kind = document_kind_of(document->log->table->name);
	const struct place place = { .line = 0 };
	struct slice id = record_id(document);
	struct settled settled;
	struct record payment;
	int128 open = 0;
	enum status status = settled_read(batch_view(batch), DATE_LAST, document, &settled, error);

	if (status == STATUS_OK)
		open = settled_open(&settled, document, DATE_LAST);
	if (status == STATUS_OK && open == 0)
		status = error_add(error, NULL, "nothing of %.*s is open", (int)id.length, id.data);
	if (status == STATUS_OK)
		status = settle_without_money(batch, document, date_text(day, document->arena), &place,
		    &payment, error);
	if (status != STATUS_OK)
		return status;

	const struct allotment allotment = {
		.kind = kind,
		.document = document->number,
		.deduction = (int64_t)open,
		.tax = relief ? share_of(open, units_or_zero(record_named(document, "tax")),
				    units_or_zero(record_named(document, "total")), record_money_digits(document))
			      : 0,
		.reason = "write-off",
		.date = date_text(day, document->arena),
	};

	return allot(batch, &payment, &allotment, &place, error);
}

enum status
document_write_off(struct batch *batch, const struct document_kind *kind, uint64_t number, int32_t day,
    bool relief, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct record document;
	struct log *log;
	enum status status = view_log(batch_view(batch), kind->table, &log, error);

	if (status == STATUS_OK && batch_reason(batch).length == 0)
		status = error_add(error, NULL, "what is given up wants a reason (-m)");
	if (status == STATUS_OK)
		status = record_read(log, number, &arena, &document, error);
	if (status == STATUS_OK)
		status = write_off(batch, &document, day, relief, error);
	arena_release(&arena);
	return status;
}
