/* check_total: documents come to what their lines come to, and numbers of invoices leave no gaps */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/check/check.h"
#include "office/document/document_total.h"
#include "office/help.h"

/* --- totals --------------------------------------------------------------------------- */

struct reckoning {
	struct log *lines;
	struct line_fields fields;
	struct arena arena; /* of the line that is looked at */
};

/* Says so when a computed field holds anything else. */
static void
expect(struct checking *checking, const struct record *record, size_t field, struct slice wanted)
{
	struct slice value = record_value(record, field);

	if (!slice_equal(value, wanted))
		check_report(checking, record->log, record->number, record->log->table->fields[field].name,
		    "is \"%.*s\", reckoned anew \"%.*s\"", (int)value.length, value.data, (int)wanted.length,
		    wanted.data);
}

/* One line: its own amount and tax, and what it adds to the sum.  *sound is false when it can't be reckoned. */
static enum status
reckon_line(struct checking *checking, struct reckoning *reckoning, uint64_t number, struct money_sum *sum,
    bool *sound, struct error *error)
{
	struct record line;
	struct money_line money;
	int64_t amount, tax;
	enum status status;

	arena_reset(&reckoning->arena);
	status = record_read(reckoning->lines, number, &reckoning->arena, &line, error);
	if (status != STATUS_OK || record_archived(&line))
		return status;
	money = line_money(&line, &reckoning->fields);
	if (!money_line_round(&money, &sum->policy, &amount, &tax) || !money_sum_add(sum, &money)) {
		check_report(checking, line.log, number, "amount", "comes to more than an amount can hold");
		*sound = false;
		return STATUS_OK;
	}
	expect(checking, &line, reckoning->fields.amount,
	    units_text(amount, sum->policy.digits, false, &reckoning->arena));
	expect(checking, &line, reckoning->fields.tax,
	    sum->policy.rounding == ROUND_LINE ? units_text(tax, sum->policy.digits, false, &reckoning->arena)
					       : slice_of(""));
	return STATUS_OK;
}

enum { OLD_TOTAL_FIELDS = 3 };

static void
expect_total(struct checking *checking, const struct record *document, const struct document_total *total,
    int digits)
{
	int64_t units[TOTAL_FIELDS];

	total_units(total, units);
	for (size_t i = 0; i < TOTAL_FIELDS; i++) {
		size_t field = table_field(document->log->table, slice_of(total_fields[i]));

		/* Documents from before there was more than a total have none of it. */
		if (i < OLD_TOTAL_FIELDS || record_value(document, field).length > 0)
			expect(checking, document, field, units_text(units[i], digits, false, document->arena));
	}
}

static enum status
visit_total(struct checking *checking, const struct record *document, void *context, struct error *error)
{
	struct reckoning *reckoning = context;
	struct document_policy policy = document_policy_stored(document);
	size_t count;
	const uint64_t *lines = log_children(reckoning->lines, document->number, &count);
	struct document_total total = { .lines = 0 };
	struct money_sum sum;
	bool sound = true;
	enum status status = STATUS_OK;

	if (policy.money.digits < 0) {
		check_report(checking, document->log, document->number, "currency", "there is none to reckon in");
		return STATUS_OK;
	}
	money_sum_init(&sum, &policy.money);
	for (size_t i = 0; status == STATUS_OK && i < count; i++)
		status = reckon_line(checking, reckoning, lines[i], &sum, &sound, error);
	if (status == STATUS_OK && sound && money_sum_total(&sum, &total.net, &total.tax, &total.total) &&
	    document_owed(&policy, &total))
		expect_total(checking, document, &total, policy.money.digits);
	money_sum_release(&sum);
	return status;
}

static enum status
reckon_all(struct checking *checking, const struct document_kind *kind, struct error *error)
{
	struct reckoning reckoning = { .arena = ARENA_INIT };
	struct log *documents;
	enum status status = view_log(checking->view, kind->table, &documents, error);

	if (status == STATUS_OK)
		status = view_log(checking->view, kind->lines, &reckoning.lines, error);
	if (status == STATUS_OK) {
		reckoning.fields = line_fields(reckoning.lines->table);
		status = check_each(checking, documents, visit_total, &reckoning, error);
	}
	arena_release(&reckoning.arena);
	return status;
}

static enum status
run_totals(struct checking *checking, struct error *error)
{
	enum status status = reckon_all(checking, &document_invoice, error);

	return status == STATUS_OK ? reckon_all(checking, &document_bill, error) : status;
}

const struct check check_totals = {
	.name = "totals",
	.help = "amounts, tax and totals of documents are what their lines come to",
	.run = run_totals,
};

/* --- series ---------------------------------------------------------------------------- */

/* An invoice that has its number from a series. */
struct numbered {
	uint64_t invoice;
	int32_t date;
	bool has_date;
};

struct series {
	uint64_t record;            /* of the table */
	struct slice before, after; /* what stands around the number; in the arena */
	int64_t first, last;
	struct numbered *given; /* last - first + 1 of them */
};

struct all_series {
	struct log *log;
	struct series *series;
	size_t count, capacity;
	struct arena arena;
};

enum { SERIES_MOST = 1 << 30 }; /* numbers that one series can reasonably have given out */

/* The number in text, when it is of this series; leading zeros are part of the pattern. */
static bool
series_has(const struct series *series, struct slice text, int64_t *number)
{
	size_t around = series->before.length + series->after.length;
	struct slice digits;

	if (text.length <= around || memcmp(text.data, series->before.data, series->before.length) != 0 ||
	    memcmp(text.data + text.length - series->after.length, series->after.data, series->after.length) != 0)
		return false;
	digits = (struct slice){ text.data + series->before.length, text.length - around };
	for (size_t i = 0; i < digits.length; i++) {
		if (digits.data[i] < '0' || digits.data[i] > '9')
			return false;
	}
	return decimal_parse(digits, 0, number) == DECIMAL_OK;
}

static enum status
visit_series(struct checking *checking, const struct record *record, void *context, struct error *error)
{
	struct all_series *all = context;
	struct slice code = arena_copy(&all->arena, record_named(record, "code")), rest = code;
	struct series series = { .record = record->number, .first = 1 };

	(void)error;
	series.before = slice_cut(&rest, '#');
	if (rest.data == NULL) {
		check_report(checking, record->log, record->number, "code", "no # where the number goes");
		return STATUS_OK;
	}
	series.after = rest;
	decimal_parse(record_named(record, "first"), 0, &series.first);
	if (decimal_parse(record_named(record, "last"), 0, &series.last) != DECIMAL_OK)
		series.last = series.first - 1;
	if (series.first < 1 || series.last < series.first - 1 || series.last - series.first >= SERIES_MOST) {
		check_report(checking, record->log, record->number, "last", "makes no sense");
		return STATUS_OK;
	}
	series.given = memory_array((size_t)(series.last - series.first) + 1, sizeof *series.given);
	all->series = memory_grow(all->series, &all->capacity, all->count, sizeof *all->series);
	all->series[all->count++] = series;
	return STATUS_OK;
}

/* Enters an invoice where its number says. */
static enum status
visit_number(struct checking *checking, const struct record *invoice, void *context, struct error *error)
{
	struct all_series *all = context;
	struct slice number = record_named(invoice, "number");
	bool issued = document_stands(record_named(invoice, "status"));
	int64_t position;

	(void)error;
	if (issued == (number.length == 0))
		check_report(checking, invoice->log, invoice->number, "number",
		    issued ? "issued without one" : "has one and is not issued");
	for (size_t i = 0; number.length > 0 && i < all->count; i++) {
		struct series *series = &all->series[i];
		struct numbered *given;

		if (!series_has(series, number, &position) || position < series->first || position > series->last)
			continue;
		given = &series->given[position - series->first];
		if (given->invoice == 0) /* the same again is for the check of unique values */
			*given = (struct numbered){ .invoice = invoice->number };
		given->has_date = date_parse(record_named(invoice, "date"), &given->date);
		return STATUS_OK;
	}
	if (number.length > 0)
		check_report(checking, invoice->log, invoice->number, "number",
		    "no series gave it out: \"%.*s\"", (int)number.length, number.data);
	return STATUS_OK;
}

/* From the first number to the last: each is there, and none is dated before the one it follows. */
static void
walk_series(struct checking *checking, const struct log *log, struct log *invoices, const struct series *series)
{
	const struct numbered *previous = NULL;

	for (int64_t number = series->first; number <= series->last; number++) {
		const struct numbered *given = &series->given[number - series->first];
		char date[DATE_SIZE];

		if (given->invoice == 0) {
			check_report(checking, log, series->record, "last", "number %lld is missing",
			    (long long)number);
			continue;
		}
		if (previous != NULL && given->has_date && given->date < previous->date) {
			date_format(previous->date, date);
			check_report(checking, invoices, given->invoice, "date",
			    "before %s, the date of the number before it", date);
		}
		if (given->has_date)
			previous = given;
	}
}

static enum status
run_series(struct checking *checking, struct error *error)
{
	struct all_series all = { .log = NULL };
	struct log *invoices;
	enum status status = view_log(checking->view, "series", &all.log, error);

	if (status == STATUS_OK)
		status = view_log(checking->view, "invoice", &invoices, error);
	if (status == STATUS_OK)
		status = check_each(checking, all.log, visit_series, &all, error);
	if (status == STATUS_OK)
		status = check_each(checking, invoices, visit_number, &all, error);
	for (size_t i = 0; status == STATUS_OK && i < all.count; i++)
		walk_series(checking, all.log, invoices, &all.series[i]);
	for (size_t i = 0; i < all.count; i++)
		free(all.series[i].given);
	free(all.series);
	arena_release(&all.arena);
	return status;
}

const struct check check_series = {
	.name = "series",
	.help = "numbers of issued invoices leave no gap, and their dates do not run backwards",
	.run = run_series,
};
