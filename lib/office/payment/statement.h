/*
 * statement: what a customer owed, what was billed and paid, and what that leaves.
 *
 * Each currency by itself: what was owed before the first day, every document and payment up
 * to the last day, in order of days, and what is owed then.  A payment counts whole on its
 * day, whatever it settles; deductions (a discount, what was written off) count on the day
 * they were granted, and what bounced is owed again on the day that it did.  So the last line
 * is what the postings for the customer to the receivable account come to.
 */
#ifndef OFFICE_STATEMENT_H
#define OFFICE_STATEMENT_H

#include "record/view.h"

struct statement_query {
	uint64_t customer;   /* number of the record */
	int32_t first, last; /* days, both included */
};

/* Lives until the callback returns.  kind is `opening`, `closing`, or what it is. */
struct statement_row {
	struct slice date, kind, document, due, currency, amount, balance;
};
typedef void statement_visit(const struct statement_row *row, void *context);

enum status statement(struct view *view, const struct statement_query *query, statement_visit *visit,
    void *context, struct error *error);

#endif
