/* check_exchange: what a document's entry converts is converted by the rate that the document keeps */
#include "office/ledger/account.h"
#include "office/check/check.h"
#include "office/help.h"
#include "office/ledger/rate.h"

struct exchange {
	struct log *postings;
	struct slice books;      /* currency */
	struct slice conversion; /* id of the account between currencies */
	struct arena kept, arena;
};

/* What an entry puts to that account, units of 10^-6: in its own currency, and in that of the books. */
static enum status
converted_by(struct exchange *exchange, const struct record *entry, int128 *own, int128 *books, struct error *error)
{
	size_t count;
	const uint64_t *children = log_children(exchange->postings, entry->number, &count);
	enum status status = STATUS_OK;

	*own = *books = 0;
	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		struct record posting;
		int64_t amount;

		status = record_read(exchange->postings, children[i], &exchange->arena, &posting, error);
		if (status != STATUS_OK || record_archived(&posting) ||
		    !slice_equal(record_named(&posting, "account"), exchange->conversion))
			continue;
		amount = units_or_zero(record_named(&posting, "amount"));
		if (slice_equal(record_named(&posting, "currency"), exchange->books))
			*books += amount;
		else
			*own += amount;
	}
	return status;
}

/* The rate of the record that source names; false when it is none that could have one. */
static bool
rate_of(struct checking *checking, struct slice source, struct arena *arena, struct rate *rate)
{
	size_t letters = 0;
	struct record record;
	const char *table;

	while (letters < source.length && source.data[letters] >= 'A' && source.data[letters] <= 'Z')
		letters++;
	table = schema_prefix_table(view_schema(checking->view), (struct slice){ source.data, letters });
	*rate = (struct rate){ 0, 1 };
	if (table == NULL || !reference_read(checking->view, table, source, arena, &record) ||
	    table_field(record.log->table, slice_of("rate")) == SIZE_MAX)
		return false;
	rate->worth = units_or_zero(record_named(&record, "rate"));
	decimal_parse(record_named(&record, "rate_units"), 0, &rate->units);
	return true;
}

static enum status
visit_entry(struct checking *checking, const struct record *entry, void *context, struct error *error)
{
	struct exchange *exchange = context;
	struct codes *codes = view_codes(checking->view);
	struct slice source = record_named(entry, "source"), currency = record_named(entry, "currency");
	int from = codes_currency_digits(codes, currency), to = codes_currency_digits(codes, exchange->books);
	int128 own, books;
	int64_t amount, worth;
	struct rate rate;
	enum status status;

	if (!slice_is(record_named(entry, "status"), "posted") || slice_equal(currency, exchange->books) ||
	    slice_is(record_named(entry, "kind"), "reversal") || source.length == 0)
		return STATUS_OK;
	arena_reset(&exchange->arena);
	if (!rate_of(checking, source, &exchange->arena, &rate))
		return STATUS_OK;
	status = converted_by(exchange, entry, &own, &books, error);
	if (status != STATUS_OK || (own == 0 && books == 0))
		return status;
	if (rate.worth <= 0 || rate.units <= 0 || from < 0 ||
	    !decimal_rescale(own, DECIMAL_DIGITS, from, &amount) || !rate_convert(rate, from, to, amount, &worth) ||
	    books != -(int128)worth * decimal_power(DECIMAL_DIGITS - to))
		check_report(checking, entry->log, entry->number, "source",
		    "converts other than by the rate that %.*s keeps", (int)source.length, source.data);
	return STATUS_OK;
}

static enum status
run_exchange(struct checking *checking, struct error *error)
{
	struct exchange exchange = { .postings = NULL };
	struct log *accounts, *entries;
	uint64_t conversion = 0;
	char id[ID_SIZE];
	enum status status = view_log(checking->view, "account", &accounts, error);

	if (status == STATUS_OK)
		status = view_log(checking->view, "entry", &entries, error);
	if (status == STATUS_OK)
		status = view_log(checking->view, "posting", &exchange.postings, error);
	if (status == STATUS_OK)
		conversion = account_for(accounts, "conversion");
	if (status != STATUS_OK || conversion == 0)
		return status;
	exchange.books = arena_copy(&exchange.kept, view_company(checking->view, "currency"));
	exchange.conversion = arena_copy(&exchange.kept, table_id(accounts->table, conversion, id));
	status = check_each(checking, entries, visit_entry, &exchange, error);
	arena_release(&exchange.kept);
	arena_release(&exchange.arena);
	return status;
}

const struct check check_exchange = {
	.name = "exchange",
	.help = "what a document's entry converts is converted by the rate that the document keeps",
	.run = run_exchange,
};
