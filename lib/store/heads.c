/*
 * heads: the last head that this user saw of a store.
 *
 * The chain in audit.csv stops accidents; whoever can write the store can also
 * rewrite the chain.  What was seen before is remembered outside the store, so that
 * a history that was rewritten or cut short is noticed by the next command.  One
 * small file per store, in $XDG_STATE_HOME/bo or ~/.local/state/bo, of one line:
 *
 *	bo-head 1 TX LENGTH HASH CHECK
 *
 * where LENGTH is that of audit.csv up to the end of that transaction's line, and CHECK
 * the beginning of the SHA-256 of what precedes it.  The numbers have leading zeros, so
 * that the line is always as long: it is written over in place by one call, since every
 * acknowledged change pays for it.  One that is torn or garbled is as if there were none.
 *
 * Where there is no such directory (cron has no HOME) or it can't be written,
 * nothing is remembered; that is never an error.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/internal.h"

enum {
	PATH_DIGITS = 16,
	CHECK_DIGITS = 16,
	NUMBER_DIGITS = 20,
	CHECKED_LENGTH = 10 + 2 * (NUMBER_DIGITS + 1) + HASH_HEX + 1, /* with the space before CHECK */
	HEAD_LENGTH = CHECKED_LENGTH + CHECK_DIGITS + 1
};

struct remembered {
	uint64_t tx, length;
	char hash[HASH_HEX + 1];
};

/* Where the head of this store is kept; NULL when nowhere. */
static char *
find_path(struct store *store)
{
	/* secure: under setgid the user must not aim our writes */
	const char *state = secure_getenv("XDG_STATE_HOME"), *home = secure_getenv("HOME");
	char digest[HASH_HEX + 1];
	char *real, *path;

	if ((state == NULL || state[0] != '/') && (home == NULL || home[0] != '/'))
		return NULL;
	real = store_real_path(store);
	if (real == NULL)
		return NULL;
	hash_text(slice_of(real), digest);
	digest[PATH_DIGITS] = '\0';
	free(real);
	if (state != NULL && state[0] == '/')
		path = memory_format("%s/bo/%s-%s", state, store->uuid, digest);
	else
		path = memory_format("%s/.local/state/bo/%s-%s", home, store->uuid, digest);
	return path;
}

static const char *
head_path(struct store *store)
{
	if (!store->head_checked) {
		store->head_path = find_path(store);
		store->head_checked = true;
	}
	return store->head_path;
}

static void
check_of(const char *line, char out[CHECK_DIGITS + 1])
{
	char digest[HASH_HEX + 1];

	hash_text((struct slice){ line, CHECKED_LENGTH }, digest);
	memcpy(out, digest, CHECK_DIGITS);
	out[CHECK_DIGITS] = '\0';
}

static void
format(const struct state *state, char out[HEAD_LENGTH + 1])
{
	char check[CHECK_DIGITS + 1];

	snprintf(out, HEAD_LENGTH + 1, "bo-head 1 %0*" PRIu64 " %0*" PRIu64 " %s ", NUMBER_DIGITS, state->tx,
	    NUMBER_DIGITS, state->audit_length, state->hash);
	check_of(out, check);
	snprintf(out + CHECKED_LENGTH, CHECK_DIGITS + 2, "%s\n", check);
}

/* A number with leading zeros. */
static bool
parse_number(struct slice text, uint64_t *number)
{
	while (text.length > 1 && text.data[0] == '0') {
		text.data++;
		text.length--;
	}
	return number_parse(text, number);
}

static bool
parse(struct slice text, struct remembered *head)
{
	struct slice line = text, hash;
	char check[CHECK_DIGITS + 1];

	if (text.length != HEAD_LENGTH)
		return false;
	check_of(text.data, check);
	if (memcmp(text.data + CHECKED_LENGTH, check, CHECK_DIGITS) != 0 ||
	    !slice_is(slice_cut(&line, ' '), "bo-head") || !slice_is(slice_cut(&line, ' '), "1") ||
	    !parse_number(slice_cut(&line, ' '), &head->tx) ||
	    !parse_number(slice_cut(&line, ' '), &head->length))
		return false;
	hash = slice_cut(&line, ' ');
	if (!hash_is_hex(hash))
		return false;
	memcpy(head->hash, hash.data, HASH_HEX);
	head->hash[HASH_HEX] = '\0';
	return head->tx > 0 && head->length > HASH_HEX + 2;
}

/* The file of this store's head, kept open; -1 when there is none. */
static int
open_head(struct store *store)
{
	const int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;
	const char *path = head_path(store);

	if (path == NULL || store->head_file >= 0)
		return store->head_file;
	store->head_file = open(path, O_RDWR | flags);
	if (store->head_file < 0 && errno != ENOENT)
		store->head_file = open(path, O_RDONLY | flags);
	return store->head_file;
}

/* What is remembered; false when nothing is. */
static bool
load(struct store *store, struct remembered *head)
{
	char text[HEAD_LENGTH];
	int fd = open_head(store);
	ssize_t got = fd >= 0 ? plain_read(fd, text, sizeof text) : -1;

	return got > 0 && parse((struct slice){ text, (size_t)got }, head);
}

/*
 * Whether what is shown does not come as far as the head, though its hash may stand
 * there: the line, or one before it, is no longer valid then.  It is not short where
 * somebody was only faster.  Who may not write may have seen more than can be shown.
 */
static bool
is_short(struct store *store, const struct state *state, const struct remembered *head)
{
	struct watermark mark = { .kind = WATERMARK_NONE };
	struct error ignored = ERROR_INIT;
	uint64_t size;
	bool faster;

	if (head->tx <= state->tx || !store->writable)
		return false;
	faster = watermark_read(store, &size, &mark, &ignored) == STATUS_OK && mark.kind == WATERMARK_HERE &&
	    mark.state.tx >= head->tx;
	watermark_release(&mark);
	error_release(&ignored);
	return !faster;
}

/* Whether the line that ended there still does, and is shown: STATUS_OK, STATUS_NO. */
static enum status
compare(struct store *store, const struct state *state, const struct remembered *head, struct error *error)
{
	enum status status = audit_line_stands(store, head->length, head->hash, error);

	return status == STATUS_OK && is_short(store, state, head) ? STATUS_NO : status;
}

static enum status
history_lost(const struct store *store, uint64_t tx, struct error *error)
{
	return error_set(error, STATUS_SYSTEM,
	    "%s: the history of this store was rewritten or cut short since you last saw it, at transaction %" PRIu64
	    "; see bo-store(1), accept-history",
	    store->path, tx);
}

enum status
head_check(struct store *store, const struct state *state, struct error *error)
{
	struct remembered head;
	enum status status;

	if (store->head_doubted || seeded(SEED_HEAD_FORGOTTEN) || !load(store, &head))
		return STATUS_OK;
	store->head_tx = head.tx;
	if (head.tx == state->tx && head.length == state->audit_length && strcmp(head.hash, state->hash) == 0)
		return STATUS_OK;
	status = compare(store, state, &head, error);
	return status == STATUS_NO ? history_lost(store, head.tx, error) : status;
}

enum status
head_still_there(const struct store *store, const struct state *shown, struct error *error)
{
	enum status status = STATUS_OK;

	if (shown->tx > 0)
		status = audit_line_stands(store, shown->audit_length, shown->hash, error);
	return status == STATUS_NO ? history_lost(store, shown->tx, error) : status;
}

void
store_doubt_head(struct store *store)
{
	store->head_doubted = true;
}

enum status
store_lost_head(const struct snapshot *snapshot, uint64_t *tx, char hash[HASH_HEX + 1], struct error *error)
{
	struct store *store = snapshot_store(snapshot);
	struct remembered head;
	enum status status;

	if (!load(store, &head))
		return error_set(error, STATUS_NO,
		    "you have not seen this store before: there is nothing to accept");
	status = compare(store, snapshot_state(snapshot), &head, error);
	if (status == STATUS_OK)
		return error_set(error, STATUS_NO,
		    "the history goes on from what you saw, transaction %" PRIu64 ": there is nothing to accept",
		    head.tx);
	if (status != STATUS_NO)
		return status;
	*tx = head.tx;
	memcpy(hash, head.hash, sizeof head.hash);
	return STATUS_OK;
}

void
store_trust_head(struct store *store)
{
	store->head_doubted = false;
	store->head_tx = 0; /* so that the next one is remembered, whatever its number */
}

static int
create_head(const char *path)
{
	int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW;
	int fd = open(path, flags, 0600);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	plain_directories(path);
	return open(path, flags, 0600);
}

void
head_remember(struct store *store, const struct state *state)
{
	const char *path = head_path(store);
	char line[HEAD_LENGTH + 1];

	if (path == NULL || store->head_doubted || state->tx <= store->head_tx)
		return;
	if (open_head(store) < 0)
		store->head_file = create_head(path);
	if (store->head_file < 0)
		return;
	format(state, line);
	file_size_is_error();
	if (file_write_at(store->head_file, line, HEAD_LENGTH, 0))
		store->head_tx = state->tx;
}
