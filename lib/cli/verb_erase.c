/* erase and export-data: what is held on a person goes, or is handed out */
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/ids.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "record/erase.h"
#include "record/holding.h"

static enum status
check_personal(const struct cli *cli, struct error *error)
{
	if (erase_applies(cli->table))
		return STATUS_OK;
	return error_set(error, STATUS_USAGE, "%s is %s", cli->table->name,
	    cli->table->flags & TABLE_PERSONAL ? "part of another record: that is what can be erased"
					       : "no personal data");
}

/* --- erase ------------------------------------------------------------------------------ */

/* The records that are named: by id, or by a key that is gone afterwards. */
static enum status
take_numbers(const struct cli *cli, struct log *log, uint64_t *numbers, struct error *error)
{
	for (size_t i = 0; i < cli->operand_count; i++)
		numbers[i] = log_resolve(log, slice_of(cli->operands[i]), NULL, error);
	/* To a question about a record that is not there the answer is no. */
	return error->total > 0 ? error->status = STATUS_NO : STATUS_OK;
}

static enum status
build_erasure(struct batch *batch, void *context, struct error *error)
{
	struct cli *cli = context;
	uint64_t *numbers = memory_array(cli->operand_count + 1, sizeof *numbers);
	struct log *log;
	enum status status = cli_table(cli, error);

	if (status == STATUS_OK)
		status = view_log(cli->view, cli->table_name, &log, error);
	if (status == STATUS_OK)
		status = take_numbers(cli, log, numbers, error);
	if (status == STATUS_OK)
		status = erase_records(batch, log, numbers, cli->operand_count, cli->options.force, error);
	free(numbers);
	return status;
}

/* The lines that a transaction made blank, or with -n would. */
static enum status
print_erasures(struct cli *cli, uint64_t tx, struct error *error)
{
	struct arena arena = ARENA_INIT;
	uint64_t *numbers = NULL;
	size_t count = 0;
	struct log *log;
	enum status status = view_log(cli->view, STORE_ERASURE, &log, error);

	if (status == STATUS_OK)
		numbers = memory_array((size_t)log->count + 1, sizeof *numbers);
	for (uint64_t number = 1; status == STATUS_OK && number <= log->count; number++) {
		struct record record;

		arena_reset(&arena);
		status = record_read(log, number, &arena, &record, error);
		if (status == STATUS_OK && record.tx == tx)
			numbers[count++] = number;
	}
	if (status == STATUS_OK)
		status = cli_print(cli, log, numbers, count, error);
	arena_release(&arena);
	free(numbers);
	return status;
}

static enum status
tell_erasure(struct cli *cli, const struct change_outcome *outcome, struct error *error)
{
	struct snapshot *snapshot = view_snapshot(cli->view);
	uint64_t tx = outcome->tx;
	enum status status = STATUS_OK;

	/* Done before, or nothing to be done: then at least it is seen to that nothing is left. */
	if (!cli->options.dry_run && (tx == 0 || outcome->replayed))
		status = store_blank(snapshot, NULL, error);
	if (tx == 0)
		tx = snapshot_tx(snapshot) + 1;
	return status == STATUS_OK ? print_erasures(cli, tx, error) : status;
}

enum status
verb_erase(struct cli *cli, struct error *error)
{
	enum status status = check_personal(cli, error);

	if (status == STATUS_OK && cli->operand_count == 0)
		status = error_set(error, STATUS_USAGE, "which? an id is missing");
	if (status == STATUS_OK && (cli->options.reason == NULL || cli->options.reason[0] == '\0'))
		status = error_set(error, STATUS_USAGE, "-m REASON is missing: an erasure says why");
	/* What it prints are records of the erasures, and there is no way back from it. */
	if (status == STATUS_OK)
		status = output_check(cli, STORE_ERASURE, error);
	return status == STATUS_OK ? cli_change_told(cli, NULL, build_erasure, cli, tell_erasure, error) : status;
}

/* --- export-data --------------------------------------------------------------------------- */

struct exporting {
	struct cli *cli;
	struct writer *writer;
	struct arena arena; /* of what is held on one record */
	uint64_t *txs;      /* transactions that touched it */
	size_t tx_count, tx_capacity;
};

/* All that is stored: also what is hidden, and columns that no schema knows. */
static size_t
export_columns(const struct table *table, struct column *columns, size_t *fields)
{
	size_t count = 2;

	columns[0] = (struct column){ "id", CELL_TEXT };
	columns[1] = (struct column){ "tx", CELL_INTEGER };
	for (size_t i = 0; i < table->field_count; i++) {
		if (table->fields[i].flags & FIELD_DERIVED)
			continue;
		fields[count] = i;
		columns[count++] = (struct column){ table->fields[i].name, type_cell(table->fields[i].type) };
	}
	return count;
}

static enum status
export_holding(struct exporting *exporting, const struct holding *holding, struct nested *nested,
    struct error *error)
{
	const struct table *table = holding->log->table;
	struct arena *arena = &exporting->arena;
	struct column *columns = arena_take(arena, (table->field_count + 2) * sizeof *columns);
	size_t *fields = arena_take(arena, (table->field_count + 2) * sizeof *fields);
	size_t count = export_columns(table, columns, fields);
	struct slice *values = arena_take(arena, (holding->count * count + 1) * sizeof *values);
	enum status status = STATUS_OK;

	for (size_t i = 0; i < holding->count && status == STATUS_OK; i++) {
		struct slice *row = values + i * count;
		struct record revision;

		status = record_read_at(holding->log, holding->offsets[i], arena, &revision, error);
		if (status != STATUS_OK)
			break;
		row[0] = record_id(&revision);
		row[1] = arena_format(arena, "%llu", (unsigned long long)revision.tx);
		for (size_t k = 2; k < count; k++)
			row[k] = record_value(&revision, fields[k]);
		exporting->txs = memory_grow(exporting->txs, &exporting->tx_capacity, exporting->tx_count,
		    sizeof *exporting->txs);
		exporting->txs[exporting->tx_count++] = revision.tx;
	}
	*nested = (struct nested){ table->name, columns, count, values, holding->count };
	return status;
}

static int
compare_txs(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

enum { AUDIT_TX, AUDIT_TIME, AUDIT_ACTOR, AUDIT_COMMAND, AUDIT_KEY, AUDIT_REASON, AUDIT_COLUMNS };

/* The transactions, each once. */
static struct nested
export_audit(struct exporting *exporting)
{
	static const struct column columns[AUDIT_COLUMNS] = { [AUDIT_TX] = { "tx", CELL_INTEGER },
		[AUDIT_TIME] = { "time", CELL_TIME },
		[AUDIT_ACTOR] = { "actor", CELL_TEXT },
		[AUDIT_COMMAND] = { "command", CELL_TEXT },
		[AUDIT_KEY] = { "key", CELL_TEXT },
		[AUDIT_REASON] = { "reason", CELL_TEXT } };
	struct slice audit = snapshot_audit(view_snapshot(exporting->cli->view));
	struct arena *arena = &exporting->arena;
	struct slice *values = arena_take(arena, (exporting->tx_count * AUDIT_COLUMNS + 1) * sizeof *values);
	struct buffer scratch = BUFFER_INIT;
	size_t rows = 0;

	if (exporting->tx_count > 0)
		qsort(exporting->txs, exporting->tx_count, sizeof *exporting->txs, compare_txs);
	for (size_t i = 0; i < exporting->tx_count; i++) {
		struct slice *row = values + rows * AUDIT_COLUMNS, key;
		struct audit_line line;

		if ((i > 0 && exporting->txs[i] == exporting->txs[i - 1]) ||
		    !audit_find(audit, exporting->txs[i], &line, &scratch))
			continue;
		key = line.key;
		row[AUDIT_TX] = arena_format(arena, "%llu", (unsigned long long)line.tx);
		row[AUDIT_TIME] = line.time;
		row[AUDIT_ACTOR] = arena_copy(arena, line.actor);
		row[AUDIT_COMMAND] = arena_copy(arena, line.command);
		row[AUDIT_KEY] = arena_copy(arena, slice_cut(&key, '@'));
		row[AUDIT_REASON] = arena_copy(arena, line.reason);
		rows++;
	}
	buffer_release(&scratch);
	return (struct nested){ "audit", columns, AUDIT_COLUMNS, values, rows };
}

/* One object: an array for each table that holds something, and `audit`. */
static enum status
export_one(struct exporting *exporting, struct log *log, uint64_t number, struct error *error)
{
	struct holdings holdings = { .tables = NULL };
	struct nested *nested;
	size_t count = 0;
	enum status status = holdings_find(exporting->cli->view, log, &number, 1, false, &holdings, error);

	arena_reset(&exporting->arena);
	exporting->tx_count = 0;
	nested = arena_take(&exporting->arena, (holdings.count + 1) * sizeof *nested);
	for (size_t i = 0; i < holdings.count && status == STATUS_OK; i++) {
		if (holdings.tables[i].count > 0)
			status = export_holding(exporting, &holdings.tables[i], &nested[count++], error);
	}
	if (status == STATUS_OK) {
		nested[count++] = export_audit(exporting);
		writer_row_nested(exporting->writer, NULL, nested, count);
	}
	holdings_release(&holdings);
	return status;
}

enum status
verb_export_data(struct cli *cli, struct error *error)
{
	struct writer_options options = report_options(cli);
	struct exporting exporting = { .cli = cli };
	struct error ignored = ERROR_INIT;
	uint64_t *numbers;
	struct log *log;
	size_t count;
	enum status closed, status = check_personal(cli, error);

	if (status == STATUS_OK && cli->options.output != FORMAT_AUTO && cli->options.output != FORMAT_JSON)
		status = error_set(error, STATUS_USAGE, "export-data prints JSON, and nothing else");
	if (status == STATUS_OK && cli->options.fields != NULL)
		status = error_set(error, STATUS_USAGE, "-f: export-data prints all there is");
	if (status == STATUS_OK)
		status = ids_read(cli, &log, &numbers, &count, error);
	if (status != STATUS_OK)
		return status;
	options.format = FORMAT_JSON;
	exporting.writer = writer_open(STDOUT_FILENO, &options, NULL, 0);
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = export_one(&exporting, log, numbers[i], error);
	closed = writer_close(exporting.writer, status == STATUS_OK ? error : &ignored);
	error_release(&ignored);
	arena_release(&exporting.arena);
	free(exporting.txs);
	return status == STATUS_OK ? closed : status;
}
