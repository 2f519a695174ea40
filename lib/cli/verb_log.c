/* log and fields: what happened to records, and what they are made of */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
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
	[LOG_TIME] = { "time", CELL_TIME },
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

/* A row that waits for its place in time. */
struct kept_row {
	uint64_t tx;
	size_t index;
	struct slice values[LOG_COLUMNS];
};

struct logging {
	struct cli *cli;
	struct sheet *sheet;
	struct audit_line audit; /* of the transaction looked at last */
	struct buffer scratch;   /* what it points to */
	bool keeps;              /* rows are kept, to be sorted by transaction */
	struct kept_row *rows;
	size_t count, capacity;
	struct arena arena; /* of kept rows */
};

static void
keep_row(struct logging *logging, uint64_t tx, const struct slice *values)
{
	struct kept_row *row;

	logging->rows = memory_grow(logging->rows, &logging->capacity, logging->count, sizeof *logging->rows);
	row = &logging->rows[logging->count];
	*row = (struct kept_row){ .tx = tx, .index = logging->count++ };
	for (size_t i = 0; i < LOG_COLUMNS; i++)
		row->values[i] = arena_copy(&logging->arena, values[i].data != NULL ? values[i] : slice_of(""));
}

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
		if (slice_equal(row[LOG_OLD], row[LOG_NEW]) || !sheet_holds(logging->sheet, row, error))
			continue;
		if (logging->keeps)
			keep_row(logging, revision->tx, row);
		else
			cli_row(logging->cli, row);
	}
	if (error->status != STATUS_OK)
		return error->status;
	return cli_done(logging->cli) ? STATUS_NO : STATUS_OK;
}

static int
compare_rows(const void *a, const void *b)
{
	const struct kept_row *x = a, *y = b;

	return x->tx != y->tx ? (x->tx > y->tx) - (x->tx < y->tx) : (x->index > y->index) - (x->index < y->index);
}

static enum status
log_children_of(struct logging *logging, const char *child, uint64_t number, struct error *error)
{
	struct log *log;
	const uint64_t *numbers;
	size_t count = 0;
	enum status status = view_log(logging->cli->view, child, &log, error);

	numbers = status == STATUS_OK ? log_children(log, number, &count) : NULL;
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		status = history_record(log, numbers[i], log_revision, logging, error);
	return status;
}

/* A record and its children, by time: together they are what somebody takes for one thing. */
static enum status
log_family(struct logging *logging, struct log *log, uint64_t number, struct error *error)
{
	const char *const *children = schema_children(view_schema(logging->cli->view), logging->cli->table_name);
	enum status status;

	logging->keeps = children[0] != NULL;
	logging->count = 0;
	arena_reset(&logging->arena);
	status = history_record(log, number, log_revision, logging, error);
	for (; status == STATUS_OK && *children != NULL; children++)
		status = log_children_of(logging, *children, number, error);
	if (logging->count > 0)
		qsort(logging->rows, logging->count, sizeof *logging->rows, compare_rows);
	for (size_t i = 0; status == STATUS_OK && i < logging->count; i++)
		cli_row(logging->cli, logging->rows[i].values);
	return status == STATUS_OK && cli_done(logging->cli) ? STATUS_NO : status;
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
		status = log_family(logging, log, numbers[i], error);
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
	arena_release(&logging.arena);
	free(logging.rows);
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
