/* places: every way to look finds the same */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/places.h"

enum { ROOM = 100, LONGEST = 700 };

static uint64_t seed = 0x2545f4914f6cdd1d;

/* xorshift64*: the same numbers in every run. */
static size_t
next(size_t limit)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (size_t)((seed * 0x2545f4914f6cdd1d >> 32) % limit);
}

/* A page whose end is the end of memory: who reads behind the text dies. */
static char *
edge(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(map, MAP_FAILED);
	assert_int_equal(mprotect(map + page, page, PROT_NONE), 0);
	return map + page;
}

/* Text at the very end of memory; few different bytes, so that much is found. */
static struct slice
random_text(char *end, size_t length)
{
	static const char letters[] = "ab,\n\"\0\x80\xff";
	size_t kinds = 1 + next(sizeof(letters) - 1);
	char *text = end - length;

	for (size_t i = 0; i < length; i++)
		text[i] = letters[next(kinds)];
	return (struct slice){ text, length };
}

/* All places of byte as a way has them, in as many calls as it takes. */
static size_t
all_places(const struct places_way *way, struct slice text, char byte, uint32_t *all)
{
	uint32_t room[ROOM];
	size_t at = 0, total = 0;

	while (at < text.length) {
		size_t before = at, count = way->places(text, byte, &at, room, ROOM);

		assert_true(count <= ROOM);
		assert_true(at > before && at <= text.length);
		for (size_t i = 0; i < count; i++) {
			assert_true(room[i] >= before && room[i] < at);
			all[total++] = room[i];
		}
	}
	return total;
}

static void
every_way_finds_every_byte(void **state)
{
	static uint32_t places[LONGEST];
	char *end = edge();

	(void)state;
	for (const struct places_way *way = places_ways; way->name != NULL; way++) {
		for (int round = 0; way->there() && round < 4000; round++) {
			struct slice text = random_text(end, next(LONGEST));
			char byte = "ab,\n\"\0\x80\xff"[next(8)];
			size_t count = all_places(way, text, byte, places), seen = 0;

			for (size_t i = 0; i < text.length; i++)
				if (text.data[i] == byte) {
					assert_true(seen < count);
					assert_int_equal(places[seen++], i);
				}
			assert_int_equal(seen, count);
		}
	}
}

static size_t
slowly(struct slice text, size_t at, struct slice word)
{
	const char *found = at <= text.length ? memmem(text.data + at, text.length - at, word.data, word.length)
					      : NULL;

	return found != NULL ? (size_t)(found - text.data) : SIZE_MAX;
}

static void
every_way_finds_every_word(void **state)
{
	char *end = edge();

	(void)state;
	for (const struct places_way *way = places_ways; way->name != NULL; way++) {
		for (int round = 0; way->there() && round < 20000; round++) {
			struct slice text = random_text(end, next(LONGEST));
			char word[80];
			size_t length = 1 + next(next(8) == 0 ? 70 : 4), at = next(text.length + 2);

			for (size_t i = 0; i < length; i++)
				word[i] = "ab,\n"[next(next(3) == 0 ? 4 : 1)];
			/* Often a piece of the text itself. */
			if (next(2) == 0 && text.length > length)
				memcpy(word, text.data + next(text.length - length), length);
			assert_int_equal(way->place(text, at, (struct slice){ word, length }),
			    slowly(text, at, (struct slice){ word, length }));
		}
	}
}

/* One rule at a time, as RFC 4180 has it; SIZE_MAX for a quote inside an unquoted field, or behind a quoted one. */
static size_t
fields_slowly(struct slice text, uint32_t *places, size_t room)
{
	size_t count = 0, i = 0;

	for (;;) {
		if (count == room)
			return count;
		if (i < text.length && text.data[i] == '"') {
			for (i++; i < text.length &&
			     (text.data[i] != '"' || (i + 1 < text.length && text.data[i + 1] == '"'));
			     i++)
				i += text.data[i] == '"';
			i += i < text.length;
		}
		for (; i < text.length && text.data[i] != ','; i++)
			if (text.data[i] == '"')
				return SIZE_MAX;
		if (i >= text.length)
			return count;
		places[count++] = (uint32_t)i++;
	}
}

static void
every_way_knows_what_is_quoted(void **state)
{
	char *end = edge();
	size_t closer = 0;

	(void)state;
	for (int round = 0; round < 60000; round++) {
		size_t length = next(next(4) == 0 ? 300 : 12), room = next(3) == 0 ? next(5) : LONGEST;
		uint32_t expected[LONGEST], places[LONGEST];
		/* Up to the last byte that may be read, or with others behind it. */
		size_t behind = next(2) * next(200), count;
		char *text = end - behind - length;

		for (size_t i = 0; i < length + behind; i++)
			text[i] = "a,\""[next(3)];
		/* Mostly as it is written: quotes where they belong. */
		for (size_t i = 1; i < length && round % 4 != 0; i++)
			if (text[i] == '"' && text[i - 1] == 'a')
				text[i] = 'a';
		count = fields_slowly((struct slice){ text, length }, expected, room);
		for (const struct places_way *way = places_ways; way->name != NULL; way++) {
			size_t got;

			if (!way->there())
				continue;
			got = way->outside((struct slice){ text, length }, behind, ',', places, room);
			/* To look closer is always right. */
			if (got == SIZE_MAX) {
				closer++;
				continue;
			}
			assert_int_equal(got, count);
			assert_memory_equal(places, expected, count * sizeof *places);
		}
	}
	assert_true(closer > 1000 && closer < 100000);
}

/* What bo itself writes is never looked at closer. */
static void
fields_as_they_are_written_are_found_at_once(void **state)
{
	char *end = edge();

	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint32_t expected[LONGEST], places[LONGEST];
		char line[LONGEST];
		size_t length = 0, count = 0;

		while (length < LONGEST - 60 && next(20) != 0) {
			bool quoted = next(3) == 0;

			if (length > 0) {
				expected[count++] = (uint32_t)length;
				line[length++] = ',';
			}
			if (quoted)
				line[length++] = '"';
			for (size_t i = next(12); i > 0; i--) {
				char c = "abc,\""[next(quoted ? 5 : 3)];

				line[length++] = c;
				if (c == '"')
					line[length++] = c;
			}
			if (quoted)
				line[length++] = '"';
		}
		memcpy(end - length, line, length);
		for (const struct places_way *way = places_ways; way->name != NULL; way++) {
			if (!way->there())
				continue;
			assert_int_equal(way->outside((struct slice){ end - length, length }, 0, ',', places,
					     LONGEST),
			    count);
			assert_memory_equal(places, expected, count * sizeof *places);
		}
	}
}

static void
the_best_way_is_used_and_plain_comes_first(void **state)
{
	uint32_t places[ROOM];
	size_t at = 0;

	(void)state;
	assert_string_equal(places_ways[0].name, "plain");
	assert_true(places_ways[0].there());
	assert_int_equal(places_of(slice_of("a,b,,c"), ',', &at, places, ROOM), 3);
	assert_int_equal(places[2], 4);
	assert_int_equal(place_of(slice_of("a,b,,c"), 2, slice_of(",c")), 4);
	assert_int_equal(place_of(slice_of("a"), 0, slice_of("ab")), SIZE_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_finds_every_byte),
		cmocka_unit_test(every_way_finds_every_word),
		cmocka_unit_test(every_way_knows_what_is_quoted),
		cmocka_unit_test(fields_as_they_are_written_are_found_at_once),
		cmocka_unit_test(the_best_way_is_used_and_plain_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
