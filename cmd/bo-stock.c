/* bo-stock: every movement of stock, and how much of what is where */
#include <stdlib.h>

#include "base/memory.h"
#include "cli/cli.h"
#include "office/office.h"
#include "office/stock/stock.h"
#include "record/sheet.h"

enum level_column { ITEM, SKU, NAME, LOCATION, PLACE, QTY, UNIT, LEVEL_COLUMNS };

static const struct field level_fields[LEVEL_COLUMNS] = {
	[ITEM] = { .name = "item", .type = TYPE_REF, .target = "item", .preset = "", .help = "" },
	[SKU] = { .name = "sku", .type = TYPE_TEXT, .preset = "", .help = "" },
	[NAME] = { .name = "name", .type = TYPE_TEXT, .preset = "", .help = "" },
	[LOCATION] = { .name = "location", .type = TYPE_REF, .target = "location", .preset = "", .help = "" },
	[PLACE] = { .name = "place", .type = TYPE_TEXT, .preset = "", .help = "" },
	[QTY] = { .name = "qty", .type = TYPE_QTY, .preset = "", .help = "" },
	[UNIT] = { .name = "unit", .type = TYPE_TEXT, .preset = "", .help = "" },
};

static const struct column level_columns[LEVEL_COLUMNS] = {
	[ITEM] = { "item", CELL_TEXT },
	[SKU] = { "sku", CELL_TEXT },
	[NAME] = { "name", CELL_TEXT },
	[LOCATION] = { "location", CELL_TEXT },
	[PLACE] = { "place", CELL_TEXT },
	[QTY] = { "qty", CELL_NUMBER },
	[UNIT] = { "unit", CELL_TEXT },
};

struct listing {
	struct cli *cli;
	struct sheet *sheet;
	struct log *items, *locations;
	uint64_t *wanted; /* items, none for all */
	size_t wanted_count;
	struct arena arena;
};

/* The items that the operands name. */
static enum status
take_items(struct listing *listing, struct error *error)
{
	const char *operand;

	listing->wanted = memory_array(listing->cli->operand_count, sizeof(*listing->wanted));
	while ((operand = cli_operand(listing->cli)) != NULL) {
		uint64_t number = log_resolve(listing->items, slice_of(operand), NULL, error);

		if (number != 0)
			listing->wanted[listing->wanted_count++] = number;
	}
	if (error->total > 0)
		error->status = STATUS_NO;
	return error->status;
}

static bool
wants(const struct listing *listing, const struct stock_level *level)
{
	bool named = listing->wanted_count == 0;

	for (size_t i = 0; i < listing->wanted_count && !named; i++)
		named = listing->wanted[i] == level->item;
	return named && (level->qty != 0 || listing->cli->options.archived);
}

static enum status
print_level(struct listing *listing, const struct stock_level *level, struct error *error)
{
	struct slice values[LEVEL_COLUMNS];
	struct record item, location;
	enum status status;

	arena_reset(&listing->arena);
	status = record_read(listing->items, level->item, &listing->arena, &item, error);
	if (status == STATUS_OK)
		status = record_read(listing->locations, level->location, &listing->arena, &location, error);
	if (status != STATUS_OK)
		return status;
	values[ITEM] = record_id(&item);
	values[SKU] = record_named(&item, "sku");
	values[NAME] = record_named(&item, "name");
	values[LOCATION] = record_id(&location);
	values[PLACE] = record_named(&location, "code");
	values[QTY] = value_from_number(KIND_NUMBER, level->qty, &listing->arena);
	values[UNIT] = record_named(&item, "unit");
	if (sheet_holds(listing->sheet, values, error))
		cli_row(listing->cli, values);
	return error->status;
}

static enum status
open_listing(struct listing *listing, struct error *error)
{
	struct cli *cli = listing->cli;
	enum status status = view_log(cli->view, "item", &listing->items, error);

	if (status == STATUS_OK)
		status = view_log(cli->view, "location", &listing->locations, error);
	if (status == STATUS_OK)
		status = take_items(listing, error);
	if (status == STATUS_OK)
		status = sheet_open(&listing->sheet, cli->view, "level", level_fields, LEVEL_COLUMNS,
		    cli->options.where, cli->options.where_count, error);
	return status;
}

static enum status
level(struct cli *cli, struct error *error)
{
	struct listing listing = { .cli = cli };
	struct stock_level *levels = NULL;
	size_t count = 0;
	enum status status = open_listing(&listing, error);

	if (status == STATUS_OK)
		status = stock_levels(cli->view, &levels, &count, error);
	if (status == STATUS_OK)
		status = cli_report(cli, level_columns, LEVEL_COLUMNS, error);
	for (size_t i = 0; i < count && status == STATUS_OK && !cli_done(cli); i++) {
		if (wants(&listing, &levels[i]))
			status = print_level(&listing, &levels[i], error);
	}
	if (status == STATUS_OK)
		status = cli_report_end(cli, error);
	sheet_close(listing.sheet);
	arena_release(&listing.arena);
	free(listing.wanted);
	free(levels);
	return status;
}

static const struct verb verbs[] = {
	{ "level", level, "[ITEM ...]", "print what is on hand, by item and location (zeros with -a)",
	    VERB_FILTERS },
	{ .name = NULL },
};

static const struct command command = {
	.table = "stock_move",
	.verbs = verbs,
	.rules = office_rules,
};

int
main(int argc, char *argv[])
{
	return cli_main(argc, argv, &command);
}
