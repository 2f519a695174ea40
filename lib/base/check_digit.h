/*
 * check_digit: the sums by which a mistyped identifier gives itself away.
 *
 * Text is digits unless a base says more; letters are capitals.  Nothing else may be in it.
 */
#ifndef BASE_CHECK_DIGIT_H
#define BASE_CHECK_DIGIT_H

#include <stdbool.h>

#include "base/slice.h"

/* What a digit or capital letter counts for: 0 to 35; -1 for anything else. */
int check_value(char c);

/*
 * Σ weight × digit, modulo modulus (2 or more), over as many digits as there are weights
 * (or fewer, when the text is shorter).
 */
unsigned check_weighted(struct slice text, const unsigned *weights, size_t count, unsigned modulus);

/* text as a number in decimal, modulo modulus; letters are 10 to 35, as ISO 7064 MOD 97-10 reads them. */
unsigned check_modulo(struct slice text, unsigned modulus);

/* The sum of Luhn in an even base (10; 36 with letters), modulo base; 0 for a text that ends in its check digit. */
unsigned check_luhn(struct slice text, unsigned base);

/* ISO 7064 MOD 11,10: text ends in its check digit. */
bool check_mod_11_10(struct slice text);

#endif
