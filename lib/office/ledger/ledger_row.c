#include "office/ledger/ledger_row.h"

#include "office/help.h"

struct slice
ledger_amount(struct ledger_rows *rows, int128 units, const char *currency)
{
	int digits = codes_currency_digits(view_codes(rows->view), slice_of(currency));
	int64_t amount;

	if (digits < 0)
		digits = DECIMAL_DIGITS;
	if (!decimal_rescale(units, DECIMAL_DIGITS, digits, &amount))
		return slice_of("?");
	return units_text(amount, digits, false, &rows->arena);
}

enum status
ledger_row_of(struct ledger_rows *rows, const struct account_sum *sum, struct ledger_row *row, struct error *error)
{
	struct record account;
	enum status status;

	arena_reset(&rows->arena);
	status = record_read(rows->accounts, sum->account, &rows->arena, &account, error);
	if (status != STATUS_OK)
		return status;
	*row = (struct ledger_row){
		.code = record_named(&account, "code"),
		.name = record_named(&account, "name"),
		.kind = record_named(&account, "kind"),
		.currency = slice_of(sum->currency),
		.before = ledger_amount(rows, sum->before, sum->currency),
		.debit = ledger_amount(rows, sum->debit, sum->currency),
		.credit = ledger_amount(rows, sum->credit, sum->currency),
		.balance = ledger_amount(rows, sum->before + sum->debit - sum->credit, sum->currency),
	};
	return STATUS_OK;
}

bool
ledger_sum_is_nothing(const struct account_sum *sum)
{
	return sum->before == 0 && sum->debit == 0 && sum->credit == 0;
}
