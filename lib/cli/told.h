/*
 * told: what a transaction did, read back from the log (private to cli/).
 */
#ifndef CLI_TOLD_H
#define CLI_TOLD_H

#include "cli/cli.h"

/* The records of the command's table that transaction tx wrote, as they stood after it. */
enum status told_records(struct cli *cli, uint64_t tx, struct error *error);

/* Everything that it changed, as table,id,field,old,new. */
enum status told_plan(struct cli *cli, uint64_t tx, struct error *error);

#endif
