/*
 * payment_internal: what the files of payments tell each other (private to office/).
 */
#ifndef OFFICE_PAYMENT_INTERNAL_H
#define OFFICE_PAYMENT_INTERNAL_H

#include "office/payment/payment.h"

/* One allocation to be made; amounts in units of 10^-6. */
struct allotment {
	const struct document_kind *kind;
	uint64_t document;
	int64_t amount, deduction, tax;
	const char *reason; /* of the deduction, or NULL */
	struct slice date;  /* absent: as late as it must be */
};

/* A payment of nothing, by which a document's party settles on that day; read into the document's arena. */
enum status settle_without_money(struct batch *batch, const struct record *document, struct slice date,
    const struct place *place, struct record *payment, struct error *error);

enum status allot(struct batch *batch, const struct record *payment, const struct allotment *allotment,
    const struct place *place, struct error *error);

/* The kind of documents that a payment's party has: customers owe, suppliers are owed. */
const struct document_kind *payment_documents(struct slice customer);

/* What is left of a payment is neither less than nothing nor more than all of it. */
enum status payment_check_left(struct batch *batch, uint64_t number, const struct place *place,
    struct error *error);

/* Notes that payments or allocations are in the batch. */
void payment_touch(struct batch *batch, const char *source);

/* The same, for the documents that the payment's reference names alone. */
enum status payment_allocate_named(struct batch *batch, uint64_t number, const struct place *place,
    struct error *error);

#endif
