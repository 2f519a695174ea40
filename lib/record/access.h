/*
 * access: may whoever runs this command make these edits?
 *
 * It is asked about every edit that a command was given, not about what rules add to
 * it.  The user is the login name of the real uid.  A store without a record in `user`
 * is open to everybody; from the first one on nobody may do but what a role says
 * (record/grant.h), nor both halves of a duty (record/duty.h).
 *
 * What counts is committed: nobody gains anything from an edit of the same transaction.
 */
#ifndef RECORD_ACCESS_H
#define RECORD_ACCESS_H

#include "record/batch.h"

struct access;

/*
 * A filled draft before rules have seen it.  STATUS_REFUSED with one fault: `anna may
 * not issue invoices (role clerk)`, `carl created PO7 himself: somebody else must
 * approve it`.  Then either access_entered, or it is forgotten by the next check.
 * *access is NULL at first, and then keeps what was read; where there are no users
 * that costs one look at a log's length.
 */
enum status access_check(struct access **access, const struct draft *draft, const struct edit *edit,
    struct error *error);
/* Whether anybody is bound at all; true too where that can't be read. */
bool access_binds(struct access **access, struct view *view);
void access_close(struct access *access); /* NULL is fine, here and below */
/* It has become change number `change` of the batch, of record number. */
void access_entered(struct access *access, uint64_t number, size_t change);
/* Only the first `changes` of the batch are left. */
void access_back(struct access *access, size_t changes);

/* Once all rules are done: amounts against limits, `anna may not issue invoices over 1000.00 (role clerk)`. */
enum status access_finish(struct access *access, struct error *error);

/* Whether the user may take a verb that is no edit (erase) on a table; STATUS_REFUSED like above. */
enum status access_verb(struct view *view, const struct table *table, const char *verb, struct error *error);

#endif
