/* list: records that match, in id order or as -s says */
#include <stdlib.h>

#include "base/memory.h"
#include "cli/output.h"
#include "cli/select.h"
#include "cli/summary.h"
#include "cli/sweep.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

struct listing {
	struct cli *cli;
	struct log *log;
	struct sweep sweep;
	struct output *output;
	struct output *parts[PARALLEL_WORKERS_MOST]; /* by worker; the output itself where there is one only */
	struct buffer *bytes; /* by slot: what the parts printed, or the sorter gathered */
	struct sorter *sorter;
	struct buffer keys[PARALLEL_WORKERS_MOST]; /* by worker: what a record is sorted by */
	enum status status;                        /* of the sorter */
};

/* --- as they come ----------------------------------------------------------------- */

static void
begin_chunk(void *context, size_t worker, size_t slot)
{
	struct listing *listing = context;

	if (listing->sweep.workers > 1)
		buffer_clear(&listing->bytes[slot]);
	(void)worker;
}

static enum status
print_record(void *context, size_t worker, size_t slot, const struct record *record, struct error *error)
{
	struct listing *listing = context;

	(void)slot;
	output_record(listing->parts[worker], record);
	return record_held(record, error);
}

static enum status
print_number(void *context, size_t worker, size_t slot, uint64_t number, struct error *error)
{
	struct listing *listing = context;
	bool printed = false;
	enum status status;

	(void)slot;
	status = output_number(listing->parts[worker], number, !listing->cli->options.archived, &printed, error);
	return status == STATUS_OK && !printed ? STATUS_NO : status;
}

static void
end_chunk(void *context, size_t worker, size_t slot)
{
	struct listing *listing = context;

	if (listing->sweep.workers > 1)
		output_exchange(listing->parts[worker], &listing->bytes[slot]);
}

static bool
take_chunk(void *context, size_t slot)
{
	struct listing *listing = context;

	if (listing->sweep.workers > 1)
		output_bytes(listing->output, buffer_slice(&listing->bytes[slot]));
	return !output_failed(listing->output);
}

static const struct sweeper printer = { begin_chunk, print_record, print_number, end_chunk, take_chunk };

/* Prints as it goes: nothing has to be known of the records to come. */
static enum status
stream(struct listing *listing, struct error *error)
{
	struct sweep *sweep = &listing->sweep;
	enum status status;

	listing->bytes = memory_array(sweep->slots, sizeof *listing->bytes);
	for (size_t i = 0; i < sweep->workers; i++)
		listing->parts[i] = sweep->workers > 1 ? output_part(listing->output) : listing->output;
	status = sweep_run(sweep, &printer, listing, error);
	for (size_t i = 0; i < sweep->workers && sweep->workers > 1; i++)
		output_close(listing->parts[i], &(struct error)ERROR_INIT);
	for (size_t i = 0; i < sweep->slots; i++)
		buffer_release(&listing->bytes[i]);
	free(listing->bytes);
	return status;
}

static enum status
print_all(struct listing *listing, struct error *error)
{
	struct sweep *sweep = &listing->sweep;
	enum status status = output_open(listing->cli, listing->log, NULL, 0, &listing->output, error);

	if (status != STATUS_OK)
		return status;
	status = sweep_share(sweep, output_is_stored(listing->output), error);
	if (status == STATUS_OK)
		status = stream(listing, error);
	if (status == STATUS_OK)
		return output_close(listing->output, error);
	output_close(listing->output, &(struct error)ERROR_INIT);
	return status;
}

/* --- sorted ------------------------------------------------------------------------ */

static void
begin_gathering(void *context, size_t worker, size_t slot)
{
	struct listing *listing = context;

	(void)worker;
	buffer_clear(&listing->bytes[slot]);
}

static enum status
gather_record(void *context, size_t worker, size_t slot, const struct record *record, struct error *error)
{
	struct listing *listing = context;

	sorter_gather(listing->sorter, record, &listing->keys[worker], &listing->bytes[slot]);
	return record_held(record, error);
}

static bool
take_gathered(void *context, size_t slot)
{
	struct listing *listing = context;

	if (listing->status == STATUS_OK)
		listing->status = sorter_take(listing->sorter, buffer_slice(&listing->bytes[slot]),
		    listing->sweep.error);
	return listing->status == STATUS_OK;
}

static const struct sweeper gatherer = { begin_gathering, gather_record, NULL, NULL, take_gathered };

static enum status
gather(struct listing *listing, struct error *error)
{
	struct sweep *sweep = &listing->sweep;
	enum status status;

	listing->bytes = memory_array(sweep->slots, sizeof *listing->bytes);
	status = sweep_run(sweep, &gatherer, listing, error);
	for (size_t i = 0; i < sweep->slots; i++)
		buffer_release(&listing->bytes[i]);
	for (size_t i = 0; i < sweep->workers; i++)
		buffer_release(&listing->keys[i]);
	free(listing->bytes);
	return status != STATUS_OK ? status : listing->status;
}

/* Takes all that match, sorts them, and prints. */
static enum status
collect(struct listing *listing, struct error *error)
{
	struct cli *cli = listing->cli;
	const uint64_t *numbers;
	enum status status;
	size_t count;

	/* Only what is sorted can be cut off. */
	if (cli->options.sort != NULL)
		listing->sweep.limit = UINT64_MAX;
	status = sweep_share(&listing->sweep, sorter_is_stored(listing->sorter), error);
	if (status == STATUS_OK)
		status = gather(listing, error);
	if (status == STATUS_OK)
		status = sorter_order(listing->sorter, cli->options.limit, &numbers, &count, error);
	if (status != STATUS_OK)
		return status;
	listing->sweep.count = count;
	return cli_print(cli, listing->log, numbers, count, error);
}

static enum status
print_sorted(struct listing *listing, struct error *error)
{
	struct cli *cli = listing->cli;
	enum status status = sorter_open(cli, listing->log->table, cli->options.sort, &listing->sorter, error);

	if (status == STATUS_OK)
		status = collect(listing, error);
	sorter_close(listing->sorter);
	return status;
}

static enum status
list(struct listing *listing, struct error *error)
{
	struct cli *cli = listing->cli;
	enum status status = sweep_open(&listing->sweep, cli, listing->log, error);

	if (status != STATUS_OK)
		return status;
	if (options_summary(&cli->options) != NULL)
		return summary_print(&listing->sweep, error);
	if (cli->options.sort != NULL || terminal_format(&cli->options) == FORMAT_TABLE)
		return print_sorted(listing, error);
	return print_all(listing, error);
}

enum status
verb_list(struct cli *cli, struct error *error)
{
	struct listing listing = { .cli = cli };
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = view_log(cli->view, cli->table_name, &listing.log, error);
	if (status != STATUS_OK)
		return status;
	status = list(&listing, error);
	sweep_close(&listing.sweep);
	if (status == STATUS_OK && listing.sweep.count == 0 && cli->options.fail_empty)
		status = STATUS_NO;
	return status;
}
