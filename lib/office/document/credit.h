/*
 * credit: what is given back of a document.
 *
 * A credit note that corrects a document is of the same party and currency, and all of them
 * together never come to more than the document.  When one is issued it settles what is
 * still open there at once; what is left of it is owed to the party, to be refunded or
 * settled against another document.
 */
#ifndef OFFICE_CREDIT_H
#define OFFICE_CREDIT_H

#include "office/document/document.h"

/* A line that is to be credited, and how much of it. */
struct credit_line {
	uint64_t number;
	bool whole;  /* what was not credited yet */
	int64_t qty; /* units of 10^-6 */
};

/*
 * A draft of a credit note for invoice `number`: these lines of it, or all, as far as they
 * were not credited; *note is its number.  STATUS_REFUSED when nothing is left to credit.
 */
enum status credit_note(struct batch *batch, uint64_t number, const struct credit_line *lines, size_t count,
    uint64_t *note, struct error *error);

/* Whether draft, a credit note that comes to `total` (units of 10^-digits), may correct what it says. */
enum status credit_check(struct batch *batch, const struct draft *draft, int64_t total, int digits,
    struct error *error);

/* What a credit note that has just been issued settles of the document that it corrects. */
enum status credit_settle(struct batch *batch, const struct record *note, const struct place *place,
    struct error *error);

#endif
