#include "record/expr_internal.h"

#include "base/text.h"
#include "record/value_internal.h"

/* What a word is made of; a hyphen only between two of these. */
static bool
is_word(char c)
{
	return is_alnum(c) || ((unsigned char)c & 0x80) != 0 || (c != '\0' && strchr("_.@:/%#&?$", c) != NULL);
}

static size_t
column_at(const struct parser *parser, const char *at)
{
	return text_count((struct slice){ parser->start, (size_t)(at - parser->start) }) + 1;
}

static bool
accept(struct parser *parser, enum token_kind kind, size_t length)
{
	parser->token.kind = kind;
	parser->token.text = (struct slice){ parser->rest.data, length };
	parser->rest.data += length;
	parser->rest.length -= length;
	return true;
}

/* --- numbers, spans, dates ---------------------------------------------- */

static size_t
digits_length(struct slice text)
{
	size_t n = 0;

	while (n < text.length && is_digit(text.data[n]))
		n++;
	return n;
}

static bool
is_month(struct slice text)
{
	struct slice year = { text.data, 4 }, month = { text.data + 5, 2 };

	return text.length == 7 && digits_length(year) == 4 && text.data[4] == '-' &&
	    digits_length(month) == 2 && memcmp(month.data, "00", 2) > 0 && memcmp(month.data, "12", 2) <= 0;
}

bool
looks_like_date(struct slice text)
{
	size_t digits = digits_length(text);
	int parts = 1;

	if (digits != 4)
		return false;
	while (digits < text.length && parts < 3) {
		text = (struct slice){ text.data + digits + 1, text.length - digits - 1 };
		digits = digits_length(text);
		if (text.data[-1] != '-' || digits == 0 || digits > 2)
			return false;
		parts++;
	}
	return parts > 1 && digits == text.length;
}

/* 12 or 12.50 at the beginning of run */
static size_t
number_length(struct slice run)
{
	size_t whole = digits_length(run), decimals;

	if (whole + 1 >= run.length || run.data[whole] != '.')
		return whole;
	decimals = digits_length((struct slice){ run.data + whole + 1, run.length - whole - 1 });
	return decimals == 0 ? whole : whole + 1 + decimals;
}

/* What begins with a digit.  run is all that could belong to it. */
static bool
lex_digits(struct parser *parser, struct slice run)
{
	struct slice part = run;
	struct span span;
	int64_t seconds;
	int32_t day;

	if (date_parse(run, &day))
		return accept(parser, TOKEN_DATE, run.length);
	if (is_month(run))
		return accept(parser, TOKEN_MONTH, run.length);
	if (run.length > 10 && run.data[10] == 'T') {
		/* An offset east of Greenwich has a sign that words have not. */
		if (parser->rest.length >= run.length + 6 && parser->rest.data[run.length] == '+')
			run.length += 6;
		if (time_parse(run, &seconds))
			return accept(parser, TOKEN_TIME, run.length);
		run = part;
	}
	if (looks_like_date(run))
		return accept(parser, TOKEN_WORD, run.length);
	part.length = number_length(run);
	if (part.length == run.length || run.data[part.length] == '-')
		return accept(parser, TOKEN_NUMBER, part.length);
	while (part.length < run.length && is_alnum(run.data[part.length]))
		part.length++;
	if ((part.length == run.length || run.data[part.length] == '-') && span_parse(part, &span))
		return accept(parser, TOKEN_SPAN, part.length);
	return accept(parser, TOKEN_WORD, run.length);
}

/* --- words and strings -------------------------------------------------- */

bool
parser_names_field(const struct parser *parser, struct slice word)
{
	struct slice rest = word, first = slice_cut(&rest, '.');

	return path_begins(parser->table, first);
}

/* A hyphen joins a word (in-progress) unless what is before it is a field: total-paid. */
static bool
lex_word(struct parser *parser, struct slice run)
{
	static const struct {
		const char *text;
		enum token_kind kind;
	} keywords[] = { { "and", TOKEN_AND }, { "or", TOKEN_OR }, { "not", TOKEN_NOT }, { "in", TOKEN_IN },
		{ "has", TOKEN_HAS } };
	struct slice rest = run, first = slice_cut(&rest, '-');

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (slice_is(run, keywords[i].text))
			return accept(parser, keywords[i].kind, run.length);
	if (rest.data != NULL && parser_names_field(parser, first))
		run = first;
	return accept(parser, TOKEN_WORD, run.length);
}

static struct slice
word_run(struct slice text)
{
	struct slice run = { text.data, 0 };

	while (run.length < text.length) {
		char c = text.data[run.length];

		if (!is_word(c) &&
		    !(c == '-' && run.length > 0 && run.length + 1 < text.length &&
			is_word(text.data[run.length + 1])))
			break;
		run.length++;
	}
	return run;
}

/* "…" or '…'; the quote itself is written twice. */
static bool
lex_string(struct parser *parser)
{
	char quote = *parser->rest.data, *out;
	struct slice in = parser->rest;
	size_t length = 0, at = 1;

	out = arena_take(&parser->expr->arena, in.length);
	while (at < in.length) {
		bool closing = in.data[at] == quote;

		if (closing && (at + 1 == in.length || in.data[at + 1] != quote))
			break;
		out[length++] = in.data[at];
		at += closing ? 2 : 1;
	}
	if (at >= in.length)
		return parser_fail(parser, parser->token.column, "a quote that is not closed");
	accept(parser, TOKEN_STRING, at + 1);
	parser->token.text = (struct slice){ out, length };
	return true;
}

/* --- all ---------------------------------------------------------------- */

static bool
lex_sign(struct parser *parser)
{
	static const struct {
		const char *text;
		enum token_kind kind;
	} signs[] = { { "!=", TOKEN_NE }, { "!~", TOKEN_NOMATCH }, { "<=", TOKEN_LE }, { ">=", TOKEN_GE },
		{ "<", TOKEN_LT }, { ">", TOKEN_GT }, { "=", TOKEN_EQ }, { "~", TOKEN_MATCH },
		{ "(", TOKEN_OPEN }, { ")", TOKEN_CLOSE }, { ",", TOKEN_COMMA }, { "+", TOKEN_PLUS },
		{ "-", TOKEN_MINUS }, { "*", TOKEN_STAR } };

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (slice_starts(parser->rest, signs[i].text))
			return accept(parser, signs[i].kind, strlen(signs[i].text));
	return parser_fail(parser, parser->token.column, "unexpected \"%c\"", *parser->rest.data);
}

bool
parser_next(struct parser *parser)
{
	struct slice *rest = &parser->rest, run;

	while (rest->length > 0 && strchr(" \t\n", *rest->data) != NULL && *rest->data != '\0') {
		rest->data++;
		rest->length--;
	}
	parser->token.column = column_at(parser, rest->data);
	if (rest->length == 0)
		return accept(parser, TOKEN_END, 0);
	if (*rest->data == '"' || *rest->data == '\'')
		return lex_string(parser);
	run = word_run(*rest);
	if (run.length == 0)
		return lex_sign(parser);
	return is_digit(*run.data) ? lex_digits(parser, run) : lex_word(parser, run);
}
