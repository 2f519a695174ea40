/*
 * tax_rate: what a tax comes to, by country, class and day.
 *
 * A class is a word such as standard or reduced; what it comes to changes, and each time is
 * a record of its own with the first day that it holds.  Documents take what holds on their
 * date.  Where a country's rates are written down already is share/tax/rates.csv, which is
 * not a table: a store has the rates that somebody put into it.
 */
#ifndef OFFICE_TAX_RATE_H
#define OFFICE_TAX_RATE_H

#include <stdint.h>

#include "record/rule.h"

extern const struct rule rule_tax_rate;

/*
 * The rate of class, units of 10^-6, in percent, that holds on day: in the company's country,
 * or another one's for a class written as FR:standard.  STATUS_NO when there is none.
 */
enum status tax_rate_on(struct view *view, struct slice class, int32_t day, int64_t *rate, struct error *error);

/* The fault that there is none. */
enum status tax_rate_missing(struct slice class, int32_t day, const struct place *place, struct error *error);

/* The rates that are shipped, and their columns.  Lives until the callback returns. */
enum { TAX_RATE_COLUMNS = 5 };
extern const char *const tax_rate_columns[TAX_RATE_COLUMNS];
typedef void tax_rate_visit(const struct slice values[TAX_RATE_COLUMNS], void *context);
/* Of one country (alpha-2), or of all when it is empty; *count is how many. */
enum status tax_rate_shipped(const char *share, struct slice country, tax_rate_visit *visit, void *context,
    size_t *count, struct error *error);

#endif
