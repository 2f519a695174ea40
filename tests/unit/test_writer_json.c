/* writer: JSON strings, which are put by blocks, are what they would be byte by byte */
#include "reader_fixture.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "stream/writer.h"

/* One text in a column "a". */
static void
assert_json(const char *value, const char *expected)
{
	static const struct writer_options json = { .format = FORMAT_JSON };
	static const struct column column = { "a", CELL_TEXT };
	int fd = memfd_create("output", MFD_CLOEXEC);
	struct error error = ERROR_INIT;
	struct writer *writer = writer_open(fd, &json, &column, 1);
	struct slice text = slice_of(value);
	struct buffer out = BUFFER_INIT;

	writer_row(writer, &text);
	assert_int_equal(writer_close(writer, &error), STATUS_OK);
	lseek(fd, 0, SEEK_SET);
	assert_true(file_read(fd, &out, 1 << 20));
	assert_string_equal(out.data, expected);
	buffer_release(&out);
	close(fd);
}

/* What a text becomes, character by character. */
static void
escape_slowly(const char *text, struct buffer *out)
{
	static const struct {
		const char *what, *as;
	} escapes[] = { { "\"", "\\\"" }, { "\\", "\\\\" }, { "\t", "\\t" }, { "\x1f", "\\u001f" },
		{ "\x7f", "\\u007f" }, { BREAK, "\\n" }, { "\xff", "\xef\xbf\xbd" },
		{ "\xc3(", "\xef\xbf\xbd(" }, { "\xe0\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" } };

	while (*text != '\0') {
		size_t i = 0;

		while (i < COUNT(escapes) && strncmp(text, escapes[i].what, strlen(escapes[i].what)) != 0)
			i++;
		if (i == COUNT(escapes))
			buffer_add_char(out, *text++);
		else {
			buffer_add_text(out, escapes[i].as);
			text += strlen(escapes[i].what);
		}
	}
}

static void
json_is_the_same_wherever_a_character_stands(void **state)
{
	static const char *const characters[] = { "x", "\"", "\\", "\t", "\x1f", "\x7f", "ü", "日", BREAK,
		"ह", "퟿", "😀", "\xff", "\xc3(", "\xe0\x80\x80", "\xed\xa0\x80" };
	struct buffer text = BUFFER_INIT, expected = BUFFER_INIT;

	(void)state;
	for (size_t length = 0; length < 50; length++) {
		for (size_t i = 0; i < COUNT(characters) * (length + 1); i++) {
			const char *character = characters[i % COUNT(characters)];
			size_t at = i / COUNT(characters);

			buffer_clear(&text);
			for (size_t k = 0; k <= length; k++)
				buffer_add_text(&text, k == at ? character : "a");
			buffer_add_text(&text, i % 3 == 0 ? character : "");
			buffer_clear(&expected);
			buffer_add_text(&expected, "{\"a\":\"");
			escape_slowly(text.data, &expected);
			buffer_add_text(&expected, "\"}\n");
			assert_json(text.data, expected.data);
		}
	}
	buffer_release(&text);
	buffer_release(&expected);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_the_same_wherever_a_character_stands),
	};

	return cmocka_run_group_tests_name("writer_json", tests, NULL, NULL);
}
