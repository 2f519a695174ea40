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
/* See narrow; numbers->all is to be freed. */
bool filter_narrow(struct filter *filter, struct log *log, struct number_list *numbers);
void filter_close(struct filter *filter); /* NULL is fine */

struct sorter;

/* Keeps records until they are sorted by list (NULL: they stay in order). */
enum status sorter_open(struct cli *cli, const struct table *table, const char *list, struct sorter **sorter,
    struct error *error);
/* Whether it looks at stored fields only, so that several threads may gather. */
bool sorter_is_stored(const struct sorter *sorter);
/* Adds what a record is sorted by to some that are gathered; key is scratch. */
void sorter_gather(const struct sorter *sorter, const struct record *record, struct buffer *key,
    struct buffer *entries);
/* Takes what was gathered, in the order of the records. */
enum status sorter_take(struct sorter *sorter, struct slice entries, struct error *error);
/* The numbers of the first limit records in order, owned by the sorter. */
enum status sorter_order(struct sorter *sorter, uint64_t limit, const uint64_t **numbers, size_t *count,
    struct error *error);
void sorter_close(struct sorter *sorter); /* NULL is fine */

#endif
