/* json_text: the words of JSON */
#include "stream/json_text.h"

#include <stdint.h>
#include <string.h>

#include "stream/utf8.h"

enum { EXPONENT_MAX = 64 }; /* digits that an exponent may add */

static bool
fail(struct json_text *text, const char *why)
{
	text->why = why;
	return false;
}

static void
skip_space(struct json_text *text)
{
	while (text->p < text->end && (*text->p == ' ' || *text->p == '\t' || *text->p == '\r' || *text->p == '\n'))
		text->p++;
}

bool
json_take(struct json_text *text, char c)
{
	skip_space(text);
	if (text->p == text->end || *text->p != c)
		return false;
	text->p++;
	return true;
}

bool
json_ended(struct json_text *text)
{
	skip_space(text);
	return text->p == text->end;
}

/* --- strings ---------------------------------------------------------------------- */

/* Four hexadecimal digits. */
static bool
take_unit(struct json_text *text, uint32_t *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++, text->p++) {
		char c = text->p < text->end ? *text->p : '\0';
		uint32_t digit;

		if (c >= '0' && c <= '9')
			digit = (uint32_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			digit = (uint32_t)((c | 32) - 'a') + 10;
		else
			return fail(text, "not four hexadecimal digits after \\u");
		*unit = *unit << 4 | digit;
	}
	return true;
}

/* What follows \u: one unit of UTF-16, or the first of two. */
static bool
take_code(struct json_text *text)
{
	uint32_t code, low;
	char bytes[4];

	if (!take_unit(text, &code))
		return false;
	if (code >= 0xd800 && code <= 0xdbff) {
		if (text->end - text->p < 2 || text->p[0] != '\\' || text->p[1] != 'u')
			return fail(text, "half of a surrogate pair");
		text->p += 2;
		if (!take_unit(text, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return fail(text, "half of a surrogate pair");
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	} else if (code >= 0xdc00 && code <= 0xdfff)
		return fail(text, "half of a surrogate pair");
	buffer_add(&text->scratch, bytes, utf8_encode(code, bytes));
	return true;
}

static bool
take_escape(struct json_text *text)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char c = text->p < text->end ? *text->p++ : '\0';
	const char *found = c != '\0' ? strchr(from, c) : NULL;

	if (c == 'u')
		return take_code(text);
	if (found == NULL)
		return fail(text, "an unknown escape in a string");
	buffer_add_char(&text->scratch, to[found - from]);
	return true;
}

/* Characters that stand for themselves. */
static struct slice
take_plain(struct json_text *text)
{
	const char *start = text->p;

	while (text->p < text->end && *text->p != '"' && *text->p != '\\' && (unsigned char)*text->p >= ' ')
		text->p++;
	return (struct slice){ start, (size_t)(text->p - start) };
}

bool
json_string(struct json_text *text, struct arena *arena, struct slice *value)
{
	bool escapes = false;

	*value = take_plain(text);
	if (text->p < text->end && *text->p == '\\') {
		escapes = true;
		buffer_clear(&text->scratch);
		buffer_add_slice(&text->scratch, *value);
	}
	while (text->p < text->end && *text->p == '\\') {
		text->p++;
		if (!take_escape(text))
			return false;
		buffer_add_slice(&text->scratch, take_plain(text));
	}
	if (text->p == text->end)
		return fail(text, "a string that is never closed");
	if (*text->p != '"')
		return fail(text, "a control character in a string");
	text->p++;
	if (escapes)
		*value = arena_copy(arena, buffer_slice(&text->scratch));
	return true;
}

/* --- numbers ---------------------------------------------------------------------- */

static bool
is_digit(const struct json_text *text)
{
	return text->p < text->end && *text->p >= '0' && *text->p <= '9';
}

static size_t
take_digits(struct json_text *text)
{
	const char *start = text->p;

	while (is_digit(text))
		text->p++;
	return (size_t)(text->p - start);
}

/* An exponent whose e has been taken; one that is too large stays so. */
static bool
take_exponent(struct json_text *text, int *exponent)
{
	bool negative = false;

	*exponent = 0;
	if (text->p < text->end && (*text->p == '+' || *text->p == '-'))
		negative = *text->p++ == '-';
	if (!is_digit(text))
		return false;
	for (; is_digit(text); text->p++) {
		if (*exponent <= EXPONENT_MAX)
			*exponent = *exponent * 10 + (*text->p - '0');
	}
	if (negative)
		*exponent = -*exponent;
	return true;
}

/*
 * Digits with a point behind so many of them (or before, or far behind all), as a number
 * is written: zeros fill the gap, and there are no others at either end.
 */
static void
write_digits(struct buffer *out, struct slice digits, ptrdiff_t point)
{
	ptrdiff_t length = (ptrdiff_t)digits.length, first = 0, end = length;

	while (first < length && digits.data[first] == '0')
		first++;
	while (end > first && digits.data[end - 1] == '0')
		end--;
	if (first == end) /* zero */
		first = end = point;
	if (first >= point)
		first = point - 1;
	if (end < point)
		end = point;
	for (ptrdiff_t i = first; i < end; i++) {
		if (i == point)
			buffer_add_char(out, '.');
		buffer_add_char(out, i >= 0 && i < length ? digits.data[i] : '0');
	}
}

/* 12.5e3 as 12500. */
static struct slice
expand(struct json_text *text, struct arena *arena, struct slice mantissa, int exponent)
{
	struct buffer *out = &text->scratch;
	struct slice fraction = mantissa, whole, digits;

	buffer_clear(out);
	if (slice_starts(mantissa, "-")) {
		buffer_add_char(out, '-');
		fraction.data++;
		fraction.length--;
	}
	whole = slice_cut(&fraction, '.');
	digits = arena_format(arena, "%.*s%.*s", (int)whole.length, whole.data, (int)fraction.length,
	    fraction.data != NULL ? fraction.data : "");
	write_digits(out, digits, (ptrdiff_t)whole.length + exponent);
	return arena_copy(arena, buffer_slice(out));
}

static bool
take_number(struct json_text *text, struct arena *arena, struct slice *value)
{
	const char *start = text->p;
	size_t whole;
	int exponent;

	text->p += *text->p == '-';
	whole = take_digits(text);
	if (whole == 0 || (whole > 1 && text->p[-(ptrdiff_t)whole] == '0'))
		return fail(text, "not a number");
	if (text->p < text->end && *text->p == '.') {
		text->p++;
		if (take_digits(text) == 0)
			return fail(text, "not a number");
	}
	*value = (struct slice){ start, (size_t)(text->p - start) };
	if (text->p == text->end || (*text->p | 32) != 'e')
		return true;
	text->p++;
	if (!take_exponent(text, &exponent))
		return fail(text, "not a number");
	if (exponent > EXPONENT_MAX || exponent < -EXPONENT_MAX)
		return fail(text, "an exponent that is too large");
	*value = expand(text, arena, *value, exponent);
	return true;
}

/* --- any of them ------------------------------------------------------------------ */

static bool
take_word(struct json_text *text, const char *word)
{
	struct slice rest = { text->p, (size_t)(text->end - text->p) };

	if (!slice_starts(rest, word))
		return false;
	text->p += strlen(word);
	return true;
}

bool
json_scalar(struct json_text *text, struct arena *arena, struct slice *value)
{
	if (json_ended(text))
		return fail(text, "a value is missing");
	if (*text->p == '"') {
		text->p++;
		return json_string(text, arena, value);
	}
	if (*text->p == '-' || is_digit(text))
		return take_number(text, arena, value);
	if (take_word(text, "true"))
		*value = slice_of("true");
	else if (take_word(text, "false"))
		*value = slice_of("false");
	else if (take_word(text, "null"))
		*value = slice_of("");
	else
		return fail(text, "not a value");
	return true;
}
