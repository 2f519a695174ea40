/* expr_plain: what can be told of an expression without a record */
#include "record/expr_internal.h"

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
node_word(const struct node *node)
{
	struct slice left, right;

	if (node->what == NODE_COMPARE)
		return compare_word(node);
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
