#include "office/document/delivery.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "office/document/document.h"
#include "office/help.h"

enum { MOVE_FIELDS = 6 };

struct delivery {
	struct batch *batch;
	const struct draft *invoice;
	bool takes_back; /* the document says so itself */
};

static enum status
enter_move(const struct delivery *delivery, const struct record *line, int64_t qty, struct error *error)
{
	const struct draft *invoice = delivery->invoice;
	struct edit edit = { .place = invoice->place, .by_rule = true };
	struct assign assigns[MOVE_FIELDS];
	char id[ID_SIZE];
	enum status status = view_table(batch_view(delivery->batch), "stock_move", &edit.table, error);

	if (status != STATUS_OK)
		return status;
	assigns[0] = assign_value(edit.table, "date", draft_named(invoice, "date"));
	assigns[1] = assign_value(edit.table, "kind", slice_of(qty > 0 ? "issue" : "receive"));
	assigns[2] = assign_value(edit.table, "item", record_named(line, "item"));
	assigns[3] = assign_value(edit.table, "qty",
	    units_text(qty > 0 ? qty : -qty, DECIMAL_DIGITS, true, invoice->arena));
	assigns[4] = assign_value(edit.table, qty > 0 ? "from" : "to", record_named(line, "location"));
	assigns[5] = assign_value(edit.table, "source", table_id(invoice->log->table, invoice->number, id));
	edit.assigns = assigns;
	edit.assign_count = MOVE_FIELDS;
	return batch_edit(delivery->batch, &edit, NULL, error);
}

static enum status
deliver_line(const struct delivery *delivery, const struct record *line, struct error *error)
{
	struct place place = draft_place(delivery->invoice, NULL);
	struct slice id = record_id(line), unit = record_named(line, "unit"), kept;
	int64_t qty = units_or_zero(record_named(line, "qty"));
	struct record item;

	if (qty == 0 || (qty < 0 && !delivery->takes_back) ||
	    !reference_read(batch_view(delivery->batch), "item", record_named(line, "item"), line->arena, &item) ||
	    slice_is(record_named(&item, "kind"), "service"))
		return STATUS_OK;
	kept = record_named(&item, "unit");
	if (unit.length > 0 && !slice_equal(unit, kept))
		return error_add(error, &place, "%.*s bills by %.*s what is kept by %.*s: deliver it apart",
		    (int)id.length, id.data, (int)unit.length, unit.data, (int)kept.length, kept.data);
	return enter_move(delivery, line, qty, error);
}

static enum status
deliver_lines(const struct delivery *delivery, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct log *log;
	const uint64_t *numbers = NULL;
	size_t count = 0;
	enum status status = view_log(batch_view(delivery->batch), "invoice_line", &log, error);

	if (status == STATUS_OK)
		numbers = log_children(log, delivery->invoice->number, &count);
	/* Movements are of another log: the numbers stay where they are. */
	for (size_t i = 0; i < count && (status == STATUS_OK || status == STATUS_REFUSED); i++) {
		struct record line;

		arena_reset(&arena);
		status = record_read(log, numbers[i], &arena, &line, error);
		if (status == STATUS_OK && !record_archived(&line))
			status = deliver_line(delivery, &line, error);
	}
	arena_release(&arena);
	return status;
}

static enum status
deliver(struct batch *batch, struct draft *draft, struct error *error)
{
	struct delivery delivery = { .batch = batch, .invoice = draft };

	/* Without a number the rule before this one has refused it. */
	if (!draft_issues(draft) || draft_named(draft, "number").length == 0)
		return STATUS_OK;
	delivery.takes_back = slice_is(draft_named(draft, "deliver"), "invoice");
	draft_default(draft, "deliver",
	    slice_is(draft_named(draft, "kind"), "credit") ? slice_of("apart")
							   : view_company(batch_view(batch), "deliver"));
	return slice_is(draft_named(draft, "deliver"), "invoice") ? deliver_lines(&delivery, error) : STATUS_OK;
}

const struct rule rule_invoice_delivery = { .table = "invoice", .check = deliver };
