/*
 * slice: a piece of somebody else's text, not ended by a NUL.
 *
 * A slice owns nothing and lives as long as what it points into (a mapped log,
 * an arena, a literal).  data == NULL means "absent", as opposed to "empty".
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *data;
	size_t length;
};

/* A slice from a literal or another NUL-ended string; NULL gives the absent slice. */
static inline struct slice
slice_of(const char *text)
{
	return (struct slice){ text, text != NULL ? strlen(text) : 0 };
}

static inline bool
slice_equal(struct slice a, struct slice b)
{
	return a.length == b.length &&
	    (a.length == 0 || (a.data[0] == b.data[0] && memcmp(a.data, b.data, a.length) == 0));
}

static inline bool
slice_is(struct slice a, const char *text)
{
	return slice_equal(a, slice_of(text));
}

static inline bool
slice_starts(struct slice a, const char *prefix)
{
	size_t n = strlen(prefix);

	return a.length >= n && memcmp(a.data, prefix, n) == 0;
}

/* Byte order, shorter first where one begins the other: <0, 0, >0 as memcmp. */
int slice_compare(struct slice a, struct slice b);

/* The part of a before the first separator; a becomes what follows it (absent when none was left). */
struct slice slice_cut(struct slice *a, char separator);

/* Without the ASCII white space at both ends. */
struct slice slice_trim(struct slice a);

/* A positive decimal integer (not 0) without sign, leading zeros or anything else; else false. */
bool slice_to_u64(struct slice a, unsigned long long *number);

#endif
