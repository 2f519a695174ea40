/* ledger_by: balances by the words of postings, or by the time they are of */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/ledger/account_sums.h"
#include "office/help.h"
#include "office/ledger/ledger_row.h"
#include "record/bucket.h"

enum { BEFORE = 0 }; /* the key of what was before the first day, when summed by time */

/* Texts that are summed by, each once; the first has key 1. */
struct keys {
	struct slice *all;
	size_t count, capacity;
	uint32_t *slots; /* open addressing: key, 0 for free */
	size_t slot_count;
	struct arena arena;
};

struct by {
	const struct ledger_query *query;
	const struct ledger_choice *choice;
	enum ledger_by by;
	struct bucketer *bucketer; /* NULL for tags */
	struct keys keys;
	struct account_sums sums;
};

bool
ledger_by_of(const char *name, enum ledger_by *by)
{
	static const char *const names[] = { "tag", "month", "quarter", "year" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0) {
			*by = (enum ledger_by)i;
			return true;
		}
	return false;
}

/* --- keys ----------------------------------------------------------------------- */

static size_t
probe(const struct keys *keys, struct slice text)
{
	uint64_t hash = 0xcbf29ce484222325u;
	size_t slot;

	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (unsigned char)text.data[i]) * 0x100000001b3u;
	slot = (size_t)(hash ^ (hash >> 32)) & (keys->slot_count - 1);
	while (keys->slots[slot] != 0 && !slice_equal(keys->all[keys->slots[slot] - 1], text))
		slot = (slot + 1) & (keys->slot_count - 1);
	return slot;
}

static void
make_room(struct keys *keys)
{
	if (keys->count * 2 < keys->slot_count)
		return;
	keys->slot_count = keys->slot_count == 0 ? 64 : keys->slot_count * 2;
	free(keys->slots);
	keys->slots = memory_array(keys->slot_count, sizeof *keys->slots);
	for (size_t i = 0; i < keys->count; i++)
		keys->slots[probe(keys, keys->all[i])] = (uint32_t)i + 1;
}

static uint32_t
key_of(struct keys *keys, struct slice text)
{
	size_t slot;

	make_room(keys);
	slot = probe(keys, text);
	if (keys->slots[slot] == 0) {
		keys->all = memory_grow(keys->all, &keys->capacity, keys->count, sizeof *keys->all);
		keys->all[keys->count] = arena_copy(&keys->arena, text);
		keys->slots[slot] = (uint32_t)++keys->count;
	}
	return keys->slots[slot];
}

struct ranked {
	struct slice text;
	uint32_t key;
};

static int
compare_ranked(const void *a, const void *b)
{
	return slice_compare(((const struct ranked *)a)->text, ((const struct ranked *)b)->text);
}

/* Numbers the keys in the order of their texts. */
static void
rank_keys(struct by *by)
{
	struct keys *keys = &by->keys;
	struct ranked *ranked = memory_array(keys->count + 1, sizeof *ranked);
	uint32_t *ranks = memory_array(keys->count + 1, sizeof *ranks);

	for (size_t i = 0; i < keys->count; i++)
		ranked[i] = (struct ranked){ keys->all[i], (uint32_t)i + 1 };
	if (keys->count > 1)
		qsort(ranked, keys->count, sizeof *ranked, compare_ranked);
	for (size_t i = 0; i < keys->count; i++) {
		ranks[ranked[i].key] = (uint32_t)i + 1;
		keys->all[i] = ranked[i].text;
	}
	for (size_t i = 0; i < by->sums.count; i++)
		by->sums.all[i].key = ranks[by->sums.all[i].key];
	free(ranked);
	free(ranks);
}

/* --- sums ----------------------------------------------------------------------- */

static void
add_amount(struct by *by, const struct ledger_line *line, uint32_t key)
{
	struct account_sum *sum = account_sums_find(&by->sums, line->account, line->currency, key);

	if (line->date < by->query->first)
		sum->before += line->amount;
	else if (line->amount > 0)
		sum->debit += line->amount;
	else
		sum->credit -= line->amount;
}

static void
add_tags(struct by *by, const struct ledger_line *line)
{
	struct slice rest = line->tags;

	do
		add_amount(by, line, key_of(&by->keys, slice_cut(&rest, ' ')));
	while (rest.data != NULL);
}

static enum status
add_line(const struct ledger_line *line, void *context, struct error *error)
{
	struct by *by = context;
	char date[DATE_SIZE];
	size_t length;

	(void)error;
	if (!ledger_chosen(by->choice, line->account))
		return STATUS_OK;
	if (by->bucketer == NULL)
		add_tags(by, line);
	else if (line->date < by->query->first)
		add_amount(by, line, BEFORE);
	else {
		length = date_format(line->date, date);
		add_amount(by, line,
		    key_of(&by->keys, bucketer_find(by->bucketer, (struct slice){ date, length })));
	}
	return STATUS_OK;
}

/* What one ended with the next one begins with. */
static void
carry_on(struct account_sum *sums, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct account_sum *last = &sums[i - 1];

		if (last->account == sums[i].account && strcmp(last->currency, sums[i].currency) == 0)
			sums[i].before = last->before + last->debit - last->credit;
	}
}

static enum status
print_rows(struct by *by, struct ledger_rows *rows, ledger_row_visit *visit, void *context, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < by->sums.count; i++) {
		const struct account_sum *sum = &by->sums.all[i];
		struct ledger_row row;

		if (sum->key == BEFORE || ledger_sum_is_nothing(sum))
			continue;
		status = ledger_row_of(rows, sum, &row, error);
		row.key = by->keys.all[sum->key - 1];
		if (status == STATUS_OK)
			visit(&row, context);
	}
	return status;
}

enum status
ledger_balance_by(struct view *view, const struct ledger_query *query, const struct ledger_choice *choice,
    enum ledger_by which, ledger_row_visit *visit, void *context, struct error *error)
{
	static const enum bucket buckets[] = { BUCKET_NONE, BUCKET_MONTH, BUCKET_QUARTER, BUCKET_YEAR };
	struct ledger_rows rows = { .view = view, .accounts = choice->accounts };
	struct by by = { .query = query, .choice = choice, .by = which };
	enum status status;

	if (which != LEDGER_BY_TAG)
		by.bucketer = bucketer_new(buckets[which], KIND_DATE, NULL);
	status = ledger_walk(view, query->last, add_line, &by, error);
	rank_keys(&by);
	if (status == STATUS_OK)
		status = ledger_sums_sort(choice->accounts, by.sums.all, by.sums.count, error);
	if (which != LEDGER_BY_TAG)
		carry_on(by.sums.all, by.sums.count);
	if (status == STATUS_OK)
		status = print_rows(&by, &rows, visit, context, error);
	bucketer_free(by.bucketer);
	account_sums_release(&by.sums);
	free(by.keys.all);
	free(by.keys.slots);
	arena_release(&by.keys.arena);
	arena_release(&rows.arena);
	return status;
}
