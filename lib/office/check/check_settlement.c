/* check_settlement: what is open is what the books say is owed */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/ledger/account.h"
#include "office/check/check.h"
#include "office/help.h"
#include "office/ledger/ledger.h"
#include "office/payment/settlement.h"

/* What is owed in one currency, by documents and by the books. */
struct owed {
	char currency[8];
	int128 documents, books;
};

struct control {
	const struct document_kind *kind;
	int32_t day;
	uint64_t account;
	struct owed *items;
	size_t count, capacity;
};

static struct owed *
owed_in(struct control *control, struct slice currency)
{
	struct owed *owed;

	for (size_t i = 0; i < control->count; i++)
		if (slice_is(currency, control->items[i].currency))
			return &control->items[i];
	control->items = memory_grow(control->items, &control->capacity, control->count, sizeof *control->items);
	owed = &control->items[control->count++];
	*owed = (struct owed){ .documents = 0 };
	if (currency.length < sizeof owed->currency)
		memcpy(owed->currency, currency.data, currency.length);
	return owed;
}

/* --- documents and payments --------------------------------------------------------------- */

/* What is left of anything is between nothing and all of it. */
static void
check_left(struct checking *checking, const struct record *record, const char *field, int128 left, int128 all)
{
	if (all >= 0 ? left < 0 || left > all : left > 0 || left < all)
		check_report(checking, record->log, record->number, field,
		    "more is settled than there is, or less than nothing");
}

static enum status
visit_document(struct checking *checking, const struct record *document, void *context, struct error *error)
{
	struct control *control = context;
	struct settled settled;
	int128 open;
	enum status status = settled_read(checking->view, control->day, document, &settled, error);

	if (status != STATUS_OK)
		return status;
	open = settled_open(&settled, document, control->day);
	if (document_stands(record_named(document, "status")))
		owed_in(control, record_named(document, "currency"))->documents += open;
	if (open != 0)
		check_left(checking, document, "open", open, units_or_zero(document_payable(document)));
	return STATUS_OK;
}

static enum status
visit_payment(struct checking *checking, const struct record *payment, void *context, struct error *error)
{
	struct control *control = context;
	struct settled settled;
	int128 left;
	enum status status = settled_read(checking->view, control->day, payment, &settled, error);

	if (status != STATUS_OK || record_named(payment, control->kind->party).length == 0)
		return status;
	left = settled_left(&settled, payment, control->day);
	owed_in(control, record_named(payment, "currency"))->documents -= left;
	if (left != 0)
		check_left(checking, payment, "unallocated", left, payment_signed(payment));
	return STATUS_OK;
}

/* --- the books ------------------------------------------------------------------------------- */

static enum status
add_posting(const struct ledger_line *line, void *context, struct error *error)
{
	struct control *control = context;

	(void)error;
	if (line->account == control->account)
		owed_in(control, line->currency)->books += control->kind->sign * line->amount;
	return STATUS_OK;
}

static void
compare(struct checking *checking, struct control *control, const struct log *accounts)
{
	for (size_t i = 0; i < control->count; i++) {
		const struct owed *owed = &control->items[i];
		char books[DECIMAL_SIZE], documents[DECIMAL_SIZE];
		int64_t a = 0, b = 0;

		if (owed->books == owed->documents)
			continue;
		decimal_rescale(owed->books, DECIMAL_DIGITS, DECIMAL_DIGITS, &a);
		decimal_rescale(owed->documents, DECIMAL_DIGITS, DECIMAL_DIGITS, &b);
		decimal_format(a, DECIMAL_DIGITS, true, books);
		decimal_format(b, DECIMAL_DIGITS, true, documents);
		check_report(checking, accounts, control->account, NULL,
		    "comes to %s %s, and what is open less what is on account to %s", books, owed->currency,
		    documents);
	}
}

/* --- both --------------------------------------------------------------------------------------- */

static enum status
check_kind(struct checking *checking, const struct document_kind *kind, struct log *accounts, struct error *error)
{
	struct control control = { .kind = kind, .day = view_today(checking->view) };
	struct log *documents, *payments;
	enum status status = view_log(checking->view, kind->table, &documents, error);

	if (status == STATUS_OK)
		status = view_log(checking->view, "payment", &payments, error);
	if (status == STATUS_OK)
		status = check_each(checking, documents, visit_document, &control, error);
	if (status == STATUS_OK)
		status = check_each(checking, payments, visit_payment, &control, error);
	control.account = account_for(accounts, kind->control);
	if (status == STATUS_OK && control.account != 0) {
		status = ledger_walk(checking->view, control.day, add_posting, &control, error);
		if (status == STATUS_OK)
			compare(checking, &control, accounts);
	}
	free(control.items);
	return status;
}

static enum status
run_settlement(struct checking *checking, struct error *error)
{
	struct log *accounts;
	enum status status = view_log(checking->view, "account", &accounts, error);

	if (status == STATUS_OK)
		status = check_kind(checking, &document_invoice, accounts, error);
	return status == STATUS_OK ? check_kind(checking, &document_bill, accounts, error) : status;
}

const struct check check_settlement = {
	.name = "settlement",
	.help = "receivables and payables are what is open less what is on account",
	.run = run_settlement,
};
