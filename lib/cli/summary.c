/* summary: what is to be worked out, and the records that it is worked out from */
#include "cli/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/report.h"
#include "record/glance.h"
#include "record/path.h"
#include "record/suggest.h"
#include "record/tally.h"

enum { CURRENCIES = 3 }; /* values that say an amount's currency, at most: its own, its parent's … */

struct summary {
	struct cli *cli;
	const struct table *table;
	struct path *paths; /* of the values */
	struct tally_value *values;
	struct tally_measure *measures;
	struct column *columns; /* of what is printed */
	size_t column_count;
	struct tally_plan plan;
	struct zone_held zone;
	bool wants_zone;
	struct tally *tallies[PARALLEL_WORKERS_MOST]; /* by worker */
	struct slice *rows[PARALLEL_WORKERS_MOST];
	struct glance glances[PARALLEL_WORKERS_MOST]; /* of the values, and of what says whether it is archived */
	struct arena arenas[PARALLEL_WORKERS_MOST]; /* for what is no glance's business */
	struct log *log;
};

/* --- what is asked for ------------------------------------------------------------- */

static size_t
count_names(const char *list)
{
	size_t count = 1;

	for (; *list != '\0'; list++)
		count += *list == ',';
	return count;
}

/* Room for as many values, measures and columns as there can be. */
static void
make_room(struct summary *summary)
{
	const struct options *options = &summary->cli->options;
	size_t room = 1;

	for (size_t i = 0; i < options->by_count; i++)
		room += count_names(options->by[i]);
	for (size_t i = 0; i < options->measure_count; i++)
		room += count_names(options->measures[i].list);
	summary->columns = memory_array(room, sizeof *summary->columns);
	summary->measures = memory_array(room, sizeof *summary->measures);
	summary->paths = memory_array(room * (1 + CURRENCIES), sizeof *summary->paths);
	summary->values = memory_array(room * (1 + CURRENCIES), sizeof *summary->values);
}

static enum status
add_column(struct summary *summary, const char *option, const char *name, enum cell cell, struct error *error)
{
	for (size_t i = 0; i < summary->column_count; i++) {
		if (strcmp(summary->columns[i].name, name) == 0)
			return error_set(error, STATUS_USAGE, "--%s: a second column of that name: \"%s\"",
			    option, name);
	}
	summary->columns[summary->column_count++] = (struct column){ name, cell };
	return STATUS_OK;
}

/* The value at the end of a path, as one more of the values. */
static enum status
add_value(struct summary *summary, const char *option, struct slice name, size_t *index, struct error *error)
{
	struct path *path = &summary->paths[summary->plan.value_count];
	enum status status = path_resolve(summary->cli->view, summary->table, name, path, error);
	char what[16];

	if (status != STATUS_OK) {
		snprintf(what, sizeof what, "--%s", option);
		return status == STATUS_USAGE ? error_prefix(error, what) : status;
	}
	*index = summary->plan.value_count++;
	summary->values[*index] = (struct tally_value){ .name = path->name,
		.order = order_of(path),
		.money = path->type == TYPE_MONEY,
		.currency = SIZE_MAX };
	return STATUS_OK;
}

static enum status
not_a_bucket(struct slice name, struct error *error)
{
	static const char *const names[] = { "day", "week", "month", "quarter", "year" };
	struct suggestion suggestion = SUGGESTION_INIT(name);
	char text[SUGGESTION_SIZE];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		suggestion_try(&suggestion, names[i]);
	return error_set(error, STATUS_USAGE, "--by: neither day, week, month, quarter nor year: \"%.*s\"%s",
	    (int)name.length, name.data, suggestion_text(&suggestion, text));
}

/* NAME, or NAME:month. */
static enum status
add_by(struct summary *summary, struct slice text, struct error *error)
{
	struct slice rest = text, name = slice_cut(&rest, ':');
	enum bucket bucket = rest.data != NULL ? bucket_named(rest) : BUCKET_NONE;
	struct tally_value *value;
	const struct path *path;
	enum cell cell;
	size_t index;
	enum status status = add_value(summary, "by", name, &index, error);

	if (status != STATUS_OK)
		return status;
	path = &summary->paths[index];
	value = &summary->values[index];
	if (rest.data != NULL && bucket == BUCKET_NONE)
		return not_a_bucket(rest, error);
	if (bucket != BUCKET_NONE && value->order.kind != KIND_DATE && value->order.kind != KIND_TIME)
		return error_set(error, STATUS_USAGE, "--by: neither a date nor a time: \"%s\"", path->name);
	summary->wants_zone |= bucket != BUCKET_NONE && value->order.kind == KIND_TIME;
	value->bucket = bucket;
	summary->plan.by_count++;
	cell = bucket != BUCKET_NONE   ? CELL_TEXT
	    : path->type == TYPE_STATE ? CELL_STATE
				       : type_cell(path->type);
	return add_column(summary, "by", arena_text(&summary->cli->arena, text), cell, error);
}

/* Calls add for each name of a list. */
static enum status
each_name(struct summary *summary, const char *list,
    enum status (*add)(struct summary *summary, struct slice name, struct error *error), struct error *error)
{
	struct slice rest = slice_of(list);
	enum status status = STATUS_OK;

	while (rest.data != NULL && status == STATUS_OK)
		status = add(summary, slice_trim(slice_cut(&rest, ',')), error);
	return status;
}

/* A value among those there are. */
static size_t
find_value(const struct summary *summary, const char *name)
{
	for (size_t i = 0; i < summary->plan.value_count; i++) {
		if (strcmp(summary->values[i].name, name) == 0)
			return i;
	}
	return SIZE_MAX;
}

/*
 * The values that say which currency an amount has: a field beside it, else one of the
 * parent; each says what is looked at where it is empty.
 */
static enum status
add_currencies(struct summary *summary, size_t money, struct error *error)
{
	const struct path *path = &summary->paths[money];
	const struct table *table = path->steps[path->count - 1].table;
	const char *dot = strrchr(path->name, '.');
	struct buffer way = BUFFER_INIT;
	size_t index = money;
	enum status status = STATUS_OK;

	buffer_add(&way, path->name, dot != NULL ? (size_t)(dot - path->name) + 1 : 0);
	for (int i = 0; i < CURRENCIES && status == STATUS_OK; i++) {
		size_t length = way.length, before = index;

		if (table->currency != SIZE_MAX) {
			buffer_add_text(&way, table->fields[table->currency].name);
			index = find_value(summary, way.data);
			if (index == SIZE_MAX)
				status = add_value(summary, "sum", buffer_slice(&way), &index, error);
			if (status == STATUS_OK && index != before)
				summary->values[before].currency = index;
			way.length = length;
		}
		if (table->parent_field == SIZE_MAX || status != STATUS_OK)
			break;
		buffer_add_text(&way, table->fields[table->parent_field].name);
		buffer_add_char(&way, '.');
		status = view_table(summary->cli->view, table->parent, &table, error);
	}
	buffer_release(&way);
	return status;
}

static enum cell
measure_cell(enum measure what, const struct path *path)
{
	if (what == MEASURE_AVG)
		return CELL_NUMBER;
	if (what == MEASURE_SUM)
		return path->type == TYPE_INT || path->type == TYPE_BOOL ? CELL_INTEGER : CELL_NUMBER;
	return path->type == TYPE_STATE ? CELL_STATE : type_cell(path->type);
}

static enum status
add_measure(struct summary *summary, enum measure what, struct slice name, struct error *error)
{
	const char *option = measure_name(what);
	bool adds = what == MEASURE_SUM || what == MEASURE_AVG;
	const struct path *path;
	size_t index;
	enum status status = add_value(summary, option, name, &index, error);

	if (status != STATUS_OK)
		return status;
	path = &summary->paths[index];
	if (adds && (path->field == NULL || summary->values[index].order.kind != KIND_NUMBER))
		return error_set(error, STATUS_USAGE, "--%s: not a number: \"%s\"", option, path->name);
	summary->measures[summary->plan.measure_count++] = (struct tally_measure){ what, index };
	status = add_column(summary, option, arena_format(&summary->cli->arena, "%s_%s", option, path->name).data,
	    measure_cell(what, path), error);
	if (status == STATUS_OK && summary->values[index].money)
		status = add_currencies(summary, index, error);
	return status;
}

static enum status
add_measures(struct summary *summary, const struct measure_given *given, struct error *error)
{
	struct slice rest = slice_of(given->list);
	enum status status = STATUS_OK;

	while (rest.data != NULL && status == STATUS_OK)
		status = add_measure(summary, given->what, slice_trim(slice_cut(&rest, ',')), error);
	return status;
}

static enum status
make_plan(struct summary *summary, struct error *error)
{
	struct cli *cli = summary->cli;
	const struct options *options = &cli->options;
	struct tally_plan *plan = &summary->plan;
	enum status status = STATUS_OK;

	if (options->output == FORMAT_IDS)
		return error_set(error, STATUS_USAGE, "%s: has no ids to print (-o ids)",
		    options_summary(options));
	make_room(summary);
	for (size_t i = 0; i < options->by_count && status == STATUS_OK; i++)
		status = each_name(summary, options->by[i], add_by, error);
	if (status == STATUS_OK)
		status = add_column(summary, "count", "count", CELL_INTEGER, error);
	for (size_t i = 0; i < options->measure_count && status == STATUS_OK; i++)
		status = add_measures(summary, &options->measures[i], error);
	plan->values = summary->values;
	plan->measures = summary->measures;
	plan->currency = arena_copy(&cli->arena, view_company(cli->view, "currency"));
	plan->codes = view_codes(cli->view);
	plan->zone = &summary->zone;
	return status;
}

/* --- counting ------------------------------------------------------------------------ */

static void
begin_nothing(void *context, size_t worker, size_t slot)
{
	(void)context;
	(void)worker;
	(void)slot;
}

static enum status
count_record(void *context, size_t worker, size_t slot, const struct record *record, struct error *error)
{
	struct summary *summary = context;
	struct slice *row = summary->rows[worker];

	(void)slot;
	for (size_t i = 0; i < summary->plan.value_count; i++)
		row[i] = path_value(&summary->paths[i], record);
	tally_add(summary->tallies[worker], row);
	return record_held(record, error);
}

/* What a glance can't tell. */
static enum status
count_closely(struct summary *summary, size_t worker, uint64_t number, struct error *error)
{
	struct arena *arena = &summary->arenas[worker];
	struct record record;
	enum status status;

	arena_reset(arena);
	status = record_peek(summary->log, number, arena, &record, error);
	if (status != STATUS_OK)
		return status;
	if (!summary->cli->options.archived && record_archived(&record))
		return STATUS_NO;
	return count_record(summary, worker, 0, &record, error);
}

static enum status
count_number(void *context, size_t worker, size_t slot, uint64_t number, struct error *error)
{
	struct summary *summary = context;
	struct slice *row = summary->rows[worker];

	(void)slot;
	if (!glance_at(&summary->glances[worker], number, row))
		return count_closely(summary, worker, number, error);
	if (!summary->cli->options.archived && slice_is(row[summary->plan.value_count], "true"))
		return STATUS_NO;
	tally_add(summary->tallies[worker], row);
	return STATUS_OK;
}

static bool
take_nothing(void *context, size_t slot)
{
	(void)context;
	(void)slot;
	return true;
}

static const struct sweeper counter = { begin_nothing, count_record, NULL, NULL, take_nothing };
static const struct sweeper quick_counter = { begin_nothing, count_record, count_number, NULL, take_nothing };

/* Whether all values stand in the records' own lines; then the names of their fields, and `archived`. */
static bool
are_own(const struct summary *summary, const char **names)
{
	const struct tally_plan *plan = &summary->plan;

	if (plan->value_count >= GLANCE_FIELDS)
		return false;
	for (size_t i = 0; i < plan->value_count; i++) {
		const struct path *path = &summary->paths[i];

		if (path->count > 1 || path->field == NULL || (path->field->flags & FIELD_DERIVED))
			return false;
		names[i] = path->field->name;
	}
	names[plan->value_count] = "archived";
	return true;
}

static bool
is_stored(const struct summary *summary)
{
	for (size_t i = 0; i < summary->plan.value_count; i++) {
		if (!path_is_stored(&summary->paths[i]))
			return false;
	}
	return true;
}

/* All that the sweep finds into the first tally. */
static enum status
count_all(struct summary *summary, struct sweep *sweep, struct error *error)
{
	struct slice zone = view_company(summary->cli->view, "timezone");
	char *name = memory_copy(zone.data, zone.length);
	const char *names[GLANCE_FIELDS];
	bool own = are_own(summary, names);
	enum status status;

	summary->log = sweep->log;
	summary->zone = zone_hold(summary->wants_zone ? name : NULL);
	for (size_t i = 0; i < sweep->workers; i++) {
		summary->tallies[i] = tally_new(&summary->plan);
		summary->rows[i] = memory_array(summary->plan.value_count + 1, sizeof(struct slice));
		if (own)
			glance_init(&summary->glances[i], sweep->log, names, summary->plan.value_count + 1);
	}
	status = sweep_run(sweep, own ? &quick_counter : &counter, summary, error);
	for (size_t i = 1; i < sweep->workers && status == STATUS_OK; i++)
		tally_merge(summary->tallies[0], summary->tallies[i]);
	zone_drop(&summary->zone);
	free(name);
	return status;
}

/* --- printing -------------------------------------------------------------------------- */

static enum status
print_groups(struct summary *summary, struct error *error)
{
	struct cli *cli = summary->cli;
	const struct tally *tally = summary->tallies[0];
	struct slice *row = memory_array(summary->column_count, sizeof *row);
	struct arena arena = ARENA_INIT;

	for (size_t i = 0; i < tally_groups(tally) && !cli_done(cli); i++) {
		arena_reset(&arena);
		tally_row(tally, i, row, &arena);
		cli_row(cli, row);
	}
	arena_release(&arena);
	free(row);
	return cli_report_end(cli, error);
}

static void
release(struct summary *summary)
{
	for (size_t i = 0; i < PARALLEL_WORKERS_MOST; i++) {
		tally_free(summary->tallies[i]);
		free(summary->rows[i]);
		arena_release(&summary->arenas[i]);
	}
	free(summary->paths);
	free(summary->values);
	free(summary->measures);
}

enum status
summary_print(struct sweep *sweep, struct error *error)
{
	struct cli *cli = sweep->cli;
	struct summary summary = { .cli = cli, .table = sweep->log->table };
	enum status status = make_plan(&summary, error);

	/* Before anything is read, so that a slip of the pen costs nothing. */
	if (status == STATUS_OK)
		status = report_check(cli, summary.columns, summary.column_count, error);
	sweep->limit = UINT64_MAX; /* --limit is about groups */
	if (status == STATUS_OK)
		status = sweep_share(sweep, is_stored(&summary), error);
	if (status == STATUS_OK)
		status = count_all(&summary, sweep, error);
	if (status == STATUS_OK)
		status = tally_finish(summary.tallies[0], error);
	if (status == STATUS_OK)
		status = cli_report(cli, summary.columns, summary.column_count, error);
	if (status == STATUS_OK)
		status = print_groups(&summary, error);
	report_free(cli->report);
	cli->report = NULL;
	release(&summary);
	free(summary.columns);
	return status;
}
