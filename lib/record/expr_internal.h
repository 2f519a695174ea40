/*
 * expr_internal: the tree of an expression, and who does what to it.
 *
 *	expr_lex.c    text → tokens
 *	expr_parse.c  tokens → tree
 *	expr_type.c   what each part is
 *	expr_literal.c  literals, read as what they are compared with
 *	expr_eval.c   tree and record → truth or value
 *	expr_plain.c  what can be told of a tree without a record
 *	expr.c        compiling, derived fields that would need themselves
 */
#ifndef RECORD_EXPR_INTERNAL_H
#define RECORD_EXPR_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/date.h"
#include "record/expr.h"
#include "record/pattern.h"
#include "record/value.h"

enum {
	EXPR_TEXT_MAX = 1 << 14, /* bytes */
	EXPR_NODES_MAX = 4000,   /* evaluating recurs as deep at worst */
	EXPR_DEPTH_MAX = 100,    /* of parentheses and the like */
	EXPR_SCALE_MAX = 24      /* decimals: a product of four numbers has as many */
};

/* --- tokens ------------------------------------------------------------- */

enum token_kind {
	TOKEN_END,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_LT,
	TOKEN_LE,
	TOKEN_GT,
	TOKEN_GE,
	TOKEN_MATCH,
	TOKEN_NOMATCH,
	TOKEN_PLUS,
	TOKEN_MINUS,
	TOKEN_STAR,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_IN,
	TOKEN_HAS,
	TOKEN_WORD,   /* a path or a literal */
	TOKEN_NUMBER, /* 12.50 */
	TOKEN_SPAN,   /* 30d */
	TOKEN_DATE,   /* 2026-10-01 */
	TOKEN_MONTH,  /* 2026-10 */
	TOKEN_TIME,   /* 2026-10-01T12:30:00Z */
	TOKEN_STRING  /* text without its quotes */
};

struct token {
	enum token_kind kind;
	struct slice text;
	size_t column; /* of its first character, from 1 */
};

/* --- the tree ----------------------------------------------------------- */

enum node_kind {
	/* conditions: true or false */
	NODE_OR,
	NODE_AND,
	NODE_NOT,
	NODE_COMPARE, /* left op right */
	NODE_MATCH,   /* left ~ pattern */
	NODE_IN,      /* left in items */
	NODE_MEMBER,  /* one of items is one of the tags of right */
	/* values */
	NODE_LITERAL,
	NODE_PATH,
	NODE_ADD,
	NODE_SUB,
	NODE_MUL,
	NODE_NEG,
	NODE_START /* the instant at which the day left begins */
};

enum how {
	HOW_NUMBER, /* numbers, days, instants, spans */
	HOW_TEXT,   /* bytes */
	HOW_RANK,   /* the order of the choices */
	HOW_ID      /* the shorter first, then bytes: C9 before C10 */
};

/* One of a set: a value, or numbers from low to below high. */
struct item {
	struct node *node;
	bool range;
	int128 low, high;
};

struct node {
	enum node_kind what;
	size_t column;
	struct node *left, *right;

	/* of a value, once it is typed */
	bool typed;
	enum kind kind;
	int scale; /* decimals of number, for KIND_NUMBER and spans that were multiplied */

	/* NODE_LITERAL */
	struct token token;
	bool sign; /* the text begins with + or -: -30d */
	bool empty;
	int128 number;
	struct span span;

	/* NODE_PATH */
	struct path *path;
	bool truth;                 /* of type bool: empty is false */
	const char *const *choices; /* enum, state */

	/* NODE_COMPARE, _MATCH, _IN */
	enum token_kind operator;
	enum how how;
	struct item *items;
	size_t count;
	struct pattern *pattern;
};

static inline bool
node_is_condition(const struct node *node)
{
	return node->what <= NODE_MEMBER;
}

/* A derived field whose expression is being compiled, and those it is compiled for. */
struct chain {
	const struct chain *outer;
	const char *table, *field;
};

/* Derived fields that were found sound already, so that each is compiled once. */
struct proven {
	const struct field **fields;
	size_t count, capacity;
};

struct parser {
	struct expr *expr;
	struct view *view;
	const struct table *table;
	const struct chain *chain;
	struct proven *proven;
	const char *start; /* of the text */
	struct slice rest;
	struct token token; /* the next one */
	size_t depth, nodes;
	struct error *error;
};

struct expr {
	struct arena arena;
	struct node *root;
	struct pattern **patterns; /* to be freed */
	size_t pattern_count, pattern_capacity;
	bool derived_matches; /* there is one in a derived field that it looks at */
	const char *zone;     /* the company's, when days become instants */
	bool failed;          /* a pattern hit its limits: nothing is true any more */
	bool told;
};

/* Fails with `column N: …`; always false. */
bool parser_fail(struct parser *parser, size_t column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The next token into parser->token; false with an error. */
bool parser_next(struct parser *parser);

/* A year, a month and perhaps a day, in whatever number of digits: nobody means a difference by 2026-3-1. */
bool looks_like_date(struct slice text);

/* Whether a word begins with a field of the table: total, customer.name, id. */
bool parser_names_field(const struct parser *parser, struct slice word);

/* All of the text into a tree, typed; NULL with an error. */
struct node *parser_run(struct parser *parser);

/* A word as a path; derived fields on it are followed.  false with an error. */
bool parser_path(struct parser *parser, const struct token *token, struct node *node);

/* --- typing; all return false with an error ----------------------------- */

/* A literal as a value of what other is, which is typed. */
bool type_literal(struct parser *parser, struct node *literal, const struct node *other);
/* A literal of a set: a month or year is a range of days, a day one of instants. */
bool type_item(struct parser *parser, struct item *item, const struct node *left);
/* The company's time zone, into expr->zone. */
const char *parser_zone(struct parser *parser);
/* `no such field: "opne" (did you mean "open"?)` for a literal that nothing gives a meaning. */
bool type_stray(struct parser *parser, const struct node *literal);

/* As a value of its own: an arithmetic expression, a field; a literal only where it says itself what it is. */
bool type_value(struct parser *parser, struct node *node);
/* As something true or false by itself. */
bool type_condition(struct parser *parser, struct node *node);
bool type_compare(struct parser *parser, struct node *compare);
bool type_match(struct parser *parser, struct node *match);
bool type_in(struct parser *parser, struct node *in);
bool type_has(struct parser *parser, struct node *has);

/* --- evaluating --------------------------------------------------------- */

bool eval_condition(struct expr *expr, const struct node *node, const struct record *record);
/* At node->scale; false when it is empty or out of range. */
bool eval_number(struct expr *expr, const struct node *node, const struct record *record, int128 *number);
/* Likewise a span, its months apart. */
bool eval_span(struct expr *expr, const struct node *node, const struct record *record, struct span *span);
bool eval_empty(struct expr *expr, const struct node *node, const struct record *record);
/* From one number of decimals to another, rounded half away from zero; false on overflow. */
bool scale_number(int128 number, int from, int to, int128 *scaled);
struct slice eval_text(const struct node *node, const struct record *record);

#endif
