/*
 * index_internal: what index.c and index_place.c share.  Nobody else includes this.
 */
#ifndef STORE_INDEX_INTERNAL_H
#define STORE_INDEX_INTERNAL_H

#include "store/index.h"
#include "store/internal.h"

#define INDEX_SUFFIX ".index" /* TABLE.index, and TABLE.index.PID while it is written */

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
