/* base64: three bytes are four letters */
#include "base/base64.h"

#include <stdint.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_add(struct buffer *out, const unsigned char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i += 3) {
		size_t left = count - i;
		uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
		    (left > 2 ? bytes[i + 2] : 0);

		buffer_add_char(out, letters[group >> 18]);
		buffer_add_char(out, letters[group >> 12 & 63]);
		buffer_add_char(out, left > 1 ? letters[group >> 6 & 63] : '=');
		buffer_add_char(out, left > 2 ? letters[group & 63] : '=');
	}
}

/* The six bits of a letter, or 64. */
static uint32_t
bits_of(char letter)
{
	const char *at = letter != '\0' ? strchr(letters, letter) : NULL;

	return at != NULL ? (uint32_t)(at - letters) : 64;
}

bool
base64_parse(struct slice text, unsigned char *bytes, size_t count)
{
	struct buffer again = BUFFER_INIT;
	bool same;

	if (text.length != (count + 2) / 3 * 4)
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *at = text.data + i / 3 * 4 + i % 3;
		uint32_t pair = bits_of(at[0]) << 6 | (bits_of(at[1]) & 63);

		bytes[i] = (unsigned char)(pair >> (4 - 2 * (i % 3)));
	}
	/* Whatever is no letter, no padding or no zero bit makes another text. */
	base64_add(&again, bytes, count);
	same = slice_equal(buffer_slice(&again), text);
	buffer_release(&again);
	return same;
}
