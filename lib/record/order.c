#include "record/order.h"

#include "record/value.h"

struct order
order_of(const struct path *path)
{
	return (struct order){ .kind = type_kind(path->type),
		.choices = path->field != NULL ? path->field->choices : NULL,
		.by_id = path->field == NULL || path->type == TYPE_REF };
}

bool
order_is_number(const struct order *order)
{
	return order->by_id || order->choices != NULL || order->kind != KIND_TEXT;
}

/* The number of an id, behind its letters; -1 for none. */
static int128
id_number(struct slice id)
{
	unsigned long long number;

	while (id.length > 0 && id.data[0] >= 'A' && id.data[0] <= 'Z')
		id = (struct slice){ id.data + 1, id.length - 1 };
	return slice_to_u64(id, &number) ? (int128)number : -1;
}

static int128
choice_number(const char *const *choices, struct slice value)
{
	for (int i = 0; choices[i] != NULL; i++) {
		if (slice_is(value, choices[i]))
			return i;
	}
	return -1;
}

struct order_value
order_value(const struct order *order, struct slice text)
{
	struct order_value value = { .text = text };

	if (order->by_id)
		value.number = id_number(text);
	else if (order->choices != NULL)
		value.number = choice_number(order->choices, text);
	else if (order->kind != KIND_TEXT && !value_number(order->kind, text, &value.number))
		value.number = -decimal_power(36); /* the least there is, without a literal that long */
	return value;
}

int
order_compare(const struct order *order, const struct order_value *a, const struct order_value *b)
{
	if (order_is_number(order))
		return (a->number > b->number) - (a->number < b->number);
	return slice_compare(a->text, b->text);
}
