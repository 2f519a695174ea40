/*
 * stock_replay: no stock is ever negative (private to office/).
 */
#ifndef OFFICE_STOCK_REPLAY_H
#define OFFICE_STOCK_REPLAY_H

#include "record/batch.h"

/*
 * Replays every item and location that the batch has taken something out of, from the
 * first movement to the last, by date, what comes in before what goes out, then by
 * number; one fault for each that is negative somewhere: `stock of CHAI at MAIN would
 * be -3 on 2026-11-22`.  source names the input that faults are about, or NULL.  The
 * cost is one scan of the movements, however many the batch has added.
 */
enum status stock_replay(struct batch *batch, const char *source, struct error *error);

#endif
