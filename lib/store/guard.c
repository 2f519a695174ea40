/* guard: the handlers of SIGBUS and SIGSEGV */
#include "store/guard.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/*
 * Globals, because a signal handler has nothing else to look at: the status to exit
 * with, and where the read that is under way in this thread is given up.
 */
static volatile sig_atomic_t bus_status = STATUS_SYSTEM;
static _Thread_local sigjmp_buf *volatile way_out;
static struct sigaction former; /* of SIGSEGV */

void
guard_stage(enum status status)
{
	bus_status = (sig_atomic_t)status;
}

/*
 * The one place in lib/ that prints and exits: a mapped file was cut under us, and
 * there is no return to the code that was reading it.
 */
static void
bus_error(int number)
{
	static const char text[] = "bo: a file shrank while it was being read\n";
	ssize_t ignored;

	(void)number;
	if (way_out != NULL)
		siglongjmp(*way_out, 1);
	ignored = write(STDERR_FILENO, text, sizeof text - 1);
	(void)ignored;
	_exit((int)bus_status);
}

/* Outside of a guarded read it is a bug, and ends as such. */
static void
segment_error(int number)
{
	if (way_out != NULL)
		siglongjmp(*way_out, 1);
	sigaction(number, &former, NULL);
}

void
guard_logs(void)
{
	/* Not deferred: who jumps out of the handler never returns from it. */
	struct sigaction action = { .sa_handler = bus_error, .sa_flags = SA_NODEFER };

	sigaction(SIGBUS, &action, NULL);
}

void
guard_reads(void)
{
	struct sigaction action = { .sa_handler = segment_error, .sa_flags = SA_NODEFER }, before;

	sigaction(SIGSEGV, &action, &before);
	if (before.sa_handler != segment_error)
		former = before;
}

bool
guard_read(bool (*read)(void *context), void *context)
{
	sigjmp_buf place;
	bool done = false;

	if (sigsetjmp(place, 0) == 0) {
		way_out = &place;
		done = read(context);
	}
	way_out = NULL;
	return done;
}

void
guard_give_up(void)
{
	if (way_out != NULL)
		siglongjmp(*way_out, 1);
}
