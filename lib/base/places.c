#include "base/places.h"

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#include <stdatomic.h>
#endif
#ifdef __aarch64__
#include <arm_neon.h>
#endif

/* --- plain -------------------------------------------------------------------- */

static bool
always(void)
{
	return true;
}

static size_t
plain_places(struct slice text, char byte, size_t *at, uint32_t *places, size_t room)
{
	size_t count = 0, i = *at;

	for (; i < text.length && count < room; i++)
		if (text.data[i] == byte)
			places[count++] = (uint32_t)i;
	*at = i;
	return count;
}

static size_t
plain_place(struct slice text, size_t at, struct slice word)
{
	for (; word.length <= text.length && at <= text.length - word.length; at++)
		if (text.data[at] == word.data[0] && memcmp(text.data + at, word.data, word.length) == 0)
			return at;
	return SIZE_MAX;
}

static size_t
plain_outside(struct slice text, size_t behind, char byte, uint32_t *places, size_t room)
{
	size_t count = 0;
	bool inside = false;

	(void)behind;
	for (size_t i = 0; i < text.length && count < room; i++) {
		char before = i > 0 ? text.data[i - 1] : byte;

		if (text.data[i] == '"') {
			/* Behind a quote: it was not the last one, but is doubled. */
			if (!inside && before != byte && before != '"')
				return SIZE_MAX;
			inside = !inside;
		} else if (text.data[i] == byte && !inside)
			places[count++] = (uint32_t)i;
	}
	return count;
}

/* --- many at a time ---------------------------------------------------------------- */

#define INLINE static inline __attribute__((always_inline))

/*
 * What a processor does at once: a question about width bytes.  Of the answer, step
 * bits stand for each byte, and only the lowest of them is ever set.
 */
struct block {
	size_t width, step;
	uint64_t (*equal)(const char *from, char byte); /* which bytes are byte */
};

/* All of this becomes part of its caller, once for each kind of block. */
INLINE size_t
places_by(struct block block, struct slice text, char byte, size_t *at, uint32_t *places, size_t room)
{
	size_t count = 0, i = *at;

	for (; text.length - i >= block.width && room - count >= PLACES_ROOM_LEAST; i += block.width) {
		uint64_t found = block.equal(text.data + i, byte);

		for (; found != 0; found &= found - 1)
			places[count++] = (uint32_t)(i + (size_t)__builtin_ctzll(found) / block.step);
	}
	*at = i;
	if (text.length - i < block.width && room - count >= PLACES_ROOM_LEAST)
		count += plain_places(text, byte, at, places + count, room - count);
	return count;
}

/* Only where its first and its last byte stand at their distance the whole word is looked at. */
INLINE size_t
place_by(struct block block, struct slice text, size_t at, struct slice word)
{
	size_t reach = word.length - 1;

	for (; at < text.length && text.length - at >= reach + block.width; at += block.width) {
		uint64_t found = block.equal(text.data + at, word.data[0]) &
		    block.equal(text.data + at + reach, word.data[reach]);

		for (; found != 0; found &= found - 1) {
			size_t place = at + (size_t)__builtin_ctzll(found) / block.step;

			if (memcmp(text.data + place, word.data, word.length) == 0)
				return place;
		}
	}
	return plain_place(text, at, word);
}

/* Of sixty-four bits, each with all those below it added up. */
INLINE uint64_t
parities(uint64_t bits)
{
	for (int distance = 1; distance < 64; distance *= 2)
		bits ^= bits << distance;
	return bits;
}

/* Whether the bytes of text from i on, sixty-four of them, are byte; what lies behind its end is not. */
INLINE uint64_t
equal_at(struct block block, const char *bytes, char byte)
{
	uint64_t found = 0;

	if (block.width == 64)
		return block.equal(bytes, byte);
	/* Four bits for each byte become one. */
	for (size_t part = 0; part < 64; part += block.width) {
		uint64_t some = block.equal(bytes + part, byte);

		for (; some != 0; some &= some - 1)
			found |= UINT64_C(1) << (part + (size_t)__builtin_ctzll(some) / block.step);
	}
	return found;
}

/*
 * Quotes are counted: what has an odd number of them before it is inside.  byte is no
 * quote, so this holds for it whether or not it is counted in itself.
 */
INLINE size_t
outside_by(struct block block, struct slice text, size_t behind, char byte, uint32_t *places, size_t room)
{
	uint64_t inside = 0, starts = 1, quoted = 0; /* of the block before: all ones or none, and its last bit */
	size_t count = 0;

	for (size_t i = 0; i < text.length && count < room; i += 64) {
		char copy[64];
		const char *bytes = text.data + i;
		size_t left = text.length - i;
		uint64_t asked = left < 64 ? (UINT64_C(1) << left) - 1 : UINT64_MAX, found, quotes, within,
			 openers;

		if (left < 64 && left + behind < 64)
			bytes = memcpy(memset(copy, 0, sizeof copy), bytes, left);
		found = equal_at(block, bytes, byte) & asked;
		quotes = equal_at(block, bytes, '"') & asked;
		within = quotes != 0 ? parities(quotes) ^ inside : inside;
		found &= ~within;
		openers = quotes & within;
		if ((openers & ~(found << 1 | starts | quotes << 1 | quoted)) != 0)
			return SIZE_MAX;
		starts = found >> 63;
		quoted = quotes >> 63;
		inside = within >> 63 != 0 ? UINT64_MAX : 0;
		for (; found != 0 && count < room; found &= found - 1)
			places[count++] = (uint32_t)(i + (size_t)__builtin_ctzll(found));
	}
	return count;
}

#ifdef __x86_64__

static inline uint64_t
sse2_equal(const char *from, char byte)
{
	const __m128i *blocks = (const __m128i *)(const void *)from;
	__m128i wanted = _mm_set1_epi8(byte);
	uint64_t found = 0;

	for (int i = 3; i >= 0; i--)
		found = found << 16 |
		    (uint16_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(blocks + i), wanted));
	return found;
}

static const struct block sse2_block = { 64, 1, sse2_equal };

static size_t
sse2_places(struct slice text, char byte, size_t *at, uint32_t *places, size_t room)
{
	return places_by(sse2_block, text, byte, at, places, room);
}

static size_t
sse2_place(struct slice text, size_t at, struct slice word)
{
	return place_by(sse2_block, text, at, word);
}

static size_t
sse2_outside(struct slice text, size_t behind, char byte, uint32_t *places, size_t room)
{
	return outside_by(sse2_block, text, behind, byte, places, room);
}

#define AVX2 __attribute__((target("avx2,bmi")))

AVX2 static inline uint64_t
avx2_equal(const char *from, char byte)
{
	const __m256i *blocks = (const __m256i *)(const void *)from;
	__m256i wanted = _mm256_set1_epi8(byte);
	uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(blocks), wanted));
	uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_loadu_si256(blocks + 1), wanted));

	return (uint64_t)high << 32 | low;
}

static const struct block avx2_block = { 64, 1, avx2_equal };

AVX2 static size_t
avx2_places(struct slice text, char byte, size_t *at, uint32_t *places, size_t room)
{
	return places_by(avx2_block, text, byte, at, places, room);
}

AVX2 static size_t
avx2_place(struct slice text, size_t at, struct slice word)
{
	return place_by(avx2_block, text, at, word);
}

AVX2 static size_t
avx2_outside(struct slice text, size_t behind, char byte, uint32_t *places, size_t room)
{
	return outside_by(avx2_block, text, behind, byte, places, room);
}

/* Whether the processor has both, and the system keeps their registers. */
__attribute__((target("xsave"))) static bool
look_for_avx2(void)
{
	enum { REGISTERS = 6 /* of SSE and AVX */ };
	unsigned a, b, c, d, wanted = bit_AVX2 | bit_BMI;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || (_xgetbv(0) & REGISTERS) != REGISTERS)
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & wanted) == wanted;
}

/*
 * Found out when it is first asked.  The compiler's own __builtin_cpu_supports does so in
 * every program's start: to ask the processor takes a microsecond a time on a virtual machine.
 */
static bool
avx2_there(void)
{
	enum { UNKNOWN, ABSENT, THERE };
	static atomic_int known = UNKNOWN;
	int found = atomic_load_explicit(&known, memory_order_relaxed);

	if (found == UNKNOWN) {
		found = look_for_avx2() ? THERE : ABSENT;
		atomic_store_explicit(&known, found, memory_order_relaxed);
	}
	return found == THERE;
}

#endif

#ifdef __aarch64__

/* Four bits for each byte, of which one is kept. */
static inline uint64_t
neon_mask(uint8x16_t equal)
{
	uint8x8_t narrow = vshrn_n_u16(vreinterpretq_u16_u8(equal), 4);

	return vget_lane_u64(vreinterpret_u64_u8(narrow), 0) & UINT64_C(0x1111111111111111);
}

static inline uint64_t
neon_equal(const char *from, char byte)
{
	return neon_mask(vceqq_u8(vld1q_u8((const uint8_t *)from), vdupq_n_u8((uint8_t)byte)));
}

static const struct block neon_block = { 16, 4, neon_equal };

static size_t
neon_places(struct slice text, char byte, size_t *at, uint32_t *places, size_t room)
{
	return places_by(neon_block, text, byte, at, places, room);
}

static size_t
neon_place(struct slice text, size_t at, struct slice word)
{
	return place_by(neon_block, text, at, word);
}

static size_t
neon_outside(struct slice text, size_t behind, char byte, uint32_t *places, size_t room)
{
	return outside_by(neon_block, text, behind, byte, places, room);
}

#endif

/* --- which ------------------------------------------------------------------------ */

const struct places_way places_ways[] = {
	{ "plain", always, plain_places, plain_place, plain_outside },
#ifdef __x86_64__
	{ "sse2", always, sse2_places, sse2_place, sse2_outside },
	{ "avx2", avx2_there, avx2_places, avx2_place, avx2_outside },
#endif
#ifdef __aarch64__
	{ "neon", always, neon_places, neon_place, neon_outside },
#endif
	{ NULL, NULL, NULL, NULL, NULL },
};

/* The index of the last one that is there: they rise. */
static inline size_t
best_way(void)
{
#if defined __x86_64__
	return avx2_there() ? 2 : 1;
#elif defined __aarch64__
	return 1;
#else
	return 0;
#endif
}

size_t
places_of(struct slice text, char byte, size_t *at, uint32_t *places, size_t room)
{
	return places_ways[best_way()].places(text, byte, at, places, room);
}

size_t
place_of(struct slice text, size_t at, struct slice word)
{
	return places_ways[best_way()].place(text, at, word);
}

size_t
places_outside(struct slice text, size_t behind, char byte, uint32_t *places, size_t room)
{
	return places_ways[best_way()].outside(text, behind, byte, places, room);
}
