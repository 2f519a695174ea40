/* utf8: one character at a time */
#include "stream/utf8.h"

/* The smallest code point that needs so many bytes; anything below it would be an overlong form. */
static const uint32_t smallest[5] = { 0, 0, 0x80, 0x800, 0x10000 };

static size_t
announced_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2)
		return 0;
	if (lead < 0xe0)
		return 2;
	if (lead < 0xf0)
		return 3;
	return lead < 0xf5 ? 4 : 0;
}

size_t
utf8_length(struct slice text)
{
	size_t length;
	uint32_t code;

	if (text.length == 0)
		return 0;
	length = announced_length((unsigned char)text.data[0]);
	if (length == 0 || length > text.length)
		return 0;
	for (size_t i = 1; i < length; i++)
		if (((unsigned char)text.data[i] & 0xc0) != 0x80)
			return 0;
	code = utf8_decode(text.data, length);
	if (code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return length;
}

uint32_t
utf8_decode(const char *character, size_t length)
{
	static const unsigned char lead_bits[5] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code = (unsigned char)character[0] & lead_bits[length];

	for (size_t i = 1; i < length; i++)
		code = code << 6 | ((unsigned char)character[i] & 0x3f);
	return code;
}

size_t
utf8_encode(uint32_t code, char out[4])
{
	static const unsigned char leads[5] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = length; i-- > 1; code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3f));
	out[0] = (char)(leads[length] | code);
	return length;
}
