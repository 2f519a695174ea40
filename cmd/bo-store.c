/* bo-store: the store as a whole: what it is made of, its copies, and what to do after an accident */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/hash.h"
#include "cli/cli.h"
#include "cli/store_index.h"
#include "cli/terminal.h"
#include "office/office.h"
#include "record/stray.h"

enum { NUMBER_SIZE = 24 };

static struct slice
number(uint64_t value, char out[NUMBER_SIZE])
{
	int length = snprintf(out, NUMBER_SIZE, "%" PRIu64, value);

	return (struct slice){ out, (size_t)length };
}

static enum status
no_dry_run(const struct cli *cli, struct error *error)
{
	if (!cli->options.dry_run)
		return STATUS_OK;
	return error_set(error, STATUS_USAGE, "-n: %s can't be tried without doing it", cli->verb);
}

/* The store alone: what is damaged can't always be read as records. */
static enum status
open_bare(struct cli *cli, struct error *error)
{
	return store_open(cli->options.store, &cli->store, error);
}

/* --- status --------------------------------------------------------------------- */

static const struct column status_columns[] = { { "name", CELL_TEXT }, { "value", CELL_TEXT } };

static void
tell(struct cli *cli, const char *name, struct slice value)
{
	cli_row(cli, (struct slice[]){ slice_of(name), value });
}

static void
tell_number(struct cli *cli, const char *name, uint64_t value)
{
	char text[NUMBER_SIZE];

	tell(cli, name, number(value, text));
}

static void
tell_dotted(struct cli *cli, const char *first, const char *second, uint64_t value)
{
	struct buffer name = BUFFER_INIT;

	buffer_format(&name, "%s.%s", first, second);
	tell_number(cli, name.data, value);
	buffer_release(&name);
}

static void
tell_head(struct cli *cli, const struct snapshot *snapshot, const struct survey *survey)
{
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;

	tell(cli, "path", slice_of(store_path(cli->store)));
	tell(cli, "uuid", slice_of(store_uuid(cli->store)));
	tell(cli, "format", slice_of("1"));
	tell(cli, "state", slice_of(survey->broken ? "broken" : "ok"));
	tell_number(cli, "tx", survey->tx);
	if (audit_find(snapshot_audit(snapshot), survey->tx, &line, &scratch))
		tell(cli, "time", line.time);
	tell(cli, "hash", slice_of(snapshot_hash(snapshot)));
	tell_number(cli, "unsynced", survey->audit_tail);
	buffer_release(&scratch);
}

static enum status
tell_tables(struct cli *cli, struct snapshot *snapshot, const struct survey *survey, struct error *error)
{
	size_t count;
	const char *const *tables = snapshot_tables(snapshot, &count);
	enum status status = STATUS_OK;

	tell_dotted(cli, "bytes", "audit", survey->audit_length);
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct slice bytes;

		status = snapshot_log(snapshot, tables[i], &bytes, error);
		if (status == STATUS_OK)
			tell_dotted(cli, "bytes", tables[i], bytes.length);
	}
	return status;
}

/* Who may not write can't tell a stray from what is being written. */
static enum status
tell_strays(struct cli *cli, struct error *error)
{
	struct strays strays;
	enum status status;

	if (!store_writable(cli->store))
		return STATUS_OK;
	status = strays_read(cli->store, false, clock_monotonic() + cli->options.wait, &strays, error);
	for (size_t i = 0; i < strays.count && status == STATUS_OK; i++)
		tell_dotted(cli, "stray", strays.items[i].name, strays.items[i].bytes.length);
	strays_release(&strays);
	return status;
}

static enum status
status_rows(struct cli *cli, struct snapshot *snapshot, struct error *error)
{
	struct survey survey;
	enum status status = store_survey(snapshot, &survey, error);

	if (status == STATUS_OK)
		status = cli_report(cli, status_columns, 2, error);
	if (status != STATUS_OK)
		return status;
	tell_head(cli, snapshot, &survey);
	status = tell_tables(cli, snapshot, &survey, error);
	if (status == STATUS_OK)
		status = tell_strays(cli, error);
	if (status != STATUS_OK)
		return status;
	tell_number(cli, "torn", survey.torn_files);
	tell_dotted(cli, "bytes", "torn", survey.torn_bytes);
	tell_number(cli, "blobs", survey.blobs);
	tell_dotted(cli, "bytes", "blob", survey.blob_bytes);
	return cli_report_end(cli, error);
}

static enum status
status_verb(struct cli *cli, struct error *error)
{
	struct snapshot *snapshot = NULL;
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = open_bare(cli, error);
	if (status == STATUS_OK)
		status = snapshot_open(cli->store, &snapshot, error);
	if (status == STATUS_OK)
		status = status_rows(cli, snapshot, error);
	snapshot_close(snapshot);
	return status;
}

/* --- copy -------------------------------------------------------------------------- */

enum { KIBIBYTES = 1024 };

static const struct column copy_columns[] = { { "path", CELL_TEXT }, { "before", CELL_INTEGER },
	{ "tx", CELL_INTEGER }, { "bytes", CELL_INTEGER }, { "blobs", CELL_INTEGER } };

static void
copy_progress(void *context)
{
	for (int i = 0; i < KIBIBYTES; i++)
		progress_step(context);
}

static enum status
print_copy(struct cli *cli, const char *directory, const struct copy_report *report, struct error *error)
{
	char texts[4][NUMBER_SIZE];
	enum status status = cli_report(cli, copy_columns, 5, error);

	if (status != STATUS_OK)
		return status;
	cli_row(cli,
	    (struct slice[]){ slice_of(directory), number(report->before, texts[0]),
		number(report->tx, texts[1]), number(report->bytes, texts[2]), number(report->blobs, texts[3]) });
	return cli_report_end(cli, error);
}

static enum status
copy(struct cli *cli, struct error *error)
{
	struct copy_report report;
	struct progress progress;
	const char *directory = NULL;
	enum status status = no_dry_run(cli, error);

	if (status == STATUS_OK && cli->operand_count > 1)
		cli->options.store = cli_operand(cli);
	if (status == STATUS_OK)
		status = cli_need(cli, "the directory of the copy", &directory, error);
	if (status == STATUS_OK)
		status = cli_no_more(cli, error);
	if (status == STATUS_OK)
		status = open_bare(cli, error);
	if (status != STATUS_OK)
		return status;
	progress_begin(&progress, cli->name, "KiB", &cli->options);
	status = store_copy(cli->store, directory, clock_monotonic() + cli->options.wait, copy_progress,
	    &progress, &report, error);
	progress_end(&progress);
	if (status != STATUS_OK)
		return status;
	status = print_copy(cli, directory, &report, error);
	return status == STATUS_SYSTEM ? (error->status = STATUS_UNREPORTED) : status;
}

/* --- repair ------------------------------------------------------------------------- */

static const struct column repair_columns[] = { { "repaired", CELL_TEXT }, { "transactions", CELL_INTEGER },
	{ "bytes", CELL_INTEGER }, { "tables", CELL_INTEGER }, { "cut", CELL_INTEGER } };

static enum status
repair(struct cli *cli, struct error *error)
{
	struct repair_report report;
	char texts[4][NUMBER_SIZE];
	enum status status = no_dry_run(cli, error);

	if (status == STATUS_OK)
		status = cli_no_more(cli, error);
	if (status == STATUS_OK)
		status = open_bare(cli, error);
	if (status == STATUS_OK)
		status = store_mend(cli->store, &report, error);
	if (status == STATUS_OK)
		status = cli_report(cli, repair_columns, 5, error);
	if (status != STATUS_OK)
		return status;
	cli_row(cli,
	    (struct slice[]){ slice_of(report.broken ? "true" : "false"),
		number(report.proved.transactions, texts[0]), number(report.proved.bytes, texts[1]),
		number(report.proved.tables, texts[2]), number(report.cut, texts[3]) });
	status = cli_report_end(cli, error);
	return status == STATUS_SYSTEM ? (error->status = STATUS_UNREPORTED) : status;
}

/* --- adopt --------------------------------------------------------------------------- */

enum { KEY_DIGITS = 32 };

static enum status
build(struct batch *batch, void *context, struct error *error)
{
	return stray_edits(batch, context, error);
}

/*
 * What stands for these very lines at this very place: were they recorded and not
 * removed (a crash in between), they are not recorded again.
 */
static void
add_identity(const struct strays *strays, struct buffer *out)
{
	for (size_t i = 0; i < strays->count; i++) {
		buffer_add(out, strays->items[i].name, strlen(strays->items[i].name) + 1);
		buffer_add_slice(out, buffer_slice(&strays->items[i].bytes));
		buffer_add_char(out, '\0');
	}
}

static enum status
record_strays(struct cli *cli, struct strays *strays, struct error *error)
{
	struct buffer identity = BUFFER_INIT;
	char digest[HASH_HEX + 1], key[KEY_DIGITS + sizeof "adopt:"];
	struct input input = { .name = "" };
	enum status status;

	add_identity(strays, &identity);
	input.bytes = buffer_slice(&identity);
	if (cli->options.key == NULL && strays->count > 0) {
		hash_text(input.bytes, digest);
		snprintf(key, sizeof key, "adopt:%.*s", KEY_DIGITS, digest);
		cli->options.key = key;
	}
	status = cli_change_plan(cli, &input, build, strays, error);
	cli->options.key = NULL;
	buffer_release(&identity);
	return status;
}

static enum status
adopt(struct cli *cli, struct error *error)
{
	struct strays strays = { .items = NULL };
	bool dry_run = cli->options.dry_run;
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK)
		status = strays_read(cli->store, !dry_run, clock_monotonic() + cli->options.wait, &strays, error);
	if (status == STATUS_OK)
		status = record_strays(cli, &strays, error);
	if (status == STATUS_OK && !dry_run && strays_remove(cli->store, &strays, error) != STATUS_OK)
		status = error->status = STATUS_UNREPORTED;
	strays_release(&strays);
	return status;
}

/* --- accept-history ---------------------------------------------------------------------- */

static const struct column accept_columns[] = { { "tx", CELL_INTEGER }, { "seen", CELL_INTEGER },
	{ "hash", CELL_TEXT } };

/* A transaction that adds nothing: it says who accepted what, and why. */
static enum status
record_acceptance(struct cli *cli, struct snapshot *snapshot, uint64_t *tx, struct error *error)
{
	const struct transaction transaction = { .command = "store accept-history",
		.key = "",
		.reason = cli->options.reason };
	int64_t deadline = clock_monotonic() + cli->options.wait;
	enum status status = store_lock(cli->store, deadline, error);

	if (status != STATUS_OK)
		return status;
	status = snapshot_to_head(snapshot, error);
	if (status == STATUS_OK)
		status = store_append(cli->store, snapshot, &transaction, tx, error);
	store_unlock(cli->store);
	if (status == STATUS_OK)
		status = store_settle(cli->store, *tx, deadline, error);
	return status;
}

static enum status
print_acceptance(struct cli *cli, uint64_t tx, uint64_t seen, const char *hash, struct error *error)
{
	char texts[2][NUMBER_SIZE];
	enum status status = cli_report(cli, accept_columns, 3, error);

	if (status == STATUS_OK) {
		cli_row(cli,
		    (struct slice[]){ tx != 0 ? number(tx, texts[0]) : slice_of(""), number(seen, texts[1]),
			slice_of(hash) });
		status = cli_report_end(cli, error);
	}
	return status == STATUS_SYSTEM && tx != 0 ? (error->status = STATUS_UNREPORTED) : status;
}

static enum status
accept_history(struct cli *cli, struct error *error)
{
	struct snapshot *snapshot = NULL;
	char hash[HASH_HEX + 1];
	uint64_t seen, tx = 0;
	enum status status = cli_no_more(cli, error);

	if (status == STATUS_OK && (cli->options.reason == NULL || cli->options.reason[0] == '\0'))
		status = error_set(error, STATUS_USAGE, "say why the history is another one: -m REASON");
	if (status == STATUS_OK)
		status = open_bare(cli, error);
	if (status == STATUS_OK) {
		store_doubt_head(cli->store);
		status = snapshot_open(cli->store, &snapshot, error);
	}
	if (status == STATUS_OK)
		status = store_lost_head(snapshot, &seen, hash, error);
	if (status == STATUS_OK && !cli->options.dry_run)
		status = record_acceptance(cli, snapshot, &tx, error);
	if (status == STATUS_OK && !cli->options.dry_run) {
		store_trust_head(cli->store);
		status = snapshot_refresh(snapshot, error);
	}
	if (status == STATUS_OK)
		status = print_acceptance(cli, tx, seen, hash, error);
	snapshot_close(snapshot);
	return status;
}

static const struct verb verbs[] = {
	{ "status", status_verb, "", "print what the store is made of", VERB_CLOSED },
	{ "copy", copy, "[STORE] DIR", "make a proved copy of a store, or bring one up to date",
	    VERB_WRITES | VERB_CLOSED },
	{ "repair", repair, "", "after a failed sync: read, prove and sync anew, and go on",
	    VERB_WRITES | VERB_CLOSED },
	{ "adopt", adopt, "", "record the lines that somebody wrote into the logs by hand", VERB_WRITES },
	{ "accept-history", accept_history, "",
	    "go on with a history that is not the one you saw (-m REASON)", VERB_WRITES | VERB_CLOSED },
	{ "index", store_index, "status|drop|build",
	    "what is kept to find records faster, and may go at any time", VERB_ROWS },
	{ .name = NULL },
};

static const struct command command = {
	.table = "",
	.help = "copy, look over and repair a store",
	.verbs = verbs,
	.rules = office_rules,
};

int
main(int argc, char *argv[])
{
	return cli_main(argc, argv, &command);
}
