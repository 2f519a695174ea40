#include "office/check/check.h"

#include <string.h>

#include "base/memory.h"
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

static enum status
run_one(struct checking *checking, const struct check *check, struct error *error)
{
	enum status status;

	checking->check = check;
	status = check->run(checking, error);
	arena_reset(&checking->arena);
	return status;
}

enum status
check_run(struct view *view, const char *const *names, size_t count, finding_visit *visit, void *context,
    size_t *findings, struct error *error)
{
	struct checking checking = { .view = view, .visit = visit, .context = context };
	const struct check *check;
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		status = find_check(names[i], &check, error);
		if (status == STATUS_OK)
			status = run_one(&checking, check, error);
	}
	for (size_t i = 0; count == 0 && status == STATUS_OK && office_checks[i] != NULL; i++)
		status = run_one(&checking, office_checks[i], error);
	arena_release(&checking.arena);
	*findings = checking.findings;
	return status;
}

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
	checking->findings++;
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
		status = record_read(log, number, &checking->arena, &record, error);
		if (status == STATUS_OK && !record.erased)
			status = visit(checking, &record, context, error);
	}
	return status;
}

enum status
check_all(struct checking *checking, check_visit *visit, void *context, struct error *error)
{
	const char *const *names = schema_names(view_schema(checking->view));
	enum status status = STATUS_OK;

	for (; status == STATUS_OK && *names != NULL; names++) {
		struct log *log;

		status = view_log(checking->view, *names, &log, error);
		if (status == STATUS_OK)
			status = check_each(checking, log, visit, context, error);
	}
	return status;
}
