/* document_total: what lines come to, and that drafts say so */
#include "office/document/document_total.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "office/document/credit.h"
#include "office/help.h"
#include "office/tax/tax_category.h"
#include "office/tax/tax_rate.h"

/* --- one document --------------------------------------------------------- */

struct line_fields
line_fields(const struct table *table)
{
	return (struct line_fields){
		.qty = table_field(table, slice_of("qty")),
		.price = table_field(table, slice_of("price")),
		.discount = table_field(table, slice_of("discount")),
		.tax_rate = table_field(table, slice_of("tax_rate")),
		.tax_class = table_field(table, slice_of("tax_class")),
		.category = table_field(table, slice_of("category")),
		.exemption = table_field(table, slice_of("exemption")),
		.amount = table_field(table, slice_of("amount")),
		.tax = table_field(table, slice_of("tax")),
		.account = table_field(table, slice_of("account")),
	};
}

struct money_line
line_money(const struct record *line, const struct line_fields *fields)
{
	int64_t rate = units_or_zero(record_value(line, fields->tax_rate));

	return (struct money_line){
		.qty = units_or_zero(record_value(line, fields->qty)),
		.price = units_or_zero(record_value(line, fields->price)),
		.discount = units_or_zero(record_value(line, fields->discount)),
		.tax_rate = rate,
		.category = tax_category_of(record_value(line, fields->category), rate),
	};
}

struct summing {
	struct batch *batch;
	struct log *lines;
	struct line_fields fields;
	struct money_sum sum;
	const struct document_policy *policy;
	struct log *accounts;
	struct document_total *total;
	size_t group_capacity;
	const struct place *place;
	struct arena arena;
};

void
document_total_release(struct document_total *total)
{
	free(total->shares);
	free(total->groups);
	total->shares = NULL;
	total->groups = NULL;
	total->share_count = total->share_capacity = total->group_count = 0;
	arena_release(&total->arena);
}

/* Adds a line's amount to what its account gets, if it names one. */
static bool
share_add(struct document_total *total, const struct table *accounts, struct slice account, int64_t units)
{
	unsigned long long number;
	size_t i = 0;

	if (!table_id_parse(accounts, account, &number))
		return true; /* it names none */
	while (i < total->share_count && total->shares[i].account != number)
		i++;
	if (i == total->share_count) {
		total->shares = memory_grow(total->shares, &total->share_capacity, i, sizeof *total->shares);
		total->shares[total->share_count++] = (struct account_share){ .account = number };
	}
	return !__builtin_add_overflow(total->shares[i].units, units, &total->shares[i].units);
}

static enum status
too_large(const struct place *place, struct error *error)
{
	return error_add(error, place, "comes to more than an amount can hold");
}

/* --- lines ------------------------------------------------------------------- */

static bool *
mending_of(struct batch *batch)
{
	return batch_memory(batch, &rule_invoice_line, sizeof(bool), NULL);
}

bool
lines_mending(struct batch *batch)
{
	return *mending_of(batch);
}

enum { MENDED = 3 };

static enum status
mend_line(struct summing *summing, const struct record *line, const struct assign assigns[MENDED],
    struct error *error)
{
	bool *mending = mending_of(summing->batch), same = true;
	const struct edit edit = {
		.table = summing->lines->table,
		.number = line->number,
		.assigns = assigns,
		.assign_count = MENDED,
		.place = *summing->place,
		.by_rule = true,
	};
	enum status status;

	for (size_t i = 0; i < MENDED; i++)
		same = same && slice_equal(record_value(line, assigns[i].target.field), assigns[i].value);
	if (same)
		return STATUS_OK;
	*mending = true;
	status = batch_edit(summing->batch, &edit, NULL, error);
	*mending = false;
	return status;
}

/* A line that names a class has the rate of the document's day. */
static enum status
rate_of_class(const struct summing *summing, const struct record *record, struct money_line *line,
    struct error *error)
{
	struct slice class = record_value(record, summing->fields.tax_class);
	struct place place = *summing->place;
	enum status status;

	if (class.length == 0 || (line->category != TAX_S && line->category != TAX_Z))
		return STATUS_OK;
	status = tax_rate_on(batch_view(summing->batch), class, summing->policy->day, &line->tax_rate, error);
	line->category = tax_category_of(slice_of(""), line->tax_rate);
	place.field = "tax_class";
	return status == STATUS_NO ? tax_rate_missing(class, summing->policy->day, &place, error) : status;
}

/* What of its amount is net, for the account that it names. */
static bool
share_line(struct summing *summing, const struct record *record, const struct money_line *line,
    int64_t amount, int64_t tax)
{
	struct money_policy policy = summing->policy->money;

	policy.rounding = ROUND_LINE;
	if (policy.gross && !money_line_round(line, &policy, &amount, &tax))
		return false;
	return share_add(summing->total, summing->accounts->table,
	    record_value(record, summing->fields.account), policy.gross ? amount - tax : amount);
}

/* The first reason that a line of its category and rate gives. */
static void
keep_exemption(struct summing *summing, const struct record *record, const struct money_line *line)
{
	struct document_total *total = summing->total;
	struct slice exemption = record_value(record, summing->fields.exemption);
	size_t i = 0;

	while (i < total->group_count &&
	    (total->groups[i].sums.category != line->category || total->groups[i].sums.rate != line->tax_rate))
		i++;
	if (i == total->group_count) {
		total->groups = memory_grow(total->groups, &summing->group_capacity, i, sizeof *total->groups);
		total->groups[total->group_count++] = (struct document_group){
			.sums = { .category = line->category, .rate = line->tax_rate },
		};
	}
	if (total->groups[i].exemption.length == 0)
		total->groups[i].exemption = arena_copy(&total->arena, exemption);
}

static enum status
sum_line(struct summing *summing, uint64_t number, struct error *error)
{
	const struct money_policy *policy = &summing->policy->money;
	const struct line_fields *fields = &summing->fields;
	struct arena *arena = &summing->arena;
	struct assign assigns[MENDED];
	struct money_line line;
	struct record record;
	int64_t amount, tax;
	enum status status;

	arena_reset(arena);
	status = record_read(summing->lines, number, arena, &record, error);
	if (status != STATUS_OK || record_archived(&record))
		return status;
	line = line_money(&record, fields);
	status = rate_of_class(summing, &record, &line, error);
	if (status != STATUS_OK)
		return status;
	if (!money_line_round(&line, policy, &amount, &tax) || !money_sum_add(&summing->sum, &line) ||
	    !share_line(summing, &record, &line, amount, tax))
		return too_large(summing->place, error);
	keep_exemption(summing, &record, &line);
	summing->total->lines++;
	assigns[0] = assign_field(fields->amount, units_text(amount, policy->digits, false, arena));
	assigns[1] = assign_field(fields->tax,
	    policy->rounding == ROUND_LINE ? units_text(tax, policy->digits, false, arena) : slice_of(""));
	assigns[2] = assign_field(fields->tax_rate,
	    record_value(&record, fields->tax_class).length > 0
		? units_text(line.tax_rate, DECIMAL_DIGITS, true, arena)
		: record_value(&record, fields->tax_rate));
	return mend_line(summing, &record, assigns, error);
}

/* A copy of the numbers of a document's lines: edits move the original. */
static uint64_t *
line_numbers(struct log *lines, uint64_t document, size_t *count)
{
	const uint64_t *children = log_children(lines, document, count);
	uint64_t *numbers = memory_array(*count, sizeof(*numbers));

	if (*count > 0)
		memcpy(numbers, children, *count * sizeof(*numbers));
	return numbers;
}

/* The groups as they were summed up, with the reasons that lines gave. */
static void
take_groups(struct document_total *total, const struct money_sum *sum)
{
	for (size_t i = 0; i < sum->count; i++) {
		const struct money_group *group = &sum->groups[i];
		size_t k = i;

		while (total->groups[k].sums.category != group->category ||
		    total->groups[k].sums.rate != group->rate)
			k++;

		struct slice exemption = total->groups[k].exemption;

		total->groups[k] = total->groups[i];
		total->groups[i] = (struct document_group){ *group, exemption };
	}
}

bool
document_owed(const struct document_policy *policy, struct document_total *total)
{
	total->rounding_amount = policy->step > 0 ? money_to_step(total->total, policy->step) : 0;
	return !__builtin_add_overflow(total->total, total->rounding_amount, &total->payable) &&
	    money_percent(total->net, policy->withholding, &total->withheld);
}

enum status
document_sum(struct batch *batch, const struct document_kind *kind, uint64_t number,
    const struct document_policy *policy, const struct place *place, struct document_total *total,
    struct error *error)
{
	struct summing summing = { .batch = batch, .policy = policy, .place = place, .total = total };
	uint64_t *numbers;
	size_t count;
	enum status status;

	*total = (struct document_total){ .lines = 0 };
	status = view_log(batch_view(batch), kind->lines, &summing.lines, error);
	if (status == STATUS_OK)
		status = view_log(batch_view(batch), "account", &summing.accounts, error);
	if (status != STATUS_OK)
		return status;
	summing.fields = line_fields(summing.lines->table);
	money_sum_init(&summing.sum, &policy->money);
	numbers = line_numbers(summing.lines, number, &count);
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = sum_line(&summing, numbers[i], error);
	if (status == STATUS_OK &&
	    (!money_sum_total(&summing.sum, &total->net, &total->tax, &total->total) ||
		!document_owed(policy, total)))
		status = too_large(place, error);
	if (status == STATUS_OK)
		take_groups(total, &summing.sum);
	money_sum_release(&summing.sum);
	arena_release(&summing.arena);
	free(numbers);
	return status;
}

/* --- the document -------------------------------------------------------------- */

struct slice
document_payable(const struct record *document)
{
	struct slice payable = record_named(document, "payable");

	return payable.length > 0 ? payable : record_named(document, "total");
}

const char *const total_fields[TOTAL_FIELDS] = { "net", "tax", "total", "rounding_amount", "payable", "withheld" };

void
total_units(const struct document_total *total, int64_t units[TOTAL_FIELDS])
{
	const int64_t all[TOTAL_FIELDS] = { total->net, total->tax, total->total, total->rounding_amount,
		total->payable, total->withheld };

	memcpy(units, all, sizeof all);
}

/* --- all that a batch has touched ----------------------------------------- */

struct touched {
	uint64_t document;
	uint64_t before; /* of the document, if it is in the batch itself: offset + 1 of its last revision */
	bool changed;    /* it is */
	uint64_t line;   /* of the input */
};

struct touched_list {
	struct touched *items;
	size_t count, capacity;
};

static int
touched_compare(const void *a, const void *b)
{
	const struct touched *x = a, *y = b;

	if (x->document != y->document)
		return x->document < y->document ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

/* In the order of their numbers, each once. */
static void
collect_touched(struct batch *batch, struct log *documents, struct log *lines, struct touched_list *list)
{
	struct arena arena = ARENA_INIT;
	size_t count, kept = 0;
	const struct change *changes = batch_changes(batch, &count);

	for (size_t i = 0; i < count; i++) {
		uint64_t document = change_parent(&changes[i], documents, lines, &arena);

		arena_reset(&arena);
		if (document == 0)
			continue;
		list->items = memory_grow(list->items, &list->capacity, list->count, sizeof(*list->items));
		list->items[list->count++] = (struct touched){
			.document = document,
			.before = changes[i].before,
			.changed = changes[i].log == documents,
			.line = changes[i].line,
		};
	}
	arena_release(&arena);
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), touched_compare);
	for (size_t i = 0; i < list->count; i++) {
		if (kept == 0 || list->items[kept - 1].document != list->items[i].document)
			list->items[kept++] = list->items[i];
		else if (list->items[i].changed)
			list->items[kept - 1] = list->items[i];
	}
	list->count = kept;
}

static enum status
write_total(struct batch *batch, const struct record *document, const struct document_total *total,
    int digits, const struct place *place, struct error *error)
{
	const struct table *table = document->log->table;
	struct assign assigns[TOTAL_FIELDS];
	int64_t units[TOTAL_FIELDS];
	const struct edit edit = {
		.table = table,
		.number = document->number,
		.assigns = assigns,
		.assign_count = TOTAL_FIELDS,
		.place = *place,
		.by_rule = true,
	};
	bool same = true;

	total_units(total, units);
	for (size_t i = 0; i < TOTAL_FIELDS; i++)
		assigns[i] = assign_value(table, total_fields[i],
		    units_text(units[i], digits, false, document->arena));
	for (size_t i = 0; i < edit.assign_count; i++)
		same = same && slice_equal(record_value(document, assigns[i].target.field), assigns[i].value);
	return same ? STATUS_OK : batch_edit(batch, &edit, NULL, error);
}

/* Whether it began to stand with this batch. */
static bool
is_new_document(struct log *documents, const struct touched *touched, struct arena *arena)
{
	struct error ignored = ERROR_INIT;
	struct record old;
	bool was = touched->before != 0 &&
	    record_read_at(documents, touched->before - 1, arena, &old, &ignored) == STATUS_OK &&
	    document_stands(record_named(&old, "status"));

	error_release(&ignored);
	return touched->changed && !was;
}

static enum status
settle_one(struct batch *batch, const struct document_kind *kind, struct log *documents,
    const struct touched *touched, const char *source, struct arena *arena, struct error *error)
{
	struct place place = { .source = source, .line = touched->line };
	struct document_total total;
	struct document_policy policy;
	struct record document;
	enum status status;

	status = record_read(documents, touched->document, arena, &document, error);
	if (status == STATUS_OK && document_stands(record_named(&document, "status")) &&
	    is_new_document(documents, touched, arena))
		return credit_settle(batch, &document, &place, error);
	if (status != STATUS_OK || !slice_is(record_named(&document, "status"), "draft"))
		return status; /* what stands was reckoned when it began to */
	policy = document_policy_stored(&document);
	if (policy.money.digits < 0)
		return error_add(error, &place, "no currency");
	status = document_sum(batch, kind, touched->document, &policy, &place, &total, error);
	document_total_release(&total);
	return status == STATUS_OK ? write_total(batch, &document, &total, policy.money.digits, &place, error)
				   : status;
}

struct settled {
	bool touched;
	const char *source;
	size_t changes; /* batch_change_count after the last time: nothing new means nothing to do */
};

static struct settled *
settled_of(struct batch *batch, const struct document_kind *kind)
{
	return batch_memory(batch, kind == &document_invoice ? &rule_invoice : &rule_bill,
	    sizeof(struct settled), NULL);
}

void
document_touch(struct batch *batch, const struct document_kind *kind, const char *source)
{
	struct settled *settled = settled_of(batch, kind);

	settled->touched = true;
	settled->source = source;
}

static enum status
settle(struct batch *batch, const struct document_kind *kind, struct error *error)
{
	struct settled *settled = settled_of(batch, kind);
	struct touched_list list = { .items = NULL };
	struct arena arena = ARENA_INIT;
	struct log *documents, *lines;
	enum status status;

	if (!settled->touched || settled->changes == batch_change_count(batch))
		return STATUS_OK;
	status = view_log(batch_view(batch), kind->table, &documents, error);
	if (status == STATUS_OK)
		status = view_log(batch_view(batch), kind->lines, &lines, error);
	if (status == STATUS_OK)
		collect_touched(batch, documents, lines, &list);
	for (size_t i = 0; i < list.count && status != STATUS_SYSTEM; i++) {
		status = settle_one(batch, kind, documents, &list.items[i], settled->source, &arena, error);
		arena_reset(&arena);
	}
	settled->changes = batch_change_count(batch);
	arena_release(&arena);
	free(list.items);
	return error->total > 0 ? STATUS_REFUSED : status;
}

enum status
invoices_settle(struct batch *batch, struct error *error)
{
	return settle(batch, &document_invoice, error);
}

enum status
bills_settle(struct batch *batch, struct error *error)
{
	return settle(batch, &document_bill, error);
}
