/*
 * holding: everything that is held on a record.
 *
 * That is every revision of the record itself, of its children, of the records that
 * refer to it and of their children; of a record that refers to somebody else by now,
 * the revisions that referred to it.
 */
#ifndef RECORD_HOLDING_H
#define RECORD_HOLDING_H

#include "record/view.h"

/* What is held in one table. */
struct holding {
	struct log *log;
	bool *whole;       /* by number: the record with all its revisions */
	uint64_t *offsets; /* of the revisions, rising; those that are erased are not among them */
	size_t count, capacity;
};

struct holdings {
	struct holding *tables;
	size_t count, capacity;
};

/*
 * What is held on these records of log (committed revisions only), in personal tables or
 * in all.  Reads all logs of such tables.
 */
enum status holdings_find(struct view *view, struct log *log, const uint64_t *numbers, size_t count,
    bool personal_only, struct holdings *holdings, struct error *error);
void holdings_release(struct holdings *holdings);

#endif
