#include "base/decimal.h"

#include <assert.h>
#include <string.h>

enum { POWERS = 19 }; /* 10^18 is the last that fits 64 bits with a sign */

static const uint64_t powers[POWERS] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
	1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000 };

int128
decimal_power(int digits)
{
	assert(digits >= 0 && digits <= 2 * (POWERS - 1));
	if (digits < POWERS)
		return powers[digits];
	return (int128)powers[POWERS - 1] * powers[digits - (POWERS - 1)];
}

/* What decimal_parse has seen so far. */
struct number {
	uint64_t magnitude;
	int decimals; /* of those allowed, taken in */
	bool overflow;
	bool inexact;
};

static inline bool
digit_at(const char *p, const char *end, unsigned *digit)
{
	if (p == end)
		return false;
	*digit = (unsigned char)*p - (unsigned)'0';
	return *digit <= 9;
}

static inline void
number_push(struct number *number, unsigned digit)
{
	if (number->magnitude > (UINT64_MAX - 9) / 10)
		number->overflow = true;
	number->magnitude = number->magnitude * 10 + digit;
}

/* Reads the digits behind the point; where they end. */
static const char *
decimals_read(const char *p, const char *end, int digits, struct number *number)
{
	unsigned digit;

	for (; digit_at(p, end, &digit); p++) {
		if (number->decimals < digits) {
			number_push(number, digit);
			number->decimals++;
		} else if (digit != 0) {
			number->inexact = true;
		}
	}
	return p;
}

static enum decimal_result
number_finish(const struct number *number, int digits, bool negative, int64_t *units)
{
	uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
	uint64_t scale = powers[digits - number->decimals], magnitude;

	if (number->inexact)
		return DECIMAL_EXACT;
	if (number->overflow || __builtin_mul_overflow(number->magnitude, scale, &magnitude))
		return DECIMAL_RANGE;
	if (magnitude > limit)
		return DECIMAL_RANGE;
	/* Negated as unsigned: the magnitude of INT64_MIN is no int64_t. */
	*units = (int64_t)(negative ? 0 - magnitude : magnitude);
	return DECIMAL_OK;
}

enum decimal_result
decimal_parse(struct slice text, int digits, int64_t *units)
{
	const char *p = text.data, *end, *start;
	struct number number = { 0 };
	bool negative;
	unsigned digit;

	assert(digits >= 0 && digits < POWERS);
	if (text.length == 0)
		return DECIMAL_SYNTAX;
	end = p + text.length;
	negative = *p == '-';
	p += negative;
	for (start = p; digit_at(p, end, &digit); p++)
		number_push(&number, digit);
	if (p == start)
		return DECIMAL_SYNTAX;
	if (p != end && *p == '.') {
		start = ++p;
		p = decimals_read(p, end, digits, &number);
		if (p == start)
			return DECIMAL_SYNTAX;
	}
	if (p != end)
		return DECIMAL_SYNTAX;
	return number_finish(&number, digits, negative, units);
}

size_t
decimal_format(int64_t units, int digits, bool trim, char out[DECIMAL_SIZE])
{
	char text[DECIMAL_SIZE], *p = text + sizeof(text);
	uint64_t rest = units < 0 ? 0 - (uint64_t)units : (uint64_t)units;
	int decimals = digits;
	size_t length;

	assert(digits >= 0 && digits <= 2 * (POWERS - 1));
	for (; trim && decimals > 0 && rest % 10 == 0; decimals--)
		rest /= 10;
	*--p = '\0';
	for (int i = 0; i < decimals; i++) {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	}
	if (decimals > 0)
		*--p = '.';
	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest != 0);
	if (units < 0)
		*--p = '-';
	length = (size_t)(text + sizeof(text) - p) - 1;
	memcpy(out, p, length + 1);
	return length;
}

int128
decimal_divide(int128 units, int128 divisor)
{
	int128 quotient = units / divisor, rest = units % divisor;

	assert(divisor > 0);
	if (rest < 0)
		rest = -rest;
	/* Not 2 × rest ≥ divisor, which can overflow. */
	if (rest >= divisor - rest)
		quotient += units < 0 ? -1 : 1;
	return quotient;
}

bool
decimal_rescale(int128 units, int from, int to, int64_t *out)
{
	if (to < from)
		units = decimal_divide(units, decimal_power(from - to));
	else if (__builtin_mul_overflow(units, decimal_power(to - from), &units))
		return false;
	if (units < INT64_MIN || units > INT64_MAX)
		return false;
	*out = (int64_t)units;
	return true;
}

bool
decimal_add(int64_t *sum, int64_t units)
{
	int64_t total;

	if (__builtin_add_overflow(*sum, units, &total))
		return false;
	*sum = total;
	return true;
}
