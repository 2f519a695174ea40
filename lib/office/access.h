/*
 * access: rules for the records that say who may do what: user, role, permission, duty.
 *
 * Nobody is granted what there is not, and the last one who may change users and roles
 * can't be taken away, by himself or by others.  What the records mean is enforced by
 * record/access.h.
 */
#ifndef OFFICE_ACCESS_H
#define OFFICE_ACCESS_H

#include "record/rule.h"

extern const struct rule rule_user;
extern const struct rule rule_role;
extern const struct rule rule_permission;
extern const struct rule rule_duty;

#endif
