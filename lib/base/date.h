/*
 * date: days, instants and spans, and the only clock of the program.
 *
 * A day is counted from 1970-01-01 in the proleptic Gregorian calendar (ISO
 * 8601), years 0001 to 9999.  An instant is UTC seconds from the same day.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum { DATE_SIZE = 11, TIME_SIZE = 25, SPAN_SIZE = 48, DAY_SECONDS = 86400 };

/* 0001-01-01 and 9999-12-31.  To print or reckon with, what lies beyond is the nearer of them. */
enum { DATE_FIRST = -719162, DATE_LAST = 2932896 };

struct civil {
	int year, month, day; /* month 1..12, day 1..31 */
};

/* A length of time: calendar months and exact seconds are kept apart. */
struct span {
	int64_t months;
	int64_t seconds;
};

int32_t date_from_civil(struct civil civil);
struct civil date_to_civil(int32_t day);
int date_month_length(int year, int month);
int date_weekday(int32_t day); /* 1 Monday … 7 Sunday */

bool date_parse(struct slice text, int32_t *day); /* YYYY-MM-DD and nothing else */
size_t date_format(int32_t day, char out[DATE_SIZE]);
bool time_parse(struct slice text, int64_t *seconds); /* YYYY-MM-DDTHH:MM:SSZ or +HH:MM; .mmm is cut off */
size_t time_format(int64_t seconds, char out[TIME_SIZE]);         /* …SSZ */
size_t time_format_ms(int64_t milliseconds, char out[TIME_SIZE]); /* …SS.mmmZ */

/*
 * text by a pattern of YYYY YY M MM D DD hh mm ss and literal characters
 * ("M/D/YYYY", "DD.MM.YY"; M and D take one or two digits, YY is 1970–2069).
 * What is after the date part is ignored where the pattern has no time, unless
 * it is a digit: only behind YYYYMMDD may a time follow right away (OFX).
 */
bool date_parse_as(struct slice text, const char *pattern, int32_t *day);

/*
 * [-]NUMBERunit, several in a row: s min h d w mo y ("30d", "-2w", "1y6mo",
 * "1h30min").  A sign holds for all that follows, up to the next ("1y-3d", "-1y+3d").
 */
bool span_parse(struct slice text, struct span *span);
/* The one spelling: "14d", "90min", "1y6mo", "0s": seconds in the largest unit of s, min, h, d. */
size_t span_format(struct span span, char out[SPAN_SIZE]);
/*
 * Months first, and those that end past the end of a month end on its last day;
 * then seconds.  A day stands for its midnight: 36h before it is two days before.
 */
int32_t date_add_span(int32_t day, struct span span);
int64_t time_add_span(int64_t seconds, struct span span);

/* The clock. */
int64_t clock_milliseconds(void);  /* UTC, since 1970 */
int64_t clock_monotonic(void);     /* milliseconds, for deadlines */
bool zone_valid(const char *zone); /* a name of the tz database, no path tricks */
/*
 * The civil day of an instant in a zone ("Europe/Berlin"; NULL, "" and a zone that
 * is not valid are UTC).  Both set TZ for a moment: not for several threads.
 */
int32_t zone_day(const char *zone, int64_t seconds);
/* The instant at which a civil day begins in that zone. */
int64_t zone_midnight(const char *zone, int32_t day);

/*
 * The same for many instants: TZ is set from zone_hold to zone_drop, and in between
 * several threads may ask.  Nothing else of the above may be called meanwhile.
 */
struct zone_held {
	char *saved; /* TZ as it was; NULL when it was not set */
	bool utc;
};

struct zone_held zone_hold(const char *zone);
int32_t zone_held_day(const struct zone_held *held, int64_t seconds);
void zone_drop(struct zone_held *held);

#endif
