/* bo-ledger: entries, what accounts come to, and the books for other programs */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/period.h"
#include "cli/cli.h"
#include "office/payment/aged.h"
#include "office/ledger/budget.h"
#include "office/ledger/ledger.h"
#include "office/ledger/ledger_close.h"
#include "office/ledger/ledger_export.h"
#include "office/ledger/ledger_report.h"
#include "office/office.h"

/* --- which days ----------------------------------------------------------------- */

/* From --from, or all there is, to --on, or today; or the days of --period. */
static enum status
take_days(struct cli *cli, int32_t first, struct ledger_query *query, struct error *error)
{
	const char *period = cli_option(cli, "period");

	*query = (struct ledger_query){ .first = first,
		.last = view_today(cli->view),
		.valued = cli_option(cli, "valued") != NULL };
	if (period == NULL)
		return cli_option_day(cli, "from", &query->first, error);
	if (cli_option(cli, "from") != NULL || cli->options.on != NULL)
		return error_set(error, STATUS_USAGE, "--period says both ends: not with --from or --on");
	if (period_days(slice_of(period), &query->first, &query->last))
		return STATUS_OK;
	return error_set(error, STATUS_USAGE, "--period: not a " PERIOD_FORMS ": \"%s\"", period);
}

/* --- reports -------------------------------------------------------------------- */

enum balance_column { ACCOUNT, NAME, KIND, CURRENCY, BEFORE, DEBIT, CREDIT, BALANCE, BALANCE_COLUMNS };

static const struct column balance_columns[BALANCE_COLUMNS] = {
	[ACCOUNT] = { "account", CELL_TEXT },
	[NAME] = { "name", CELL_TEXT },
	[KIND] = { "kind", CELL_TEXT },
	[CURRENCY] = { "currency", CELL_TEXT },
	[BEFORE] = { "before", CELL_NUMBER },
	[DEBIT] = { "debit", CELL_NUMBER },
	[CREDIT] = { "credit", CELL_NUMBER },
	[BALANCE] = { "balance", CELL_NUMBER },
};

static void
print_balance(const struct ledger_row *row, void *context)
{
	struct cli *cli = context;

	cli_row(cli,
	    (struct slice[]){ row->code, row->name, row->kind, row->currency, row->before, row->debit,
		row->credit, row->balance });
}

/* The accounts that the operands name, with what is part of them. */
static enum status
take_accounts(struct cli *cli, struct ledger_choice *choice, struct error *error)
{
	const char *operand;
	enum status status = ledger_choice_open(choice, cli->view, error);

	while (status == STATUS_OK && (operand = cli_operand(cli)) != NULL)
		status = ledger_choice_add(choice, slice_of(operand), error);
	return status;
}

/* A report on the accounts and days that were asked for. */
static enum status
begin_accounts(struct cli *cli, struct ledger_query *query, struct ledger_choice *choice,
    const struct column *columns, size_t count, struct error *error)
{
	enum status status = take_days(cli, DATE_FIRST, query, error);

	if (status == STATUS_OK)
		status = take_accounts(cli, choice, error);
	return status == STATUS_OK ? cli_report(cli, columns, count, error) : status;
}

enum { BY_COLUMN = CURRENCY }; /* where the key stands, before all that follows */

static void
print_by(const struct ledger_row *row, void *context)
{
	cli_row(context,
	    (struct slice[]){ row->code, row->name, row->kind, row->key, row->currency, row->before,
		row->debit, row->credit, row->balance });
}

/* --by tag, month, quarter or year. */
static enum status
balance_by(struct cli *cli, struct error *error)
{
	struct column columns[BALANCE_COLUMNS + 1];
	const char *name = cli->options.by[0];
	struct ledger_query query;
	struct ledger_choice choice = { .accounts = NULL };
	enum ledger_by by;
	enum status status;

	if (cli->options.by_count > 1 || !ledger_by_of(name, &by))
		return error_set(error, STATUS_USAGE, "--by: one of tag, month, quarter and year, not \"%s\"",
		    cli->options.by[cli->options.by_count - 1]);
	if (cli_option(cli, "tree") != NULL)
		return error_set(error, STATUS_USAGE, "--tree: not with --by");
	memcpy(columns, balance_columns, BY_COLUMN * sizeof *columns);
	columns[BY_COLUMN] = (struct column){ name, CELL_TEXT };
	memcpy(columns + BY_COLUMN + 1, balance_columns + BY_COLUMN,
	    (BALANCE_COLUMNS - BY_COLUMN) * sizeof *columns);
	status = begin_accounts(cli, &query, &choice, columns, BALANCE_COLUMNS + 1, error);
	if (status == STATUS_OK)
		status = ledger_balance_by(cli->view, &query, &choice, by, print_by, cli, error);
	ledger_choice_release(&choice);
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}

static enum status
balance(struct cli *cli, struct error *error)
{
	struct ledger_query query;
	struct ledger_choice choice = { .accounts = NULL };
	enum status status;

	if (cli->options.by_count > 0)
		return balance_by(cli, error);
	status = begin_accounts(cli, &query, &choice, balance_columns, BALANCE_COLUMNS, error);
	if (status == STATUS_OK)
		status = ledger_balance(cli->view, &query, &choice, cli_option(cli, "tree") != NULL,
		    print_balance, cli, error);
	ledger_choice_release(&choice);
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}

static const struct column statement_columns[] = {
	{ "kind", CELL_TEXT },
	{ "account", CELL_TEXT },
	{ "name", CELL_TEXT },
	{ "currency", CELL_TEXT },
	{ "amount", CELL_NUMBER },
};

static void
print_statement(const struct ledger_row *row, void *context)
{
	bool total = row->code.length == 0 && slice_is(row->name, "total");

	cli_row_of(context, total ? ROW_SUM : ROW_LISTED,
	    (struct slice[]){ row->kind, row->code, row->name, row->currency, row->balance });
}

static enum status
statement(struct cli *cli, enum ledger_statement which, struct error *error)
{
	struct ledger_query query;
	int32_t first = which == STATEMENT_PROFIT ? fiscal_year_start(cli->view, view_today(cli->view))
						  : DATE_FIRST;
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK && which == STATEMENT_BALANCE && cli_option(cli, "from") != NULL)
		status = error_set(error, STATUS_USAGE, "--from: a balance sheet is of one day (--on)");
	if (status == STATUS_OK)
		status = take_days(cli, first, &query, error);
	if (status == STATUS_OK)
		status = cli_report(cli, statement_columns,
		    sizeof statement_columns / sizeof statement_columns[0], error);
	if (status == STATUS_OK)
		status = ledger_statement(cli->view, &query, which, print_statement, cli, error);
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}

static enum status
profit(struct cli *cli, struct error *error)
{
	return statement(cli, STATEMENT_PROFIT, error);
}

static enum status
balance_sheet(struct cli *cli, struct error *error)
{
	return statement(cli, STATEMENT_BALANCE, error);
}

static const struct column flow_columns[] = {
	{ "account", CELL_TEXT },
	{ "name", CELL_TEXT },
	{ "currency", CELL_TEXT },
	{ "in", CELL_NUMBER },
	{ "out", CELL_NUMBER },
	{ "net", CELL_NUMBER },
};

static void
print_flow(const struct ledger_row *row, void *context)
{
	enum row_kind what = row->code.length > 0 ? ROW_LISTED
	    : slice_is(row->name, "opening")      ? ROW_OPENING
						  : ROW_SUM;

	cli_row_of(context, what,
	    (struct slice[]){ row->code, row->name, row->currency, row->debit, row->credit, row->balance });
}

static enum status
cash_flow(struct cli *cli, struct error *error)
{
	struct ledger_query query;
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = take_days(cli, fiscal_year_start(cli->view, view_today(cli->view)), &query, error);
	if (status == STATUS_OK)
		status = cli_report(cli, flow_columns, sizeof flow_columns / sizeof flow_columns[0], error);
	if (status == STATUS_OK)
		status = ledger_cash_flow(cli->view, &query, print_flow, cli, error);
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}

static const struct column budget_columns[] = {
	{ "account", CELL_TEXT },
	{ "name", CELL_TEXT },
	{ "kind", CELL_TEXT },
	{ "tags", CELL_TEXT },
	{ "currency", CELL_TEXT },
	{ "plan", CELL_NUMBER },
	{ "actual", CELL_NUMBER },
	{ "difference", CELL_NUMBER },
};

static void
print_budget(const struct ledger_row *row, void *context)
{
	cli_row(context,
	    (struct slice[]){ row->code, row->name, row->kind, row->key, row->currency, row->before,
		row->debit, row->balance });
}

/* Of --period, or of this year. */
static enum status
budget(struct cli *cli, struct error *error)
{
	const char *given = cli_option(cli, "period");
	char today[DATE_SIZE];
	struct slice period = slice_of(given);
	enum status status = cli_no_more(cli, error);

	if (given == NULL) {
		date_format(view_today(cli->view), today);
		period = (struct slice){ today, 4 };
	}
	if (status == STATUS_OK)
		status = cli_report(cli, budget_columns, sizeof budget_columns / sizeof budget_columns[0], error);
	if (status == STATUS_OK) {
		status = budget_compare(cli->view, period, print_budget, cli, error);
		status = status == STATUS_USAGE ? error_prefix(error, "--period") : status;
	}
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}

static const struct column register_columns[] = {
	{ "date", CELL_DATE },
	{ "entry", CELL_TEXT },
	{ "account", CELL_TEXT },
	{ "text", CELL_TEXT },
	{ "currency", CELL_TEXT },
	{ "amount", CELL_NUMBER },
	{ "balance", CELL_NUMBER },
};

static void
print_register(const struct ledger_entry_row *row, void *context)
{
	cli_row(context,
	    (struct slice[]){ row->date, row->entry, row->account, row->text, row->currency, row->amount,
		row->balance });
}

static enum status
register_of(struct cli *cli, struct error *error)
{
	struct ledger_query query;
	struct ledger_choice choice = { .accounts = NULL };
	enum status status = begin_accounts(cli, &query, &choice, register_columns,
	    sizeof register_columns / sizeof register_columns[0], error);

	if (status == STATUS_OK)
		status = ledger_register(cli->view, &query, &choice, print_register, cli, error);
	ledger_choice_release(&choice);
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}

/* --- what is owed --------------------------------------------------------------- */

enum aged_column {
	PARTY,
	PARTY_NAME,
	PARTY_CURRENCY,
	FIRST_AGE,
	ON_ACCOUNT = FIRST_AGE + AGES,
	TOTAL,
	AGED_COLUMNS
};

/* The names of the ages say which day is counted from. */
static const struct column aged_columns[2][AGED_COLUMNS] = {
	{ { "party", CELL_TEXT }, { "name", CELL_TEXT }, { "currency", CELL_TEXT }, { "dated_0_30", CELL_NUMBER },
	    { "dated_31_60", CELL_NUMBER }, { "dated_61_90", CELL_NUMBER }, { "dated_91_120", CELL_NUMBER },
	    { "dated_over_120", CELL_NUMBER }, { "on_account", CELL_NUMBER }, { "total", CELL_NUMBER } },
	{ { "party", CELL_TEXT }, { "name", CELL_TEXT }, { "currency", CELL_TEXT }, { "not_due", CELL_NUMBER },
	    { "due_1_30", CELL_NUMBER }, { "due_31_60", CELL_NUMBER }, { "due_61_90", CELL_NUMBER },
	    { "due_over_90", CELL_NUMBER }, { "on_account", CELL_NUMBER }, { "total", CELL_NUMBER } },
};

static void
print_aged(const struct aged_row *row, void *context)
{
	struct slice values[AGED_COLUMNS] = { [PARTY] = row->party,
		[PARTY_NAME] = row->name,
		[PARTY_CURRENCY] = row->currency,
		[ON_ACCOUNT] = row->on_account,
		[TOTAL] = row->total };

	memcpy(&values[FIRST_AGE], row->ages, sizeof row->ages);
	cli_row_of(context, row->party.length > 0 ? ROW_LISTED : ROW_SUM, values);
}

/* --by due (unless said otherwise) or date. */
static enum status
take_day_by(struct cli *cli, bool *by_due, struct error *error)
{
	const char *by = cli->options.by_count > 0 ? cli->options.by[cli->options.by_count - 1] : "due";

	*by_due = strcmp(by, "due") == 0;
	if (*by_due || strcmp(by, "date") == 0)
		return STATUS_OK;
	return error_set(error, STATUS_USAGE, "--by: due or date, not \"%s\"", by);
}

static enum status
print_ages(struct cli *cli, struct error *error)
{
	const char *which;
	bool by_due, receivable = false;
	enum status status = cli_need(cli, "receivable or payable", &which, error);

	if (status == STATUS_OK)
		status = cli_no_more(cli, error);
	if (status == STATUS_OK) {
		receivable = strcmp(which, "receivable") == 0;
		if (!receivable && strcmp(which, "payable") != 0)
			status = error_set(error, STATUS_USAGE, "aged: receivable or payable, not \"%s\"", which);
	}
	if (status == STATUS_OK)
		status = take_day_by(cli, &by_due, error);
	if (status == STATUS_OK)
		status = cli_report(cli, aged_columns[by_due], AGED_COLUMNS, error);
	if (status == STATUS_OK)
		status = aged(cli->view, receivable ? &document_invoice : &document_bill, by_due, print_aged,
		    cli, error);
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}

/* --- entries -------------------------------------------------------------------- */

/* What is to be reversed; the date is --date, or today. */
static enum status
build_reverse(struct batch *batch, void *context, struct error *error)
{
	struct cli *cli = context;
	int32_t day = view_today(cli->view);
	struct log *log;
	size_t missing = 0;
	enum status status = view_log(cli->view, "entry", &log, error);

	if (status == STATUS_OK)
		status = cli_option_day(cli, "date", &day, error);
	for (size_t i = 0; i < cli->operand_count && (status == STATUS_OK || status == STATUS_REFUSED); i++) {
		uint64_t number = log_resolve(log, slice_of(cli->operands[i]), NULL, error);

		missing += number == 0;
		status = number != 0 ? ledger_reverse(batch, number, day, error) : STATUS_REFUSED;
	}
	/* That one is not there is an answer, not bad data. */
	if (missing > 0 && missing == error->total)
		status = error->status = STATUS_NO;
	return status;
}

static enum status
reverse(struct cli *cli, struct error *error)
{
	if (cli->operand_count == 0)
		return error_set(error, STATUS_USAGE, "which? an id is missing");
	return cli_change(cli, NULL, build_reverse, cli, error);
}

/* --- the end of a month or a year ----------------------------------------------- */

static enum status
build_revalue(struct batch *batch, void *context, struct error *error)
{
	struct cli *cli = context;

	return ledger_revalue(batch, view_today(cli->view), error);
}

static enum status
revalue(struct cli *cli, struct error *error)
{
	enum status status = cli_no_more(cli, error);

	return status == STATUS_OK ? cli_change(cli, NULL, build_revalue, cli, error) : status;
}

/* The fiscal year that begins in the year that is named; what is not over is not closed. */
static enum status
build_close(struct batch *batch, void *context, struct error *error)
{
	struct cli *cli = context;
	struct slice name = slice_of(cli->operands[0]);
	int32_t first, last;
	char text[DATE_SIZE];

	if (name.length != 4 || !period_month_or_year(name, &first, &last))
		return error_set(error, STATUS_USAGE, "not a year: \"%s\"", cli->operands[0]);
	first = fiscal_year_start(cli->view, last);
	last = fiscal_year_end(cli->view, first);
	date_format(last, text);
	if (last >= view_today(cli->view) && !cli->options.force)
		return error_set(error, STATUS_REFUSED, "%s is not over before the end of %s (--force)",
		    cli->operands[0], text);
	return ledger_close_year(batch, first, last, error);
}

static enum status
close_year(struct cli *cli, struct error *error)
{
	if (cli->operand_count != 1)
		return error_set(error, STATUS_USAGE, "which year?");
	return cli_change(cli, NULL, build_close, cli, error);
}

/* --- charts --------------------------------------------------------------------- */

enum { CHART_MAX = 1 << 20 };

static int
is_chart(const struct dirent *file)
{
	size_t length = strlen(file->d_name);

	return length > 4 && strcmp(file->d_name + length - 4, ".csv") == 0;
}

static enum status
list_charts(struct cli *cli, const char *directory, struct error *error)
{
	static const struct column columns[] = { { "chart", CELL_TEXT } };
	struct dirent **files;
	int count = scandir(directory, &files, is_chart, alphasort);
	enum status status;

	if (count < 0)
		return error_set(error, STATUS_SYSTEM, "%s:", directory);
	status = cli_report(cli, columns, 1, error);
	for (int i = 0; i < count; i++) {
		struct slice name = slice_of(files[i]->d_name);

		name.length -= strlen(".csv");
		if (status == STATUS_OK)
			cli_row(cli, &name);
		free(files[i]);
	}
	free(files);
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}

static enum status
print_chart(const char *directory, const char *name, struct error *error)
{
	char *path = memory_format("%s/%s.csv", directory, name);
	struct buffer text = BUFFER_INIT;
	enum status status = STATUS_OK;

	if (strchr(name, '/') != NULL || !file_load(path, &text, CHART_MAX))
		status = error_set(error, STATUS_NO, "no such chart: \"%s\" (bo-ledger chart lists them)", name);
	else if (!file_write(STDOUT_FILENO, text.data, text.length))
		status = error_set(error, STATUS_SYSTEM, "standard output:");
	buffer_release(&text);
	free(path);
	return status;
}

static enum status
chart(struct cli *cli, struct error *error)
{
	char *directory = memory_format("%s/chart", cli->share);
	const char *name = cli_operand(cli);
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = name == NULL ? list_charts(cli, directory, error) : print_chart(directory, name, error);
	free(directory);
	return status;
}

/* --- other programs ------------------------------------------------------------- */

static bool
write_text(struct slice text, void *context)
{
	(void)context;
	return file_write(STDOUT_FILENO, text.data, text.length);
}

static enum status
export_books(struct cli *cli, struct error *error)
{
	const char *name = cli_option(cli, "format");
	enum export_format format;
	struct ledger_query query;
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK && !export_format_of(name != NULL ? name : "hledger", &format))
		status = error_set(error, STATUS_USAGE, "--format: ledger, hledger or beancount, not \"%s\"",
		    name);
	if (status == STATUS_OK)
		status = take_days(cli, DATE_FIRST, &query, error);
	return status == STATUS_OK ? ledger_export(cli->view, &query, format, write_text, NULL, error) : status;
}

static const struct verb verbs[] = {
	{ "balance", balance, "[ACCOUNT ...]", "print what accounts come to", VERB_BY | VERB_ROWS },
	{ "register", register_of, "[ACCOUNT ...]",
	    "print the postings of accounts by date, with a running balance", VERB_ROWS },
	{ "pl", profit, "", "print income, expenses and profit (of the fiscal year so far)", VERB_ROWS },
	{ "balance-sheet", balance_sheet, "", "print assets, liabilities and equity", VERB_ROWS },
	{ "cash-flow", cash_flow, "", "print where money came from and went to (in the fiscal year so far)",
	    VERB_ROWS },
	{ "aged", print_ages, "receivable|payable",
	    "print what is owed by how long it has been (--by due or date)", VERB_BY | VERB_ROWS },
	{ "budget", budget, "", "print what was planned, and what came of it", VERB_ROWS },
	{ "reverse", reverse, "ID ...", "take posted entries back by new ones", VERB_WRITES },
	{ "revalue", revalue, "", "enter what other currencies have gained by that day, until the next",
	    VERB_WRITES },
	{ "close-year", close_year, "YEAR", "carry the profit of a year forward", VERB_WRITES },
	{ "chart", chart, "[NAME]", "print a chart of accounts for bo-account put, or which there are",
	    VERB_CLOSED },
	{ "export", export_books, "", "print the books for ledger, hledger or beancount", 0 },
	{ .name = NULL },
};

static const struct own_option options[] = {
	{ "from", "DATE", "balance, register, pl, cash-flow, export: the first day" },
	{ "period", "PERIOD",
	    "balance, register, pl, cash-flow, budget, export: 2026-10, 2026-Q1, 2026 or 2026-02..2026-04" },
	{ "valued", NULL, "balance, pl, balance-sheet: in the currency of the books, at the rates of the last day" },
	{ "tree", NULL, "balance: accounts with all that is part of them" },
	{ "date", "DATE", "reverse: the day of the new entries (today)" },
	{ "format", "FORMAT", "export: ledger, hledger (unless given) or beancount" },
	{ .name = NULL },
};

static const struct command command = {
	.table = "entry",
	.verbs = verbs,
	.options = options,
	.rules = office_rules,
};

int
main(int argc, char *argv[])
{
	return cli_main(argc, argv, &command);
}
