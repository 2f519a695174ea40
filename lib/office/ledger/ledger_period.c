/* ledger_period: months and years of the books, and whether they take entries */
#include <string.h>

#include "base/date.h"
#include "base/period.h"
#include "office/help.h"
#include "office/ledger/ledger.h"
#include "office/ledger/ledger_entry.h"

static enum status
check_period(struct batch *batch, struct draft *draft, struct error *error)
{
	struct place place = draft_place(draft, "code");
	struct slice code = draft_named(draft, "code");
	int32_t first, last;

	(void)batch;
	if (period_month_or_year(code, &first, &last))
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
		    !period_month_or_year(record_named(&record, "code"), &first, &last) || day < first ||
		    day > last)
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
