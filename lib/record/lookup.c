/* lookup: hash tables over the newest lines of a log */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "record/indexed.h"
#include "record/lookup.h"
#include "record/referring.h"
#include "stream/csv.h"

struct slot {
	uint32_t hash;
	uint32_t number; /* 0: free */
};

struct lookup {
	struct lookup *next;
	size_t field;
	bool partial;      /* what the base of an index has is not in it */
	size_t used, size; /* size is a power of two, at most half used */
	struct slot *slots;
};

/* The raw value of a field in the line at offset; absent when there is none. */
static struct slice
raw_value_at(const struct log *log, uint64_t offset, size_t field)
{
	const struct layout *layout = log_layout(log, offset);
	size_t column = layout_column(layout, field);
	struct slice line = log_line_at(log, offset);

	if (column == SIZE_MAX || (log->sealed && line_is_blank(line)))
		return (struct slice){ NULL, 0 };
	return csv_field(line, column + (log->sealed ? 3 : 2));
}

struct slice
raw_value(const struct log *log, uint64_t number, size_t field)
{
	return raw_value_at(log, log_newest(log, number) - 1, field);
}

/* Two raw values are equal exactly when they are the same bytes: there is one spelling. */
static uint32_t
hash_of(struct slice raw)
{
	return (uint32_t)(hash_quick(raw) >> 16);
}

static void
place(struct lookup *lookup, uint32_t hash, uint32_t number)
{
	size_t i = hash & (lookup->size - 1);

	while (lookup->slots[i].number != 0) {
		if (lookup->slots[i].number == number && lookup->slots[i].hash == hash)
			return;
		i = (i + 1) & (lookup->size - 1);
	}
	lookup->slots[i] = (struct slot){ hash, number };
	lookup->used++;
}

static void
enlarge(struct lookup *lookup, size_t size)
{
	struct slot *old = lookup->slots;
	size_t old_size = lookup->size;

	lookup->slots = memory_table(size, sizeof *lookup->slots);
	lookup->size = size;
	lookup->used = 0;
	for (size_t i = 0; i < old_size; i++) {
		if (old[i].number != 0)
			place(lookup, old[i].hash, old[i].number);
	}
	memory_table_free(old, old_size, sizeof *old);
}

static void
enter_hash(struct lookup *lookup, uint32_t hash, uint64_t number)
{
	if (lookup->used * 2 >= lookup->size)
		enlarge(lookup, lookup->size * 2);
	place(lookup, hash, (uint32_t)number);
}

static void
enter_raw(struct lookup *lookup, struct slice raw, uint64_t number)
{
	if (raw.length > 0)
		enter_hash(lookup, hash_of(raw), number);
}

static void
enter_value(struct lookup *lookup, const struct log *log, uint64_t number)
{
	enter_raw(lookup, raw_value(log, number, lookup->field), number);
}

/* Enters the value that number has in the line at offset. */
static void
enter_line(struct lookup *lookup, const struct log *log, uint64_t number, uint64_t offset)
{
	enter_raw(lookup, raw_value_at(log, offset, lookup->field), number);
}

/* Enters what the index of the log does not know. */
static void
enter_noted(struct lookup *lookup, const struct log *log)
{
	size_t count;
	const uint32_t *noted = indexed_noted(log, &count);

	for (size_t i = 0; i < count; i++) {
		if (log_newest(log, noted[i]) != 0)
			enter_value(lookup, log, noted[i]);
	}
}

/* Whether the newest line of number, which there must be, has value in a field. */
static bool
has_value(const struct log *log, uint64_t number, size_t field, struct slice value)
{
	struct arena arena = ARENA_INIT;
	bool has = slice_equal(csv_decode(raw_value(log, number, field), &arena), value);

	arena_release(&arena);
	return has;
}

/* A value as it stands in a line; quoted has room for it and is the caller's. */
static struct slice
raw_of(struct slice value, struct buffer *quoted)
{
	if (!csv_must_quote(value))
		return value;
	buffer_clear(quoted);
	csv_add(quoted, value);
	return buffer_slice(quoted);
}

static struct lookup *
find_lookup(struct log *log, size_t field)
{
	struct lookup *lookup = log->lookups;

	while (lookup != NULL && lookup->field != field)
		lookup = lookup->next;
	if (lookup != NULL)
		return lookup;
	lookup = memory_new(sizeof *lookup);
	lookup->field = field;
	lookup->next = log->lookups;
	log->lookups = lookup;
	enlarge(lookup, 64);
	lookup->partial = indexed_knows(log, field);
	if (lookup->partial) {
		enter_noted(lookup, log);
		return lookup;
	}
	for (uint64_t number = 1; number <= log->count; number++) {
		if (log_newest(log, number) != 0)
			enter_value(lookup, log, number);
	}
	return lookup;
}

void
lookups_complete(struct log *log, const uint64_t *newest, uint64_t count)
{
	for (struct lookup *lookup = log->lookups; lookup != NULL; lookup = lookup->next) {
		lookup->partial = false;
		for (uint64_t number = 1; number <= count; number++)
			enter_line(lookup, log, number, newest[number] - 1);
	}
	/* Nothing is taken away: somebody may be half way through a list. */
	for (struct referring *referring = log->referring; referring != NULL; referring = referring->next) {
		for (uint64_t number = 1; referring->partial && number <= count; number++)
			referring_enter(referring, raw_value_at(log, newest[number] - 1, referring->field),
			    number);
		referring->partial = false;
	}
}

/*
 * The record whose raw value is raw, as far as the lookup knows.  Where several have it (a
 * field may have become unique only later) the first of them is found, whoever knows of it.
 */
static uint64_t
find_in_memory(struct log *log, const struct lookup *lookup, struct slice raw, uint32_t hash)
{
	uint64_t first = 0;

	for (size_t i = hash & (lookup->size - 1); lookup->slots[i].number != 0;
	     i = (i + 1) & (lookup->size - 1)) {
		uint64_t number = lookup->slots[i].number;

		if (lookup->slots[i].hash != hash || (first != 0 && number > first) ||
		    log_newest(log, number) == 0 || !slice_equal(raw_value(log, number, lookup->field), raw))
			continue;
		first = number;
	}
	return first;
}

static uint64_t
find_in_index(struct log *log, const struct lookup *lookup, struct slice value, struct slice raw)
{
	const uint64_t *numbers;
	size_t count;

	if (!indexed_candidates(log, lookup->field, value, &numbers, &count))
		return 0;
	for (size_t i = 0; i < count; i++) {
		if (log_newest(log, numbers[i]) != 0 && slice_equal(raw_value(log, numbers[i], lookup->field), raw))
			return numbers[i];
	}
	return 0;
}

/* The same of a value and what stands for it in lines. */
static uint64_t
find_value(struct log *log, struct lookup *lookup, struct slice value, struct slice raw, uint32_t hash)
{
	uint64_t found = find_in_memory(log, lookup, raw, hash), other = 0;

	if (!lookup->partial)
		return found;
	other = find_in_index(log, lookup, value, raw);
	/* That may have made it whole. */
	if (!lookup->partial)
		return find_in_memory(log, lookup, raw, hash);
	return found == 0 || (other != 0 && other < found) ? other : found;
}

uint64_t
log_find(struct log *log, size_t field, struct slice value)
{
	struct lookup *lookup = find_lookup(log, field);
	struct buffer quoted = BUFFER_INIT;
	struct slice raw;
	uint64_t found;

	if (value.length == 0)
		return 0;
	raw = raw_of(value, &quoted);
	found = find_value(log, lookup, value, raw, hash_of(raw));
	buffer_release(&quoted);
	return found;
}

uint64_t
lookup_find(struct log *log, size_t field, struct slice value, uint32_t hash)
{
	return hash != 0 ? find_value(log, find_lookup(log, field), value, value, hash)
			 : log_find(log, field, value);
}

uint32_t
lookup_await(struct log *log, size_t field, struct slice value)
{
	const struct lookup *lookup = find_lookup(log, field);
	uint32_t hash = hash_of(value);

	__builtin_prefetch(&lookup->slots[hash & (lookup->size - 1)], 1);
	return hash;
}

void
number_add(struct number_list *numbers, uint64_t number)
{
	numbers->all = memory_grow(numbers->all, &numbers->capacity, numbers->count, sizeof *numbers->all);
	numbers->all[numbers->count++] = number;
}

static int
compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void
numbers_order(struct number_list *numbers)
{
	size_t kept = 0;

	if (numbers->count > 1)
		qsort(numbers->all, numbers->count, sizeof *numbers->all, compare_numbers);
	for (size_t i = 0; i < numbers->count; i++) {
		if (kept == 0 || numbers->all[kept - 1] != numbers->all[i])
			numbers->all[kept++] = numbers->all[i];
	}
	numbers->count = kept;
}

bool
lookup_add_indexed(struct log *log, size_t field, struct slice value, struct number_list *numbers)
{
	const uint64_t *candidates;
	size_t count;

	if (!indexed_candidates(log, field, value, &candidates, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (log_newest(log, candidates[i]) != 0 && has_value(log, candidates[i], field, value))
			number_add(numbers, candidates[i]);
	}
	return indexed_knows(log, field);
}

bool
log_having(struct log *log, size_t field, struct slice value, const uint64_t **numbers, size_t *count)
{
	struct number_list *answer = &log->answer;
	const uint32_t *noted;
	size_t more;

	answer->count = 0;
	if (!indexed_knows(log, field) || !lookup_add_indexed(log, field, value, answer))
		return false;
	noted = indexed_noted(log, &more);
	for (size_t i = 0; i < more; i++) {
		if (log_newest(log, noted[i]) != 0 && has_value(log, noted[i], field, value))
			number_add(answer, noted[i]);
	}
	numbers_order(answer);
	*numbers = answer->all;
	*count = answer->count;
	return true;
}

bool
log_may_have(struct log *log, size_t field, struct slice value, size_t most, struct number_list *numbers)
{
	const uint64_t *candidates;
	const uint32_t *noted;
	size_t count;

	if (!indexed_knows(log, field) || !indexed_candidates(log, field, value, &candidates, &count) ||
	    count > most)
		return false;
	for (size_t i = 0; i < count; i++)
		number_add(numbers, candidates[i]);
	noted = indexed_noted(log, &count);
	for (size_t i = 0; i < count; i++) {
		if (log_newest(log, noted[i]) != 0 && has_value(log, noted[i], field, value))
			number_add(numbers, noted[i]);
	}
	/* Where the base was given up meanwhile, this is still all there can be. */
	return true;
}

void
lookups_enter(struct log *log, uint64_t number)
{
	for (struct lookup *lookup = log->lookups; lookup != NULL; lookup = lookup->next)
		enter_value(lookup, log, number);
	for (struct referring *referring = log->referring; referring != NULL; referring = referring->next)
		referring_enter(referring, raw_value(log, number, referring->field), number);
	indexed_note(log, number);
}

void
lookups_enter_values(struct log *log, uint64_t number, const struct slice *values, const struct known *known)
{
	struct buffer quoted = BUFFER_INIT;

	for (struct lookup *lookup = log->lookups; lookup != NULL; lookup = lookup->next) {
		if (known != NULL && known->hashes[lookup->field] != 0)
			enter_hash(lookup, known->hashes[lookup->field], number);
		else
			enter_raw(lookup, raw_of(values[lookup->field], &quoted), number);
	}
	for (struct referring *referring = log->referring; referring != NULL; referring = referring->next)
		referring_enter(referring, values[referring->field], number);
	buffer_release(&quoted);
	indexed_note(log, number);
}

void
lookups_free(struct log *log)
{
	free(log->answer.all);
	while (log->lookups != NULL) {
		struct lookup *next = log->lookups->next;

		memory_table_free(log->lookups->slots, log->lookups->size, sizeof *log->lookups->slots);
		free(log->lookups);
		log->lookups = next;
	}
	referring_free(log);
}
