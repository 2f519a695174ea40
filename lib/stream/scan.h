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

#endif
