/* gather: one look at every line, then pages */
#include "record/gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stream/csv.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

void
gather_init(struct gathering *gathering, struct slice bytes, const char *prefix, const struct index_key *key,
    const char *const *names)
{
	size_t count = 0;

	while (names[count] != NULL)
		count++;
	*gathering = (struct gathering){ .bytes = bytes,
		.prefix = prefix,
		.key = key,
		.fields = memory_array(count + 1, sizeof *gathering->fields),
		.field_count = count,
		.columns = memory_array(count + 1, sizeof *gathering->columns),
		.column_fields = memory_array(count + 1, sizeof *gathering->column_fields),
		.values = memory_array(count + 1, sizeof *gathering->values) };
	for (size_t i = 0; i < count; i++)
		gathering->fields[i].name = names[i];
}

void
gather_release(struct gathering *gathering)
{
	for (size_t i = 0; i < gathering->field_count; i++)
		free(gathering->fields[i].all);
	free(gathering->fields);
	free(gathering->columns);
	free(gathering->column_fields);
	free(gathering->values);
	arena_release(&gathering->arena);
	free(gathering->newest);
	free(gathering->older);
	free(gathering->headers);
}

/* --- reading lines --------------------------------------------------------------------- */

/* From here on the columns are these; false when one is named more often than there are fields. */
static bool
take_header(struct gathering *gathering, struct slice line, uint64_t offset)
{
	struct slice rest = line;

	gathering->column_count = 0;
	for (size_t column = 0; rest.data != NULL; column++) {
		struct slice name = slice_cut(&rest, ',');

		if (column == 2)
			gathering->sealed = slice_is(name, "seal");
		for (size_t i = 0; column >= 2 && i < gathering->field_count; i++) {
			if (!slice_is(name, gathering->fields[i].name))
				continue;
			if (gathering->column_count == gathering->field_count)
				return false;
			gathering->columns[gathering->column_count] = column;
			gathering->column_fields[gathering->column_count++] = i;
			break;
		}
	}
	gathering->headers = memory_grow(gathering->headers, &gathering->header_capacity,
	    gathering->header_count, sizeof *gathering->headers);
	gathering->headers[gathering->header_count++] = offset;
	return true;
}

static void
take_values(struct gathering *gathering, struct slice line, uint64_t number)
{
	csv_pick(line, gathering->columns, gathering->column_count, gathering->values);
	for (size_t i = 0; i < gathering->column_count; i++) {
		struct field_entries *field = &gathering->fields[gathering->column_fields[i]];
		struct slice value = csv_decode(gathering->values[i], &gathering->arena);

		if (value.length == 0)
			continue;
		field->all = memory_grow(field->all, &field->capacity, field->count, sizeof *field->all);
		field->all[field->count++] = (uint64_t)index_tag(gathering->key, value) << 32 | number;
	}
	arena_reset(&gathering->arena);
}

/* Ids are dense: a number is at most one more than the last. */
static void
take_record(struct gathering *gathering, uint64_t number, uint64_t offset)
{
	if (number >= gathering->capacity) {
		size_t capacity = gathering->capacity < 4096 ? 4096 : gathering->capacity * 2;

		gathering->newest = memory_resize(gathering->newest, capacity, sizeof *gathering->newest);
		gathering->capacity = capacity;
	}
	if (number > gathering->count) {
		gathering->count = number;
	} else {
		gathering->older = memory_grow(gathering->older, &gathering->older_capacity,
		    gathering->older_count, sizeof *gathering->older);
		gathering->older[gathering->older_count++] = (struct older_line){ gathering->newest[number] - 1,
			(uint32_t)number };
	}
	gathering->newest[number] = offset + 1;
}

/* The number in `C17,` at the start of a line; 0 when it is none of this table. */
static uint64_t
line_number(const struct gathering *gathering, struct slice line)
{
	const char *at = line.data, *end = line.data + line.length;
	uint64_t number = 0;

	for (const char *prefix = gathering->prefix; *prefix != '\0'; prefix++, at++) {
		if (at == end || *at != *prefix)
			return 0;
	}
	for (; at < end && *at >= '0' && *at <= '9' && number < UINT32_MAX; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	return at < end && *at == ',' && number <= UINT32_MAX ? number : 0;
}

static bool
take_line(struct gathering *gathering, struct slice line, uint64_t offset)
{
	uint64_t number = line_number(gathering, line);

	if (number != 0 && number <= gathering->count + 1) {
		take_record(gathering, number, offset);
		if (!gathering->sealed || !line_is_blank(line))
			take_values(gathering, line, number);
		return true;
	}
	return slice_starts(line, "id,tx") && take_header(gathering, line, offset);
}

bool
gather_read(struct gathering *gathering)
{
	const char *start = gathering->bytes.data, *end = start + gathering->bytes.length;
	const char *at = start + gathering->scanned;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		if (newline == NULL ||
		    !take_line(gathering, (struct slice){ at, (size_t)(newline - at) }, (uint64_t)(at - start)))
			return false;
		at = newline + 1;
	}
	gathering->scanned = gathering->bytes.length;
	return true;
}

/* --- from an index ----------------------------------------------------------------------- */

static bool
load_headers(struct gathering *gathering, struct index *index, size_t count, struct buffer *page)
{
	if (!index_page(index, PAGE_HEADERS, 0, page) || page->length != count * sizeof(uint64_t))
		return false;
	for (size_t i = 0; i < count; i++) {
		uint64_t offset = page_word(page, i);
		struct slice rest;

		if (offset >= gathering->bytes.length)
			return false;
		rest = (struct slice){ gathering->bytes.data + offset, gathering->bytes.length - offset };
		if (!take_header(gathering, slice_cut(&rest, '\n'), offset))
			return false;
	}
	return true;
}

static bool
load_newest(struct gathering *gathering, struct index *index, struct buffer *page)
{
	gathering->capacity = gathering->count + gathering->count / 8 + 4096;
	gathering->newest = memory_array(gathering->capacity, sizeof *gathering->newest);
	for (uint64_t first = 0; first < gathering->count; first += PAGE_RECORDS) {
		uint64_t here = gathering->count - first < PAGE_RECORDS ? gathering->count - first : PAGE_RECORDS;

		if (!index_page(index, PAGE_NEWEST, (uint32_t)(first / PAGE_RECORDS), page) ||
		    page->length != here * sizeof(uint64_t))
			return false;
		for (size_t i = 0; i < here; i++)
			gathering->newest[first + 1 + i] = page_word(page, i) + 1;
	}
	return true;
}

static bool
load_older(struct gathering *gathering, struct index *index, size_t count, struct buffer *page)
{
	gathering->older_capacity = count + count / 8 + 16;
	gathering->older = memory_array(gathering->older_capacity, sizeof *gathering->older);
	for (uint64_t first = 0; first < gathering->count; first += PAGE_RECORDS) {
		size_t here;

		if (!index_page(index, PAGE_OLDER, (uint32_t)(first / PAGE_RECORDS), page))
			return false;
		here = page->length / sizeof(uint64_t);
		if (here > count - gathering->older_count)
			return false;
		for (size_t i = 0; i < here; i++) {
			uint64_t packed = page_word(page, i);

			gathering->older[gathering->older_count++] = (struct older_line){ packed & PAGE_OFFSET,
				(uint32_t)(first + 1 + (packed >> PAGE_SHIFT)) };
		}
	}
	return gathering->older_count == count;
}

static bool
load_field(struct field_entries *field, struct index *index, uint32_t kind, size_t count, struct buffer *page)
{
	uint32_t pages = gather_pages(count);

	field->capacity = count + count / 8 + 16;
	field->all = memory_array(field->capacity, sizeof *field->all);
	for (uint32_t i = 0; i < pages; i++) {
		size_t here;

		if (!index_page(index, kind, i, page))
			return false;
		here = page->length / sizeof(uint64_t);
		if (here > count - field->count)
			return false;
		if (here > 0)
			memcpy(field->all + field->count, page->data, here * sizeof(uint64_t));
		field->count += here;
	}
	return field->count == count;
}

bool
gather_load(struct gathering *gathering, struct index *index)
{
	struct buffer page = BUFFER_INIT, summary = BUFFER_INIT;
	bool good = index_page(index, PAGE_SUMMARY, 0, &summary) &&
	    summary.length == (SUMMARY_FIELDS + gathering->field_count) * sizeof(uint64_t) &&
	    index_scanned(index) <= gathering->bytes.length;

	if (good) {
		gathering->count = page_word(&summary, 0);
		good = load_newest(gathering, index, &page) &&
		    load_older(gathering, index, page_word(&summary, 1), &page) &&
		    load_headers(gathering, index, page_word(&summary, 2), &page);
	}
	for (size_t i = 0; good && i < gathering->field_count; i++)
		good = load_field(&gathering->fields[i], index, PAGE_FIELD + (uint32_t)i,
		    page_word(&summary, SUMMARY_FIELDS + i), &page);
	if (good)
		gathering->scanned = index_scanned(index);
	buffer_release(&page);
	buffer_release(&summary);
	return good;
}

/* --- to an index ------------------------------------------------------------------------- */

/* Sorts entries by tag, those of a tag as they were: by digits, the lowest first. */
static void
sort_entries(struct field_entries *field)
{
	uint64_t *from = field->all, *to = memory_array(field->count + 1, sizeof *to), *swap;

	for (unsigned shift = 32; shift < 64; shift += DIGIT_BITS) {
		size_t place[DIGITS + 1] = { 0 };

		for (size_t i = 0; i < field->count; i++)
			place[(from[i] >> shift & (DIGITS - 1)) + 1]++;
		for (size_t i = 0; i < DIGITS; i++)
			place[i + 1] += place[i];
		for (size_t i = 0; i < field->count; i++)
			to[place[from[i] >> shift & (DIGITS - 1)]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	field->all = from;
	field->capacity = field->count;
	free(to);
}

static int
compare_words(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Each once; a record that had a value twice, with another one between, may not be in order. */
static void
tidy_entries(struct field_entries *field)
{
	size_t kept = 0;

	for (size_t first = 0, end; first < field->count; first = end) {
		bool ordered = true;

		for (end = first + 1; end < field->count && field->all[end] >> 32 == field->all[first] >> 32;
		     end++)
			ordered = ordered && field->all[end - 1] <= field->all[end];
		if (!ordered)
			qsort(field->all + first, end - first, sizeof *field->all, compare_words);
		for (size_t i = first; i < end; i++) {
			if (i == first || field->all[i] != field->all[kept - 1])
				field->all[kept++] = field->all[i];
		}
	}
	field->count = kept;
}

static struct slice
words(const uint64_t *all, size_t count)
{
	return (struct slice){ (const char *)all, count * sizeof *all };
}

static void
write_field(const struct field_entries *field, uint32_t kind, struct index_writer *writer)
{
	uint32_t pages = gather_pages(field->count);
	size_t first = 0;

	for (uint32_t i = 0; i < pages; i++) {
		size_t end = first;

		while (end < field->count && gather_page_of((uint32_t)(field->all[end] >> 32), pages) == i)
			end++;
		index_write_page(writer, kind, i, words(field->all + first, end - first));
		first = end;
	}
}

static int
compare_older(const void *a, const void *b)
{
	const struct older_line *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

static void
write_newest(struct gathering *gathering, struct index_writer *writer)
{
	uint64_t page[PAGE_RECORDS];

	for (uint64_t first = 0; first < gathering->count; first += PAGE_RECORDS) {
		size_t here = 0;

		for (; here < PAGE_RECORDS && first + here < gathering->count; here++)
			page[here] = gathering->newest[first + 1 + here] - 1;
		index_write_page(writer, PAGE_NEWEST, (uint32_t)(first / PAGE_RECORDS), words(page, here));
	}
}

static void
write_older(struct gathering *gathering, struct index_writer *writer)
{
	uint64_t *page = memory_array(gathering->older_count + 1, sizeof *page);
	size_t at = 0;

	if (gathering->older_count > 1)
		qsort(gathering->older, gathering->older_count, sizeof *gathering->older, compare_older);
	for (uint64_t first = 0; first < gathering->count; first += PAGE_RECORDS) {
		size_t here = 0;

		for (; at < gathering->older_count && gathering->older[at].number <= first + PAGE_RECORDS; at++)
			page[here++] = (gathering->older[at].number - first - 1) << PAGE_SHIFT |
			    gathering->older[at].offset;
		index_write_page(writer, PAGE_OLDER, (uint32_t)(first / PAGE_RECORDS), words(page, here));
	}
	free(page);
}

static void
write_summary(const struct gathering *gathering, struct index_writer *writer)
{
	uint64_t *summary = memory_array(SUMMARY_FIELDS + gathering->field_count, sizeof *summary);

	summary[0] = gathering->count;
	summary[1] = gathering->older_count;
	summary[2] = gathering->header_count;
	for (size_t i = 0; i < gathering->field_count; i++)
		summary[SUMMARY_FIELDS + i] = gathering->fields[i].count;
	index_write_page(writer, PAGE_SUMMARY, 0, words(summary, SUMMARY_FIELDS + gathering->field_count));
	free(summary);
}

void
gather_write(struct gathering *gathering, struct index_writer *writer)
{
	for (size_t i = 0; i < gathering->field_count; i++) {
		sort_entries(&gathering->fields[i]);
		tidy_entries(&gathering->fields[i]);
	}
	write_summary(gathering, writer);
	index_write_page(writer, PAGE_HEADERS, 0, words(gathering->headers, gathering->header_count));
	write_newest(gathering, writer);
	write_older(gathering, writer);
	for (size_t i = 0; i < gathering->field_count; i++)
		write_field(&gathering->fields[i], PAGE_FIELD + (uint32_t)i, writer);
}
