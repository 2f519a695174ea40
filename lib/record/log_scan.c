/*
 * log_scan: the lines of a long text, found on all processors.
 *
 * The text is cut into pieces of about the same length.  A line belongs to the piece
 * that it begins in.  Threads look for the lines of a piece and read the number of
 * each; the calling thread enters them in order, so that all is as if they had been
 * read one after the other.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "base/places.h"
#include "record/log.h"

enum {
	BATCH = 128, /* ends of lines that are looked for at once: so few that the lines stay at hand */
	GUESS_SIZE = 16
};

/* A line of a piece. */
struct entry {
	uint32_t number; /* 0: no record of this table */
	uint32_t start;  /* behind the piece's beginning */
};

/* What was found in a piece. */
struct found {
	struct entry *entries;
	size_t count, capacity;
	size_t begin; /* in the text: the piece's first line */
	bool endless; /* its last line has no end */
};

struct scan {
	struct log *log;
	struct slice text;
	uint64_t offset;
	size_t piece;
	struct found *found; /* by slot */
	enum status status;
	struct error *error;
};

/* Where the first line at or after place begins; the text's length where there is none. */
static size_t
line_begin(struct slice text, size_t place)
{
	const char *newline;

	if (place == 0)
		return 0;
	if (place >= text.length)
		return text.length;
	newline = memchr(text.data + place - 1, '\n', text.length - place + 1);
	return newline != NULL ? (size_t)(newline - text.data) + 1 : text.length;
}

/* How the next line most likely begins, since most records follow the one before: `C18,`. */
struct guess {
	uint32_t number;
	size_t length; /* 0: none */
	char text[GUESS_SIZE];
	char mask[GUESS_SIZE]; /* ones where text is */
};

static void
guess_from(struct guess *guess, const struct log *log, uint32_t number)
{
	char id[ID_SIZE];
	struct slice text = table_id(log->table, number, id);

	*guess = (struct guess){ .number = number, .length = text.length + 1 };
	if (number == 0 || guess->length > GUESS_SIZE) {
		guess->length = 0;
		return;
	}
	memcpy(guess->text, text.data, text.length);
	guess->text[text.length] = ',';
	memset(guess->mask, 0xff, guess->length);
}

/* One more than before; only the last digit changes nine times out of ten. */
static inline void
guess_next(struct guess *guess, const struct log *log)
{
	char *last = &guess->text[guess->length - 2];

	if (*last == '9' || guess->number == UINT32_MAX) {
		guess_from(guess, log, guess->number + 1);
		return;
	}
	++*last;
	guess->number++;
}

/* Whether it is right about a line; GUESS_SIZE bytes are there. */
static inline bool
guess_holds(const struct guess *guess, const char *line)
{
	uint64_t seen[2], text[2], mask[2];

	memcpy(seen, line, GUESS_SIZE);
	memcpy(text, guess->text, GUESS_SIZE);
	memcpy(mask, guess->mask, GUESS_SIZE);
	return (((seen[0] ^ text[0]) & mask[0]) | ((seen[1] ^ text[1]) & mask[1])) == 0;
}

static inline uint32_t
read_number(struct guess *guess, const struct log *log, struct slice line)
{
	uint32_t number = guess->number;

	if (guess->length == 0 || line.length < GUESS_SIZE || !guess_holds(guess, line.data)) {
		number = (uint32_t)log_line_number(log, line.data, line.data + line.length);
		guess_from(guess, log, number);
	}
	if (guess->length != 0)
		guess_next(guess, log);
	return number;
}

/* Enters count lines, the first of which begins at *start; their ends are in ends. */
static void
add_entries(const struct log *log, struct found *found, struct slice piece, struct guess *guess,
    size_t *start, const uint32_t *ends, size_t count)
{
	struct entry *entry;

	while (found->capacity < found->count + count + 1)
		found->entries = memory_grow(found->entries, &found->capacity, found->capacity,
		    sizeof *found->entries);
	entry = found->entries + found->count;
	for (size_t i = 0; i < count; i++) {
		entry[i].number = read_number(guess, log, (struct slice){ piece.data + *start, ends[i] - *start });
		entry[i].start = (uint32_t)*start;
		*start = ends[i] + (size_t)1;
	}
	found->count += count;
}

static void
find_lines(void *context, size_t worker, size_t slot, size_t job)
{
	const struct scan *scan = context;
	struct found *found = &scan->found[slot];
	size_t begin = line_begin(scan->text, job * scan->piece);
	size_t end = line_begin(scan->text, (job + 1) * scan->piece);
	struct slice piece = { scan->text.data + begin, end > begin ? end - begin : 0 };
	struct guess guess = { .length = 0 };
	uint32_t ends[BATCH];
	size_t at = 0, start = 0;

	(void)worker;
	found->count = 0;
	found->begin = begin;
	add_entries(scan->log, found, piece, &guess, &start, ends, 0);
	/* A line so long is none of ours. */
	while (at < piece.length && piece.length < UINT32_MAX) {
		size_t count = places_of(piece, '\n', &at, ends, BATCH);

		add_entries(scan->log, found, piece, &guess, &start, ends, count);
	}
	found->endless = start < piece.length;
	if (found->endless)
		found->entries[found->count++] = (struct entry){ 0, (uint32_t)start };
}

/* A line that is no record as they come: a header, or damage. */
static bool
take_other(struct scan *scan, uint64_t offset, bool endless)
{
	struct slice line = { scan->text.data + (offset - scan->offset),
		scan->text.length - (size_t)(offset - scan->offset) };
	const char *newline = memchr(line.data, '\n', line.length);

	if (endless || newline == NULL)
		scan->status = log_damaged(scan->log, offset, "a line without an end", scan->error);
	else
		scan->status = log_take_line(scan->log,
		    (struct slice){ line.data, (size_t)(newline - line.data) }, offset, scan->error);
	return scan->status == STATUS_OK;
}

static bool
take_lines(void *context, size_t slot, size_t job)
{
	struct scan *scan = context;
	const struct found *found = &scan->found[slot];
	struct log *log = scan->log;
	uint64_t base = scan->offset + found->begin;

	(void)job;
	log_make_room(log, log->count + found->count);
	for (size_t i = 0; i < found->count; i++) {
		struct entry entry = found->entries[i];
		bool endless = found->endless && i + 1 == found->count;

		if (entry.number != 0 && entry.number <= log->count + 1) {
			log->newest[entry.number] = base + entry.start + 1;
			log->count = entry.number > log->count ? entry.number : log->count;
		} else if (!take_other(scan, base + entry.start, endless))
			return false;
	}
	return true;
}

enum status
log_scan(struct log *log, struct slice text, uint64_t offset, size_t piece, struct error *error)
{
	size_t pieces = (text.length + piece - 1) / piece, workers = parallel_workers(pieces);
	size_t slots = parallel_slots(workers);
	struct scan scan = { .log = log, .text = text, .offset = offset, .piece = piece, .error = error };
	struct parallel parallel = { pieces, workers, &scan, find_lines, take_lines };

	scan.found = memory_array(slots, sizeof *scan.found);
	parallel_run(&parallel);
	for (size_t i = 0; i < slots; i++)
		free(scan.found[i].entries);
	free(scan.found);
	return scan.status;
}
