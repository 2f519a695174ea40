/* stencil: constant pieces and values by turns */
#include "record/stencil.h"

#include <stdlib.h>

#include "base/memory.h"
#include "stream/csv.h"

void
stencil_release(struct stencil *stencil)
{
	free(stencil->parts);
	buffer_release(&stencil->text);
	stencil->parts = NULL;
	stencil->layout = NULL;
}

void
stencil_fit(struct stencil *stencil, const struct layout *layout)
{
	size_t from = 0;

	if (stencil->layout == layout)
		return;
	free(stencil->parts);
	stencil->parts = memory_array(layout->count + 1, sizeof *stencil->parts);
	stencil->count = 0;
	buffer_clear(&stencil->text);
	for (size_t i = 0; i < layout->count; i++) {
		size_t field = layout->fields[i];

		buffer_add_char(&stencil->text, ',');
		if (!stencil->varies[field]) {
			csv_add(&stencil->text, stencil->fixed[field]);
			continue;
		}
		stencil->parts[stencil->count++] = (struct part){ field, from, stencil->text.length - from };
		from = stencil->text.length;
	}
	buffer_add_char(&stencil->text, '\n');
	stencil->end = (struct part){ SIZE_MAX, from, stencil->text.length - from };
	stencil->layout = layout;
}

size_t
stencil_room(const struct stencil *stencil, const struct slice *values)
{
	size_t room = stencil->text.length;

	for (size_t i = 0; i < stencil->count; i++)
		room += csv_room(values[stencil->parts[i].field]);
	return room;
}

/* Most pieces are short: two copies that overlap are quicker than to ask how long they are. */
static inline char *
put(char *to, const char *from, size_t length)
{
	if (length > 32)
		memcpy(to, from, length);
	else if (length >= 16) {
		memcpy(to, from, 16);
		memcpy(to + length - 16, from + length - 16, 16);
	} else if (length >= 8) {
		memcpy(to, from, 8);
		memcpy(to + length - 8, from + length - 8, 8);
	} else if (length >= 4) {
		memcpy(to, from, 4);
		memcpy(to + length - 4, from + length - 4, 4);
	} else if (length > 0) {
		to[0] = from[0];
		to[length / 2] = from[length / 2];
		to[length - 1] = from[length - 1];
	}
	return to + length;
}

char *
stencil_put(const struct stencil *stencil, const struct slice *values, const bool *bare, char *to)
{
	const char *text = stencil->text.data;

	for (size_t i = 0; i < stencil->count; i++) {
		const struct part *part = &stencil->parts[i];
		struct slice value = values[part->field];

		to = put(to, text + part->from, part->length);
		to = bare[part->field] ? put(to, value.data, value.length) : csv_put(to, value);
	}
	return put(to, text + stencil->end.from, stencil->end.length);
}
