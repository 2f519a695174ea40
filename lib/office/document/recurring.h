/*
 * recurring: invoices that come again and again, by a template.
 *
 * The turns of a template are days: its start, and from there every so many months or days.
 * The nth is start + n × every, clamped to the end of its month, and never reckoned from the
 * one before: from 31 January monthly turns are 28 February, 31 March, 30 April.
 *
 * An invoice that is a turn names template and day (`recurring`, `period`); both together
 * are unique, whoever writes it, so that no turn is billed twice, however often, late or
 * concurrently turns are made.  A turn that was voided as a draft has had its invoice too.
 */
#ifndef OFFICE_RECURRING_H
#define OFFICE_RECURRING_H

#include "base/date.h"
#include "record/rule.h"

extern const struct rule rule_recurring;
/* Holds an invoice to a turn of its template; a rule besides invoice.h's. */
extern const struct rule rule_invoice_turn;

/* The turns of a template. */
struct schedule {
	int32_t start, last; /* days; last is DATE_LAST where there is no end */
	struct span every;
};

/* false when the record has none (it was erased, or is no template). */
bool schedule_of(const struct record *recurring, struct schedule *schedule);
/* The day of turn n, from 0; false when it lies beyond the last. */
bool schedule_turn(const struct schedule *schedule, int64_t n, int32_t *day);

/* The invoice that is the turn of template `recurring` on that day; 0 when there is none. */
uint64_t turn_invoice(struct log *invoices, struct slice recurring, int32_t day);

struct recurring_run {
	const uint64_t *templates; /* numbers of records; all that are not archived when count is 0 */
	size_t count;
	int32_t until;       /* the last day whose turns are made */
	bool catch_up;       /* more than one turn of a template, of which all but one are late */
	bool issue;          /* makes documents of the drafts */
	struct arena *arena; /* for what faults name; must live longer than the batch */
};

/*
 * Makes a draft for each turn that has come and has no invoice.  STATUS_REFUSED with a fault for
 * each template that has no lines, or has missed turns when catch_up is not set.
 */
enum status recurring_invoices(struct batch *batch, const struct recurring_run *run, struct error *error);

#endif
