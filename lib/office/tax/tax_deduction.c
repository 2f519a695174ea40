/* tax_deduction: tax that discounts and write-offs took off documents */
#include <stdlib.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/document/document_tax.h"
#include "office/help.h"
#include "office/ledger/rate.h"
#include "office/ledger/split.h"
#include "office/tax/tax_return_internal.h"

/* A deduction is split over the rows of its document, as these have tax. */
struct deduction {
	struct collecting *collecting;
	const struct document_kind *kind;
	struct tax_told told;
	struct log *taxes;
	const uint64_t *rows;
	size_t count;
	int64_t base, tax; /* units of 10^-digits of the books' currency, to be taken off */
	int digits;
};

/* Reads row i and how much tax and base it has. */
static enum status
read_row(const struct deduction *deduction, size_t i, struct record *record, int64_t *base, int64_t *tax,
    struct error *error)
{
	enum status status = record_read(deduction->taxes, deduction->rows[i], &deduction->collecting->arena,
	    record, error);

	*base = *tax = 0;
	if (status == STATUS_OK) {
		*tax = llabs(units_or_zero(record_named(record, "books_tax")));
		*base = *tax != 0 && !slice_is(record_named(record, "component"), "SGST")
		    ? llabs(units_or_zero(record_named(record, "books_base")))
		    : 0;
	}
	return status;
}

static enum status
collect_part(const struct deduction *deduction, size_t i, int64_t base, int64_t tax, struct error *error)
{
	int64_t scale = (int64_t)decimal_power(DECIMAL_DIGITS - deduction->digits), ignored;
	struct tax_row row = { .sales = deduction->kind == &document_invoice,
		.base = -base * scale,
		.tax = -tax * scale };
	struct record record;
	enum status status = read_row(deduction, i, &record, &ignored, &ignored, error);

	if (status != STATUS_OK || (base == 0 && tax == 0))
		return status;
	row.component = record_named(&record, "component");
	row.category = record_named(&record, "category");
	row.rate = record_named(&record, "rate");
	collect_row(deduction->collecting, deduction->kind, deduction->told, &row,
	    tax_account(deduction->collecting->view, deduction->kind->tax, slice_of("")), true);
	return STATUS_OK;
}

static enum status
collect_parts(const struct deduction *deduction, struct error *error)
{
	size_t room = deduction->count + 1;
	int64_t *bases = memory_array(4 * room, sizeof *bases), *taxes = bases + room;
	int64_t *base_parts = taxes + room, *tax_parts_of = base_parts + room;
	struct record record;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < deduction->count && status == STATUS_OK; i++)
		status = read_row(deduction, i, &record, &bases[i], &taxes[i], error);
	if (status == STATUS_OK &&
	    (!split_weights(deduction->base, bases, deduction->count, base_parts) ||
		!split_weights(deduction->tax, taxes, deduction->count, tax_parts_of)))
		status = error_add(error, NULL, "%s %llu: its document has no tax to take off", "allocation",
		    (unsigned long long)deduction->told.number);
	for (size_t i = 0; i < deduction->count && status == STATUS_OK; i++)
		status = collect_part(deduction, i, base_parts[i], tax_parts_of[i], error);
	free(bases);
	return status;
}

/* An amount of the allocation in the currency of the books. */
static bool
in_books(struct view *view, const struct record *allocation, int64_t units, int digits, int64_t *books)
{
	struct slice currency = record_named(allocation, "currency"),
		     whole = record_named(allocation, "rate_units");
	int from = codes_currency_digits(view_codes(view), currency);
	struct rate rate = { .worth = units_or_zero(record_named(allocation, "rate")), .units = 1 };
	int64_t own;

	if (!decimal_rescale(units, DECIMAL_DIGITS, from, &own))
		return false;
	if (slice_equal(currency, view_company(view, "currency"))) {
		*books = own;
		return true;
	}
	if (whole.length > 0 && decimal_parse(whole, 0, &rate.units) != DECIMAL_OK)
		return false;
	return rate.worth > 0 && rate_convert(rate, from, digits, own, books);
}

static enum status
collect_deduction(struct collecting *collecting, const struct record *allocation, struct error *error)
{
	struct view *view = collecting->view;
	bool sales = record_named(allocation, "invoice").length > 0;
	struct deduction deduction = { .collecting = collecting,
		.kind = sales ? &document_invoice : &document_bill,
		.told = { .table = "allocation", .number = allocation->number },
		.digits = codes_currency_digits(view_codes(view), view_company(view, "currency")) };
	int64_t tax = units_or_zero(record_named(allocation, "tax")), all;
	struct slice id = record_id(allocation);
	unsigned long long document;
	enum status status;

	if (tax == 0 || !date_parse(record_named(allocation, "date"), &deduction.told.date) ||
	    deduction.told.date > collecting->tax_return->last ||
	    !table_id_parse(collecting->sources[sales ? 0 : 1]->table,
		record_named(allocation, sales ? "invoice" : "bill"), &document))
		return STATUS_OK;
	deduction.told.late = deduction.told.date < collecting->tax_return->first;
	if (!in_books(view, allocation, tax, deduction.digits, &deduction.tax) ||
	    !in_books(view, allocation, units_or_zero(record_named(allocation, "deduction")),
		deduction.digits, &all))
		return error_add(error, NULL, "%.*s: what it is worth in the currency of the books is not known",
		    (int)id.length, id.data);
	deduction.base = all - deduction.tax;
	status = view_log(view, deduction.kind->taxes, &deduction.taxes, error);
	if (status != STATUS_OK)
		return status;
	deduction.rows = log_children(deduction.taxes, document, &deduction.count);
	return collect_parts(&deduction, error);
}

enum status
collect_deductions(struct collecting *collecting, struct error *error)
{
	struct log *log = collecting->sources[2];
	enum status status = STATUS_OK;

	for (uint64_t number = 1; status == STATUS_OK && number <= log->count; number++) {
		struct record record;

		arena_reset(&collecting->arena);
		status = record_read(log, number, &collecting->arena, &record, error);
		if (status == STATUS_OK && !collecting->filed[2][number])
			status = collect_deduction(collecting, &record, error);
	}
	return status;
}
