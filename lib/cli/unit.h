/*
 * unit: one record with its children, on its way into a batch (private to cli/).
 */
#ifndef CLI_UNIT_H
#define CLI_UNIT_H

#include "cli/columns.h"
#include "cli/words.h"

/* What all units of one run have in common. */
struct plan_of_units {
	struct cli *cli;
	struct batch *batch;
	const struct words *words;
	const struct columns *columns; /* NULL when nothing is read */
	enum purpose purpose;
	const char *transition; /* the verb of the flow, or NULL */
	struct arena arena;     /* of one unit */
	uintmax_t *lines;       /* by a record's number: the line of the stream that it was in, 0 for none */
	size_t line_capacity;
};

/* One record that the operands describe: a new one (number 0), or changes of an old one. */
enum status unit_from_words(struct plan_of_units *plan, uint64_t number, struct error *error);

/*
 * One record from rows of a stream: its own values are in the first, and every row
 * may have those of children.  STATUS_REFUSED with a fault for each thing that is wrong.
 */
enum status unit_from_rows(struct plan_of_units *plan, const struct row *rows, size_t count, struct error *error);

/* Notes which line of the stream a record was in; false when it was in another one already. */
bool unit_note_line(struct plan_of_units *plan, uint64_t number, uintmax_t line);

#endif
