/* expr_eval: a tree and a record make a truth or a value; nothing is allocated for numbers and days */
#include "record/expr_internal.h"
#include "record/value_internal.h"

static const struct slice nothing = { "", 0 };

struct slice
eval_text(const struct node *node, const struct record *record)
{
	if (node->what == NODE_LITERAL)
		return node->token.text;
	return node->what == NODE_PATH ? path_value(node->path, record) : nothing;
}

bool
eval_empty(struct expr *expr, const struct node *node, const struct record *record)
{
	int128 number;

	if (node->what == NODE_LITERAL)
		return node->empty;
	if (node->what == NODE_PATH)
		return path_value(node->path, record).length == 0;
	return !eval_number(expr, node, record, &number);
}

/* --- numbers ------------------------------------------------------------ */

bool
scale_number(int128 number, int from, int to, int128 *scaled)
{
	*scaled = number;
	if (to > from)
		return !__builtin_mul_overflow(number, decimal_power(to - from), scaled);
	if (to < from)
		*scaled = decimal_divide(number, decimal_power(from - to));
	return true;
}

/* A field as a number.  A truth that nobody has told is false. */
static bool
path_number(const struct node *node, const struct record *record, int128 *number)
{
	struct slice value = path_value(node->path, record);

	if (value.length == 0 && node->truth) {
		*number = 0;
		return true;
	}
	return value_number(node->kind, value, number);
}

/* Both parts of a span, added or (sign -1) subtracted. */
static bool
span_join(struct span *span, struct span other, int sign)
{
	int64_t months, seconds;

	return !__builtin_mul_overflow(other.months, (int64_t)sign, &months) &&
	    !__builtin_mul_overflow(other.seconds, (int64_t)sign, &seconds) &&
	    !__builtin_add_overflow(span->months, months, &span->months) &&
	    !__builtin_add_overflow(span->seconds, seconds, &span->seconds);
}

/* As many seconds as node comes to: a difference of days, half a month. */
static bool
span_of_seconds(struct expr *expr, const struct node *node, const struct record *record, struct span *span)
{
	int128 number;

	*span = (struct span){ 0, 0 };
	return eval_number(expr, node, record, &number) && scale_number(number, node->scale, 0, &number) &&
	    !__builtin_add_overflow((int64_t)0, number, &span->seconds);
}

/* A whole number of times a span has its months still. */
static bool
span_times(struct expr *expr, const struct node *node, const struct record *record, struct span *span)
{
	bool first = node->left->kind == KIND_SPAN;
	const struct node *spans = first ? node->left : node->right, *times = first ? node->right : node->left;
	int128 number, unit = decimal_power(times->scale);

	if (!eval_number(expr, times, record, &number) || !eval_span(expr, spans, record, span))
		return false;
	if (number % unit != 0)
		return span_of_seconds(expr, node, record, span);
	return !__builtin_mul_overflow(span->months, number / unit, &span->months) &&
	    !__builtin_mul_overflow(span->seconds, number / unit, &span->seconds);
}

bool
eval_span(struct expr *expr, const struct node *node, const struct record *record, struct span *span)
{
	struct span other;

	switch (node->what) {
	case NODE_LITERAL:
		*span = node->span;
		return !node->empty;
	case NODE_PATH:
		return span_parse(path_value(node->path, record), span);
	case NODE_MUL:
		return span_times(expr, node, record, span);
	case NODE_NEG:
		*span = (struct span){ 0, 0 };
		return eval_span(expr, node->left, record, &other) && span_join(span, other, -1);
	default:
		if (node->left->kind != KIND_SPAN)
			return span_of_seconds(expr, node, record, span);
		return eval_span(expr, node->left, record, span) &&
		    eval_span(expr, node->right, record, &other) &&
		    span_join(span, other, node->what == NODE_ADD ? 1 : -1);
	}
}

/* A day or instant and a span. */
static bool
eval_moved(struct expr *expr, const struct node *node, const struct record *record, int128 *number)
{
	struct span span = { 0, 0 }, moved;
	int64_t seconds;
	int128 left;
	int32_t day;
	bool done;

	if (!eval_number(expr, node->left, record, &left) || !eval_span(expr, node->right, record, &moved) ||
	    !span_join(&span, moved, node->what == NODE_SUB ? -1 : 1))
		return false;
	if (node->kind == KIND_DATE) {
		done = day_add((int32_t)left, span, &day);
		*number = day;
	} else {
		done = time_add((int64_t)left, span, &seconds);
		*number = seconds;
	}
	return done;
}

static bool
eval_sum(struct expr *expr, const struct node *node, const struct record *record, int128 *number)
{
	int128 left, right;
	bool days = node->left->kind == KIND_DATE;

	if (node->kind == KIND_DATE || node->kind == KIND_TIME)
		return eval_moved(expr, node, record, number);
	if (!eval_number(expr, node->left, record, &left) || !eval_number(expr, node->right, record, &right) ||
	    !scale_number(left, node->left->scale, node->scale, &left) ||
	    !scale_number(right, node->right->scale, node->scale, &right))
		return false;
	if (node->what == NODE_ADD)
		return !__builtin_add_overflow(left, right, number);
	if (__builtin_sub_overflow(left, right, number))
		return false;
	if (days)
		*number *= DAY_SECONDS;
	return true;
}

bool
eval_number(struct expr *expr, const struct node *node, const struct record *record, int128 *number)
{
	int128 left, right;

	switch (node->what) {
	case NODE_LITERAL:
		*number = node->number;
		return !node->empty;
	case NODE_PATH:
		return path_number(node, record, number);
	case NODE_NEG:
		return eval_number(expr, node->left, record, &left) &&
		    !__builtin_sub_overflow((int128)0, left, number);
	case NODE_MUL:
		return eval_number(expr, node->left, record, &left) &&
		    eval_number(expr, node->right, record, &right) &&
		    !__builtin_mul_overflow(left, right, number);
	case NODE_ADD:
	case NODE_SUB:
		return eval_sum(expr, node, record, number);
	case NODE_START:
		if (!eval_number(expr, node->left, record, &left))
			return false;
		*number = zone_midnight(expr->zone, (int32_t)left);
		return true;
	default:
		return false; /* conditions are no values: see type_value */
	}
}

/* --- comparing ---------------------------------------------------------- */

static bool
holds(enum token_kind operator, int order)
{
	switch (operator) {
	case TOKEN_EQ:
		return order == 0;
	case TOKEN_NE:
		return order != 0;
	case TOKEN_LT:
		return order < 0;
	case TOKEN_LE:
		return order <= 0;
	case TOKEN_GT:
		return order > 0;
	default:
		return order >= 0;
	}
}

/* Where a side is empty there is no order: equal when both are, and neither less nor greater. */
static bool
holds_empty(enum token_kind operator, bool left, bool right)
{
	if (operator== TOKEN_EQ)
		return left && right;
	return operator== TOKEN_NE && !(left &&right);
}

static bool
compare_numbers(struct expr *expr, const struct node *compare, const struct record *record)
{
	const struct node *left = compare->left, *right = compare->right;
	int scale = left->scale > right->scale ? left->scale : right->scale;
	int128 a, b;
	bool has_a = eval_number(expr, left, record, &a) && scale_number(a, left->scale, scale, &a);
	bool has_b = eval_number(expr, right, record, &b) && scale_number(b, right->scale, scale, &b);

	if (!has_a || !has_b)
		return holds_empty(compare->operator, !has_a, !has_b);
	return holds(compare->operator,(a > b) - (a < b));
}

static int
rank(const char *const *choices, struct slice text)
{
	for (int i = 0; choices[i] != NULL; i++)
		if (slice_is(text, choices[i]))
			return i;
	return -1;
}

static bool
compare_texts(const struct node *compare, struct slice a, struct slice b)
{
	const struct node *path = compare->left->what == NODE_PATH ? compare->left : compare->right;
	int order;

	if (a.length == 0 || b.length == 0)
		return holds_empty(compare->operator, a.length == 0, b.length == 0);
	if (compare->operator== TOKEN_EQ || compare->operator== TOKEN_NE)
		return slice_equal(a, b) == (compare->operator== TOKEN_EQ);
	if (compare->how == HOW_RANK)
		order = rank(path->choices, a) - rank(path->choices, b);
	else if (compare->how == HOW_ID && a.length != b.length)
		order = a.length < b.length ? -1 : 1;
	else
		order = slice_compare(a, b);
	return holds(compare->operator, order);
}

static bool
eval_compare(struct expr *expr, const struct node *compare, const struct record *record)
{
	const struct node *left = compare->left, *right = compare->right;

	if (compare->how == HOW_NUMBER)
		return compare_numbers(expr, compare, record);
	if (left->kind != right->kind) /* one of them is "" */
		return holds_empty(compare->operator, eval_empty(expr, left, record),
		    eval_empty(expr, right, record));
	return compare_texts(compare, eval_text(left, record), eval_text(right, record));
}

/* --- patterns and sets -------------------------------------------------- */

static bool
eval_match(struct expr *expr, const struct node *match, const struct record *record)
{
	enum match result;

	if (expr->failed)
		return false;
	result = pattern_match(match->pattern, eval_text(match->left, record));
	expr->failed = result == MATCH_LIMIT;
	return result != MATCH_LIMIT && (result == MATCH_YES) == (match->operator== TOKEN_MATCH);
}

static bool
item_has_number(struct expr *expr, const struct item *item, const struct record *record, int128 number, int scale)
{
	int128 other;
	int common;

	if (item->range)
		return number >= item->low && number < item->high;
	if (!eval_number(expr, item->node, record, &other))
		return false;
	common = scale > item->node->scale ? scale : item->node->scale;
	return scale_number(number, scale, common, &number) &&
	    scale_number(other, item->node->scale, common, &other) && number == other;
}

/* Whether an empty value is in the set: "" is, and another that is empty. */
static bool
has_empty(struct expr *expr, const struct node *in, const struct record *record)
{
	for (size_t i = 0; i < in->count; i++)
		if (!in->items[i].range && eval_empty(expr, in->items[i].node, record))
			return true;
	return false;
}

static bool
eval_in(struct expr *expr, const struct node *in, const struct record *record)
{
	const struct node *left = in->left;
	int128 number;

	if (left->kind == KIND_TEXT) {
		struct slice text = eval_text(left, record);

		for (size_t i = 0; i < in->count; i++)
			if (slice_equal(text, eval_text(in->items[i].node, record)))
				return true;
		return false;
	}
	if (eval_empty(expr, left, record) && has_empty(expr, in, record))
		return true;
	if (!eval_number(expr, left, record, &number))
		return false;
	for (size_t i = 0; i < in->count; i++)
		if (item_has_number(expr, &in->items[i], record, number, left->scale))
			return true;
	return false;
}

static bool
eval_member(const struct node *member, const struct record *record)
{
	struct slice tags = eval_text(member->right, record);

	while (tags.data != NULL) {
		struct slice tag = slice_cut(&tags, ' ');

		for (size_t i = 0; i < member->count; i++)
			if (slice_equal(tag, member->items[i].node->token.text))
				return true;
	}
	return false;
}

/* --- truth -------------------------------------------------------------- */

static bool
eval_bare(struct expr *expr, const struct node *node, const struct record *record)
{
	int128 number;

	if (node->what == NODE_PATH && !node->truth)
		return path_value(node->path, record).length > 0;
	return eval_number(expr, node, record, &number) && number != 0;
}

bool
eval_condition(struct expr *expr, const struct node *node, const struct record *record)
{
	switch (node->what) {
	case NODE_OR:
		return eval_condition(expr, node->left, record) || eval_condition(expr, node->right, record);
	case NODE_AND:
		return eval_condition(expr, node->left, record) && eval_condition(expr, node->right, record);
	case NODE_NOT:
		return !eval_condition(expr, node->left, record);
	case NODE_COMPARE:
		return eval_compare(expr, node, record);
	case NODE_MATCH:
		return eval_match(expr, node, record);
	case NODE_IN:
		return eval_in(expr, node, record);
	case NODE_MEMBER:
		return eval_member(node, record);
	default:
		return eval_bare(expr, node, record);
	}
}
