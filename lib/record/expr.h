/*
 * expr: filters and derived fields.  The grammar is in bo(7):
 *
 *	expr     = and { "or" and }
 *	and      = not { "and" not }
 *	not      = "not" not | compare
 *	compare  = sum [ ( "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~" ) sum | "in" set | "has" tags ]
 *	set      = "(" sum { [","] sum } ")" | sum           a month 2026-10 or year 2026 is a set of days
 *	tags     = "(" tag { [","] tag } ")" | tag          a word, also one that is a field's name; or in quotes
 *	sum      = term { ( "+" | "-" ) term }
 *	term     = factor { "*" factor }
 *	factor   = [ "-" ] ( number | span | date | "string" | 'string' | path | word | "(" expr ")" )
 *
 * A word whose first part is no field is a literal (`status = open`, `due < today`);
 * a word that is both is a literal next to a field that has it among its choices.  A
 * literal is read as a value of the type it is compared with, once, when the expression
 * is compiled: `opened > -30d` is now − 30 days, `customer = ALFKI` the record with that
 * key, `country = germany` DE.  Two literals are never compared: that is a mistake.
 *
 * Numbers are exact: nothing is rounded before the end.  Text compares by bytes, the
 * choices of an enum or state in their order, ids by their number, an instant with a day
 * at the beginning of that day in the company's time zone.  `tags has x`, or `x in tags`,
 * asks for one of the tags.  `~` is a regular expression by PCRE2 (case-sensitive unless (?i)), with
 * match and heap limits.
 *
 * An empty value equals "" and what is empty too; it is less than nothing and greater
 * than nothing.  There is no third truth:
 *
 *	left    right   =  !=  <  <=  >  >=
 *	x       x       1  0   0  1   0  1
 *	empty   x       0  1   0  0   0  0
 *	x       empty   0  1   0  0   0  0
 *	empty   empty   1  0   0  0   0  0
 *
 * `in` is a row of =, `not` turns a truth over (so `not due < today` holds where due is
 * empty), ~ looks at "".  A sum or product with an empty part is empty, and so is one that
 * is too large or out of the calendar.  A bool that is empty is false (`archived = no`)
 * except next to "".  A bare field of type bool is true or false; any other bare field is
 * true when it is not empty, a bare sum when it is neither empty nor 0.
 */
#ifndef RECORD_EXPR_H
#define RECORD_EXPR_H

#include <stdbool.h>

#include "base/error.h"
#include "record/path.h"
#include "record/view.h"

struct expr;

/*
 * STATUS_USAGE with the position: `column 8: no such field: "custmer" (did you mean "customer"?)`,
 * also for a derived field whose expression needs itself.  text is not kept.  The result is
 * for one thread at a time, and void with the view's logs.
 */
enum status expr_compile(struct view *view, const struct table *table, const char *text, struct expr **expr,
    struct error *error);
void expr_free(struct expr *expr); /* NULL is fine */

/*
 * Whether it holds for record.  STATUS_REFUSED in *error (once) when a regular expression
 * hit its limits; from then on nothing holds.
 */
bool expr_true(struct expr *expr, const struct record *record, struct error *error);

/*
 * Whether it looks at stored fields only: then several threads can each ask one of their
 * own, compiled from the same text.
 */
bool expr_is_stored(const struct expr *expr);

/* A word that stands in the line of every record for which it holds; absent when none is sure to. */
struct slice expr_word(const struct expr *expr);

/* A stored field of the record, or its id, that has one of these values wherever the expression holds. */
struct expr_need {
	size_t field;         /* SIZE_MAX: the id */
	struct slice *values; /* in their stored spelling, none of them empty */
	size_t count, capacity;
};

/*
 * What it needs, at most so much; returns how much.  It lives as long as the expression.
 * What stands behind a regular expression is not told: that has to be asked of every
 * record, as it may hit its limits.
 */
size_t expr_needs(struct expr *expr, struct expr_need *needs, size_t most);
/* Whether asking can fail, for which there has to be a regular expression. */
bool expr_may_fail(const struct expr *expr);

/* Its value in the spelling of type (a derived field's), empty when a part of it is; in record's arena or the log. */
struct slice expr_value(struct expr *expr, enum type type, const struct record *record);

#endif
