/*
 * pick: the stored fields of many records, taken from their lines as they stand.
 *
 * For who prints many fields of many records: where a field lies is found out once for a
 * layout, and a line is split once.  Where a line wants a closer look (it is pending, erased,
 * or damaged) the caller reads the record instead.  For few fields see record/glance.h.
 */
#ifndef RECORD_PICK_H
#define RECORD_PICK_H

#include "record/view.h"

enum { PICK_ABSENT = -3 }; /* a field that has no value; else an index, PATH_ID or PATH_TX */

struct pick {
	const struct log *log;
	const long *fields;
	size_t count;
	/* private */
	const struct layout *layout; /* of the line looked at last */
	uint32_t *columns;           /* by field: of the line, id and tx included; UINT32_MAX: it has none */
	uint32_t *ends;              /* where the columns of a line end */
};

/* fields, count of them, must outlive it and be stored. */
void pick_init(struct pick *pick, const struct log *log, const long *fields, size_t count);
void pick_release(struct pick *pick);

/*
 * The values of the line of a record, one per field, decoded; they live as long as the log
 * and arena.  false where only record_read can tell.  Each thread has a pick of its own.
 */
bool pick_values(struct pick *pick, const struct layout *layout, struct slice line, struct arena *arena,
    struct slice *values);

#endif
