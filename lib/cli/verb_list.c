/* list: records that match, in id order or as -s says */
#include <string.h>

#include "cli/output.h"
#include "cli/select.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

struct listing {
	struct cli *cli;
	struct log *log;
	struct filter *filter;
	struct arena arena; /* of one record */
	struct progress progress;
	uint64_t count; /* printed */
};

/* Reads record number if it is to be listed; STATUS_NO when it is not. */
static enum status
read_matching(struct listing *listing, uint64_t number, struct record *record, struct error *error)
{
	enum status status;

	progress_step(&listing->progress);
	if (log_newest(listing->log, number) == 0)
		return STATUS_NO;
	arena_reset(&listing->arena);
	status = record_read(listing->log, number, &listing->arena, record, error);
	if (status != STATUS_OK)
		return status;
	if (!listing->cli->options.archived && record_archived(record))
		return STATUS_NO;
	if (!filter_pass(listing->filter, record, error))
		return error->total > 0 ? error->status : STATUS_NO;
	return STATUS_OK;
}

/* Prints as it goes: nothing has to be known of the records to come. */
static enum status
stream(struct listing *listing, struct output *output, struct error *error)
{
	const struct options *options = &listing->cli->options;
	bool filters = filter_any(listing->filter);
	enum status status = STATUS_OK;

	for (uint64_t number = 1; number <= listing->log->count && listing->count < options->limit; number++) {
		struct record record;
		bool printed = false;

		if (filters) {
			status = read_matching(listing, number, &record, error);
			printed = status == STATUS_OK;
			if (printed)
				output_record(output, &record);
		} else if (log_newest(listing->log, number) != 0)
			status = output_number(output, number, !options->archived, &printed, error);
		if (status == STATUS_NO)
			status = STATUS_OK;
		if (status != STATUS_OK || output_failed(output))
			return status;
		listing->count += printed;
	}
	return STATUS_OK;
}

/* Takes all that match, sorts them, and prints. */
static enum status
collect(struct listing *listing, struct sorter *sorter, struct error *error)
{
	const struct options *options = &listing->cli->options;
	bool sorts = options->sort != NULL;
	enum status status = STATUS_OK;
	const uint64_t *numbers;
	size_t count = 0;

	for (uint64_t number = 1; number <= listing->log->count && (sorts || count < options->limit); number++) {
		struct record record;

		status = read_matching(listing, number, &record, error);
		if (status == STATUS_OK) {
			sorter_add(sorter, &record);
			count++;
		} else if (status != STATUS_NO)
			return status;
	}
	numbers = sorter_order(sorter, &count);
	if (count > options->limit)
		count = (size_t)options->limit;
	listing->count = count;
	return cli_print(listing->cli, listing->log, numbers, count, error);
}

static enum status
run(struct listing *listing, struct error *error)
{
	struct cli *cli = listing->cli;
	struct sorter *sorter = NULL;
	struct output *output;
	enum status status;

	if (cli->options.sort != NULL || terminal_format(&cli->options) == FORMAT_TABLE) {
		status = sorter_open(cli, listing->log->table, cli->options.sort, &sorter, error);
		if (status == STATUS_OK)
			status = collect(listing, sorter, error);
		sorter_close(sorter);
		return status;
	}
	status = output_open(cli, listing->log, NULL, 0, &output, error);
	if (status != STATUS_OK)
		return status;
	status = stream(listing, output, error);
	if (status == STATUS_OK)
		return output_close(output, error);
	output_close(output, &(struct error)ERROR_INIT);
	return status;
}

enum status
verb_list(struct cli *cli, struct error *error)
{
	struct listing listing = { .cli = cli };
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = view_log(cli->view, cli->table_name, &listing.log, error);
	if (status == STATUS_OK)
		status = filter_open(cli, listing.log->table, &listing.filter, error);
	progress_begin(&listing.progress, cli->name, "records", &cli->options);
	if (status == STATUS_OK)
		status = run(&listing, error);
	progress_end(&listing.progress);
	filter_close(listing.filter);
	arena_release(&listing.arena);
	if (status == STATUS_OK && listing.count == 0 && cli->options.fail_empty)
		status = STATUS_NO;
	return status;
}
