#include "office/document/prepayment.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "office/document/document.h"
#include "office/help.h"

/* --- what is left --------------------------------------------------------------- */

struct prepaid_list {
	struct prepaid *rates;
	size_t count, capacity;
};

static bool
add_amount(struct prepaid_list *list, const struct record *line)
{
	struct slice category = record_named(line, "category");
	int64_t tax_rate = units_or_zero(record_named(line, "tax_rate"));
	size_t i = 0;

	while (i < list->count &&
	    (list->rates[i].tax_rate != tax_rate || !slice_is(category, list->rates[i].category)))
		i++;
	if (i == list->count) {
		list->rates = memory_grow(list->rates, &list->capacity, list->count, sizeof *list->rates);
		list->rates[list->count] = (struct prepaid){ .tax_rate = tax_rate, .line = line->number };
		memcpy(list->rates[list->count++].category, category.data,
		    category.length < 3 ? category.length : 3);
	}
	return decimal_add(&list->rates[i].left, units_or_zero(record_named(line, "amount")));
}

/* What one line does to prepayment, given that its invoice counts: itself, what credits it, what deducts it. */
static enum status
add_line(struct prepaid_list *list, const struct record *line, bool own, struct slice prepayment,
    struct error *error)
{
	struct slice deducts = record_named(line, "deducts");

	if (record_archived(line) || !(deducts.length > 0 ? slice_equal(deducts, prepayment) : own))
		return STATUS_OK;
	if (!add_amount(list, line))
		return error_add(error, NULL, "prepayments come to more than an amount can hold");
	return STATUS_OK;
}

/* All lines of one invoice. */
static enum status
add_invoice(struct prepaid_list *list, struct view *view, uint64_t invoice, bool own, struct slice prepayment,
    struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct log *lines;
	const uint64_t *numbers = NULL;
	size_t count = 0;
	enum status status = view_log(view, "invoice_line", &lines, error);

	if (status == STATUS_OK)
		numbers = log_children(lines, invoice, &count);
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct record line;

		arena_reset(&arena);
		status = record_read(lines, numbers[i], &arena, &line, error);
		if (status == STATUS_OK)
			status = add_line(list, &line, own, prepayment, error);
	}
	arena_release(&arena);
	return status;
}

static bool
credits(const struct record *invoice, struct slice prepayment)
{
	return slice_is(record_named(invoice, "kind"), "credit") &&
	    slice_equal(record_named(invoice, "corrects"), prepayment);
}

struct listing {
	struct prepaid_list *list;
	struct view *view;
	struct slice prepayment;
};

static enum status
add_credit(const struct record *invoice, void *context, struct error *error)
{
	const struct listing *listing = context;

	if (!credits(invoice, listing->prepayment) || !document_stands(record_named(invoice, "status")))
		return STATUS_OK;
	return add_invoice(listing->list, listing->view, invoice->number, true, listing->prepayment, error);
}

/* Those of its credit notes were added with them. */
static enum status
add_deducting(const struct record *line, void *context, struct error *error)
{
	const struct listing *listing = context;
	struct record invoice;

	if (!reference_read(listing->view, "invoice", record_named(line, "invoice"), line->arena, &invoice) ||
	    !document_stands(record_named(&invoice, "status")) || credits(&invoice, listing->prepayment))
		return STATUS_OK;
	return add_line(listing->list, line, false, listing->prepayment, error);
}

/* What stands and credits or deducts it. */
static enum status
add_standing(struct listing *listing, uint64_t prepayment, struct error *error)
{
	struct log *invoices, *lines;
	enum status status = view_log(listing->view, "invoice", &invoices, error);

	if (status == STATUS_OK)
		status = view_log(listing->view, "invoice_line", &lines, error);
	if (status == STATUS_OK)
		status = log_each_referring(invoices, table_field(invoices->table, slice_of("corrects")),
		    prepayment, add_credit, listing, error);
	if (status == STATUS_OK)
		status = log_each_referring(lines, table_field(lines->table, slice_of("deducts")), prepayment,
		    add_deducting, listing, error);
	return status;
}

static enum status
list_left(struct prepaid_list *list, struct view *view, uint64_t prepayment, struct error *error)
{
	struct listing listing = { .list = list, .view = view };
	char id[ID_SIZE];
	const struct table *table;
	enum status status = view_table(view, "invoice", &table, error);

	if (status != STATUS_OK)
		return status;
	listing.prepayment = table_id(table, prepayment, id);
	status = add_invoice(list, view, prepayment, true, listing.prepayment, error);
	return status == STATUS_OK ? add_standing(&listing, prepayment, error) : status;
}

enum status
prepaid_left(struct view *view, uint64_t prepayment, struct prepaid **rates, size_t *count, struct error *error)
{
	struct prepaid_list list = { .rates = NULL };
	enum status status = list_left(&list, view, prepayment, error);

	*rates = list.rates;
	*count = list.count;
	return status;
}

/* --- issuing ---------------------------------------------------------------------- */

struct issuing {
	struct batch *batch;
	const struct draft *invoice;
	bool known;            /* which account takes them: */
	struct slice advance;  /* its id, absent where no books are kept */
	struct slice credited; /* the prepayment that it credits, if it does */
	bool ahead;            /* its own lines are billed ahead, or give that back */
};

/* None is needed where nothing is posted. */
static enum status
find_advance(struct issuing *issuing, struct error *error)
{
	struct place place = draft_place(issuing->invoice, NULL);
	struct log *accounts;
	size_t use;
	uint64_t number;
	char id[ID_SIZE];
	enum status status = view_log(batch_view(issuing->batch), "account", &accounts, error);

	if (status != STATUS_OK || issuing->known)
		return status;
	issuing->known = true;
	use = table_field(accounts->table, slice_of("use"));
	number = log_find(accounts, use, slice_of("advance"));
	if (number != 0)
		issuing->advance = arena_copy(issuing->invoice->arena, table_id(accounts->table, number, id));
	else if (log_find(accounts, use, slice_of("receivable")) != 0)
		return error_add(error, &place,
		    "no account has the use \"advance\" (bo-account set ACCOUNT use=advance)");
	return STATUS_OK;
}

static enum status
set_account(const struct issuing *issuing, const struct record *line, struct error *error)
{
	const struct table *table = line->log->table;
	struct place place = draft_place(issuing->invoice, NULL);
	struct slice account = record_named(line, "account"), id = record_id(line);
	const struct assign assign = assign_value(table, "account", issuing->advance);
	const struct edit edit = { .table = table,
		.number = line->number,
		.assigns = &assign,
		.assign_count = 1,
		.place = place,
		.by_rule = true };

	if (slice_equal(account, issuing->advance))
		return STATUS_OK;
	if (account.length > 0)
		return error_add(error, &place,
		    "%.*s: account: what is paid ahead goes to that with the use \"advance\"", (int)id.length,
		    id.data);
	return batch_edit(issuing->batch, &edit, NULL, error);
}

/* Whether what is left of one prepayment covers what this invoice takes off it. */
static enum status
check_left(const struct issuing *issuing, struct slice prepayment, struct error *error)
{
	struct view *view = batch_view(issuing->batch);
	struct place place = draft_place(issuing->invoice, "deducts");
	struct prepaid_list list = { .rates = NULL };
	unsigned long long number = 0;
	enum status status;

	table_id_parse(issuing->invoice->log->table, prepayment, &number);
	status = list_left(&list, view, number, error);
	if (status == STATUS_OK)
		status = add_invoice(&list, view, issuing->invoice->number,
		    slice_equal(prepayment, issuing->credited), prepayment, error);
	for (size_t i = 0; i < list.count && (status == STATUS_OK || status == STATUS_REFUSED); i++) {
		struct arena *arena = issuing->invoice->arena;
		struct slice rate = value_from_number(KIND_NUMBER, list.rates[i].tax_rate, arena);
		struct slice over = value_from_number(KIND_NUMBER, -(int128)list.rates[i].left, arena);

		if (list.rates[i].left < 0)
			status = error_add(error, &place,
			    "%.*s more than what is left of %.*s at %.*s percent tax (%s)", (int)over.length,
			    over.data, (int)prepayment.length, prepayment.data, (int)rate.length, rate.data,
			    list.rates[i].category);
	}
	free(list.rates);
	return status;
}

static enum status
issue_line(struct issuing *issuing, const struct record *line, struct slice *checked, struct error *error)
{
	struct slice deducts = record_named(line, "deducts");
	enum status status;

	if (deducts.length == 0 && !issuing->ahead)
		return STATUS_OK;
	status = find_advance(issuing, error);
	if (status == STATUS_OK && issuing->advance.length > 0)
		status = set_account(issuing, line, error);
	/* Lines that deduct the same one mostly come together; looking twice does no harm but time. */
	if (status == STATUS_OK && deducts.length > 0 && !slice_equal(deducts, *checked)) {
		*checked = arena_copy(issuing->invoice->arena, deducts);
		status = check_left(issuing, *checked, error);
	}
	return status;
}

static enum status
issue_lines(struct issuing *issuing, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct slice checked = issuing->credited;
	struct log *log;
	const uint64_t *numbers;
	size_t count = 0;
	enum status status = view_log(batch_view(issuing->batch), "invoice_line", &log, error);

	/* Edits may move the numbers: they are asked for anew. */
	for (size_t i = 0; (status == STATUS_OK || status == STATUS_REFUSED) && (i == 0 || i < count); i++) {
		struct record line;

		numbers = log_children(log, issuing->invoice->number, &count);
		if (count == 0)
			break;
		arena_reset(&arena);
		status = record_read(log, numbers[i], &arena, &line, error);
		if (status == STATUS_OK && !record_archived(&line))
			status = issue_line(issuing, &line, &checked, error);
	}
	arena_release(&arena);
	return status;
}

static enum status
check_invoice(struct batch *batch, struct draft *draft, struct error *error)
{
	struct issuing issuing = { .batch = batch, .invoice = draft };
	struct record corrected;
	enum status status;

	if (!draft_issues(draft))
		return STATUS_OK;
	issuing.ahead = slice_is(draft_named(draft, "kind"), "prepayment");
	if (slice_is(draft_named(draft, "kind"), "credit") &&
	    reference_read(batch_view(batch), "invoice", draft_named(draft, "corrects"), draft->arena, &corrected) &&
	    slice_is(record_named(&corrected, "kind"), "prepayment")) {
		issuing.ahead = true;
		issuing.credited = draft_named(draft, "corrects");
	}
	status = issue_lines(&issuing, error);
	if (status == STATUS_OK && issuing.credited.length > 0)
		status = check_left(&issuing, issuing.credited, error);
	return status;
}

const struct rule rule_invoice_prepayment = { .table = "invoice", .check = check_invoice };

/* --- lines ------------------------------------------------------------------------ */

/* What a line may deduct: what stands, was billed ahead to the same customer in the same currency. */
static enum status
check_prepayment(const struct draft *line, const struct record *invoice, const struct record *prepayment,
    struct error *error)
{
	struct place place = draft_place(line, "deducts");
	struct slice id = record_id(prepayment);

	if (!slice_is(record_named(prepayment, "kind"), "prepayment"))
		return error_add(error, &place, "%.*s is no prepayment", (int)id.length, id.data);
	if (!document_stands(record_named(prepayment, "status")))
		return error_add(error, &place, "%.*s is not issued: nothing was paid ahead", (int)id.length,
		    id.data);
	if (!slice_equal(record_named(prepayment, "customer"), record_named(invoice, "customer")))
		return error_add(error, &place, "%.*s is another customer's", (int)id.length, id.data);
	if (!slice_equal(record_named(prepayment, "currency"), record_named(invoice, "currency")))
		return error_add(error, &place, "%.*s is in another currency", (int)id.length, id.data);
	if (!slice_equal(record_named(prepayment, "prices"), record_named(invoice, "prices")))
		return error_add(error, &place, "prices of %.*s are %.*s", (int)id.length, id.data,
		    (int)record_named(prepayment, "prices").length, record_named(prepayment, "prices").data);
	return STATUS_OK;
}

/* The rate and category at which something is left: the line's own, else the only ones. */
static enum status
choose_rate(const struct draft *line, const struct prepaid_list *list, const struct prepaid **chosen,
    struct error *error)
{
	struct place place = draft_place(line, "deducts"), rate_place = draft_place(line, "tax_rate");
	struct slice given = draft_named(line, "tax_rate"), id = draft_named(line, "deducts"),
		     category = draft_named(line, "category");
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (list->rates[i].left <= 0 ||
		    (given.length > 0 && units_or_zero(given) != list->rates[i].tax_rate) ||
		    (category.length > 0 && !slice_is(category, list->rates[i].category)))
			continue;
		*chosen = &list->rates[i];
		count++;
	}
	if (count == 0)
		return error_add(error, &place, "nothing is left of %.*s", (int)id.length, id.data);
	if (count > 1)
		return error_add(error, &rate_place, "%.*s has several: say which, a line for each",
		    (int)id.length, id.data);
	return STATUS_OK;
}

/* With tax as the prepayment has it, and why there is none. */
static enum status
take_tax(struct draft *line, const struct record *prepayment, const struct prepaid *chosen, struct error *error)
{
	struct record first;
	struct log *lines;
	enum status status = view_log(prepayment->log->view, "invoice_line", &lines, error);

	if (status == STATUS_OK)
		status = record_read(lines, chosen->line, line->arena, &first, error);
	if (status != STATUS_OK)
		return status;
	draft_default(line, "tax_rate", record_named(&first, "tax_rate"));
	draft_default(line, "category", record_named(&first, "category"));
	draft_default(line, "exemption", record_named(&first, "exemption"));
	return STATUS_OK;
}

/* A line that gives no price takes all that is left. */
static enum status
take_all(struct view *view, struct draft *line, const struct record *prepayment, struct error *error)
{
	struct place place = draft_place(line, "price");
	struct prepaid_list list = { .rates = NULL };
	const struct prepaid *chosen = NULL;
	struct slice qty = draft_named(line, "qty");
	enum status status;

	if (!slice_is(qty, "1") && !slice_is(qty, "-1"))
		return error_add(error, &place, "missing: without one all that is left is taken off, once");
	status = list_left(&list, view, prepayment->number, error);

	if (status == STATUS_OK)
		status = choose_rate(line, &list, &chosen, error);
	if (status == STATUS_OK) {
		status = take_tax(line, prepayment, chosen, error);
		draft_set(line, "price", value_from_number(KIND_NUMBER, chosen->left, line->arena));
		draft_set(line, "qty", slice_of("-1"));
		draft_set(line, "discount", slice_of(""));
	}
	free(list.rates);
	return status;
}

static enum status
check_sign(const struct draft *line, const struct record *invoice, struct error *error)
{
	struct place place = draft_place(line, "qty");
	int64_t qty = units_or_zero(draft_named(line, "qty")), price = units_or_zero(draft_named(line, "price"));
	bool credit = slice_is(record_named(invoice, "kind"), "credit"), negative = (qty < 0) != (price < 0);

	if (qty == 0 || price == 0 || negative != credit)
		return STATUS_OK;
	return error_add(error, &place,
	    credit ? "is negative: a credit note puts back what was deducted"
		   : "is not negative: it takes off what was paid ahead");
}

static enum status
check_line(struct batch *batch, struct draft *draft, struct error *error)
{
	struct view *view = batch_view(batch);
	struct place item_place = draft_place(draft, "item");
	struct record invoice, prepayment;
	struct slice number;
	enum status status;

	if (!reference_read(view, "invoice", draft_named(draft, "deducts"), draft->arena, &prepayment) ||
	    !reference_read(view, "invoice", draft_named(draft, "invoice"), draft->arena, &invoice) ||
	    !slice_is(record_named(&invoice, "status"), "draft"))
		return STATUS_OK;
	if (draft_named(draft, "item").length > 0)
		return error_add(error, &item_place, "what was paid ahead is no item");
	status = check_prepayment(draft, &invoice, &prepayment, error);
	if (status == STATUS_OK && draft->is_new && draft_named(draft, "price").length == 0)
		status = take_all(view, draft, &prepayment, error);
	number = record_named(&prepayment, "number");
	if (draft->is_new)
		draft_default(draft, "description",
		    arena_format(draft->arena, "Paid ahead: %.*s", (int)number.length, number.data));
	return status == STATUS_OK ? check_sign(draft, &invoice, error) : status;
}

const struct rule rule_invoice_line_deducts = { .table = "invoice_line", .check = check_line };
