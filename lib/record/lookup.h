/*
 * lookup: which record has a value; kept in memory while a view lives.
 *
 * It is only a hint that points the right way: a lookup holds every number that has
 * ever had the value in this view, and log_find believes none before it has read the
 * record's newest line.  So nothing has to be taken out when a revision is taken back.
 */
#ifndef RECORD_LOOKUP_H
#define RECORD_LOOKUP_H

#include "record/view.h"

/* Enters the newest line of number into all lookups and lists of who refers to what that there are. */
void lookups_enter(struct log *log, uint64_t number);
/* What is known of values already, by field. */
struct known {
	const bool *bare;        /* it certainly needs no quotes */
	const uint32_t *hashes;  /* of those, from lookup_await; 0 where nobody has asked */
	struct stencil *stencil; /* for their line */
};

/* The same of a line that was just made from these values, one per field.  known may be NULL. */
void lookups_enter_values(struct log *log, uint64_t number, const struct slice *values, const struct known *known);
/*
 * lookup_find will be asked for this value, which needs no quotes, soon: a hint that has
 * memory begin to look for it.  Returns its hash.
 */
uint32_t lookup_await(struct log *log, size_t field, struct slice value);
/* What log_find says of it; hash is what lookup_await has returned, or 0. */
uint64_t lookup_find(struct log *log, size_t field, struct slice value, uint32_t hash);
/*
 * Adds the records that may have value in field: the others have not.  In any order, and
 * some of them twice.  false when only a look at every record can tell, or the index has
 * more than so many.
 */
bool log_may_have(struct log *log, size_t field, struct slice value, size_t most, struct number_list *numbers);
/* The raw value of a field in the newest line of number, which there must be; absent when it has none. */
struct slice raw_value(const struct log *log, uint64_t number, size_t field);
/* Adds the records of the base whose newest line has value in field; false when there is no base any more. */
bool lookup_add_indexed(struct log *log, size_t field, struct slice value, struct number_list *numbers);
void number_add(struct number_list *numbers, uint64_t number);
/* numbers rising, each once. */
void numbers_order(struct number_list *numbers);
/* There is no index any more: enters what it knew.  newest says where, by number, offset + 1. */
void lookups_complete(struct log *log, const uint64_t *newest, uint64_t count);
void lookups_free(struct log *log);

#endif
