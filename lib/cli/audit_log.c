/* audit_log: transactions as rows, and one of them in full */
#include "cli/audit.h"

#include <string.h>

#include "record/history.h"
#include "record/plan.h"
#include "record/sheet.h"

enum audit_column { TX, TIME, ACTOR, COMMAND, KEY, REASON, TABLES, AUDIT_COLUMNS };

static const struct field audit_fields[AUDIT_COLUMNS] = {
	[TX] = { .name = "tx", .type = TYPE_INT, .preset = "", .help = "" },
	[TIME] = { .name = "time", .type = TYPE_TIME, .preset = "", .help = "" },
	[ACTOR] = { .name = "actor", .type = TYPE_TEXT, .preset = "", .help = "" },
	[COMMAND] = { .name = "command", .type = TYPE_TEXT, .preset = "", .help = "" },
	[KEY] = { .name = "key", .type = TYPE_TEXT, .preset = "", .help = "" },
	[REASON] = { .name = "reason", .type = TYPE_TEXT, .preset = "", .help = "" },
	[TABLES] = { .name = "tables", .type = TYPE_TAGS, .preset = "", .help = "" },
};

static const struct column audit_columns[AUDIT_COLUMNS] = {
	[TX] = { "tx", CELL_INTEGER },
	[TIME] = { "time", CELL_TIME },
	[ACTOR] = { "actor", CELL_TEXT },
	[COMMAND] = { "command", CELL_TEXT },
	[KEY] = { "key", CELL_TEXT },
	[REASON] = { "reason", CELL_TEXT },
	[TABLES] = { "tables", CELL_TAGS },
};

/* The tables that a transaction wrote to, separated by spaces. */
static struct slice
tables_of(struct slice changes, struct buffer *out)
{
	struct audit_change change;

	buffer_clear(out);
	while (audit_change_next(&changes, &change)) {
		if (change.length == 0)
			continue;
		if (out->length > 0)
			buffer_add_char(out, ' ');
		buffer_add_slice(out, change.table);
	}
	return buffer_slice(out);
}

static void
audit_values(const struct audit_line *line, struct buffer *tx, struct buffer *tables,
    struct slice values[AUDIT_COLUMNS])
{
	struct slice key = line->key;

	buffer_clear(tx);
	buffer_add_u64(tx, line->tx);
	values[TX] = buffer_slice(tx);
	values[TIME] = line->time;
	values[ACTOR] = line->actor;
	values[COMMAND] = line->command;
	values[KEY] = slice_cut(&key, '@'); /* the rest is a digest of what it stood for */
	values[REASON] = line->reason;
	values[TABLES] = tables_of(line->changes, tables);
}

static enum status
damaged(struct error *error)
{
	return error_set(error, STATUS_SYSTEM, "audit.csv: a damaged line (bo-audit verify says which)");
}

static enum status
print_log(struct cli *cli, struct sheet *sheet, struct error *error)
{
	struct slice rest = snapshot_audit(view_snapshot(cli->view)), values[AUDIT_COLUMNS];
	struct buffer scratch = BUFFER_INIT, tx = BUFFER_INIT, tables = BUFFER_INIT;
	struct audit_line line;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && !cli_done(cli) && audit_next(&rest, &line, &scratch)) {
		if (line.tx == 0) {
			status = damaged(error);
			continue;
		}
		audit_values(&line, &tx, &tables, values);
		if (sheet_holds(sheet, values, error))
			cli_row(cli, values);
		status = error->status;
	}
	buffer_release(&scratch);
	buffer_release(&tx);
	buffer_release(&tables);
	return status;
}

enum status
audit_log(struct cli *cli, struct error *error)
{
	struct sheet *sheet = NULL;
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = sheet_open(&sheet, cli->view, "audit", audit_fields, AUDIT_COLUMNS,
		    cli->options.where, cli->options.where_count, error);
	if (status == STATUS_OK)
		status = cli_report(cli, audit_columns, AUDIT_COLUMNS, error);
	if (status == STATUS_OK)
		status = print_log(cli, sheet, error);
	if (status == STATUS_OK)
		status = cli_report_end(cli, error);
	sheet_close(sheet);
	return status;
}

/* --- one transaction ---------------------------------------------------------- */

enum status
audit_take_tx(struct cli *cli, uint64_t *tx, struct error *error)
{
	const char *operand;
	unsigned long long number;
	enum status status = cli_need(cli, "the number of a transaction", &operand, error);

	if (status != STATUS_OK)
		return status;
	if (!slice_to_u64(slice_of(operand), &number))
		return error_set(error, STATUS_USAGE, "not the number of a transaction: \"%s\"", operand);
	*tx = number;
	return STATUS_OK;
}

static enum status
find_tx(struct cli *cli, uint64_t tx, struct audit_line *line, struct buffer *scratch, struct error *error)
{
	if (audit_find(snapshot_audit(view_snapshot(cli->view)), tx, line, scratch))
		return STATUS_OK;
	return error_set(error, STATUS_NO, "no such transaction: %llu", (unsigned long long)tx);
}

/* The line itself, as if it were a record of a table `audit`. */
static void
show_line(struct cli *cli, const struct audit_line *line)
{
	struct buffer tx = BUFFER_INIT, tables = BUFFER_INIT;
	struct slice values[AUDIT_COLUMNS];

	audit_values(line, &tx, &tables, values);
	for (size_t i = TIME; i < AUDIT_COLUMNS; i++) {
		struct slice row[PLAN_COLUMNS] = { slice_of("audit"), values[TX],
			slice_of(audit_columns[i].name), slice_of(""), values[i] };

		if (values[i].length > 0)
			cli_row(cli, row);
	}
	buffer_release(&tx);
	buffer_release(&tables);
}

struct showing {
	struct cli *cli;
	uint64_t tx;
};

static enum status
show_revision(const struct record *revision, const struct record *before, void *context, struct error *error)
{
	const struct showing *showing = context;
	const struct table *table = revision->log->table;
	struct slice id = record_id(revision);

	(void)error;
	if (revision->tx > showing->tx)
		return STATUS_NO;
	for (size_t i = 0; i < table->field_count && revision->tx == showing->tx; i++) {
		struct slice old = slice_of(""), new = slice_of("");

		if (table->fields[i].flags & FIELD_DERIVED)
			continue;
		new = record_value(revision, i);
		if (before != NULL)
			old = record_value(before, i);
		if (!slice_equal(old, new))
			cli_row(showing->cli,
			    (struct slice[PLAN_COLUMNS]){ slice_of(table->name), id,
				slice_of(table->fields[i].name), old, new });
	}
	return STATUS_OK;
}

static enum status
show_changes(struct cli *cli, const struct audit_line *line, struct error *error)
{
	struct showing showing = { cli, line->tx };
	struct slice changes = line->changes;
	struct audit_change change;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && audit_change_next(&changes, &change)) {
		char name[STORE_NAME_MAX + 1];
		struct log *log;

		if (change.length == 0 || change.table.length > STORE_NAME_MAX)
			continue;
		memcpy(name, change.table.data, change.table.length);
		name[change.table.length] = '\0';
		status = view_log(cli->view, name, &log, error);
		if (status == STATUS_OK)
			status = history_log(log, change.offset, show_revision, &showing, error);
		if (status == STATUS_NO && error->total == 0)
			status = STATUS_OK; /* the next transaction's lines follow */
	}
	return status;
}

enum status
audit_show(struct cli *cli, struct error *error)
{
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	uint64_t tx = 0;
	enum status status = cli_report(cli, plan_columns, PLAN_COLUMNS, error);

	do {
		if (status == STATUS_OK)
			status = audit_take_tx(cli, &tx, error);
		if (status == STATUS_OK)
			status = find_tx(cli, tx, &line, &scratch, error);
		if (status == STATUS_OK) {
			show_line(cli, &line);
			status = show_changes(cli, &line, error);
		}
	} while (status == STATUS_OK && cli->operand_count > 0);
	buffer_release(&scratch);
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}
