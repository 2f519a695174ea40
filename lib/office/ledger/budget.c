#include "office/ledger/budget.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "base/period.h"
#include "office/help.h"
#include "office/ledger/ledger_row.h"
#include "office/ledger/split.h"

enum { MONTHS = 12 };

/* --- what a plan must be -------------------------------------------------------- */

/* A34-2026-03, then its currency where that is not the books', then its tags. */
static struct slice
code_of(struct view *view, const struct draft *draft)
{
	struct slice account = draft_named(draft, "account"), period = draft_named(draft, "period"),
		     currency = draft_named(draft, "currency"), tags = draft_named(draft, "tags");
	bool own = slice_equal(currency, view_company(view, "currency"));

	return arena_format(draft->arena, "%.*s-%.*s%s%.*s%s%.*s", (int)account.length, account.data,
	    (int)period.length, period.data, own ? "" : " ", own ? 0 : (int)currency.length, currency.data,
	    tags.length > 0 ? " " : "", (int)tags.length, tags.data);
}

static enum status
check_budget(struct batch *batch, struct draft *draft, struct error *error)
{
	struct view *view = batch_view(batch);
	struct place place = draft_place(draft, "period"), code_place = draft_place(draft, "code");
	struct slice period = draft_named(draft, "period"), code;
	int32_t first, last;

	draft_default(draft, "currency", view_company(view, "currency"));
	if (period.length > 0 && !period_month_or_year(period, &first, &last))
		return error_add(error, &place, "neither a month (2026-10) nor a year (2026): \"%.*s\"",
		    (int)period.length, period.data);
	if (period.length == 0 || draft_named(draft, "account").length == 0)
		return STATUS_OK; /* they are required: that is said by others */
	code = code_of(view, draft);
	draft_default(draft, "code", code);
	if (slice_equal(draft_named(draft, "code"), code))
		return STATUS_OK;
	return error_add(error, &code_place, "is not made of account and period, as %.*s is",
	    (int)code.length, code.data);
}

const struct rule rule_budget = { .table = "budget", .check = check_budget };

/* --- plans ---------------------------------------------------------------------- */

/* What was planned for one account, currency and tags, and came of it; units of 10^-6. */
struct plan {
	struct account_sum sum; /* before: planned; debit: what came, debit positive */
	struct slice tags;
	size_t next; /* of the same account: index + 1 */
};

struct comparing {
	struct log *accounts;
	int32_t first, last;
	struct plan *plans;
	size_t count, capacity;
	size_t *of;             /* by account: index of its first plan + 1 */
	uint64_t *parent;       /* by account */
	unsigned char *closing; /* by entry */
	struct arena kept;
};

static struct plan *
find_plan(struct comparing *comparing, uint64_t account, struct slice currency, struct slice tags)
{
	struct plan *plan;

	for (size_t at = comparing->of[account]; at != 0; at = plan->next) {
		plan = &comparing->plans[at - 1];
		if (slice_is(currency, plan->sum.currency) && slice_equal(tags, plan->tags))
			return plan;
	}
	comparing->plans = memory_grow(comparing->plans, &comparing->capacity, comparing->count,
	    sizeof *comparing->plans);
	plan = &comparing->plans[comparing->count++];
	*plan = (struct plan){ .sum = { .account = account }, .tags = arena_copy(&comparing->kept, tags) };
	memcpy(plan->sum.currency, currency.data, currency.length < 4 ? currency.length : 3);
	plan->next = comparing->of[account];
	comparing->of[account] = comparing->count;
	return plan;
}

/* How much of a year's plan falls on those of its months that are compared, units of its currency's digits. */
static int64_t
months_share(const struct comparing *comparing, int year, int64_t amount)
{
	static const int64_t weights[MONTHS] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	int64_t shares[MONTHS], share = 0;

	if (!split_weights(amount, weights, MONTHS, shares))
		return 0;
	for (int month = 1; month <= MONTHS; month++) {
		int32_t day = date_from_civil((struct civil){ year, month, 1 });

		if (day >= comparing->first && day <= comparing->last)
			share += shares[month - 1];
	}
	return share;
}

/* What a plan for the days from first to last, a month or a year, means for the months that are compared. */
static int64_t
share_of(const struct comparing *comparing, int32_t first, int32_t last, int64_t amount)
{
	struct civil begin = date_to_civil(first);

	if (first >= comparing->first && last <= comparing->last)
		return amount;
	return begin.month == date_to_civil(last).month ? 0 : months_share(comparing, begin.year, amount);
}

static void
take_plan(struct comparing *comparing, const struct record *record)
{
	int digits = record_money_digits(record);
	unsigned long long account;
	int64_t amount, share;
	int32_t first, last;

	if (record_archived(record) || digits < 0 ||
	    !table_id_parse(comparing->accounts->table, record_named(record, "account"), &account) ||
	    account > comparing->accounts->count ||
	    !period_month_or_year(record_named(record, "period"), &first, &last) ||
	    decimal_parse(record_named(record, "amount"), digits, &amount) != DECIMAL_OK)
		return;
	share = share_of(comparing, first, last, amount);
	if (share != 0)
		find_plan(comparing, account, record_named(record, "currency"), record_named(record, "tags"))
		    ->sum.before += (int128)share * decimal_power(DECIMAL_DIGITS - digits);
}

static enum status
read_plans(struct comparing *comparing, struct view *view, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct log *log;
	enum status status = view_log(view, "budget", &log, error);

	for (uint64_t number = 1; status == STATUS_OK && number <= log->count; number++) {
		struct record record;

		arena_reset(&arena);
		status = record_read(log, number, &arena, &record, error);
		if (status == STATUS_OK)
			take_plan(comparing, &record);
	}
	arena_release(&arena);
	return status;
}

/* --- what came of them ---------------------------------------------------------- */

static bool
has_word(struct slice tags, struct slice word)
{
	while (tags.data != NULL)
		if (slice_equal(slice_cut(&tags, ' '), word))
			return true;
	return false;
}

static bool
has_all(struct slice tags, struct slice wanted)
{
	while (wanted.length > 0)
		if (!has_word(tags, slice_cut(&wanted, ' ')))
			return false;
	return true;
}

/* A posting counts for the plans of its account and of those that it is part of. */
static enum status
add_line(const struct ledger_line *line, void *context, struct error *error)
{
	struct comparing *comparing = context;

	(void)error;
	if (line->date < comparing->first || comparing->closing[line->entry])
		return STATUS_OK;
	for (uint64_t up = line->account; up != 0; up = comparing->parent[up])
		for (size_t at = comparing->of[up]; at != 0; at = comparing->plans[at - 1].next) {
			struct plan *plan = &comparing->plans[at - 1];

			if (slice_is(line->currency, plan->sum.currency) && has_all(line->tags, plan->tags))
				plan->sum.debit += line->amount;
		}
	return STATUS_OK;
}

static int
compare_plans(const void *a, const void *b, void *context)
{
	const struct plan *x = a, *y = b;
	const size_t *ranks = context;

	if (x->sum.account != y->sum.account)
		return ranks[x->sum.account] < ranks[y->sum.account] ? -1 : 1;
	if (!slice_equal(x->tags, y->tags))
		return slice_compare(x->tags, y->tags);
	return strcmp(x->sum.currency, y->sum.currency);
}

static enum status
print_plan(struct ledger_rows *rows, const struct plan *plan, ledger_row_visit *visit, void *context,
    struct error *error)
{
	int128 actual = plan->sum.debit;
	struct ledger_row row;
	enum status status = ledger_row_of(rows, &plan->sum, &row, error);

	if (status != STATUS_OK)
		return status;
	if (!slice_is(row.kind, "asset") && !slice_is(row.kind, "expense"))
		actual = -actual;
	row.key = plan->tags;
	row.debit = ledger_amount(rows, actual, plan->sum.currency);
	row.balance = ledger_amount(rows, actual - plan->sum.before, plan->sum.currency);
	visit(&row, context);
	return STATUS_OK;
}

static enum status
print_plans(struct comparing *comparing, struct view *view, ledger_row_visit *visit, void *context,
    struct error *error)
{
	struct ledger_rows rows = { .view = view, .accounts = comparing->accounts };
	size_t *ranks = NULL;
	enum status status = ledger_ranks(comparing->accounts, &ranks, error);

	if (status == STATUS_OK && comparing->count > 1)
		qsort_r(comparing->plans, comparing->count, sizeof *comparing->plans, compare_plans, ranks);
	for (size_t i = 0; status == STATUS_OK && i < comparing->count; i++)
		status = print_plan(&rows, &comparing->plans[i], visit, context, error);
	free(ranks);
	arena_release(&rows.arena);
	return status;
}

enum status
budget_compare(struct view *view, struct slice period, ledger_row_visit *visit, void *context, struct error *error)
{
	struct comparing comparing = { .accounts = NULL };
	enum status status = view_log(view, "account", &comparing.accounts, error);

	if (status == STATUS_OK && !period_days(period, &comparing.first, &comparing.last))
		status = error_set(error, STATUS_USAGE, "not a " PERIOD_FORMS ": \"%.*s\"",
		    (int)period.length, period.data);
	if (status != STATUS_OK)
		return status;
	comparing.of = memory_array(comparing.accounts->count + 1, sizeof *comparing.of);
	comparing.parent = memory_array(comparing.accounts->count + 1, sizeof *comparing.parent);
	for (uint64_t number = 1; number <= comparing.accounts->count; number++)
		comparing.parent[number] = account_parent(comparing.accounts, number);
	status = read_plans(&comparing, view, error);
	if (status == STATUS_OK)
		status = ledger_closing(view, &comparing.closing, error);
	if (status == STATUS_OK)
		status = ledger_walk(view, comparing.last, add_line, &comparing, error);
	if (status == STATUS_OK)
		status = print_plans(&comparing, view, visit, context, error);
	free(comparing.of);
	free(comparing.parent);
	free(comparing.closing);
	free(comparing.plans);
	arena_release(&comparing.kept);
	return status;
}
