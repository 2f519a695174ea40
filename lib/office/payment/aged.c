/* aged: what is open, by party and age */
#include "office/payment/aged.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/help.h"
#include "office/payment/settlement.h"

/* What a party owes in one currency, units of 10^-6. */
struct debt {
	uint64_t party; /* 0: all of them */
	char currency[4];
	size_t before; /* 1 + the party's debt in another currency, 0 for none */
	int128 ages[AGES], on_account;
};

/* The fields that are looked at, found once. */
struct fields {
	size_t party, status, currency, date, due;
};

struct debts {
	const struct document_kind *kind;
	struct log *parties;
	int32_t day;
	bool by_due;
	struct debt *items;
	size_t count, capacity;
	size_t *latest; /* by party: 1 + its latest debt */
	struct arena arena;
};

static struct debt *
debt_find(struct debts *debts, uint64_t party, struct slice currency)
{
	struct debt *debt;

	for (size_t i = debts->latest[party]; i > 0; i = debts->items[i - 1].before)
		if (slice_is(currency, debts->items[i - 1].currency))
			return &debts->items[i - 1];
	debts->items = memory_grow(debts->items, &debts->capacity, debts->count, sizeof *debts->items);
	debt = &debts->items[debts->count++];
	*debt = (struct debt){ .party = party, .before = debts->latest[party] };
	memcpy(debt->currency, currency.data, currency.length < 3 ? currency.length : 3);
	debts->latest[party] = debts->count;
	return debt;
}

/* In which column something stands that is so many days old; of what is due, 0 is not late. */
static size_t
age_of(int32_t days, bool by_due)
{
	int32_t bound = by_due ? 0 : 30;
	size_t age = 0;

	while (age < AGES - 1 && days > bound) {
		bound += 30;
		age++;
	}
	return age;
}

/* --- what there is --------------------------------------------------------------------------- */

static struct fields
fields_of(const struct debts *debts, const struct table *table)
{
	return (struct fields){
		.party = table_field(table, slice_of(debts->kind->party)),
		.status = table->state,
		.currency = table->currency,
		.date = table_field(table, slice_of("date")),
		.due = table_field(table, slice_of("due")),
	};
}

/* The debt that a record is part of; NULL when it is of no party, a customer's payment among suppliers', say. */
static struct debt *
debt_of(struct debts *debts, const struct record *record, const struct fields *fields)
{
	struct slice party = record_value(record, fields->party);
	unsigned long long number;

	if (party.length == 0 || !table_id_parse(debts->parties->table, party, &number) ||
	    number > debts->parties->count)
		return NULL;
	return debt_find(debts, number, record_value(record, fields->currency));
}

static enum status
add_document(struct debts *debts, const struct record *document, const struct fields *fields, struct error *error)
{
	int128 open = 0;
	int32_t from = debts->day;
	struct debt *debt;
	struct settled settled;
	enum status status = settled_read(document->log->view, debts->day, document, &settled, error);

	if (status == STATUS_OK)
		open = settled_open(&settled, document, debts->day);
	debt = open != 0 ? debt_of(debts, document, fields) : NULL;
	if (debt == NULL)
		return status;
	if (!debts->by_due || !date_parse(record_value(document, fields->due), &from))
		date_parse(record_value(document, fields->date), &from);
	debt->ages[age_of(debts->day - from, debts->by_due)] += open;
	return STATUS_OK;
}

static enum status
add_payment(struct debts *debts, const struct record *payment, const struct fields *fields, struct error *error)
{
	int128 left = 0;
	struct debt *debt;
	struct settled settled;
	enum status status = settled_read(payment->log->view, debts->day, payment, &settled, error);

	if (status == STATUS_OK)
		left = settled_left(&settled, payment, debts->day);
	debt = left != 0 ? debt_of(debts, payment, fields) : NULL;
	if (debt != NULL)
		debt->on_account -= left;
	return status;
}

static enum status
add_all(struct debts *debts, struct view *view, const char *table,
    enum status (*add)(struct debts *, const struct record *, const struct fields *, struct error *),
    struct error *error)
{
	struct log *log;
	struct fields fields;
	enum status status = view_log(view, table, &log, error);

	if (status != STATUS_OK)
		return status;
	fields = fields_of(debts, log->table);
	for (uint64_t number = 1; status == STATUS_OK && number <= log->count; number++) {
		struct record record;

		arena_reset(&debts->arena);
		status = record_peek(log, number, &debts->arena, &record, error);
		if (status == STATUS_OK)
			status = add(debts, &record, &fields, error);
		if (status == STATUS_OK)
			status = record_held(&record, error);
		else if (status == STATUS_NO)
			status = STATUS_OK;
	}
	return status;
}

/* --- rows --------------------------------------------------------------------------------------- */

static int
debt_compare(const void *a, const void *b)
{
	const struct debt *x = a, *y = b;

	/* The sums, of nobody, come last. */
	if (x->party != y->party)
		return x->party - 1 < y->party - 1 ? -1 : 1;
	return strcmp(x->currency, y->currency);
}

static int128
debt_total(const struct debt *debt)
{
	int128 total = debt->on_account;

	for (size_t i = 0; i < AGES; i++)
		total += debt->ages[i];
	return total;
}

static bool
debt_is_none(const struct debt *debt)
{
	bool none = debt->on_account == 0;

	for (size_t i = 0; i < AGES && none; i++)
		none = debt->ages[i] == 0;
	return none;
}

/* Party 0 has what all of them have in a currency. */
static void
add_sums(struct debts *debts)
{
	size_t count = debts->count;

	for (size_t i = 0; i < count; i++) {
		struct debt part = debts->items[i], *sum = debt_find(debts, 0, slice_of(part.currency));

		for (size_t age = 0; age < AGES; age++)
			sum->ages[age] += part.ages[age];
		sum->on_account += part.on_account;
	}
}

static enum status
emit(struct debts *debts, struct view *view, const struct debt *debt, aged_visit *visit, void *context,
    struct error *error)
{
	struct arena *arena = &debts->arena;
	struct slice currency = slice_of(debt->currency);
	int digits = codes_currency_digits(view_codes(view), currency);
	struct aged_row row = { .party = { "", 0 }, .name = { "", 0 }, .currency = currency };
	struct record party;
	enum status status = STATUS_OK;

	arena_reset(arena);
	if (debt->party != 0)
		status = record_read(debts->parties, debt->party, arena, &party, error);
	if (status != STATUS_OK)
		return status;
	if (debt->party != 0) {
		row.party = record_id(&party);
		row.name = record_named(&party, "name");
	}
	for (size_t i = 0; i < AGES; i++)
		row.ages[i] = money_text(debt->ages[i], digits, arena);
	row.on_account = money_text(debt->on_account, digits, arena);
	row.total = money_text(debt_total(debt), digits, arena);
	visit(&row, context);
	return STATUS_OK;
}

enum status
aged(struct view *view, const struct document_kind *kind, bool by_due, aged_visit *visit, void *context,
    struct error *error)
{
	struct debts debts = { .kind = kind, .by_due = by_due, .day = view_today(view) };
	enum status status = view_log(view, kind->party, &debts.parties, error);

	if (status != STATUS_OK)
		return status;
	debts.latest = memory_array(debts.parties->count + 1, sizeof *debts.latest);
	status = add_all(&debts, view, kind->table, add_document, error);
	if (status == STATUS_OK)
		status = add_all(&debts, view, "payment", add_payment, error);
	if (status == STATUS_OK)
		add_sums(&debts);
	if (debts.count > 1)
		qsort(debts.items, debts.count, sizeof *debts.items, debt_compare);
	for (size_t i = 0; i < debts.count && status == STATUS_OK; i++)
		if (debts.items[i].party == 0 || !debt_is_none(&debts.items[i]))
			status = emit(&debts, view, &debts.items[i], visit, context, error);
	free(debts.items);
	free(debts.latest);
	arena_release(&debts.arena);
	return status;
}
