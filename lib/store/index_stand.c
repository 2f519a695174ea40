/*
 * index_stand: what an index stands on, a line of text.
 *
 *	bo-index 2 UUID BOOT TABLE TX LENGTH HASH SCANNED ERASURES PERSONAL SALT KEY FIELDS
 *
 * LENGTH is that of audit.csv up to the end of that transaction's line, SCANNED that of
 * the table's log, ERASURES that of the log of erasures: an index from before an erasure
 * may hold what stands for a value that is gone, so nothing is taken over from it.
 *
 * An index that is ahead of a snapshot serves it too.  What was erased after the one and
 * before the other is blank in the log for both; what was erased after both is in the index
 * as it was, and proves nothing.
 */
#include <inttypes.h>

#include "base/file.h"
#include "store/index_internal.h"

static bool
from_hex(struct slice text, unsigned char *out, size_t count)
{
	static const char digits[] = "0123456789abcdef";

	if (text.length != 2 * count)
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *high = memchr(digits, text.data[2 * i], 16),
			   *low = memchr(digits, text.data[2 * i + 1], 16);

		if (high == NULL || low == NULL)
			return false;
		out[i] = (unsigned char)((high - digits) << 4 | (low - digits));
	}
	return true;
}

void
stand_format(const struct stand *stand, struct store *store, const char *table, const char *fields,
    struct buffer *out)
{
	char salt[2 * SALT_BYTES + 1], secret[2 * SECRET_BYTES + 1];

	hash_to_hex(stand->salt, SALT_BYTES, salt);
	hash_to_hex(stand->secret, SECRET_BYTES, secret);
	buffer_format(out, "bo-index 2 %s %s %s %" PRIu64 " %" PRIu64 " %s %" PRIu64 " %" PRIu64 " %d %s %s %s\n",
	    store->uuid, store_boot(store), table, stand->tx, stand->audit_length, stand->hash,
	    stand->scanned, stand->erasures, stand->personal, salt, secret, fields);
}

/* Whether there are all names among some; a past schema may have fewer than the one an index is of. */
static bool
has_all(struct slice names, struct slice wanted)
{
	while (wanted.data != NULL) {
		struct slice name = slice_cut(&wanted, ' '), rest = names;
		bool found = false;

		while (!found && rest.data != NULL)
			found = slice_equal(slice_cut(&rest, ' '), name);
		if (!found)
			return false;
	}
	return true;
}

bool
stand_parse(struct slice line, struct store *store, const char *table, const char *fields,
    struct stand *stand, struct slice *has)
{
	struct slice hash, personal;

	if (!slice_is(slice_cut(&line, ' '), "bo-index") || !slice_is(slice_cut(&line, ' '), "2") ||
	    !slice_is(slice_cut(&line, ' '), store->uuid) || !slice_is(slice_cut(&line, ' '), store_boot(store)) ||
	    !slice_is(slice_cut(&line, ' '), table) || !number_parse(slice_cut(&line, ' '), &stand->tx) ||
	    !number_parse(slice_cut(&line, ' '), &stand->audit_length))
		return false;
	hash = slice_cut(&line, ' ');
	if (!hash_is_hex(hash) || !number_parse(slice_cut(&line, ' '), &stand->scanned) ||
	    !number_parse(slice_cut(&line, ' '), &stand->erasures))
		return false;
	memcpy(stand->hash, hash.data, HASH_HEX);
	stand->hash[HASH_HEX] = '\0';
	personal = slice_cut(&line, ' ');
	stand->personal = slice_is(personal, "1");
	if (!from_hex(slice_cut(&line, ' '), stand->salt, SALT_BYTES) ||
	    !from_hex(slice_cut(&line, ' '), stand->secret, SECRET_BYTES) || line.length == 0)
		return false;
	*has = (struct slice){ line.data, line.length - 1 };
	return has_all(*has, slice_of(fields)) && stand->audit_length > TAIL_BYTES;
}

static bool
is_tail(const char *tail, const struct stand *stand)
{
	return tail[0] == ',' && memcmp(tail + 1, stand->hash, HASH_HEX) == 0 && tail[TAIL_BYTES - 1] == '\n';
}

enum index_found
stand_compare(const struct snapshot *snapshot, const char *table, const struct stand *stand)
{
	struct slice audit = snapshot_audit(snapshot);
	const struct state *state = snapshot_state(snapshot);
	uint64_t erasures = state_length(state, slice_of(STORE_ERASURE));
	uint64_t length = state_length(state, slice_of(table));
	char tail[TAIL_BYTES];

	if (stand->audit_length <= audit.length)
		return is_tail(audit.data + stand->audit_length - TAIL_BYTES, stand) &&
			stand->erasures == erasures && stand->scanned <= length
		    ? INDEX_USABLE
		    : INDEX_STALE;
	return file_read_at(snapshot_store(snapshot)->audit, tail, sizeof tail,
		   (off_t)(stand->audit_length - TAIL_BYTES)) == TAIL_BYTES &&
		is_tail(tail, stand) && stand->erasures >= erasures && stand->scanned >= length
	    ? INDEX_AHEAD
	    : INDEX_STALE;
}

bool
stand_take(struct snapshot *snapshot, const char *table, bool personal, struct stand *stand)
{
	const struct state *state = snapshot_state(snapshot);
	struct error ignored = ERROR_INIT;
	bool pending = false, known;

	*stand = (struct stand){ .tx = state->tx,
		.audit_length = state->audit_length,
		.scanned = state_length(state, slice_of(table)),
		.erasures = state_length(state, slice_of(STORE_ERASURE)),
		.personal = personal };
	memcpy(stand->hash, state->hash, sizeof stand->hash);
	if (snapshot_is_past(snapshot) || snapshot_store(snapshot)->locked ||
	    strcmp(store_boot(snapshot_store(snapshot)), "-") == 0)
		return false;
	/* What is about to be blanked is not read any more. */
	known = stand->erasures == 0 ||
	    erase_pending(snapshot_store(snapshot), state, &pending, &ignored) == STATUS_OK;
	error_release(&ignored);
	return known && !pending && random_bytes(stand->salt, SALT_BYTES) &&
	    random_bytes(stand->secret, SECRET_BYTES);
}
