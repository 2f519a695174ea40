/* ledger_document: parts by their use become postings to accounts */
#include "office/ledger_document.h"

#include "office/help.h"

enum { ENTRY_FIELDS = 5, POSTING_FIELDS = 4 };

/* The number of the account with that use, 0 when there is none. */
static uint64_t
account_for(struct log *accounts, const char *use)
{
	return log_find(accounts, table_field(accounts->table, slice_of("use")), slice_of(use));
}

static enum status
enter_part(struct batch *batch, const struct draft *draft, struct log *accounts, struct slice entry,
    int digits, const struct document_part *part, struct error *error)
{
	uint64_t number = part->account != 0 ? part->account : account_for(accounts, part->use);
	struct edit edit = { .place = draft->place, .by_rule = true };
	struct assign assigns[POSTING_FIELDS];
	char id[ID_SIZE];
	enum status status = view_table(batch_view(batch), "posting", &edit.table, error);

	if (status != STATUS_OK)
		return status;
	if (number == 0)
		return error_add(error, &draft->place,
		    "no account has the use \"%s\" (bo-account set ACCOUNT use=%s)", part->use, part->use);
	assigns[0] = assign_value(edit.table, "entry", entry);
	assigns[1] = assign_value(edit.table, "account", table_id(accounts->table, number, id));
	assigns[2] = assign_value(edit.table, "amount", units_text(part->units, digits, false, draft->arena));
	assigns[3] = assign_value(edit.table, "tags", part->tags);
	edit.assigns = assigns;
	edit.assign_count = POSTING_FIELDS;
	return batch_edit(batch, &edit, NULL, error);
}

static enum status
enter(struct batch *batch, const struct draft *draft, struct slice text, uint64_t *number, struct error *error)
{
	struct edit edit = { .place = draft->place, .by_rule = true };
	struct assign assigns[ENTRY_FIELDS];
	char id[ID_SIZE];
	enum status status = view_table(batch_view(batch), "entry", &edit.table, error);

	if (status != STATUS_OK)
		return status;
	assigns[0] = assign_value(edit.table, "date", draft_named(draft, "date"));
	assigns[1] = assign_value(edit.table, "status", slice_of("posted"));
	assigns[2] = assign_value(edit.table, "text", text);
	assigns[3] = assign_value(edit.table, "currency", draft_named(draft, "currency"));
	assigns[4] = assign_value(edit.table, "source", table_id(draft->log->table, draft->number, id));
	edit.assigns = assigns;
	edit.assign_count = ENTRY_FIELDS;
	return batch_edit(batch, &edit, number, error);
}

enum status
document_post(struct batch *batch, const struct draft *draft, struct slice text, int digits,
    const struct document_part *parts, size_t count, struct error *error)
{
	struct log *accounts, *entries;
	uint64_t number = 0;
	char id[ID_SIZE];
	size_t posted = 0;
	enum status status = view_log(batch_view(batch), "account", &accounts, error);

	if (status == STATUS_OK)
		status = view_log(batch_view(batch), "entry", &entries, error);
	for (size_t i = 0; i < count; i++)
		posted += parts[i].units != 0;
	if (status != STATUS_OK || posted == 0 || account_for(accounts, "receivable") == 0)
		return status;
	status = enter(batch, draft, text, &number, error);
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		if (parts[i].units != 0)
			status = enter_part(batch, draft, accounts, table_id(entries->table, number, id),
			    digits, &parts[i], error);
	return status;
}
