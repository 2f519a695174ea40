/*
 * message: what a command tells a person, on standard error.
 *
 *	bo-invoice: orders.csv:12: due: not a date: "31/02/2026"
 *
 * Each message is one write(2), and control characters in it are shown as '?'.
 */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include "base/error.h"

/* Every fault that was kept, then how many more there were; nothing when there is none. */
void message_error(const char *name, const struct error *error);
void message(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* One fault as text without the command's name (also for --rejects); free() it. */
char *message_fault(const struct fault *fault);

#endif
