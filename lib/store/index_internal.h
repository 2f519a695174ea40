/*
 * index_internal: what index.c, index_place.c and index_stand.c share.  Nobody else includes this.
 */
#ifndef STORE_INDEX_INTERNAL_H
#define STORE_INDEX_INTERNAL_H

#include "store/index.h"
#include "store/internal.h"

#define INDEX_SUFFIX ".index" /* TABLE.index, and TABLE.index.PID while it is written */

enum {
	SECRET_BYTES = 16,
	SALT_BYTES = 8,
	TAIL_BYTES = HASH_HEX + 2 /* of a line of audit.csv: comma, hash, newline */
};

/* What an index stands on. */
struct stand {
	uint64_t tx, audit_length, scanned, erasures;
	char hash[HASH_HEX + 1];
	bool personal;
	unsigned char salt[SALT_BYTES], secret[SECRET_BYTES];
};

/* As a line. */
void stand_format(const struct stand *stand, struct store *store, const char *table, const char *fields,
    struct buffer *out);
/*
 * The line that an index of table has, into stand and, pointing into the line, the fields
 * that it has.  false when it is of another version, store, boot or table, or lacks one of fields.
 */
bool stand_parse(struct slice line, struct store *store, const char *table, const char *fields,
    struct stand *stand, struct slice *has);
/* Whether the snapshot's history contains the transaction, or goes on to it; else it is stale. */
enum index_found stand_compare(const struct snapshot *snapshot, const char *table, const struct stand *stand);
/* What a new index stands on; false where none is to be made now. */
bool stand_take(struct snapshot *snapshot, const char *table, bool personal, struct stand *stand);

/* Where this user's indexes are, whether the directory is there or not. */
const struct index_place *index_place(struct store *store);
/* Makes the directory; false when it can't be used. */
bool index_place_make(struct store *store);
/*
 * Why an open file or directory is not to be trusted: it must be the user's alone, and local
 * unless told; what is on the device of the store is.  *status is what fstat says.
 */
const char *index_refuses(const struct store *store, int fd, bool directory, struct stat *status);
void index_place_close(struct store *store);

#endif
