/* ledger_sum: one walk over the postings, and what they come to by account */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/account_sums.h"
#include "office/help.h"
#include "office/ledger.h"

/* The fields of a posting, looked up once. */
struct walk {
	struct log *postings;
	const struct table *accounts, *entries;
	size_t entry, account, amount, currency, text, tags, date;
};

static enum status
open_walk(struct walk *walk, struct view *view, struct error *error)
{
	const struct table *table;
	enum status status = view_log(view, "posting", &walk->postings, error);

	if (status == STATUS_OK)
		status = view_table(view, "account", &walk->accounts, error);
	if (status == STATUS_OK)
		status = view_table(view, "entry", &walk->entries, error);
	if (status != STATUS_OK)
		return status;
	table = walk->postings->table;
	walk->entry = table_field(table, slice_of("entry"));
	walk->account = table_field(table, slice_of("account"));
	walk->amount = table_field(table, slice_of("amount"));
	walk->currency = table_field(table, slice_of("currency"));
	walk->text = table_field(table, slice_of("text"));
	walk->tags = table_field(table, slice_of("tags"));
	walk->date = table_field(table, slice_of("date"));
	return STATUS_OK;
}

static uint64_t
reference_number(const struct table *table, struct slice value)
{
	unsigned long long number;

	return table_id_parse(table, value, &number) ? number : 0;
}

/* STATUS_NO when the posting does not count: a draft's, or of a day to come. */
static enum status
read_line(const struct walk *walk, uint64_t number, int32_t last, struct arena *arena,
    struct ledger_line *line, struct error *error)
{
	struct record record;
	enum status status = record_read(walk->postings, number, arena, &record, error);

	if (status != STATUS_OK)
		return status;
	if (!date_parse(record_value(&record, walk->date), &line->date) || line->date > last ||
	    record_archived(&record))
		return STATUS_NO;
	line->number = number;
	line->entry = reference_number(walk->entries, record_value(&record, walk->entry));
	line->account = reference_number(walk->accounts, record_value(&record, walk->account));
	line->currency = record_value(&record, walk->currency);
	line->text = record_value(&record, walk->text);
	line->tags = record_value(&record, walk->tags);
	if (!units_of(record_value(&record, walk->amount), &line->amount) || line->account == 0 || line->entry == 0)
		return error_set(error, STATUS_SYSTEM, "posting.csv: %s%llu is no posting",
		    walk->postings->table->prefix, (unsigned long long)number);
	return STATUS_OK;
}

enum status
ledger_walk(struct view *view, int32_t last, ledger_visit *visit, void *context, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct walk walk;
	enum status status = open_walk(&walk, view, error);

	for (uint64_t number = 1; status == STATUS_OK && number <= walk.postings->count; number++) {
		struct ledger_line line;

		if (log_newest(walk.postings, number) == 0)
			continue;
		arena_reset(&arena);
		status = read_line(&walk, number, last, &arena, &line, error);
		if (status == STATUS_OK)
			status = visit(&line, context, error);
		else if (status == STATUS_NO)
			status = STATUS_OK;
	}
	arena_release(&arena);
	return status;
}

/* --- sums ----------------------------------------------------------------------- */

struct summing {
	const struct ledger_query *query;
	struct account_sums sums;
	unsigned char *closing; /* by entry: whether it is left out */
};

static enum status
add_line(const struct ledger_line *line, void *context, struct error *error)
{
	struct summing *summing = context;
	struct account_sum *sum;

	(void)error;
	if (summing->closing != NULL && summing->closing[line->entry])
		return STATUS_OK;
	sum = account_sums_find(&summing->sums, line->account, line->currency, 0);
	if (line->date < summing->query->first)
		sum->before += line->amount;
	else if (line->amount > 0)
		sum->debit += line->amount;
	else
		sum->credit -= line->amount;
	return STATUS_OK;
}

enum status
ledger_closing(struct view *view, unsigned char **closing, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct log *entries;
	enum status status = view_log(view, "entry", &entries, error);

	*closing = status == STATUS_OK ? memory_array(entries->count + 1, 1) : NULL;
	for (uint64_t number = 1; status == STATUS_OK && number <= entries->count; number++) {
		struct record entry;

		arena_reset(&arena);
		status = record_read(entries, number, &arena, &entry, error);
		if (status == STATUS_OK)
			(*closing)[number] = slice_is(record_named(&entry, "kind"), "close");
	}
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
	struct summing summing = { .query = query };
	struct log *accounts;
	enum status status = view_log(view, "account", &accounts, error);

	if (status == STATUS_OK && query->without_closing)
		status = ledger_closing(view, &summing.closing, error);
	if (status == STATUS_OK)
		status = ledger_walk(view, query->last, add_line, &summing, error);
	if (status == STATUS_OK)
		status = ledger_sums_sort(accounts, summing.sums.all, summing.sums.count, error);
	free(summing.closing);
	*sums = summing.sums.all;
	*count = summing.sums.count;
	summing.sums.all = NULL;
	account_sums_release(&summing.sums);
	if (status != STATUS_OK) {
		free(*sums);
		*sums = NULL;
		*count = 0;
	}
	return status;
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
