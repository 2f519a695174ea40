/* bo-tax: rates of tax by country and day, and numbers of those who pay it */
#include "cli/cli.h"
#include "office/office.h"
#include "office/tax_rate.h"
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

static const struct verb verbs[] = {
	{ "rates", rates, "[COUNTRY]", "print rates for bo-tax put, of a country or of all", VERB_CLOSED },
	{ "check", check, "TAXID ...", "print whether tax numbers can be right", VERB_CLOSED },
	{ .name = NULL },
};

static const struct command command = {
	.table = "tax_rate",
	.verbs = verbs,
	.rules = office_rules,
};

int
main(int argc, char *argv[])
{
	return cli_main(argc, argv, &command);
}
