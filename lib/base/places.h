/*
 * places: where a byte or a word stands in a text, many bytes at a time.
 *
 * There are several ways to look, one for each kind of processor; which one is used
 * is decided when the program runs.  All of them find the same.
 */
#ifndef BASE_PLACES_H
#define BASE_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum { PLACES_ROOM_LEAST = 64 };

/*
 * The places of byte in text from *at on, rising, into places, which has room for at
 * least PLACES_ROOM_LEAST.  Returns how many.  *at moves behind what was looked at: to
 * text's end, or to where places was too full to go on.  text is shorter than 4 GiB.
 */
size_t places_of(struct slice text, char byte, size_t *at, uint32_t *places, size_t room);

/* Where word, which is not empty, first stands in text from at on; SIZE_MAX where it does not. */
size_t place_of(struct slice text, size_t at, struct slice word);

/*
 * The places of byte in text that are not inside "quotes", rising, into places; up to
 * room of them.  Quotes begin behind such a byte or where text does, and end with a quote
 * that is not doubled.  Returns how many; SIZE_MAX where a quote stands anywhere else:
 * then somebody has to look closer.  behind: how many bytes there are behind text, as in
 * a file with more lines: they may be read along, and say nothing.
 */
size_t places_outside(struct slice text, size_t behind, char byte, uint32_t *places, size_t room);

/* The ways, for tests: the first is plain C and there on every machine; name NULL ends. */
struct places_way {
	const char *name;
	bool (*there)(void); /* whether this processor knows it */
	size_t (*places)(struct slice text, char byte, size_t *at, uint32_t *places, size_t room);
	size_t (*place)(struct slice text, size_t at, struct slice word);
	size_t (*outside)(struct slice text, size_t behind, char byte, uint32_t *places, size_t room);
};
extern const struct places_way places_ways[];

#endif
