#include "record/glance.h"

#include "base/places.h"
#include "store/store.h"

void
glance_init(struct glance *glance, struct log *log, const char *const *names, size_t count)
{
	*glance = (struct glance){ .log = log, .count = count };
	for (size_t i = 0; i < count; i++)
		glance->fields[i] = table_field(log->table, slice_of(names[i]));
}

/*
 * `archived` mostly is the last column, and empty: a line that ends with a comma says so
 * without those before it being looked at.
 */
static void
take_layout(struct glance *glance, const struct layout *layout)
{
	size_t head = glance->log->sealed ? 3 : 2; /* id, tx, seal */

	glance->layout = layout;
	glance->wanted = head;
	glance->last = SIZE_MAX;
	for (size_t i = 0; i < glance->count; i++) {
		size_t column = layout_column(layout, glance->fields[i]);

		glance->columns[i] = column == SIZE_MAX ? SIZE_MAX : column + head;
		if (column == SIZE_MAX)
			continue;
		if (glance->fields[i] == glance->log->table->archived && column + 1 == layout->count)
			glance->last = i;
		else if (column + head >= glance->wanted)
			glance->wanted = column + head + 1;
	}
}

/* Where the columns of a line end; false when it has not as many, or quotes that are odd. */
static bool
find_ends(const struct log *log, struct slice line, size_t wanted, uint32_t *ends)
{
	size_t found = places_outside(line, log_behind(log, line), ',', ends, wanted);

	if (found == wanted)
		return true;
	if (found != wanted - 1)
		return false;
	ends[found] = (uint32_t)line.length;
	return true;
}

/* Where `archived` is not empty, a line ends with more than a comma. */
static bool
is_living(const struct glance *glance, struct slice line)
{
	return glance->last == SIZE_MAX || (line.length > 0 && line.data[line.length - 1] == ',');
}

/* ends: of the columns that are wanted; that of the seal is the third. */
static bool
is_erased(const struct log *log, struct slice line, const uint32_t *ends)
{
	return log->sealed && ends[2] + 1 < line.length && line.data[ends[2] + 1] == ' ' && line_is_blank(line);
}

bool
glance_at(struct glance *glance, uint64_t number, struct slice *values)
{
	struct log *log = glance->log;
	uint64_t newest = log_newest(log, number);
	uint32_t ends[GLANCE_COLUMNS];
	struct slice line;

	if (newest == 0 || newest > log->bytes.length)
		return false;
	if (glance->layout == NULL || log->layout_count > 1) {
		const struct layout *layout = log_layout(log, newest - 1);

		if (layout != glance->layout)
			take_layout(glance, layout);
	}
	line = log_line_at(log, newest - 1);
	if (!is_living(glance, line) || glance->wanted > GLANCE_COLUMNS ||
	    !find_ends(log, line, glance->wanted, ends) || is_erased(log, line, ends))
		return false;
	for (size_t i = 0; i < glance->count; i++) {
		size_t column = glance->columns[i], start;

		values[i] = (struct slice){ "", 0 };
		if (column == SIZE_MAX || i == glance->last)
			continue;
		start = ends[column - 1] + (size_t)1;
		values[i] = (struct slice){ line.data + start, ends[column] - start };
		if (values[i].length > 0 && values[i].data[0] == '"')
			return false;
	}
	return true;
}
