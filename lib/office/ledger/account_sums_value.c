/* account_sums_value: all of the books in their own currency, at the rates of one day */
#include "office/ledger/account_sums.h"

#include "base/date.h"
#include "office/ledger/account.h"
#include "office/help.h"
#include "office/ledger/rate.h"

struct valuing {
	struct view *view;
	int32_t day;
	struct slice books; /* their currency */
	int digits;         /* and its digits */
	struct account_sums worth;
	int128 rest; /* what rounding has made of postings that come to nothing */
};

/* An amount in units of 10^-6, in those of the books rounded to their digits. */
static enum status
value(const struct valuing *valuing, struct rate rate, int128 amount, int128 *worth, struct error *error)
{
	int64_t units, converted;

	if (!decimal_rescale(amount, DECIMAL_DIGITS, DECIMAL_DIGITS, &units) ||
	    !rate_convert(rate, DECIMAL_DIGITS, valuing->digits, units, &converted))
		return error_set(error, STATUS_REFUSED,
		    "what accounts have is worth more than an amount can hold");
	*worth = (int128)converted * decimal_power(DECIMAL_DIGITS - valuing->digits);
	return STATUS_OK;
}

static enum status
add_worth(struct valuing *valuing, const struct account_sum *sum, struct error *error)
{
	struct slice currency = slice_of(sum->currency);
	int128 before = sum->before, debit = sum->debit, credit = sum->credit;
	struct account_sum *worth;
	struct rate rate;
	enum status status = STATUS_OK;

	if (!slice_equal(currency, valuing->books)) {
		status = rate_on(valuing->view, currency, valuing->day, NULL, &rate, error);
		if (status == STATUS_OK)
			status = value(valuing, rate, before, &before, error);
		if (status == STATUS_OK)
			status = value(valuing, rate, debit, &debit, error);
		if (status == STATUS_OK)
			status = value(valuing, rate, credit, &credit, error);
		valuing->rest += before + debit - credit;
	}
	if (status != STATUS_OK)
		return status;
	worth = account_sums_find(&valuing->worth, sum->account, valuing->books, 0);
	worth->before += before;
	worth->debit += debit;
	worth->credit += credit;
	return STATUS_OK;
}

/* Where currencies are exchanged, what rounding makes of it is at home too. */
static void
put_rest(struct valuing *valuing, struct log *accounts)
{
	uint64_t number = account_for(accounts, "conversion");
	struct account_sum *sum;

	if (number == 0 || valuing->rest == 0)
		return;
	sum = account_sums_find(&valuing->worth, number, valuing->books, 0);
	if (valuing->rest > 0)
		sum->credit += valuing->rest;
	else
		sum->debit -= valuing->rest;
}

enum status
account_sums_value(struct account_sums *sums, struct view *view, int32_t day, bool whole, struct error *error)
{
	struct valuing valuing = { .view = view, .day = day, .books = view_company(view, "currency") };
	struct log *accounts;
	enum status status = view_log(view, "account", &accounts, error);

	valuing.digits = codes_currency_digits(view_codes(view), valuing.books);
	for (size_t i = 0; i < sums->count && status == STATUS_OK; i++)
		status = add_worth(&valuing, &sums->all[i], error);
	if (status != STATUS_OK) {
		account_sums_release(&valuing.worth);
		return status;
	}
	if (whole)
		put_rest(&valuing, accounts);
	account_sums_release(sums);
	*sums = valuing.worth;
	return STATUS_OK;
}
