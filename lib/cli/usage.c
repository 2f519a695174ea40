/* usage: -h, from the tables that the verbs and options run from */
#include "cli/usage.h"

#include <string.h>

#include "cli/verbs.h"
#include "record/erase.h"
#include "record/suggest.h"

enum { HELP_COLUMN = 26 };

static bool
is_hidden(const struct cli *cli, const struct table *table, const struct verb *verb)
{
	if (verb->flags & VERB_HIDDEN)
		return true;
	if (table != NULL && (table->flags & TABLE_SINGLE) && (verb->flags & VERB_MANY))
		return true;
	if (table != NULL && (verb->flags & VERB_PERSONAL) && !erase_applies(table))
		return true;
	/* One of the command's own goes before a generic one of that name. */
	if (cli->command->verbs != verb)
		for (const struct verb *own = cli->command->verbs; own != NULL && own->name != NULL; own++) {
			if (own != verb && strcmp(own->name, verb->name) == 0)
				return true;
		}
	return false;
}

/* Whether a transition is not the first of its name, or a verb of the command has it. */
static bool
is_repeated(const struct cli *cli, const struct table *table, size_t index)
{
	const char *name = table->transitions[index].verb;

	for (size_t i = 0; i < index; i++) {
		if (strcmp(table->transitions[i].verb, name) == 0)
			return true;
	}
	for (const struct verb *verb = cli->command->verbs; verb != NULL && verb->name != NULL; verb++) {
		if (strcmp(verb->name, name) == 0)
			return true;
	}
	return false;
}

/* Whether the noun is for any table, and none was named. */
static bool
wants_table(const struct cli *cli)
{
	return cli->command->table == NULL && cli->table_name == NULL;
}

/* usage: bo-x [options] verb operands, a line for each form. */
static void
add_form(struct buffer *out, const struct cli *cli, bool *first, const char *verb, const char *operands)
{
	struct slice rest = slice_of(operands), form;

	do {
		form = slice_cut(&rest, '\n');
		buffer_add_text(out, *first ? "usage: " : "       ");
		buffer_format(out, "%s [options]", cli->name);
		if (wants_table(cli))
			buffer_add_text(out, " -t TABLE");
		if (verb[0] != '\0')
			buffer_format(out, " %s", verb);
		if (form.length > 0)
			buffer_format(out, " %.*s", (int)form.length, form.data);
		buffer_add_char(out, '\n');
		*first = false;
	} while (rest.data != NULL);
}

/* The operands of a generic verb: where there is one record only, nobody has to say which. */
static const char *
operands_of(const struct table *table, const struct verb *verb)
{
	if (table == NULL || !(table->flags & TABLE_SINGLE))
		return verb->operands;
	return strstr(verb->operands, "FIELD=VALUE ...") != NULL ? "FIELD=VALUE ..." : "";
}

static const char *
transition_operands(const struct transition *transition)
{
	if (strcmp(transition->from[0], "-") == 0)
		return "FIELD=VALUE ... [: FIELD=VALUE ...] ...\n- [FIELD=VALUE ...]";
	return "ID ... [FIELD=VALUE ...] [: FIELD=VALUE ...] ...\n- [FIELD=VALUE ...]";
}

/* Calls visit for each verb that usage tells of, in order. */
static void
each_verb(const struct cli *cli, const struct table *table,
    void (*visit)(void *context, const char *name, const char *operands, const char *help), void *context)
{
	if (cli->command->only != NULL) {
		visit(context, "", cli->command->only->operands, cli->command->only->help);
		return;
	}
	for (const struct verb *verb = cli->table_name != NULL || wants_table(cli) ? generic_verbs : NULL;
	     verb != NULL && verb->name != NULL; verb++) {
		if (!is_hidden(cli, table, verb))
			visit(context, verb->name, operands_of(table, verb), verb->help);
	}
	for (size_t i = 0; table != NULL && i < table->transition_count; i++) {
		if (!is_repeated(cli, table, i))
			visit(context, table->transitions[i].verb,
			    transition_operands(&table->transitions[i]), table->transitions[i].help);
	}
	for (const struct verb *verb = cli->command->verbs; verb != NULL && verb->name != NULL; verb++) {
		if (!(verb->flags & VERB_HIDDEN))
			visit(context, verb->name, verb->operands, verb->help);
	}
}

struct printing {
	struct buffer *out;
	const struct cli *cli;
	bool first;
};

static void
visit_form(void *context, const char *name, const char *operands, const char *help)
{
	struct printing *printing = context;

	(void)help;
	add_form(printing->out, printing->cli, &printing->first, name, operands != NULL ? operands : "");
}

/* Two blanks, the word, and its help where all helps begin. */
static void
add_help(struct buffer *out, const char *word, const char *help)
{
	size_t length = strlen(word);

	buffer_format(out, "  %s", word);
	do
		buffer_add_char(out, ' ');
	while (++length < HELP_COLUMN - 1);
	buffer_format(out, "%s\n", help);
}

static void
visit_help(void *context, const char *name, const char *operands, const char *help)
{
	struct printing *printing = context;

	(void)operands;
	if (name[0] != '\0')
		add_help(printing->out, name, help != NULL ? help : "");
}

static void
visit_name(void *context, const char *name, const char *operands, const char *help)
{
	struct printing *printing = context;

	(void)operands;
	(void)help;
	if (name[0] != '\0')
		buffer_format(printing->out, "%s\n", name);
}

static void
add_option(struct buffer *out, int letter, const char *name, const char *argument, const char *help)
{
	struct buffer word = BUFFER_INIT;

	if (letter > 0 && letter < 256)
		buffer_format(&word, "-%c, ", letter);
	buffer_format(&word, "--%s", name);
	if (argument != NULL && argument[0] == '[')
		buffer_format(&word, "[=%s", argument + 1);
	else if (argument != NULL)
		buffer_format(&word, " %s", argument);
	add_help(out, word.data, help);
	buffer_release(&word);
}

static void
add_options(struct buffer *out, const struct cli *cli)
{
	const struct own_option *own = cli->command->options;

	for (size_t i = 0; own != NULL && own[i].name != NULL; i++)
		add_option(out, 0, own[i].name, own[i].argument, own[i].help);
	for (const struct option_text *text = option_texts; text->name != NULL; text++) {
		if (text->letter != 't' || wants_table(cli) || cli->options.table != NULL)
			add_option(out, text->letter, text->name, text->argument, text->help);
	}
}

void
usage_add(struct buffer *out, const struct cli *cli, const struct table *table)
{
	struct printing printing = { .out = out, .cli = cli, .first = true };
	const char *help = cli->command->help;

	if (table != NULL && (help == NULL || cli->command->table == NULL))
		help = table->help;
	each_verb(cli, table, visit_form, &printing);
	if (help != NULL)
		buffer_format(out, "\n%s: %s\n", cli->name, help);
	if (cli->command->only == NULL) {
		buffer_add_text(out, "\nverbs:\n");
		each_verb(cli, table, visit_help, &printing);
	}
	buffer_add_text(out, "\noptions:\n");
	add_options(out, cli);
}

void
usage_verbs(struct buffer *out, const struct cli *cli, const struct table *table)
{
	struct printing printing = { .out = out, .cli = cli };

	each_verb(cli, table, visit_name, &printing);
}

static void
visit_suggestion(void *context, const char *name, const char *operands, const char *help)
{
	(void)operands;
	(void)help;
	suggestion_try(context, name);
}

enum status
usage_unknown_verb(const struct cli *cli, const struct table *table, struct error *error)
{
	struct suggestion suggestion = SUGGESTION_INIT(slice_of(cli->verb));
	char text[SUGGESTION_SIZE];

	each_verb(cli, table, visit_suggestion, &suggestion);
	return error_set(error, STATUS_USAGE, "no such verb: \"%s\"%s", cli->verb,
	    suggestion_text(&suggestion, text));
}
