/*
 * columns: what each column of an input stands for (private to cli/).
 *
 * A column is a field of the command's table, possibly through a unique field of what
 * it refers to (customer.code), or a field of a child (line.qty, invoice_line.qty); with
 * --group also a child's field by its bare name, where only the child has it.
 */
#ifndef CLI_COLUMNS_H
#define CLI_COLUMNS_H

#include "cli/words.h"
#include "stream/reader.h"

enum { COLUMNS_CHILDREN_MAX = 8 };

/* What a stream is read for. */
enum purpose {
	PURPOSE_ADD, /* every row is a new record */
	PURPOSE_SET, /* rows change the records that their ids name */
	PURPOSE_PUT, /* rows change what --match finds, or are new */
	PURPOSE_IDS  /* only the ids count; what to do with them was said in the operands */
};

enum role_kind {
	ROLE_IGNORED,
	ROLE_ID,
	ROLE_TX,
	ROLE_FIELD,
	ROLE_SAME, /* worked out by bo: may be there, but must not differ */
	ROLE_LIST, /* the children themselves: JSON has an empty list where there are none */
	ROLE_CHILD_ID,
	ROLE_CHILD_FIELD,
	ROLE_CHILD_SAME
};

struct role {
	enum role_kind kind;
	const struct table *child; /* for the kinds of children */
	struct target target;
};

struct columns {
	struct cli *cli;
	enum purpose purpose;
	const struct words *words; /* fields that the operands give are not taken from the stream */
	const char *source;
	struct role *roles;
	size_t count, capacity;
	const struct table *children[COLUMNS_CHILDREN_MAX]; /* those that some column belongs to */
	size_t child_count;
	size_t id, tx, group, match; /* columns, SIZE_MAX for none */
	bool alone;                  /* there is one column only */
	bool hinted;                 /* that --map could help */
};

/* Takes in columns that the reader has found since, in line.  A fault for each that is unknown. */
enum status columns_follow(struct columns *columns, const struct reader *reader, uintmax_t line,
    struct error *error);
void columns_release(struct columns *columns);

#endif
