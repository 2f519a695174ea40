/*
 * stray: lines that somebody wrote into a log himself, as edits.
 *
 * Such a line is a whole revision under the header that applies to it.  One with the
 * id of a record changes that record to what it says; one without, or with the next
 * id there is to give, is a new record.  Its tx and seal count for nothing.  What bo
 * works out is passed over; every other value is checked like any input.
 */
#ifndef RECORD_STRAY_H
#define RECORD_STRAY_H

#include "record/batch.h"

/* Makes the edits, parents before their children; STATUS_REFUSED with a fault for each thing that is wrong. */
enum status stray_edits(struct batch *batch, const struct strays *strays, struct error *error);

#endif
