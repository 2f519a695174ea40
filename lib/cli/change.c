/* change: a verb's edits are committed, then told of */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/told.h"
#include "record/plan.h"

/* "ticket solve", "apply": what the audit log calls it. */
static void
name_command(const struct cli *cli, struct buffer *out)
{
	const char *noun = cli->name;

	if (cli->options.table != NULL)
		noun = cli->table_name;
	else if (strncmp(noun, "bo-", 3) == 0)
		noun += 3;
	buffer_add_text(out, noun);
	if (cli->verb[0] != '\0')
		buffer_format(out, " %s", cli->verb);
}

static void
add_word(struct buffer *out, const char *word)
{
	if (word != NULL)
		buffer_add_text(out, word);
	buffer_add_char(out, '\0');
}

/* What the key stands for: all words, options that change what they mean, and the input's digest. */
static void
describe(const struct cli *cli, const struct input *input, struct buffer *out)
{
	const struct options *options = &cli->options;
	char digest[HASH_HEX + 1];

	for (size_t i = 0; i < options->word_count; i++)
		add_word(out, options->words[i]);
	for (size_t i = 0; i < OPTIONS_OWN_MAX; i++)
		add_word(out, options->own[i]);
	add_word(out, options->match);
	add_word(out, options->group);
	add_word(out, options->spelling.date_pattern);
	for (size_t i = 0; options->reader.map != NULL && options->reader.map[i] != NULL; i++)
		add_word(out, options->reader.map[i]);
	buffer_format(out, "%d %d %zu %d", options->reader.delimiter, options->spelling.decimal,
	    options->reader.skip, options->rejects != NULL);
	if (input != NULL) {
		hash_text(input->bytes, digest);
		add_word(out, digest);
	}
}

/* How many records were asked for, new ones and old ones: -v. */
static void
tell_counts(const struct cli *cli, const struct change_outcome *outcome)
{
	size_t count = 0, added = 0, changed = 0;
	const struct change *changes = NULL;
	unsigned long long tx = outcome->tx;

	if (outcome->replayed) {
		message(cli->name, "transaction %llu, as before", tx);
		return;
	}
	changes = batch_changes(outcome->batch, &count);
	for (size_t i = 0; i < count; i++) {
		if (changes[i].by_rule ||
		    (cli->table_name != NULL && strcmp(changes[i].log->table->name, cli->table_name) != 0))
			continue;
		added += changes[i].before == 0;
		changed += changes[i].before != 0;
	}
	if (added > 0 && changed > 0)
		message(cli->name, "%zu added, %zu changed in transaction %llu", added, changed, tx);
	else if (added > 0 || changed > 0)
		message(cli->name, "%zu %s in transaction %llu", added + changed,
		    added > 0 ? "added" : "changed", tx);
	else
		message(cli->name, "transaction %llu", tx);
}

static enum status
commit(struct cli *cli, const struct input *input, change_build *build, void *context,
    struct change_outcome *outcome, struct error *error)
{
	struct buffer name = BUFFER_INIT, words = BUFFER_INIT;
	struct change_options options = { .key = cli->options.key,
		.reason = cli->options.reason,
		.wait = cli->options.wait,
		.dry_run = cli->options.dry_run };
	enum status status;

	*outcome = (struct change_outcome){ .tx = 0 };
	name_command(cli, &name);
	if (options.key != NULL)
		describe(cli, input, &words);
	options.command = name.data;
	options.input = buffer_slice(&words);
	status = change_commit(cli->view, &options, build, context, outcome, error);
	buffer_release(&name);
	buffer_release(&words);
	if (status == STATUS_OK && outcome->tx != 0) {
		/* From here on it is done, whatever else may go wrong. */
		memory_stage(STATUS_UNREPORTED);
		if (cli->options.verbose)
			tell_counts(cli, outcome);
	} else if (status == STATUS_OK && cli->options.verbose && !cli->options.dry_run)
		message(cli->name, "nothing changed");
	return status;
}

static enum status
print_plan(struct cli *cli, struct batch *batch, struct error *error)
{
	struct writer_options options = report_options(cli);
	struct writer *writer;
	enum status status = STATUS_OK, closed;

	if (cli->options.quiet)
		return STATUS_OK;
	writer = writer_open(STDOUT_FILENO, &options, plan_columns, PLAN_COLUMNS);
	if (batch != NULL)
		status = plan_write(batch, writer, error);
	closed = writer_close(writer, status == STATUS_OK ? error : &(struct error)ERROR_INIT);
	return status == STATUS_OK ? closed : status;
}

static enum status
print_asked(struct cli *cli, struct batch *batch, struct error *error)
{
	struct log *log;
	size_t count;
	uint64_t *numbers;
	enum status status;

	if (cli->options.quiet)
		return STATUS_OK;
	status = view_log(cli->view, cli->table_name, &log, error);
	if (status != STATUS_OK)
		return status;
	count = batch_asked(batch, log->table, NULL, 0);
	numbers = memory_array(count + 1, sizeof *numbers);
	batch_asked(batch, log->table, numbers, count);
	status = cli_print(cli, log, numbers, count, error);
	free(numbers);
	return status;
}

/* What went wrong after the transaction was done must not look as if it were not. */
static enum status
after(enum status status, const struct change_outcome *outcome, struct error *error)
{
	if (status == STATUS_OK || outcome->tx == 0)
		return status;
	error_prefix(error, "done, but not reported");
	error->status = STATUS_UNREPORTED;
	return STATUS_UNREPORTED;
}

enum status
cli_change(struct cli *cli, const struct input *input, change_build *build, void *context, struct error *error)
{
	struct change_outcome outcome = { .batch = NULL };
	enum status status = output_check(cli, cli->table_name, error);

	if (status == STATUS_OK)
		status = commit(cli, input, build, context, &outcome, error);
	if (status == STATUS_OK) {
		if (outcome.replayed)
			status = told_records(cli, outcome.tx, error);
		else if (cli->options.dry_run)
			status = print_plan(cli, outcome.batch, error);
		else
			status = print_asked(cli, outcome.batch, error);
		status = after(status, &outcome, error);
	}
	batch_free(outcome.batch);
	return status;
}

enum status
cli_change_to(struct cli *cli, change_build *build, void *context, const uint64_t *numbers, size_t count,
    struct error *error)
{
	struct change_outcome outcome = { .batch = NULL };
	struct log *log;
	enum status status = output_check(cli, cli->table_name, error);

	if (status == STATUS_OK)
		status = commit(cli, NULL, build, context, &outcome, error);
	if (status == STATUS_OK && cli->options.dry_run && !outcome.replayed)
		status = print_plan(cli, outcome.batch, error);
	else if (status == STATUS_OK && !cli->options.quiet) {
		status = view_log(cli->view, cli->table_name, &log, error);
		if (status == STATUS_OK)
			status = cli_print(cli, log, numbers, count, error);
	}
	status = after(status, &outcome, error);
	batch_free(outcome.batch);
	return status;
}

enum status
cli_change_plan(struct cli *cli, const struct input *input, change_build *build, void *context, struct error *error)
{
	struct change_outcome outcome = { .batch = NULL };
	enum status status = report_check(cli, plan_columns, PLAN_COLUMNS, error);

	if (status == STATUS_OK)
		status = commit(cli, input, build, context, &outcome, error);
	if (status == STATUS_OK) {
		if (outcome.tx == 0)
			status = print_plan(cli, outcome.batch, error);
		/* What is told is read back from the log, by another view. */
		batch_free(outcome.batch);
		outcome.batch = NULL;
		if (outcome.tx != 0)
			status = told_plan(cli, outcome.tx, error);
		status = after(status, &outcome, error);
	}
	batch_free(outcome.batch);
	return status;
}

enum status
cli_change_told(struct cli *cli, const struct input *input, change_build *build, void *context,
    enum status (*tell)(struct cli *cli, const struct change_outcome *outcome, struct error *error),
    struct error *error)
{
	struct change_outcome outcome;
	enum status status = commit(cli, input, build, context, &outcome, error);

	if (status == STATUS_OK)
		status = after(tell(cli, &outcome, error), &outcome, error);
	batch_free(outcome.batch);
	return status;
}
