/*
 * path: a field, or one that references lead to: `name`, `customer.country`,
 * `item.supplier.name`; also `id` and `tx` (of any record on the way).
 */
#ifndef RECORD_PATH_H
#define RECORD_PATH_H

#include "base/error.h"
#include "record/view.h"

enum { PATH_STEPS = 8, PATH_NAME_SIZE = 512 };

enum { PATH_ID = -1, PATH_TX = -2 }; /* in place of a field's index, last step only */

struct path {
	char name[PATH_NAME_SIZE]; /* as it was asked for */
	size_t count;
	struct {
		const struct table *table;
		struct log *log; /* NULL for the first step: it is the record's */
		long field;      /* index, PATH_ID or PATH_TX */
	} steps[PATH_STEPS];
	enum type type;            /* of the last step; TYPE_TEXT for id, TYPE_INT for tx */
	const struct field *field; /* of the last step; NULL for id and tx */
};

/*
 * Whether a name is that of a field, or id or tx, which every record has (but not rows
 * that are none: see sheet.h).
 */
bool path_begins(const struct table *table, struct slice name);

/*
 * The logs on the way are opened now, so that damage is an error here and not an
 * empty value later.  A path holds until the view's logs are void (view_follow).
 * STATUS_USAGE with `no such field: "custmer" (did you mean "customer"?)` when it leads nowhere.
 */
enum status path_resolve(struct view *view, const struct table *table, struct slice text, struct path *path,
    struct error *error);

/*
 * Whether nothing on it is derived: then records can be asked for it by several threads
 * at once, each for its own.
 */
bool path_is_stored(const struct path *path);

/* The value at the end of path from record on; empty where a reference is.  Lives in record's arena or the log. */
struct slice path_value(struct path *path, const struct record *record);

#endif
