#include "office/ledger/account_sums.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static bool
is_of(const struct account_sum *sum, uint64_t account, const char currency[4], uint32_t key)
{
	return sum->account == account && sum->key == key && memcmp(sum->currency, currency, 4) == 0;
}

static size_t
slot_of(const struct account_sums *sums, uint64_t account, const char currency[4], uint32_t key)
{
	uint32_t letters;
	uint64_t hash;

	memcpy(&letters, currency, sizeof letters);
	hash = (account * 0x9e3779b97f4a7c15u) ^ ((uint64_t)letters * 0xc2b2ae3d27d4eb4fu) ^
	    ((uint64_t)key * 0x165667b19e3779f9u);
	return (size_t)(hash ^ (hash >> 29)) & (sums->slot_count - 1);
}

/* The slot that has it, or where it belongs. */
static size_t
probe(const struct account_sums *sums, uint64_t account, const char currency[4], uint32_t key)
{
	size_t slot = slot_of(sums, account, currency, key);

	while (sums->slots[slot] != 0 && !is_of(&sums->all[sums->slots[slot] - 1], account, currency, key))
		slot = (slot + 1) & (sums->slot_count - 1);
	return slot;
}

static void
make_room(struct account_sums *sums)
{
	if (sums->count * 2 < sums->slot_count)
		return;
	sums->slot_count = sums->slot_count == 0 ? 64 : sums->slot_count * 2;
	free(sums->slots);
	sums->slots = memory_array(sums->slot_count, sizeof *sums->slots);
	for (size_t i = 0; i < sums->count; i++) {
		const struct account_sum *sum = &sums->all[i];

		sums->slots[probe(sums, sum->account, sum->currency, sum->key)] = (uint32_t)i + 1;
	}
}

struct account_sum *
account_sums_find(struct account_sums *sums, uint64_t account, struct slice currency, uint32_t key)
{
	char letters[4] = "";
	size_t slot;

	memcpy(letters, currency.data, currency.length < 3 ? currency.length : 3);
	if (sums->last < sums->count && is_of(&sums->all[sums->last], account, letters, key))
		return &sums->all[sums->last];
	make_room(sums);
	slot = probe(sums, account, letters, key);
	if (sums->slots[slot] == 0) {
		sums->all = memory_grow(sums->all, &sums->capacity, sums->count, sizeof *sums->all);
		sums->all[sums->count] = (struct account_sum){ .account = account, .key = key };
		memcpy(sums->all[sums->count].currency, letters, sizeof letters);
		sums->slots[slot] = (uint32_t)++sums->count;
	}
	sums->last = sums->slots[slot] - 1;
	return &sums->all[sums->last];
}

void
account_sums_merge(struct account_sums *sums, const struct account_sums *other)
{
	for (size_t i = 0; i < other->count; i++) {
		const struct account_sum *from = &other->all[i];
		struct account_sum *to = account_sums_find(sums, from->account, slice_of(from->currency),
		    from->key);

		to->before += from->before;
		to->debit += from->debit;
		to->credit += from->credit;
	}
}

enum status
account_sums_take(struct account_sums *sums, enum status status, struct account_sum **all, size_t *count)
{
	bool good = status == STATUS_OK;

	*all = good ? sums->all : NULL;
	*count = good ? sums->count : 0;
	if (good)
		sums->all = NULL;
	account_sums_release(sums);
	return status;
}

void
account_sums_release(struct account_sums *sums)
{
	free(sums->all);
	free(sums->slots);
	*sums = (struct account_sums){ .all = NULL };
}
