/*
 * invoice: what a customer owes, from draft to document.
 *
 * A draft takes what its lines leave open from items, customer and company, and its
 * totals follow its lines with every transaction.  Issuing gives it number, date and
 * due date (see series.h); from then on it stands: no field but `notes` and no line
 * changes, it can't be archived, and a mistake is mended by a credit note.
 *
 * An issued invoice carries a copy of who it is for: name, address, country and tax
 * number (EN 16931: BT-44, BG-8, BT-55, BT-48).  It stays when the customer is changed or
 * erased, since law demands that the document be kept.  A customer with invoices that are
 * issued, or drafts, is not erased unless that is forced.
 */
#ifndef OFFICE_INVOICE_H
#define OFFICE_INVOICE_H

#include "record/rule.h"

extern const struct rule rule_invoice, rule_invoice_line;

#endif
