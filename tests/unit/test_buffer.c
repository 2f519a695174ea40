/* buffer: bytes that grow and always have a NUL behind them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"

static void
every_addition_leaves_a_nul_behind(void **state)
{
	struct buffer buffer = BUFFER_INIT;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		switch (i % 5) {
		case 0:
			buffer_add_char(&buffer, 'c');
			break;
		case 1:
			buffer_add_text(&buffer, "text");
			break;
		case 2:
			buffer_add_slice(&buffer, (struct slice){ "slice!", 5 });
			break;
		case 3:
			buffer_add_u64(&buffer, 12345);
			break;
		default:
			buffer_format(&buffer, "%03d", 7);
			break;
		}
		assert_int_equal(buffer.data[buffer.length], '\0');
		assert_true(buffer.capacity > buffer.length);
	}
	assert_int_equal(buffer.length, 1000 * (1 + 4 + 5 + 5 + 3));
	assert_memory_equal(buffer.data, "ctextslice12345007ctext", 23);
	buffer_release(&buffer);
	assert_null(buffer.data);
}

static void
bytes_may_be_nul(void **state)
{
	struct buffer buffer = BUFFER_INIT;

	(void)state;
	buffer_add(&buffer, "a\0b", 3);
	assert_int_equal(buffer_slice(&buffer).length, 3);
	assert_memory_equal(buffer.data, "a\0b\0", 4);
	buffer_release(&buffer);
}

static void
adding_nothing_is_fine(void **state)
{
	struct buffer buffer = BUFFER_INIT;

	(void)state;
	buffer_clear(&buffer);
	assert_non_null(buffer_slice(&buffer).data);
	buffer_add(&buffer, NULL, 0);
	buffer_add_slice(&buffer, slice_of(NULL));
	buffer_format(&buffer, "%s", "");
	assert_int_equal(buffer.length, 0);
	assert_string_equal(buffer.data, "");
	buffer_release(&buffer);
}

static void
clearing_keeps_the_memory(void **state)
{
	struct buffer buffer = BUFFER_INIT;
	const char *data;

	(void)state;
	buffer_add_text(&buffer, "something");
	data = buffer.data;
	buffer_clear(&buffer);
	assert_int_equal(buffer.length, 0);
	assert_ptr_equal(buffer.data, data);
	assert_string_equal(buffer.data, "");
	buffer_release(&buffer);
}

static void
reserved_room_may_be_written_in_full(void **state)
{
	struct buffer buffer = BUFFER_INIT;

	(void)state;
	for (size_t room = 0; room < 300; room++) {
		char *end = buffer_reserve(&buffer, room);

		assert_int_equal(*end, '\0');
		memset(end, 'x', room);
		end[room] = '\0';
		buffer.length += room;
	}
	assert_int_equal(strlen(buffer.data), 299 * 300 / 2);
	buffer_release(&buffer);
}

static void
numbers_are_written_as_printf_does(void **state)
{
	static const unsigned long long numbers[] = { 0, 1, 9, 10, 99, 100, 1234567890, ULLONG_MAX };
	struct buffer buffer = BUFFER_INIT;
	char expected[32];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		buffer_clear(&buffer);
		buffer_add_u64(&buffer, numbers[i]);
		snprintf(expected, sizeof(expected), "%llu", numbers[i]);
		assert_string_equal(buffer.data, expected);
	}
	buffer_release(&buffer);
}

static void
formats_of_any_length_are_whole(void **state)
{
	(void)state;
	for (int width = 1; width < 400; width++) {
		struct buffer buffer = BUFFER_INIT;

		buffer_add_text(&buffer, "ab");
		buffer_format(&buffer, "%*d", width, 7);
		assert_int_equal(buffer.length, width + 2);
		assert_int_equal(strlen(buffer.data), width + 2);
		assert_int_equal(buffer.data[width + 1], '7');
		buffer_release(&buffer);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_addition_leaves_a_nul_behind),
		cmocka_unit_test(bytes_may_be_nul),
		cmocka_unit_test(adding_nothing_is_fine),
		cmocka_unit_test(clearing_keeps_the_memory),
		cmocka_unit_test(reserved_room_may_be_written_in_full),
		cmocka_unit_test(numbers_are_written_as_printf_does),
		cmocka_unit_test(formats_of_any_length_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
