/* bo-audit: who did what when, what it changed, whether all of it still holds, and taking it back */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli.h"
#include "office/office.h"
#include "record/history.h"
#include "record/plan.h"
#include "record/sheet.h"

/* --- the log ---------------------------------------------------------------- */

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
	[TIME] = { "time", CELL_TEXT },
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

static enum status
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

static enum status
take_tx(struct cli *cli, uint64_t *tx, struct error *error)
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

static enum status
show(struct cli *cli, struct error *error)
{
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	uint64_t tx = 0;
	enum status status = cli_report(cli, plan_columns, PLAN_COLUMNS, error);

	do {
		if (status == STATUS_OK)
			status = take_tx(cli, &tx, error);
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

/* --- taking back ---------------------------------------------------------------- */

/* The plan as bytes, so that nothing is printed of one that is refused. */
static enum status
undo_text(struct cli *cli, uint64_t tx, struct buffer *out, struct error *error)
{
	const struct writer_options options = { .format = FORMAT_CSV };
	int fd = memfd_create("plan", MFD_CLOEXEC);
	struct writer *writer;
	enum status status, closed;

	if (fd < 0)
		return error_set(error, STATUS_SYSTEM, "memfd_create:");
	writer = writer_open(fd, &options, plan_columns, PLAN_COLUMNS);
	status = plan_undo(cli->view, tx, writer, error);
	closed = writer_close(writer, error);
	if (status == STATUS_OK)
		status = closed;
	if (status == STATUS_OK && (lseek(fd, 0, SEEK_SET) != 0 || !file_read(fd, out, SIZE_MAX / 2)))
		status = error_set(error, STATUS_SYSTEM, "the plan:");
	close(fd);
	return status;
}

/* Reads the plan back; with batch it is tried, else printed. */
static enum status
use_plan(struct cli *cli, const struct buffer *text, struct batch *batch, struct error *error)
{
	const struct reader_options options = { .format = FORMAT_CSV };
	struct reader *reader;
	struct row row;
	enum status status = reader_open(&reader, "plan", buffer_slice(text), &options, error);

	if (status != STATUS_OK)
		return status;
	if (batch != NULL)
		status = plan_apply(batch, reader, error);
	while (batch == NULL && (status = reader_next(reader, &row, error)) == STATUS_OK)
		cli_row(cli, row.values);
	reader_close(reader);
	return status == STATUS_NO && error->total == 0 ? STATUS_OK : status;
}

/* What the rules would refuse is refused here, not at the other end of a pipe. */
static enum status
try_plan(struct cli *cli, const struct buffer *text, struct error *error)
{
	struct batch *batch = batch_new(cli->view);
	enum status status = use_plan(cli, text, batch, error);

	if (status == STATUS_OK)
		status = batch_finish(batch, error);
	for (size_t i = 0; i < error->count; i++) {
		/* places in a plan that nobody has seen */
		free(error->faults[i].source);
		error->faults[i].source = NULL;
		error->faults[i].line = 0;
	}
	batch_free(batch);
	return status;
}

static enum status
undo(struct cli *cli, struct error *error)
{
	struct buffer text = BUFFER_INIT;
	uint64_t tx = 0;
	enum status status = take_tx(cli, &tx, error);

	if (status == STATUS_OK)
		status = cli_no_more(cli, error);
	if (status == STATUS_OK)
		status = undo_text(cli, tx, &text, error);
	if (status == STATUS_OK)
		status = try_plan(cli, &text, error);
	if (status == STATUS_OK)
		status = cli_report(cli, plan_columns, PLAN_COLUMNS, error);
	if (status == STATUS_OK)
		status = use_plan(cli, &text, NULL, error);
	if (status == STATUS_OK)
		status = cli_report_end(cli, error);
	buffer_release(&text);
	return status;
}

/* --- proof ------------------------------------------------------------------------ */

static const struct column head_columns[] = { { "tx", CELL_INTEGER }, { "hash", CELL_TEXT } };

static enum status
head(struct cli *cli, struct error *error)
{
	const struct snapshot *snapshot = view_snapshot(cli->view);
	struct buffer tx = BUFFER_INIT;
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = cli_report(cli, head_columns, 2, error);
	if (status == STATUS_OK) {
		buffer_add_u64(&tx, snapshot_tx(snapshot));
		cli_row(cli, (struct slice[]){ buffer_slice(&tx), slice_of(snapshot_hash(snapshot)) });
		status = cli_report_end(cli, error);
	}
	buffer_release(&tx);
	return status;
}

static const struct column verify_columns[] = {
	{ "transactions", CELL_INTEGER },
	{ "bytes", CELL_INTEGER },
	{ "tables", CELL_INTEGER },
	{ "head", CELL_TEXT },
};

static enum status
print_proof(struct cli *cli, const struct verify_report *report, const char *hash, struct error *error)
{
	const uint64_t numbers[] = { report->transactions, report->bytes, report->tables };
	struct buffer texts[3] = { BUFFER_INIT, BUFFER_INIT, BUFFER_INIT };
	struct slice values[4];
	enum status status = cli_report(cli, verify_columns, 4, error);

	for (size_t i = 0; i < 3; i++) {
		buffer_add_u64(&texts[i], numbers[i]);
		values[i] = buffer_slice(&texts[i]);
	}
	values[3] = slice_of(hash);
	if (status == STATUS_OK) {
		cli_row(cli, values);
		status = cli_report_end(cli, error);
	}
	for (size_t i = 0; i < 3; i++)
		buffer_release(&texts[i]);
	return status;
}

/* Without a view: what is damaged can't always be read as records, and is to be named all the same. */
static enum status
prove(struct cli *cli, struct error *error)
{
	struct snapshot *snapshot = NULL;
	struct verify_report report;
	enum status status = snapshot_open(cli->store, &snapshot, error);

	if (status == STATUS_OK)
		status = store_verify(snapshot, &report, error);
	if (status == STATUS_OK)
		status = print_proof(cli, &report, snapshot_hash(snapshot), error);
	snapshot_close(snapshot);
	return status;
}

static enum status
verify(struct cli *cli, struct error *error)
{
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = store_open(cli->options.store, &cli->store, error);
	return status == STATUS_OK ? prove(cli, error) : status;
}

/* After a failed sync. */
static enum status
repair(struct cli *cli, struct error *error)
{
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = store_open(cli->options.store, &cli->store, error);
	if (status == STATUS_OK)
		status = store_repair(cli->store, error);
	return status == STATUS_OK ? prove(cli, error) : status;
}

static const struct verb verbs[] = {
	{ "log", audit_log, "", "print the transactions, the newest last", VERB_FILTERS },
	{ "show", show, "TX ...", "print a transaction and all that it changed", 0 },
	{ "verify", verify, "", "prove that nothing was altered, lost or slipped in", VERB_CLOSED },
	{ "repair", repair, "", "after a failed sync: go back to what is proved to be on disk",
	    VERB_CLOSED | VERB_WRITES },
	{ "undo", undo, "TX", "print the plan (for bo-apply) that takes a transaction back", 0 },
	{ "head", head, "", "print number and hash of the newest transaction, to be kept elsewhere", 0 },
	{ .name = NULL },
};

static const struct command command = {
	.table = "",
	.help = "who did what when, and whether it still holds",
	.verbs = verbs,
	.rules = office_rules,
};

int
main(int argc, char *argv[])
{
	return cli_main(argc, argv, &command);
}
