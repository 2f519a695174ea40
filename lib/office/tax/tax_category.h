/*
 * tax_category: why a line has tax or none (UNCL5305, as EN 16931 has it; private to office/).
 *
 * share/tax/category.csv says which categories want a reason to be given (BR-E-10,
 * BR-AE-10, BR-IC-10, BR-G-10, BR-O-10), and what it is unless somebody says more.
 */
#ifndef OFFICE_TAX_CATEGORY_H
#define OFFICE_TAX_CATEGORY_H

#include "office/money.h"
#include "record/rule.h"

/* The letters that stand for it: "AE". */
const char *tax_category_code(enum tax_category category);
/* By its letters; S or Z, as there is a rate, for none. */
enum tax_category tax_category_of(struct slice code, int64_t rate);

struct tax_category_rule {
	bool exempt;         /* a reason must be given */
	struct slice reason; /* unless given; empty: there is no other */
};

/* Valid as long as view.  STATUS_SYSTEM when the list can't be read. */
enum status tax_category_rule(struct view *view, enum tax_category category,
    const struct tax_category_rule **rule, struct error *error);

#endif
