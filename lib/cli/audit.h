/*
 * audit: the verbs of bo-audit that ask nothing of a business.
 */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include "cli/cli.h"

enum status audit_log(struct cli *cli, struct error *error);  /* the transactions */
enum status audit_show(struct cli *cli, struct error *error); /* one, and all that it changed */
enum status audit_who(struct cli *cli, struct error *error);  /* who changed a record when */
enum status audit_diff(struct cli *cli, struct error *error); /* what became of all records between two moments */
enum status audit_undo(struct cli *cli, struct error *error);   /* the plan that takes one back */
enum status audit_head(struct cli *cli, struct error *error);   /* a checkpoint */
enum status audit_verify(struct cli *cli, struct error *error); /* proof; heeds --anchor */

/* The next operand as the number of a transaction; STATUS_USAGE where it is none. */
enum status audit_take_tx(struct cli *cli, uint64_t *tx, struct error *error);

#endif
