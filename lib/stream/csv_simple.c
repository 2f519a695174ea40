/*
 * csv_simple: lines that need no parser.
 *
 * Nearly every line of nearly every file is one: it is split several times as fast
 * as libcsv can, and must come out exactly as libcsv would have it.
 */
#include <string.h>

#include "stream/reader_internal.h"

/*
 * The value in quotes that begins at p: up to a quote that the delimiter or the end of
 * the line follows.  Returns where that is, NULL when there is no such quote.  decoded
 * has room for all of the line, so that values in it stay where they are.
 */
static const char *
quoted_value(const char *p, const char *end, char delimiter, struct buffer *decoded, struct slice *value)
{
	const char *start = ++p, *quote = memchr(p, '"', (size_t)(end - p));
	size_t before = decoded->length;

	while (quote != NULL && quote + 1 < end && quote[1] == '"') {
		buffer_add(decoded, p, (size_t)(quote + 1 - p));
		p = quote + 2;
		quote = memchr(p, '"', (size_t)(end - p));
	}
	if (quote == NULL || (quote + 1 < end && quote[1] != delimiter))
		return NULL;
	*value = (struct slice){ start, (size_t)(quote - start) };
	if (p != start) {
		buffer_add(decoded, p, (size_t)(quote - p));
		*value = (struct slice){ decoded->data + before, decoded->length - before };
	}
	return quote + 1;
}

bool
csv_simple_split(struct slice line, char delimiter, struct buffer *decoded, struct slice *values, size_t *count)
{
	const char *p = line.data, *end = p + line.length;
	bool quotes = memchr(p, '"', line.length) != NULL;

	if (quotes) {
		buffer_clear(decoded);
		buffer_reserve(decoded, line.length);
	}
	for (*count = 0;; p++) {
		struct slice value;
		const char *stop;

		if (quotes && p < end && *p == '"') {
			stop = quoted_value(p, end, delimiter, decoded, &value);
			if (stop == NULL)
				return false;
		} else {
			stop = memchr(p, delimiter, (size_t)(end - p));
			if (stop == NULL)
				stop = end;
			value = (struct slice){ p, (size_t)(stop - p) };
			if (quotes && memchr(p, '"', value.length) != NULL)
				return false;
		}
		if (*count < READER_COLUMNS_MAX)
			values[*count] = value;
		(*count)++;
		if (stop == end)
			return true;
		p = stop;
	}
}

/* What stands behind a backslash; '\0' when the backslash stands for itself. */
static char
unescaped(char c)
{
	switch (c) {
	case 't':
		return '\t';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case '\\':
		return '\\';
	default:
		return '\0';
	}
}

static struct slice
unescape(struct slice value, struct buffer *decoded)
{
	size_t before = decoded->length;

	for (size_t i = 0; i < value.length; i++) {
		char c = value.data[i], other = '\0';

		if (c == '\\' && i + 1 < value.length)
			other = unescaped(value.data[i + 1]);
		buffer_add_char(decoded, other != '\0' ? other : c);
		i += other != '\0';
	}
	return (struct slice){ decoded->data + before, decoded->length - before };
}

size_t
csv_simple_tabs(struct slice line, char delimiter, struct buffer *decoded, struct slice *values)
{
	bool escapes = line.length > 0 && memchr(line.data, '\\', line.length) != NULL;
	size_t count = 0;

	if (escapes) {
		buffer_clear(decoded);
		buffer_reserve(decoded, line.length);
	}
	while (line.data != NULL) {
		struct slice value = slice_cut(&line, delimiter);

		if (count < READER_COLUMNS_MAX)
			values[count] = escapes ? unescape(value, decoded) : value;
		count++;
	}
	return count;
}
