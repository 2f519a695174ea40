/*
 * stock_move: movements as numbers, and a table over item and location (private to office/).
 */
#ifndef OFFICE_STOCK_MOVE_H
#define OFFICE_STOCK_MOVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/view.h"

struct move {
	uint64_t number;
	int32_t date;
	uint64_t item;
	uint64_t from, to; /* locations, 0 for none */
	int64_t qty;       /* units of 10^-6; below zero only where there is no `from` */
};

/* The log of stock_move with what is needed to read it fast. */
struct move_reader {
	struct log *log;
	const struct table *items, *locations;
	size_t date, item, qty, from, to, archived; /* fields */
	struct arena arena;
};

/* Gives up its arena by arena_release(&reader->arena). */
enum status move_reader_open(struct move_reader *reader, struct view *view, struct error *error);
/* STATUS_NO when there is no such movement or it does not count (archived). */
enum status move_read(struct move_reader *reader, uint64_t number, struct move *move, struct error *error);

/* So many items are looked up one by one; for more, all movements are read. */
enum { MOVE_ITEMS_FEW = 32 };

/* Calls visit with the movements of one item, or with all, in order. */
typedef void move_visit(const struct move *move, void *context);
enum status move_of_item(struct move_reader *reader, uint64_t item, move_visit *visit, void *context,
    struct error *error);
enum status move_all(struct move_reader *reader, move_visit *visit, void *context, struct error *error);

/* Item and location → a dense index, in the order they were first asked for. */
struct pair {
	uint64_t item, location;
};

struct pair_table {
	struct pair *pairs;
	size_t count, capacity;
	size_t *slots; /* index + 1, 0 for free; a power of two of them */
	size_t slot_count;
};

size_t pair_enter(struct pair_table *table, struct pair pair);      /* its index, a new one if need be */
size_t pair_find(const struct pair_table *table, struct pair pair); /* SIZE_MAX when it is not there */
void pair_release(struct pair_table *table);

#endif
