/* ledger_document: parts by their use become postings to accounts */
#include "office/ledger/ledger_document.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/ledger/account.h"
#include "office/help.h"
#include "office/ledger/rate.h"
#include "office/ledger/split.h"

enum { ENTRY_FIELDS = 5, POSTING_FIELDS = 5 };

/* A document on its way into the books. */
struct posting_job {
	struct batch *batch;
	const struct draft *draft;
	struct log *accounts;
	struct slice entry; /* id */
	int digits;         /* of the draft's currency */
	int books_digits;
	struct slice books;   /* the currency of the books */
	bool foreign;         /* the draft's is another one */
	const bool *kept;     /* by part: it keeps the draft's currency */
	const int64_t *worth; /* by part: in the currency of the books */
};

/* --- rates ---------------------------------------------------------------------- */

static bool
is_foreign(struct view *view, const struct draft *draft)
{
	struct slice currency = draft_named(draft, "currency");

	return currency.length > 0 && !slice_equal(currency, view_company(view, "currency"));
}

/* The rate that the draft has; false when it has none, or its table no room for one. */
static bool
rate_of(const struct draft *draft, struct rate *rate)
{
	return table_field(draft->log->table, slice_of("rate")) != SIZE_MAX &&
	    rate_read(draft_named(draft, "rate"), draft_named(draft, "rate_units"), rate);
}

static enum status
find_rate(struct view *view, const struct draft *draft, struct rate *rate, struct error *error)
{
	struct place place = draft_place(draft, "rate");
	int32_t day;

	if (!date_parse(draft_named(draft, "date"), &day))
		day = view_today(view);
	return rate_on(view, draft_named(draft, "currency"), day, &place, rate, error);
}

/* Whether documents are entered in books at all. */
static enum status
keeps_books(struct view *view, bool *keeps, struct error *error)
{
	struct log *accounts;
	enum status status = view_log(view, "account", &accounts, error);

	*keeps = status == STATUS_OK && account_for(accounts, "receivable") != 0;
	return status;
}

static void
set_rate(struct draft *draft, struct rate rate)
{
	draft_set(draft, "rate", units_text(rate.worth, DECIMAL_DIGITS, true, draft->arena));
	if (rate.units != 1)
		draft_set(draft, "rate_units", units_text(rate.units, 0, true, draft->arena));
}

static enum status
check_given(struct view *view, const struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "rate");
	struct slice given = draft_named(draft, "rate");
	struct rate rate;

	if (!is_foreign(view, draft))
		return error_add(error, &place, "is for documents in another currency than the books'");
	if (rate_of(draft, &rate))
		return STATUS_OK;
	return error_add(error, &place, "not more than nothing: \"%.*s\"", (int)given.length, given.data);
}

/* What a credit note gives back was worth what it was worth then. */
static bool
take_corrected(struct view *view, struct draft *draft)
{
	struct record corrected;

	if (!reference_read(view, draft->log->table->name, draft_named(draft, "corrects"), draft->arena, &corrected))
		return false;
	draft_set(draft, "rate", record_named(&corrected, "rate"));
	draft_set(draft, "rate_units", record_named(&corrected, "rate_units"));
	return draft_named(draft, "rate").length > 0;
}

enum status
document_rate(struct batch *batch, struct draft *draft, struct error *error)
{
	struct view *view = batch_view(batch);
	struct error unknown = ERROR_INIT;
	struct rate rate;
	bool keeps;
	enum status status;

	if (draft_named(draft, "rate").length > 0)
		return check_given(view, draft, error);
	if (!is_foreign(view, draft) || take_corrected(view, draft))
		return STATUS_OK;
	status = keeps_books(view, &keeps, error);
	if (status == STATUS_OK)
		status = find_rate(view, draft, &rate, keeps ? error : &unknown);
	error_release(&unknown);
	if (status == STATUS_OK)
		set_rate(draft, rate);
	return status == STATUS_REFUSED && !keeps ? STATUS_OK : status;
}

/* --- what parts are worth ------------------------------------------------------- */

static uint64_t
account_of(struct log *accounts, const struct document_part *part)
{
	return part->account != 0 ? part->account : account_for(accounts, part->use);
}

/* Accounts that take one currency alone decide; of others, those keep it where something is owed or held. */
static bool
keeps_currency(struct log *accounts, const struct document_part *part, const struct draft *draft)
{
	struct error ignored = ERROR_INIT;
	uint64_t number = account_of(accounts, part);
	struct slice only = { "", 0 };
	struct record account;
	bool keeps = part->account == 0 && use_is_control(slice_of(part->use));

	if (number != 0 && record_read(accounts, number, draft->arena, &account, &ignored) == STATUS_OK) {
		only = record_named(&account, "currency");
		keeps = only.length > 0 ? slice_equal(only, draft_named(draft, "currency"))
					: use_is_control(account_use(accounts, number, draft->arena));
	}
	error_release(&ignored);
	return keeps;
}

/* Of the parts on one side of the exchange: their sum is converted, and they add up to it. */
static bool
convert_side(struct rate rate, int from, int to, const struct document_part *parts, const bool *kept,
    bool side, size_t count, int64_t *books)
{
	int128 *exact = memory_array(count + 1, sizeof *exact), factor, divisor = 1;
	int64_t *own = memory_array(count + 1, sizeof *own), sum = 0, total = 0;
	bool fits = rate_exact(rate, from, to, &factor, &divisor);

	for (size_t i = 0; i < count && fits; i++)
		if (kept[i] == side)
			fits = decimal_add(&sum, parts[i].units) &&
			    !__builtin_mul_overflow(factor, parts[i].units, &exact[i]);
	fits = fits && rate_convert(rate, from, to, sum, &total) &&
	    split_exact(exact, count, divisor, total, own);
	for (size_t i = 0; i < count && fits; i++)
		if (kept[i] == side)
			books[i] = own[i];
	free(exact);
	free(own);
	return fits;
}

static enum status
convert(struct posting_job *job, const struct document_part *parts, const bool *kept, size_t count,
    int64_t *books, struct error *error)
{
	struct place place = draft_place(job->draft, "rate");
	struct rate rate;
	enum status status = STATUS_OK;

	if (!rate_of(job->draft, &rate))
		status = find_rate(batch_view(job->batch), job->draft, &rate, error);
	if (status != STATUS_OK)
		return status;
	for (int side = 0; side < 2; side++)
		if (!convert_side(rate, job->digits, job->books_digits, parts, kept, side, count, books))
			return error_add(error, &place, "makes more of it than an amount can hold");
	return STATUS_OK;
}

static enum status
open_job(struct posting_job *job, struct batch *batch, const struct draft *draft, int digits, struct error *error)
{
	struct view *view = batch_view(batch);

	*job = (struct posting_job){ .batch = batch,
		.draft = draft,
		.digits = digits,
		.books = arena_copy(draft->arena, view_company(view, "currency")),
		.foreign = is_foreign(view, draft) };
	job->books_digits = codes_currency_digits(view_codes(view), job->books);
	return view_log(view, "account", &job->accounts, error);
}

/* Which parts keep the draft's currency, and what all of them are worth. */
static enum status
reckon(struct posting_job *job, const struct document_part *parts, size_t count, bool *kept, int64_t *worth,
    struct error *error)
{
	job->kept = kept;
	job->worth = worth;
	for (size_t i = 0; i < count; i++) {
		kept[i] = !job->foreign || keeps_currency(job->accounts, &parts[i], job->draft);
		worth[i] = parts[i].units;
	}
	return job->foreign ? convert(job, parts, kept, count, worth, error) : STATUS_OK;
}

enum status
document_books(struct batch *batch, const struct draft *draft, int digits, const struct document_part *parts,
    size_t count, int64_t *books, struct error *error)
{
	bool *kept = memory_array(count + 1, sizeof *kept);
	struct posting_job job;
	enum status status = open_job(&job, batch, draft, digits, error);

	if (status == STATUS_OK)
		status = reckon(&job, parts, count, kept, books, error);
	free(kept);
	return status;
}

/* --- postings ------------------------------------------------------------------- */

static enum status
enter_posting(const struct posting_job *job, uint64_t account, int64_t units, bool in_books,
    struct slice tags, struct error *error)
{
	struct edit edit = { .place = job->draft->place, .by_rule = true };
	struct assign assigns[POSTING_FIELDS];
	struct arena *arena = job->draft->arena;
	char id[ID_SIZE];
	enum status status = view_table(batch_view(job->batch), "posting", &edit.table, error);

	if (status != STATUS_OK || units == 0)
		return status;
	assigns[0] = assign_value(edit.table, "entry", job->entry);
	assigns[1] = assign_value(edit.table, "account", table_id(job->accounts->table, account, id));
	assigns[2] = assign_value(edit.table, "amount",
	    units_text(units, in_books ? job->books_digits : job->digits, false, arena));
	assigns[3] = assign_value(edit.table, "tags", tags);
	assigns[4] = assign_value(edit.table, "currency",
	    in_books ? job->books : draft_named(job->draft, "currency"));
	edit.assigns = assigns;
	edit.assign_count = POSTING_FIELDS;
	return batch_edit(job->batch, &edit, NULL, error);
}

static enum status
enter_parts(const struct posting_job *job, const struct document_part *parts, size_t count, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		uint64_t account = parts[i].units != 0 ? account_of(job->accounts, &parts[i]) : 0;

		if (account != 0)
			status = enter_posting(job, account, job->kept[i] ? parts[i].units : job->worth[i],
			    !job->kept[i], parts[i].tags, error);
		else if (parts[i].units != 0)
			status = account_missing(parts[i].use, &job->draft->place, error);
	}
	return status;
}

/* What was converted leaves one currency and enters the other. */
static enum status
enter_conversion(const struct posting_job *job, const struct document_part *parts, size_t count, struct error *error)
{
	uint64_t account = account_for(job->accounts, "conversion");
	int64_t units = 0, worth = 0;
	enum status status;

	for (size_t i = 0; i < count; i++)
		if (!job->kept[i]) {
			units += parts[i].units;
			worth += job->worth[i];
		}
	if (units == 0 && worth == 0)
		return STATUS_OK;
	if (account == 0)
		return account_missing("conversion", &job->draft->place, error);
	status = enter_posting(job, account, units, false, slice_of(""), error);
	return status == STATUS_OK ? enter_posting(job, account, -worth, true, slice_of(""), error) : status;
}

static enum status
enter(struct posting_job *job, struct slice text, struct error *error)
{
	const struct draft *draft = job->draft;
	struct edit edit = { .place = draft->place, .by_rule = true };
	struct assign assigns[ENTRY_FIELDS];
	char id[ID_SIZE];
	uint64_t number;
	enum status status = view_table(batch_view(job->batch), "entry", &edit.table, error);

	if (status != STATUS_OK)
		return status;
	assigns[0] = assign_value(edit.table, "date", draft_named(draft, "date"));
	assigns[1] = assign_value(edit.table, "status", slice_of("posted"));
	assigns[2] = assign_value(edit.table, "text", text);
	assigns[3] = assign_value(edit.table, "currency", draft_named(draft, "currency"));
	assigns[4] = assign_value(edit.table, "source", table_id(draft->log->table, draft->number, id));
	edit.assigns = assigns;
	edit.assign_count = ENTRY_FIELDS;
	status = batch_edit(job->batch, &edit, &number, error);
	if (status == STATUS_OK)
		job->entry = arena_copy(draft->arena, table_id(edit.table, number, id));
	return status;
}

enum status
document_post(struct batch *batch, const struct draft *draft, struct slice text, int digits,
    const struct document_part *parts, size_t count, struct error *error)
{
	bool *kept = memory_array(count + 1, sizeof *kept), keeps = false, any = false;
	int64_t *worth = memory_array(count + 1, sizeof *worth);
	struct posting_job job;
	enum status status = keeps_books(batch_view(batch), &keeps, error);

	for (size_t i = 0; i < count; i++)
		any = any || parts[i].units != 0;
	if (status == STATUS_OK && keeps && any) {
		status = open_job(&job, batch, draft, digits, error);
		if (status == STATUS_OK)
			status = reckon(&job, parts, count, kept, worth, error);
		if (status == STATUS_OK)
			status = enter(&job, text, error);
		if (status == STATUS_OK)
			status = enter_parts(&job, parts, count, error);
		if (status == STATUS_OK && job.foreign)
			status = enter_conversion(&job, parts, count, error);
	}
	free(kept);
	free(worth);
	return status;
}
