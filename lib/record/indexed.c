/* indexed: the base of a log */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/gather.h"
#include "record/indexed_internal.h"
#include "record/log.h"
#include "record/lookup.h"

/* Questions that are not yet many, and so is this part of all records: reading these costs as much. */
enum { QUESTIONS_LEAST = 1024, QUESTIONS_PART = 16 };

struct indexed {
	struct index *index; /* NULL when there is none, or no longer */
	char *fields;        /* what it has: names, a NUL before and behind each */
	size_t field_count;
	struct making *making;
	uint64_t base;      /* bytes of it; an index that is ahead knows of more */
	uint64_t count;     /* records of it */
	uint64_t known;     /* records of the index */
	bool filled;        /* all of them are in log->newest */
	uint64_t *totals;   /* entries of each field */
	uint32_t newest_at; /* which page of newest lines is in the buffer + 1, 0 for none */
	struct buffer newest, older, entries;
	size_t loads;       /* pages of newest lines that were read */
	uint64_t questions; /* that were asked about values */
	uint64_t *answer;
	size_t answer_capacity;
	uint32_t *noted;
	size_t noted_count, noted_capacity;
};

/* The place of a field among those that are indexed, SIZE_MAX when it is not. */
static size_t
place_of(const struct log *log, size_t field)
{
	const char *name = log->table->fields[field].name, *has = log->indexed->fields + 1;

	for (size_t i = 0; i < log->indexed->field_count; i++, has += strlen(has) + 1) {
		if (strcmp(has, name) == 0)
			return i;
	}
	return SIZE_MAX;
}

/* --- pages of newest lines --------------------------------------------------------------- */

/* Whether the index knows of lines that are behind the base. */
static bool
is_ahead(const struct indexed *indexed)
{
	return index_scanned(indexed->index) > indexed->base;
}

/* Makes a page of newest lines one of those in the base: 0 for a record that has none there. */
static bool
go_back(struct indexed *indexed, uint32_t page)
{
	struct buffer *newest = &indexed->newest, *older = &indexed->older;
	size_t records = newest->length / sizeof(uint64_t);
	bool behind = false;

	for (size_t i = 0; i < records; i++) {
		if (page_word(newest, i) >= indexed->base) {
			page_set_word(newest, i, 0);
			behind = true;
		}
	}
	if (behind && !index_page(indexed->index, PAGE_OLDER, page, older))
		return false;
	for (size_t i = 0; behind && i < older->length / sizeof(uint64_t); i++) {
		uint64_t packed = page_word(older, i), offset = packed & PAGE_OFFSET;
		size_t place = (size_t)(packed >> PAGE_SHIFT);

		/* A record's rise, so the last one that is in the base stays. */
		if (place < records && offset < indexed->base && offset > page_word(newest, place))
			page_set_word(newest, place, offset);
	}
	return true;
}

static bool
load_newest(struct indexed *indexed, uint32_t page)
{
	if (indexed->newest_at == page + 1)
		return true;
	indexed->newest_at = 0;
	indexed->loads++;
	if (!index_page(indexed->index, PAGE_NEWEST, page, &indexed->newest) ||
	    (is_ahead(indexed) && !go_back(indexed, page)))
		return false;
	indexed->newest_at = page + 1;
	return true;
}

/* How many records of a page are in the base: its first so many, since they come as they are numbered. */
static bool
count_page(struct indexed *indexed, uint32_t page, size_t *count)
{
	size_t low = 0, high;

	if (!load_newest(indexed, page))
		return false;
	high = indexed->newest.length / sizeof(uint64_t);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (page_word(&indexed->newest, middle) != 0)
			low = middle + 1;
		else
			high = middle;
	}
	*count = low;
	return true;
}

/* The number of the record whose line is the last one of bytes; 0 when it is none. */
static uint64_t
last_number(const struct log *log, struct slice bytes)
{
	const char *end = bytes.data + bytes.length - 1, *before = memrchr(bytes.data, '\n', bytes.length - 1);

	return before != NULL ? log_line_number(log, before + 1, end) : 0;
}

/*
 * Counts the records of the base where the index knows of more.  The last line of the base
 * mostly is that of its last record, or of one nearby.
 */
static bool
count_records(struct log *log, struct slice bytes)
{
	struct indexed *indexed = log->indexed;
	uint64_t last = last_number(log, bytes);
	uint32_t low = (uint32_t)((last - 1) / PAGE_RECORDS), page = low;
	uint32_t high = (uint32_t)((indexed->known - 1) / PAGE_RECORDS) + 1;
	size_t count = 0;

	if (last == 0 || last > indexed->known)
		return false;
	/* Page low has some of them, page high has none. */
	while (high - low > 1) {
		if (!count_page(indexed, page, &count))
			return false;
		low = count > 0 ? page : low;
		high = count == PAGE_RECORDS ? high : count > 0 ? page + 1 : page;
		page = low + (high - low) / 2;
	}
	if (!count_page(indexed, low, &count))
		return false;
	indexed->count = (uint64_t)low * PAGE_RECORDS + count;
	return count > 0;
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

		if (offset < indexed->base)
			good = log_take_header(log, bytes, offset, &ignored) == STATUS_OK;
		else
			good = is_ahead(indexed);
	}
	error_release(&ignored);
	return good && log->layout_count > 0;
}

/* From ": code name". */
static void
take_fields(struct indexed *indexed)
{
	const char *names = index_fields(indexed->index) + 1;

	indexed->fields = memory_copy(names, strlen(names));
	for (char *at = indexed->fields; *at != '\0'; at++) {
		if (*at != ' ')
			continue;
		*at = '\0';
		indexed->field_count++;
	}
}

/* Whether everything that is needed at once is whole. */
static bool
take_base(struct log *log, struct slice bytes)
{
	struct indexed *indexed = log->indexed;
	struct buffer *summary = &indexed->entries;
	size_t fields, headers;

	take_fields(indexed);
	fields = indexed->field_count;
	if (!index_page(indexed->index, PAGE_SUMMARY, 0, summary) ||
	    summary->length != (SUMMARY_FIELDS + fields) * sizeof(uint64_t))
		return false;
	indexed->known = page_word(summary, 0);
	headers = page_word(summary, 2);
	indexed->totals = memory_array(fields + 1, sizeof *indexed->totals);
	for (size_t i = 0; i < fields; i++)
		indexed->totals[i] = page_word(summary, SUMMARY_FIELDS + i);
	indexed->base = index_scanned(indexed->index);
	if (indexed->base > bytes.length)
		indexed->base = bytes.length;
	if (indexed->known > UINT32_MAX || !take_headers(log, bytes, headers))
		return false;
	indexed->count = indexed->known;
	if (is_ahead(indexed) && !count_records(log, bytes))
		return false;
	make_room(log, indexed->count);
	log->scanned = indexed->base;
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
	fields = indexed_join(log->table);
	found = index_open(view_snapshot(log->view), log->table->name, fields, &log->indexed->index);
	free(fields);
	if (log->indexed->index != NULL && !take_base(log, bytes)) {
		index_close(log->indexed->index);
		log->indexed->index = NULL;
		log_unread(log);
		found = INDEX_DAMAGED;
	}
	if (found == INDEX_USABLE ? index_outgrown(log->scanned, bytes.length) : found != INDEX_AHEAD)
		log->indexed->making = making_start(log->view, log->table, bytes, found == INDEX_USABLE);
}

void
indexed_wait(struct log *log)
{
	if (log->indexed == NULL)
		return;
	making_wait(log->indexed->making);
	log->indexed->making = NULL;
}

void
indexed_free(struct log *log)
{
	struct indexed *indexed = log->indexed;

	if (indexed == NULL)
		return;
	indexed_wait(log);
	index_close(indexed->index);
	free(indexed->fields);
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

/* All lines are read after all. */
static void
do_without(struct log *log)
{
	struct indexed *indexed = log->indexed;

	index_close(indexed->index);
	indexed->index = NULL;
	log_read_base(log, indexed->base);
}

/* The base is not to be believed: everything it stood for is read. */
static void
give_up(struct log *log)
{
	struct indexed *indexed = log->indexed;

	do_without(log);
	if (indexed->making == NULL)
		indexed->making = making_start(log->view, log->table, log->bytes, false);
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
	if (load_newest(indexed, (uint32_t)((number - 1) / PAGE_RECORDS)) &&
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

/* Takes over the first so many of the page that begins behind record first. */
static bool
take_newest(struct log *log, uint64_t first, size_t count)
{
	const struct buffer *page = &log->indexed->newest;
	size_t missing = 0;

	if (page->length < count * sizeof(uint64_t))
		return false;
	for (size_t i = 0; i < count; i++) {
		uint64_t *newest = &log->newest[first + 1 + i], offset = page_word(page, i);

		missing += offset == 0;
		*newest = *newest != 0 || offset == 0 ? *newest : offset + 1;
	}
	return missing == 0;
}

void
log_fill(struct log *log)
{
	struct indexed *indexed = log->indexed;

	if (indexed == NULL || indexed->index == NULL || indexed->filled)
		return;
	memory_fills(log->newest, log->capacity * sizeof *log->newest);
	for (uint64_t first = 0; first < indexed->count; first += PAGE_RECORDS) {
		uint64_t left = indexed->count - first;
		size_t here = left < PAGE_RECORDS ? (size_t)left : PAGE_RECORDS;

		if (!load_newest(indexed, (uint32_t)(first / PAGE_RECORDS)) || !take_newest(log, first, here)) {
			give_up(log);
			return;
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
indexed_candidates(struct log *log, size_t field, struct slice value, const uint64_t **numbers, size_t *count)
{
	struct indexed *indexed = log->indexed;
	size_t place = place_of(log, field), entries;
	uint32_t tag = index_tag(index_key(indexed->index), value), pages = gather_pages(indexed->totals[place]);

	*count = 0;
	*numbers = NULL;
	/* Who asks so often had better know them all: a page is read for every question. */
	if (++indexed->questions > indexed->count / QUESTIONS_PART + QUESTIONS_LEAST) {
		do_without(log);
		return false;
	}
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
	*count = 0;
	*offsets = NULL;
	if (newest != 0 &&
	    !index_page(indexed->index, PAGE_OLDER, (uint32_t)((number - 1) / PAGE_RECORDS), &indexed->older)) {
		give_up(log);
		return false; /* *end is as it was: everything is to be read */
	}
	*end = indexed->base;
	if (newest == 0)
		return true;
	older = indexed->older.length / sizeof(uint64_t);
	*offsets = memory_array(older + 1, sizeof **offsets);
	for (size_t i = 0; i < older; i++) {
		uint64_t packed = page_word(&indexed->older, i), offset = packed & PAGE_OFFSET;

		if (packed >> PAGE_SHIFT == (number - 1) % PAGE_RECORDS && offset + 1 < newest)
			(*offsets)[(*count)++] = offset;
	}
	(*offsets)[(*count)++] = newest - 1;
	return true;
}
