#include "base/hash.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/auxv.h>

#include <nettle/aes.h>
#include <nettle/hmac.h>
#include <nettle/sha2.h>

#include "base/decimal.h"

static_assert(sizeof(struct sha256_ctx) <= sizeof(struct hash), "struct hash must hold nettle's context");
static_assert(alignof(struct sha256_ctx) <= alignof(struct hash), "struct hash must hold nettle's context");
static_assert(SHA256_DIGEST_SIZE == HASH_SIZE, "a digest is 32 bytes");

static struct sha256_ctx *
context(struct hash *hash)
{
	return (struct sha256_ctx *)(void *)hash->state;
}

void
hash_init(struct hash *hash)
{
	sha256_init(context(hash));
}

void
hash_add(struct hash *hash, const void *data, size_t length)
{
	if (length > 0)
		sha256_update(context(hash), length, data);
}

void
hash_hex(struct hash *hash, char out[HASH_HEX + 1])
{
	unsigned char digest[HASH_SIZE];

	sha256_digest(context(hash), sizeof(digest), digest); /* and begins anew */
	hash_to_hex(digest, sizeof(digest), out);
}

void
hash_text(struct slice text, char out[HASH_HEX + 1])
{
	struct hash hash;

	hash_init(&hash);
	hash_add(&hash, text.data, text.length);
	hash_hex(&hash, out);
}

bool
hash_is_hex(struct slice text)
{
	unsigned bad = 0;

	if (text.length != HASH_HEX)
		return false;
	/* Without branches, so that the compiler takes many bytes at a time. */
	for (size_t i = 0; i < HASH_HEX; i++) {
		unsigned char c = (unsigned char)text.data[i];

		bad |= (unsigned)((unsigned char)(c - '0') > 9) & (unsigned)((unsigned char)(c - 'a') > 5);
	}
	return bad == 0;
}

void
hash_to_hex(const unsigned char *bytes, size_t count, char *out)
{
	for (size_t i = 0; i < count; i++) {
		unsigned high = bytes[i] >> 4, low = bytes[i] & 15;

		*out++ = (char)(high + (high < 10 ? '0' : 'a' - 10));
		*out++ = (char)(low + (low < 10 ? '0' : 'a' - 10));
	}
	*out = '\0';
}

void
hash_hmac(struct slice key, struct slice text, char out[HASH_HEX + 1])
{
	static const unsigned char nothing[1];
	struct hmac_sha256_ctx hmac;
	unsigned char digest[HASH_SIZE];

	hmac_sha256_set_key(&hmac, key.length, key.length > 0 ? (const unsigned char *)key.data : nothing);
	if (text.length > 0)
		hmac_sha256_update(&hmac, text.length, (const unsigned char *)text.data);
	hmac_sha256_digest(&hmac, sizeof(digest), digest);
	hash_to_hex(digest, sizeof(digest), out);
}

_Static_assert(sizeof(struct hmac_sha256_ctx) <= sizeof(struct hash_key), "struct hash_key is too small");

void
hash_key_init(struct hash_key *key, struct slice secret)
{
	struct hmac_sha256_ctx *hmac = (struct hmac_sha256_ctx *)key->state;

	hmac_sha256_set_key(hmac, secret.length, (const unsigned char *)secret.data);
}

uint64_t
hash_keyed(const struct hash_key *key, struct slice text)
{
	struct hmac_sha256_ctx hmac;
	uint64_t number;

	memcpy(&hmac, key->state, sizeof(hmac));
	hmac_sha256_update(&hmac, text.length, (const unsigned char *)text.data);
	hmac_sha256_digest(&hmac, sizeof(number), (unsigned char *)&number);
	return number;
}

_Static_assert(sizeof(struct aes256_ctx) <= sizeof(((struct keystream *)0)->state),
    "struct keystream is too small");
_Static_assert(AES256_KEY_SIZE == KEYSTREAM_KEY && AES_BLOCK_SIZE == KEYSTREAM_BLOCK, "AES-256");

void
keystream_init(struct keystream *stream, const unsigned char key[KEYSTREAM_KEY])
{
	aes256_set_encrypt_key((struct aes256_ctx *)stream->state, key);
	stream->counter = 0;
}

void
keystream_next(struct keystream *stream, unsigned char *out, size_t count)
{
	/* As the library's own counter is: at the end of the block, its highest byte first. */
	memset(out, 0, count);
	for (size_t at = 0; at < count; at += KEYSTREAM_BLOCK, stream->counter++)
		for (size_t i = 0; i < sizeof stream->counter; i++)
			out[at + KEYSTREAM_BLOCK - 1 - i] = (unsigned char)(stream->counter >> 8 * i);
	aes256_encrypt((const struct aes256_ctx *)stream->state, count, out, out);
}

/*
 * The seed of hash_quick: differs from process to process, so that nobody can
 * prepare an input whose keys all fall into one slot.  A global, because two
 * tables need not share more than this and none should have to carry it; atomic,
 * because scans run on several threads.
 */
static _Atomic uint64_t quick_seed;

static uint64_t
quick_seed_get(void)
{
	uint64_t seed = atomic_load_explicit(&quick_seed, memory_order_relaxed);
	const void *random;

	if (seed != 0)
		return seed;
	random = (const void *)getauxval(AT_RANDOM); /* 16 random bytes from the kernel, no system call */
	if (random != NULL)
		memcpy(&seed, random, sizeof(seed));
	seed |= 1;
	atomic_store_explicit(&quick_seed, seed, memory_order_relaxed);
	return seed;
}

/* Both halves of a 128-bit product: every bit of a and b reaches every bit of the result. */
static inline uint64_t
mix(uint64_t a, uint64_t b)
{
	uint128 product = (uint128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t
load8(const char *data)
{
	uint64_t word;

	memcpy(&word, data, sizeof word);
	return word;
}

static inline uint64_t
load4(const char *data)
{
	uint32_t word;

	memcpy(&word, data, sizeof word);
	return word;
}

/* Up to 8 bytes, the first one lowest. */
static inline uint64_t
load(const char *data, size_t length)
{
	uint64_t word = 0;

	if (length == 8)
		return load8(data);
	if (length >= 4)
		return load4(data) | load4(data + length - 4) << 8 * (length - 4);
	for (size_t i = 0; i < length; i++)
		word |= (uint64_t)(unsigned char)data[i] << 8 * i;
	return word;
}

uint64_t
hash_seeded(uint64_t seed, struct slice text)
{
	const uint64_t odd1 = 0x9e3779b97f4a7c15, odd2 = 0xd6e8feb86659fd93;
	uint64_t sum = seed ^ text.length * odd1;
	const char *p = text.data;
	size_t left = text.length;

	for (; left > 16; left -= 16, p += 16)
		sum = mix(load8(p) ^ odd1, load8(p + 8) ^ sum);
	if (left > 8)
		sum = mix(load8(p) ^ odd1, load(p + 8, left - 8) ^ sum);
	else if (left > 0)
		sum = mix(load(p, left) ^ odd1, sum);
	return mix(sum ^ odd1, odd2);
}

/* Keys mostly are short: then two loads, which may overlap, have all of them. */
uint64_t
hash_quick(struct slice text)
{
	const uint64_t odd = 0x9e3779b97f4a7c15;
	uint64_t seed = quick_seed_get() ^ text.length * odd;
	uint64_t first, last;

	if (text.length < 4 || text.length > 16)
		return hash_seeded(seed, text);
	if (text.length >= 8) {
		first = load8(text.data);
		last = load8(text.data + text.length - 8);
	} else {
		first = load4(text.data);
		last = load4(text.data + text.length - 4);
	}
	return mix(mix(first ^ odd, last ^ seed) ^ odd, seed);
}
