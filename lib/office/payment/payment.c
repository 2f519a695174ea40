/* payment: what is noted is posted, and stands */
#include "office/payment/payment.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/help.h"
#include "office/ledger/ledger_document.h"
#include "office/payment/payment_internal.h"
#include "office/payment/settlement.h"

const struct document_kind *
payment_documents(struct slice customer)
{
	return customer.length > 0 ? &document_invoice : &document_bill;
}

static const struct document_kind *
kind_of(const struct draft *draft)
{
	return payment_documents(draft_named(draft, "customer"));
}

/* --- what is noted ------------------------------------------------------------------ */

/* It is what it was born as; bouncing does not change that. */
static void
set_kind(struct draft *draft)
{
	static const char *const kinds[][2] = {
		{ "received", "receive" },
		{ "paid", "pay" },
		{ "refunded", "refund" },
		{ "settled", "settle" },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (slice_is(draft_named(draft, "status"), kinds[i][0]))
			draft_set(draft, "kind", slice_of(kinds[i][1]));
}

static enum status
check_party(struct view *view, struct draft *draft, struct error *error)
{
	bool customer = draft_named(draft, "customer").length > 0,
	     supplier = draft_named(draft, "supplier").length > 0;
	struct slice kind = draft_named(draft, "kind");
	const char *name = customer ? "customer" : "supplier";
	struct place place = draft_place(draft, customer || slice_is(kind, "receive") ? "customer" : "supplier");
	struct record party;

	if (customer == supplier)
		return error_add(error, &place,
		    customer ? "and a supplier: a payment is from or to one of them"
			     : "missing: who paid, or was paid?");
	if (customer && slice_is(kind, "pay"))
		return error_add(error, &place, "is not paid: money goes back to a customer by refund");
	if (supplier && slice_is(kind, "receive"))
		return error_add(error, &place, "does not pay: money comes back from a supplier by refund");
	if (reference_read(view, name, draft_named(draft, name), draft->arena, &party)) {
		if (party.erased)
			return error_add(error, &place, "was erased");
		draft_default(draft, "currency", record_named(&party, "currency"));
	}
	draft_default(draft, "currency", view_company(view, "currency"));
	return STATUS_OK;
}

static enum status
check_amount(const struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "amount");
	int64_t amount = units_or_zero(draft_named(draft, "amount"));

	if (slice_is(draft_named(draft, "kind"), "settle"))
		return amount == 0 ? STATUS_OK : error_add(error, &place, "is some: this settles without money");
	if (amount > 0)
		return STATUS_OK;
	return error_add(error, &place,
	    amount < 0 ? "is less than nothing: money that goes back is a refund" : "is nothing");
}

static enum status
check_day(struct view *view, const struct draft *draft, const char *field, struct error *error)
{
	struct place place = draft_place(draft, field);
	struct slice text = draft_named(draft, field), from = draft_named(draft, "date");
	int32_t day, first;

	if (!date_parse(text, &day) || !date_parse(from, &first))
		return STATUS_OK; /* said elsewhere */
	if (day > view_today(view))
		return error_add(error, &place, "%.*s is yet to come", (int)text.length, text.data);
	if (day < first)
		return error_add(error, &place, "before the day it was paid, %.*s", (int)from.length, from.data);
	return STATUS_OK;
}

/* --- what is posted ----------------------------------------------------------------- */

/* The money, and that so much less is owed; with back, that it is owed again. */
static enum status
post(struct batch *batch, const struct draft *draft, bool back, struct error *error)
{
	const struct document_kind *kind = kind_of(draft);
	int digits = draft_money_digits(draft);
	unsigned long long account = 0;
	struct log *accounts;
	char room[ID_SIZE];
	struct slice id = table_id(draft->log->table, draft->number, room);
	int64_t units;
	enum status status = view_log(batch_view(batch), "account", &accounts, error);

	if (status != STATUS_OK ||
	    !decimal_rescale(units_or_zero(draft_named(draft, "amount")), DECIMAL_DIGITS, digits, &units))
		return status;
	table_id_parse(accounts->table, draft_named(draft, "account"), &account);
	units *= slice_is(draft_named(draft, "kind"), "refund") == back ? kind->sign : -kind->sign;

	const struct document_part parts[] = {
		{ "bank", account, units, { "", 0 } },
		{ kind->control, 0, -units, draft_named(draft, kind->party) },
	};

	return document_post(batch, draft,
	    arena_format(draft->arena, "payment %.*s%s", (int)id.length, id.data, back ? " taken back" : ""),
	    digits, parts, sizeof parts / sizeof parts[0], error);
}

/* The same draft as if it were of the day that it came back. */
static struct draft
draft_of_day(const struct draft *draft, struct slice day)
{
	size_t count = draft->log->table->field_count;
	struct draft copy = *draft;

	copy.values = arena_zero(draft->arena, count, sizeof *copy.values);
	memcpy(copy.values, draft->values, count * sizeof *copy.values);
	draft_set(&copy, "date", day);
	return copy;
}

/* Everything is taken back: when it came back on that day, when it was a mistake on its own. */
static enum status
take_back(struct batch *batch, struct draft *draft, struct error *error)
{
	bool mistake = draft_enters(draft, "void");
	int32_t day = 0;
	struct draft copy;
	enum status status;

	if (mistake)
		draft_set(draft, "bounced", draft_named(draft, "date"));
	draft_default(draft, "bounced", date_text(view_today(batch_view(batch)), draft->arena));
	status = check_day(batch_view(batch), draft, "bounced", error);
	if (status != STATUS_OK || !date_parse(draft_named(draft, "bounced"), &day))
		return status;
	status = payment_unallocate(batch, draft->number, NULL, 0, mistake ? DATE_FIRST : day, &draft->place,
	    error);
	copy = draft_of_day(draft, draft_named(draft, "bounced"));
	return status == STATUS_OK ? post(batch, &copy, true, error) : status;
}

/* Whether nothing of it is left any more. */
static bool
is_gone(struct slice status)
{
	return slice_is(status, "bounced") || slice_is(status, "void");
}

/* --- the rule ------------------------------------------------------------------------ */

/* What was noted stands, but for notes. */
static enum status
check_stands(struct batch *batch, struct draft *draft, struct error *error)
{
	const struct table *table = draft->log->table;
	struct slice id = record_id(draft->old);
	bool back = draft_enters(draft, "bounced") || draft_enters(draft, "void");
	size_t faults = error->total;

	for (size_t i = 0; i < table->field_count; i++) {
		const char *name = table->fields[i].name;
		struct place place = draft_place(draft, name);

		if (strcmp(name, "notes") == 0 || i == table->state ||
		    (back && strcmp(name, "bounced") == 0) || !draft_moves(draft, i))
			continue;
		error_add(error, &place, "%.*s is noted and stands: a mistake is voided, and noted anew",
		    (int)id.length, id.data);
	}
	if (error->total > faults)
		return STATUS_REFUSED;
	return back ? take_back(batch, draft, error) : STATUS_OK;
}

static enum status
check_payment(struct batch *batch, struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "status");
	enum status status;

	payment_touch(batch, draft->place.source);
	if (!draft->is_new)
		return check_stands(batch, draft, error);
	if (is_gone(draft_named(draft, "status")))
		return error_add(error, &place, "it has to be noted before it is taken back");
	set_kind(draft);
	status = check_party(batch_view(batch), draft, error);
	if (status == STATUS_OK)
		status = check_amount(draft, error);
	if (status == STATUS_OK)
		status = check_day(batch_view(batch), draft, "date", error);
	if (status == STATUS_OK && !slice_is(draft_named(draft, "kind"), "settle"))
		status = document_rate(batch, draft, error);
	return status == STATUS_OK ? post(batch, draft, false, error) : status;
}

/* One that came without allocations goes where its reference says. */
static enum status
payment_whole(struct batch *batch, uint64_t number, const struct place *place, struct error *error)
{
	struct log *allocations;
	size_t count = 0;
	enum status status = view_log(batch_view(batch), "allocation", &allocations, error);

	if (status == STATUS_OK)
		log_children(allocations, number, &count);
	if (status == STATUS_OK && count == 0)
		status = payment_allocate_named(batch, number, place, error);
	return status == STATUS_OK ? payment_check_left(batch, number, place, error) : status;
}

/* --- all that a batch has touched ------------------------------------------------------ */

struct touched {
	bool any;
	const char *source;
	size_t changes; /* batch_change_count after the last time */
};

void
payment_touch(struct batch *batch, const char *source)
{
	struct touched *touched = batch_memory(batch, &rule_payment, sizeof *touched, NULL);

	touched->any = true;
	touched->source = source;
}

enum status
payment_check_left(struct batch *batch, uint64_t number, const struct place *place, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct settled settled;
	struct record payment;
	struct log *payments;
	int128 left;
	int64_t all;
	enum status status = view_log(batch_view(batch), "payment", &payments, error);

	if (status == STATUS_OK)
		status = record_read(payments, number, &arena, &payment, error);
	if (status == STATUS_OK)
		status = settled_read(batch_view(batch), DATE_LAST, &payment, &settled, error);
	if (status == STATUS_OK) {
		all = is_gone(record_named(&payment, "status")) ? 0 : payment_signed(&payment);
		left = all - settled.units;
		if ((all >= 0 && (left < 0 || left > all)) || (all < 0 && (left > 0 || left < all)))
			status = error_add(error, place,
			    all == 0 ? "what is settled without money does not come to nothing"
				     : "more is allocated than the payment has");
	}
	arena_release(&arena);
	return status;
}

static enum status
payments_settle(struct batch *batch, struct error *error)
{
	struct touched *touched = batch_memory(batch, &rule_payment, sizeof *touched, NULL);
	struct arena arena = ARENA_INIT;
	struct log *payments, *allocations;
	uint64_t last = 0;
	size_t count;
	const struct change *changes = batch_changes(batch, &count);
	enum status status;

	if (!touched->any || touched->changes == batch_change_count(batch))
		return STATUS_OK;
	status = view_log(batch_view(batch), "payment", &payments, error);
	if (status == STATUS_OK)
		status = view_log(batch_view(batch), "allocation", &allocations, error);
	for (size_t i = 0; i < count && (status == STATUS_OK || status == STATUS_REFUSED); i++) {
		struct place place = { touched->source, changes[i].line, NULL };
		uint64_t number = change_parent(&changes[i], payments, allocations, &arena);

		if (number != 0 && number != last)
			status = payment_check_left(batch, number, &place, error);
		last = number != 0 ? number : last;
		arena_reset(&arena);
	}
	touched->changes = batch_change_count(batch);
	arena_release(&arena);
	return error->total > 0 ? STATUS_REFUSED : status;
}

/* --- erasure ----------------------------------------------------------------------------- */

/* What is on account in one currency: receipts less what was refunded of them. */
struct on_account {
	char currency[4];
	int128 sum;
	uint64_t last; /* payment of which some is */
};

struct accounts {
	struct on_account *items;
	size_t count, capacity;
};

static void
on_account_add(struct accounts *accounts, const struct record *payment, int128 left)
{
	struct slice currency = record_named(payment, "currency");
	size_t i = 0;

	while (i < accounts->count && !slice_is(currency, accounts->items[i].currency))
		i++;
	if (i == accounts->count) {
		accounts->items = memory_grow(accounts->items, &accounts->capacity, i, sizeof *accounts->items);
		accounts->items[accounts->count++] = (struct on_account){ .sum = 0 };
		memcpy(accounts->items[i].currency, currency.data, currency.length < 3 ? currency.length : 3);
	}
	accounts->items[i].sum += left;
	accounts->items[i].last = payment->number;
}

static enum status
add_left(const struct record *payment, void *context, struct error *error)
{
	struct settled settled;
	int128 left;
	enum status status = settled_read(payment->log->view, DATE_LAST, payment, &settled, error);

	left = status == STATUS_OK ? settled_left(&settled, payment, DATE_LAST) : 0;
	if (left != 0)
		on_account_add(context, payment, left);
	return status;
}

/* What is on account is owed to somebody, who has to be known. */
static enum status
check_erase(struct batch *batch, const struct record *party, struct error *error)
{
	const char *table = party->log->table->name;
	struct accounts accounts = { .items = NULL };
	struct slice id = record_id(party);
	struct log *payments;
	enum status status;

	if (strcmp(table, "customer") != 0 && strcmp(table, "supplier") != 0)
		return STATUS_OK;
	status = view_log(batch_view(batch), "payment", &payments, error);
	if (status == STATUS_OK)
		status = log_each_referring(payments, table_field(payments->table, slice_of(table)),
		    party->number, add_left, &accounts, error);
	for (size_t i = 0; status == STATUS_OK && i < accounts.count; i++)
		if (accounts.items[i].sum != 0)
			error_add(error, NULL, "%.*s can't be erased: some of %s%llu is on account",
			    (int)id.length, id.data, payments->table->prefix,
			    (unsigned long long)accounts.items[i].last);
	free(accounts.items);
	return status == STATUS_OK && error->total > 0 ? STATUS_REFUSED : status;
}

const struct rule rule_payment = {
	.table = "payment",
	.check = check_payment,
	.whole = payment_whole,
	.finish = payments_settle,
	.check_erase = check_erase,
	.derive = payment_derive,
};
