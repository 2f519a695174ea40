/*
 * split: amounts in parts that add up.
 *
 * Each part is rounded one way or the other, never by a whole unit, so that all of them
 * come to the amount that was split: by largest remainder, and of equal ones the first
 * wins.  The opposite amount is split into the opposite parts, so that a credit note
 * takes back what its invoice has put where.
 */
#ifndef OFFICE_SPLIT_H
#define OFFICE_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/decimal.h"

/*
 * Parts that come to total, the i-th being exact[i] / divisor (positive) rounded to a whole
 * unit.  total is what all of these come to together, rounded in whatever way; false when it
 * is more than a unit away from that, or something does not fit.
 */
bool split_exact(const int128 *exact, size_t count, int128 divisor, int64_t total, int64_t *parts);

/* total in proportion to weights, of which none is negative and some are not 0; false otherwise. */
bool split_weights(int64_t total, const int64_t *weights, size_t count, int64_t *parts);

#endif
