#include "office/ledger/ledger_close.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/ledger/account.h"
#include "office/help.h"
#include "office/ledger/ledger.h"
#include "office/ledger/ledger_enter.h"
#include "office/ledger/rate.h"

static enum status
find_account(struct batch *batch, const char *use, uint64_t *number, struct error *error)
{
	struct log *accounts;
	enum status status = view_log(batch_view(batch), "account", &accounts, error);

	*number = status == STATUS_OK ? account_for(accounts, use) : 0;
	return status == STATUS_OK && *number == 0 ? account_missing(use, NULL, error) : status;
}

/* --- revaluation ---------------------------------------------------------------- */

struct revaluing {
	struct view *view;
	int32_t day;
	struct slice books; /* currency */
	int books_digits;
	int128 gain;        /* units of 10^-6 */
	bool open;          /* something is left in another currency */
	struct arena arena; /* what was reckoned, in words */
	struct slice words;
};

/* What was converted out of one currency is worth something else by now. */
static enum status
revalue_currency(struct revaluing *revaluing, struct slice currency, int128 balance, struct error *error)
{
	int digits = codes_currency_digits(view_codes(revaluing->view), currency);
	struct slice own, worth_text;
	struct rate rate;
	int64_t amount, worth;
	enum status status = rate_on(revaluing->view, currency, revaluing->day, NULL, &rate, error);

	if (status != STATUS_OK)
		return status;
	if (digits < 0 || !decimal_rescale(-balance, DECIMAL_DIGITS, digits, &amount) ||
	    !rate_convert(rate, digits, revaluing->books_digits, amount, &worth))
		return error_add(error, NULL, "what there is in %.*s is more than an amount can hold",
		    (int)currency.length, currency.data);
	own = units_text(amount, digits, false, &revaluing->arena);
	worth_text = units_text(worth, revaluing->books_digits, false, &revaluing->arena);
	revaluing->words = arena_format(&revaluing->arena, "%.*s%s%.*s %.*s = %.*s %.*s",
	    (int)revaluing->words.length, revaluing->words.data, revaluing->open ? "; " : "", (int)own.length,
	    own.data, (int)currency.length, currency.data, (int)worth_text.length, worth_text.data,
	    (int)revaluing->books.length, revaluing->books.data);
	revaluing->gain += (int128)worth * decimal_power(DECIMAL_DIGITS - revaluing->books_digits);
	revaluing->open = true;
	return STATUS_OK;
}

static enum status
reckon_gain(struct revaluing *revaluing, uint64_t conversion, struct error *error)
{
	const struct ledger_query query = { .first = DATE_FIRST, .last = revaluing->day };
	struct account_sum *sums = NULL;
	size_t count = 0;
	enum status status = ledger_sums(revaluing->view, &query, &sums, &count, error);

	for (size_t i = 0; (status == STATUS_OK || status == STATUS_REFUSED) && i < count; i++) {
		struct slice currency = slice_of(sums[i].currency);
		int128 balance = sums[i].debit - sums[i].credit;

		if (sums[i].account != conversion || balance == 0)
			continue;
		if (slice_equal(currency, revaluing->books))
			revaluing->gain -= balance;
		else
			status = revalue_currency(revaluing, currency, balance, error);
	}
	free(sums);
	return status == STATUS_OK && error->total > 0 ? STATUS_REFUSED : status;
}

enum status
ledger_revalue(struct batch *batch, int32_t day, struct error *error)
{
	struct view *view = batch_view(batch);
	struct revaluing revaluing = { .view = view, .day = day, .words = { "", 0 } };
	struct ledger_entry entry = { .batch = batch, .day = day, .kind = "entry" };
	uint64_t conversion, fx;
	enum status status = find_account(batch, "conversion", &conversion, error);

	if (status == STATUS_OK)
		status = find_account(batch, "fx", &fx, error);
	revaluing.books = arena_copy(&revaluing.arena, view_company(view, "currency"));
	revaluing.books_digits = codes_currency_digits(view_codes(view), revaluing.books);
	if (status == STATUS_OK)
		status = reckon_gain(&revaluing, conversion, error);
	entry.text = slice_of(revaluing.open ? "revaluation of other currencies" : "gain on exchanged currencies");
	entry.notes = revaluing.words;
	if (status == STATUS_OK)
		status = ledger_enter_posting(&entry, conversion, revaluing.gain, revaluing.books,
		    slice_of(""), error);
	if (status == STATUS_OK)
		status = ledger_enter_posting(&entry, fx, -revaluing.gain, revaluing.books, slice_of(""), error);
	if (status == STATUS_OK && entry.number != 0 && revaluing.open)
		status = ledger_reverse(batch, entry.number, day + 1, error);
	ledger_enter_release(&entry);
	arena_release(&revaluing.arena);
	return status;
}

/* --- the end of a year ---------------------------------------------------------- */

struct closing {
	struct ledger_entry entry;
	struct log *accounts;
	uint64_t retained;
	struct arena arena; /* of the account that is looked at */
};

static enum status
is_of_profit(struct closing *closing, uint64_t number, bool *is, struct error *error)
{
	struct record account;
	enum status status;

	arena_reset(&closing->arena);
	status = record_read(closing->accounts, number, &closing->arena, &account, error);
	*is = status == STATUS_OK &&
	    (slice_is(record_named(&account, "kind"), "income") ||
		slice_is(record_named(&account, "kind"), "expense"));
	return status;
}

/* What is not of income and expenses leaves the list; returns how many stay. */
static enum status
keep_profit(struct closing *closing, struct account_sum *sums, size_t *count, struct error *error)
{
	size_t kept = 0;
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < *count; i++) {
		bool is;

		status = is_of_profit(closing, sums[i].account, &is, error);
		if (is)
			sums[kept++] = sums[i];
	}
	*count = kept;
	return status;
}

/* What the owners get in the currency of sum i, which all before it are not in. */
static enum status
close_currency(struct closing *closing, const struct account_sum *sums, size_t count, size_t i, struct error *error)
{
	int128 profit = 0;

	for (size_t k = 0; k < count; k++) {
		bool same = strcmp(sums[k].currency, sums[i].currency) == 0;

		if (same && k < i)
			return STATUS_OK;
		profit += same ? sums[k].debit - sums[k].credit : 0;
	}
	return ledger_enter_posting(&closing->entry, closing->retained, profit, slice_of(sums[i].currency),
	    slice_of(""), error);
}

/* Every account of income and expenses to nothing, and the opposite to the owners, by currency. */
static enum status
close_sums(struct closing *closing, const struct account_sum *sums, size_t count, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		status = ledger_enter_posting(&closing->entry, sums[i].account,
		    sums[i].credit - sums[i].debit, slice_of(sums[i].currency), slice_of(""), error);
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		status = close_currency(closing, sums, count, i, error);
	return status;
}

enum status
ledger_close_year(struct batch *batch, int32_t first, int32_t last, struct error *error)
{
	const struct ledger_query query = { .first = first, .last = last };
	struct closing closing = { .entry = { .batch = batch, .day = last, .kind = "close" } };
	struct account_sum *sums = NULL;
	size_t count = 0;
	enum status status = find_account(batch, "retained", &closing.retained, error);

	closing.entry.text = arena_format(&closing.entry.arena, "close of the year from %.*s", DATE_SIZE - 1,
	    date_text(first, &closing.entry.arena).data);
	if (status == STATUS_OK)
		status = view_log(batch_view(batch), "account", &closing.accounts, error);
	if (status == STATUS_OK)
		status = ledger_sums(batch_view(batch), &query, &sums, &count, error);
	if (status == STATUS_OK)
		status = keep_profit(&closing, sums, &count, error);
	if (status == STATUS_OK)
		status = close_sums(&closing, sums, count, error);
	free(sums);
	ledger_enter_release(&closing.entry);
	arena_release(&closing.arena);
	return status;
}
