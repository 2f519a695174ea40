#include "record/referring.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/indexed.h"
#include "record/lookup.h"

struct link {
	uint32_t number;
	uint32_t next; /* index + 1, 0 at the end */
};

static void
stretch(uint32_t **array, size_t size, size_t wanted)
{
	uint32_t *larger = memory_array(wanted, sizeof *larger); /* zeroes that nobody writes to cost nothing */

	if (size > 0)
		memcpy(larger, *array, size * sizeof *larger);
	free(*array);
	*array = larger;
}

static void
make_room(struct referring *referring, uint64_t target)
{
	size_t wanted = referring->targets < 64 ? 64 : referring->targets;

	while (wanted <= target)
		wanted *= 2;
	if (wanted == referring->targets)
		return;
	stretch(&referring->first, referring->targets, wanted);
	stretch(&referring->last, referring->targets, wanted);
	referring->targets = wanted;
}

/* The number in a raw reference. */
static uint64_t
reference_number(struct slice raw)
{
	unsigned long long number = 0;
	size_t i = 0;

	while (i < raw.length && raw.data[i] >= 'A' && raw.data[i] <= 'Z')
		i++;
	return slice_to_u64((struct slice){ raw.data + i, raw.length - i }, &number) && number <= UINT32_MAX
	    ? number
	    : 0;
}

void
referring_enter(struct referring *referring, struct slice raw, uint64_t number)
{
	uint64_t target = reference_number(raw);
	uint32_t link;

	if (target == 0)
		return;
	make_room(referring, target);
	if (referring->last[target] != 0 && referring->links[referring->last[target] - 1].number == number)
		return;
	referring->links = memory_grow(referring->links, &referring->capacity, referring->count,
	    sizeof *referring->links);
	referring->links[referring->count] = (struct link){ .number = (uint32_t)number };
	link = (uint32_t)++referring->count;
	if (referring->last[target] == 0)
		referring->first[target] = link;
	else
		referring->links[referring->last[target] - 1].next = link;
	referring->last[target] = link;
}

static struct referring *
begin(struct log *log, size_t field)
{
	struct referring *referring = memory_new(sizeof *referring);
	size_t count;
	const uint32_t *noted = indexed_noted(log, &count);

	referring->field = field;
	referring->next = log->referring;
	log->referring = referring;
	referring->partial = indexed_knows(log, field);
	for (size_t i = 0; referring->partial && i < count; i++) {
		if (log_newest(log, noted[i]) != 0)
			referring_enter(referring, raw_value(log, noted[i], field), noted[i]);
	}
	for (uint64_t number = 1; !referring->partial && number <= log->count; number++) {
		if (log_newest(log, number) != 0)
			referring_enter(referring, raw_value(log, number, field), number);
	}
	return referring;
}

static struct referring *
find(struct log *log, size_t field)
{
	for (struct referring *referring = log->referring; referring != NULL; referring = referring->next)
		if (referring->field == field)
			return referring;
	return begin(log, field);
}

/* An id of the table that a field refers to, as lines have it. */
static struct slice
id_of(struct log *log, size_t field, uint64_t target, char id[ID_SIZE])
{
	struct error ignored = ERROR_INIT;
	const struct table *table;
	struct slice text = { "", 0 };

	if (view_table(log->view, log->table->fields[field].target, &table, &ignored) == STATUS_OK)
		text = table_id(table, target, id);
	error_release(&ignored);
	return text;
}

/* It may refer to something else by now, or have been taken back. */
static bool
still_refers(const struct log *log, size_t field, uint64_t number, uint64_t target)
{
	return log_newest(log, number) != 0 && reference_number(raw_value(log, number, field)) == target;
}

const uint64_t *
log_referring(struct log *log, size_t field, uint64_t target, size_t *count)
{
	struct number_list *answer = &log->answer;
	struct referring *referring = find(log, field);
	uint64_t last = 0;
	bool rising = !referring->partial;
	char id[ID_SIZE];

	answer->count = 0;
	if (referring->partial && !lookup_add_indexed(log, field, id_of(log, field, target, id), answer))
		answer->count = 0; /* the list is of all records now */
	if (target < referring->targets) {
		for (uint32_t i = referring->first[target]; i != 0; i = referring->links[i - 1].next) {
			uint64_t number = referring->links[i - 1].number;

			if (!still_refers(log, field, number, target))
				continue;
			number_add(answer, number);
			rising &= number > last;
			last = number;
		}
	}
	if (!rising)
		numbers_order(answer);
	*count = answer->count;
	return answer->all;
}

const uint64_t *
log_children(struct log *log, uint64_t parent, size_t *count)
{
	*count = 0;
	return log->table->parent_field != SIZE_MAX ? log_referring(log, log->table->parent_field, parent, count)
						    : NULL;
}

enum status
log_each_referring(struct log *log, size_t field, uint64_t target, record_visit *visit, void *context,
    struct error *error)
{
	struct arena arena = ARENA_INIT;
	enum status status = STATUS_OK;
	size_t count;
	const uint64_t *found = log_referring(log, field, target, &count);
	uint64_t *numbers = memory_array(count + 1, sizeof *numbers); /* visit may ask the log something else */

	if (count > 0)
		memcpy(numbers, found, count * sizeof *numbers);
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct record record;

		arena_reset(&arena);
		status = record_peek(log, numbers[i], &arena, &record, error);
		if (status == STATUS_OK)
			status = visit(&record, context, error);
		if (status == STATUS_OK)
			status = record_held(&record, error);
		if (status == STATUS_NO)
			status = STATUS_OK;
	}
	arena_release(&arena);
	free(numbers);
	return status;
}

void
referring_free(struct log *log)
{
	while (log->referring != NULL) {
		struct referring *next = log->referring->next;

		free(log->referring->first);
		free(log->referring->last);
		free(log->referring->links);
		free(log->referring);
		log->referring = next;
	}
}
