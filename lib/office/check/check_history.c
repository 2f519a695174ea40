/* check_history: what the schema says of how records may change, held against every revision */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "office/check/check.h"
#include "record/history.h"

/* --- flows --------------------------------------------------------------------------- */

/* Which states a record can get to; one transaction may take several steps. */
struct flow {
	struct checking *checking;
	const struct table *table;
	size_t count;  /* of states */
	bool *reaches; /* from × to; from count is "not there yet" */
};

static size_t
state_index(const struct flow *flow, struct slice state)
{
	const char *const *choices = flow->table->fields[flow->table->state].choices;

	for (size_t i = 0; i < flow->count; i++) {
		if (slice_is(state, choices[i]))
			return i;
	}
	return SIZE_MAX;
}

static bool *
cell(const struct flow *flow, size_t from, size_t to)
{
	return &flow->reaches[from * flow->count + to];
}

/* New records begin where a transition says so, or else in the state that is the default. */
static bool
begins(const struct table *table, const char *state)
{
	bool any = false;

	for (size_t i = 0; i < table->transition_count; i++) {
		if (strcmp(table->transitions[i].from[0], "-") != 0)
			continue;
		any = true;
		if (strcmp(state, table->transitions[i].to) == 0)
			return true;
	}
	return !any && strcmp(state, table->fields[table->state].preset) == 0;
}

static void
flow_init(struct flow *flow, struct checking *checking, const struct table *table)
{
	const char *const *choices = table->fields[table->state].choices;

	*flow = (struct flow){ .checking = checking, .table = table };
	while (choices[flow->count] != NULL)
		flow->count++;
	flow->reaches = memory_array((flow->count + 1) * flow->count, sizeof *flow->reaches);
	for (size_t to = 0; to < flow->count; to++) {
		for (size_t from = 0; from < flow->count; from++)
			*cell(flow, from, to) = table_moves(table, slice_of(choices[from]),
						    slice_of(choices[to])) != NULL;
		*cell(flow, flow->count, to) = begins(table, choices[to]);
	}
	/* Warshall: by way of each state in turn */
	for (size_t by = 0; by < flow->count; by++)
		for (size_t from = 0; from <= flow->count; from++)
			for (size_t to = 0; to < flow->count; to++)
				*cell(flow, from, to) |= *cell(flow, from, by) && *cell(flow, by, to);
}

static enum status
visit_flow(const struct record *revision, const struct record *before, void *context, struct error *error)
{
	const struct flow *flow = context;
	const struct field *field = &flow->table->fields[flow->table->state];
	struct slice to = record_value(revision, flow->table->state), from = { "", 0 };
	size_t start = flow->count, end = state_index(flow, to);

	(void)error;
	if (revision->erased)
		return STATUS_OK;
	if (before != NULL) {
		from = record_value(before, flow->table->state);
		start = state_index(flow, from);
	}
	if ((before != NULL && slice_equal(from, to)) ||
	    (start != SIZE_MAX && end != SIZE_MAX && *cell(flow, start, end)))
		return STATUS_OK;
	if (before == NULL)
		check_report(flow->checking, revision->log, revision->number, field->name,
		    "began as \"%.*s\" in transaction %llu", (int)to.length, to.data,
		    (unsigned long long)revision->tx);
	else
		check_report(flow->checking, revision->log, revision->number, field->name,
		    "nothing leads from \"%.*s\" to \"%.*s\", in transaction %llu", (int)from.length,
		    from.data, (int)to.length, to.data, (unsigned long long)revision->tx);
	return STATUS_OK;
}

/* Every table, through a function that is given its log. */
static enum status
each_log(struct checking *checking, enum status (*look)(struct checking *, struct log *, struct error *),
    struct error *error)
{
	const char *const *names = schema_names(view_schema(checking->view));
	enum status status = STATUS_OK;

	for (; status == STATUS_OK && *names != NULL; names++) {
		struct log *log;

		status = view_log(checking->view, *names, &log, error);
		if (status == STATUS_OK && log->count > 0)
			status = look(checking, log, error);
	}
	return status;
}

static enum status
look_at_flow(struct checking *checking, struct log *log, struct error *error)
{
	struct flow flow;
	enum status status;

	if (log->table->state == SIZE_MAX)
		return STATUS_OK;
	flow_init(&flow, checking, log->table);
	status = history_log(log, 0, visit_flow, &flow, error);
	free(flow.reaches);
	return status;
}

static enum status
run_flows(struct checking *checking, struct error *error)
{
	return each_log(checking, look_at_flow, error);
}

const struct check check_flows = {
	.name = "flows",
	.help = "every change of a state was by transitions that the table has, from where records begin",
	.run = run_flows,
};

/* --- fixed fields ------------------------------------------------------------------------ */

static enum status
visit_fixed(const struct record *revision, const struct record *before, void *context, struct error *error)
{
	struct checking *checking = context;
	const struct table *table = revision->log->table;

	(void)error;
	if (before == NULL || revision->erased || before->erased)
		return STATUS_OK;
	for (size_t i = 0; i < table->field_count; i++) {
		struct slice old;

		if ((table->fields[i].flags & (FIELD_FIXED | FIELD_DERIVED)) != FIELD_FIXED)
			continue;
		old = record_value(before, i);
		if (old.length > 0 && !slice_equal(old, record_value(revision, i)))
			check_report(checking, revision->log, revision->number, table->fields[i].name,
			    "was \"%.*s\" until transaction %llu", (int)old.length, old.data,
			    (unsigned long long)revision->tx);
	}
	return STATUS_OK;
}

static enum status
look_at_fixed(struct checking *checking, struct log *log, struct error *error)
{
	bool any = false;

	for (size_t i = 0; i < log->table->field_count; i++)
		any |= (log->table->fields[i].flags & FIELD_FIXED) != 0;
	return any ? history_log(log, 0, visit_fixed, checking, error) : STATUS_OK;
}

static enum status
run_fixed(struct checking *checking, struct error *error)
{
	return each_log(checking, look_at_fixed, error);
}

const struct check check_fixed = {
	.name = "fixed",
	.help = "fields that can't change once they are set never did",
	.run = run_fixed,
};
