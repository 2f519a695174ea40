/* expr: compiling an expression, and asking it */
#include "record/expr_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

bool
parser_fail(struct parser *parser, size_t column, const char *format, ...)
{
	char reason[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	error_set(parser->error, STATUS_USAGE, "column %zu: %s", column, reason);
	return false;
}

/* --- derived fields ----------------------------------------------------- */

static struct expr *compile(struct view *view, const struct table *table, const char *text,
    const struct chain *chain, struct proven *proven, struct error *error);

/*
 * A derived field is compiled when it is first looked at.  Doing so once here, with
 * the fields that led to it in mind, proves that it does not lead back to itself.
 */
static bool
derived_sound(struct parser *parser, const struct token *token, const struct table *table, const struct field *field)
{
	struct chain chain = { .outer = parser->chain, .table = table->name, .field = field->name };
	struct proven *proven = parser->proven;
	struct expr *expr;

	for (size_t i = 0; i < proven->count; i++)
		if (proven->fields[i] == field)
			return true;
	for (const struct chain *link = parser->chain; link != NULL; link = link->outer)
		if (strcmp(link->table, chain.table) == 0 && strcmp(link->field, chain.field) == 0)
			return parser_fail(parser, token->column, "the derived field \"%s\" needs itself",
			    field->name);
	expr = compile(parser->view, table, field->preset, &chain, proven, parser->error);
	if (expr == NULL) {
		char where[96];

		snprintf(where, sizeof(where), "column %zu: %s", token->column, field->name);
		error_prefix(parser->error, where);
		return false;
	}
	parser->expr->derived_matches = parser->expr->derived_matches || expr_may_fail(expr);
	expr_free(expr);
	proven->fields = memory_grow(proven->fields, &proven->capacity, proven->count, sizeof(*proven->fields));
	proven->fields[proven->count++] = field;
	return true;
}

bool
parser_path(struct parser *parser, const struct token *token, struct node *node)
{
	struct path *path = arena_take(&parser->expr->arena, sizeof(*path));

	if (path_resolve(parser->view, parser->table, token->text, path, parser->error) != STATUS_OK) {
		char where[32];

		snprintf(where, sizeof(where), "column %zu", token->column);
		error_prefix(parser->error, where);
		return false;
	}
	for (size_t i = 0; i < path->count; i++) {
		const struct table *table = path->steps[i].table;
		const struct field *field = path->steps[i].field < 0 ? NULL
								     : &table->fields[path->steps[i].field];

		if (field != NULL && (field->flags & FIELD_DERIVED) != 0 && field->preset[0] != '\0' &&
		    !derived_sound(parser, token, table, field))
			return false;
	}
	node->path = path;
	node->typed = true;
	node->kind = type_kind(path->type);
	node->scale = node->kind == KIND_NUMBER ? DECIMAL_DIGITS : 0;
	node->truth = path->type == TYPE_BOOL;
	node->choices = path->field != NULL ? path->field->choices : NULL;
	return true;
}

/* --- compiling ---------------------------------------------------------- */

static struct expr *
compile(struct view *view, const struct table *table, const char *text, const struct chain *chain,
    struct proven *proven, struct error *error)
{
	struct expr *expr = memory_new(sizeof(*expr));
	struct parser parser = { .expr = expr,
		.view = view,
		.table = table,
		.chain = chain,
		.proven = proven,
		.start = text,
		.rest = slice_of(text),
		.error = error };

	if (parser.rest.length > EXPR_TEXT_MAX)
		parser_fail(&parser, 1, "the expression is too long");
	else
		expr->root = parser_run(&parser);
	if (expr->root == NULL) {
		expr_free(expr);
		expr = NULL;
	}
	return expr;
}

enum status
expr_compile(struct view *view, const struct table *table, const char *text, struct expr **expr, struct error *error)
{
	struct proven proven = { NULL, 0, 0 };

	*expr = compile(view, table, text, NULL, &proven, error);
	free(proven.fields);
	return *expr != NULL ? STATUS_OK : error->status;
}

void
expr_free(struct expr *expr)
{
	if (expr == NULL)
		return;
	for (size_t i = 0; i < expr->pattern_count; i++)
		pattern_free(expr->patterns[i]);
	free(expr->patterns);
	arena_release(&expr->arena);
	free(expr);
}

/* --- asking ------------------------------------------------------------- */

bool
expr_true(struct expr *expr, const struct record *record, struct error *error)
{
	bool truth = !expr->failed && eval_condition(expr, expr->root, record);

	if (!expr->failed)
		return truth;
	if (!expr->told)
		error_set(error, STATUS_REFUSED, "a regular expression takes too long on %s%llu",
		    record->log->table->prefix, (unsigned long long)record->number);
	expr->told = true;
	return false;
}

/* --- as a value --------------------------------------------------------- */

static const struct slice nothing = { "", 0 };

/* A number at scale as money, a whole number, or with up to 6 decimals. */
static struct slice
number_value(enum type type, int128 number, int scale, const struct record *record)
{
	char out[DECIMAL_SIZE];
	int64_t units;
	int digits;

	if (type == TYPE_MONEY || type == TYPE_INT) {
		digits = type == TYPE_INT ? 0 : record_money_digits(record);
		if (digits >= 0) {
			if (!decimal_rescale(number, scale, digits, &units))
				return nothing;
			return arena_copy(record->arena,
			    (struct slice){ out, decimal_format(units, digits, false, out) });
		}
	}
	if (!scale_number(number, scale, DECIMAL_DIGITS, &number))
		return nothing;
	return value_from_number(KIND_NUMBER, number, record->arena);
}

/* A day where an instant is wanted, or the other way round; UTC, as the stored spelling is. */
static struct slice
clock_value(enum type type, enum kind kind, int128 number, const struct record *record)
{
	if (type == TYPE_DATE && kind == KIND_TIME) {
		number = number < 0 ? -((-number + DAY_SECONDS - 1) / DAY_SECONDS) : number / DAY_SECONDS;
		kind = KIND_DATE;
	} else if (type == TYPE_TIME && kind == KIND_DATE) {
		number *= DAY_SECONDS;
		kind = KIND_TIME;
	}
	return value_from_number(kind, number, record->arena);
}

struct slice
expr_value(struct expr *expr, enum type type, const struct record *record)
{
	const struct node *root = expr->root;
	struct span span;
	char out[SPAN_SIZE];
	int128 number;

	if (type == TYPE_BOOL || node_is_condition(root)) {
		bool truth = !expr->failed && eval_condition(expr, root, record);

		return slice_of(truth ? "true" : "false");
	}
	if (root->kind == KIND_TEXT)
		return eval_text(root, record);
	if (root->kind == KIND_SPAN) {
		if (!eval_span(expr, root, record, &span))
			return nothing;
		return arena_copy(record->arena, (struct slice){ out, span_format(span, out) });
	}
	if (!eval_number(expr, root, record, &number))
		return nothing;
	if (root->kind == KIND_NUMBER)
		return number_value(type, number, root->scale, record);
	return clock_value(type, root->kind, number, record);
}
