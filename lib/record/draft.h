/*
 * draft: from an edit to the values of a new revision, checked.
 */
#ifndef RECORD_DRAFT_H
#define RECORD_DRAFT_H

#include "record/batch.h"

/*
 * Fills draft->values from the record it had, the edit's assignments, its transition
 * and, for a new record, the defaults.  One fault for each thing that is wrong.
 */
enum status draft_fill(struct draft *draft, const struct edit *edit, struct error *error);

/* What must hold once the rules have had their say: required, needed, fixed and unique values. */
enum status draft_check(struct batch *batch, const struct draft *draft, const struct edit *edit,
    struct error *error);

/* Whether it differs from the record it had. */
bool draft_changed(const struct draft *draft);

#endif
