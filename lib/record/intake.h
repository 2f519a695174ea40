/*
 * intake: rows that are new records just as they stand, or say what is there already.
 *
 * Of a large file nearly every row refers to nothing, is no rule's business and has
 * nothing wrong with it.  Such a row becomes its line at once; any other is left to
 * batch_edit, which would have written the same bytes, and says what is wrong.
 */
#ifndef RECORD_INTAKE_H
#define RECORD_INTAKE_H

#include "record/batch.h"
#include "stream/reader.h"

struct intake;

/*
 * For rows whose i-th value is of the table's field fields[i], or of none (SIZE_MAX).
 * NULL when new records of this table need more than their values: rules, states,
 * references, users who are bound by their roles.
 */
struct intake *intake_new(struct batch *batch, const struct table *table, const size_t *fields, size_t count,
    const struct spelling *spelling);
void intake_free(struct intake *intake); /* NULL is fine */

/* Adds a row that is plain.  STATUS_NO when it is not that simple; then nothing has happened. */
enum status intake_row(struct intake *intake, const struct row *row, struct place place, struct error *error);

/*
 * The record that has the row's value in the column match, when it has all of the row's other
 * values too, so that there is nothing to be changed.  0 when it is not that simple.
 */
uint64_t intake_same(struct intake *intake, const struct row *row, size_t match);

#endif
