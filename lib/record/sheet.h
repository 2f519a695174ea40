/*
 * sheet: rows that are worked out, asked about by expressions like records.
 *
 * What is on hand, the audit log, changes as they come: rows with typed fields, but
 * of no table.  References in them lead on (`item.supplier.name`); a field `tx` is the
 * row's transaction, a field `id` must hold the id of a record.
 */
#ifndef RECORD_SHEET_H
#define RECORD_SHEET_H

#include "record/view.h"

struct sheet;

/*
 * A sheet that lets through the rows for which every one of the expressions holds.
 * name is for messages; fields (count of them) must outlive it.  Errors as of
 * expr_compile.  The view must not move while it is used.
 */
enum status sheet_open(struct sheet **sheet, struct view *view, const char *name, const struct field *fields,
    size_t count, const char *const *where, size_t where_count, struct error *error);
void sheet_close(struct sheet *sheet); /* NULL is fine */

/* Whether it lets a row through; values are as stored, one per field.  Errors as of expr_true. */
bool sheet_holds(struct sheet *sheet, const struct slice *values, struct error *error);

#endif
