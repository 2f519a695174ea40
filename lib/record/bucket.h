/*
 * bucket: the day, week, month, quarter or year that something happened in.
 *
 *	day      2026-10-09
 *	week     2026-W41     ISO 8601: the week of a year's first Thursday is its first
 *	month    2026-10
 *	quarter  2026-Q4
 *	year     2026
 */
#ifndef RECORD_BUCKET_H
#define RECORD_BUCKET_H

#include "base/date.h"
#include "record/value.h"

enum bucket { BUCKET_NONE, BUCKET_DAY, BUCKET_WEEK, BUCKET_MONTH, BUCKET_QUARTER, BUCKET_YEAR };

enum { BUCKET_SIZE = 16 };

/* BUCKET_NONE when it is none of the names above. */
enum bucket bucket_named(struct slice name);

/* Finds buckets, for one thread; remembers what it found last. */
struct bucketer;

/* Of days, or of instants, which are told by the clock of a zone that is held as long. */
struct bucketer *bucketer_new(enum bucket bucket, enum kind kind, const struct zone_held *zone);
void bucketer_free(struct bucketer *bucketer); /* NULL is fine */

/* The bucket of a stored value; empty when that is no day or instant.  Valid until the next call. */
struct slice bucketer_find(struct bucketer *bucketer, struct slice value);

#endif
