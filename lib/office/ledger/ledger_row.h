/*
 * ledger_row: sums as rows of a report (private to office/).
 */
#ifndef OFFICE_LEDGER_ROW_H
#define OFFICE_LEDGER_ROW_H

#include "office/ledger/ledger_report.h"

/* Rows in the making. */
struct ledger_rows {
	struct view *view;
	struct log *accounts;
	struct arena arena; /* of one row */
};

/* An amount in units of 10^-6 in its currency's digits. */
struct slice ledger_amount(struct ledger_rows *rows, int128 units, const char *currency);

/* What an account and its sum say of themselves; arena is reset before. */
enum status ledger_row_of(struct ledger_rows *rows, const struct account_sum *sum, struct ledger_row *row,
    struct error *error);

bool ledger_sum_is_nothing(const struct account_sum *sum);

#endif
