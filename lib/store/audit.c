/* audit: lines of audit.csv, taken apart and read one by one */
#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "store/internal.h"
#include "stream/csv.h"

enum { AUDIT_FIELDS = 9, READ_PIECE = 1 << 16 };

bool
table_name_valid(struct slice name)
{
	if (name.length == 0 || name.length > STORE_NAME_MAX || name.data[0] < 'a' || name.data[0] > 'z')
		return false;
	for (size_t i = 1; i < name.length; i++) {
		char c = name.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return !slice_is(name, "audit"); /* its log would be the audit log */
}

bool
number_parse(struct slice text, uint64_t *number)
{
	uint64_t n = 0;

	if (text.length == 0 || text.length > 20 || (text.data[0] == '0' && text.length > 1))
		return false;
	for (size_t i = 0; i < text.length; i++) {
		unsigned digit = (unsigned)(unsigned char)text.data[i] - '0';

		if (digit > 9 || n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*number = n;
	return true;
}

/* A field without its quotes, in the line itself or in scratch, which has room for it. */
static struct slice
decode(struct slice raw, struct buffer *scratch)
{
	struct slice inner;
	size_t start = scratch->length;

	if (raw.length < 2 || raw.data[0] != '"')
		return raw;
	inner = (struct slice){ raw.data + 1, raw.length - 2 };
	if (inner.length == 0 || memchr(inner.data, '"', inner.length) == NULL)
		return inner;
	for (size_t i = 0; i < inner.length; i++) {
		buffer_add_char(scratch, inner.data[i]);
		if (inner.data[i] == '"')
			i++; /* it is doubled */
	}
	return (struct slice){ scratch->data + start, scratch->length - start };
}

/* YYYY-MM-DDTHH:MM:SS.mmmZ by its shape; the clock may say anything. */
static bool
is_time(struct slice text)
{
	static const char shape[] = "0000-00-00T00:00:00.000Z";

	if (text.length != sizeof shape - 1)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		bool digit = text.data[i] >= '0' && text.data[i] <= '9';

		if (shape[i] == '0' ? !digit : text.data[i] != shape[i])
			return false;
	}
	return true;
}

bool
audit_parse(struct slice raw, struct audit_line *line, struct buffer *scratch)
{
	struct slice fields[AUDIT_FIELDS];

	*line = (struct audit_line){ .raw = raw };
	buffer_clear(scratch);
	if (csv_split(raw, fields, AUDIT_FIELDS) != AUDIT_FIELDS || !number_parse(fields[0], &line->tx))
		return false;
	line->time = fields[1];
	line->changes = fields[6];
	line->hash = fields[8];
	if (line->tx == 0 || !is_time(line->time) || !number_parse(fields[7], &line->synced) ||
	    !hash_is_hex(line->hash)) {
		line->tx = 0;
		return false;
	}
	buffer_reserve(scratch, raw.length); /* so that what points into it stays */
	line->actor = decode(fields[2], scratch);
	line->command = decode(fields[3], scratch);
	line->key = decode(fields[4], scratch);
	line->reason = decode(fields[5], scratch);
	return true;
}

bool
audit_next(struct slice *rest, struct audit_line *line, struct buffer *scratch)
{
	struct slice raw;
	const char *end;

	do {
		if (rest->length == 0)
			return false;
		end = memchr(rest->data, '\n', rest->length);
		raw = (struct slice){ rest->data, end != NULL ? (size_t)(end - rest->data) : rest->length };
		rest->data += raw.length + (end != NULL);
		rest->length -= raw.length + (end != NULL);
	} while (slice_starts(raw, "tx,"));
	if (!audit_parse(raw, line, scratch) || end == NULL)
		line->tx = 0;
	return true;
}

/* The line around position; the header counts as transaction 0. */
static bool
line_around(struct slice audit, size_t position, struct slice *raw, uint64_t *tx)
{
	const char *at = audit.data + position;
	const char *newline = position > 0 ? memrchr(audit.data, '\n', position) : NULL;
	const char *start = newline != NULL ? newline + 1 : audit.data;
	const char *end = memchr(at, '\n', audit.length - position);
	struct slice number;

	if (end == NULL)
		return false;
	*raw = (struct slice){ start, (size_t)(end - start) };
	*tx = 0;
	number = *raw;
	return slice_starts(*raw, "tx,") || number_parse(slice_cut(&number, ','), tx);
}

bool
audit_find(struct slice audit, uint64_t tx, struct audit_line *line, struct buffer *scratch)
{
	size_t low = 0, high = audit.length;

	while (low < high && tx > 0) {
		struct slice raw;
		uint64_t here;

		if (!line_around(audit, low + (high - low) / 2, &raw, &here))
			return false;
		if (here == tx)
			return audit_parse(raw, line, scratch);
		if (here < tx)
			low = (size_t)(raw.data - audit.data) + raw.length + 1;
		else
			high = (size_t)(raw.data - audit.data);
	}
	return false;
}

bool
audit_change_next(struct slice *changes, struct audit_change *change)
{
	struct slice rest = *changes, entry;

	if (rest.length == 0)
		return false;
	entry = slice_cut(&rest, ';');
	change->table = slice_cut(&entry, ':');
	if (!table_name_valid(change->table) || !number_parse(slice_cut(&entry, ':'), &change->offset) ||
	    !number_parse(slice_cut(&entry, ':'), &change->length) || !hash_is_hex(entry))
		return false;
	change->digest = entry;
	*changes = rest;
	return true;
}

void
audit_chain(const char *previous, struct slice raw, char out[HASH_HEX + 1])
{
	struct hash hash;

	hash_init(&hash);
	hash_add(&hash, previous, strlen(previous));
	hash_add(&hash, raw.data, raw.length > HASH_HEX ? raw.length - HASH_HEX : 0);
	hash_hex(&hash, out);
}

bool
audit_line_before(struct slice bytes, size_t end, bool from_start, struct slice *line)
{
	const char *newline;

	if (end == 0 || bytes.data[end - 1] != '\n')
		return false;
	newline = end > 1 ? memrchr(bytes.data, '\n', end - 1) : NULL;
	if (newline == NULL && !from_start)
		return false;
	line->data = newline != NULL ? newline + 1 : bytes.data;
	line->length = end - 1 - (size_t)(line->data - bytes.data);
	return true;
}

bool
audit_hash_of(struct slice raw, char out[HASH_HEX + 1])
{
	struct slice tail;

	if (raw.length <= HASH_HEX)
		return false;
	tail = (struct slice){ raw.data + raw.length - HASH_HEX, HASH_HEX };
	if (!hash_is_hex(tail))
		return false;
	memcpy(out, tail.data, HASH_HEX);
	out[HASH_HEX] = '\0';
	return true;
}

void
audit_reader_init(struct audit_reader *reader, int fd, uint64_t offset)
{
	*reader = (struct audit_reader){ .fd = fd, .offset = offset, .end = UINT64_MAX };
}

void
audit_reader_release(struct audit_reader *reader)
{
	buffer_release(&reader->buffer);
}

/* Reads on behind what is there; STATUS_NO at the end of the file. */
static enum status
read_more(struct audit_reader *reader, struct error *error)
{
	struct buffer *buffer = &reader->buffer;
	uint64_t left = reader->end > reader->offset ? reader->end - reader->offset : 0;
	size_t wanted = left < READ_PIECE ? (size_t)left : READ_PIECE;
	char *room;
	ssize_t count;

	if (reader->position > 0) {
		memmove(buffer->data, buffer->data + reader->position, buffer->length - reader->position);
		buffer->length -= reader->position;
		reader->position = 0;
	}
	if (reader->ended || buffer->length >= STORE_LINE_MAX)
		return STATUS_NO;
	room = buffer_reserve(buffer, wanted);
	count = file_read_at(reader->fd, room, wanted, (off_t)reader->offset);
	if (count < 0)
		return error_set(error, STATUS_SYSTEM, AUDIT_NAME ": can't read:");
	reader->ended = count < READ_PIECE; /* or there is no more to be wanted */
	buffer->length += (size_t)count;
	buffer->data[buffer->length] = '\0';
	reader->offset += (uint64_t)count;
	return count > 0 ? STATUS_OK : STATUS_NO;
}

enum status
audit_reader_next(struct audit_reader *reader, struct slice *raw, struct error *error)
{
	for (;;) {
		size_t length = reader->buffer.length - reader->position;
		const char *start = length > 0 ? reader->buffer.data + reader->position : NULL;
		const char *end = length > 0 ? memchr(start, '\n', length) : NULL;
		enum status status;

		if (end != NULL) {
			*raw = (struct slice){ start, (size_t)(end - start) };
			reader->position += raw->length + 1;
			return STATUS_OK;
		}
		status = read_more(reader, error);
		if (status != STATUS_OK)
			return status;
	}
}
