/*
 * duties: who did both halves of what one person may not do alone.
 */
#ifndef CLI_DUTIES_H
#define CLI_DUTIES_H

#include "cli/cli.h"

/*
 * Prints duty,table,id,actor,tx_a,tx_b for everything of that kind in the history, -w
 * among them.  STATUS_NO when there is any.
 */
enum status verb_duties(struct cli *cli, struct error *error);

#endif
