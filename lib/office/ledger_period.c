/* ledger_period: months and years of the books, and whether they take entries */
#include <string.h>

#include "base/date.h"
#include "office/help.h"
#include "office/ledger.h"
#include "office/ledger_entry.h"

static bool
digits_of(struct slice text, size_t length, int *number)
{
	*number = 0;
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		*number = *number * 10 + (text.data[i] - '0');
	}
	return text.length == length;
}

bool
period_days(struct slice code, int32_t *first, int32_t *last)
{
	struct slice rest = code, year_text = slice_cut(&rest, '-');
	int year, month = 1, end = 12;

	if (code.length == 0 || !digits_of(year_text, 4, &year) || year == 0)
		return false;
	if (rest.data != NULL) {
		if (!digits_of(rest, 2, &month) || month < 1 || month > 12)
			return false;
		end = month;
	}
	*first = date_from_civil((struct civil){ year, month, 1 });
	*last = date_from_civil((struct civil){ year, end, date_month_length(year, end) });
	return true;
}

static enum status
check_period(struct batch *batch, struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "code");
	struct slice code = draft_named(draft, "code");
	int32_t first, last;

	(void)batch;
	if (period_days(code, &first, &last))
		return STATUS_OK;
	return error_add(error, &place, "neither a month (2026-10) nor a year (2026): \"%.*s\"",
	    (int)code.length, code.data);
}

const struct rule rule_period = { .table = "period", .check = check_period };

/* A period that covers the day and is not open; *hard when it is closed for ever. */
static enum status
find_closed(struct view *view, int32_t day, struct arena *arena, struct slice *code, bool *hard, struct error *error)
{
	struct log *log;
	enum status status = view_log(view, "period", &log, error);

	*code = (struct slice){ "", 0 };
	*hard = false;
	for (uint64_t number = 1; status == STATUS_OK && number <= log->count && !*hard; number++) {
		struct record record;
		int32_t first, last;

		status = record_read(log, number, arena, &record, error);
		if (status != STATUS_OK || slice_is(record_named(&record, "status"), "open") ||
		    !period_days(record_named(&record, "code"), &first, &last) || day < first || day > last)
			continue;
		*code = record_named(&record, "code");
		*hard = slice_is(record_named(&record, "status"), "hard");
	}
	return status;
}

enum status
period_check(struct batch *batch, const struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "date");
	struct slice date = draft_named(draft, "date"), code;
	int32_t day;
	bool hard;
	enum status status;

	if (!date_parse(date, &day))
		return STATUS_OK; /* it is required, and has been checked */
	status = find_closed(batch_view(batch), day, draft->arena, &code, &hard, error);
	if (status != STATUS_OK || code.length == 0)
		return status;
	if (hard)
		return error_add(error, &place, "%.*s is in %.*s, which is closed for ever", (int)date.length,
		    date.data, (int)code.length, code.data);
	if (batch_reason(batch).length > 0)
		return STATUS_OK;
	return error_add(error, &place, "%.*s is in %.*s, which is closed: that wants a reason (-m)",
	    (int)date.length, date.data, (int)code.length, code.data);
}
