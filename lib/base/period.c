#include "base/period.h"

#include "base/date.h"

static bool
digits_of(struct slice text, size_t length, int *number)
{
	*number = 0;
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		*number = *number * 10 + (text.data[i] - '0');
	}
	return text.length == length;
}

/* The year that a name begins with; what is behind its hyphen goes to rest. */
static bool
year_of(struct slice name, int *year, struct slice *rest)
{
	*rest = name;
	return name.length > 0 && digits_of(slice_cut(rest, '-'), 4, year) && *year > 0;
}

static void
months_to_days(int year, int month, int end, int32_t *first, int32_t *last)
{
	*first = date_from_civil((struct civil){ year, month, 1 });
	*last = date_from_civil((struct civil){ year, end, date_month_length(year, end) });
}

bool
period_month_or_year(struct slice name, int32_t *first, int32_t *last)
{
	struct slice rest;
	int year, month;

	if (!year_of(name, &year, &rest))
		return false;
	if (rest.data == NULL)
		months_to_days(year, 1, 12, first, last);
	else if (digits_of(rest, 2, &month) && month >= 1 && month <= 12)
		months_to_days(year, month, month, first, last);
	else
		return false;
	return true;
}

static bool
quarter(struct slice name, int32_t *first, int32_t *last)
{
	struct slice rest;
	int year, number;

	if (!year_of(name, &year, &rest) || rest.length != 2 || rest.data[0] != 'Q' || rest.data[1] < '1' ||
	    rest.data[1] > '4')
		return false;
	number = rest.data[1] - '0';
	months_to_days(year, number * 3 - 2, number * 3, first, last);
	return true;
}

static bool
one(struct slice name, int32_t *first, int32_t *last)
{
	return period_month_or_year(name, first, last) || quarter(name, first, last);
}

bool
period_days(struct slice name, int32_t *first, int32_t *last)
{
	int32_t between;

	for (size_t i = 0; i + 1 < name.length; i++)
		if (name.data[i] == '.' && name.data[i + 1] == '.')
			return one((struct slice){ name.data, i }, first, &between) &&
			    one((struct slice){ name.data + i + 2, name.length - i - 2 }, &between, last) &&
			    *first <= *last;
	return one(name, first, last);
}
