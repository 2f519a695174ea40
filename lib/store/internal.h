/*
 * internal: what the files of the store share.  Nobody else includes this.
 *
 * Who does what:
 *
 *	format.c     finding and opening a store
 *	create.c     making one
 *	store.c      what belongs to an open store and to no step of its life
 *	file.c       opening its files safely (S8), saving and cutting tails
 *	lock.c       the lock bytes of audit.csv
 *	audit.c      lines of audit.csv, taken apart
 *	state.c      "how far": a transaction and every log's committed length
 *	seal.c       digests of chunks, lines of personal tables in sealed form
 *	ahead.c      the digest of a chunk that is still being made
 *	watermark.c  how far the store is known to be on disk
 *	floor.c      the newest `synced`, when the watermark does not say
 *	recover.c    the last valid transaction
 *	lead.c       syncing, for oneself and for others
 *	anew.c       bytes that a failed sync may have lost, once more
 *	commit.c     append and settle
 *	sync.c       files made durable together
 *	snapshot.c   a state, with its logs mapped
 *	guard.c      mapped files that shrink
 *	verify.c     proof of everything
 *	erase.c      lines made blank, as the erasure log says
 *	blanks.c     proof that what is blank was erased, and the other way round
 *	repair.c     after a failed sync
 *	copy.c       a copy, or what a copy lacks
 *	copy_target.c  where it goes
 *	adopt.c      lines that no transaction names
 *	survey.c     what lies in the directory
 *	heads.c      the head this user saw last
 *	index.c      pages of an index, see index.h
 *	index_place.c  where they are kept
 *	blob.c       documents by digest
 *	seeded.h     bugs for the tests of the tests
 */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include <pthread.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/random.h"
#include "store/seeded.h"
#include "store/store.h"

#define AUDIT_NAME "audit.csv"
#define AUDIT_HEADER "tx,time,actor,command,key,reason,changes,synced,hash\n"

enum {
	AUDIT_HEADER_LENGTH = sizeof AUDIT_HEADER - 1,
	CHECKPOINT_EVERY = 1024, /* every so many transactions a line lists all tables */
	STORE_FILE_MODE = 0660,
	STORE_DIRECTORY_MODE = 02770,
	LOG_NAME_SIZE = STORE_NAME_MAX + sizeof ".csv",
	READER_WAIT = 30000 /* milliseconds a reader waits for somebody else's leading */
};

/* --- state.c ------------------------------------------------------------- */

struct table {
	char name[STORE_NAME_MAX + 1];
	size_t name_length;
	uint64_t length; /* committed bytes of its log */
};

/* What a transaction leaves behind.  In the order of their first transaction, the tables. */
struct state {
	uint64_t tx;
	char hash[HASH_HEX + 1]; /* of its line; the store's uuid when tx is 0 */
	uint64_t audit_length;   /* bytes of audit.csv up to the end of its line */
	struct table *tables;
	size_t count, capacity;
};

void state_release(struct state *state);
void state_empty(struct state *state, const char *uuid);
void state_copy(struct state *to, const struct state *from); /* another one */
void state_add_table(struct state *state, struct slice name, uint64_t length);
const struct table *state_table(const struct state *state, struct slice name); /* NULL when there is none */
uint64_t state_length(const struct state *state, struct slice name);           /* 0 when there is none */

/* What is wrong with line as the next one after state, chunks aside; NULL when nothing is. */
const char *state_refuses(const struct state *state, const struct audit_line *line);
/* Moves on to line, which state does not refuse. */
void state_apply(struct state *state, const struct audit_line *line);

enum state_found {
	STATE_FOUND,
	STATE_MORE, /* bytes must begin earlier */
	STATE_BAD   /* not lines of a whole chain */
};

/*
 * The state that the last line of bytes leaves behind.  bytes is a part of
 * audit.csv that begins at offset base of it and ends with a newline.
 */
enum state_found state_from_lines(struct state *state, const char *uuid, struct slice bytes, uint64_t base);

/* --- audit.c -------------------------------------------------------------- */

bool table_name_valid(struct slice name);
bool number_parse(struct slice text, uint64_t *number); /* 0 or digits without a leading zero */
/* Takes one line (no newline) apart; false, and tx 0, when it is not one. */
bool audit_parse(struct slice raw, struct audit_line *line, struct buffer *scratch);
/* What the line's last field must be, given the hash of the line before. */
void audit_chain(const char *previous, struct slice raw, char out[HASH_HEX + 1]);
/* The line that ends, with its newline, at offset end of bytes; false when its beginning is not in bytes. */
bool audit_line_before(struct slice bytes, size_t end, bool from_start, struct slice *line);
/* The hash field of a line, whatever the rest looks like; false when there is none. */
bool audit_hash_of(struct slice raw, char out[HASH_HEX + 1]);

/* audit.csv line by line, by pread, so that one that shrinks meanwhile is only short. */
struct audit_reader {
	int fd;
	uint64_t offset; /* in the file, of the bytes that follow those in the buffer */
	uint64_t end;    /* nothing from there on is read; UINT64_MAX unless who reads says so */
	size_t position; /* in the buffer, of the next line */
	bool ended;      /* the end of the file was seen */
	struct buffer buffer;
};

void audit_reader_init(struct audit_reader *reader, int fd, uint64_t offset);
void audit_reader_release(struct audit_reader *reader);
/* STATUS_NO at the end, or where no newline follows within the longest line. */
enum status audit_reader_next(struct audit_reader *reader, struct slice *raw, struct error *error);

/* --- the store ------------------------------------------------------------ */

struct pending {
	char name[STORE_NAME_MAX + 1];
	int fd;
	bool written; /* before it had a name */
};

/* See index_place.c. */
struct index_place {
	bool looked, made;
	char *path;      /* of the directory, there or not; NULL: no place is named */
	const char *why; /* there is no index, or NULL */
};

struct store {
	int directory;
	int audit;
	bool writable;        /* audit is open for writing */
	uint64_t inode;       /* of audit.csv */
	dev_t device;         /* that it lies on */
	uint64_t opened_size; /* of audit.csv when it was opened; 0 once that was made use of */
	unsigned generation;  /* counts how often audit.csv was found replaced */
	char *path;
	bool straight; /* no symbolic link is on that path */
	char uuid[UUID_SIZE];
	char boot[UUID_SIZE]; /* of this boot; "" until asked for, "-" when nobody knows */
	char *login, *actor;  /* NULL until asked for */
	struct buffer warnings;
	int mark;          /* the watermark, or -1 while nobody needed it */
	bool guarded;      /* guard_logs was called */
	bool head_checked; /* heads.c has been asked */
	char *head_path;   /* where the head is remembered, or NULL */
	int head_file;     /* that file, or -1 */
	uint64_t head_tx;  /* what is remembered there */
	bool head_doubted; /* it is neither compared nor written over */
	struct index_place index;

	bool locked;
	struct state head;  /* while locked: the last valid transaction */
	struct state floor; /* while locked: the newest one known to be on disk */

	struct pending *pending; /* logs that were appended to and not settled yet */
	size_t pending_count, pending_capacity;
};

/* A store without its files yet; path may be NULL. */
struct store *store_allocate(const char *path);
void store_warn(struct store *store, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* STATUS_SYSTEM: "STORE/NAME: …". */
enum status store_damage(const struct store *store, struct error *error, const char *name, const char *format,
    ...) __attribute__((format(printf, 4, 5)));
/* The name for the audit log's actor column; looked up once, and never under a lock (it may ask a network). */
const char *store_actor(struct store *store);
/* STATUS_SYSTEM when the directory lies on a file system that is not known to be local. */
enum status store_check_local(int directory, const char *path, struct error *error);
char *store_real_path(const struct store *store); /* of its directory; free() it; NULL when it can't be told */
/* Before something is mapped: guard_logs, once. */
void store_guard(struct store *store);
/* Opens audit.csv (again). */
enum status store_open_audit(struct store *store, struct error *error);

/* --- ahead.c ---------------------------------------------------------------- */

/* A thread that does something with bytes that are still being made, as far as they are final. */
struct follower {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t news;
	size_t ready; /* bytes that are final; under the mutex */
	bool ended;   /* no more will come; under the mutex */
};

/* Of zeroed memory; false where there can be no thread. */
bool follower_start(struct follower *follower, void *(*run)(void *), void *context);
void follower_tell(struct follower *follower, size_t ready);
/* Waits until the thread has done everything. */
void follower_end(struct follower *follower);
/* For the thread: how far to go on from done, at least by step until the end; false when nothing more will come. */
bool follower_await(struct follower *follower, size_t done, size_t step, size_t *ready);

/* --- unnamed.c -------------------------------------------------------------- */

struct unnamed;

/*
 * Begins to write the bytes at data, a pinned buffer (base/buffer.h), to a file in directory
 * that has no name.  NULL where there can be none.
 */
struct unnamed *unnamed_start(int directory, char *data);
void unnamed_more(struct unnamed *file, size_t length); /* the first length bytes are final */
/* Waits until length bytes are there, and frees.  The file's descriptor; 0 when they are not all on disk. */
int unnamed_finish(struct unnamed *file, size_t length);
void unnamed_give_up(struct unnamed *file);
/*
 * Gives the chunk's file, if it has one with all of its bytes, a name.  Another descriptor,
 * of the same opening, so that no error is lost; -1 where it can't be done.
 */
int unnamed_name(const struct chunk *chunk, int directory, const char *name);

/* --- file.c ---------------------------------------------------------------- */

/*
 * Opens a regular file with one name in directory, never through a link (S8).
 * -1 with errno: what open says, EMLINK or EFTYPE's stand-in ENOTSUP for what is no such file.
 */
int plain_open(int directory, const char *name, int flags, struct stat *status);
/* Makes it, 0660 whatever the umask; EEXIST when it is there. */
int plain_create(int directory, const char *name);
/* One read of what is small: up to size bytes of a regular file from its beginning; -1 with errno. */
ssize_t plain_read(int fd, void *data, size_t size);
/* Long bytes go out in pieces, and the disk is told of each: it works while the next one is copied. */
bool plain_write(int fd, struct slice bytes, uint64_t offset);
/* Makes the directories of a path that are missing, for this user alone. */
void plain_directories(const char *path);
/* Opens a directory in directory, making it (2770) when make is set and it is missing. */
int plain_directory(int directory, const char *name, bool make);
void log_name(struct slice table, char out[LOG_NAME_SIZE]);
/* Sets error from errno after plain_open; returns STATUS_SYSTEM. */
enum status file_fault(const struct store *store, struct error *error, const char *name, const char *doing);
/* The same without a word; the name it got in saved. */
enum { TORN_NAME_SIZE = LOG_NAME_SIZE + 32 };
enum status file_move_tail(struct store *store, int fd, const char *name, uint64_t keep, uint64_t size,
    char saved[TORN_NAME_SIZE], struct error *error);
/* Saves the bytes of fd from `keep` to `size` under torn/ and cuts them off. */
enum status file_cut(struct store *store, int fd, const char *name, uint64_t keep, uint64_t size,
    struct error *error);

/* --- lock.c ---------------------------------------------------------------- */

enum lock_byte {
	LOCK_WRITER, /* W: who appends or cuts */
	LOCK_HOLDER, /* an ordinary lock of who has W, for its process id */
	LOCK_SYNC    /* S: who syncs, and writes the watermark */
};

enum status lock_try(struct store *store, enum lock_byte byte, bool *taken, struct error *error);
enum status lock_wait(struct store *store, enum lock_byte byte, int64_t deadline, struct error *error);
void lock_release(struct store *store, enum lock_byte byte);
/* W on the audit.csv that has that name now: one that was replaced is opened again. */
enum status lock_writer(struct store *store, int64_t deadline, struct error *error);
/* Without W: opens audit.csv again where it was replaced. */
enum status lock_follow_name(struct store *store, struct error *error);
void lock_nap(long *nanoseconds); /* sleeps, and doubles up to 2 ms */

/* --- seal.c ----------------------------------------------------------------- */

enum { SEAL_STAGE = 8192 };

/* The digest of a chunk, fed in pieces that are whole lines. */
struct chunk_hash {
	struct hash hash;
	bool sealed;
	size_t staged;
	char stage[SEAL_STAGE];
};

bool header_is_sealed(struct slice header);
void chunk_hash_init(struct chunk_hash *hash, bool sealed);
void chunk_hash_add(struct chunk_hash *hash, struct slice lines);
void chunk_hash_hex(struct chunk_hash *hash, char out[HASH_HEX + 1]);
/* The digest of length bytes at offset of an open log; STATUS_NO when it is shorter. */
enum status chunk_hash_file(int fd, uint64_t offset, uint64_t length, char out[HASH_HEX + 1]);

/* --- watermark.c -------------------------------------------------------------- */

enum watermark_kind {
	WATERMARK_NONE, /* missing, garbled, or of another copy */
	WATERMARK_PAST, /* of this very file, before a restart: a floor, not the state */
	WATERMARK_HERE  /* valid here and now */
};

struct watermark {
	enum watermark_kind kind;
	bool broken; /* a sync failed in this boot */
	struct state state;
};

void watermark_release(struct watermark *mark);
/*
 * Also says how long audit.csv is.  STATUS_SYSTEM when it can't be read, or when
 * audit.csv lacks what it says.
 */
enum status watermark_read(struct store *store, uint64_t *size, struct watermark *mark, struct error *error);
/*
 * The same for who has just opened the store, holds no lock, and looks himself whether the
 * state of a mark of this boot ends with its line: audit.csv was at least *size bytes long.
 */
enum status watermark_glance(struct store *store, uint64_t *size, struct watermark *mark, struct error *error);
/* Whether the line with that hash ends where audit.csv is so long: STATUS_OK, STATUS_NO. */
enum status audit_line_stands(const struct store *store, uint64_t length, const char *hash, struct error *error);
/* STATUS_SYSTEM: the line that state ends with is not there. */
enum status watermark_untrue(struct store *store, const struct state *state, struct error *error);
/* Under S.  False with errno: harmless, since nobody takes a garbled one for a truth. */
bool watermark_write(struct store *store, const struct state *state, bool broken);

/* The kernel's id of this boot; "-" where there is no such thing. */
const char *store_boot(struct store *store);

/* --- floor.c, recover.c ----------------------------------------------------- */

/* The newest state that is known to have been on disk: of the mark, or by the newest `synced`. */
enum status floor_find(struct store *store, const struct watermark *mark, uint64_t size, struct state *floor,
    struct error *error);

/* Whether raw is as it was written, judged by the two lines before it (the second may be absent). */
bool line_intact(const char *uuid, struct slice raw, struct slice before, struct slice before_that,
    struct audit_line *line, struct buffer *scratch);

struct recovery {
	struct state floor; /* known to be on disk */
	struct state head;  /* the last valid transaction */
};

void recovery_release(struct recovery *recovery);
/* Whether the logs have all bytes that a line's changes name; STATUS_NO when not. */
enum status changes_present(struct store *store, struct slice changes, struct error *error);
/* Under W.  STATUS_SYSTEM when what is known to have been on disk is not there. */
enum status recover_find(struct store *store, const struct watermark *mark, uint64_t size,
    struct recovery *recovery, struct error *error);

/* --- sync.c ------------------------------------------------------- */

struct sync_file;

/* Files that are made durable together; begins as zeros. */
struct syncing {
	struct sync_file *files;
	size_t count, capacity;
};

/* One more, up to LOG_NAME_SIZE for its name; close_it: syncing_release closes it. */
void syncing_add(struct syncing *syncing, int fd, const char *name, bool close_it);
/* Syncs them all, in any order.  STATUS_UNKNOWN, of the first that was added, when a sync failed. */
enum status syncing_run(struct syncing *syncing, const struct store *store, struct error *error);
void syncing_release(struct syncing *syncing);

/* --- lead.c ------------------------------------------------------- */

/*
 * Syncs every log whose length differs between from and to (all, and the
 * directory, when from is NULL) and audit.csv.  STATUS_UNKNOWN when a sync
 * failed, STATUS_SYSTEM when it did not come to that.
 */
enum status lead_sync(struct store *store, const struct state *from, const struct state *to, struct error *error);
/* Finds, syncs and publishes the last valid transaction, or takes what somebody else published. */
enum status lead(struct store *store, int64_t deadline, struct state *state, struct error *error);
/* Likewise, if nobody is at work; *led says so. */
enum status lead_if_idle(struct store *store, struct state *state, bool *led, struct error *error);
void pending_close(struct store *store);
/* The descriptor that this process appended to the log through, or -1. */
int pending_find(const struct store *store, const char *table);

/*
 * W is held, and taken over: syncs and publishes head, so that all of it is known to be
 * on disk; what the next line says in `synced`.
 */
enum status lead_head(struct store *store, int64_t deadline, struct error *error);

/* --- anew.c ------------------------------------------------------- */

/*
 * Under S: writes the bytes that lie between from and to once more where they are, syncs
 * them, and proves, starting as mark says, that they are there: after a sync that failed,
 * or may have.  STATUS_UNKNOWN when this one did; STATUS_SYSTEM when they are not there, or
 * it did not come to that.
 */
enum status write_anew(struct store *store, const struct watermark *mark, const struct state *from,
    const struct state *to, struct error *error);

/* --- commit.c ------------------------------------------------------- */

/* Says in the watermark that nobody knows what is on disk. */
void mark_broken(struct store *store);

/* --- blob.c ------------------------------------------------------- */

/* STATUS_NO when a blob is not what its name says. */
enum status blobs_prove(struct store *store, struct error *error);
/* Removes a blob for good; one that is not there is fine. */
enum status blob_remove(struct store *store, struct slice name, struct error *error);

/* --- erase.c ------------------------------------------------------- */

/* A line that is to be blank. */
struct blank {
	uint64_t tx;                /* of the erasure */
	struct slice table, record; /* no table: a blob */
	uint64_t offset, length, columns;
	struct slice digest;
};

struct blanks {
	struct buffer bytes; /* of the erasure log: what the slices point into */
	struct blank *all;
	size_t count, capacity;
};

void blanks_release(struct blanks *blanks);
/* All that the erasures up to state name, in their order. */
enum status blanks_load(struct store *store, const struct state *state, struct blanks *blanks,
    struct error *error);
/* Whether line (no newline), which lies where blank says, is what it should be. */
bool blank_matches(const struct blank *blank, struct slice line);
/* Whether the newest erasure up to state, which is on disk, was cut short: looks at one line. */
enum status erase_pending(struct store *store, const struct state *state, bool *pending, struct error *error);
/* Finishes the newest erasure up to state, which is on disk. */
enum status erase_finish(struct store *store, const struct state *state, struct error *error);
/* Both. */
enum status erase_redo(struct store *store, const struct state *state, struct error *error);

/* --- blanks.c ------------------------------------------------------- */

/* STATUS_NO, naming the place of the first transaction (in *bad) where what the snapshot shows and what was erased differ. */
enum status prove_blanks(struct snapshot *snapshot, uint64_t *bad, struct error *error);

/* --- heads.c ------------------------------------------------------------------ */

/* STATUS_SYSTEM when audit.csv, which has come as far as state, lacks the head this user saw last. */
enum status head_check(struct store *store, const struct state *state, struct error *error);
/* Likewise when it lacks what this process was shown. */
enum status head_still_there(const struct store *store, const struct state *shown, struct error *error);
/* Remembers state, if it is newer than what is remembered. */
void head_remember(struct store *store, const struct state *state);

/* --- survey.c ------------------------------------------------------------------------- */

/* Calls visit with a descriptor of each directory in blob/, which it closes. */
typedef enum status shelf_visit(int shelf, void *context, struct error *error);
enum status shelves_visit(const struct store *store, shelf_visit *visit, void *context, struct error *error);

/* --- copy_target.c ------------------------------------------------------------------ */

/* A directory that is to be a copy: a store of that uuid, or not one yet (fresh).  Locked, its head known. */
struct copy_target {
	struct store *store;
	bool fresh;
};

enum status copy_target_open(struct copy_target *target, const struct store *from, const char *directory,
    int64_t deadline, struct error *error);
/* Makes a fresh one a store: from now on it can be opened. */
enum status copy_target_finish(struct copy_target *target, struct error *error);
void copy_target_close(struct copy_target *target);

/* --- create.c ------------------------------------------------------------------------- */

/* Opens a directory on a local file system, making it (2770) where it is missing; nothing is made elsewhere. */
enum status store_make_directory(const char *directory, int *fd, struct error *error);
/* The name of a directory that was made has to be on disk too. */
enum status store_sync_parent(const char *directory, struct error *error);
/* An empty watermark, a block long. */
enum status store_make_mark(const struct store *store, struct error *error);

/* --- snapshot.c ------------------------------------------------------------------ */

bool snapshot_is_past(const struct snapshot *snapshot); /* it was opened as of a transaction that is not the newest */
const struct state *snapshot_state(const struct snapshot *snapshot);
struct store *snapshot_store(const struct snapshot *snapshot);

#endif
