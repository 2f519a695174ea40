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

/*
 * The same for all movements of a view.  Each shortage is shown to visit: the movement that
 * first makes it, and what it leaves in words (until visit returns).
 */
typedef void shortage_visit(struct log *moves, uint64_t move, struct slice text, void *context);
enum status stock_replay_all(struct view *view, shortage_visit *visit, void *context, struct error *error);

#endif
