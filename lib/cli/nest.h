/*
 * nest: the children of a record, as JSON has them (private to cli/).
 */
#ifndef CLI_NEST_H
#define CLI_NEST_H

#include "cli/cli.h"

struct nest;

/* For records of table; NULL when it has no child tables. */
struct nest *nest_new(struct cli *cli, const struct table *table);
/* The children of record, in record's arena; archived ones only with -a. */
const struct nested *nest_children(struct nest *nest, const struct record *record, size_t *count);
void nest_free(struct nest *nest); /* NULL is fine */

#endif
