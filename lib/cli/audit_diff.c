/* audit_diff: what became of records between two moments, and who made it so */
#include "cli/audit.h"
#include "record/history.h"
#include "record/plan.h"

/* --- diff ----------------------------------------------------------------------------- */

/* A table as it stood at both moments. */
struct sides {
	struct log *old, *new;
	struct arena arena;
};

static uint64_t
newest_of(const struct log *log, uint64_t number)
{
	return log != NULL ? log_newest(log, number) : 0;
}

static struct slice
value_of(const struct record *record, const char *field)
{
	return record->log != NULL ? record_named(record, field) : slice_of("");
}

/* All fields in which the two revisions differ; one that is not there has a log of NULL. */
static void
print_difference(struct cli *cli, const struct record *old, const struct record *new)
{
	const struct record *there = new->log != NULL ? new : old;
	const struct table *table = there->log->table;
	struct slice id = record_id(there);

	for (size_t i = 0; i < table->field_count; i++) {
		const struct field *field = &table->fields[i];
		struct slice before, after;

		if (field->flags & FIELD_DERIVED)
			continue;
		/* by name: the store may have gained fields in between */
		before = value_of(old, field->name);
		after = value_of(new, field->name);
		if (!slice_equal(before, after))
			cli_row(cli,
			    (struct slice[PLAN_COLUMNS]){ slice_of(table->name), id, slice_of(field->name),
				before, after });
	}
}

static enum status
compare_record(struct cli *cli, struct sides *sides, uint64_t number, struct error *error)
{
	uint64_t before = newest_of(sides->old, number), after = newest_of(sides->new, number);
	struct record old = { .log = NULL }, new = { .log = NULL };
	enum status status = STATUS_OK;

	/* Both logs are prefixes of one: the same place is the same revision. */
	if (before == after)
		return STATUS_OK;
	arena_reset(&sides->arena);
	if (before != 0)
		status = record_read(sides->old, number, &sides->arena, &old, error);
	if (status == STATUS_OK && after != 0)
		status = record_read(sides->new, number, &sides->arena, &new, error);
	if (status == STATUS_OK)
		print_difference(cli, &old, &new);
	return status;
}

/* NULL for a table that the store did not have then. */
static enum status
log_then(struct view *view, const char *name, struct log **log, struct error *error)
{
	const struct table *table;
	enum status status = view_table(view, name, &table, error);

	*log = NULL;
	if (status == STATUS_NO) {
		error_clear(error);
		return STATUS_OK;
	}
	return status == STATUS_OK ? view_log(view, name, log, error) : status;
}

static uint64_t
count_of(const struct log *log)
{
	return log != NULL ? log->count : 0;
}

static enum status
compare_table(struct cli *cli, struct view *old, struct view *new, const char *name, struct error *error)
{
	struct sides sides = { .old = NULL };
	enum status status = log_then(old, name, &sides.old, error);
	uint64_t count;

	if (status == STATUS_OK)
		status = log_then(new, name, &sides.new, error);
	count = count_of(sides.old) > count_of(sides.new) ? count_of(sides.old) : count_of(sides.new);
	for (uint64_t number = 1; status == STATUS_OK && number <= count && !cli_done(cli); number++)
		status = compare_record(cli, &sides, number, error);
	arena_release(&sides.arena);
	return status;
}

static enum status
compare_views(struct cli *cli, struct view *old, struct view *new, struct error *error)
{
	bool forward = snapshot_tx(view_snapshot(new)) >= snapshot_tx(view_snapshot(old));
	const char *const *names = schema_names(view_schema(forward ? new : old));
	enum status status = STATUS_OK;

	for (; status == STATUS_OK && *names != NULL; names++)
		status = compare_table(cli, old, new, *names, error);
	return status;
}

static enum status
open_moment(struct cli *cli, const char *moment, struct view **view, struct error *error)
{
	struct snapshot *snapshot = NULL;
	enum status status = cli_moment(cli, "", moment, &snapshot, error);

	*view = NULL;
	if (status == STATUS_OK)
		status = view_open(cli->store, snapshot, cli->share, cli->command->rules, view, error);
	return status;
}

enum status
audit_diff(struct cli *cli, struct error *error)
{
	const char *from, *to;
	struct view *old = NULL, *new = cli->view;
	enum status status = cli_need(cli, "a transaction or a time to begin with", &from, error);

	to = cli_operand(cli);
	if (status == STATUS_OK)
		status = cli_no_more(cli, error);
	if (status == STATUS_OK)
		status = open_moment(cli, from, &old, error);
	if (status == STATUS_OK && to != NULL)
		status = open_moment(cli, to, &new, error);
	if (status == STATUS_OK)
		status = cli_report(cli, plan_columns, PLAN_COLUMNS, error);
	if (status == STATUS_OK)
		status = compare_views(cli, old, new, error);
	if (status == STATUS_OK)
		status = cli_report_end(cli, error);
	view_close(old);
	if (new != cli->view)
		view_close(new);
	return status;
}

/* --- who ------------------------------------------------------------------------------ */

enum who_column { WHO_ID, WHO_TX, WHO_TIME, WHO_ACTOR, WHO_COMMAND, WHO_FIELDS, WHO_REASON, WHO_COLUMNS };

static const struct column who_columns[WHO_COLUMNS] = {
	[WHO_ID] = { "id", CELL_TEXT },
	[WHO_TX] = { "tx", CELL_INTEGER },
	[WHO_TIME] = { "time", CELL_TIME },
	[WHO_ACTOR] = { "actor", CELL_TEXT },
	[WHO_COMMAND] = { "command", CELL_TEXT },
	[WHO_FIELDS] = { "fields", CELL_TAGS },
	[WHO_REASON] = { "reason", CELL_TEXT },
};

/* The names of the fields that a revision changed, separated by spaces. */
static void
changed_fields(const struct record *revision, const struct record *before, struct buffer *out)
{
	const struct table *table = revision->log->table;

	buffer_clear(out);
	for (size_t i = 0; i < table->field_count; i++) {
		struct slice old = before != NULL ? record_value(before, i) : slice_of("");

		if ((table->fields[i].flags & FIELD_DERIVED) || slice_equal(old, record_value(revision, i)))
			continue;
		buffer_add_text(out, out->length > 0 ? " " : "");
		buffer_add_text(out, table->fields[i].name);
	}
}

static enum status
print_revision(const struct record *revision, const struct record *before, void *context, struct error *error)
{
	struct cli *cli = context;
	struct buffer fields = BUFFER_INIT, scratch = BUFFER_INIT;
	struct slice row[WHO_COLUMNS], rest = revision->line;
	struct audit_line line;
	bool found = audit_find(snapshot_audit(view_snapshot(cli->view)), revision->tx, &line, &scratch);

	if (found) {
		changed_fields(revision, before, &fields);
		row[WHO_ID] = slice_cut(&rest, ',');
		row[WHO_TX] = slice_cut(&rest, ',');
		row[WHO_TIME] = line.time;
		row[WHO_ACTOR] = line.actor;
		row[WHO_COMMAND] = line.command;
		row[WHO_FIELDS] = fields.length > 0 ? buffer_slice(&fields) : slice_of("");
		row[WHO_REASON] = line.reason;
		cli_row(cli, row);
	}
	buffer_release(&fields);
	buffer_release(&scratch);
	return found ? STATUS_OK
		     : error_set(error, STATUS_SYSTEM, "audit.csv: transaction %llu is not there",
			   (unsigned long long)revision->tx);
}

/* The table that an id belongs to, by its prefix. */
static enum status
who_of(struct cli *cli, struct slice id, struct error *error)
{
	const char *table = NULL;
	unsigned long long number;
	size_t capitals = 0;
	struct log *log;
	enum status status;

	while (capitals < id.length && id.data[capitals] >= 'A' && id.data[capitals] <= 'Z')
		capitals++;
	table = schema_prefix_table(view_schema(cli->view), (struct slice){ id.data, capitals });
	if (table == NULL)
		return error_set(error, STATUS_USAGE, "not the id of a record: \"%.*s\"", (int)id.length, id.data);
	status = view_log(cli->view, table, &log, error);
	if (status != STATUS_OK)
		return status;
	if (!table_id_parse(log->table, id, &number))
		return error_set(error, STATUS_USAGE, "not the id of a record: \"%.*s\"", (int)id.length, id.data);
	if (log_newest(log, number) == 0)
		return error_set(error, STATUS_NO, "no such %s: \"%.*s\"", table, (int)id.length, id.data);
	return history_record(log, number, print_revision, cli, error);
}

enum status
audit_who(struct cli *cli, struct error *error)
{
	const char *id;
	enum status status = cli_need(cli, "the id of a record", &id, error);

	if (status == STATUS_OK)
		status = cli_report(cli, who_columns, WHO_COLUMNS, error);
	for (; status == STATUS_OK && id != NULL; id = cli_operand(cli))
		status = who_of(cli, slice_of(id), error);
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}
