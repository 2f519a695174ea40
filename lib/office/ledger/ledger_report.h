/*
 * ledger_report: the books as people read them.
 *
 * Amounts are text in their currency's digits.  All of these look at postings up to the
 * last day of a query; see ledger.h.
 */
#ifndef OFFICE_LEDGER_REPORT_H
#define OFFICE_LEDGER_REPORT_H

#include "office/ledger/ledger.h"

/* Accounts that are asked for, with all that is part of them; none means all. */
struct ledger_choice {
	struct log *accounts;
	unsigned char *chosen; /* by number */
	bool any;
};

enum status ledger_choice_open(struct ledger_choice *choice, struct view *view, struct error *error);
/* By id or code; STATUS_NO when there is no such account. */
enum status ledger_choice_add(struct ledger_choice *choice, struct slice name, struct error *error);
bool ledger_chosen(const struct ledger_choice *choice, uint64_t account);
void ledger_choice_release(struct ledger_choice *choice);

/* One account in one currency.  Lives until the callback returns. */
struct ledger_row {
	struct slice code, name, kind, key, currency;
	struct slice before, debit, credit, balance;
};
typedef void ledger_row_visit(const struct ledger_row *row, void *context);

/* tree: each account with all that is part of it, and those above it too. */
enum status ledger_balance(struct view *view, const struct ledger_query *query,
    const struct ledger_choice *choice, bool tree, ledger_row_visit *visit, void *context, struct error *error);

/* What balances are summed by besides: words of postings, or the time they are of. */
enum ledger_by { LEDGER_BY_TAG, LEDGER_BY_MONTH, LEDGER_BY_QUARTER, LEDGER_BY_YEAR };
bool ledger_by_of(const char *name, enum ledger_by *by);

/*
 * A row for each account, currency and key, which row->key says.  By time each begins with
 * what the one before ended with; by tag a posting with several counts for each of them.
 */
enum status ledger_balance_by(struct view *view, const struct ledger_query *query,
    const struct ledger_choice *choice, enum ledger_by by, ledger_row_visit *visit, void *context,
    struct error *error);

/*
 * Where money came from (row->debit) and went to (row->credit), by the accounts on the other
 * side of it.  Money is what lies in accounts with the uses bank and cash and all that is
 * part of these.  In each currency that begins with what there was before (no code, named
 * "opening") and ends with what there is.
 */
enum status ledger_cash_flow(struct view *view, const struct ledger_query *query, ledger_row_visit *visit,
    void *context, struct error *error);

enum ledger_statement {
	STATEMENT_PROFIT, /* income and expenses without what closes a year, then the profit */
	STATEMENT_BALANCE /* assets, liabilities, equity, and the profit that is not closed yet */
};

/* row->balance is positive on the side where such accounts grow; totals have no code. */
enum status ledger_statement(struct view *view, const struct ledger_query *query, enum ledger_statement which,
    ledger_row_visit *visit, void *context, struct error *error);

/* The first day of the fiscal year that day is in. */
int32_t fiscal_year_start(struct view *view, int32_t day);
/* The last day of the one that begins on a day. */
int32_t fiscal_year_end(struct view *view, int32_t first);

/* A posting with what its account came to after it. */
struct ledger_entry_row {
	struct slice date, entry, account, text, currency, amount, balance;
};
typedef void ledger_entry_visit(const struct ledger_entry_row *row, void *context);

/* By date, then in the order they were written. */
enum status ledger_register(struct view *view, const struct ledger_query *query,
    const struct ledger_choice *choice, ledger_entry_visit *visit, void *context, struct error *error);

#endif
