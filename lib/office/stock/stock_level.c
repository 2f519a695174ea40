/* stock_level: what is on hand, by place and for an item as a whole */
#include <stdlib.h>

#include "base/memory.h"
#include "office/help.h"
#include "office/stock/stock.h"
#include "office/stock/stock_move.h"

struct summing {
	struct pair_table pairs;
	struct stock_level *levels; /* by index of pair */
	size_t capacity;
};

static void
level_add(struct summing *summing, uint64_t item, uint64_t location, int64_t qty)
{
	size_t known = summing->pairs.count, index = pair_enter(&summing->pairs, (struct pair){ item, location });

	if (index == known) {
		summing->levels = memory_grow(summing->levels, &summing->capacity, known,
		    sizeof(*summing->levels));
		summing->levels[index] = (struct stock_level){ .item = item, .location = location };
	}
	summing->levels[index].qty += qty;
}

static int
level_compare(const void *a, const void *b)
{
	const struct stock_level *x = a, *y = b;

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	return (x->location > y->location) - (x->location < y->location);
}

enum status
stock_levels(struct view *view, struct stock_level **levels, size_t *count, struct error *error)
{
	struct summing summing = { .levels = NULL };
	int32_t today = view_today(view);
	struct move_reader reader;
	struct move move;
	enum status status = move_reader_open(&reader, view, error);

	for (uint64_t i = 1; status == STATUS_OK && i <= reader.log->count; i++) {
		status = move_read(&reader, i, &move, error);
		if (status == STATUS_OK && move.date <= today) {
			if (move.from != 0)
				level_add(&summing, move.item, move.from, -move.qty);
			if (move.to != 0)
				level_add(&summing, move.item, move.to, move.qty);
		}
		if (status == STATUS_NO)
			status = STATUS_OK;
	}
	arena_release(&reader.arena);
	if (summing.pairs.count > 1)
		qsort(summing.levels, summing.pairs.count, sizeof(*summing.levels), level_compare);
	*levels = summing.levels;
	*count = summing.pairs.count;
	pair_release(&summing.pairs);
	return status;
}

/* --- item.on_hand ------------------------------------------------------------- */

/* Sums for all items at once, kept with the view: a list of items costs one scan. */
struct on_hand {
	bool known;
	size_t bytes; /* of the log when it was read */
	int32_t today;
	int128 *sums; /* by number of item */
	uint64_t size;
};

static void
on_hand_release(void *memory)
{
	free(((struct on_hand *)memory)->sums);
}

static enum status
on_hand_read(struct on_hand *on_hand, struct view *view, struct error *error)
{
	struct stock_level *levels;
	size_t count;
	enum status status = stock_levels(view, &levels, &count, error);

	free(on_hand->sums);
	on_hand->size = status == STATUS_OK && count > 0 ? levels[count - 1].item + 1 : 0;
	on_hand->sums = memory_array((size_t)on_hand->size, sizeof(*on_hand->sums));
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		on_hand->sums[levels[i].item] += levels[i].qty;
	free(levels);
	return status;
}

static struct slice
derive_item(const struct record *record, const struct field *field)
{
	struct view *view = record->log->view;
	struct on_hand *on_hand = view_memory(view, &rule_item, sizeof(*on_hand), on_hand_release);
	struct error ignored = ERROR_INIT;
	struct slice none = { "", 0 };
	size_t bytes;
	struct log *log;

	if (!slice_is(slice_of(field->name), "on_hand") || slice_is(record_named(record, "kind"), "service") ||
	    view_log(view, "stock_move", &log, &ignored) != STATUS_OK) {
		error_release(&ignored);
		return none;
	}
	bytes = log->bytes.length + log->tail.length;
	if (!on_hand->known || on_hand->bytes != bytes || on_hand->today != view_today(view)) {
		on_hand->known = on_hand_read(on_hand, view, &ignored) == STATUS_OK;
		on_hand->bytes = bytes;
		on_hand->today = view_today(view);
	}
	error_release(&ignored);
	if (!on_hand->known)
		return none; /* a damaged log: whoever reads that table is told */
	return value_from_number(KIND_NUMBER,
	    record->number < on_hand->size ? on_hand->sums[record->number] : 0, record->arena);
}

/* --- the item ------------------------------------------------------------------- */

static enum status
has_moved(struct view *view, uint64_t item, bool *moved, struct error *error)
{
	struct move_reader reader;
	struct move move;
	enum status status = move_reader_open(&reader, view, error);

	*moved = false;
	for (uint64_t i = 1; status == STATUS_OK && !*moved && i <= reader.log->count; i++) {
		status = move_read(&reader, i, &move, error);
		*moved = status == STATUS_OK && move.item == item;
		if (status == STATUS_NO)
			status = STATUS_OK;
	}
	arena_release(&reader.arena);
	return status;
}

/* What has been in stock stays something that can be. */
static enum status
check_kind(struct view *view, const struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "kind");
	bool moved;
	enum status status;

	if (draft->is_new || !slice_is(draft_named(draft, "kind"), "service") ||
	    slice_is(record_named(draft->old, "kind"), "service"))
		return STATUS_OK;
	status = has_moved(view, draft->number, &moved, error);
	if (status == STATUS_OK && moved)
		status = error_add(error, &place, "there have been movements of it: it can't become a service");
	return status;
}

static enum status
check_item(struct batch *batch, struct draft *draft, struct error *error)
{
	static const char *const amounts[] = { "tax_rate", "reorder_level" };
	enum status status = check_kind(batch_view(batch), draft, error);

	if (status == STATUS_SYSTEM)
		return status;
	for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
		struct place place = draft_place(draft, amounts[i]);

		if (units_or_zero(draft_named(draft, amounts[i])) < 0)
			status = error_add(error, &place, "less than nothing");
	}
	return status;
}

const struct rule rule_item = {
	.table = "item",
	.check = check_item,
	.derive = derive_item,
};
