/*
 * settlement: how much of each document is settled, and of each payment used.
 *
 * A document is settled by allocations, children of a payment.  One takes `amount` of the
 * payment off what is open of an invoice or bill, and `deduction` besides that is not paid
 * but granted, kept back or given up.  Whatever settles without money (a credit note against
 * its invoice, what is written off) is a payment of nothing.  Allocations never change; one
 * is taken back by another of the opposite sign.
 *
 *	open of a document      = payable - Σ (amount + deduction) of its allocations
 *	unallocated of payment  = signed amount - Σ amount of its allocations
 *
 * A payment's signed amount is what it takes off what its party owes, or is owed: money from
 * a customer or to a supplier is positive, a refund negative; so are the totals of credit
 * notes.  All of them in units of 10^-6, whatever the currency.
 */
#ifndef OFFICE_SETTLEMENT_H
#define OFFICE_SETTLEMENT_H

#include "base/decimal.h"
#include "office/document/document.h"

/* What the allocations of one document or payment come to. */
struct settled {
	int128 units;     /* Σ (amount + deduction) for a document, Σ amount for a payment */
	int64_t granted;  /* of it, the deductions that nobody pays: all but what is withheld */
	int32_t up, down; /* the last days on which it was more than before, and less; DATE_FIRST - 1: never */
};

/*
 * Of a document or payment, by the allocations dated up to a day (DATE_LAST for all), pending
 * ones too.  Who asks about few is told by what refers to them; who asks often has all of
 * them read, which is kept with the view.
 */
enum status settled_read(struct view *view, int32_t day, const struct record *record, struct settled *settled,
    struct error *error);

/* What is open of a document on a day; 0 for a draft, a void one and one dated later. */
int128 settled_open(const struct settled *settled, const struct record *document, int32_t day);
/* What a payment takes off what is owed: its signed amount, 0 once it has bounced. */
int64_t payment_signed(const struct record *payment);
/* What is left of it on a day. */
int128 settled_left(const struct settled *settled, const struct record *payment, int32_t day);

/*
 * The last day on which something of a document that was settled, or of a payment that was
 * used, was taken back; or, with back, on which it was settled or used.  Before DATE_FIRST
 * when it never was.
 */
int32_t settled_document_day(const struct settled *settled, const struct record *document, bool back);
int32_t settled_payment_day(const struct settled *settled, const struct record *payment, bool back);

/* The derived fields `open` of documents and `unallocated` of payments, on the view's day. */
struct slice document_derive(const struct record *document, const struct field *field);
struct slice payment_derive(const struct record *payment, const struct field *field);

#endif
