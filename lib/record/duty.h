/*
 * duty: pairs of things that one person may not do to the same document.
 *
 * Who ordered does not approve; who changed a supplier's bank account does not pay to
 * it.  Pairs come with bo (share/duty.csv); records of the table `duty` add to them, and
 * replace or (archived) switch off those of the same name.  A pair about a table, verb
 * or field that there is not is asleep.  Who did what is what the logs say: the actor
 * of the transaction, without what SUDO_USER claims.
 */
#ifndef RECORD_DUTY_H
#define RECORD_DUTY_H

#include "record/taken.h"

struct duty {
	struct slice name;
	const struct table *table; /* of the document */
	struct slice verb;         /* what somebody else must do */
	struct log *prior;         /* of the record that was worked on before */
	struct slice before;       /* what was done to it */
	size_t field;              /* done to this field of it, or SIZE_MAX */
	struct slice via;          /* leads from the document to it, empty when it is the same */
};

struct duties;

/* Every pair that is awake.  STATUS_SYSTEM when share/duty.csv is wrong. */
enum status duties_open(struct view *view, struct duties **duties, struct error *error);
void duties_close(struct duties *duties); /* NULL is fine */
size_t duties_count(const struct duties *duties);
const struct duty *duties_at(const struct duties *duties, size_t index);

/* A pair as it is written down. */
struct duty_text {
	struct slice name, table, verb, before, via, field;
};

/* STATUS_REFUSED with a fault for each part that there is not; out points into text. */
enum status duty_resolve(struct view *view, const struct duty_text *text, const struct place *place,
    struct duty *out, struct error *error);

/* The record that was worked on before, from the document's own value of the first field of via; 0 for none. */
uint64_t duty_prior(const struct duty *duty, uint64_t document, struct slice first, struct arena *arena);
/* That first field; SIZE_MAX when the document itself is meant. */
size_t duty_via(const struct duty *duty);

/* Whether login has done the first half of pair index to record number; committed history only. */
enum status duties_done(struct duties *duties, size_t index, uint64_t number, const char *login, bool *done,
    struct error *error);

/* Somebody did both: in transaction first one thing to the prior record, in second the other to the document. */
struct breach {
	const struct duty *duty;
	uint64_t document, first, second;
	struct slice actor;
};

/* Every one in the history that the view shows, by duty, document and transaction. */
typedef void duty_visit(const struct breach *breach, void *context);
enum status duties_report(struct duties *duties, duty_visit *visit, void *context, struct error *error);

#endif
