#include "record/bucket.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

enum {
	QUARTER_HOUR = 900, /* seconds: clocks are put forward or back between two of them, in our days */
	REMEMBERED = 1 << 13,
	DAYS = 1 << 12 /* keys, whose buckets are kept spelled: eight years in a row */
};

static const char *const names[] = {
	[BUCKET_NONE] = "",
	[BUCKET_DAY] = "day",
	[BUCKET_WEEK] = "week",
	[BUCKET_MONTH] = "month",
	[BUCKET_QUARTER] = "quarter",
	[BUCKET_YEAR] = "year",
};

/* A quarter of an hour that lies in one civil day. */
struct quarter {
	int64_t begin;
	int32_t day;
	bool known;
};

/* The bucket of a day, spelled. */
struct spelled {
	uint32_t key;   /* of the day */
	int32_t length; /* 0: of no day yet */
	char text[BUCKET_SIZE];
};

struct bucketer {
	enum bucket bucket;
	enum kind kind;
	const struct zone_held *zone;
	struct quarter *quarters; /* of instants; by their number */
	struct spelled *days;     /* by their key */
};

enum bucket
bucket_named(struct slice name)
{
	for (size_t i = BUCKET_DAY; i < sizeof names / sizeof names[0]; i++) {
		if (slice_is(name, names[i]))
			return (enum bucket)i;
	}
	return BUCKET_NONE;
}

struct bucketer *
bucketer_new(enum bucket bucket, enum kind kind, const struct zone_held *zone)
{
	struct bucketer *bucketer = memory_new(sizeof *bucketer);

	bucketer->bucket = bucket;
	bucketer->kind = kind;
	bucketer->zone = zone;
	bucketer->days = memory_array(DAYS, sizeof *bucketer->days);
	if (kind == KIND_TIME && !zone->utc)
		bucketer->quarters = memory_array(REMEMBERED, sizeof *bucketer->quarters);
	return bucketer;
}

void
bucketer_free(struct bucketer *bucketer)
{
	if (bucketer == NULL)
		return;
	free(bucketer->quarters);
	free(bucketer->days);
	free(bucketer);
}

/*
 * The civil day of an instant.  The C library is slow to tell; a quarter of an hour
 * that begins and ends on the same day is remembered.
 */
static int32_t
civil_day(struct bucketer *bucketer, int64_t seconds)
{
	int64_t number = seconds / QUARTER_HOUR - (seconds % QUARTER_HOUR < 0), begin = number * QUARTER_HOUR;
	struct quarter *quarter;

	if (bucketer->quarters == NULL)
		return zone_held_day(bucketer->zone, seconds);
	quarter = &bucketer->quarters[(uint64_t)number % REMEMBERED];
	if (quarter->known && quarter->begin == begin)
		return quarter->day;
	*quarter = (struct quarter){ .begin = begin, .day = zone_held_day(bucketer->zone, begin) };
	quarter->known = quarter->day == zone_held_day(bucketer->zone, begin + QUARTER_HOUR - 1);
	return quarter->known ? quarter->day : zone_held_day(bucketer->zone, seconds);
}

/* The Thursday of its week says what year a week belongs to. */
static int
print_week(int32_t day, char out[BUCKET_SIZE])
{
	int32_t thursday = day - date_weekday(day) + 4;
	int year = date_to_civil(thursday).year;
	int32_t first = date_from_civil((struct civil){ year, 1, 1 });

	return snprintf(out, BUCKET_SIZE, "%04d-W%02d", year, (int)(thursday - first) / 7 + 1);
}

static int
print_bucket(enum bucket bucket, int32_t day, char out[BUCKET_SIZE])
{
	struct civil civil = date_to_civil(day);

	switch (bucket) {
	case BUCKET_DAY:
		return snprintf(out, BUCKET_SIZE, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
	case BUCKET_WEEK:
		return print_week(day, out);
	case BUCKET_MONTH:
		return snprintf(out, BUCKET_SIZE, "%04d-%02d", civil.year, civil.month);
	case BUCKET_QUARTER:
		return snprintf(out, BUCKET_SIZE, "%04d-Q%d", civil.year, (civil.month + 2) / 3);
	case BUCKET_YEAR:
		return snprintf(out, BUCKET_SIZE, "%04d", civil.year);
	case BUCKET_NONE:
		break;
	}
	return 0;
}

static uint32_t
key_of(int year, int month, int day)
{
	return (uint32_t)year * 512 + (uint32_t)month * 32 + (uint32_t)day;
}

static int
two_digits(const char *at, bool *good)
{
	unsigned high = (unsigned char)at[0] - (unsigned)'0', low = (unsigned char)at[1] - (unsigned)'0';

	*good = *good && high <= 9 && low <= 9;
	return (int)(high * 10 + low);
}

/* The key of a date by its digits alone, which may be those of no day that there is; false when it has others. */
static bool
date_key(struct slice value, uint32_t *key)
{
	bool good = value.length == 10 && value.data[4] == '-' && value.data[7] == '-';
	int year, month, day;

	if (!good)
		return false;
	year = two_digits(value.data, &good) * 100 + two_digits(value.data + 2, &good);
	month = two_digits(value.data + 5, &good);
	day = two_digits(value.data + 8, &good);
	*key = key_of(year, month, day);
	return good && month <= 12 && day <= 31;
}

/* Many records are of few days: what is known of one need not be worked out again. */
static struct spelled *
spelled_at(const struct bucketer *bucketer, uint32_t key)
{
	return &bucketer->days[key % DAYS];
}

static struct slice
spell(const struct bucketer *bucketer, int32_t day)
{
	struct civil civil = date_to_civil(day);
	uint32_t key = key_of(civil.year, civil.month, civil.day);
	struct spelled *spelled = spelled_at(bucketer, key);

	if (spelled->length == 0 || spelled->key != key) {
		spelled->length = print_bucket(bucketer->bucket, day, spelled->text);
		spelled->key = key;
	}
	return (struct slice){ spelled->text, (size_t)spelled->length };
}

struct slice
bucketer_find(struct bucketer *bucketer, struct slice value)
{
	const struct spelled *spelled;
	int128 number;
	uint32_t key;

	if (bucketer->kind == KIND_DATE && date_key(value, &key)) {
		spelled = spelled_at(bucketer, key);
		if (spelled->length > 0 && spelled->key == key)
			return (struct slice){ spelled->text, (size_t)spelled->length };
	}
	if (!value_number(bucketer->kind, value, &number))
		return (struct slice){ "", 0 };
	return spell(bucketer,
	    bucketer->kind == KIND_TIME ? civil_day(bucketer, (int64_t)number) : (int32_t)number);
}
