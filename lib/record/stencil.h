/*
 * stencil: what the lines of many new records have in common.
 *
 * Of the columns of a table few differ from record to record when a file is read: what
 * stands between those is put together once.
 */
#ifndef RECORD_STENCIL_H
#define RECORD_STENCIL_H

#include "base/buffer.h"
#include "record/view.h"

/* A field that differs, and where in the text what comes before it begins. */
struct part {
	size_t field;
	size_t from, length;
};

struct stencil {
	const struct layout *layout; /* it was made for; NULL: for none yet */
	const bool *varies;          /* by field */
	const struct slice *fixed;   /* by field: the value of the others */
	struct part *parts;
	size_t count;
	struct part end; /* what comes behind the last of them, field is of no meaning */
	struct buffer text;
};

/* For a layout; cheap when it is that of the last time. */
void stencil_fit(struct stencil *stencil, const struct layout *layout);
/* The most bytes that a line's fields can be. */
size_t stencil_room(const struct stencil *stencil, const struct slice *values);
/*
 * Writes all columns, a comma in front of each, and the line's end.  bare says by field which
 * values certainly need no quotes.  Returns where that ends.
 */
char *stencil_put(const struct stencil *stencil, const struct slice *values, const bool *bare, char *to);
void stencil_release(struct stencil *stencil);

#endif
