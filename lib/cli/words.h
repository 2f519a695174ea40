/*
 * words: what the operands of a verb that changes something say (private to cli/).
 *
 *	[ID | -]… [FIELD=VALUE]… [:[TABLE] [FIELD=VALUE]…]…
 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "cli/cli.h"
#include "record/batch.h"

/* The record itself, or a child that begins with ':'. */
struct part {
	const struct table *table;
	struct assign *assigns; /* there is room for one more */
	size_t count;
};

struct words {
	const char **ids;
	size_t id_count;
	bool stream;        /* "-" is among them */
	struct part *parts; /* the first is the record's own */
	size_t part_count;
};

/* The operands as they apply to the view that batch is made on; all of it lives in arena. */
enum status words_parse(struct cli *cli, struct arena *arena, struct words *words, struct error *error);

/* Whether "-" stands among the operands, before any ':'. */
bool words_stream(const struct cli *cli);

/*
 * The child table of cli's table that name means: its own name, or that without its
 * parent's in front (invoice_line or line); with an empty name the only one there is.
 * STATUS_USAGE when there is none, or several.
 */
enum status words_child(struct cli *cli, struct slice name, const struct table **child, struct error *error);
/* The same without an error: NULL. */
const struct table *words_find_child(struct cli *cli, struct slice name);

#endif
