/*
 * document_policy: how a document wants to be reckoned (private to office/).
 *
 * All of it is said by fields of the document, so that what stands can be reckoned anew in
 * years to come: rounding, prices, tax_scheme, the terms of its early discount, cash
 * rounding and withholding.  What a draft leaves open comes from the company and the party.
 */
#ifndef OFFICE_DOCUMENT_POLICY_H
#define OFFICE_DOCUMENT_POLICY_H

#include "office/money.h"
#include "record/rule.h"

struct document_policy {
	struct money_policy money; /* digits -1: the document has no currency */
	int64_t step; /* cash is rounded to multiples of it, units of the currency's digits; 0: it is not */
	int64_t withholding; /* percent of the net, units of 10^-6 */
	int32_t day;         /* whose rates of tax are due: its date, else today */
};

struct document_policy document_policy_stored(const struct record *document);
struct document_policy document_policy_draft(const struct draft *draft);

/* What a draft takes from its party and the company, and what is wrong with what it says. */
enum status document_policy_default(struct batch *batch, struct draft *draft, struct error *error);

/* Fields that change how lines are reckoned: faults for those that move while the draft enters what stands. */
enum status document_policy_still(const struct draft *draft, const char *stands, struct error *error);

/* Whether a document of the scheme GST can begin to stand: it must be known where it is supplied. */
enum status document_policy_placed(struct view *view, const struct draft *draft, struct error *error);

#endif
