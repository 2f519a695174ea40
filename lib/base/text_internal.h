/*
 * text_internal: what text.c and text_unicode.c share.
 */
#ifndef BASE_TEXT_INTERNAL_H
#define BASE_TEXT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Is each of the 8 bytes at p printable ASCII, 0x20 to 0x7e? */
static inline bool
text_is_plain8(const char *p)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	/*
	 * The high bit of a byte is set in word if it is no ASCII, in the difference
	 * if it is below 0x20, in the sum if it is DEL.  A borrow or carry from
	 * one byte to the next needs a first byte that is one of these.
	 */
	return ((word | (word - ones * 0x20) | (word + ones)) & (ones * 0x80)) == 0;
}

#ifdef __SSE2__
static inline bool
text_is_plain16(const char *p)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
	/* As signed bytes, what is not ASCII is below the space too. */
	__m128i odd = _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(' ')),
	    _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)));

	return _mm_movemask_epi8(odd) == 0;
}
#endif

/* How many bytes at p, of length, are printable ASCII before the first that is not. */
static inline size_t
text_plain(const char *p, size_t length)
{
	size_t i = 0;

#ifdef __SSE2__
	while (length - i >= 16 && text_is_plain16(p + i))
		i += 16;
#endif
	while (length - i >= 8 && text_is_plain8(p + i))
		i += 8;
	while (i < length && p[i] >= 0x20 && p[i] < 0x7f)
		i++;
	return i;
}

/* The length of the code point at p, of left > 0 bytes; 0 when it is no UTF-8 (RFC 3629). */
size_t text_decode(const char *p, size_t left, uint32_t *point);

/*
 * What a terminal gets for it: '?' for C0, DEL, C1 and whatever turns the
 * direction of writing, ' ' for a tab and line separators, else itself.
 */
uint32_t text_shown(uint32_t point);

#endif
