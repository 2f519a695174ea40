/*
 * series: document numbers without gaps.
 *
 * A number is given out in the transaction that issues its document, from a record
 * of the table `series` that the same transaction moves on.  Transactions are one
 * after the other and whole or not at all, so there is no gap and no number twice.
 * Dates do not run backwards within a series: number n + 1 is never dated before n.
 *
 * How numbers look is said by a pattern: text with {year} {yy} {month} from the
 * document's date, and {number} or {number:6} (with zeros in front, six digits at
 * least) exactly once.  With the date filled in and # for the number it is the
 * code of the series: INV-{year}-{number:6} counts in INV-2026-#, and from 1 again
 * in INV-2027-#.
 */
#ifndef OFFICE_SERIES_H
#define OFFICE_SERIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "record/rule.h"

extern const struct rule rule_series;
/* The company's pattern makes numbers; a rule besides setup.h's. */
extern const struct rule rule_company_series;

/* NULL when pattern can make numbers, else why not ("no {number} in it"). */
const char *series_pattern_fault(struct slice pattern);

/* The functions below want a pattern without fault.  They replace what is in out. */
void series_code(struct slice pattern, int32_t date, struct buffer *out);
void series_number(struct slice pattern, int32_t date, uint64_t number, struct buffer *out);

/*
 * The next number for draft, a document of that date, by the pattern that is this setting of
 * the company ("invoice_number"): *number is in draft->arena.
 * STATUS_REFUSED with a fault at field `date` when the series has gone past it.
 */
enum status series_next(struct batch *batch, const struct draft *draft, const char *setting, int32_t date,
    struct slice *number, struct error *error);

#endif
