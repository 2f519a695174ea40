/*
 * generate: made-up records, the same ones every time.
 *
 *	generate KIND COUNT [FORMAT [FIRST LAST]]
 *
 * KIND is customers, postings, invoices (each of some customer's) or bank (one line for
 * each of the invoices, in another order), or accounts.  FORMAT is csv, quoted (as a
 * spreadsheet writes it: every value in quotes, lines end in CR LF), and for postings
 * entries, ledger or beancount; two postings make an entry.  FIRST and LAST print a part of the COUNT.
 *
 * Text is in several scripts, some of it with commas and quotes, as in real life; it
 * comes last, so that tools which know no quotes can read what is before it.  How often
 * account 9990 is posted to does not depend on COUNT: RARE times.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RARE = 20, RARE_ACCOUNT = 9990, ACCOUNTS = 180, DAYS = 1095, INVOICES_EACH = 100 };

static const char *const names[] = { "Alfreds Futterkiste", "Smith, Jones & Co.", "Société Générale de Café",
	"株式会社 山田商店", "شركة القهوة", "خان ٹریڈرز", "कॉफ़ी हाउस", "ООО Ромашка", "The \"Blue\" Kettle",
	"Ærø Rederi", "Ñandú Exportaciones", "Kestrel Roasters ☕" };
static const char *const cities[] = { "Berlin", "London", "Lahore", "大阪市", "Москва", "Zürich", "São Paulo",
	"Cork" };
static const char *const countries[] = { "DE", "GB", "PK", "JP", "RU", "CH", "BR", "IE" };
static const char *const memos[] = { "rent", "beans, 30 kg", "Miete für März", "給料", "شحن",
	"the \"other\" grinder", "электричество", "card fees" };

#define LENGTH(array) (sizeof(array) / sizeof *(array))

struct output {
	bool quoted, begun;
};

/* The number that belongs to record i and to nothing else: a step of splitmix64. */
static uint64_t
mixed(uint64_t i)
{
	uint64_t z = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* --- CSV ------------------------------------------------------------------------- */

static void
put(struct output *out, const char *value)
{
	bool quote = out->quoted || strpbrk(value, ",\"") != NULL;

	if (out->begun)
		putchar(',');
	out->begun = true;
	if (!quote) {
		fputs(value, stdout);
		return;
	}
	putchar('"');
	for (; *value != '\0'; value++) {
		if (*value == '"')
			putchar('"');
		putchar(*value);
	}
	putchar('"');
}

__attribute__((format(printf, 2, 3))) static void
put_format(struct output *out, const char *format, ...)
{
	char value[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(value, sizeof value, format, arguments);
	va_end(arguments);
	put(out, value);
}

static void
end_line(struct output *out)
{
	fputs(out->quoted ? "\r\n" : "\n", stdout);
	out->begun = false;
}

static void
put_header(struct output *out, const char *fields)
{
	char copy[128], *rest = copy, *field;

	snprintf(copy, sizeof copy, "%s", fields);
	while ((field = strsep(&rest, ",")) != NULL)
		put(out, field);
	end_line(out);
}

/* Every month has 28 days here, and DAYS are a little more than three years from 2022 on: none is still to come. */
static const char *
date_of(uint64_t day)
{
	static char text[32];

	snprintf(text, sizeof text, "%04" PRIu64 "-%02" PRIu64 "-%02" PRIu64, 2022 + day / 336,
	    day / 28 % 12 + 1, day % 28 + 1);
	return text;
}

/* --- what there is ------------------------------------------------------------------ */

static void
customer(struct output *out, uint64_t i, uint64_t count)
{
	uint64_t r = mixed(i);
	size_t city = (r >> 8) % LENGTH(cities);

	(void)count;
	put_format(out, "K-%08" PRIu64, i);
	put(out, countries[city]);
	put(out, cities[city]);
	put_format(out, "%05" PRIu64, (r >> 30) % 100000);
	put_format(out, "user%" PRIu64 "@example.com", i);
	put_format(out, "+49 30 %07" PRIu64, (r >> 20) % 10000000);
	put(out, names[r % LENGTH(names)]);
	put_format(out, "Contact %" PRIu64, (r >> 16) % 100000);
	put_format(out, "%" PRIu64 " High Street, Floor %" PRIu64, (r >> 24) % 999 + 1, (r >> 40) % 9 + 1);
	put_format(out, "since %" PRIu64, (r >> 44) % 60 + 1960);
	end_line(out);
}

struct posting {
	uint64_t day, account;
	int64_t cents;
	const char *memo;
};

/* Postings 2n-1 and 2n are the two sides of entry n. */
static struct posting
posting_of(uint64_t i, uint64_t count)
{
	uint64_t entry = (i + 1) / 2, r = mixed(entry), side = mixed(i + (UINT64_C(1) << 40));
	uint64_t often = count / 2 > RARE ? count / 2 / RARE : 1;
	int64_t cents = (int64_t)((r >> 20) % 2000000 + 1);

	return (struct posting){
		.day = r % DAYS,
		.account = i % 2 == 1 && entry % often == 0 && entry / often <= RARE ? RARE_ACCOUNT
										     : 1000 + side % ACCOUNTS * 10,
		.cents = i % 2 == 1 ? cents : -cents,
		.memo = memos[(r >> 12) % LENGTH(memos)],
	};
}

static void
posting(struct output *out, uint64_t i, uint64_t count)
{
	struct posting p = posting_of(i, count);
	uint64_t size = (uint64_t)(p.cents < 0 ? -p.cents : p.cents);

	put_format(out, "B-%09" PRIu64, i);
	put(out, date_of(p.day));
	put_format(out, "%" PRIu64, p.account);
	put_format(out, "%s%" PRIu64 ".%02" PRIu64, p.cents < 0 ? "-" : "", size / 100, size % 100);
	put(out, p.memo);
	end_line(out);
}

/* The same as a line of an entry for bo-ledger. */
static void
entry_line(struct output *out, uint64_t i, uint64_t count)
{
	struct posting p = posting_of(i, count);
	uint64_t size = (uint64_t)(p.cents < 0 ? -p.cents : p.cents);

	put_format(out, "%" PRIu64, (i + 1) / 2);
	put(out, date_of(p.day));
	put(out, p.memo);
	put_format(out, "%" PRIu64, p.account);
	put_format(out, "%s%" PRIu64 ".%02" PRIu64, p.cents < 0 ? "-" : "", size / 100, size % 100);
	end_line(out);
}

/* The accounts that are posted to: the 181st and last is the rare one. */
static void
account(struct output *out, uint64_t i, uint64_t count)
{
	uint64_t code = i <= ACCOUNTS ? 1000 + (i - 1) * 10 : RARE_ACCOUNT;

	(void)count;
	put_format(out, "%" PRIu64, code);
	put_format(out, "Account %" PRIu64, code);
	put(out, "asset");
	end_line(out);
}

static const char *
memo_without_quotes(const char *memo)
{
	return strchr(memo, '"') != NULL ? "the other grinder" : memo;
}

/* The posting as a line of a journal, under the head of its entry. */
static void
journal_line(uint64_t i, uint64_t count, bool beancount)
{
	struct posting p = posting_of(i, count);
	const char *memo = memo_without_quotes(p.memo);
	uint64_t size = (uint64_t)(p.cents < 0 ? -p.cents : p.cents);

	if (i % 2 == 1 && beancount)
		printf("\n%s * \"%s\"\n", date_of(p.day), memo);
	else if (i % 2 == 1)
		printf("\n%s %s\n", date_of(p.day), memo);
	printf("  Assets:A%" PRIu64 "  %s%" PRIu64 ".%02" PRIu64 " EUR\n", p.account, p.cents < 0 ? "-" : "",
	    size / 100, size % 100);
}

static void
ledger_line(struct output *out, uint64_t i, uint64_t count)
{
	(void)out;
	journal_line(i, count, false);
}

static void
beancount_line(struct output *out, uint64_t i, uint64_t count)
{
	(void)out;
	if (i == 1) {
		for (int account = 0; account < ACCOUNTS; account++)
			printf("2000-01-01 open Assets:A%d\n", 1000 + account * 10);
		printf("2000-01-01 open Assets:A%d\n", RARE_ACCOUNT);
	}
	journal_line(i, count, true);
}

static void
put_invoice_number(struct output *out, uint64_t i)
{
	put_format(out, "R-2024-%08" PRIu64, i);
}

static uint64_t
invoice_cents(uint64_t i)
{
	return (mixed(i) >> 20) % 500000 + 100;
}

static void
invoice(struct output *out, uint64_t i, uint64_t count)
{
	uint64_t r = mixed(i), cents = invoice_cents(i);

	put_invoice_number(out, i);
	put(out, date_of(r % DAYS));
	put(out, date_of(r % DAYS + 28));
	put_format(out, "K-%08" PRIu64, (r >> 12) % (count / INVOICES_EACH + 1) + 1);
	put_format(out, "%" PRIu64 ".%02" PRIu64, cents / 100, cents % 100);
	put(out, memos[(r >> 50) % LENGTH(memos)]);
	end_line(out);
}

/* The n-th line pays invoice 7,919 n, round and round; that meets each once unless 7,919 divides COUNT. */
static void
bank_line(struct output *out, uint64_t i, uint64_t count)
{
	uint64_t paid = i * 7919 % count + 1, cents = invoice_cents(paid);

	put(out, date_of(mixed(paid) % DAYS + 14));
	put_format(out, "%" PRIu64 ".%02" PRIu64, cents / 100, cents % 100);
	put_invoice_number(out, paid);
	put(out, names[mixed(i) % LENGTH(names)]);
	end_line(out);
}

struct kind {
	const char *kind, *format, *header;
	void (*line)(struct output *out, uint64_t i, uint64_t count);
};

static const struct kind kinds[] = {
	{ "customers", "csv", "code,country,city,postcode,email,phone,name,contact,address,notes", customer },
	{ "postings", "csv", "number,date,account,amount,memo", posting },
	{ "postings", "entries", "n,date,text,posting.account,posting.amount", entry_line },
	{ "accounts", "csv", "code,name,kind", account },
	{ "postings", "ledger", NULL, ledger_line },
	{ "postings", "beancount", NULL, beancount_line },
	{ "invoices", "csv", "number,date,due,customer,amount,text", invoice },
	{ "bank", "csv", "date,amount,reference,name", bank_line },
};

int
main(int argc, char *argv[])
{
	const char *format = argc > 3 ? argv[3] : "csv";
	struct output out = { .quoted = strcmp(format, "quoted") == 0 };
	const struct kind *kind = kinds, *end = kinds + LENGTH(kinds);
	uint64_t count, first, last;

	if (out.quoted)
		format = "csv";
	while (argc > 2 && kind < end && (strcmp(kind->kind, argv[1]) != 0 || strcmp(kind->format, format) != 0))
		kind++;
	if (argc < 3 || kind == end) {
		fputs("usage: generate customers|postings|accounts|invoices|bank COUNT [FORMAT [FIRST LAST]]\n",
		    stderr);
		return 2;
	}
	count = strtoull(argv[2], NULL, 10);
	first = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
	last = argc > 5 ? strtoull(argv[5], NULL, 10) : count;
	if (kind->header != NULL)
		put_header(&out, kind->header);
	for (uint64_t i = first; i <= last; i++)
		kind->line(&out, i, count);
	return fflush(stdout) != 0 || ferror(stdout);
}
