/*
 * aged: how long what is owed has been owed.
 *
 * What is open of documents, by party and currency, in five ages; what is on account, which
 * settles nothing yet, in a column of its own.  The total of a currency is what the control
 * account comes to on that day (see payment.h).
 */
#ifndef OFFICE_AGED_H
#define OFFICE_AGED_H

#include "office/document/document.h"

enum { AGES = 5 };

/* A party in one currency, or (party empty) all of them.  Lives until the callback returns. */
struct aged_row {
	struct slice party, name, currency;
	struct slice ages[AGES], on_account, total; /* in the currency's digits */
};
typedef void aged_visit(const struct aged_row *row, void *context);

/*
 * On the view's day.  by_due counts days from the day a document is due: not due, 1 to 30
 * days over, 31 to 60, 61 to 90, more; else from its date: 0 to 30, 31 to 60, 61 to 90, 91
 * to 120, more.  In the order of parties' numbers, then of currencies, the sums at the end.
 */
enum status aged(struct view *view, const struct document_kind *kind, bool by_due, aged_visit *visit,
    void *context, struct error *error);

#endif
