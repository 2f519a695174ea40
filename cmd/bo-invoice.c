/* bo-invoice: what customers owe, is given back to them or given up, and what comes again and again */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/ids.h"
#include "office/document/credit.h"
#include "office/office.h"
#include "office/payment/payment.h"
#include "office/document/recurring.h"
#include "office/payment/reminder.h"
#include "office/payment/statement.h"

/* --- recurring ------------------------------------------------------------------ */

/* The last day whose turns are made: today, or an earlier one. */
static enum status
take_until(struct cli *cli, int32_t *until, struct error *error)
{
	enum status status;

	*until = view_today(cli->view);
	status = cli_option_day(cli, "until", until, error);
	if (status == STATUS_OK && *until > view_today(cli->view))
		return error_set(error, STATUS_USAGE,
		    "--until: %s is yet to come: a turn is billed when it is there", cli_option(cli, "until"));
	return status;
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

/* --- credit notes ----------------------------------------------------------------- */

/* LINE or LINE=QTY. */
static enum status
take_line(struct log *lines, struct slice rest, struct credit_line *line, struct error *error)
{
	struct slice name = slice_cut(&rest, '=');

	*line = (struct credit_line){ .whole = rest.data == NULL };
	line->number = log_resolve(lines, name, NULL, error);
	if (line->number == 0)
		return error->status = STATUS_NO;
	if (!line->whole && decimal_parse(rest, DECIMAL_DIGITS, &line->qty) != DECIMAL_OK)
		return error_set(error, STATUS_USAGE, "not a quantity: \"%.*s\"", (int)rest.length, rest.data);
	return STATUS_OK;
}

static enum status
issue_note(struct cli *cli, struct batch *batch, uint64_t number, struct error *error)
{
	struct edit edit = { .number = number, .verb = "issue" };
	enum status status = view_table(batch_view(batch), "invoice", &edit.table, error);

	return status == STATUS_OK && cli_option(cli, "issue") != NULL ? batch_edit(batch, &edit, NULL, error)
								       : status;
}

static enum status
build_credit(struct batch *batch, void *context, struct error *error)
{
	struct cli *cli = context;
	size_t count = cli->operand_count - 1;
	struct credit_line *lines = arena_take(&cli->arena, (count + 1) * sizeof *lines);
	struct log *invoices, *log;
	uint64_t number = 0, note;
	enum status status = view_log(cli->view, "invoice", &invoices, error);

	if (status == STATUS_OK)
		status = view_log(cli->view, "invoice_line", &log, error);
	if (status == STATUS_OK) {
		number = log_resolve(invoices, slice_of(cli->operands[0]), NULL, error);
		status = number == 0 ? (error->status = STATUS_NO) : STATUS_OK;
	}
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = take_line(log, slice_of(cli->operands[i + 1]), &lines[i], error);
	if (status == STATUS_OK)
		status = credit_note(batch, number, lines, count, &note, error);
	return status == STATUS_OK ? issue_note(cli, batch, note, error) : status;
}

static enum status
credit(struct cli *cli, struct error *error)
{
	if (cli->operand_count == 0)
		return error_set(error, STATUS_USAGE, "which? an id is missing");
	return cli_change(cli, NULL, build_credit, cli, error);
}

/* --- what is given up --------------------------------------------------------------- */

struct giving_up {
	struct cli *cli;
	const uint64_t *numbers;
	size_t count;
	int32_t day;
};

static enum status
build_write_off(struct batch *batch, void *context, struct error *error)
{
	const struct giving_up *up = context;
	bool relief = cli_option(up->cli, "relief") != NULL;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < up->count && (status == STATUS_OK || status == STATUS_REFUSED); i++)
		status = document_write_off(batch, &document_invoice, up->numbers[i], up->day, relief, error);
	return status;
}

static enum status
write_off(struct cli *cli, struct error *error)
{
	struct giving_up up = { .cli = cli, .day = view_today(cli->view) };
	struct log *log;
	uint64_t *numbers;
	enum status status = ids_read(cli, &log, &numbers, &up.count, error);

	up.numbers = numbers;
	if (status == STATUS_OK)
		status = cli_option_day(cli, "date", &up.day, error);
	return status == STATUS_OK ? cli_change_to(cli, build_write_off, &up, up.numbers, up.count, error)
				   : status;
}

/* --- reminders --------------------------------------------------------------------- */

static enum status
build_remind(struct batch *batch, void *context, struct error *error)
{
	struct cli *cli = context;
	uint64_t *numbers;
	struct log *log;
	enum status status = view_log(cli->view, "invoice", &log, error);

	if (status != STATUS_OK)
		return status;
	numbers = arena_take(&cli->arena, (cli->operand_count + 1) * sizeof *numbers);
	for (size_t i = 0; i < cli->operand_count; i++)
		numbers[i] = log_resolve(log, slice_of(cli->operands[i]), NULL, error);
	if (error->total > 0)
		return error->status = STATUS_NO;
	return reminders_add(batch, numbers, cli->operand_count, error);
}

/* What is printed are the reminders. */
static enum status
remind(struct cli *cli, struct error *error)
{
	bool due = cli_option(cli, "due") != NULL;
	enum status status;

	if (due && cli->operand_count > 0)
		return error_set(error, STATUS_USAGE, "--due looks at all invoices: not with ids");
	if (!due && cli->operand_count == 0)
		return error_set(error, STATUS_USAGE,
		    "which? an id is missing (or --due, for all whose time it is)");
	free(cli->table_name);
	cli->table_name = memory_copy("reminder", strlen("reminder"));
	status = cli_table(cli, error);
	return status == STATUS_OK ? cli_change(cli, NULL, build_remind, cli, error) : status;
}

/* --- statements -------------------------------------------------------------------- */

static const struct column statement_columns[] = {
	{ "date", CELL_DATE },
	{ "kind", CELL_TEXT },
	{ "document", CELL_TEXT },
	{ "due", CELL_DATE },
	{ "currency", CELL_TEXT },
	{ "amount", CELL_NUMBER },
	{ "balance", CELL_NUMBER },
};

static void
print_statement(const struct statement_row *row, void *context)
{
	enum row_kind what = slice_is(row->kind, "opening") ? ROW_OPENING
	    : slice_is(row->kind, "closing")                ? ROW_SUM
							    : ROW_LISTED;

	cli_row_of(context, what,
	    (struct slice[]){ row->date, row->kind, row->document, row->due, row->currency, row->amount,
		row->balance });
}

static enum status
take_statement(struct cli *cli, struct statement_query *query, struct error *error)
{
	const char *customer;
	struct log *log;
	enum status status = cli_need(cli, "a customer", &customer, error);

	if (status == STATUS_OK)
		status = cli_no_more(cli, error);
	if (status == STATUS_OK)
		status = view_log(cli->view, "customer", &log, error);
	if (status != STATUS_OK)
		return status;
	*query = (struct statement_query){ .first = DATE_FIRST, .last = view_today(cli->view) };
	status = cli_option_day(cli, "from", &query->first, error);
	if (status != STATUS_OK)
		return status;
	query->customer = log_resolve(log, slice_of(customer), NULL, error);
	return query->customer != 0 ? STATUS_OK : (error->status = STATUS_NO);
}

static enum status
statement_of(struct cli *cli, struct error *error)
{
	struct statement_query query;
	enum status status = take_statement(cli, &query, error);

	if (status == STATUS_OK)
		status = cli_report(cli, statement_columns,
		    sizeof statement_columns / sizeof statement_columns[0], error);
	if (status == STATUS_OK)
		status = statement(cli->view, &query, print_statement, cli, error);
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}

static const struct verb verbs[] = {
	{ "credit", credit, "ID [LINE[=QTY] ...]",
	    "make a draft of a credit note, for all of it or for these lines", VERB_WRITES },
	{ "write-off", write_off, "ID ...\n-", "give up what is open of invoices", VERB_WRITES },
	{ "recur", recur, "[ID ...]", "make drafts of the turns that have come (see bo-recurring)", VERB_WRITES },
	{ "remind", remind, "ID ...\n--due", "remind customers of what is overdue, and charge for it", VERB_WRITES },
	{ "statement", statement_of, "CUSTOMER", "print what a customer owed, was billed and paid", VERB_ROWS },
	{ .name = NULL },
};

static const struct own_option options[] = {
	{ "until", "DATE", "recur: no turns after that day (today)" },
	{ "catch-up", NULL, "recur: make up for all turns that were missed" },
	{ "issue", NULL, "credit, recur: issue the drafts at once" },
	{ "date", "DATE", "write-off: the day from which on it counts (today)" },
	{ "relief", NULL, "write-off: the tax in it is not owed any longer either" },
	{ "from", "DATE", "statement: the first day" },
	{ "due", NULL, "remind: all invoices whose time it is" },
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
