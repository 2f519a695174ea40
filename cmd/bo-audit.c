/* bo-audit: who did what when, what it changed, whether all of it still holds, and taking it back */
#include "cli/audit.h"
#include "cli/duties.h"
#include "office/check/check.h"
#include "office/office.h"

/* --- what must hold between tables ------------------------------------------------ */

static const struct column check_columns[] = {
	{ "check", CELL_TEXT },
	{ "table", CELL_TEXT },
	{ "id", CELL_TEXT },
	{ "field", CELL_TEXT },
	{ "finding", CELL_TEXT },
};

static void
print_finding(const struct finding *finding, void *context)
{
	cli_row(context,
	    (struct slice[]){ slice_of(finding->check), slice_of(finding->table), finding->id,
		slice_of(finding->field), finding->text });
}

static enum status
list_checks(struct cli *cli, struct error *error)
{
	static const struct column columns[] = { { "check", CELL_TEXT }, { "help", CELL_TEXT } };
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = cli_report(cli, columns, 2, error);
	for (const struct check *const *check = office_checks; status == STATUS_OK && *check != NULL; check++)
		cli_row(cli, (struct slice[]){ slice_of((*check)->name), slice_of((*check)->help) });
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}

static enum status
check(struct cli *cli, struct error *error)
{
	size_t findings = 0;
	enum status status;

	if (cli_option(cli, "list") != NULL)
		return list_checks(cli, error);
	status = check_names(cli->operands, cli->operand_count, error);
	if (status == STATUS_OK)
		status = cli_open(cli, error);
	if (status == STATUS_OK)
		status = cli_report(cli, check_columns, sizeof check_columns / sizeof check_columns[0], error);
	if (status == STATUS_OK)
		status = check_run(cli->view, cli->operands, cli->operand_count, print_finding, cli,
		    &findings, error);
	if (status == STATUS_OK)
		status = cli_report_end(cli, error);
	return status == STATUS_OK && findings > 0 ? STATUS_NO : status;
}

/* --- the command -------------------------------------------------------------------- */

static const struct verb verbs[] = {
	{ "log", audit_log, "", "print the transactions, the newest last", VERB_FILTERS },
	{ "show", audit_show, "TX ...", "print a transaction and all that it changed", VERB_ROWS },
	{ "who", audit_who, "ID ...", "print who changed a record, when, and which fields", VERB_ROWS },
	{ "diff", audit_diff, "FROM [TO]",
	    "print what became of every record between two transactions or times", VERB_ROWS },
	{ "verify", audit_verify, "[--jobs N] [--anchor FILE ...]",
	    "prove that nothing was altered, lost or slipped in", VERB_CLOSED },
	{ "check", check, "[NAME ...]\n--list", "print where tables contradict each other or their rules",
	    VERB_CLOSED | VERB_ROWS },
	{ "duties", verb_duties, "", "print who did both of what one person may not do alone", VERB_FILTERS },
	{ "undo", audit_undo, "TX", "print the plan (for bo-apply) that takes a transaction back", 0 },
	{ "head", audit_head, "", "print the newest transaction as a checkpoint, to be kept elsewhere", 0 },
	{ .name = NULL },
};

static const struct own_option options[] = {
	{ "anchor", "FILE", "verify: the history must go on from this checkpoint; may be given again" },
	{ "jobs", "N", "verify: use no more than this many processors (all)" },
	{ "list", NULL, "check: print the names of all checks, and what each is about" },
	{ .name = NULL },
};

static const struct command command = {
	.table = "",
	.help = "who did what when, and whether it still holds",
	.verbs = verbs,
	.options = options,
	.rules = office_rules,
};

int
main(int argc, char *argv[])
{
	return cli_main(argc, argv, &command);
}
