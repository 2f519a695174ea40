/*
 * ledger_scan: all postings that count, on all processors (private to office/).
 *
 * For sums, which do not mind the order; ledger_walk is for who does.  Where only some
 * accounts are wanted and there is an index, no others are looked at, so that it costs what
 * these have and not what the ledger has.
 */
#ifndef OFFICE_LEDGER_SCAN_H
#define OFFICE_LEDGER_SCAN_H

#include "office/ledger/ledger.h"

struct ledger_scan {
	int32_t last;                /* the last day that counts */
	const unsigned char *chosen; /* by number of account: whether it is wanted; NULL: all are */
	bool whole; /* else only number, date, account, amount and currency of a line are set */
};

/* Of workers below PARALLEL_WORKERS_MOST; calls with different ones come from different threads. */
typedef void ledger_scan_visit(const struct ledger_line *line, void *context, size_t worker);

/* Calls visit for every posting that is wanted. */
enum status ledger_scan(struct view *view, const struct ledger_scan *wanted, ledger_scan_visit *visit,
    void *context, struct error *error);

#endif
