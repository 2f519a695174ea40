/*
 * feed: rows to units.
 *
 * Without --group every row is a unit and is forgotten when it is in the batch.  With
 * it all rows are kept first, since those that belong together may lie far apart.
 */
#include "cli/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "cli/terminal.h"
#include "cli/unit.h"
#include "record/intake.h"

struct kept {
	struct row row;
	struct slice raw;
	size_t next; /* of the same group, SIZE_MAX at the end */
};

struct group {
	struct slice key;
	size_t first, last, count;
};

struct reading {
	struct feed *feed;
	struct reader *reader;
	struct columns columns;
	struct plan_of_units plan;
	struct intake *intake; /* for rows that need no unit, NULL when there are none such */
	struct progress progress;
	struct arena arena; /* of kept rows */
	struct kept *kept;
	size_t kept_count, kept_capacity;
	struct group *groups;
	size_t group_count, group_capacity;
	size_t *slots;     /* open addressing: index of a group + 1, 0 for free */
	size_t slot_count; /* a power of two */
};

/* Moves what went wrong with one unit to where it belongs. */
static enum status
dispose(struct reading *reading, struct slice raw, enum status status, struct error *own, struct error *error)
{
	struct rejects *rejects = reading->feed->rejects;

	if (status == STATUS_OK || own->status != STATUS_REFUSED)
		error_release(status == STATUS_OK ? own : error);
	if (status == STATUS_OK)
		return STATUS_OK;
	if (own->status != STATUS_REFUSED) {
		*error = *own;
		return status;
	}
	rejects_add(rejects, raw, own);
	error_release(own);
	return STATUS_OK;
}

/* One unit; with --rejects it is taken back when it is bad. */
static enum status
take_unit(struct reading *reading, const struct row *rows, size_t count, const struct slice *raws,
    struct error *error)
{
	struct batch *batch = reading->plan.batch;
	struct batch_mark mark = batch_mark(batch);
	struct error own = ERROR_INIT;
	enum status status;

	if (reading->feed->rejects == NULL) {
		status = unit_from_rows(&reading->plan, rows, count, error);
		return status == STATUS_REFUSED ? STATUS_OK : status;
	}
	status = unit_from_rows(&reading->plan, rows, count, &own);
	if (status == STATUS_REFUSED)
		batch_back(batch, mark);
	for (size_t i = 1; status == STATUS_REFUSED && own.status == STATUS_REFUSED && i < count; i++)
		rejects_add(reading->feed->rejects, raws[i], &own);
	return dispose(reading, raws[0], status, &own, error);
}

/* An id's column may be a key's as well: say how to name it so. */
static enum status
no_ids(const struct reading *reading, struct error *error)
{
	const struct table *table = reading->feed->cli->table;
	struct place place = { .source = reading->columns.source };
	size_t key = 0;

	while (key < table->field_count && !(table->fields[key].flags & FIELD_KEY))
		key++;
	if (key == table->field_count)
		return error_add(error, &place, "no column \"id\" (--map NAME=id)");
	return error_add(error, &place,
	    reading->columns.purpose == PURPOSE_SET ? "no column \"id\" (--map %s=id, or put --match %s)"
						    : "no column \"id\" (--map %s=id)",
	    table->fields[key].name, table->fields[key].name);
}

/* Columns that must be there for what the stream is read for. */
static enum status
check_columns(const struct reading *reading, struct error *error)
{
	const struct columns *columns = &reading->columns;
	const struct options *options = &reading->feed->cli->options;
	struct place place = { .source = columns->source };
	const char *missing = NULL;

	if ((columns->purpose == PURPOSE_SET || columns->purpose == PURPOSE_IDS) && columns->id == SIZE_MAX)
		return no_ids(reading, error);
	else if (columns->purpose == PURPOSE_PUT && columns->match == SIZE_MAX)
		missing = options->match;
	else if (options->group != NULL && columns->group == SIZE_MAX)
		missing = options->group;
	if (missing != NULL)
		return error_add(error, &place, "there is no column \"%s\"", missing);
	return STATUS_OK;
}

static enum status
check_match(const struct reading *reading, struct error *error)
{
	const struct columns *columns = &reading->columns;
	const struct table *table = reading->feed->cli->table;
	const struct role *role;

	if (columns->purpose != PURPOSE_PUT || columns->match == SIZE_MAX)
		return STATUS_OK;
	role = &columns->roles[columns->match];
	if ((role->kind == ROLE_FIELD || role->kind == ROLE_SAME) && role->target.via_table == NULL &&
	    (table->fields[role->target.field].flags & (FIELD_UNIQUE | FIELD_KEY)))
		return STATUS_OK;
	return error_set(error, STATUS_USAGE, "--match: \"%s\" is not unique in %s",
	    reading->feed->cli->options.match, table->name);
}

/* Rows that say nothing but a record's own values may go the short way. */
static void
open_intake(struct reading *reading)
{
	const struct feed *feed = reading->feed;
	const struct columns *columns = &reading->columns;
	const struct words *words = reading->plan.words;
	size_t *fields;
	bool plain = (feed->purpose == PURPOSE_ADD || feed->purpose == PURPOSE_PUT) &&
	    feed->transition == NULL && feed->cli->options.group == NULL && words->parts[0].count == 0 &&
	    words->part_count == 1 && columns->count > 0;

	fields = memory_array(columns->count + 1, sizeof *fields);
	for (size_t i = 0; i < columns->count; i++) {
		const struct role *role = &columns->roles[i];

		plain = plain &&
		    (role->kind == ROLE_IGNORED || (role->kind == ROLE_FIELD && role->target.via_table == NULL));
		fields[i] = role->kind == ROLE_FIELD ? role->target.field : SIZE_MAX;
	}
	if (plain)
		reading->intake = intake_new(reading->plan.batch, feed->cli->table, fields, columns->count,
		    feed->cli->options.spelled ? &feed->cli->options.spelling : NULL);
	free(fields);
}

/* --- groups --------------------------------------------------------------------- */

static void
grow_slots(struct reading *reading)
{
	size_t count = reading->slot_count > 0 ? reading->slot_count * 2 : 1024;

	free(reading->slots);
	reading->slots = memory_array(count, sizeof *reading->slots);
	reading->slot_count = count;
	for (size_t i = 0; i < reading->group_count; i++) {
		size_t at = hash_quick(reading->groups[i].key) & (count - 1);

		while (reading->slots[at] != 0)
			at = (at + 1) & (count - 1);
		reading->slots[at] = i + 1;
	}
}

static struct group *
find_group(struct reading *reading, struct slice key)
{
	size_t at;

	if (reading->group_count * 2 >= reading->slot_count)
		grow_slots(reading);
	at = hash_quick(key) & (reading->slot_count - 1);
	while (reading->slots[at] != 0) {
		struct group *group = &reading->groups[reading->slots[at] - 1];

		if (slice_equal(group->key, key))
			return group;
		at = (at + 1) & (reading->slot_count - 1);
	}
	reading->groups = memory_grow(reading->groups, &reading->group_capacity, reading->group_count,
	    sizeof *reading->groups);
	reading->groups[reading->group_count] = (struct group){ key, SIZE_MAX, SIZE_MAX, 0 };
	reading->slots[at] = ++reading->group_count;
	return &reading->groups[reading->group_count - 1];
}

static struct row
copy_row(struct arena *arena, const struct row *row)
{
	struct slice *values = arena_take(arena, (row->count + 1) * sizeof *values);
	struct row *children = arena_take(arena, (row->child_count + 1) * sizeof *children);
	struct row copy = *row;

	for (size_t i = 0; i < row->count; i++)
		values[i] = row->values[i].data != NULL ? arena_copy(arena, row->values[i]) : row->values[i];
	for (size_t i = 0; i < row->child_count; i++)
		children[i] = copy_row(arena, &row->children[i]);
	copy.values = values;
	copy.children = children;
	return copy;
}

static enum status
keep_row(struct reading *reading, const struct row *row, struct slice raw, struct error *error)
{
	size_t column = reading->columns.group, index = reading->kept_count;
	struct place place = { reading->columns.source, row->line, reading->feed->cli->options.group };
	struct kept *kept;
	struct group *group;

	if (column == SIZE_MAX || column >= row->count || row->values[column].length == 0) {
		struct error own = ERROR_INIT;

		if (reading->feed->rejects == NULL) {
			error_add(error, &place, "missing: --group needs it");
			return STATUS_OK;
		}
		error_add(&own, &place, "missing: --group needs it");
		return dispose(reading, raw, STATUS_REFUSED, &own, error);
	}
	reading->kept = memory_grow(reading->kept, &reading->kept_capacity, index, sizeof *reading->kept);
	kept = &reading->kept[reading->kept_count++];
	*kept = (struct kept){ .row = copy_row(&reading->arena, row), .next = SIZE_MAX };
	if (reading->feed->rejects != NULL)
		kept->raw = arena_copy(&reading->arena, raw);
	group = find_group(reading, kept->row.values[column]);
	if (group->count++ == 0)
		group->first = index;
	else
		reading->kept[group->last].next = index;
	group->last = index;
	return STATUS_OK;
}

/* What the record itself is told must be the same in every row of its group. */
static enum status
check_agreement(const struct reading *reading, const struct row *rows, size_t count, struct error *error)
{
	const struct columns *columns = &reading->columns;
	size_t names, faults = error->total;
	const struct slice *name = reader_columns(reading->reader, &names);

	for (size_t i = 1; i < count; i++) {
		for (size_t k = 0; k < columns->count && k < rows[i].count && k < rows[0].count; k++) {
			const struct slice *first = &rows[0].values[k], *other = &rows[i].values[k];
			struct place place = { columns->source, rows[i].line, NULL };
			char *field;

			if (columns->roles[k].child != NULL || columns->roles[k].kind == ROLE_IGNORED ||
			    slice_equal(*first, *other))
				continue;
			field = memory_copy(name[k].data, name[k].length);
			place.field = field;
			error_add(error, &place, "\"%.*s\" is not what line %ju says: \"%.*s\"",
			    (int)other->length, other->data, rows[0].line, (int)first->length, first->data);
			free(field);
		}
	}
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

static enum status
take_group(struct reading *reading, const struct group *group, struct error *error)
{
	struct row *rows = memory_array(group->count, sizeof *rows);
	struct slice *raws = memory_array(group->count, sizeof *raws);
	struct error own = ERROR_INIT;
	size_t count = 0;
	enum status status;

	for (size_t at = group->first; at != SIZE_MAX; at = reading->kept[at].next) {
		rows[count] = reading->kept[at].row;
		raws[count++] = reading->kept[at].raw;
	}
	if (reading->feed->rejects == NULL) {
		check_agreement(reading, rows, count, error);
		status = take_unit(reading, rows, count, raws, error);
	} else if ((status = check_agreement(reading, rows, count, &own)) == STATUS_OK)
		status = take_unit(reading, rows, count, raws, error);
	else {
		for (size_t i = 1; i < count; i++)
			rejects_add(reading->feed->rejects, raws[i], &own);
		status = dispose(reading, raws[0], status, &own, error);
	}
	free(rows);
	free(raws);
	return status;
}

/* --- the stream ------------------------------------------------------------------- */

/* STATUS_NO when it is not that simple. */
static enum status
take_plain(struct reading *reading, const struct row *row, struct error *error)
{
	struct place place = { reading->columns.source, row->line, NULL };
	uint64_t number;

	if (reading->feed->purpose == PURPOSE_ADD)
		return intake_row(reading->intake, row, place, error);
	number = intake_same(reading->intake, row, reading->columns.match);
	return number != 0 && unit_note_line(&reading->plan, number, row->line) ? STATUS_OK : STATUS_NO;
}

static enum status
take_row(struct reading *reading, const struct row *row, struct error *error)
{
	struct slice raw = { "", 0 };
	enum status status;

	if (reading->intake != NULL && row->plain) {
		status = take_plain(reading, row, error);
		if (status != STATUS_NO)
			return status == STATUS_REFUSED ? STATUS_OK : status;
	}
	if (reading->feed->rejects != NULL)
		raw = reader_raw(reading->reader);
	status = columns_follow(&reading->columns, reading->reader, row->line, error);
	if (status == STATUS_OK)
		status = check_match(reading, error);
	if (status != STATUS_OK)
		return status == STATUS_REFUSED ? STATUS_OK : status;
	if (reading->feed->cli->options.group != NULL)
		return keep_row(reading, row, raw, error);
	return take_unit(reading, row, 1, &raw, error);
}

static enum status
read_rows(struct reading *reading, struct error *error)
{
	enum status status;

	for (;;) {
		struct error own = ERROR_INIT;
		struct row row;
		bool keeps = reading->feed->rejects != NULL;

		status = reader_next(reading->reader, &row, keeps ? &own : error);
		if (status == STATUS_OK)
			status = take_row(reading, &row, error);
		else if (status == STATUS_REFUSED)
			status = keeps ? dispose(reading, reader_raw(reading->reader), status, &own, error)
				       : STATUS_OK;
		else if (keeps && status != STATUS_NO)
			*error = own;
		if (status != STATUS_OK)
			break;
		progress_step(&reading->progress);
	}
	if (status != STATUS_NO)
		return status;
	status = STATUS_OK;
	for (size_t i = 0; i < reading->group_count && status == STATUS_OK; i++)
		status = take_group(reading, &reading->groups[i], error);
	return status;
}

/* Bare ids, as `-o ids` prints them, where ids are all that is wanted: no column is called C17. */
static bool
are_ids(const struct feed *feed)
{
	struct slice rest = feed->input->bytes, first = slice_trim(slice_cut(&rest, '\n'));

	return feed->purpose == PURPOSE_IDS && feed->cli->options.reader.format == FORMAT_AUTO &&
	    id_shaped(first);
}

static enum status
read_stream(struct reading *reading, struct error *error)
{
	struct feed *feed = reading->feed;
	struct reader_options options = feed->cli->options.reader;
	enum status status;
	size_t count;

	if (are_ids(feed))
		options.format = FORMAT_IDS;
	status = reader_open_input(&reading->reader, feed->input, &options, error);
	if (status != STATUS_OK)
		return status;
	if (feed->rejects != NULL)
		rejects_begin(feed->rejects, reader_header(reading->reader));
	status = columns_follow(&reading->columns, reading->reader, reader_header_line(reading->reader), error);
	/* Only a header says at once which columns there are. */
	reader_columns(reading->reader, &count);
	if (count > 0 && check_columns(reading, error) != STATUS_OK)
		status = STATUS_REFUSED;
	if (status == STATUS_OK)
		open_intake(reading);
	return status == STATUS_OK ? read_rows(reading, error) : status;
}

enum status
feed_batch(struct feed *feed, struct batch *batch, const struct words *words, struct error *error)
{
	struct cli *cli = feed->cli;
	struct reading reading = { .feed = feed,
		.columns = { .cli = cli,
		    .purpose = feed->purpose,
		    .words = words,
		    .source = feed->input->name,
		    .id = SIZE_MAX,
		    .tx = SIZE_MAX,
		    .group = SIZE_MAX,
		    .match = SIZE_MAX },
		.plan = { .cli = cli,
		    .batch = batch,
		    .words = words,
		    .purpose = feed->purpose,
		    .transition = feed->transition } };
	enum status status;

	reading.plan.columns = &reading.columns;
	progress_begin(&reading.progress, cli->name, "rows", &cli->options);
	status = read_stream(&reading, error);
	progress_end(&reading.progress);
	reader_close(reading.reader);
	intake_free(reading.intake);
	columns_release(&reading.columns);
	arena_release(&reading.plan.arena);
	free(reading.plan.lines);
	arena_release(&reading.arena);
	free(reading.kept);
	free(reading.groups);
	free(reading.slots);
	return status;
}
