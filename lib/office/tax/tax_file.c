/* tax_file: a return becomes records, which stay as they are, and an entry in the books */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/help.h"
#include "office/ledger/ledger_enter.h"
#include "office/tax/tax_return.h"

/* The number of an id of whatever table. */
static uint64_t
id_number(struct slice id)
{
	unsigned long long number = 0;

	while (id.length > 0 && id.data[0] >= 'A' && id.data[0] <= 'Z') {
		id.data++;
		id.length--;
	}
	return slice_to_u64(id, &number) ? number : 0;
}

struct filing {
	struct batch *batch;
	const struct tax_return *tax_return;
	struct slice id; /* of the record of the return */
	struct arena arena;
};

uint64_t
tax_return_filed(struct view *view, struct slice code)
{
	struct error ignored = ERROR_INIT;
	struct log *log;
	uint64_t number = 0;

	if (view_log(view, "tax_return", &log, &ignored) == STATUS_OK)
		number = log_find(log, table_field(log->table, slice_of("code")), code);
	error_release(&ignored);
	return number;
}

struct slice
tax_amount(struct view *view, int128 units, struct arena *arena)
{
	int digits = codes_currency_digits(view_codes(view), view_company(view, "currency"));
	int64_t rounded;

	if (digits < 0 || !decimal_rescale(units, DECIMAL_DIGITS, digits, &rounded))
		return value_from_number(KIND_NUMBER, units, arena);
	return units_text(rounded, digits, false, arena);
}

/* --- what was filed ---------------------------------------------------------------------- */

typedef void load_child(struct tax_return *tax_return, const struct record *record);

static void
load_box(struct tax_return *tax_return, const struct record *record)
{
	struct tax_form *form = &tax_return->form;
	struct tax_box box = { .box = arena_copy(&tax_return->arena, record_named(record, "box")),
		.help = arena_copy(&tax_return->arena, record_named(record, "help")),
		.amount = units_or_zero(record_named(record, "amount")) };

	form->boxes = memory_grow(form->boxes, &form->capacity, form->count, sizeof box);
	form->boxes[form->count++] = box;
}

static void
load_document(struct tax_return *tax_return, const struct record *record)
{
	static const char *const tables[] = { "invoice", "bill", "allocation" };
	struct tax_told told = { .late = slice_is(record_named(record, "late"), "true"),
		.base = units_or_zero(record_named(record, "base")),
		.tax = units_or_zero(record_named(record, "tax")) };

	date_parse(record_named(record, "date"), &told.date);
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
		struct slice id = record_named(record, tables[i]);

		if (id.length > 0) {
			told.table = tables[i];
			told.number = id_number(id);
		}
	}
	tax_return->told = memory_grow(tax_return->told, &tax_return->told_capacity, tax_return->told_count,
	    sizeof told);
	tax_return->told[tax_return->told_count++] = told;
	tax_return->late += told.late;
}

static enum status
load_children(struct view *view, const char *table, uint64_t number, load_child *load,
    struct tax_return *tax_return, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct log *log;
	const uint64_t *children = NULL;
	size_t count = 0;
	enum status status = view_log(view, table, &log, error);

	if (status == STATUS_OK)
		children = log_children(log, number, &count);
	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		struct record record;

		arena_reset(&arena);
		status = record_read(log, children[i], &arena, &record, error);
		if (status == STATUS_OK)
			load(tax_return, &record);
	}
	arena_release(&arena);
	return status;
}

enum status
tax_return_load(struct view *view, uint64_t number, struct tax_return *tax_return, struct error *error)
{
	enum status status;

	*tax_return = (struct tax_return){ .name = "" };
	status = load_children(view, "tax_box", number, load_box, tax_return, error);
	return status == STATUS_OK
	    ? load_children(view, "tax_document", number, load_document, tax_return, error)
	    : status;
}

/* --- what stands in the way --------------------------------------------------------------- */

static enum status
check_overlap(const struct filing *filing, const struct record *filed, struct error *error)
{
	struct slice code = record_named(filed, "code"), date = record_named(filed, "date");
	int32_t first, last;

	if (!date_parse(record_named(filed, "first"), &first) || !date_parse(record_named(filed, "last"), &last) ||
	    first > filing->tax_return->last || last < filing->tax_return->first)
		return STATUS_OK;
	return error_add(error, NULL, "%.*s was filed on %.*s: what comes late goes into the next return",
	    (int)code.length, code.data, (int)date.length, date.data);
}

static enum status
check_period(struct filing *filing, struct error *error)
{
	struct view *view = batch_view(filing->batch);
	struct log *log;
	enum status status = view_log(view, "tax_return", &log, error);

	for (uint64_t number = 1; status == STATUS_OK && number <= log->count; number++) {
		struct record record;

		arena_reset(&filing->arena);
		status = record_read(log, number, &filing->arena, &record, error);
		if (status == STATUS_OK)
			status = check_overlap(filing, &record, error);
	}
	if (status == STATUS_OK && filing->tax_return->last >= view_today(view))
		return error_add(error, NULL, "%.*s is not over yet", (int)filing->tax_return->code.length,
		    filing->tax_return->code.data);
	return status;
}

/* --- records -------------------------------------------------------------------------------- */

static enum status
add_record(struct filing *filing, const char *name, struct assign *assigns, const char *const *fields,
    size_t count, uint64_t *number, struct error *error)
{
	struct edit edit = { .assigns = assigns, .assign_count = count, .by_rule = true };
	enum status status = view_table(batch_view(filing->batch), name, &edit.table, error);

	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		assigns[i] = assign_value(edit.table, fields[i], assigns[i].value);
	return status == STATUS_OK ? batch_edit(filing->batch, &edit, number, error) : status;
}

static struct slice
amount_text(struct filing *filing, int128 units)
{
	return arena_copy(&filing->arena, value_from_number(KIND_NUMBER, units, &filing->arena));
}

static enum status
add_return(struct filing *filing, struct error *error)
{
	static const char *const fields[] = { "code", "form", "first", "last", "date", "output", "input",
		"due", "late" };
	const struct tax_return *tax_return = filing->tax_return;
	struct view *view = batch_view(filing->batch);
	struct assign assigns[] = {
		{ .value = tax_return->code },
		{ .value = slice_of(tax_return->name) },
		{ .value = date_text(tax_return->first, &filing->arena) },
		{ .value = date_text(tax_return->last, &filing->arena) },
		{ .value = date_text(view_today(view), &filing->arena) },
		{ .value = amount_text(filing, tax_return->output) },
		{ .value = amount_text(filing, tax_return->input) },
		{ .value = amount_text(filing, tax_return->output - tax_return->input) },
		{ .value = arena_format(&filing->arena, "%zu", tax_return->late) },
	};
	const struct table *table;
	uint64_t number;
	char id[ID_SIZE];
	enum status status = add_record(filing, "tax_return", assigns, fields,
	    sizeof fields / sizeof fields[0], &number, error);

	if (status == STATUS_OK)
		status = view_table(view, "tax_return", &table, error);
	if (status == STATUS_OK)
		filing->id = arena_copy(&filing->arena, table_id(table, number, id));
	return status;
}

static enum status
add_boxes(struct filing *filing, struct error *error)
{
	static const char *const fields[] = { "tax_return", "box", "help", "amount" };
	const struct tax_form *form = &filing->tax_return->form;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < form->count && status == STATUS_OK; i++) {
		struct assign assigns[] = { { .value = filing->id }, { .value = form->boxes[i].box },
			{ .value = form->boxes[i].help },
			{ .value = amount_text(filing, form->boxes[i].amount) } };

		status = add_record(filing, "tax_box", assigns, fields, 4, NULL, error);
	}
	return status;
}

static enum status
add_document(struct filing *filing, const struct tax_told *told, struct error *error)
{
	const char *const fields[] = { "tax_return", told->table, "date", "late", "base", "tax" };
	const struct table *table;
	char id[ID_SIZE];
	enum status status = view_table(batch_view(filing->batch), told->table, &table, error);

	if (status != STATUS_OK)
		return status;

	struct assign assigns[] = { { .value = filing->id }, { .value = table_id(table, told->number, id) },
		{ .value = date_text(told->date, &filing->arena) },
		{ .value = slice_of(told->late ? "true" : "false") },
		{ .value = amount_text(filing, told->base) }, { .value = amount_text(filing, told->tax) } };

	return add_record(filing, "tax_document", assigns, fields, 6, NULL, error);
}

/* --- the entry --------------------------------------------------------------------------------- */

static enum status
post(struct filing *filing, struct error *error)
{
	const struct tax_return *tax_return = filing->tax_return;
	struct view *view = batch_view(filing->batch);
	struct slice currency = arena_copy(&filing->arena, view_company(view, "currency"));
	struct ledger_entry entry = { .batch = filing->batch,
		.day = view_today(view),
		.kind = "entry",
		.text = arena_format(&filing->arena, "tax return %.*s", (int)tax_return->code.length,
		    tax_return->code.data) };
	struct log *accounts;
	int128 due = 0;
	uint64_t number;
	enum status status = view_log(view, "account", &accounts, error);

	if (status != STATUS_OK || tax_return->balance_count == 0)
		return status;
	number = log_find(accounts, table_field(accounts->table, slice_of("use")), slice_of("tax-due"));
	if (number == 0)
		return error_add(error, NULL,
		    "no account has the use \"tax-due\" (bo-account set ACCOUNT use=tax-due)");
	for (size_t i = 0; i < tax_return->balance_count && status == STATUS_OK; i++) {
		due += tax_return->balances[i].units;
		status = ledger_enter_posting(&entry, tax_return->balances[i].account,
		    -tax_return->balances[i].units, currency, slice_of(""), error);
	}
	if (status == STATUS_OK)
		status = ledger_enter_posting(&entry, number, due, currency, slice_of(""), error);
	ledger_enter_release(&entry);
	return status;
}

enum status
tax_return_file(struct batch *batch, const struct tax_return *tax_return, struct error *error)
{
	struct filing filing = { .batch = batch, .tax_return = tax_return };
	enum status status = check_period(&filing, error);

	arena_reset(&filing.arena);
	if (status == STATUS_OK)
		status = add_return(&filing, error);
	if (status == STATUS_OK)
		status = add_boxes(&filing, error);
	for (size_t i = 0; i < tax_return->told_count && status == STATUS_OK; i++)
		status = add_document(&filing, &tax_return->told[i], error);
	if (status == STATUS_OK)
		status = post(&filing, error);
	arena_release(&filing.arena);
	return status;
}
