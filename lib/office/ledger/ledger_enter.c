#include "office/ledger/ledger_enter.h"

#include "office/help.h"

enum { ENTRY_FIELDS = 5, POSTING_FIELDS = 5 };

void
ledger_enter_release(struct ledger_entry *entry)
{
	arena_release(&entry->arena);
}

static enum status
make_entry(struct ledger_entry *entry, struct error *error)
{
	const struct table *table;
	struct edit edit = { .table = NULL };
	struct assign assigns[ENTRY_FIELDS];
	char id[ID_SIZE];
	enum status status = view_table(batch_view(entry->batch), "entry", &table, error);

	if (status == STATUS_OK)
		status = view_table(batch_view(entry->batch), "posting", &entry->postings, error);
	if (status != STATUS_OK)
		return status;
	assigns[0] = assign_value(table, "date", date_text(entry->day, &entry->arena));
	assigns[1] = assign_value(table, "status", slice_of("posted"));
	assigns[2] = assign_value(table, "kind", slice_of(entry->kind));
	assigns[3] = assign_value(table, "text", entry->text);
	assigns[4] = assign_value(table, "notes", entry->notes);
	edit = (struct edit){ .table = table, .assigns = assigns, .assign_count = ENTRY_FIELDS };
	status = batch_edit(entry->batch, &edit, &entry->number, error);
	entry->id = arena_copy(&entry->arena, table_id(table, entry->number, id));
	return status;
}

enum status
ledger_enter_posting(struct ledger_entry *entry, uint64_t account, int128 amount, struct slice currency,
    struct slice text, struct error *error)
{
	struct view *view = batch_view(entry->batch);
	int digits = codes_currency_digits(view_codes(view), currency);
	struct assign assigns[POSTING_FIELDS];
	struct edit edit = { .assigns = assigns, .assign_count = POSTING_FIELDS };
	const struct table *accounts;
	char id[ID_SIZE];
	int64_t units;
	enum status status = view_table(view, "account", &accounts, error);

	if (amount == 0 || status != STATUS_OK)
		return status;
	if (digits < 0 || !decimal_rescale(amount, DECIMAL_DIGITS, digits, &units))
		return error_add(error, NULL, "an amount in %.*s is more than the books can hold",
		    (int)currency.length, currency.data);
	if (entry->number == 0)
		status = make_entry(entry, error);
	if (status != STATUS_OK)
		return status;
	edit.table = entry->postings;
	assigns[0] = assign_value(edit.table, "entry", entry->id);
	assigns[1] = assign_value(edit.table, "account", table_id(accounts, account, id));
	assigns[2] = assign_value(edit.table, "amount", units_text(units, digits, false, &entry->arena));
	assigns[3] = assign_value(edit.table, "currency", currency);
	assigns[4] = assign_value(edit.table, "text", text);
	return batch_edit(entry->batch, &edit, NULL, error);
}
