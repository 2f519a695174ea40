/*
 * derived: fields that are computed on output and never stored.
 */
#ifndef RECORD_DERIVED_H
#define RECORD_DERIVED_H

#include "record/view.h"

struct derived; /* the compiled expressions of a view's derived fields */

void derived_free(struct derived *derived);       /* NULL is fine */
struct derived **view_derived(struct view *view); /* where a view keeps them */
/* By the field's expression, else by the rule of its table; empty when it can't be had. */
struct slice derived_value(const struct record *record, const struct field *field);

#endif
