/*
 * show: the parts of a record's picture that lie in other tables (private to cli/).
 */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "base/buffer.h"
#include "cli/cli.h"

struct showing {
	struct cli *cli;
	struct buffer out;  /* not yet written */
	struct arena arena; /* of one record */
};

/* Its children, a table for each kind, written at once. */
enum status show_children(struct showing *showing, const struct record *record, struct error *error);
/* How many records of other tables refer to it, and which. */
enum status show_related(struct showing *showing, const struct record *record, struct error *error);

#endif
