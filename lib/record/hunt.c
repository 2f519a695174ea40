#include "record/hunt.h"

#include "base/places.h"

enum { STRIDE_LEAST = 256, STRIDE_MOST = 1 << 16 };

/* Looks for the word from at on: the further the better it went so far. */
static void
look(struct hunt *hunt, uint64_t at)
{
	struct slice text = hunt->log->bytes;
	bool onwards = at >= hunt->hit && at - hunt->hit < STRIDE_MOST;
	uint64_t left = text.length - at;
	size_t place;

	if (!onwards || hunt->stride < STRIDE_LEAST)
		hunt->stride = STRIDE_LEAST;
	else if (hunt->stride < STRIDE_MOST)
		hunt->stride *= 2;
	text = (struct slice){ text.data + at, hunt->stride + hunt->word.length - 1 };
	if (text.length > left)
		text.length = (size_t)left;
	place = place_of(text, 0, hunt->word);
	hunt->from = at;
	hunt->hit = at + (place != SIZE_MAX ? place : text.length < left ? hunt->stride : left);
}

bool
hunt_may(struct hunt *hunt, uint64_t number)
{
	uint64_t newest = log_newest(hunt->log, number), at = newest - 1, after;

	if (hunt->word.length == 0 || at >= hunt->log->bytes.length)
		return true;
	if (at < hunt->from || at > hunt->hit)
		look(hunt, at);
	/* A line ends before the next one begins. */
	after = log_newest(hunt->log, number + 1);
	if (after <= newest)
		after = newest + log_line_at(hunt->log, at).length + 1;
	return after - 1 > hunt->hit;
}
