/* bo-rate: what currencies were worth, day by day */
#include "base/date.h"
#include "cli/cli.h"
#include "office/office.h"
#include "office/ledger/rate.h"
#include "office/ledger/rate_import.h"

/* --- import --------------------------------------------------------------------- */

struct job {
	struct cli *cli;
	struct input input;
};

static enum status
build_import(struct batch *batch, void *context, struct error *error)
{
	struct job *job = context;
	int32_t first = DATE_FIRST;
	enum status status = cli_table(job->cli, error);

	if (status == STATUS_OK)
		status = cli_option_day(job->cli, "from", &first, error);
	return status == STATUS_OK ? rates_import(batch, &job->input, first, error) : status;
}

static enum status
import(struct cli *cli, struct error *error)
{
	struct job job = { .cli = cli };
	const char *path;
	enum status status = cli_need(cli, "FILE", &path, error);

	if (status == STATUS_OK)
		status = cli_no_more(cli, error);
	if (status == STATUS_OK)
		status = cli_input(cli, path, &job.input, error);
	if (status != STATUS_OK)
		return status;
	status = cli_change(cli, &job.input, build_import, &job, error);
	input_close(&job.input);
	return status;
}

/* --- current -------------------------------------------------------------------- */

static const struct column columns[] = {
	{ "currency", CELL_TEXT },
	{ "date", CELL_DATE },
	{ "rate", CELL_NUMBER },
	{ "units", CELL_NUMBER },
	{ "source", CELL_TEXT },
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

static void
print_rate(const struct record *rate, void *context)
{
	struct slice row[COLUMNS];

	for (size_t i = 0; i < COLUMNS; i++)
		row[i] = record_named(rate, columns[i].name);
	cli_row(context, row);
}

static enum status
current(struct cli *cli, struct error *error)
{
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = cli_report(cli, columns, COLUMNS, error);
	if (status == STATUS_OK)
		status = rates_current(cli->view, view_today(cli->view), print_rate, cli, error);
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}

static const struct verb verbs[] = {
	{ "import", import, "FILE\n-", "enter the rates of a file as the ECB publishes it", VERB_WRITES },
	{ "current", current, "", "print the rate of each currency that applies", VERB_ROWS },
	{ .name = NULL },
};

static const struct own_option options[] = {
	{ "from", "DATE", "import: the first day to enter" },
	{ .name = NULL },
};

static const struct command command = {
	.table = "rate",
	.verbs = verbs,
	.options = options,
	.rules = office_rules,
};

int
main(int argc, char *argv[])
{
	return cli_main(argc, argv, &command);
}
