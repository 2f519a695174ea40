/*
 * select: which records, and in which order (private to cli/): -w, -a, -s.
 */
#ifndef CLI_SELECT_H
#define CLI_SELECT_H

#include "cli/cli.h"

struct filter;

/* The filters of -w for records of table; without any every record passes. */
enum status filter_open(struct cli *cli, const struct table *table, struct filter **filter, struct error *error);
bool filter_pass(struct filter *filter, const struct record *record, struct error *error);
bool filter_any(const struct filter *filter);          /* whether there is anything to filter by */
bool filter_is_stored(const struct filter *filter);    /* see expr_is_stored */
struct slice filter_word(const struct filter *filter); /* see expr_word */
void filter_close(struct filter *filter);              /* NULL is fine */

struct sorter;

/* Keeps records until they are sorted by list (NULL: they stay in order). */
enum status sorter_open(struct cli *cli, const struct table *table, const char *list, struct sorter **sorter,
    struct error *error);
void sorter_add(struct sorter *sorter, const struct record *record);
/* The numbers of the records in order, owned by the sorter. */
const uint64_t *sorter_order(struct sorter *sorter, size_t *count);
void sorter_close(struct sorter *sorter); /* NULL is fine */

#endif
