/*
 * tax_form: the boxes of a tax return, as share/tax/NAME.csv has them (private to office/).
 *
 *	box,help,side,components,categories,rates,take,sum,rounding
 *
 * A box takes base or tax of documents of one side (sales, purchases) that have one of the
 * components, categories and rates, where it names some, or the tax that the buyer owes for
 * them (owed); or it is a sum of boxes before it (`3 - 4`).  Another line with its name adds
 * to it.  It may be rounded to whole units, or told without its sign.
 */
#ifndef OFFICE_TAX_FORM_H
#define OFFICE_TAX_FORM_H

#include "base/buffer.h"
#include "base/decimal.h"
#include "base/error.h"
#include "base/slice.h"

struct tax_box {
	struct slice box, help;                     /* point into the form */
	struct slice components, categories, rates; /* words; empty for any */
	struct slice sum;                           /* words, or empty */
	bool sales, purchases;                      /* whose documents; neither for a sum */
	bool base, owed;                            /* takes that, not the tax */
	bool more;                                  /* adds to the box of that name */
	bool whole, absolute;
	int128 amount; /* units of 10^-6 of the books' currency */
};

struct tax_form {
	struct buffer file;
	struct tax_box *boxes;
	size_t count, capacity;
};

/* STATUS_NO when there is no such form, STATUS_SYSTEM when it is wrong (file:line: why). */
enum status tax_form_open(struct tax_form *form, const char *share, const char *name, struct error *error);
void tax_form_release(struct tax_form *form);

/* One row of the tax of a document; amounts in units of 10^-6 of the books' currency. */
struct tax_row {
	bool sales;
	struct slice component, category, rate; /* rate as it is stored */
	int64_t base, tax;
	int64_t owed; /* by the buyer, under reverse charge and for acquisitions in the union */
};

/* Whether a box takes what is owed by the buyer. */
bool tax_form_wants_owed(const struct tax_form *form);

void tax_form_add(struct tax_form *form, const struct tax_row *row);
/* Once, when all rows are in: sums and rounding (half away from zero). */
void tax_form_total(struct tax_form *form);

#endif
