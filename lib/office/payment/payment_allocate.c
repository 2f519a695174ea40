/* payment_allocate: which documents a payment is for */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/document/creditor_reference.h"
#include "office/help.h"
#include "office/payment/payment_internal.h"
#include "office/payment/settlement.h"

/* --- documents that it may be for ----------------------------------------------------- */

struct candidate {
	const struct document_kind *kind;
	uint64_t number, party;
	int32_t due;
	int64_t most;      /* asked for, or INT64_MAX, without sign */
	int64_t open;      /* units of 10^-6 */
	int64_t allowance; /* of it, what need not be paid now */
	int64_t tax;       /* of the allowance, what is tax */
	const char *reason;
};

struct candidates {
	struct candidate *items;
	size_t count, capacity;
};

static struct candidate *
candidate_add(struct candidates *list, const struct document_kind *kind, uint64_t number)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].kind == kind && list->items[i].number == number)
			return &list->items[i];
	list->items = memory_grow(list->items, &list->capacity, list->count, sizeof *list->items);
	list->items[list->count] = (struct candidate){ .kind = kind, .number = number, .most = INT64_MAX };
	return &list->items[list->count++];
}

static int
candidate_compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->party != y->party)
		return x->party < y->party ? -1 : 1;
	if (x->due != y->due)
		return x->due < y->due ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* --- by reference ------------------------------------------------------------------------ */

static bool
belongs(const struct record *payment, const struct record *document, const struct document_kind *kind)
{
	return slice_equal(record_named(document, kind->party), record_named(payment, kind->party)) &&
	    slice_equal(record_named(document, "currency"), record_named(payment, "currency")) &&
	    document_stands(record_named(document, "status"));
}

/* Adds the document that has value in field, if it is this party's. */
static void
take_document(struct log *log, const struct record *payment, const struct document_kind *kind,
    const char *field, struct slice value, struct candidates *list)
{
	struct error ignored = ERROR_INIT;
	uint64_t number = log_find(log, table_field(log->table, slice_of(field)), value);
	struct record document;

	if (number != 0 && record_read(log, number, payment->arena, &document, &ignored) == STATUS_OK &&
	    belongs(payment, &document, kind))
		candidate_add(list, kind, number);
	error_release(&ignored);
}

/* Numbers that others give out are unique only with who gave them. */
static void
take_name(struct log *log, const struct record *payment, const struct document_kind *kind, struct slice name,
    struct candidates *list)
{
	char reference[CREDITOR_REFERENCE_SIZE];
	struct slice party = record_named(payment, kind->party);

	if (name.length == 0)
		return;
	if (!kind->numbered) {
		struct slice identity = document_identity(party, name, payment->arena);

		if (identity.length > party.length + 1)
			take_document(log, payment, kind, "identity", identity, list);
		return;
	}
	take_document(log, payment, kind, "number", name, list);
	if (creditor_reference_parse(name, reference))
		take_document(log, payment, kind, "payment_reference", slice_of(reference), list);
}

static bool
is_between(char c)
{
	return c == ' ' || c == ',' || c == ';' || c == '+' || c == '\t';
}

/* Text may be one name, with spaces in it, or hold several. */
static void
take_names(struct log *log, const struct record *payment, const struct document_kind *kind, struct slice text,
    struct candidates *list)
{
	size_t start = 0;

	take_name(log, payment, kind, text, list);
	for (size_t i = 0; i <= text.length; i++) {
		if (i < text.length && !is_between(text.data[i]))
			continue;
		take_name(log, payment, kind, (struct slice){ text.data + start, i - start }, list);
		start = i + 1;
	}
}

/* --- by age ------------------------------------------------------------------------------- */

/* Parties that are looked up before all is read. */
enum { ASKED_MOST = 8 };

/* What is open and not disputed. */
struct open_documents {
	size_t asked;           /* how many parties were looked up */
	bool all;               /* of every party, once a batch has asked that often, */
	struct candidates list; /* by party and due date */
};

static void
open_documents_release(void *memory)
{
	free(((struct open_documents *)memory)->list.items);
}

static enum status
enter_open(const struct record *document, void *context, struct error *error)
{
	const struct document_kind *kind = document_kind_of(document->log->table->name);
	struct candidates *list = context;
	struct candidate candidate = { .kind = kind, .number = document->number, .due = DATE_LAST, .most = INT64_MAX };
	struct settled settled;
	uint64_t party;
	enum status status;

	if (slice_is(record_named(document, "status"), "disputed") || !reference_of(document, kind->party, &party))
		return STATUS_OK;
	status = settled_read(document->log->view, DATE_LAST, document, &settled, error);
	if (status != STATUS_OK || settled_open(&settled, document, DATE_LAST) == 0)
		return status;
	candidate.party = party;
	date_parse(record_named(document, "due"), &candidate.due);
	list->items = memory_grow(list->items, &list->capacity, list->count, sizeof *list->items);
	list->items[list->count++] = candidate;
	return STATUS_OK;
}

static enum status
read_all(struct log *log, struct open_documents *open, struct error *error)
{
	struct arena arena = ARENA_INIT;
	enum status status = STATUS_OK;

	open->list.count = 0;
	for (uint64_t i = 1; status == STATUS_OK && i <= log->count; i++) {
		struct record document;

		arena_reset(&arena);
		status = record_peek(log, i, &arena, &document, error);
		if (status == STATUS_OK)
			status = enter_open(&document, &open->list, error);
		if (status == STATUS_OK)
			status = record_held(&document, error);
		if (status == STATUS_NO)
			status = STATUS_OK;
	}
	arena_release(&arena);
	open->all = status == STATUS_OK;
	return status;
}

static enum status
read_open(struct log *log, const struct document_kind *kind, uint64_t party, struct open_documents *open,
    struct error *error)
{
	enum status status;

	if (open->all)
		return STATUS_OK;
	if (open->asked++ < ASKED_MOST) {
		open->list.count = 0;
		status = log_each_referring(log, table_field(log->table, slice_of(kind->party)), party,
		    enter_open, &open->list, error);
	} else
		status = read_all(log, open, error);
	if (open->list.count > 1)
		qsort(open->list.items, open->list.count, sizeof *open->list.items, candidate_compare);
	return status;
}

/* Adds what the payment's party has open, oldest first. */
static enum status
take_oldest(struct batch *batch, const struct record *payment, const struct document_kind *kind,
    struct candidates *list, struct error *error)
{
	const struct rule *key = kind == &document_invoice ? &rule_allocation : &rule_bill_line;
	struct open_documents *open = batch_memory(batch, key, sizeof *open, open_documents_release);
	struct candidate wanted = { .due = DATE_FIRST };
	struct log *log;
	size_t low = 0, high;
	enum status status = view_log(batch_view(batch), kind->table, &log, error);

	if (status != STATUS_OK || !reference_of(payment, kind->party, &wanted.party))
		return status;
	status = read_open(log, kind, wanted.party, open, error);
	if (status != STATUS_OK)
		return status;
	for (high = open->list.count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (candidate_compare(&open->list.items[middle], &wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < open->list.count && open->list.items[low].party == wanted.party; low++)
		candidate_add(list, kind, open->list.items[low].number);
	return STATUS_OK;
}

static int64_t
absolute(int64_t units)
{
	return units < 0 ? -units : units;
}

/* --- what need not be paid ------------------------------------------------------------------ */

/* A discount that was offered for paying early, when the payment was in time; it may be the last of several. */
static void
allow_discount(const struct record *payment, const struct record *document, int digits, struct candidate *candidate)
{
	struct slice mode;
	struct span days;
	int64_t rate, base, total, tax;
	int32_t issued, paid;

	if (!units_of(record_named(document, "discount_rate"), &rate) ||
	    !span_parse(record_named(document, "discount_days"), &days) ||
	    !date_parse(record_named(document, "date"), &issued) ||
	    !date_parse(record_named(payment, "date"), &paid) || paid > date_add_span(issued, days))
		return;
	mode = record_named(document, "discount_tax");
	total = units_or_zero(record_named(document, "total"));
	tax = units_or_zero(record_named(document, "tax"));
	base = slice_is(mode, "untouched") || slice_is(mode, "always") ? total - tax : total;
	decimal_rescale((int128)base * rate, 2 * DECIMAL_DIGITS + 2, digits, &candidate->allowance);
	if (total != 0 && !slice_is(mode, "untouched") && !slice_is(mode, "always")) {
		int128 share = decimal_divide((int128)candidate->allowance * tax * (total < 0 ? -1 : 1),
		    total < 0 ? -total : total);

		candidate->tax = (int64_t)share;
	}
	candidate->allowance *= (int64_t)decimal_power(DECIMAL_DIGITS - digits);
	candidate->tax *= (int64_t)decimal_power(DECIMAL_DIGITS - digits);
	if (absolute(candidate->allowance) >= absolute(candidate->open))
		candidate->allowance = candidate->tax = 0;
	candidate->reason = "discount";
}

/* Tax that the customer keeps back and pays to the state himself. */
static void
allow_withheld(const struct record *document, struct candidate *candidate)
{
	int64_t withheld;

	if (candidate->allowance != 0 || !units_of(record_named(document, "withheld"), &withheld) ||
	    withheld == 0 || candidate->open != units_or_zero(document_payable(document)))
		return;
	candidate->allowance = withheld;
	candidate->reason = "withholding";
}

static enum status
measure(struct batch *batch, const struct record *payment, struct candidates *list, struct error *error)
{
	int digits = record_money_digits(payment);
	enum status status = STATUS_OK;

	for (size_t i = 0; i < list->count && status == STATUS_OK; i++) {
		struct candidate *candidate = &list->items[i];
		struct record document;
		struct settled settled;
		struct log *log;

		status = view_log(batch_view(batch), candidate->kind->table, &log, error);
		if (status == STATUS_OK)
			status = record_read(log, candidate->number, payment->arena, &document, error);
		if (status == STATUS_OK)
			status = settled_read(batch_view(batch), DATE_LAST, &document, &settled, error);
		if (status != STATUS_OK)
			break;
		candidate->open = (int64_t)settled_open(&settled, &document, DATE_LAST);
		if (settled.granted == 0)
			allow_discount(payment, &document, digits, candidate);
		allow_withheld(&document, candidate);
	}
	return status;
}

/* --- giving it out ---------------------------------------------------------------------------- */

struct giving {
	struct batch *batch;
	const struct record *payment;
	const struct place *place;
	struct slice day;        /* absent: as early as can be */
	int64_t left, tolerance; /* units of 10^-6 */
	bool allow;              /* what need not be paid is not */
};

static enum status
give(struct giving *giving, const struct candidate *candidate, int64_t amount, int64_t deduction, int64_t tax,
    const char *reason, struct error *error)
{
	const struct allotment allotment = { .kind = candidate->kind,
		.document = candidate->number,
		.amount = amount,
		.deduction = deduction,
		.tax = deduction != 0 ? tax : 0,
		.reason = deduction != 0 ? reason : NULL,
		.date = giving->day };

	giving->left -= amount;
	return amount != 0 || deduction != 0
	    ? allot(giving->batch, giving->payment, &allotment, giving->place, error)
	    : STATUS_OK;
}

/* How much it may differ from what is wanted of a document and settle it all the same. */
static int64_t
difference(const struct giving *giving, const struct candidate *candidate, int64_t wanted, bool last)
{
	int64_t off = wanted - giving->left;

	/* Where more is left, the next one gets it. */
	if (candidate->most != INT64_MAX || absolute(off) > giving->tolerance ||
	    (absolute(giving->left) > absolute(wanted) && !last))
		return 0;
	return off;
}

/* What one document gets; what it is short, or the last one over, may be too little to matter. */
static enum status
give_one(struct giving *giving, const struct candidate *candidate, bool last, struct error *error)
{
	int64_t most = candidate->most, allowance = giving->allow ? candidate->allowance : 0;
	int64_t wanted = candidate->open - allowance, off, amount;
	bool whole = absolute(wanted) <= most;
	enum status status;

	if (!whole)
		wanted = wanted < 0 ? -most : most;
	off = difference(giving, candidate, wanted, last);
	amount = absolute(wanted) < absolute(giving->left) ? wanted : giving->left;
	whole = whole && (amount == wanted || off != 0);
	status = give(giving, candidate, amount, whole ? allowance : 0, whole ? candidate->tax : 0,
	    candidate->reason, error);
	if (status == STATUS_OK && off != 0)
		status = give(giving, candidate, wanted - off - amount, off, 0, "tolerance", error);
	return status;
}

/* Allowances are taken where the payment is for all of the documents but for these. */
static bool
takes_allowances(const struct giving *giving, const struct candidates *list)
{
	int64_t open = 0, allowed = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].most != INT64_MAX || __builtin_add_overflow(open, list->items[i].open, &open) ||
		    __builtin_add_overflow(allowed, list->items[i].allowance, &allowed))
			return false;
	}
	return allowed != 0 && absolute(giving->left) < absolute(open) &&
	    absolute(open - allowed - giving->left) <= giving->tolerance;
}

static enum status
give_all(struct giving *giving, const struct candidates *list, struct error *error)
{
	bool all = takes_allowances(giving, list);
	enum status status = STATUS_OK;

	for (size_t i = 0; i < list->count && giving->left != 0 && status == STATUS_OK; i++) {
		const struct candidate *candidate = &list->items[i];
		int64_t least = candidate->open - candidate->allowance;

		if (candidate->open == 0 || (candidate->open < 0) != (giving->left < 0))
			continue;
		/* One that is paid early enough may be the only one of several that is paid in full. */
		giving->allow = all || (candidate->allowance != 0 && giving->left == least);
		status = give_one(giving, candidate, i + 1 == list->count, error);
	}
	return status;
}

enum status
allot(struct batch *batch, const struct record *payment, const struct allotment *allotment,
    const struct place *place, struct error *error)
{
	struct edit edit = { .place = *place, .by_rule = true };
	struct arena *arena = payment->arena;
	int digits = record_money_digits(payment);
	struct slice none = { "", 0 };
	int64_t amount = 0, deduction = 0, tax = 0;
	char payment_id[ID_SIZE], document_id[ID_SIZE];
	const struct table *documents;
	enum status status = view_table(batch_view(batch), "allocation", &edit.table, error);

	if (status == STATUS_OK)
		status = view_table(batch_view(batch), allotment->kind->table, &documents, error);
	if (status != STATUS_OK)
		return status;
	decimal_rescale(allotment->amount, DECIMAL_DIGITS, digits, &amount);
	decimal_rescale(allotment->deduction, DECIMAL_DIGITS, digits, &deduction);
	decimal_rescale(allotment->tax, DECIMAL_DIGITS, digits, &tax);

	const struct assign assigns[] = {
		assign_value(edit.table, "payment", table_id(payment->log->table, payment->number, payment_id)),
		assign_value(edit.table, allotment->kind->table,
		    table_id(documents, allotment->document, document_id)),
		assign_value(edit.table, "amount", units_text(amount, digits, false, arena)),
		assign_value(edit.table, "deduction",
		    deduction != 0 ? units_text(deduction, digits, false, arena) : none),
		assign_value(edit.table, "tax", tax != 0 ? units_text(tax, digits, false, arena) : none),
		assign_value(edit.table, "reason", slice_of(allotment->reason != NULL ? allotment->reason : "")),
		assign_value(edit.table, "date", allotment->date),
	};

	edit.assigns = assigns;
	edit.assign_count = sizeof assigns / sizeof assigns[0];
	return batch_edit(batch, &edit, NULL, error);
}

/* --- all of it ------------------------------------------------------------------------------ */

static enum status
open_payment(struct batch *batch, uint64_t number, struct arena *arena, struct record *payment, int128 *left,
    struct error *error)
{
	struct settled settled;
	struct log *log;
	enum status status = view_log(batch_view(batch), "payment", &log, error);

	if (status == STATUS_OK)
		status = record_read(log, number, arena, payment, error);
	if (status == STATUS_OK)
		status = settled_read(batch_view(batch), DATE_LAST, payment, &settled, error);
	if (status == STATUS_OK)
		*left = settled_left(&settled, payment, DATE_LAST);
	return status;
}

static enum status
allocate_list(struct batch *batch, const struct record *payment, int128 left, struct candidates *list,
    struct slice day, const struct place *place, struct error *error)
{
	struct giving giving = { .batch = batch,
		.payment = payment,
		.place = place,
		.day = day,
		.left = (int64_t)left,
		.tolerance = units_or_zero(view_company(batch_view(batch), "tolerance")) };
	enum status status = measure(batch, payment, list, error);

	return status == STATUS_OK ? give_all(&giving, list, error) : status;
}

static enum status
take_named(struct batch *batch, const struct record *payment, const struct document_kind *kind,
    struct candidates *list, struct error *error)
{
	struct log *log;
	enum status status;

	if (record_named(payment, "reference").length == 0 && record_named(payment, "text").length == 0)
		return STATUS_OK;
	status = view_log(batch_view(batch), kind->table, &log, error);
	if (status == STATUS_OK) {
		take_names(log, payment, kind, record_named(payment, "reference"), list);
		take_names(log, payment, kind, record_named(payment, "text"), list);
	}
	return status;
}

enum status
payment_allocate_named(struct batch *batch, uint64_t number, const struct place *place, struct error *error)
{
	struct candidates list = { .items = NULL };
	struct arena arena = ARENA_INIT;
	struct record payment;
	int128 left = 0;
	enum status status = open_payment(batch, number, &arena, &payment, &left, error);

	if (status == STATUS_OK && left != 0)
		status = take_named(batch, &payment, payment_documents(record_named(&payment, "customer")),
		    &list, error);
	if (status == STATUS_OK && list.count > 0)
		status = allocate_list(batch, &payment, left, &list, (struct slice){ NULL, 0 }, place, error);
	free(list.items);
	arena_release(&arena);
	return status;
}

enum status
payment_allocate(struct batch *batch, uint64_t number, const struct allocate_to *to, size_t count,
    int32_t day, const struct place *place, struct error *error)
{
	struct candidates list = { .items = NULL };
	struct arena arena = ARENA_INIT;
	struct record payment;
	int128 left = 0;
	enum status status = open_payment(batch, number, &arena, &payment, &left, error);

	if (status == STATUS_OK && left == 0 && count > 0)
		status = error_add(error, place, "nothing of %s is left to allocate",
		    arena_text(&arena, record_id(&payment)));
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		candidate_add(&list, to[i].kind, to[i].number)->most = to[i].whole ? INT64_MAX : to[i].amount;
	if (status == STATUS_OK && left != 0 && count == 0) {
		const struct document_kind *kind = payment_documents(record_named(&payment, "customer"));

		status = take_named(batch, &payment, kind, &list, error);
		if (status == STATUS_OK && list.count == 0)
			status = take_oldest(batch, &payment, kind, &list, error);
	}
	if (status == STATUS_OK && list.count > 0)
		status = allocate_list(batch, &payment, left, &list, date_text(day, &arena), place, error);
	free(list.items);
	arena_release(&arena);
	return status;
}
