/*
 * order: how the values of a field are sorted.
 *
 * Numbers, days, instants and spans by what they are worth, choices in the order of
 * the schema, ids by their number, all else by bytes; what is empty comes first.
 */
#ifndef RECORD_ORDER_H
#define RECORD_ORDER_H

#include "base/buffer.h"
#include "record/path.h"

struct order {
	enum kind kind;
	const char *const *choices; /* NULL: none */
	bool by_id;
};

struct order_value {
	int128 number;     /* where order_is_number */
	struct slice text; /* else: points to what it was made from */
};

struct order order_of(const struct path *path);
bool order_is_number(const struct order *order);
struct order_value order_value(const struct order *order, struct slice text);
int order_compare(const struct order *order, const struct order_value *a, const struct order_value *b);

/*
 * Adds bytes that compare as the value does, downwards where down says so; one behind
 * the other, such keys of several values compare as the values do in turn.
 */
void order_key(const struct order *order, struct slice text, bool down, struct buffer *key);

#endif
