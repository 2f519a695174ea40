/*
 * log: reading the lines of a table's log into the arrays of struct log.
 */
#ifndef RECORD_LOG_H
#define RECORD_LOG_H

#include "record/view.h"

/* A log over nothing yet; table is copied.  view_log opens logs, nobody else. */
struct log *log_new(struct view *view, const struct table *table);
void log_free(struct log *log); /* NULL is fine */

/* Takes bytes as what is committed now (they may only have grown) and reads what is new. */
enum status log_follow(struct log *log, struct slice bytes, struct error *error);

/* Takes a header line out of bytes; for who does not read all lines. */
enum status log_take_header(struct log *log, struct slice bytes, uint64_t offset, struct error *error);
/* As if nothing had been read of it yet. */
void log_unread(struct log *log);
/* Reads the first length bytes after all, for what no later line says; log->damaged when it can't. */
void log_read_base(struct log *log, uint64_t length);
/* STATUS_SYSTEM when it could not. */
enum status log_sound(const struct log *log, struct error *error);

enum { LOG_TAIL_LONG = 1 << 20 };       /* bytes from which a tail is pinned */
#define LOG_TAIL_ROOM ((size_t)1 << 36) /* and what it may grow to then */

/* Pins a long tail (base/buffer.h); it stays as it is where that can't be done. */
void log_pin_tail(struct log *log);

/* Forgets everything pending. */
void log_forget(struct log *log);

/*
 * Makes sure that the layout which lines are written in has every stored field of the
 * schema: appends a header line to the tail where it does not.  Returns that layout.
 */
const struct layout *log_writable(struct log *log);

/* Makes room for the newest lines of records up to number. */
void log_make_room(struct log *log, uint64_t number);
/* Makes the line at offset the newest of number. */
void log_point(struct log *log, uint64_t number, uint64_t offset);

/* --- reading lines ---------------------------------------------------------- */

/* STATUS_SYSTEM: `customer.csv: damaged at byte 17: WHY`. */
enum status log_damaged(const struct log *log, uint64_t offset, const char *why, struct error *error);
/* The number in `C17,` at the start of a line; 0 when it is none of this table. */
uint64_t log_line_number(const struct log *log, const char *line, const char *end);
/* Takes the line at offset, which is the next one (without its newline): a record, or a header. */
enum status log_take_line(struct log *log, struct slice line, uint64_t offset, struct error *error);

enum { LOG_SCAN_LONG = 4 << 20 /* bytes from which a text is read on all processors */ };

/*
 * Takes the lines of text, which begins at offset, on all processors, in pieces of about
 * so many bytes; there are no lookups yet.
 */
enum status log_scan(struct log *log, struct slice text, uint64_t offset, size_t piece, struct error *error);

/* Takes the lines at the given offsets (rising) out of the tail and reads the rest of it again. */
void log_compact(struct log *log, const uint64_t *dead, size_t count);

#endif
