#include "record/glance.h"

#include "base/places.h"

enum { HEAD = 2 /* id, tx */ };

void
glance_init(struct glance *glance, struct log *log, const char *const *names, size_t count)
{
	*glance = (struct glance){ .log = log, .count = count };
	for (size_t i = 0; i < count; i++)
		glance->fields[i] = table_field(log->table, slice_of(names[i]));
}

static void
take_layout(struct glance *glance, const struct layout *layout)
{
	glance->layout = layout;
	glance->wanted = HEAD;
	for (size_t i = 0; i < glance->count; i++) {
		size_t column = layout_column(layout, glance->fields[i]);

		glance->columns[i] = column == SIZE_MAX ? SIZE_MAX : column + HEAD;
		if (column != SIZE_MAX && column + HEAD >= glance->wanted)
			glance->wanted = column + HEAD + 1;
	}
}

/* Where the columns of a line end; false when it has not as many, or quotes that are odd. */
static bool
find_ends(struct slice line, size_t wanted, uint32_t *ends)
{
	size_t found = places_outside(line, ',', ends, wanted);

	if (found == wanted)
		return true;
	if (found != wanted - 1)
		return false;
	ends[found] = (uint32_t)line.length;
	return true;
}

bool
glance_at(struct glance *glance, uint64_t number, struct slice *values)
{
	struct log *log = glance->log;
	uint64_t newest = log_newest(log, number);
	uint32_t ends[GLANCE_COLUMNS];
	struct slice line;

	if (newest == 0 || newest > log->bytes.length || log->sealed)
		return false;
	if (glance->layout == NULL || log->layout_count > 1) {
		const struct layout *layout = log_layout(log, newest - 1);

		if (layout != glance->layout)
			take_layout(glance, layout);
	}
	line = log_line_at(log, newest - 1);
	if (glance->wanted > GLANCE_COLUMNS || !find_ends(line, glance->wanted, ends))
		return false;
	for (size_t i = 0; i < glance->count; i++) {
		size_t column = glance->columns[i], start;

		values[i] = (struct slice){ "", 0 };
		if (column == SIZE_MAX)
			continue;
		start = ends[column - 1] + (size_t)1;
		values[i] = (struct slice){ line.data + start, ends[column] - start };
		if (values[i].length > 0 && values[i].data[0] == '"')
			return false;
	}
	return true;
}
