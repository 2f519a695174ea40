/* derived: expressions are compiled once per view and field */
#include "record/derived.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/expr.h"
#include "record/rule.h"

struct derived {
	struct derived *next;
	const struct log *log;
	size_t field;
	struct expr *expr; /* NULL: it does not compile */
};

void
derived_free(struct derived *derived)
{
	while (derived != NULL) {
		struct derived *next = derived->next;

		expr_free(derived->expr);
		free(derived);
		derived = next;
	}
}

static struct expr *
compiled(const struct record *record, const struct field *field)
{
	struct log *log = record->log;
	struct derived **list = view_derived(log->view), *derived;
	struct error ignored = ERROR_INIT;
	size_t index = (size_t)(field - log->table->fields);

	for (derived = *list; derived != NULL; derived = derived->next) {
		if (derived->field == index && derived->log == log)
			return derived->expr;
	}
	derived = memory_new(sizeof *derived);
	derived->log = log;
	derived->field = index;
	expr_compile(log->view, log->table, field->preset, &derived->expr, &ignored);
	error_release(&ignored);
	derived->next = *list;
	*list = derived;
	return derived->expr;
}

struct slice
derived_value(const struct record *record, const struct field *field)
{
	const struct rule *const *rules = view_rules(record->log->view);
	struct expr *expr;

	if (field->preset[0] != '\0') {
		expr = compiled(record, field);
		return expr != NULL ? expr_value(expr, field->type, record) : (struct slice){ "", 0 };
	}
	for (; rules != NULL && *rules != NULL; rules++) {
		if ((*rules)->derive != NULL && strcmp((*rules)->table, record->log->table->name) == 0)
			return (*rules)->derive(record, field);
	}
	return (struct slice){ "", 0 };
}
