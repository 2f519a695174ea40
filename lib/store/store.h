/*
 * store: the only door to what is on disk.
 *
 * A store is a directory of append-only logs, one per table, and audit.csv,
 * one line per transaction, which names every byte it added.  This layer knows
 * bytes and transactions, not fields.  A second engine could stand behind this
 * header: nothing above it knows of locks, watermarks or files.
 *
 * The life of a change (reliability first, see store/commit.c):
 *
 *	snapshot_open        what is durable now; everything is checked against it
 *	store_lock           the one writer; cuts what a killed writer left
 *	snapshot_to_head     if somebody was faster: look again, check again
 *	store_append         the lines, then the audit line; the lock is gone
 *	store_settle         until it is on disk, by us or by another writer
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/slice.h"

enum {
	STORE_LINE_MAX = 1 << 20, /* bytes of a line, its newline included */
	STORE_NAME_MAX = 64       /* bytes of a table's name: [a-z][a-z0-9_]* */
};

struct store;
struct snapshot;

/* --- opening ------------------------------------------------------------ */

/* Makes directory (if need be) a new, empty store.  STATUS_REFUSED when it is one or is not empty. */
enum status store_create(const char *directory, struct error *error);

/*
 * Opens the store in directory; NULL looks in $BO_STORE, then in the current
 * directory and its parents for a bo.format that is genuine and owned by the
 * user, root or the user's group and not writable by others.  STATUS_SYSTEM
 * when there is none, it is of a newer format, on a network file system, or damaged.
 */
enum status store_open(const char *directory, struct store **store, struct error *error);
void store_close(struct store *store); /* NULL is fine */

const char *store_uuid(const struct store *store);
const char *store_path(const struct store *store); /* as it was found; for messages */

/* The login name of the real user, or its number: who the audit log will say it was, without what SUDO_USER claims. */
const char *store_login(struct store *store);

bool store_writable(const struct store *store); /* whether this user may write it */

/* Things to tell the user that are no failure ("cut 120 bytes of an unfinished transaction"); one line each, owned. */
struct slice store_warnings(const struct store *store);

/* --- reading ------------------------------------------------------------ */

/* The newest durable state; plays leader first where nothing says how much that is (see bo(5)). */
enum status snapshot_open(struct store *store, struct snapshot **snapshot, struct error *error);

/* The state as of transaction tx (0: empty), or as of an instant in UTC milliseconds.  STATUS_NO when tx is not yet. */
enum status snapshot_open_tx(struct store *store, uint64_t tx, struct snapshot **snapshot, struct error *error);
enum status snapshot_open_time(struct store *store, int64_t milliseconds, struct snapshot **snapshot,
    struct error *error);

/* Moves to the newest durable state.  Bytes handed out before stay valid until snapshot_close. */
enum status snapshot_refresh(struct snapshot *snapshot, struct error *error);

/* Under store_lock only: moves to the newest transaction, durable or not. */
enum status snapshot_to_head(struct snapshot *snapshot, struct error *error);

void snapshot_close(struct snapshot *snapshot); /* NULL is fine */

uint64_t snapshot_tx(const struct snapshot *snapshot);      /* 0: nothing yet */
const char *snapshot_hash(const struct snapshot *snapshot); /* of that transaction's line, or the uuid */

/*
 * The committed bytes of a table's log, mapped; none (length 0) where there is no
 * such log.  The first line is its header; the last byte is a newline.
 */
enum status snapshot_log(struct snapshot *snapshot, const char *table, struct slice *bytes, struct error *error);

/*
 * Whoever has read a long piece of a log, and is done with it, says so: what goes away
 * piece by piece, by several threads, need not go away all at once in the end.  The
 * bytes stay valid.
 */
void snapshot_seen(const struct snapshot *snapshot, struct slice piece);

/* The committed bytes of audit.csv, its header line included. */
struct slice snapshot_audit(const struct snapshot *snapshot);

/* The names of all tables that have a log, in the order of their first transaction; count (may be 0) and array owned by the snapshot. */
const char *const *snapshot_tables(struct snapshot *snapshot, size_t *count);

/* --- the audit log ------------------------------------------------------ */

struct audit_line {
	uint64_t tx;
	uint64_t synced;   /* newest transaction known to be on disk when this line was written */
	struct slice time; /* UTC to the millisecond */
	struct slice actor, command, key, reason; /* decoded; point into the line or the scratch buffer */
	struct slice changes;                     /* table:offset:length:sha256;… */
	struct slice hash;
	struct slice raw; /* the whole line without its newline */
};

struct audit_change {
	struct slice table;
	uint64_t offset, length;
	struct slice digest;
};

/*
 * The line that begins at *rest, which moves past it; false at the end.  The
 * header line is passed over.  A committed line that does not parse is damage: tx is 0 then.  scratch holds
 * fields that had to be unquoted and is cleared by each call.
 */
bool audit_next(struct slice *rest, struct audit_line *line, struct buffer *scratch);

/* The line of transaction tx in audit (bytes of audit.csv), found by halving; false when there is none. */
bool audit_find(struct slice audit, uint64_t tx, struct audit_line *line, struct buffer *scratch);

/* The next entry of changes, which moves past it; false at the end or at nonsense. */
bool audit_change_next(struct slice *changes, struct audit_change *change);

/* --- writing ------------------------------------------------------------ */

/*
 * Bytes to append to one log: whole lines `ID,TX,…`, or header lines `id,tx,…`.
 * A new log's first line is its header.  columns is the number of columns of the
 * header that applies at the end (id and tx included); sealed says that the third
 * one is `seal`.
 */
struct chunk {
	const char *table;
	struct slice bytes;
	uint64_t offset; /* where it goes: the log's length in the snapshot it was made from */
	char digest[HASH_HEX + 1];
	int file; /* that digest_ahead_finish has left, in which a new log is already; or 0 */
};

/*
 * Fills in the digest of a chunk in its sealed form (see bo(5)).  before is the
 * header line that applied before it (absent for a new log).  Done before any lock is taken.
 */
void chunk_digest(struct chunk *chunk, struct slice before);

/*
 * Writes the sealed form of a line (no newline) of a sealed log, line.length bytes:
 * what goes into the digest, and what an erased line looks like on disk.  Header
 * lines and lines that are erased already stay as they are.
 */
void line_seal(struct slice line, char *out);

/* Whether a line (no newline) of a sealed log is in its sealed form: erased. */
bool line_is_blank(struct slice line);

/*
 * The same, worked out by another thread while a long chunk is still being made.  data is
 * a pinned buffer's, and stays where it is until the end; before is the header that
 * applies to the first of its bytes, which may be its own.  NULL where there can be no thread.
 */
struct digest_ahead;
struct digest_ahead *digest_ahead_start(char *data, struct slice before);
/* The chunk will be a new log of the store: it is written ahead as well (unnamed.c).  Comes before digest_ahead_more. */
void digest_ahead_write(struct digest_ahead *ahead, const struct store *store);
/* The first length bytes are whole lines and final. */
void digest_ahead_more(struct digest_ahead *ahead, size_t length);
size_t digest_ahead_told(const struct digest_ahead *ahead); /* what was said last */
/*
 * Waits for the digest of all length bytes, and frees.  Returns a file for the chunk, to
 * be closed once that is appended, or 0.
 */
int digest_ahead_finish(struct digest_ahead *ahead, size_t length, char digest[HASH_HEX + 1]);
/* The same when nobody wants it any more. */
void digest_ahead_give_up(struct digest_ahead *ahead);

struct transaction {
	const char *command; /* "invoice issue" */
	const char *key;     /* as it goes into the log, or "" */
	const char *reason;  /* or "" */
	const struct chunk *chunks;
	size_t count; /* 0 is allowed: a transaction that only says something */
};

/*
 * Becomes the one writer: waits until the deadline (clock_monotonic milliseconds),
 * then STATUS_BUSY naming the holder.  Finds the last valid transaction and cuts
 * what lies beyond; STATUS_SYSTEM when the store is damaged or marked broken.
 */
enum status store_lock(struct store *store, int64_t deadline, struct error *error);
void store_unlock(struct store *store);

/*
 * Appends under the lock, which is released whatever comes of it.  The snapshot
 * must stand at the head (snapshot_to_head); STATUS_REFUSED otherwise.  STATUS_SYSTEM:
 * nothing happened.  STATUS_UNKNOWN: the store is marked broken.  On success *tx is
 * the new transaction, not yet durable.
 */
enum status store_append(struct store *store, const struct snapshot *snapshot,
    const struct transaction *transaction, uint64_t *tx, struct error *error);

/*
 * Returns when transaction tx is on disk, synced by this process or another;
 * STATUS_UNKNOWN past the deadline or when a sync failed.  What it erases is blank then.
 */
enum status store_settle(struct store *store, uint64_t tx, int64_t deadline, struct error *error);

/* --- erasure ---------------------------------------------------------------- */

/*
 * The log whose records say what is blank, one line of a sealed log each, by columns of
 * these names:
 *
 *	table, offset, length   where the line is (length without its newline)
 *	record                  the id it begins with
 *	columns                 how many values follow its seal
 *	digest                  the third value of its sealed form
 *
 * So the sealed form can be made from the record alone, whatever is left of the line.
 * A record without a table names a blob to be removed, by `digest`.
 *
 * Of a transaction that adds to this log, store_settle overwrites what it names once it
 * is on disk, and returns when that is on disk too.  What was cut short in between is
 * finished by the next store_lock.
 */
#define STORE_ERASURE "erasure"

/*
 * Overwrites whatever an erasure that the snapshot shows names and that is not blank
 * (in a copy that was made meanwhile, say); *count (may be NULL) lines of them.
 */
enum status store_blank(struct snapshot *snapshot, uint64_t *count, struct error *error);

/* --- damage and repair ---------------------------------------------------- */

struct verify_report {
	uint64_t transactions; /* proved: 1 to this, also where the next one is bad */
	uint64_t bytes;        /* of logs hashed */
	uint64_t tables;
};

/* How to go about it; all zeros will do. */
struct verify_how {
	size_t jobs;                                 /* processors to use at most; 0: all */
	void (*step)(void *context, uint64_t bytes); /* told now and then how many bytes were read so far; or NULL */
	void *context;
};

/*
 * Proves chain, digests, offsets and `synced` marks of everything the snapshot
 * shows, that no log has committed bytes the chain does not name, that lines are
 * blank if and only if an erasure says so, and that each blob is what its name says.
 * Finishes an erasure that was cut short, if it may.
 * STATUS_NO with the first bad transaction, file, line and byte in error.
 */
enum status store_prove(struct snapshot *snapshot, const struct verify_how *how, struct verify_report *report,
    struct error *error);
/* The same on all processors, without a word. */
enum status store_verify(struct snapshot *snapshot, struct verify_report *report, struct error *error);

struct repair_report {
	bool broken;                 /* a sync had failed; otherwise there was nothing to repair */
	struct verify_report proved; /* read from the disk again */
	uint64_t cut;                /* bytes that were not whole, and never shown; now in torn/ */
};

/*
 * After a failed sync: drops the cache, proves again what was shown, writes anew what came
 * after that as far as it is whole, cuts off the rest, syncs.  STATUS_SYSTEM: nothing whole
 * was cut, and the store is as broken as before.
 */
enum status store_mend(struct store *store, struct repair_report *report, struct error *error);
enum status store_repair(struct store *store, struct error *error); /* the same, and says nothing */

/* Until store_trust_head what this user saw last is neither compared nor written over. */
void store_doubt_head(struct store *store);
/* What he saw last and the snapshot lacks.  STATUS_NO when nothing is lacking. */
enum status store_lost_head(const struct snapshot *snapshot, uint64_t *tx, char hash[HASH_HEX + 1],
    struct error *error);
/* From now on what is seen is remembered again, in place of that. */
void store_trust_head(struct store *store);

/* What a store is made of, beyond its records. */
struct survey {
	uint64_t tx; /* the newest durable one */
	bool broken; /* a sync failed: only store_mend goes on */
	uint64_t audit_length;
	uint64_t audit_tail; /* bytes of audit.csv behind that transaction */
	uint64_t torn_files, torn_bytes, blobs, blob_bytes;
};
enum status store_survey(const struct snapshot *snapshot, struct survey *survey, struct error *error);

/* --- copies ----------------------------------------------------------------- */

struct copy_report {
	uint64_t before, tx;   /* the copy's newest transaction, before and now */
	uint64_t bytes, blobs; /* written: bytes of audit.csv and logs, blobs */
};

typedef void copy_step(void *context); /* called for each mebibyte written and each blob */

/*
 * Makes directory a copy of the store as it durably stands, or brings a copy up to
 * that: only what is missing there is written, and proved by reading it back, before
 * a line of audit.csv makes it valid.  A copy has the same uuid.  STATUS_REFUSED when
 * directory is neither empty nor a copy whose history is the beginning of this one's.
 * Whatever fails, or wherever it is killed: an older copy that was there still is one.
 */
enum status store_copy(struct store *store, const char *directory, int64_t deadline, copy_step *step,
    void *context, struct copy_report *report, struct error *error);

/* --- strays ----------------------------------------------------------------- */

/* Lines of a table that no transaction names. */
struct stray {
	char table[STORE_NAME_MAX + 1];
	char *name;      /* in the store: "customer.csv", or "torn/customer.csv.120.1" */
	uint64_t offset; /* in the table's log, of the first of its bytes */
	uint64_t start;  /* in the file of that name: the same, or 0 under torn/ */
	struct buffer bytes;
};

struct strays {
	struct stray *items; /* by name */
	size_t count, capacity;
};

/*
 * Reads what lies behind the committed end of the logs, and what was cut off them into
 * torn/.  Becomes the one writer for that moment, so that nothing in flight is taken for
 * a stray.  With move, tails are cut off into torn/ first.
 */
enum status strays_read(struct store *store, bool move, int64_t deadline, struct strays *strays,
    struct error *error);
/* Removes from torn/ what has been recorded. */
enum status strays_remove(struct store *store, const struct strays *strays, struct error *error);
void strays_release(struct strays *strays);

/* --- blobs ---------------------------------------------------------------- */

/* Stores bytes under their SHA-256 (blob/ab/ab12…), durable before it returns; the same bytes twice are one blob. */
enum status blob_put(struct store *store, struct slice bytes, char name[HASH_HEX + 1], struct error *error);
/* Reads a blob, checking its digest.  STATUS_NO when there is none. */
enum status blob_get(struct store *store, const char *name, struct buffer *out, struct error *error);
bool blob_exists(struct store *store, struct slice name);

#endif
