/*
 * rate_import: the euro foreign exchange reference rates as the ECB publishes them.
 *
 * A column for each currency and a line for each day: how many units of it one euro was
 * worth.  The day's file (eurofxref.csv) writes "2 March 2026", the history
 * (eurofxref-hist.csv) 2026-03-02; both end their lines with a comma.  "N/A" is no rate.
 *
 * Books that are not in euro get the cross rates of these, and one of the euro itself.
 */
#ifndef OFFICE_RATE_IMPORT_H
#define OFFICE_RATE_IMPORT_H

#include "record/batch.h"
#include "stream/input.h"

/*
 * Enters the rates of the days from `first` on, and changes those that are there already
 * and differ.  Currencies that ISO 4217 has given up are passed over.  STATUS_REFUSED with
 * all that is wrong with the input.
 */
enum status rates_import(struct batch *batch, const struct input *input, int32_t first, struct error *error);

#endif
