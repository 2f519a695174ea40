/*
 * schema_internal: what schema.c (which tables there are) and schema_load.c (what
 * is in one) share.
 */
#ifndef RECORD_SCHEMA_INTERNAL_H
#define RECORD_SCHEMA_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "record/schema.h"

enum { FIELDS_MAX = 256, NAME_MAX_BYTES = 63 };

/* A table, also before its files were read. */
struct entry {
	struct table table;        /* name, prefix, parent, command, help and flags from the start */
	struct slice name, prefix; /* table's, measured: they are compared often */
	bool loaded;
	bool own;            /* defined by the store: there are no files */
	size_t line;         /* of tables.csv */
	struct field *added; /* fields that the store defines, in order */
	size_t added_count, added_capacity;
	const char *const *children; /* made on demand for that many tables */
	size_t children_of;
};

struct schema {
	struct arena arena; /* every string, table and field */
	char *share;
	struct entry **entries; /* in the order of tables.csv, then as the store added them */
	size_t count, capacity;
	const char *const *names;
	size_t names_of;       /* how many tables names was made for */
	struct buffer scratch; /* the file being read */
};

/* One of the files, line by line; errors name it. */
struct listing {
	struct schema *schema;
	const char *folder; /* "", "/schema", "/flow" */
	const char *name;
	struct slice rest;
	size_t line; /* the one that was read last, from 1 */
};

enum { LISTING_COLUMNS = 7 };

/* Reads the file and its header, which must be this one; STATUS_NO, with errno, when it is not there. */
enum status listing_open(struct schema *schema, const char *folder, const char *name, const char *header,
    struct listing *listing, struct error *error);
/* The next line's columns, count of them, decoded and kept by the schema; STATUS_NO at the end. */
enum status listing_next(struct listing *listing, const char **columns, size_t count, struct error *error);
/* STATUS_SYSTEM with `share/schema/ticket.csv:7: …`. */
enum status listing_wrong(const struct listing *listing, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct entry *schema_entry(const struct schema *schema, struct slice name);

/* Whether tables.csv says that fields of the table refer to target. */
bool entry_refers(const struct entry *entry, const char *target);

/* [a-z][a-z0-9_]*, up to 63 bytes, and none of the columns that every log has. */
bool name_valid(struct slice name);

/*
 * The words of text (separated by spaces), NULL-ended, in the arena.
 */
const char *const *words_split(struct arena *arena, struct slice text);

/*
 * A field from its texts.  On failure false and *reason (in the arena): `unknown type: "texx"`.
 * own: the store defines it, on a table of its own or (shipped) on one that has files.
 */
bool field_parse(struct schema *schema, const struct field_text *text, struct field *field, const char **reason);
bool table_flags_parse(struct schema *schema, struct slice text, unsigned *flags, const char **reason);

enum status schema_load(struct schema *schema, struct entry *entry, struct error *error);

#endif
