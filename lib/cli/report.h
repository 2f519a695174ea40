/*
 * report: how rows are printed, whatever they are rows of (private to cli/).
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/cli.h"

/* What -o, --no-header, --raw, --spreadsheet and the terminal say. */
struct writer_options report_options(const struct cli *cli);

/* Whether -f and -s name columns of such a report. */
enum status report_check(struct cli *cli, const struct column *columns, size_t count, struct error *error);

void report_free(struct report *report); /* NULL is fine */

/* A sort key of -s. */
struct sort_name {
	struct slice name;
	bool down;
};
/* The next name of LIST, which moves past it; false at the end. */
bool sort_name_next(struct slice *list, struct sort_name *name);

#endif
