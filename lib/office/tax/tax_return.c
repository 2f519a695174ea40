#include "office/tax/tax_return.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "base/period.h"
#include "office/document/document.h"
#include "office/document/document_tax.h"
#include "office/help.h"
#include "office/ledger/ledger.h"
#include "office/tax/tax_category.h"
#include "office/tax/tax_rate.h"
#include "office/tax/tax_return_internal.h"

/* --- what was told before ------------------------------------------------------------------ */

static enum status
mark_filed(struct collecting *collecting, struct error *error)
{
	static const char *const fields[SOURCES] = { "invoice", "bill", "allocation" };
	struct log *log;
	struct record record;
	enum status status = view_log(collecting->view, "tax_document", &log, error);

	for (uint64_t number = 1; status == STATUS_OK && number <= log->count; number++) {
		arena_reset(&collecting->arena);
		status = record_read(log, number, &collecting->arena, &record, error);
		for (size_t i = 0; status == STATUS_OK && i < SOURCES; i++) {
			unsigned long long source;

			if (table_id_parse(collecting->sources[i]->table, record_named(&record, fields[i]),
				&source) &&
			    source <= collecting->sources[i]->count)
				collecting->filed[i][source] = true;
		}
	}
	return status;
}

static enum status
open_collecting(struct collecting *collecting, struct error *error)
{
	static const char *const tables[SOURCES] = { "invoice", "bill", "allocation" };
	enum status status = view_table(collecting->view, "account", &collecting->accounts, error);

	for (size_t i = 0; i < SOURCES && status == STATUS_OK; i++) {
		status = view_log(collecting->view, tables[i], &collecting->sources[i], error);
		if (status == STATUS_OK)
			collecting->filed[i] = memory_array((size_t)collecting->sources[i]->count + 1,
			    sizeof(bool));
	}
	return status == STATUS_OK ? mark_filed(collecting, error) : status;
}

static void
close_collecting(struct collecting *collecting)
{
	for (size_t i = 0; i < SOURCES; i++)
		free(collecting->filed[i]);
	arena_release(&collecting->arena);
}

/* --- documents ------------------------------------------------------------------------------ */

/* Adds to what is told of a document; rows of one mostly come together. */
static void
tell(struct tax_return *tax_return, const struct tax_told *told)
{
	struct tax_told *last = tax_return->told_count > 0 ? &tax_return->told[tax_return->told_count - 1] : NULL;

	if (last != NULL && last->number == told->number && strcmp(last->table, told->table) == 0) {
		last->base += told->base;
		last->tax += told->tax;
		return;
	}
	tax_return->told = memory_grow(tax_return->told, &tax_return->told_capacity, tax_return->told_count,
	    sizeof *tax_return->told);
	tax_return->told[tax_return->told_count++] = *told;
	tax_return->late += told->late;
}

static void
move_from(struct tax_return *tax_return, uint64_t account, int128 units)
{
	size_t i = 0;

	while (i < tax_return->balance_count && tax_return->balances[i].account != account)
		i++;
	if (i == tax_return->balance_count) {
		tax_return->balances = memory_grow(tax_return->balances, &tax_return->balance_capacity, i,
		    sizeof *tax_return->balances);
		tax_return->balances[tax_return->balance_count++] = (struct tax_balance){ account, 0 };
	}
	tax_return->balances[i].units += units;
}

void
collect_row(struct collecting *collecting, const struct document_kind *kind, struct tax_told told,
    const struct tax_row *row, uint64_t account, bool first)
{
	struct tax_return *tax_return = collecting->tax_return;

	tax_form_add(&tax_return->form, row);
	/* What is taxed is the same for all components. */
	told.base = first ? row->base : 0;
	told.tax = row->tax;
	tell(tax_return, &told);
	*(row->sales ? &tax_return->output : &tax_return->input) += row->tax;
	if (account != 0)
		move_from(tax_return, account, -kind->sign * (int128)row->tax);
}

enum { OWED_DIGITS = 8 }; /* percent in units of 10^-6, as a factor */

/* What the company owes itself for a purchase without tax: what it would have been at the standard rate. */
static enum status
reckon_owed(struct collecting *collecting, int32_t day, struct tax_row *row, struct error *error)
{
	enum tax_category category = tax_category_of(row->category, 0);
	struct slice currency = view_company(collecting->view, "currency"), class = slice_of("standard");
	int digits = codes_currency_digits(view_codes(collecting->view), currency);
	int64_t rate, units;
	enum status status;

	if (row->sales || (category != TAX_AE && category != TAX_K) ||
	    !tax_form_wants_owed(&collecting->tax_return->form))
		return STATUS_OK;
	status = tax_rate_on(collecting->view, class, day, &rate, error);
	if (status == STATUS_NO)
		return tax_rate_missing(class, day, NULL, error);
	if (status == STATUS_OK &&
	    !decimal_rescale((int128)row->base * rate, DECIMAL_DIGITS + OWED_DIGITS, digits, &units))
		return error_add(error, NULL, "tax comes to more than an amount can hold");
	if (status == STATUS_OK)
		row->owed = units * (int64_t)decimal_power(DECIMAL_DIGITS - digits);
	return status;
}

/* One row of invoice_tax or bill_tax. */
static enum status
collect_tax(struct collecting *collecting, const struct document_kind *kind, const struct record *record,
    struct error *error)
{
	struct slice component = record_named(record, "component");
	bool first = !slice_is(component, "SGST");
	struct tax_row row = { .sales = kind == &document_invoice,
		.component = component,
		.category = record_named(record, "category"),
		.rate = record_named(record, "rate") };
	struct tax_told told = { .table = kind->table };
	unsigned long long number, account;
	enum status status;
	size_t source = kind == &document_invoice ? 0 : 1;

	if (!table_id_parse(collecting->sources[source]->table, record_named(record, kind->table), &number) ||
	    number > collecting->sources[source]->count || collecting->filed[source][number] ||
	    !date_parse(record_named(record, "date"), &told.date) || told.date > collecting->tax_return->last)
		return STATUS_OK;
	told.number = number;
	told.late = told.date < collecting->tax_return->first;
	if (!units_of(record_named(record, "books_base"), &row.base) ||
	    !units_of(record_named(record, "books_tax"), &row.tax)) {
		struct slice id = record_named(record, kind->table);

		return error_add(error, NULL, "%.*s: what it is worth in the currency of the books is not known",
		    (int)id.length, id.data);
	}
	status = first ? reckon_owed(collecting, told.date, &row, error) : STATUS_OK;
	if (status != STATUS_OK)
		return status;
	if (!table_id_parse(collecting->accounts, record_named(record, "account"), &account))
		account = 0; /* no books were kept */
	collect_row(collecting, kind, told, &row, account, first);
	return STATUS_OK;
}

static enum status
collect_kind(struct collecting *collecting, const struct document_kind *kind, struct error *error)
{
	struct log *log;
	struct record record;
	enum status status = view_log(collecting->view, kind->taxes, &log, error);

	for (uint64_t number = 1; (status == STATUS_OK || status == STATUS_REFUSED) && number <= log->count;
	     number++) {
		arena_reset(&collecting->arena);
		status = record_read(log, number, &collecting->arena, &record, error);
		if (status == STATUS_OK)
			status = collect_tax(collecting, kind, &record, error);
	}
	return status == STATUS_OK && error->total > 0 ? STATUS_REFUSED : status;
}

/* --- the return ------------------------------------------------------------------------------- */

static const char *
form_of(struct view *view)
{
	struct slice country = view_company(view, "country");

	if (slice_is(view_company(view, "tax_scheme"), "gst") || slice_is(country, "IN"))
		return "in-gst";
	return slice_is(country, "GB") ? "uk-vat" : "eu-vat";
}

static enum status
gather(struct view *view, struct tax_return *tax_return, struct error *error)
{
	struct collecting collecting = { .view = view, .tax_return = tax_return };
	enum status status = open_collecting(&collecting, error);

	if (status == STATUS_OK)
		status = collect_kind(&collecting, &document_invoice, error);
	if (status == STATUS_OK)
		status = collect_kind(&collecting, &document_bill, error);
	if (status == STATUS_OK)
		status = collect_deductions(&collecting, error);
	close_collecting(&collecting);
	return status;
}

enum status
tax_return_read(struct view *view, struct slice code, const char *form, struct tax_return *tax_return,
    struct error *error)
{
	enum status status;

	*tax_return = (struct tax_return){ .code = code, .name = form != NULL ? form : form_of(view) };
	if (!period_days(code, &tax_return->first, &tax_return->last))
		return error_set(error, STATUS_USAGE, "not a " PERIOD_FORMS ": \"%.*s\"", (int)code.length,
		    code.data);
	status = tax_form_open(&tax_return->form, schema_share(view_schema(view)), tax_return->name, error);
	if (status == STATUS_OK)
		status = gather(view, tax_return, error);
	tax_form_total(&tax_return->form);
	return status;
}

enum status
tax_return_unfiled(struct view *view, struct tax_return *tax_return, struct error *error)
{
	*tax_return = (struct tax_return){ .name = "", .first = DATE_FIRST, .last = DATE_LAST };
	return gather(view, tax_return, error);
}

void
tax_return_release(struct tax_return *tax_return)
{
	tax_form_release(&tax_return->form);
	free(tax_return->told);
	free(tax_return->balances);
	arena_release(&tax_return->arena);
	tax_return->told = NULL;
	tax_return->balances = NULL;
}
