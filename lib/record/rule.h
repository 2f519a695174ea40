/*
 * rule: where business meets records.
 *
 * What a schema can't say about a table (totals, numbers, balances) is said in C
 * by lib/office, as rules that the record layer calls on every write, whatever
 * command it came from.  A command hands the office's rules down; this layer does
 * not know what they mean.
 */
#ifndef RECORD_RULE_H
#define RECORD_RULE_H

#include "base/error.h"
#include "record/batch.h"
#include "record/view.h"

struct rule {
	const char *table;

	/*
	 * A new revision, fully parsed, before it becomes a line.  May set fields of the
	 * draft (draft_set) and add edits of other records (batch_edit).  Returns a fault
	 * by error_add(error, &draft->place, …).
	 */
	enum status (*check)(struct batch *batch, struct draft *draft, struct error *error);

	/*
	 * A record with the children that came with it, when all of them are lines: what must
	 * hold of the whole.  A row that it refuses can still be left out of the batch.  May add
	 * edits.  Only for what a command was given, not for what rules add: see finish.
	 */
	enum status (*whole)(struct batch *batch, uint64_t number, const struct place *place, struct error *error);

	/*
	 * Once, when every edit is in: what must hold over all of them.  May add edits; is
	 * then called again until it adds none.
	 */
	enum status (*finish)(struct batch *batch, struct error *error);

	/*
	 * A record of this table or of another is to be erased: faults for what keeps it from
	 * being so, such as a document that law demands to be kept.  Not asked when the
	 * erasure is forced.
	 */
	enum status (*check_erase)(struct batch *batch, const struct record *record, struct error *error);

	/* The value of a derived field that has no expression; in the record's arena. */
	struct slice (*derive)(const struct record *record, const struct field *field);
};

#endif
