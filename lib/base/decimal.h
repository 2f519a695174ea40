/*
 * decimal: exact numbers, never binary floating point.
 *
 * A number is a 64-bit integer that counts units of 10^-digits: money with its
 * currency's digits (ISO 4217: 0, 2, 3 …), quantities, rates and unit prices
 * with DECIMAL_DIGITS.  Between two roundings there are 128 bits.
 */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

enum { DECIMAL_DIGITS = 6, DECIMAL_SIZE = 48 };

enum decimal_result {
	DECIMAL_OK,
	DECIMAL_SYNTAX, /* not a number: [-]digits[.digits], nothing else */
	DECIMAL_EXACT,  /* more decimals than allowed (zeros at the end are forgiven) */
	DECIMAL_RANGE   /* does not fit 64 bits */
};

/* text as units of 10^-digits, digits 0..18. */
enum decimal_result decimal_parse(struct slice text, int digits, int64_t *units);

/*
 * Writes units of 10^-digits to out, NUL-ended; returns the length.  With trim,
 * zeros at the end of the decimals and a bare point are left out: 1.500 → 1.5.
 */
size_t decimal_format(int64_t units, int digits, bool trim, char out[DECIMAL_SIZE]);

/* From one number of digits to another, rounded half away from zero; false on overflow of 64 bits. */
bool decimal_rescale(int128 units, int from, int to, int64_t *out);

/* units / divisor rounded half away from zero; divisor > 0. */
int128 decimal_divide(int128 units, int128 divisor);

/* 10^digits, digits 0..36. */
int128 decimal_power(int digits);

/* Adds to *sum; false when it would overflow, and then leaves it. */
bool decimal_add(int64_t *sum, int64_t units);

#endif
