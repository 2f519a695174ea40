/*
 * period: a stretch of the calendar by its name.
 *
 * A year (2026), a month (2026-10), a quarter (2026-Q1), or from one of them to another
 * (2026-02..2026-04).
 */
#ifndef BASE_PERIOD_H
#define BASE_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* What to say of a name that is none. */
#define PERIOD_FORMS "month (2026-01), quarter (2026-Q1), year, or from one to another (2026-02..2026-04)"

/* First and last day; false when it is none, or ends before it begins. */
bool period_days(struct slice name, int32_t *first, int32_t *last);

/* The same for a month or a year, and nothing else: what can be closed, or planned. */
bool period_month_or_year(struct slice name, int32_t *first, int32_t *last);

#endif
