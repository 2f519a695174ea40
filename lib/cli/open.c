/* open: the store and the moment that a command looks at */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/message.h"
#include "record/value.h"
#include "store/index.h"

/*
 * An instant in UTC milliseconds: a time of RFC 3339, or without a zone (UTC), with
 * or without seconds; the fraction counts, since the audit log has it.
 */
static bool
parse_instant(struct slice text, int64_t *milliseconds)
{
	char copy[64];
	size_t length = 0;
	int64_t seconds, fraction = 0;
	const char *point = memchr(text.data, '.', text.length);

	if (text.length < 16 || text.length > 40 || (text.data[10] != 'T' && text.data[10] != ' '))
		return false;
	memcpy(copy, text.data, text.length);
	length = text.length;
	copy[10] = 'T';
	for (int64_t unit = 100;
	     point != NULL && ++point < text.data + text.length && *point >= '0' && *point <= '9'; unit /= 10)
		fraction += (*point - '0') * unit;
	if (length == 16) {
		memcpy(copy + length, ":00", 3);
		length += 3;
	}
	if (copy[length - 1] != 'Z' && length <= 23 && memchr(copy + 11, '+', length - 11) == NULL &&
	    memchr(copy + 11, '-', length - 11) == NULL)
		copy[length++] = 'Z';
	if (!time_parse((struct slice){ copy, length }, &seconds))
		return false;
	*milliseconds = seconds * 1000 + fraction;
	return true;
}

/* text as a value of a type, as records have it: yesterday, -3d.  In arena; empty for none. */
static struct slice
relative(struct view *view, enum type type, struct slice text, struct arena *arena)
{
	struct field field = { .name = "", .type = type, .preset = "", .help = "" };
	struct value_context context = { .money_digits = -1, .today = view_today(view), .now = view_now(view) };
	struct slice value, reason;

	return value_parse(&field, text, &context, arena, &value, &reason) ? value : (struct slice){ "", 0 };
}

/* A day means its last millisecond where the company is, a span from now that very second. */
static bool
parse_relative(struct view *view, struct slice text, int64_t *milliseconds)
{
	struct arena arena = ARENA_INIT;
	struct slice company = view_company(view, "timezone");
	char *zone = memory_copy(company.data != NULL ? company.data : "", company.length);
	bool from_now = slice_is(text, "now") || slice_starts(text, "-") || slice_starts(text, "+");
	struct slice value = relative(view, from_now ? TYPE_TIME : TYPE_DATE, text, &arena);
	int64_t seconds;
	int32_t day;
	bool good = true;

	if (from_now && time_parse(value, &seconds))
		*milliseconds = seconds * 1000 + 999;
	else if (!from_now && date_parse(value, &day))
		*milliseconds = zone_midnight(zone, day + 1) * 1000 - 1;
	else
		good = false;
	free(zone);
	arena_release(&arena);
	return good;
}

/* A moment that only the company can tell: its days, its now. */
static enum status
moment_here(struct cli *cli, const char *what, const char *moment, int64_t *milliseconds, struct error *error)
{
	struct snapshot *snapshot;
	struct view *view;
	enum status status = snapshot_open(cli->store, &snapshot, error);

	if (status == STATUS_OK)
		status = view_open(cli->store, snapshot, cli->share, NULL, &view, error);
	if (status != STATUS_OK)
		return status;
	if (!parse_relative(view, slice_of(moment), milliseconds))
		status = error_set(error, STATUS_USAGE, "%snot a transaction, a date or a time: \"%s\"", what,
		    moment);
	view_close(view);
	return status;
}

enum status
cli_moment(struct cli *cli, const char *what, const char *moment, struct snapshot **snapshot, struct error *error)
{
	struct slice text = slice_of(moment);
	unsigned long long tx = 0;
	int64_t milliseconds = 0;
	enum status status = STATUS_OK;

	if (slice_is(text, "0") || slice_to_u64(text, &tx))
		return snapshot_open_tx(cli->store, tx, snapshot, error);
	if (!parse_instant(text, &milliseconds))
		status = moment_here(cli, what, moment, &milliseconds, error);
	return status == STATUS_OK ? snapshot_open_time(cli->store, milliseconds, snapshot, error) : status;
}

static enum status
set_today(struct cli *cli, struct error *error)
{
	int32_t day;

	if (cli->options.on == NULL || strcmp(cli->options.on, "today") == 0)
		return STATUS_OK;
	if (!date_parse(slice_of(cli->options.on), &day))
		return error_set(error, STATUS_USAGE, "--on: not a date: \"%s\"", cli->options.on);
	view_set_today(cli->view, day);
	return STATUS_OK;
}

/* The view of snapshot, with the schema that is open already if there still is one. */
static enum status
open_view(struct cli *cli, struct snapshot *snapshot, struct error *error)
{
	struct schema *schema = cli->schema;

	if (schema == NULL)
		return view_open(cli->store, snapshot, cli->share, cli->command->rules, &cli->view, error);
	cli->schema = NULL;
	return view_open_schema(cli->store, snapshot, schema, cli->command->rules, &cli->view, error);
}

enum status
cli_open(struct cli *cli, struct error *error)
{
	struct snapshot *snapshot;
	enum status status = STATUS_OK;

	if (cli->view != NULL)
		return STATUS_OK;
	status = index_settings(error);
	if (status == STATUS_OK && cli->store == NULL)
		status = store_open(cli->options.store, &cli->store, error);
	if (status == STATUS_OK && cli->options.verbose)
		message(cli->name, "store %s", store_path(cli->store));
	if (status == STATUS_OK)
		status = cli->options.as_of != NULL
		    ? cli_moment(cli, "--as-of: ", cli->options.as_of, &snapshot, error)
		    : snapshot_open(cli->store, &snapshot, error);
	if (status == STATUS_OK)
		status = open_view(cli, snapshot, error);
	if (status == STATUS_OK)
		status = set_today(cli, error);
	return status == STATUS_OK ? cli_table(cli, error) : status;
}

enum status
cli_table(struct cli *cli, struct error *error)
{
	enum status status;

	if (cli->table_name == NULL)
		return STATUS_OK;
	status = view_table(cli->view, cli->table_name, &cli->table, error);
	return status == STATUS_NO ? error_set(error, STATUS_USAGE, "no such table: \"%s\"", cli->table_name)
				   : status;
}

const char *
cli_operand(struct cli *cli)
{
	if (cli->operand_count == 0)
		return NULL;
	cli->operand_count--;
	return *cli->operands++;
}

enum status
cli_need(struct cli *cli, const char *what, const char **operand, struct error *error)
{
	*operand = cli_operand(cli);
	return *operand != NULL ? STATUS_OK : error_set(error, STATUS_USAGE, "%s is missing", what);
}

enum status
cli_no_more(const struct cli *cli, struct error *error)
{
	if (cli->operand_count == 0)
		return STATUS_OK;
	return error_set(error, STATUS_USAGE, "what is \"%s\" for? nothing more was expected", cli->operands[0]);
}

const char *
cli_option(const struct cli *cli, const char *name)
{
	const struct own_option *own = cli->command->options;

	for (size_t i = 0; own != NULL && own[i].name != NULL && i < OPTIONS_OWN_MAX; i++) {
		if (strcmp(own[i].name, name) == 0)
			return cli->options.own[i];
	}
	return NULL;
}

enum status
cli_option_day(const struct cli *cli, const char *name, int32_t *day, struct error *error)
{
	const char *text = cli_option(cli, name);

	if (text == NULL || date_parse(slice_of(text), day))
		return STATUS_OK;
	return error_set(error, STATUS_USAGE, "--%s: not a date: \"%s\"", name, text);
}

const char *
cli_option_next(const struct cli *cli, const char *name, size_t *at)
{
	while (*at < cli->options.given_count) {
		const struct own_given *given = &cli->options.given[(*at)++];

		if (strcmp(cli->command->options[given->option].name, name) == 0)
			return given->argument;
	}
	return NULL;
}

/* What an input names may have been written while it was read: bo-x add … | bo-x issue -. */
static enum status
follow_newest(struct cli *cli, struct error *error)
{
	enum status status;

	if (cli->view == NULL || cli->options.as_of != NULL)
		return STATUS_OK;
	status = snapshot_refresh(view_snapshot(cli->view), error);
	if (status == STATUS_OK)
		status = view_follow(cli->view, error);
	return status == STATUS_OK ? cli_table(cli, error) : status;
}

enum status
cli_input(struct cli *cli, const char *path, struct input *input, struct error *error)
{
	/* A larger import is asked for with --force. */
	size_t limit = cli->options.force ? SIZE_MAX / 4 : (size_t)1 << 30;

	enum status status;

	*input = (struct input){ .name = path };
	status = input_open(input, path, limit, error);
	return status == STATUS_OK ? follow_newest(cli, error) : status;
}

static bool
is_json(const struct cli *cli, struct slice text)
{
	enum format format = cli->options.reader.format;

	return format == FORMAT_JSON || (format == FORMAT_AUTO && slice_starts(slice_trim(text), "{"));
}

void
cli_input_end(struct cli *cli, const struct input *input)
{
	struct slice text = input->bytes;
	uintmax_t line = 1;

	if (cli->options.quiet || is_json(cli, text))
		return;
	/* Behind the line end of UTF-16 there may be half a character. */
	while (text.length > 0 && text.data[text.length - 1] == '\0')
		text.length--;
	if (text.length == 0 || text.data[text.length - 1] == '\n')
		return;
	for (slice_cut(&text, '\n'); text.data != NULL; slice_cut(&text, '\n'))
		line++;
	/* A header alone holds nothing that could be wrong. */
	if (line > 1)
		message(cli->name, "%s:%ju: the last line has no end: was it cut short?", input->name, line);
}

enum status
cli_reader(struct cli *cli, const struct input *input, struct reader **reader, struct error *error)
{
	return reader_open_input(reader, input, &cli->options.reader, error);
}
