/*
 * output: records of a table, as `list` prints them (private to cli/).
 *
 * The columns are those of -f; else id, tx, the stored fields in the schema's order
 * and the derived ones, so that the next command can read them.  A table for a
 * person has those that are not empty and fit.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "cli/cli.h"

struct output;

/* numbers (may be NULL) are the records that will follow, to choose a person's columns by. */
enum status output_open(struct cli *cli, struct log *log, const uint64_t *numbers, size_t count,
    struct output **output, struct error *error);

/* One record that has been read already. */
void output_record(struct output *output, const struct record *record);
/* One record by its number; with skip_archived nothing when it is archived.  *printed (may be NULL) tells. */
enum status output_number(struct output *output, uint64_t number, bool skip_archived, bool *printed,
    struct error *error);
/*
 * An output of rows that are only gathered, for a thread of its own while the other
 * one is open: see writer_part.  Not for tables, and only where output_is_stored.
 */
struct output *output_part(const struct output *output);
/* Exchanges what a part has for the content of bytes. */
void output_exchange(struct output *part, struct buffer *bytes);
void output_bytes(struct output *output, struct slice bytes);
/* Whether all that is printed is stored, so that several threads may each print a part. */
bool output_is_stored(const struct output *output);

/* Whether -f and -s name fields of the table: before anything is written, so that a slip of the pen costs nothing. */
enum status output_check(struct cli *cli, const char *table, struct error *error);
/* Whether nobody reads any more. */
bool output_failed(const struct output *output);
/* STATUS_SYSTEM when something could not be written. */
enum status output_close(struct output *output, struct error *error);

#endif
