/*
 * fuzz_value: whatever somebody types as a number, a date, a time, a span or any other
 * value is refused with a reason, or gets its one spelling, which stays as it is.
 *
 *	fuzz_value [-n ROUNDS]     values put together from pieces, always the same
 *	fuzz_value FILE…           what a fuzzer found
 *
 * The first byte chooses the type, the second how foreign data may write it; the rest is
 * the text.  Built with clang -fsanitize=fuzzer -DLIBFUZZER it is a target of libFuzzer.
 */
#include "base/date.h"
#include "fuzz_stream.h"
#include "record/value.h"

enum { TYPES = TYPE_TAGS + 1 };

static const char *const choices[] = { "draft", "open", "in-progress", "A", NULL };

static const struct spelling spellings[] = { { '\0', NULL }, { '.', NULL }, { ',', NULL }, { ',', "DD.MM.YYYY" },
	{ '.', "M/D/YY" }, { '\0', "YYYYMMDD" }, { '\0', "D MM YY hh:mm" }, { ',', "YYYY-MM-DD hh:mm:ss" } };

enum { SPELLINGS = sizeof(spellings) / sizeof(spellings[0]) };

/* --- what is under the values ------------------------------------------------------ */

static void
try_numbers(struct slice text)
{
	for (int digits = 0; digits <= 18; digits += 3) {
		char out[DECIMAL_SIZE];
		int64_t units, again;

		if (decimal_parse(text, digits, &units) != DECIMAL_OK)
			continue;
		for (int trim = 0; trim < 2; trim++) {
			size_t length = decimal_format(units, digits, trim, out);

			insist(length < DECIMAL_SIZE && strlen(out) == length);
			insist(decimal_parse((struct slice){ out, length }, digits, &again) == DECIMAL_OK);
			insist(again == units);
		}
	}
}

static void
try_days(struct slice text)
{
	char out[DATE_SIZE], moment[TIME_SIZE];
	int32_t day, again;
	int64_t seconds, later;

	if (date_parse(text, &day)) {
		insist(day >= DATE_FIRST && day <= DATE_LAST && date_from_civil(date_to_civil(day)) == day);
		insist(slice_equal((struct slice){ out, date_format(day, out) }, text));
	}
	for (size_t i = 0; i < SPELLINGS; i++)
		if (spellings[i].date_pattern != NULL && date_parse_as(text, spellings[i].date_pattern, &day))
			insist(date_parse((struct slice){ out, date_format(day, out) }, &again) && again == day);
	if (time_parse(text, &seconds)) {
		insist(time_parse((struct slice){ moment, time_format(seconds, moment) }, &later));
		insist(later == seconds);
	}
}

static void
try_spans(struct slice text)
{
	char out[SPAN_SIZE];
	struct span span, again;

	if (!span_parse(text, &span))
		return;
	insist(span_parse((struct slice){ out, span_format(span, out) }, &again));
	insist(again.months == span.months && again.seconds == span.seconds);
	(void)date_add_span(20522, span);
	(void)time_add_span(1773144000, span);
}

/* --- values ------------------------------------------------------------------------- */

/* A stored value compares by something that is written as it stands, if that is what its kind is. */
static void
reckon(enum type type, struct slice value, struct arena *arena)
{
	enum kind kind = type_kind(type);
	int128 number, again;
	struct slice text;

	if (!value_number(kind, value, &number))
		return;
	text = value_from_number(kind, number, arena);
	if (text.length == 0) { /* longer than there are seconds in 64 bits: it compares, but is not written */
		insist(kind == KIND_SPAN && (number > INT64_MAX || number <= INT64_MIN));
		return;
	}
	/* a month is no whole number of seconds */
	insist(value_number(kind, text, &again) && (again == number || kind == KIND_SPAN));
}

/* No byte that would upset a terminal or a log. */
static bool
is_admissible(struct slice value)
{
	for (size_t i = 0; i < value.length; i++) {
		unsigned char c = (unsigned char)value.data[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static void
try_value(enum type type, const struct spelling *spelling, struct slice text)
{
	static struct codes *codes;
	static struct arena arena;
	const struct field field = { .name = "field", .type = type, .choices = choices, .preset = "" };
	struct value_context context = { .spelling = spelling, .money_digits = 2, .today = 20522, .now = 1773144000 };
	struct slice value, again, reason = { NULL, 0 };

	if (codes == NULL)
		codes = codes_open("share");
	context.codes = codes;
	arena_reset(&arena);
	if (!value_parse(&field, text, &context, &arena, &value, &reason)) {
		insist(reason.length > 0);
		return;
	}
	insist(is_admissible(value));
	context.spelling = NULL;
	insist(value_parse(&field, value, &context, &arena, &again, &reason) && slice_equal(value, again));
	reckon(type, value, &arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text;
	char *copy;

	if (size < 2)
		return 0;
	copy = memory_copy((const char *)data + 2, size - 2); /* so that a byte too far is noticed */
	text = (struct slice){ copy, size - 2 };
	try_numbers(text);
	try_days(text);
	try_spans(text);
	try_value((enum type)(data[0] % TYPES), &spellings[data[1] % SPELLINGS], text);
	free(copy);
	return 0;
}

#ifndef LIBFUZZER

static const char *const pieces[] = { "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "\x02", "\x0f", "1",
	"2", "0", "9", "12", "31", "2026", "-", "-", "+", ".", ",", "'", " ", "/", ":", "T", "Z", "e", "%",
	"€", "1.234,50", "9223372036854775807", "0.000001", "2026-02-29", "2024-02-29", "31/12/99",
	"20260301", "09:30:00", "+02:00", "today", "now", "30d", "1y", "6mo", "90min", "2w", "true", "yes",
	"draft", "de", "EUR", "GB82WEST12345698765432", "a@b.example", "+49 30 1", "https://x.example/",
	"en-GB", "tag", "\n", "\xe2\x80\xa8", "\xc3\xa4", "\xff", "\t" };

int
main(int argc, char *argv[])
{
	(void)argc;
	return fuzz_pieces(argv, pieces, sizeof(pieces) / sizeof(pieces[0]), 6);
}

#endif
