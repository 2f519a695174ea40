/*
 * guard: mapped files that are cut or scribbled over by somebody else.
 *
 * Reading such a page is a signal, not an error.  For a log there is no way on, so the
 * process says so and ends with the status that is the truth then; for what can be done
 * without, the read is given up and the caller told.
 */
#ifndef STORE_GUARD_H
#define STORE_GUARD_H

#include <stdbool.h>

#include "base/error.h"

/* From now on a log that shrinks ends the process with one line on standard error. */
void guard_logs(void);
/* The status it ends with: what is true from now on. */
void guard_stage(enum status status);

/* From now on a read can be given up (guard_logs comes first). */
void guard_reads(void);
/*
 * Calls read(context), which must hold no lock and allocate nothing of its own; what it
 * returns, or false when it touched memory that is not there.
 */
bool guard_read(bool (*read)(void *context), void *context);
/* Gives up the guarded read that is under way in this thread. */
void guard_give_up(void);

#endif
