/*
 * output: records to rows.
 *
 * Where a line of the log has the columns that CSV output wants, in that order, it is
 * copied: a million records in the time it takes to read them.  Only the seal, and
 * `archived` at the end, are left out.
 */
#include "cli/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "cli/fit.h"
#include "cli/nest.h"
#include "cli/report.h"
#include "cli/select.h"
#include "cli/terminal.h"
#include "record/path.h"
#include "record/pick.h"
#include "stream/csv.h"

enum { COLUMNS_FEW = 6 };

struct output {
	struct cli *cli;
	struct log *log;
	struct writer *writer; /* NULL with -q */
	bool is_part;          /* columns and paths are another's */
	struct column *columns;
	struct path *paths;
	size_t count;
	bool by_keys;         /* references as keys, for a person */
	size_t missing;       /* paths behind those that had no room on the terminal */
	struct slice *values; /* and one more, `archived` */
	long *stored_fields;  /* by value: which can be picked, see record/pick.h */
	size_t others;        /* paths that a record must be asked for */
	struct pick pick;
	struct arena arena;          /* of one record */
	struct nest *nest;           /* JSON: the children */
	bool copies;                 /* lines may be copied where their layout allows it */
	size_t stored, derived;      /* of the default columns behind id and tx */
	const struct layout *layout; /* the one looked at last, and what was found */
	bool layout_copies, drops_last;
};

static bool
is_shown(const struct cli *cli, const struct table *table, size_t field)
{
	unsigned flags = table->fields[field].flags;

	return !(flags & (FIELD_HIDDEN | FIELD_FOREIGN)) && (field != table->archived || cli->options.archived);
}

static void
add_path(struct output *output, const struct table *table, const char *name, long field)
{
	struct path *path = &output->paths[output->count++];
	const struct field *own = field >= 0 ? &table->fields[field] : NULL;

	*path = (struct path){ .count = 1, .field = own };
	snprintf(path->name, sizeof path->name, "%s", name);
	path->steps[0].table = table;
	path->steps[0].field = field;
	path->type = own != NULL ? own->type : field == PATH_TX ? TYPE_INT : TYPE_TEXT;
}

static void
default_columns(struct output *output)
{
	const struct table *table = output->log->table;

	output->paths = memory_array(table->field_count + 2, sizeof *output->paths);
	add_path(output, table, "id", PATH_ID);
	add_path(output, table, "tx", PATH_TX);
	for (size_t i = 0; i < table->field_count; i++) {
		if (is_shown(output->cli, table, i) && !(table->fields[i].flags & FIELD_DERIVED))
			add_path(output, table, table->fields[i].name, (long)i);
	}
	output->stored = output->count - 2;
	for (size_t i = 0; i < table->field_count; i++) {
		if (is_shown(output->cli, table, i) && (table->fields[i].flags & FIELD_DERIVED))
			add_path(output, table, table->fields[i].name, (long)i);
	}
	output->derived = output->count - 2 - output->stored;
}

static enum status
listed_columns(struct output *output, const char *list, struct error *error)
{
	struct slice rest = slice_of(list);
	size_t room = 2;
	enum status status = STATUS_OK;

	for (const char *at = list; (at = strchr(at, ',')) != NULL; at++)
		room++;
	output->paths = memory_array(room, sizeof *output->paths);
	while (rest.data != NULL && status == STATUS_OK) {
		struct slice name = slice_trim(slice_cut(&rest, ','));

		status = path_resolve(output->cli->view, output->log->table, name,
		    &output->paths[output->count], error);
		output->count += status == STATUS_OK;
	}
	return status == STATUS_USAGE ? error_prefix(error, "-f") : status;
}

static struct column
column_of(const struct path *path)
{
	enum cell cell = path->type == TYPE_STATE ? CELL_STATE : type_cell(path->type);

	return (struct column){ path->name, cell };
}

/* A reference as its key, which a person knows by heart. */
static void
show_key(struct output *output, struct path *path)
{
	struct error ignored = ERROR_INIT;
	const struct table *table;
	struct path longer;
	char name[2 * PATH_NAME_SIZE];

	if (path->type != TYPE_REF ||
	    view_table(output->cli->view, path->field->target, &table, &ignored) != STATUS_OK) {
		error_release(&ignored);
		return;
	}
	for (size_t i = 0; i < table->field_count; i++) {
		const struct field *key = &table->fields[i];

		if (!(key->flags & FIELD_KEY))
			continue;
		snprintf(name, sizeof name, "%s.%s", path->name, key->name);
		if (path_resolve(output->cli->view, output->log->table, slice_of(name), &longer, &ignored) ==
		    STATUS_OK) {
			snprintf(longer.name, sizeof longer.name, "%s", path->field->name);
			longer.field = path->field;
			*path = longer;
		}
	}
	error_release(&ignored);
}

/* What a person gets to see: width is 0 where there is no terminal. */
static void
fit_to_terminal(struct output *output, const uint64_t *numbers, size_t count, size_t width)
{
	output->by_keys = width > 0;
	for (size_t i = 0; output->by_keys && i < output->count; i++)
		show_key(output, &output->paths[i]);
	output->count = fit_columns(output->log, numbers, count, width, output->paths, output->count,
	    &output->missing);
	if (width == 0 || output->cli->options.quiet || output->cli->options.no_header)
		output->missing = 0;
}

/* One line on the terminal, so that nobody takes the table for all there is. */
static enum status
tell_missing(const struct output *output, struct error *error)
{
	bool colour = terminal_colour(&output->cli->options);
	size_t width = terminal_width(), used;
	struct buffer out = BUFFER_INIT;
	enum status status = STATUS_OK;

	buffer_format(&out, "%zu %s not shown:", output->missing, output->missing == 1 ? "column" : "columns");
	for (size_t i = 0; i < output->missing; i++) {
		const char *name = output->paths[output->count + i].name;

		used = out.length + strlen(name) + strlen(", ... (-f chooses)");
		if (i > 0 && used > width) {
			buffer_add_text(&out, ", ...");
			break;
		}
		buffer_format(&out, "%s %s", i > 0 ? "," : "", name);
	}
	buffer_add_text(&out, " (-f chooses)");
	if (colour) {
		struct buffer dim = BUFFER_INIT;

		buffer_format(&dim, "\033[2m%s\033[0m", out.data);
		buffer_release(&out);
		out = dim;
	}
	buffer_add_char(&out, '\n');
	if (!file_write(STDOUT_FILENO, out.data, out.length))
		status = error_set(error, STATUS_SYSTEM, "standard output:");
	buffer_release(&out);
	return status;
}

/* Which values can be taken from a line as it stands. */
static void
prepare_pick(struct output *output)
{
	const struct table *table = output->log->table;

	output->stored_fields = memory_array(output->count + 1, sizeof *output->stored_fields);
	for (size_t i = 0; i < output->count; i++) {
		const struct path *path = &output->paths[i];
		bool own = path->count == 1 && path_is_stored(path);

		output->stored_fields[i] = own ? path->steps[0].field : PICK_ABSENT;
		output->others += !own;
	}
	output->stored_fields[output->count] = table->archived == SIZE_MAX ? PICK_ABSENT : (long)table->archived;
	pick_init(&output->pick, output->log, output->stored_fields, output->count + 1);
}

static void
open_writer(struct output *output, const uint64_t *numbers, size_t count)
{
	struct cli *cli = output->cli;
	struct writer_options options = report_options(cli);

	if (options.format == FORMAT_TABLE && cli->options.fields == NULL && numbers != NULL)
		fit_to_terminal(output, numbers, count, options.width);
	output->columns = memory_array(output->count, sizeof *output->columns);
	output->values = memory_array(output->count + 1, sizeof *output->values);
	prepare_pick(output);
	for (size_t i = 0; i < output->count; i++)
		output->columns[i] = column_of(&output->paths[i]);
	output->copies = options.format == FORMAT_CSV && cli->options.fields == NULL && !options.raw &&
	    !options.spreadsheet;
	if (options.format == FORMAT_JSON && cli->options.fields == NULL)
		output->nest = nest_new(cli, output->log->table);
	if (!cli->options.quiet)
		output->writer = writer_open(STDOUT_FILENO, &options, output->columns, output->count);
}

enum status
output_open(struct cli *cli, struct log *log, const uint64_t *numbers, size_t count, struct output **out,
    struct error *error)
{
	struct output *output = memory_new(sizeof *output);
	enum status status = STATUS_OK;

	output->cli = cli;
	output->log = log;
	if (cli->options.fields != NULL)
		status = listed_columns(output, cli->options.fields, error);
	else
		default_columns(output);
	if (status != STATUS_OK) {
		output_close(output, error);
		output = NULL;
	} else
		open_writer(output, numbers, count);
	*out = output;
	return status;
}

enum status
output_check(struct cli *cli, const char *table, struct error *error)
{
	struct output output = { .cli = cli };
	struct sorter *sorter = NULL;
	enum status status = STATUS_OK;

	if (cli->options.fields == NULL && cli->options.sort == NULL)
		return STATUS_OK;
	status = view_log(cli->view, table, &output.log, error);
	if (status == STATUS_OK && cli->options.fields != NULL)
		status = listed_columns(&output, cli->options.fields, error);
	if (status == STATUS_OK)
		status = sorter_open(cli, output.log->table, cli->options.sort, &sorter, error);
	sorter_close(sorter);
	free(output.paths);
	return status;
}

bool
output_failed(const struct output *output)
{
	return output->writer != NULL && writer_failed(output->writer);
}

/* --- parts ---------------------------------------------------------------------- */

bool
output_is_stored(const struct output *output)
{
	for (size_t i = 0; i < output->count; i++) {
		if (!path_is_stored(&output->paths[i]))
			return false;
	}
	return output->nest == NULL;
}

struct output *
output_part(const struct output *output)
{
	struct output *part = memory_new(sizeof *part);

	*part = *output;
	part->is_part = true;
	part->missing = 0;
	part->arena = (struct arena)ARENA_INIT;
	part->values = memory_array(output->count + 1, sizeof *part->values);
	pick_init(&part->pick, part->log, part->stored_fields, part->count + 1);
	if (output->writer != NULL)
		part->writer = writer_part(output->writer);
	return part;
}

void
output_exchange(struct output *part, struct buffer *bytes)
{
	if (part->writer != NULL)
		writer_exchange(part->writer, bytes);
}

void
output_bytes(struct output *output, struct slice bytes)
{
	if (output->writer != NULL)
		writer_bytes(output->writer, bytes);
}

/* --- copying -------------------------------------------------------------------- */

/* Whether lines of this layout are the stored columns of the output, but for `archived` at the end. */
static void
look_at(struct output *output, const struct layout *layout)
{
	size_t archived = output->log->table->archived;
	size_t extra = layout->count - output->stored;

	output->layout = layout;
	output->drops_last = !output->cli->options.archived;
	output->layout_copies = output->copies && layout->count > 0 &&
	    extra == (output->drops_last ? 1 : 0) && layout->fields[layout->count - 1] == archived;
	for (size_t i = 0; output->layout_copies && i < output->stored; i++)
		output->layout_copies = layout->fields[i] == (size_t)output->paths[i + 2].steps[0].field;
}

/* Id and tx with their commas; *fields is what is behind them and the seal, where there is one. */
static struct slice
cut_head(const struct output *output, struct slice line, struct slice *fields)
{
	struct slice head = { line.data, 0 };

	for (int commas = 0; head.length < line.length && commas < 2; head.length++)
		commas += line.data[head.length] == ',';
	*fields = (struct slice){ line.data + head.length, line.length - head.length };
	if (!output->log->sealed)
		return head;
	if (fields->length > HASH_HEX && fields->data[HASH_HEX] == ',')
		*fields = (struct slice){ fields->data + HASH_HEX + 1, fields->length - HASH_HEX - 1 };
	else if (memchr(fields->data, ',', fields->length) != NULL)
		slice_cut(fields, ',');
	return head;
}

/* Without the last column, which is mostly empty. */
static struct slice
without_last(struct slice fields)
{
	const char *comma = fields.data + fields.length - 1;

	if (*comma != ',')
		comma = memrchr(fields.data, ',', fields.length);
	if (comma == NULL)
		return fields;
	return (struct slice){ fields.data, (size_t)(comma - fields.data) };
}

static bool
ends_archived(struct slice line)
{
	return line.length > 5 && memcmp(line.data + line.length - 5, ",true", 5) == 0;
}

/* In place of the newline that is there. */
static void
add_derived(const struct output *output, struct buffer *out, const struct record *record)
{
	out->length--;
	for (size_t i = 0; i < output->derived; i++) {
		buffer_add_char(out, ',');
		csv_add(out, record_value(record, (size_t)output->paths[2 + output->stored + i].steps[0].field));
	}
	buffer_add_char(out, '\n');
}

/* fields: what is behind id, tx and the seal. */
static void
copy_line(struct output *output, struct slice head, struct slice fields, const struct record *record)
{
	struct buffer *out = writer_buffer(output->writer);
	char *to;

	if (output->drops_last && fields.length > 0)
		fields = without_last(fields);
	to = buffer_reserve(out, head.length + fields.length + 1);
	memcpy(to, head.data, head.length);
	to += head.length;
	memcpy(to, fields.data, fields.length);
	to += fields.length;
	*to++ = '\n';
	*to = '\0';
	out->length += head.length + fields.length + 1;
	if (output->derived > 0)
		add_derived(output, out, record);
	writer_spill(output->writer);
}

/* --- rows ------------------------------------------------------------------------- */

static struct slice
tx_text(const struct record *record)
{
	struct slice rest = record->line;

	slice_cut(&rest, ',');
	return slice_cut(&rest, ',');
}

static struct slice
value_of(const struct output *output, struct path *path, const struct record *record)
{
	struct slice value;

	if (path->count == 1 && path->steps[0].field >= 0)
		return record_value(record, (size_t)path->steps[0].field);
	if (path->count == 1 && path->steps[0].field == PATH_TX)
		return tx_text(record);
	value = path_value(path, record);
	/* What has no key is named by its id. */
	if (output->by_keys && path->count > 1 && value.length == 0)
		value = record_value(record, (size_t)path->steps[0].field);
	return value;
}

/* Prints the values, picked ones among them: record may be NULL where those are all. */
static void
print_values(struct output *output, const struct record *record, bool picked)
{
	const struct nested *nested = NULL;
	size_t count = 0;

	for (size_t i = 0; i < output->count && (!picked || output->others > 0); i++) {
		if (!picked || output->stored_fields[i] == PICK_ABSENT)
			output->values[i] = value_of(output, &output->paths[i], record);
	}
	if (output->nest != NULL)
		nested = nest_children(output->nest, record, &count);
	writer_row_nested(output->writer, output->values, nested, count);
}

void
output_record(struct output *output, const struct record *record)
{
	if (output->writer == NULL)
		return;
	if (output->layout != record->layout)
		look_at(output, record->layout);
	if (output->layout_copies && !record->erased) {
		struct slice fields, head = cut_head(output, record->line, &fields);

		copy_line(output, head, fields, record);
		return;
	}
	/* A filter has split the line as far as it looked: for few columns that mostly is enough. */
	print_values(output, record,
	    (record->columns == NULL || output->count > COLUMNS_FEW) &&
		pick_values(&output->pick, record->layout, record->line, record->arena, output->values));
}

/* A record that need not even be split; false when it must be. */
static bool
copy_number(struct output *output, uint64_t number, bool skip_archived, bool *printed)
{
	uint64_t newest = log_newest(output->log, number);
	const struct layout *layout = output->layout;
	struct slice line, head, fields;

	if (!output->copies || output->derived > 0 || newest == 0)
		return false;
	if (layout == NULL || output->log->layout_count > 1)
		layout = log_layout(output->log, newest - 1);
	if (layout == NULL)
		return false;
	if (output->layout != layout)
		look_at(output, layout);
	if (!output->layout_copies)
		return false;
	line = log_line_at(output->log, newest - 1);
	head = cut_head(output, line, &fields);
	if (output->log->sealed && fields.length > 0 && fields.data[0] == ' ' && line_is_blank(line))
		return false;
	*printed = !(skip_archived && ends_archived(line));
	if (*printed && output->writer != NULL)
		copy_line(output, head, fields, NULL);
	return true;
}

/* A record whose line is split but once; false when record_read must do it. */
static bool
pick_number(struct output *output, uint64_t number, bool skip_archived, bool *printed)
{
	struct error ignored = ERROR_INIT;
	uint64_t newest = log_newest(output->log, number);
	bool asked = output->others > 0 || output->nest != NULL;
	struct record record;

	if (newest == 0 || newest > output->log->bytes.length ||
	    !pick_values(&output->pick, log_layout(output->log, newest - 1),
		log_line_at(output->log, newest - 1), &output->arena, output->values) ||
	    (asked && record_peek(output->log, number, &output->arena, &record, &ignored) != STATUS_OK)) {
		error_release(&ignored);
		return false;
	}
	*printed = !(skip_archived && slice_is(output->values[output->count], "true"));
	if (*printed && output->writer != NULL)
		print_values(output, asked ? &record : NULL, true);
	return true;
}

enum status
output_number(struct output *output, uint64_t number, bool skip_archived, bool *printed, struct error *error)
{
	bool unused;
	struct record record;
	enum status status;

	if (printed == NULL)
		printed = &unused;
	if (copy_number(output, number, skip_archived, printed))
		return STATUS_OK;
	arena_reset(&output->arena);
	if (pick_number(output, number, skip_archived, printed))
		return STATUS_OK;
	*printed = false;
	status = record_read(output->log, number, &output->arena, &record, error);
	if (status == STATUS_OK && !(skip_archived && record_archived(&record))) {
		output_record(output, &record);
		*printed = true;
	}
	return status;
}

enum status
output_close(struct output *output, struct error *error)
{
	enum status status = STATUS_OK;

	if (output->writer != NULL)
		status = writer_close(output->writer, error);
	if (status == STATUS_OK && output->writer != NULL && output->missing > 0)
		status = tell_missing(output, error);
	if (!output->is_part)
		nest_free(output->nest);
	arena_release(&output->arena);
	pick_release(&output->pick);
	if (!output->is_part) {
		free(output->columns);
		free(output->paths);
		free(output->stored_fields);
	}
	free(output->values);
	free(output);
	return status;
}

enum status
cli_print(struct cli *cli, struct log *log, const uint64_t *numbers, size_t count, struct error *error)
{
	struct output *output;
	enum status status = output_open(cli, log, numbers, count, &output, error);
	enum status closed;

	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < count && status == STATUS_OK && !output_failed(output); i++)
		status = output_number(output, numbers[i], false, NULL, error);
	if (status != STATUS_OK) {
		struct error ignored = ERROR_INIT;

		output_close(output, &ignored);
		error_release(&ignored);
		return status;
	}
	closed = output_close(output, error);
	return closed;
}
