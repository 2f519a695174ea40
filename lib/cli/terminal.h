/*
 * terminal: what standard output and standard error are connected to.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/options.h"

/* The columns of standard output's terminal ($COLUMNS goes first); 80 when it does not tell. */
size_t terminal_width(void);
/* Whether to colour: --color, else a terminal that is not dumb, and no NO_COLOR. */
bool terminal_colour(const struct options *options);
/* The format to print in: -o, else a table on a terminal, else CSV. */
enum format terminal_format(const struct options *options);

/*
 * A line on standard error that says how far a long job is: with --progress, or on
 * a terminal once a second has passed.
 */
struct progress {
	const char *name; /* of the command */
	const char *what; /* "rows" */
	bool wanted, shown;
	int64_t next; /* clock_monotonic of the next sign of life */
	uint64_t count;
};

void progress_begin(struct progress *progress, const char *name, const char *what, const struct options *options);
void progress_step(struct progress *progress);
/* The same for who counts himself, and not often. */
void progress_reach(struct progress *progress, uint64_t count);
void progress_end(struct progress *progress);

#endif
