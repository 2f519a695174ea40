/* value_address: where to reach somebody */
#include "record/value_internal.h"

enum { LOCAL_MAX = 64, EMAIL_MAX = 254, LABEL_MAX = 63 }; /* RFC 5321, 4.5.3.1; RFC 1035 */

/* --- e-mail ------------------------------------------------------------- */

/* atext of RFC 5322, and UTF-8 (RFC 6531) */
static bool
is_atext(char c)
{
	static const bool others[128] = { ['!'] = true,
		['#'] = true,
		['$'] = true,
		['%'] = true,
		['&'] = true,
		['\''] = true,
		['*'] = true,
		['+'] = true,
		['-'] = true,
		['/'] = true,
		['='] = true,
		['?'] = true,
		['^'] = true,
		['_'] = true,
		['`'] = true,
		['{'] = true,
		['|'] = true,
		['}'] = true,
		['~'] = true };

	return is_alnum(c) || ((unsigned char)c & 0x80) != 0 || others[(unsigned char)c];
}

static bool
dot_atom_valid(struct slice text)
{
	bool after_dot = true;

	for (size_t i = 0; i < text.length; i++) {
		bool dot = text.data[i] == '.';

		if ((dot && after_dot) || (!dot && !is_atext(text.data[i])))
			return false;
		after_dot = dot;
	}
	return !after_dot;
}

static bool
quoted_local_valid(struct slice text)
{
	if (text.length < 3 || text.data[0] != '"' || text.data[text.length - 1] != '"')
		return false;
	for (size_t i = 1; i + 1 < text.length; i++) {
		if (text.data[i] == '"')
			return false;
		if (text.data[i] == '\\' && ++i + 1 == text.length)
			return false;
	}
	return true;
}

static bool
label_valid(struct slice label)
{
	if (label.length == 0 || label.length > LABEL_MAX || label.data[0] == '-' ||
	    label.data[label.length - 1] == '-')
		return false;
	for (size_t i = 0; i < label.length; i++)
		if (!is_alnum(label.data[i]) && label.data[i] != '-' && ((unsigned char)label.data[i] & 0x80) == 0)
			return false;
	return true;
}

/* Labels, or an address literal: [192.0.2.1], [IPv6:2001:db8::1] */
static bool
domain_valid(struct slice domain)
{
	if (domain.length > 2 && domain.data[0] == '[' && domain.data[domain.length - 1] == ']') {
		for (size_t i = 1; i + 1 < domain.length; i++)
			if (!is_alnum(domain.data[i]) && strchr(".:-", domain.data[i]) == NULL)
				return false;
		return true;
	}
	if (domain.length == 0 || domain.data[domain.length - 1] == '.')
		return false;
	for (struct slice rest = domain; rest.data != NULL;)
		if (!label_valid(slice_cut(&rest, '.')))
			return false;
	return true;
}

static bool
has_capital(struct slice text)
{
	bool found = false;

	for (size_t i = 0; i < text.length; i++)
		found |= text.data[i] >= 'A' && text.data[i] <= 'Z';
	return found;
}

bool
parse_email(struct parsing *parsing)
{
	struct slice text = parsing->text, local, domain;
	const char *at = memrchr(text.data, '@', text.length);
	char out[EMAIL_MAX];

	if (at == NULL || text.length > EMAIL_MAX)
		return parsing_refuse(parsing, "not an e-mail address");
	local = (struct slice){ text.data, (size_t)(at - text.data) };
	domain = (struct slice){ at + 1, text.length - local.length - 1 };
	if (local.length > LOCAL_MAX || !(dot_atom_valid(local) || quoted_local_valid(local)) ||
	    !domain_valid(domain))
		return parsing_refuse(parsing, "not an e-mail address");
	if (!has_capital(domain)) {
		*parsing->value = text;
		return true;
	}
	memcpy(out, text.data, text.length);
	for (size_t i = local.length; i < text.length; i++)
		out[i] = to_lower(out[i]);
	return parsing_take(parsing, (struct slice){ out, text.length });
}

/* --- telephone and web -------------------------------------------------- */

static bool
is_punctuation(char c)
{
	return c == ' ' || (c >= '(' && c <= '/' && c != '*' && c != ',') || c == 'x' || c == '#';
}

bool
parse_phone(struct parsing *parsing)
{
	struct slice text = parsing->text;
	size_t digits = 0;

	for (size_t i = 0; i < text.length; i++) {
		if (is_digit(text.data[i])) {
			digits++;
		} else if (text.data[i] == 'e' &&
		    slice_starts((struct slice){ text.data + i, text.length - i }, "ext")) {
			i += 2;
		} else if (!is_punctuation(text.data[i])) {
			return parsing_refuse(parsing, "not a telephone number");
		}
	}
	if (digits < 3)
		return parsing_refuse(parsing, "not a telephone number");
	*parsing->value = text;
	return true;
}

/* A scheme, a colon and something without spaces (RFC 3986, with UTF-8 as in RFC 3987). */
bool
parse_url(struct parsing *parsing)
{
	struct slice text = parsing->text, rest = text, scheme = slice_cut(&rest, ':');
	bool valid = rest.length > 0 && scheme.length > 0 && is_alpha(scheme.data[0]);

	for (size_t i = 0; valid && i < scheme.length; i++)
		valid = is_alnum(scheme.data[i]) || strchr("+-.", scheme.data[i]) != NULL;
	for (size_t i = 0; valid && i < rest.length; i++)
		valid = strchr(" \t<>\"{}|\\^`", rest.data[i]) == NULL;
	if (!valid)
		return parsing_refuse(parsing, "not a URL");
	*parsing->value = text;
	return true;
}
