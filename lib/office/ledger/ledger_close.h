/*
 * ledger_close: what is entered when a month or a year ends.
 *
 * Both enter what is still lacking, and nothing where nothing is: they can be run again,
 * and after an entry that came late.
 */
#ifndef OFFICE_LEDGER_CLOSE_H
#define OFFICE_LEDGER_CLOSE_H

#include "record/batch.h"

/*
 * What amounts in other currencies have gained since they were converted, at the rates of a
 * day: from the account with the use `conversion` to that with the use `fx`, and back on
 * the next day.  It is not taken back where nothing is left in any other currency, since
 * nothing of it can change any more.
 *
 *	gain = − Σ balance(conversion, currency) × rate(day) − balance(conversion, books)
 */
enum status ledger_revalue(struct batch *batch, int32_t day, struct error *error);

/*
 * All that income and expenses came to from the first to the last day goes to the account
 * with the use `retained`, by an entry of kind `close` on the last day, which profit and
 * loss leaves out.
 */
enum status ledger_close_year(struct batch *batch, int32_t first, int32_t last, struct error *error);

#endif
