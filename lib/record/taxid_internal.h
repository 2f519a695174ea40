/*
 * taxid_internal: the methods of share/codes/taxid.csv, taxid_method.c.
 */
#ifndef RECORD_TAXID_INTERNAL_H
#define RECORD_TAXID_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum { TAXID_NUMBERS = 24, TAXID_LENGTH = 20 };

/* The numbers of a line: a modulus, weights, and weights for a sum that comes to 10. */
struct taxid_numbers {
	unsigned modulus, weights[TAXID_NUMBERS];
	size_t count, first; /* all weights; those before the stroke */
};

/* One that has the form of a line. */
struct taxid {
	struct slice whole, body, digits; /* all of it; without the prefix; what stands for # */
	const struct taxid_numbers *numbers;
};

typedef bool taxid_method(const struct taxid *id);

/* NULL when there is no such method. */
taxid_method *taxid_method_named(struct slice name);

#endif
