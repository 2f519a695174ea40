/*
 * feed: a stream of records into a batch (private to cli/).
 */
#ifndef CLI_FEED_H
#define CLI_FEED_H

#include "cli/columns.h"
#include "cli/rejects.h"

struct feed {
	struct cli *cli;
	enum purpose purpose;
	const char *transition; /* the verb of the flow, or NULL */
	const struct input *input;
	struct rejects *rejects; /* NULL: a bad row refuses everything */
};

/*
 * Reads all of the input and makes its edits; words are the operands.  Every bad row
 * adds its faults, unless it goes to the rejects.
 */
enum status feed_batch(struct feed *feed, struct batch *batch, const struct words *words, struct error *error);

#endif
