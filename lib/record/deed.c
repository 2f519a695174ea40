/* deed: a pass over a log, and its lines' logs, keeps what took the verb */
#include "record/deed.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/history.h"
#include "record/taken.h"

struct collecting {
	struct deeds *deeds;
	const char *verb;
	size_t field;
	uint64_t *created; /* by number of the document: the transaction that made it */
	uint64_t documents;
	const struct table *table; /* of documents */
};

static void
add_deed(struct deeds *deeds, uint64_t number, uint64_t tx)
{
	deeds->list = memory_grow(deeds->list, &deeds->capacity, deeds->count, sizeof *deeds->list);
	deeds->list[deeds->count++] = (struct deed){ number, tx };
}

static enum status
visit_document(const struct record *revision, const struct record *before, void *context, struct error *error)
{
	struct collecting *collecting = context;

	(void)error;
	if (before == NULL)
		collecting->created[revision->number] = revision->tx;
	if (taken_by_revision(revision, before, collecting->verb, collecting->field))
		add_deed(collecting->deeds, revision->number, revision->tx);
	return STATUS_OK;
}

static enum status
visit_line(const struct record *revision, const struct record *before, void *context, struct error *error)
{
	struct collecting *collecting = context;
	const struct table *table = revision->log->table;
	unsigned long long document;

	(void)error;
	if (!table_id_parse(collecting->table, record_value(revision, table->parent_field), &document) ||
	    document > collecting->documents || collecting->created[document] == revision->tx)
		return STATUS_OK;
	/* What a rule worked out for a line is nobody's deed. */
	if (before == NULL || taken_by_revision(revision, before, "set", SIZE_MAX) ||
	    taken_by_revision(revision, before, "archive", SIZE_MAX) ||
	    taken_by_revision(revision, before, "unarchive", SIZE_MAX))
		add_deed(collecting->deeds, document, revision->tx);
	return STATUS_OK;
}

static enum status
collect_lines(struct log *log, struct collecting *collecting, struct error *error)
{
	const char *const *names = schema_children(view_schema(log->view), log->table->name);
	enum status status = STATUS_OK;

	for (; names != NULL && *names != NULL && status == STATUS_OK; names++) {
		struct log *lines;

		status = view_log(log->view, *names, &lines, error);
		if (status == STATUS_OK && lines->table->parent_field != SIZE_MAX &&
		    !(lines->table->flags & TABLE_COMPUTED))
			status = history_log(lines, 0, visit_line, collecting, error);
	}
	return status;
}

static int
compare_deeds(const void *a, const void *b)
{
	const struct deed *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->tx > y->tx) - (x->tx < y->tx);
}

enum status
deeds_collect(struct log *log, struct slice verb, size_t field, struct deeds **out, struct error *error)
{
	char *text = memory_copy(verb.data, verb.length);
	struct collecting collecting = { .deeds = memory_new(sizeof *collecting.deeds),
		.verb = text,
		.field = field,
		.created = memory_array(log->count + 1, sizeof *collecting.created),
		.documents = log->count,
		.table = log->table };
	enum status status = history_log(log, 0, visit_document, &collecting, error);

	if (status == STATUS_OK && field == SIZE_MAX && strcmp(text, "set") == 0)
		status = collect_lines(log, &collecting, error);
	if (status == STATUS_OK && collecting.deeds->count > 0)
		qsort(collecting.deeds->list, collecting.deeds->count, sizeof *collecting.deeds->list,
		    compare_deeds);
	free(text);
	free(collecting.created);
	if (status != STATUS_OK) {
		deeds_free(collecting.deeds);
		collecting.deeds = NULL;
	}
	*out = collecting.deeds;
	return status;
}

void
deeds_free(struct deeds *deeds)
{
	if (deeds == NULL)
		return;
	free(deeds->list);
	free(deeds);
}

const struct deed *
deeds_of(const struct deeds *deeds, uint64_t number, size_t *count)
{
	size_t low = 0, high = deeds->count;

	*count = 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (deeds->list[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	while (low + *count < deeds->count && deeds->list[low + *count].number == number)
		++*count;
	return *count > 0 ? &deeds->list[low] : NULL;
}

struct slice
deed_actor(struct slice audit, uint64_t tx, struct buffer *scratch)
{
	struct audit_line line;
	struct slice actor = { "", 0 };

	if (audit_find(audit, tx, &line, scratch)) {
		actor = line.actor;
		return slice_cut(&actor, '(');
	}
	return actor;
}
