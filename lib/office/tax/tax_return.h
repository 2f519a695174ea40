/*
 * tax_return: what is told to the tax office of a period, once and for all.
 *
 * A return tells of every document that stands, is dated up to the last day of its period,
 * and was in no return before: what comes late is in the next one, and marked as late.  So
 * is tax that a deduction has taken off a document (allocation.tax).  Filing writes down
 * the boxes and the documents, which never appear again, and moves the tax from the
 * accounts for it to the one with the use `tax-due`, dated the day it is filed: what is in
 * those accounts is the tax of the documents that are not filed yet.
 */
#ifndef OFFICE_TAX_RETURN_H
#define OFFICE_TAX_RETURN_H

#include "base/arena.h"
#include "office/tax/tax_form.h"
#include "record/rule.h"

/* What one return tells of one document. */
struct tax_told {
	const char *table; /* invoice, bill, allocation */
	uint64_t number;
	int32_t date;
	bool late;
	int64_t base, tax; /* units of 10^-6 of the books' currency */
};

/* What is in one account, to be moved; debit positive. */
struct tax_balance {
	uint64_t account;
	int128 units;
};

struct tax_return {
	struct slice code; /* as it was asked for */
	const char *name;  /* of the form */
	int32_t first, last;
	struct tax_form form;
	struct tax_told *told;
	size_t told_count, told_capacity, late;
	int128 output, input;
	struct tax_balance *balances; /* empty where no books are kept */
	size_t balance_count, balance_capacity;
	struct arena arena; /* of what was loaded */
};

/*
 * What is to be told now; form NULL is that of the company's country.  STATUS_NO for a form
 * that is not there, STATUS_REFUSED when it can't be told.
 */
enum status tax_return_read(struct view *view, struct slice code, const char *form,
    struct tax_return *tax_return, struct error *error);
/* All that is in no return yet, without boxes. */
enum status tax_return_unfiled(struct view *view, struct tax_return *tax_return, struct error *error);
void tax_return_release(struct tax_return *tax_return);

/* Files it: records and the entry.  STATUS_REFUSED when one of the days was filed, or is to come. */
enum status tax_return_file(struct batch *batch, const struct tax_return *tax_return, struct error *error);

/* The number of the return with that code; 0 when it was not filed. */
uint64_t tax_return_filed(struct view *view, struct slice code);

/* A return as it was filed: its boxes and documents, without balances. */
enum status tax_return_load(struct view *view, uint64_t number, struct tax_return *tax_return,
    struct error *error);

/* An amount in the digits of the books' currency. */
struct slice tax_amount(struct view *view, int128 units, struct arena *arena);

#endif
