/*
 * taken: which verbs a change of a record takes.
 *
 * A command's word for a change is not what counts, but what becomes of the record: a
 * state that was simply assigned is its transition (the first one listed that leads
 * there), archived=true is `archive`.  Lines belong to their document: to add, change
 * or archive one is to `set` the document.
 */
#ifndef RECORD_TAKEN_H
#define RECORD_TAKEN_H

#include "record/batch.h"

enum { TAKEN_MAX = 3 };

struct taken {
	const char *verbs[TAKEN_MAX];
	size_t count;
};

/*
 * What an edit takes of its own record, as far as it was asked for: draft is filled,
 * and no rule has seen it yet.  A transition covers the fields it needs; whatever else
 * is given with it is `set`.  Nothing when nothing changes.
 */
void taken_by_draft(const struct draft *draft, const struct edit *edit, struct taken *taken);

bool taken_has(const struct taken *taken, const char *verb);

/*
 * Whether a revision in the log took verb; before is NULL for the first.  What rules
 * put in along with a transition can't be told from what was asked for, so that one is
 * never a `set`.  With field (not SIZE_MAX) the question is only whether that changed.
 */
bool taken_by_revision(const struct record *revision, const struct record *before, const char *verb, size_t field);

/* Whether the table has such a verb; "*" is every one of them. */
bool taken_known(const struct table *table, struct slice verb);

#endif
