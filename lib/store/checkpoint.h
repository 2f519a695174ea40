/*
 * checkpoint: what is kept of a history elsewhere, so that it can't be written anew.
 *
 * Three lines in the form of C2SP's tlog-checkpoint, fit to be signed and mailed:
 *
 *	bo/7fd2c4b0-…                                   whose: the store's uuid
 *	1723                                            how long: the newest transaction
 *	uvq9Hfs0VpzvJ3wKBmwzcdfXQXz1oHRNnQVUvHMIpF8=    its hash, in base64
 *
 * The chain makes the hash stand for everything before it.  A store without any
 * transaction has the hash of nothing, as an empty tree has there.
 */
#ifndef STORE_CHECKPOINT_H
#define STORE_CHECKPOINT_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/random.h"
#include "store/store.h"

struct checkpoint {
	char uuid[UUID_SIZE];
	uint64_t tx;
	char hash[HASH_HEX + 1];
};

/* Of the newest transaction that snapshot shows. */
void checkpoint_make(const struct snapshot *snapshot, const char *uuid, struct checkpoint *checkpoint);
void checkpoint_add(struct buffer *out, const struct checkpoint *checkpoint);

/*
 * The next one of text, which moves past it: several may follow each other.  Empty lines,
 * and the signatures of a signed note (lines that begin with a dash), are passed over.
 * STATUS_NO at the end, STATUS_REFUSED with a fault at place where there is none.
 */
enum status checkpoint_next(struct slice *text, const struct place *place, struct checkpoint *checkpoint,
    struct error *error);

/*
 * Whether snapshot, whose chain is proved, goes on from checkpoint.  NULL when it does,
 * else what is wrong ("the history ends before it").
 */
const char *checkpoint_refuses(const struct snapshot *snapshot, const char *uuid,
    const struct checkpoint *checkpoint);

/*
 * Goes through the files of a store, whatever state they are in: *good is the last
 * transaction up to which all is well.  STATUS_NO, naming the first that is not; STATUS_OK
 * when there is none such.
 */
enum status store_blame(struct store *store, uint64_t *good, struct error *error);

#endif
