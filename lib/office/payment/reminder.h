/*
 * reminder: customers are reminded of what is overdue, step by step.
 *
 * A reminder is a record about one invoice; how it is sent is not its business.  The
 * levels are a table: so many days past due, a fee, a kind of interest, and the days to pay
 * from then on.  An invoice gets the level after its last one, once the days of that level
 * are over and so is the time to pay that its last reminder gave: one level a run, none
 * twice, and nothing the same day again.  Nobody is reminded of what is disputed, settled, a
 * credit note or itself a charge.
 *
 * Fee and interest are owed by a document of their own, an invoice of kind `charge` with a
 * number from its own series, posted to the account with the use `dunning`.  The invoice
 * stands as it was issued; the charge is paid, credited or written off by itself; and what
 * customers owe is the sum of what is open, as ever.  There is no tax on it, and no interest.
 */
#ifndef OFFICE_REMINDER_H
#define OFFICE_REMINDER_H

#include "record/rule.h"

extern const struct rule rule_reminder, rule_reminder_level;

/*
 * Adds a reminder of each of the invoices, or without any of all that are due.  STATUS_REFUSED
 * with a fault for each named one that there is nothing to be reminded of.
 */
enum status reminders_add(struct batch *batch, const uint64_t *invoices, size_t count, struct error *error);

#endif
