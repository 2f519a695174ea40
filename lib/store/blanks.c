/*
 * blanks: proof that what is blank was erased, and the other way round.
 *
 * A line in its sealed form has the digest that it always had, so the chain alone can't
 * tell who made it so: an erasure must name it.  Asked is the newest state, as what a
 * snapshot of the past shows may have been erased since.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "store/internal.h"

static int
compare(const void *a, const void *b)
{
	const struct blank *x = a, *y = b;
	int order = slice_compare(x->table, y->table);

	return order != 0 ? order : (x->offset > y->offset) - (x->offset < y->offset);
}

/* One log, line by line, and what was erased of it, by offset. */
struct walk {
	const char *name;
	struct slice log;
	size_t line; /* number of the line, from 1 */
	uint64_t offset;
	const struct blank *blank, *end; /* from the next one on */
	uint64_t *bad;                   /* the first bad transaction of all logs; UINT64_MAX: none */
	struct error *error;             /* names it */
};

/* An erasure may be at fault at a line that is older: only the end tells which fault is the first. */
static void
bad_place(const struct walk *walk, uint64_t tx, const char *what)
{
	if (tx >= *walk->bad)
		return;
	*walk->bad = tx;
	error_set(walk->error, STATUS_NO, "transaction %" PRIu64 ": %s.csv: line %zu, byte %" PRIu64 ": %s",
	    tx, walk->name, walk->line, walk->offset, what);
}

static uint64_t
line_tx(struct slice line)
{
	uint64_t tx = 0;

	(void)slice_cut(&line, ',');
	return number_parse(slice_cut(&line, ','), &tx) ? tx : 0;
}

static void
check_line(struct walk *walk, struct slice line)
{
	for (; walk->blank != walk->end && walk->blank->offset < walk->offset; walk->blank++)
		bad_place(walk, walk->blank->tx, "an erasure names a place before, where no line begins");
	if (walk->blank == walk->end || walk->blank->offset > walk->offset) {
		if (line_is_blank(line))
			bad_place(walk, line_tx(line), "is blank, though no erasure names it");
		return;
	}
	if (!blank_matches(walk->blank, line))
		bad_place(walk, walk->blank->tx, "was erased, but is not blank");
	while (walk->blank != walk->end && walk->blank->offset == walk->offset)
		walk->blank++;
}

static void
check_log(struct walk *walk)
{
	struct slice rest = walk->log;

	for (walk->line = 1; rest.length > 0; walk->line++) {
		walk->offset = (uint64_t)(rest.data - walk->log.data);
		check_line(walk, slice_cut(&rest, '\n'));
	}
}

/* What the erasures name of one table; they are sorted. */
static void
find_blanks(const struct blanks *blanks, struct walk *walk)
{
	size_t first = 0, last;

	while (first < blanks->count && !slice_is(blanks->all[first].table, walk->name))
		first++;
	for (last = first; last < blanks->count && slice_is(blanks->all[last].table, walk->name);)
		last++;
	walk->blank = blanks->all + first;
	walk->end = blanks->all + last;
}

static enum status
check_all(struct snapshot *snapshot, const struct blanks *blanks, uint64_t *bad, struct error *error)
{
	size_t count;
	const char *const *names = snapshot_tables(snapshot, &count);

	for (size_t i = 0; i < count; i++) {
		struct walk walk = { .name = names[i], .bad = bad, .error = error };
		struct slice header;
		enum status status = snapshot_log(snapshot, names[i], &walk.log, error);

		if (status != STATUS_OK)
			return status;
		header = walk.log;
		find_blanks(blanks, &walk);
		if (walk.log.length > 0 && (walk.blank != walk.end || header_is_sealed(slice_cut(&header, '\n'))))
			check_log(&walk);
	}
	return *bad != UINT64_MAX ? STATUS_NO : STATUS_OK;
}

enum status
prove_blanks(struct snapshot *snapshot, uint64_t *bad, struct error *error)
{
	struct store *store = snapshot_store(snapshot);
	struct blanks blanks = { .all = NULL };
	struct snapshot *newest;
	enum status status = snapshot_open(store, &newest, error);

	*bad = UINT64_MAX;
	if (status != STATUS_OK)
		return status;
	status = blanks_load(store, snapshot_state(newest), &blanks, error);
	if (status == STATUS_OK) {
		if (blanks.count > 0)
			qsort(blanks.all, blanks.count, sizeof *blanks.all, compare);
		status = check_all(snapshot, &blanks, bad, error);
	}
	blanks_release(&blanks);
	snapshot_close(newest);
	return status;
}
