/* log_scan: read in pieces, a log is what it is when it is read line by line; hunts miss nothing */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/memory.h"
#include "record/hunt.h"
#include "record/log.h"

static uint64_t seed = 0x9e3779b97f4a7c15;

/* xorshift64*: the same numbers in every run. */
static size_t
next(size_t limit)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (size_t)((seed * 0x2545f4914f6cdd1d >> 32) % limit);
}

static const struct field fields[] = { { .name = "name", .preset = "" }, { .name = "archived", .preset = "" } };
static const struct table table = { .name = "thing",
	.prefix = "TH",
	.parent = "",
	.command = "",
	.help = "",
	.fields = fields,
	.field_count = 2,
	.key = SIZE_MAX,
	.state = SIZE_MAX,
	.parent_field = SIZE_MAX,
	.archived = 1,
	.currency = SIZE_MAX };

/* A log of so many lines: new records, and revisions of older ones every now and then. */
static void
make_log(struct buffer *text, size_t lines, size_t revisions)
{
	static const char *const names[] = { "needle", "\"a, needle\"", "nee", "dle", "", "need\xe2\x80\xa8le" };
	size_t count = 0;

	buffer_clear(text);
	buffer_add_text(text, "id,tx,name,archived\n");
	for (size_t i = 0; i < lines; i++) {
		bool revised = count > 0 && next(100) < revisions;
		size_t number = revised ? 1 + next(count) : ++count;

		if (next(200) == 0)
			buffer_add_text(text, "id,tx,name,other,archived\n");
		buffer_format(text, "TH%zu,%zu,%s%.*s,\n", number, i + 2, names[next(6)], (int)next(40),
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	}
}

/* Puts something in that does not belong there; often it is noticed. */
static void
spoil(struct buffer *text)
{
	static const char *const marks[] = { "\n", "TH", "9", ",", "\0", "id,", "\nTH99999999999,1,\n", "\nTH1\n" };
	const char *mark = marks[next(8)];
	size_t length = strlen(mark) + (*mark == '\0'), at = next(text->length);

	if (at + length <= text->length)
		memcpy(text->data + at, mark, length);
	if (next(4) == 0)
		text->length -= 1 + next(3);
}

/* Line by line. */
static enum status
read_slowly(struct log *log, struct slice text, struct error *error)
{
	enum status status = STATUS_OK;

	log->bytes = text;
	for (size_t at = 0; at < text.length && status == STATUS_OK;) {
		const char *newline = memchr(text.data + at, '\n', text.length - at);
		size_t length = newline != NULL ? (size_t)(newline - text.data) - at : 0;

		if (newline == NULL)
			return log_damaged(log, at, "a line without an end", error);
		status = log_take_line(log, (struct slice){ text.data + at, length }, at, error);
		at += length + 1;
	}
	return status;
}

/* The header is known already, so that nobody asks for an index. */
static enum status
follow(struct log *log, struct slice text, struct error *error)
{
	struct slice header = text;

	header = slice_cut(&header, '\n');
	log->scanned = header.length + 1;
	if (log_take_line(log, header, 0, error) != STATUS_OK)
		return error->status;
	return log_follow(log, text, error);
}

static void
assert_same(const struct log *a, const struct log *b)
{
	assert_int_equal(a->count, b->count);
	for (uint64_t number = 1; number <= a->count; number++)
		assert_int_equal(log_newest(a, number), log_newest(b, number));
	assert_int_equal(a->layout_count, b->layout_count);
	for (size_t i = 0; i < a->layout_count; i++)
		assert_int_equal(a->layouts[i]->offset, b->layouts[i]->offset);
}

static void
compare_with_pieces(struct slice text, size_t piece)
{
	struct error slow_error = ERROR_INIT, error = ERROR_INIT;
	struct log *slow = log_new(NULL, &table), *log = log_new(NULL, &table);
	enum status status = read_slowly(slow, text, &slow_error);

	assert_int_equal(log_scan(log, text, 0, piece, &error), status);
	assert_same(slow, log);
	if (status != STATUS_OK)
		assert_string_equal(error.faults[0].reason, slow_error.faults[0].reason);
	error_release(&slow_error);
	error_release(&error);
	log_free(slow);
	log_free(log);
}

static void
pieces_of_any_size_make_the_same_log(void **state)
{
	static const size_t pieces[] = { 1, 2, 7, 20, 64, 1000, 4096, 1 << 20 };
	struct buffer text = BUFFER_INIT;

	(void)state;
	for (size_t round = 0; round < 20; round++) {
		make_log(&text, 400, round * 4);
		for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
			compare_with_pieces(buffer_slice(&text), pieces[i]);
	}
	make_log(&text, 40000, 1);
	compare_with_pieces(buffer_slice(&text), 5000);
	buffer_release(&text);
}

static void
damage_is_found_at_the_same_place(void **state)
{
	struct buffer text = BUFFER_INIT;
	size_t found = 0;

	(void)state;
	for (size_t round = 0; round < 600; round++) {
		struct error error = ERROR_INIT;
		struct log *log = log_new(NULL, &table);

		make_log(&text, 100, 10);
		spoil(&text);
		memcpy(text.data, "id,tx,", 6);
		compare_with_pieces(buffer_slice(&text), 1 + next(300));
		found += read_slowly(log, buffer_slice(&text), &error) != STATUS_OK;
		error_release(&error);
		log_free(log);
	}
	assert_true(found > 100 && found < 600);
	buffer_release(&text);
}

static void
a_long_log_is_read_in_pieces_when_it_is_followed(void **state)
{
	struct buffer text = BUFFER_INIT;
	struct error error = ERROR_INIT;
	struct log *slow = log_new(NULL, &table), *log = log_new(NULL, &table);

	(void)state;
	make_log(&text, 200000, 3);
	assert_true(text.length > LOG_SCAN_LONG);
	assert_int_equal(read_slowly(slow, buffer_slice(&text), &error), STATUS_OK);
	assert_int_equal(follow(log, buffer_slice(&text), &error), STATUS_OK);
	assert_same(slow, log);
	assert_int_equal(log->settled, slow->count);
	log_free(slow);
	log_free(log);
	buffer_release(&text);
}

/* --- hunting ------------------------------------------------------------------------- */

static void
a_hunt_misses_no_line_that_has_the_word(void **state)
{
	static const char *const words[] = { "needle", "n", "xxxxxxxxx", "TH17", "nowhere" };
	struct buffer text = BUFFER_INIT;
	size_t spared = 0;

	(void)state;
	for (size_t round = 0; round < 100; round++) {
		struct error error = ERROR_INIT;
		struct log *log = log_new(NULL, &table);
		struct hunt hunt = { .log = log, .word = slice_of(words[round % 5]) };

		make_log(&text, 1000, round / 5);
		assert_int_equal(follow(log, buffer_slice(&text), &error), STATUS_OK);
		for (uint64_t i = 1; i <= log->count; i++) {
			/* Now and then somebody jumps. */
			uint64_t number = next(20) == 0 ? 1 + next((size_t)log->count) : i;
			struct slice line = log_line(log, number);

			if (line.data == NULL)
				continue;
			if (hunt_may(&hunt, number))
				continue;
			spared++;
			assert_null(memmem(line.data, line.length, hunt.word.data, hunt.word.length));
		}
		log_free(log);
	}
	assert_true(spared > 20000);
	buffer_release(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_of_any_size_make_the_same_log),
		cmocka_unit_test(damage_is_found_at_the_same_place),
		cmocka_unit_test(a_long_log_is_read_in_pieces_when_it_is_followed),
		cmocka_unit_test(a_hunt_misses_no_line_that_has_the_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
