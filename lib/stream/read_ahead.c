/*
 * read_ahead: the rows of a long input, split and checked by another thread while those
 * before them are being dealt with.
 *
 * The thread has the reader to itself and fills blocks of rows, which go round in a
 * ring; whoever asks for rows empties them.  A row's values stay where the input has
 * them; what was put together for it alone is copied into its block.
 */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "stream/reader_internal.h"

enum { ROWS = 256, ROW_BYTES = 1 << 20 /* or so many bytes, if that is less */, BLOCKS = 4 };

/* What reader_next would have returned. */
struct item {
	enum status status;
	struct row row;
	struct slice raw;
	struct error error; /* faults of this row alone */
};

struct block {
	size_t count;
	size_t begin; /* of its first row in the input */
	struct item items[ROWS];
	struct slice *values; /* of all rows */
	struct arena arena;
};

struct read_ahead {
	struct reader *reader;
	struct slice *values; /* the reader's own: he fills those of the blocks meanwhile */
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t filled_one, emptied_one;
	struct block blocks[BLOCKS];
	size_t filled, emptied; /* blocks, ever; under the mutex */
	bool stopped;           /* nobody will ask any more; under the mutex */
	struct block *block;    /* that is being emptied, NULL at first */
	size_t at;              /* of the next item in it */
	struct slice raw;       /* of the row that was returned last */
};

/* --- the thread ----------------------------------------------------------------- */

static bool
lies_in(struct slice bytes, struct slice value)
{
	return value.data >= bytes.data && value.data <= bytes.data + bytes.length;
}

/* Moves values that were put together to where they stay until the block is emptied. */
static void
keep(struct read_ahead *ahead, struct block *block, const struct row *row)
{
	struct slice *values = ahead->reader->values;

	for (size_t i = 0; i < row->count; i++)
		if (!lies_in(ahead->reader->bytes, values[i]))
			values[i] = arena_copy(&block->arena, values[i]);
}

/* false when there are no more rows. */
static bool
fill(struct read_ahead *ahead, struct block *block)
{
	arena_reset(&block->arena);
	block->begin = ahead->reader->at;
	for (block->count = 0; block->count < ROWS && ahead->reader->at - block->begin < ROW_BYTES;
	     block->count++) {
		struct item *item = &block->items[block->count];

		item->error = (struct error)ERROR_INIT;
		ahead->reader->values = block->values + block->count * ahead->reader->column_count;
		item->status = reader_take(ahead->reader, &item->row, &item->error);
		item->raw = ahead->reader->raw;
		if (item->status == STATUS_OK)
			keep(ahead, block, &item->row);
		else if (item->status != STATUS_REFUSED) {
			block->count++;
			return false;
		}
	}
	return true;
}

/* Rows of the blocks that follow this one in the ring may not have been dealt with. */
static size_t
first_needed(const struct read_ahead *ahead)
{
	return ahead->filled < BLOCKS ? 0 : ahead->blocks[(ahead->filled + 1) % BLOCKS].begin;
}

/* Waits for a block that may be filled; NULL when nobody wants it. */
static struct block *
await_room(struct read_ahead *ahead)
{
	struct block *block;

	pthread_mutex_lock(&ahead->mutex);
	while (ahead->filled - ahead->emptied == BLOCKS && !ahead->stopped)
		pthread_cond_wait(&ahead->emptied_one, &ahead->mutex);
	block = ahead->stopped ? NULL : &ahead->blocks[ahead->filled % BLOCKS];
	ahead->reader->needed = first_needed(ahead);
	pthread_mutex_unlock(&ahead->mutex);
	return block;
}

static void *
run(void *context)
{
	struct read_ahead *ahead = context;
	struct block *block;
	bool more = true;

	while (more && (block = await_room(ahead)) != NULL) {
		more = fill(ahead, block);
		pthread_mutex_lock(&ahead->mutex);
		ahead->filled++;
		pthread_cond_signal(&ahead->filled_one);
		pthread_mutex_unlock(&ahead->mutex);
	}
	return NULL;
}

/* --- who asks for rows ------------------------------------------------------------ */

static void
release(struct read_ahead *ahead)
{
	for (size_t i = 0; i < BLOCKS; i++) {
		free(ahead->blocks[i].values);
		arena_release(&ahead->blocks[i].arena);
	}
	pthread_mutex_destroy(&ahead->mutex);
	pthread_cond_destroy(&ahead->filled_one);
	pthread_cond_destroy(&ahead->emptied_one);
	ahead->reader->values = ahead->values;
	ahead->reader->needed = SIZE_MAX;
	free(ahead);
}

struct read_ahead *
read_ahead_start(struct reader *reader)
{
	struct read_ahead *ahead;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		return NULL;
	ahead = memory_new(sizeof *ahead);
	ahead->reader = reader;
	ahead->values = reader->values;
	reader->needed = 0;
	pthread_mutex_init(&ahead->mutex, NULL);
	pthread_cond_init(&ahead->filled_one, NULL);
	pthread_cond_init(&ahead->emptied_one, NULL);
	for (size_t i = 0; i < BLOCKS; i++)
		ahead->blocks[i].values = memory_array(ROWS * reader->column_count + READER_COLUMNS_MAX,
		    sizeof(struct slice)); /* a row that is refused may have more */
	if (pthread_create(&ahead->thread, NULL, run, ahead) == 0)
		return ahead;
	release(ahead);
	return NULL;
}

/* Gives back the block that is empty and waits for the next one. */
static void
turn_over(struct read_ahead *ahead)
{
	pthread_mutex_lock(&ahead->mutex);
	if (ahead->block != NULL) {
		ahead->emptied++;
		pthread_cond_signal(&ahead->emptied_one);
	}
	while (ahead->filled == ahead->emptied)
		pthread_cond_wait(&ahead->filled_one, &ahead->mutex);
	ahead->block = &ahead->blocks[ahead->emptied % BLOCKS];
	pthread_mutex_unlock(&ahead->mutex);
	ahead->at = 0;
}

/* Adds what was wrong with a row to what was wrong before. */
static void
move_faults(struct error *from, struct error *to)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct fault *fault = &from->faults[i];

		if (from->status == STATUS_REFUSED)
			error_add(to, &(struct place){ fault->source, fault->line, fault->field }, "%s",
			    fault->reason);
		else
			error_set(to, from->status, "%s", fault->reason);
	}
	error_release(from);
}

enum status
read_ahead_next(struct read_ahead *ahead, struct row *row, struct error *error)
{
	struct item *item;

	if (ahead->block == NULL || ahead->at == ahead->block->count)
		turn_over(ahead);
	item = &ahead->block->items[ahead->at];
	ahead->raw = item->raw;
	*row = item->row;
	/* The last one, which is no row, is there for whoever asks again. */
	if (item->status == STATUS_OK || item->status == STATUS_REFUSED)
		ahead->at++;
	if (item->error.count > 0)
		move_faults(&item->error, error);
	return item->status;
}

struct slice
read_ahead_raw(const struct read_ahead *ahead)
{
	return ahead->raw;
}

/* Faults that nobody has asked for. */
static void
forget_faults(struct read_ahead *ahead)
{
	for (; ahead->emptied < ahead->filled; ahead->emptied++, ahead->at = 0) {
		struct block *block = &ahead->blocks[ahead->emptied % BLOCKS];

		for (size_t i = ahead->at; i < block->count; i++)
			error_release(&block->items[i].error);
	}
}

void
read_ahead_stop(struct read_ahead *ahead)
{
	if (ahead == NULL)
		return;
	pthread_mutex_lock(&ahead->mutex);
	ahead->stopped = true;
	pthread_cond_signal(&ahead->emptied_one);
	pthread_mutex_unlock(&ahead->mutex);
	pthread_join(ahead->thread, NULL);
	forget_faults(ahead);
	release(ahead);
}
