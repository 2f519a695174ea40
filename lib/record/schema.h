/*
 * schema: what tables there are, what fields and verbs they have.
 *
 * All of it is data: share/tables.csv, share/schema/TABLE.csv and
 * share/flow/TABLE.csv (see bo(5)), and on top of it what a store defines for
 * itself in its own tables `table` and `field`.
 */
#ifndef RECORD_SCHEMA_H
#define RECORD_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

enum type {
	TYPE_TEXT,  /* one line */
	TYPE_NOTE,  /* many lines */
	TYPE_INT,   /* 64 bits */
	TYPE_QTY,   /* exact, up to 6 decimals */
	TYPE_RATE,  /* exact, up to 6 decimals: rates, unit prices */
	TYPE_MONEY, /* exact, its currency's digits */
	TYPE_DATE,  /* YYYY-MM-DD */
	TYPE_TIME,  /* YYYY-MM-DDTHH:MM:SSZ */
	TYPE_SPAN,  /* 30d, 1y6mo */
	TYPE_BOOL,  /* true, false */
	TYPE_ENUM,  /* one of choices */
	TYPE_STATE, /* one of choices, changed by transitions only */
	TYPE_REF,   /* the id of a record of table target */
	TYPE_EMAIL,
	TYPE_PHONE,
	TYPE_COUNTRY,  /* ISO 3166-1 alpha-2 */
	TYPE_CURRENCY, /* ISO 4217 */
	TYPE_LANGUAGE, /* BCP 47 */
	TYPE_IBAN,     /* ISO 13616, check digits hold */
	TYPE_TAXID,
	TYPE_URL,
	TYPE_BLOB, /* SHA-256 of a document in the store */
	TYPE_TAGS  /* words separated by spaces, sorted, each once */
};

enum field_flag {
	FIELD_REQUIRED = 1 << 0,
	FIELD_UNIQUE = 1 << 1, /* no two records have the same value (empty ones aside) */
	FIELD_KEY = 1 << 2,    /* unique, and accepted wherever an id is */
	FIELD_FIXED = 1 << 3,  /* can't change once set */
	FIELD_INDEXED = 1 << 4,
	FIELD_DERIVED = 1 << 5,  /* never stored; an expression in `preset`, or a rule in C */
	FIELD_HIDDEN = 1 << 6,   /* only printed when asked for by name */
	FIELD_COMPUTED = 1 << 7, /* stored, but set by bo alone (totals, document numbers) */
	FIELD_FOREIGN = 1 << 8   /* a column of the log that no schema knows: carried along */
};

enum table_flag {
	TABLE_PERSONAL = 1 << 0, /* has a seal column */
	TABLE_CHILD = 1 << 1,    /* lives in its parent */
	TABLE_SINGLE = 1 << 2,   /* has one record at most, number 1 (the company) */
	TABLE_COMPUTED = 1 << 3  /* its records are made by rules alone */
};

struct field {
	const char *name;
	enum type type;
	const char *target;         /* TYPE_REF: the table */
	const char *const *choices; /* TYPE_ENUM, TYPE_STATE; NULL-ended */
	unsigned flags;             /* enum field_flag */
	const char *preset; /* default as typed ("today", "draft"), or the expression of a derived field; "" for none */
	const char *help;
};

struct transition {
	const char *verb;
	const char *const *from; /* states, NULL-ended; the one entry "-" makes a new record, "*" is any state */
	const char *to;
	const char *const *needs; /* fields that must not be empty then, NULL-ended */
	const char *help;
};

struct table {
	const char *name;
	const char *prefix;  /* of ids: one to four capitals */
	const char *parent;  /* table, or "" */
	const char *refers;  /* tables, besides the parent, that fields of share/ refer to; words, or "" */
	const char *command; /* or "" */
	const char *help;
	unsigned flags;             /* enum table_flag */
	const struct field *fields; /* in order; the last declared one is always `archived` */
	size_t field_count;
	const struct transition *transitions;
	size_t transition_count;
	size_t key;          /* index of the FIELD_KEY field, or SIZE_MAX */
	size_t state;        /* of the TYPE_STATE field, or SIZE_MAX */
	size_t parent_field; /* of the reference to the parent, or SIZE_MAX */
	size_t archived;     /* of `archived` */
	size_t currency;     /* of the first TYPE_CURRENCY field, or SIZE_MAX */
};

struct schema;

/* share is the directory of tables.csv.  Tables are read when they are first asked for. */
enum status schema_open(const char *share, struct schema **schema, struct error *error);
/* The same, but STATUS_NO (and no error) when there is no tables.csv. */
enum status schema_try(const char *share, struct schema **schema, struct error *error);
void schema_close(struct schema *schema); /* NULL is fine; every table and field goes with it */

const char *schema_share(const struct schema *schema);

/* STATUS_NO when there is no such table, STATUS_SYSTEM when its files are wrong (file:line: why). */
enum status schema_table(struct schema *schema, const char *name, const struct table **table, struct error *error);

/* The names of all tables in order, NULL-ended. */
const char *const *schema_names(struct schema *schema);

/* The table that a command's name stands for ("bo-invoice"), or NULL. */
const char *schema_command_table(struct schema *schema, struct slice command);

/* The table whose ids have this prefix, by name; NULL when none. */
const char *schema_prefix_table(struct schema *schema, struct slice prefix);

/* Whether a field of table may refer to records of target: told without reading its schema. */
bool schema_refers(const struct schema *schema, const char *table, const char *target);

/* The names of the child tables of parent in order, NULL-ended; owned by the schema. */
const char *const *schema_children(struct schema *schema, const char *parent);

/*
 * Adds a table, or a field to a table, that the store defines; before that table
 * is first asked for.  Strings are copied.  STATUS_REFUSED when the name is taken or
 * not a name, or the type or flags are not known.  Fields added to a shipped table have
 * names that begin with x_ and are never its key; none is a state or computed, and a
 * derived one needs an expression.
 */
struct table_text {
	struct slice table, prefix, parent, flags, help;
};
struct field_text {
	struct slice table, field, type, flags, preset, help;
};
enum status schema_add_table(struct schema *schema, const struct table_text *text, struct error *error);
enum status schema_add_field(struct schema *schema, const struct field_text *text, struct error *error);

/* The index of a field by name, or SIZE_MAX. */
size_t table_field(const struct table *table, struct slice name);
/* The first transition with this verb, or NULL; with from, the one that starts there. */
const struct transition *table_transition(const struct table *table, const char *verb, const char *from);
/* Some transition from one state to another, or NULL. */
const struct transition *table_moves(const struct table *table, struct slice from, struct slice to);
bool transition_from(const struct transition *transition, struct slice state);
/* "text", "ref(customer)", "enum(a b)": as it stands in a schema file; in buffer-like storage of the schema. */
struct slice field_type_text(const struct field *field, char *out, size_t size);

/* A record's id: the prefix and a number.  false when text is no id of this table. */
bool table_id_parse(const struct table *table, struct slice text, unsigned long long *number);
enum { ID_SIZE = 32 };
struct slice table_id(const struct table *table, unsigned long long number, char out[ID_SIZE]);
/* Whether text looks like any id (1–4 capitals and a number): such a thing is never accepted as a key. */
bool id_shaped(struct slice text);

#endif
