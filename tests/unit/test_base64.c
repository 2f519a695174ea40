/* test_base64: the vectors of RFC 4648, and nothing else is taken */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base64.h"

static const struct {
	const char *plain, *text;
} vectors[] = { { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };

static void
test_vectors_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		struct buffer out = BUFFER_INIT;
		size_t count = strlen(vectors[i].plain);
		unsigned char back[8];

		base64_add(&out, (const unsigned char *)vectors[i].plain, count);
		assert_string_equal(out.data, vectors[i].text);
		assert_true(base64_parse(slice_of(vectors[i].text), back, count));
		assert_memory_equal(back, vectors[i].plain, count);
		buffer_release(&out);
	}
}

static void
test_other_spellings_are_refused(void **state)
{
	static const char *const wrong[] = { "", "Zg=", "Zg", "Zg==\n", "Zh==", "Z===", "Zg=a", "_g==", "Zg== " };
	unsigned char byte;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(base64_parse(slice_of(wrong[i]), &byte, 1));
}

static void
test_all_bytes(void **state)
{
	unsigned char bytes[256], back[256];
	struct buffer out = BUFFER_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * 7);
	base64_add(&out, bytes, sizeof bytes);
	assert_true(base64_parse(buffer_slice(&out), back, sizeof back));
	assert_memory_equal(bytes, back, sizeof bytes);
	buffer_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_both_ways),
		cmocka_unit_test(test_other_spellings_are_refused),
		cmocka_unit_test(test_all_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
