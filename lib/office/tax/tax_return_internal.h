/*
 * tax_return_internal: how the tax of a return is gathered, row by row.
 */
#ifndef OFFICE_TAX_RETURN_INTERNAL_H
#define OFFICE_TAX_RETURN_INTERNAL_H

#include "base/arena.h"
#include "office/document/document.h"
#include "office/tax/tax_return.h"

enum { SOURCES = 3 }; /* invoices, bills, allocations */

struct collecting {
	struct view *view;
	struct tax_return *tax_return;
	struct log *sources[SOURCES];
	bool *filed[SOURCES]; /* by number */
	const struct table *accounts;
	struct arena arena; /* of the record that is looked at */
};

/* Adds one row, of which told says whose it is; first: it is the one whose base counts.  account 0: no books. */
void collect_row(struct collecting *collecting, const struct document_kind *kind, struct tax_told told,
    const struct tax_row *row, uint64_t account, bool first);

/* What deductions took off the tax of documents, tax_deduction.c. */
enum status collect_deductions(struct collecting *collecting, struct error *error);

#endif
