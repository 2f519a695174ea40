/*
 * budget: what was planned for accounts, and what came of it.
 *
 * A plan is for an account with all that is part of it, in a month or in a calendar year,
 * and, where it has tags, for the postings with all of these.  Its amount is positive on
 * the side where such accounts grow.  A year's plan is a twelfth in every month, rounded so
 * that the months come to the year; months' plans add up to their year's.
 */
#ifndef OFFICE_BUDGET_H
#define OFFICE_BUDGET_H

#include "office/ledger/ledger_report.h"

extern const struct rule rule_budget;

/*
 * A row for each account, tags (row->key) and currency that something was planned for in a
 * period (base/period.h): the plan (row->before), what came of it (row->debit), and how much more
 * that is (row->balance).  What closes a year is left out.  STATUS_USAGE for what is no period.
 */
enum status budget_compare(struct view *view, struct slice period, ledger_row_visit *visit, void *context,
    struct error *error);

#endif
