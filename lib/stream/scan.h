/*
 * scan: sixteen bytes at a time (private to stream/).
 *
 * A block is sixteen bytes of a text; asking it for a byte gives a mask in which
 * bit i stands for the text's byte at + i.  At the end of the text the block is
 * taken from its last sixteen bytes instead, so that nothing outside is read.
 */
#ifndef STREAM_SCAN_H
#define STREAM_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/slice.h"

enum { SCAN_BLOCK = 16 };

struct scan_block {
#ifdef __SSE2__
	__m128i bytes;
#else
	signed char bytes[SCAN_BLOCK];
#endif
	unsigned drop; /* leading bytes that are not asked about */
};

static inline struct scan_block
scan_load(const char *from, unsigned drop)
{
	struct scan_block block;

#ifdef __SSE2__
	block.bytes = _mm_loadu_si128((const __m128i *)(const void *)from);
#else
	memcpy(block.bytes, from, SCAN_BLOCK);
#endif
	block.drop = drop;
	return block;
}

/* The bytes of text from at on, at < text.length; at most sixteen of them. */
static inline struct scan_block
scan_at(struct slice text, size_t at)
{
	size_t left = text.length - at;
	char copy[SCAN_BLOCK] = { 0 };

	if (left >= SCAN_BLOCK)
		return scan_load(text.data + at, 0);
	if (text.length >= SCAN_BLOCK)
		return scan_load(text.data + text.length - SCAN_BLOCK, (unsigned)(SCAN_BLOCK - left));
	memcpy(copy + SCAN_BLOCK - left, text.data + at, left);
	return scan_load(copy, (unsigned)(SCAN_BLOCK - left));
}

/* A text that is shorter than a block and not empty; zeros behind it. */
static inline struct scan_block
scan_short(struct slice text)
{
#ifdef __SSE2__
	const char *last = text.data + text.length;
	uint64_t low = 0, high = 0;
	uint32_t first, second;

	/* Two pieces that overlap, moved to where they belong. */
	if (text.length >= 8) {
		memcpy(&low, text.data, 8);
		memcpy(&high, last - 8, 8);
		high = high >> 1 >> (8 * (SCAN_BLOCK - text.length) - 1);
	} else if (text.length >= 4) {
		memcpy(&first, text.data, 4);
		memcpy(&second, last - 4, 4);
		low = first | (uint64_t)second << (8 * (text.length - 4));
	} else {
		size_t middle = text.length / 2;

		low = (unsigned char)text.data[0] | (uint64_t)(unsigned char)text.data[middle] << (8 * middle) |
		    (uint64_t)(unsigned char)last[-1] << (8 * (text.length - 1));
	}
	return (struct scan_block){ .bytes = _mm_set_epi64x((long long)high, (long long)low) };
#else
	char copy[SCAN_BLOCK] = { 0 };

	memcpy(copy, text.data, text.length);
	return scan_load(copy, 0);
#endif
}

/* Writes all of a block that was loaded whole. */
static inline void
scan_store(struct scan_block block, char *to)
{
#ifdef __SSE2__
	_mm_storeu_si128((__m128i *)(void *)to, block.bytes);
#else
	memcpy(to, block.bytes, SCAN_BLOCK);
#endif
}

/* Where c stands. */
static inline unsigned
scan_equal(struct scan_block block, char c)
{
#ifdef __SSE2__
	return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(block.bytes, _mm_set1_epi8(c))) >> block.drop;
#else
	unsigned mask = 0;

	for (unsigned i = 0; i < SCAN_BLOCK; i++)
		mask |= (unsigned)(block.bytes[i] == (signed char)c) << i;
	return mask >> block.drop;
#endif
}

/* Where something other than printable ASCII stands. */
static inline unsigned
scan_odd(struct scan_block block)
{
	unsigned mask;

#ifdef __SSE2__
	/* as signed bytes, what is not ASCII is negative and so below the space too */
	mask = (unsigned)_mm_movemask_epi8(_mm_cmplt_epi8(block.bytes, _mm_set1_epi8(' ')));
#else
	mask = 0;
	for (unsigned i = 0; i < SCAN_BLOCK; i++)
		mask |= (unsigned)(block.bytes[i] < ' ') << i;
#endif
	return mask >> block.drop | scan_equal(block, '\x7f');
}

/* Where a byte stands that a CSV value needs quotes for. */
static inline unsigned
scan_quotable(struct scan_block block)
{
#ifdef __SSE2__
	__m128i within = _mm_or_si128(_mm_cmpeq_epi8(block.bytes, _mm_set1_epi8(',')),
	    _mm_cmpeq_epi8(block.bytes, _mm_set1_epi8('"')));
	__m128i ends = _mm_or_si128(_mm_cmpeq_epi8(block.bytes, _mm_set1_epi8('\n')),
	    _mm_cmpeq_epi8(block.bytes, _mm_set1_epi8('\r')));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(within, ends)) >> block.drop;
#else
	return scan_equal(block, ',') | scan_equal(block, '"') | scan_equal(block, '\n') |
	    scan_equal(block, '\r');
#endif
}

/* Where a byte stands that means something in a JSON string: scan_odd, a quote, a backslash. */
static inline unsigned
scan_special(struct scan_block block)
{
#ifdef __SSE2__
	/* one more, and 0x7f is negative with the rest */
	__m128i odd = _mm_cmplt_epi8(_mm_add_epi8(block.bytes, _mm_set1_epi8(1)), _mm_set1_epi8(' ' + 1));
	__m128i quote = _mm_cmpeq_epi8(block.bytes, _mm_set1_epi8('"'));
	__m128i backslash = _mm_cmpeq_epi8(block.bytes, _mm_set1_epi8('\\'));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(odd, _mm_or_si128(quote, backslash))) >> block.drop;
#else
	return scan_odd(block) | scan_equal(block, '"') | scan_equal(block, '\\');
#endif
}

#endif
