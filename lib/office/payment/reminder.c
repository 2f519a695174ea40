#include "office/payment/reminder.h"

#include "base/date.h"
#include "office/help.h"
#include "office/payment/interest.h"
#include "office/payment/settlement.h"

enum { LINE_FIELDS = 6, CHARGE_FIELDS = 7 };

/* --- levels --------------------------------------------------------------------- */

static enum status
check_level(struct batch *batch, struct draft *draft, struct error *error)
{
	struct place level = draft_place(draft, "level"), days = draft_place(draft, "days"),
		     fee = draft_place(draft, "fee"), terms = draft_place(draft, "terms");
	size_t faults = error->total;
	struct span span;

	draft_default(draft, "currency", view_company(batch_view(batch), "currency"));
	if (draft_named(draft, "level").length > 0 && units_or_zero(draft_named(draft, "level")) <= 0)
		error_add(error, &level, "less than 1");
	if (units_or_zero(draft_named(draft, "days")) < 0)
		error_add(error, &days, "less than nothing");
	if (units_or_zero(draft_named(draft, "fee")) < 0)
		error_add(error, &fee, "less than nothing");
	if (span_parse(draft_named(draft, "terms"), &span) && date_add_span(0, span) < 1)
		error_add(error, &terms, "less than a day");
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

const struct rule rule_reminder_level = { .table = "reminder_level", .check = check_level };

/* --- what is next ----------------------------------------------------------------- */

/* What there is to know before somebody is reminded. */
struct reminding {
	struct view *view;
	struct arena *arena;
	struct record invoice;
	int32_t date, due; /* of the reminder; of the invoice */
	struct record level;
	int64_t open, last;  /* units of 10^-6; the last level there was, 0 for none */
	int32_t last_due;    /* by when its reminder said to pay */
	int32_t interest;    /* up to when interest was reckoned: due, or a later reminder */
	const char *refusal; /* why not, NULL when it is time */
};

static struct slice
step_text(const struct reminding *reminding, struct slice level)
{
	struct slice id = record_id(&reminding->invoice);

	return arena_format(reminding->arena, "%.*s %.*s", (int)id.length, id.data, (int)level.length, level.data);
}

/* The reminder of the invoice at a level, if there was one. */
static bool
reminder_at(const struct reminding *reminding, struct log *reminders, const struct record *level,
    struct record *reminder)
{
	struct error ignored = ERROR_INIT;
	uint64_t number = log_find(reminders, table_field(reminders->table, slice_of("step")),
	    step_text(reminding, record_named(level, "level")));
	bool there = number != 0 &&
	    record_read(reminders, number, reminding->arena, reminder, &ignored) == STATUS_OK;

	error_release(&ignored);
	return there;
}

static void
note_reminder(struct reminding *reminding, const struct record *reminder, int64_t level)
{
	int32_t day;

	if (level > reminding->last) {
		reminding->last = level;
		date_parse(record_named(reminder, "due"), &reminding->last_due);
	}
	if (record_named(reminder, "interest_from").length > 0 &&
	    date_parse(record_named(reminder, "date"), &day) && day > reminding->interest)
		reminding->interest = day;
}

/* Looks for the reminders there were, and the level after them. */
static enum status
find_level(struct reminding *reminding, struct error *error)
{
	struct log *levels, *reminders;
	int64_t next = 0;
	enum status status = view_log(reminding->view, "reminder_level", &levels, error);

	if (status == STATUS_OK)
		status = view_log(reminding->view, "reminder", &reminders, error);
	for (uint64_t i = 1; status == STATUS_OK && i <= levels->count; i++) {
		struct record level, reminder;

		status = record_read(levels, i, reminding->arena, &level, error);
		if (status == STATUS_OK && reminder_at(reminding, reminders, &level, &reminder))
			note_reminder(reminding, &reminder, units_or_zero(record_named(&level, "level")));
	}
	for (uint64_t i = 1; status == STATUS_OK && i <= levels->count; i++) {
		struct record level;
		int64_t number;

		status = record_read(levels, i, reminding->arena, &level, error);
		if (status != STATUS_OK || record_archived(&level))
			continue;
		number = units_or_zero(record_named(&level, "level"));
		if (number > reminding->last && (next == 0 || number < next)) {
			next = number;
			reminding->level = level;
		}
	}
	if (status == STATUS_OK && next == 0)
		reminding->refusal = levels->count == 0
		    ? "there are no levels to remind by (bo-record -t reminder_level add ...)"
		    : "it was reminded of at every level there is";
	return status;
}

static enum status
read_open(struct reminding *reminding, struct error *error)
{
	struct settled settled;
	enum status status = settled_read(reminding->view, reminding->date, &reminding->invoice, &settled, error);

	if (status == STATUS_OK)
		reminding->open = (int64_t)settled_open(&settled, &reminding->invoice, reminding->date);
	return status;
}

/* Whether it is an invoice that anybody is reminded of. */
static const char *
refuse_invoice(const struct reminding *reminding)
{
	const struct record *invoice = &reminding->invoice;
	struct slice status = record_named(invoice, "status"), kind = record_named(invoice, "kind");
	struct record customer;

	if (slice_is(status, "disputed"))
		return "it is disputed";
	if (!document_stands(status))
		return "it is not issued";
	if (slice_is(kind, "credit"))
		return "it is a credit note";
	if (slice_is(kind, "charge"))
		return "it is a charge for a reminder itself";
	return reference_read(reminding->view, "customer", record_named(invoice, "customer"),
		   reminding->arena, &customer) &&
		customer.erased
	    ? "its customer was erased"
	    : NULL;
}

static const char *
refuse_day(const struct reminding *reminding)
{
	int64_t days = 0;

	decimal_parse(record_named(&reminding->level, "days"), 0, &days);

	if (reminding->last > 0 && reminding->date <= reminding->last_due)
		return "the time to pay that its last reminder gave is not over";
	if (reminding->date < reminding->due + days)
		return "its next level comes later";
	return NULL;
}

/* Whether it is time to remind of invoice `number` on that day, and at which level. */
static enum status
look_at(struct reminding *reminding, uint64_t number, struct error *error)
{
	struct log *invoices;
	enum status status = view_log(reminding->view, "invoice", &invoices, error);

	if (status == STATUS_OK)
		status = record_read(invoices, number, reminding->arena, &reminding->invoice, error);
	if (status != STATUS_OK)
		return status;
	reminding->refusal = refuse_invoice(reminding);
	if (reminding->refusal != NULL)
		return STATUS_OK;
	if (!date_parse(record_named(&reminding->invoice, "due"), &reminding->due))
		reminding->due = reminding->date;
	reminding->interest = reminding->due;
	status = read_open(reminding, error);
	if (status == STATUS_OK && reminding->open <= 0)
		reminding->refusal = "nothing of it is open";
	else if (status == STATUS_OK && reminding->date <= reminding->due)
		reminding->refusal = "it is not overdue";
	else if (status == STATUS_OK)
		status = find_level(reminding, error);
	if (status == STATUS_OK && reminding->refusal == NULL)
		reminding->refusal = refuse_day(reminding);
	return status;
}

/* --- what it costs ------------------------------------------------------------------ */

/* What is owed for being late, in units of the currency's digits. */
struct cost {
	int digits;
	int64_t fee, interest;
	bool bears; /* interest was reckoned, if to nothing */
};

static enum status
reckon_cost(const struct reminding *reminding, const struct place *place, struct cost *cost, struct error *error)
{
	struct interest interest = { .invoice = &reminding->invoice,
		.kind = record_named(&reminding->level, "interest"),
		.first = reminding->interest + 1,
		.last = reminding->date };

	*cost = (struct cost){ .digits = record_money_digits(&reminding->invoice),
		.bears = interest.kind.length > 0 };
	if (slice_equal(record_named(&reminding->level, "currency"), record_named(&reminding->invoice, "currency")))
		decimal_rescale(units_or_zero(record_named(&reminding->level, "fee")), DECIMAL_DIGITS,
		    cost->digits, &cost->fee);
	if (!cost->bears)
		return STATUS_OK;
	return interest_reckon(reminding->view, &interest, cost->digits, place, &cost->interest, error);
}

static enum status
add_line(struct batch *batch, const struct draft *reminder, struct slice charge, struct slice text,
    int64_t units, int digits, struct error *error)
{
	struct edit edit = { .place = reminder->place, .by_rule = true };
	struct assign assigns[LINE_FIELDS];
	enum status status = view_table(batch_view(batch), "invoice_line", &edit.table, error);

	if (status != STATUS_OK || units == 0)
		return status;
	assigns[0] = assign_value(edit.table, "invoice", charge);
	assigns[1] = assign_value(edit.table, "description", text);
	assigns[2] = assign_value(edit.table, "qty", slice_of("1"));
	assigns[3] = assign_value(edit.table, "price", units_text(units, digits, true, reminder->arena));
	assigns[4] = assign_value(edit.table, "tax_rate", slice_of("0"));
	assigns[5] = assign_value(edit.table, "category", slice_of("O")); /* compensation is no supply */
	edit.assigns = assigns;
	edit.assign_count = LINE_FIELDS;
	return batch_edit(batch, &edit, NULL, error);
}

static enum status
add_lines(struct batch *batch, const struct draft *reminder, const struct reminding *reminding,
    const struct cost *cost, struct slice charge, struct error *error)
{
	struct slice number = record_named(&reminding->invoice, "number"),
		     level = record_named(&reminding->level, "level");
	struct slice first = date_text(reminding->interest + 1, reminder->arena),
		     last = date_text(reminding->date, reminder->arena);
	enum status status = add_line(batch, reminder, charge,
	    arena_format(reminder->arena, "Reminder %.*s of %.*s", (int)level.length, level.data,
		(int)number.length, number.data),
	    cost->fee, cost->digits, error);

	if (status != STATUS_OK)
		return status;
	return add_line(batch, reminder, charge,
	    arena_format(reminder->arena, "Interest on %.*s, %.*s to %.*s", (int)number.length, number.data,
		(int)first.length, first.data, (int)last.length, last.data),
	    cost->interest, cost->digits, error);
}

/* The document that fee and interest are owed by. */
static enum status
charge(struct batch *batch, struct draft *draft, const struct reminding *reminding, const struct cost *cost,
    struct error *error)
{
	struct edit edit = { .place = draft->place, .by_rule = true };
	const struct record *invoice = &reminding->invoice;
	struct assign assigns[CHARGE_FIELDS];
	char id[ID_SIZE];
	enum status status = view_table(batch_view(batch), "invoice", &edit.table, error);

	if (status != STATUS_OK)
		return status;
	assigns[0] = assign_value(edit.table, "customer", record_named(invoice, "customer"));
	assigns[1] = assign_value(edit.table, "kind", slice_of("charge"));
	assigns[2] = assign_value(edit.table, "reference", record_named(invoice, "number"));
	assigns[3] = assign_value(edit.table, "date", draft_named(draft, "date"));
	assigns[4] = assign_value(edit.table, "due", draft_named(draft, "due"));
	assigns[5] = assign_value(edit.table, "currency", record_named(invoice, "currency"));
	assigns[6] = assign_value(edit.table, "withholding", slice_of("0")); /* that is for what is supplied */
	edit.assigns = assigns;
	edit.assign_count = CHARGE_FIELDS;
	status = batch_edit(batch, &edit, &edit.number, error);
	if (status != STATUS_OK)
		return status;
	draft_set(draft, "charge", arena_copy(draft->arena, table_id(edit.table, edit.number, id)));
	status = add_lines(batch, draft, reminding, cost, draft_named(draft, "charge"), error);
	edit.assign_count = 0;
	edit.verb = "issue";
	return status == STATUS_OK ? batch_edit(batch, &edit, NULL, error) : status;
}

/* The text of a level tells of its fee, so it is not for who is not charged that. */
static struct slice
text_of(const struct reminding *reminding, const struct cost *cost)
{
	bool charged = cost->fee != 0 || units_or_zero(record_named(&reminding->level, "fee")) == 0;

	return charged ? record_named(&reminding->level, "text") : slice_of("");
}

/* --- the reminder --------------------------------------------------------------------- */

static enum status
fill(struct batch *batch, struct draft *draft, const struct reminding *reminding, struct error *error)
{
	struct place place = draft_place(draft, "interest");
	struct slice level = record_named(&reminding->level, "level");
	struct span terms = { 0, 0 };
	struct cost cost;
	int64_t open = 0;
	enum status status;

	span_parse(record_named(&reminding->level, "terms"), &terms);
	draft_set(draft, "level", level);
	draft_set(draft, "step", step_text(reminding, level));
	draft_set(draft, "currency", record_named(&reminding->invoice, "currency"));
	draft_set(draft, "due", date_text(date_add_span(reminding->date, terms), draft->arena));
	status = reckon_cost(reminding, &place, &cost, error);
	if (status != STATUS_OK)
		return status;
	decimal_rescale(reminding->open, DECIMAL_DIGITS, cost.digits, &open);
	draft_set(draft, "text", text_of(reminding, &cost));
	draft_set(draft, "open", units_text(open, cost.digits, false, draft->arena));
	draft_set(draft, "fee", units_text(cost.fee, cost.digits, false, draft->arena));
	draft_set(draft, "interest", units_text(cost.interest, cost.digits, false, draft->arena));
	if (cost.bears)
		draft_set(draft, "interest_from", date_text(reminding->interest + 1, draft->arena));
	return cost.fee + cost.interest > 0 ? charge(batch, draft, reminding, &cost, error) : STATUS_OK;
}

static enum status
check_reminder(struct batch *batch, struct draft *draft, struct error *error)
{
	struct view *view = batch_view(batch);
	struct place place = draft_place(draft, NULL), date_place = draft_place(draft, "date");
	struct slice invoice = draft_named(draft, "invoice");
	struct reminding reminding = { .view = view, .arena = draft->arena };
	const struct table *invoices;
	unsigned long long number;
	enum status status;

	if (!draft->is_new || !date_parse(draft_named(draft, "date"), &reminding.date))
		return STATUS_OK;
	if (reminding.date > view_today(view))
		return error_add(error, &date_place, "is yet to come");
	status = view_table(view, "invoice", &invoices, error);
	if (status != STATUS_OK || !table_id_parse(invoices, invoice, &number))
		return status;
	status = look_at(&reminding, number, error);
	if (status == STATUS_OK && reminding.refusal != NULL)
		return error_add(error, &place, "no reminder of %.*s: %s", (int)invoice.length, invoice.data,
		    reminding.refusal);
	return status == STATUS_OK ? fill(batch, draft, &reminding, error) : status;
}

const struct rule rule_reminder = { .table = "reminder", .check = check_reminder };

/* --- a run ------------------------------------------------------------------------------ */

static enum status
add_reminder(struct batch *batch, const struct table *invoices, uint64_t number, struct error *error)
{
	struct edit edit = { .table = NULL };
	char id[ID_SIZE];
	struct assign assign;
	enum status status = view_table(batch_view(batch), "reminder", &edit.table, error);

	if (status == STATUS_OK) {
		assign = assign_value(edit.table, "invoice", table_id(invoices, number, id));
		edit.assigns = &assign;
		edit.assign_count = 1;
		status = batch_edit(batch, &edit, NULL, error);
	}
	return status;
}

/* An invoice among all: only those whose time it is. */
static enum status
add_if_due(struct batch *batch, struct log *invoices, uint64_t number, struct arena *arena, struct error *error)
{
	struct view *view = batch_view(batch);
	struct reminding reminding = { .view = view, .arena = arena, .date = view_today(view) };
	enum status status = look_at(&reminding, number, error);

	if (status != STATUS_OK || reminding.refusal != NULL)
		return status;
	return add_reminder(batch, invoices->table, number, error);
}

enum status
reminders_add(struct batch *batch, const uint64_t *invoices, size_t count, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct log *log;
	uint64_t all;
	enum status status = view_log(batch_view(batch), "invoice", &log, error);

	if (status != STATUS_OK)
		return status;
	all = count > 0 ? count : log->count; /* charges are added to it meanwhile */
	for (uint64_t i = 0; i < all && (status == STATUS_OK || status == STATUS_REFUSED); i++) {
		arena_reset(&arena);
		status = count > 0 ? add_reminder(batch, log->table, invoices[i], error)
				   : add_if_due(batch, log, i + 1, &arena, error);
	}
	arena_release(&arena);
	return status == STATUS_OK && error->total > 0 ? STATUS_REFUSED : status;
}
