/* payment_unallocate: what a payment settles is taken back, document by document */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/help.h"
#include "office/payment/payment_internal.h"

/* What a payment settles of one document so far. */
struct given {
	struct allotment allotment;
	int32_t last; /* the day of the last of them */
};

static struct given *
given_find(struct given *given, size_t *count, const struct document_kind *kind, uint64_t document,
    const char *reason)
{
	for (size_t i = 0; i < *count; i++)
		if (given[i].allotment.kind == kind && given[i].allotment.document == document &&
		    strcmp(given[i].allotment.reason, reason) == 0)
			return &given[i];
	given[*count] = (struct given){ .allotment = { .kind = kind, .document = document, .reason = reason },
		.last = DATE_FIRST };
	return &given[(*count)++];
}

static bool
is_wanted(const struct allotment *allotment, const struct allocate_to *to, size_t count)
{
	bool wanted = count == 0;

	for (size_t i = 0; i < count && !wanted; i++)
		wanted = to[i].kind == allotment->kind && to[i].number == allotment->document;
	return wanted;
}

/* Adds one allocation up with the others of its document and reason. */
static enum status
collect(struct batch *batch, const struct record *allocation, struct given *given, size_t *count,
    struct error *error)
{
	bool invoice = record_named(allocation, "invoice").length > 0;
	const struct document_kind *kind = invoice ? &document_invoice : &document_bill;
	const struct table *documents;
	unsigned long long document;
	struct given *sum;
	int32_t day;
	enum status status = view_table(batch_view(batch), kind->table, &documents, error);

	if (status != STATUS_OK || !table_id_parse(documents, record_named(allocation, kind->table), &document))
		return status;
	sum = given_find(given, count, kind, document,
	    arena_text(allocation->arena, record_named(allocation, "reason")));
	sum->allotment.amount += units_or_zero(record_named(allocation, "amount"));
	sum->allotment.deduction += units_or_zero(record_named(allocation, "deduction"));
	sum->allotment.tax += units_or_zero(record_named(allocation, "tax"));
	if (date_parse(record_named(allocation, "date"), &day) && day > sum->last)
		sum->last = day;
	return STATUS_OK;
}

enum status
payment_unallocate(struct batch *batch, uint64_t number, const struct allocate_to *to, size_t count,
    int32_t day, const struct place *place, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct given *given = NULL;
	struct log *payments, *allocations;
	struct record payment;
	const uint64_t *children;
	size_t total = 0, sums = 0;
	enum status status = view_log(batch_view(batch), "payment", &payments, error);

	if (status == STATUS_OK)
		status = view_log(batch_view(batch), "allocation", &allocations, error);
	if (status == STATUS_OK)
		status = record_read(payments, number, &arena, &payment, error);
	if (status != STATUS_OK) {
		arena_release(&arena);
		return status;
	}
	children = log_children(allocations, number, &total);
	given = memory_array(total + 1, sizeof *given);
	for (size_t i = 0; i < total && status == STATUS_OK; i++) {
		struct record allocation;

		status = record_read(allocations, children[i], &arena, &allocation, error);
		if (status == STATUS_OK)
			status = collect(batch, &allocation, given, &sums, error);
	}
	for (size_t i = 0; i < sums && status == STATUS_OK; i++) {
		struct allotment back = given[i].allotment;

		if (!is_wanted(&back, to, count) || (back.amount == 0 && back.deduction == 0))
			continue;
		back.amount = -back.amount;
		back.deduction = -back.deduction;
		back.tax = -back.tax;
		back.date = date_text(day == DATE_FIRST ? given[i].last : day, &arena);
		status = allot(batch, &payment, &back, place, error);
	}
	free(given);
	arena_release(&arena);
	return status;
}
