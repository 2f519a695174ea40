/* indexed: the base of a log, and the thread that makes a new one */
#include "record/indexed.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/gather.h"
#include "record/log.h"
#include "record/lookup.h"

/* An index in the making. */
struct making {
	pthread_t thread;
	struct index_writer *writer;
	struct index *from; /* what it goes on from, or NULL */
	struct gathering gathering;
	bool made;
};

struct indexed {
	const char **names;  /* of the fields, NULL-ended; owned by the table */
	struct index *index; /* NULL when there is none, or no longer */
	struct making *making;
	uint64_t base;      /* bytes of it */
	uint64_t count;     /* records of it */
	bool filled;        /* all of them are in log->newest */
	uint64_t *totals;   /* entries of each field */
	uint32_t newest_at; /* which page of newest lines is in the buffer + 1, 0 for none */
	struct buffer newest, older, entries;
	size_t loads; /* pages of newest lines that were read */
	uint64_t *answer;
	size_t answer_capacity;
	uint32_t *noted;
	size_t noted_count, noted_capacity;
};

/* --- which fields ----------------------------------------------------------------------- */

/* What is looked up by value: keys, unique fields, references. */
static bool
is_indexed(const struct field *field)
{
	return (field->flags & (FIELD_DERIVED | FIELD_FOREIGN)) == 0 &&
	    (field->type == TYPE_REF || (field->flags & (FIELD_UNIQUE | FIELD_KEY)) != 0);
}

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

/* As index.h wants them. */
static char *
join_names(const char *const *names)
{
	struct buffer joined = BUFFER_INIT;

	buffer_add_text(&joined, ":");
	for (; *names != NULL; names++) {
		buffer_add_char(&joined, ' ');
		buffer_add_text(&joined, *names);
	}
	return joined.data;
}

/* The place of a field among those that are indexed, SIZE_MAX when it is not. */
static size_t
place_of(const struct log *log, size_t field)
{
	const char *name = log->table->fields[field].name;

	for (size_t i = 0; log->indexed->names[i] != NULL; i++) {
		if (log->indexed->names[i] == name)
			return i;
	}
	return SIZE_MAX;
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
	free(making);
}

/* NULL when none is to be made. */
static struct making *
prepare(struct view *view, const struct table *table, const char *const *names, struct slice bytes, bool go_on)
{
	char *fields = join_names(names);
	struct snapshot *snapshot = view_snapshot(view);
	struct index *from = NULL;
	struct index_writer *writer;
	struct making *making = NULL;

	if (go_on)
		index_open(snapshot, table->name, fields, &from);
	writer = index_write(snapshot, table->name, fields, (table->flags & TABLE_PERSONAL) != 0, from);
	free(fields);
	if (writer == NULL) {
		index_close(from);
		return NULL;
	}
	making = memory_new(sizeof *making);
	making->writer = writer;
	making->from = from;
	gather_init(&making->gathering, bytes, table->prefix, index_writer_key(writer), names);
	return making;
}

static void
start_making(struct log *log, struct slice bytes, bool go_on)
{
	struct making *making = prepare(log->view, log->table, log->indexed->names, bytes, go_on);

	if (making == NULL)
		return;
	if (pthread_create(&making->thread, NULL, make, making) == 0) {
		log->indexed->making = making;
		return;
	}
	index_write_end(making->writer, false);
	making_free(making);
}

void
indexed_wait(struct log *log)
{
	if (log->indexed == NULL || log->indexed->making == NULL)
		return;
	pthread_join(log->indexed->making->thread, NULL);
	making_free(log->indexed->making);
	log->indexed->making = NULL;
}

/* --- opening -------------------------------------------------------------------------------- */

/* Room for all numbers: zeroes that cost nothing until somebody writes there. */
static void
make_room(struct log *log, uint64_t count)
{
	log->capacity = count + count / 4 + 64;
	log->newest = memory_zeros(log->capacity, sizeof *log->newest);
	log->count = count;
}

static bool
take_headers(struct log *log, struct slice bytes, size_t count)
{
	struct indexed *indexed = log->indexed;
	struct error ignored = ERROR_INIT;
	bool good = index_page(indexed->index, PAGE_HEADERS, 0, &indexed->entries) &&
	    indexed->entries.length == count * sizeof(uint64_t) && count > 0;

	for (size_t i = 0; good && i < count; i++) {
		uint64_t offset = page_word(&indexed->entries, i);

		good = offset < index_scanned(indexed->index) &&
		    log_take_header(log, bytes, offset, &ignored) == STATUS_OK;
	}
	error_release(&ignored);
	return good;
}

/* Whether everything that is needed at once is whole. */
static bool
take_base(struct log *log, struct slice bytes)
{
	struct indexed *indexed = log->indexed;
	struct buffer *summary = &indexed->entries;
	size_t fields = 0, headers;

	while (indexed->names[fields] != NULL)
		fields++;
	if (!index_page(indexed->index, PAGE_SUMMARY, 0, summary) ||
	    summary->length != (SUMMARY_FIELDS + fields) * sizeof(uint64_t))
		return false;
	indexed->count = page_word(summary, 0);
	headers = page_word(summary, 2);
	indexed->totals = memory_array(fields + 1, sizeof *indexed->totals);
	for (size_t i = 0; i < fields; i++)
		indexed->totals[i] = page_word(summary, SUMMARY_FIELDS + i);
	if (indexed->count > UINT32_MAX || !take_headers(log, bytes, headers))
		return false;
	make_room(log, indexed->count);
	indexed->base = log->scanned = index_scanned(indexed->index);
	return true;
}

void
indexed_open(struct log *log, struct slice bytes)
{
	struct store *store = view_store(log->view);
	enum index_found found;
	char *fields;

	if (!index_wanted(store, bytes.length))
		return;
	log->indexed = memory_new(sizeof *log->indexed);
	log->indexed->names = list_names(log->table);
	fields = join_names(log->indexed->names);
	found = index_open(view_snapshot(log->view), log->table->name, fields, &log->indexed->index);
	free(fields);
	if (found == INDEX_USABLE && !take_base(log, bytes)) {
		index_close(log->indexed->index);
		log->indexed->index = NULL;
		log_unread(log);
		found = INDEX_DAMAGED;
	}
	if (found == INDEX_USABLE ? index_outgrown(log->scanned, bytes.length) : found != INDEX_AHEAD)
		start_making(log, bytes, found == INDEX_USABLE);
}

void
indexed_free(struct log *log)
{
	struct indexed *indexed = log->indexed;

	if (indexed == NULL)
		return;
	indexed_wait(log);
	index_close(indexed->index);
	free(indexed->names);
	free(indexed->totals);
	free(indexed->answer);
	free(indexed->noted);
	buffer_release(&indexed->newest);
	buffer_release(&indexed->older);
	buffer_release(&indexed->entries);
	free(indexed);
	log->indexed = NULL;
}

/* --- what was read behind the base ------------------------------------------------------------ */

void
indexed_note(struct log *log, uint64_t number)
{
	struct indexed *indexed = log->indexed;

	if (indexed == NULL || indexed->index == NULL)
		return;
	indexed->noted = memory_grow(indexed->noted, &indexed->noted_capacity, indexed->noted_count,
	    sizeof *indexed->noted);
	indexed->noted[indexed->noted_count++] = (uint32_t)number;
}

const uint32_t *
indexed_noted(const struct log *log, size_t *count)
{
	*count = log->indexed != NULL ? log->indexed->noted_count : 0;
	return *count > 0 ? log->indexed->noted : NULL;
}

/* --- asking ---------------------------------------------------------------------------------- */

/* The base is not to be believed: everything it stood for is read. */
static void
give_up(struct log *log)
{
	struct indexed *indexed = log->indexed;

	index_close(indexed->index);
	indexed->index = NULL;
	log_read_base(log, indexed->base);
	if (indexed->making == NULL)
		start_making(log, log->bytes, false);
}

/* The page with that record's newest line. */
static bool
load_newest(struct log *log, uint32_t page)
{
	struct indexed *indexed = log->indexed;

	if (indexed->newest_at == page + 1)
		return true;
	indexed->newest_at = 0;
	indexed->loads++;
	if (!index_page(indexed->index, PAGE_NEWEST, page, &indexed->newest))
		return false;
	indexed->newest_at = page + 1;
	return true;
}

/* Whether a line of record number begins at offset. */
static bool
is_line_of(const struct log *log, uint64_t number, uint64_t offset)
{
	char id[ID_SIZE];
	struct slice text = table_id(log->table, number, id);
	const char *line = log->bytes.data + offset;

	return offset > 0 && offset + text.length < log->indexed->base && line[-1] == '\n' &&
	    memcmp(line, text.data, text.length) == 0 && line[text.length] == ',';
}

uint64_t
indexed_line(struct log *log, uint64_t number)
{
	struct indexed *indexed = log->indexed;
	uint64_t place = (number - 1) % PAGE_RECORDS, offset;

	if (indexed == NULL || indexed->index == NULL || number == 0 || number > indexed->count)
		return 0;
	if (load_newest(log, (uint32_t)((number - 1) / PAGE_RECORDS)) &&
	    indexed->newest.length > place * sizeof(uint64_t)) {
		offset = page_word(&indexed->newest, place);
		if (is_line_of(log, number, offset))
			return offset + 1;
	}
	give_up(log);
	return log->newest[number];
}

uint64_t
log_locate(const struct log *log, uint64_t number)
{
	struct log *own = (struct log *)(uintptr_t)log; /* which only comes to know what was so before */
	struct indexed *indexed = log->indexed;
	uint64_t line;

	if (indexed->index == NULL)
		return 0;
	/* Who jumps about so much will want them all. */
	if (indexed->loads > indexed->count / PAGE_RECORDS / 4 + 64) {
		log_fill(own);
		return own->newest[number];
	}
	line = indexed_line(own, number);
	if (own->newest[number] == 0)
		own->newest[number] = line;
	return own->newest[number];
}

void
log_fill(struct log *log)
{
	struct indexed *indexed = log->indexed;

	if (indexed == NULL || indexed->index == NULL || indexed->filled)
		return;
	memory_fills(log->newest, log->capacity * sizeof *log->newest);
	for (uint64_t first = 0; first < indexed->count; first += PAGE_RECORDS) {
		uint64_t here = indexed->count - first < PAGE_RECORDS ? indexed->count - first : PAGE_RECORDS;

		if (!load_newest(log, (uint32_t)(first / PAGE_RECORDS)) ||
		    indexed->newest.length != here * sizeof(uint64_t)) {
			give_up(log);
			return;
		}
		for (size_t i = 0; i < here; i++) {
			uint64_t *newest = &log->newest[first + 1 + i];

			*newest = *newest != 0 ? *newest : page_word(&indexed->newest, i) + 1;
		}
	}
	indexed->filled = true;
}

bool
indexed_knows(const struct log *log, size_t field)
{
	return log->indexed != NULL && log->indexed->index != NULL && place_of(log, field) != SIZE_MAX;
}

/* The first of the entries, which rise, that is not below tag << 32. */
static size_t
first_of(const struct buffer *entries, size_t count, uint32_t tag)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (page_word(entries, middle) < (uint64_t)tag << 32)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
indexed_candidates(struct log *log, size_t field, struct slice raw, const uint64_t **numbers, size_t *count)
{
	struct indexed *indexed = log->indexed;
	size_t place = place_of(log, field), entries;
	uint32_t tag = index_tag(index_key(indexed->index), raw), pages = gather_pages(indexed->totals[place]);

	*count = 0;
	*numbers = NULL;
	if (!index_page(indexed->index, PAGE_FIELD + (uint32_t)place, gather_page_of(tag, pages),
		&indexed->entries)) {
		give_up(log);
		return false;
	}
	entries = indexed->entries.length / sizeof(uint64_t);
	for (size_t i = first_of(&indexed->entries, entries, tag); i < entries; i++) {
		uint64_t entry = page_word(&indexed->entries, i);

		if (entry >> 32 != tag)
			break;
		indexed->answer = memory_grow(indexed->answer, &indexed->answer_capacity, *count,
		    sizeof *indexed->answer);
		indexed->answer[(*count)++] = entry & UINT32_MAX;
	}
	*numbers = indexed->answer;
	return true;
}

bool
indexed_revisions(struct log *log, uint64_t number, uint64_t **offsets, size_t *count, uint64_t *end)
{
	struct indexed *indexed = log->indexed;
	uint64_t newest = indexed_line(log, number);
	size_t older;

	if (indexed == NULL || indexed->index == NULL)
		return false;
	*end = indexed->base;
	*count = 0;
	*offsets = NULL;
	if (newest == 0)
		return true;
	if (!index_page(indexed->index, PAGE_OLDER, (uint32_t)((number - 1) / PAGE_RECORDS), &indexed->older)) {
		give_up(log);
		return false;
	}
	older = indexed->older.length / sizeof(uint64_t);
	*offsets = memory_array(older + 1, sizeof **offsets);
	for (size_t i = 0; i < older; i++) {
		uint64_t packed = page_word(&indexed->older, i);

		if (packed >> PAGE_SHIFT == (number - 1) % PAGE_RECORDS)
			(*offsets)[(*count)++] = packed & PAGE_OFFSET;
	}
	(*offsets)[(*count)++] = newest - 1;
	return true;
}

/* --- for people ------------------------------------------------------------------------------ */

enum status
indexed_report(struct view *view, const struct table *table, struct index_report *report, struct error *error)
{
	struct snapshot *snapshot = view_snapshot(view);
	const char **names = list_names(table);
	char *fields = join_names(names);
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
	free(names);
	free(fields);
	return status;
}

enum status
indexed_build(struct view *view, const struct table *table, bool *made, struct error *error)
{
	struct index_report report;
	const char **names;
	struct making *making;
	struct slice bytes = { "", 0 };
	enum status status = indexed_report(view, table, &report, error);

	*made = false;
	if (status == STATUS_OK)
		status = snapshot_log(view_snapshot(view), table->name, &bytes, error);
	if (status != STATUS_OK || bytes.length == 0 || report.found == INDEX_OFF || report.found == INDEX_SMALL ||
	    report.found == INDEX_AHEAD || (report.found == INDEX_USABLE && report.behind == 0))
		return status;
	names = list_names(table);
	making = prepare(view, table, names, bytes, report.found == INDEX_USABLE);
	if (making != NULL) {
		make(making);
		*made = making->made;
		making_free(making);
	}
	free(names);
	return STATUS_OK;
}
