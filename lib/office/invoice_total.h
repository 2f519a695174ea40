/*
 * invoice_total: from the lines of an invoice to what it comes to (private to office/).
 */
#ifndef OFFICE_INVOICE_TOTAL_H
#define OFFICE_INVOICE_TOTAL_H

#include "office/money.h"
#include "record/rule.h"

/* What an invoice says about how to reckon. */
enum rounding invoice_rounding(struct slice rounding);

/* The fields of a line, looked up once. */
struct line_fields {
	size_t qty, price, discount, tax_rate, amount, tax;
};

struct line_fields line_fields(const struct table *table);
/* What a line says of itself. */
struct money_line line_money(const struct record *line, const struct line_fields *fields);

struct invoice_total {
	size_t lines;            /* that count: not archived */
	int64_t net, tax, total; /* units of the currency's digits */
};

/*
 * Adds up the lines of invoice `number` as they stand in batch's view.  Lines whose
 * stored amount or tax is another one (the invoice rounds differently now) are put right
 * by edits of batch.  Faults lie at place.
 */
enum status invoice_sum(struct batch *batch, uint64_t number, enum rounding rounding, int digits,
    const struct place *place, struct invoice_total *total, struct error *error);

/* Notes that invoices or lines are in the batch, from input source (NULL for none): else it costs nothing to settle. */
void invoice_touch(struct batch *batch, const char *source);

/* The finish hook: totals of every draft that this batch has touched. */
enum status invoice_settle(struct batch *batch, struct error *error);

#endif
