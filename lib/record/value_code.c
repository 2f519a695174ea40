/* value_code: identifiers that some authority gives out */
#include "record/value_internal.h"

#include "base/hash.h"
#include "record/taxid.h"

enum { IBAN_MIN = 15, IBAN_MAX = 34, TAXID_MIN = 2, TAXID_MAX = 20 };

/* --- countries, currencies ---------------------------------------------- */

static bool
lists_missing(struct parsing *parsing)
{
	const char *fault = codes_fault(parsing->context->codes);

	if (fault == NULL)
		return false;
	*parsing->reason = arena_copy(parsing->arena, slice_of(fault));
	return true;
}

bool
parse_country(struct parsing *parsing)
{
	struct slice code = codes_country(parsing->context->codes, parsing->text);

	if (code.data != NULL)
		return parsing_take(parsing, code);
	return !lists_missing(parsing) && parsing_refuse(parsing, "not a country");
}

bool
parse_currency(struct parsing *parsing)
{
	char code[3];

	if (parsing->text.length != sizeof(code))
		return parsing_refuse(parsing, "not a currency");
	for (size_t i = 0; i < sizeof(code); i++)
		code[i] = to_upper(parsing->text.data[i]);
	if (codes_currency_digits(parsing->context->codes, (struct slice){ code, sizeof(code) }) >= 0)
		return parsing_take(parsing, (struct slice){ code, sizeof(code) });
	return !lists_missing(parsing) && parsing_refuse(parsing, "not a currency");
}

/* --- language tags ------------------------------------------------------ */

static bool
all(struct slice text, bool (*is)(char))
{
	for (size_t i = 0; i < text.length; i++)
		if (!is(text.data[i]))
			return false;
	return true;
}

/*
 * Case as RFC 5646, 2.1.1 recommends: scripts in title case and regions in capitals
 * where they stand before any extension, all else small.
 */
static void
subtag_case(char *tag, size_t length, bool first, bool extended)
{
	for (size_t i = 0; i < length; i++)
		tag[i] = to_lower(tag[i]);
	if (first || extended)
		return;
	if (length == 4 && is_alpha(tag[0]))
		tag[0] = to_upper(tag[0]);
	if (length == 2)
		for (size_t i = 0; i < length; i++)
			tag[i] = to_upper(tag[i]);
}

/* The shape of BCP 47: subtags of up to 8 letters and digits, a language of 2, 3 or 5 to 8 letters first. */
bool
parse_language(struct parsing *parsing)
{
	enum { LANGUAGE_MAX = 35 };
	struct slice text = parsing->text, rest;
	bool first = true, extended = false;
	char out[LANGUAGE_MAX];
	size_t at = 0;

	if (text.length > LANGUAGE_MAX)
		return parsing_refuse(parsing, "not a language tag");
	for (size_t i = 0; i < text.length; i++)
		out[i] = text.data[i] == '_' ? '-' : text.data[i];
	for (rest = (struct slice){ out, text.length }; rest.data != NULL; first = false) {
		struct slice tag = slice_cut(&rest, '-');
		bool valid = tag.length >= 1 && tag.length <= 8 && all(tag, is_alnum);

		if (first && !slice_is(tag, "x") && (tag.length < 2 || tag.length == 4 || !all(tag, is_alpha)))
			valid = false;
		if (tag.length == 1 && rest.data == NULL)
			valid = false;
		if (!valid)
			return parsing_refuse(parsing, "not a language tag");
		extended = extended || tag.length == 1;
		subtag_case(out + at, tag.length, first, extended);
		at += tag.length + 1;
	}
	return parsing_take(parsing, (struct slice){ out, text.length });
}

/* --- IBAN --------------------------------------------------------------- */

/* Lengths by country, from the registry that ISO 13616 has SWIFT keep. */
static const struct {
	char country[3];
	unsigned char length;
} iban_lengths[] = {
	{ "AD", 24 },
	{ "AE", 23 },
	{ "AL", 28 },
	{ "AT", 20 },
	{ "AZ", 28 },
	{ "BA", 20 },
	{ "BE", 16 },
	{ "BG", 22 },
	{ "BH", 22 },
	{ "BI", 27 },
	{ "BR", 29 },
	{ "BY", 28 },
	{ "CH", 21 },
	{ "CR", 22 },
	{ "CY", 28 },
	{ "CZ", 24 },
	{ "DE", 22 },
	{ "DJ", 27 },
	{ "DK", 18 },
	{ "DO", 28 },
	{ "EE", 20 },
	{ "EG", 29 },
	{ "ES", 24 },
	{ "FI", 18 },
	{ "FK", 18 },
	{ "FO", 18 },
	{ "FR", 27 },
	{ "GB", 22 },
	{ "GE", 22 },
	{ "GI", 23 },
	{ "GL", 18 },
	{ "GR", 27 },
	{ "GT", 28 },
	{ "HN", 28 },
	{ "HR", 21 },
	{ "HU", 28 },
	{ "IE", 22 },
	{ "IL", 23 },
	{ "IQ", 23 },
	{ "IS", 26 },
	{ "IT", 27 },
	{ "JO", 30 },
	{ "KW", 30 },
	{ "KZ", 20 },
	{ "LB", 28 },
	{ "LC", 32 },
	{ "LI", 21 },
	{ "LT", 20 },
	{ "LU", 20 },
	{ "LV", 21 },
	{ "LY", 25 },
	{ "MC", 27 },
	{ "MD", 24 },
	{ "ME", 22 },
	{ "MK", 19 },
	{ "MN", 20 },
	{ "MR", 27 },
	{ "MT", 31 },
	{ "MU", 30 },
	{ "NL", 18 },
	{ "NO", 15 },
	{ "OM", 23 },
	{ "PK", 24 },
	{ "PL", 28 },
	{ "PS", 29 },
	{ "PT", 25 },
	{ "QA", 29 },
	{ "RO", 24 },
	{ "RS", 22 },
	{ "RU", 33 },
	{ "SA", 24 },
	{ "SC", 31 },
	{ "SD", 18 },
	{ "SE", 24 },
	{ "SI", 19 },
	{ "SK", 24 },
	{ "SM", 27 },
	{ "SO", 23 },
	{ "ST", 25 },
	{ "SV", 28 },
	{ "TL", 23 },
	{ "TN", 24 },
	{ "TR", 26 },
	{ "UA", 29 },
	{ "VA", 22 },
	{ "VG", 24 },
	{ "XK", 20 },
	{ "YE", 30 },
};

static bool
iban_length_valid(struct slice iban)
{
	for (size_t i = 0; i < sizeof(iban_lengths) / sizeof(iban_lengths[0]); i++)
		if (slice_starts(iban, iban_lengths[i].country))
			return iban.length == iban_lengths[i].length;
	return iban.length >= IBAN_MIN;
}

/* ISO 7064 MOD 97-10 over the whole, its first four characters last, letters as 10 to 35. */
static bool
iban_checks(struct slice iban)
{
	unsigned remainder = 0;

	for (size_t i = 0; i < iban.length; i++) {
		char c = iban.data[(i + 4) % iban.length];

		if (is_digit(c))
			remainder = (remainder * 10 + (unsigned)(c - '0')) % 97;
		else
			remainder = (remainder * 100 + (unsigned)(c - 'A') + 10) % 97;
	}
	return remainder == 1;
}

/* Letters and digits of text in capitals, without the characters of skip; 0 when there is anything else or too much. */
static size_t
compact(struct slice text, const char *skip, char *out, size_t size)
{
	size_t length = 0;

	for (size_t i = 0; i < text.length; i++) {
		if (strchr(skip, text.data[i]) != NULL)
			continue;
		if (!is_alnum(text.data[i]) || length == size)
			return 0;
		out[length++] = to_upper(text.data[i]);
	}
	return length;
}

bool
parse_iban(struct parsing *parsing)
{
	char out[IBAN_MAX];
	struct slice iban = { out, compact(parsing->text, " .-", out, sizeof(out)) };

	if (iban.length < 5 || !is_alpha(out[0]) || !is_alpha(out[1]) || !is_digit(out[2]) || !is_digit(out[3]))
		return parsing_refuse(parsing, "not an IBAN");
	if (!iban_length_valid(iban))
		return parsing_refuse(parsing, "not as long as an IBAN of that country");
	if (!iban_checks(iban))
		return parsing_refuse(parsing, "IBAN check digits do not hold");
	return parsing_take(parsing, iban);
}

/* --- the rest ----------------------------------------------------------- */

/* A number of a kind that is known has to be one; all others are taken as they are. */
static bool
taxid_check(struct parsing *parsing, struct slice id)
{
	const struct taxids *taxids = codes_taxids(parsing->context->codes);
	const char *fault = taxids_fault(taxids);
	struct taxid_finding finding;
	struct slice what;

	if (fault != NULL) {
		*parsing->reason = arena_copy(parsing->arena, slice_of(fault));
		return false;
	}
	finding = taxid_judge(taxids, id);
	if (finding.verdict == TAXID_FORM)
		what = arena_format(parsing->arena, "not a %.*s (such as %.*s)", (int)finding.name.length,
		    finding.name.data, (int)finding.example.length, finding.example.data);
	else if (finding.verdict == TAXID_DIGIT)
		what = arena_format(parsing->arena, "mistyped: the check digit of a %.*s does not hold",
		    (int)finding.name.length, finding.name.data);
	else
		return true;
	return parsing_refuse(parsing, what.data);
}

bool
parse_taxid(struct parsing *parsing)
{
	char out[TAXID_MAX];
	struct slice id = { out, compact(parsing->text, " .-", out, sizeof(out)) };

	if (id.length < TAXID_MIN)
		return parsing_refuse(parsing, "not a tax number");
	return taxid_check(parsing, id) && parsing_take(parsing, id);
}

bool
parse_blob(struct parsing *parsing)
{
	char out[HASH_HEX];

	if (parsing->text.length == sizeof(out)) {
		for (size_t i = 0; i < sizeof(out); i++)
			out[i] = to_lower(parsing->text.data[i]);
		if (hash_is_hex((struct slice){ out, sizeof(out) }))
			return parsing_take(parsing, (struct slice){ out, sizeof(out) });
	}
	return parsing_refuse(parsing, "not the SHA-256 of a document");
}
