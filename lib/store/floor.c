/*
 * floor: the newest state that is known to have been on disk.
 *
 * Every line of audit.csv says in `synced` which transaction was known to be on
 * disk when it was written.  So where no watermark tells, the last line that is
 * intact does: nothing at or below its `synced` may ever be cut off.
 *
 * Reads backwards from the end of audit.csv, and further back only as needed.
 * By pread: a writer may be cutting what is looked at.
 */
#include <inttypes.h>

#include "base/file.h"
#include "store/internal.h"

enum { WINDOW_FIRST = 1 << 16 };

/* Some bytes of audit.csv, from offset base to its end. */
struct window {
	struct buffer bytes;
	uint64_t base;
};

static enum status
window_load(struct store *store, struct window *window, uint64_t size, uint64_t span, struct error *error)
{
	char *room;
	ssize_t got;

	window->base = span < size ? size - span : 0;
	buffer_clear(&window->bytes);
	room = buffer_reserve(&window->bytes, (size_t)(size - window->base));
	got = file_read_at(store->audit, room, (size_t)(size - window->base), (off_t)window->base);
	if (got < 0)
		return error_set(error, STATUS_SYSTEM, "%s/" AUDIT_NAME ": can't read:", store->path);
	window->bytes.length = (size_t)got;
	window->bytes.data[got] = '\0';
	return STATUS_OK;
}

/* Whether the hash of raw follows from a line whose hash is `previous`. */
static bool
follows(const char *previous, const struct audit_line *line)
{
	char hash[HASH_HEX + 1];

	audit_chain(previous, line->raw, hash);
	return slice_is(line->hash, hash);
}

bool
line_intact(const char *uuid, struct slice raw, struct slice before, struct slice before_that,
    struct audit_line *line, struct buffer *scratch)
{
	char hash[HASH_HEX + 1], older[HASH_HEX + 1];

	if (!audit_parse(raw, line, scratch))
		return false;
	if (line->tx == 1)
		return follows(uuid, line);
	if (audit_hash_of(before, hash) && follows(hash, line))
		return true;
	/* The hash in the line before may be what is damaged: then the rest of that line gives it. */
	if (before.length <= HASH_HEX)
		return false;
	if (audit_hash_of(before_that, older))
		audit_chain(older, before, hash);
	else
		audit_chain(uuid, before, hash);
	return follows(hash, line);
}

/*
 * Looks in the window for the last intact line; its `synced` and where it begins.
 * STATE_BAD when there is none and the window is all there is.
 */
static enum state_found
last_intact(struct store *store, const struct window *window, uint64_t *synced, size_t *begin,
    struct buffer *scratch)
{
	struct slice bytes = buffer_slice(&window->bytes), raw, before, older;
	bool all = window->base == 0;
	const char *newline = bytes.length > 0 ? memrchr(bytes.data, '\n', bytes.length) : NULL;
	size_t end = newline != NULL ? (size_t)(newline - bytes.data) + 1 : 0;
	struct audit_line line;

	while (audit_line_before(bytes, end, all, &raw)) {
		size_t start = (size_t)(raw.data - bytes.data), middle;

		if (!audit_line_before(bytes, start, all, &before))
			break;
		middle = (size_t)(before.data - bytes.data);
		if (!audit_line_before(bytes, middle, all, &older)) {
			older = (struct slice){ NULL, 0 };
			if (!all)
				break;
		}
		if (line_intact(store->uuid, raw, before, older, &line, scratch)) {
			*synced = line.synced;
			*begin = start;
			return STATE_FOUND;
		}
		end = start;
	}
	return all ? STATE_BAD : STATE_MORE;
}

/* The state after transaction tx, whose line lies before offset end of the window. */
static enum state_found
state_at(struct store *store, const struct window *window, uint64_t tx, size_t end, struct state *state)
{
	struct slice bytes = buffer_slice(&window->bytes), raw;

	while (audit_line_before(bytes, end, window->base == 0, &raw)) {
		struct slice number = raw;
		uint64_t here;

		if (number_parse(slice_cut(&number, ','), &here)) {
			if (here == tx)
				return state_from_lines(state, store->uuid, (struct slice){ bytes.data, end },
				    window->base);
			if (here < tx)
				return STATE_BAD;
		}
		end = (size_t)(raw.data - bytes.data);
	}
	return window->base == 0 ? STATE_BAD : STATE_MORE;
}

/* One look at a window: the state at the newest `synced`, unless `known` is as new. */
static enum state_found
look(struct store *store, const struct window *window, uint64_t known, uint64_t *synced, struct state *state,
    struct buffer *scratch)
{
	size_t begin;
	enum state_found found = last_intact(store, window, synced, &begin, scratch);

	if (found == STATE_BAD)
		*synced = 0;
	if (found == STATE_MORE || *synced <= known)
		return found == STATE_MORE ? STATE_MORE : STATE_FOUND;
	return state_at(store, window, *synced, begin, state);
}

enum status
floor_find(struct store *store, const struct watermark *mark, uint64_t size, struct state *floor,
    struct error *error)
{
	struct window window = { .base = 0 };
	struct buffer scratch = BUFFER_INIT;
	enum state_found found = STATE_MORE;
	enum status status = STATUS_OK;
	uint64_t synced = 0;

	if (mark->kind != WATERMARK_NONE)
		state_copy(floor, &mark->state);
	else
		state_empty(floor, store->uuid);
	if (mark->kind == WATERMARK_HERE || seeded(SEED_NO_FLOOR))
		return STATUS_OK;
	if (size < AUDIT_HEADER_LENGTH)
		return store_damage(store, error, AUDIT_NAME, "lacks its header");
	for (uint64_t span = WINDOW_FIRST; found == STATE_MORE && status == STATUS_OK; span *= 2) {
		status = window_load(store, &window, size, span, error);
		if (status == STATUS_OK)
			found = look(store, &window, floor->tx, &synced, floor, &scratch);
	}
	buffer_release(&window.bytes);
	buffer_release(&scratch);
	if (status == STATUS_OK && found == STATE_BAD)
		return store_damage(store, error, AUDIT_NAME,
		    "damaged at or before transaction %" PRIu64
		    ", which was known to be on disk; see bo-audit(1), verify",
		    synced);
	return status;
}
