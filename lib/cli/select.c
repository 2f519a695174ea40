/* select: filters and typed, stable sorting */
#include "cli/select.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sorting.h"
#include "cli/report.h"
#include "record/expr.h"
#include "record/narrow.h"
#include "record/order.h"
#include "record/path.h"

enum { SORT_KEYS_MAX = 16, NEEDS_MOST = 16 };

struct filter {
	struct expr **all;
	size_t count;
};

enum status
filter_open(struct cli *cli, const struct table *table, struct filter **out, struct error *error)
{
	struct filter *filter = memory_new(sizeof *filter);
	enum status status = STATUS_OK;

	filter->all = memory_array(cli->options.where_count + 1, sizeof(struct expr *));
	for (size_t i = 0; i < cli->options.where_count && status == STATUS_OK; i++) {
		status = expr_compile(cli->view, table, cli->options.where[i], &filter->all[i], error);
		filter->count += status == STATUS_OK;
		if (status == STATUS_USAGE)
			error_prefix(error, "-w");
	}
	if (status != STATUS_OK) {
		filter_close(filter);
		filter = NULL;
	}
	*out = filter;
	return status;
}

bool
filter_any(const struct filter *filter)
{
	return filter->count > 0;
}

bool
filter_pass(struct filter *filter, const struct record *record, struct error *error)
{
	for (size_t i = 0; i < filter->count; i++) {
		if (!expr_true(filter->all[i], record, error))
			return false;
	}
	return true;
}

bool
filter_is_stored(const struct filter *filter)
{
	for (size_t i = 0; i < filter->count; i++) {
		if (!expr_is_stored(filter->all[i]))
			return false;
	}
	return true;
}

struct slice
filter_word(const struct filter *filter)
{
	struct slice word = { NULL, 0 };

	for (size_t i = 0; i < filter->count; i++) {
		struct slice other = expr_word(filter->all[i]);

		if (other.length > word.length)
			word = other;
	}
	return word;
}

bool
filter_narrow(struct filter *filter, struct log *log, struct number_list *numbers)
{
	struct expr_need needs[NEEDS_MOST];
	size_t count = 0;

	for (size_t i = 0; i < filter->count; i++) {
		count += expr_needs(filter->all[i], needs + count, NEEDS_MOST - count);
		if (expr_may_fail(filter->all[i]))
			break;
	}
	return narrow(log, needs, count, numbers);
}

void
filter_close(struct filter *filter)
{
	if (filter == NULL)
		return;
	for (size_t i = 0; i < filter->count; i++)
		expr_free(filter->all[i]);
	free(filter->all);
	free(filter);
}

/* --- sorting -------------------------------------------------------------------- */

struct key {
	struct path path;
	struct order order;
	bool down;
};

struct sorter {
	struct key *keys;
	size_t key_count;
	struct sorting *sorting;
	uint64_t *numbers;
	size_t count, capacity; /* of numbers */
};

static enum status
add_key(struct cli *cli, const struct table *table, struct sorter *sorter, struct sort_name name,
    struct error *error)
{
	struct key *key = &sorter->keys[sorter->key_count];
	enum status status;

	if (sorter->key_count == SORT_KEYS_MAX)
		return error_set(error, STATUS_USAGE, "-s: too many columns (%d at most)", SORT_KEYS_MAX);
	status = path_resolve(cli->view, table, name.name, &key->path, error);
	if (status != STATUS_OK)
		return status == STATUS_USAGE ? error_prefix(error, "-s") : status;
	key->down = name.down;
	key->order = order_of(&key->path);
	sorter->key_count++;
	return STATUS_OK;
}

enum status
sorter_open(struct cli *cli, const struct table *table, const char *list, struct sorter **out, struct error *error)
{
	struct sorter *sorter = memory_new(sizeof *sorter);
	struct slice rest = slice_of(list);
	struct sort_name name;
	enum status status = STATUS_OK;

	sorter->keys = memory_array(SORT_KEYS_MAX, sizeof *sorter->keys);
	sorter->sorting = sorting_new(SORTING_BUDGET);
	while (status == STATUS_OK && sort_name_next(&rest, &name))
		status = add_key(cli, table, sorter, name, error);
	if (status != STATUS_OK) {
		sorter_close(sorter);
		sorter = NULL;
	}
	*out = sorter;
	return status;
}

bool
sorter_is_stored(const struct sorter *sorter)
{
	for (size_t i = 0; i < sorter->key_count; i++) {
		if (!path_is_stored(&sorter->keys[i].path))
			return false;
	}
	return true;
}

void
sorter_gather(const struct sorter *sorter, const struct record *record, struct buffer *key, struct buffer *entries)
{
	buffer_clear(key);
	for (size_t i = 0; i < sorter->key_count; i++) {
		struct key *by = &sorter->keys[i];

		order_key(&by->order, path_value(&by->path, record), by->down, key);
	}
	sorting_gather(entries, buffer_slice(key), (uint32_t)record->number);
}

static void
add_number(struct sorter *sorter, uint32_t number)
{
	sorter->numbers = memory_grow(sorter->numbers, &sorter->capacity, sorter->count, sizeof *sorter->numbers);
	sorter->numbers[sorter->count++] = number;
}

enum status
sorter_take(struct sorter *sorter, struct slice entries, struct error *error)
{
	return sorting_take(sorter->sorting, entries, error);
}

enum status
sorter_order(struct sorter *sorter, uint64_t limit, const uint64_t **numbers, size_t *count, struct error *error)
{
	enum status status = sorting_finish(sorter->sorting, error);
	uint32_t number;

	while (status == STATUS_OK && sorter->count < limit && sorting_next(sorter->sorting, &number))
		add_number(sorter, number);
	/* The keys have done their work. */
	sorting_free(sorter->sorting);
	sorter->sorting = NULL;
	*numbers = sorter->numbers;
	*count = sorter->count;
	return status;
}

void
sorter_close(struct sorter *sorter)
{
	if (sorter == NULL)
		return;
	sorting_free(sorter->sorting);
	free(sorter->keys);
	free(sorter->numbers);
	free(sorter);
}
