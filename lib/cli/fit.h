/*
 * fit: which columns a person gets to see (private to cli/).
 */
#ifndef CLI_FIT_H
#define CLI_FIT_H

#include "record/path.h"

/*
 * Leaves of paths those that are worth their room on a terminal of that width (0: no
 * limit): never tx, nothing that is empty in the first of the records, then what matters
 * most.  Returns how many are left, in their old order; behind them are those that had
 * something to say but no room, as many as *missing (may be NULL).
 */
size_t fit_columns(struct log *log, const uint64_t *numbers, size_t count, size_t width, struct path *paths,
    size_t path_count, size_t *missing);

#endif
