/*
 * history: every revision of a record, and what each changed.
 */
#ifndef RECORD_HISTORY_H
#define RECORD_HISTORY_H

#include "record/view.h"

/* Called for each revision, oldest first; a status other than STATUS_OK ends the walk and is returned. */
typedef enum status history_visit(const struct record *revision, const struct record *before, void *context,
    struct error *error);

/* before is NULL for the first revision. */
enum status history_record(struct log *log, uint64_t number, history_visit *visit, void *context,
    struct error *error);

/* Every line of the log from offset on, whatever record it is of; before is the revision that record had. */
enum status history_log(struct log *log, uint64_t offset, history_visit *visit, void *context,
    struct error *error);

#endif
