/*
 * csv_simple: lines that need no parser.
 *
 * Nearly every line of nearly every file is one: it is split several times as fast
 * as libcsv can, and must come out exactly as libcsv would have it.
 */
#include <string.h>

#include "stream/reader_internal.h"
#include "stream/scan.h"

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

enum { WINDOW = 64 };

/* Where a line stands between its delimiters and quotes. */
struct splitting {
	struct slice line;
	char delimiter;
	struct slice *values;
	size_t count;
	uint64_t bare;
	size_t start;   /* of the value at hand, its quote included */
	size_t closing; /* the quote that ended it, SIZE_MAX: there is none yet */
	bool quoted;    /* a quote is open */
	bool held;      /* a delimiter stood in quotes */
};

/* The value at hand ends. */
static inline bool
end_value(struct splitting *splitting, size_t end)
{
	size_t start = splitting->start, count = splitting->count++;
	struct slice value = { splitting->line.data + start, end - start };

	if (splitting->closing != SIZE_MAX) {
		if (splitting->closing + 1 != end)
			return false;
		value = (struct slice){ value.data + 1, value.length - 2 };
	}
	if (count < READER_COLUMNS_MAX)
		splitting->values[count] = value;
	if (count < ROW_BARE)
		splitting->bare |= (uint64_t)!splitting->held << count;
	splitting->start = end + 1;
	splitting->closing = SIZE_MAX;
	splitting->held = false;
	return true;
}

/* A quote opens a value, or closes it; false when it does something else. */
static inline bool
take_quote(struct splitting *splitting, size_t at)
{
	if (splitting->quoted)
		splitting->closing = at;
	else if (at != splitting->start)
		return false;
	splitting->quoted = !splitting->quoted;
	return true;
}

/* Splits a line without doubled quotes; false when it is another one. */
static bool
split_plainly(struct splitting *splitting)
{
	struct slice line = splitting->line;

	for (size_t base = 0; base < line.length; base += WINDOW) {
		uint64_t delimiters = 0, quotes = 0;

		for (size_t i = 0; i < WINDOW && base + i < line.length; i += SCAN_BLOCK) {
			struct scan_block block = scan_at(line, base + i);

			delimiters |= (uint64_t)scan_equal(block, splitting->delimiter) << i;
			quotes |= (uint64_t)scan_equal(block, '"') << i;
		}
		for (uint64_t found = delimiters | quotes; found != 0; found &= found - 1) {
			size_t at = base + (size_t)__builtin_ctzll(found);

			if ((found & -found & quotes) != 0) {
				if (!take_quote(splitting, at))
					return false;
			} else if (splitting->quoted)
				splitting->held = true;
			else if (!end_value(splitting, at))
				return false;
		}
	}
	return !splitting->quoted && end_value(splitting, line.length);
}

/* The value that begins at p; returns where it ends, NULL when it is not that simple. */
static const char *
any_value(const char *p, const char *end, char delimiter, struct buffer *decoded, struct slice *value)
{
	const char *stop;

	if (p < end && *p == '"')
		return quoted_value(p, end, delimiter, decoded, value);
	stop = memchr(p, delimiter, (size_t)(end - p));
	if (stop == NULL)
		stop = end;
	*value = (struct slice){ p, (size_t)(stop - p) };
	return memchr(p, '"', value->length) == NULL ? stop : NULL;
}

/* Splits a line that may have doubled quotes. */
static bool
split_decoding(struct splitting *splitting, struct buffer *decoded)
{
	const char *p = splitting->line.data, *end = p + splitting->line.length;

	buffer_reserve(decoded, splitting->line.length);
	for (splitting->count = 0;; p++) {
		struct slice value;

		p = any_value(p, end, splitting->delimiter, decoded, &value);
		if (p == NULL)
			return false;
		if (splitting->count < READER_COLUMNS_MAX)
			splitting->values[splitting->count] = value;
		splitting->count++;
		if (p == end)
			return true;
	}
}

bool
csv_simple_split(struct slice line, char delimiter, struct buffer *decoded, struct slice *values,
    size_t *count, uint64_t *bare)
{
	struct splitting splitting = { .line = line, .delimiter = delimiter, .values = values, .closing = SIZE_MAX };
	bool plain = split_plainly(&splitting);

	buffer_clear(decoded);
	*bare = plain && delimiter == ',' ? splitting.bare : 0;
	if (!plain && !split_decoding(&splitting, decoded))
		return false;
	*count = splitting.count;
	return true;
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
