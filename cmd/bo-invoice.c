/* bo-invoice: what customers owe, and the invoices that come again and again */
#include "base/date.h"
#include "cli/cli.h"
#include "office/office.h"
#include "office/recurring.h"

/* --- recurring ------------------------------------------------------------------ */

/* The last day whose turns are made: today, or an earlier one. */
static enum status
take_until(struct cli *cli, int32_t *until, struct error *error)
{
	const char *text = cli_option(cli, "until");

	*until = view_today(cli->view);
	if (text == NULL)
		return STATUS_OK;
	if (!date_parse(slice_of(text), until))
		return error_set(error, STATUS_USAGE, "--until: not a date: \"%s\"", text);
	if (*until > view_today(cli->view))
		return error_set(error, STATUS_USAGE,
		    "--until: %s is yet to come: a turn is billed when it is there", text);
	return STATUS_OK;
}

/* The templates that the operands name. */
static enum status
take_templates(struct cli *cli, struct recurring_run *run, struct error *error)
{
	uint64_t *numbers = arena_take(&cli->arena, (cli->operand_count + 1) * sizeof *numbers);
	struct log *log;
	enum status status = view_log(cli->view, "recurring", &log, error);

	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < cli->operand_count; i++)
		numbers[i] = log_resolve(log, slice_of(cli->operands[i]), NULL, error);
	run->templates = numbers;
	run->count = cli->operand_count;
	if (error->total > 0)
		error->status = STATUS_NO;
	return error->status;
}

static enum status
build_recur(struct batch *batch, void *context, struct error *error)
{
	struct cli *cli = context;
	struct recurring_run run = {
		.catch_up = cli_option(cli, "catch-up") != NULL,
		.issue = cli_option(cli, "issue") != NULL,
		.arena = &cli->arena,
	};
	enum status status = take_until(cli, &run.until, error);

	if (status == STATUS_OK)
		status = take_templates(cli, &run, error);
	return status == STATUS_OK ? recurring_invoices(batch, &run, error) : status;
}

static enum status
recur(struct cli *cli, struct error *error)
{
	return cli_change(cli, NULL, build_recur, cli, error);
}

static const struct verb verbs[] = {
	{ "recur", recur, "[ID ...]", "make drafts of the turns that have come (see bo-recurring)", VERB_WRITES },
	{ .name = NULL },
};

static const struct own_option options[] = {
	{ "until", "DATE", "recur: no turns after that day (today)" },
	{ "catch-up", NULL, "recur: make up for all turns that were missed" },
	{ "issue", NULL, "recur: issue the drafts at once" },
	{ .name = NULL },
};

static const struct command command = {
	.table = "invoice",
	.verbs = verbs,
	.options = options,
	.rules = office_rules,
};

int
main(int argc, char *argv[])
{
	return cli_main(argc, argv, &command);
}
