/*
 * indexed_internal: what indexed.c and indexed_make.c share.  Nobody else includes this.
 */
#ifndef RECORD_INDEXED_INTERNAL_H
#define RECORD_INDEXED_INTERNAL_H

#include "record/indexed.h"

/* The fields of a table that are indexed, as index_open and index_write want them; to be freed. */
char *indexed_join(const struct table *table);

/* An index that another thread makes. */
struct making;

/*
 * Begins one of bytes, which are the log's; go_on: where there is an older one, it goes on
 * from that.  NULL when none is to be made.
 */
struct making *making_start(struct view *view, const struct table *table, struct slice bytes, bool go_on);
/* Waits for it, and frees it; NULL is fine. */
void making_wait(struct making *making);

#endif
