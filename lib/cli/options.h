/*
 * options: what can be said with a dash, the same for every command (see bo(7)).
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/tally.h"
#include "record/value.h"
#include "stream/reader.h"

enum { OPTIONS_OWN_MAX = 16 };

/* One that only this command has. */
struct own_option {
	const char *name;
	const char *argument; /* as in the usage, or NULL when it takes none */
	const char *help;
};

struct own_given {
	size_t option; /* which of the command's own */
	const char *argument;
};

/* --sum LIST and the like, as it came. */
struct measure_given {
	enum measure what;
	const char *list;
};

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

struct options {
	const char *store;
	const char *table;        /* -t, bo-record only */
	const char *const *where; /* as many as where_count, to be and-ed */
	size_t where_count;
	const char *fields, *sort;
	bool count;            /* --count */
	const char *const *by; /* each --by, as many as by_count */
	size_t by_count;
	struct measure_given *measures; /* in the order they came */
	size_t measure_count;
	enum format output;
	bool dry_run, archived, fail_empty, force, quiet, verbose, help, version;
	bool no_header, raw, spreadsheet;
	enum when colour, progress;
	const char *reason, *key;
	const char *as_of, *on;
	int64_t wait;   /* milliseconds */
	uint64_t limit; /* UINT64_MAX: none */
	struct reader_options reader;
	struct spelling spelling;
	bool spelled; /* --decimal or --date-format was given */
	const char *rejects, *match, *group;
	const char *own[OPTIONS_OWN_MAX]; /* arguments of the command's own options, in their order; the last counts */
	struct own_given *given;          /* all of them, as they came */
	size_t given_count;
	const char *const *words; /* all that is no option, in order */
	size_t word_count;
	void *memory; /* of the lists above */
};

/* STATUS_USAGE for what makes no sense; own may be NULL.  The strings stay in argv. */
enum status options_parse(struct options *options, int argc, char *argv[], const struct own_option *own,
    struct error *error);
void options_release(struct options *options);

/* The option that asks for counts or sums of records ("--sum"), NULL when none does. */
const char *options_summary(const struct options *options);

/* The options that all commands have, for usage and completion: name NULL ends. */
struct option_text {
	int letter; /* 0 when it has none */
	const char *name;
	const char *argument; /* NULL when it takes none; "[WHEN]" when it may be left out */
	const char *help;
};
extern const struct option_text option_texts[];

#endif
