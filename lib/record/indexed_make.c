/* indexed_make: an index is made by another thread, or by whom asks for it */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/gather.h"
#include "record/indexed_internal.h"

struct making {
	pthread_t thread;
	struct index_writer *writer;
	struct index *from; /* what it goes on from, or NULL */
	const char **names; /* of the fields */
	struct gathering gathering;
	bool made;
};

/* --- which fields ----------------------------------------------------------------------- */

/*
 * Whether values of a type are asked for as they are spelled.  Numbers are not; and who has
 * one of a few choices is better told by a look at all records.
 */
static bool
is_selective(enum type type)
{
	switch (type) {
	case TYPE_TEXT:
	case TYPE_NOTE:
	case TYPE_DATE:
	case TYPE_EMAIL:
	case TYPE_PHONE:
	case TYPE_IBAN:
	case TYPE_TAXID:
	case TYPE_URL:
	case TYPE_BLOB:
		return true;
	default:
		return false;
	}
}

/* What is looked up by value: keys, unique fields, references, and what a schema flags so. */
static bool
is_indexed(const struct field *field)
{
	return (field->flags & (FIELD_DERIVED | FIELD_FOREIGN)) == 0 &&
	    (field->type == TYPE_REF || (field->flags & (FIELD_UNIQUE | FIELD_KEY)) != 0 ||
		((field->flags & FIELD_INDEXED) != 0 && is_selective(field->type)));
}

/* Their names, NULL-ended. */
static const char **
list_names(const struct table *table)
{
	const char **names = memory_array(table->field_count + 1, sizeof *names);
	size_t count = 0;

	for (size_t i = 0; i < table->field_count; i++) {
		if (is_indexed(&table->fields[i]))
			names[count++] = table->fields[i].name;
	}
	return names;
}

char *
indexed_join(const struct table *table)
{
	const char **names = list_names(table);
	struct buffer joined = BUFFER_INIT;

	buffer_add_text(&joined, ":");
	for (size_t i = 0; names[i] != NULL; i++) {
		buffer_add_char(&joined, ' ');
		buffer_add_text(&joined, names[i]);
	}
	free(names);
	return joined.data;
}

/* --- making one ---------------------------------------------------------------------------- */

static void *
make(void *context)
{
	struct making *making = context;
	bool good = making->from == NULL || gather_load(&making->gathering, making->from);

	good = good && gather_read(&making->gathering);
	if (good)
		gather_write(&making->gathering, making->writer);
	making->made = index_write_end(making->writer, good);
	return NULL;
}

static void
making_free(struct making *making)
{
	index_close(making->from);
	gather_release(&making->gathering);
	free(making->names);
	free(making);
}

/* What it goes on from; false when somebody has made one meanwhile that is newer than this would be. */
static bool
find_older(struct view *view, const struct table *table, const char *fields, struct index **from)
{
	enum index_found found = index_open(view_snapshot(view), table->name, fields, from);

	if (*from != NULL && (found == INDEX_AHEAD || strcmp(index_fields(*from), fields) != 0)) {
		index_close(*from);
		*from = NULL;
	}
	return found != INDEX_AHEAD;
}

/* NULL when none is to be made. */
static struct making *
prepare(struct view *view, const struct table *table, struct slice bytes, bool go_on)
{
	const char **names = list_names(table);
	char *fields = indexed_join(table);
	struct index *from = NULL;
	struct index_writer *writer = NULL;
	struct making *making;

	if (!go_on || find_older(view, table, fields, &from))
		writer = index_write(view_snapshot(view), table->name, fields,
		    (table->flags & TABLE_PERSONAL) != 0, from);
	free(fields);
	if (writer == NULL) {
		index_close(from);
		free(names);
		return NULL;
	}
	making = memory_new(sizeof *making);
	making->writer = writer;
	making->from = from;
	making->names = names;
	gather_init(&making->gathering, bytes, table->prefix, index_writer_key(writer), names);
	return making;
}

struct making *
making_start(struct view *view, const struct table *table, struct slice bytes, bool go_on)
{
	struct making *making = prepare(view, table, bytes, go_on);

	if (making == NULL || pthread_create(&making->thread, NULL, make, making) == 0)
		return making;
	index_write_end(making->writer, false);
	making_free(making);
	return NULL;
}

void
making_wait(struct making *making)
{
	if (making == NULL)
		return;
	pthread_join(making->thread, NULL);
	making_free(making);
}

/* --- for people ------------------------------------------------------------------------------ */

enum status
indexed_report(struct view *view, const struct table *table, struct index_report *report, struct error *error)
{
	struct snapshot *snapshot = view_snapshot(view);
	char *fields = indexed_join(table);
	struct buffer summary = BUFFER_INIT;
	struct index *index = NULL;
	struct slice bytes;
	enum status status = snapshot_log(snapshot, table->name, &bytes, error);

	*report = (struct index_report){ .found = INDEX_MISSING };
	if (status == STATUS_OK)
		report->found = index_open(snapshot, table->name, fields, &index);
	if (index != NULL && !index_page(index, PAGE_SUMMARY, 0, &summary))
		report->found = INDEX_DAMAGED;
	else if (index != NULL) {
		report->tx = index_tx(index);
		report->records = page_word(&summary, 0);
		report->size = index_size(index);
		report->behind = bytes.length - index_scanned(index);
	}
	index_close(index);
	buffer_release(&summary);
	free(fields);
	return status;
}

enum status
indexed_build(struct view *view, const struct table *table, bool *made, struct error *error)
{
	struct index_report report;
	struct making *making;
	struct slice bytes = { "", 0 };
	enum status status = indexed_report(view, table, &report, error);

	*made = false;
	if (status == STATUS_OK)
		status = snapshot_log(view_snapshot(view), table->name, &bytes, error);
	if (status != STATUS_OK || bytes.length == 0 || report.found == INDEX_OFF || report.found == INDEX_SMALL ||
	    report.found == INDEX_AHEAD || (report.found == INDEX_USABLE && report.behind == 0))
		return status;
	making = prepare(view, table, bytes, report.found == INDEX_USABLE);
	if (making != NULL) {
		make(making);
		*made = making->made;
		making_free(making);
	}
	return STATUS_OK;
}
