/*
 * What needs Unicode's tables: columns on a terminal and comparing without case.
 *
 * Text takes the columns that it takes after text_safe(): a control character or
 * an invalid byte is a '?'.  A grapheme cluster takes what its characters take,
 * where marks and whatever a joiner glues on take nothing, and at least two when
 * it asks for an emoji.
 */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/text_internal.h"

enum {
	JOINER = 0x200d,         /* ZWJ */
	EMOJI_SELECTOR = 0xfe0f, /* VS16 */
	SMALL = 256              /* code points folded without allocating */
};

/* The character at text.data + at as text_safe() shows it; its length in text. */
static size_t
decode(struct slice text, size_t at, int32_t *point)
{
	uint32_t read;
	size_t length = text_decode(text.data + at, text.length - at, &read);

	*point = length == 0 ? '?' : (int32_t)text_shown(read);
	return length == 0 ? 1 : length;
}

/* Not assigned in the library's version of Unicode, but where wide things will be. */
static bool
is_future_wide(int32_t point)
{
	return (point >= 0x1f900 && point <= 0x1faff) || (point >= 0x20000 && point <= 0x2fffd) ||
	    (point >= 0x30000 && point <= 0x3fffd);
}

static size_t
point_width(int32_t point)
{
	const utf8proc_property_t *property = utf8proc_get_property(point);

	/* Vowel signs that stand beside their consonant: the library has 0, terminals and wcwidth 1. */
	if (property->category == UTF8PROC_CATEGORY_MC)
		return 1;
	if (property->category == UTF8PROC_CATEGORY_CN && is_future_wide(point))
		return 2;
	return property->charwidth;
}

/* What a character adds to the cluster that it goes on with. */
static size_t
added_width(int32_t before, int32_t point)
{
	const utf8proc_property_t *property = utf8proc_get_property(point);

	if (property->category == UTF8PROC_CATEGORY_MC)
		return point_width(point);
	switch (property->boundclass) {
	case UTF8PROC_BOUNDCLASS_V: /* the vowel and the final of a Hangul syllable stand in its square */
	case UTF8PROC_BOUNDCLASS_T:
	case UTF8PROC_BOUNDCLASS_EXTEND: /* marks, and the skin tones, which alone are two wide */
		return 0;
	default:
		return before == JOINER ? 0 : point_width(point);
	}
}

/* The bytes of the cluster at text.data + at, and its width. */
static size_t
cluster(struct slice text, size_t at, size_t *width)
{
	int32_t before, point, state = 0;
	size_t start = at;

	at += decode(text, at, &before);
	*width = point_width(before);
	while (at < text.length) {
		size_t length = decode(text, at, &point);

		if (utf8proc_grapheme_break_stateful(before, point, &state))
			break;
		*width += added_width(before, point);
		if (point == EMOJI_SELECTOR && *width == 1)
			*width = 2;
		before = point;
		at += length;
	}
	return at - start;
}

/* Printable ASCII that no mark can follow: each byte is a cluster and a column. */
static size_t
simple(struct slice text, size_t at)
{
	size_t plain = text_plain(text.data + at, text.length - at);

	return plain > 0 && at + plain < text.length ? plain - 1 : plain;
}

size_t
text_width(struct slice text)
{
	size_t at = 0, total = 0;

	while (at < text.length) {
		size_t plain = simple(text, at), width;

		total += plain;
		at += plain;
		if (at == text.length)
			break;
		at += cluster(text, at, &width);
		total += width;
	}
	return total;
}

struct slice
text_fit(struct slice text, size_t columns, size_t *width)
{
	size_t at = 0, total = 0;

	while (at < text.length) {
		size_t plain = simple(text, at), length, more;

		if (plain > columns - total)
			plain = columns - total;
		total += plain;
		at += plain;
		if (at == text.length)
			break;
		length = cluster(text, at, &more);
		if (more > columns - total)
			break;
		total += more;
		at += length;
	}
	if (width != NULL)
		*width = total;
	return (struct slice){ text.data, at };
}

static void
fold_ascii(struct buffer *out, struct slice text)
{
	char *end = buffer_reserve(out, text.length);

	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];

		end[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
	}
	end[text.length] = '\0';
	out->length += text.length;
}

static bool
is_ascii(struct slice text)
{
	unsigned char all = 0;

	for (size_t i = 0; i < text.length; i++)
		all |= (unsigned char)text.data[i];
	return all < 0x80;
}

void
text_casefold(struct buffer *out, struct slice text)
{
	const utf8proc_option_t nfkc = UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT;
	const utf8proc_option_t folding = nfkc | UTF8PROC_CASEFOLD;
	const unsigned char *bytes = (const unsigned char *)text.data;
	utf8proc_ssize_t length = (utf8proc_ssize_t)text.length, count;
	int32_t small[SMALL], *points = small;

	if (is_ascii(text)) {
		fold_ascii(out, text);
		return;
	}
	count = utf8proc_decompose(bytes, length, small, SMALL - 1, folding);
	if (count >= SMALL) {
		/* One more, as utf8proc_reencode() wants room for a NUL. */
		points = memory_array((size_t)count + 1, sizeof(*points));
		count = utf8proc_decompose(bytes, length, points, count, folding);
	}
	if (count >= 0)
		count = utf8proc_reencode(points, count, folding);
	if (count >= 0)
		buffer_add(out, (const char *)points, (size_t)count);
	else
		fold_ascii(out, text); /* no UTF-8: the best that can be said of bytes */
	if (points != small)
		free(points);
}
