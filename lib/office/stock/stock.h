/*
 * stock: how much of what is where.
 *
 * Stock is nothing but the sum of its movements, per item and location, up to the
 * business date (view_today).  A posted movement is fixed: what was wrong is taken
 * back by the opposite one.  At no point of a history ordered by date, what comes in
 * before what goes out, is any stock negative; backdated movements are held to that
 * as well.
 */
#ifndef OFFICE_STOCK_H
#define OFFICE_STOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/decimal.h"
#include "record/rule.h"

extern const struct rule rule_stock_move, rule_item;

struct stock_level {
	uint64_t item, location; /* numbers of their records */
	int128 qty;              /* units of 10^-6 */
};

/*
 * What is on hand on the business date, in the order of item and location; places that
 * an item has passed through are in it with 0.  free() *levels.
 */
enum status stock_levels(struct view *view, struct stock_level **levels, size_t *count, struct error *error);

#endif
