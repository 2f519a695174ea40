#include "office/payment/interest.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/help.h"
#include "office/payment/settlement.h"

enum { YEAR_DAYS = 365, PERCENT = 100 };

/* --- rates ---------------------------------------------------------------------- */

static enum status
check_rate(struct batch *batch, struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "rate");
	struct slice kind = draft_named(draft, "kind"), date = draft_named(draft, "date");

	(void)batch;
	draft_set(draft, "code",
	    arena_format(draft->arena, "%.*s %.*s", (int)kind.length, kind.data, (int)date.length, date.data));
	if (units_or_zero(draft_named(draft, "rate")) < 0)
		return error_add(error, &place, "less than nothing");
	return STATUS_OK;
}

const struct rule rule_interest_rate = { .table = "interest_rate", .check = check_rate };

/* A number that holds from a day on. */
struct step {
	int32_t day;
	int64_t units;
};

struct steps {
	struct step *items;
	size_t count, capacity;
};

static void
steps_add(struct steps *steps, int32_t day, int64_t units)
{
	steps->items = memory_grow(steps->items, &steps->capacity, steps->count, sizeof *steps->items);
	steps->items[steps->count++] = (struct step){ day, units };
}

static int
step_compare(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	return (x->day > y->day) - (x->day < y->day);
}

/* The rates of a kind, by day. */
static enum status
read_rates(struct view *view, struct slice kind, struct steps *steps, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct log *log;
	enum status status = view_log(view, "interest_rate", &log, error);

	for (uint64_t i = 1; status == STATUS_OK && i <= log->count; i++) {
		struct record rate;
		int32_t day;

		arena_reset(&arena);
		status = record_read(log, i, &arena, &rate, error);
		if (status == STATUS_OK && !record_archived(&rate) &&
		    slice_equal(record_named(&rate, "kind"), kind) &&
		    date_parse(record_named(&rate, "date"), &day))
			steps_add(steps, day, units_or_zero(record_named(&rate, "rate")));
	}
	arena_release(&arena);
	if (steps->count > 1)
		qsort(steps->items, steps->count, sizeof *steps->items, step_compare);
	return status;
}

/* --- what was open ---------------------------------------------------------------- */

/* What an allocation takes off an invoice. */
struct taken {
	uint64_t invoice;
	struct step step;
};

/* All allocations, by invoice and day: read once per view, since each of many reminders asks. */
struct taken_list {
	struct taken *items;
	size_t count, capacity;
	uint64_t seen; /* allocations */
};

static void
taken_release(void *memory)
{
	free(((struct taken_list *)memory)->items);
}

static int
taken_compare(const void *a, const void *b)
{
	const struct taken *x = a, *y = b;

	if (x->invoice != y->invoice)
		return x->invoice < y->invoice ? -1 : 1;
	return step_compare(&x->step, &y->step);
}

static void
taken_add(struct taken_list *list, const struct table *invoices, const struct record *allocation)
{
	unsigned long long invoice;
	int32_t day;

	if (!table_id_parse(invoices, record_named(allocation, "invoice"), &invoice) ||
	    !date_parse(record_named(allocation, "date"), &day))
		return;
	list->items = memory_grow(list->items, &list->capacity, list->count, sizeof *list->items);
	list->items[list->count++] = (struct taken){ invoice,
		{ day,
		    units_or_zero(record_named(allocation, "amount")) +
			units_or_zero(record_named(allocation, "deduction")) } };
}

static enum status
taken_read(struct view *view, const struct table *invoices, struct taken_list **out, struct error *error)
{
	static const char key;
	struct taken_list *list = view_memory(view, &key, sizeof *list, taken_release);
	struct arena arena = ARENA_INIT;
	struct log *log;
	enum status status = view_log(view, "allocation", &log, error);

	*out = list;
	if (status == STATUS_OK && list->seen == log->count)
		return STATUS_OK;
	list->count = 0;
	for (list->seen = 0; status == STATUS_OK && list->seen < log->count;) {
		struct record allocation;

		arena_reset(&arena);
		status = record_read(log, ++list->seen, &arena, &allocation, error);
		if (status == STATUS_OK)
			taken_add(list, invoices, &allocation);
	}
	arena_release(&arena);
	if (list->count > 1)
		qsort(list->items, list->count, sizeof *list->items, taken_compare);
	return status;
}

/* The first of an invoice's. */
static size_t
taken_first(const struct taken_list *list, uint64_t invoice)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->items[middle].invoice < invoice)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* --- day by day -------------------------------------------------------------------- */

/* Σ open × rate over the days. */
static enum status
add_days(const struct interest *interest, const struct steps *rates, const struct taken_list *taken,
    const struct place *place, int128 *sum, struct error *error)
{
	int128 open = units_or_zero(document_payable(interest->invoice));
	size_t next = taken_first(taken, interest->invoice->number), rate = 0;

	for (int32_t day = interest->first; day <= interest->last; day++) {
		for (; next < taken->count && taken->items[next].invoice == interest->invoice->number &&
		     taken->items[next].step.day <= day;
		     next++)
			open -= taken->items[next].step.units;
		while (rate < rates->count && rates->items[rate].day <= day)
			rate++;
		if (rate == 0) {
			char date[DATE_SIZE];

			date_format(day, date);
			return error_add(error, place, "no interest rate of kind \"%.*s\" on %s",
			    (int)interest->kind.length, interest->kind.data, date);
		}
		if (open > 0)
			*sum += open * rates->items[rate - 1].units;
	}
	return STATUS_OK;
}

enum status
interest_reckon(struct view *view, const struct interest *interest, int digits, const struct place *place,
    int64_t *units, struct error *error)
{
	struct steps rates = { .items = NULL };
	struct taken_list *taken;
	int128 sum = 0;
	enum status status = read_rates(view, interest->kind, &rates, error);

	*units = 0;
	if (status == STATUS_OK)
		status = taken_read(view, interest->invoice->log->table, &taken, error);
	if (status == STATUS_OK)
		status = add_days(interest, &rates, taken, place, &sum, error);
	free(rates.items);
	if (status != STATUS_OK)
		return status;
	/* Amounts and rates are units of 10^-6 both. */
	sum = decimal_divide(sum, PERCENT * YEAR_DAYS * decimal_power(2 * DECIMAL_DIGITS - digits));
	if (!decimal_rescale(sum, digits, digits, units))
		return error_add(error, place, "interest comes to more than an amount can hold");
	return STATUS_OK;
}
