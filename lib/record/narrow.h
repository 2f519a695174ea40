/*
 * narrow: the few records that a filter can let through, where ids or an index tell.
 *
 * `account = 9990` lets nobody through whose account is another, `id in (C5 C9)` these two
 * at most.  Who they are is a hint: each has to be asked all of the filter as ever.
 */
#ifndef RECORD_NARROW_H
#define RECORD_NARROW_H

#include "record/expr.h"

/*
 * Of what records need, all of it, takes what the fewest have: their numbers, rising, some
 * of which may not be there.  false when nobody can tell, or they are so many that a look
 * at all is as fast.  numbers->all is to be freed in either case.
 */
bool narrow(struct log *log, const struct expr_need *needs, size_t count, struct number_list *numbers);

#endif
