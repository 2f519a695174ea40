/*
 * document_total: from the lines of a document to what it comes to (private to office/).
 */
#ifndef OFFICE_DOCUMENT_TOTAL_H
#define OFFICE_DOCUMENT_TOTAL_H

#include "base/arena.h"
#include "office/document/document.h"
#include "office/document/document_policy.h"

/* The fields of a line, looked up once. */
struct line_fields {
	size_t qty, price, discount, tax_rate, tax_class, category, exemption, amount, tax, account;
};

struct line_fields line_fields(const struct table *table);
/* What a line says of itself. */
struct money_line line_money(const struct record *line, const struct line_fields *fields);

/* What lines that name an account of their own come to. */
struct account_share {
	uint64_t account; /* number of its record */
	int64_t units;
};

/* The lines of one category and rate, and why there is no tax on them. */
struct document_group {
	struct money_group sums;
	struct slice exemption; /* in the total's arena */
};

struct document_total {
	size_t lines;            /* that count: not archived */
	int64_t net, tax, total; /* units of the currency's digits */
	int64_t rounding_amount; /* what cash rounding adds to total, */
	int64_t payable;         /* and what is to be settled then */
	int64_t withheld;        /* part of it that goes to the tax office instead */
	struct document_group *groups;
	size_t group_count;
	struct account_share *shares;
	size_t share_count, share_capacity;
	struct arena arena;
};

void document_total_release(struct document_total *total);

/*
 * Adds up the lines of document `number` as they stand in batch's view.  Lines whose
 * stored amount or tax is another one (the document rounds differently now) are put right
 * by edits of batch.  Faults lie at place.
 */
enum status document_sum(struct batch *batch, const struct document_kind *kind, uint64_t number,
    const struct document_policy *policy, const struct place *place, struct document_total *total,
    struct error *error);

/* What is owed beyond total: fills in rounding_amount, payable and withheld; false on overflow. */
bool document_owed(const struct document_policy *policy, struct document_total *total);

/* The fields of a document that tell of its total, and the amounts that belong there. */
enum { TOTAL_FIELDS = 6 };
extern const char *const total_fields[TOTAL_FIELDS];
void total_units(const struct document_total *total, int64_t units[TOTAL_FIELDS]);

/* Whether lines are put right at this moment: then they come reckoned. */
bool lines_mending(struct batch *batch);

/*
 * Notes that documents of this kind, or lines, are in the batch, from input source (NULL for
 * none): else it costs nothing to settle.
 */
void document_touch(struct batch *batch, const struct document_kind *kind, const char *source);

/* The finish hooks: totals of every draft that this batch has touched. */
enum status invoices_settle(struct batch *batch, struct error *error);
enum status bills_settle(struct batch *batch, struct error *error);

#endif
