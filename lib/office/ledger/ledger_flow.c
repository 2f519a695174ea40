/* ledger_flow: where money came from and went to */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "office/ledger/account.h"
#include "office/ledger/account_sums.h"
#include "office/ledger/ledger_row.h"

struct flow {
	const struct ledger_query *query;
	struct log *accounts;
	uint64_t account_count;
	unsigned char *money;     /* by account */
	unsigned char *touched;   /* by entry: money was moved in it, on one of these days */
	struct account_sums cash; /* of no account: before, and what came and went */
	struct account_sums sums; /* of those on the other side; in is debit */
};

/* Which accounts hold money. */
static void
mark_money(struct flow *flow)
{
	struct arena arena = ARENA_INIT;

	for (uint64_t number = 1; number <= flow->account_count; number++) {
		arena_reset(&arena);
		flow->money[number] = use_is_money(account_use(flow->accounts, number, &arena));
	}
	arena_release(&arena);
}

static enum status
mark_entry(const struct ledger_line *line, void *context, struct error *error)
{
	struct flow *flow = context;
	struct account_sum *cash;

	(void)error;
	if (line->account > flow->account_count || !flow->money[line->account])
		return STATUS_OK;
	cash = account_sums_find(&flow->cash, 0, line->currency, 0);
	if (line->date < flow->query->first)
		cash->before += line->amount;
	else {
		cash->debit += line->amount;
		flow->touched[line->entry] = 1;
	}
	return STATUS_OK;
}

/* An entry comes to nothing in each currency: what moved money in it is the opposite of all the rest. */
static enum status
add_other_side(const struct ledger_line *line, void *context, struct error *error)
{
	struct flow *flow = context;
	struct account_sum *sum;

	(void)error;
	if (line->account > flow->account_count || flow->money[line->account] || !flow->touched[line->entry])
		return STATUS_OK;
	sum = account_sums_find(&flow->sums, line->account, line->currency, 0);
	if (line->amount < 0)
		sum->debit -= line->amount;
	else
		sum->credit += line->amount;
	return STATUS_OK;
}

static int
compare_currencies(const void *a, const void *b)
{
	return strcmp(((const struct account_sum *)a)->currency, ((const struct account_sum *)b)->currency);
}

/* What there was, or is, in one currency. */
static void
print_cash(struct ledger_rows *rows, const struct account_sum *cash, bool opening, ledger_row_visit *visit,
    void *context)
{
	int128 amount = opening ? cash->before : cash->before + cash->debit;

	arena_reset(&rows->arena);
	visit(&(struct ledger_row){ .code = slice_of(""),
		  .name = slice_of(opening ? "opening" : "closing"),
		  .currency = slice_of(cash->currency),
		  .debit = slice_of(""),
		  .credit = slice_of(""),
		  .balance = ledger_amount(rows, amount, cash->currency) },
	    context);
}

static enum status
print_flow(struct flow *flow, struct ledger_rows *rows, ledger_row_visit *visit, void *context, struct error *error)
{
	enum status status = STATUS_OK;

	if (flow->cash.count > 1)
		qsort(flow->cash.all, flow->cash.count, sizeof *flow->cash.all, compare_currencies);
	for (size_t i = 0; status == STATUS_OK && i < flow->cash.count; i++) {
		const struct account_sum *cash = &flow->cash.all[i];

		print_cash(rows, cash, true, visit, context);
		for (size_t k = 0; status == STATUS_OK && k < flow->sums.count; k++) {
			struct ledger_row row;

			if (strcmp(flow->sums.all[k].currency, cash->currency) != 0)
				continue;
			status = ledger_row_of(rows, &flow->sums.all[k], &row, error);
			if (status == STATUS_OK)
				visit(&row, context);
		}
		print_cash(rows, cash, false, visit, context);
	}
	return status;
}

enum status
ledger_cash_flow(struct view *view, const struct ledger_query *query, ledger_row_visit *visit, void *context,
    struct error *error)
{
	struct flow flow = { .query = query };
	struct ledger_rows rows = { .view = view };
	struct log *entries;
	enum status status = view_log(view, "account", &flow.accounts, error);

	if (status == STATUS_OK)
		status = view_log(view, "entry", &entries, error);
	if (status != STATUS_OK)
		return status;
	rows.accounts = flow.accounts;
	flow.account_count = flow.accounts->count;
	flow.money = memory_array(flow.accounts->count + 1, 1);
	flow.touched = memory_array(entries->count + 1, 1);
	mark_money(&flow);
	status = ledger_walk(view, query->last, mark_entry, &flow, error);
	if (status == STATUS_OK)
		status = ledger_walk(view, query->last, add_other_side, &flow, error);
	if (status == STATUS_OK)
		status = ledger_sums_sort(flow.accounts, flow.sums.all, flow.sums.count, error);
	if (status == STATUS_OK)
		status = print_flow(&flow, &rows, visit, context, error);
	free(flow.money);
	free(flow.touched);
	account_sums_release(&flow.cash);
	account_sums_release(&flow.sums);
	arena_release(&rows.arena);
	return status;
}
