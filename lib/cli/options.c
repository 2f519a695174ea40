/* options: getopt_long, driven by one table that usage is printed from as well */
#include "cli/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "record/suggest.h"

enum { CODE_LONG = 256, CODE_OWN = 512, WAIT_DEFAULT_MS = 30000 };

enum {
	OPTION_AS_OF = CODE_LONG,
	OPTION_ON,
	OPTION_WAIT,
	OPTION_FORCE,
	OPTION_LIMIT,
	OPTION_COUNT_RECORDS,
	OPTION_SUM, /* these four as in enum measure */
	OPTION_MIN,
	OPTION_MAX,
	OPTION_AVG,
	OPTION_BY,
	OPTION_NO_HEADER,
	OPTION_RAW,
	OPTION_SPREADSHEET,
	OPTION_COLOR,
	OPTION_PROGRESS,
	OPTION_MATCH,
	OPTION_GROUP,
	OPTION_IN,
	OPTION_MAP,
	OPTION_ENCODING,
	OPTION_DELIMITER,
	OPTION_DECIMAL,
	OPTION_DATE_FORMAT,
	OPTION_SKIP,
	OPTION_REJECTS
};

const struct option_text option_texts[] = {
	{ 'd', "store", "DIR", "the store (else $BO_STORE, else the nearest parent directory that is one)" },
	{ 't', "table", "TABLE", "the table (bo-record only)" },
	{ 'w', "where", "EXPR", "only records for which it holds; several are and-ed" },
	{ 'f', "fields", "LIST", "columns, in order; customer.name follows a reference" },
	{ 's', "sort", "LIST", "sort by these; -NAME is downwards" },
	{ 'o', "output", "FORMAT", "csv, tsv, json, ids or table" },
	{ 'n', "dry-run", NULL, "write nothing; print the plan" },
	{ 'm', "reason", "TEXT", "why, for the audit log" },
	{ 'k', "key", "KEY", "do it once only, however often it is run" },
	{ 'a', "archived", NULL, "archived records too" },
	{ 'e', "fail-empty", NULL, "exit 1 when a list is empty" },
	{ OPTION_AS_OF, "as-of", "TX|TIME", "as it was known after that transaction or at that time" },
	{ OPTION_ON, "on", "DATE", "the business date, instead of today" },
	{ OPTION_WAIT, "wait", "TIME", "how long to wait for other writers (30s)" },
	{ OPTION_FORCE, "force", NULL, "change records that have moved on since; read more than 1 GiB" },
	{ OPTION_LIMIT, "limit", "N", "no more than this many" },
	{ OPTION_COUNT_RECORDS, "count", NULL, "how many, instead of the records" },
	{ OPTION_SUM, "sum", "LIST", "the sums of these fields" },
	{ OPTION_MIN, "min", "LIST", "the least of each of these" },
	{ OPTION_MAX, "max", "LIST", "the most" }, { OPTION_AVG, "avg", "LIST", "the averages" },
	{ OPTION_BY, "by", "LIST",
	    "counts and sums for each value of these; date:month, :day, :week, :quarter, :year" },
	{ OPTION_NO_HEADER, "no-header", NULL, "no header line" },
	{ OPTION_RAW, "raw", NULL, "line breaks in values as they are" },
	{ OPTION_SPREADSHEET, "spreadsheet", NULL, "defuse cells that a spreadsheet would take for formulas" },
	{ OPTION_COLOR, "color", "[WHEN]", "auto, always or never" },
	{ OPTION_PROGRESS, "progress", NULL, "say how far a long job is" },
	{ 'q', "quiet", NULL, "print no records" }, { 'v', "verbose", NULL, "say what was done" },
	{ OPTION_MATCH, "match", "FIELD", "put: the unique field that finds a record" },
	{ OPTION_GROUP, "group", "COLUMN", "add, put: rows that agree in it are one record with children" },
	{ OPTION_IN, "in", "FORMAT", "input is csv, tsv, json or ids" },
	{ OPTION_MAP, "map", "OLD=NEW", "rename a column of the input; OLD= drops it" },
	{ OPTION_ENCODING, "encoding", "NAME", "of the input (UTF-8)" },
	{ OPTION_DELIMITER, "delimiter", "CHAR", "between values of the input" },
	{ OPTION_DECIMAL, "decimal", "CHAR", "the decimal mark of the input: . or ," },
	{ OPTION_DATE_FORMAT, "date-format", "PATTERN", "of dates in the input, such as DD.MM.YYYY" },
	{ OPTION_SKIP, "skip", "N", "lines before the header of the input" },
	{ OPTION_REJECTS, "rejects", "FILE", "take the good rows, and put the bad ones there with the reason" },
	{ 'h', "help", NULL, "print this" }, { 'V', "version", NULL, "print the version" }, { 0, NULL, NULL, NULL }
};

enum { OPTION_COUNT = sizeof option_texts / sizeof option_texts[0] - 1 };

/* Lists that grow as options are read. */
struct lists {
	const char **where, **map, **words, **by;
	size_t map_count;
};

static enum status
bad(struct error *error, const char *option, const char *value, const char *wanted)
{
	return error_set(error, STATUS_USAGE, "--%s: not %s: \"%s\"", option, wanted, value);
}

static enum status
parse_format(const char *text, bool input, enum format *format, struct error *error)
{
	static const char *const names[] = {
		[FORMAT_CSV] = "csv",
		[FORMAT_TSV] = "tsv",
		[FORMAT_JSON] = "json",
		[FORMAT_IDS] = "ids",
		[FORMAT_TABLE] = "table",
	};
	size_t last = input ? FORMAT_IDS : FORMAT_TABLE;

	for (size_t i = FORMAT_CSV; i <= last; i++) {
		if (strcmp(text, names[i]) == 0) {
			*format = (enum format)i;
			return STATUS_OK;
		}
	}
	return bad(error, input ? "in" : "output", text,
	    input ? "a format (csv, tsv, json, ids)" : "a format (csv, tsv, json, ids, table)");
}

static enum status
parse_when(const char *text, enum when *when, struct error *error)
{
	if (text == NULL || strcmp(text, "always") == 0)
		*when = WHEN_ALWAYS;
	else if (strcmp(text, "never") == 0)
		*when = WHEN_NEVER;
	else if (strcmp(text, "auto") == 0)
		*when = WHEN_AUTO;
	else
		return bad(error, "color", text, "auto, always or never");
	return STATUS_OK;
}

/* A count, 0 included. */
static bool
parse_count(const char *text, unsigned long long *count)
{
	if (strcmp(text, "0") == 0) {
		*count = 0;
		return true;
	}
	return slice_to_u64(slice_of(text), count);
}

/* Seconds, or a span such as 2min. */
static enum status
parse_wait(const char *text, int64_t *milliseconds, struct error *error)
{
	unsigned long long seconds;
	struct span span;

	if (parse_count(text, &seconds) && seconds <= 86400 * 365) {
		*milliseconds = (int64_t)seconds * 1000;
		return STATUS_OK;
	}
	if (!span_parse(slice_of(text), &span) || span.months != 0 || span.seconds < 0 ||
	    span.seconds > (int64_t)86400 * 365)
		return bad(error, "wait", text, "a length of time");
	*milliseconds = span.seconds * 1000;
	return STATUS_OK;
}

static enum status
parse_delimiter(const char *text, char *delimiter, struct error *error)
{
	if (strcmp(text, "\\t") == 0 || strcmp(text, "tab") == 0)
		*delimiter = '\t';
	else if (strlen(text) == 1 && strchr("\"\r\n", text[0]) == NULL && (text[0] & 0x80) == 0)
		*delimiter = text[0];
	else
		return bad(error, "delimiter", text, "a single character");
	return STATUS_OK;
}

static enum status
parse_decimal(const char *text, struct options *options, struct error *error)
{
	if (strcmp(text, ".") != 0 && strcmp(text, ",") != 0)
		return bad(error, "decimal", text, "a point or a comma");
	options->spelling.decimal = text[0];
	options->spelled = true;
	return STATUS_OK;
}

static enum status
add_map(struct lists *lists, const char *text, struct error *error)
{
	if (strchr(text, '=') == NULL || text[0] == '=')
		return bad(error, "map", text, "OLD=NEW");
	lists->map[lists->map_count++] = text;
	return STATUS_OK;
}

static enum status
parse_number(const char *name, const char *text, unsigned long long *count, struct error *error)
{
	return parse_count(text, count) ? STATUS_OK : bad(error, name, text, "a count, such as 0 or 20");
}

/* Those that say how to read foreign files. */
static enum status
take_input_option(struct options *options, struct lists *lists, int code, const char *value, struct error *error)
{
	unsigned long long count = 0;
	enum status status;

	switch (code) {
	case OPTION_MATCH:
		options->match = value;
		return STATUS_OK;
	case OPTION_GROUP:
		options->group = value;
		return STATUS_OK;
	case OPTION_IN:
		return parse_format(value, true, &options->reader.format, error);
	case OPTION_MAP:
		return add_map(lists, value, error);
	case OPTION_ENCODING:
		options->reader.encoding = value;
		return STATUS_OK;
	case OPTION_DELIMITER:
		return parse_delimiter(value, &options->reader.delimiter, error);
	case OPTION_DECIMAL:
		return parse_decimal(value, options, error);
	case OPTION_DATE_FORMAT:
		options->spelling.date_pattern = value;
		options->spelled = true;
		return STATUS_OK;
	case OPTION_SKIP:
		status = parse_number("skip", value, &count, error);
		options->reader.skip = (size_t)count;
		return status;
	default:
		options->rejects = value;
		return STATUS_OK;
	}
}

static enum status
take_output_option(struct options *options, int code, const char *value, struct error *error)
{
	unsigned long long count = 0;
	enum status status = STATUS_OK;

	switch (code) {
	case 'o':
		return parse_format(value, false, &options->output, error);
	case OPTION_LIMIT:
		status = parse_number("limit", value, &count, error);
		options->limit = count;
		return status;
	case OPTION_COLOR:
		return parse_when(value, &options->colour, error);
	case OPTION_WAIT:
		return parse_wait(value, &options->wait, error);
	case 'f':
		options->fields = value;
		return STATUS_OK;
	case 's':
		options->sort = value;
		return STATUS_OK;
	case OPTION_PROGRESS:
		options->progress = WHEN_ALWAYS;
		return STATUS_OK;
	case OPTION_NO_HEADER:
		options->no_header = true;
		return STATUS_OK;
	case OPTION_RAW:
		options->raw = true;
		return STATUS_OK;
	default:
		options->spreadsheet = true;
		return STATUS_OK;
	}
}

/* Those that are kept as they are; false for any other. */
static bool
take_plain_option(struct options *options, struct lists *lists, int code, const char *value)
{
	switch (code) {
	case 'd':
		options->store = value;
		break;
	case 't':
		options->table = value;
		break;
	case 'w':
		lists->where[options->where_count++] = value;
		break;
	case 'n':
		options->dry_run = true;
		break;
	case 'm':
		options->reason = value;
		break;
	case 'k':
		options->key = value;
		break;
	case 'a':
		options->archived = true;
		break;
	case 'e':
		options->fail_empty = true;
		break;
	case OPTION_COUNT_RECORDS:
		options->count = true;
		break;
	case OPTION_SUM:
	case OPTION_MIN:
	case OPTION_MAX:
	case OPTION_AVG:
		options->measures[options->measure_count++] = (struct measure_given){
			MEASURE_SUM + (enum measure)(code - OPTION_SUM), value
		};
		break;
	case OPTION_BY:
		lists->by[options->by_count++] = value;
		break;
	case 'q':
		options->quiet = true;
		break;
	case 'v':
		options->verbose = true;
		break;
	case 'h':
		options->help = true;
		break;
	case 'V':
		options->version = true;
		break;
	case OPTION_AS_OF:
		options->as_of = value;
		break;
	case OPTION_ON:
		options->on = value;
		break;
	case OPTION_FORCE:
		options->force = true;
		break;
	default:
		return false;
	}
	return true;
}

static enum status
unknown_option(const char *word, const struct own_option *own, struct error *error)
{
	struct slice name = slice_of(word), rest;
	struct suggestion suggestion;
	char text[SUGGESTION_SIZE];

	while (slice_starts(name, "-"))
		name = (struct slice){ name.data + 1, name.length - 1 };
	rest = name;
	suggestion = (struct suggestion)SUGGESTION_INIT(slice_cut(&rest, '='));
	for (size_t i = 0; i < OPTION_COUNT; i++)
		suggestion_try(&suggestion, option_texts[i].name);
	for (size_t i = 0; own != NULL && own[i].name != NULL; i++)
		suggestion_try(&suggestion, own[i].name);
	return error_set(error, STATUS_USAGE, "no such option: \"%s\"%s", word,
	    suggestion_text(&suggestion, text));
}

/* What getopt could not make sense of: '?' or ':'. */
static enum status
refuse(int code, char *argv[], const struct own_option *own, struct error *error)
{
	const char *word = argv[optind - 1];

	if (code == ':')
		return error_set(error, STATUS_USAGE, "%s%s: its argument is missing",
		    optopt > 0 && optopt < CODE_LONG ? "-" : "",
		    optopt > 0 && optopt < CODE_LONG ? (char[]){ (char)optopt, '\0' } : word);
	if (optopt > 0 && optopt < CODE_LONG && strncmp(word, "--", 2) != 0)
		return error_set(error, STATUS_USAGE, "no such option: \"-%c\"", optopt);
	if (optopt != 0)
		return error_set(error, STATUS_USAGE, "%s: takes no argument", word);
	return unknown_option(word, own, error);
}

/* The tables of getopt_long from ours. */
static void
prepare(const struct own_option *own, struct option longs[OPTION_COUNT + OPTIONS_OWN_MAX + 1],
    char shorts[2 * OPTION_COUNT + 3])
{
	size_t count = 0;
	char *at = shorts;

	*at++ = '-'; /* words in order, whatever POSIXLY_CORRECT says */
	*at++ = ':';
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_text *text = &option_texts[i];
		int takes = text->argument == NULL ? no_argument
		    : text->argument[0] == '['     ? optional_argument
						   : required_argument;

		longs[count++] = (struct option){ text->name, takes, NULL, text->letter };
		if (text->letter < CODE_LONG) {
			*at++ = (char)text->letter;
			if (takes == required_argument)
				*at++ = ':';
		}
	}
	*at = '\0';
	for (size_t i = 0; own != NULL && own[i].name != NULL && i < OPTIONS_OWN_MAX; i++)
		longs[count++] = (struct option){ own[i].name,
			own[i].argument != NULL ? required_argument : no_argument, NULL, CODE_OWN + (int)i };
	longs[count] = (struct option){ NULL, 0, NULL, 0 };
}

static enum status
take(struct options *options, struct lists *lists, int code, const char *value, struct error *error)
{
	if (code >= CODE_OWN) {
		options->own[code - CODE_OWN] = value != NULL ? value : "";
		options->given[options->given_count++] = (struct own_given){ (size_t)(code - CODE_OWN),
			options->own[code - CODE_OWN] };
		return STATUS_OK;
	}
	if (take_plain_option(options, lists, code, value))
		return STATUS_OK;
	if (code >= OPTION_MATCH)
		return take_input_option(options, lists, code, value, error);
	return take_output_option(options, code, value, error);
}

enum status
options_parse(struct options *options, int argc, char *argv[], const struct own_option *own, struct error *error)
{
	struct option longs[OPTION_COUNT + OPTIONS_OWN_MAX + 1];
	char shorts[2 * OPTION_COUNT + 3];
	size_t room = (size_t)argc + 1;
	const char **memory = memory_array(4 * room, sizeof *memory);
	struct lists lists = { .where = memory,
		.map = memory + room,
		.words = memory + 2 * room,
		.by = memory + 3 * room };
	enum status status = STATUS_OK;
	int code;

	*options = (struct options){ .wait = WAIT_DEFAULT_MS, .limit = UINT64_MAX, .memory = memory };
	options->given = memory_array(room, sizeof *options->given);
	options->measures = memory_array(room, sizeof *options->measures);
	prepare(own, longs, shorts);
	opterr = 0;
	optind = 0; /* from the start, whatever was parsed before */
	while (status == STATUS_OK && (code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (code == 1)
			lists.words[options->word_count++] = optarg;
		else if (code == '?' || code == ':')
			status = refuse(code, argv, own, error);
		else
			status = take(options, &lists, code, optarg, error);
	}
	while (status == STATUS_OK && optind < argc)
		lists.words[options->word_count++] = argv[optind++];
	options->where = lists.where;
	options->words = lists.words;
	options->by = lists.by;
	options->reader.map = lists.map_count > 0 ? lists.map : NULL;
	return status;
}

void
options_release(struct options *options)
{
	free(options->memory);
	free(options->given);
	free(options->measures);
	*options = (struct options){ .memory = NULL };
}

const char *
options_summary(const struct options *options)
{
	static const char *const names[] = { "--sum", "--min", "--max", "--avg" };

	if (options->measure_count > 0)
		return names[options->measures[0].what];
	if (options->count)
		return "--count";
	return options->by_count > 0 ? "--by" : NULL;
}
