#include "office/ledger/rate.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/help.h"

enum { LOOK_BACK = 31 }; /* days that are asked for one by one before all rates are read */

/* --- what a rate must be -------------------------------------------------------- */

static struct slice
rate_code(struct slice currency, struct slice date, struct arena *arena)
{
	return arena_format(arena, "%.*s-%.*s", (int)currency.length, currency.data, (int)date.length, date.data);
}

static enum status
check_positive(const struct draft *draft, const char *field, struct error *error)
{
	struct place place = draft_place(draft, field);
	struct slice value = draft_named(draft, field);

	/* Both are required: that one is missing is said by others. */
	if (value.length == 0 || units_or_zero(value) > 0)
		return STATUS_OK;
	return error_add(error, &place, "not more than nothing: \"%.*s\"", (int)value.length, value.data);
}

static enum status
check_rate(struct batch *batch, struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "currency"), code_place = draft_place(draft, "code");
	struct slice currency = draft_named(draft, "currency"), date = draft_named(draft, "date"), code;
	size_t faults = error->total;

	check_positive(draft, "rate", error);
	check_positive(draft, "units", error);
	if (currency.length == 0 || date.length == 0)
		return error->total > faults ? STATUS_REFUSED : STATUS_OK;
	if (slice_equal(currency, view_company(batch_view(batch), "currency")))
		error_add(error, &place, "%.*s is the currency of the books: it is worth itself",
		    (int)currency.length, currency.data);
	code = rate_code(currency, date, draft->arena);
	draft_default(draft, "code", code);
	if (!slice_equal(draft_named(draft, "code"), code))
		error_add(error, &code_place, "is not made of currency and day, as %.*s is", (int)code.length,
		    code.data);
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

const struct rule rule_rate = { .table = "rate", .check = check_rate };

/* --- the newest one ------------------------------------------------------------- */

static bool
take_rate(const struct record *record, struct rate *rate)
{
	return !record_archived(record) && units_of(record_named(record, "rate"), &rate->worth) &&
	    decimal_parse(record_named(record, "units"), 0, &rate->units) == DECIMAL_OK && rate->worth > 0 &&
	    rate->units > 0;
}

/* That of a day; STATUS_NO when there is none. */
static enum status
rate_of_day(struct log *log, struct slice currency, int32_t day, struct arena *arena, struct rate *rate,
    struct error *error)
{
	struct slice code = rate_code(currency, date_text(day, arena), arena);
	uint64_t number = log_find(log, log->table->key, code);
	struct record record;
	enum status status;

	if (number == 0)
		return STATUS_NO;
	status = record_read(log, number, arena, &record, error);
	return status != STATUS_OK || take_rate(&record, rate) ? status : STATUS_NO;
}

/* The newest of all up to a day. */
static enum status
find_rate(struct log *log, struct slice currency, int32_t last, struct rate *rate, struct error *error)
{
	struct arena arena = ARENA_INIT;
	int32_t newest = DATE_FIRST - 1;
	enum status status = STATUS_OK;

	for (uint64_t number = 1; status == STATUS_OK && number <= log->count; number++) {
		struct record record;
		struct rate own;
		int32_t day;

		arena_reset(&arena);
		status = record_read(log, number, &arena, &record, error);
		if (status == STATUS_OK && slice_equal(record_named(&record, "currency"), currency) &&
		    date_parse(record_named(&record, "date"), &day) && day <= last && day > newest &&
		    take_rate(&record, &own)) {
			newest = day;
			*rate = own;
		}
	}
	arena_release(&arena);
	return status == STATUS_OK && newest < DATE_FIRST ? STATUS_NO : status;
}

static enum status
no_rate(struct slice currency, int32_t day, const struct place *place, struct error *error)
{
	char text[DATE_SIZE];

	date_format(day, text);
	return error_add(error, place,
	    "what %.*s was worth on %s is not known (bo-rate add currency=%.*s date=%s rate=..., or bo-rate import)",
	    (int)currency.length, currency.data, text, (int)currency.length, currency.data, text);
}

enum status
rate_on(struct view *view, struct slice currency, int32_t day, const struct place *place, struct rate *rate,
    struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct log *log;
	enum status status;

	*rate = (struct rate){ (int64_t)decimal_power(DECIMAL_DIGITS), 1 };
	if (slice_equal(currency, view_company(view, "currency")))
		return STATUS_OK;
	status = view_log(view, "rate", &log, error);
	if (status != STATUS_OK)
		return status;
	status = STATUS_NO;
	for (int32_t back = 0; status == STATUS_NO && log->count > 0 && back < LOOK_BACK; back++) {
		arena_reset(&arena);
		status = rate_of_day(log, currency, day - back, &arena, rate, error);
	}
	if (status == STATUS_NO)
		status = find_rate(log, currency, day, rate, error);
	arena_release(&arena);
	return status == STATUS_NO ? no_rate(currency, day, place, error) : status;
}

/* --- reckoning ------------------------------------------------------------------ */

bool
rate_exact(struct rate rate, int from, int to, int128 *factor, int128 *divisor)
{
	int128 fine = decimal_power(to > from ? to - from : 0), coarse = decimal_power(from > to ? from - to : 0);

	*divisor = (int128)rate.units * decimal_power(DECIMAL_DIGITS);
	return !__builtin_mul_overflow((int128)rate.worth, fine, factor) &&
	    !__builtin_mul_overflow(*divisor, coarse, divisor);
}

bool
rate_read(struct slice worth, struct slice units, struct rate *rate)
{
	rate->units = 1;
	return units_of(worth, &rate->worth) && rate->worth > 0 &&
	    (units.length == 0 || (decimal_parse(units, 0, &rate->units) == DECIMAL_OK && rate->units > 0));
}

bool
rate_convert(struct rate rate, int from, int to, int64_t amount, int64_t *converted)
{
	int128 factor, divisor;

	return rate_exact(rate, from, to, &factor, &divisor) &&
	    !__builtin_mul_overflow(factor, amount, &factor) &&
	    decimal_rescale(decimal_divide(factor, divisor), 0, 0, converted);
}

/* --- all currencies ------------------------------------------------------------- */

struct newest {
	char currency[4];
	int32_t day;
	uint64_t number;
};

static int
compare_newest(const void *a, const void *b)
{
	return strcmp(((const struct newest *)a)->currency, ((const struct newest *)b)->currency);
}

struct all_newest {
	struct newest *list;
	size_t count, capacity;
};

static void
keep_newest(struct all_newest *all, struct slice currency, int32_t day, uint64_t number)
{
	struct newest *newest;
	size_t i = 0;

	if (currency.length >= sizeof newest->currency)
		return;
	while (i < all->count && !slice_is(currency, all->list[i].currency))
		i++;
	if (i == all->count) {
		all->list = memory_grow(all->list, &all->capacity, all->count, sizeof *all->list);
		newest = &all->list[all->count++];
		*newest = (struct newest){ .day = DATE_FIRST - 1 };
		memcpy(newest->currency, currency.data, currency.length);
	}
	newest = &all->list[i];
	if (day > newest->day) {
		newest->day = day;
		newest->number = number;
	}
}

enum status
rates_current(struct view *view, int32_t day, rate_visit *visit, void *context, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct all_newest all = { .list = NULL };
	struct log *log;
	struct record record;
	struct rate rate;
	int32_t own;
	enum status status = view_log(view, "rate", &log, error);

	for (uint64_t number = 1; status == STATUS_OK && number <= log->count; number++) {
		arena_reset(&arena);
		status = record_read(log, number, &arena, &record, error);
		if (status == STATUS_OK && take_rate(&record, &rate) &&
		    date_parse(record_named(&record, "date"), &own) && own <= day)
			keep_newest(&all, record_named(&record, "currency"), own, number);
	}
	if (status == STATUS_OK && all.count > 1)
		qsort(all.list, all.count, sizeof *all.list, compare_newest);
	for (size_t i = 0; status == STATUS_OK && i < all.count; i++) {
		arena_reset(&arena);
		status = record_read(log, all.list[i].number, &arena, &record, error);
		if (status == STATUS_OK)
			visit(&record, context);
	}
	free(all.list);
	arena_release(&arena);
	return status;
}
