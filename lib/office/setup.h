/*
 * setup: rules for what a store says about itself: the company, and the tables and
 * fields that it adds to those of bo.
 */
#ifndef OFFICE_SETUP_H
#define OFFICE_SETUP_H

#include "record/rule.h"

/* timezone is a name of the tz database, fiscal_year a day as MM-DD that every year has. */
extern const struct rule rule_company;

/*
 * A definition must be one that the schema takes: once it is in the log, every
 * command reads it before anything else.
 */
extern const struct rule rule_table;
extern const struct rule rule_field;

#endif
