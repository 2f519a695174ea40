/*
 * heads: the last head that this user saw of a store.
 *
 * The chain in audit.csv stops accidents; whoever can write the store can also
 * rewrite the chain.  What was seen before is remembered outside the store, so that
 * a history that was rewritten or cut short is noticed by the next command.  One
 * small file per store, in $XDG_STATE_HOME/bo or ~/.local/state/bo:
 *
 *	TX LENGTH HASH
 *
 * where LENGTH is that of audit.csv up to the end of that transaction's line.
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

enum { REMEMBERED_SIZE = 128, PATH_DIGITS = 16 };

struct remembered {
	uint64_t tx, length;
	struct slice hash;
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
	real = store_real_path(store->directory);
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

static bool
parse(struct slice text, struct remembered *head)
{
	struct slice line = slice_cut(&text, '\n');

	if (text.data == NULL || !number_parse(slice_cut(&line, ' '), &head->tx) ||
	    !number_parse(slice_cut(&line, ' '), &head->length) || !hash_is_hex(line))
		return false;
	head->hash = line;
	return head->tx > 0 && head->length > HASH_HEX + 2;
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

/* Whether the line that ended there still does. */
static enum status
compare(struct store *store, const struct state *state, const char *path, const struct remembered *head,
    struct error *error)
{
	char tail[HASH_HEX + 2];
	ssize_t got = file_read_at(store->audit, tail, sizeof tail, (off_t)(head->length - sizeof tail));

	if (got < 0)
		return error_set(error, STATUS_SYSTEM, "%s/" AUDIT_NAME ": can't read:", store->path);
	if (got == (ssize_t)sizeof tail && tail[0] == ',' && tail[HASH_HEX + 1] == '\n' &&
	    memcmp(tail + 1, head->hash.data, HASH_HEX) == 0 && !is_short(store, state, head))
		return STATUS_OK;
	return error_set(error, STATUS_SYSTEM,
	    "%s: the history of this store was rewritten or cut short since you last saw it, at transaction %" PRIu64
	    " (if you know why, remove %s)",
	    store->path, head->tx, path);
}

enum status
head_check(struct store *store, const struct state *state, struct error *error)
{
	const char *path = head_path(store);
	char text[REMEMBERED_SIZE];
	struct remembered head;
	ssize_t got;
	int fd;

	if (path == NULL || seeded(SEED_HEAD_FORGOTTEN))
		return STATUS_OK;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return STATUS_OK;
	got = plain_read(fd, text, sizeof text);
	close(fd);
	if (got <= 0 || !parse((struct slice){ text, (size_t)got }, &head))
		return STATUS_OK;
	store->head_tx = head.tx;
	if (head.tx == state->tx && head.length == state->audit_length && slice_is(head.hash, state->hash))
		return STATUS_OK;
	return compare(store, state, path, &head, error);
}

/* Makes the directories of path that are missing. */
static void
make_directories(const char *path)
{
	char *copy = memory_copy(path, strlen(path));

	for (char *slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0700);
		*slash = '/';
	}
	free(copy);
}

static int
create_new(const char *path)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW;
	int fd = open(path, flags, 0600);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	make_directories(path);
	return open(path, flags, 0600);
}

void
head_remember(struct store *store, const struct state *state)
{
	const char *path = head_path(store);
	char text[REMEMBERED_SIZE];
	char *fresh;
	int fd, length;

	if (path == NULL || state->tx <= store->head_tx)
		return;
	fresh = memory_format("%s.%ld", path, (long)getpid());
	fd = create_new(fresh);
	if (fd >= 0) {
		length = snprintf(text, sizeof text, "%" PRIu64 " %" PRIu64 " %s\n", state->tx,
		    state->audit_length, state->hash);
		if (!file_write(fd, text, (size_t)length) || rename(fresh, path) != 0)
			unlink(fresh);
		close(fd);
		store->head_tx = state->tx;
	}
	free(fresh);
}
