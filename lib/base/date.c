#include "base/date.h"

#include <string.h>

#include "base/date_internal.h"

/*
 * Both conversions count in eras of 400 years, all as long, and in years that
 * begin in March, so that the leap day is the last of its year.
 */
enum { ERA_YEARS = 400, ERA_DAYS = 146097, MARCH_EPOCH = 719468 /* days from 0000-03-01 to 1970-01-01 */ };

int32_t
date_from_civil(struct civil civil)
{
	int year = civil.year - (civil.month <= 2);
	int era = year / ERA_YEARS; /* years are 0 or more */
	int of_era = year - era * ERA_YEARS;
	int month = civil.month > 2 ? civil.month - 3 : civil.month + 9;
	int of_year = (153 * month + 2) / 5 + civil.day - 1;

	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - MARCH_EPOCH;
}

static int32_t
day_clamp(int32_t day)
{
	return day < DATE_FIRST ? DATE_FIRST : day > DATE_LAST ? DATE_LAST : day;
}

struct civil
date_to_civil(int32_t day)
{
	int count = day_clamp(day) + MARCH_EPOCH; /* never negative */
	int era = count / ERA_DAYS;
	int of_era = count - era * ERA_DAYS;
	int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int of_year = of_era - (365 * year + year / 4 - year / 100);
	int month = (5 * of_year + 2) / 153;
	struct civil civil;

	civil.day = of_year - (153 * month + 2) / 5 + 1;
	civil.month = month < 10 ? month + 3 : month - 9;
	civil.year = year + era * ERA_YEARS + (civil.month <= 2);
	return civil;
}

int
date_month_length(int year, int month)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : lengths[month - 1];
}

int
date_weekday(int32_t day)
{
	int since_monday = (day % 7 + 7 + 3) % 7; /* 1970-01-01 was a Thursday */

	return since_monday + 1;
}

bool
date_checked(struct civil civil, int32_t *day)
{
	if (civil.year < 1 || civil.year > 9999 || civil.month < 1 || civil.month > 12 || civil.day < 1 ||
	    civil.day > date_month_length(civil.year, civil.month))
		return false;
	*day = date_from_civil(civil);
	return true;
}

bool
date_digits(const char *text, int count, int *number)
{
	int sum = 0;

	for (int i = 0; i < count; i++) {
		int digit = text[i] - '0';

		if (digit < 0 || digit > 9)
			return false;
		sum = sum * 10 + digit;
	}
	*number = sum;
	return true;
}

bool
date_parse(struct slice text, int32_t *day)
{
	const char *p = text.data;
	struct civil civil;

	if (text.length != 10 || p[4] != '-' || p[7] != '-')
		return false;
	return date_digits(p, 4, &civil.year) && date_digits(p + 5, 2, &civil.month) &&
	    date_digits(p + 8, 2, &civil.day) && date_checked(civil, day);
}

static void
put_digits(char *out, int count, int number)
{
	for (int i = count; i-- > 0; number /= 10)
		out[i] = (char)('0' + number % 10);
}

size_t
date_format(int32_t day, char out[DATE_SIZE])
{
	struct civil civil = date_to_civil(day);

	put_digits(out, 4, civil.year);
	out[4] = '-';
	put_digits(out + 5, 2, civil.month);
	out[7] = '-';
	put_digits(out + 8, 2, civil.day);
	out[10] = '\0';
	return 10;
}

int64_t
time_clamp(int64_t seconds)
{
	const int64_t first = (int64_t)DATE_FIRST * DAY_SECONDS;
	const int64_t last = (int64_t)(DATE_LAST + 1) * DAY_SECONDS - 1;

	return seconds < first ? first : seconds > last ? last : seconds;
}

int64_t
time_split(int64_t seconds, int32_t *day)
{
	int64_t of_day;

	seconds = time_clamp(seconds);
	of_day = seconds % DAY_SECONDS;
	if (of_day < 0)
		of_day += DAY_SECONDS;
	*day = (int32_t)((seconds - of_day) / DAY_SECONDS);
	return of_day;
}

/* HH:MM:SS; a leap second is none to a POSIX clock, and refused. */
static bool
clock_parse(const char *p, int *seconds)
{
	int hour, minute, second;

	if (!date_digits(p, 2, &hour) || p[2] != ':' || !date_digits(p + 3, 2, &minute) || p[5] != ':' ||
	    !date_digits(p + 6, 2, &second) || hour > 23 || minute > 59 || second > 59)
		return false;
	*seconds = hour * 3600 + minute * 60 + second;
	return true;
}

/* Z or +HH:MM or -HH:MM, and nothing behind it. */
static bool
offset_parse(const char *p, const char *end, int *seconds)
{
	int hours, minutes;

	*seconds = 0;
	if (end - p == 1 && *p == 'Z')
		return true;
	if (end - p != 6 || (*p != '+' && *p != '-') || !date_digits(p + 1, 2, &hours) || p[3] != ':' ||
	    !date_digits(p + 4, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*seconds = (hours * 3600 + minutes * 60) * (*p == '-' ? -1 : 1);
	return true;
}

bool
time_parse(struct slice text, int64_t *seconds)
{
	const char *p = text.data, *end;
	int of_day, offset;
	int64_t instant;
	int32_t day;

	if (text.length < 20 || p[10] != 'T' || !date_parse((struct slice){ p, 10 }, &day) ||
	    !clock_parse(p + 11, &of_day))
		return false;
	end = p + text.length;
	p += 19;
	if (*p == '.') {
		const char *digits = ++p;

		while (p < end && *p >= '0' && *p <= '9')
			p++;
		if (p == digits)
			return false;
	}
	if (!offset_parse(p, end, &offset))
		return false;
	instant = (int64_t)day * DAY_SECONDS + of_day - offset;
	if (instant != time_clamp(instant))
		return false;
	*seconds = instant;
	return true;
}

size_t
time_format(int64_t seconds, char out[TIME_SIZE])
{
	int32_t day;
	int of_day = (int)time_split(seconds, &day);

	date_format(day, out);
	out[10] = 'T';
	put_digits(out + 11, 2, of_day / 3600);
	out[13] = ':';
	put_digits(out + 14, 2, of_day / 60 % 60);
	out[16] = ':';
	put_digits(out + 17, 2, of_day % 60);
	out[19] = 'Z';
	out[20] = '\0';
	return 20;
}

size_t
time_format_ms(int64_t milliseconds, char out[TIME_SIZE])
{
	int rest = (int)(milliseconds % 1000);
	int64_t seconds = milliseconds / 1000;

	if (rest < 0) {
		rest += 1000;
		seconds--;
	}
	time_format(seconds, out);
	out[19] = '.';
	put_digits(out + 20, 3, rest);
	out[23] = 'Z';
	out[24] = '\0';
	return 24;
}
