/* recurring_run: turns that have come become invoices */
#include "office/document/recurring.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "office/help.h"

/* --- from template to draft --------------------------------------------------- */

struct making {
	const struct recurring_run *run;
	const struct record *template;
	const char *source; /* its id, for faults */
};

/* What both have under the same name goes over, a store's own fields too. */
static size_t
copy_values(const struct record *from, const struct table *table, struct assign *assigns)
{
	const struct table *source = from->log->table;
	size_t count = 0;

	for (size_t i = 0; i < source->field_count; i++) {
		struct slice value = record_value(from, i);
		size_t field = table_field(table, slice_of(source->fields[i].name));

		if (i == source->archived || field == SIZE_MAX || value.length == 0 ||
		    (source->fields[i].flags & FIELD_DERIVED) ||
		    (table->fields[field].flags & (FIELD_DERIVED | FIELD_COMPUTED)))
			continue;
		assigns[count++] = (struct assign){ .target = { .field = field, .via = SIZE_MAX }, .value = value };
	}
	return count;
}

/* A copy: edits may move what the log says. */
static uint64_t *
copy_children(struct log *log, uint64_t parent, size_t *count)
{
	const uint64_t *children = log_children(log, parent, count);
	uint64_t *numbers = memory_array(*count + 1, sizeof *numbers);

	if (*count > 0)
		memcpy(numbers, children, *count * sizeof *numbers);
	return numbers;
}

static enum status
make_line(struct batch *batch, const struct record *line, const struct making *making, struct slice invoice,
    struct error *error)
{
	struct edit edit = { .place = { .source = making->source } };
	struct assign *assigns = memory_array(line->log->table->field_count + 1, sizeof *assigns);
	enum status status = view_table(batch_view(batch), "invoice_line", &edit.table, error);

	edit.assigns = assigns;
	if (status == STATUS_OK) {
		edit.assign_count = copy_values(line, edit.table, assigns);
		assigns[edit.assign_count++] = assign_value(edit.table, "invoice", invoice);
		status = batch_edit(batch, &edit, NULL, error);
	}
	free(assigns);
	return status;
}

static enum status
make_lines(struct batch *batch, const struct making *making, struct slice invoice, struct error *error)
{
	const struct record *template = making->template;
	struct place place = { .source = making->source };
	struct log *log;
	uint64_t *numbers;
	size_t count, made = 0;
	enum status status = view_log(batch_view(batch), "recurring_line", &log, error);

	if (status != STATUS_OK)
		return status;
	numbers = copy_children(log, template->number, &count);
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct record line;

		status = record_read(log, numbers[i], template->arena, &line, error);
		if (status != STATUS_OK || record_archived(&line))
			continue;
		made++;
		status = make_line(batch, &line, making, invoice, error);
	}
	free(numbers);
	return status == STATUS_OK && made == 0 ? error_add(error, &place, "has no lines") : status;
}

static enum status
make_invoice(struct batch *batch, const struct making *making, int32_t day, struct error *error)
{
	const struct record *template = making->template;
	struct edit edit = { .place = { .source = making->source } };
	struct assign *assigns = memory_array(template->log->table->field_count + 2, sizeof *assigns);
	char id[ID_SIZE];
	enum status status = view_table(batch_view(batch), "invoice", &edit.table, error);

	edit.assigns = assigns;
	if (status == STATUS_OK) {
		edit.assign_count = copy_values(template, edit.table, assigns);
		assigns[edit.assign_count++] = assign_value(edit.table, "recurring", record_id(template));
		assigns[edit.assign_count++] = assign_value(edit.table, "period", date_text(day, template->arena));
		status = batch_edit(batch, &edit, &edit.number, error);
	}
	if (status == STATUS_OK)
		status = make_lines(batch, making, table_id(edit.table, edit.number, id), error);
	edit.assign_count = 0;
	edit.verb = "issue";
	if (status == STATUS_OK && making->run->issue)
		status = batch_edit(batch, &edit, NULL, error);
	free(assigns);
	return status;
}

/* --- which turns ---------------------------------------------------------------- */

struct turns {
	int32_t *days;
	size_t count, capacity;
};

/* Those up to the last day that have no invoice. */
static enum status
find_turns(struct view *view, const struct record *template, int32_t until, struct turns *turns, struct error *error)
{
	struct schedule schedule;
	struct log *invoices;
	int32_t day;
	enum status status = view_log(view, "invoice", &invoices, error);

	if (status != STATUS_OK || !schedule_of(template, &schedule))
		return status;
	if (schedule.last > until)
		schedule.last = until;
	for (int64_t n = 0; schedule_turn(&schedule, n, &day); n++) {
		if (turn_invoice(invoices, record_id(template), day) != 0)
			continue;
		turns->days = memory_grow(turns->days, &turns->capacity, turns->count, sizeof *turns->days);
		turns->days[turns->count++] = day;
	}
	return STATUS_OK;
}

static enum status
refuse_late(const struct making *making, const struct turns *turns, struct error *error)
{
	struct place place = { .source = making->source };
	char first[DATE_SIZE], last[DATE_SIZE];

	date_format(turns->days[0], first);
	date_format(turns->days[turns->count - 1], last);
	return error_add(error, &place, "%zu turns from %s to %s have no invoice: --catch-up makes them all",
	    turns->count, first, last);
}

static enum status
run_template(struct batch *batch, const struct making *making, struct error *error)
{
	struct turns turns = { .days = NULL };
	enum status status = find_turns(batch_view(batch), making->template, making->run->until, &turns, error);

	if (status == STATUS_OK && turns.count > 1 && !making->run->catch_up)
		status = refuse_late(making, &turns, error);
	for (size_t i = 0; i < turns.count && status == STATUS_OK; i++)
		status = make_invoice(batch, making, turns.days[i], error);
	free(turns.days);
	return status;
}

/* One template has its faults, the next one its own. */
static enum status
run_number(struct batch *batch, const struct recurring_run *run, struct log *templates, uint64_t number,
    struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct record template;
	struct making making = { .run = run, .template = &template };
	struct place place = { .source = NULL };
	enum status status = record_read(templates, number, &arena, &template, error);

	if (status == STATUS_OK)
		making.source = place.source = arena_text(run->arena, record_id(&template));
	if (status == STATUS_OK && !record_archived(&template))
		status = run_template(batch, &making, error);
	else if (status == STATUS_OK && run->count > 0)
		status = error_add(error, &place, "is archived: it has no more turns");
	arena_release(&arena);
	return status == STATUS_REFUSED ? STATUS_OK : status;
}

enum status
recurring_invoices(struct batch *batch, const struct recurring_run *run, struct error *error)
{
	struct log *templates;
	size_t count;
	enum status status = view_log(batch_view(batch), "recurring", &templates, error);

	if (status != STATUS_OK)
		return status;
	count = run->count > 0 ? run->count : (size_t)templates->count;
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = run_number(batch, run, templates, run->count > 0 ? run->templates[i] : i + 1, error);
	return status == STATUS_OK && error->total > 0 ? STATUS_REFUSED : status;
}
