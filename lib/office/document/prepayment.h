/*
 * prepayment: what is billed before it is earned, and taken off later.
 *
 * An invoice of kind `prepayment` (a deposit, a retainer) is owed like any other, with the
 * tax on it, but is no income yet: its lines go to the account with the use `advance`, a
 * liability.  A later invoice takes it off by lines that name it (`deducts`), whose amounts
 * are negative and reduce that liability; tax follows, since the line has the same rate and
 * category.
 *
 * At each rate and category no more is taken off, by all invoices that stand, than was billed ahead
 * less what was credited of it.  A credit note for such an invoice puts back what it took.
 */
#ifndef OFFICE_PREPAYMENT_H
#define OFFICE_PREPAYMENT_H

#include "record/rule.h"

/* Before document.h's: sets the lines' accounts as an invoice is issued, holds it to what is left. */
extern const struct rule rule_invoice_prepayment;
/* Before document.h's: a line that deducts takes from the prepayment what it leaves open. */
extern const struct rule rule_invoice_line_deducts;

/* What is left of a prepayment at one tax rate of one category, both in units of 10^-6. */
struct prepaid {
	char category[4]; /* UNCL5305 */
	int64_t tax_rate;
	int64_t left;  /* as its lines have it: with the tax where its prices hold that */
	uint64_t line; /* the first line that has them */
};

/*
 * What is left of invoice `prepayment`, rate by rate as its lines have them first, after all
 * that stands; free() *rates.
 */
enum status prepaid_left(struct view *view, uint64_t prepayment, struct prepaid **rates, size_t *count,
    struct error *error);

#endif
