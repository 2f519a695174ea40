#include "record/pick.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/places.h"
#include "record/path.h"
#include "store/store.h"
#include "stream/csv.h"

void
pick_init(struct pick *pick, const struct log *log, const long *fields, size_t count)
{
	*pick = (struct pick){ .log = log, .fields = fields, .count = count };
	pick->columns = memory_array(count + 1, sizeof *pick->columns);
}

void
pick_release(struct pick *pick)
{
	free(pick->columns);
	free(pick->ends);
}

/* Columns before the fields: id, tx and the seal. */
static size_t
head_columns(const struct log *log)
{
	return log->sealed ? 3 : 2;
}

static uint32_t
column_of(const struct pick *pick, const struct layout *layout, long field)
{
	size_t column;

	if (field == PATH_ID || field == PATH_TX)
		return field == PATH_ID ? 0 : 1;
	column = field >= 0 ? layout_column(layout, (size_t)field) : SIZE_MAX;
	return column == SIZE_MAX ? UINT32_MAX : (uint32_t)(column + head_columns(pick->log));
}

static void
take_layout(struct pick *pick, const struct layout *layout)
{
	pick->layout = layout;
	for (size_t i = 0; i < pick->count; i++)
		pick->columns[i] = column_of(pick, layout, pick->fields[i]);
	/* One more, so that a line with too many columns is told from others. */
	pick->ends = memory_resize(pick->ends, layout->count + head_columns(pick->log) + 1, sizeof *pick->ends);
}

/* Where the columns of a line end; false when it has not as many as it should, or quotes that are odd. */
static bool
find_ends(const struct pick *pick, struct slice line)
{
	size_t count = pick->layout->count + head_columns(pick->log);

	if (places_outside(line, log_behind(pick->log, line), ',', pick->ends, count) != count - 1)
		return false;
	pick->ends[count - 1] = (uint32_t)line.length;
	return true;
}

static inline struct slice
column_value(const uint32_t *ends, struct slice line, uint32_t column)
{
	size_t start = column > 0 ? ends[column - 1] + (size_t)1 : 0;

	return (struct slice){ line.data + start, ends[column] - start };
}

/* Whether it begins as a line must, and its record was not erased. */
static bool
is_whole(const struct pick *pick, struct slice line)
{
	unsigned long long tx;

	if (!slice_to_u64(column_value(pick->ends, line, 1), &tx))
		return false;
	return !pick->log->sealed || pick->ends[2] + (size_t)1 >= line.length ||
	    line.data[pick->ends[2] + 1] != ' ' || !line_is_blank(line);
}

/* Whether a line is committed, and not in a tail that moves. */
static bool
is_settled(const struct log *log, struct slice line)
{
	return line.data >= log->bytes.data && line.data < log->bytes.data + log->bytes.length;
}

bool
pick_values(struct pick *pick, const struct layout *layout, struct slice line, struct arena *arena,
    struct slice *values)
{
	const uint32_t *columns = pick->columns, *ends;
	size_t count = pick->count;

	if (layout == NULL || !is_settled(pick->log, line))
		return false;
	if (layout != pick->layout)
		take_layout(pick, layout);
	if (!find_ends(pick, line) || !is_whole(pick, line))
		return false;
	ends = pick->ends;
	for (size_t i = 0; i < count; i++) {
		struct slice value = { "", 0 };

		if (columns[i] != UINT32_MAX)
			value = column_value(ends, line, columns[i]);
		if (value.length > 0 && value.data[0] == '"')
			value = csv_decode(value, arena);
		values[i] = value;
	}
	return true;
}
