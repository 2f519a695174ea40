/* hash and random: published vectors, and randomness that at least looks like it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/random.h"

#define ABC_HASH "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void
sha256_agrees_with_fips_180(void **state)
{
	char out[HASH_HEX + 1];

	(void)state;
	hash_text(slice_of("abc"), out);
	assert_string_equal(out, ABC_HASH);
	hash_text(slice_of(""), out);
	assert_string_equal(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	hash_text(slice_of(NULL), out);
	assert_string_equal(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	hash_text(slice_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), out);
	assert_string_equal(out, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* AES-256 of 0 and of 1 under a key of zeros, as in test cases 13 and 14 of GCM's specification. */
static void
a_keystream_is_aes_in_counter_mode(void **state)
{
	static const unsigned char key[KEYSTREAM_KEY];
	struct keystream stream, pieces;
	unsigned char bytes[40 * KEYSTREAM_BLOCK], same[sizeof bytes];
	char out[4 * KEYSTREAM_BLOCK + 1];

	(void)state;
	keystream_init(&stream, key);
	keystream_next(&stream, bytes, sizeof bytes);
	hash_to_hex(bytes, 2 * KEYSTREAM_BLOCK, out);
	assert_string_equal(out, "dc95c078a2408989ad48a21492842087530f8afbc74536b9a963b4f1c4cb738b");
	keystream_init(&pieces, key);
	for (size_t at = 0; at < sizeof same; at += 8 * KEYSTREAM_BLOCK)
		keystream_next(&pieces, same + at, 8 * KEYSTREAM_BLOCK);
	assert_memory_equal(bytes, same, sizeof bytes);
}

static void
pieces_hash_as_the_whole_and_the_context_is_reused(void **state)
{
	char out[HASH_HEX + 1];
	struct hash hash;

	(void)state;
	hash_init(&hash);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 1000000; i += 1000) {
			char piece[1000];

			memset(piece, 'a', sizeof(piece));
			hash_add(&hash, piece, sizeof(piece));
		}
		hash_hex(&hash, out);
		assert_string_equal(out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	}
}

static void
hmac_agrees_with_rfc_4231(void **state)
{
	char out[HASH_HEX + 1], key[20], long_key[131];

	(void)state;
	memset(key, 0x0b, sizeof(key));
	hash_hmac((struct slice){ key, sizeof(key) }, slice_of("Hi There"), out);
	assert_string_equal(out, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	hash_hmac(slice_of("Jefe"), slice_of("what do ya want for nothing?"), out);
	assert_string_equal(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(long_key, 0xaa, sizeof(long_key));
	hash_hmac((struct slice){ long_key, sizeof(long_key) },
	    slice_of("Test Using Larger Than Block-Size Key - Hash Key First"), out);
	assert_string_equal(out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	hash_hmac(slice_of(NULL), slice_of(NULL), out);
	assert_string_equal(out, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void
a_digest_is_64_lowercase_digits(void **state)
{
	char text[] = ABC_HASH;

	(void)state;
	assert_true(hash_is_hex(slice_of(text)));
	assert_false(hash_is_hex((struct slice){ text, 63 }));
	assert_false(hash_is_hex(slice_of(ABC_HASH "0")));
	assert_false(hash_is_hex(slice_of(NULL)));
	text[10] = 'A';
	assert_false(hash_is_hex(slice_of(text)));
	text[10] = 'g';
	assert_false(hash_is_hex(slice_of(text)));
}

static void
bytes_are_written_as_digits(void **state)
{
	static const unsigned char bytes[] = { 0x00, 0x0f, 0xa0, 0xff };
	char out[9];

	(void)state;
	hash_to_hex(bytes, sizeof(bytes), out);
	assert_string_equal(out, "000fa0ff");
	hash_to_hex(bytes, 0, out);
	assert_string_equal(out, "");
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void
quick_hashes_differ_and_depend_on_the_bytes_alone(void **state)
{
	enum { KEYS = 50000 };
	static uint64_t seen[KEYS + 64];
	char text[80], copy[80];
	size_t count = 0;

	(void)state;
	for (int i = 0; i < KEYS; i++) {
		snprintf(text, sizeof(text), "C%d", i);
		seen[count++] = hash_quick(slice_of(text));
	}
	memset(text, 'x', sizeof(text));
	memcpy(copy, text, sizeof(text));
	for (size_t length = 0; length < 64; length++) {
		seen[count] = hash_quick((struct slice){ text, length });
		assert_true(seen[count++] == hash_quick((struct slice){ copy + 7, length }));
	}
	qsort(seen, count, sizeof(seen[0]), compare);
	for (size_t i = 1; i < count; i++)
		assert_true(seen[i] != seen[i - 1]);
}

static void
every_bit_of_a_key_counts(void **state)
{
	char text[40] = { 0 };

	(void)state;
	for (size_t length = 1; length <= sizeof(text); length++) {
		uint64_t before = hash_quick((struct slice){ text, length });

		for (size_t bit = 0; bit < 8 * length; bit++) {
			text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
			assert_true(hash_quick((struct slice){ text, length }) != before);
			text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		}
	}
}

static void
a_uuid_is_of_version_4(void **state)
{
	char uuid[UUID_SIZE], other[UUID_SIZE];

	(void)state;
	for (int round = 0; round < 100; round++) {
		assert_true(random_uuid(uuid));
		assert_int_equal(strlen(uuid), UUID_SIZE - 1);
		assert_int_equal(strspn(uuid, "0123456789abcdef-"), UUID_SIZE - 1);
		assert_true(uuid[8] == '-' && uuid[13] == '-' && uuid[18] == '-' && uuid[23] == '-');
		assert_int_equal(uuid[14], '4');
		assert_non_null(strchr("89ab", uuid[19]));
	}
	assert_true(random_uuid(other));
	assert_string_not_equal(uuid, other);
}

static void
random_bytes_fill_all_that_was_asked_for(void **state)
{
	enum { SIZE = 100000 };
	static unsigned char bytes[SIZE + 1];
	size_t seen[256] = { 0 };

	(void)state;
	bytes[SIZE] = 7;
	assert_true(random_bytes(bytes, SIZE));
	assert_int_equal(bytes[SIZE], 7);
	for (size_t i = SIZE / 2; i < SIZE; i++)
		seen[bytes[i]]++;
	for (size_t i = 0; i < 256; i++)
		assert_true(seen[i] > 50 && seen[i] < 400); /* 195 expected: ten standard deviations */
	assert_true(random_bytes(bytes, 0));
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* No number comes twice, in one stream or in two, and every digit as often as it should. */
static void
a_random_stream_never_repeats(void **state)
{
	enum { COUNT = 5000 };
	struct random_stream *stream = random_stream_new(), *other = random_stream_new();
	char(*numbers)[HASH_HEX + 1] = calloc(COUNT, sizeof *numbers);
	size_t seen[256] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		random_stream_take(i % 2 == 0 ? stream : other, numbers[i]);
		assert_true(hash_is_hex(slice_of(numbers[i])));
		for (size_t k = 0; k < HASH_HEX; k++)
			seen[(unsigned char)numbers[i][k]]++;
	}
	for (const char *digit = "0123456789abcdef"; *digit != '\0'; digit++)
		assert_true(seen[(unsigned char)*digit] > 18500 && seen[(unsigned char)*digit] < 21500); /* 20,000 */
	qsort(numbers, COUNT, sizeof *numbers, compare_texts);
	for (size_t i = 1; i < COUNT; i++)
		assert_string_not_equal(numbers[i - 1], numbers[i]);
	random_stream_free(stream);
	random_stream_free(other);
	free(numbers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_agrees_with_fips_180),
		cmocka_unit_test(a_keystream_is_aes_in_counter_mode),
		cmocka_unit_test(pieces_hash_as_the_whole_and_the_context_is_reused),
		cmocka_unit_test(hmac_agrees_with_rfc_4231),
		cmocka_unit_test(a_digest_is_64_lowercase_digits),
		cmocka_unit_test(bytes_are_written_as_digits),
		cmocka_unit_test(quick_hashes_differ_and_depend_on_the_bytes_alone),
		cmocka_unit_test(every_bit_of_a_key_counts),
		cmocka_unit_test(a_uuid_is_of_version_4),
		cmocka_unit_test(random_bytes_fill_all_that_was_asked_for),
		cmocka_unit_test(a_random_stream_never_repeats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
