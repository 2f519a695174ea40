/*
 * view: tables as they stand in a snapshot, and what is being added to them.
 *
 * A table's state is the newest line of each record.  It is found through an
 * array indexed by the id's number, 8 bytes a record, which is built by one scan of
 * the log when the table is first used, or filled from an index as it is asked.
 * Lines of a transaction in the making lie in the log's tail, at the offsets they
 * will have on disk, and are seen like all others: a rule or a reference never has
 * to ask whether something is pending.
 */
#ifndef RECORD_VIEW_H
#define RECORD_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "record/schema.h"
#include "record/value.h"
#include "store/store.h"

struct view;
struct rule;

/* The columns that hold from a header line on. */
struct layout {
	uint64_t offset;      /* of the header line in the log */
	struct slice header;  /* without its newline */
	size_t count;         /* columns after id, tx (and seal) */
	const size_t *fields; /* the field of each of them */
	size_t known;         /* fields that the table had then */
	const size_t *column; /* of each of those, its column, or SIZE_MAX */
};

static inline size_t
layout_column(const struct layout *layout, size_t field)
{
	return field < layout->known ? layout->column[field] : SIZE_MAX;
}

struct indexed;   /* what an index says, see record/indexed.h */
struct lookup;    /* values of one field → numbers, see record/lookup.h */
struct referring; /* referred to → referring, see record/referring.h */

/* Fields that a new record must be looked at for, so that the others cost nothing. */
struct checklist {
	size_t *presets, *required, *unique; /* indexes, SIZE_MAX-ended */
};

struct number_list {
	uint64_t *all;
	size_t count, capacity;
};

struct log {
	struct view *view;
	const struct table *table; /* with FIELD_FOREIGN fields for columns that no schema knows */
	struct checklist checklist;
	struct slice bytes;      /* committed */
	struct buffer tail;      /* pending lines, to be appended there */
	bool pinned;             /* the tail has become long, and stays where it is */
	uint64_t scanned;        /* bytes the arrays below know of */
	uint64_t *newest;        /* by number: what log_newest says, or 0 while nobody asked */
	uint64_t count;          /* highest number given out, pending ones included */
	uint64_t settled;        /* highest number that is committed */
	size_t capacity;         /* of newest */
	struct layout **layouts; /* in order of offset */
	size_t layout_count, layout_capacity;
	const struct layout *complete; /* the last layout, once it is known to have every stored field */
	bool sealed;                   /* lines have a third column, `seal` */
	bool damaged;                  /* found after it was opened, see view_sound */
	struct indexed *indexed;       /* NULL when all lines were read */
	struct lookup *lookups;        /* made on demand */
	struct referring *referring;
	struct number_list answer; /* to the last question */
};

struct columns; /* how far a line has been split */

/* One record, read from its newest line. */
struct record {
	struct log *log;
	uint64_t number;
	uint64_t tx;
	struct slice line; /* without its newline */
	const struct layout *layout;
	struct slice *raw;       /* one per column of the layout, quotes still on */
	struct columns *columns; /* NULL: all of raw is there */
	bool erased;             /* all values are empty, derived ones too */
	struct arena *arena;     /* for what must be decoded or computed */
};

/*
 * A view of snapshot, which it takes over and closes.  rules is NULL-ended (or NULL):
 * they compute derived fields.  share is the directory of the schemas.
 */
enum status view_open(struct store *store, struct snapshot *snapshot, const char *share,
    const struct rule *const *rules, struct view **view, struct error *error);
/* The same over a schema that was opened for this, which it takes over too. */
enum status view_open_schema(struct store *store, struct snapshot *snapshot, struct schema *schema,
    const struct rule *const *rules, struct view **view, struct error *error);
void view_close(struct view *view); /* NULL is fine */

/* Waits for what goes on in other threads (an index that is being made); view_close does too. */
void view_wait(struct view *view);

struct store *view_store(const struct view *view);
struct snapshot *view_snapshot(const struct view *view);
struct schema *view_schema(const struct view *view);
const struct rule *const *view_rules(const struct view *view);
struct codes *view_codes(const struct view *view);

/*
 * Follows the snapshot after snapshot_refresh or snapshot_to_head.  Nothing may be
 * pending (batch_forget).  Pointers to tables, fields and logs got before are void.
 */
enum status view_follow(struct view *view, struct error *error);

/* The business date (--on, else today in the company's time zone) and the instant `now`; both fixed once per view. */
int32_t view_today(struct view *view);
int64_t view_now(struct view *view);
void view_set_today(struct view *view, int32_t day);

/* A field of the company record as stored, or the default of its schema; absent when there is none.  Valid until that record changes. */
struct slice view_company(struct view *view, const char *field);

/*
 * Memory for whoever computes something once per view (balances, say): zeroed at
 * first, found again by key (any address of the caller's), given to release (may be
 * NULL; it frees what the memory points to, not the memory) when the view moves or closes.
 */
void *view_memory(struct view *view, const void *key, size_t size, void (*release)(void *));

/*
 * STATUS_SYSTEM when a log turned out to be damaged only after it was opened: whatever was
 * read since may lack something.
 */
enum status view_sound(const struct view *view, struct error *error);

enum status view_table(struct view *view, const char *name, const struct table **table, struct error *error);
/*
 * The log of a table; STATUS_SYSTEM when it is damaged.  Where there is an index of it only
 * the lines that are not in that are read.
 */
enum status view_log(struct view *view, const char *name, struct log **log, struct error *error);

uint64_t log_locate(const struct log *log, uint64_t number); /* for log_newest alone */

/* Offset + 1 of the newest line of record number, pending ones included; 0 when there is none. */
static inline uint64_t
log_newest(const struct log *log, uint64_t number)
{
	uint64_t line;

	if (number == 0 || number > log->count)
		return 0;
	line = log->newest[number];
	return line == 0 && log->indexed != NULL ? log_locate(log, number) : line;
}

/*
 * Finds all newest lines at once, of one log or of all that are open: from then on
 * log_newest only reads, so several threads may ask.
 */
void log_fill(struct log *log);
void view_fill(struct view *view);

/* The newest line of record number (without newline), absent when there is none. */
struct slice log_line(const struct log *log, uint64_t number);
/* The line that begins at offset (committed or pending). */
struct slice log_line_at(const struct log *log, uint64_t offset);
/* How many bytes of the log lie behind a piece of it. */
static inline size_t
log_behind(const struct log *log, struct slice piece)
{
	return (size_t)(log->bytes.data + log->bytes.length - (piece.data + piece.length));
}
/* The layout that applies to the line at offset. */
const struct layout *log_layout(const struct log *log, uint64_t offset);

/* Whether record number was erased. */
bool log_erased(const struct log *log, uint64_t number);

/* The numbers below are of records; archived and erased ones are among them. */

/* The first record that has value in field, 0 when none; the first use of a field reads the whole table. */
uint64_t log_find(struct log *log, size_t field, struct slice value);
/*
 * The records, rising, whose newest line has value (a reference, say) in field; valid until
 * the next question.  false when only a look at every record can tell.
 */
bool log_having(struct log *log, size_t field, struct slice value, const uint64_t **numbers, size_t *count);
/*
 * The records, rising, whose newest line refers to record target by a field, which is a
 * reference; valid until the next question to this log or its next change.
 */
const uint64_t *log_referring(struct log *log, size_t field, uint64_t target, size_t *count);
/* The children of a parent, which refer to it so; likewise. */
const uint64_t *log_children(struct log *log, uint64_t parent, size_t *count);

/*
 * A record by id or key as people write it ("C17", "ALFKI"); 0 with a fault at place
 * (`no such customer: "X9"`) when there is none.
 */
uint64_t log_resolve(struct log *log, struct slice text, const struct place *place, struct error *error);

/*
 * Reads record number into record, whose arena (given by the caller) must live as
 * long as it is used.  STATUS_NO when there is none, STATUS_SYSTEM when its line is damaged.
 */
enum status record_read(struct log *log, uint64_t number, struct arena *arena, struct record *record,
    struct error *error);
/* Likewise the revision whose line begins at offset. */
enum status record_read_at(struct log *log, uint64_t offset, struct arena *arena, struct record *record,
    struct error *error);

/*
 * Likewise, but splits the line only as far as values are asked for, which is for who
 * looks at few fields of many records.  Whether the line had all that was asked for is
 * told by record_held: STATUS_SYSTEM when it is damaged.
 */
enum status record_peek(struct log *log, uint64_t number, struct arena *arena, struct record *record,
    struct error *error);
enum status record_held(const struct record *record, struct error *error);

/* Calls visit with each record, as peeked at, that log_referring tells; ends at the first that is not STATUS_OK. */
typedef enum status record_visit(const struct record *record, void *context, struct error *error);
enum status log_each_referring(struct log *log, size_t field, uint64_t target, record_visit *visit,
    void *context, struct error *error);

/* The value of a field: decoded, empty when absent; a derived field is computed. */
struct slice record_value(const struct record *record, size_t field);
/* The same by name, for rules; the field must exist. */
struct slice record_named(const struct record *record, const char *field);
bool record_archived(const struct record *record); /* an erased record is */
struct slice record_id(const struct record *record);

/* Digits of the currency of a record: its own, else its parent's, else the company's; -1 when none is set. */
int record_money_digits(const struct record *record);

#endif
