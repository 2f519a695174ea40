/*
 * taxid: whether a tax number is one that its authority can have given out.
 *
 * share/codes/taxid.csv says, line by line, what begins with which prefix, how the rest
 * looks (# is a digit, @ a letter, ? either, all else itself; several forms are separated
 * by spaces), and by which method and numbers its check digit is reckoned:
 *
 *	sum        the first number is a modulus, the others weights: their sum is 0
 *	sum-55     likewise, 42 modulo 97 (numbers that the United Kingdom gave out later)
 *	digit      the sum, and 10 of it as 0, is the last digit; where there are weights behind
 *	           a stroke they are for a sum that comes to 10
 *	exact      the sum is the last digit
 *	luhn, mod-11-10, mod-97   Luhn, ISO 7064 MOD 11,10, ISO 7064 MOD 97-10 (with the prefix)
 *	none       there is none, or none that is public
 *
 * and some that only one country has, under its name.  Weights are for digits from the left.
 * What several lines have a form for is right when one of them holds.
 */
#ifndef RECORD_TAXID_H
#define RECORD_TAXID_H

#include "base/slice.h"

struct taxids;

/* Reads share/codes/taxid.csv. */
struct taxids *taxids_open(const char *share);
void taxids_close(struct taxids *taxids); /* NULL is fine */
/* Why it can't be used, or NULL. */
const char *taxids_fault(const struct taxids *taxids);

enum taxid_verdict {
	TAXID_UNKNOWN, /* of a kind that is not in the list */
	TAXID_HOLDS,   /* its form is right, and its check digit if it has one */
	TAXID_FORM,    /* a prefix and digits, but not as many as there */
	TAXID_DIGIT    /* its check digit does not hold */
};

/* What was found out, and about what kind of number ("VAT number of Austria"); both empty when unknown. */
struct taxid_finding {
	enum taxid_verdict verdict;
	struct slice name, example;
};

/* id in its stored spelling: capitals and digits alone. */
struct taxid_finding taxid_judge(const struct taxids *taxids, struct slice id);

#endif
