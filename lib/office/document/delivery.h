/*
 * delivery: goods leave the stock with the invoice that bills them.
 *
 * An invoice's `deliver` says whether (the company's unless it says so itself): with
 * `invoice` every line of goods becomes a movement, in the transaction that issues the
 * invoice and on its date, out of the line's location or the company's.  Where there is
 * not enough nothing is issued.  What comes back (a negative quantity, in a credit
 * note) goes into stock only when the document itself says so: goods that are credited are
 * often broken, or never came.
 */
#ifndef OFFICE_DELIVERY_H
#define OFFICE_DELIVERY_H

#include "record/rule.h"

/* A rule besides invoice.h's, behind it. */
extern const struct rule rule_invoice_delivery;

#endif
