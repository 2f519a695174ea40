/* audit_proof: what can be kept of a history elsewhere, and whether it still holds */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/audit.h"
#include "cli/terminal.h"
#include "store/checkpoint.h"

enum { JOBS_MOST = 64 };

/* --- head --------------------------------------------------------------------------- */

static const struct column head_columns[] = { { "tx", CELL_INTEGER }, { "hash", CELL_TEXT } };

/* Whoever says how he wants it printed wants a record. */
static bool
wants_record(const struct options *options)
{
	return options->output != FORMAT_AUTO || options->fields != NULL || options->no_header;
}

static enum status
print_checkpoint(struct cli *cli, struct error *error)
{
	struct buffer text = BUFFER_INIT;
	struct checkpoint checkpoint;
	enum status status = STATUS_OK;

	checkpoint_make(view_snapshot(cli->view), store_uuid(cli->store), &checkpoint);
	checkpoint_add(&text, &checkpoint);
	text.length--; /* its newline is what cli_say ends with */
	if (!cli->options.quiet)
		status = cli_say(buffer_slice(&text), error);
	buffer_release(&text);
	return status;
}

static enum status
print_head(struct cli *cli, struct error *error)
{
	const struct snapshot *snapshot = view_snapshot(cli->view);
	struct buffer tx = BUFFER_INIT;
	enum status status = cli_report(cli, head_columns, 2, error);

	if (status == STATUS_OK) {
		buffer_add_u64(&tx, snapshot_tx(snapshot));
		cli_row(cli, (struct slice[]){ buffer_slice(&tx), slice_of(snapshot_hash(snapshot)) });
		status = cli_report_end(cli, error);
	}
	buffer_release(&tx);
	return status;
}

enum status
audit_head(struct cli *cli, struct error *error)
{
	enum status status = cli_no_more(cli, error);

	if (status != STATUS_OK)
		return status;
	return wants_record(&cli->options) ? print_head(cli, error) : print_checkpoint(cli, error);
}

/* --- anchors ------------------------------------------------------------------------- */

/* What has been found out about the anchors so far. */
struct anchoring {
	struct cli *cli;
	const struct snapshot *snapshot; /* whose chain is proved */
	uint64_t held;                   /* the newest transaction that an anchor has proved */
	bool failed;
};

static void
check_checkpoint(struct anchoring *anchoring, const struct checkpoint *checkpoint, const struct place *place,
    struct error *error)
{
	const char *refusal = checkpoint_refuses(anchoring->snapshot, store_uuid(anchoring->cli->store),
	    checkpoint);

	if (refusal != NULL) {
		error_add(error, place, "transaction %" PRIu64 " is not as this says: %s", checkpoint->tx,
		    refusal);
		anchoring->failed = true;
	} else if (checkpoint->tx > anchoring->held)
		anchoring->held = checkpoint->tx;
}

/* All checkpoints of one file, at least one. */
static enum status
check_anchor(struct anchoring *anchoring, const char *path, struct error *error)
{
	struct place place = { path, 0, NULL };
	struct checkpoint checkpoint;
	struct input input;
	struct slice rest;
	size_t count = 0;
	enum status status = cli_input(anchoring->cli, path, &input, error);

	rest = input.bytes;
	while (status == STATUS_OK && (status = checkpoint_next(&rest, &place, &checkpoint, error)) == STATUS_OK) {
		check_checkpoint(anchoring, &checkpoint, &place, error);
		count++;
	}
	if (status == STATUS_NO)
		status = count > 0 ? STATUS_OK : error_add(error, &place, "no checkpoint in it");
	input_close(&input);
	return status;
}

static enum status
check_anchors(struct cli *cli, const struct snapshot *snapshot, struct error *error)
{
	struct anchoring anchoring = { .cli = cli, .snapshot = snapshot };
	enum status status = STATUS_OK;
	const char *path;
	size_t at = 0;

	while ((status == STATUS_OK || status == STATUS_REFUSED) &&
	    ((path = cli_option_next(cli, "anchor", &at)) != NULL || (path = cli_operand(cli)) != NULL))
		status = check_anchor(&anchoring, path, error);
	if (anchoring.failed && error->status == STATUS_REFUSED) {
		if (anchoring.held > 0)
			error_add(error, NULL, "transactions 1 to %" PRIu64 " are as an anchor says",
			    anchoring.held);
		error->status = STATUS_NO;
	}
	return error->status;
}

/* --- verify --------------------------------------------------------------------------- */

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

/* Adds up to where all is well to the failure that is there. */
static enum status
say_good(uint64_t good, struct error *error)
{
	char *told = memory_copy(error->faults[0].reason, strlen(error->faults[0].reason));

	if (good == 0)
		error_set(error, STATUS_NO, "%s (nothing before it is good)", told);
	else
		error_set(error, STATUS_NO, "%s (good up to transaction %" PRIu64 ")", told, good);
	free(told);
	return STATUS_NO;
}

/* A store that nobody can be shown a state of: the failure is given a place, if there is one. */
static enum status
find_place(struct cli *cli, struct error *error)
{
	struct error blame = ERROR_INIT;
	uint64_t good;

	if (store_blame(cli->store, &good, &blame) == STATUS_NO) {
		error_set(error, STATUS_NO, "%s", blame.faults[0].reason);
		say_good(good, error);
	}
	error_release(&blame);
	return error->status;
}

static void
tell(void *context, uint64_t bytes)
{
	progress_reach(context, bytes >> 20);
}

static enum status
prove(struct cli *cli, size_t jobs, struct error *error)
{
	struct snapshot *snapshot = NULL;
	struct verify_report report = { .transactions = 0 };
	struct progress progress;
	struct verify_how how = { jobs, tell, &progress };
	enum status status = snapshot_open(cli->store, &snapshot, error);

	progress_begin(&progress, cli->name, "MiB", &cli->options);
	if (status == STATUS_OK)
		status = store_prove(snapshot, &how, &report, error);
	progress_end(&progress);
	if (status == STATUS_NO)
		status = say_good(report.transactions, error);
	else if (status == STATUS_SYSTEM)
		status = find_place(cli, error);
	if (status == STATUS_OK)
		status = check_anchors(cli, snapshot, error);
	if (status == STATUS_OK)
		status = print_proof(cli, &report, snapshot_hash(snapshot), error);
	snapshot_close(snapshot);
	return status;
}

/* 0 where it was not given. */
static enum status
take_jobs(const struct cli *cli, size_t *jobs, struct error *error)
{
	const char *text = cli_option(cli, "jobs");
	unsigned long long number = 0;

	if (text != NULL && (!slice_to_u64(slice_of(text), &number) || number == 0 || number > JOBS_MOST))
		return error_set(error, STATUS_USAGE, "--jobs: not a number from 1 to %d: \"%s\"", JOBS_MOST,
		    text);
	*jobs = (size_t)number;
	return STATUS_OK;
}

/* Without a view: what is damaged can't always be read as records, and is to be named all the same. */
enum status
audit_verify(struct cli *cli, struct error *error)
{
	/* The shell makes one option and many operands of --anchor heads/ and a pattern. */
	enum status status = cli_option(cli, "anchor") == NULL ? cli_no_more(cli, error) : STATUS_OK;
	size_t jobs = 0;

	if (status == STATUS_OK)
		status = take_jobs(cli, &jobs, error);
	if (status == STATUS_OK && cli->options.as_of != NULL)
		status = error_set(error, STATUS_USAGE, "--as-of: a history is proved as a whole");
	if (status == STATUS_OK)
		status = store_open(cli->options.store, &cli->store, error);
	return status == STATUS_OK ? prove(cli, jobs, error) : status;
}
