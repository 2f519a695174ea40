/* encoding: other people's bytes as UTF-8, by iconv */
#include <iconv.h>

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "stream/reader_internal.h"

enum { PIECE = 1 << 16 };

static bool
skip_mark(struct slice *bytes, const char *mark, size_t length)
{
	if (bytes->length < length || memcmp(bytes->data, mark, length) != 0)
		return false;
	bytes->data += length;
	bytes->length -= length;
	return true;
}

/* The line at the end of what has been converted, for messages. */
static uintmax_t
last_line(const struct buffer *converted)
{
	uintmax_t line = 1;

	for (size_t i = 0; i < converted->length; i++)
		line += converted->data[i] == '\n';
	return line;
}

/* Converts all of the bytes, a piece at a time. */
static enum status
convert(struct reader *reader, iconv_t how, const char *encoding, struct error *error)
{
	struct buffer *out = &reader->converted;
	char *from = (char *)(uintptr_t)reader->bytes.data;
	size_t left = reader->bytes.length;
	bool all = false;

	while (!all) {
		char *to = buffer_reserve(out, PIECE), *end = to;
		size_t room = PIECE, result;

		/* Some encodings hold a character back, until they are asked for it. */
		all = left == 0;
		result = iconv(how, all ? NULL : &from, all ? NULL : &left, &end, &room);
		out->length += (size_t)(end - to);
		if (result == (size_t)-1 && errno != E2BIG) {
			struct place place = { reader->name, last_line(out), NULL };

			return error_add(error, &place, "not in %s", encoding);
		}
		reader_give_back(reader, from);
	}
	reader->bytes = buffer_slice(out);
	return STATUS_OK;
}

static bool
is_utf8(const char *encoding)
{
	return strcasecmp(encoding, "utf-8") == 0 || strcasecmp(encoding, "utf8") == 0;
}

enum status
encoding_convert(struct reader *reader, struct error *error)
{
	const char *encoding = reader->options.encoding;
	enum status status = STATUS_OK;
	iconv_t how;

	if (encoding == NULL && skip_mark(&reader->bytes, "\xff\xfe", 2))
		encoding = "UTF-16LE";
	else if (encoding == NULL && skip_mark(&reader->bytes, "\xfe\xff", 2))
		encoding = "UTF-16BE";
	if (encoding != NULL && !is_utf8(encoding)) {
		/* The empty name would be that of the locale. */
		how = *encoding != '\0' ? iconv_open("UTF-8", encoding) : (iconv_t)-1;
		if (how == (iconv_t)-1)
			return error_set(error, STATUS_USAGE, "no such encoding: \"%s\"", encoding);
		status = convert(reader, how, encoding, error);
		iconv_close(how);
		reader->mapped = (struct slice){ NULL, 0 };
		reader->own = NULL;
	}
	skip_mark(&reader->bytes, "\xef\xbb\xbf", 3);
	return status;
}
