/* told: a transaction's chunks name the bytes, the bytes the records */
#include "cli/told.h"

#include <stdlib.h>

#include "base/memory.h"
#include "cli/report.h"
#include "record/history.h"
#include "record/plan.h"
#include "stream/csv.h"

/* Looks at the moment right after tx, unless the view does already. */
static enum status
look_back(struct cli *cli, uint64_t tx, struct error *error)
{
	struct snapshot *snapshot;
	struct view *view;
	enum status status;

	if (snapshot_tx(view_snapshot(cli->view)) == tx)
		return STATUS_OK;
	status = snapshot_open_tx(cli->store, tx, &snapshot, error);
	if (status == STATUS_OK)
		status = view_open(cli->store, snapshot, cli->share, cli->command->rules, &view, error);
	if (status != STATUS_OK)
		return status;
	view_close(cli->view);
	cli->view = view;
	return cli_table(cli, error);
}

/* The audit line of tx; what changes point to lives in scratch. */
static enum status
find_line(struct cli *cli, uint64_t tx, struct buffer *scratch, struct audit_line *line, struct error *error)
{
	if (audit_find(snapshot_audit(view_snapshot(cli->view)), tx, line, scratch))
		return STATUS_OK;
	return error_set(error, STATUS_SYSTEM, "audit.csv: transaction %llu is not there", (unsigned long long)tx);
}

/* The numbers of the records in a piece of a log, each once. */
static size_t
numbers_in(const struct log *log, struct slice bytes, uint64_t **out)
{
	uint64_t *numbers = NULL;
	size_t count = 0, capacity = 0;
	struct slice line;

	while (csv_line(&bytes, &line)) {
		unsigned long long number;

		if (!table_id_parse(log->table, csv_field(line, 0), &number))
			continue;
		numbers = memory_grow(numbers, &capacity, count, sizeof *numbers);
		numbers[count++] = number;
	}
	*out = numbers;
	return count;
}

enum status
told_records(struct cli *cli, uint64_t tx, struct error *error)
{
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	struct audit_change change;
	uint64_t *numbers = NULL;
	size_t count = 0;
	struct log *log;
	enum status status = look_back(cli, tx, error);

	if (status == STATUS_OK)
		status = find_line(cli, tx, &scratch, &line, error);
	if (status == STATUS_OK)
		status = view_log(cli->view, cli->table_name, &log, error);
	while (status == STATUS_OK && numbers == NULL && audit_change_next(&line.changes, &change)) {
		if (slice_is(change.table, cli->table_name) && change.offset + change.length <= log->bytes.length)
			count = numbers_in(log,
			    (struct slice){ log->bytes.data + change.offset, change.length }, &numbers);
	}
	if (status == STATUS_OK)
		status = cli_print(cli, log, numbers, count, error);
	free(numbers);
	buffer_release(&scratch);
	return status;
}

struct telling {
	struct cli *cli;
	uint64_t tx;
};

static enum status
tell_revision(const struct record *revision, const struct record *before, void *context, struct error *error)
{
	struct telling *telling = context;
	const struct table *table = revision->log->table;
	struct slice row[PLAN_COLUMNS];

	(void)error;
	if (revision->tx != telling->tx)
		return STATUS_NO;
	row[0] = slice_of(table->name);
	row[1] = record_id(revision);
	for (size_t i = 0; i < table->field_count; i++) {
		if (table->fields[i].flags & FIELD_DERIVED)
			continue;
		row[2] = slice_of(table->fields[i].name);
		row[3] = before != NULL ? record_value(before, i) : (struct slice){ "", 0 };
		row[4] = record_value(revision, i);
		if (!slice_equal(row[3], row[4]))
			cli_row(telling->cli, row);
	}
	return STATUS_OK;
}

static enum status
tell_change(struct telling *telling, const struct audit_change *change, struct error *error)
{
	char name[STORE_NAME_MAX + 1];
	struct log *log;
	enum status status;

	if (change->length == 0 || change->table.length > STORE_NAME_MAX)
		return STATUS_OK;
	memcpy(name, change->table.data, change->table.length);
	name[change->table.length] = '\0';
	status = view_log(telling->cli->view, name, &log, error);
	if (status == STATUS_OK)
		status = history_log(log, change->offset, tell_revision, telling, error);
	return status == STATUS_NO ? STATUS_OK : status;
}

enum status
told_plan(struct cli *cli, uint64_t tx, struct error *error)
{
	struct buffer scratch = BUFFER_INIT;
	struct telling telling = { cli, tx };
	struct audit_line line;
	struct audit_change change;
	enum status status = look_back(cli, tx, error);

	if (status == STATUS_OK)
		status = find_line(cli, tx, &scratch, &line, error);
	if (status == STATUS_OK)
		status = cli_report(cli, plan_columns, PLAN_COLUMNS, error);
	while (status == STATUS_OK && audit_change_next(&line.changes, &change))
		status = tell_change(&telling, &change, error);
	if (status == STATUS_OK)
		status = cli_report_end(cli, error);
	buffer_release(&scratch);
	return status == STATUS_NO ? STATUS_OK : status;
}
