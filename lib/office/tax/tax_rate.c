#include "office/tax/tax_rate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/file.h"
#include "base/memory.h"
#include "office/help.h"
#include "stream/csv.h"

enum { FILE_MAX = 1 << 20, HUNDRED = 100000000 /* percent, in units of 10^-6 */ };

/* --- records ----------------------------------------------------------------------------- */

/* One word that lines can name: no colon, which stands behind a country. */
static bool
is_class(struct slice text)
{
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
			return false;
	}
	return text.length > 0;
}

/* The code says what the other fields say, so that no day has two rates. */
static enum status
check_code(struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "code");
	struct slice country = draft_named(draft, "country"), class = draft_named(draft, "class"),
		     from = draft_named(draft, "from"), wanted;

	wanted = arena_format(draft->arena, "%.*s-%.*s-%.*s", (int)country.length, country.data,
	    (int)class.length, class.data, (int)from.length, from.data);
	draft_default(draft, "code", wanted);
	if (slice_equal(draft_named(draft, "code"), wanted))
		return STATUS_OK;
	return error_add(error, &place, "country, class and day make it %.*s", (int)wanted.length, wanted.data);
}

static enum status
check_rate(struct batch *batch, struct draft *draft, struct error *error)
{
	struct place class = draft_place(draft, "class"), rate = draft_place(draft, "rate");
	int64_t units = units_or_zero(draft_named(draft, "rate"));
	size_t faults = error->total;

	(void)batch;
	if (!is_class(draft_named(draft, "class")))
		error_add(error, &class, "not a word of small letters, digits and dashes: \"%.*s\"",
		    (int)draft_named(draft, "class").length, draft_named(draft, "class").data);
	if (units < 0 || units > HUNDRED)
		error_add(error, &rate, "not between 0 and 100 percent");
	if (error->total == faults)
		check_code(draft, error);
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

const struct rule rule_tax_rate = { .table = "tax_rate", .check = check_rate };

/* --- which one holds ---------------------------------------------------------------------- */

struct dated_rate {
	struct slice country, class; /* in the arena */
	int32_t from;
	int64_t rate;
};

/* All of a view, read again when the table has grown. */
struct known_rates {
	struct arena arena;
	struct dated_rate *rates;
	size_t count, capacity;
	size_t seen; /* bytes of the log and of what is pending, plus 1; 0: nothing was read */
};

static void
known_release(void *memory)
{
	struct known_rates *known = memory;

	arena_release(&known->arena);
	free(known->rates);
}

static enum status
read_rates(struct known_rates *known, struct log *log, struct error *error)
{
	enum status status = STATUS_OK;

	arena_reset(&known->arena);
	known->count = 0;
	for (uint64_t number = 1; status == STATUS_OK && number <= log->count; number++) {
		struct dated_rate rate;
		struct record record;

		status = record_read(log, number, &known->arena, &record, error);
		if (status != STATUS_OK || record_archived(&record) ||
		    !date_parse(record_named(&record, "from"), &rate.from))
			continue;
		rate.country = arena_copy(&known->arena, record_named(&record, "country"));
		rate.class = arena_copy(&known->arena, record_named(&record, "class"));
		rate.rate = units_or_zero(record_named(&record, "rate"));
		known->rates = memory_grow(known->rates, &known->capacity, known->count, sizeof rate);
		known->rates[known->count++] = rate;
	}
	known->seen = log->bytes.length + log->tail.length + 1;
	return status;
}

enum status
tax_rate_on(struct view *view, struct slice class, int32_t day, int64_t *rate, struct error *error)
{
	struct known_rates *known = view_memory(view, &rule_tax_rate, sizeof *known, known_release);
	struct slice country = view_company(view, "country"), rest = class, before = slice_cut(&rest, ':');
	const struct dated_rate *found = NULL;
	struct log *log;
	enum status status = view_log(view, "tax_rate", &log, error);

	if (rest.data != NULL) {
		country = before;
		class = rest;
	}
	if (status == STATUS_OK && known->seen != log->bytes.length + log->tail.length + 1)
		status = read_rates(known, log, error);
	for (size_t i = 0; status == STATUS_OK && i < known->count; i++) {
		const struct dated_rate *at = &known->rates[i];

		if (at->from <= day && (found == NULL || at->from > found->from) &&
		    slice_equal(at->class, class) && slice_equal(at->country, country))
			found = at;
	}
	if (status == STATUS_OK && found == NULL)
		return STATUS_NO;
	if (status == STATUS_OK)
		*rate = found->rate;
	return status;
}

enum status
tax_rate_missing(struct slice class, int32_t day, const struct place *place, struct error *error)
{
	char date[DATE_SIZE];

	date_format(day, date);
	return error_add(error, place,
	    "no rate of \"%.*s\" is known for %s (bo-tax rates COUNTRY | bo-tax put ...)", (int)class.length,
	    class.data, date);
}

/* --- what is shipped ------------------------------------------------------------------------ */

const char *const tax_rate_columns[TAX_RATE_COLUMNS] = { "code", "country", "class", "rate", "from" };

enum status
tax_rate_shipped(const char *share, struct slice country, tax_rate_visit *visit, void *context, size_t *count,
    struct error *error)
{
	char *path = memory_format("%s/tax/rates.csv", share);
	struct slice values[TAX_RATE_COLUMNS], rest, line;
	struct buffer file = BUFFER_INIT;
	enum status status = STATUS_OK;

	*count = 0;
	if (!file_load(path, &file, FILE_MAX))
		status = error_set(error, STATUS_SYSTEM, "%s:", path);
	rest = buffer_slice(&file);
	csv_line(&rest, &line);
	for (size_t number = 2; status == STATUS_OK && csv_line(&rest, &line); number++) {
		if (csv_split(line, values, TAX_RATE_COLUMNS) != TAX_RATE_COLUMNS)
			status = error_set(error, STATUS_SYSTEM, "%s:%zu: not a rate", path, number);
		else if (country.length == 0 || slice_equal(values[1], country)) {
			visit(values, context);
			++*count;
		}
	}
	buffer_release(&file);
	free(path);
	return status;
}
