#include "office/ledger/split.h"

#include <stdlib.h>

#include "base/memory.h"

/* What rounding towards zero has taken off a part. */
struct remainder {
	int128 size;
	size_t part;
};

static int
compare_remainders(const void *a, const void *b)
{
	const struct remainder *x = a, *y = b;

	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return (x->part > y->part) - (x->part < y->part);
}

/* Gives one unit each, away from zero, to those that lost most of those on that side. */
static bool
give(struct remainder *remainders, size_t count, int128 units, int64_t unit, int64_t *parts)
{
	if (count > 1)
		qsort(remainders, count, sizeof *remainders, compare_remainders);
	for (size_t i = 0; i < count && units > 0; i++, units--)
		parts[remainders[i].part] += unit;
	return units == 0;
}

bool
split_exact(const int128 *exact, size_t count, int128 divisor, int64_t total, int64_t *parts)
{
	struct remainder *remainders = memory_array(count + 1, sizeof *remainders);
	int128 missing = total;
	int64_t unit;
	size_t found = 0;
	bool fits = true;

	for (size_t i = 0; i < count; i++) {
		int128 whole = exact[i] / divisor;

		fits = fits && whole > INT64_MIN && whole < INT64_MAX;
		parts[i] = (int64_t)whole;
		missing -= whole;
	}
	unit = missing < 0 ? -1 : 1;
	for (size_t i = 0; i < count; i++) {
		int128 size = exact[i] % divisor * unit;

		if (size > 0)
			remainders[found++] = (struct remainder){ size, i };
	}
	fits = fits && give(remainders, found, missing * unit, unit, parts);
	free(remainders);
	return fits;
}

bool
split_weights(int64_t total, const int64_t *weights, size_t count, int64_t *parts)
{
	int128 *exact = memory_array(count + 1, sizeof *exact), sum = 0;
	bool sound = true;

	for (size_t i = 0; i < count; i++) {
		sound = sound && weights[i] >= 0;
		sum += weights[i];
		exact[i] = (int128)total * weights[i];
	}
	sound = sound && sum > 0 && split_exact(exact, count, sum, total, parts);
	free(exact);
	return sound;
}
