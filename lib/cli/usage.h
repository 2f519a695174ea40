/*
 * usage: what -h and -V print, made from the same tables that the verbs run from.
 */
#ifndef CLI_USAGE_H
#define CLI_USAGE_H

#include "base/buffer.h"
#include "cli/cli.h"

/* Adds the text of -h.  table (may be NULL) is the noun's. */
void usage_add(struct buffer *out, const struct cli *cli, const struct table *table);
/* The verbs a table's command has, one a line: generic ones, then its flow's, each once. */
void usage_verbs(struct buffer *out, const struct cli *cli, const struct table *table);
/* STATUS_USAGE for a verb that there is not, with what may have been meant. */
enum status usage_unknown_verb(const struct cli *cli, const struct table *table, struct error *error);

#endif
