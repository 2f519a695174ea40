/*
 * indexed: a log whose lines were not all read, because there is an index of it.
 *
 * What the index knows is its base: the first so many bytes of the log.  Lines behind
 * that, pending ones too, are read into the log's own arrays as ever and are always
 * newer; so the base is asked only for what they do not tell, and is never wrong.  What
 * it says is a hint: the line it points to must be of that record, the record's newest
 * line must have the value.  Where a page turns out to be damaged the whole log is read
 * after all.
 */
#ifndef RECORD_INDEXED_H
#define RECORD_INDEXED_H

#include "record/view.h"
#include "store/index.h"

/*
 * For a log that nothing was read of yet: takes over what its index knows.  Where there
 * is none, or one that is far behind, and the log is large, starts to make it meanwhile.
 */
void indexed_open(struct log *log, struct slice bytes);
/* Waits for what is being made. */
void indexed_wait(struct log *log);
void indexed_free(struct log *log);

/* Whether the base knows the values of a field. */
bool indexed_knows(const struct log *log, size_t field);
/*
 * The records of the base that have, or had, a value, and maybe others, each once and
 * rising; valid until the next call.  false when the base is gone: everything is in memory
 * now.
 */
bool indexed_candidates(struct log *log, size_t field, struct slice value, const uint64_t **numbers,
    size_t *count);
/* Offset + 1 of the newest line of a record in the base; 0 when it has none there. */
uint64_t indexed_line(struct log *log, uint64_t number);
/*
 * The offsets of all its lines there, rising, in an array to be freed, and where the base
 * ends.  false when there is no base.
 */
bool indexed_revisions(struct log *log, uint64_t number, uint64_t **offsets, size_t *count, uint64_t *end);

/* Notes that there is a line of record number behind the base. */
void indexed_note(struct log *log, uint64_t number);
/* The records that have one, some of them twice. */
const uint32_t *indexed_noted(const struct log *log, size_t *count);

/* The state of a table's index, for a person. */
struct index_report {
	enum index_found found;
	uint64_t tx, records, size, behind; /* bytes; of the log, what is not in it yet */
};
enum status indexed_report(struct view *view, const struct table *table, struct index_report *report,
    struct error *error);
/*
 * Makes or renews the index of a table now.  *made says whether one was: not where there
 * was nothing to do, somebody else is at it, or it can't be written.
 */
enum status indexed_build(struct view *view, const struct table *table, bool *made, struct error *error);

#endif
