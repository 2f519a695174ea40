/* ledger_sum: what postings come to by account */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "office/ledger/account_sums.h"
#include "office/help.h"
#include "office/ledger/ledger.h"
#include "office/ledger/ledger_scan.h"
#include "record/glance.h"

struct summing {
	const struct ledger_query *query;
	struct account_sums sums[PARALLEL_WORKERS_MOST]; /* by worker */
	unsigned char *closing;                          /* by entry: whether it is left out */
};

static void
add_line(const struct ledger_line *line, void *context, size_t worker)
{
	struct summing *summing = context;
	struct account_sum *sum;

	if (summing->closing != NULL && summing->closing[line->entry])
		return;
	sum = account_sums_find(&summing->sums[worker], line->account, line->currency, 0);
	if (line->date < summing->query->first)
		sum->before += line->amount;
	else if (line->amount > 0)
		sum->debit += line->amount;
	else
		sum->credit -= line->amount;
}

/* Whether an entry is of kind close; what a glance can't tell is read. */
static enum status
is_closing(struct glance *glance, uint64_t number, struct arena *arena, unsigned char *is, struct error *error)
{
	struct slice kind;
	struct record entry;
	enum status status = STATUS_OK;

	if (!glance_at(glance, number, &kind)) {
		arena_reset(arena);
		status = record_read(glance->log, number, arena, &entry, error);
		kind = status == STATUS_OK ? record_named(&entry, "kind") : slice_of("");
	}
	*is = slice_is(kind, "close");
	return status;
}

enum status
ledger_closing(struct view *view, unsigned char **closing, struct error *error)
{
	static const char *const names[] = { "kind" };
	struct arena arena = ARENA_INIT;
	struct glance glance;
	struct log *entries;
	enum status status = view_log(view, "entry", &entries, error);

	*closing = status == STATUS_OK ? memory_array(entries->count + 1, 1) : NULL;
	if (status == STATUS_OK)
		glance_init(&glance, entries, names, 1);
	for (uint64_t number = 1; status == STATUS_OK && number <= entries->count; number++)
		status = is_closing(&glance, number, &arena, &(*closing)[number], error);
	arena_release(&arena);
	return status;
}

/* Accounts in the order of their codes. */
struct coded {
	struct slice code;
	uint64_t account;
};

static int
compare_codes(const void *a, const void *b)
{
	return slice_compare(((const struct coded *)a)->code, ((const struct coded *)b)->code);
}

enum status
ledger_ranks(struct log *accounts, size_t **ranks, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct coded *coded = memory_array(accounts->count + 1, sizeof *coded);
	enum status status = STATUS_OK;

	*ranks = memory_array(accounts->count + 1, sizeof **ranks);
	for (uint64_t number = 1; status == STATUS_OK && number <= accounts->count; number++) {
		struct record account;

		status = record_read(accounts, number, &arena, &account, error);
		if (status == STATUS_OK)
			coded[number - 1] = (struct coded){ record_named(&account, "code"), number };
	}
	if (status == STATUS_OK && accounts->count > 1)
		qsort(coded, accounts->count, sizeof *coded, compare_codes);
	for (size_t i = 0; status == STATUS_OK && i < accounts->count; i++)
		(*ranks)[coded[i].account] = i;
	arena_release(&arena);
	free(coded);
	return status;
}

static int
compare_sums(const void *a, const void *b, void *context)
{
	const struct account_sum *x = a, *y = b;
	const size_t *ranks = context;

	if (x->account != y->account)
		return ranks[x->account] < ranks[y->account] ? -1 : 1;
	if (strcmp(x->currency, y->currency) != 0)
		return strcmp(x->currency, y->currency);
	return (x->key > y->key) - (x->key < y->key);
}

enum status
ledger_sums_sort(struct log *accounts, struct account_sum *sums, size_t count, struct error *error)
{
	size_t *ranks;
	enum status status = ledger_ranks(accounts, &ranks, error);

	if (status == STATUS_OK && count > 1)
		qsort_r(sums, count, sizeof *sums, compare_sums, ranks);
	free(ranks);
	return status;
}

enum status
ledger_sums(struct view *view, const struct ledger_query *query, struct account_sum **sums, size_t *count,
    struct error *error)
{
	const struct ledger_scan wanted = { query->last, query->chosen, query->without_closing };
	struct summing summing = { .query = query };
	struct log *accounts;
	enum status status = view_log(view, "account", &accounts, error);

	if (status == STATUS_OK && query->without_closing)
		status = ledger_closing(view, &summing.closing, error);
	if (status == STATUS_OK)
		status = ledger_scan(view, &wanted, add_line, &summing, error);
	for (size_t i = 1; i < PARALLEL_WORKERS_MOST; i++) {
		account_sums_merge(&summing.sums[0], &summing.sums[i]);
		account_sums_release(&summing.sums[i]);
	}
	if (status == STATUS_OK && query->valued)
		status = account_sums_value(&summing.sums[0], view, query->last, query->chosen == NULL, error);
	if (status == STATUS_OK)
		status = ledger_sums_sort(accounts, summing.sums[0].all, summing.sums[0].count, error);
	free(summing.closing);
	return account_sums_take(&summing.sums[0], status, sums, count);
}

uint64_t
account_parent(struct log *accounts, uint64_t number)
{
	struct arena arena = ARENA_INIT;
	struct error ignored = ERROR_INIT;
	unsigned long long parent = 0;
	struct record account;
	struct slice code;
	const char *colon;

	if (record_read(accounts, number, &arena, &account, &ignored) == STATUS_OK &&
	    !table_id_parse(accounts->table, record_named(&account, "parent"), &parent)) {
		code = record_named(&account, "code");
		parent = 0;
		while (parent == 0 && (colon = memrchr(code.data, ':', code.length)) != NULL) {
			code.length = (size_t)(colon - code.data);
			parent = log_find(accounts, accounts->table->key, code);
		}
	}
	error_release(&ignored);
	arena_release(&arena);
	return parent;
}
