#include "record/suggest.h"

#include <stdint.h>
#include <stdio.h>

enum { WORD_MAX = 64 }; /* longer words get no suggestion: the cost is quadratic */

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The optimal string alignment distance; three rows of the usual matrix are enough. */
static size_t
distance(struct slice a, struct slice b)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2], *swap;

	for (size_t j = 0; j <= b.length; j++)
		before[j] = last[j] = j;
	for (size_t i = 1; i <= a.length; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b.length; j++) {
			size_t differs = a.data[i - 1] != b.data[j - 1];

			row[j] = smaller(last[j - 1] + differs, smaller(last[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
				row[j] = smaller(row[j], before[j - 2] + 1);
		}
		swap = before;
		before = last;
		last = row;
		row = swap;
	}
	return last[b.length];
}

void
suggestion_try(struct suggestion *suggestion, const char *candidate)
{
	struct slice text = slice_of(candidate);
	size_t found, most = (suggestion->word.length + 1) / 3;

	if (suggestion->word.length > WORD_MAX || text.length > WORD_MAX)
		return;
	found = distance(suggestion->word, text);
	if (found > smaller(most, 3) || (suggestion->best != NULL && found >= suggestion->distance))
		return;
	suggestion->best = candidate;
	suggestion->distance = found;
}

const char *
suggestion_text(const struct suggestion *suggestion, char out[SUGGESTION_SIZE])
{
	out[0] = '\0';
	if (suggestion->best != NULL)
		snprintf(out, SUGGESTION_SIZE, " (did you mean \"%s\"?)", suggestion->best);
	return out;
}

const char *
suggest_nearest(struct slice word, const char *const *candidates)
{
	struct suggestion suggestion = SUGGESTION_INIT(word);

	for (; *candidates != NULL; candidates++)
		suggestion_try(&suggestion, *candidates);
	return suggestion.best;
}
