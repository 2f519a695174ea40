/*
 * document_total: from the lines of a document to what it comes to (private to office/).
 */
#ifndef OFFICE_DOCUMENT_TOTAL_H
#define OFFICE_DOCUMENT_TOTAL_H

#include "office/document.h"
#include "office/money.h"

/* What a document says about how to reckon. */
enum rounding document_rounding(struct slice rounding);

/* The fields of a line, looked up once. */
struct line_fields {
	size_t qty, price, discount, tax_rate, amount, tax, account;
};

struct line_fields line_fields(const struct table *table);
/* What a line says of itself. */
struct money_line line_money(const struct record *line, const struct line_fields *fields);

/* What lines that name an account of their own come to. */
struct account_share {
	uint64_t account; /* number of its record */
	int64_t units;
};

struct document_total {
	size_t lines;            /* that count: not archived */
	int64_t net, tax, total; /* units of the currency's digits */
	struct account_share *shares;
	size_t share_count, share_capacity;
};

void document_total_release(struct document_total *total);

/*
 * Adds up the lines of document `number` as they stand in batch's view.  Lines whose
 * stored amount or tax is another one (the document rounds differently now) are put right
 * by edits of batch.  Faults lie at place.
 */
enum status document_sum(struct batch *batch, const struct document_kind *kind, uint64_t number,
    enum rounding rounding, int digits, const struct place *place, struct document_total *total,
    struct error *error);

/*
 * Notes that documents of this kind, or lines, are in the batch, from input source (NULL for
 * none): else it costs nothing to settle.
 */
void document_touch(struct batch *batch, const struct document_kind *kind, const char *source);

/* The finish hooks: totals of every draft that this batch has touched. */
enum status invoices_settle(struct batch *batch, struct error *error);
enum status bills_settle(struct batch *batch, struct error *error);

#endif
