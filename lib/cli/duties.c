#include "cli/duties.h"

#include "record/duty.h"
#include "record/sheet.h"

enum duties_column { DUTY, TABLE, ID, ACTOR, TX_A, TX_B, DUTIES_COLUMNS };

static const struct field duties_fields[DUTIES_COLUMNS] = {
	[DUTY] = { .name = "duty", .type = TYPE_TEXT, .preset = "", .help = "" },
	[TABLE] = { .name = "table", .type = TYPE_TEXT, .preset = "", .help = "" },
	[ID] = { .name = "id", .type = TYPE_TEXT, .preset = "", .help = "" },
	[ACTOR] = { .name = "actor", .type = TYPE_TEXT, .preset = "", .help = "" },
	[TX_A] = { .name = "tx_a", .type = TYPE_INT, .preset = "", .help = "" },
	[TX_B] = { .name = "tx_b", .type = TYPE_INT, .preset = "", .help = "" },
};

static const struct column duties_columns[DUTIES_COLUMNS] = {
	[DUTY] = { "duty", CELL_TEXT },
	[TABLE] = { "table", CELL_TEXT },
	[ID] = { "id", CELL_TEXT },
	[ACTOR] = { "actor", CELL_TEXT },
	[TX_A] = { "tx_a", CELL_INTEGER },
	[TX_B] = { "tx_b", CELL_INTEGER },
};

struct printing {
	struct cli *cli;
	struct sheet *sheet;
	struct error *error;
	size_t count;
};

static void
print_breach(const struct breach *breach, void *context)
{
	struct printing *printing = context;
	struct buffer first = BUFFER_INIT, second = BUFFER_INIT;
	char id[ID_SIZE];
	struct slice values[DUTIES_COLUMNS];

	buffer_add_u64(&first, breach->first);
	buffer_add_u64(&second, breach->second);
	values[DUTY] = breach->duty->name;
	values[TABLE] = slice_of(breach->duty->table->name);
	values[ID] = table_id(breach->duty->table, breach->document, id);
	values[ACTOR] = breach->actor;
	values[TX_A] = buffer_slice(&first);
	values[TX_B] = buffer_slice(&second);
	if (sheet_holds(printing->sheet, values, printing->error)) {
		cli_row(printing->cli, values);
		printing->count++;
	}
	buffer_release(&first);
	buffer_release(&second);
}

enum status
verb_duties(struct cli *cli, struct error *error)
{
	struct printing printing = { .cli = cli, .error = error };
	struct duties *duties = NULL;
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = duties_open(cli->view, &duties, error);
	if (status == STATUS_OK)
		status = sheet_open(&printing.sheet, cli->view, "duties", duties_fields, DUTIES_COLUMNS,
		    cli->options.where, cli->options.where_count, error);
	if (status == STATUS_OK)
		status = cli_report(cli, duties_columns, DUTIES_COLUMNS, error);
	if (status == STATUS_OK)
		status = duties_report(duties, print_breach, &printing, error);
	if (status == STATUS_OK)
		status = error->status;
	if (status == STATUS_OK)
		status = cli_report_end(cli, error);
	sheet_close(printing.sheet);
	duties_close(duties);
	return status == STATUS_OK && printing.count > 0 ? STATUS_NO : status;
}
