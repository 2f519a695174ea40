/* encoding: other people's bytes as UTF-8, by iconv */
#include <iconv.h>

#include <errno.h>
#include <string.h>

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

/* The line of the byte at offset in what has been converted, for messages. */
static uintmax_t
line_of(const struct buffer *converted)
{
	uintmax_t line = 1;

	for (size_t i = 0; i < converted->length; i++)
		line += converted->data[i] == '\n';
	return line;
}

static enum status
convert(iconv_t how, const char *name, const char *encoding, struct slice bytes, struct buffer *out,
    struct error *error)
{
	char *from = (char *)(uintptr_t)bytes.data;
	size_t left = bytes.length;

	while (left > 0) {
		char *to = buffer_reserve(out, PIECE), *end = to;
		size_t room = PIECE;

		if (iconv(how, &from, &left, &end, &room) == (size_t)-1 && errno != E2BIG) {
			struct place place = { name, 0, NULL };

			out->length += (size_t)(end - to);
			place.line = line_of(out);
			return error_add(error, &place, "not in %s", encoding);
		}
		out->length += (size_t)(end - to);
	}
	return STATUS_OK;
}

enum status
encoding_convert(const char *name, const char *encoding, struct slice *bytes, struct buffer *converted,
    struct error *error)
{
	enum status status;
	iconv_t how;

	if (encoding == NULL && skip_mark(bytes, "\xff\xfe", 2))
		encoding = "UTF-16LE";
	else if (encoding == NULL && skip_mark(bytes, "\xfe\xff", 2))
		encoding = "UTF-16BE";
	if (encoding != NULL && strcasecmp(encoding, "utf-8") != 0 && strcasecmp(encoding, "utf8") != 0) {
		how = iconv_open("UTF-8", encoding);
		if (how == (iconv_t)-1)
			return error_set(error, STATUS_USAGE, "no such encoding: \"%s\"", encoding);
		status = convert(how, name, encoding, *bytes, converted, error);
		iconv_close(how);
		if (status != STATUS_OK)
			return status;
		*bytes = buffer_slice(converted);
	}
	skip_mark(bytes, "\xef\xbb\xbf", 3);
	return STATUS_OK;
}
