/* select: filters and typed, stable sorting */
#include "cli/select.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/report.h"
#include "record/expr.h"
#include "record/order.h"
#include "record/path.h"

enum { SORT_KEYS_MAX = 16 };

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

struct sort_row {
	uint64_t number;
	size_t index;
	const struct order_value *values;
};

struct sorter {
	struct key *keys;
	size_t key_count;
	struct sort_row *rows;
	size_t count, capacity;
	struct arena arena;
	uint64_t *numbers;
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
	while (status == STATUS_OK && sort_name_next(&rest, &name))
		status = add_key(cli, table, sorter, name, error);
	if (status != STATUS_OK) {
		sorter_close(sorter);
		sorter = NULL;
	}
	*out = sorter;
	return status;
}

static struct order_value
sort_value(struct sorter *sorter, struct key *key, const struct record *record)
{
	struct order_value value = order_value(&key->order, path_value(&key->path, record));

	if (!order_is_number(&key->order))
		value.text = arena_copy(&sorter->arena, value.text);
	return value;
}

void
sorter_add(struct sorter *sorter, const struct record *record)
{
	struct order_value *values = NULL;

	if (sorter->key_count > 0)
		values = arena_take(&sorter->arena, sorter->key_count * sizeof *values);
	for (size_t i = 0; i < sorter->key_count; i++)
		values[i] = sort_value(sorter, &sorter->keys[i], record);
	sorter->rows = memory_grow(sorter->rows, &sorter->capacity, sorter->count, sizeof *sorter->rows);
	sorter->rows[sorter->count] = (struct sort_row){ record->number, sorter->count, values };
	sorter->count++;
}

static int
compare(const void *a, const void *b, void *context)
{
	const struct sorter *sorter = context;
	const struct sort_row *x = a, *y = b;

	for (size_t i = 0; i < sorter->key_count; i++) {
		int order = order_compare(&sorter->keys[i].order, &x->values[i], &y->values[i]);

		if (order != 0)
			return sorter->keys[i].down ? -order : order;
	}
	return (x->index > y->index) - (x->index < y->index);
}

const uint64_t *
sorter_order(struct sorter *sorter, size_t *count)
{
	if (sorter->key_count > 0 && sorter->count > 0)
		qsort_r(sorter->rows, sorter->count, sizeof *sorter->rows, compare, sorter);
	free(sorter->numbers);
	sorter->numbers = memory_array(sorter->count + 1, sizeof *sorter->numbers);
	for (size_t i = 0; i < sorter->count; i++)
		sorter->numbers[i] = sorter->rows[i].number;
	*count = sorter->count;
	return sorter->numbers;
}

void
sorter_close(struct sorter *sorter)
{
	if (sorter == NULL)
		return;
	arena_release(&sorter->arena);
	free(sorter->keys);
	free(sorter->rows);
	free(sorter->numbers);
	free(sorter);
}
