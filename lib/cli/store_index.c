/* store_index: the state of every table's index, after dropping or building them where that is asked for */
#include "cli/store_index.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "record/indexed.h"

enum { NUMBER_SIZE = 24, COLUMNS = 6 };

static const struct column columns[COLUMNS] = { { "table", CELL_TEXT }, { "state", CELL_TEXT },
	{ "tx", CELL_INTEGER }, { "records", CELL_INTEGER }, { "bytes", CELL_INTEGER },
	{ "behind", CELL_INTEGER } };

static const char *const states[] = { [INDEX_USABLE] = "ready",
	[INDEX_MISSING] = "none",
	[INDEX_OFF] = "off",
	[INDEX_SMALL] = "small",
	[INDEX_STALE] = "stale",
	[INDEX_AHEAD] = "ahead",
	[INDEX_DAMAGED] = "damaged" };

static struct slice
number(uint64_t value, char out[NUMBER_SIZE])
{
	int length = snprintf(out, NUMBER_SIZE, "%" PRIu64, value);

	return (struct slice){ out, (size_t)length };
}

static enum status
print_state(struct cli *cli, const struct table *table, struct error *error)
{
	struct slice values[COLUMNS] = { slice_of(table->name) };
	char texts[COLUMNS][NUMBER_SIZE];
	struct index_report report;
	enum status status = indexed_report(cli->view, table, &report, error);

	if (status != STATUS_OK)
		return status;
	values[1] = slice_of(states[report.found]);
	for (size_t i = 2; i < COLUMNS; i++) {
		const uint64_t numbers[] = { report.tx, report.records, report.size, report.behind };

		values[i] = report.found == INDEX_USABLE ? number(numbers[i - 2], texts[i]) : slice_of("");
	}
	cli_row(cli, values);
	return STATUS_OK;
}

/* Does something for each table that has a log and a schema. */
static enum status
each_table(struct cli *cli,
    enum status (*what)(struct cli *cli, const struct table *table, struct error *error), struct error *error)
{
	size_t count;
	const char *const *names = snapshot_tables(view_snapshot(cli->view), &count);
	enum status status = STATUS_OK;

	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		const struct table *table;

		status = view_table(cli->view, names[i], &table, error);
		if (status == STATUS_NO) {
			error_clear(error);
			status = STATUS_OK;
		} else if (status == STATUS_OK)
			status = what(cli, table, error);
	}
	return status;
}

static enum status
build(struct cli *cli, const struct table *table, struct error *error)
{
	bool made;

	return indexed_build(cli->view, table, &made, error);
}

static enum status
build_all(struct cli *cli, struct error *error)
{
	const char *why, *path = index_where(cli->store);

	if (index_directory(cli->store, &why) == NULL)
		return error_set(error, STATUS_REFUSED, "no index is kept%s%s: %s",
		    path != NULL ? " in " : "", path != NULL ? path : "", why);
	return each_table(cli, build, error);
}

enum status
store_index(struct cli *cli, struct error *error)
{
	const char *what;
	enum status status = cli_need(cli, "what about the index (status, drop or build)", &what, error);

	if (status == STATUS_OK)
		status = cli_no_more(cli, error);
	if (status != STATUS_OK)
		return status;
	if (cli->options.dry_run)
		return error_set(error, STATUS_USAGE, "-n: the store is not changed anyway");
	if (cli->options.where_count > 0 && strcmp(what, "status") != 0)
		return error_set(error, STATUS_USAGE, "-w: means nothing to index %s, which is about all", what);
	if (strcmp(what, "drop") == 0)
		status = index_drop(cli->store, NULL, error);
	else if (strcmp(what, "build") == 0)
		status = build_all(cli, error);
	else if (strcmp(what, "status") != 0)
		status = error_set(error, STATUS_USAGE, "index: not status, drop or build: \"%s\"", what);
	if (status == STATUS_OK)
		status = cli_report(cli, columns, COLUMNS, error);
	if (status == STATUS_OK)
		status = each_table(cli, print_state, error);
	return status == STATUS_OK ? cli_report_end(cli, error) : status;
}
