#include "office/check/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "base/processes.h"
#include "record/suggest.h"

const struct check *const office_checks[] = {
	&check_lines,
	&check_references,
	&check_blobs,
	&check_parents,
	&check_unique,
	&check_required,
	&check_spelling,
	&check_flows,
	&check_fixed,
	&check_totals,
	&check_series,
	&check_tax,
	&check_stock,
	&check_balance,
	&check_periods,
	&check_documents,
	&check_exchange,
	&check_events,
	&check_settlement,
	&check_tax_accounts,
	&check_prepayments,
	&check_reminders,
	NULL,
};

static enum status
find_check(const char *name, const struct check **found, struct error *error)
{
	struct suggestion suggestion = SUGGESTION_INIT(slice_of(name));
	char hint[SUGGESTION_SIZE];

	for (size_t i = 0; office_checks[i] != NULL; i++) {
		*found = office_checks[i];
		if (strcmp((*found)->name, name) == 0)
			return STATUS_OK;
		suggestion_try(&suggestion, (*found)->name);
	}
	return error_set(error, STATUS_USAGE, "no such check: \"%s\"%s", name, suggestion_text(&suggestion, hint));
}

enum status
check_names(const char *const *names, size_t count, struct error *error)
{
	const struct check *check;
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		status = find_check(names[i], &check, error);
	return status;
}

/* --- a run of several ---------------------------------------------------------------------- */

struct run {
	struct view *view;
	const struct check **checks;
	finding_visit *visit;
	void *context;
	size_t findings;
};

enum {
	FINDING_PARTS = 4, /* its check goes without saying */
	WORTH_PROCESSES = 1 << 20 /* bytes of logs: with fewer, another process begins no sooner than this one ends */
};

static void
say_finding(const struct finding *finding, void *context)
{
	const struct slice parts[FINDING_PARTS] = { slice_of(finding->table), slice_of(finding->field),
		finding->id, finding->text };

	for (size_t i = 0; i < FINDING_PARTS; i++) {
		buffer_add_slice(context, parts[i]);
		buffer_add_char(context, '\0');
	}
}

/* Each check has what it needs of the view read again, or finds it where an earlier one has. */
static enum status
run_check(void *context, size_t job, struct buffer *said, struct error *error)
{
	struct run *run = context;
	const struct check *check = run->checks[job];
	struct checking checking = { .view = run->view, .check = check, .visit = say_finding, .context = said };
	enum status status = check->run(&checking, error);

	arena_release(&checking.arena);
	return status;
}

static enum status
take_findings(void *context, size_t job, struct slice said, struct error *error)
{
	struct run *run = context;

	(void)error;
	while (said.length > 0) {
		struct slice parts[FINDING_PARTS];

		for (size_t i = 0; i < FINDING_PARTS; i++)
			parts[i] = slice_cut(&said, '\0');
		run->visit(
		    &(struct finding){
			.check = run->checks[job]->name,
			.table = parts[0].data,
			.field = parts[1].data,
			.id = parts[2],
			.text = parts[3],
		    },
		    run->context);
		run->findings++;
	}
	return STATUS_OK;
}

static size_t
processes_for(struct view *view, size_t checks)
{
	struct error ignored = ERROR_INIT; /* a check will meet it too */
	size_t count;
	const char *const *names = snapshot_tables(view_snapshot(view), &count);
	uint64_t bytes = 0;

	for (size_t i = 0; i < count; i++) {
		struct slice log = { "", 0 };

		if (snapshot_log(view_snapshot(view), names[i], &log, &ignored) == STATUS_OK)
			bytes += log.length;
	}
	error_release(&ignored);
	return bytes < WORTH_PROCESSES ? 1 : parallel_workers(checks);
}

enum status
check_run(struct view *view, const char *const *names, size_t count, finding_visit *visit, void *context,
    size_t *findings, struct error *error)
{
	struct run run = { .view = view, .visit = visit, .context = context };
	struct processes processes = { .context = &run, .work = run_check, .take = take_findings };
	enum status status = STATUS_OK;

	run.checks = memory_array(count + sizeof office_checks / sizeof *office_checks, sizeof *run.checks);
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		status = find_check(names[i], &run.checks[processes.jobs++], error);
	for (size_t i = 0; count == 0 && office_checks[i] != NULL; i++)
		run.checks[processes.jobs++] = office_checks[i];
	if (status == STATUS_OK) {
		processes.count = processes_for(view, processes.jobs);
		view_wait(view);
		status = processes_run(&processes, error);
	}
	free(run.checks);
	*findings = run.findings;
	return status;
}

/* --- what checks are made of --------------------------------------------------------------- */

void
check_report(struct checking *checking, const struct log *log, uint64_t number, const char *field,
    const char *format, ...)
{
	struct buffer text = BUFFER_INIT;
	char id[ID_SIZE];
	va_list arguments;

	va_start(arguments, format);
	buffer_vformat(&text, format, arguments);
	va_end(arguments);
	checking->visit(
	    &(struct finding){
		.check = checking->check->name,
		.table = log->table->name,
		.field = field != NULL ? field : "",
		.id = table_id(log->table, number, id),
		.text = buffer_slice(&text),
	    },
	    checking->context);
	buffer_release(&text);
}

enum status
check_each(struct checking *checking, struct log *log, check_visit *visit, void *context, struct error *error)
{
	enum status status = STATUS_OK;

	for (uint64_t number = 1; status == STATUS_OK && number <= log->count; number++) {
		struct record record;

		if (log_newest(log, number) == 0)
			continue;
		arena_reset(&checking->arena);
		status = record_peek(log, number, &checking->arena, &record, error);
		if (status != STATUS_OK || record.erased)
			continue;
		status = visit(checking, &record, context, error);
		if (status == STATUS_OK)
			status = record_held(&record, error);
	}
	return status;
}

/* Fields of a table. */
struct concerned {
	const size_t *fields;
	size_t count;
	check_value_visit *visit;
	void *context;
};

static enum status
visit_values(struct checking *checking, const struct record *record, void *context, struct error *error)
{
	const struct concerned *concerned = context;
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < concerned->count; i++) {
		size_t field = concerned->fields[i];

		status = concerned->visit(checking, record, field, record_value(record, field),
		    concerned->context, error);
	}
	return status;
}

enum status
check_values(struct checking *checking, check_concern *concern, check_value_visit *visit, void *context,
    struct error *error)
{
	const char *const *names = schema_names(view_schema(checking->view));
	enum status status = STATUS_OK;

	for (; status == STATUS_OK && *names != NULL; names++) {
		struct concerned concerned = { .visit = visit, .context = context };
		size_t *fields;
		struct log *log;

		status = view_log(checking->view, *names, &log, error);
		if (status != STATUS_OK)
			break;
		fields = memory_array(log->table->field_count + 1, sizeof *fields);
		for (size_t i = 0; i < log->table->field_count; i++)
			if (concern(log->table, i))
				fields[concerned.count++] = i;
		concerned.fields = fields;
		if (concerned.count > 0)
			status = check_each(checking, log, visit_values, &concerned, error);
		free(fields);
	}
	return status;
}
