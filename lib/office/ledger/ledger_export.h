/*
 * ledger_export: the books as a journal of ledger, hledger or beancount.
 *
 * Every posted entry with its postings, by date; accounts are opened first.  Names that
 * those programs would take for something else are spelled so that they can't (bo-ledger(1)).
 */
#ifndef OFFICE_LEDGER_EXPORT_H
#define OFFICE_LEDGER_EXPORT_H

#include "office/ledger/ledger.h"

enum export_format { EXPORT_LEDGER, EXPORT_HLEDGER, EXPORT_BEANCOUNT };

bool export_format_of(const char *name, enum export_format *format);

/* Takes the next piece of the journal; false when it can't be written. */
typedef bool export_write(struct slice text, void *context);

/* The entries of the query's days. */
enum status ledger_export(struct view *view, const struct ledger_query *query, enum export_format format,
    export_write *write, void *context, struct error *error);

#endif
