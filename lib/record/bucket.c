#include "record/bucket.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

enum {
	QUARTER_HOUR = 900, /* seconds: clocks are put forward or back between two of them, in our days */
	REMEMBERED = 1 << 13,
	VALUE_SIZE = 32
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

struct bucketer {
	enum bucket bucket;
	enum kind kind;
	const struct zone_held *zone;
	struct quarter *quarters; /* of instants; by their number */
	char value[VALUE_SIZE];   /* the last one */
	size_t value_length;
	char text[BUCKET_SIZE]; /* and its bucket */
	size_t text_length;
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

struct slice
bucketer_find(struct bucketer *bucketer, struct slice value)
{
	int128 number;
	int32_t day;

	if (value.length == bucketer->value_length && value.length > 0 &&
	    memcmp(value.data, bucketer->value, value.length) == 0)
		return (struct slice){ bucketer->text, bucketer->text_length };
	bucketer->value_length = 0;
	if (value.length > VALUE_SIZE || !value_number(bucketer->kind, value, &number))
		return (struct slice){ "", 0 };
	day = bucketer->kind == KIND_TIME ? civil_day(bucketer, (int64_t)number) : (int32_t)number;
	bucketer->text_length = (size_t)print_bucket(bucketer->bucket, day, bucketer->text);
	memcpy(bucketer->value, value.data, value.length);
	bucketer->value_length = value.length;
	return (struct slice){ bucketer->text, bucketer->text_length };
}
