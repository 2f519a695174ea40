/* bo-config: what this store knows of the company itself */
#include "cli/cli.h"
#include "office/office.h"
#include "record/path.h"

static const struct column columns[] = { { "field", CELL_TEXT }, { "value", CELL_TEXT } };

enum { COMPANY = 1 };

static enum status
read_company(struct cli *cli, struct record *record, struct error *error)
{
	struct log *log;
	enum status status = view_log(cli->view, cli->table_name, &log, error);

	return status == STATUS_OK ? record_read(log, COMPANY, &cli->arena, record, error) : status;
}

/* Every field that is set. */
static enum status
show(struct cli *cli, struct error *error)
{
	struct record record;
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = read_company(cli, &record, error);
	if (status == STATUS_OK)
		status = cli_report(cli, columns, 2, error);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < cli->table->field_count; i++) {
		struct slice row[] = { slice_of(cli->table->fields[i].name), record_value(&record, i) };

		if (row[1].length > 0)
			cli_row(cli, row);
	}
	return cli_report_end(cli, error);
}

/* The bare value of one field, for scripts: NAME=$(bo-config get name). */
static enum status
get(struct cli *cli, struct error *error)
{
	struct record record;
	struct path path;
	const char *name;
	enum status status = cli_need(cli, "FIELD", &name, error);

	if (status == STATUS_OK)
		status = cli_no_more(cli, error);
	if (status == STATUS_OK)
		status = path_resolve(cli->view, cli->table, slice_of(name), &path, error);
	if (status == STATUS_OK)
		status = read_company(cli, &record, error);
	if (status != STATUS_OK)
		return status;
	return cli_say(path_value(&path, &record), error);
}

static const struct verb verbs[] = { { "show", show, "", "print every field that is set", 0 },
	{ "get", get, "FIELD", "print the value of one field", 0 }, { NULL, NULL, NULL, NULL, 0 } };

int
main(int argc, char *argv[])
{
	static const struct command command = { .name = "bo-config",
		.table = "company",
		.verbs = verbs,
		.default_verb = "show",
		.rules = office_rules };

	return cli_main(argc, argv, &command);
}
