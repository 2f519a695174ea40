/*
 * referring: which records refer to one, by a field; lines to their parent, allocations to
 * their invoice.  Kept in memory while a view lives, for fields that were asked about.
 *
 * Each number stands in the list of whatever its record has referred to in this view, and is
 * believed only when its newest line says so still: nothing has to be taken out when a
 * revision is taken back.  What the base of an index has is asked there, and not in the lists.
 */
#ifndef RECORD_REFERRING_H
#define RECORD_REFERRING_H

#include "record/view.h"

struct referring {
	struct referring *next; /* of another field */
	size_t field;
	bool partial;           /* what the base of an index has is not in it */
	uint32_t *first, *last; /* by number of what is referred to: an index of links, + 1 */
	size_t targets;         /* size of both */
	struct link *links;
	size_t count, capacity;
};

/* Enters that record number refers to what a raw value says; one that is none is passed over. */
void referring_enter(struct referring *referring, struct slice raw, uint64_t number);
void referring_free(struct log *log);

#endif
