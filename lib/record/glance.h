/*
 * glance: a few fields of many records, taken from their lines as they stand.
 *
 * For who adds up all of a table.  Where a line wants a closer look (it is pending, archived,
 * erased, or has quotes in what is asked for) the caller reads the record instead.
 */
#ifndef RECORD_GLANCE_H
#define RECORD_GLANCE_H

#include "record/view.h"

enum { GLANCE_COLUMNS = 64, GLANCE_FIELDS = 8 };

struct glance {
	struct log *log;
	size_t fields[GLANCE_FIELDS];
	size_t count;
	/* private */
	const struct layout *layout;   /* of the line looked at last */
	size_t columns[GLANCE_FIELDS]; /* of the line, id and tx included; SIZE_MAX: it has none */
	size_t wanted;                 /* how many of its columns matter */
	size_t last; /* which of the fields is `archived`, in the last column; SIZE_MAX: none */
};

/* Of fields that are stored, by name; up to GLANCE_FIELDS. */
void glance_init(struct glance *glance, struct log *log, const char *const *names, size_t count);

/*
 * The values of record number, one per field, which live as long as the log.  false where
 * there is no such record or only record_read can tell.  Each thread has a glance of its own.
 */
bool glance_at(struct glance *glance, uint64_t number, struct slice *values);

#endif
