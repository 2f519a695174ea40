#include <string.h>

#include "base/date_internal.h"

enum part { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, PARTS };

struct item {
	const char *symbol;
	enum part part;
	int digits; /* at most */
	bool fewer; /* one will do */
};

/* Longer symbols first where one begins another. */
static const struct item items[] = {
	{ "YYYY", YEAR, 4, false },
	{ "YY", YEAR, 2, false },
	{ "MM", MONTH, 2, false },
	{ "M", MONTH, 2, true },
	{ "DD", DAY, 2, false },
	{ "D", DAY, 2, true },
	{ "hh", HOUR, 2, false },
	{ "mm", MINUTE, 2, false },
	{ "ss", SECOND, 2, false },
};

/* What was read by a pattern; -1 is not there. */
struct reading {
	int parts[PARTS];
	bool packed; /* digits only, the year in full */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const struct item *
item_at(const char *pattern)
{
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
		if (strncmp(pattern, items[i].symbol, strlen(items[i].symbol)) == 0)
			return &items[i];
	return NULL;
}

/* Reads one item from the beginning of text and takes it off. */
static bool
item_read(const struct item *item, struct slice *text, struct reading *reading)
{
	size_t count = 0;
	int number;

	while (count < (size_t)item->digits && count < text->length && is_digit(text->data[count]))
		count++;
	if (count == 0 || (count < (size_t)item->digits && !item->fewer) ||
	    !date_digits(text->data, (int)count, &number))
		return false;
	if (item->part == YEAR && item->digits == 2) {
		number += number < 70 ? 2000 : 1900;
		reading->packed = false;
	}
	reading->parts[item->part] = number;
	text->data += count;
	text->length -= count;
	return true;
}

static bool
pattern_read(struct slice *text, const char *pattern, struct reading *reading)
{
	while (*pattern != '\0') {
		const struct item *item = item_at(pattern);

		if (item != NULL) {
			if (!item_read(item, text, reading))
				return false;
			pattern += strlen(item->symbol);
			continue;
		}
		if (text->length == 0 || *text->data != *pattern)
			return false;
		reading->packed = false;
		pattern++;
		text->data++;
		text->length--;
	}
	return true;
}

/* Is what is left behind the pattern to be ignored, or absent? */
static bool
rest_allowed(struct slice rest, const struct reading *reading)
{
	const int *parts = reading->parts;

	if (rest.length == 0)
		return true;
	if (parts[HOUR] >= 0 || parts[MINUTE] >= 0 || parts[SECOND] >= 0)
		return false;
	return reading->packed || !is_digit(*rest.data);
}

bool
date_parse_as(struct slice text, const char *pattern, int32_t *day)
{
	struct reading reading = { .parts = { -1, -1, -1, -1, -1, -1 }, .packed = true };
	const int *parts = reading.parts;

	if (!pattern_read(&text, pattern, &reading) || !rest_allowed(text, &reading))
		return false;
	if (parts[HOUR] > 23 || parts[MINUTE] > 59 || parts[SECOND] > 59)
		return false;
	return date_checked((struct civil){ parts[YEAR], parts[MONTH], parts[DAY] }, day);
}
