#include "base/slice.h"

#include <limits.h>

int
slice_compare(struct slice a, struct slice b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	int order = shorter == 0 ? 0 : memcmp(a.data, b.data, shorter);

	if (order != 0)
		return order;
	return (a.length > b.length) - (a.length < b.length);
}

struct slice
slice_cut(struct slice *a, char separator)
{
	struct slice part = *a;
	const char *end = a->length == 0 ? NULL : memchr(a->data, separator, a->length);

	if (end == NULL) {
		*a = (struct slice){ NULL, 0 };
		return part;
	}
	part.length = (size_t)(end - part.data);
	a->data = end + 1;
	a->length -= part.length + 1;
	return part;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct slice
slice_trim(struct slice a)
{
	while (a.length > 0 && is_space(a.data[a.length - 1]))
		a.length--;
	while (a.length > 0 && is_space(a.data[0])) {
		a.data++;
		a.length--;
	}
	return a;
}

bool
slice_to_u64(struct slice a, unsigned long long *number)
{
	unsigned long long sum = 0;

	if (a.length == 0 || a.data[0] == '0')
		return false;
	for (size_t i = 0; i < a.length; i++) {
		unsigned digit = (unsigned char)a.data[i] - (unsigned)'0';

		if (digit > 9 || sum > (ULLONG_MAX - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*number = sum;
	return true;
}
