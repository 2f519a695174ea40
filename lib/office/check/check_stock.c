/* check_stock: no stock was ever negative */
#include "office/check/check.h"
#include "office/stock/stock_replay.h"

static void
report_shortage(struct log *moves, uint64_t move, struct slice text, void *context)
{
	check_report(context, moves, move, "qty", "%.*s", (int)text.length, text.data);
}

static enum status
run_stock(struct checking *checking, struct error *error)
{
	return stock_replay_all(checking->view, report_shortage, checking, error);
}

const struct check check_stock = {
	.name = "stock",
	.help = "at no point of its history was there less than nothing of an item at a location",
	.run = run_stock,
};
