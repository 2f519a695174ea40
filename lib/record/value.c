/* value: which parser a type has, and the types that are just text */
#include "record/value_internal.h"

#include <stdlib.h>

#include "base/text.h"
#include "record/suggest.h"

enum { QUOTED_MAX = 60 }; /* bytes of a value that a reason shows */

bool
parsing_refuse(struct parsing *parsing, const char *what)
{
	struct slice text = parsing->text;
	const char *more = "";

	if (text.length > QUOTED_MAX) {
		text.length = QUOTED_MAX;
		while (text.length > 0 && ((unsigned char)text.data[text.length] & 0xc0) == 0x80)
			text.length--;
		more = "…";
	}
	*parsing->reason = arena_format(parsing->arena, "%s: \"%.*s%s\"", what, (int)text.length, text.data, more);
	return false;
}

bool
parsing_take(struct parsing *parsing, struct slice spelling)
{
	bool same = slice_equal(parsing->text, spelling);

	*parsing->value = same ? parsing->text : arena_copy(parsing->arena, spelling);
	return true;
}

/* --- text --------------------------------------------------------------- */

/* A value is stored as it is; a key must never be taken for an id. */
static bool
parse_text(struct parsing *parsing)
{
	*parsing->value = parsing->text;
	return true;
}

static bool
has_break(struct slice text)
{
	const char *at = text.data, *end = text.data + text.length;

	while (at < end && (at = memchr(at, TEXT_BREAK[0], (size_t)(end - at))) != NULL) {
		if (end - at >= 3 && memcmp(at, TEXT_BREAK, 3) == 0)
			return true;
		at++;
	}
	return memchr(text.data, '\n', text.length) != NULL || memchr(text.data, '\r', text.length) != NULL;
}

/* What may not stand in text at all; breaks are the caller's business. */
static enum text_fault
fault_but_breaks(struct slice text)
{
	enum text_fault fault;
	size_t at;

	while ((fault = text_check(text, &at)) == TEXT_BROKEN) {
		at += text.data[at] == TEXT_BREAK[0] ? 3 : 1;
		text.data += at;
		text.length -= at;
	}
	return fault;
}

static bool
parse_note(struct parsing *parsing)
{
	struct buffer folded = BUFFER_INIT;
	struct slice text = parsing->text;

	*parsing->value = text;
	if (memchr(text.data, '\n', text.length) == NULL && memchr(text.data, '\r', text.length) == NULL)
		return true;
	text_fold_breaks(&folded, text);
	*parsing->value = arena_copy(parsing->arena, buffer_slice(&folded));
	buffer_release(&folded);
	return true;
}

/* --- words -------------------------------------------------------------- */

static bool
word_is(struct slice text, const char *word)
{
	if (text.length != strlen(word))
		return false;
	for (size_t i = 0; i < text.length; i++)
		if (to_lower(text.data[i]) != word[i])
			return false;
	return true;
}

static bool
parse_bool(struct parsing *parsing)
{
	static const char *const words[][2] = { { "false", "true" }, { "no", "yes" }, { "n", "y" },
		{ "0", "1" }, { "f", "t" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (size_t truth = 0; truth < 2; truth++)
			if (word_is(parsing->text, words[i][truth]))
				return parsing_take(parsing, slice_of(words[0][truth]));
	return parsing_refuse(parsing, "neither true nor false");
}

static bool
parse_choice(struct parsing *parsing)
{
	const char *const *choices = parsing->field->choices;
	struct buffer what = BUFFER_INIT;

	for (size_t i = 0; choices[i] != NULL; i++)
		if (slice_is(parsing->text, choices[i]))
			return parse_text(parsing);
	buffer_add_text(&what, "not one of ");
	for (size_t i = 0; choices[i] != NULL; i++)
		buffer_format(&what, "%s%s", i == 0 ? "" : ", ", choices[i]);
	parsing_refuse(parsing, what.data);
	buffer_release(&what);
	return false;
}

static int
tag_order(const void *a, const void *b)
{
	return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool
parse_tags(struct parsing *parsing)
{
	struct slice text = parsing->text, *tags;
	struct buffer joined = BUFFER_INIT;
	size_t count = 0;

	tags = arena_take(parsing->arena, (text.length / 2 + 1) * sizeof(*tags));
	for (size_t at = 0, start; at < text.length;) {
		for (start = at; at < text.length && !is_space(text.data[at]);)
			at++;
		if (at > start)
			tags[count++] = (struct slice){ text.data + start, at - start };
		else
			at++;
	}
	qsort(tags, count, sizeof(*tags), tag_order);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && slice_equal(tags[i], tags[i - 1]))
			continue;
		if (i > 0)
			buffer_add_char(&joined, ' ');
		buffer_add_slice(&joined, tags[i]);
	}
	parsing_take(parsing, buffer_slice(&joined));
	buffer_release(&joined);
	return true;
}

/* --- all of them -------------------------------------------------------- */

static const struct {
	bool (*parse)(struct parsing *parsing);
	enum kind kind;
	enum cell cell;
} types[] = {
	[TYPE_TEXT] = { parse_text, KIND_TEXT, CELL_TEXT },
	[TYPE_NOTE] = { parse_note, KIND_TEXT, CELL_TEXT },
	[TYPE_INT] = { parse_int, KIND_NUMBER, CELL_INTEGER },
	[TYPE_QTY] = { parse_decimal, KIND_NUMBER, CELL_NUMBER },
	[TYPE_RATE] = { parse_decimal, KIND_NUMBER, CELL_NUMBER },
	[TYPE_MONEY] = { parse_money, KIND_NUMBER, CELL_NUMBER },
	[TYPE_DATE] = { parse_date, KIND_DATE, CELL_DATE },
	[TYPE_TIME] = { parse_time, KIND_TIME, CELL_TIME },
	[TYPE_SPAN] = { parse_span, KIND_SPAN, CELL_TEXT },
	[TYPE_BOOL] = { parse_bool, KIND_NUMBER, CELL_BOOL },
	[TYPE_ENUM] = { parse_choice, KIND_TEXT, CELL_TEXT },
	[TYPE_STATE] = { parse_choice, KIND_TEXT, CELL_STATE },
	[TYPE_REF] = { parse_text, KIND_TEXT, CELL_TEXT },
	[TYPE_EMAIL] = { parse_email, KIND_TEXT, CELL_TEXT },
	[TYPE_PHONE] = { parse_phone, KIND_TEXT, CELL_TEXT },
	[TYPE_COUNTRY] = { parse_country, KIND_TEXT, CELL_TEXT },
	[TYPE_CURRENCY] = { parse_currency, KIND_TEXT, CELL_TEXT },
	[TYPE_LANGUAGE] = { parse_language, KIND_TEXT, CELL_TEXT },
	[TYPE_IBAN] = { parse_iban, KIND_TEXT, CELL_TEXT },
	[TYPE_TAXID] = { parse_taxid, KIND_TEXT, CELL_TEXT },
	[TYPE_URL] = { parse_url, KIND_TEXT, CELL_TEXT },
	[TYPE_BLOB] = { parse_blob, KIND_TEXT, CELL_TEXT },
	[TYPE_TAGS] = { parse_tags, KIND_TEXT, CELL_TAGS },
};

/* Whether text may be stored at all; the reader has seen to it but for breaks, which are a field's matter. */
static bool
admissible(struct parsing *parsing)
{
	enum text_fault fault = TEXT_OK;

	if (!parsing->context->checked)
		fault = fault_but_breaks(parsing->text);
	if (fault != TEXT_OK) {
		*parsing->reason = arena_copy(parsing->arena, slice_of(text_fault_name(fault)));
		return false;
	}
	if (!parsing->context->unbroken && parsing->field->type != TYPE_NOTE && has_break(parsing->text)) {
		*parsing->reason = arena_copy(parsing->arena, slice_of("a line break in a one-line field"));
		return false;
	}
	return true;
}

bool
value_parse(const struct field *field, struct slice text, const struct value_context *context,
    struct arena *arena, struct slice *value, struct slice *reason)
{
	struct parsing parsing = { .field = field,
		.context = context,
		.text = text,
		.arena = arena,
		.value = value,
		.reason = reason };

	if (field->type != TYPE_TEXT && field->type != TYPE_NOTE)
		parsing.text = slice_trim(text);
	if (parsing.text.length == 0) {
		*value = (struct slice){ "", 0 };
		return true;
	}
	if (!admissible(&parsing) || !types[field->type].parse(&parsing))
		return false;
	return true;
}

enum cell
type_cell(enum type type)
{
	return types[type].cell;
}

enum kind
type_kind(enum type type)
{
	return types[type].kind;
}
