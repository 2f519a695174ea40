/*
 * payment: money that comes in or goes out, and what it settles.
 *
 * A payment stands from the moment it is noted: the whole of it is posted to what its party
 * owes, or is owed, whatever it settles.  Allocations then say which documents it is for
 * (see settlement.h); what is left is on account.  So at any moment
 *
 *	receivable = Σ open of invoices - Σ unallocated of customers' payments
 *
 * and likewise for payables.  One that comes back bounces: its allocations are taken back
 * on that day, and so is what was posted.
 *
 * Which documents a payment is for is said by the payer, or by whoever allocates it; else
 * by its reference: a payment reference or numbers of documents; else it is the oldest that
 * are due, and never a disputed one.
 */
#ifndef OFFICE_PAYMENT_H
#define OFFICE_PAYMENT_H

#include "office/document/document.h"

extern const struct rule rule_payment, rule_allocation;

/* A document as people name it, and how much of it; whole is for as much as can be. */
struct allocate_to {
	const struct document_kind *kind;
	uint64_t number;
	bool whole;
	int64_t amount; /* units of 10^-6 */
};

/*
 * Allocates, on that day, what is left of payment number to the documents, in order; without any, to those
 * that its reference names, then to the oldest that are due.  What is short is a deduction
 * where it is a discount that was offered and is taken in time, tax that the customer keeps
 * back, or no more than the company's tolerance.  Nothing happens where nothing is left.
 */
enum status payment_allocate(struct batch *batch, uint64_t number, const struct allocate_to *to, size_t count,
    int32_t day, const struct place *place, struct error *error);

/* Takes back, on that day (DATE_FIRST: as early as can be), what payment number settles of the documents; without any, of all. */
enum status payment_unallocate(struct batch *batch, uint64_t number, const struct allocate_to *to,
    size_t count, int32_t day, const struct place *place, struct error *error);

/* Gives up what is open of a document; with relief, the tax in it is owed no longer either. */
enum status document_write_off(struct batch *batch, const struct document_kind *kind, uint64_t number,
    int32_t day, bool relief, struct error *error);

#endif
