/* ledger_export: one journal, three ways of writing it */
#include "office/ledger/ledger_export.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/ledger/account.h"
#include "office/help.h"
#include "office/ledger/ledger.h"

enum { PIECE = 64 * 1024 };

struct journal {
	struct view *view;
	const struct ledger_query *query;
	enum export_format format;
	struct log *accounts, *entries, *postings;
	struct slice *names;      /* of accounts, by number, as the format spells them */
	struct arena kept;        /* names */
	struct arena arena;       /* of one entry */
	struct buffer currencies; /* seen so far, four bytes each */
	struct buffer out;
	export_write *write;
	void *context;
};

bool
export_format_of(const char *name, enum export_format *format)
{
	static const char *const names[] = { "ledger", "hledger", "beancount" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(name, names[i]) == 0) {
			*format = (enum export_format)i;
			return true;
		}
	return false;
}

/* --- names ---------------------------------------------------------------------- */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Two spaces, or a tab, would end the name; brackets and ';' mean something in front. */
static struct slice
plain_name(struct journal *journal, struct slice code)
{
	struct buffer name = BUFFER_INIT;
	struct slice kept;

	for (size_t i = 0; i < code.length; i++) {
		char c = code.data[i];
		bool odd = c == '\t' || c == ';' || (i == 0 && strchr("([{<*!\"", c) != NULL) ||
		    (c == ' ' && (i == 0 || name.data[name.length - 1] == ' '));

		buffer_add_char(&name, odd ? '_' : c);
	}
	kept = arena_copy(&journal->kept, buffer_slice(&name));
	buffer_release(&name);
	return kept;
}

/* Assets:Bank: a root for each kind, and capitals, letters, digits and hyphens behind it. */
static struct slice
beancount_name(struct journal *journal, const struct record *account)
{
	static const char *const roots[][3] = { { "asset", "Assets", "assets" },
		{ "liability", "Liabilities", "liabilities" }, { "equity", "Equity", "equity" },
		{ "income", "Income", "income" }, { "expense", "Expenses", "expense" } };
	struct slice rest = record_named(account, "code"), kind = record_named(account, "kind"),
		     id = record_id(account);
	struct buffer name = BUFFER_INIT;
	struct slice kept;
	bool odd = false;

	for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++)
		if (slice_is(kind, roots[i][0])) {
			struct slice inner = rest, root = slice_cut(&inner, ':');

			buffer_add_text(&name, roots[i][1]);
			if (slice_is(root, roots[i][2]) && inner.data != NULL)
				rest = inner;
		}
	while (rest.data != NULL) {
		struct slice part = slice_cut(&rest, ':');

		buffer_add_char(&name, ':');
		for (size_t k = 0; k < part.length; k++) {
			char c = part.data[k];

			odd = odd || !is_letter(c);
			if (k == 0 && !is_letter(c))
				buffer_add_char(&name, 'X');
			buffer_add_char(&name,
			    !is_letter(c)            ? '-'
				: k == 0 && c >= 'a' ? (char)(c - 'a' + 'A')
						     : c);
		}
		odd = odd || part.length == 0;
	}
	/* What was spelled otherwise might meet another one: its id keeps them apart. */
	if (odd)
		buffer_format(&name, "-%.*s", (int)id.length, id.data);
	kept = arena_copy(&journal->kept, buffer_slice(&name));
	buffer_release(&name);
	return kept;
}

/* --- pieces --------------------------------------------------------------------- */

static enum status
flush(struct journal *journal, size_t from, struct error *error)
{
	if (journal->out.length < from || journal->out.length == 0)
		return STATUS_OK;
	if (!journal->write(buffer_slice(&journal->out), journal->context))
		return error_set(error, STATUS_SYSTEM, "standard output:");
	buffer_clear(&journal->out);
	return STATUS_OK;
}

/* Text that ends with its line, and in which nothing means anything. */
static void
add_text(struct journal *journal, struct slice text)
{
	bool quoted = journal->format == EXPORT_BEANCOUNT;

	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (quoted && (c == '"' || c == '\\'))
			buffer_add_char(&journal->out, '\\');
		buffer_add_char(&journal->out, !quoted && (c == ';' || c == '|') ? ',' : c);
	}
}

/* Text in a comment, where a colon makes a tag of a word, and brackets a date of one. */
static void
add_comment(struct journal *journal, struct slice text)
{
	size_t from = journal->out.length;

	add_text(journal, text);
	for (size_t i = from; i < journal->out.length; i++) {
		char *c = &journal->out.data[i];

		*c = *c == ':' ? ',' : *c == '[' ? '(' : *c == ']' ? ')' : *c;
	}
}

/* hledger wants to be told of each currency, and by an example how it is written. */
static enum status
add_currency(const struct ledger_line *line, void *context, struct error *error)
{
	struct journal *journal = context;
	int digits = codes_currency_digits(view_codes(journal->view), line->currency);
	char code[4] = "";
	size_t at = 0;

	(void)error;
	if (line->currency.length >= sizeof code)
		return STATUS_OK;
	memcpy(code, line->currency.data, line->currency.length);
	while (at < journal->currencies.length && memcmp(journal->currencies.data + at, code, sizeof code) != 0)
		at += sizeof code;
	if (at < journal->currencies.length)
		return STATUS_OK;
	buffer_add(&journal->currencies, code, sizeof code);
	buffer_format(&journal->out, "commodity 1%.*s %s\n", digits > 0 ? digits + 1 : 1, ".000000", code);
	return STATUS_OK;
}

static enum status
open_currencies(struct journal *journal, struct error *error)
{
	if (journal->format != EXPORT_HLEDGER)
		return STATUS_OK;
	return ledger_walk(journal->view, DATE_LAST, add_currency, journal, error);
}

/* A letter of hledger's, which takes it from names in English unless it is told. */
static char
account_type(const struct record *account, struct slice use)
{
	static const char *const kinds[] = { "asset", "liability", "equity", "income", "expense" };
	struct slice kind = record_named(account, "kind");

	if (use_is_money(use))
		return 'C';
	if (slice_is(use, "conversion"))
		return 'V';
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (slice_is(kind, kinds[i]))
			return "ALERX"[i];
	return 'A'; /* kind is required: there are no others */
}

/* The account's name in words, and for hledger its type; beancount's is the root of its name. */
static void
add_account(struct journal *journal, const struct record *account)
{
	bool beancount = journal->format == EXPORT_BEANCOUNT;
	struct slice use;

	buffer_add_text(&journal->out, beancount ? "0001-01-01 open " : "account ");
	buffer_add_slice(&journal->out, journal->names[account->number]);
	if (journal->format == EXPORT_HLEDGER) {
		use = account_use(journal->accounts, account->number, &journal->arena);
		buffer_format(&journal->out, "  ; type: %c", account_type(account, use));
	}
	buffer_add_text(&journal->out, beancount ? "\n  name: \"" : "\n    ; ");
	(beancount ? add_text : add_comment)(journal, record_named(account, "name"));
	buffer_add_text(&journal->out, beancount ? "\"\n" : "\n");
}

static enum status
open_accounts(struct journal *journal, struct error *error)
{
	bool beancount = journal->format == EXPORT_BEANCOUNT;
	enum status status = STATUS_OK;

	journal->names = memory_array(journal->accounts->count + 1, sizeof *journal->names);
	for (uint64_t number = 1; status == STATUS_OK && number <= journal->accounts->count; number++) {
		struct record account;

		arena_reset(&journal->arena);
		status = record_read(journal->accounts, number, &journal->arena, &account, error);
		if (status != STATUS_OK)
			break;
		journal->names[number] = beancount ? beancount_name(journal, &account)
						   : plain_name(journal, record_named(&account, "code"));
		add_account(journal, &account);
	}
	buffer_add_char(&journal->out, '\n');
	return status;
}

static enum status
add_posting(struct journal *journal, uint64_t number, struct error *error)
{
	struct record posting;
	struct slice amount, currency;
	unsigned long long account;
	enum status status = record_read(journal->postings, number, &journal->arena, &posting, error);

	if (status != STATUS_OK || record_archived(&posting))
		return status;
	if (!table_id_parse(journal->accounts->table, record_named(&posting, "account"), &account) ||
	    account > journal->accounts->count)
		return error_set(error, STATUS_SYSTEM, "posting.csv: %s%llu is no posting",
		    journal->postings->table->prefix, (unsigned long long)number);
	amount = record_named(&posting, "amount");
	currency = record_named(&posting, "currency");
	buffer_add_text(&journal->out, "    ");
	buffer_add_slice(&journal->out, journal->names[account]);
	buffer_format(&journal->out, "  %.*s %.*s", (int)amount.length, amount.data, (int)currency.length,
	    currency.data);
	if (record_named(&posting, "text").length > 0) {
		buffer_add_text(&journal->out, "  ; ");
		add_comment(journal, record_named(&posting, "text"));
	}
	buffer_add_char(&journal->out, '\n');
	return STATUS_OK;
}

static enum status
add_entry(struct journal *journal, uint64_t number, struct error *error)
{
	struct record entry;
	struct slice id, date;
	const uint64_t *children;
	size_t count;
	enum status status;

	arena_reset(&journal->arena);
	status = record_read(journal->entries, number, &journal->arena, &entry, error);
	if (status != STATUS_OK)
		return status;
	id = record_id(&entry);
	date = record_named(&entry, "date");
	buffer_format(&journal->out, "%.*s * ", (int)date.length, date.data);
	if (journal->format == EXPORT_BEANCOUNT) {
		buffer_add_char(&journal->out, '"');
		add_text(journal, record_named(&entry, "text"));
		buffer_format(&journal->out, "\" ^%.*s\n", (int)id.length, id.data);
	} else {
		buffer_format(&journal->out, "(%.*s) ", (int)id.length, id.data);
		add_text(journal, record_named(&entry, "text"));
		buffer_add_char(&journal->out, '\n');
	}
	children = log_children(journal->postings, number, &count);
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = add_posting(journal, children[i], error);
	buffer_add_char(&journal->out, '\n');
	return status == STATUS_OK ? flush(journal, PIECE, error) : status;
}

/* --- the whole ------------------------------------------------------------------ */

struct dated {
	int32_t date;
	uint64_t entry;
};

static int
compare_dated(const void *a, const void *b)
{
	const struct dated *x = a, *y = b;

	if (x->date != y->date)
		return x->date < y->date ? -1 : 1;
	return (x->entry > y->entry) - (x->entry < y->entry);
}

static enum status
add_entries(struct journal *journal, struct error *error)
{
	struct dated *dated = memory_array(journal->entries->count + 1, sizeof *dated);
	size_t count = 0;
	enum status status = STATUS_OK;

	for (uint64_t number = 1; status == STATUS_OK && number <= journal->entries->count; number++) {
		struct record entry;

		arena_reset(&journal->arena);
		status = record_read(journal->entries, number, &journal->arena, &entry, error);
		if (status == STATUS_OK && slice_is(record_named(&entry, "status"), "posted") &&
		    date_parse(record_named(&entry, "date"), &dated[count].date) &&
		    dated[count].date >= journal->query->first && dated[count].date <= journal->query->last)
			dated[count++].entry = number;
	}
	if (count > 1)
		qsort(dated, count, sizeof *dated, compare_dated);
	for (size_t i = 0; i < count && status == STATUS_OK; i++)
		status = add_entry(journal, dated[i].entry, error);
	free(dated);
	return status;
}

enum status
ledger_export(struct view *view, const struct ledger_query *query, enum export_format format,
    export_write *write, void *context, struct error *error)
{
	struct journal journal = { .view = view, .query = query, .format = format, .write = write, .context = context };
	enum status status = view_log(view, "account", &journal.accounts, error);

	if (status == STATUS_OK)
		status = view_log(view, "entry", &journal.entries, error);
	if (status == STATUS_OK)
		status = view_log(view, "posting", &journal.postings, error);
	if (status == STATUS_OK)
		status = open_currencies(&journal, error);
	if (status == STATUS_OK)
		status = open_accounts(&journal, error);
	if (status == STATUS_OK)
		status = add_entries(&journal, error);
	if (status == STATUS_OK)
		status = flush(&journal, 0, error);
	free(journal.names);
	buffer_release(&journal.out);
	buffer_release(&journal.currencies);
	arena_release(&journal.arena);
	arena_release(&journal.kept);
	return status;
}
