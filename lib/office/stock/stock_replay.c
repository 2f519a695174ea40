#include "office/stock/stock_replay.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/help.h"
#include "office/stock/stock_move.h"

/* A movement that this batch has added. */
struct added {
	uint64_t number;
	uint64_t line; /* of the input */
};

/* What one movement does to one pair. */
struct step {
	int64_t qty;
	uint64_t number;
	int32_t date;
	uint32_t pair;
};

struct replay {
	struct view *view;
	const char *source;
	struct move_reader reader;
	struct pair_table pairs;
	struct added *added;
	size_t added_count, added_capacity;
	struct step *steps; /* in the order of movements, then by pair */
	size_t step_count, step_capacity;
	shortage_visit *visit; /* NULL: shortages are faults */
	void *context;
};

/* --- which pairs ------------------------------------------------------------ */

/* What only comes in makes nothing negative. */
static void
watch_move(struct replay *replay, const struct move *move, uint64_t line)
{
	if (move->from != 0)
		pair_enter(&replay->pairs, (struct pair){ move->item, move->from });
	if (move->to != 0 && move->qty < 0)
		pair_enter(&replay->pairs, (struct pair){ move->item, move->to });
	replay->added = memory_grow(replay->added, &replay->added_capacity, replay->added_count,
	    sizeof(*replay->added));
	replay->added[replay->added_count++] = (struct added){ move->number, line };
}

static enum status
watch_batch(struct replay *replay, struct batch *batch, struct error *error)
{
	size_t count;
	const struct change *changes = batch_changes(batch, &count);
	struct move move;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		/* a posted movement is fixed: another revision of it moves nothing */
		if (changes[i].log != replay->reader.log || changes[i].before != 0)
			continue;
		status = move_read(&replay->reader, changes[i].number, &move, error);
		if (status == STATUS_OK)
			watch_move(replay, &move, changes[i].line);
		if (status == STATUS_NO)
			status = STATUS_OK;
	}
	return status;
}

/* --- what happened to them ---------------------------------------------------- */

static void
add_step(struct replay *replay, const struct move *move, uint64_t location, int64_t qty)
{
	const struct pair where = { move->item, location };
	size_t pair;

	if (location == 0)
		return;
	/* Who wants to be shown everything watches every pair. */
	pair = replay->visit != NULL ? pair_enter(&replay->pairs, where) : pair_find(&replay->pairs, where);
	if (pair == SIZE_MAX)
		return;
	replay->steps = memory_grow(replay->steps, &replay->step_capacity, replay->step_count,
	    sizeof(*replay->steps));
	replay->steps[replay->step_count++] = (struct step){ qty, move->number, move->date, (uint32_t)pair };
}

static void
add_steps(const struct move *move, void *context)
{
	add_step(context, move, move->from, -move->qty);
	add_step(context, move, move->to, move->qty);
}

static enum status
gather_steps(struct replay *replay, struct error *error)
{
	uint64_t items[MOVE_ITEMS_FEW];
	size_t count = 0;
	bool few = replay->visit == NULL;
	enum status status = STATUS_OK;

	for (size_t i = 0; few && i < replay->pairs.count; i++) {
		uint64_t item = replay->pairs.pairs[i].item;
		size_t known = 0;

		while (known < count && items[known] != item)
			known++;
		few = known < MOVE_ITEMS_FEW;
		if (few && known == count)
			items[count++] = item;
	}
	if (!few)
		return move_all(&replay->reader, add_steps, replay, error);
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = move_of_item(&replay->reader, items[i], add_steps, replay, error);
	return status;
}

/* Brings the steps of each pair together, in linear time; starts[pair] is where they begin. */
static size_t *
group_steps(struct replay *replay)
{
	size_t *starts = memory_array(replay->pairs.count + 2, sizeof(*starts));
	struct step *grouped = memory_array(replay->step_count, sizeof(*grouped));

	/* counted two further on, so that what is filled in below ends as starts */
	for (size_t i = 0; i < replay->step_count; i++)
		starts[replay->steps[i].pair + 2]++;
	for (size_t i = 2; i < replay->pairs.count + 2; i++)
		starts[i] += starts[i - 1];
	for (size_t i = 0; i < replay->step_count; i++)
		grouped[starts[replay->steps[i].pair + 1]++] = replay->steps[i];
	free(replay->steps);
	replay->steps = grouped;
	return starts;
}

static int
step_compare(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	if (x->date != y->date)
		return x->date < y->date ? -1 : 1;
	if ((x->qty < 0) != (y->qty < 0))
		return x->qty < 0 ? 1 : -1;
	return (x->number > y->number) - (x->number < y->number);
}

/* Mostly they are in order already. */
static void
sort_steps(struct step *steps, size_t count)
{
	size_t i = 1;

	while (i < count && step_compare(&steps[i - 1], &steps[i]) <= 0)
		i++;
	if (i < count)
		qsort(steps, count, sizeof(*steps), step_compare);
}

/* --- faults ------------------------------------------------------------------- */

static int
added_compare(const void *key, const void *item)
{
	uint64_t x = *(const uint64_t *)key, y = ((const struct added *)item)->number;

	return (x > y) - (x < y);
}

/* Where the movement came from, when it is one of ours. */
static struct place
place_of(const struct replay *replay, uint64_t number)
{
	const struct added *added = replay->added_count == 0
	    ? NULL
	    : bsearch(&number, replay->added, replay->added_count, sizeof(*replay->added), added_compare);
	uint64_t line = added != NULL ? added->line : 0;

	return (struct place){ line != 0 ? replay->source : NULL, line, "qty" };
}

/* The key that people know a record by, else its id. */
static struct slice
name_of(struct view *view, const char *table, uint64_t number, struct arena *arena)
{
	struct error ignored = ERROR_INIT;
	struct slice name = slice_of("?");
	struct record record;
	struct log *log;

	if (view_log(view, table, &log, &ignored) == STATUS_OK &&
	    record_read(log, number, arena, &record, &ignored) == STATUS_OK) {
		name = log->table->key != SIZE_MAX ? record_value(&record, log->table->key) : slice_of("");
		if (name.length == 0)
			name = record_id(&record);
	}
	error_release(&ignored);
	return name;
}

static enum status
refuse(struct replay *replay, const struct step *step, int128 level, struct error *error)
{
	const struct pair *pair = &replay->pairs.pairs[step->pair];
	struct arena *arena = &replay->reader.arena;
	struct place place = place_of(replay, step->number);
	struct slice item, location, qty;
	char date[DATE_SIZE];

	arena_reset(arena);
	item = name_of(replay->view, "item", pair->item, arena);
	location = name_of(replay->view, "location", pair->location, arena);
	qty = value_from_number(KIND_NUMBER, level, arena);
	date_format(step->date, date);
	if (replay->visit != NULL) {
		replay->visit(replay->reader.log, step->number,
		    arena_format(arena, "stock of %.*s at %.*s is %.*s on %s", (int)item.length, item.data,
			(int)location.length, location.data, (int)qty.length, qty.data, date),
		    replay->context);
		return STATUS_OK;
	}
	return error_add(error, &place, "stock of %.*s at %.*s would be %.*s on %s", (int)item.length,
	    item.data, (int)location.length, location.data, (int)qty.length, qty.data, date);
}

static enum status
replay_pairs(struct replay *replay, const size_t *starts, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t pair = 0; pair < replay->pairs.count; pair++) {
		struct step *steps = replay->steps + starts[pair];
		size_t count = starts[pair + 1] - starts[pair];
		int128 level = 0;

		sort_steps(steps, count);
		for (size_t i = 0; i < count && level >= 0; i++) {
			level += steps[i].qty;
			if (level < 0)
				status = refuse(replay, &steps[i], level, error);
		}
	}
	return status;
}

static void
replay_release(struct replay *replay)
{
	free(replay->steps);
	free(replay->added);
	pair_release(&replay->pairs);
	arena_release(&replay->reader.arena);
}

/* All that happened to the pairs that are watched. */
static enum status
replay_watched(struct replay *replay, struct error *error)
{
	size_t *starts;
	enum status status = gather_steps(replay, error);

	if (status != STATUS_OK)
		return status;
	starts = group_steps(replay);
	status = replay_pairs(replay, starts, error);
	free(starts);
	return status;
}

enum status
stock_replay(struct batch *batch, const char *source, struct error *error)
{
	struct replay replay = { .view = batch_view(batch), .source = source };
	enum status status = move_reader_open(&replay.reader, replay.view, error);

	if (status == STATUS_OK)
		status = watch_batch(&replay, batch, error);
	if (status == STATUS_OK && replay.pairs.count > 0)
		status = replay_watched(&replay, error);
	replay_release(&replay);
	return status;
}

enum status
stock_replay_all(struct view *view, shortage_visit *visit, void *context, struct error *error)
{
	struct replay replay = { .view = view, .visit = visit, .context = context };
	enum status status = move_reader_open(&replay.reader, view, error);

	if (status == STATUS_OK)
		status = replay_watched(&replay, error);
	replay_release(&replay);
	return status;
}
