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

/* Sixteen bytes of a line, and where in them delimiters and quotes are still to come. */
struct window {
	struct slice line;
	char delimiter;
	size_t base;
	unsigned delimiters, quotes;
};

/* The window that begins at `at`. */
static inline void
look(struct window *window, size_t at)
{
	struct scan_block block;

	window->base = at;
	window->delimiters = window->quotes = 0;
	if (at >= window->line.length)
		return;
	block = scan_at(window->line, at);
	window->delimiters = scan_equal(block, window->delimiter);
	window->quotes = scan_equal(block, '"');
}

/*
 * Where the value without quotes that begins at or before the window ends; SIZE_MAX when
 * there is a quote in it.  The window moves behind the delimiter.
 */
static inline size_t
bare_end(struct window *window)
{
	while (window->delimiters == 0) {
		if (window->quotes != 0)
			return SIZE_MAX;
		if (window->base + SCAN_BLOCK >= window->line.length)
			return window->line.length;
		look(window, window->base + SCAN_BLOCK);
	}
	if (window->quotes != 0 && (window->quotes & (window->delimiters ^ (window->delimiters - 1))) != 0)
		return SIZE_MAX;
	return window->base + (size_t)__builtin_ctz(window->delimiters);
}

bool
csv_simple_split(struct slice line, char delimiter, struct buffer *decoded, struct slice *values, size_t *count)
{
	struct window window = { .line = line, .delimiter = delimiter };
	size_t at = 0;

	buffer_clear(decoded);
	look(&window, 0);
	for (*count = 0;; at++) {
		struct slice value;

		if (at < line.length && line.data[at] == '"') {
			const char *end = line.data + line.length, *stop;

			if (decoded->length == 0)
				buffer_reserve(decoded, line.length);
			stop = quoted_value(line.data + at, end, delimiter, decoded, &value);
			if (stop == NULL)
				return false;
			at = (size_t)(stop - line.data);
			look(&window, at + 1);
		} else {
			size_t end = bare_end(&window);

			if (end == SIZE_MAX)
				return false;
			value = (struct slice){ line.data + at, end - at };
			at = end;
			window.delimiters &= window.delimiters - 1;
		}
		if (*count < READER_COLUMNS_MAX)
			values[*count] = value;
		(*count)++;
		if (at == line.length)
			return true;
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
