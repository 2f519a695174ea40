/*
 * grant: what the roles of a user allow.
 *
 * A store has users as soon as its table `user` has a record.  A user has roles by
 * name; a role has permissions: these verbs on this table, up to an amount.
 */
#ifndef RECORD_GRANT_H
#define RECORD_GRANT_H

#include "record/view.h"

/* One permission; everything lives in the arena that it was loaded into. */
struct grant {
	struct slice role, table, verbs;
	struct slice limit; /* as stored, empty for none */
};

struct grants {
	struct slice roles; /* of the user, as stored; of roles that there are not, nothing is granted */
	struct grant *list;
	size_t count, capacity;
};

/*
 * Every permission of record number of `user`, none when it is archived, as view shows
 * them, what is pending included.
 */
enum status grants_load(struct view *view, uint64_t number, struct arena *arena, struct grants *grants,
    struct error *error);
void grants_release(struct grants *grants);

/* Whether it is about this verb on this table, whatever the amount. */
bool grant_covers(const struct grant *grant, const char *table, const char *verb);
bool grants_cover(const struct grants *grants, const char *table, const char *verb);

/* The field that a limit is about: money called total, else amount, else the first that bo works out; or SIZE_MAX. */
size_t grant_amount(const struct table *table);

#endif
