#include "office/stock/stock.h"

#include "office/help.h"
#include "office/stock/stock_replay.h"

/* What a kind of movement wants to know; nothing else may be said. */
struct kind_rule {
	const char *kind;
	bool from, to;
	bool negative;       /* qty may be */
	const char *outside; /* why the other place is not named */
};

static const struct kind_rule kind_rules[] = {
	{ "receive", false, true, false, "what is received comes from outside" },
	{ "issue", true, false, false, "what is issued goes outside" },
	{ "move", true, true, false, NULL },
	{ "adjust", false, true, true, "an adjustment is of one place, `to`" },
};

static const struct kind_rule *
kind_rule(struct slice kind)
{
	for (size_t i = 0; i < sizeof(kind_rules) / sizeof(kind_rules[0]); i++) {
		if (slice_is(kind, kind_rules[i].kind))
			return &kind_rules[i];
	}
	return NULL;
}

struct memory {
	bool used;          /* a movement is in the batch: only then is the log looked at */
	const char *source; /* of the input, for faults found at the end */
	bool has_home;
	char home_data[ID_SIZE]; /* company.location: it is asked for with every line of an import */
	struct slice home;
	size_t replayed; /* batch_change_count at the last replay */
};

static struct slice
home_location(struct batch *batch, struct memory *memory)
{
	if (!memory->has_home) {
		struct slice home = view_company(batch_view(batch), "location");

		if (home.length > 0 && home.length < sizeof(memory->home_data)) {
			memcpy(memory->home_data, home.data, home.length);
			memory->home = (struct slice){ memory->home_data, home.length };
		}
		memory->has_home = true;
	}
	return memory->home;
}

static void
check_side(struct draft *draft, const char *side, bool wanted, const struct kind_rule *rule,
    struct slice home, struct error *error)
{
	struct place place = draft_place(draft, side);
	struct slice value = draft_named(draft, side);

	if (!wanted && value.length > 0)
		error_add(error, &place, "%s", rule->outside);
	if (wanted)
		draft_default(draft, side, home);
}

static void
check_places(struct draft *draft, const struct kind_rule *rule, struct slice home, struct error *error)
{
	struct place place = draft_place(draft, "to");
	struct slice from, to;

	check_side(draft, "from", rule->from, rule, home, error);
	check_side(draft, "to", rule->to, rule, home, error);
	from = draft_named(draft, "from");
	to = draft_named(draft, "to");
	if (rule->from && rule->to && to.length > 0 && slice_equal(from, to))
		error_add(error, &place, "is where it was already");
}

static void
check_numbers(const struct draft *draft, const struct kind_rule *rule, struct error *error)
{
	struct place place = draft_place(draft, "qty"), cost = draft_place(draft, "cost");
	int64_t qty;

	if (units_of(draft_named(draft, "qty"), &qty)) {
		if (qty == 0)
			error_add(error, &place, "nothing would move");
		else if (qty < 0 && !rule->negative)
			error_add(error, &place, "negative: only an adjustment may be");
	}
	if (units_or_zero(draft_named(draft, "cost")) < 0)
		error_add(error, &cost, "less than nothing");
}

static void
check_item_kept(struct view *view, const struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "item");
	struct record item;
	struct slice name;

	if (!reference_read(view, "item", draft_named(draft, "item"), draft->arena, &item) ||
	    !slice_is(record_named(&item, "kind"), "service"))
		return;
	name = record_named(&item, "name");
	error_add(error, &place, "\"%.*s\" is a service: there is no stock of it", (int)name.length, name.data);
}

/* A movement stays: taking it out would change what was on hand since. */
static enum status
check_posted(const struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "archived");

	if (!slice_is(draft_named(draft, "archived"), "true"))
		return STATUS_OK;
	return error_add(error, &place, "a movement stays: take it back by the opposite one");
}

static enum status
check_move(struct batch *batch, struct draft *draft, struct error *error)
{
	struct memory *memory = batch_memory(batch, &rule_stock_move, sizeof(*memory), NULL);
	const struct kind_rule *rule = kind_rule(draft_named(draft, "kind"));
	size_t faults = error->total;

	memory->used = true;
	memory->source = draft->place.source;
	check_posted(draft, error);
	if (draft->is_new && rule != NULL) {
		check_places(draft, rule, home_location(batch, memory), error);
		check_numbers(draft, rule, error);
		check_item_kept(batch_view(batch), draft, error);
	}
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

static enum status
finish_moves(struct batch *batch, struct error *error)
{
	struct memory *memory = batch_memory(batch, &rule_stock_move, sizeof(*memory), NULL);

	if (!memory->used || memory->replayed == batch_change_count(batch))
		return STATUS_OK;
	memory->replayed = batch_change_count(batch);
	return stock_replay(batch, memory->source, error);
}

const struct rule rule_stock_move = {
	.table = "stock_move",
	.check = check_move,
	.finish = finish_moves,
};
