/* ledger_by: balances by the words of postings, or by the time they are of */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "office/ledger/account_sums.h"
#include "office/help.h"
#include "office/ledger/ledger_row.h"
#include "office/ledger/ledger_scan.h"
#include "record/bucket.h"

enum {
	BEFORE = 0, /* the key of what was before the first day, when summed by time */
	MONTHS = 12
};

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
	enum ledger_by by;
	struct keys keys[PARALLEL_WORKERS_MOST]; /* of tags; by worker */
	struct account_sums sums[PARALLEL_WORKERS_MOST];
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

static void
release_keys(struct keys *keys)
{
	free(keys->all);
	free(keys->slots);
	arena_release(&keys->arena);
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
rank_keys(struct keys *keys, struct account_sums *sums)
{
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
	for (size_t i = 0; i < sums->count; i++)
		sums->all[i].key = ranks[sums->all[i].key];
	free(ranked);
	free(ranks);
}

/* --- time ----------------------------------------------------------------------- */

/* A month, a quarter or a year by the month that it begins with: keys rise as time does. */
static uint32_t
time_key(enum ledger_by by, int32_t day)
{
	struct civil civil = date_to_civil(day);
	int month = by == LEDGER_BY_MONTH ? civil.month - 1
	    : by == LEDGER_BY_QUARTER     ? (civil.month - 1) / 3 * 3
					  : 0;

	return (uint32_t)(civil.year * MONTHS + month);
}

static struct slice
time_text(struct bucketer *bucketer, uint32_t key)
{
	struct civil civil = { (int)key / MONTHS, (int)key % MONTHS + 1, 1 };
	char date[DATE_SIZE];
	size_t length = date_format(date_from_civil(civil), date);

	return bucketer_find(bucketer, (struct slice){ date, length });
}

/* --- sums ----------------------------------------------------------------------- */

static void
add_amount(struct by *by, size_t worker, const struct ledger_line *line, uint32_t key)
{
	struct account_sum *sum = account_sums_find(&by->sums[worker], line->account, line->currency, key);

	if (line->date < by->query->first)
		sum->before += line->amount;
	else if (line->amount > 0)
		sum->debit += line->amount;
	else
		sum->credit -= line->amount;
}

static void
add_by_tag(const struct ledger_line *line, void *context, size_t worker)
{
	struct by *by = context;
	struct slice rest = line->tags;

	do
		add_amount(by, worker, line, key_of(&by->keys[worker], slice_cut(&rest, ' ')));
	while (rest.data != NULL);
}

static void
add_by_time(const struct ledger_line *line, void *context, size_t worker)
{
	struct by *by = context;

	add_amount(by, worker, line, line->date < by->query->first ? BEFORE : time_key(by->by, line->date));
}

/* Puts what the workers found into what the first of them did. */
static void
merge(struct by *by)
{
	for (size_t i = 1; i < PARALLEL_WORKERS_MOST; i++) {
		struct account_sums *sums = &by->sums[i];

		for (size_t k = 0; by->by == LEDGER_BY_TAG && k < sums->count; k++)
			sums->all[k].key = key_of(&by->keys[0], by->keys[i].all[sums->all[k].key - 1]);
		account_sums_merge(&by->sums[0], sums);
		account_sums_release(sums);
		release_keys(&by->keys[i]);
	}
	if (by->by == LEDGER_BY_TAG)
		rank_keys(&by->keys[0], &by->sums[0]);
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
	static const enum bucket buckets[] = { BUCKET_NONE, BUCKET_MONTH, BUCKET_QUARTER, BUCKET_YEAR };
	bool tags = by->by == LEDGER_BY_TAG;
	struct bucketer *bucketer = tags ? NULL : bucketer_new(buckets[by->by], KIND_DATE, NULL);
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < by->sums[0].count; i++) {
		const struct account_sum *sum = &by->sums[0].all[i];
		struct ledger_row row;

		if (sum->key == BEFORE || ledger_sum_is_nothing(sum))
			continue;
		status = ledger_row_of(rows, sum, &row, error);
		row.key = tags ? by->keys[0].all[sum->key - 1] : time_text(bucketer, sum->key);
		if (status == STATUS_OK)
			visit(&row, context);
	}
	bucketer_free(bucketer);
	return status;
}

enum status
ledger_balance_by(struct view *view, const struct ledger_query *query, const struct ledger_choice *choice,
    enum ledger_by which, ledger_row_visit *visit, void *context, struct error *error)
{
	bool tags = which == LEDGER_BY_TAG;
	const struct ledger_scan wanted = { query->last, choice->any ? choice->chosen : NULL, tags };
	struct ledger_rows rows = { .view = view, .accounts = choice->accounts };
	struct by by = { .query = query, .by = which };
	enum status status = ledger_scan(view, &wanted, tags ? add_by_tag : add_by_time, &by, error);

	merge(&by);
	if (status == STATUS_OK)
		status = ledger_sums_sort(choice->accounts, by.sums[0].all, by.sums[0].count, error);
	if (!tags)
		carry_on(by.sums[0].all, by.sums[0].count);
	if (status == STATUS_OK)
		status = print_rows(&by, &rows, visit, context, error);
	account_sums_release(&by.sums[0]);
	release_keys(&by.keys[0]);
	arena_release(&rows.arena);
	return status;
}
