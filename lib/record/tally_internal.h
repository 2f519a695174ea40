/*
 * tally_internal: groups and what was counted of each.
 *
 *	tally.c        counting
 *	tally_row.c    what came out, in words
 */
#ifndef RECORD_TALLY_INTERNAL_H
#define RECORD_TALLY_INTERNAL_H

#include "base/buffer.h"
#include "record/tally.h"

/* What was counted of one measure. */
struct result {
	int128 number;                          /* the sum, or what the least or most compares by */
	uint64_t count;                         /* values that were not empty */
	uint32_t first_currency, last_currency; /* codes, see currency_code */
};

/* The least or most as it is stored. */
struct extreme {
	char *text;
	uint32_t length, room;
};

enum { KEY_INSIDE = 16 };

/* With one sum it fills a line of the processor's cache, and no more: there may be many. */
struct group {
	uint64_t count; /* records */
	uint32_t key_length;
	uint32_t overflown; /* 1 + the measure whose sum was too large; 0: none */
	union {
		char inside[KEY_INSIDE];
		const char *outside; /* where it is longer */
	} key;                       /* the values it is grouped by */
	struct result results[];     /* behind them the extremes, where there are any */
};

struct slot {
	uint32_t hash;
	uint32_t group; /* 1 + its index; 0: free */
};

enum { WAITING_MOST = 32, WAITING_KEY = 48, WAITING_SUMS = 2 };

/* What a record adds to one sum; count 0: nothing. */
struct addend {
	int128 number;
	uint32_t count, currency;
};

/*
 * A record that waits with others until the groups of all of them are on their way from
 * memory.  Only where nothing but short sums are asked for.
 */
struct waiting {
	uint64_t hash;
	size_t key_length;
	char key[WAITING_KEY];
	struct addend addends[WAITING_SUMS];
};

struct tally {
	const struct tally_plan *plan;
	struct bucketer **bucketers; /* by value; NULL where there is nothing to find */
	char **shelves;              /* of groups, so many on each */
	size_t shelf_count, shelf_capacity;
	size_t stride; /* bytes of a group */
	size_t count;
	struct group **sorted; /* once it is finished */
	struct slot *slots;
	size_t size;             /* a power of two, at most half used */
	struct waiting *waiting; /* NULL: no record waits */
	size_t waiting_count;
	struct buffer key; /* of the record that is added */
	struct arena arena;
};

struct slice group_key(const struct group *group);
/* The extreme of a measure. */
struct extreme *group_extreme(const struct tally *tally, struct group *group, size_t measure);

/* The next value of a key, which moves past it. */
struct slice tally_key_next(const struct tally *tally, struct slice *key);

/* Whether a group can be told. */
enum status tally_check(const struct tally *tally, const struct group *group, struct error *error);

#endif
