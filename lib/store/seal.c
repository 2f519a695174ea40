/*
 * seal: digests of chunks.
 *
 * A line of a personal table carries a random salt as its third column, and goes
 * into the digest of its chunk in its sealed form, which is exactly what is left
 * of it on disk once it is erased:
 *
 *	C17,42,<salt>,Ada,"Lovelace, Countess",UK
 *	C17,42,<digest of the line from the salt on>,                       ,,
 *
 * Both are equally long: spaces, then the commas between the fields.  So the
 * digest of a chunk, its length and all offsets outlive an erasure, and nothing
 * remains from which the values or even their lengths could be guessed, as the
 * salt is gone.  A line that is erased already is hashed as it is, and so are
 * header lines and whatever else is no sealed line.
 *
 * The number of commas is counted in the line itself, outside quotes; it is the
 * header's, since a line has all columns of the header that applies to it.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "store/internal.h"

enum { HASH_PIECE = 1 << 18 };

/* The parts of a line of a sealed table. */
struct sealed_line {
	struct slice head;   /* "C17,42," */
	struct slice secret; /* "<salt>,Ada,…" */
	struct slice fields; /* "Ada,…" */
	size_t commas;       /* between the fields */
};

bool
header_is_sealed(struct slice header)
{
	return slice_starts(header, "id,tx,seal") &&
	    (header.length == strlen("id,tx,seal") || header.data[strlen("id,tx,seal")] == ',');
}

/* In steps that a byte can count, which the compiler does for many bytes at a time. */
static size_t
commas_in(const char *p, const char *end)
{
	size_t count = 0;

	while (p < end) {
		const char *stop = end - p > UINT8_MAX ? p + UINT8_MAX : end;
		uint8_t some = 0;

		for (; p < stop; p++)
			some = (uint8_t)(some + (*p == ','));
		count += some;
	}
	return count;
}

/* Commas outside quotes.  Whatever stands in between, everybody counts the same. */
static size_t
count_commas(struct slice fields)
{
	const char *p = fields.data, *end = p + fields.length;
	size_t count = 0;
	bool quoted = false;

	while (p < end) {
		const char *quote = memchr(p, '"', (size_t)(end - p)), *stop = quote != NULL ? quote : end;

		if (!quoted)
			count += commas_in(p, stop);
		quoted = !quoted;
		p = stop + 1;
	}
	return count;
}

/* Spaces, then commas: nothing is left of the line. */
static bool
is_blank(struct slice fields)
{
	size_t i = 0;

	while (i < fields.length && fields.data[i] == ' ')
		i++;
	if (i == 0)
		return false;
	while (i < fields.length && fields.data[i] == ',')
		i++;
	return i == fields.length;
}

/* Takes a line (no newline) apart; false when it goes into the digest as it is. */
static bool
split_sealed(struct slice line, struct sealed_line *parts)
{
	struct slice rest = line, id = slice_cut(&rest, ',');

	if (slice_is(id, "id"))
		return false;
	(void)slice_cut(&rest, ',');
	if (rest.length <= HASH_HEX || rest.data[HASH_HEX] != ',' ||
	    !hash_is_hex((struct slice){ rest.data, HASH_HEX }))
		return false;
	parts->head = (struct slice){ line.data, (size_t)(rest.data - line.data) };
	parts->secret = rest;
	parts->fields = (struct slice){ rest.data + HASH_HEX + 1, rest.length - HASH_HEX - 1 };
	if (is_blank(parts->fields))
		return false;
	parts->commas = count_commas(parts->fields);
	return true;
}

bool
line_is_blank(struct slice line)
{
	struct slice rest = line, id = slice_cut(&rest, ',');

	(void)slice_cut(&rest, ',');
	return rest.length > HASH_HEX + 1 && rest.data[HASH_HEX] == ',' && rest.data[HASH_HEX + 1] == ' ' &&
	    !slice_is(id, "id") && hash_is_hex((struct slice){ rest.data, HASH_HEX }) &&
	    is_blank((struct slice){ rest.data + HASH_HEX + 1, rest.length - HASH_HEX - 1 });
}

/* Writes the sealed form of a line that was taken apart. */
static void
put_form(const struct sealed_line *parts, const char digest[HASH_HEX + 1], char *out)
{
	memmove(out, parts->head.data, parts->head.length);
	out += parts->head.length;
	memcpy(out, digest, HASH_HEX);
	out += HASH_HEX;
	*out++ = ',';
	memset(out, ' ', parts->fields.length - parts->commas);
	memset(out + parts->fields.length - parts->commas, ',', parts->commas);
}

void
line_seal(struct slice line, char *out)
{
	struct sealed_line parts;
	char digest[HASH_HEX + 1];

	if (!split_sealed(line, &parts)) {
		memmove(out, line.data, line.length);
		return;
	}
	hash_text(parts.secret, digest);
	put_form(&parts, digest, out);
}

void
chunk_hash_init(struct chunk_hash *hash, bool sealed)
{
	hash_init(&hash->hash);
	hash->sealed = sealed;
	hash->staged = 0;
}

static void
flush_stage(struct chunk_hash *hash)
{
	hash_add(&hash->hash, hash->stage, hash->staged);
	hash->staged = 0;
}

/* Room for length bytes behind what is staged. */
static char *
stage(struct chunk_hash *hash, size_t length)
{
	char *place;

	if (hash->staged + length > SEAL_STAGE)
		flush_stage(hash);
	place = hash->stage + hash->staged;
	hash->staged += length;
	return place;
}

/* Sealed lines are put together here first: the hash is quickest with long pieces. */
static void
add_sealed(struct chunk_hash *hash, struct slice line)
{
	size_t length = line.length + 1;
	char *form;

	if (length > SEAL_STAGE) {
		form = memory_new(length);
		line_seal(line, form);
		form[line.length] = '\n';
		flush_stage(hash);
		hash_add(&hash->hash, form, length);
		free(form);
		return;
	}
	form = stage(hash, length);
	line_seal(line, form);
	form[line.length] = '\n';
}

/* Cuts a line off, without its newline; false when there is no newline. */
static bool
cut_line(struct slice *lines, struct slice *line)
{
	const char *end = lines->length > 0 ? memchr(lines->data, '\n', lines->length) : NULL;

	if (end == NULL)
		return false;
	*line = (struct slice){ lines->data, (size_t)(end - lines->data) };
	*lines = (struct slice){ end + 1, lines->length - line->length - 1 };
	return true;
}

void
chunk_hash_add(struct chunk_hash *hash, struct slice lines)
{
	struct slice line;

	while (hash->sealed && cut_line(&lines, &line))
		add_sealed(hash, line);
	if (lines.length == 0)
		return;
	/* No line: as it is. */
	flush_stage(hash);
	hash_add(&hash->hash, lines.data, lines.length);
}

void
chunk_hash_hex(struct chunk_hash *hash, char out[HASH_HEX + 1])
{
	flush_stage(hash);
	hash_hex(&hash->hash, out);
}

static struct slice
first_line(struct slice bytes)
{
	return slice_cut(&bytes, '\n');
}

void
chunk_digest(struct chunk *chunk, struct slice before)
{
	struct slice header = before.length > 0 ? before : first_line(chunk->bytes);
	struct chunk_hash hash;

	chunk_hash_init(&hash, header_is_sealed(first_line(header)));
	chunk_hash_add(&hash, chunk->bytes);
	chunk_hash_hex(&hash, chunk->digest);
}

/* Whether the log in fd is one of a personal table: only its first bytes tell. */
static enum status
file_is_sealed(int fd, bool *sealed)
{
	char start[sizeof "id,tx,seal,"];
	ssize_t got = file_read_at(fd, start, sizeof start - 1, 0);
	struct slice header = { start, got > 0 ? (size_t)got : 0 };

	*sealed = header_is_sealed(first_line(header));
	return got < 0 ? STATUS_SYSTEM : STATUS_OK;
}

/* Where the last whole line of bytes ends; all of it where there is none. */
static size_t
whole_lines(const char *bytes, size_t length)
{
	const char *end = memrchr(bytes, '\n', length);

	return end != NULL ? (size_t)(end - bytes) + 1 : 0;
}

/* Hashes length bytes at offset by and by; a piece of a line waits for its rest. */
static enum status
hash_pieces(int fd, uint64_t offset, uint64_t length, struct chunk_hash *hash, struct buffer *piece)
{
	while (length > 0) {
		size_t want = length < HASH_PIECE ? (size_t)length : HASH_PIECE, whole;
		char *room = buffer_reserve(piece, want);
		ssize_t got = file_read_at(fd, room, want, (off_t)offset);

		if (got < 0)
			return STATUS_SYSTEM;
		if ((size_t)got < want)
			return STATUS_NO;
		piece->length += want;
		offset += want;
		length -= want;
		whole = hash->sealed && length > 0 ? whole_lines(piece->data, piece->length) : piece->length;
		chunk_hash_add(hash, (struct slice){ piece->data, whole });
		memmove(piece->data, piece->data + whole, piece->length - whole);
		piece->length -= whole;
	}
	return STATUS_OK;
}

enum status
chunk_hash_file(int fd, uint64_t offset, uint64_t length, char out[HASH_HEX + 1])
{
	struct buffer piece = BUFFER_INIT;
	struct chunk_hash hash;
	struct stat status;
	bool sealed;
	enum status result;

	if (fstat(fd, &status) != 0)
		return STATUS_SYSTEM;
	if ((uint64_t)status.st_size < offset || (uint64_t)status.st_size - offset < length)
		return STATUS_NO;
	if (file_is_sealed(fd, &sealed) != STATUS_OK)
		return STATUS_SYSTEM;
	chunk_hash_init(&hash, sealed);
	result = hash_pieces(fd, offset, length, &hash, &piece);
	chunk_hash_hex(&hash, out);
	buffer_release(&piece);
	return result;
}
