/*
 * office: what a business means by its tables.
 *
 * Every command hands these rules to the record layer, so that they hold whatever
 * command a change came from.
 */
#ifndef OFFICE_OFFICE_H
#define OFFICE_OFFICE_H

#include "record/rule.h"

extern const struct rule *const office_rules[]; /* NULL-ended */

#endif
