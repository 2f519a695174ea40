/* test_ahead: the digest that another thread works out is that of the bytes */
#include "fault_fixture.h"

#include <time.h>

#define SALT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEADER "id,tx,seal,name\n"

/* Long enough for the thread to have nothing left to do. */
static void
let_it_wait(void)
{
	struct timespec moment = { .tv_nsec = 50 * 1000 * 1000 };

	nanosleep(&moment, NULL);
}

static void
test_a_digest_is_that_of_the_whole_chunk(void **state)
{
	struct buffer bytes = BUFFER_INIT;
	struct chunk chunk = { .table = "person" };
	struct digest_ahead *ahead;
	char digest[HASH_HEX + 1];

	(void)state;
	buffer_reserve(&bytes, 1 << 16);
	ahead = digest_ahead_start(bytes.data, slice_of(HEADER));
	assert_non_null(ahead);
	let_it_wait();
	for (int i = 0; i < 100; i++) {
		buffer_format(&bytes, "P%d,1," SALT ",Ada\n", i);
		if (i % 7 == 0)
			digest_ahead_more(ahead, bytes.length);
		if (i % 30 == 0)
			let_it_wait();
	}
	digest_ahead_more(ahead, 10); /* it was told more already */
	assert_true(digest_ahead_told(ahead) > 10);
	digest_ahead_finish(ahead, bytes.length, digest);
	chunk.bytes = buffer_slice(&bytes);
	chunk_digest(&chunk, slice_of(HEADER));
	assert_string_equal(digest, chunk.digest);
	buffer_release(&bytes);
}

/* It waits for news, and there are none but that it is the end. */
static void
test_an_end_without_more_is_one(void **state)
{
	static char text[] = "N1,1,x\n";
	struct digest_ahead *ahead = digest_ahead_start(text, slice_of("id,tx,text\n"));
	char digest[HASH_HEX + 1], wanted[HASH_HEX + 1];

	(void)state;
	digest_ahead_more(ahead, sizeof text - 1);
	let_it_wait();
	digest_ahead_finish(ahead, digest_ahead_told(ahead), digest);
	hash_text(slice_of(text), wanted);
	assert_string_equal(digest, wanted);
}

static void
test_without_a_thread_there_is_none(void **state)
{
	static char nothing[] = "";

	(void)state;
	fault_arm("pthread_create", 1, EAGAIN, false);
	assert_null(digest_ahead_start(nothing, slice_of(HEADER)));
	assert_non_null(fault_disarm());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_digest_is_that_of_the_whole_chunk),
		cmocka_unit_test(test_an_end_without_more_is_one),
		cmocka_unit_test(test_without_a_thread_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
