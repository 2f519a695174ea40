/* value_number: whole numbers, quantities, rates and money */
#include "record/value_internal.h"

#include <stdio.h>

enum { NUMBER_MAX = 40 };         /* characters of a number in its plain spelling; 64 bits need 20 */
enum { MONTH_SECONDS = 2629746 }; /* 30.436875 days, the mean of the Gregorian calendar */

/* --- in ----------------------------------------------------------------- */

/* The bytes of a separator of thousands at the beginning of text, 0 when there is none. */
static size_t
separator_length(struct slice text, char decimal)
{
	static const char *const spaces[] = { " ", "'", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x99" };

	if (text.length > 0 && *text.data != decimal && (*text.data == '.' || *text.data == ','))
		return 1;
	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		if (slice_starts(text, spaces[i]))
			return strlen(spaces[i]);
	return 0;
}

/*
 * A number as strangers write it in the plain spelling: 1.234.567,5 → 1234567.5.
 * Thousands are separated everywhere alike, in groups of three, or not at all.
 */
static bool
plain_spelling(struct slice text, char decimal, char out[NUMBER_MAX], struct slice *plain)
{
	struct slice separator = { NULL, 0 };
	size_t length = 0, group = 0;

	if (text.length > 0 && *text.data == '-') {
		out[length++] = '-';
		text.data++;
		text.length--;
	}
	while (text.length > 0 && *text.data != decimal) {
		size_t width = 1;

		if (length == NUMBER_MAX)
			return false;
		if (is_digit(*text.data)) {
			out[length++] = *text.data;
			if (++group > 3 && separator.data != NULL)
				return false;
		} else {
			width = separator_length(text, decimal);
			if (width == 0 || group == 0 || group > 3 || (separator.data != NULL && group != 3) ||
			    (separator.data != NULL && !slice_equal(separator, (struct slice){ text.data, width })))
				return false;
			separator = (struct slice){ text.data, width };
			group = 0;
		}
		text.data += width;
		text.length -= width;
	}
	if ((separator.data != NULL && group != 3) || length + text.length > NUMBER_MAX)
		return false;
	memcpy(out + length, text.data, text.length);
	if (text.length > 0)
		out[length] = '.';
	*plain = (struct slice){ out, length + text.length };
	return true;
}

/* Text without a leading +, in the plain spelling. */
static bool
number_spelling(const struct parsing *parsing, char out[NUMBER_MAX], struct slice *plain)
{
	const struct spelling *spelling = parsing->context->spelling;
	struct slice text = parsing->text;

	if (*text.data == '+') {
		text.data++;
		text.length--;
		if (text.length == 0 || *text.data == '-')
			return false;
	}
	*plain = text;
	return spelling == NULL || spelling->decimal == '\0' ||
	    plain_spelling(text, spelling->decimal, out, plain);
}

static bool
number_parse(struct parsing *parsing, int digits, bool trim, const char *what, const char *inexact)
{
	char spelled[NUMBER_MAX], out[DECIMAL_SIZE];
	struct slice plain;
	int64_t units;
	size_t length;

	if (!number_spelling(parsing, spelled, &plain))
		return parsing_refuse(parsing, what);
	switch (decimal_parse(plain, digits, &units)) {
	case DECIMAL_OK:
		break;
	case DECIMAL_SYNTAX:
		return parsing_refuse(parsing, what);
	case DECIMAL_EXACT:
		return parsing_refuse(parsing, inexact);
	case DECIMAL_RANGE:
		return parsing_refuse(parsing, "too large");
	}
	length = decimal_format(units, digits, trim, out);
	return parsing_take(parsing, (struct slice){ out, length });
}

bool
parse_int(struct parsing *parsing)
{
	const struct spelling *spelling = parsing->context->spelling;
	char point = spelling != NULL && spelling->decimal != '\0' ? spelling->decimal : '.';

	/* decimal_parse forgives 12.0, but who writes that means something else. */
	if (memchr(parsing->text.data, point, parsing->text.length) != NULL)
		return parsing_refuse(parsing, "not a whole number");
	return number_parse(parsing, 0, true, "not a whole number", "not a whole number");
}

bool
parse_decimal(struct parsing *parsing)
{
	return number_parse(parsing, DECIMAL_DIGITS, true, "not a number", "more than 6 decimals");
}

bool
parse_money(struct parsing *parsing)
{
	if (parsing->context->money_digits < 0) {
		*parsing->reason = arena_copy(parsing->arena,
		    slice_of("no currency is set (bo-config set currency=EUR)"));
		return false;
	}
	return number_parse(parsing, parsing->context->money_digits, false, "not an amount",
	    "too many decimals for this currency");
}

/* --- stored values as numbers ------------------------------------------- */

/* Digits, and a point if there is none yet, from at on as far as a 64-bit number has room; where they end. */
static const char *
digits_read(const char *at, const char *end, uint64_t *units, int *decimals)
{
	const char *most = end - at > 18 ? at + 18 : end;

	for (; at < most; at++) {
		unsigned digit = (unsigned char)*at - (unsigned)'0';

		if (digit <= 9) {
			*units = *units * 10 + digit;
			*decimals += *decimals >= 0;
		} else if (*at == '.' && *decimals < 0)
			*decimals = 0;
		else
			break;
	}
	return at;
}

/* Stored spellings alone: [-]digits[.up to 6 digits]. */
static bool
decimal_number(struct slice value, int128 *number)
{
	const char *at = value.data, *end = value.data + value.length;
	bool negative = at < end && *at == '-';
	static const uint64_t powers[] = { 1000000, 1000000, 100000, 10000, 1000, 100, 10, 1 }; /* from -1 on */
	uint64_t short_units = 0;
	int decimals = -1;
	int128 units;

	at += negative;
	if (at == end || end - at > 2 * DECIMAL_DIGITS + 20)
		return false;
	at = digits_read(at, end, &short_units, &decimals);
	for (units = short_units; at < end; at++) {
		if (*at == '.' && decimals < 0) {
			decimals = 0;
			continue;
		}
		if (!is_digit(*at))
			return false;
		units = units * 10 + (*at - '0');
		decimals += decimals >= 0;
	}
	if (decimals > DECIMAL_DIGITS)
		return false;
	units *= powers[decimals + 1];
	*number = negative ? -units : units;
	return true;
}

bool
value_number(enum kind kind, struct slice value, int128 *number)
{
	struct span span;
	int64_t seconds;
	int32_t day;

	if (value.length == 0)
		return false;
	switch (kind) {
	case KIND_NUMBER:
		if (*value.data == 't' || *value.data == 'f') {
			*number = slice_is(value, "true") ? decimal_power(DECIMAL_DIGITS) : 0;
			return *number != 0 || slice_is(value, "false");
		}
		return decimal_number(value, number);
	case KIND_DATE:
		if (!date_parse(value, &day))
			return false;
		*number = day;
		return true;
	case KIND_TIME:
		if (!time_parse(value, &seconds))
			return false;
		*number = seconds;
		return true;
	case KIND_SPAN:
		if (!span_parse(value, &span))
			return false;
		*number = (int128)span.months * MONTH_SECONDS + span.seconds;
		return true;
	case KIND_TEXT:
		break;
	}
	return false;
}

/* --- and numbers as values ---------------------------------------------- */

static const struct slice nothing = { "", 0 };

/* Of a negative number too: the least one has no positive counterpart. */
static char
last_digit(int128 number)
{
	int digit = (int)(number % 10);

	return (char)('0' + (digit < 0 ? -digit : digit));
}

static struct slice
number_text(int128 number, struct arena *arena)
{
	static const char digits[] = "0123456789";
	char out[DECIMAL_SIZE + 8], *at = out + sizeof(out);
	int128 unit = decimal_power(DECIMAL_DIGITS);
	bool negative = number < 0;
	int decimals = DECIMAL_DIGITS;

	if (number >= 0 && number < 10 * unit && number % unit == 0)
		return (struct slice){ digits + (size_t)(number / unit), 1 };
	for (; decimals > 0 && number % 10 == 0; decimals--)
		number /= 10;
	for (int i = 0; i < decimals; i++, number /= 10)
		*--at = last_digit(number);
	if (decimals > 0)
		*--at = '.';
	do {
		*--at = last_digit(number);
		number /= 10;
	} while (number != 0);
	if (negative)
		*--at = '-';
	return arena_copy(arena, (struct slice){ at, (size_t)(out + sizeof(out) - at) });
}

struct slice
value_from_number(enum kind kind, int128 number, struct arena *arena)
{
	char text[TIME_SIZE > SPAN_SIZE ? TIME_SIZE : SPAN_SIZE];
	int32_t first = date_from_civil((struct civil){ 1, 1, 1 }),
		last = date_from_civil((struct civil){ 9999, 12, 31 });
	size_t length = 0;

	switch (kind) {
	case KIND_NUMBER:
		return number_text(number, arena);
	case KIND_DATE:
		if (number >= first && number <= last)
			length = date_format((int32_t)number, text);
		break;
	case KIND_TIME:
		if (number >= (int128)first * DAY_SECONDS && number < ((int128)last + 1) * DAY_SECONDS)
			length = time_format((int64_t)number, text);
		break;
	case KIND_SPAN:
		if (number > INT64_MIN && number <= INT64_MAX)
			length = span_format((struct span){ .seconds = (int64_t)number }, text);
		break;
	case KIND_TEXT:
		break;
	}
	return length == 0 ? nothing : arena_copy(arena, (struct slice){ text, length });
}
