/*
 * ids: the records that the operands of a reading verb name.
 */
#ifndef CLI_IDS_H
#define CLI_IDS_H

#include "cli/cli.h"

/*
 * The numbers of the records named by all operands, ids or keys, or by the ids on
 * standard input for "-"; where a table has one record only, that one.  In cli's arena.
 * STATUS_NO with a message for each that is not there; STATUS_USAGE for no operand.
 * *log is the table's.
 */
enum status ids_read(struct cli *cli, struct log **log, uint64_t **numbers, size_t *count, struct error *error);

#endif
