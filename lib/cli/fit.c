/* fit: measure some records, then take what matters most until the line is full */
#include "cli/fit.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum { SAMPLE = 200, WIDEST = 32, GAP = 2 };

/* How soon a column gets its place: the lower the sooner. */
enum rank {
	RANK_ID,
	RANK_KEY,
	RANK_STATE,
	RANK_REQUIRED,
	RANK_DATE,
	RANK_RESULT, /* money that was worked out: what somebody has to pay */
	RANK_OTHER,
	RANK_NOTE,
	RANK_NEVER
};

static enum rank
rank_of(const struct path *path)
{
	const struct field *field = path->field;

	if (path->steps[0].field == PATH_ID)
		return RANK_ID;
	if (field == NULL)
		return RANK_NEVER;
	if (field->flags & FIELD_KEY)
		return RANK_KEY;
	if (field->type == TYPE_STATE)
		return RANK_STATE;
	if (field->type == TYPE_NOTE || field->type == TYPE_BLOB)
		return RANK_NOTE;
	/* What is mostly the same in all records tells little. */
	if ((field->flags & FIELD_REQUIRED) && field->preset[0] == '\0' && field->choices == NULL &&
	    field->type != TYPE_CURRENCY)
		return RANK_REQUIRED;
	if (field->type == TYPE_DATE)
		return RANK_DATE;
	if (field->type == TYPE_MONEY && (field->flags & (FIELD_COMPUTED | FIELD_DERIVED)))
		return RANK_RESULT;
	return RANK_OTHER;
}

/* The widest value of each column among the first records; 0 where all are empty. */
static void
measure(struct log *log, const uint64_t *numbers, size_t count, struct path *paths, size_t path_count,
    size_t *widths)
{
	struct arena arena = ARENA_INIT;
	struct error ignored = ERROR_INIT;

	for (size_t i = 0; i < count && i < SAMPLE; i++) {
		struct record record;

		arena_reset(&arena);
		if (record_read(log, numbers[i], &arena, &record, &ignored) != STATUS_OK)
			continue;
		for (size_t k = 0; k < path_count; k++) {
			size_t width = text_width(path_value(&paths[k], &record));

			if (width > widths[k])
				widths[k] = width > WIDEST ? WIDEST : width;
		}
	}
	arena_release(&arena);
	error_release(&ignored);
}

/* Puts the taken paths first, then those that would have had something to say; returns how many these are. */
static size_t
divide(struct path *paths, size_t count, const bool *taken, const size_t *widths, size_t *left)
{
	struct path *others = memory_array(count, sizeof *others);
	size_t missing = 0;

	for (size_t i = 0; i < count; i++) {
		if (taken[i])
			paths[(*left)++] = paths[i];
		else if (widths[i] > 0 && rank_of(&paths[i]) != RANK_NEVER)
			others[missing++] = paths[i];
	}
	memcpy(paths + *left, others, missing * sizeof *others);
	free(others);
	return missing;
}

size_t
fit_columns(struct log *log, const uint64_t *numbers, size_t count, size_t width, struct path *paths,
    size_t path_count, size_t *missing)
{
	size_t *widths = memory_array(path_count, sizeof *widths);
	bool *taken = memory_array(path_count, sizeof *taken);
	size_t used = 0, left = 0, without;

	measure(log, numbers, count, paths, path_count, widths);
	for (int rank = RANK_ID; rank < RANK_NEVER; rank++) {
		for (size_t k = 0; k < path_count; k++) {
			/* Of a row of sums the last is what they come to: net, tax, total, open. */
			size_t i = rank == RANK_RESULT ? path_count - 1 - k : k;
			size_t name = text_width(slice_of(paths[i].name));
			size_t wanted = (widths[i] > name ? widths[i] : name) + GAP;

			if ((int)rank_of(&paths[i]) != rank || (widths[i] == 0 && rank != RANK_ID) ||
			    (width > 0 && used + wanted > width + GAP))
				continue;
			taken[i] = true;
			used += wanted;
		}
	}
	without = divide(paths, path_count, taken, widths, &left);
	if (missing != NULL)
		*missing = without;
	free(widths);
	free(taken);
	return left;
}
