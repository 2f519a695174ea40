#include "base/text.h"

#include <string.h>

#include "base/text_internal.h"

enum { LINE_SEPARATOR = 0x2028, PARAGRAPH_SEPARATOR = 0x2029, BREAK_LENGTH = sizeof(TEXT_BREAK) - 1 };

static bool
is_continuation(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* What the first byte of a sequence says; 0 when none begins with it. */
static size_t
sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t
text_decode(const char *text, size_t left, uint32_t *point)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text;
	size_t length = sequence_length(p[0]);
	uint32_t sum;

	if (length == 0 || length > left)
		return 0;
	sum = length == 1 ? p[0] : p[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if (!is_continuation(p[i]))
			return 0;
		sum = sum << 6 | (p[i] & 0x3f);
	}
	if (sum < smallest[length] || sum > 0x10ffff || (sum >= 0xd800 && sum <= 0xdfff))
		return 0;
	*point = sum;
	return length;
}

static bool
is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

static enum text_fault
point_fault(uint32_t point)
{
	if (point == 0)
		return TEXT_NUL;
	if (point == '\n' || point == '\r' || point == LINE_SEPARATOR)
		return TEXT_BROKEN;
	return is_control(point) && point != '\t' ? TEXT_CONTROL : TEXT_OK;
}

/*
 * How many bytes at p are letters of two or three bytes that are certainly in order, one
 * after the other.  What needs a closer look (C1, U+2028, surrogates, overlong forms
 * and their neighbours) is left to text_decode.
 */
static size_t
sure_letters(const char *text, size_t left)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i = 0;

	for (;;) {
		if (left - i >= 2 && p[i] >= 0xc3 && p[i] <= 0xdf && is_continuation(p[i + 1]))
			i += 2;
		else if (left - i >= 3 && p[i] >= 0xe1 && p[i] <= 0xef && p[i] != 0xed &&
		    !(p[i] == 0xe2 && p[i + 1] == 0x80) && is_continuation(p[i + 1]) && is_continuation(p[i + 2]))
			i += 3;
		else
			return i;
	}
}

enum text_fault
text_check(struct slice text, size_t *offset)
{
	size_t at = 0;

	while (at < text.length) {
		enum text_fault fault;
		uint32_t point;
		size_t length;

		at += text_plain(text.data + at, text.length - at);
		at += sure_letters(text.data + at, text.length - at);
		if (at == text.length)
			break;
		if (text_plain(text.data + at, 1) == 1)
			continue;
		length = text_decode(text.data + at, text.length - at, &point);
		fault = length == 0 ? TEXT_INVALID : point_fault(point);
		if (fault != TEXT_OK) {
			if (offset != NULL)
				*offset = at;
			return fault;
		}
		at += length;
	}
	return TEXT_OK;
}

const char *
text_fault_name(enum text_fault fault)
{
	switch (fault) {
	case TEXT_OK:
		return "nothing";
	case TEXT_INVALID:
		return "invalid UTF-8";
	case TEXT_CONTROL:
		return "a control character";
	case TEXT_NUL:
		return "a NUL";
	case TEXT_BROKEN:
		return "a line break";
	}
	return "a fault";
}

void
text_fold_breaks(struct buffer *out, struct slice text)
{
	size_t start = 0;

	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (c != '\n' && c != '\r')
			continue;
		buffer_add(out, text.data + start, i - start);
		buffer_add(out, TEXT_BREAK, BREAK_LENGTH);
		if (c == '\r' && i + 1 < text.length && text.data[i + 1] == '\n')
			i++;
		start = i + 1;
	}
	if (start < text.length)
		buffer_add(out, text.data + start, text.length - start);
}

void
text_unfold_breaks(struct buffer *out, struct slice text)
{
	while (text.length > 0) {
		const char *found = memmem(text.data, text.length, TEXT_BREAK, BREAK_LENGTH);
		size_t length = found != NULL ? (size_t)(found - text.data) : text.length;

		buffer_add(out, text.data, length);
		if (found == NULL)
			return;
		buffer_add_char(out, '\n');
		text.data += length + BREAK_LENGTH;
		text.length -= length + BREAK_LENGTH;
	}
}

/* Unicode's Bidi_Control. */
static bool
is_bidi_control(uint32_t point)
{
	return point == 0x061c || point == 0x200e || point == 0x200f ||
	    (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

uint32_t
text_shown(uint32_t point)
{
	if (point == '\t' || point == LINE_SEPARATOR || point == PARAGRAPH_SEPARATOR)
		return ' ';
	return is_control(point) || is_bidi_control(point) ? '?' : point;
}

void
text_safe(struct buffer *out, struct slice text)
{
	size_t at = 0;

	while (at < text.length) {
		size_t plain = text_plain(text.data + at, text.length - at);
		uint32_t point, shown;
		size_t length;

		buffer_add(out, text.data + at, plain);
		at += plain;
		if (at == text.length)
			break;
		length = text_decode(text.data + at, text.length - at, &point);
		shown = length == 0 ? '?' : text_shown(point);
		if (length > 0 && shown == point)
			buffer_add(out, text.data + at, length);
		else
			buffer_add_char(out, (char)shown);
		at += length == 0 ? 1 : length;
	}
}

size_t
text_count(struct slice text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.length; i++)
		count += !is_continuation((unsigned char)text.data[i]);
	return count;
}
