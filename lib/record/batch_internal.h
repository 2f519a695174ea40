/*
 * batch_internal: a batch from within (private to record/).
 *
 *	batch.c        edits become drafts, which stand all checks
 *	batch_tail.c   drafts become lines in the tails of logs, and these chunks
 *	intake.c       rows that become lines without being drafts first
 *
 * The journal holds one entry for each line that was written, so that any number of
 * the last ones can be taken back: an entry says which line was the newest before.
 * When a record is revised twice, its first line is dead and left out in the end,
 * since (id, tx) names one revision.
 */
#ifndef RECORD_BATCH_INTERNAL_H
#define RECORD_BATCH_INTERNAL_H

#include "base/random.h"
#include "record/batch.h"

enum { BATCH_DEPTH_MAX = 8 }; /* rules that edit records whose rules edit records … */

struct entry {
	uint64_t before; /* offset + 1 of what was the newest line, 0 for none */
	uint32_t number;
	uint32_t line; /* of the input */
	uint16_t log;  /* index into logs */
	bool first;    /* of this record in this batch */
	bool by_rule;
};

/* A log with pending lines. */
struct writing {
	struct log *log;
	struct digest_ahead *ahead; /* of its tail, when that is long */
	int file;                   /* that a new log lies in already, 0 for none */
	bool revised;               /* lines were taken back or revised: no digest can be worked out ahead */
};

struct pad {
	struct pad *next;
	const struct rule *rule;
	void *memory;
	void (*release)(void *);
};

struct batch {
	struct view *view;
	struct access *access; /* made by the first edit */
	uint64_t tx;           /* the transaction's number, if nobody is faster */
	char tx_column[24];    /* the same as it stands in a line, commas around it */
	struct writing *logs;
	size_t log_count, log_capacity;
	struct entry *journal;
	size_t count, capacity;
	struct change *changes; /* made on demand */
	struct chunk *chunks;
	struct pad *pads;
	struct arena arenas[BATCH_DEPTH_MAX];
	size_t depth;
	struct random_stream *random; /* of salts, once there are many */
	const char *reason;           /* why, as the audit log will say; or NULL */
	bool trial;                   /* none of it gets into a transaction */
	size_t searched;              /* entries that batch_line has looked at */
};

/*
 * The draft's line, at the end of its log's tail, becomes the newest of its record and
 * goes into the journal.  STATUS_REFUSED with a fault where it is too long; then nothing is there.
 * known is of the draft's values, or NULL.
 */
struct known;
enum status batch_write(struct batch *batch, const struct draft *draft, const struct known *known,
    bool by_rule, struct error *error);

enum {
	SEARCHED_MOST = 1 << 24 /* entries, so that an input full of faults is not gone through for each of them */
};

/* The line of the input that a new record came in; 0 when it came in none, or enough was searched. */
uintmax_t batch_line(struct batch *batch, const struct log *log, uint64_t number);

/* Whatever was hashed ahead of a log is of no use any more. */
void batch_give_up_ahead(struct writing *writing);

#endif
