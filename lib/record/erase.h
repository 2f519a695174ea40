/*
 * erase: a person's records become blank, and stay so.
 *
 * An erasure is a transaction that adds records to the table `erasure`, one for each
 * line that is to be blank (see store/store.h, which then overwrites them).
 */
#ifndef RECORD_ERASE_H
#define RECORD_ERASE_H

#include "record/batch.h"
#include "record/view.h"

/* Whether records of this table can be erased: personal ones, children only with their parents. */
bool erase_applies(const struct table *table);

/*
 * Adds the erasure of these records of log, and of all that is held on them in personal
 * tables (record/holding.h), to the batch.  Nothing is added for what is erased already.
 * STATUS_REFUSED when a rule's check_erase finds a reason, unless forced.
 */
enum status erase_records(struct batch *batch, struct log *log, const uint64_t *numbers, size_t count,
    bool force, struct error *error);

/* The transaction that erased record number of log, 0 when none did. */
enum status erase_found(struct log *log, uint64_t number, uint64_t *tx, struct error *error);

#endif
