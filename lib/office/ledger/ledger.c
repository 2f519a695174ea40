/* ledger: what accounts, entries and postings must be before they get into the books */
#include "office/ledger/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/help.h"
#include "office/ledger/ledger_entry.h"

/* --- accounts ------------------------------------------------------------------- */

/* An account that is part of itself, by however many others, would be summed for ever. */
static enum status
check_account(struct batch *batch, struct draft *draft, struct error *error)
{
	struct view *view = batch_view(batch);
	struct place place = draft_place(draft, "parent");
	struct slice parent = draft_named(draft, "parent");
	struct record record;
	char id[ID_SIZE];
	struct slice own = table_id(draft->log->table, draft->number, id);

	while (parent.length > 0) {
		if (slice_equal(parent, own))
			return error_add(error, &place, "can't be part of itself");
		if (!reference_read(view, "account", parent, draft->arena, &record))
			break;
		parent = record_named(&record, "parent");
	}
	return STATUS_OK;
}

const struct rule rule_account = { .table = "account", .check = check_account };

/* --- entries -------------------------------------------------------------------- */

/* What is posted stands, but for its notes. */
static enum status
check_frozen(const struct draft *draft, struct error *error)
{
	const struct table *table = draft->log->table;
	struct slice id = record_id(draft->old);
	size_t faults = error->total, notes = table_field(table, slice_of("notes"));

	for (size_t i = 0; i < table->field_count; i++) {
		struct place place = draft_place(draft, table->fields[i].name);

		if (i != notes && draft_moves(draft, i))
			error_add(error, &place, "%.*s is posted and stands: what is wrong with it is reversed",
			    (int)id.length, id.data);
	}
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

static enum status
check_entry(struct batch *batch, struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "status");

	if (!draft->is_new && slice_is(record_named(draft->old, "status"), "posted"))
		return check_frozen(draft, error);
	draft_default(draft, "currency", view_company(batch_view(batch), "currency"));
	entry_touch(batch, draft->place.source);
	if (!draft_enters(draft, "posted"))
		return STATUS_OK;
	if (slice_is(draft_named(draft, "archived"), "true"))
		return error_add(error, &place, "is archived: nothing is posted from there");
	return period_check(batch, draft, error);
}

const struct rule rule_entry = { .table = "entry", .check = check_entry, .whole = entry_whole, .finish = entries_settle };

/* --- postings ------------------------------------------------------------------- */

static bool
moves_more_than(const struct draft *draft, size_t field)
{
	for (size_t i = 0; i < draft->log->table->field_count; i++)
		if (i != field && draft_moves(draft, i))
			return true;
	return draft->is_new;
}

/* An account that is out of use takes only what empties it. */
static bool
takes_archived(const struct record *entry)
{
	struct slice kind = record_named(entry, "kind");

	return slice_is(kind, "close") || slice_is(kind, "reversal");
}

static enum status
check_account_of(struct view *view, const struct draft *draft, const struct record *entry, struct error *error)
{
	struct place place = draft_place(draft, "account"), currency_place = draft_place(draft, "currency");
	struct slice currency = draft_named(draft, "currency"), only, code;
	struct record account;

	if (!reference_read(view, "account", draft_named(draft, "account"), draft->arena, &account))
		return STATUS_OK; /* it is required, and has been checked */
	code = record_named(&account, "code");
	only = record_named(&account, "currency");
	if (record_archived(&account) && !takes_archived(entry))
		return error_add(error, &place, "%.*s is archived", (int)code.length, code.data);
	if (only.length > 0 && !slice_equal(only, currency))
		return error_add(error, &currency_place, "%.*s takes %.*s, not %.*s", (int)code.length,
		    code.data, (int)only.length, only.data, (int)currency.length, currency.data);
	return STATUS_OK;
}

static enum status
check_posting(struct batch *batch, struct draft *draft, struct error *error)
{
	struct view *view = batch_view(batch);
	size_t date = table_field(draft->log->table, slice_of("date"));
	struct place whole = draft_place(draft, NULL), amount_place = draft_place(draft, "amount");
	struct record entry;
	struct slice id;
	int64_t amount;
	bool posted;

	if (!reference_read(view, "entry", draft_named(draft, "entry"), draft->arena, &entry))
		return STATUS_OK;
	id = record_id(&entry);
	posted = slice_is(record_named(&entry, "status"), "posted");
	draft_default(draft, "currency", record_named(&entry, "currency"));
	/* Postings that come with their entry are in the same transaction. */
	if (posted && entry.number <= entry.log->settled && moves_more_than(draft, date))
		return error_add(error, &whole, "%.*s is posted: its postings stand", (int)id.length, id.data);
	entry_touch(batch, draft->place.source);
	/* Sums are of units of 10^-6 in 64 bits for each amount, less than a stored one may be. */
	if (!units_of(draft_named(draft, "amount"), &amount))
		return draft_named(draft, "amount").length == 0
		    ? STATUS_OK /* it is required: that is said by others */
		    : error_add(error, &amount_place, "is more than the books can hold");
	if (amount == 0)
		return error_add(error, &amount_place, "is nothing");
	if (!moves_more_than(draft, date))
		return STATUS_OK;
	return check_account_of(view, draft, &entry, error);
}

const struct rule rule_posting = { .table = "posting", .check = check_posting };
