/* bo-tax: rates of tax by country and day, numbers of those who pay it, and what is told of it */
#include "base/date.h"
#include "cli/cli.h"
#include "office/office.h"
#include "office/tax/tax_rate.h"
#include "office/tax/tax_return.h"
#include "record/taxid.h"
#include "record/value.h"

/* --- rates that are shipped ------------------------------------------------------- */

static void
print_rate(const struct slice values[TAX_RATE_COLUMNS], void *context)
{
	cli_row(context, values);
}

static enum status
rates(struct cli *cli, struct error *error)
{
	struct column columns[TAX_RATE_COLUMNS];
	const char *name = cli_operand(cli);
	struct slice country = { "", 0 };
	struct codes *codes = codes_open(cli->share);
	size_t count = 0;
	enum status status = cli_no_more(cli, error);

	for (size_t i = 0; i < TAX_RATE_COLUMNS; i++)
		columns[i] = (struct column){ tax_rate_columns[i], i == 3 ? CELL_NUMBER : CELL_TEXT };
	if (status == STATUS_OK && name != NULL)
		country = codes_country(codes, slice_of(name));
	if (status == STATUS_OK && country.data == NULL)
		status = error_set(error, STATUS_USAGE, "not a country: \"%s\"", name);
	if (status == STATUS_OK)
		status = cli_report(cli, columns, TAX_RATE_COLUMNS, error);
	if (status == STATUS_OK)
		status = tax_rate_shipped(cli->share, country, print_rate, cli, &count, error);
	if (status == STATUS_OK && name != NULL && count == 0)
		status = error_set(error, STATUS_NO, "no rates are known of %.*s", (int)country.length,
		    country.data);
	codes_close(codes);
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}

/* --- tax numbers --------------------------------------------------------------------- */

static const struct column check_columns[] = {
	{ "taxid", CELL_TEXT },
	{ "valid", CELL_TEXT },
	{ "what", CELL_TEXT },
};

/* One number and what is known of it; false when it is wrong. */
static bool
print_taxid(struct cli *cli, struct codes *codes, struct slice text)
{
	const struct field field = { .name = "taxid", .type = TYPE_TAXID, .preset = "" };
	const struct value_context context = { .codes = codes };
	struct taxid_finding finding;
	struct slice value, reason;
	bool right = text.length > 0 && value_parse(&field, text, &context, &cli->arena, &value, &reason);

	if (!right) {
		if (text.length == 0)
			reason = slice_of("not a tax number: \"\"");
		cli_row(cli, (struct slice[]){ text, slice_of("no"), reason });
		return false;
	}
	finding = taxid_judge(codes_taxids(codes), value);
	cli_row(cli,
	    (struct slice[]){ value, slice_of(finding.verdict == TAXID_HOLDS ? "yes" : "unknown"), finding.name });
	return true;
}

static enum status
check(struct cli *cli, struct error *error)
{
	struct codes *codes = codes_open(cli->share);
	const char *fault = taxids_fault(codes_taxids(codes)), *operand;
	size_t wrong = 0;
	enum status status = STATUS_OK;

	if (cli->operand_count == 0)
		status = error_set(error, STATUS_USAGE, "which? a tax number is missing");
	else if (fault != NULL)
		status = error_set(error, STATUS_SYSTEM, "%s", fault);
	if (status == STATUS_OK)
		status = cli_report(cli, check_columns, 3, error);
	while (status == STATUS_OK && (operand = cli_operand(cli)) != NULL)
		wrong += !print_taxid(cli, codes, slice_of(operand));
	if (status == STATUS_OK)
		status = cli_report_end(cli, error);
	codes_close(codes);
	return status == STATUS_OK && wrong > 0 ? STATUS_NO : status;
}

/* --- returns ---------------------------------------------------------------------------- */

static const struct column box_columns[] = {
	{ "box", CELL_TEXT },
	{ "help", CELL_TEXT },
	{ "amount", CELL_NUMBER },
};

static const struct column told_columns[] = {
	{ "table", CELL_TEXT },
	{ "id", CELL_TEXT },
	{ "date", CELL_DATE },
	{ "late", CELL_TEXT },
	{ "base", CELL_NUMBER },
	{ "tax", CELL_NUMBER },
};

static enum status
print_told(struct cli *cli, const struct tax_told *told, struct error *error)
{
	const struct table *table;
	char id[ID_SIZE], date[DATE_SIZE];
	enum status status = view_table(cli->view, told->table, &table, error);

	if (status != STATUS_OK)
		return status;
	cli_row(cli,
	    (struct slice[]){ slice_of(told->table), table_id(table, told->number, id),
		(struct slice){ date, date_format(told->date, date) }, slice_of(told->late ? "true" : "false"),
		tax_amount(cli->view, told->base, &cli->arena), tax_amount(cli->view, told->tax, &cli->arena) });
	return STATUS_OK;
}

static enum status
print_return(struct cli *cli, const struct tax_return *tax_return, struct error *error)
{
	bool documents = cli_option(cli, "documents") != NULL;
	enum status status = documents ? cli_report(cli, told_columns, 6, error)
				       : cli_report(cli, box_columns, 3, error);

	for (size_t i = 0; status == STATUS_OK && documents && i < tax_return->told_count; i++)
		status = print_told(cli, &tax_return->told[i], error);
	for (size_t i = 0; status == STATUS_OK && !documents && i < tax_return->form.count; i++) {
		const struct tax_box *box = &tax_return->form.boxes[i];

		cli_row(cli,
		    (struct slice[]){ box->box, box->help, tax_amount(cli->view, box->amount, &cli->arena) });
	}
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}

/* As it was filed, or as it would be now. */
static enum status
print_period(struct cli *cli, const char *period, struct error *error)
{
	uint64_t filed = tax_return_filed(cli->view, slice_of(period));
	struct tax_return tax_return;
	enum status status = filed != 0
	    ? tax_return_load(cli->view, filed, &tax_return, error)
	    : tax_return_read(cli->view, slice_of(period), cli_option(cli, "form"), &tax_return, error);

	if (status == STATUS_OK)
		status = print_return(cli, &tax_return, error);
	tax_return_release(&tax_return);
	return status;
}

static enum status
show_return(struct cli *cli, struct error *error)
{
	const char *period;
	enum status status = cli_need(cli, "which period? it", &period, error);

	if (status == STATUS_OK)
		status = cli_no_more(cli, error);
	return status == STATUS_OK ? print_period(cli, period, error) : status;
}

static enum status
build_return(struct batch *batch, void *context, struct error *error)
{
	struct cli *cli = context;
	struct tax_return tax_return;
	enum status status = tax_return_read(batch_view(batch), slice_of(cli->operands[0]),
	    cli_option(cli, "form"), &tax_return, error);

	if (status == STATUS_OK)
		status = tax_return_file(batch, &tax_return, error);
	tax_return_release(&tax_return);
	return status;
}

static enum status
tell_return(struct cli *cli, const struct change_outcome *outcome, struct error *error)
{
	(void)outcome;
	return cli->options.quiet ? STATUS_OK : print_period(cli, cli->operands[0], error);
}

static enum status
file_return(struct cli *cli, struct error *error)
{
	if (cli->operand_count != 1)
		return error_set(error, STATUS_USAGE,
		    cli->operand_count == 0 ? "which period? it is missing" : "one period at a time");
	return cli_change_told(cli, NULL, build_return, cli, tell_return, error);
}

static const struct verb verbs[] = {
	{ "rates", rates, "[COUNTRY]", "print rates for bo-tax put, of a country or of all", VERB_CLOSED },
	{ "check", check, "TAXID ...", "print whether tax numbers can be right", VERB_CLOSED },
	{ "return", show_return, "PERIOD", "print what is to be told to the tax office, or was", VERB_ROWS },
	{ "file", file_return, "PERIOD", "keep what was told, for ever", VERB_WRITES },
	{ .name = NULL },
};

static const struct own_option options[] = {
	{ "form", "NAME", "return, file: the boxes of share/tax/NAME.csv (else the country's)" },
	{ "documents", NULL, "return, file: the documents, instead of the boxes" },
	{ .name = NULL },
};

static const struct command command = {
	.table = "tax_rate",
	.verbs = verbs,
	.options = options,
	.rules = office_rules,
};

int
main(int argc, char *argv[])
{
	return cli_main(argc, argv, &command);
}
