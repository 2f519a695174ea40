/*
 * ledger_entry: what holds of an entry as a whole (private to office/).
 */
#ifndef OFFICE_LEDGER_ENTRY_H
#define OFFICE_LEDGER_ENTRY_H

#include "record/rule.h"

/* Notes that entries or postings are in the batch, from input source (NULL for none). */
void entry_touch(struct batch *batch, const char *source);

/* The hook for one entry: if it is posted, what the finish hook sees to. */
enum status entry_whole(struct batch *batch, uint64_t number, const struct place *place, struct error *error);

/*
 * The finish hook: every entry that this batch has posted balances in each currency and has
 * two postings at least, which get its day.
 */
enum status entries_settle(struct batch *batch, struct error *error);

/* Whether the books are open on the day of a draft that is about to be posted. */
enum status period_check(struct batch *batch, const struct draft *draft, struct error *error);

#endif
