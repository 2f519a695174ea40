/* bo: the front: bo NOUN VERB, bo help, the list of commands */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/memory.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/share.h"
#include "record/schema.h"
#include "record/suggest.h"
#include "record/view.h"
#include "stream/csv.h"

enum { TABLES_MAX = 1 << 20, COLUMN_COMMAND = 5, COLUMN_HELP = 6, HELP_COLUMN = 18 };

/* Commands that are about no table; those that are not installed are not listed. */
static const struct {
	const char *name, *help;
} tools[] = {
	{ "bo-init", "make a store" },
	{ "bo-record", "every verb on every table (-t TABLE)" },
	{ "bo-apply", "make the changes of a plan" },
	{ "bo-audit", "who did what when, whether it still holds, and taking it back" },
	{ "bo-store", "copy, check and repair a store" },
	{ "bo-watch", "print changes as they happen" },
};

static const char usage[] = "usage: bo [help]\n"
			    "       bo help NOUN\n"
			    "       bo NOUN [options] VERB [OPERAND ...]\n"
			    "\n"
			    "bo: a company's back office: the same as bo-NOUN, and what nouns there are\n"
			    "\n"
			    "options:\n"
			    "  -h, --help              print this\n"
			    "  -V, --version           print the version\n";

/* The path of a command beside this program, else in $PATH; free() it, NULL when there is none. */
static char *
find_command(const char *name)
{
	char *directory = share_program_directory(), *path = NULL;
	const char *search = getenv("PATH");
	struct slice rest = slice_of(search), part;

	if (directory != NULL)
		path = memory_format("%s/%s", directory, name);
	free(directory);
	while (path == NULL || access(path, X_OK) != 0) {
		free(path);
		path = NULL;
		if (rest.data == NULL)
			break;
		part = slice_cut(&rest, ':');
		if (part.length > 0)
			path = memory_format("%.*s/%s", (int)part.length, part.data, name);
	}
	return path;
}

static bool
is_installed(const char *name)
{
	char *path = find_command(name);
	bool found = path != NULL;

	free(path);
	return found;
}

/* Calls visit for each noun of share/tables.csv that has a command. */
static enum status
each_noun(void (*visit)(void *context, const char *command, const char *help), void *context, struct error *error)
{
	char *share = share_find(error), *path;
	struct buffer text = BUFFER_INIT;
	struct arena arena = ARENA_INIT;
	struct slice rest, line;
	enum status status = STATUS_OK;

	if (share == NULL)
		return STATUS_SYSTEM;
	path = memory_format("%s/tables.csv", share);
	if (!file_load(path, &text, TABLES_MAX))
		status = error_set(error, STATUS_SYSTEM, "%s:", path);
	rest = buffer_slice(&text);
	csv_line(&rest, &line);
	while (status == STATUS_OK && csv_line(&rest, &line)) {
		struct slice command = csv_decode(csv_field(line, COLUMN_COMMAND), &arena);
		struct slice help = csv_decode(csv_field(line, COLUMN_HELP), &arena);

		if (command.length > 0)
			visit(context, arena_text(&arena, command), arena_text(&arena, help));
	}
	arena_release(&arena);
	buffer_release(&text);
	free(path);
	free(share);
	return status;
}

static void
add_line(void *context, const char *command, const char *help)
{
	buffer_format(context, "  %-*s %s\n", HELP_COLUMN, command, help);
}

static enum status
list_commands(struct error *error)
{
	struct buffer out = BUFFER_INIT;
	enum status status;

	buffer_add_text(&out, "nouns, each with verbs of its own (bo help NOUN):\n");
	status = each_noun(add_line, &out, error);
	buffer_add_text(&out, "\ncommands about the store:\n");
	for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
		if (is_installed(tools[i].name))
			add_line(&out, tools[i].name, tools[i].help);
	}
	buffer_add_text(&out,
	    "\nbo NOUN VERB is the same as bo-NOUN VERB, and for a table of the store's own\n"
	    "the same as bo-record -t NOUN VERB.  See bo(7).\n");
	if (status == STATUS_OK && !file_write(STDOUT_FILENO, out.data, out.length))
		status = error_set(error, STATUS_SYSTEM, "standard output:");
	buffer_release(&out);
	return status;
}

struct nouns {
	struct arena arena;
	struct suggestion suggestion;
};

static void
try_noun(void *context, const char *command, const char *help)
{
	struct nouns *nouns = context;

	(void)help;
	/* The suggestion borrows its words, and must not lose this one. */
	suggestion_try(&nouns->suggestion, arena_text(&nouns->arena, slice_of(command)));
}

static enum status
unknown(const char *noun, const char *command, struct error *error)
{
	struct nouns nouns = { .suggestion = SUGGESTION_INIT(slice_of(command)) };
	struct error ignored = ERROR_INIT;
	char text[SUGGESTION_SIZE];

	for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++)
		suggestion_try(&nouns.suggestion, tools[i].name);
	each_noun(try_noun, &nouns, &ignored);
	error_release(&ignored);
	suggestion_text(&nouns.suggestion, text);
	arena_release(&nouns.arena);
	return error_set(error, STATUS_USAGE, "no such noun: \"%s\"%s", noun, text);
}

/* Whether the store that the arguments are about has a table of that name, one of its own. */
static bool
is_table(const char *noun, char *arguments[])
{
	struct options options;
	struct error ignored = ERROR_INIT;
	struct store *store = NULL;
	struct snapshot *snapshot = NULL;
	struct view *view = NULL;
	const struct table *table;
	char *share = share_find(&ignored);
	int count = 0;
	bool found;

	while (arguments[count] != NULL)
		count++;
	found = share != NULL && options_parse(&options, count, arguments, NULL, &ignored) == STATUS_OK &&
	    store_open(options.store, &store, &ignored) == STATUS_OK &&
	    snapshot_open(store, &snapshot, &ignored) == STATUS_OK &&
	    view_open(store, snapshot, share, NULL, &view, &ignored) == STATUS_OK &&
	    view_table(view, noun, &table, &ignored) == STATUS_OK;
	view_close(view);
	store_close(store);
	error_release(&ignored);
	free(share);
	return found;
}

/* Becomes bo-record -t NOUN. */
static enum status
run_record(char *noun, char *arguments[], struct error *error)
{
	char *path = find_command("bo-record"), **longer;
	size_t count = 0;

	if (path == NULL)
		return error_set(error, STATUS_SYSTEM, "bo-record: not installed");
	while (arguments[count] != NULL)
		count++;
	longer = memory_array(count + 3, sizeof *longer);
	longer[0] = path;
	longer[1] = memory_copy("-t", 2);
	longer[2] = noun;
	memcpy(longer + 3, arguments + 1, (count - 1) * sizeof *longer);
	execv(path, longer);
	return error_set(error, STATUS_SYSTEM, "%s:", path);
}

/* Becomes bo-NOUN; only returns when that is not possible. */
static enum status
run(char *noun, char *arguments[], struct error *error)
{
	char *command = memory_format("bo-%s", noun), *path = NULL;
	enum status status;

	if (strchr(noun, '/') == NULL)
		path = find_command(command);
	if (path == NULL && is_table(noun, arguments))
		status = run_record(noun, arguments, error);
	else if (path == NULL)
		status = unknown(noun, command, error);
	else {
		arguments[0] = command;
		execv(path, arguments);
		status = error_set(error, STATUS_SYSTEM, "%s:", path);
	}
	free(path);
	free(command);
	return status;
}

/* The manual page where there is one to be seen, else what -h prints. */
static enum status
help(char *noun, struct error *error)
{
	static const char *const places[] = { "man", "../man" }; /* of the source tree, and installed */
	char *share = share_find(error), *arguments[3] = { NULL, NULL, NULL };

	if (share == NULL)
		return STATUS_SYSTEM;
	for (size_t i = 0; isatty(STDOUT_FILENO) && i < sizeof places / sizeof places[0]; i++) {
		char *page = memory_format("%s/%s/man1/bo-%s.1", share, places[i], noun);

		if (strchr(noun, '/') == NULL && access(page, R_OK) == 0)
			execlp("man", "man", page, (char *)NULL);
		free(page);
	}
	free(share);
	arguments[0] = noun;
	arguments[1] = memory_copy("-h", 2);
	run(noun, arguments, error);
	free(arguments[1]);
	return error->status;
}

static enum status
print(const char *text, struct error *error)
{
	if (file_write(STDOUT_FILENO, text, strlen(text)))
		return STATUS_OK;
	return error_set(error, STATUS_SYSTEM, "standard output:");
}

static enum status
dispatch(int argc, char *argv[], struct error *error)
{
	char *word = argc > 1 ? argv[1] : NULL;

	if (word == NULL)
		return list_commands(error);
	if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0)
		return print(usage, error);
	if (strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0)
		return print("bo (bo) " BO_VERSION "\n", error);
	if (word[0] == '-')
		return error_set(error, STATUS_USAGE, "a noun goes before options: \"%s\" (bo -h)", word);
	if (strcmp(word, "help") == 0 && argc > 3)
		return error_set(error, STATUS_USAGE, "help is about one noun");
	if (strcmp(word, "help") == 0)
		return argc > 2 ? help(argv[2], error) : list_commands(error);
	return run(word, argv + 1, error);
}

int
main(int argc, char *argv[])
{
	struct error error = ERROR_INIT;
	enum status status;

	if (!file_standard_descriptors())
		return STATUS_SYSTEM;
	status = dispatch(argc, argv, &error);
	if (status != STATUS_OK)
		message_error("bo", &error);
	error_release(&error);
	return (int)status;
}
