/*
 * ledger_document: what a document puts into the books (private to office/).
 *
 * Accounts say by their `use` what goes to them.  A store whose accounts have no use
 * `receivable` keeps no books here, and documents post nothing.  Entries name the
 * document's id as their source, and no person: what is posted can't be erased.
 *
 * What is owed and what money comes in stays in the document's currency; income, expenses
 * and tax are in that of the books.  Between them stand postings to the account with the
 * use `conversion`, so that each currency comes to nothing:
 *
 *	receivable  100 USD   conversion -100 USD   conversion 90 EUR   sales -90 EUR
 */
#ifndef OFFICE_LEDGER_DOCUMENT_H
#define OFFICE_LEDGER_DOCUMENT_H

#include "record/rule.h"

/* One amount of it, units of the currency's digits, debit positive; nothing is posted for 0. */
struct document_part {
	const char *use;
	uint64_t account; /* number of the one that gets it, 0: that with the use */
	int64_t units;
	struct slice tags;
};

/*
 * Gives a document in another currency than the books' the rate that it keeps, unless it
 * has one: fields `rate` and `rate_units`.  A credit note has that of the document which it
 * corrects.  Where no books are kept there need be none.
 * STATUS_REFUSED with a fault when none is known, or one makes no sense.
 */
enum status document_rate(struct batch *batch, struct draft *draft, struct error *error);

/*
 * What each part is in the currency of the books, in units of its digits: as they are where
 * that is the draft's own, else by its rate.  Those that go to accounts of the same side of
 * the exchange (all that keep the draft's currency; all others) add up as their sum does.
 */
enum status document_books(struct batch *batch, const struct draft *draft, int digits,
    const struct document_part *parts, size_t count, int64_t *books, struct error *error);

/*
 * Enters the parts, which come to nothing together, for a document that is about to be
 * issued: its date, currency and id are the draft's.  STATUS_REFUSED with a fault when an
 * account that is wanted is not there, the day is closed, or the rate is not known.
 */
enum status document_post(struct batch *batch, const struct draft *draft, struct slice text, int digits,
    const struct document_part *parts, size_t count, struct error *error);

#endif
