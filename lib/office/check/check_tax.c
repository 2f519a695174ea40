/* check_tax: the tax of documents is written row by row, and what is not filed is in its accounts */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/ledger/account.h"
#include "office/check/check.h"
#include "office/document/document.h"
#include "office/help.h"
#include "office/ledger/ledger.h"
#include "office/tax/tax_return.h"

/* --- rows ------------------------------------------------------------------------------ */

struct rows {
	const struct document_kind *kind;
	struct log *documents;
	int128 *tax; /* by number of the document, units of 10^-6 */
};

static enum status
visit_row(struct checking *checking, const struct record *row, void *context, struct error *error)
{
	struct rows *rows = context;
	unsigned long long number;

	(void)checking;
	(void)error;
	if (table_id_parse(rows->documents->table, record_named(row, rows->kind->table), &number) &&
	    number <= rows->documents->count)
		rows->tax[number] += units_or_zero(record_named(row, "tax"));
	return STATUS_OK;
}

static enum status
visit_document(struct checking *checking, const struct record *document, void *context, struct error *error)
{
	struct rows *rows = context;
	bool stands = document_stands(record_named(document, "status"));
	int128 sum = rows->tax[document->number],
	       wanted = stands ? units_or_zero(record_named(document, "tax")) : 0;

	(void)error;
	/* One from before there were such rows says no payable either. */
	if (sum != wanted && (sum != 0 || record_named(document, "payable").length > 0)) {
		struct slice text = value_from_number(KIND_NUMBER, sum, document->arena);

		check_report(checking, document->log, document->number, "tax", "%s has %.*s of it",
		    rows->kind->taxes, (int)text.length, text.data);
	}
	return STATUS_OK;
}

static enum status
check_rows(struct checking *checking, const struct document_kind *kind, struct error *error)
{
	struct rows rows = { .kind = kind };
	struct log *taxes;
	enum status status = view_log(checking->view, kind->table, &rows.documents, error);

	if (status == STATUS_OK)
		status = view_log(checking->view, kind->taxes, &taxes, error);
	if (status != STATUS_OK)
		return status;
	rows.tax = memory_array((size_t)rows.documents->count + 1, sizeof *rows.tax);
	status = check_each(checking, taxes, visit_row, &rows, error);
	if (status == STATUS_OK)
		status = check_each(checking, rows.documents, visit_document, &rows, error);
	free(rows.tax);
	return status;
}

static enum status
run_rows(struct checking *checking, struct error *error)
{
	enum status status = check_rows(checking, &document_invoice, error);

	return status == STATUS_OK ? check_rows(checking, &document_bill, error) : status;
}

const struct check check_tax = {
	.name = "tax",
	.help = "the tax of what stands is written by category and rate, and adds up",
	.run = run_rows,
};

/* --- accounts ----------------------------------------------------------------------------- */

static bool
is_for_tax(struct slice use)
{
	return slice_starts(use, document_invoice.tax) || slice_starts(use, document_bill.tax);
}

static int128
unfiled_in(const struct tax_return *unfiled, uint64_t account)
{
	for (size_t i = 0; i < unfiled->balance_count; i++)
		if (unfiled->balances[i].account == account)
			return unfiled->balances[i].units;
	return 0;
}

/* What the books have in it, in their own currency. */
static int128
balance_of(const struct account_sum *sums, size_t count, uint64_t account, struct slice currency)
{
	for (size_t i = 0; i < count; i++)
		if (sums[i].account == account && slice_is(currency, sums[i].currency))
			return sums[i].before + sums[i].debit - sums[i].credit;
	return 0;
}

static void
check_account(struct checking *checking, struct log *accounts, uint64_t number, int128 balance, int128 unfiled)
{
	struct slice has = value_from_number(KIND_NUMBER, balance, &checking->arena),
		     wants = value_from_number(KIND_NUMBER, unfiled, &checking->arena);

	if (balance != unfiled)
		check_report(checking, accounts, number, "use",
		    "has a balance of %.*s, what is not filed comes to %.*s", (int)has.length, has.data,
		    (int)wants.length, wants.data);
}

/* Who keeps no documents here may put into these accounts whatever there is. */
static bool
has_documents(struct view *view)
{
	struct error ignored = ERROR_INIT;
	struct log *invoices, *bills;
	bool has = view_log(view, document_invoice.taxes, &invoices, &ignored) == STATUS_OK &&
	    view_log(view, document_bill.taxes, &bills, &ignored) == STATUS_OK &&
	    invoices->count + bills->count > 0;

	error_release(&ignored);
	return has;
}

static enum status
run_accounts(struct checking *checking, struct error *error)
{
	const struct ledger_query query = { .first = DATE_FIRST, .last = DATE_LAST };
	struct slice books = view_company(checking->view, "currency");
	struct tax_return unfiled;
	struct account_sum *sums = NULL;
	struct log *accounts;
	size_t count = 0;
	enum status status;

	if (!has_documents(checking->view))
		return STATUS_OK;
	status = tax_return_unfiled(checking->view, &unfiled, error);
	if (status == STATUS_OK)
		status = view_log(checking->view, "account", &accounts, error);
	if (status == STATUS_OK)
		status = ledger_sums(checking->view, &query, &sums, &count, error);
	for (uint64_t number = 1; status == STATUS_OK && number <= accounts->count; number++) {
		arena_reset(&checking->arena);
		if (is_for_tax(account_use(accounts, number, &checking->arena)))
			check_account(checking, accounts, number, balance_of(sums, count, number, books),
			    unfiled_in(&unfiled, number));
	}
	free(sums);
	tax_return_release(&unfiled);
	return status;
}

const struct check check_tax_accounts = {
	.name = "tax-accounts",
	.help = "accounts for tax hold that of the documents which are not filed yet",
	.run = run_accounts,
};
