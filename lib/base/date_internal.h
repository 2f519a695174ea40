/*
 * date_internal: what date.c, date_pattern.c, span.c and clock.c share.
 */
#ifndef BASE_DATE_INTERNAL_H
#define BASE_DATE_INTERNAL_H

#include "base/date.h"

/* count decimal digits, all there. */
bool date_digits(const char *text, int count, int *number);
/* The day, if there is such a day in years 0001 to 9999. */
bool date_checked(struct civil civil, int32_t *day);
/* Into years 0001 to 9999. */
int64_t time_clamp(int64_t seconds);
/* The day of an instant (clamped) and the seconds since that day began. */
int64_t time_split(int64_t seconds, int32_t *day);

#endif
