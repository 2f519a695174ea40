/* duty: which pairs there are, and which record each half is about */
#include "record/duty.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/memory.h"
#include "record/deed.h"
#include "record/path.h"
#include "stream/csv.h"

enum { FILE_MAX = 1 << 20, COLUMNS = 7 };

struct held {
	struct duty duty;
	struct deeds *deeds; /* everybody who did the first half, once somebody asks */
};

struct duties {
	struct view *view;
	struct arena arena;
	struct held *list;
	size_t count, capacity;
};

/* --- one pair ----------------------------------------------------------------- */

/* Where a fault about one field lies. */
static struct place
at(const struct place *place, const char *field)
{
	return (struct place){ place->source, place->line, field };
}

static struct log *
find_table(struct view *view, struct slice name, const struct place *place, struct error *error)
{
	char text[STORE_NAME_MAX + 1] = "";
	struct error own = ERROR_INIT;
	struct log *log = NULL;
	enum status status;

	if (name.length <= STORE_NAME_MAX)
		memcpy(text, name.data, name.length);
	status = view_log(view, text, &log, &own);
	if (status == STATUS_NO)
		error_add(error, place, "no such table: \"%.*s\"", (int)name.length, name.data);
	else if (status == STATUS_OK && log->table->parent[0] != '\0')
		error_add(error, place, "%s is part of %s: a duty is about that", text, log->table->parent);
	else if (status != STATUS_OK)
		error_set(error, status, "%s", own.count > 0 ? own.faults[0].reason : "out of order");
	error_release(&own);
	return status == STATUS_OK ? log : NULL;
}

static void
find_verb(const struct table *table, struct slice verb, const struct place *place, struct error *error)
{
	if (slice_is(verb, "*") || slice_is(verb, "put") || !taken_known(table, verb))
		error_add(error, place, "%s has no such verb: \"%.*s\"", table->name, (int)verb.length, verb.data);
}

/* The table that via leads to. */
static struct log *
find_prior(struct view *view, const struct table *table, struct slice via, const struct place *place,
    struct error *error)
{
	struct error own = ERROR_INIT;
	struct log *log = NULL;
	struct path path;
	enum status status = path_resolve(view, table, via, &path, &own);

	if (status != STATUS_OK && status != STATUS_USAGE)
		error_set(error, status, "%s", own.count > 0 ? own.faults[0].reason : "out of order");
	else if (status != STATUS_OK)
		error_add(error, place, "%s", own.count > 0 ? own.faults[0].reason : "leads nowhere");
	else if (path.field == NULL || path.field->type != TYPE_REF)
		error_add(error, place, "is not a reference: \"%.*s\"", (int)via.length, via.data);
	else if (view_log(view, path.field->target, &log, error) != STATUS_OK)
		log = NULL;
	error_release(&own);
	return log;
}

enum status
duty_resolve(struct view *view, const struct duty_text *text, const struct place *place, struct duty *out,
    struct error *error)
{
	struct place table = at(place, "table"), verb = at(place, "verb"), via = at(place, "via");
	struct place before = at(place, "before"), field = at(place, "field");
	struct log *log = find_table(view, text->table, &table, error);
	size_t faults = error->total;

	if (log == NULL)
		return error->status;
	*out = (struct duty){ .name = text->name,
		.table = log->table,
		.verb = text->verb,
		.prior = log,
		.before = text->before,
		.field = SIZE_MAX,
		.via = text->via };
	find_verb(log->table, text->verb, &verb, error);
	if (text->via.length > 0)
		out->prior = find_prior(view, log->table, text->via, &via, error);
	if (out->prior != NULL) {
		find_verb(out->prior->table, text->before, &before, error);
		if (text->field.length > 0)
			out->field = table_field(out->prior->table, text->field);
	}
	if (out->prior != NULL && text->field.length > 0 && out->field == SIZE_MAX)
		error_add(error, &field, "%s has no such field: \"%.*s\"", out->prior->table->name,
		    (int)text->field.length, text->field.data);
	return error->total > faults ? error->status : STATUS_OK;
}

size_t
duty_via(const struct duty *duty)
{
	struct slice rest = duty->via;

	return duty->via.length == 0 ? SIZE_MAX : table_field(duty->table, slice_cut(&rest, '.'));
}

uint64_t
duty_prior(const struct duty *duty, uint64_t document, struct slice first, struct arena *arena)
{
	struct view *view = duty->prior->view;
	struct slice rest = duty->via, value = first;
	struct error ignored = ERROR_INIT;
	unsigned long long number = 0;
	struct record record;
	struct path path;
	struct log *log;

	if (duty->via.length == 0)
		return document;
	slice_cut(&rest, '.');
	if (rest.length > 0) {
		const char *target = duty->table->fields[duty_via(duty)].target;

		value = (struct slice){ "", 0 };
		if (view_log(view, target, &log, &ignored) == STATUS_OK &&
		    table_id_parse(log->table, first, &number) &&
		    record_read(log, number, arena, &record, &ignored) == STATUS_OK &&
		    path_resolve(view, log->table, rest, &path, &ignored) == STATUS_OK)
			value = path_value(&path, &record);
	}
	error_release(&ignored);
	return table_id_parse(duty->prior->table, value, &number) ? number : 0;
}

/* --- all pairs -------------------------------------------------------------------- */

/* Replaces the one of the same name; nothing takes its place when it is off. */
static enum status
hold(struct duties *duties, const struct duty_text *text, bool off, struct error *error)
{
	struct error own = ERROR_INIT;
	struct duty duty;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < duties->count; i++) {
		if (slice_equal(duties->list[i].duty.name, text->name))
			duties->list[i] = duties->list[--duties->count];
	}
	if (off)
		return STATUS_OK;
	status = duty_resolve(duties->view, text, &(struct place){ .source = NULL }, &duty, &own);
	if (status == STATUS_OK) {
		duties->list = memory_grow(duties->list, &duties->capacity, duties->count, sizeof *duties->list);
		duties->list[duties->count++] = (struct held){ .duty = duty };
	} else if (status != STATUS_REFUSED) {
		*error = own;
		return status;
	}
	error_release(&own);
	return STATUS_OK;
}

static enum status
read_shipped(struct duties *duties, struct error *error)
{
	const char *path =
	    arena_format(&duties->arena, "%s/duty.csv", schema_share(view_schema(duties->view))).data;
	struct buffer bytes = BUFFER_INIT;
	struct slice rest, line, raw[COLUMNS];
	enum status status = STATUS_OK;

	if (!file_load(path, &bytes, FILE_MAX)) {
		buffer_release(&bytes);
		return errno == ENOENT ? STATUS_OK : error_set(error, STATUS_SYSTEM, "%s:", path);
	}
	rest = arena_copy(&duties->arena, buffer_slice(&bytes));
	buffer_release(&bytes);
	if (!csv_line(&rest, &line) || !slice_is(line, "name,table,verb,before,via,field,help"))
		status = error_set(error, STATUS_SYSTEM, "%s:1: not the header of duties", path);
	for (size_t number = 2; status == STATUS_OK && csv_line(&rest, &line); number++) {
		struct arena *arena = &duties->arena;

		if (csv_split(line, raw, COLUMNS) != COLUMNS)
			status = error_set(error, STATUS_SYSTEM, "%s:%zu: not %d columns", path, number, COLUMNS);
		else
			status = hold(duties,
			    &(struct duty_text){ csv_decode(raw[0], arena), csv_decode(raw[1], arena),
				csv_decode(raw[2], arena), csv_decode(raw[3], arena),
				csv_decode(raw[4], arena), csv_decode(raw[5], arena) },
			    false, error);
	}
	return status;
}

static enum status
read_own(struct duties *duties, struct error *error)
{
	struct error own = ERROR_INIT;
	struct log *log;
	enum status status = view_log(duties->view, "duty", &log, &own);

	/* Whoever has other tables has no duties of its own. */
	if (status == STATUS_NO) {
		error_release(&own);
		return STATUS_OK;
	}
	*error = own;
	for (uint64_t number = 1; status == STATUS_OK && number <= log->count; number++) {
		struct record record;

		status = record_read(log, number, &duties->arena, &record, error);
		if (status == STATUS_OK)
			status = hold(duties,
			    &(struct duty_text){ record_named(&record, "name"), record_named(&record, "table"),
				record_named(&record, "verb"), record_named(&record, "before"),
				record_named(&record, "via"), record_named(&record, "field") },
			    record_archived(&record), error);
	}
	return status;
}

enum status
duties_open(struct view *view, struct duties **out, struct error *error)
{
	struct duties *duties = memory_new(sizeof *duties);
	enum status status;

	duties->view = view;
	status = read_shipped(duties, error);
	if (status == STATUS_OK)
		status = read_own(duties, error);
	if (status != STATUS_OK) {
		duties_close(duties);
		duties = NULL;
	}
	*out = duties;
	return status;
}

void
duties_close(struct duties *duties)
{
	if (duties == NULL)
		return;
	for (size_t i = 0; i < duties->count; i++)
		deeds_free(duties->list[i].deeds);
	free(duties->list);
	arena_release(&duties->arena);
	free(duties);
}

size_t
duties_count(const struct duties *duties)
{
	return duties->count;
}

const struct duty *
duties_at(const struct duties *duties, size_t index)
{
	return &duties->list[index].duty;
}

/* --- who did what --------------------------------------------------------------- */

static enum status
prior_deeds(struct duties *duties, size_t index, struct error *error)
{
	const struct duty *duty = &duties->list[index].duty;

	if (duties->list[index].deeds != NULL)
		return STATUS_OK;
	return deeds_collect(duty->prior, duty->before, duty->field, &duties->list[index].deeds, error);
}

enum status
duties_done(struct duties *duties, size_t index, uint64_t number, const char *login, bool *done, struct error *error)
{
	struct slice audit = snapshot_audit(view_snapshot(duties->view));
	struct buffer scratch = BUFFER_INIT;
	const struct deed *deeds;
	size_t count = 0;
	enum status status = prior_deeds(duties, index, error);

	*done = false;
	deeds = status == STATUS_OK ? deeds_of(duties->list[index].deeds, number, &count) : NULL;
	for (size_t i = 0; i < count && !*done; i++)
		*done = slice_is(deed_actor(audit, deeds[i].tx, &scratch), login);
	buffer_release(&scratch);
	return status;
}

/* The newest of somebody's deeds up to transaction tx, 0 when there is none. */
static uint64_t
newest_by(const struct deed *deeds, size_t count, struct slice audit, struct slice actor, uint64_t tx)
{
	struct buffer scratch = BUFFER_INIT;
	uint64_t found = 0;

	for (size_t i = count; i > 0 && found == 0; i--) {
		if (deeds[i - 1].tx <= tx && slice_equal(deed_actor(audit, deeds[i - 1].tx, &scratch), actor))
			found = deeds[i - 1].tx;
	}
	buffer_release(&scratch);
	return found;
}

/* The record that was worked on before, as the document names it now. */
static enum status
prior_of(const struct duty *duty, struct log *log, uint64_t document, uint64_t *prior, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct record record;
	enum status status = STATUS_OK;

	*prior = document;
	if (duty->via.length > 0) {
		status = record_read(log, document, &arena, &record, error);
		if (status == STATUS_OK)
			*prior = duty_prior(duty, document, record_value(&record, duty_via(duty)), &arena);
	}
	arena_release(&arena);
	return status;
}

static enum status
report_one(struct duties *duties, size_t index, duty_visit *visit, void *context, struct error *error)
{
	const struct duty *duty = &duties->list[index].duty;
	struct slice audit = snapshot_audit(view_snapshot(duties->view));
	struct buffer scratch = BUFFER_INIT;
	struct deeds *second = NULL;
	struct log *log;
	enum status status = view_log(duties->view, duty->table->name, &log, error);

	if (status == STATUS_OK)
		status = prior_deeds(duties, index, error);
	if (status == STATUS_OK)
		status = deeds_collect(log, duty->verb, SIZE_MAX, &second, error);
	for (size_t i = 0; status == STATUS_OK && i < second->count; i++) {
		const struct deed *deed = &second->list[i];
		struct breach breach = { .duty = duty, .document = deed->number, .second = deed->tx };
		const struct deed *first;
		uint64_t prior;
		size_t count;

		status = prior_of(duty, log, deed->number, &prior, error);
		if (status != STATUS_OK)
			break;
		breach.actor = deed_actor(audit, deed->tx, &scratch);
		first = deeds_of(duties->list[index].deeds, prior, &count);
		breach.first = newest_by(first, count, audit, breach.actor, deed->tx);
		if (breach.first != 0)
			visit(&breach, context);
	}
	deeds_free(second);
	buffer_release(&scratch);
	return status;
}

enum status
duties_report(struct duties *duties, duty_visit *visit, void *context, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < duties->count && status == STATUS_OK; i++)
		status = report_one(duties, i, visit, context, error);
	return status;
}
