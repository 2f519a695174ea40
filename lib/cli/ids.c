/* ids: operands to records */
#include "cli/ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct numbers {
	uint64_t *all;
	size_t count, capacity;
};

static void
add(struct numbers *numbers, uint64_t number)
{
	numbers->all = memory_grow(numbers->all, &numbers->capacity, numbers->count, sizeof *numbers->all);
	numbers->all[numbers->count++] = number;
}

static void
add_row(struct numbers *numbers, struct log *log, const struct reader *reader, const struct row *row,
    const char *source, struct error *error)
{
	size_t column = reader_column(reader, "id");
	struct place place = { source, row->line, "id" };

	if (column >= row->count || row->values[column].length == 0)
		error_add(error, &place, "missing");
	else
		add(numbers, log_resolve(log, row->values[column], &place, error));
}

/* Ids of a stream: its column id, or bare ids. */
static enum status
read_stream(struct cli *cli, struct log **log, struct numbers *numbers, struct error *error)
{
	struct reader_options options = cli->options.reader;
	struct reader *reader = NULL;
	struct input input;
	struct slice rest;
	struct row row;
	enum status status = cli_input(cli, "-", &input, error);

	if (status != STATUS_OK)
		return status;
	status = view_log(cli->view, cli->table_name, log, error);
	rest = input.bytes;
	if (options.format == FORMAT_AUTO && id_shaped(slice_trim(slice_cut(&rest, '\n'))))
		options.format = FORMAT_IDS;
	if (status == STATUS_OK)
		status = reader_open_input(&reader, &input, &options, error);
	while (reader != NULL && (status == STATUS_OK || status == STATUS_REFUSED)) {
		status = reader_next(reader, &row, error);
		if (status == STATUS_OK)
			add_row(numbers, *log, reader, &row, input.name, error);
	}
	reader_close(reader);
	input_close(&input);
	if (status == STATUS_NO)
		status = error->total > 0 ? error->status : STATUS_OK;
	return status;
}

enum status
ids_read(struct cli *cli, struct log **log, uint64_t **out, size_t *count, struct error *error)
{
	struct numbers numbers = { .all = NULL };
	enum status status = view_log(cli->view, cli->table_name, log, error);
	const char *operand;

	if (status != STATUS_OK)
		return status;
	if (cli->operand_count == 0 && (cli->table->flags & TABLE_SINGLE) && (*log)->count > 0)
		add(&numbers, 1);
	else if (cli->operand_count == 0)
		status = error_set(error, STATUS_USAGE, "which? an id is missing");
	while (status == STATUS_OK && (operand = cli_operand(cli)) != NULL) {
		if (strcmp(operand, "-") == 0)
			status = read_stream(cli, log, &numbers, error);
		else
			add(&numbers, log_resolve(*log, slice_of(operand), NULL, error));
	}
	/* To a question about a record that is not there the answer is no. */
	if (status == STATUS_OK && error->total > 0) {
		error->status = STATUS_NO;
		status = STATUS_NO;
	}
	*out = arena_take(&cli->arena, (numbers.count + 1) * sizeof **out);
	if (numbers.count > 0)
		memcpy(*out, numbers.all, numbers.count * sizeof **out);
	*count = numbers.count;
	free(numbers.all);
	return status;
}
