/*
 * creditor_reference: what a payer writes on a transfer, so that it finds its invoice (ISO 11649).
 *
 * RF, two check digits, then up to 21 letters and digits.  The check digits are those of
 * ISO 7064, MOD 97-10: with RF and the digits moved behind the rest and each letter read as
 * 10 (A) to 35 (Z), the whole is a number that leaves 1 when it is divided by 97.
 *
 * An invoice gets its own when it is issued, made from its number.
 */
#ifndef OFFICE_CREDITOR_REFERENCE_H
#define OFFICE_CREDITOR_REFERENCE_H

#include <stdbool.h>

#include "base/slice.h"
#include "record/rule.h"

/* Sets `payment_reference`; a rule besides invoice.h's, behind it. */
extern const struct rule rule_invoice_reference;

enum { CREDITOR_REFERENCE_SIZE = 26 }; /* with its NUL */

/*
 * The reference made from a document's number: its letters (as capitals) and digits of
 * ASCII, the last 21 of them since that is where it counts.  false when it has none.
 */
bool creditor_reference_make(struct slice number, char out[CREDITOR_REFERENCE_SIZE]);

/*
 * text as people and banks write one, in groups of four or not, in any case, in its one
 * spelling; false when it is none, its check digits included.
 */
bool creditor_reference_parse(struct slice text, char out[CREDITOR_REFERENCE_SIZE]);

#endif
