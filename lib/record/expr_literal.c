/* expr_literal: literals become values of what they are compared with, once */
#include "record/expr_internal.h"

#include <stdio.h>

#include "record/suggest.h"
#include "record/value_internal.h"

bool
type_stray(struct parser *parser, const struct node *literal)
{
	struct suggestion suggestion = SUGGESTION_INIT(literal->token.text);
	struct slice text = literal->token.text;
	char hint[SUGGESTION_SIZE];
	int32_t day;
	bool guess = literal->token.kind == TOKEN_WORD && !slice_is(text, "now") && !day_word(text, 0, &day);

	for (size_t i = 0; guess && i < parser->table->field_count; i++)
		suggestion_try(&suggestion, parser->table->fields[i].name);
	return parser_fail(parser, literal->column, "%s: \"%.*s\"%s",
	    literal->token.kind == TOKEN_WORD ? "no such field" : "not a field", (int)text.length, text.data,
	    suggestion_text(&suggestion, hint));
}

static bool
set_number(struct node *literal, enum kind kind, int128 number)
{
	literal->typed = true;
	literal->kind = kind;
	literal->scale = kind == KIND_NUMBER ? DECIMAL_DIGITS : 0;
	literal->number = number;
	return true;
}

static bool
set_text(struct node *literal, struct slice text)
{
	literal->typed = true;
	literal->kind = KIND_TEXT;
	literal->token.text = text;
	literal->empty = text.length == 0;
	return true;
}

/* How days are written, for what may be meant as one. */
static const char *
date_hint(enum type type, struct slice text)
{
	bool day = type_kind(type) == KIND_DATE || type_kind(type) == KIND_TIME;

	return day && looks_like_date(text) && text.length != DATE_SIZE - 1 ? " (YYYY-MM-DD, or in YYYY-MM)" : "";
}

/* The literal in the stored spelling of a field; refused as value_parse does. */
static bool
stored(struct parser *parser, const struct node *literal, const struct field *field, struct slice *value)
{
	struct value_context context = { .codes = view_codes(parser->view), .money_digits = -1 };
	struct suggestion suggestion = SUGGESTION_INIT(literal->token.text);
	struct field plain = *field;
	char hint[SUGGESTION_SIZE];
	struct slice reason;

	if (type_kind(field->type) == KIND_DATE || type_kind(field->type) == KIND_TIME) {
		context.today = view_today(parser->view);
		context.now = view_now(parser->view);
	}
	plain.flags = 0; /* to compare a key with an id is pointless, but no mistake */
	if (value_parse(&plain, literal->token.text, &context, &parser->expr->arena, value, &reason))
		return true;
	for (size_t i = 0; field->choices != NULL && field->choices[i] != NULL; i++)
		suggestion_try(&suggestion, field->choices[i]);
	return parser_fail(parser, literal->column, "%.*s%s%s", (int)reason.length, reason.data,
	    date_hint(field->type, literal->token.text), suggestion_text(&suggestion, hint));
}

/* Likewise, as a type has it whatever the field. */
static bool
stored_as(struct parser *parser, const struct node *literal, enum type type, struct slice *value)
{
	const struct field field = { .name = "", .type = type, .preset = "", .help = "" };

	return stored(parser, literal, &field, value);
}

/* --- numbers ------------------------------------------------------------ */

static bool
type_number(struct parser *parser, struct node *literal, bool truth)
{
	struct slice text = literal->token.text;
	int128 number;

	if (truth) {
		if (!stored_as(parser, literal, TYPE_BOOL, &text))
			return false;
	} else if (text.length > 0 && *text.data == '+') {
		text.data++;
		text.length--;
	}
	if ((!truth && text.length > 0 && (*text.data == 't' || *text.data == 'f')) ||
	    !value_number(KIND_NUMBER, text, &number))
		return parser_fail(parser, literal->column, "not a number: \"%.*s\"", (int)text.length, text.data);
	set_number(literal, KIND_NUMBER, number);
	/* As few decimals as it has: a product then has room for more digits in front. */
	for (; literal->scale > 0 && literal->number % 10 == 0; literal->scale--)
		literal->number /= 10;
	return true;
}

static bool
type_span(struct parser *parser, struct node *literal)
{
	struct slice value;
	int128 number;

	if (!stored_as(parser, literal, TYPE_SPAN, &value) || !span_parse(value, &literal->span) ||
	    !value_number(KIND_SPAN, value, &number))
		return false;
	return set_number(literal, KIND_SPAN, number);
}

/* --- days and instants -------------------------------------------------- */

const char *
parser_zone(struct parser *parser)
{
	struct expr *expr = parser->expr;
	struct slice zone;

	if (expr->zone == NULL) {
		zone = view_company(parser->view, "timezone");
		expr->zone = zone.length > 0 ? arena_text(&expr->arena, zone) : "";
	}
	return expr->zone;
}

/* When a day begins at the company. */
static int64_t
day_start(struct parser *parser, int32_t day)
{
	return zone_midnight(parser_zone(parser), day);
}

static bool
is_day(struct parser *parser, const struct node *literal, int32_t *day)
{
	return day_word(literal->token.text, view_today(parser->view), day) ||
	    date_parse(literal->token.text, day);
}

static bool
type_date(struct parser *parser, struct node *literal)
{
	struct slice value;
	int128 number;

	if (!stored_as(parser, literal, TYPE_DATE, &value) || !value_number(KIND_DATE, value, &number))
		return false;
	return set_number(literal, KIND_DATE, number);
}

static bool
type_time(struct parser *parser, struct node *literal)
{
	struct slice value;
	int128 number;
	int32_t day;

	if (is_day(parser, literal, &day))
		return set_number(literal, KIND_TIME, day_start(parser, day));
	if (!stored_as(parser, literal, TYPE_TIME, &value) || !value_number(KIND_TIME, value, &number))
		return false;
	return set_number(literal, KIND_TIME, number);
}

/* --- records ------------------------------------------------------------ */

/* An id as it is, a key as the id of its record. */
static bool
type_reference(struct parser *parser, struct node *literal, const char *table)
{
	struct slice text = literal->token.text;
	unsigned long long number;
	struct log *log;
	char id[ID_SIZE];

	if (view_log(parser->view, table, &log, parser->error) != STATUS_OK)
		return false;
	if (table_id_parse(log->table, text, &number))
		return set_text(literal, text);
	number = log_resolve(log, text, NULL, parser->error);
	if (number == 0) {
		error_clear(parser->error);
		return parser_fail(parser, literal->column, "no such %s: \"%.*s\"", table, (int)text.length,
		    text.data);
	}
	return set_text(literal, arena_copy(&parser->expr->arena, table_id(log->table, number, id)));
}

static bool
type_text(struct parser *parser, struct node *literal, const struct path *path)
{
	struct slice value;

	if (path->field == NULL)
		return type_reference(parser, literal, path->steps[path->count - 1].table->name);
	if (path->type == TYPE_REF)
		return type_reference(parser, literal, path->field->target);
	return stored(parser, literal, path->field, &value) && set_text(literal, value);
}

bool
type_literal(struct parser *parser, struct node *literal, const struct node *other)
{
	struct slice text = other->kind == KIND_TEXT ? literal->token.text : slice_trim(literal->token.text);

	/* Nothing equals "" but what is empty, whatever it is. */
	if (text.length == 0)
		return set_text(literal, text);
	switch (other->kind) {
	case KIND_NUMBER:
		return type_number(parser, literal, other->truth);
	case KIND_DATE:
		return type_date(parser, literal);
	case KIND_TIME:
		return type_time(parser, literal);
	case KIND_SPAN:
		return type_span(parser, literal);
	case KIND_TEXT:
		break;
	}
	return type_text(parser, literal, other->path);
}

/* --- of sets ------------------------------------------------------------ */

/* The first day of a month or year that the literal is, and the day after its last. */
static bool
is_period(const struct node *literal, int32_t *first, int32_t *after)
{
	struct slice text = literal->token.text;
	struct civil from = { 0, 1, 1 }, to;

	if (literal->sign ||
	    (literal->token.kind != TOKEN_MONTH &&
		(literal->token.kind != TOKEN_NUMBER || text.length != 4 || memchr(text.data, '.', 4) != NULL)))
		return false;
	for (size_t i = 0; i < 4; i++)
		from.year = from.year * 10 + (text.data[i] - '0');
	if (literal->token.kind == TOKEN_MONTH)
		from.month = (text.data[5] - '0') * 10 + (text.data[6] - '0');
	if (from.year < 1)
		return false;
	to = (struct civil){ from.year, literal->token.kind == TOKEN_MONTH ? from.month : 12, 1 };
	*first = date_from_civil(from);
	*after = date_from_civil(to) + date_month_length(to.year, to.month);
	return true;
}

bool
type_item(struct parser *parser, struct item *item, const struct node *left)
{
	int32_t first = 0, after = 0;

	item->range = false;
	if (left->kind == KIND_DATE || left->kind == KIND_TIME)
		item->range = is_period(item->node, &first, &after);
	if (!item->range && left->kind == KIND_TIME && is_day(parser, item->node, &first)) {
		item->range = true;
		after = first + 1;
	}
	if (!item->range)
		return type_literal(parser, item->node, left);
	item->low = left->kind == KIND_DATE ? first : day_start(parser, first);
	item->high = left->kind == KIND_DATE ? after : day_start(parser, after);
	return true;
}
