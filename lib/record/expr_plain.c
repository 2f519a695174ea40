/* expr_plain: what can be told of an expression without a record */
#include "record/expr_internal.h"

enum { DAYS_MOST = 31 /* of a set of days that are looked for one by one */ };

static bool
is_stored(const struct node *node)
{
	if (node == NULL)
		return true;
	/* When a day begins is asked of the C library, which has one time zone for all. */
	if (node->what == NODE_START || (node->what == NODE_PATH && !path_is_stored(node->path)))
		return false;
	for (size_t i = 0; i < node->count; i++)
		if (!is_stored(node->items[i].node))
			return false;
	return is_stored(node->left) && is_stored(node->right);
}

bool
expr_is_stored(const struct expr *expr)
{
	return is_stored(expr->root);
}

/* A stored field of the record itself. */
static bool
is_own_field(const struct node *node)
{
	return node->what == NODE_PATH && node->path->count == 1 && node->path->field != NULL &&
	    path_is_stored(node->path);
}

/*
 * Text that equals a literal is the literal, with or without quotes around it; only a
 * quote in it is spelled otherwise in the line.
 */
static struct slice
compare_word(const struct node *compare)
{
	const struct node *literal = compare->right->what == NODE_LITERAL ? compare->right : compare->left;
	const struct node *path = literal == compare->right ? compare->left : compare->right;
	struct slice word = literal->token.text;

	if (compare->operator!= TOKEN_EQ || compare->how == HOW_NUMBER ||
	    literal->what != NODE_LITERAL || literal->kind != KIND_TEXT || !is_own_field(path) ||
	    path->kind != KIND_TEXT || word.length == 0 || memchr(word.data, '"', word.length) != NULL)
		return (struct slice){ NULL, 0 };
	return word;
}

static struct slice
match_word(const struct node *match)
{
	struct slice word = pattern_word(match->pattern);

	if (match->operator!= TOKEN_MATCH || !is_own_field(match->left) || match->left->kind != KIND_TEXT ||
	    word.length == 0 || memchr(word.data, '"', word.length) != NULL)
		return (struct slice){ NULL, 0 };
	return word;
}

static struct slice
node_word(const struct node *node)
{
	struct slice left, right;

	if (node->what == NODE_COMPARE)
		return compare_word(node);
	if (node->what == NODE_MATCH)
		return match_word(node);
	if (node->what != NODE_AND)
		return (struct slice){ NULL, 0 };
	left = node_word(node->left);
	right = node_word(node->right);
	return left.length >= right.length ? left : right;
}

struct slice
expr_word(const struct expr *expr)
{
	return node_word(expr->root);
}

/* --- needs ------------------------------------------------------------------------ */

/* Takes the field at the end of a path, which must be that of before, if there was one. */
static bool
need_field(struct expr_need *need, const struct node *node)
{
	const struct path *path = node->path;
	size_t field = SIZE_MAX;

	if (node->what != NODE_PATH || path->count != 1 || path->steps[0].field == PATH_TX ||
	    !path_is_stored(path) || (node->kind != KIND_TEXT && node->kind != KIND_DATE))
		return false;
	if (path->steps[0].field != PATH_ID)
		field = (size_t)path->steps[0].field;
	if (need->count > 0 && need->field != field)
		return false;
	need->field = field;
	return true;
}

static void
need_value(struct expr *expr, struct expr_need *need, struct slice value)
{
	struct slice *larger;

	if (need->count == need->capacity) {
		need->capacity = need->capacity == 0 ? 4 : need->capacity * 2;
		larger = arena_take(&expr->arena, need->capacity * sizeof *larger);
		if (need->count > 0)
			memcpy(larger, need->values, need->count * sizeof *larger);
		need->values = larger;
	}
	need->values[need->count++] = value;
}

/* Days have one spelling. */
static void
need_day(struct expr *expr, struct expr_need *need, int128 day)
{
	need_value(expr, need, value_from_number(KIND_DATE, day, &expr->arena));
}

/* A literal that the field has to equal: texts are the same bytes then. */
static bool
need_literal(struct expr *expr, struct expr_need *need, const struct node *path, const struct node *literal)
{
	if (literal->what != NODE_LITERAL || literal->empty || literal->kind != path->kind)
		return false;
	if (literal->kind == KIND_DATE)
		need_day(expr, need, literal->number);
	else
		need_value(expr, need, literal->token.text);
	return true;
}

static bool
need_compared(struct expr *expr, struct expr_need *need, const struct node *compare)
{
	const struct node *left = compare->left, *right = compare->right;

	if (compare->operator!= TOKEN_EQ)
		return false;
	return left->what == NODE_LITERAL ? need_field(need, right) && need_literal(expr, need, right, left)
					  : need_field(need, left) && need_literal(expr, need, left, right);
}

/* One of a set: a month is its days. */
static bool
need_item(struct expr *expr, struct expr_need *need, const struct node *path, const struct item *item)
{
	if (!item->range)
		return need_literal(expr, need, path, item->node);
	if (path->kind != KIND_DATE || item->high - item->low > DAYS_MOST)
		return false;
	for (int128 day = item->low; day < item->high; day++)
		need_day(expr, need, day);
	return true;
}

static bool
need_in(struct expr *expr, struct expr_need *need, const struct node *in)
{
	if (!need_field(need, in->left))
		return false;
	for (size_t i = 0; i < in->count; i++) {
		if (!need_item(expr, need, in->left, &in->items[i]))
			return false;
	}
	return true;
}

static bool
find_need(struct expr *expr, struct expr_need *need, const struct node *node)
{
	switch (node->what) {
	case NODE_OR:
		return find_need(expr, need, node->left) && find_need(expr, need, node->right);
	case NODE_COMPARE:
		return need_compared(expr, need, node);
	case NODE_IN:
		return need_in(expr, need, node);
	default:
		return false;
	}
}

static bool
has_match(const struct node *node)
{
	return node != NULL && (node->what == NODE_MATCH || has_match(node->left) || has_match(node->right));
}

/* The needs of what has to hold together, in the order that it is asked in; false: no more may be told. */
static bool
add_needs(struct expr *expr, const struct node *node, struct expr_need *needs, size_t most, size_t *count)
{
	struct expr_need need = { .count = 0 };

	if (node->what == NODE_AND)
		return add_needs(expr, node->left, needs, most, count) &&
		    add_needs(expr, node->right, needs, most, count);
	if (*count < most && find_need(expr, &need, node))
		needs[(*count)++] = need;
	return !has_match(node);
}

size_t
expr_needs(struct expr *expr, struct expr_need *needs, size_t most)
{
	size_t count = 0;

	if (!expr->derived_matches)
		add_needs(expr, expr->root, needs, most, &count);
	return count;
}

bool
expr_may_fail(const struct expr *expr)
{
	return expr->pattern_count > 0 || expr->derived_matches;
}
