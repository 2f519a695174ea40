/*
 * cli: what all commands have in common.
 *
 * A command is a noun, its argument a verb, its input and output records.  Most
 * nouns need nothing but the generic verbs (see bo(7)) and the transitions of
 * their flow; one that can do more hands its own verbs to cli_main():
 *
 *	static const struct verb verbs[] = {
 *		{ "level", level, "[ITEM ...]", "print what is on hand", 0 },
 *		{ NULL }
 *	};
 *	static const struct command command = {
 *		.table = "stock_move", .verbs = verbs, .rules = office_rules
 *	};
 *
 *	int
 *	main(int argc, char *argv[])
 *	{
 *		return cli_main(argc, argv, &command);
 *	}
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "cli/options.h"
#include "record/change.h"
#include "record/rule.h"
#include "record/view.h"
#include "stream/input.h"
#include "stream/reader.h"
#include "stream/writer.h"

struct cli;
struct report;

enum verb_flag {
	VERB_WRITES = 1 << 0,   /* changes the store: goes on when nobody reads its output any more */
	VERB_CLOSED = 1 << 1,   /* starts without a store; may cli_open() one */
	VERB_MANY = 1 << 2,     /* makes no sense for a table of one record (usage leaves it out) */
	VERB_HIDDEN = 1 << 3,   /* works, but usage does not tell */
	VERB_FILTERS = 1 << 4,  /* heeds -w; all others but those with VERB_ROWS refuse it */
	VERB_PERSONAL = 1 << 5, /* for tables of persons (usage leaves it out elsewhere) */
	VERB_SUMS = 1 << 6,     /* heeds --count, --sum, --by …; all others refuse them */
	VERB_BY = 1 << 7,       /* heeds --by alone of them */
	VERB_ROWS = 1 << 8 /* -w chooses from the rows of its report, without its doing anything about it */
};

struct verb {
	const char *name;
	enum status (*run)(struct cli *cli, struct error *error);
	const char *operands; /* as in the synopsis; one line for each form it has */
	const char *help;
	unsigned flags; /* enum verb_flag */
};

struct command {
	const char *name; /* NULL: as it was called */
	const char *table; /* NULL: the one that its name stands for, or -t TABLE; "": it has none, and no generic verbs */
	const char *help;         /* one line; NULL: the table's */
	const struct verb *verbs; /* ended by a NULL name, or NULL.  They hide generic ones of the same name */
	const struct verb *only;  /* a command without verbs: this is what it does */
	const char *default_verb;         /* when none is given, or NULL */
	const struct own_option *options; /* ended by a NULL name, or NULL */
	const struct rule *const *rules;
};

struct cli {
	const struct command *command;
	const char *name; /* "bo-ticket" */
	const char *verb; /* "solve"; "" for a command without verbs */
	struct options options;
	const char *const *operands; /* what follows the verb */
	size_t operand_count;
	char *share;
	struct schema *schema; /* of share/, until the view takes it over */
	struct store *store;   /* from here on: after cli_open() */
	struct view *view;
	char *table_name;          /* NULL for a command without a table */
	const struct table *table; /* of the view; void after the view has moved: see cli_table() */
	struct arena arena;        /* lives as long as the command */
	struct report *report;
	bool rows_filtered; /* -w is about the rows of the report */
};

/* Everything from argv to the exit status; it does not return, but main may say that it does. */
int cli_main(int argc, char *argv[], const struct command *command);

/* Opens store and view as -d, --as-of and --on say; again is fine. */
enum status cli_open(struct cli *cli, struct error *error);
/*
 * A snapshot of the open store as of a moment as people write it: a transaction, a date
 * (to its end), a time.  what begins the message when it is none ("--as-of: ", or "").
 */
enum status cli_moment(struct cli *cli, const char *what, const char *moment, struct snapshot **snapshot,
    struct error *error);
/* Looks up cli->table anew: whoever builds a change calls it first, since the view may have moved. */
enum status cli_table(struct cli *cli, struct error *error);

/* --- operands and options of a verb ---------------------------------------- */

/* The next operand, NULL when there are no more. */
const char *cli_operand(struct cli *cli);
/* The next operand, or STATUS_USAGE with `WHAT is missing`. */
enum status cli_need(struct cli *cli, const char *what, const char **operand, struct error *error);
/* STATUS_USAGE when operands are left. */
enum status cli_no_more(const struct cli *cli, struct error *error);
/* The argument of one of the command's own options ("" for one without), NULL when it was not given. */
const char *cli_option(const struct cli *cli, const char *name);
/* The day that such an option gives; *day is left alone when it was not given.  STATUS_USAGE when it is no date. */
enum status cli_option_day(const struct cli *cli, const char *name, int32_t *day, struct error *error);
/* The argument of each time it was given, in order; *at begins as 0.  NULL at the end. */
const char *cli_option_next(const struct cli *cli, const char *name, size_t *at);

/* --- records in ------------------------------------------------------------- */

/*
 * All of a file, or of standard input for "-".  The view then shows the newest state
 * (but with --as-of): logs and tables of it that were got before are void.
 */
enum status cli_input(struct cli *cli, const char *path, struct input *input, struct error *error);
/*
 * For an input of rows: warns, unless told to be quiet, where the last one has no line end,
 * since what wrote it may have been cut off.  JSON tells by itself.
 */
void cli_input_end(struct cli *cli, const struct input *input);
/* A reader of it as --in, --map, --encoding, --delimiter and --skip say. */
enum status cli_reader(struct cli *cli, const struct input *input, struct reader **reader, struct error *error);

/* --- records out ------------------------------------------------------------- */

/*
 * Rows of any columns in the format that -o asks for: as -f, -s, --limit and, for a verb
 * with VERB_ROWS, -w say, nothing with -q.  columns and their names must live until the report is closed.
 */
enum status cli_report(struct cli *cli, const struct column *columns, size_t count, struct error *error);
/* One row, a value for each column.  What they point to may go away after the call. */
void cli_row(struct cli *cli, const struct slice *values);
/*
 * What a row is to the others.  What they begin with and what they come to is not sorted
 * among them by -s, but stays in front and behind, and --limit neither counts nor drops it;
 * where -w leaves out some of them it would not be true, and is left out as well.
 */
enum row_kind { ROW_OPENING, ROW_LISTED, ROW_SUM };
void cli_row_of(struct cli *cli, enum row_kind what, const struct slice *values);
/* Ends what cli_report began: STATUS_NO when there was no row and -e was given; STATUS_SYSTEM when it could not be written. */
enum status cli_report_end(struct cli *cli, struct error *error);

/* One line on standard output, line breaks in it as they are. */
enum status cli_say(struct slice text, struct error *error);

/* Whether nobody will see what is printed any more, so that a long scan can stop. */
bool cli_done(const struct cli *cli);

/* Records of a table as `list` prints them, in this order. */
enum status cli_print(struct cli *cli, struct log *log, const uint64_t *numbers, size_t count,
    struct error *error);

/* --- changes ------------------------------------------------------------------ */

/*
 * Builds, commits (-k, -m, --wait) and prints the records of the command's table that
 * were changed, or with -n the plan.  input is what the key stands for besides the
 * operands (NULL: nothing).  build may be called several times.
 */
enum status cli_change(struct cli *cli, const struct input *input, change_build *build, void *context,
    struct error *error);
/* The same, but prints these records of the command's table: what changes is what belongs to them. */
enum status cli_change_to(struct cli *cli, change_build *build, void *context, const uint64_t *numbers,
    size_t count, struct error *error);
/* The same, but tells of it in its own way, also with -n and of what was done before (outcome->replayed). */
enum status cli_change_told(struct cli *cli, const struct input *input, change_build *build, void *context,
    enum status (*tell)(struct cli *cli, const struct change_outcome *outcome, struct error *error),
    struct error *error);
/* The same, but prints all that was changed in any table, as a plan is written (table,id,field,old,new). */
enum status cli_change_plan(struct cli *cli, const struct input *input, change_build *build, void *context,
    struct error *error);

#endif
