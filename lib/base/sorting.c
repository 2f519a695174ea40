#include "base/sorting.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/parallel.h"

enum { WRITE_BYTES = 1 << 18, PART_LEAST = 4096 /* entries that are worth a thread */ };

/* What stands before the bytes of a key. */
struct head {
	uint32_t length, number;
};

/* An entry in memory, with the beginning of its key at hand. */
struct spot {
	uint64_t prefix;
	uint32_t at; /* in entries: its head */
	uint32_t number;
};

/* Entries in order: in memory from spot on, or in the file from at on. */
struct run {
	const struct spot *spot, *spot_end;
	size_t at, end;
	/* the first of them */
	uint64_t prefix;
	uint32_t number;
	struct slice key;
};

struct sorting {
	size_t budget;
	struct buffer entries;
	struct spot *spots;
	size_t count, capacity;
	int fd;           /* -1: nothing was written */
	size_t written;   /* bytes */
	const char *file; /* mapped, once it is finished */
	struct run *runs; /* those in the file, then those in memory */
	size_t run_count, run_capacity;
};

struct sorting *
sorting_new(size_t budget)
{
	struct sorting *sorting = memory_new(sizeof *sorting);

	sorting->budget = budget;
	sorting->fd = -1;
	return sorting;
}

void
sorting_free(struct sorting *sorting)
{
	if (sorting == NULL)
		return;
	if (sorting->file != NULL)
		munmap((void *)(uintptr_t)sorting->file, sorting->written);
	if (sorting->fd >= 0)
		close(sorting->fd);
	buffer_release(&sorting->entries);
	free(sorting->spots);
	free(sorting->runs);
	free(sorting);
}

/* --- entries ---------------------------------------------------------------------- */

void
sorting_gather(struct buffer *entries, struct slice key, uint32_t number)
{
	struct head head = { (uint32_t)key.length, number };
	char *to = buffer_reserve(entries, sizeof head + key.length);

	memcpy(to, &head, sizeof head);
	if (key.length > 0)
		memcpy(to + sizeof head, key.data, key.length);
	entries->length += sizeof head + key.length;
}

static struct slice
entry_key(const char *at, uint32_t *number)
{
	struct head head;

	memcpy(&head, at, sizeof head);
	*number = head.number;
	return (struct slice){ at + sizeof head, head.length };
}

/* The first bytes of a key as a number that compares like them. */
static uint64_t
prefix_of(struct slice key)
{
	uint64_t prefix = 0;

	for (size_t i = 0; i < sizeof prefix; i++)
		prefix = prefix << 8 | (i < key.length ? (unsigned char)key.data[i] : 0);
	return prefix;
}

static int
compare_entries(uint64_t prefix, struct slice key, uint32_t number, uint64_t other_prefix, struct slice other,
    uint32_t other_number)
{
	int order;

	if (prefix != other_prefix)
		return prefix < other_prefix ? -1 : 1;
	order = slice_compare(key, other);
	return order != 0 ? order : (number > other_number) - (number < other_number);
}

static int
compare_spots(const void *a, const void *b, void *context)
{
	const struct sorting *sorting = context;
	const struct spot *x = a, *y = b;
	uint32_t unused;

	if (x->prefix != y->prefix)
		return x->prefix < y->prefix ? -1 : 1;
	return compare_entries(x->prefix, entry_key(sorting->entries.data + x->at, &unused), x->number,
	    y->prefix, entry_key(sorting->entries.data + y->at, &unused), y->number);
}

/* --- runs -------------------------------------------------------------------------- */

/* Puts the run's first entry before it; false when there is none left. */
static bool
run_next(const struct sorting *sorting, struct run *run)
{
	if (run->spot < run->spot_end) {
		run->prefix = run->spot->prefix;
		run->key = entry_key(sorting->entries.data + run->spot->at, &run->number);
		run->spot++;
		return true;
	}
	if (run->at >= run->end)
		return false;
	run->key = entry_key(sorting->file + run->at, &run->number);
	run->prefix = prefix_of(run->key);
	run->at += sizeof(struct head) + run->key.length;
	return true;
}

static struct run *
add_run(struct sorting *sorting, struct run run)
{
	sorting->runs = memory_grow(sorting->runs, &sorting->run_capacity, sorting->run_count, sizeof run);
	sorting->runs[sorting->run_count] = run;
	return &sorting->runs[sorting->run_count++];
}

/* The run that has the least entry among count of them; runs that have none left are taken out. */
static struct run *
least_run(struct run *runs, size_t count)
{
	struct run *least = runs;

	for (size_t i = 1; i < count; i++) {
		if (compare_entries(runs[i].prefix, runs[i].key, runs[i].number, least->prefix, least->key,
			least->number) < 0)
			least = &runs[i];
	}
	return least;
}

/* Takes the first entry of run away; fewer runs when it was the last. */
static void
advance(const struct sorting *sorting, struct run *run, struct run *runs, size_t *count)
{
	if (!run_next(sorting, run))
		*run = runs[--*count];
}

/* --- in memory ------------------------------------------------------------------------ */

struct parts {
	struct sorting *sorting;
	size_t size; /* spots of a part */
};

static void
sort_part(void *context, size_t worker, size_t slot, size_t job)
{
	struct parts *parts = context;
	struct sorting *sorting = parts->sorting;
	size_t begin = job * parts->size, left = sorting->count - begin;

	(void)worker;
	(void)slot;
	qsort_r(sorting->spots + begin, left < parts->size ? left : parts->size, sizeof *sorting->spots,
	    compare_spots, sorting);
}

static bool
take_part(void *context, size_t slot, size_t job)
{
	struct parts *parts = context;
	struct sorting *sorting = parts->sorting;
	struct run run = { .spot = sorting->spots + job * parts->size };

	(void)slot;
	run.spot_end = run.spot + parts->size;
	if (run.spot_end > sorting->spots + sorting->count)
		run.spot_end = sorting->spots + sorting->count;
	run_next(sorting, add_run(sorting, run));
	return true;
}

/* Sorts what is in memory, a part by each thread: that many runs more. */
static void
sort_memory(struct sorting *sorting)
{
	size_t workers = parallel_workers(sorting->count / PART_LEAST + 1);
	struct parts parts = { sorting, (sorting->count + workers - 1) / workers };
	struct parallel parallel = { workers, workers, &parts, sort_part, take_part };

	if (sorting->count == 0)
		return;
	parallel.jobs = (sorting->count + parts.size - 1) / parts.size;
	parallel_run(&parallel);
}

/* --- in the file ------------------------------------------------------------------------- */

static enum status
file_fault(struct error *error)
{
	return error_set(error, STATUS_SYSTEM, "a file to sort in:");
}

static bool
flush(struct sorting *sorting, struct buffer *out)
{
	bool written = file_write(sorting->fd, out->data, out->length);

	sorting->written += out->length;
	buffer_clear(out);
	return written;
}

/* Writes what is in memory as one run, and forgets it. */
static enum status
spill(struct sorting *sorting, struct error *error)
{
	size_t before = sorting->run_count, left, begin = sorting->written;
	struct buffer out = BUFFER_INIT;
	bool written = true;

	if (sorting->fd < 0)
		sorting->fd = file_spool();
	if (sorting->fd < 0)
		return file_fault(error);
	sort_memory(sorting);
	for (left = sorting->run_count - before; left > 0 && written;) {
		struct run *run = least_run(sorting->runs + before, left);

		sorting_gather(&out, run->key, run->number);
		advance(sorting, run, sorting->runs + before, &left);
		if (out.length >= WRITE_BYTES)
			written = flush(sorting, &out);
	}
	if (written && out.length > 0)
		written = flush(sorting, &out);
	sorting->run_count = before;
	add_run(sorting, (struct run){ .at = begin, .end = sorting->written });
	buffer_clear(&sorting->entries);
	sorting->count = 0;
	if (!written)
		file_fault(error);
	buffer_release(&out);
	return written ? STATUS_OK : STATUS_SYSTEM;
}

/* --- from outside --------------------------------------------------------------------------- */

static enum status
take_entry(struct sorting *sorting, struct slice entry, struct slice key, uint32_t number, struct error *error)
{
	sorting->spots = memory_grow(sorting->spots, &sorting->capacity, sorting->count, sizeof *sorting->spots);
	sorting->spots[sorting->count++] = (struct spot){ .prefix = prefix_of(key),
		.at = (uint32_t)sorting->entries.length,
		.number = number };
	buffer_add_slice(&sorting->entries, entry);
	if (sorting->entries.length + sorting->count * sizeof(struct spot) < sorting->budget)
		return STATUS_OK;
	return spill(sorting, error);
}

enum status
sorting_take(struct sorting *sorting, struct slice entries, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t at = 0; at < entries.length && status == STATUS_OK;) {
		uint32_t number;
		struct slice key = entry_key(entries.data + at, &number);
		struct slice entry = { entries.data + at, sizeof(struct head) + key.length };

		status = take_entry(sorting, entry, key, number, error);
		at += entry.length;
	}
	return status;
}

enum status
sorting_finish(struct sorting *sorting, struct error *error)
{
	size_t spilled = sorting->run_count;
	void *map;

	sort_memory(sorting);
	if (spilled == 0)
		return STATUS_OK;
	map = mmap(NULL, sorting->written, PROT_READ, MAP_PRIVATE, sorting->fd, 0);
	if (map == MAP_FAILED)
		return file_fault(error);
	sorting->file = map;
	for (size_t i = 0; i < spilled; i++)
		run_next(sorting, &sorting->runs[i]);
	return STATUS_OK;
}

bool
sorting_next(struct sorting *sorting, uint32_t *number)
{
	struct run *run;

	if (sorting->run_count == 0)
		return false;
	run = least_run(sorting->runs, sorting->run_count);
	*number = run->number;
	advance(sorting, run, sorting->runs, &sorting->run_count);
	return true;
}
