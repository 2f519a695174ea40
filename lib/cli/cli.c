/* cli: from argv to the exit status */
#include "cli/cli.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "cli/message.h"
#include "cli/report.h"
#include "cli/share.h"
#include "cli/usage.h"
#include "cli/verbs.h"

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* The table that the command is about, as far as share/ knows; a store may know more (-t). */
static enum status
name_table(struct cli *cli, struct error *error)
{
	const char *name = cli->command->table;

	if (name == NULL)
		name = schema_command_table(cli->schema, slice_of(cli->name));
	if (cli->options.table != NULL && name != NULL)
		return error_set(error, STATUS_USAGE, "-t is for bo-record: %s has its table", cli->name);
	if (name == NULL)
		name = cli->options.table;
	if (name == NULL && !cli->options.help)
		return error_set(error, STATUS_USAGE, "which table? (-t TABLE)");
	if (name != NULL && name[0] != '\0')
		cli->table_name = memory_copy(name, strlen(name));
	return STATUS_OK;
}

static const struct verb *
find_verb(const struct verb *verbs, const char *name)
{
	for (; verbs != NULL && verbs->name != NULL; verbs++) {
		if (strcmp(verbs->name, name) == 0)
			return verbs;
	}
	return NULL;
}

/* The table as share/ has it, NULL when it is the store's own (or there is none). */
static enum status
shared_table(const struct cli *cli, const struct table **table, struct error *error)
{
	enum status status = STATUS_NO;

	*table = NULL;
	if (cli->table_name != NULL)
		status = schema_table(cli->schema, cli->table_name, table, error);
	if (status == STATUS_NO) {
		*table = NULL;
		error_clear(error);
		return STATUS_OK;
	}
	return status;
}

/* What to run for cli->verb; transition is room for a verb of the flow. */
static enum status
choose_verb(struct cli *cli, struct verb *transition, const struct verb **verb, struct error *error)
{
	const struct table *table;
	enum status status;

	*verb = find_verb(cli->command->verbs, cli->verb);
	if (*verb == NULL && cli->table_name != NULL)
		*verb = find_verb(generic_verbs, cli->verb);
	if (*verb != NULL)
		return STATUS_OK;
	status = shared_table(cli, &table, error);
	if (status != STATUS_OK)
		return status;
	if (table == NULL || table_transition(table, cli->verb, NULL) == NULL)
		return usage_unknown_verb(cli, table, error);
	*transition = (struct verb){ .name = cli->verb, .run = verb_flow, .flags = VERB_WRITES };
	transition->operands = table_transition(table, cli->verb, "-") == NULL ? "ID ...\n-" : "";
	*verb = transition;
	return STATUS_OK;
}

/* Splits the words into the verb and its operands. */
static enum status
take_words(struct cli *cli, struct error *error)
{
	cli->operands = cli->options.words;
	cli->operand_count = cli->options.word_count;
	cli->verb = "";
	if (cli->command->only != NULL)
		return STATUS_OK;
	if (cli->operand_count > 0) {
		cli->verb = cli->operands[0];
		cli->operands++;
		cli->operand_count--;
	} else if (cli->command->default_verb != NULL)
		cli->verb = cli->command->default_verb;
	else
		return error_set(error, STATUS_USAGE, "a verb is missing (%s -h lists them)", cli->name);
	return STATUS_OK;
}

static enum status
print_text(const struct buffer *text, struct error *error)
{
	if (file_write(STDOUT_FILENO, text->data, text->length))
		return STATUS_OK;
	return error_set(error, STATUS_SYSTEM, "standard output:");
}

static enum status
print_version(const struct cli *cli, struct error *error)
{
	struct buffer out = BUFFER_INIT;
	enum status status;

	buffer_format(&out, "%s (bo) %s\n", cli->name, BO_VERSION);
	status = print_text(&out, error);
	buffer_release(&out);
	return status;
}

static enum status
print_help(const struct cli *cli, struct error *error)
{
	struct buffer out = BUFFER_INIT;
	const struct table *table;
	enum status status = shared_table(cli, &table, error);

	if (status == STATUS_OK) {
		usage_add(&out, cli, table);
		status = print_text(&out, error);
	}
	buffer_release(&out);
	return status;
}

/* The option that was given to no purpose, since the verb changes nothing; NULL when there is none. */
static const char *
idle_option(const struct options *options, const struct verb *verb)
{
	if (verb->flags & VERB_WRITES)
		return NULL;
	if (options->dry_run)
		return "-n";
	if (options->key != NULL)
		return "-k";
	if (options->match != NULL)
		return "--match";
	if (options->group != NULL)
		return "--group";
	return options->rejects != NULL ? "--rejects" : NULL;
}

/* An option that sums up, which the verb passes over, or NULL. */
static const char *
idle_summary(const struct options *options, const struct verb *verb)
{
	const char *summary = options_summary(options);

	if ((verb->flags & VERB_SUMS) ||
	    ((verb->flags & VERB_BY) && summary != NULL && strcmp(summary, "--by") == 0))
		return NULL;
	return summary;
}

/* Passed over in silence -w would change or show more than was meant. */
static enum status
check_where(struct cli *cli, const struct verb *verb, struct error *error)
{
	const char *name = verb->name[0] != '\0' ? verb->name : cli->name;
	bool piped = strncmp(verb->operands, "ID", 2) == 0 && strstr(verb->operands, "\n-") != NULL;

	cli->rows_filtered = (verb->flags & VERB_ROWS) != 0;
	if (cli->options.where_count == 0 || (verb->flags & (VERB_FILTERS | VERB_ROWS)))
		return STATUS_OK;
	if (piped)
		return error_set(error, STATUS_USAGE,
		    "-w: only what is listed can be chosen from (%s list -w ... | %s %s -)", cli->name,
		    cli->name, name);
	return error_set(error, STATUS_USAGE, "-w: means nothing to %s, which does not choose", name);
}

static enum status
run_verb(struct cli *cli, const struct verb *verb, struct error *error)
{
	const char *idle = idle_option(&cli->options, verb), *summary = idle_summary(&cli->options, verb);
	enum status status = STATUS_OK;

	/* Who inherited an ignored SIGPIPE gets it back: a reader has nothing to finish. */
	signal(SIGPIPE, verb->flags & VERB_WRITES ? SIG_IGN : SIG_DFL);
	if ((verb->flags & VERB_WRITES) && cli->options.as_of != NULL)
		return error_set(error, STATUS_USAGE, "--as-of: the past can't be changed");
	status = check_where(cli, verb, error);
	if (status != STATUS_OK)
		return status;
	if (summary != NULL)
		return error_set(error, STATUS_USAGE, "%s: only what is listed can be counted and summed up",
		    summary);
	if (idle != NULL)
		return error_set(error, STATUS_USAGE, "%s: means nothing to %s, which changes nothing", idle,
		    verb->name);
	if (!(verb->flags & VERB_CLOSED))
		status = cli_open(cli, error);
	if (status == STATUS_OK)
		status = verb->run(cli, error);
	return status == STATUS_OK && cli->view != NULL ? view_sound(cli->view, error) : status;
}

static enum status
open_share(const char *directory, void *context, struct error *error)
{
	struct cli *cli = context;

	return schema_try(directory, &cli->schema, error);
}

/* With the schemas that come with bo: help, or the verb that was asked for. */
static enum status
dispatch(struct cli *cli, struct error *error)
{
	struct verb transition;
	const struct verb *verb = cli->command->only;
	enum status status;

	status = share_visit(open_share, cli, &cli->share, error);
	if (status == STATUS_OK)
		status = name_table(cli, error);
	if (status == STATUS_OK && cli->options.help)
		return print_help(cli, error);
	if (status == STATUS_OK)
		status = take_words(cli, error);
	if (status == STATUS_OK && verb == NULL)
		status = choose_verb(cli, &transition, &verb, error);
	return status == STATUS_OK ? run_verb(cli, verb, error) : status;
}

static void
print_warnings(const struct cli *cli)
{
	struct slice text, line;

	if (cli->store == NULL)
		return;
	text = store_warnings(cli->store);
	while (text.length > 0) {
		line = slice_cut(&text, '\n');
		if (line.length > 0)
			message(cli->name, "%.*s", (int)line.length, line.data);
	}
}

/* What is under way is brought to its end; memory and files go with the process, and faster. */
static void
finish(struct cli *cli)
{
	report_free(cli->report);
	if (cli->view != NULL)
		view_wait(cli->view);
}

int
cli_main(int argc, char *argv[], const struct command *command)
{
	struct error error = ERROR_INIT;
	struct cli cli = { .command = command, .arena = ARENA_INIT };
	enum status status;

	if (!file_standard_descriptors())
		return STATUS_SYSTEM;
	cli.name = command->name != NULL ? command->name : argc > 0 ? base_name(argv[0]) : "bo";
	status = options_parse(&cli.options, argc, argv, command->options, &error);
	if (status == STATUS_OK && cli.options.version)
		status = print_version(&cli, &error);
	else if (status == STATUS_OK)
		status = dispatch(&cli, &error);
	print_warnings(&cli);
	if (status != STATUS_OK) {
		error_sort(&error);
		message_error(cli.name, &error);
	}
	error_release(&error);
	finish(&cli);
	exit((int)status); /* from here, where all that was not freed still hangs from something */
}
