/*
 * index: pages in a file of LMDB, one key each.
 *
 *	key     kind and number, 4 bytes each, the higher first
 *	value   the page, and 8 bytes of checksum over it under the file's salt and the key
 *
 * Key 0 is one line that says what the file stands on, see index_stand.c.
 *
 * LMDB trusts its file.  So nobody ever writes to one that exists, and every read is
 * guarded (guard.h): a damaged file can send LMDB into memory that is not there, but
 * not change ours, and whatever it finds has to pass the checksum.
 */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/guard.h"
#include "store/index_internal.h"

enum {
	CHECK_BYTES = 8,
	KEY_BYTES = 8,
	DIRTY_MOST = 8 << 20, /* bytes that one transaction of LMDB may hold in memory */
	MODE = 0600,
};
static const uint64_t ROOM = (uint64_t)64 << 20; /* of a map beyond four times the log */

struct index_key {
	bool personal;
	unsigned char secret[SECRET_BYTES];
	uint64_t seed;
	struct hash_key hmac;
};

struct index {
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	uint64_t salt;
	uint64_t size;
	struct stand stand;
	char *fields;
	struct index_key key;
};

/* --- keys and checksums ----------------------------------------------------------- */

static uint64_t
number_of(const unsigned char *bytes)
{
	uint64_t number;

	memcpy(&number, bytes, sizeof number);
	return number;
}

static void
make_key(uint32_t kind, uint32_t number, unsigned char key[KEY_BYTES])
{
	for (int i = 0; i < 4; i++) {
		key[i] = (unsigned char)(kind >> (24 - 8 * i));
		key[4 + i] = (unsigned char)(number >> (24 - 8 * i));
	}
}

static uint64_t
checksum(uint64_t salt, const unsigned char key[KEY_BYTES], struct slice page)
{
	uint64_t seed = hash_seeded(salt, (struct slice){ (const char *)key, KEY_BYTES });

	return hash_seeded(seed, page);
}

static void
key_init(struct index_key *key, const unsigned char secret[SECRET_BYTES], bool personal)
{
	struct slice text = { (const char *)secret, SECRET_BYTES };

	key->personal = personal;
	memcpy(key->secret, secret, SECRET_BYTES);
	if (personal)
		hash_key_init(&key->hmac, text);
	else
		key->seed = hash_seeded(1, text);
}

uint32_t
index_tag(const struct index_key *key, struct slice value)
{
	return (uint32_t)((key->personal ? hash_keyed(&key->hmac, value) : hash_seeded(key->seed, value)) >> 32);
}

/* --- reading ----------------------------------------------------------------------------- */

struct get {
	struct index *index;
	unsigned char key[KEY_BYTES];
	const void *data; /* in the map, as long as the transaction lasts */
	struct buffer *out;
};

/* Guarded.  Memory is only taken once the size is known to be a size. */
static bool
find_page(void *context)
{
	struct get *get = context;
	MDB_val key = { KEY_BYTES, get->key }, value;

	if (mdb_get(get->index->txn, get->index->dbi, &key, &value) != MDB_SUCCESS)
		return false;
	get->data = value.mv_data;
	get->out->length = value.mv_size;
	return value.mv_size >= CHECK_BYTES && value.mv_size <= get->index->size;
}

static bool
copy_page(void *context)
{
	struct get *get = context;

	memcpy(get->out->data, get->data, get->out->length);
	return true;
}

bool
index_page(struct index *index, uint32_t kind, uint32_t number, struct buffer *out)
{
	struct get get = { .index = index, .out = out };
	struct slice page;
	size_t size;

	make_key(kind, number, get.key);
	if (!guard_read(find_page, &get)) {
		out->length = 0;
		return false;
	}
	size = out->length;
	out->length = 0;
	buffer_reserve(out, size);
	out->length = size;
	if (!guard_read(copy_page, &get))
		return false;
	page = (struct slice){ out->data, size - CHECK_BYTES };
	out->length = page.length;
	return checksum(kind == 0 ? 0 : index->salt, get.key, page) ==
	    number_of((const unsigned char *)out->data + page.length);
}

static void
failed_assertion(MDB_env *env, const char *message)
{
	(void)env;
	(void)message;
	guard_give_up();
}

static bool
begin(void *context)
{
	struct index *index = context;

	return mdb_txn_begin(index->env, NULL, MDB_RDONLY, &index->txn) == MDB_SUCCESS &&
	    mdb_dbi_open(index->txn, NULL, 0, &index->dbi) == MDB_SUCCESS;
}

static char *
path_of(struct store *store, const char *table)
{
	const struct index_place *place = index_place(store);

	return place->why == NULL ? memory_format("%s/%s" INDEX_SUFFIX, place->path, table) : NULL;
}

struct opening {
	struct index *index;
	const char *path;
	int result;
};

/* Guarded too: even the first pages are looked at through the map. */
static bool
open_environment(void *context)
{
	struct opening *opening = context;

	opening->result = mdb_env_open(opening->index->env, opening->path,
	    MDB_RDONLY | MDB_NOLOCK | MDB_NOSUBDIR, MODE);
	return opening->result == MDB_SUCCESS;
}

static enum index_found
open_file(struct index *index, struct store *store, const char *path)
{
	struct opening opening = { index, path, MDB_SUCCESS };
	struct stat status;
	int fd;

	/* LMDB would wait for somebody to write to a FIFO. */
	if (lstat(path, &status) != 0)
		return errno == ENOENT ? INDEX_MISSING : INDEX_DAMAGED;
	if (!S_ISREG(status.st_mode) || mdb_env_create(&index->env) != MDB_SUCCESS)
		return INDEX_OFF;
	mdb_env_set_assert(index->env, failed_assertion);
	store_guard(store);
	guard_reads();
	if (!guard_read(open_environment, &opening))
		return opening.result == ENOENT ? INDEX_MISSING : INDEX_DAMAGED;
	if (mdb_env_get_fd(index->env, &fd) != MDB_SUCCESS)
		return INDEX_DAMAGED;
	if (index_refuses(store, fd, false, &status) != NULL)
		return INDEX_OFF;
	index->size = (uint64_t)status.st_size;
	return guard_read(begin, index) ? INDEX_USABLE : INDEX_DAMAGED;
}

static enum index_found
open_index(struct index *index, struct snapshot *snapshot, const char *path, const char *table, const char *fields)
{
	struct buffer line = BUFFER_INIT;
	enum index_found found = open_file(index, snapshot_store(snapshot), path);
	struct slice has;

	if (found == INDEX_USABLE && !index_page(index, 0, 0, &line))
		found = INDEX_DAMAGED;
	if (found == INDEX_USABLE &&
	    !stand_parse(buffer_slice(&line), snapshot_store(snapshot), table, fields, &index->stand, &has))
		found = INDEX_STALE;
	if (found == INDEX_USABLE)
		found = stand_compare(snapshot, table, &index->stand);
	if (found == INDEX_USABLE || found == INDEX_AHEAD) {
		index->fields = memory_copy(has.data, has.length);
		index->salt = number_of(index->stand.salt);
		key_init(&index->key, index->stand.secret, index->stand.personal);
	}
	buffer_release(&line);
	return found;
}

enum index_found
index_open(struct snapshot *snapshot, const char *table, const char *fields, struct index **out)
{
	struct store *store = snapshot_store(snapshot);
	struct index *index;
	enum index_found found;
	char *path;

	*out = NULL;
	path = path_of(store, table);
	if (path == NULL)
		return INDEX_OFF;
	if (!index_wanted(store, state_length(snapshot_state(snapshot), slice_of(table)))) {
		free(path);
		return INDEX_SMALL;
	}
	index = memory_new(sizeof *index);
	found = open_index(index, snapshot, path, table, fields);
	free(path);
	if (found == INDEX_USABLE || found == INDEX_AHEAD)
		*out = index;
	else
		index_close(index);
	return found;
}

void
index_close(struct index *index)
{
	if (index == NULL)
		return;
	if (index->txn != NULL)
		mdb_txn_abort(index->txn);
	if (index->env != NULL)
		mdb_env_close(index->env);
	free(index->fields);
	free(index);
}

const char *
index_fields(const struct index *index)
{
	return index->fields;
}

uint64_t
index_tx(const struct index *index)
{
	return index->stand.tx;
}

uint64_t
index_scanned(const struct index *index)
{
	return index->stand.scanned;
}

uint64_t
index_size(const struct index *index)
{
	return index->size;
}

const struct index_key *
index_key(const struct index *index)
{
	return &index->key;
}

/* --- writing --------------------------------------------------------------------------- */

struct index_writer {
	char *path, *draft;
	int lock; /* of the draft; who has it writes */
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	size_t dirty;
	bool failed;
	uint64_t salt;
	struct index_key key;
};

static void
writer_free(struct index_writer *writer)
{
	if (writer->txn != NULL)
		mdb_txn_abort(writer->txn);
	if (writer->env != NULL)
		mdb_env_close(writer->env);
	if (writer->lock >= 0)
		close(writer->lock);
	free(writer->path);
	free(writer->draft);
	free(writer);
}

/* Whether the draft still has its name. */
static bool
in_place(const struct index_writer *writer, int fd)
{
	struct stat ours, theirs;

	return fstat(fd, &ours) == 0 && lstat(writer->draft, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
	    ours.st_dev == theirs.st_dev;
}

/* Takes the draft, unless somebody is at it.  What a killed writer left of one is thrown away. */
static bool
take_draft(struct index_writer *writer)
{
	writer->lock = open(writer->draft, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, MODE);
	return writer->lock >= 0 && flock(writer->lock, LOCK_EX | LOCK_NB) == 0 &&
	    in_place(writer, writer->lock) && ftruncate(writer->lock, 0) == 0;
}

static bool
open_draft(struct index_writer *writer, uint64_t length)
{
	int fd;

	return mdb_env_create(&writer->env) == MDB_SUCCESS &&
	    mdb_env_set_mapsize(writer->env, (size_t)(4 * length + ROOM)) == MDB_SUCCESS &&
	    mdb_env_open(writer->env, writer->draft, MDB_NOLOCK | MDB_NOSUBDIR | MDB_NOSYNC | MDB_NORDAHEAD,
		MODE) == MDB_SUCCESS &&
	    mdb_env_get_fd(writer->env, &fd) == MDB_SUCCESS && in_place(writer, fd) &&
	    mdb_txn_begin(writer->env, NULL, 0, &writer->txn) == MDB_SUCCESS &&
	    mdb_dbi_open(writer->txn, NULL, 0, &writer->dbi) == MDB_SUCCESS;
}

struct index_writer *
index_write(struct snapshot *snapshot, const char *table, const char *fields, bool personal,
    const struct index *from)
{
	struct store *store = snapshot_store(snapshot);
	struct index_writer *writer;
	struct buffer line = BUFFER_INIT;
	struct stand stand;

	if (!index_place_make(store) || !stand_take(snapshot, table, personal, &stand))
		return NULL;
	file_size_is_error();
	if (from != NULL)
		memcpy(stand.secret, from->stand.secret, SECRET_BYTES);
	writer = memory_new(sizeof *writer);
	writer->path = path_of(store, table);
	writer->draft = memory_format("%s.new", writer->path);
	if (!take_draft(writer) || !open_draft(writer, stand.scanned)) {
		writer_free(writer);
		return NULL;
	}
	key_init(&writer->key, stand.secret, personal);
	stand_format(&stand, store, table, fields, &line);
	index_write_page(writer, 0, 0, buffer_slice(&line));
	buffer_release(&line);
	writer->salt = number_of(stand.salt);
	return writer;
}

const struct index_key *
index_writer_key(const struct index_writer *writer)
{
	return &writer->key;
}

/* A transaction of LMDB keeps what it changes in memory until its end. */
static void
bound_memory(struct index_writer *writer, size_t added)
{
	writer->dirty += added;
	if (writer->dirty < DIRTY_MOST)
		return;
	writer->dirty = 0;
	writer->failed = mdb_txn_commit(writer->txn) != MDB_SUCCESS;
	writer->txn = NULL;
	if (!writer->failed)
		writer->failed = mdb_txn_begin(writer->env, NULL, 0, &writer->txn) != MDB_SUCCESS;
}

void
index_write_page(struct index_writer *writer, uint32_t kind, uint32_t number, struct slice page)
{
	unsigned char bytes[KEY_BYTES];
	MDB_val key = { KEY_BYTES, bytes }, value = { page.length + CHECK_BYTES, NULL };
	uint64_t sum;

	if (writer->failed)
		return;
	make_key(kind, number, bytes);
	sum = checksum(writer->salt, bytes, page);
	writer->failed = mdb_put(writer->txn, writer->dbi, &key, &value, MDB_APPEND | MDB_RESERVE) != MDB_SUCCESS;
	if (writer->failed)
		return;
	if (page.length > 0)
		memcpy(value.mv_data, page.data, page.length);
	memcpy((char *)value.mv_data + page.length, &sum, sizeof sum);
	bound_memory(writer, page.length);
}

bool
index_write_end(struct index_writer *writer, bool keep)
{
	bool kept = false;

	if (writer == NULL)
		return false;
	if (keep && !writer->failed) {
		kept = mdb_txn_commit(writer->txn) == MDB_SUCCESS;
		writer->txn = NULL;
	}
	kept = kept && in_place(writer, writer->lock) && rename(writer->draft, writer->path) == 0;
	if (!kept && in_place(writer, writer->lock))
		unlink(writer->draft);
	writer_free(writer);
	return kept;
}
