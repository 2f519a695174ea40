/* value_date: days, instants and spans, also relative to now */
#include "record/value_internal.h"

bool
day_add(int32_t day, struct span span, int32_t *sum)
{
	int32_t first = date_from_civil((struct civil){ 1, 1, 1 }),
		last = date_from_civil((struct civil){ 9999, 12, 31 });

	/* date_add_span stops at the ends of the calendar; nobody means those. */
	*sum = date_add_span(day, span);
	return *sum > first && *sum < last;
}

bool
time_add(int64_t seconds, struct span span, int64_t *sum)
{
	int32_t first = date_from_civil((struct civil){ 1, 1, 1 }),
		last = date_from_civil((struct civil){ 9999, 12, 31 });

	*sum = time_add_span(seconds, span);
	return *sum > (int64_t)first * DAY_SECONDS && *sum < (int64_t)last * DAY_SECONDS;
}

bool
day_word(struct slice word, int32_t today, int32_t *day)
{
	static const char *const words[] = { "yesterday", "today", "tomorrow" };

	for (int i = 0; i < 3; i++)
		if (slice_is(word, words[i])) {
			*day = today + i - 1;
			return true;
		}
	return false;
}

/* +SPAN or -SPAN */
static bool
signed_span(struct slice text, struct span *span)
{
	if (*text.data == '+') {
		text.data++;
		text.length--;
		return text.length > 0 && is_digit(*text.data) && span_parse(text, span);
	}
	return *text.data == '-' && span_parse(text, span);
}

static bool
day_parse(const struct parsing *parsing, struct slice text, int32_t *day)
{
	const struct value_context *context = parsing->context;
	struct span span;

	if (context->spelling != NULL && context->spelling->date_pattern != NULL &&
	    date_parse_as(text, context->spelling->date_pattern, day))
		return true;
	if (date_parse(text, day) || day_word(text, context->today, day))
		return true;
	return signed_span(text, &span) && span.seconds % DAY_SECONDS == 0 && day_add(context->today, span, day);
}

bool
parse_date(struct parsing *parsing)
{
	char out[DATE_SIZE];
	int32_t day;

	if (!day_parse(parsing, parsing->text, &day)) {
		struct arena *arena = parsing->arena;

		parsing_refuse(parsing, "not a date");
		/* What a reader has looked at is of an input, whose dates can be told apart. */
		if (parsing->context->checked && parsing->context->spelling == NULL)
			*parsing->reason = arena_format(arena, "%.*s (YYYY-MM-DD, or say --date-format)",
			    (int)parsing->reason->length, parsing->reason->data);
		return false;
	}
	return parsing_take(parsing, (struct slice){ out, date_format(day, out) });
}

static bool
two_digits(const char *at, int limit, int *number)
{
	if (!is_digit(at[0]) || !is_digit(at[1]))
		return false;
	*number = (at[0] - '0') * 10 + (at[1] - '0');
	return *number < limit;
}

/* HH:MM or HH:MM:SS */
static bool
clock_parse(struct slice text, int64_t *seconds)
{
	int hour, minute, second = 0;

	if ((text.length != 5 && text.length != 8) || text.data[2] != ':' ||
	    !two_digits(text.data, 24, &hour) || !two_digits(text.data + 3, 60, &minute))
		return false;
	if (text.length == 8 && (text.data[5] != ':' || !two_digits(text.data + 6, 60, &second)))
		return false;
	*seconds = (hour * 60 + minute) * 60 + second;
	return true;
}

/* A day, or a day and a time behind a space or T, both UTC: 2026-10-01 12:30. */
static bool
day_and_clock(const struct parsing *parsing, int64_t *seconds)
{
	const struct spelling *spelling = parsing->context->spelling;
	struct slice text = parsing->text, clock = { NULL, 0 };
	int64_t of_day = 0;
	int32_t day;

	for (size_t i = 0; i < text.length && clock.data == NULL; i++)
		if (is_digit(text.data[0]) && (text.data[i] == ' ' || text.data[i] == 'T'))
			clock = slice_trim((struct slice){ text.data + i + 1, text.length - i - 1 });
	if (clock.data != NULL && !clock_parse(clock, &of_day))
		return false;
	if (clock.data != NULL &&
	    !(spelling != NULL && spelling->date_pattern != NULL &&
		date_parse_as(text, spelling->date_pattern, &day)))
		text.length = (size_t)(clock.data - text.data) - 1;
	if (!day_parse(parsing, text, &day))
		return false;
	*seconds = (int64_t)day * DAY_SECONDS + of_day;
	return true;
}

static bool
instant_parse(const struct parsing *parsing, int64_t *seconds)
{
	struct span span;

	if (slice_is(parsing->text, "now")) {
		*seconds = parsing->context->now;
		return true;
	}
	if (time_parse(parsing->text, seconds))
		return true;
	if (signed_span(parsing->text, &span))
		return time_add(parsing->context->now, span, seconds);
	return day_and_clock(parsing, seconds);
}

bool
parse_time(struct parsing *parsing)
{
	char out[TIME_SIZE];
	int64_t seconds;

	if (!instant_parse(parsing, &seconds))
		return parsing_refuse(parsing, "not a time");
	return parsing_take(parsing, (struct slice){ out, time_format(seconds, out) });
}

bool
parse_span(struct parsing *parsing)
{
	struct slice text = parsing->text;
	char out[SPAN_SIZE];
	struct span span;

	if (*text.data == '+') {
		text.data++;
		text.length--;
	}
	if (text.length == 0 || (text.data > parsing->text.data && *text.data == '-') || !span_parse(text, &span))
		return parsing_refuse(parsing, "not a span of time such as 30d or 1y6mo");
	return parsing_take(parsing, (struct slice){ out, span_format(span, out) });
}
