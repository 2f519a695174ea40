/*
 * watermark: how far the store is known to be on disk; a hint, never the truth.
 *
 * One line, written in place after a sync and never synced itself:
 *
 *	bo-watermark 1 BOOT UUID INODE TX LENGTH HASH ok|broken TABLE:LENGTH;… CHECK
 *
 * BOOT is the kernel's boot id: within one boot the page cache holds what was
 * written, after it only the disk counts.  UUID and INODE (of audit.csv) make it
 * worthless in a copy.  LENGTH is that of audit.csv at TX, HASH that of the line.
 * CHECK is the beginning of the SHA-256 of what precedes it: a reader that sees
 * half of a write reads again.
 *
 * Only the holder of S writes it.  A mark of an earlier boot still tells a truth,
 * since it was written after the sync: what it covers was on disk, and must be.
 * The file is made a block long so that updating it never needs new space.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/internal.h"

#define MARK_NAME "watermark"

enum { CHECK_DIGITS = 16, MARK_FIRST_READ = 4096, MARK_LONGEST = 1 << 20, MARK_TRIES = 6 };

void
watermark_release(struct watermark *mark)
{
	state_release(&mark->state);
}

/* The kernel's id of this boot; "-" where there is no such thing, and then no mark is ever valid but a broken one. */
const char *
store_boot(struct store *store)
{
	ssize_t got = -1;
	int fd;

	if (store->boot[0] != '\0')
		return store->boot;
	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = read(fd, store->boot, UUID_SIZE - 1);
		close(fd);
	}
	if (got != UUID_SIZE - 1) {
		store->boot[0] = '-';
		got = 1;
	}
	store->boot[got] = '\0';
	return store->boot;
}

static void
check_of(struct slice text, char out[CHECK_DIGITS + 1])
{
	char digest[HASH_HEX + 1];

	hash_text(text, digest);
	memcpy(out, digest, CHECK_DIGITS);
	out[CHECK_DIGITS] = '\0';
}

/* The list of tables, "customer:120;ticket:88" or "-". */
static bool
parse_tables(struct slice list, struct state *state)
{
	state->count = 0;
	if (slice_is(list, "-"))
		return true;
	while (list.length > 0) {
		struct slice entry = slice_cut(&list, ';'), name = slice_cut(&entry, ':');
		uint64_t length;

		if (!table_name_valid(name) || !number_parse(entry, &length))
			return false;
		state_add_table(state, name, length);
	}
	return true;
}

/*
 * The parts that say whose mark it is.  Where it can't be told whether it is of this boot,
 * "broken" is believed and "ok" is not: forgetting either would make a failed sync a success.
 */
static enum watermark_kind
kind_of(struct store *store, struct slice boot, struct slice uuid, struct slice inode, bool broken)
{
	uint64_t number;

	if (!slice_is(uuid, store->uuid) || !number_parse(inode, &number) || number != store->inode)
		return WATERMARK_NONE;
	if (slice_is(boot, "-") || strcmp(store_boot(store), "-") == 0)
		return broken ? WATERMARK_HERE : WATERMARK_PAST;
	return slice_is(boot, store_boot(store)) ? WATERMARK_HERE : WATERMARK_PAST;
}

/* One line whose checksum is right. */
static bool
parse_mark(struct store *store, struct slice text, struct watermark *mark)
{
	struct state *state = &mark->state;
	struct slice boot, uuid, inode, hash, word;

	if (!slice_is(slice_cut(&text, ' '), "bo-watermark") || !slice_is(slice_cut(&text, ' '), "1"))
		return false;
	boot = slice_cut(&text, ' ');
	uuid = slice_cut(&text, ' ');
	inode = slice_cut(&text, ' ');
	if (!number_parse(slice_cut(&text, ' '), &state->tx) ||
	    !number_parse(slice_cut(&text, ' '), &state->audit_length))
		return false;
	hash = slice_cut(&text, ' ');
	if (hash.length > HASH_HEX || hash.length == 0)
		return false;
	memcpy(state->hash, hash.data, hash.length);
	state->hash[hash.length] = '\0';
	word = slice_cut(&text, ' ');
	mark->broken = slice_is(word, "broken");
	if (!mark->broken && !slice_is(word, "ok"))
		return false;
	if (!parse_tables(slice_cut(&text, ' '), state))
		return false;
	mark->kind = kind_of(store, boot, uuid, inode, mark->broken);
	return true;
}

/* The first line of bytes, if its checksum is right; what it says without the checksum. */
static bool
checked_line(struct slice bytes, struct slice *text)
{
	struct slice line = slice_cut(&bytes, '\n');
	char check[CHECK_DIGITS + 1];

	if (bytes.data == NULL || line.length <= CHECK_DIGITS + 1)
		return false;
	*text = (struct slice){ line.data, line.length - CHECK_DIGITS - 1 };
	check_of(*text, check);
	return text->data[text->length] == ' ' && memcmp(text->data + text->length + 1, check, CHECK_DIGITS) == 0;
}

/* Reads until a newline is among the bytes; more than the first piece only with very many tables. */
static enum status
load_mark(int fd, struct buffer *bytes)
{
	size_t want = MARK_FIRST_READ;

	for (;;) {
		char *room;
		ssize_t got;

		buffer_clear(bytes);
		room = buffer_reserve(bytes, want);
		got = file_read_at(fd, room, want, 0);
		if (got < 0)
			return STATUS_SYSTEM;
		bytes->length = (size_t)got;
		bytes->data[got] = '\0';
		if ((size_t)got < want || want >= MARK_LONGEST || memchr(bytes->data, '\n', bytes->length) != NULL)
			return STATUS_OK;
		want *= 4;
	}
}

/* A write of the mark and a read of it may overlap, hence the second looks. */
static enum status
read_mark(struct store *store, int fd, struct watermark *mark)
{
	struct buffer bytes = BUFFER_INIT;
	enum status status = STATUS_OK;
	long nap = 0;

	mark->kind = WATERMARK_NONE;
	for (int i = 0; i < MARK_TRIES; i++) {
		struct slice text;

		status = load_mark(fd, &bytes);
		if (status != STATUS_OK || bytes.length == 0 || bytes.data[0] == '\n')
			break; /* an error, or nothing was ever written there */
		if (checked_line(buffer_slice(&bytes), &text)) {
			if (!parse_mark(store, text, mark))
				mark->kind = WATERMARK_NONE;
			break;
		}
		if (i >= 2)
			lock_nap(&nap);
	}
	buffer_release(&bytes);
	return status;
}

static enum status
audit_size(struct store *store, uint64_t *size, struct error *error)
{
	struct stat status;

	if (fstat(store->audit, &status) != 0)
		return file_fault(store, error, AUDIT_NAME, "look at it");
	*size = (uint64_t)status.st_size;
	return STATUS_OK;
}

enum { TAIL = HASH_HEX + 2 }; /* of a line of audit.csv: comma, hash, newline */

enum status
watermark_untrue(struct store *store, const struct state *state, struct error *error)
{
	return store_damage(store, error, AUDIT_NAME,
	    "transaction %" PRIu64 ", known to be on disk, is not there", state->tx);
}

/* What the mark covers was on disk: if audit.csv, size bytes long, lacks it now, that is no torn tail. */
static enum status
check_length(struct store *store, uint64_t size, const struct state *state, struct error *error)
{
	if (size < state->audit_length)
		return store_damage(store, error, AUDIT_NAME,
		    "%" PRIu64 " bytes long, but %" PRIu64 " were known to be on disk (transaction %" PRIu64 ")",
		    size, state->audit_length, state->tx);
	if (state->tx > 0 && state->audit_length < AUDIT_HEADER_LENGTH + TAIL)
		return store_damage(store, error, MARK_NAME, "makes no sense");
	return STATUS_OK;
}

enum status
audit_line_stands(const struct store *store, uint64_t length, const char *hash, struct error *error)
{
	char tail[TAIL];
	ssize_t got = file_read_at(store->audit, tail, sizeof tail, (off_t)(length - sizeof tail));

	if (got < 0)
		return error_set(error, STATUS_SYSTEM, "%s/" AUDIT_NAME ": can't read:", store->path);
	return got == (ssize_t)sizeof tail && tail[0] == ',' && tail[HASH_HEX + 1] == '\n' &&
		memcmp(tail + 1, hash, HASH_HEX) == 0
	    ? STATUS_OK
	    : STATUS_NO;
}

static enum status
check_end(struct store *store, const struct state *state, struct error *error)
{
	enum status status = STATUS_OK;

	if (state->tx > 0)
		status = audit_line_stands(store, state->audit_length, state->hash, error);
	return status == STATUS_NO ? watermark_untrue(store, state, error) : status;
}

/*
 * The watermark's descriptor, kept open from one look to the next; -1 with errno.  One
 * that has lost its name, or got a second one, is opened again, and refused or made anew.
 */
static int
open_mark(struct store *store)
{
	struct stat status;

	if (store->mark >= 0) {
		if (fstat(store->mark, &status) == 0 && status.st_nlink == 1)
			return store->mark;
		close(store->mark);
	}
	store->mark = plain_open(store->directory, MARK_NAME, store->writable ? O_RDWR : O_RDONLY, &status);
	if (store->mark < 0 && store->writable && errno == EACCES)
		store->mark = plain_open(store->directory, MARK_NAME, O_RDONLY, &status);
	return store->mark;
}

/* The mark itself; WATERMARK_NONE where there is none to be read. */
static enum status
look_at_mark(struct store *store, struct watermark *mark, struct error *error)
{
	int fd = open_mark(store);

	mark->kind = WATERMARK_NONE;
	mark->broken = false;
	if (fd < 0 && (errno == ENOENT || errno == EACCES))
		return STATUS_OK;
	if (fd < 0)
		return file_fault(store, error, MARK_NAME, "open");
	return read_mark(store, fd, mark) == STATUS_OK ? STATUS_OK : file_fault(store, error, MARK_NAME, "read");
}

enum status
watermark_read(struct store *store, uint64_t *size, struct watermark *mark, struct error *error)
{
	enum status status = look_at_mark(store, mark, error);

	if (status == STATUS_OK)
		status = audit_size(store, size, error); /* asked after the mark, which grows with it */
	if (status != STATUS_OK || mark->kind == WATERMARK_NONE)
		return status;
	status = check_length(store, *size, &mark->state, error);
	return status == STATUS_OK ? check_end(store, &mark->state, error) : status;
}

enum status
watermark_glance(struct store *store, uint64_t *size, struct watermark *mark, struct error *error)
{
	enum status status = look_at_mark(store, mark, error);

	*size = store->opened_size;
	store->opened_size = 0;
	/* What has grown since is somebody's who was at work later: it may as well not have been there yet. */
	if (status == STATUS_OK && (mark->kind != WATERMARK_HERE || *size < mark->state.audit_length))
		status = audit_size(store, size, error);
	if (status != STATUS_OK || mark->kind == WATERMARK_NONE)
		return status;
	return check_length(store, *size, &mark->state, error);
}

static void
format_mark(struct store *store, const struct state *state, bool broken, struct buffer *out)
{
	char check[CHECK_DIGITS + 1];

	buffer_format(out, "bo-watermark 1 %s %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %s %s ", store_boot(store),
	    store->uuid, store->inode, state->tx, state->audit_length, state->hash, broken ? "broken" : "ok");
	for (size_t i = 0; i < state->count; i++)
		buffer_format(out, "%s%s:%" PRIu64, i > 0 ? ";" : "", state->tables[i].name,
		    state->tables[i].length);
	if (state->count == 0)
		buffer_add_char(out, '-');
	check_of(buffer_slice(out), check);
	buffer_format(out, " %s\n", check);
}

bool
watermark_write(struct store *store, const struct state *state, bool broken)
{
	struct buffer text = BUFFER_INIT;
	bool written;
	int number, fd = open_mark(store);

	if (fd < 0 && errno == ENOENT)
		fd = store->mark = plain_create(store->directory, MARK_NAME);
	if (fd < 0)
		return false;
	format_mark(store, state, broken, &text);
	written = file_write_at(fd, text.data, text.length, 0);
	number = errno;
	buffer_release(&text);
	errno = number;
	return written;
}
