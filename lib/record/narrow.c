#include "record/narrow.h"

#include <stdlib.h>

#include "base/memory.h"
#include "record/lookup.h"

/* One by one, more than this part of all records (and some) take longer than all of them one after the other. */
enum { FEW_PART = 16, FEW_LEAST = 64 };

static void
add_number(struct number_list *numbers, uint64_t number)
{
	numbers->all = memory_grow(numbers->all, &numbers->capacity, numbers->count, sizeof *numbers->all);
	numbers->all[numbers->count++] = number;
}

/* The records that have one of the values, at most so many, into the list. */
static bool
find(struct log *log, const struct expr_need *need, size_t most, struct number_list *numbers)
{
	numbers->count = 0;
	for (size_t i = 0; i < need->count; i++) {
		unsigned long long number;

		if (numbers->count > most)
			return false;
		if (need->field != SIZE_MAX) {
			if (!log_may_have(log, need->field, need->values[i], most - numbers->count, numbers))
				return false;
		} else if (table_id_parse(log->table, need->values[i], &number) && number <= log->count)
			add_number(numbers, number);
	}
	numbers_order(numbers);
	return numbers->count <= most;
}

bool
narrow(struct log *log, const struct expr_need *needs, size_t count, struct number_list *numbers)
{
	size_t most = log->count / FEW_PART + FEW_LEAST;
	struct number_list other = { .count = 0 }, swap;
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		if (!find(log, &needs[i], most, &other))
			continue;
		found = true;
		swap = *numbers;
		*numbers = other;
		other = swap;
		most = numbers->count;
	}
	free(other.all);
	return found;
}
