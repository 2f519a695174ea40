/* text: what may be stored, what may be shown, and how wide it is */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define FAMILY "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466"

static uint64_t seed = 0x853c49e6748fea9b;

/* xorshift64*: the same numbers in every run. */
static uint64_t
next(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1d;
}

static void
assert_fault(const char *text, size_t length, enum text_fault expected, size_t expected_offset)
{
	size_t offset = 999;

	assert_int_equal(text_check((struct slice){ text, length }, &offset), expected);
	assert_int_equal(offset, expected == TEXT_OK ? 999 : expected_offset);
	assert_int_equal(text_check((struct slice){ text, length }, NULL), expected);
}

static void
text_of_every_script_may_be_stored(void **state)
{
	static const char *const fine[] = {
		"",
		"a",
		"tab\there",
		"Größe",
		"日本語",
		"राम",
		"اُردُو",
		FAMILY,
		"\xf4\x8f\xbf\xbf",
		"\xef\xbf\xbe",
		"\xc2\xa0",
		"\u2029",
		"0123456789 printable ASCII through and through ~",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(fine); i++)
		assert_fault(fine[i], strlen(fine[i]), TEXT_OK, 0);
	assert_int_equal(text_check(slice_of(NULL), NULL), TEXT_OK);
}

/* What is wrong with a byte that stands alone. */
static enum text_fault
byte_fault(int byte)
{
	if (byte == 0)
		return TEXT_NUL;
	if (byte == '\n' || byte == '\r')
		return TEXT_BROKEN;
	if (byte >= 0x80)
		return TEXT_INVALID;
	return (byte < 0x20 && byte != '\t') || byte == 0x7f ? TEXT_CONTROL : TEXT_OK;
}

static void
each_byte_is_judged_at_every_place(void **state)
{
	char text[40];

	(void)state;
	for (size_t at = 0; at < sizeof(text); at++)
		for (int byte = 0; byte < 256; byte++) {
			memset(text, 'x', sizeof(text));
			text[at] = (char)byte;
			assert_fault(text, sizeof(text), byte_fault(byte), at);
		}
}

static void
c1_controls_and_line_separators_are_told(void **state)
{
	(void)state;
	assert_fault("ab\xc2\x85", 4, TEXT_CONTROL, 2);
	assert_fault("\xc2\x80", 2, TEXT_CONTROL, 0);
	assert_fault("\xc2\x9f", 2, TEXT_CONTROL, 0);
	assert_fault("é" TEXT_BREAK "x", 6, TEXT_BROKEN, 2);
	assert_fault("a\r\nb", 4, TEXT_BROKEN, 1);
	assert_string_equal(text_fault_name(TEXT_INVALID), "invalid UTF-8");
	assert_string_equal(text_fault_name(TEXT_CONTROL), "a control character");
}

static void
what_rfc_3629_forbids_is_invalid(void **state)
{
	static const char *const invalid[] = {
		"\x80",
		"\xc0\x80",
		"\xc1\xbf",
		"\xe0\x80\x80",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
		"\xc3",
		"\xe2\x80",
		"\xf0\x9f\x98",
		"\xc3(",
		"\xe2\x28\xa1",
		"\xf0\x9f\x98x",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(invalid); i++)
		assert_fault(invalid[i], strlen(invalid[i]), TEXT_INVALID, 0);
}

static void
assert_buffer(struct buffer *buffer, const char *expected)
{
	assert_int_equal(buffer->length, strlen(expected));
	assert_memory_equal(buffer_slice(buffer).data, expected, buffer->length);
	buffer_release(buffer);
}

static void
line_breaks_fold_and_unfold(void **state)
{
	struct buffer folded = BUFFER_INIT, unfolded = BUFFER_INIT;

	(void)state;
	text_fold_breaks(&folded, slice_of("a\r\nb\nc\rd\n\r\n\r"));
	text_unfold_breaks(&unfolded, buffer_slice(&folded));
	assert_buffer(&folded, "a" TEXT_BREAK "b" TEXT_BREAK "c" TEXT_BREAK "d" TEXT_BREAK TEXT_BREAK TEXT_BREAK);
	assert_buffer(&unfolded, "a\nb\nc\nd\n\n\n");
	text_fold_breaks(&folded, slice_of(NULL));
	text_unfold_breaks(&folded, slice_of(NULL));
	assert_buffer(&folded, "");
}

static void
nothing_that_steers_a_terminal_gets_through(void **state)
{
	struct buffer out = BUFFER_INIT;

	(void)state;
	text_safe(&out, slice_of("a\033[31mb\tc\r\nd\x7f" TEXT_BREAK));
	text_safe(&out, slice_of("e\xc2\x85\u202Ef\u2066g\u200E\u061C\u2029h"));
	assert_buffer(&out, "a?[31mb c??d? e??f?g?? h");
	text_safe(&out, slice_of("Gr\xc3\xb6\xdf\x65 \xe2\x80 \xff"));
	assert_buffer(&out, "Gr\xc3\xb6?e ?? ?");
	text_safe(&out, slice_of("राम " FAMILY));
	assert_buffer(&out, "राम " FAMILY);
}

static void
width_is_what_terminals_take(void **state)
{
	static const struct {
		const char *text;
		size_t width;
	} cases[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "Größe", 5 },
		{ "e\u0301", 1 },
		{ "日本語", 6 },
		{ "ﾊﾝｶｸ", 4 },
		{ "한국", 4 },
		{ "\u1112\u1161\u11ab", 2 }, /* a Hangul syllable in three letters */
		{ "राम", 3 },
		{ "नमस्ते", 4 },
		{ "ગુજરાતી", 6 },
		{ "कॉफ़ी", 4 },
		{ "احمد", 4 },
		{ "اُردُو", 4 },
		{ "กำ", 2 }, /* SARA AM stands beside its consonant */
		{ "\U0001F600", 2 },
		{ FAMILY, 2 },
		{ "\U0001F44D\U0001F3FD", 2 },
		{ "\U0001F1E9\U0001F1EA", 2 },
		{ "\U0001F1E9\U0001F1EA\U0001F1EE\U0001F1F3", 4 },
		{ "\u2764", 1 },
		{ "\u2764\uFE0F", 2 },
		{ "1\uFE0F\u20E3", 2 },
		{ "x\u200By", 2 },
		{ "a\u0301bc", 3 },
		{ "\033[1m", 4 },
		{ "a\tb", 3 },
		{ TEXT_BREAK, 1 },
		{ "\xff\xfe", 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(text_width(slice_of(cases[i].text)), cases[i].width);
}

/* Pieces that are awkward side by side. */
static struct slice
awkward(char text[256])
{
	static const char *const pieces[] = {
		"a",
		"word",
		"\t",
		"\033",
		"\xff",
		"\xe2\x80",
		"\u0301",
		"日",
		"\U0001F468",
		"\u200D",
		"\uFE0F",
		"\U0001F3FD",
		"\U0001F1E9",
		"1",
		"\u20E3",
		"क",
		"\u094D",
		"ि",
		TEXT_BREAK,
		"\u202E",
		"\u1112",
		"\u1161",
		"12345678",
	};
	size_t length = 0;

	for (uint64_t count = next() % 20; count > 0; count--) {
		const char *piece = pieces[next() % COUNT(pieces)];

		memcpy(text + length, piece, strlen(piece));
		length += strlen(piece);
	}
	return (struct slice){ text, length };
}

static void
width_is_that_of_the_safe_text(void **state)
{
	char text[256];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct buffer safe = BUFFER_INIT;
		struct slice raw = awkward(text);

		text_safe(&safe, raw);
		assert_int_equal(text_check(buffer_slice(&safe), NULL), TEXT_OK);
		assert_int_equal(text_width(raw), text_width(buffer_slice(&safe)));
		buffer_release(&safe);
	}
}

static void
what_fits_is_the_longest_whole_beginning(void **state)
{
	char text[256];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct slice all = awkward(text), fit;
		size_t full = text_width(all), columns = (size_t)(next() % 30), width = 999;

		fit = text_fit(all, columns, &width);
		assert_ptr_equal(fit.data, all.data);
		assert_true(width <= columns);
		assert_int_equal(width, text_width(fit));
		if (full <= columns)
			assert_int_equal(fit.length, all.length);
		else
			assert_true(width + 6 > columns); /* no cluster of these pieces is wider */
	}
}

static void
fitting_splits_no_grapheme(void **state)
{
	size_t width;

	(void)state;
	assert_true(slice_is(text_fit(slice_of("abcdef"), 3, &width), "abc"));
	assert_int_equal(width, 3);
	assert_true(slice_is(text_fit(slice_of("ab日"), 3, &width), "ab"));
	assert_int_equal(width, 2);
	assert_true(slice_is(text_fit(slice_of("abe\u0301x"), 3, &width), "abe\u0301"));
	assert_true(slice_is(text_fit(slice_of("a" FAMILY "b"), 2, NULL), "a"));
	assert_true(slice_is(text_fit(slice_of("a" FAMILY "b"), 3, NULL), "a" FAMILY));
	assert_true(slice_is(text_fit(slice_of("abc"), 0, &width), ""));
	assert_int_equal(width, 0);
	assert_int_equal(text_fit(slice_of(NULL), 5, &width).length, 0);
}

static void
code_points_are_counted(void **state)
{
	(void)state;
	assert_int_equal(text_count(slice_of("")), 0);
	assert_int_equal(text_count(slice_of("Größe")), 5);
	assert_int_equal(text_count(slice_of("日本語")), 3);
	assert_int_equal(text_count(slice_of(FAMILY)), 7);
}

static void
assert_same_folded(const char *a, const char *b)
{
	struct buffer left = BUFFER_INIT, right = BUFFER_INIT;

	text_casefold(&left, slice_of(a));
	text_casefold(&right, slice_of(b));
	assert_string_equal(left.data, right.data);
	buffer_release(&left);
	buffer_release(&right);
}

static void
case_and_form_do_not_matter_when_folded(void **state)
{
	struct buffer out = BUFFER_INIT;

	(void)state;
	assert_same_folded("ACME Ltd.", "acme LTD.");
	assert_same_folded("STRASSE", "Straße");
	assert_same_folded("Ärger", "a\u0308rger");
	assert_same_folded("ΣΊΣΥΦΟΣ", "σίσυφος");
	assert_same_folded("ﬁn", "FIN");
	assert_same_folded("ＡＢＣ", "abc");
	text_casefold(&out, slice_of("ÄB"));
	text_casefold(&out, slice_of("CD"));
	assert_buffer(&out, "äbcd");
	text_casefold(&out,
	    slice_of("A\xff"
		     "B")); /* no UTF-8: ASCII only */
	assert_buffer(&out,
	    "a\xff"
	    "b");
	text_casefold(&out, slice_of(NULL));
	assert_buffer(&out, "");
}

static void
long_text_is_folded_whole(void **state)
{
	struct buffer text = BUFFER_INIT, folded = BUFFER_INIT;

	(void)state;
	for (size_t letters = 250; letters < 262; letters++) {
		buffer_clear(&text);
		buffer_clear(&folded);
		for (size_t i = 0; i < letters; i++)
			buffer_add_text(&text, "Ж");
		text_casefold(&folded, buffer_slice(&text));
		assert_int_equal(folded.length, 2 * letters);
		for (size_t i = 0; i < letters; i++)
			assert_memory_equal(folded.data + 2 * i, "ж", 2);
	}
	buffer_release(&text);
	buffer_release(&folded);
}

/* What RFC 3629 and this store have to say of two and three bytes, by the book. */
static enum text_fault
by_the_book(const unsigned char *p, size_t length)
{
	uint32_t point = length == 2 ? (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu)
				     : (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);

	for (size_t i = 1; i < length; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return TEXT_INVALID;
	if (point < (length == 2 ? 0x80u : 0x800u) || (point >= 0xd800 && point < 0xe000))
		return TEXT_INVALID;
	if (point < 0xa0)
		return TEXT_CONTROL;
	return point == 0x2028 ? TEXT_BROKEN : TEXT_OK;
}

static void
every_letter_of_two_and_three_bytes_is_judged_by_the_book(void **state)
{
	unsigned char bytes[5] = { 'a', 0, 0, 0, 'z' };

	(void)state;
	for (unsigned first = 0xc0; first < 0xf0; first++) {
		size_t length = first < 0xe0 ? 2 : 3;

		for (unsigned rest = 0; rest < (length == 2 ? 1u << 8 : 1u << 16); rest++) {
			struct slice text = { (const char *)bytes, length + 1 };
			enum text_fault fault;

			bytes[1] = (unsigned char)first;
			bytes[2] = (unsigned char)rest;
			bytes[3] = (unsigned char)(rest >> 8);
			fault = by_the_book(bytes + 1, length);
			if (fault == TEXT_OK || bytes[2] >= 0x80)
				assert_int_equal(text_check(text, NULL), fault);
			else
				assert_int_not_equal(text_check(text, NULL), TEXT_OK);
		}
	}
	/* Cut off at the end. */
	for (unsigned first = 0xc2; first < 0xf0; first++) {
		bytes[1] = (unsigned char)first;
		bytes[2] = 0x90;
		assert_int_equal(text_check((struct slice){ (const char *)bytes, first < 0xe0 ? 2 : 3 }, NULL),
		    TEXT_INVALID);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_letter_of_two_and_three_bytes_is_judged_by_the_book),
		cmocka_unit_test(text_of_every_script_may_be_stored),
		cmocka_unit_test(each_byte_is_judged_at_every_place),
		cmocka_unit_test(c1_controls_and_line_separators_are_told),
		cmocka_unit_test(what_rfc_3629_forbids_is_invalid),
		cmocka_unit_test(line_breaks_fold_and_unfold),
		cmocka_unit_test(nothing_that_steers_a_terminal_gets_through),
		cmocka_unit_test(width_is_what_terminals_take),
		cmocka_unit_test(width_is_that_of_the_safe_text),
		cmocka_unit_test(what_fits_is_the_longest_whole_beginning),
		cmocka_unit_test(fitting_splits_no_grapheme),
		cmocka_unit_test(code_points_are_counted),
		cmocka_unit_test(case_and_form_do_not_matter_when_folded),
		cmocka_unit_test(long_text_is_folded_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
