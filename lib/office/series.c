#include "office/series.h"

#include <inttypes.h>

#include "base/date.h"
#include "office/help.h"

enum {
	NUMBER_DIGITS_MAX = 18,
	NUMBER_LIKELY = 1000000000 /* no series gets further */
};

/* What a pattern is made into: with number 0 the code of its series, else a number of it. */
struct expansion {
	struct civil date;
	uint64_t number;
	struct buffer *out;
	size_t numbers; /* {number} parts seen */
};

static bool
number_width(struct slice word, int *width)
{
	unsigned long long digits;
	struct slice name = slice_cut(&word, ':');

	*width = 1;
	if (!slice_is(name, "number"))
		return false;
	if (word.data == NULL)
		return true;
	if (!slice_to_u64(word, &digits) || digits > NUMBER_DIGITS_MAX)
		return false;
	*width = (int)digits;
	return true;
}

static bool
expand_word(struct expansion *expansion, struct slice word)
{
	int width;

	if (slice_is(word, "year"))
		buffer_format(expansion->out, "%04d", expansion->date.year);
	else if (slice_is(word, "yy"))
		buffer_format(expansion->out, "%02d", expansion->date.year % 100);
	else if (slice_is(word, "month"))
		buffer_format(expansion->out, "%02d", expansion->date.month);
	else if (!number_width(word, &width))
		return false;
	else {
		expansion->numbers++;
		if (expansion->number == 0)
			buffer_add_char(expansion->out, '#');
		else
			buffer_format(expansion->out, "%0*" PRIu64, width, expansion->number);
	}
	return true;
}

static const char *
expand(struct expansion *expansion, struct slice pattern)
{
	buffer_clear(expansion->out);
	while (pattern.length > 0) {
		struct slice literal = slice_cut(&pattern, '{'), word;

		buffer_add_slice(expansion->out, literal);
		if (pattern.data == NULL)
			break;
		word = slice_cut(&pattern, '}');
		if (pattern.data == NULL)
			return "no } behind a {";
		if (!expand_word(expansion, word))
			return "knows {year} {yy} {month} {number} {number:6} only";
	}
	if (expansion->numbers == 0)
		return "no {number} in it";
	if (expansion->numbers > 1)
		return "more than one {number} in it";
	return NULL;
}

/* Zeros in front keep V0999 from being an id, but V1000 is one. */
static bool
makes_ids(struct slice pattern, struct buffer *out)
{
	bool makes = false;

	for (uint64_t number = 1; number <= NUMBER_LIKELY && !makes; number *= 10) {
		expand(&(struct expansion){ .date = { 2026, 11, 22 }, .number = number, .out = out }, pattern);
		makes = id_shaped(buffer_slice(out));
	}
	return makes;
}

const char *
series_pattern_fault(struct slice pattern)
{
	struct buffer out = BUFFER_INIT;
	struct expansion expansion = { .date = { 2026, 11, 22 }, .number = 1, .out = &out };
	const char *fault = expand(&expansion, pattern);

	if (fault == NULL && makes_ids(pattern, &out))
		fault = "makes numbers that look like the id of a record";
	buffer_release(&out);
	return fault;
}

void
series_code(struct slice pattern, int32_t date, struct buffer *out)
{
	series_number(pattern, date, 0, out);
}

void
series_number(struct slice pattern, int32_t date, uint64_t number, struct buffer *out)
{
	expand(&(struct expansion){ .date = date_to_civil(date), .number = number, .out = out }, pattern);
}

/* How far a series is. */
struct progress {
	uint64_t record; /* 0: it has not begun */
	int64_t last;
	int32_t date; /* of the document that has number last */
	bool has_date;
};

static enum status
read_progress(struct log *log, struct slice code, struct arena *arena, struct progress *progress,
    struct error *error)
{
	struct record record;
	enum status status;

	*progress = (struct progress){ .record = log_find(log, table_field(log->table, slice_of("code")), code) };
	if (progress->record == 0)
		return STATUS_OK;
	status = record_read(log, progress->record, arena, &record, error);
	if (status != STATUS_OK)
		return status;
	if (decimal_parse(record_named(&record, "last"), 0, &progress->last) != DECIMAL_OK &&
	    decimal_parse(record_named(&record, "first"), 0, &progress->last) == DECIMAL_OK)
		progress->last--;
	progress->has_date = date_parse(record_named(&record, "date"), &progress->date);
	return STATUS_OK;
}

static enum status
write_progress(struct batch *batch, const struct draft *draft, struct log *log, struct slice code,
    const struct progress *progress, struct error *error)
{
	const struct assign assigns[] = {
		assign_value(log->table, "last", units_text(progress->last, 0, false, draft->arena)),
		assign_value(log->table, "date", date_text(progress->date, draft->arena)),
		assign_value(log->table, "code", code),
	};
	const struct edit edit = {
		.table = log->table,
		.number = progress->record,
		.assigns = assigns,
		.assign_count = progress->record == 0 ? 3 : 2,
		.place = draft_place(draft, NULL),
		.by_rule = true,
	};

	return batch_edit(batch, &edit, NULL, error);
}

static enum status
refuse_date(const struct draft *draft, struct slice pattern, const struct progress *progress, struct error *error)
{
	struct place place = draft_place(draft, "date");
	struct buffer newest = BUFFER_INIT;
	char date[DATE_SIZE];
	enum status status;

	series_number(pattern, progress->date, (uint64_t)progress->last, &newest);
	date_format(progress->date, date);
	status = error_add(error, &place,
	    "before %s, the date of %s: numbers follow dates (several: in order of date, -s date)", date,
	    newest.data);
	buffer_release(&newest);
	return status;
}

enum status
series_next(struct batch *batch, const struct draft *draft, const char *setting, int32_t date,
    struct slice *number, struct error *error)
{
	struct slice pattern = view_company(batch_view(batch), setting);
	const char *fault = series_pattern_fault(pattern);
	struct buffer text = BUFFER_INIT;
	struct progress progress;
	struct slice code;
	struct log *log;
	enum status status;

	if (fault != NULL) {
		struct place place = draft_place(draft, NULL);

		return error_add(error, &place, "company: %s: %s", setting, fault);
	}
	status = view_log(batch_view(batch), "series", &log, error);
	if (status != STATUS_OK)
		return status;
	series_code(pattern, date, &text);
	code = arena_copy(draft->arena, buffer_slice(&text));
	status = read_progress(log, code, draft->arena, &progress, error);
	if (status == STATUS_OK && progress.has_date && progress.date > date)
		status = refuse_date(draft, pattern, &progress, error);
	if (status == STATUS_OK) {
		progress.last++;
		progress.date = date;
		status = write_progress(batch, draft, log, code, &progress, error);
	}
	series_number(pattern, date, (uint64_t)progress.last, &text);
	*number = arena_copy(draft->arena, buffer_slice(&text));
	buffer_release(&text);
	return status;
}

static enum status
check_series(struct batch *batch, struct draft *draft, struct error *error)
{
	struct slice code = draft_named(draft, "code");
	struct place place;
	int64_t first;

	(void)batch;
	if (code.length > 0 && memchr(code.data, '#', code.length) == NULL) {
		place = draft_place(draft, "code");
		return error_add(error, &place, "no # where the number goes");
	}
	if (decimal_parse(draft_named(draft, "first"), 0, &first) == DECIMAL_OK && first < 1) {
		place = draft_place(draft, "first");
		return error_add(error, &place, "less than 1");
	}
	return STATUS_OK;
}

const struct rule rule_series = {
	.table = "series",
	.check = check_series,
};

static enum status
check_patterns(struct batch *batch, struct draft *draft, struct error *error)
{
	static const char *const settings[] = { "invoice_number", "credit_number", "charge_number" };
	size_t faults = error->total;

	(void)batch;
	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
		const char *fault = series_pattern_fault(draft_named(draft, settings[i]));
		struct place place = draft_place(draft, settings[i]);

		if (fault != NULL && draft_named(draft, settings[i]).length > 0)
			error_add(error, &place, "%s", fault);
	}
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

const struct rule rule_company_series = {
	.table = "company",
	.check = check_patterns,
};
