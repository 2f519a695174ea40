/* expr_type: what each part of an expression is, and what goes together */
#include "record/expr_internal.h"

#include "base/memory.h"

static const char *
kind_name(enum kind kind)
{
	switch (kind) {
	case KIND_TEXT:
		return "text";
	case KIND_NUMBER:
		return "a number";
	case KIND_DATE:
		return "a date";
	case KIND_TIME:
		return "a time";
	case KIND_SPAN:
		return "a span of time";
	}
	return "";
}

static bool
is_word(const struct node *node)
{
	return node->what == NODE_LITERAL && node->token.kind == TOKEN_WORD;
}

/* --- values ------------------------------------------------------------- */

/* A literal that says itself what it is: 12.5, 30d, 2026-10-01, today, now. */
static bool
type_itself(struct parser *parser, struct node *literal)
{
	struct node other = { .kind = KIND_TEXT };
	struct slice text = literal->token.text;

	switch (literal->token.kind) {
	case TOKEN_NUMBER:
		other.kind = KIND_NUMBER;
		break;
	case TOKEN_SPAN:
		other.kind = KIND_SPAN;
		break;
	case TOKEN_DATE:
		other.kind = KIND_DATE;
		break;
	case TOKEN_TIME:
		other.kind = KIND_TIME;
		break;
	default:
		if (!is_word(literal))
			return type_stray(parser, literal);
		if (slice_is(text, "today") || slice_is(text, "yesterday") || slice_is(text, "tomorrow"))
			other.kind = KIND_DATE;
		else if (slice_is(text, "now"))
			other.kind = KIND_TIME;
		else
			return type_stray(parser, literal);
	}
	return type_literal(parser, literal, &other);
}

static bool
type_product(struct parser *parser, struct node *node)
{
	const struct node *left = node->left, *right = node->right;
	bool span = left->kind == KIND_SPAN || right->kind == KIND_SPAN;

	if ((left->kind != KIND_NUMBER && left->kind != KIND_SPAN) ||
	    (right->kind != KIND_NUMBER && right->kind != KIND_SPAN) ||
	    (left->kind == KIND_SPAN && right->kind == KIND_SPAN))
		return parser_fail(parser, node->column, "%s and %s can't be multiplied",
		    kind_name(left->kind), kind_name(right->kind));
	node->kind = span ? KIND_SPAN : KIND_NUMBER;
	node->scale = left->scale + right->scale;
	if (node->scale > EXPR_SCALE_MAX)
		return parser_fail(parser, node->column, "too many numbers multiplied");
	return true;
}

/* Days where the other side has instants become instants; of a literal at once. */
static void
as_instant(struct parser *parser, struct node **side)
{
	struct node *node = arena_zero(&parser->expr->arena, 1, sizeof(*node));
	const char *zone = parser_zone(parser);

	*node = (struct node){ .what = NODE_START,
		.column = (*side)->column,
		.left = *side,
		.typed = true,
		.kind = KIND_TIME };
	if ((*side)->what == NODE_LITERAL) {
		node->what = NODE_LITERAL;
		node->number = zone_midnight(zone, (int32_t)(*side)->number);
	}
	*side = node;
}

static void
same_clock(struct parser *parser, struct node **left, struct node **right)
{
	if ((*left)->kind == KIND_DATE && (*right)->kind == KIND_TIME)
		as_instant(parser, left);
	else if ((*left)->kind == KIND_TIME && (*right)->kind == KIND_DATE)
		as_instant(parser, right);
}

static bool
type_sum(struct parser *parser, struct node *node)
{
	bool add = node->what == NODE_ADD;
	enum kind left, right;

	if (!add)
		same_clock(parser, &node->left, &node->right);
	left = node->left->kind;
	right = node->right->kind;
	node->scale = node->left->scale > node->right->scale ? node->left->scale : node->right->scale;
	if (left == right && (left == KIND_NUMBER || left == KIND_SPAN)) {
		node->kind = left;
		return true;
	}
	if (!add && left == right && (left == KIND_DATE || left == KIND_TIME)) {
		node->kind = KIND_SPAN;
		return true;
	}
	node->scale = 0;
	if ((left == KIND_DATE || left == KIND_TIME) && right == KIND_SPAN) {
		node->kind = left;
		return true;
	}
	if (add && left == KIND_SPAN && (right == KIND_DATE || right == KIND_TIME)) {
		struct node *swap = node->left;

		node->left = node->right;
		node->right = swap;
		node->kind = right;
		return true;
	}
	return parser_fail(parser, node->column, "%s and %s can't be %s", kind_name(left), kind_name(right),
	    add ? "added" : "subtracted");
}

/* What has no field in it is reckoned now, once. */
static bool
fold(struct parser *parser, struct node *node)
{
	int128 number;
	struct span span = { 0, 0 };

	if (node->left->what != NODE_LITERAL || (node->right != NULL && node->right->what != NODE_LITERAL))
		return true;
	if (!eval_number(parser->expr, node, NULL, &number) ||
	    (node->kind == KIND_SPAN && !eval_span(parser->expr, node, NULL, &span)))
		return parser_fail(parser, node->column, "out of range");
	node->what = NODE_LITERAL;
	node->number = number;
	node->span = span;
	return true;
}

static bool
type_negative(struct parser *parser, struct node *node)
{
	node->kind = node->left->kind;
	node->scale = node->left->scale;
	return node->kind == KIND_NUMBER || node->kind == KIND_SPAN ||
	    parser_fail(parser, node->column, "%s has no negative", kind_name(node->kind));
}

static bool
type_arithmetic(struct parser *parser, struct node *node)
{
	bool typed;

	if (!type_value(parser, node->left) || (node->right != NULL && !type_value(parser, node->right)))
		return false;
	if (node->what == NODE_NEG)
		typed = type_negative(parser, node);
	else if (node->what == NODE_MUL)
		typed = type_product(parser, node);
	else
		typed = type_sum(parser, node);
	return typed && fold(parser, node);
}

bool
type_value(struct parser *parser, struct node *node)
{
	if (node->typed)
		return true; /* a path is from the start */
	node->typed = true;
	if (node_is_condition(node))
		return parser_fail(parser, node->column, "a condition is no value to reckon or compare with");
	return node->what == NODE_LITERAL ? type_itself(parser, node) : type_arithmetic(parser, node);
}

static bool
has_path(const struct node *node)
{
	if (node == NULL)
		return false;
	return node->what == NODE_PATH || has_path(node->left) || has_path(node->right);
}

bool
type_condition(struct parser *parser, struct node *node)
{
	if (node_is_condition(node) || node->what == NODE_PATH)
		return true;
	if (node->what == NODE_LITERAL)
		return type_stray(parser, node);
	if (!type_value(parser, node))
		return false;
	return has_path(node) || parser_fail(parser, node->column, "there is no field in it");
}

/* --- comparing ---------------------------------------------------------- */

/* A word that happens to be a field's name is a literal where it is one of the other side's choices. */
static void
prefer_choice(struct node *node, const struct node *other)
{
	if (node->what != NODE_PATH || node->token.kind != TOKEN_WORD || other->what != NODE_PATH ||
	    other->choices == NULL || node->choices != NULL)
		return;
	for (size_t i = 0; other->choices[i] != NULL; i++)
		if (slice_is(node->token.text, other->choices[i])) {
			node->what = NODE_LITERAL;
			node->typed = node->truth = false;
			return;
		}
}

static bool
neither(struct parser *parser, const struct node *left, const struct node *right)
{
	struct slice a = left->token.text, b = right->token.text;

	if (is_word(left))
		return type_stray(parser, left);
	if (is_word(right))
		return type_stray(parser, right);
	if (left->what == NODE_LITERAL && right->what == NODE_LITERAL)
		return parser_fail(parser, left->column, "neither side is a field: \"%.*s\", \"%.*s\"",
		    (int)a.length, a.data, (int)b.length, b.data);
	return parser_fail(parser, left->column, "neither side has a field");
}

static bool
comparable(struct parser *parser, size_t column, const struct node *left, const struct node *right)
{
	bool empty = (left->what == NODE_LITERAL && left->empty) || (right->what == NODE_LITERAL && right->empty);

	return empty || left->kind == right->kind ||
	    parser_fail(parser, column, "%s and %s can't be compared", kind_name(left->kind),
		kind_name(right->kind));
}

/* How texts compare: choices in their order, ids by number. */
static enum how
how_texts(const struct node *left, const struct node *right)
{
	const struct node *path = left->what == NODE_PATH ? left : right;

	if (left->kind != KIND_TEXT || right->kind != KIND_TEXT)
		return left->kind == right->kind ? HOW_NUMBER : HOW_TEXT;
	if (path->what == NODE_PATH && path->choices != NULL)
		return HOW_RANK;
	if (path->what == NODE_PATH && (path->path->field == NULL || path->path->type == TYPE_REF))
		return HOW_ID;
	return HOW_TEXT;
}

/* A literal gets the decimals of what it is compared with now, not once a record. */
static void
align(struct node *literal, int scale)
{
	int128 number;

	if (literal->what != NODE_LITERAL || literal->kind == KIND_TEXT || scale <= literal->scale ||
	    !scale_number(literal->number, literal->scale, scale, &number))
		return;
	literal->number = number;
	literal->scale = scale;
}

bool
type_compare(struct parser *parser, struct node *compare)
{
	struct node *left, *right;
	bool typed;

	prefer_choice(compare->right, compare->left);
	prefer_choice(compare->left, compare->right);
	left = compare->left;
	right = compare->right;
	if (!has_path(left) && !has_path(right))
		return neither(parser, left, right);
	if (left->what == NODE_LITERAL)
		typed = type_value(parser, right) && type_literal(parser, left, right);
	else if (right->what == NODE_LITERAL)
		typed = type_value(parser, left) && type_literal(parser, right, left);
	else
		typed = type_value(parser, left) && type_value(parser, right);
	if (!typed)
		return false;
	same_clock(parser, &compare->left, &compare->right);
	align(compare->left, compare->right->scale);
	align(compare->right, compare->left->scale);
	compare->how = how_texts(compare->left, compare->right);
	return comparable(parser, compare->column, compare->left, compare->right);
}

bool
type_match(struct parser *parser, struct node *match)
{
	char reason[PATTERN_REASON_SIZE];
	struct expr *expr = parser->expr;
	const struct node *right = match->right;

	if (match->left->what == NODE_LITERAL)
		return type_stray(parser, match->left);
	if (match->left->what != NODE_PATH)
		return parser_fail(parser, match->left->column, "only a field can be matched");
	if (right->what != NODE_LITERAL)
		return parser_fail(parser, right->column, "a pattern stands in quotes: ~ \"^A\"");
	match->pattern = pattern_compile(right->token.text, reason);
	if (match->pattern == NULL)
		return parser_fail(parser, right->column, "not a pattern: %s", reason);
	expr->patterns = memory_grow(expr->patterns, &expr->pattern_capacity, expr->pattern_count,
	    sizeof(struct pattern *));
	expr->patterns[expr->pattern_count++] = match->pattern;
	return true;
}

/* `vip in tags` */
static bool
type_member(struct parser *parser, struct node *in)
{
	struct node *right = in->count == 1 ? in->items[0].node : NULL;

	if (right == NULL || right->what != NODE_PATH)
		return type_stray(parser, in->left);
	if (right->path->type != TYPE_TAGS)
		return parser_fail(parser, right->column, "not a field of tags: \"%s\"", right->path->name);
	in->what = NODE_MEMBER;
	in->right = right;
	in->items[0].node = in->left;
	in->left = NULL;
	return true;
}

/* `tags has vip` */
bool
type_has(struct parser *parser, struct node *has)
{
	const struct node *left = has->left;

	if (left->what == NODE_LITERAL)
		return type_stray(parser, left);
	if (left->what != NODE_PATH)
		return parser_fail(parser, left->column, "has is for fields of the type tags");
	if (left->path->type != TYPE_TAGS)
		return parser_fail(parser, left->column,
		    "has is for fields of the type tags, and \"%s\" is none", left->path->name);
	for (size_t i = 0; i < has->count; i++) {
		const struct node *tag = has->items[i].node;
		struct slice text = tag->token.text;

		if (tag->what != NODE_LITERAL || text.length == 0 || memchr(text.data, ' ', text.length) != NULL)
			return parser_fail(parser, tag->column, "not a tag, which is one word: \"%.*s\"",
			    (int)text.length, text.data);
	}
	has->what = NODE_MEMBER;
	has->right = has->left;
	has->left = NULL;
	return true;
}

bool
type_in(struct parser *parser, struct node *in)
{
	struct node *left = in->left;

	if (left->what == NODE_LITERAL)
		return type_member(parser, in);
	if (!type_value(parser, left))
		return false;
	if (!has_path(left))
		return parser_fail(parser, left->column, "there is no field in it");
	for (size_t i = 0; i < in->count; i++) {
		struct node *item = in->items[i].node;

		prefer_choice(item, left);
		if (item->what == NODE_LITERAL
			? !type_item(parser, &in->items[i], left)
			: !type_value(parser, item) || !comparable(parser, item->column, left, item))
			return false;
		align(item, left->scale);
	}
	return true;
}
