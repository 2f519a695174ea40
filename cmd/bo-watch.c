/* bo-watch: every change as it becomes durable, as a stream of records */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/report.h"
#include "office/office.h"
#include "record/expr.h"
#include "record/path.h"
#include "record/sheet.h"
#include "store/news.h"

/* What is printed of any revision, whatever its table. */
enum event_column { TX, TIME, ACTOR, COMMAND, TABLE, ID, EVENT_COLUMNS };

static const struct field event_fields[EVENT_COLUMNS] = {
	[TX] = { .name = "tx", .type = TYPE_INT, .preset = "", .help = "" },
	[TIME] = { .name = "time", .type = TYPE_TIME, .preset = "", .help = "" },
	[ACTOR] = { .name = "actor", .type = TYPE_TEXT, .preset = "", .help = "" },
	[COMMAND] = { .name = "command", .type = TYPE_TEXT, .preset = "", .help = "" },
	[TABLE] = { .name = "table", .type = TYPE_TEXT, .preset = "", .help = "" },
	[ID] = { .name = "id", .type = TYPE_TEXT, .preset = "", .help = "" },
};

static const struct column event_columns[EVENT_COLUMNS] = {
	[TX] = { "tx", CELL_INTEGER },
	[TIME] = { "time", CELL_TIME },
	[ACTOR] = { "actor", CELL_TEXT },
	[COMMAND] = { "command", CELL_TEXT },
	[TABLE] = { "table", CELL_TEXT },
	[ID] = { "id", CELL_TEXT },
};

struct watch {
	struct cli *cli;
	const char **tables; /* wanted ones; none for all */
	size_t table_count;
	char *fields;           /* one table: the list of columns */
	struct column *columns; /* one table: as printed */
	size_t column_count;
	struct writer *writer;
	uint64_t seen;      /* newest transaction that was printed or passed over */
	uint64_t left;      /* records to go */
	struct arena arena; /* of one revision */

	/* for one look at the store, since the view's tables move with it */
	struct path *paths;
	struct expr **exprs;
	size_t expr_count;
	struct sheet *sheet;
};

static bool
is_single(const struct watch *watch)
{
	return watch->table_count == 1;
}

/* --- what to print ------------------------------------------------------------ */

/* A table by its name or its command's: invoice, bo-invoice. */
static enum status
take_tables(struct watch *watch, struct error *error)
{
	struct cli *cli = watch->cli;
	const char *operand;
	enum status status = STATUS_OK;

	watch->tables = memory_array(cli->operand_count, sizeof(char *));
	while (status == STATUS_OK && (operand = cli_operand(cli)) != NULL) {
		const char *name = schema_command_table(view_schema(cli->view), slice_of(operand));
		const struct table *table;

		status = view_table(cli->view, name != NULL ? name : operand, &table, error);
		if (status == STATUS_NO)
			status = error_set(error, STATUS_USAGE, "no such table: \"%s\"", operand);
		if (status == STATUS_OK)
			watch->tables[watch->table_count++] = arena_text(&cli->arena, slice_of(table->name));
	}
	return status;
}

/* All that is stored of a record: what is derived was another value then. */
static char *
default_fields(const struct table *table)
{
	struct buffer list = BUFFER_INIT;
	char *fields;

	buffer_add_text(&list, "id,tx");
	for (size_t i = 0; i < table->field_count; i++) {
		if (table->fields[i].flags & (FIELD_DERIVED | FIELD_HIDDEN | FIELD_FOREIGN))
			continue;
		buffer_add_char(&list, ',');
		buffer_add_text(&list, table->fields[i].name);
	}
	fields = memory_copy(list.data, list.length);
	buffer_release(&list);
	return fields;
}

static enum status
resolve_paths(struct watch *watch, const struct table *table, struct error *error)
{
	struct slice rest = slice_of(watch->fields);
	size_t count = 0;
	enum status status = STATUS_OK;

	watch->paths = memory_array(strlen(watch->fields) / 2 + 1, sizeof(*watch->paths));
	while (rest.data != NULL && status == STATUS_OK) {
		status = path_resolve(watch->cli->view, table, slice_trim(slice_cut(&rest, ',')),
		    &watch->paths[count], error);
		count += status == STATUS_OK;
	}
	watch->column_count = count;
	return status == STATUS_USAGE ? error_prefix(error, "-f") : status;
}

static enum status
compile_filters(struct watch *watch, const struct table *table, struct error *error)
{
	const struct options *options = &watch->cli->options;
	enum status status = STATUS_OK;

	watch->exprs = memory_array(options->where_count, sizeof(struct expr *));
	for (size_t i = 0; i < options->where_count && status == STATUS_OK; i++) {
		status = expr_compile(watch->cli->view, table, options->where[i], &watch->exprs[i], error);
		watch->expr_count += status == STATUS_OK;
	}
	return status;
}

/* Makes ready for the tables as the view has them now. */
static enum status
attach(struct watch *watch, struct error *error)
{
	struct cli *cli = watch->cli;
	const struct table *table;
	enum status status;

	if (!is_single(watch))
		return sheet_open(&watch->sheet, cli->view, "change", event_fields, EVENT_COLUMNS,
		    cli->options.where, cli->options.where_count, error);
	status = view_table(cli->view, watch->tables[0], &table, error);
	if (status != STATUS_OK)
		return status;
	if (watch->fields == NULL && cli->options.fields != NULL)
		watch->fields = memory_copy(cli->options.fields, strlen(cli->options.fields));
	else if (watch->fields == NULL)
		watch->fields = default_fields(table);
	status = resolve_paths(watch, table, error);
	return status == STATUS_OK ? compile_filters(watch, table, error) : status;
}

static void
detach(struct watch *watch)
{
	for (size_t i = 0; i < watch->expr_count; i++)
		expr_free(watch->exprs[i]);
	free(watch->exprs);
	free(watch->paths);
	sheet_close(watch->sheet);
	watch->exprs = NULL;
	watch->paths = NULL;
	watch->sheet = NULL;
	watch->expr_count = 0;
}

static void
open_writer(struct watch *watch)
{
	struct writer_options options = report_options(watch->cli);

	if (!is_single(watch)) {
		watch->writer = writer_open(STDOUT_FILENO, &options, event_columns, EVENT_COLUMNS);
		return;
	}
	watch->columns = memory_array(watch->column_count, sizeof(*watch->columns));
	for (size_t i = 0; i < watch->column_count; i++)
		watch->columns[i] = (struct column){
			.name = arena_text(&watch->cli->arena, slice_of(watch->paths[i].name)),
			.cell = type_cell(watch->paths[i].type),
		};
	watch->writer = writer_open(STDOUT_FILENO, &options, watch->columns, watch->column_count);
}

/* --- printing ------------------------------------------------------------------- */

static void
print_record(struct watch *watch, const struct record *record, struct error *error)
{
	struct slice *values = arena_take(&watch->arena, watch->column_count * sizeof(*values));

	for (size_t i = 0; i < watch->expr_count; i++) {
		if (!expr_true(watch->exprs[i], record, error))
			return;
	}
	for (size_t i = 0; i < watch->column_count; i++)
		values[i] = path_value(&watch->paths[i], record);
	writer_row(watch->writer, values);
	watch->left--;
}

/* The record itself, in JSON only: one row named `record`. */
static struct nested
nest_record(struct watch *watch, const struct record *record)
{
	const struct table *table = record->log->table;
	struct column *columns = arena_take(&watch->arena, table->field_count * sizeof(*columns));
	struct slice *values = arena_take(&watch->arena, table->field_count * sizeof(*values));
	size_t count = 0;

	for (size_t i = 0; i < table->field_count; i++) {
		if (table->fields[i].flags & (FIELD_DERIVED | FIELD_HIDDEN | FIELD_FOREIGN))
			continue;
		columns[count] = (struct column){ table->fields[i].name, type_cell(table->fields[i].type) };
		values[count++] = record_value(record, i);
	}
	return (struct nested){ .name = "record",
		.columns = columns,
		.column_count = count,
		.values = values,
		.row_count = 1 };
}

static void
print_event(struct watch *watch, const struct audit_line *line, const struct record *record, struct error *error)
{
	struct slice values[EVENT_COLUMNS];
	struct nested nested;

	values[TX] = arena_format(&watch->arena, "%llu", (unsigned long long)line->tx);
	values[TIME] = line->time;
	values[ACTOR] = line->actor;
	values[COMMAND] = line->command;
	values[TABLE] = slice_of(record->log->table->name);
	values[ID] = record_id(record);
	if (!sheet_holds(watch->sheet, values, error))
		return;
	nested = nest_record(watch, record);
	writer_row_nested(watch->writer, values, &nested, 1);
	watch->left--;
}

static bool
wants(const struct watch *watch, struct slice table)
{
	bool wanted = watch->table_count == 0;

	for (size_t i = 0; i < watch->table_count && !wanted; i++)
		wanted = slice_is(table, watch->tables[i]);
	return wanted;
}

static enum status
print_chunk(struct watch *watch, const struct audit_line *line, const struct audit_change *change,
    struct error *error)
{
	char name[STORE_NAME_MAX + 1];
	uint64_t offset = change->offset, end = offset + change->length;
	struct record record;
	struct log *log;
	enum status status;

	snprintf(name, sizeof(name), "%.*s", (int)change->table.length, change->table.data);
	status = view_log(watch->cli->view, name, &log, error);
	while (status == STATUS_OK && offset < end && watch->left > 0) {
		struct slice text = log_line_at(log, offset);

		arena_reset(&watch->arena);
		if (!slice_starts(text, "id,")) {
			status = record_read_at(log, offset, &watch->arena, &record, error);
			if (status == STATUS_OK && is_single(watch))
				print_record(watch, &record, error);
			else if (status == STATUS_OK)
				print_event(watch, line, &record, error);
		}
		offset += text.length + 1;
		if (error->status != STATUS_OK)
			status = error->status;
	}
	return status;
}

static enum status
print_transaction(struct watch *watch, const struct audit_line *line, struct error *error)
{
	struct slice changes = line->changes;
	struct audit_change change;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && audit_change_next(&changes, &change)) {
		if (change.length > 0 && wants(watch, change.table))
			status = print_chunk(watch, line, &change, error);
	}
	writer_flush(watch->writer);
	return status;
}

/* Everything after watch->seen that the view shows. */
static enum status
print_news(struct watch *watch, struct error *error)
{
	struct slice audit = snapshot_audit(view_snapshot(watch->cli->view)), rest;
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	enum status status = STATUS_OK;

	if (audit_find(audit, watch->seen + 1, &line, &scratch)) {
		rest = (struct slice){ line.raw.data, audit.length - (size_t)(line.raw.data - audit.data) };
		while (status == STATUS_OK && watch->left > 0 && !writer_failed(watch->writer) &&
		    audit_next(&rest, &line, &scratch)) {
			if (line.tx == 0)
				status = error_set(error, STATUS_SYSTEM, "audit.csv: a damaged line");
			else
				status = print_transaction(watch, &line, error);
			watch->seen = line.tx;
		}
	}
	buffer_release(&scratch);
	return status;
}

/* --- the watch -------------------------------------------------------------------- */

/* Moves the view to what is durable now, and the day to the one it is now. */
static enum status
follow(struct watch *watch, struct error *error)
{
	struct view *view = watch->cli->view;
	struct snapshot *snapshot = view_snapshot(view);
	uint64_t before = snapshot_tx(snapshot);
	enum status status = snapshot_refresh(snapshot, error);

	if (status != STATUS_OK || snapshot_tx(snapshot) == before)
		return status;
	status = view_follow(view, error);
	if (status == STATUS_OK && watch->cli->options.on == NULL) {
		char *zone = arena_text(&watch->arena, view_company(view, "timezone"));

		view_set_today(view, zone_day(zone, clock_milliseconds() / 1000));
	}
	return status;
}

static enum status
take_since(struct watch *watch, struct error *error)
{
	const char *since = cli_option(watch->cli, "since");
	uint64_t head = snapshot_tx(view_snapshot(watch->cli->view));
	unsigned long long tx = 0;

	watch->seen = head;
	if (since == NULL)
		return STATUS_OK;
	if (strcmp(since, "0") != 0 && !slice_to_u64(slice_of(since), &tx))
		return error_set(error, STATUS_USAGE, "--since: not the number of a transaction: \"%s\"", since);
	if (tx > head)
		return error_set(error, STATUS_NO, "--since: transaction %llu is not yet, %llu is the newest",
		    tx, (unsigned long long)head);
	watch->seen = tx;
	return STATUS_OK;
}

static enum status
begin(struct watch *watch, struct error *error)
{
	struct cli *cli = watch->cli;
	enum status status = STATUS_OK;

	if (cli->options.as_of != NULL)
		return error_set(error, STATUS_USAGE, "--as-of: changes are watched as they come (see --since)");
	if (cli->options.sort != NULL)
		return error_set(error, STATUS_USAGE, "-s: changes come in the order they were made in");
	watch->left = cli->options.limit;
	status = take_tables(watch, error);
	if (status == STATUS_OK && !is_single(watch) && cli->options.fields != NULL)
		status = error_set(error, STATUS_USAGE, "-f: name the one table whose fields these are");
	if (status == STATUS_OK)
		status = take_since(watch, error);
	if (status == STATUS_OK)
		status = attach(watch, error);
	if (status == STATUS_OK) {
		open_writer(watch);
		writer_flush(watch->writer);
	}
	return status;
}

static enum status
go_on(struct watch *watch, struct error *error)
{
	bool once = cli_option(watch->cli, "once") != NULL;
	struct news news;
	enum status status;

	news_open(&news, watch->cli->store);
	status = print_news(watch, error);
	detach(watch);
	/* what came between opening the store and listening for changes is looked for at once */
	while (status == STATUS_OK && !once && watch->left > 0 && !writer_failed(watch->writer)) {
		status = follow(watch, error);
		if (status == STATUS_OK && snapshot_tx(view_snapshot(watch->cli->view)) > watch->seen) {
			status = attach(watch, error);
			if (status == STATUS_OK)
				status = print_news(watch, error);
			detach(watch);
			continue;
		}
		if (status == STATUS_OK && !news_wait(&news, STDOUT_FILENO))
			break;
	}
	news_close(&news);
	return status;
}

static enum status
watch_store(struct cli *cli, struct error *error)
{
	struct watch watch = { .cli = cli };
	enum status status = begin(&watch, error), closed;

	if (status == STATUS_OK)
		status = go_on(&watch, error);
	if (status == STATUS_OK && cli->options.fail_empty && watch.left == cli->options.limit)
		status = STATUS_NO;
	if (watch.writer != NULL) {
		struct error failure = ERROR_INIT;

		closed = writer_close(watch.writer, &failure);
		if (closed != STATUS_OK && (status == STATUS_OK || status == STATUS_NO)) {
			error_release(error);
			*error = failure;
			status = closed;
		} else
			error_release(&failure);
	}
	detach(&watch);
	arena_release(&watch.arena);
	free(watch.columns);
	free(watch.fields);
	free(watch.tables);
	return status;
}

static const struct own_option options[] = {
	{ "since", "TX", "begin after this transaction instead of now" },
	{ "once", NULL, "print what there is and end" },
	{ .name = NULL },
};

static const struct verb only = { "", watch_store, "[TABLE ...]", "print every change as it becomes durable",
	VERB_FILTERS };

static const struct command command = {
	.table = "",
	.help = "every change as it becomes durable",
	.only = &only,
	.options = options,
	.rules = office_rules,
};

int
main(int argc, char *argv[])
{
	return cli_main(argc, argv, &command);
}
