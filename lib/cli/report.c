/* report: rows of a command's own, picked and sorted as -f and -s say */
#include "cli/report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/terminal.h"
#include "record/sheet.h"
#include "record/suggest.h"
#include "record/value.h"

enum { SORT_KEYS_MAX = 16 };

struct sort_key {
	size_t column;
	bool down;
};

struct kept_row {
	struct slice *values; /* of all columns */
	enum row_kind what;
	size_t index;
};

struct report {
	struct writer *writer; /* NULL with -q */
	const struct column *columns;
	size_t column_count;
	struct column *picked; /* what is printed */
	size_t *pick;          /* of each, its column */
	size_t pick_count;
	struct slice *values;
	struct sort_key keys[SORT_KEYS_MAX];
	size_t key_count;
	struct kept_row *rows; /* kept until the end when they are to be sorted */
	size_t row_count, row_capacity;
	struct arena arena;
	struct field *fields;          /* the columns as -w sees them */
	struct sheet *sheet;           /* NULL: all rows are let through */
	struct error fault;            /* of asking for it */
	uint64_t count, listed, limit; /* rows that were printed, and those of them that the limit is about */
};

struct writer_options
report_options(const struct cli *cli)
{
	enum format format = terminal_format(&cli->options);
	bool terminal = format == FORMAT_TABLE && isatty(STDOUT_FILENO);

	return (struct writer_options){ .format = format,
		.no_header = cli->options.no_header,
		.raw = cli->options.raw,
		.spreadsheet = cli->options.spreadsheet,
		.colour = format == FORMAT_TABLE && terminal_colour(&cli->options),
		.isolates = terminal,
		.width = terminal ? terminal_width() : 0 };
}

bool
sort_name_next(struct slice *list, struct sort_name *name)
{
	if (list->data == NULL)
		return false;
	name->name = slice_trim(slice_cut(list, ','));
	name->down = slice_starts(name->name, "-");
	if (name->down || slice_starts(name->name, "+"))
		name->name = (struct slice){ name->name.data + 1, name->name.length - 1 };
	return true;
}

void
report_free(struct report *report)
{
	struct error ignored = ERROR_INIT;

	if (report == NULL)
		return;
	if (report->writer != NULL)
		writer_close(report->writer, &ignored);
	error_release(&ignored);
	error_release(&report->fault);
	sheet_close(report->sheet);
	arena_release(&report->arena);
	free(report->fields);
	free(report->picked);
	free(report->pick);
	free(report->values);
	free(report->rows);
	free(report);
}

enum status
cli_say(struct slice text, struct error *error)
{
	struct buffer out = BUFFER_INIT;
	bool written;

	text_unfold_breaks(&out, text);
	buffer_add_char(&out, '\n');
	written = file_write(STDOUT_FILENO, out.data, out.length);
	buffer_release(&out);
	return written ? STATUS_OK : error_set(error, STATUS_SYSTEM, "standard output:");
}

static enum status
find_column(const struct report *report, const char *option, struct slice name, size_t *column, struct error *error)
{
	struct suggestion suggestion = SUGGESTION_INIT(name);
	char text[SUGGESTION_SIZE];

	for (*column = 0; *column < report->column_count; ++*column) {
		if (slice_is(name, report->columns[*column].name))
			return STATUS_OK;
		suggestion_try(&suggestion, report->columns[*column].name);
	}
	return error_set(error, STATUS_USAGE, "%s: no such column: \"%.*s\"%s", option, (int)name.length,
	    name.data, suggestion_text(&suggestion, text));
}

/* The columns that -f names, or all. */
static enum status
pick_columns(struct report *report, const char *list, struct error *error)
{
	struct slice rest = slice_of(list);
	size_t room = report->column_count;
	enum status status = STATUS_OK;

	for (const char *at = list; at != NULL && (at = strchr(at, ',')) != NULL; at++)
		room++;
	report->pick = memory_array(room + 1, sizeof *report->pick);
	report->picked = memory_array(room + 1, sizeof *report->picked);
	report->values = memory_array(room + 1, sizeof *report->values);
	for (size_t i = 0; list == NULL && i < report->column_count; i++)
		report->pick[report->pick_count++] = i;
	while (list != NULL && rest.data != NULL && status == STATUS_OK)
		status = find_column(report, "-f", slice_trim(slice_cut(&rest, ',')),
		    &report->pick[report->pick_count++], error);
	for (size_t i = 0; status == STATUS_OK && i < report->pick_count; i++)
		report->picked[i] = report->columns[report->pick[i]];
	return status;
}

static enum status
read_sort(struct report *report, const char *list, struct error *error)
{
	struct slice rest = slice_of(list);
	struct sort_name name;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && sort_name_next(&rest, &name)) {
		struct sort_key *key = &report->keys[report->key_count];

		if (report->key_count++ == SORT_KEYS_MAX)
			return error_set(error, STATUS_USAGE, "-s: too many columns (%d at most)", SORT_KEYS_MAX);
		key->down = name.down;
		status = find_column(report, "-s", name.name, &key->column, error);
	}
	return status;
}

enum status
report_check(struct cli *cli, const struct column *columns, size_t count, struct error *error)
{
	struct report *report = memory_new(sizeof *report);
	enum status status;

	report->columns = columns;
	report->column_count = count;
	status = pick_columns(report, cli->options.fields, error);
	if (status == STATUS_OK)
		status = read_sort(report, cli->options.sort, error);
	report_free(report);
	return status;
}

static enum type
cell_type(enum cell cell)
{
	static const enum type types[] = { [CELL_TEXT] = TYPE_TEXT,
		[CELL_NUMBER] = TYPE_QTY,
		[CELL_INTEGER] = TYPE_INT,
		[CELL_BOOL] = TYPE_BOOL,
		[CELL_TAGS] = TYPE_TAGS,
		[CELL_STATE] = TYPE_TEXT,
		[CELL_DATE] = TYPE_DATE,
		[CELL_TIME] = TYPE_TIME };

	return types[cell];
}

/* What -w lets through, where it is about rows. */
static enum status
open_sheet(struct cli *cli, struct report *report, struct error *error)
{
	enum status status;

	if (!cli->rows_filtered || cli->options.where_count == 0)
		return STATUS_OK;
	if (cli->view == NULL)
		return error_set(error, STATUS_USAGE, "-w: there is no store, and so nothing to go by");
	report->fields = memory_array(report->column_count, sizeof *report->fields);
	for (size_t i = 0; i < report->column_count; i++)
		report->fields[i] = (struct field){ .name = report->columns[i].name,
			.type = cell_type(report->columns[i].cell),
			.preset = "",
			.help = "" };
	status = sheet_open(&report->sheet, cli->view, cli->verb, report->fields, report->column_count,
	    cli->options.where, cli->options.where_count, error);
	return status == STATUS_USAGE ? error_prefix(error, "-w") : status;
}

static bool
lets_through(struct report *report, enum row_kind what, const struct slice *values)
{
	return report->sheet == NULL ||
	    (what == ROW_LISTED && sheet_holds(report->sheet, values, &report->fault));
}

enum status
cli_report(struct cli *cli, const struct column *columns, size_t count, struct error *error)
{
	struct report *report = memory_new(sizeof *report);
	struct writer_options options = report_options(cli);
	enum status status;

	report_free(cli->report);
	cli->report = report;
	report->columns = columns;
	report->column_count = count;
	report->limit = cli->options.limit;
	status = pick_columns(report, cli->options.fields, error);
	if (status == STATUS_OK)
		status = read_sort(report, cli->options.sort, error);
	if (status == STATUS_OK)
		status = open_sheet(cli, report, error);
	if (status == STATUS_OK && !cli->options.quiet)
		report->writer = writer_open(STDOUT_FILENO, &options, report->picked, report->pick_count);
	return status;
}

static void
print_row(struct report *report, enum row_kind what, const struct slice *values)
{
	if (what == ROW_LISTED && report->listed >= report->limit)
		return;
	report->listed += what == ROW_LISTED;
	report->count++;
	for (size_t i = 0; i < report->pick_count; i++)
		report->values[i] = values[report->pick[i]];
	if (report->writer != NULL)
		writer_row(report->writer, report->values);
}

void
cli_row(struct cli *cli, const struct slice *values)
{
	cli_row_of(cli, ROW_LISTED, values);
}

void
cli_row_of(struct cli *cli, enum row_kind what, const struct slice *values)
{
	struct report *report = cli->report;
	struct kept_row *row;

	if (!lets_through(report, what, values))
		return;
	if (report->key_count == 0) {
		print_row(report, what, values);
		return;
	}
	report->rows = memory_grow(report->rows, &report->row_capacity, report->row_count, sizeof *report->rows);
	row = &report->rows[report->row_count];
	row->what = what;
	row->index = report->row_count++;
	row->values = arena_take(&report->arena, report->column_count * sizeof *row->values);
	for (size_t i = 0; i < report->column_count; i++)
		row->values[i] = arena_copy(&report->arena, values[i].data != NULL ? values[i] : slice_of(""));
}

bool
cli_done(const struct cli *cli)
{
	const struct report *report = cli->report;

	if (report == NULL || report->key_count > 0)
		return false;
	return report->listed >= report->limit || (report->writer != NULL && writer_failed(report->writer));
}

static int
compare_cells(enum cell cell, struct slice a, struct slice b)
{
	int128 x, y;

	if ((cell == CELL_NUMBER || cell == CELL_INTEGER) && value_number(KIND_NUMBER, a, &x) &&
	    value_number(KIND_NUMBER, b, &y))
		return (x > y) - (x < y);
	return slice_compare(a, b);
}

static int
compare_rows(const void *a, const void *b, void *context)
{
	const struct report *report = context;
	const struct kept_row *x = a, *y = b;
	size_t keys = x->what == ROW_LISTED ? report->key_count : 0;

	if (x->what != y->what)
		return x->what < y->what ? -1 : 1;
	for (size_t i = 0; i < keys; i++) {
		size_t column = report->keys[i].column;
		int order = compare_cells(report->columns[column].cell, x->values[column], y->values[column]);

		if (order != 0)
			return report->keys[i].down ? -order : order;
	}
	return (x->index > y->index) - (x->index < y->index);
}

enum status
cli_report_end(struct cli *cli, struct error *error)
{
	struct report *report = cli->report;
	struct writer *writer = report->writer;
	enum status status = STATUS_OK;

	if (report->row_count > 0)
		qsort_r(report->rows, report->row_count, sizeof *report->rows, compare_rows, report);
	for (size_t i = 0; i < report->row_count; i++)
		print_row(report, report->rows[i].what, report->rows[i].values);
	report->writer = NULL;
	if (writer != NULL)
		status = writer_close(writer, error);
	if (status == STATUS_OK && report->fault.status != STATUS_OK) {
		error_release(error);
		*error = report->fault;
		report->fault = (struct error)ERROR_INIT;
		status = error->status;
	}
	if (status == STATUS_OK && report->count == 0 && cli->options.fail_empty)
		status = STATUS_NO;
	report_free(report);
	cli->report = NULL;
	return status;
}
