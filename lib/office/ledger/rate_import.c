#include "office/ledger/rate_import.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/memory.h"
#include "office/help.h"
#include "office/ledger/rate.h"
#include "stream/reader.h"

enum { UNITS_MOST = 1000000, FIELDS = 5 };

struct import {
	struct batch *batch;
	struct log *log;
	struct reader *reader;
	struct slice *currencies; /* by column; empty: passed over */
	size_t count;
	size_t base;              /* the column of the books' currency; SIZE_MAX when that is the euro */
	int32_t first;            /* day */
	struct arena kept, arena; /* of all, of one row */
};

/* Without the comma that ends every line there. */
static void
trim_lines(struct slice text, struct buffer *out)
{
	while (text.data != NULL && text.length > 0) {
		struct slice line = slice_trim(slice_cut(&text, '\n'));

		if (line.length > 0 && line.data[line.length - 1] == ',')
			line = slice_trim((struct slice){ line.data, line.length - 1 });
		buffer_add_slice(out, line);
		buffer_add_char(out, '\n');
	}
}

/* --- the header ----------------------------------------------------------------- */

static bool
is_currency(struct slice name)
{
	for (size_t i = 0; i < name.length; i++)
		if (name.data[i] < 'A' || name.data[i] > 'Z')
			return false;
	return name.length == 3;
}

static enum status
read_header(struct import *import, const struct place *place, struct error *error)
{
	struct view *view = batch_view(import->batch);
	struct slice books = view_company(view, "currency");
	const struct slice *names = reader_columns(import->reader, &import->count);
	size_t faults = error->total;

	import->base = SIZE_MAX;
	import->currencies = memory_array(import->count + 1, sizeof *import->currencies);
	if (!slice_is(slice_trim(names[0]), "Date"))
		error_add(error, place, "not the ECB's rates: the first column is not \"Date\"");
	for (size_t i = 1; i < import->count; i++) {
		struct slice name = slice_trim(names[i]);

		if (!is_currency(name))
			error_add(error, place, "not a currency: \"%.*s\"", (int)name.length, name.data);
		else if (codes_currency_digits(view_codes(view), name) >= 0)
			import->currencies[i] = arena_copy(&import->kept, name);
		if (slice_equal(name, books))
			import->base = i;
	}
	if (import->base == SIZE_MAX && !slice_is(books, "EUR"))
		error_add(error, place, "has no column %.*s, the currency of the books", (int)books.length,
		    books.data);
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

/* --- rows ----------------------------------------------------------------------- */

/* 2026-03-02, or 2 March 2026. */
static bool
day_of(struct slice text, int32_t *day)
{
	static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July",
		"August", "September", "October", "November", "December" };
	struct slice rest = text, first, name;
	int64_t number, year;

	if (date_parse(text, day))
		return true;
	first = slice_cut(&rest, ' ');
	name = rest.data != NULL ? slice_cut(&rest, ' ') : slice_of("");
	if (rest.data == NULL || decimal_parse(first, 0, &number) != DECIMAL_OK ||
	    decimal_parse(rest, 0, &year) != DECIMAL_OK || year < 1 || year > 9999)
		return false;
	for (int i = 0; i < 12; i++)
		if (slice_is(name, months[i]) && number >= 1 && number <= date_month_length((int)year, i + 1)) {
			*day = date_from_civil((struct civil){ (int)year, i + 1, (int)number });
			return true;
		}
	return false;
}

/* How many units one euro was worth; 0 for N/A. */
static enum status
per_euro(struct slice text, const struct place *place, int64_t *units, struct error *error)
{
	*units = 0;
	if (text.length == 0 || slice_is(text, "N/A"))
		return STATUS_OK;
	if (decimal_parse(text, DECIMAL_DIGITS, units) == DECIMAL_OK && *units > 0)
		return STATUS_OK;
	return error_add(error, place, "not a rate: \"%.*s\"", (int)text.length, text.data);
}

/*
 * What a currency is worth where one euro is so many of it and so many of the books': for
 * as many units that six decimals say enough.
 */
static struct rate
cross_rate(int64_t own, int64_t books)
{
	struct rate rate = { 0, 1 };
	int128 one = decimal_power(DECIMAL_DIGITS);

	for (;;) {
		rate.worth = (int64_t)decimal_divide(one * books * rate.units, own);
		if (rate.worth >= one / 10 || rate.units == UNITS_MOST)
			return rate;
		rate.units *= 10;
	}
}

static enum status
enter_rate(struct import *import, struct slice currency, struct slice date, struct rate rate,
    const struct place *place, struct error *error)
{
	const struct table *table = import->log->table;
	struct slice code = arena_format(&import->arena, "%.*s-%.*s", (int)currency.length, currency.data,
	    (int)date.length, date.data);
	const struct assign assigns[FIELDS] = {
		assign_value(table, "currency", currency),
		assign_value(table, "date", date),
		assign_value(table, "rate", units_text(rate.worth, DECIMAL_DIGITS, true, &import->arena)),
		assign_value(table, "units", units_text(rate.units, 0, true, &import->arena)),
		assign_value(table, "source", slice_of("ECB")),
	};
	const struct edit edit = { .table = table,
		.number = log_find(import->log, table->key, code),
		.assigns = assigns,
		.assign_count = FIELDS,
		.place = *place };

	return batch_edit(import->batch, &edit, NULL, error);
}

/* What the books' currency is per euro on the row's day; 0 when nobody says. */
static enum status
base_of(const struct import *import, const struct row *row, struct place place, int64_t *books, struct error *error)
{
	*books = (int64_t)decimal_power(DECIMAL_DIGITS);
	if (import->base == SIZE_MAX)
		return STATUS_OK;
	place.field = import->currencies[import->base].data;
	return per_euro(slice_trim(row->values[import->base]), &place, books, error);
}

static enum status
import_row(struct import *import, const struct row *row, struct error *error)
{
	struct place place = { reader_name(import->reader), row->line, "Date" };
	struct slice text = slice_trim(row->values[0]), date;
	int64_t one = (int64_t)decimal_power(DECIMAL_DIGITS), books, own;
	int32_t day;
	enum status status;

	if (!day_of(text, &day))
		return error_add(error, &place, "not a date: \"%.*s\"", (int)text.length, text.data);
	status = base_of(import, row, place, &books, error);
	if (status != STATUS_OK || day < import->first || books == 0)
		return status;
	arena_reset(&import->arena);
	date = date_text(day, &import->arena);
	if (import->base != SIZE_MAX)
		status = enter_rate(import, slice_of("EUR"), date, cross_rate(one, books), &place, error);
	for (size_t i = 1; i < import->count && (status == STATUS_OK || status == STATUS_REFUSED); i++) {
		place.field = import->currencies[i].data;
		if (place.field == NULL || i == import->base)
			continue;
		status = per_euro(slice_trim(row->values[i]), &place, &own, error);
		if (status == STATUS_OK && own > 0)
			status = enter_rate(import, import->currencies[i], date, cross_rate(own, books),
			    &place, error);
	}
	return status;
}

static enum status
import_rows(struct import *import, struct error *error)
{
	struct row row;
	enum status status = STATUS_OK;

	while (status == STATUS_OK || status == STATUS_REFUSED) {
		status = reader_next(import->reader, &row, error);
		if (status == STATUS_OK)
			status = import_row(import, &row, error);
	}
	if (status != STATUS_NO)
		return status;
	return error->total > 0 ? STATUS_REFUSED : STATUS_OK;
}

enum status
rates_import(struct batch *batch, const struct input *input, int32_t first, struct error *error)
{
	const struct reader_options options = { .format = FORMAT_CSV };
	struct import import = { .batch = batch, .first = first };
	struct place place = { input->name, 1, NULL };
	struct buffer text = BUFFER_INIT;
	enum status status = view_log(batch_view(batch), "rate", &import.log, error);

	trim_lines(input->bytes, &text);
	if (status == STATUS_OK)
		status = reader_open(&import.reader, input->name, buffer_slice(&text), &options, error);
	if (status == STATUS_OK)
		status = read_header(&import, &place, error);
	if (status == STATUS_OK)
		status = import_rows(&import, error);
	reader_close(import.reader);
	buffer_release(&text);
	free(import.currencies);
	arena_release(&import.arena);
	arena_release(&import.kept);
	return status;
}
