/*
 * hunt: which lines may have a word in them, without a look at each.
 *
 * A filter such as `country = PK` holds for no record whose line has no "PK".  The word
 * is looked for in the bytes of many lines at once; what lies before the place where it
 * is next found need not be read.  This pays where records follow each other in the log,
 * as most do, and costs little where they do not.
 */
#ifndef RECORD_HUNT_H
#define RECORD_HUNT_H

#include "record/view.h"

struct hunt {
	const struct log *log;
	struct slice word;  /* absent: any line may do */
	uint64_t from, hit; /* the word does not begin from there on before hit */
	uint64_t stride;    /* bytes to be looked at next */
};

/* false: the newest line of record number, which is there, has no such word. */
bool hunt_may(struct hunt *hunt, uint64_t number);

#endif
