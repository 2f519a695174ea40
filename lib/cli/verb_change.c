/* add, set, put, archive and the transitions of a flow: all of them make edits of units */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/feed.h"
#include "cli/message.h"
#include "cli/unit.h"
#include "cli/verbs.h"

struct job {
	struct cli *cli;
	enum purpose purpose;
	const char *transition;
	bool creates; /* without ids the operands are a new record */
	bool stream;
	struct input input;
	struct rejects rejects;
	bool keeps_rejects;
	struct arena arena;
};

/* Each record that was named.  That one is not there is an answer (STATUS_NO), not bad data. */
static enum status
edit_named(struct plan_of_units *plan, struct error *error)
{
	const struct words *words = plan->words;
	struct log *log;
	size_t missing = 0;
	enum status status = view_log(plan->cli->view, plan->cli->table_name, &log, error);

	for (size_t i = 0; i < words->id_count && (status == STATUS_OK || status == STATUS_REFUSED); i++) {
		uint64_t number = log_resolve(log, slice_of(words->ids[i]), NULL, error);

		missing += number == 0;
		status = number != 0 ? unit_from_words(plan, number, error) : STATUS_OK;
	}
	if (status != STATUS_OK && status != STATUS_REFUSED)
		return status;
	if (missing > 0 && missing == error->total)
		error->status = STATUS_NO;
	return error->total > 0 ? error->status : STATUS_OK;
}

static enum status
edit_single(struct plan_of_units *plan, struct error *error)
{
	struct log *log;
	enum status status = view_log(plan->cli->view, plan->cli->table_name, &log, error);

	return status == STATUS_OK ? unit_from_words(plan, log->count > 0 ? 1 : 0, error) : status;
}

/* A word that is no field of a new record; a file's name is what people try first. */
static enum status
refuse_word(const char *word, struct error *error)
{
	struct stat file;

	if (stat(word, &file) == 0 && S_ISREG(file.st_mode))
		return error_set(error, STATUS_USAGE, "not FIELD=VALUE: \"%s\" (to read it: - <%s)", word, word);
	return error_set(error, STATUS_USAGE, "not FIELD=VALUE: \"%s\"", word);
}

static enum status
edit_from_words(struct job *job, struct batch *batch, const struct words *words, struct error *error)
{
	struct plan_of_units plan = { .cli = job->cli,
		.batch = batch,
		.words = words,
		.purpose = job->purpose,
		.transition = job->transition };
	bool single = job->cli->table->flags & TABLE_SINGLE;
	enum status status;

	if (job->creates && words->id_count > 0)
		status = refuse_word(words->ids[0], error);
	else if (job->creates && job->transition == NULL && words->parts[0].count == 0 && words->part_count == 1)
		status = error_set(error, STATUS_USAGE,
		    "nothing to add: FIELD=VALUE ..., or - for standard input");
	else if (job->creates)
		status = unit_from_words(&plan, 0, error);
	else if (job->transition == NULL && words->parts[0].count == 0 && words->part_count == 1)
		status = error_set(error, STATUS_USAGE, "nothing to set: FIELD=VALUE is missing");
	else if (words->id_count == 0 && single)
		status = edit_single(&plan, error);
	else if (words->id_count == 0)
		status = error_set(error, STATUS_USAGE, "which? an id is missing");
	else
		status = edit_named(&plan, error);
	arena_release(&plan.arena);
	return status;
}

static enum status
build(struct batch *batch, void *context, struct error *error)
{
	struct job *job = context;
	struct words words;
	struct feed feed = { job->cli, job->purpose, job->transition, &job->input,
		job->keeps_rejects ? &job->rejects : NULL };
	enum status status = cli_table(job->cli, error);

	arena_reset(&job->arena);
	if (status == STATUS_OK)
		status = words_parse(job->cli, &job->arena, &words, error);
	if (status != STATUS_OK)
		return status;
	if (!job->stream)
		return edit_from_words(job, batch, &words, error);
	/* What is to be done was said in the operands: of the stream only the ids count. */
	if (feed.purpose == PURPOSE_SET && (words.parts[0].count > 0 || words.part_count > 1))
		feed.purpose = PURPOSE_IDS;
	return feed_batch(&feed, batch, &words, error);
}

/* Options that mean nothing for this job would be passed over in silence. */
static enum status
check_options(const struct job *job, struct error *error)
{
	const struct options *options = &job->cli->options;
	bool groups = job->stream && (job->purpose == PURPOSE_ADD || job->purpose == PURPOSE_PUT);

	if (options->match != NULL && job->purpose != PURPOSE_PUT)
		return error_set(error, STATUS_USAGE, "--match is for put");
	if (options->group != NULL && !groups)
		return error_set(error, STATUS_USAGE, "--group is for records that are added from a stream");
	if (options->rejects != NULL && !job->stream)
		return error_set(error, STATUS_USAGE, "--rejects is for records from a stream");
	return STATUS_OK;
}

static enum status
finish_rejects(struct job *job, enum status status, struct error *error)
{
	struct cli *cli = job->cli;

	if (!job->keeps_rejects)
		return status;
	if (status == STATUS_OK)
		status = rejects_write(&job->rejects, error);
	if (status == STATUS_SYSTEM && error->count > 0 && !cli->options.dry_run) {
		error_prefix(error, "done, but not reported");
		status = error->status = STATUS_UNREPORTED;
	}
	if (status == STATUS_OK && job->rejects.count > 0)
		message(cli->name, "%zu %s not taken: see %s", job->rejects.count,
		    job->rejects.count == 1 ? "row" : "rows", job->rejects.path);
	rejects_close(&job->rejects);
	return status;
}

static enum status
run(struct job *job, struct error *error)
{
	struct cli *cli = job->cli;
	enum status status;

	job->stream = words_stream(cli);
	status = check_options(job, error);
	if (status == STATUS_OK && job->stream)
		status = cli_input(cli, "-", &job->input, error);
	if (status == STATUS_OK && job->stream)
		cli_input_end(cli, &job->input);
	if (status == STATUS_OK && job->stream && cli->options.rejects != NULL) {
		status = rejects_open(&job->rejects, cli->options.rejects, cli->options.reader.delimiter, error);
		job->keeps_rejects = status == STATUS_OK;
	}
	if (status == STATUS_OK) {
		status = cli_change(cli, job->stream ? &job->input : NULL, build, job, error);
		status = finish_rejects(job, status, error);
	}
	if (job->stream)
		input_close(&job->input);
	arena_release(&job->arena);
	return status;
}

enum status
verb_add(struct cli *cli, struct error *error)
{
	return run(&(struct job){ .cli = cli, .purpose = PURPOSE_ADD, .creates = true }, error);
}

enum status
verb_set(struct cli *cli, struct error *error)
{
	return run(&(struct job){ .cli = cli, .purpose = PURPOSE_SET }, error);
}

enum status
verb_put(struct cli *cli, struct error *error)
{
	if (cli->options.match == NULL)
		return error_set(error, STATUS_USAGE, "--match FIELD is missing");
	if (!words_stream(cli))
		return error_set(error, STATUS_USAGE, "\"-\" is missing: put reads records from standard input");
	return run(&(struct job){ .cli = cli, .purpose = PURPOSE_PUT }, error);
}

/* The same as set, with one word more. */
static enum status
set_archived(struct cli *cli, const char *word, struct error *error)
{
	const char **operands = arena_take(&cli->arena, (cli->operand_count + 2) * sizeof *operands);

	if (cli->operand_count == 0)
		return error_set(error, STATUS_USAGE, "which? an id is missing");
	operands[0] = word;
	memcpy(operands + 1, cli->operands, cli->operand_count * sizeof *operands);
	cli->operands = operands;
	cli->operand_count++;
	return verb_set(cli, error);
}

enum status
verb_archive(struct cli *cli, struct error *error)
{
	return set_archived(cli, "archived=true", error);
}

enum status
verb_unarchive(struct cli *cli, struct error *error)
{
	return set_archived(cli, "archived=", error);
}

enum status
verb_flow(struct cli *cli, struct error *error)
{
	const struct table *table = cli->table;
	bool creates = table_transition(table, cli->verb, "-") != NULL;

	return run(&(struct job){ .cli = cli,
		       .purpose = creates ? PURPOSE_ADD : PURPOSE_IDS,
		       .transition = cli->verb,
		       .creates = creates },
	    error);
}
