/*
 * index: what was found out about a log, kept outside the store.  It may go at any time.
 *
 * One file per table and user, in $BO_CACHE/UUID, else $XDG_CACHE_HOME/bo/UUID, else
 * ~/.cache/bo/UUID.  This layer keeps numbered pages of bytes and knows what they stand on;
 * what is in them is record/indexed.h's business.  A file is never written twice: a newer
 * index is a new file that takes the old one's name, so readers need no lock and see no
 * half of anything, whoever is killed.  For the same reason nothing is ever synced: a file
 * of another boot is not trusted.
 *
 * No answer of an index is believed unproved.  It stands on one transaction, named by the
 * hash of its line, and is used only where that line is in the chain.  Each page ends with
 * a checksum over itself, its number and the file's key; pages are dense, so that a page
 * which is not there is damage too, and never a "no".  What LMDB does with a file that
 * somebody cut or scribbled over is caught (see index.c).
 *
 * BO_INDEX=off: there is no index.  on: also on network file systems.  always: also for
 * small logs, which no index makes faster (for tests).  Under setgid there is none.
 */
#ifndef STORE_INDEX_H
#define STORE_INDEX_H

#include "store/store.h"

struct index;

enum index_found {
	INDEX_USABLE,
	INDEX_MISSING,
	INDEX_OFF,   /* there is none for this user, see index_directory */
	INDEX_SMALL, /* the log needs none */
	INDEX_STALE, /* of another boot, version, schema or history, or from before an erasure */
	INDEX_AHEAD, /* of a newer transaction than the snapshot's: usable but for what came since */
	INDEX_DAMAGED
};

/*
 * The index of a table where it is usable or ahead; else *index is NULL.  fields says what
 * has to be in it beyond the lines, names with a space between: an index that lacks one is
 * stale.
 */
enum index_found index_open(struct snapshot *snapshot, const char *table, const char *fields,
    struct index **index);
void index_close(struct index *index); /* NULL is fine */

const char *index_fields(const struct index *index); /* all that it has, in order */
uint64_t index_tx(const struct index *index);
uint64_t index_scanned(const struct index *index); /* bytes of the log that it knows */
uint64_t index_size(const struct index *index);    /* bytes of its file */

/*
 * Page number `number` of a kind (kinds from 1 on), without its checksum.  false when it is
 * damaged or missing: then nothing of this index can be used.
 */
bool index_page(struct index *index, uint32_t kind, uint32_t number, struct buffer *out);

/*
 * What stands for a value in the pages: 32 bits of a hash under the file's key, an HMAC
 * where the table is personal, so that nobody who finds an index reads names in it.
 */
struct index_key;
const struct index_key *index_key(const struct index *index);
uint32_t index_tag(const struct index_key *key, struct slice value);

/* --- writing ------------------------------------------------------------------ */

struct index_writer;

/*
 * Begins a new index that stands on the snapshot; from is what it goes on from, or NULL.
 * NULL where there is none to be, the snapshot is not the newest, or somebody else is at
 * it.  From here on nothing of the store is needed, so it may go on in another thread.
 */
struct index_writer *index_write(struct snapshot *snapshot, const char *table, const char *fields,
    bool personal, const struct index *from);
const struct index_key *index_writer_key(const struct index_writer *writer);
/* Adds a page; kinds and numbers must rise.  A failure is remembered. */
void index_write_page(struct index_writer *writer, uint32_t kind, uint32_t number, struct slice page);
/* Puts it in place (keep), or leaves everything as it was.  false when it is not in place. */
bool index_write_end(struct index_writer *writer, bool keep);

/* --- the whole ------------------------------------------------------------------ */

/* Where the indexes of the store are, or NULL and why there are none. */
const char *index_directory(struct store *store, const char **why);
/* Where they would be, if nothing spoke against it; NULL where nobody says where, or that there shall be none. */
const char *index_where(struct store *store);
/* STATUS_USAGE when BO_INDEX or BO_CACHE say what can't be meant. */
enum status index_settings(struct error *error);
/* Removes all of them, whatever their state; *count (may be NULL) files. */
enum status index_drop(struct store *store, size_t *count, struct error *error);
/* Whether a log of so many bytes gets an index, and an index that knows so many of them is renewed. */
bool index_wanted(struct store *store, uint64_t length);
bool index_outgrown(uint64_t scanned, uint64_t length);

#endif
