/*
 * hash_pair: two short texts hashed at once.
 *
 * Processors that have instructions for SHA-256 spend most of a round waiting for the
 * one before.  Two texts by turns take hardly longer than one.
 */
#include "base/hash.h"

#include <stdatomic.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#define SHA __attribute__((target("sha,sse4.1,ssse3")))

enum { BLOCK = 64, ROUNDS = 64 };

/* FIPS 180-4, 4.2.2 */
static const uint32_t constants[ROUNDS] = { 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b,
	0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74,
	0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3,
	0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354,
	0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
	0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3,
	0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa,
	0xa4506ceb, 0xbef9a3f7, 0xc67178f2 };

/* A text as blocks: those that it fills, and what pads the rest (5.1.1). */
struct message {
	const unsigned char *text;
	size_t full, blocks;
	unsigned char rest[2 * BLOCK];
};

/* A hash that is under way, in the order that the instructions want. */
struct lane {
	__m128i abef, cdgh;
	__m128i words[4];
};

static void
pad(struct message *message, struct slice text)
{
	size_t left = text.length % BLOCK, length = left + 9 > BLOCK ? 2 * BLOCK : BLOCK;
	uint64_t bits = (uint64_t)text.length * 8;

	message->text = (const unsigned char *)text.data;
	message->full = text.length / BLOCK;
	message->blocks = message->full + length / BLOCK;
	memset(message->rest, 0, length);
	if (left > 0)
		memcpy(message->rest, text.data + text.length - left, left);
	message->rest[left] = 0x80;
	for (size_t i = 0; i < 8; i++)
		message->rest[length - 1 - i] = (unsigned char)(bits >> 8 * i);
}

static const unsigned char *
block_at(const struct message *message, size_t index)
{
	return index < message->full ? message->text + index * BLOCK
				     : message->rest + (index - message->full) * BLOCK;
}

SHA static inline void
begin(struct lane *lane)
{
	/* 5.3.3: A B E F, C D G H */
	lane->abef = _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c);
	lane->cdgh = _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19);
}

SHA static inline void
load_words(struct lane *lane, const unsigned char *block)
{
	const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

	for (int i = 0; i < 4; i++)
		lane->words[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i)),
		    order);
}

/* Four rounds, with the words of group (0 to 15), and the words that are wanted four groups later. */
SHA static inline void
four_rounds(struct lane *lane, int group)
{
	__m128i *words = lane->words, *now = &words[group % 4];
	__m128i sum = _mm_add_epi32(*now,
	    _mm_loadu_si128((const __m128i *)(const void *)(constants + 4 * group)));

	lane->cdgh = _mm_sha256rnds2_epu32(lane->cdgh, lane->abef, sum);
	lane->abef = _mm_sha256rnds2_epu32(lane->abef, lane->cdgh, _mm_shuffle_epi32(sum, 0x0e));
	if (group < 12) {
		__m128i last = words[(group + 3) % 4];

		*now = _mm_sha256msg1_epu32(*now, words[(group + 1) % 4]);
		*now = _mm_add_epi32(*now, _mm_alignr_epi8(last, words[(group + 2) % 4], 4));
		*now = _mm_sha256msg2_epu32(*now, last);
	}
}

SHA static void
compress_one(struct lane *one, const unsigned char *block)
{
	__m128i abef = one->abef, cdgh = one->cdgh;

	load_words(one, block);
#pragma GCC unroll 16
	for (int group = 0; group < 16; group++)
		four_rounds(one, group);
	one->abef = _mm_add_epi32(one->abef, abef);
	one->cdgh = _mm_add_epi32(one->cdgh, cdgh);
}

SHA static void
compress_two(struct lane *one, struct lane *other, const unsigned char *block, const unsigned char *other_block)
{
	struct lane a = *one, b = *other;

	load_words(&a, block);
	load_words(&b, other_block);
#pragma GCC unroll 16
	for (int group = 0; group < 16; group++) {
		four_rounds(&a, group);
		four_rounds(&b, group);
	}
	one->abef = _mm_add_epi32(one->abef, a.abef);
	one->cdgh = _mm_add_epi32(one->cdgh, a.cdgh);
	other->abef = _mm_add_epi32(other->abef, b.abef);
	other->cdgh = _mm_add_epi32(other->cdgh, b.cdgh);
}

SHA static void
end(const struct lane *lane, char out[HASH_HEX + 1])
{
	const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i feba = _mm_shuffle_epi32(lane->abef, 0x1b), dchg = _mm_shuffle_epi32(lane->cdgh, 0xb1);
	unsigned char digest[HASH_SIZE];

	_mm_storeu_si128((__m128i *)(void *)digest, _mm_shuffle_epi8(_mm_blend_epi16(feba, dchg, 0xf0), order));
	_mm_storeu_si128((__m128i *)(void *)(digest + 16),
	    _mm_shuffle_epi8(_mm_alignr_epi8(dchg, feba, 8), order));
	hash_to_hex(digest, sizeof digest, out);
}

SHA static void
hash_two(struct slice text, struct slice other, char out[HASH_HEX + 1], char other_out[HASH_HEX + 1])
{
	struct message messages[2];
	struct lane lanes[2];
	size_t at = 0;

	pad(&messages[0], text);
	pad(&messages[1], other);
	begin(&lanes[0]);
	begin(&lanes[1]);
	for (; at < messages[0].blocks && at < messages[1].blocks; at++)
		compress_two(&lanes[0], &lanes[1], block_at(&messages[0], at), block_at(&messages[1], at));
	for (int i = 0; i < 2; i++)
		for (size_t rest = at; rest < messages[i].blocks; rest++)
			compress_one(&lanes[i], block_at(&messages[i], rest));
	end(&lanes[0], out);
	end(&lanes[1], other_out);
}

/* CPUID leaf 7, EBX bit 29; what the compiler asks of the processor knows nothing of it. */
static bool
has_instructions(void)
{
	unsigned a = 7, b = 0, c = 0, d = 0;

	if (!__builtin_cpu_supports("sse4.1"))
		return false;
	__asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return (b >> 29 & 1) != 0;
}

#else

static bool
has_instructions(void)
{
	return false;
}

static void
hash_two(struct slice text, struct slice other, char out[HASH_HEX + 1], char other_out[HASH_HEX + 1])
{
	hash_text(text, out);
	hash_text(other, other_out);
}

#endif

void
hash_pair(struct slice text, struct slice other, char out[HASH_HEX + 1], char other_out[HASH_HEX + 1])
{
	/* 0: nobody has asked.  It is the same for all threads, however often they find out. */
	static _Atomic int known;
	int has = atomic_load_explicit(&known, memory_order_relaxed);

	if (has == 0) {
		has = has_instructions() ? 1 : -1;
		atomic_store_explicit(&known, has, memory_order_relaxed);
	}
	if (has > 0)
		hash_two(text, other, out, other_out);
	else {
		hash_text(text, out);
		hash_text(other, other_out);
	}
}
