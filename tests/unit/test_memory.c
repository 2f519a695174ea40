/* test_memory: zeroed is zeroed, wherever it comes from */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

static bool
all_zero(const unsigned char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* What was written and freed before must not show through; and it grows like other memory. */
static void
zeros_are_zero_at_every_size(void **state)
{
	(void)state;
	for (size_t count = 0; count < 40000; count = count * 5 / 4 + 1) {
		unsigned char *zeros = memory_zeros(count, 8);

		assert_true(all_zero(zeros, count * 8));
		memset(zeros, 'x', count * 8);
		zeros = memory_resize(zeros, count + 1, 16);
		assert_int_equal(zeros[0], count > 0 ? 'x' : zeros[0]);
		memset(zeros, 'y', (count + 1) * 16);
		free(zeros);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeros_are_zero_at_every_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
