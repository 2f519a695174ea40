/* lookup: hash tables over the newest lines of a log */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "record/lookup.h"
#include "stream/csv.h"

struct slot {
	uint32_t hash;
	uint32_t number; /* 0: free */
};

struct lookup {
	struct lookup *next;
	size_t field;
	size_t used, size; /* size is a power of two, at most half used */
	struct slot *slots;
};

struct offspring {
	uint32_t *first, *last; /* by parent */
	uint32_t *sibling;      /* by child: the next one */
	size_t parents, children;
	uint64_t *answer;
	size_t answer_capacity;
};

/* The raw value of a field in the newest line of number; absent when there is none. */
static struct slice
raw_value(const struct log *log, uint64_t number, size_t field)
{
	uint64_t offset = log_newest(log, number) - 1;
	const struct layout *layout = log_layout(log, offset);
	size_t column = layout_column(layout, field);
	struct slice line = log_line_at(log, offset);

	if (column == SIZE_MAX || (log->sealed && line_is_blank(line)))
		return (struct slice){ NULL, 0 };
	return csv_field(line, column + (log->sealed ? 3 : 2));
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
enter_raw(struct lookup *lookup, struct slice raw, uint64_t number)
{
	if (raw.length == 0)
		return;
	if (lookup->used * 2 >= lookup->size)
		enlarge(lookup, lookup->size * 2);
	place(lookup, hash_of(raw), (uint32_t)number);
}

static void
enter_value(struct lookup *lookup, const struct log *log, uint64_t number)
{
	enter_raw(lookup, raw_value(log, number, lookup->field), number);
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
	for (uint64_t number = 1; number <= log->count; number++) {
		if (log_newest(log, number) != 0)
			enter_value(lookup, log, number);
	}
	return lookup;
}

/* The record whose raw value is raw. */
static uint64_t
find_raw(struct log *log, const struct lookup *lookup, struct slice raw)
{
	uint32_t hash = hash_of(raw);

	for (size_t i = hash & (lookup->size - 1); lookup->slots[i].number != 0;
	     i = (i + 1) & (lookup->size - 1)) {
		uint64_t number = lookup->slots[i].number;

		if (lookup->slots[i].hash == hash && log_newest(log, number) != 0 &&
		    slice_equal(raw_value(log, number, lookup->field), raw))
			return number;
	}
	return 0;
}

uint64_t
log_find(struct log *log, size_t field, struct slice value)
{
	const struct lookup *lookup = find_lookup(log, field);
	struct buffer quoted = BUFFER_INIT;
	uint64_t found;

	if (value.length == 0)
		return 0;
	found = find_raw(log, lookup, raw_of(value, &quoted));
	buffer_release(&quoted);
	return found;
}

void
lookup_await(struct log *log, size_t field, struct slice value)
{
	const struct lookup *lookup = find_lookup(log, field);

	/* Quotes make another hash: what is fetched then is of no use, and no harm. */
	__builtin_prefetch(&lookup->slots[hash_of(value) & (lookup->size - 1)], 1);
}

static void
stretch(uint32_t **array, size_t *size, uint64_t index)
{
	size_t wanted = *size < 64 ? 64 : *size;

	while (wanted <= index)
		wanted *= 2;
	if (wanted == *size)
		return;
	*array = memory_resize(*array, wanted, sizeof **array);
	memset(*array + *size, 0, (wanted - *size) * sizeof **array);
	*size = wanted;
}

/* The number in a raw reference to the parent. */
static uint64_t
reference_number(struct slice raw)
{
	unsigned long long number = 0;
	size_t i = 0;

	while (i < raw.length && raw.data[i] >= 'A' && raw.data[i] <= 'Z')
		i++;
	return slice_to_u64((struct slice){ raw.data + i, raw.length - i }, &number) && number <= UINT32_MAX
	    ? number
	    : 0;
}

static void
enter_child(struct offspring *offspring, struct slice reference, uint64_t child)
{
	uint64_t parent = reference_number(reference);
	size_t parents = offspring->parents;

	if (parent == 0)
		return;
	stretch(&offspring->first, &parents, parent);
	stretch(&offspring->last, &offspring->parents, parent);
	stretch(&offspring->sibling, &offspring->children, child);
	if (offspring->sibling[child] != 0 || offspring->last[parent] == child)
		return; /* a newer revision of a child that is known: parents never change */
	if (offspring->last[parent] == 0)
		offspring->first[parent] = (uint32_t)child;
	else
		offspring->sibling[offspring->last[parent]] = (uint32_t)child;
	offspring->last[parent] = (uint32_t)child;
}

const uint64_t *
log_children(struct log *log, uint64_t parent, size_t *count)
{
	struct offspring *offspring = log->offspring;

	*count = 0;
	if (log->table->parent_field == SIZE_MAX)
		return NULL;
	if (offspring == NULL) {
		offspring = log->offspring = memory_new(sizeof *offspring);
		for (uint64_t child = 1; child <= log->count; child++) {
			if (log_newest(log, child) != 0)
				enter_child(offspring, raw_value(log, child, log->table->parent_field), child);
		}
	}
	if (parent >= offspring->parents)
		return NULL;
	for (uint32_t child = offspring->first[parent]; child != 0; child = offspring->sibling[child]) {
		offspring->answer = memory_grow(offspring->answer, &offspring->answer_capacity, *count,
		    sizeof *offspring->answer);
		offspring->answer[(*count)++] = child;
	}
	return offspring->answer;
}

void
lookups_enter(struct log *log, uint64_t number)
{
	for (struct lookup *lookup = log->lookups; lookup != NULL; lookup = lookup->next)
		enter_value(lookup, log, number);
	if (log->offspring != NULL)
		enter_child(log->offspring, raw_value(log, number, log->table->parent_field), number);
}

void
lookups_enter_values(struct log *log, uint64_t number, const struct slice *values)
{
	struct buffer quoted = BUFFER_INIT;

	for (struct lookup *lookup = log->lookups; lookup != NULL; lookup = lookup->next)
		enter_raw(lookup, raw_of(values[lookup->field], &quoted), number);
	if (log->offspring != NULL)
		enter_child(log->offspring, values[log->table->parent_field], number);
	buffer_release(&quoted);
}

void
offspring_drop(struct log *log)
{
	if (log->offspring == NULL)
		return;
	free(log->offspring->first);
	free(log->offspring->last);
	free(log->offspring->sibling);
	free(log->offspring->answer);
	free(log->offspring);
	log->offspring = NULL;
}

void
lookups_free(struct log *log)
{
	while (log->lookups != NULL) {
		struct lookup *next = log->lookups->next;

		memory_table_free(log->lookups->slots, log->lookups->size, sizeof *log->lookups->slots);
		free(log->lookups);
		log->lookups = next;
	}
	offspring_drop(log);
}
