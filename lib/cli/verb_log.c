/* log and fields: what happened to records, and what they are made of */
#include <string.h>

#include "base/buffer.h"
#include "cli/ids.h"
#include "cli/verbs.h"
#include "record/history.h"
#include "record/sheet.h"

enum {
	LOG_ID,
	LOG_TX,
	LOG_TIME,
	LOG_ACTOR,
	LOG_COMMAND,
	LOG_FIELD,
	LOG_OLD,
	LOG_NEW,
	LOG_REASON,
	LOG_COLUMNS
};

static const struct column log_columns[LOG_COLUMNS] = {
	[LOG_ID] = { "id", CELL_TEXT },
	[LOG_TX] = { "tx", CELL_INTEGER },
	[LOG_TIME] = { "time", CELL_TEXT },
	[LOG_ACTOR] = { "actor", CELL_TEXT },
	[LOG_COMMAND] = { "command", CELL_TEXT },
	[LOG_FIELD] = { "field", CELL_TEXT },
	[LOG_OLD] = { "old", CELL_TEXT },
	[LOG_NEW] = { "new", CELL_TEXT },
	[LOG_REASON] = { "reason", CELL_TEXT },
};

/* The same as -w sees it. */
static const struct field log_fields[LOG_COLUMNS] = {
	[LOG_ID] = { .name = "id", .type = TYPE_TEXT, .preset = "", .help = "" },
	[LOG_TX] = { .name = "tx", .type = TYPE_INT, .preset = "", .help = "" },
	[LOG_TIME] = { .name = "time", .type = TYPE_TIME, .preset = "", .help = "" },
	[LOG_ACTOR] = { .name = "actor", .type = TYPE_TEXT, .preset = "", .help = "" },
	[LOG_COMMAND] = { .name = "command", .type = TYPE_TEXT, .preset = "", .help = "" },
	[LOG_FIELD] = { .name = "field", .type = TYPE_TEXT, .preset = "", .help = "" },
	[LOG_OLD] = { .name = "old", .type = TYPE_TEXT, .preset = "", .help = "" },
	[LOG_NEW] = { .name = "new", .type = TYPE_TEXT, .preset = "", .help = "" },
	[LOG_REASON] = { .name = "reason", .type = TYPE_TEXT, .preset = "", .help = "" },
};

struct logging {
	struct cli *cli;
	struct sheet *sheet;
	struct audit_line audit; /* of the transaction looked at last */
	struct buffer scratch;   /* what it points to */
};

/* One row for each field that a revision changed. */
static enum status
log_revision(const struct record *revision, const struct record *before, void *context, struct error *error)
{
	struct logging *logging = context;
	const struct table *table = revision->log->table;
	struct slice row[LOG_COLUMNS], rest = revision->line;

	if (logging->audit.tx != revision->tx &&
	    !audit_find(snapshot_audit(view_snapshot(logging->cli->view)), revision->tx, &logging->audit,
		&logging->scratch))
		return error_set(error, STATUS_SYSTEM, "audit.csv: transaction %llu is not there",
		    (unsigned long long)revision->tx);
	row[LOG_ID] = slice_cut(&rest, ',');
	row[LOG_TX] = slice_cut(&rest, ',');
	row[LOG_TIME] = logging->audit.time;
	row[LOG_ACTOR] = logging->audit.actor;
	row[LOG_COMMAND] = logging->audit.command;
	row[LOG_REASON] = logging->audit.reason;
	for (size_t i = 0; i < table->field_count; i++) {
		if (table->fields[i].flags & FIELD_DERIVED)
			continue;
		row[LOG_FIELD] = slice_of(table->fields[i].name);
		row[LOG_OLD] = before != NULL ? record_value(before, i) : slice_of("");
		row[LOG_NEW] = record_value(revision, i);
		if (!slice_equal(row[LOG_OLD], row[LOG_NEW]) && sheet_holds(logging->sheet, row, error))
			cli_row(logging->cli, row);
	}
	if (error->status != STATUS_OK)
		return error->status;
	return cli_done(logging->cli) ? STATUS_NO : STATUS_OK;
}

/* All of the table, or the records that are named. */
static enum status
walk(struct logging *logging, struct log *log, struct error *error)
{
	struct cli *cli = logging->cli;
	bool all = cli->operand_count == 0;
	enum status status = STATUS_OK;
	uint64_t *numbers = NULL;
	size_t count = 0;

	if (!all)
		status = ids_read(cli, &log, &numbers, &count, error);
	if (status == STATUS_OK)
		status = sheet_open(&logging->sheet, cli->view, "log", log_fields, LOG_COLUMNS,
		    cli->options.where, cli->options.where_count, error);
	if (status == STATUS_OK && all)
		status = history_log(log, 0, log_revision, logging, error);
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		status = history_record(log, numbers[i], log_revision, logging, error);
	sheet_close(logging->sheet);
	return status;
}

enum status
verb_log(struct cli *cli, struct error *error)
{
	struct logging logging = { .cli = cli };
	struct log *log;
	enum status status = view_log(cli->view, cli->table_name, &log, error);

	if (status == STATUS_OK)
		status = cli_report(cli, log_columns, LOG_COLUMNS, error);
	if (status == STATUS_OK)
		status = walk(&logging, log, error);
	/* STATUS_NO without a message is only that nobody wants more rows. */
	if (status == STATUS_OK || (status == STATUS_NO && error->total == 0))
		status = cli_report_end(cli, error);
	buffer_release(&logging.scratch);
	return status;
}

/* --- fields ------------------------------------------------------------------------ */

static const struct column field_columns[] = {
	{ "field", CELL_TEXT },
	{ "type", CELL_TEXT },
	{ "flags", CELL_TEXT },
	{ "default", CELL_TEXT },
	{ "help", CELL_TEXT },
};

enum { FIELD_COLUMNS = sizeof field_columns / sizeof field_columns[0], TYPE_TEXT_SIZE = 1024 };

static void
add_flags(struct buffer *out, unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *name;
	} names[] = {
		{ FIELD_REQUIRED, "required" },
		{ FIELD_UNIQUE, "unique" },
		{ FIELD_KEY, "key" },
		{ FIELD_FIXED, "fixed" },
		{ FIELD_INDEXED, "indexed" },
		{ FIELD_DERIVED, "derived" },
		{ FIELD_HIDDEN, "hidden" },
		{ FIELD_COMPUTED, "computed" },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		/* A key is unique: that need not be said twice. */
		if (!(flags & names[i].flag) || (names[i].flag == FIELD_UNIQUE && (flags & FIELD_KEY)))
			continue;
		buffer_add_text(out, out->length > 0 ? " " : "");
		buffer_add_text(out, names[i].name);
	}
}

static void
print_fields(struct cli *cli, const struct table *table)
{
	struct buffer flags = BUFFER_INIT;
	char type[TYPE_TEXT_SIZE];

	for (size_t i = 0; i < table->field_count; i++) {
		const struct field *field = &table->fields[i];
		struct slice row[FIELD_COLUMNS];

		if (field->flags & FIELD_FOREIGN)
			continue;
		buffer_clear(&flags);
		add_flags(&flags, field->flags);
		row[0] = slice_of(field->name);
		row[1] = field_type_text(field, type, sizeof type);
		row[2] = flags.length > 0 ? buffer_slice(&flags) : slice_of("");
		row[3] = slice_of(field->preset);
		row[4] = slice_of(field->help);
		cli_row(cli, row);
	}
	buffer_release(&flags);
}

/* Where no store is at hand, the fields are those that come with bo. */
static enum status
open_fields(struct cli *cli, struct schema **schema, const struct table **table, struct error *error)
{
	enum status status = cli_open(cli, error);

	*schema = NULL;
	*table = cli->table;
	if (status == STATUS_OK || cli->store != NULL || cli->options.store != NULL)
		return status;
	status = schema_open(cli->share, schema, error);
	if (status == STATUS_OK)
		status = schema_table(*schema, cli->table_name, table, error);
	if (status == STATUS_OK)
		error_clear(error);
	return status;
}

enum status
verb_fields(struct cli *cli, struct error *error)
{
	struct schema *schema;
	const struct table *table;
	enum status status = cli_no_more(cli, error);

	if (status != STATUS_OK)
		return status;
	status = open_fields(cli, &schema, &table, error);
	if (status == STATUS_OK)
		status = cli_report(cli, field_columns, FIELD_COLUMNS, error);
	if (status == STATUS_OK) {
		print_fields(cli, table);
		status = cli_report_end(cli, error);
	}
	schema_close(schema);
	return status;
}
