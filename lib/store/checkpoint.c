/* checkpoint: a head as text, read again, and compared */
#include "store/checkpoint.h"

#include "base/base64.h"
#include "store/internal.h"

#define ORIGIN "bo/"
#define SIGNATURE "\xe2\x80\x94 " /* an em dash and a space begin the signatures of a note */

static int
digit_of(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void
hash_bytes(const char *hex, unsigned char bytes[HASH_SIZE])
{
	for (size_t i = 0; i < HASH_SIZE; i++)
		bytes[i] = (unsigned char)(digit_of(hex[2 * i]) << 4 | digit_of(hex[2 * i + 1]));
}

void
checkpoint_make(const struct snapshot *snapshot, const char *uuid, struct checkpoint *checkpoint)
{
	checkpoint->tx = snapshot_tx(snapshot);
	memcpy(checkpoint->uuid, uuid, UUID_SIZE);
	if (checkpoint->tx == 0)
		hash_text(slice_of(""), checkpoint->hash);
	else
		memcpy(checkpoint->hash, snapshot_hash(snapshot), sizeof checkpoint->hash);
}

void
checkpoint_add(struct buffer *out, const struct checkpoint *checkpoint)
{
	unsigned char bytes[HASH_SIZE];

	hash_bytes(checkpoint->hash, bytes);
	buffer_format(out, ORIGIN "%s\n", checkpoint->uuid);
	buffer_add_u64(out, checkpoint->tx);
	buffer_add_char(out, '\n');
	base64_add(out, bytes, sizeof bytes);
	buffer_add_char(out, '\n');
}

static bool
parse_origin(struct slice line, char uuid[UUID_SIZE])
{
	size_t skip = strlen(ORIGIN);

	if (!slice_starts(line, ORIGIN) || !uuid_valid((struct slice){ line.data + skip, line.length - skip }))
		return false;
	memcpy(uuid, line.data + skip, UUID_SIZE - 1);
	uuid[UUID_SIZE - 1] = '\0';
	return true;
}

/* A line with its end: a checkpoint that lost its last newline may have lost more. */
static bool
whole_line(struct slice *text, struct slice *line)
{
	bool ended = memchr(text->data, '\n', text->length) != NULL;

	*line = slice_cut(text, '\n');
	if (text->data == NULL)
		*text = slice_of("");
	return ended;
}

enum status
checkpoint_next(struct slice *text, const struct place *place, struct checkpoint *checkpoint, struct error *error)
{
	unsigned char bytes[HASH_SIZE];
	struct slice line = { "", 0 };

	while (text->length > 0 && (line.length == 0 || slice_starts(line, SIGNATURE)))
		whole_line(text, &line);
	if (text->length == 0 && (line.length == 0 || slice_starts(line, SIGNATURE)))
		return STATUS_NO;
	if (!parse_origin(line, checkpoint->uuid) || !whole_line(text, &line) ||
	    !number_parse(line, &checkpoint->tx) || !whole_line(text, &line) ||
	    !base64_parse(line, bytes, sizeof bytes))
		return error_add(error, place, "not a checkpoint as bo-audit head prints it");
	hash_to_hex(bytes, sizeof bytes, checkpoint->hash);
	return STATUS_OK;
}

const char *
checkpoint_refuses(const struct snapshot *snapshot, const char *uuid, const struct checkpoint *checkpoint)
{
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	char empty[HASH_HEX + 1];
	bool same;

	if (strcmp(checkpoint->uuid, uuid) != 0)
		return "it is of another store";
	if (checkpoint->tx > snapshot_tx(snapshot))
		return "the history ends before it";
	if (checkpoint->tx == 0) {
		hash_text(slice_of(""), empty);
		return strcmp(empty, checkpoint->hash) == 0 ? NULL : "its hash is none of an empty store";
	}
	same = audit_find(snapshot_audit(snapshot), checkpoint->tx, &line, &scratch) &&
	    slice_is(line.hash, checkpoint->hash);
	buffer_release(&scratch);
	return same ? NULL : "the history was another one then";
}
