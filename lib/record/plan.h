/*
 * plan: a change written down before it is made: table,id,field,old,new.
 *
 * What -n prints, bo-apply takes.  New records are +1, +2 … per plan, and
 * references to them likewise.  What follows from the rest is shown but not applied,
 * since it comes out by itself: computed fields, and new records that rules make (=1, =2),
 * such as the entry of an invoice.
 */
#ifndef RECORD_PLAN_H
#define RECORD_PLAN_H

#include "record/batch.h"
#include "stream/reader.h"
#include "stream/writer.h"

enum { PLAN_COLUMNS = 5 };
extern const struct column plan_columns[PLAN_COLUMNS];

/* Writes what batch would change. */
enum status plan_write(struct batch *batch, struct writer *writer, struct error *error);

/*
 * The edits that take transaction tx back, as a plan: records that were added are
 * archived, fields that were changed get their old values.  STATUS_REFUSED with a
 * fault for each thing that can't be undone (a transition that leads nowhere back,
 * a fixed field, a record that has changed since).
 */
enum status plan_undo(struct view *view, uint64_t tx, struct writer *writer, struct error *error);

/* Makes the edits of a plan read from reader; every `old` must still hold. */
enum status plan_apply(struct batch *batch, struct reader *reader, struct error *error);

#endif
