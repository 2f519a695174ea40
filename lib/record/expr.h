/*
 * expr: filters and derived fields.  The grammar is in bo(7):
 *
 *	expr     = and { "or" and }
 *	and      = not { "and" not }
 *	not      = "not" not | compare
 *	compare  = sum [ ( "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~" ) sum | "in" set ]
 *	set      = "(" sum { [","] sum } ")" | sum           a month 2026-10 or year 2026 is a set of days
 *	sum      = term { ( "+" | "-" ) term }
 *	term     = factor { "*" factor }
 *	factor   = [ "-" ] ( number | span | date | "string" | 'string' | path | word | "(" expr ")" )
 *
 * A word that is no field is a literal (`status = open`, `due < today`).  What is
 * compared with a field is read as a value of the field's type, once, when the
 * expression is compiled.  `~` is a regular expression by PCRE2 (case-sensitive
 * unless (?i)), with match and heap limits.  An empty value equals "", is less than
 * nothing and greater than nothing.  A bare field of type bool is true or false; any
 * other bare field is true when it is not empty.
 */
#ifndef RECORD_EXPR_H
#define RECORD_EXPR_H

#include <stdbool.h>

#include "base/error.h"
#include "record/path.h"
#include "record/view.h"

struct expr;

/* STATUS_USAGE with the position: `-w: column 8: no such field: "custmer"`.  text is not kept. */
enum status expr_compile(struct view *view, const struct table *table, const char *text, struct expr **expr,
    struct error *error);
void expr_free(struct expr *expr); /* NULL is fine */

/* Whether it holds for record.  STATUS_REFUSED in *error (once) when a regular expression hit its limits. */
bool expr_true(struct expr *expr, const struct record *record, struct error *error);

/* Its value in the spelling of type (a derived field's), empty when a part of it is. */
struct slice expr_value(struct expr *expr, enum type type, const struct record *record);

#endif
