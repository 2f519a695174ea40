/*
 * gather: reading a log once for everything that its index keeps.
 *
 * That is, for each record, where its newest line is and where its older ones are; for
 * each value of a field that is indexed, which records have or had it; and where the
 * header lines are.  What a record is beyond that is not kept.
 *
 * A gathering may go on from an older index, and may go on in another thread: it looks at
 * nothing but the bytes of the log and what it was given.
 */
#ifndef RECORD_GATHER_H
#define RECORD_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"
#include "store/index.h"

/* The kinds of pages; one more for each field. */
enum {
	PAGE_SUMMARY = 1, /* records, older lines, header lines, then for each field its entries */
	PAGE_HEADERS,     /* offsets of the header lines */
	PAGE_NEWEST,      /* offsets of newest lines, PAGE_RECORDS records a page, from record 1 on */
	PAGE_OLDER, /* older lines of the same records: index in the page << PAGE_SHIFT | offset, rising */
	PAGE_FIELD  /* entries by tag, rising: tag << 32 | number; a page has an equal share of all tags */
};

enum {
	PAGE_RECORDS = 2040, /* so that a page fills four of LMDB's */
	PAGE_ENTRIES = 900,  /* of a field, about */
	SUMMARY_FIELDS = 3   /* where they begin in the summary */
};

/* Of what is packed into one number in PAGE_OLDER. */
#define PAGE_SHIFT 48
#define PAGE_OFFSET (((uint64_t)1 << PAGE_SHIFT) - 1)

static inline uint64_t
page_word(const struct buffer *page, size_t index)
{
	uint64_t number;

	memcpy(&number, page->data + index * sizeof number, sizeof number);
	return number;
}

static inline void
page_set_word(struct buffer *page, size_t index, uint64_t number)
{
	memcpy(page->data + index * sizeof number, &number, sizeof number);
}

/* How many pages a field with so many entries has, and which one has those of a tag. */
static inline uint32_t
gather_pages(uint64_t entries)
{
	return (uint32_t)(entries / PAGE_ENTRIES + 1);
}

static inline uint32_t
gather_page_of(uint32_t tag, uint32_t pages)
{
	return (uint32_t)(((uint64_t)tag * pages) >> 32);
}

struct older_line {
	uint64_t offset;
	uint32_t number;
};

struct field_entries {
	const char *name;
	uint64_t *all;
	size_t count, capacity;
};

struct gathering {
	struct slice bytes; /* of the log */
	const char *prefix; /* of its ids */
	const struct index_key *key;
	struct field_entries *fields;
	size_t field_count;

	/* In the lines that are being read: columns of fields, rising, which field each is, and its value. */
	size_t *columns, *column_fields, column_count;
	struct slice *values;
	struct arena arena; /* of one value */

	uint64_t scanned; /* bytes that were read */
	bool sealed;
	uint64_t *newest; /* by number: offset + 1 */
	uint64_t count;
	size_t capacity;
	struct older_line *older;
	size_t older_count, older_capacity;
	uint64_t *headers;
	size_t header_count, header_capacity;
};

/* The names are those of the fields that are indexed, NULL-ended; they must live as long. */
void gather_init(struct gathering *gathering, struct slice bytes, const char *prefix,
    const struct index_key *key, const char *const *names);
void gather_release(struct gathering *gathering);

/* Takes over all that an index knows, which must have the same fields; false when it is damaged. */
bool gather_load(struct gathering *gathering, struct index *index);
/* Reads on to the end of the bytes; false when the log is damaged. */
bool gather_read(struct gathering *gathering);
/* Writes all pages. */
void gather_write(struct gathering *gathering, struct index_writer *writer);

#endif
