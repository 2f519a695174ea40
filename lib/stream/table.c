/* table: the writer's aligned columns, for people at a terminal */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "stream/utf8.h"
#include "stream/writer_internal.h"

enum {
	ROWS_HELD = 1000,     /* rows that the widths are found from */
	BYTES_HELD = 4 << 20, /* or less, when there is much in them */
	GAP = 2,              /* between two columns */
	NARROWEST = 10, /* the first column, and a time, are not shortened below this: a date stays whole */
	SHORTEST = 4    /* nor is any other text below this */
};

#define ELLIPSIS "\xe2\x80\xa6"     /* U+2026, one column wide */
#define FIRST_STRONG "\xe2\x81\xa8" /* U+2068 FIRST STRONG ISOLATE */
#define POP_ISOLATE "\xe2\x81\xa9"  /* U+2069 POP DIRECTIONAL ISOLATE */
#define SGR_HEADER "\033[1;4m"
#define SGR_END "\033[m"

struct table {
	struct arena arena;  /* the texts of the rows that are held */
	struct slice *cells; /* held × columns, safe for a terminal */
	size_t capacity;
	size_t held;
	size_t bytes;
	size_t *widths;     /* per column, grown until laid out */
	bool laid;          /* the header is out, rows go straight through */
	struct slice *line; /* one row, for when they do */
	struct buffer text;
};

static bool
aligned_right(enum cell cell)
{
	return cell == CELL_NUMBER || cell == CELL_INTEGER;
}

/* Numbers and ids mean something else when cut. */
static bool
may_shorten(const struct column *column)
{
	return (column->cell == CELL_TEXT || column->cell == CELL_TAGS || column->cell == CELL_TIME) &&
	    !slice_is(slice_of(column->name), "id");
}

static void
spaces(struct buffer *out, size_t count)
{
	char *end = buffer_reserve(out, count);

	memset(end, ' ', count);
	end[count] = '\0';
	out->length += count;
}

static bool
is_right_to_left(uint32_t code)
{
	return (code >= 0x590 && code <= 0x8ff) || (code >= 0xfb1d && code <= 0xfdff) ||
	    (code >= 0xfe70 && code <= 0xfeff) || (code >= 0x10800 && code <= 0x10fff) ||
	    (code >= 0x1e800 && code <= 0x1efff);
}

static bool
has_right_to_left(struct slice text)
{
	while (text.length > 0) {
		size_t length = utf8_length(text);

		if (length == 0)
			length = 1;
		else if (length > 1 && is_right_to_left(utf8_decode(text.data, length)))
			return true;
		text.data += length;
		text.length -= length;
	}
	return false;
}

/* The same word always has the same colour: green, yellow, blue, magenta or cyan. */
static unsigned
state_colour(struct slice state)
{
	return 32 + (unsigned)(hash_quick(state) % 5);
}

/* Adds a text at most width columns wide. */
static void
add_text(struct writer *writer, struct slice text, bool shorten)
{
	struct buffer *out = &writer->out;
	bool isolate = writer->options.isolates && has_right_to_left(text);

	if (isolate)
		buffer_add_text(out, FIRST_STRONG);
	buffer_add_slice(out, text);
	if (shorten)
		buffer_add_text(out, ELLIPSIS);
	if (isolate)
		buffer_add_text(out, POP_ISOLATE);
}

/* Adds one cell behind *pending spaces, and leaves in *pending those that belong behind it. */
static void
add_cell(struct writer *writer, size_t index, struct slice text, bool header, size_t *pending)
{
	const struct column *column = &writer->columns[index];
	size_t room = writer->table->widths[index];
	size_t width = text_width(text);
	bool shorten = width > room && writer->options.width > 0 && may_shorten(column);
	bool colour = writer->options.colour && (header || column->cell == CELL_STATE);
	size_t padding;

	if (shorten) {
		text = text_fit(text, room - 1, &width);
		width++;
	}
	padding = room > width ? room - width : 0;
	*pending += index > 0 ? GAP : 0;
	if (aligned_right(column->cell)) {
		*pending += padding;
		padding = 0;
	}
	if (width > 0) {
		spaces(&writer->out, *pending);
		*pending = 0;
		if (colour && header)
			buffer_add_text(&writer->out, SGR_HEADER);
		else if (colour)
			buffer_format(&writer->out, "\033[%um", state_colour(text));
		add_text(writer, text, shorten);
		if (colour)
			buffer_add_text(&writer->out, SGR_END);
	}
	*pending += padding;
}

static void
add_line(struct writer *writer, const struct slice *cells, bool header)
{
	size_t pending = 0;

	for (size_t i = 0; i < writer->count; i++)
		add_cell(writer, i, cells[i], header, &pending);
	buffer_add_char(&writer->out, '\n');
	writer_spill(writer);
}

/* How wide a column becomes where texts may be so wide, and the first one at least so wide. */
static size_t
width_within(const struct writer *writer, size_t index, size_t most, size_t first)
{
	const struct column *column = &writer->columns[index];
	size_t width = writer->table->widths[index];

	if (index == 0 && most < first)
		most = first;
	if (column->cell == CELL_TIME && most < NARROWEST)
		most = NARROWEST;
	return may_shorten(column) && width > most ? most : width;
}

static bool
fits(const struct writer *writer, size_t most, size_t first)
{
	size_t sum = (writer->count - 1) * GAP;

	for (size_t i = 0; i < writer->count; i++)
		sum += width_within(writer, i, most, first);
	return sum <= writer->options.width;
}

/*
 * What is widest is cut first, so that of the others as little as can be is lost; up to half
 * of the line the first column last, since by it people tell one row from the next.
 */
static void
shrink(struct writer *writer)
{
	size_t most = writer->options.width, first = most / 2;

	while (most > SHORTEST && !fits(writer, most, first))
		most--;
	while (first > NARROWEST && !fits(writer, most, first))
		first--;
	for (size_t i = 0; i < writer->count; i++)
		writer->table->widths[i] = width_within(writer, i, most, first);
}

static void
add_header(struct writer *writer)
{
	struct table *table = writer->table;

	for (size_t i = 0; i < writer->count; i++) {
		buffer_clear(&table->text);
		text_safe(&table->text, slice_of(writer->columns[i].name));
		table->line[i] = arena_copy(&table->arena, buffer_slice(&table->text));
	}
	add_line(writer, table->line, true);
	if (writer->options.colour)
		return;
	for (size_t i = 0; i < writer->count; i++) {
		if (i > 0)
			spaces(&writer->out, GAP);
		for (size_t n = 0; n < table->widths[i]; n++)
			buffer_add_char(&writer->out, '-');
	}
	buffer_add_char(&writer->out, '\n');
}

static void
lay_out(struct writer *writer)
{
	struct table *table = writer->table;

	if (table->laid)
		return;
	table->laid = true;
	if (writer->options.width > 0 && writer->count > 0)
		shrink(writer);
	if (!writer->options.no_header && writer->count > 0)
		add_header(writer);
	for (size_t row = 0; row < table->held; row++)
		add_line(writer, table->cells + row * writer->count, false);
	table->held = 0;
	arena_reset(&table->arena);
}

static void
widen(size_t *width, struct slice text)
{
	size_t wanted = text_width(text);

	if (wanted > *width)
		*width = wanted;
}

static void
table_begin(struct writer *writer)
{
	struct table *table = memory_new(sizeof *table);

	writer->table = table;
	table->widths = memory_array(writer->count, sizeof *table->widths);
	table->line = memory_array(writer->count, sizeof *table->line);
	for (size_t i = 0; i < writer->count && !writer->options.no_header; i++) {
		buffer_clear(&table->text);
		text_safe(&table->text, slice_of(writer->columns[i].name));
		widen(&table->widths[i], buffer_slice(&table->text));
	}
}

/* The row as it may be shown, its texts in the arena. */
static void
make_safe(struct writer *writer, const struct slice *values, struct slice *cells)
{
	struct table *table = writer->table;

	for (size_t i = 0; i < writer->count; i++) {
		buffer_clear(&table->text);
		if (values[i].length > 0)
			text_safe(&table->text, values[i]);
		cells[i] = arena_copy(&table->arena, buffer_slice(&table->text));
		table->bytes += cells[i].length;
	}
}

static void
table_row(struct writer *writer, const struct slice *values, const struct nested *nested, size_t nested_count)
{
	struct table *table = writer->table;
	struct slice *cells;

	(void)nested;
	(void)nested_count;
	if (writer->count == 0)
		return;
	if (table->laid) {
		arena_reset(&table->arena);
		make_safe(writer, values, table->line);
		add_line(writer, table->line, false);
		return;
	}
	if (table->held == table->capacity) {
		table->capacity = table->capacity == 0 ? 16 : table->capacity * 2;
		table->cells = memory_resize(table->cells, table->capacity * writer->count, sizeof *table->cells);
	}
	cells = table->cells + table->held++ * writer->count;
	make_safe(writer, values, cells);
	for (size_t i = 0; i < writer->count; i++)
		widen(&table->widths[i], cells[i]);
	if (table->held == ROWS_HELD || table->bytes >= BYTES_HELD)
		lay_out(writer);
}

static void
table_end(struct writer *writer)
{
	struct table *table = writer->table;

	arena_release(&table->arena);
	buffer_release(&table->text);
	free(table->cells);
	free(table->widths);
	free(table->line);
	free(table);
	writer->table = NULL;
}

const struct writer_format writer_table = {
	.begin = table_begin,
	.row = table_row,
	.flush = lay_out,
	.end = table_end,
};
