#include "office/document/recurring.h"

#include "office/help.h"

enum { MONTHS_MAX = 9999 * 12 };

/* --- turns ------------------------------------------------------------------ */

/* Whole days or months, more than none, in the calendar. */
static bool
is_step(struct span every)
{
	return every.months >= 0 && every.months <= MONTHS_MAX && every.seconds >= 0 &&
	    every.seconds % DAY_SECONDS == 0 && every.seconds / DAY_SECONDS <= DATE_LAST &&
	    (every.months > 0 || every.seconds > 0);
}

bool
schedule_of(const struct record *recurring, struct schedule *schedule)
{
	if (!date_parse(record_named(recurring, "until"), &schedule->last))
		schedule->last = DATE_LAST;
	return date_parse(record_named(recurring, "start"), &schedule->start) &&
	    span_parse(record_named(recurring, "every"), &schedule->every) && is_step(schedule->every);
}

bool
schedule_turn(const struct schedule *schedule, int64_t n, int32_t *day)
{
	int64_t months, seconds;

	if (__builtin_mul_overflow(schedule->every.months, n, &months) ||
	    __builtin_mul_overflow(schedule->every.seconds, n, &seconds))
		return false;
	*day = date_add_span(schedule->start, (struct span){ months, seconds });
	/* What lies beyond the calendar is its last day, again and again. */
	return *day <= schedule->last && (n == 0 || *day < DATE_LAST);
}

static bool
is_turn(const struct schedule *schedule, int32_t period)
{
	int32_t day = DATE_FIRST;

	for (int64_t n = 0; day < period && schedule_turn(schedule, n, &day); n++)
		;
	return day == period && period >= schedule->start;
}

static struct slice
turn_text(struct slice recurring, int32_t day, struct arena *arena)
{
	char date[DATE_SIZE];

	date_format(day, date);
	return arena_format(arena, "%.*s %s", (int)recurring.length, recurring.data, date);
}

uint64_t
turn_invoice(struct log *invoices, struct slice recurring, int32_t day)
{
	struct arena arena = ARENA_INIT;
	uint64_t number = log_find(invoices, table_field(invoices->table, slice_of("turn")),
	    turn_text(recurring, day, &arena));

	arena_release(&arena);
	return number;
}

/* --- templates -------------------------------------------------------------- */

static enum status
check_recurring(struct batch *batch, struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "every"), until_place = draft_place(draft, "until");
	size_t faults = error->total;
	struct span every;
	int32_t start, until;

	(void)batch;
	if (span_parse(draft_named(draft, "every"), &every) && !is_step(every))
		error_add(error, &place, "not a number of days, months or years");
	if (date_parse(draft_named(draft, "start"), &start) &&
	    date_parse(draft_named(draft, "until"), &until) && until < start)
		error_add(error, &until_place, "before it starts");
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

/* `next` */
static struct slice
derive_recurring(const struct record *record, const struct field *field)
{
	struct error ignored = ERROR_INIT;
	struct slice none = { "", 0 };
	struct schedule schedule;
	struct log *invoices;
	bool known = view_log(record->log->view, "invoice", &invoices, &ignored) == STATUS_OK;
	int32_t day;

	(void)field;
	error_release(&ignored);
	if (!known || record_archived(record) || !schedule_of(record, &schedule))
		return none;
	for (int64_t n = 0; schedule_turn(&schedule, n, &day); n++)
		if (turn_invoice(invoices, record_id(record), day) == 0)
			return date_text(day, record->arena);
	return none;
}

/* Who is to be billed again must be there for it. */
static enum status
check_erase(struct batch *batch, const struct record *record, struct error *error)
{
	struct view *view = batch_view(batch);
	struct slice customer = record_id(record);
	struct arena arena = ARENA_INIT;
	struct log *log = NULL;
	enum status status = STATUS_OK;

	if (slice_is(slice_of(record->log->table->name), "customer"))
		status = view_log(view, "recurring", &log, error);
	for (uint64_t i = 1; status == STATUS_OK && log != NULL && i <= log->count; i++) {
		struct record template;
		int32_t until;

		arena_reset(&arena);
		status = record_read(log, i, &arena, &template, error);
		if (status != STATUS_OK || record_archived(&template) ||
		    !slice_equal(record_named(&template, "customer"), customer) ||
		    (date_parse(record_named(&template, "until"), &until) && until < view_today(view)))
			continue;
		error_add(error, NULL, "%.*s can't be erased: it is billed again and again by %.*s (archive that)",
		    (int)customer.length, customer.data, (int)record_id(&template).length,
		    record_id(&template).data);
	}
	arena_release(&arena);
	return status == STATUS_OK && error->total > 0 ? STATUS_REFUSED : status;
}

const struct rule rule_recurring = {
	.table = "recurring",
	.check = check_recurring,
	.check_erase = check_erase,
	.derive = derive_recurring,
};

/* --- invoices --------------------------------------------------------------- */

static enum status
check_turn(struct batch *batch, struct draft *draft, struct error *error)
{
	struct slice recurring = draft_named(draft, "recurring"), period = draft_named(draft, "period");
	struct place place = draft_place(draft, "period");
	struct schedule schedule;
	struct record record;
	int32_t day;

	if (recurring.length == 0 && period.length == 0)
		return STATUS_OK;
	if (!draft->is_new && !draft_moves(draft, table_field(draft->log->table, slice_of("recurring"))) &&
	    !draft_moves(draft, table_field(draft->log->table, slice_of("period"))))
		return STATUS_OK;
	if (recurring.length == 0 || !date_parse(period, &day))
		return error_add(error, &place, "goes with `recurring`, and that with it");
	if (!reference_read(batch_view(batch), "recurring", recurring, draft->arena, &record))
		return STATUS_OK; /* that has been said */
	if (!schedule_of(&record, &schedule) || !is_turn(&schedule, day))
		return error_add(error, &place, "%.*s is no turn of %.*s", (int)period.length, period.data,
		    (int)recurring.length, recurring.data);
	draft_set(draft, "turn", turn_text(recurring, day, draft->arena));
	return STATUS_OK;
}

const struct rule rule_invoice_turn = { .table = "invoice", .check = check_turn };
