/* tally: groups in a hash table, each with its count and a result for each measure */
#include "record/tally.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/memory.h"
#include "record/tally_internal.h"

enum { SLOTS_LEAST = 64, SHELF = 1024 /* groups */, CACHE_LINE = 64 };

static bool
adds_up(enum measure what)
{
	return what == MEASURE_SUM || what == MEASURE_AVG;
}

/* Bytes of a group: whole lines of the cache. */
static size_t
group_size(const struct tally_plan *plan)
{
	size_t size = sizeof(struct group) + plan->measure_count * sizeof(struct result);
	bool extremes = false;

	for (size_t i = 0; i < plan->measure_count; i++)
		extremes |= !adds_up(plan->measures[i].what);
	if (extremes)
		size += plan->measure_count * sizeof(struct extreme);
	return (size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}

/* Extremes have texts that go away with their record. */
static bool
may_wait(const struct tally_plan *plan)
{
	if (plan->by_count == 0 || plan->measure_count > WAITING_SUMS)
		return false;
	for (size_t i = 0; i < plan->measure_count; i++)
		if (!adds_up(plan->measures[i].what))
			return false;
	return true;
}

struct tally *
tally_new(const struct tally_plan *plan)
{
	struct tally *tally = memory_new(sizeof *tally);

	tally->plan = plan;
	tally->stride = group_size(plan);
	tally->bucketers = memory_array(plan->by_count + 1, sizeof(struct bucketer *));
	for (size_t i = 0; i < plan->by_count; i++) {
		const struct tally_value *value = &plan->values[i];

		if (value->bucket != BUCKET_NONE)
			tally->bucketers[i] = bucketer_new(value->bucket, value->order.kind, plan->zone);
	}
	if (may_wait(plan))
		tally->waiting = memory_array(WAITING_MOST, sizeof *tally->waiting);
	tally->size = SLOTS_LEAST;
	tally->slots = memory_array(tally->size, sizeof *tally->slots);
	return tally;
}

void
tally_free(struct tally *tally)
{
	if (tally == NULL)
		return;
	for (size_t i = 0; i < tally->plan->by_count; i++)
		bucketer_free(tally->bucketers[i]);
	free(tally->bucketers);
	free(tally->waiting);
	free(tally->slots);
	free(tally->shelves);
	free(tally->sorted);
	buffer_release(&tally->key);
	arena_release(&tally->arena);
	free(tally);
}

/* --- groups ---------------------------------------------------------------------- */

struct slice
group_key(const struct group *group)
{
	const char *data = group->key_length <= KEY_INSIDE ? group->key.inside : group->key.outside;

	return (struct slice){ data, group->key_length };
}

struct extreme *
group_extreme(const struct tally *tally, struct group *group, size_t measure)
{
	struct extreme *extremes = (struct extreme *)(void *)&group->results[tally->plan->measure_count];

	return &extremes[measure];
}

static struct group *
group_at(const struct tally *tally, size_t index)
{
	return (struct group *)(void *)(tally->shelves[index / SHELF] + index % SHELF * tally->stride);
}

/* Where a group with that key is, or is to be. */
static struct slot *
find_slot(const struct tally *tally, struct slice key, uint64_t hash)
{
	size_t i = hash & (tally->size - 1);

	for (;; i = (i + 1) & (tally->size - 1)) {
		struct slot *slot = &tally->slots[i];

		if (slot->group == 0 ||
		    (slot->hash == (uint32_t)hash && slice_equal(group_key(group_at(tally, slot->group - 1)), key)))
			return slot;
	}
}

static void
enlarge(struct tally *tally)
{
	struct slot *old = tally->slots;
	size_t size = tally->size;

	tally->size *= 2;
	tally->slots = memory_array(tally->size, sizeof *tally->slots);
	for (size_t i = 0; i < size; i++) {
		size_t at = old[i].hash & (tally->size - 1);

		if (old[i].group == 0)
			continue;
		while (tally->slots[at].group != 0)
			at = (at + 1) & (tally->size - 1);
		tally->slots[at] = old[i];
	}
	free(old);
}

static void
add_shelf(struct tally *tally)
{
	char *shelf = arena_zero(&tally->arena, SHELF * tally->stride + CACHE_LINE, 1);

	shelf += CACHE_LINE - (uintptr_t)shelf % CACHE_LINE;
	tally->shelves = memory_grow(tally->shelves, &tally->shelf_capacity, tally->shelf_count, sizeof(char *));
	tally->shelves[tally->shelf_count++] = shelf;
}

static struct group *
group_new(struct tally *tally, struct slice key)
{
	struct group *group;

	if (tally->count % SHELF == 0)
		add_shelf(tally);
	group = group_at(tally, tally->count++);
	group->key_length = (uint32_t)key.length;
	if (key.length > KEY_INSIDE)
		group->key.outside = arena_copy(&tally->arena, key).data;
	else if (key.length > 0)
		memcpy(group->key.inside, key.data, key.length);
	return group;
}

static struct group *
find_group(struct tally *tally, struct slice key, uint64_t hash)
{
	struct slot *slot = find_slot(tally, key, hash);
	struct group *group;

	if (slot->group != 0)
		return group_at(tally, slot->group - 1);
	group = group_new(tally, key);
	*slot = (struct slot){ (uint32_t)hash, (uint32_t)tally->count };
	if (tally->count * 2 > tally->size)
		enlarge(tally);
	return group;
}

static struct slice
by_value(struct tally *tally, size_t index, struct slice value)
{
	return tally->bucketers[index] != NULL ? bucketer_find(tally->bucketers[index], value) : value;
}

/* The values that are grouped by, each with its length before it; one alone needs none. */
static struct slice
make_key(struct tally *tally, const struct slice *values)
{
	struct buffer *key = &tally->key;

	if (tally->plan->by_count == 1)
		return by_value(tally, 0, values[0]);
	key->length = 0;
	for (size_t i = 0; i < tally->plan->by_count; i++) {
		struct slice value = by_value(tally, i, values[i]);
		uint32_t length = (uint32_t)value.length;
		char *end = buffer_reserve(key, sizeof length + value.length);

		memcpy(end, &length, sizeof length);
		if (value.length > 0)
			memcpy(end + sizeof length, value.data, value.length);
		key->length += sizeof length + value.length;
	}
	return buffer_slice(key);
}

struct slice
tally_key_next(const struct tally *tally, struct slice *key)
{
	uint32_t length;
	struct slice value;

	if (tally->plan->by_count == 1)
		return *key;
	memcpy(&length, key->data, sizeof length);
	value = (struct slice){ key->data + sizeof length, length };
	*key = (struct slice){ value.data + length, key->length - sizeof length - length };
	return value;
}

/* --- results ------------------------------------------------------------------------ */

/* The code of a currency, its letters one behind the other; 0 for none. */
static uint32_t
currency_code(const struct tally_plan *plan, const struct tally_value *money, const struct slice *values)
{
	struct slice text = plan->currency;

	for (size_t i = money->currency; i != SIZE_MAX; i = plan->values[i].currency) {
		if (values[i].length > 0) {
			text = values[i];
			break;
		}
	}
	if (text.length != 3)
		return 0;
	return (uint32_t)(unsigned char)text.data[0] << 16 | (uint32_t)(unsigned char)text.data[1] << 8 |
	    (uint32_t)(unsigned char)text.data[2];
}

/* The first and the last code there are: more than one when they differ. */
static void
note_currency(struct result *result, uint32_t first, uint32_t last)
{
	if (result->count == 0 || first < result->first_currency)
		result->first_currency = first;
	if (result->count == 0 || last > result->last_currency)
		result->last_currency = last;
}

static void
add_sum(struct group *group, size_t measure, int128 number)
{
	struct result *result = &group->results[measure];

	if (__builtin_add_overflow(result->number, number, &result->number))
		group->overflown = (uint32_t)measure + 1;
}

/* Keeps the text in place of the one before, where there is room. */
static void
keep_text(struct tally *tally, struct extreme *extreme, struct slice text)
{
	if (text.length > extreme->room) {
		extreme->room = (uint32_t)text.length * 2 + 16;
		extreme->text = arena_take(&tally->arena, extreme->room);
	}
	memcpy(extreme->text, text.data, text.length);
	extreme->length = (uint32_t)text.length;
}

/* Keeps a value where it is the first, or less (or more) than the one that is there. */
static void
keep_extreme(struct tally *tally, struct group *group, size_t measure, struct order_value value, struct slice text)
{
	const struct tally_measure *what = &tally->plan->measures[measure];
	const struct order *order = &tally->plan->values[what->value].order;
	struct extreme *extreme = group_extreme(tally, group, measure);
	struct result *result = &group->results[measure];
	struct order_value kept = { result->number, { extreme->text, extreme->length } };

	if (result->count > 0) {
		int compared = order_compare(order, &value, &kept);

		if (what->what == MEASURE_MIN ? compared >= 0 : compared <= 0)
			return;
	}
	result->number = value.number;
	keep_text(tally, extreme, text);
}

/* What a record adds to a measure that adds up; nothing where its value is empty or no number. */
static struct addend
find_addend(const struct tally_plan *plan, size_t measure, const struct slice *values)
{
	size_t index = plan->measures[measure].value;
	const struct tally_value *value = &plan->values[index];
	struct addend addend = { 0 };

	if (!value_number(value->order.kind, values[index], &addend.number))
		return addend;
	addend.count = 1;
	if (value->money)
		addend.currency = currency_code(plan, value, values);
	return addend;
}

static void
add_addend(struct group *group, size_t measure, const struct addend *addend)
{
	struct result *result = &group->results[measure];

	if (addend->count == 0)
		return;
	note_currency(result, addend->currency, addend->currency);
	add_sum(group, measure, addend->number);
	result->count++;
}

static void
add_extreme(struct tally *tally, struct group *group, size_t measure, const struct slice *values)
{
	size_t index = tally->plan->measures[measure].value;
	const struct tally_value *value = &tally->plan->values[index];
	struct result *result = &group->results[measure];
	struct slice text = values[index];

	/* What is empty is not less than all else. */
	if (text.length == 0)
		return;
	if (value->money) {
		uint32_t code = currency_code(tally->plan, value, values);

		note_currency(result, code, code);
	}
	keep_extreme(tally, group, measure, order_value(&value->order, text), text);
	result->count++;
}

static void
add_now(struct tally *tally, struct slice key, const struct slice *values)
{
	const struct tally_plan *plan = tally->plan;
	struct group *group = find_group(tally, key, hash_quick(key));

	group->count++;
	for (size_t i = 0; i < plan->measure_count; i++) {
		if (adds_up(plan->measures[i].what)) {
			struct addend addend = find_addend(plan, i, values);

			add_addend(group, i, &addend);
		} else
			add_extreme(tally, group, i, values);
	}
}

/* --- waiting ------------------------------------------------------------------------- */

/* Asks memory for the group that it most likely is. */
static void
await_group(const struct tally *tally, uint64_t hash)
{
	size_t i = hash & (tally->size - 1);

	while (tally->slots[i].group != 0 && tally->slots[i].hash != (uint32_t)hash)
		i = (i + 1) & (tally->size - 1);
	if (tally->slots[i].group != 0)
		__builtin_prefetch(group_at(tally, tally->slots[i].group - 1), 1);
}

/* Nobody waits any more. */
static void
settle(struct tally *tally)
{
	for (size_t i = 0; i < tally->waiting_count; i++)
		await_group(tally, tally->waiting[i].hash);
	for (size_t i = 0; i < tally->waiting_count; i++) {
		const struct waiting *waiting = &tally->waiting[i];
		struct slice key = { waiting->key, waiting->key_length };
		struct group *group = find_group(tally, key, waiting->hash);

		group->count++;
		for (size_t j = 0; j < tally->plan->measure_count; j++)
			add_addend(group, j, &waiting->addends[j]);
	}
	tally->waiting_count = 0;
}

static void
wait(struct tally *tally, struct slice key, const struct slice *values)
{
	struct waiting *waiting = &tally->waiting[tally->waiting_count++];

	waiting->hash = hash_quick(key);
	__builtin_prefetch(&tally->slots[waiting->hash & (tally->size - 1)]);
	waiting->key_length = key.length;
	if (key.length > 0)
		memcpy(waiting->key, key.data, key.length);
	for (size_t i = 0; i < tally->plan->measure_count; i++)
		waiting->addends[i] = find_addend(tally->plan, i, values);
	if (tally->waiting_count == WAITING_MOST)
		settle(tally);
}

void
tally_add(struct tally *tally, const struct slice *values)
{
	struct slice key = make_key(tally, values);

	if (tally->waiting != NULL && key.length <= WAITING_KEY)
		wait(tally, key, values);
	else
		add_now(tally, key, values);
}

static void
merge_measure(struct tally *tally, struct group *group, size_t measure, const struct tally *other,
    struct group *theirs)
{
	struct result *result = &group->results[measure], *more = &theirs->results[measure];

	if (more->count == 0)
		return;
	note_currency(result, more->first_currency, more->last_currency);
	if (adds_up(tally->plan->measures[measure].what))
		add_sum(group, measure, more->number);
	else {
		struct extreme *extreme = group_extreme(other, theirs, measure);
		struct slice text = { extreme->text, extreme->length };

		keep_extreme(tally, group, measure, (struct order_value){ more->number, text }, text);
	}
	result->count += more->count;
}

void
tally_merge(struct tally *tally, struct tally *other)
{
	settle(tally);
	settle(other);
	for (size_t i = 0; i < other->count; i++) {
		struct group *theirs = group_at(other, i);
		struct slice key = group_key(theirs);
		struct group *ours = find_group(tally, key, hash_quick(key));

		ours->count += theirs->count;
		if (theirs->overflown != 0)
			ours->overflown = theirs->overflown;
		for (size_t j = 0; j < tally->plan->measure_count; j++)
			merge_measure(tally, ours, j, other, theirs);
	}
}

/* --- the end ------------------------------------------------------------------------ */

static int
compare_groups(const void *a, const void *b, void *context)
{
	const struct tally *tally = context;
	const struct group *const *x = a, *const *y = b;
	struct slice left = group_key(*x), right = group_key(*y);

	for (size_t i = 0; i < tally->plan->by_count; i++) {
		/* Buckets are spelled so that bytes have them in order. */
		static const struct order by_bytes = { .kind = KIND_TEXT };
		const struct tally_value *by = &tally->plan->values[i];
		const struct order *order = by->bucket != BUCKET_NONE ? &by_bytes : &by->order;
		struct slice one = tally_key_next(tally, &left), two = tally_key_next(tally, &right);
		struct order_value first = order_value(order, one), second = order_value(order, two);
		int compared = order_compare(order, &first, &second);

		/* What is spelled in two ways is two groups. */
		if (compared == 0)
			compared = slice_compare(one, two);
		if (compared != 0)
			return compared;
	}
	return 0;
}

enum status
tally_finish(struct tally *tally, struct error *error)
{
	enum status status = STATUS_OK;

	settle(tally);
	if (tally->plan->by_count == 0 && tally->count == 0)
		group_new(tally, (struct slice){ "", 0 });
	tally->sorted = memory_array(tally->count + 1, sizeof(struct group *));
	for (size_t i = 0; i < tally->count; i++)
		tally->sorted[i] = group_at(tally, i);
	if (tally->count > 1)
		qsort_r(tally->sorted, tally->count, sizeof(struct group *), compare_groups, tally);
	for (size_t i = 0; i < tally->count && status == STATUS_OK; i++)
		status = tally_check(tally, tally->sorted[i], error);
	return status;
}

size_t
tally_groups(const struct tally *tally)
{
	return tally->count;
}
