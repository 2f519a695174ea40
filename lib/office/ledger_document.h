/*
 * ledger_document: what a document puts into the books (private to office/).
 *
 * Accounts say by their `use` what goes to them.  A store whose accounts have no use
 * `receivable` keeps no books here, and documents post nothing.  Entries name the
 * document's id as their source, and no person: what is posted can't be erased.
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
 * Enters the parts, which come to nothing together, for a document that is about to be
 * issued: its date, currency and id are the draft's.  STATUS_REFUSED with a fault when an
 * account that is wanted is not there, or the day is closed.
 */
enum status document_post(struct batch *batch, const struct draft *draft, struct slice text, int digits,
    const struct document_part *parts, size_t count, struct error *error);

#endif
