#include "record/expr_internal.h"

static struct node *parse_or(struct parser *parser);
static struct node *parse_sum(struct parser *parser);

static struct node *
node_new(struct parser *parser, enum node_kind what, size_t column)
{
	struct node *node;

	if (parser->nodes++ >= EXPR_NODES_MAX) {
		parser_fail(parser, column, "the expression is too long");
		return NULL;
	}
	node = arena_zero(&parser->expr->arena, 1, sizeof(*node));
	node->what = what;
	node->column = column;
	return node;
}

/* A node over two that were parsed; NULL when one of them was not. */
static struct node *
node_join(struct parser *parser, enum node_kind what, size_t column, struct node *left, struct node *right)
{
	struct node *node;

	if (left == NULL || right == NULL)
		return NULL;
	node = node_new(parser, what, column);
	if (node != NULL) {
		node->left = left;
		node->right = right;
	}
	return node;
}

static bool
at(const struct parser *parser, enum token_kind kind)
{
	return parser->token.kind == kind;
}

static bool
enter(struct parser *parser)
{
	if (parser->depth >= EXPR_DEPTH_MAX)
		return parser_fail(parser, parser->token.column, "nested too deeply");
	parser->depth++;
	return true;
}

static bool
expect(struct parser *parser, enum token_kind kind, const char *what)
{
	if (at(parser, kind))
		return parser_next(parser);
	if (at(parser, TOKEN_END))
		return parser_fail(parser, parser->token.column, "%s is missing at the end", what);
	return parser_fail(parser, parser->token.column, "%s is missing before \"%.*s\"", what,
	    (int)parser->token.text.length, parser->token.text.data);
}

/* --- values ------------------------------------------------------------- */

static struct node *
parse_literal(struct parser *parser, const char *sign, size_t column)
{
	struct node *node = node_new(parser, NODE_LITERAL, column);

	if (node == NULL)
		return NULL;
	node->token = parser->token;
	node->sign = sign[0] != '\0';
	if (node->sign)
		node->token.text = arena_format(&parser->expr->arena, "%s%.*s", sign,
		    (int)node->token.text.length, node->token.text.data);
	return parser_next(parser) ? node : NULL;
}

/* A word is a path when its first part is a field, else a literal. */
static struct node *
parse_word(struct parser *parser)
{
	struct node *node;

	if (!parser_names_field(parser, parser->token.text))
		return parse_literal(parser, "", parser->token.column);
	node = node_new(parser, NODE_PATH, parser->token.column);
	if (node == NULL)
		return NULL;
	node->token = parser->token;
	return parser_path(parser, &node->token, node) && parser_next(parser) ? node : NULL;
}

static struct node *
parse_parenthesis(struct parser *parser)
{
	struct node *node;

	if (!enter(parser) || !parser_next(parser))
		return NULL;
	node = parse_or(parser);
	parser->depth--;
	return node != NULL && expect(parser, TOKEN_CLOSE, "\")\"") ? node : NULL;
}

static struct node *
parse_signed(struct parser *parser)
{
	const char *sign = at(parser, TOKEN_MINUS) ? "-" : "+";
	size_t column = parser->token.column;
	struct node *inner, *node;

	if (!parser_next(parser))
		return NULL;
	if (at(parser, TOKEN_NUMBER) || at(parser, TOKEN_SPAN))
		return parse_literal(parser, sign, column);
	if (*sign == '+') {
		parser_fail(parser, column, "a + stands before a number or a span of time, or between two values");
		return NULL;
	}
	if (!at(parser, TOKEN_OPEN) && !at(parser, TOKEN_WORD)) {
		parser_fail(parser, column,
		    "a - stands before a number, a span of time, a field or a parenthesis");
		return NULL;
	}
	inner = at(parser, TOKEN_OPEN) ? parse_parenthesis(parser) : parse_word(parser);
	if (inner == NULL || (node = node_new(parser, NODE_NEG, column)) == NULL)
		return NULL;
	node->left = inner;
	return node;
}

/* NULL, always: what is next does not belong here. */
static struct node *
unexpected(struct parser *parser)
{
	struct slice text = parser->token.text;

	if (at(parser, TOKEN_END))
		parser_fail(parser, parser->token.column, "something is missing at the end");
	else
		parser_fail(parser, parser->token.column, "unexpected \"%.*s\"", (int)text.length, text.data);
	return NULL;
}

static struct node *
parse_factor(struct parser *parser)
{
	switch (parser->token.kind) {
	case TOKEN_OPEN:
		return parse_parenthesis(parser);
	case TOKEN_MINUS:
	case TOKEN_PLUS:
		return parse_signed(parser);
	case TOKEN_WORD:
		return parse_word(parser);
	case TOKEN_NUMBER:
	case TOKEN_SPAN:
	case TOKEN_DATE:
	case TOKEN_MONTH:
	case TOKEN_TIME:
	case TOKEN_STRING:
		return parse_literal(parser, "", parser->token.column);
	default:
		/* Where a value stands there is no operator: a field may well be called in. */
		if (parser->token.kind >= TOKEN_AND && parser_names_field(parser, parser->token.text))
			return parse_word(parser);
		return unexpected(parser);
	}
}

static struct node *
parse_term(struct parser *parser)
{
	struct node *left = parse_factor(parser);

	while (left != NULL && at(parser, TOKEN_STAR)) {
		size_t column = parser->token.column;

		if (!parser_next(parser))
			return NULL;
		left = node_join(parser, NODE_MUL, column, left, parse_factor(parser));
	}
	return left;
}

static struct node *
parse_sum(struct parser *parser)
{
	struct node *left = parse_term(parser);

	while (left != NULL && (at(parser, TOKEN_PLUS) || at(parser, TOKEN_MINUS))) {
		enum node_kind what = at(parser, TOKEN_PLUS) ? NODE_ADD : NODE_SUB;
		size_t column = parser->token.column;

		if (!parser_next(parser))
			return NULL;
		left = node_join(parser, what, column, left, parse_term(parser));
	}
	return left;
}

/* --- conditions --------------------------------------------------------- */

/* Behind `has` a word is a tag, also where it is the name of a field. */
static struct node *
parse_tag(struct parser *parser)
{
	return parser->token.kind >= TOKEN_WORD ? parse_literal(parser, "", parser->token.column)
						: unexpected(parser);
}

/* One value of a set, appended to the list that in->items will be. */
static bool
parse_item(struct parser *parser, struct node *in, size_t *capacity)
{
	struct node *node = in->operator== TOKEN_HAS ? parse_tag(parser) : parse_sum(parser);

	if (node == NULL)
		return false;
	if (in->count == *capacity) {
		struct item *items;

		*capacity = *capacity == 0 ? 8 : *capacity * 2;
		items = arena_zero(&parser->expr->arena, *capacity, sizeof(*items));
		if (in->count > 0)
			memcpy(items, in->items, in->count * sizeof(*items));
		in->items = items;
	}
	in->items[in->count++].node = node;
	return true;
}

/* Behind `in` and `has`: ( a, b c ) or one value. */
static bool
parse_set(struct parser *parser, struct node *in)
{
	size_t capacity = 0;

	if (!at(parser, TOKEN_OPEN))
		return parse_item(parser, in, &capacity);
	if (!parser_next(parser))
		return false;
	do {
		if (!parse_item(parser, in, &capacity))
			return false;
		if (at(parser, TOKEN_COMMA) && !parser_next(parser))
			return false;
	} while (!at(parser, TOKEN_CLOSE) && !at(parser, TOKEN_END));
	return expect(parser, TOKEN_CLOSE, "\")\"");
}

static struct node *
parse_in(struct parser *parser, struct node *left, enum token_kind operator)
{
	struct node *in = node_new(parser, NODE_IN, parser->token.column);

	if (in == NULL || !parser_next(parser))
		return NULL;
	in->left = left;
	in->operator= operator;
	if (!parse_set(parser, in))
		return NULL;
	return (operator== TOKEN_HAS ? type_has(parser, in) : type_in(parser, in)) ? in : NULL;
}

static struct node *
parse_compare(struct parser *parser)
{
	struct node *left = parse_sum(parser), *node;
	enum token_kind operator= parser->token.kind;
	size_t column = parser->token.column;
	bool match = operator== TOKEN_MATCH || operator== TOKEN_NOMATCH;

	if (left != NULL && (operator== TOKEN_IN || operator== TOKEN_HAS))
		return parse_in(parser, left, operator);
	if (left == NULL || (!match && (operator<TOKEN_EQ || operator> TOKEN_GE)))
		return left;
	if (!parser_next(parser))
		return NULL;
	node = node_join(parser, match ? NODE_MATCH : NODE_COMPARE, column, left, parse_sum(parser));
	if (node == NULL)
		return NULL;
	node->operator= operator;
	return (match ? type_match(parser, node) : type_compare(parser, node)) ? node : NULL;
}

static struct node *
parse_not(struct parser *parser)
{
	size_t column = parser->token.column;
	struct node *node, *inner;

	if (!at(parser, TOKEN_NOT))
		return parse_compare(parser);
	if (!enter(parser) || !parser_next(parser))
		return NULL;
	inner = parse_not(parser);
	parser->depth--;
	if (inner == NULL || !type_condition(parser, inner) || (node = node_new(parser, NODE_NOT, column)) == NULL)
		return NULL;
	node->left = inner;
	return node;
}

/* A chain of one operator over parts that are conditions. */
static struct node *
parse_chain(struct parser *parser, enum token_kind operator, enum node_kind what,
    struct node *(*parse_part)(struct parser *parser))
{
	struct node *left = parse_part(parser), *right;

	while (left != NULL && at(parser, operator)) {
		size_t column = parser->token.column;

		if (!type_condition(parser, left) || !parser_next(parser) ||
		    (right = parse_part(parser)) == NULL || !type_condition(parser, right))
			return NULL;
		left = node_join(parser, what, column, left, right);
	}
	return left;
}

static struct node *
parse_and(struct parser *parser)
{
	return parse_chain(parser, TOKEN_AND, NODE_AND, parse_not);
}

static struct node *
parse_or(struct parser *parser)
{
	return parse_chain(parser, TOKEN_OR, NODE_OR, parse_and);
}

struct node *
parser_run(struct parser *parser)
{
	struct node *root;

	if (!parser_next(parser))
		return NULL;
	if (at(parser, TOKEN_END)) {
		parser_fail(parser, 1, "an empty expression");
		return NULL;
	}
	root = parse_or(parser);
	if (root == NULL || !type_condition(parser, root))
		return NULL;
	if (!at(parser, TOKEN_END)) {
		parser_fail(parser, parser->token.column, "unexpected \"%.*s\"",
		    (int)parser->token.text.length, parser->token.text.data);
		return NULL;
	}
	return root;
}
