/* ledger_report: sums and postings become rows */
#include "office/ledger/ledger_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "office/ledger/account_sums.h"
#include "office/help.h"
#include "office/ledger/ledger_row.h"
#include "office/ledger/ledger_scan.h"

/* --- which accounts ------------------------------------------------------------- */

enum status
ledger_choice_open(struct ledger_choice *choice, struct view *view, struct error *error)
{
	enum status status = view_log(view, "account", &choice->accounts, error);

	choice->any = false;
	choice->chosen = status == STATUS_OK ? memory_array(choice->accounts->count + 1, 1) : NULL;
	return status;
}

enum status
ledger_choice_add(struct ledger_choice *choice, struct slice name, struct error *error)
{
	uint64_t number = log_resolve(choice->accounts, name, NULL, error);

	if (number == 0)
		return error->status = STATUS_NO;
	choice->any = true;
	choice->chosen[number] = 1;
	/* Parents may have higher numbers than what is part of them. */
	for (uint64_t i = 1; i <= choice->accounts->count; i++)
		for (uint64_t up = i; up != 0 && !choice->chosen[i]; up = account_parent(choice->accounts, up))
			choice->chosen[i] = choice->chosen[up];
	return STATUS_OK;
}

void
ledger_choice_release(struct ledger_choice *choice)
{
	free(choice->chosen);
	choice->chosen = NULL;
}

bool
ledger_chosen(const struct ledger_choice *choice, uint64_t account)
{
	return !choice->any || choice->chosen[account];
}

/* --- balances ------------------------------------------------------------------- */

/* Every sum goes to all accounts above its own too. */
static void
add_parents(struct log *accounts, struct account_sum **sums, size_t *count)
{
	struct account_sums all = { .all = NULL };

	for (size_t i = 0; i < *count; i++) {
		const struct account_sum *own = &(*sums)[i];

		for (uint64_t up = own->account; up != 0; up = account_parent(accounts, up)) {
			struct account_sum *sum = account_sums_find(&all, up, slice_of(own->currency), own->key);

			sum->before += own->before;
			sum->debit += own->debit;
			sum->credit += own->credit;
		}
	}
	free(*sums);
	*sums = all.all;
	*count = all.count;
	all.all = NULL;
	account_sums_release(&all);
}

enum status
ledger_balance(struct view *view, const struct ledger_query *query, const struct ledger_choice *choice,
    bool tree, ledger_row_visit *visit, void *context, struct error *error)
{
	struct ledger_rows rows = { .view = view, .accounts = choice->accounts };
	struct ledger_query own = *query;
	struct account_sum *sums;
	size_t count;
	enum status status;

	own.chosen = choice->any ? choice->chosen : NULL;
	status = ledger_sums(view, &own, &sums, &count, error);
	if (status == STATUS_OK && tree) {
		add_parents(choice->accounts, &sums, &count);
		status = ledger_sums_sort(choice->accounts, sums, count, error);
	}
	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		struct ledger_row row;

		if (ledger_sum_is_nothing(&sums[i]) || !ledger_chosen(choice, sums[i].account))
			continue;
		status = ledger_row_of(&rows, &sums[i], &row, error);
		if (status == STATUS_OK)
			visit(&row, context);
	}
	free(sums);
	arena_release(&rows.arena);
	return status;
}

/* --- statements ----------------------------------------------------------------- */

int32_t
fiscal_year_start(struct view *view, int32_t day)
{
	struct slice start = view_company(view, "fiscal_year");
	struct civil civil = date_to_civil(day);
	char text[DATE_SIZE];
	int32_t first;

	if (start.length != 5)
		start = slice_of("01-01");
	for (int back = 0; back < 2; back++) {
		date_format(date_from_civil((struct civil){ civil.year - back, 1, 1 }), text);
		memcpy(text + 5, start.data, 5);
		if (date_parse((struct slice){ text, DATE_SIZE - 1 }, &first) && first <= day)
			return first;
	}
	return date_from_civil((struct civil){ civil.year, 1, 1 });
}

int32_t
fiscal_year_end(struct view *view, int32_t first)
{
	/* The next one has begun a year and some days later, whatever February is like. */
	return fiscal_year_start(view, first + 370) - 1;
}

/* Totals in each currency: sums of no account, the amount in debit. */
static void
add_total(struct account_sums *totals, const char *currency, int128 amount)
{
	account_sums_find(totals, 0, slice_of(currency), 0)->debit += amount;
}

static void
print_totals(struct ledger_rows *rows, const struct account_sums *totals, const char *kind, const char *name,
    ledger_row_visit *visit, void *context)
{
	for (size_t i = 0; i < totals->count; i++) {
		arena_reset(&rows->arena);
		visit(&(struct ledger_row){ .kind = slice_of(kind),
			  .code = slice_of(""),
			  .name = slice_of(name),
			  .currency = slice_of(totals->all[i].currency),
			  .balance = ledger_amount(rows, totals->all[i].debit, totals->all[i].currency) },
		    context);
	}
}

/* A part of a statement: the kind of its accounts, and on which side they grow. */
struct part {
	const char *kind;
	int sign;
};

static const struct part profit_parts[] = { { "income", -1 }, { "expense", 1 } };
static const struct part balance_parts[] = { { "asset", 1 }, { "liability", -1 }, { "equity", -1 } };

/* All accounts of one kind, then what they come to. */
static enum status
print_part(struct ledger_rows *rows, const struct account_sum *sums, size_t count, const struct part *part,
    bool before, struct account_sums *totals, ledger_row_visit *visit, void *context, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		int128 amount = part->sign * (sums[i].debit - sums[i].credit + (before ? sums[i].before : 0));
		struct ledger_row row;

		status = ledger_row_of(rows, &sums[i], &row, error);
		if (status != STATUS_OK || !slice_is(row.kind, part->kind) || amount == 0)
			continue;
		row.balance = ledger_amount(rows, amount, sums[i].currency);
		visit(&row, context);
		add_total(totals, sums[i].currency, amount);
	}
	print_totals(rows, totals, part->kind, "total", visit, context);
	return status;
}

/* What income and expenses come to together, in each currency. */
static enum status
add_profit(struct ledger_rows *rows, const struct account_sum *sums, size_t count, bool before,
    struct account_sums *totals, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		struct ledger_row row;

		status = ledger_row_of(rows, &sums[i], &row, error);
		if (status == STATUS_OK && (slice_is(row.kind, "income") || slice_is(row.kind, "expense")))
			add_total(totals, sums[i].currency,
			    sums[i].credit - sums[i].debit - (before ? sums[i].before : 0));
	}
	return status;
}

enum status
ledger_statement(struct view *view, const struct ledger_query *query, enum ledger_statement which,
    ledger_row_visit *visit, void *context, struct error *error)
{
	bool profit = which == STATEMENT_PROFIT;
	const struct part *parts = profit ? profit_parts : balance_parts;
	struct ledger_query own = { .first = query->first,
		.last = query->last,
		.without_closing = profit,
		.valued = query->valued };
	struct ledger_rows rows = { .view = view };
	struct account_sums totals = { .all = NULL };
	struct account_sum *sums = NULL;
	size_t count = 0;
	enum status status = view_log(view, "account", &rows.accounts, error);

	if (status == STATUS_OK)
		status = ledger_sums(view, &own, &sums, &count, error);
	for (size_t i = 0; status == STATUS_OK && i < (profit ? 2 : 3); i++) {
		account_sums_release(&totals);
		if (!profit && i == 2) /* what has not been closed yet belongs to the owners as well */
			status = add_profit(&rows, sums, count, true, &totals, error);
		if (!profit && i == 2)
			print_totals(&rows, &totals, "equity", "profit not closed yet", visit, context);
		if (status == STATUS_OK)
			status = print_part(&rows, sums, count, &parts[i], !profit, &totals, visit, context,
			    error);
	}
	account_sums_release(&totals);
	if (status == STATUS_OK && profit)
		status = add_profit(&rows, sums, count, false, &totals, error);
	if (status == STATUS_OK && profit)
		print_totals(&rows, &totals, "profit", "total", visit, context);
	account_sums_release(&totals);
	free(sums);
	arena_release(&rows.arena);
	return status;
}

/* --- the register --------------------------------------------------------------- */

struct collected {
	uint64_t number, entry, account;
	int32_t date;
	int64_t amount;
	char currency[4];
};

/* What one worker has found. */
struct collecting {
	struct collected *lines;
	size_t count, capacity;
};

static void
collect(const struct ledger_line *line, void *context, size_t worker)
{
	struct collecting *collecting = (struct collecting *)context + worker;
	struct collected *to;

	collecting->lines = memory_grow(collecting->lines, &collecting->capacity, collecting->count,
	    sizeof *collecting->lines);
	to = &collecting->lines[collecting->count++];
	*to = (struct collected){ .number = line->number,
		.entry = line->entry,
		.account = line->account,
		.date = line->date,
		.amount = line->amount };
	if (line->currency.length < sizeof to->currency)
		memcpy(to->currency, line->currency.data, line->currency.length);
}

static int
compare_lines(const void *a, const void *b)
{
	const struct collected *x = a, *y = b;

	if (x->date != y->date)
		return x->date < y->date ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* All that the workers have found, by date and number, into the first one's. */
static void
collect_all(struct collecting *collecting)
{
	struct collecting *all = &collecting[0];

	for (size_t i = 1; i < PARALLEL_WORKERS_MOST; i++) {
		for (size_t k = 0; k < collecting[i].count; k++) {
			all->lines = memory_grow(all->lines, &all->capacity, all->count, sizeof *all->lines);
			all->lines[all->count++] = collecting[i].lines[k];
		}
		free(collecting[i].lines);
	}
	if (all->count > 1)
		qsort(all->lines, all->count, sizeof *all->lines, compare_lines);
}

/* The posting's own text, else its entry's. */
static enum status
print_line(struct ledger_rows *rows, struct log *postings, struct log *entries, const struct collected *line,
    int128 balance, ledger_entry_visit *visit, void *context, struct error *error)
{
	struct record posting, entry, account;
	enum status status;

	arena_reset(&rows->arena);
	status = record_read(postings, line->number, &rows->arena, &posting, error);
	if (status == STATUS_OK)
		status = record_read(entries, line->entry, &rows->arena, &entry, error);
	if (status == STATUS_OK)
		status = record_read(rows->accounts, line->account, &rows->arena, &account, error);
	if (status == STATUS_OK)
		visit(
		    &(struct ledger_entry_row){
			.date = date_text(line->date, &rows->arena),
			.entry = record_id(&entry),
			.account = record_named(&account, "code"),
			.text = record_named(record_named(&posting, "text").length > 0 ? &posting : &entry, "text"),
			.currency = slice_of(line->currency),
			.amount = ledger_amount(rows, line->amount, line->currency),
			.balance = ledger_amount(rows, balance, line->currency),
		    },
		    context);
	return status;
}

enum status
ledger_register(struct view *view, const struct ledger_query *query, const struct ledger_choice *choice,
    ledger_entry_visit *visit, void *context, struct error *error)
{
	struct ledger_rows rows = { .view = view, .accounts = choice->accounts };
	const struct ledger_scan wanted = { query->last, choice->any ? choice->chosen : NULL, true };
	struct collecting collecting[PARALLEL_WORKERS_MOST] = { { .lines = NULL } };
	struct account_sums totals = { .all = NULL };
	struct log *postings, *entries;
	enum status status = view_log(view, "posting", &postings, error);

	if (status == STATUS_OK)
		status = view_log(view, "entry", &entries, error);
	if (status == STATUS_OK)
		status = ledger_scan(view, &wanted, collect, collecting, error);
	collect_all(collecting);
	for (size_t i = 0; status == STATUS_OK && i < collecting[0].count; i++) {
		const struct collected *line = &collecting[0].lines[i];
		struct account_sum *sum = account_sums_find(&totals, line->account, slice_of(line->currency), 0);

		sum->debit += line->amount;
		if (line->date >= query->first)
			status = print_line(&rows, postings, entries, line, sum->debit, visit, context, error);
	}
	account_sums_release(&totals);
	free(collecting[0].lines);
	arena_release(&rows.arena);
	return status;
}
