/*
 * ledger_enter: entries that bo makes by itself (private to office/).
 */
#ifndef OFFICE_LEDGER_ENTER_H
#define OFFICE_LEDGER_ENTER_H

#include "base/decimal.h"
#include "record/rule.h"

/* An entry in the making, posted at once; it must balance when the batch is finished. */
struct ledger_entry {
	struct batch *batch;
	const struct table *postings;
	struct slice id;
	uint64_t number; /* 0: there is none yet, see ledger_enter_posting */
	/* what it says */
	int32_t day;
	const char *kind;
	struct slice text, notes;
	struct arena arena;
};

void ledger_enter_release(struct ledger_entry *entry);

/*
 * Puts an amount in units of 10^-6, debit positive, to an account; nothing for 0.  The first
 * one makes the entry.  STATUS_REFUSED when it is more than an amount can hold, or not of
 * that currency's digits.
 */
enum status ledger_enter_posting(struct ledger_entry *entry, uint64_t account, int128 amount,
    struct slice currency, struct slice text, struct error *error);

#endif
