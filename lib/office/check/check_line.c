/* check_line: what lines say of the transaction that wrote them, and the blobs that they name */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "office/check/check.h"
#include "store/store.h"

/* --- lines ------------------------------------------------------------------------------ */

/* That ids leave no gap and are of their table is seen to by whoever reads a log. */
struct opened {
	const char *name;
	struct log *log; /* NULL: of a table that nobody knows here */
	struct slice bytes;
};

struct reading {
	struct checking *checking;
	struct opened *tables;
	size_t count;
};

static void
check_one(struct reading *reading, const struct opened *table, struct slice line, uint64_t wanted)
{
	struct slice id = slice_cut(&line, ','), tx = slice_cut(&line, ',');
	unsigned long long number = 0, written = 0;

	if (slice_is(id, "id") || (slice_to_u64(tx, &written) && written == wanted))
		return;
	(void)table_id_parse(table->log->table, id, &number);
	check_report(reading->checking, table->log, number, "tx",
	    "a line of transaction %" PRIu64 " says that it is of \"%.*s\"", wanted, (int)tx.length, tx.data);
}

static const struct opened *
find_table(const struct reading *reading, struct slice name)
{
	for (size_t i = 0; i < reading->count; i++)
		if (slice_is(name, reading->tables[i].name))
			return &reading->tables[i];
	return NULL;
}

/* Whether the bytes are there is what verify proves. */
static void
check_change(struct reading *reading, const struct audit_change *change, uint64_t tx)
{
	const struct opened *table = find_table(reading, change->table);
	struct slice rest;

	if (table == NULL || table->log == NULL || change->offset > table->bytes.length ||
	    change->length > table->bytes.length - change->offset)
		return;
	rest = (struct slice){ table->bytes.data + change->offset, (size_t)change->length };
	while (rest.length > 0)
		check_one(reading, table, slice_cut(&rest, '\n'), tx);
}

static enum status
open_logs(struct reading *reading, struct error *error)
{
	struct view *view = reading->checking->view;
	const char *const *names = snapshot_tables(view_snapshot(view), &reading->count);
	enum status status = STATUS_OK;

	reading->tables = memory_array(reading->count + 1, sizeof *reading->tables);
	for (size_t i = 0; i < reading->count && status == STATUS_OK; i++) {
		struct opened *table = &reading->tables[i];
		const struct table *known;

		*table = (struct opened){ .name = names[i] };
		status = schema_table(view_schema(view), names[i], &known, error);
		if (status == STATUS_NO) { /* a log of a program that knows more tables */
			error_clear(error);
			status = STATUS_OK;
			continue;
		}
		if (status == STATUS_OK)
			status = view_log(view, names[i], &table->log, error);
		if (status == STATUS_OK)
			status = snapshot_log(view_snapshot(view), names[i], &table->bytes, error);
	}
	return status;
}

static enum status
run_lines(struct checking *checking, struct error *error)
{
	struct reading reading = { .checking = checking };
	struct slice rest = snapshot_audit(view_snapshot(checking->view));
	struct buffer scratch = BUFFER_INIT;
	struct audit_change change;
	struct audit_line line;
	enum status status = open_logs(&reading, error);

	while (status == STATUS_OK && audit_next(&rest, &line, &scratch))
		while (audit_change_next(&line.changes, &change))
			check_change(&reading, &change, line.tx);
	buffer_release(&scratch);
	free(reading.tables);
	return status;
}

const struct check check_lines = {
	.name = "lines",
	.help = "every line has the number of the transaction that wrote it",
	.run = run_lines,
};

/* --- documents ---------------------------------------------------------------------------- */

static bool
is_blob(const struct table *table, size_t field)
{
	return table->fields[field].type == TYPE_BLOB;
}

static enum status
check_blob(struct checking *checking, const struct record *record, size_t field, struct slice name,
    void *unused, struct error *error)
{
	(void)unused;
	(void)error;
	if (name.length > 0 && !blob_exists(view_store(checking->view), name))
		check_report(checking, record->log, record->number, record->log->table->fields[field].name,
		    "there is no blob %.*s", (int)name.length, name.data);
	return STATUS_OK;
}

static enum status
run_blobs(struct checking *checking, struct error *error)
{
	return check_values(checking, is_blob, check_blob, NULL, error);
}

const struct check check_blobs = {
	.name = "blobs",
	.help = "every blob that a record names is in the store",
	.run = run_blobs,
};
