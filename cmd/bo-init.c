/* bo-init: makes a store, and in its first transaction the company and its first location */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "office/office.h"
#include "record/batch.h"

struct job {
	struct cli *cli;
	const char *directory;
	char *name; /* of the company, unless an operand says another */
};

/* The last part of the directory's real path. */
static char *
directory_name(const char *directory)
{
	char *real = realpath(directory, NULL), *slash, *name;
	const char *path = real != NULL ? real : directory;
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	name = memory_copy(path, length);
	free(real);
	slash = strrchr(name, '/');
	if (slash != NULL && slash[1] != '\0')
		memmove(name, slash + 1, strlen(slash + 1) + 1);
	return name;
}

static enum status
add_location(struct job *job, struct batch *batch, struct error *error)
{
	struct view *view = job->cli->view;
	struct assign assigns[2];
	struct edit edit = { .assigns = assigns, .assign_count = 2 };
	enum status status = view_table(view, "location", &edit.table, error);

	if (status == STATUS_OK)
		status = target_resolve(view, edit.table, slice_of("code"), &assigns[0].target, error);
	if (status == STATUS_OK)
		status = target_resolve(view, edit.table, slice_of("name"), &assigns[1].target, error);
	assigns[0].value = slice_of("MAIN");
	assigns[1].value = slice_of("Main");
	return status == STATUS_OK ? batch_edit(batch, &edit, NULL, error) : status;
}

/* Adds FIELD=VALUE unless the field has been given already. */
static enum status
add_assign(struct job *job, struct edit *edit, struct assign *assigns, const char *word, bool given,
    struct error *error)
{
	struct slice value = slice_of(word), name = slice_cut(&value, '=');
	struct assign *assign = &assigns[edit->assign_count];
	enum status status;

	if (value.data == NULL)
		return error_set(error, STATUS_USAGE, "not FIELD=VALUE: \"%s\"", word);
	status = target_resolve(job->cli->view, edit->table, name, &assign->target, error);
	for (size_t i = 0; status == STATUS_OK && i < edit->assign_count; i++) {
		if (assigns[i].target.field == assign->target.field)
			return given
			    ? error_set(error, STATUS_USAGE, "%.*s is given twice", (int)name.length, name.data)
			    : STATUS_OK;
	}
	assign->value = value;
	edit->assign_count += status == STATUS_OK;
	return status;
}

static enum status
build(struct batch *batch, void *context, struct error *error)
{
	struct job *job = context;
	struct cli *cli = job->cli;
	struct assign *assigns = memory_array(cli->operand_count + 2, sizeof *assigns);
	char *name = memory_format("name=%s", job->name);
	struct edit edit = { .assigns = assigns };
	enum status status = STATUS_OK;

	if (snapshot_tx(view_snapshot(cli->view)) > 0) /* another one was faster */
		status = error_set(error, STATUS_REFUSED, "%s: is a store already", job->directory);
	if (status == STATUS_OK)
		status = add_location(job, batch, error);
	if (status == STATUS_OK)
		status = view_table(cli->view, "company", &edit.table, error);
	for (size_t i = 0; i < cli->operand_count && status == STATUS_OK; i++)
		status = add_assign(job, &edit, assigns, cli->operands[i], true, error);
	if (status == STATUS_OK)
		status = add_assign(job, &edit, assigns, name, false, error);
	if (status == STATUS_OK)
		status = add_assign(job, &edit, assigns, "location=L1", false, error);
	if (status == STATUS_OK)
		status = batch_edit(batch, &edit, NULL, error);
	free(assigns);
	free(name);
	return status;
}

/* Opens the store in directory, and makes the first transaction or only tries to. */
static enum status
commit_first(struct job *job, const char *directory, bool trying, struct error *error)
{
	struct cli *cli = job->cli;
	struct change_options options = { .command = "init",
		.reason = cli->options.reason,
		.wait = cli->options.wait,
		.dry_run = trying };
	struct change_outcome outcome = { .batch = NULL };
	enum status status;

	cli->options.store = directory;
	status = cli_open(cli, error);
	if (status == STATUS_OK)
		status = change_commit(cli->view, &options, build, job, &outcome, error);
	batch_free(outcome.batch);
	view_close(cli->view);
	store_close(cli->store);
	cli->view = NULL;
	cli->store = NULL;
	return status;
}

static void
remove_trial(const char *directory)
{
	DIR *stream = opendir(directory);
	const struct dirent *entry;

	while (stream != NULL && (entry = readdir(stream)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    unlinkat(dirfd(stream), entry->d_name, 0) != 0)
			unlinkat(dirfd(stream), entry->d_name, AT_REMOVEDIR);
	}
	if (stream != NULL)
		closedir(stream);
	rmdir(directory);
}

/* Tries everything in a store that goes away again, so that a bad value leaves nothing behind. */
static enum status
try_first(struct job *job, struct error *error)
{
	const char *place = getenv("TMPDIR");
	char *directory = memory_format("%s/bo-init-XXXXXX", place != NULL && place[0] == '/' ? place : "/tmp");
	enum status status = STATUS_OK;

	if (mkdtemp(directory) == NULL)
		status = error_set(error, STATUS_SYSTEM, "%s:", directory);
	else {
		status = store_create(directory, error);
		if (status == STATUS_OK)
			status = commit_first(job, directory, true, error);
		remove_trial(directory);
	}
	free(directory);
	return status;
}

/* Whether an earlier bo-init was stopped after it had made the store and before its first transaction. */
static bool
is_unfinished(const char *directory)
{
	struct error ignored = ERROR_INIT;
	struct store *store = NULL;
	struct snapshot *snapshot = NULL;
	bool unfinished = store_open(directory, &store, &ignored) == STATUS_OK &&
	    snapshot_open(store, &snapshot, &ignored) == STATUS_OK && snapshot_tx(snapshot) == 0;

	snapshot_close(snapshot);
	store_close(store);
	error_release(&ignored);
	return unfinished;
}

/* Makes the store, or goes on with one that was not finished. */
static enum status
create(const char *directory, struct error *error)
{
	enum status status = store_create(directory, error);

	if (status != STATUS_REFUSED || !is_unfinished(directory))
		return status;
	error_clear(error);
	return STATUS_OK;
}

/* It is made by now, whatever becomes of the message. */
static enum status
say_made(const char *directory, struct error *error)
{
	if (cli_say(slice_of(directory), error) == STATUS_OK)
		return STATUS_OK;
	error_prefix(error, "done, but not reported");
	return error->status = STATUS_UNREPORTED;
}

static enum status
init(struct cli *cli, struct error *error)
{
	struct job job = { .cli = cli };
	enum status status = cli_need(cli, "the directory", &job.directory, error);

	if (status == STATUS_OK && cli->options.dry_run)
		status = error_set(error, STATUS_USAGE, "-n: a store that is not made has nothing to show");
	if (status != STATUS_OK)
		return status;
	job.name = directory_name(job.directory);
	status = try_first(&job, error);
	if (status == STATUS_OK)
		status = create(job.directory, error);
	if (status == STATUS_OK)
		status = commit_first(&job, job.directory, false, error);
	if (status == STATUS_OK && !cli->options.quiet)
		status = say_made(job.directory, error);
	free(job.name);
	return status;
}

int
main(int argc, char *argv[])
{
	static const struct verb only = { "", init, "DIR [FIELD=VALUE ...]", "make a store",
		VERB_WRITES | VERB_CLOSED };
	static const struct command command = { .name = "bo-init",
		.table = "",
		.help = "make a store in DIR; the fields are those of bo-config",
		.only = &only,
		.rules = office_rules };

	return cli_main(argc, argv, &command);
}
