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

/* The least there is, without a literal that long: what is empty. */
static int128
least(void)
{
	return -decimal_power(36);
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
		value.number = least();
	return value;
}

int
order_compare(const struct order *order, const struct order_value *a, const struct order_value *b)
{
	if (order_is_number(order))
		return (a->number > b->number) - (a->number < b->number);
	return slice_compare(a->text, b->text);
}

/* --- keys ----------------------------------------------------------------------- */

enum {
	ZERO = 0x80
}; /* the first byte of 0: above it numbers that are more, the longer the more, below it those that are less */

static void
add_number(int128 number, struct buffer *key)
{
	uint128 size = number < 0 ? 0 - (uint128)number : (uint128)number;
	char bytes[1 + sizeof size];
	size_t length = 0;

	if (number == least()) {
		buffer_add_char(key, '\0');
		return;
	}
	for (uint128 rest = size; rest != 0; rest >>= 8)
		length++;
	bytes[0] = (char)(number < 0 ? ZERO - (int)length : ZERO + (int)length);
	for (size_t i = length; i > 0; i--, size >>= 8)
		bytes[i] = (char)(number < 0 ? ~(unsigned)size & 0xff : (unsigned)size & 0xff);
	buffer_add(key, bytes, 1 + length);
}

/* A text that begins another one goes first: its end is less than any byte. */
static void
add_text(struct slice text, struct buffer *key)
{
	while (text.length > 0) {
		const char *zero = memchr(text.data, '\0', text.length);
		size_t length = zero != NULL ? (size_t)(zero - text.data) + 1 : text.length;

		buffer_add(key, text.data, length);
		if (zero != NULL)
			buffer_add_char(key, '\xff');
		text = (struct slice){ text.data + length, text.length - length };
	}
	buffer_add(key, "\0\0", 2);
}

void
order_key(const struct order *order, struct slice text, bool down, struct buffer *key)
{
	size_t before = key->length;

	if (order_is_number(order))
		add_number(order_value(order, text).number, key);
	else
		add_text(text, key);
	for (size_t i = before; down && i < key->length; i++)
		key->data[i] = (char)~key->data[i];
}
