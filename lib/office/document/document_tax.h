/*
 * document_tax: the tax of a document that begins to stand (private to office/).
 *
 * invoice_tax and bill_tax have a row for each component, category and rate (EN 16931,
 * BG-23), with base and tax also in the currency of the books.  They are written once, and
 * add up to the document's tax; what is filed is told from them alone.
 */
#ifndef OFFICE_DOCUMENT_TAX_H
#define OFFICE_DOCUMENT_TAX_H

#include "office/document/document_policy.h"
#include "office/document/document_total.h"
#include "office/ledger/ledger_document.h"

/* How many components the tax of this document has, and what they are called (of two: 0 and 1). */
size_t tax_component_count(const struct document_policy *policy);
const char *tax_component(const struct draft *draft, size_t component);

/*
 * The account that takes the tax of a component ("" for none in particular) of documents
 * whose tax has that use; 0 where no books are kept, or there is none.
 */
uint64_t tax_account(struct view *view, const char *use, struct slice component);

/* How many parts tax_parts makes. */
size_t tax_part_count(const struct document_total *total, const struct document_policy *policy);
/* What is posted as tax, group by group and in them by component. */
void tax_parts(struct batch *batch, const struct draft *draft, const struct document_total *total,
    const struct document_policy *policy, struct document_part *parts);

/* Writes the rows.  parts are all that the document posts, those of tax_parts first. */
enum status tax_write(struct batch *batch, const struct draft *draft, const struct document_total *total,
    const struct document_policy *policy, const struct document_part *parts, size_t count, struct error *error);

/* What EN 16931 asks of categories (BR-AE-2, BR-IC-2, BR-O-11), for a document that is issued here. */
enum status tax_check(struct view *view, const struct draft *draft, const struct document_total *total,
    struct error *error);

#endif
