/* taxid_method: how check digits of tax numbers are reckoned, as each country publishes it */
#include "record/taxid_internal.h"

#include "base/check_digit.h"

static struct slice
part(struct slice text, size_t from, size_t length)
{
	return (struct slice){ text.data + from, length };
}

/* The last digit. */
static unsigned
last_digit(const struct taxid *id)
{
	return (unsigned)check_value(id->digits.data[id->digits.length - 1]);
}

static struct slice
all_but_last(const struct taxid *id)
{
	return part(id->digits, 0, id->digits.length - 1);
}

/* The sum by the weights of the line, of the digits that are given. */
static unsigned
sum_of(const struct taxid *id, struct slice digits)
{
	return check_weighted(digits, id->numbers->weights, id->numbers->first, id->numbers->modulus);
}

static bool
sum(const struct taxid *id)
{
	return sum_of(id, id->digits) == 0;
}

static bool
sum_55(const struct taxid *id)
{
	return sum_of(id, id->digits) == 42;
}

static bool
digit(const struct taxid *id)
{
	const struct taxid_numbers *numbers = id->numbers;
	unsigned found = sum_of(id, all_but_last(id));

	if (found == 10 && numbers->count > numbers->first)
		found = check_weighted(all_but_last(id), numbers->weights + numbers->first,
		    numbers->count - numbers->first, numbers->modulus);
	return found % 10 == last_digit(id);
}

static bool
exact(const struct taxid *id)
{
	return sum_of(id, all_but_last(id)) == last_digit(id);
}

static bool
luhn(const struct taxid *id)
{
	return check_luhn(id->digits, 10) == 0;
}

static bool
mod_11_10(const struct taxid *id)
{
	return check_mod_11_10(id->digits);
}

static bool
mod_97(const struct taxid *id)
{
	return check_modulo(id->whole, 97) == 1;
}

static bool
none(const struct taxid *id)
{
	(void)id;
	return true;
}

/* --- one country each --------------------------------------------------------------- */

static bool
austria(const struct taxid *id)
{
	return (check_luhn(all_but_last(id), 10) + last_digit(id)) % 10 == 6;
}

/* Nine digits are from the time before the zero in front. */
static bool
belgium(const struct taxid *id)
{
	size_t length = id->digits.length - 2;

	return (length < 8 || id->digits.data[0] <= '1') &&
	    check_modulo(part(id->digits, length, 2), 100) == 97 - check_modulo(part(id->digits, 0, length), 97);
}

/* The digits at odd places count for something else. */
static bool
cyprus(const struct taxid *id)
{
	static const unsigned odd[] = { 1, 0, 5, 7, 9, 13, 15, 17, 19, 21 };
	unsigned total = 0;

	for (size_t i = 0; i < 8; i++) {
		unsigned value = (unsigned)check_value(id->body.data[i]);

		total += i % 2 == 0 ? odd[value] : value;
	}
	return id->body.data[8] == (char)('A' + total % 26);
}

static bool
czechia(const struct taxid *id)
{
	static const unsigned weights[] = { 8, 7, 6, 5, 4, 3, 2 };
	unsigned check = (11 - check_weighted(id->digits, weights, 7, 11)) % 11;

	return (check == 0 ? 1 : check % 10) == last_digit(id);
}

static bool
czech_person(const struct taxid *id)
{
	return check_modulo(all_but_last(id), 11) % 10 == last_digit(id);
}

/* People by the rest of 23. */
static bool
spanish_person(struct slice body, unsigned first)
{
	unsigned rest = (first * 10000000 + check_modulo(part(body, 1, 7), 10000000)) % 23;

	return body.data[8] == "TRWAGMYFPDXBNJZSQVHLCKE"[rest];
}

/* All others by Luhn, as a digit or as a letter. */
static bool
spain(const struct taxid *id)
{
	char first = id->body.data[0], last = id->body.data[8], open[8];
	unsigned check;

	if (first >= 'X' && first <= 'Z')
		return spanish_person(id->body, (unsigned)(first - 'X'));
	if (first >= 'K' && first <= 'M')
		return spanish_person(id->body, 0);
	if (first <= '9')
		return spanish_person(id->body, (unsigned)check_value(first));
	memcpy(open, id->body.data + 1, 7);
	open[7] = '0';
	check = (10 - check_luhn((struct slice){ open, 8 }, 10)) % 10;
	return last == (char)('0' + check) || last == "JABCDEFGHI"[check];
}

/* Of 34: there is no I and no O. */
static unsigned
french_value(char c)
{
	static const char letters[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
	const char *found = strchr(letters, c);

	return found != NULL ? (unsigned)(found - letters) : (unsigned)sizeof letters;
}

/* Two characters before a SIREN; Monaco's numbers begin with 000 and are none. */
static bool
france(const struct taxid *id)
{
	struct slice siren = part(id->body, 2, 9);
	unsigned a = french_value(id->body.data[0]), b = french_value(id->body.data[1]), key;

	if (!slice_starts(siren, "000") && check_luhn(siren, 10) != 0)
		return false;
	if (a < 10 && b < 10)
		return a * 10 + b == (check_modulo(siren, 97) * 100 + 12) % 97;
	key = a < 10 ? a * 24 + b - 10 : a * 34 + b - 100;
	return a < 34 && b < 34 && (check_modulo(siren, 11) + 1 + key / 11) % 11 == key % 11;
}

enum { IRISH_LETTERS = 23 };

/* Seven digits, and what a second letter adds. */
static bool
irish_letter(struct slice digits, char second, char last)
{
	static const char letters[] = "WABCDEFGHIJKLMNOPQRSTUV";
	static const unsigned weights[] = { 8, 7, 6, 5, 4, 3, 2 };
	const char *more = strchr(letters, second);

	return more != NULL &&
	    last ==
	    letters[(check_weighted(digits, weights, 7, IRISH_LETTERS) + 9 * (unsigned)(more - letters)) % IRISH_LETTERS];
}

static bool
ireland(const struct taxid *id)
{
	return irish_letter(id->digits, id->body.length > 8 ? id->body.data[8] : 'W', id->body.data[7]);
}

/* The first digit goes behind the five others. */
static bool
old_ireland(const struct taxid *id)
{
	char moved[7] = "0";

	memcpy(moved + 1, id->body.data + 2, 5);
	moved[6] = id->body.data[0];
	return irish_letter((struct slice){ moved, 7 }, 'W', id->body.data[7]);
}

static bool
latvia(const struct taxid *id)
{
	return id->digits.data[0] > '3' && sum_of(id, id->digits) == 3;
}

/* What begins with 32 has no check digit. */
static bool
latvian_person(const struct taxid *id)
{
	if (slice_starts(id->digits, "32"))
		return true;
	return id->digits.data[0] <= '3' && (sum_of(id, id->digits) + 1) % 11 % 10 == last_digit(id);
}

static bool
luxembourg(const struct taxid *id)
{
	return check_modulo(part(id->digits, 0, 6), 89) == check_modulo(part(id->digits, 6, 2), 100);
}

/* Weights are for nine digits: what is shorter has zeros in front. */
static bool
romania(const struct taxid *id)
{
	size_t missing = id->numbers->first + 1 - id->digits.length;
	unsigned found = check_weighted(all_but_last(id), id->numbers->weights + missing,
	    id->numbers->first - missing, id->numbers->modulus);

	return id->digits.data[0] != '0' && found * 10 % 11 % 10 == last_digit(id);
}

static bool
romanian_person(const struct taxid *id)
{
	unsigned found = sum_of(id, all_but_last(id));

	return (found == 10 ? 1 : found) == last_digit(id);
}

static bool
slovakia(const struct taxid *id)
{
	return id->digits.data[0] != '0' && strchr("234789", id->digits.data[2]) != NULL &&
	    check_modulo(id->digits, 11) == 0;
}

static bool
slovenia(const struct taxid *id)
{
	unsigned found = sum_of(id, all_but_last(id));

	return id->digits.data[0] != '0' && found != 0 && (11 - found) % 10 == last_digit(id);
}

/* A state's code, a PAN, and a character after Luhn in base 36. */
static bool
india(const struct taxid *id)
{
	unsigned state = check_modulo(part(id->body, 0, 2), 100);

	return ((state >= 1 && state <= 38) || state == 96 || state == 97 || state == 99) &&
	    check_luhn(id->body, 36) == 0;
}

static const struct {
	const char *name;
	taxid_method *method;
} methods[] = {
	{ "austria", austria },
	{ "belgium", belgium },
	{ "cyprus", cyprus },
	{ "czech-person", czech_person },
	{ "czechia", czechia },
	{ "digit", digit },
	{ "exact", exact },
	{ "france", france },
	{ "india", india },
	{ "ireland", ireland },
	{ "latvia", latvia },
	{ "latvian-person", latvian_person },
	{ "luhn", luhn },
	{ "luxembourg", luxembourg },
	{ "mod-11-10", mod_11_10 },
	{ "mod-97", mod_97 },
	{ "none", none },
	{ "old-ireland", old_ireland },
	{ "romania", romania },
	{ "romanian-person", romanian_person },
	{ "slovakia", slovakia },
	{ "slovenia", slovenia },
	{ "spain", spain },
	{ "sum", sum },
	{ "sum-55", sum_55 },
};

taxid_method *
taxid_method_named(struct slice name)
{
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (slice_is(name, methods[i].name))
			return methods[i].method;
	return NULL;
}
