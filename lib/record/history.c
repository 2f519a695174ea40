/* history: the lines of a log as revisions */
#include "record/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/indexed.h"

/* One walk over revisions; each is shown together with the one before. */
struct walk {
	struct log *log;
	history_visit *visit;
	void *context;
	struct arena arenas[2];
};

static enum status
show(struct walk *walk, uint64_t offset, uint64_t before_offset, struct error *error)
{
	struct record revision, before;
	enum status status = STATUS_OK;

	arena_reset(&walk->arenas[0]);
	arena_reset(&walk->arenas[1]);
	if (before_offset != 0)
		status = record_read_at(walk->log, before_offset - 1, &walk->arenas[0], &before, error);
	if (status == STATUS_OK)
		status = record_read_at(walk->log, offset, &walk->arenas[1], &revision, error);
	if (status == STATUS_OK)
		status = walk->visit(&revision, before_offset != 0 ? &before : NULL, walk->context, error);
	return status;
}

static void
walk_release(struct walk *walk)
{
	arena_release(&walk->arenas[0]);
	arena_release(&walk->arenas[1]);
}

/*
 * Shows the revisions that an index knows; then *offset is where it ends and *before its
 * last one.  Where there is none, nothing is shown.
 */
static enum status
show_base(struct walk *walk, uint64_t number, uint64_t *offset, uint64_t *before, struct error *error)
{
	enum status status = STATUS_OK;
	uint64_t *offsets;
	size_t count;

	if (!indexed_revisions(walk->log, number, &offsets, &count, offset))
		return STATUS_OK;
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		status = show(walk, offsets[i], *before, error);
		*before = offsets[i] + 1;
	}
	free(offsets);
	return status;
}

enum status
history_record(struct log *log, uint64_t number, history_visit *visit, void *context, struct error *error)
{
	struct walk walk = { .log = log, .visit = visit, .context = context };
	uint64_t before = 0, offset = 0;
	enum status status = STATUS_OK;
	char id[ID_SIZE + 1];
	size_t length;

	if (log_line(log, number).data == NULL)
		return error_set(error, STATUS_NO, "no such %s: %s%llu", log->table->name, log->table->prefix,
		    (unsigned long long)number);
	length = table_id(log->table, number, id).length;
	id[length++] = ',';
	status = show_base(&walk, number, &offset, &before, error);
	while (status == STATUS_OK && offset < log->bytes.length) {
		struct slice line = log_line_at(log, offset);

		if (line.length > length && memcmp(line.data, id, length) == 0) {
			status = show(&walk, offset, before, error);
			before = offset + 1;
		}
		offset += line.length + 1;
	}
	walk_release(&walk);
	return status;
}

/* The number of the record whose line this is; 0 for a header. */
static uint64_t
number_of(const struct log *log, struct slice line)
{
	struct slice rest = line;
	unsigned long long number;

	return table_id_parse(log->table, slice_cut(&rest, ','), &number) && number <= log->count ? number : 0;
}

enum status
history_log(struct log *log, uint64_t from, history_visit *visit, void *context, struct error *error)
{
	struct walk walk = { .log = log, .visit = visit, .context = context };
	uint64_t *before = memory_array(log->count + 1, sizeof *before), offset = 0;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && offset < log->bytes.length) {
		struct slice line = log_line_at(log, offset);
		uint64_t number = number_of(log, line);

		if (number != 0 && offset >= from)
			status = show(&walk, offset, before[number], error);
		before[number] = offset + 1;
		offset += line.length + 1;
	}
	free(before);
	walk_release(&walk);
	return status;
}
