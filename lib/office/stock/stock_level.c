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
	int32_t today;
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

static void
add_move(const struct move *move, void *context)
{
	struct summing *summing = context;

	if (move->date > summing->today)
		return;
	if (move->from != 0)
		level_add(summing, move->item, move->from, -move->qty);
	if (move->to != 0)
		level_add(summing, move->item, move->to, move->qty);
}

enum status
stock_levels(struct view *view, struct stock_level **levels, size_t *count, struct error *error)
{
	struct summing summing = { .today = view_today(view) };
	struct move_reader reader;
	enum status status = move_reader_open(&reader, view, error);

	if (status == STATUS_OK)
		status = move_all(&reader, add_move, &summing, error);
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
	size_t asked;
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

/* For who asks often; a few items are added up one by one. */
static enum status
on_hand_of_all(struct on_hand *on_hand, struct view *view, const struct log *moves, uint64_t item,
    int128 *sum, struct error *error)
{
	size_t bytes = moves->bytes.length + moves->tail.length;
	enum status status = STATUS_OK;

	if (!on_hand->known || on_hand->bytes != bytes || on_hand->today != view_today(view)) {
		status = on_hand_read(on_hand, view, error);
		on_hand->known = status == STATUS_OK;
		on_hand->bytes = bytes;
		on_hand->today = view_today(view);
	}
	*sum = item < on_hand->size ? on_hand->sums[item] : 0;
	return status;
}

struct adding {
	int32_t today;
	int128 sum;
};

/* From one place to another changes nothing. */
static void
add_qty(const struct move *move, void *context)
{
	struct adding *adding = context;

	if (move->date <= adding->today)
		adding->sum += ((move->to != 0) - (move->from != 0)) * (int128)move->qty;
}

static enum status
on_hand_of(struct view *view, uint64_t item, int128 *sum, struct error *error)
{
	struct on_hand *on_hand = view_memory(view, &rule_item, sizeof(*on_hand), on_hand_release);
	struct adding adding = { .today = view_today(view) };
	struct move_reader reader;
	enum status status = move_reader_open(&reader, view, error);

	if (status == STATUS_OK && on_hand->asked++ < MOVE_ITEMS_FEW) {
		status = move_of_item(&reader, item, add_qty, &adding, error);
		*sum = adding.sum;
	} else if (status == STATUS_OK)
		status = on_hand_of_all(on_hand, view, reader.log, item, sum, error);
	arena_release(&reader.arena);
	return status;
}

static struct slice
derive_item(const struct record *record, const struct field *field)
{
	struct error ignored = ERROR_INIT; /* a damaged log: whoever reads that table is told */
	struct slice value = { "", 0 };
	int128 sum;

	if (slice_is(slice_of(field->name), "on_hand") && !slice_is(record_named(record, "kind"), "service") &&
	    on_hand_of(record->log->view, record->number, &sum, &ignored) == STATUS_OK)
		value = value_from_number(KIND_NUMBER, sum, record->arena);
	error_release(&ignored);
	return value;
}

/* --- the item ------------------------------------------------------------------- */

static void
note_move(const struct move *move, void *context)
{
	bool *moved = context;

	(void)move;
	*moved = true;
}

static enum status
has_moved(struct view *view, uint64_t item, bool *moved, struct error *error)
{
	struct move_reader reader;
	enum status status = move_reader_open(&reader, view, error);

	*moved = false;
	if (status == STATUS_OK)
		status = move_of_item(&reader, item, note_move, moved, error);
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
