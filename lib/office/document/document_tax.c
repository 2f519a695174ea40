#include "office/document/document_tax.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "office/help.h"
#include "office/tax/tax_category.h"

size_t
tax_component_count(const struct document_policy *policy)
{
	return policy->money.halves ? 2 : 1;
}

const char *
tax_component(const struct draft *draft, size_t component)
{
	struct slice scheme = draft_named(draft, "tax_scheme");

	if (slice_is(scheme, "igst"))
		return "IGST";
	if (!slice_is(scheme, "cgst-sgst"))
		return "VAT";
	return component == 0 ? "CGST" : "SGST";
}

/* --- postings -------------------------------------------------------------------------- */

/* The account for one component (use tax-output-cgst), where there is one; 0 for the one of all tax. */
static uint64_t
component_account(struct log *accounts, const char *use, struct slice component)
{
	char own[64];

	snprintf(own, sizeof own, "%s-%.*s", use, (int)component.length, component.data);
	for (char *c = own; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return log_find(accounts, table_field(accounts->table, slice_of("use")), slice_of(own));
}

uint64_t
tax_account(struct view *view, const char *use, struct slice component)
{
	struct error ignored = ERROR_INIT;
	struct log *accounts;
	uint64_t number = 0;

	if (view_log(view, "account", &accounts, &ignored) == STATUS_OK &&
	    log_find(accounts, table_field(accounts->table, slice_of("use")), slice_of("receivable")) != 0) {
		number = component_account(accounts, use, component);
		if (number == 0)
			number = log_find(accounts, table_field(accounts->table, slice_of("use")), slice_of(use));
	}
	error_release(&ignored);
	return number;
}

size_t
tax_part_count(const struct document_total *total, const struct document_policy *policy)
{
	return total->group_count * tax_component_count(policy);
}

void
tax_parts(struct batch *batch, const struct draft *draft, const struct document_total *total,
    const struct document_policy *policy, struct document_part *parts)
{
	const struct document_kind *kind = document_kind_of(draft->log->table->name);
	size_t components = tax_component_count(policy), count = 0;

	for (size_t i = 0; i < total->group_count; i++)
		for (size_t k = 0; k < components; k++)
			parts[count++] = (struct document_part){ .use = kind->tax,
				.account = tax_account(batch_view(batch), kind->tax,
				    slice_of(tax_component(draft, k))),
				.units = -kind->sign * total->groups[i].sums.tax[k],
				.tags = { "", 0 } };
}

/* --- rows ------------------------------------------------------------------------------- */

enum { TAX_FIELDS = 11 };

struct writing {
	struct batch *batch;
	const struct draft *draft;
	const struct table *table, *accounts;
	int digits, books_digits;
	bool in_books; /* what it is worth there is known */
	size_t components;
};

/* What is taxed, by group, in the currency of the books. */
static enum status
bases_in_books(const struct writing *writing, const struct document_total *total, int64_t *books,
    struct error *error)
{
	const struct document_kind *kind = document_kind_of(writing->draft->log->table->name);
	struct document_part *parts = memory_array(total->group_count + 1, sizeof *parts);
	enum status status;

	for (size_t i = 0; i < total->group_count; i++)
		parts[i] = (struct document_part){ .use = kind->tax, .units = total->groups[i].sums.base };
	status = document_books(writing->batch, writing->draft, writing->digits, parts, total->group_count,
	    books, error);
	free(parts);
	return status;
}

static struct slice
account_text(const struct writing *writing, uint64_t account)
{
	char id[ID_SIZE];

	return account == 0 ? slice_of("")
			    : arena_copy(writing->draft->arena, table_id(writing->accounts, account, id));
}

static enum status
write_row(const struct writing *writing, const struct document_group *group, size_t component, int64_t base,
    int64_t tax, uint64_t account, struct error *error)
{
	const struct draft *draft = writing->draft;
	const struct document_kind *kind = document_kind_of(draft->log->table->name);
	struct arena *arena = draft->arena;
	int64_t rate = group->sums.rate / (int64_t)writing->components;
	struct slice none = { "", 0 };
	char id[ID_SIZE];
	const struct assign assigns[TAX_FIELDS] = {
		assign_value(writing->table, kind->table, table_id(draft->log->table, draft->number, id)),
		assign_value(writing->table, "component", slice_of(tax_component(draft, component))),
		assign_value(writing->table, "category", slice_of(tax_category_code(group->sums.category))),
		assign_value(writing->table, "rate", units_text(rate, DECIMAL_DIGITS, true, arena)),
		assign_value(writing->table, "base", units_text(group->sums.base, writing->digits, false, arena)),
		assign_value(writing->table, "tax",
		    units_text(group->sums.tax[component], writing->digits, false, arena)),
		assign_value(writing->table, "books_base",
		    writing->in_books ? units_text(base, writing->books_digits, true, arena) : none),
		assign_value(writing->table, "books_tax",
		    writing->in_books ? units_text(tax, writing->books_digits, true, arena) : none),
		assign_value(writing->table, "exemption", group->exemption),
		assign_value(writing->table, "date", draft_named(draft, "date")),
		assign_value(writing->table, "account", account_text(writing, account)),
	};
	const struct edit edit = { .table = writing->table,
		.assigns = assigns,
		.assign_count = TAX_FIELDS,
		.place = draft->place,
		.by_rule = true };

	return batch_edit(writing->batch, &edit, NULL, error);
}

/* A document in another currency without a rate, where no books are kept, has no worth in the books. */
static bool
known_in_books(struct view *view, const struct draft *draft)
{
	return slice_equal(draft_named(draft, "currency"), view_company(view, "currency")) ||
	    draft_named(draft, "rate").length > 0;
}

/* What the parts and the bases are worth; zeros where that is not known. */
static enum status
reckon_worth(const struct writing *writing, const struct document_total *total,
    const struct document_part *parts, size_t count, int64_t *worth, int64_t *bases, struct error *error)
{
	enum status status;

	if (!writing->in_books)
		return STATUS_OK;
	status = document_books(writing->batch, writing->draft, writing->digits, parts, count, worth, error);
	return status == STATUS_OK ? bases_in_books(writing, total, bases, error) : status;
}

enum status
tax_write(struct batch *batch, const struct draft *draft, const struct document_total *total,
    const struct document_policy *policy, const struct document_part *parts, size_t count, struct error *error)
{
	struct view *view = batch_view(batch);
	const struct document_kind *kind = document_kind_of(draft->log->table->name);
	int64_t *bases = memory_array(total->group_count + 1, sizeof *bases);
	int64_t *worth = memory_array(count + 1, sizeof *worth);
	struct writing writing = { .batch = batch,
		.draft = draft,
		.digits = policy->money.digits,
		.in_books = known_in_books(view, draft),
		.books_digits = codes_currency_digits(view_codes(view), view_company(view, "currency")),
		.components = tax_component_count(policy) };
	enum status status = view_table(view, kind->taxes, &writing.table, error);

	if (status == STATUS_OK)
		status = view_table(view, "account", &writing.accounts, error);
	if (status == STATUS_OK)
		status = reckon_worth(&writing, total, parts, count, worth, bases, error);
	for (size_t i = 0; status == STATUS_OK && i < total->group_count; i++)
		for (size_t k = 0; status == STATUS_OK && k < writing.components; k++)
			status = write_row(&writing, &total->groups[i], k, bases[i],
			    -kind->sign * worth[i * writing.components + k],
			    parts[i * writing.components + k].account, error);
	free(bases);
	free(worth);
	return status;
}

/* --- what categories ask for --------------------------------------------------------------- */

static void
want_number(struct view *view, const struct draft *draft, const char *category, struct error *error)
{
	const struct document_kind *kind = document_kind_of(draft->log->table->name);
	struct place place = draft_place(draft, kind->party);
	struct record party;

	if (view_company(view, "taxid").length == 0)
		error_add(error, &place,
		    "category %s wants the company's tax number (bo-config set taxid=...)", category);
	if (reference_read(view, kind->party, draft_named(draft, kind->party), draft->arena, &party) &&
	    record_named(&party, "taxid").length == 0)
		error_add(error, &place, "category %s wants the %s's tax number", category, kind->party);
}

enum status
tax_check(struct view *view, const struct draft *draft, const struct document_total *total, struct error *error)
{
	struct place place = draft_place(draft, "tax");
	size_t faults = error->total;

	for (size_t i = 0; i < total->group_count; i++) {
		enum tax_category category = total->groups[i].sums.category;

		if (category == TAX_AE || category == TAX_K)
			want_number(view, draft, tax_category_code(category), error);
		if (category == TAX_O && total->group_count > 1)
			error_add(error, &place,
			    "what is not subject to tax (category O) can't stand beside other lines");
	}
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}
