#include <string.h>

#include "base/date_internal.h"
#include "base/decimal.h"

struct unit {
	const char *name;
	int64_t size; /* seconds, or months */
	bool months;
};

static const struct unit units[] = {
	{ "y", 12, true },
	{ "mo", 1, true },
	{ "w", 7 * DAY_SECONDS, false },
	{ "d", DAY_SECONDS, false },
	{ "h", 3600, false },
	{ "min", 60, false },
	{ "s", 1, false },
};

enum { UNITS = sizeof(units) / sizeof(units[0]) };

/* Takes decimal digits off text; false without any, or with too many. */
static bool
number_take(struct slice *text, uint64_t *number)
{
	size_t count = 0;

	if (text->length == 0)
		return false;
	*number = 0;
	for (; count < text->length && text->data[count] >= '0' && text->data[count] <= '9'; count++) {
		unsigned digit = (unsigned)(text->data[count] - '0');

		if (*number > (UINT64_MAX - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	text->data += count;
	text->length -= count;
	return count > 0;
}

static const struct unit *
unit_take(struct slice *text)
{
	struct slice name = { text->data, 0 };

	while (name.length < text->length && name.data[name.length] >= 'a' && name.data[name.length] <= 'z')
		name.length++;
	text->data += name.length;
	text->length -= name.length;
	for (size_t i = 0; i < UNITS; i++)
		if (slice_is(name, units[i].name))
			return &units[i];
	return NULL;
}

/* Adds number units to the part of the span that they belong to. */
static bool
span_add(struct span *span, const struct unit *unit, uint64_t number, bool negative)
{
	int64_t *part = unit->months ? &span->months : &span->seconds;
	int128 sum = (int128)number * unit->size; /* below 2^84 */

	sum = negative ? *part - sum : *part + sum;
	if (sum < INT64_MIN || sum > INT64_MAX)
		return false;
	*part = (int64_t)sum;
	return true;
}

bool
span_parse(struct slice text, struct span *span)
{
	struct span sum = { 0, 0 };
	bool negative = false, first = true;

	do {
		const struct unit *unit;
		uint64_t number;

		if (text.length > 0 && (*text.data == '-' || (*text.data == '+' && !first))) {
			negative = *text.data == '-';
			text.data++;
			text.length--;
		}
		if (!number_take(&text, &number) || (unit = unit_take(&text)) == NULL ||
		    !span_add(&sum, unit, number, negative))
			return false;
		first = false;
	} while (text.length > 0);
	*span = sum;
	return true;
}

static size_t
put(char *out, uint64_t number, const char *unit)
{
	char digits[20];
	size_t at = sizeof(digits), length = strlen(unit);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	memcpy(out, digits + at, sizeof(digits) - at);
	out += sizeof(digits) - at;
	memcpy(out, unit, length + 1);
	return sizeof(digits) - at + length;
}

static uint64_t
magnitude(int64_t number)
{
	return number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
}

static size_t
put_months(char *out, uint64_t months)
{
	size_t length = 0;

	if (months >= 12)
		length = put(out, months / 12, "y");
	if (months % 12 != 0)
		length += put(out + length, months % 12, "mo");
	return length;
}

/* In the largest unit that divides them; weeks are left to people. */
static size_t
put_seconds(char *out, uint64_t seconds)
{
	const struct unit *unit = &units[UNITS - 1];

	for (size_t i = UNITS - 1; seconds != 0 && units[i].size <= DAY_SECONDS && !units[i].months; i--)
		if (seconds % (uint64_t)units[i].size == 0)
			unit = &units[i];
	return put(out, seconds / (uint64_t)unit->size, unit->name);
}

size_t
span_format(struct span span, char out[SPAN_SIZE])
{
	bool negative = span.months < 0;
	size_t length = 0;

	if (negative)
		out[length++] = '-';
	length += put_months(out + length, magnitude(span.months));
	if (span.seconds == 0 && span.months != 0)
		return length;
	if ((span.seconds < 0) != negative)
		out[length++] = negative ? '+' : '-';
	return length + put_seconds(out + length, magnitude(span.seconds));
}

/* Any number of months from a day; on the last day of the month where that has too few. */
static int32_t
add_months(int32_t day, int64_t months)
{
	struct civil civil = date_to_civil(day);
	int64_t total, limit = 9999 * 12;
	int length;

	if (months == 0)
		return day;
	/* Ten thousand years are too many anyway, and keep the sum from overflowing. */
	months = months > limit ? limit : months < -limit ? -limit : months;
	total = (int64_t)civil.year * 12 + civil.month - 1 + months;
	if (total < 12)
		return DATE_FIRST;
	if (total >= 10000 * 12)
		return DATE_LAST;
	civil.year = (int)(total / 12);
	civil.month = (int)(total % 12) + 1;
	length = date_month_length(civil.year, civil.month);
	if (civil.day > length)
		civil.day = length;
	return date_from_civil(civil);
}

int64_t
time_add_span(int64_t seconds, struct span span)
{
	int32_t day;
	int64_t of_day = time_split(seconds, &day), sum;

	sum = (int64_t)add_months(day, span.months) * DAY_SECONDS + of_day;
	if (__builtin_add_overflow(sum, span.seconds, &sum))
		sum = span.seconds < 0 ? INT64_MIN : INT64_MAX;
	return time_clamp(sum);
}

int32_t
date_add_span(int32_t day, struct span span)
{
	int32_t result;

	time_split(time_add_span((int64_t)day * DAY_SECONDS, span), &result);
	return result;
}
