/*
 * suggest: what somebody meant who typed something else.
 *
 * Candidates are tried one by one; the nearest by edit distance (insertions,
 * deletions, substitutions, swapped neighbours) is kept, if it is near at all: a
 * third of the word's letters may be wrong.
 *
 *	struct suggestion suggestion = SUGGESTION_INIT(word);
 *	for (…)
 *		suggestion_try(&suggestion, candidate);
 *	suggestion_text(&suggestion, text);     ` (did you mean "customer"?)` or ""
 */
#ifndef RECORD_SUGGEST_H
#define RECORD_SUGGEST_H

#include <stddef.h>

#include "base/slice.h"

enum { SUGGESTION_SIZE = 96 };

struct suggestion {
	struct slice word;
	const char *best; /* borrowed from the caller; NULL when nothing was near */
	size_t distance;  /* of best */
};

#define SUGGESTION_INIT(typed) { .word = (typed), .best = NULL }

void suggestion_try(struct suggestion *suggestion, const char *candidate);
/* Writes what goes behind an error message, "" when there is no suggestion; returns out. */
const char *suggestion_text(const struct suggestion *suggestion, char out[SUGGESTION_SIZE]);
/* Both in one, for a NULL-ended list. */
const char *suggest_nearest(struct slice word, const char *const *candidates);

#endif
