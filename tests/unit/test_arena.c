/* arena: many pieces, freed together, reused without allocating */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"

static void
pieces_do_not_overlap_and_are_aligned(void **state)
{
	enum { PIECES = 3000 };
	struct arena arena = ARENA_INIT;
	unsigned char *pieces[PIECES];
	size_t sizes[PIECES];

	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		sizes[i] = i * 7919 % 700 + (i % 500 == 0 ? 200000 : 0);
		pieces[i] = arena_take(&arena, sizes[i]);
		assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
		memset(pieces[i], (int)(i % 251), sizes[i]);
	}
	for (size_t i = 0; i < PIECES; i++)
		for (size_t k = 0; k < sizes[i]; k++)
			assert_true(pieces[i][k] == i % 251);
	arena_release(&arena);
	assert_null(arena.blocks);
}

static void
a_large_piece_does_not_waste_the_block_in_use(void **state)
{
	struct arena arena = ARENA_INIT;
	char *before = arena_take(&arena, 16), *after;

	(void)state;
	memset(arena_take(&arena, 10 * 1024 * 1024), 'x', 10 * 1024 * 1024);
	after = arena_take(&arena, 16);
	assert_ptr_equal(after, before + 16);
	arena_release(&arena);
}

static void
reset_gives_the_same_memory_again(void **state)
{
	struct arena arena = ARENA_INIT;
	void *first = arena_take(&arena, 100);

	(void)state;
	arena_reset(&arena);
	assert_ptr_equal(arena_take(&arena, 100), first);
	arena_release(&arena);
}

static size_t
blocks(const struct arena *arena)
{
	/* next is a block's first member, see arena.c */
	size_t count = 0;

	for (void *const *block = (void *const *)(const void *)arena->blocks; block != NULL; block = *block)
		count++;
	for (void *const *block = (void *const *)(const void *)arena->spare; block != NULL; block = *block)
		count++;
	return count;
}

static void
a_loop_that_resets_does_not_grow(void **state)
{
	struct arena arena = ARENA_INIT;
	size_t settled = 0;

	(void)state;
	for (int round = 0; round < 200; round++) {
		for (int i = 0; i < 400; i++)
			arena_take(&arena, 1000);
		arena_take(&arena, 6 * 1024 * 1024);
		if (round == 10)
			settled = blocks(&arena);
		arena_reset(&arena);
	}
	assert_int_equal(blocks(&arena), settled);
	arena_release(&arena);
}

static void
resetting_and_releasing_an_unused_arena_is_nothing(void **state)
{
	struct arena arena = ARENA_INIT;

	(void)state;
	arena_reset(&arena);
	arena_release(&arena);
	assert_null(arena.blocks);
}

static void
copies_are_ended_by_nul_and_absent_stays_absent(void **state)
{
	struct arena arena = ARENA_INIT;
	struct slice copy = arena_copy(&arena, (struct slice){ "abcdef", 3 });

	(void)state;
	assert_true(slice_is(copy, "abc"));
	assert_int_equal(copy.data[3], '\0');
	assert_string_equal(arena_text(&arena, copy), "abc");
	assert_null(arena_copy(&arena, slice_of(NULL)).data);
	assert_non_null(arena_copy(&arena, slice_of("")).data);
	assert_string_equal(arena_text(&arena, slice_of(NULL)), "");
	arena_release(&arena);
}

static void
arrays_are_zeroed_even_when_reused(void **state)
{
	static const char zeros[4000];
	struct arena arena = ARENA_INIT;

	(void)state;
	memset(arena_take(&arena, 5000), 'x', 5000);
	arena_reset(&arena);
	assert_memory_equal(arena_zero(&arena, 1000, 4), zeros, 4000);
	arena_release(&arena);
}

static void
formats_of_any_length_are_whole(void **state)
{
	struct arena arena = ARENA_INIT;

	(void)state;
	for (int width = 250; width < 262; width++) {
		struct slice text = arena_format(&arena, "%*d", width, 7);

		assert_int_equal(text.length, width);
		assert_int_equal(text.data[width - 1], '7');
		assert_int_equal(text.data[width], '\0');
	}
	assert_true(slice_is(arena_format(&arena, "%s", ""), ""));
	arena_release(&arena);
}

static void
a_table_is_zeroed_and_can_be_written_whole(void **state)
{
	static const size_t counts[] = { 1, 1000, (1 << 21) - 1, 1 << 21, (1 << 21) + 1, 5000000 };

	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		char *table = memory_table(counts[i], 3);

		for (size_t k = 0; k < 3 * counts[i]; k++)
			assert_int_equal(table[k], 0);
		memset(table, 1, 3 * counts[i]);
		memory_table_free(table, counts[i], 3);
	}
	memory_table_free(NULL, 5000000, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_is_zeroed_and_can_be_written_whole),
		cmocka_unit_test(pieces_do_not_overlap_and_are_aligned),
		cmocka_unit_test(a_large_piece_does_not_waste_the_block_in_use),
		cmocka_unit_test(reset_gives_the_same_memory_again),
		cmocka_unit_test(a_loop_that_resets_does_not_grow),
		cmocka_unit_test(resetting_and_releasing_an_unused_arena_is_nothing),
		cmocka_unit_test(copies_are_ended_by_nul_and_absent_stays_absent),
		cmocka_unit_test(arrays_are_zeroed_even_when_reused),
		cmocka_unit_test(formats_of_any_length_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
