/*
 * deed: who took a verb on which record of a table, as its log and the audit log say.
 */
#ifndef RECORD_DEED_H
#define RECORD_DEED_H

#include "record/view.h"

struct deed {
	uint64_t number, tx;
};

struct deeds {
	struct deed *list; /* by number, then tx */
	size_t count, capacity;
};

/*
 * All of them in the committed history of log: revisions that took verb, or with field
 * (not SIZE_MAX) those that changed it.  A line that was added to a document later, or
 * changed, is a `set` of the document.  One pass over the log.  *deeds is NULL on failure.
 */
enum status deeds_collect(struct log *log, struct slice verb, size_t field, struct deeds **deeds,
    struct error *error);
void deeds_free(struct deeds *deeds); /* NULL is fine */

/* Those done to one record. */
const struct deed *deeds_of(const struct deeds *deeds, uint64_t number, size_t *count);

/* The login name of who made transaction tx, without a claim in brackets; valid while scratch is. */
struct slice deed_actor(struct slice audit, uint64_t tx, struct buffer *scratch);

#endif
