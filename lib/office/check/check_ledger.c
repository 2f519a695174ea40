/* check_ledger: the books balance, entry by entry, and closed periods stayed closed */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "base/period.h"
#include "office/check/check.h"
#include "office/help.h"
#include "office/ledger/ledger.h"
#include "record/history.h"

/* --- balance -------------------------------------------------------------------- */

enum { CURRENCIES_MAX = 16 };

struct sums {
	struct log *postings;
	struct arena arena; /* of the posting that is looked at */
	char currency[CURRENCIES_MAX][4];
	int128 sum[CURRENCIES_MAX];
	size_t count;
};

static void
add_amount(struct sums *sums, struct slice currency, int64_t amount)
{
	size_t i = 0;

	while (i < sums->count && !slice_is(currency, sums->currency[i]))
		i++;
	if (i == CURRENCIES_MAX || currency.length >= sizeof sums->currency[0])
		return;
	if (i == sums->count) {
		memset(sums->currency[i], 0, sizeof sums->currency[i]);
		memcpy(sums->currency[i], currency.data, currency.length);
		sums->sum[sums->count++] = 0;
	}
	sums->sum[i] += amount;
}

/* One posting has the day of its entry once that is posted, and none before. */
static void
check_day(struct checking *checking, const struct record *entry, const struct record *posting, bool posted)
{
	struct slice day = record_named(posting, "date"),
		     wanted = posted ? record_named(entry, "date") : slice_of("");

	if (!slice_equal(day, wanted))
		check_report(checking, posting->log, posting->number, "date", "is \"%.*s\", of its entry \"%.*s\"",
		    (int)day.length, day.data, (int)wanted.length, wanted.data);
}

static enum status
visit_entry(struct checking *checking, const struct record *entry, void *context, struct error *error)
{
	struct sums *sums = context;
	bool posted = slice_is(record_named(entry, "status"), "posted");
	size_t count;
	const uint64_t *children = log_children(sums->postings, entry->number, &count);
	enum status status = STATUS_OK;

	sums->count = 0;
	for (size_t i = 0; status == STATUS_OK && i < count; i++) {
		struct record posting;
		int64_t amount = 0;

		arena_reset(&sums->arena);
		status = record_read(sums->postings, children[i], &sums->arena, &posting, error);
		if (status != STATUS_OK || record_archived(&posting))
			continue;
		check_day(checking, entry, &posting, posted);
		if (!units_of(record_named(&posting, "amount"), &amount))
			check_report(checking, posting.log, posting.number, "amount", "can not be reckoned with");
		add_amount(sums, record_named(&posting, "currency"), amount);
	}
	for (size_t i = 0; status == STATUS_OK && posted && i < sums->count; i++) {
		int64_t sum;

		if (sums->sum[i] == 0 || !decimal_rescale(sums->sum[i], DECIMAL_DIGITS, DECIMAL_DIGITS, &sum))
			continue;
		arena_reset(&sums->arena);
		check_report(checking, entry->log, entry->number, "status",
		    "posted, and its postings come to %s %s",
		    units_text(sum, DECIMAL_DIGITS, true, &sums->arena).data, sums->currency[i]);
	}
	return status;
}

static enum status
run_balance(struct checking *checking, struct error *error)
{
	struct sums sums = { .count = 0 };
	struct log *entries;
	enum status status = view_log(checking->view, "entry", &entries, error);

	if (status == STATUS_OK)
		status = view_log(checking->view, "posting", &sums.postings, error);
	if (status == STATUS_OK)
		status = check_each(checking, entries, visit_entry, &sums, error);
	arena_release(&sums.arena);
	return status;
}

const struct check check_balance = {
	.name = "balance",
	.help = "the postings of every posted entry come to nothing, in each currency, on its day",
	.run = run_balance,
};

/* --- periods -------------------------------------------------------------------- */

/* Days that were closed for ever by a transaction. */
struct locked {
	int32_t first, last;
	uint64_t tx;
};

struct locks {
	struct locked *list;
	size_t count, capacity;
};

/* The revision that closed it: the first that says so. */
static enum status
visit_revision(const struct record *revision, const struct record *before, void *context, struct error *error)
{
	struct locked *locked = context;

	(void)before;
	(void)error;
	if (locked->tx == 0 && slice_is(record_named(revision, "status"), "hard"))
		locked->tx = revision->tx;
	return STATUS_OK;
}

static enum status
visit_period(struct checking *checking, const struct record *period, void *context, struct error *error)
{
	struct locks *locks = context;
	struct locked locked = { .tx = 0 };
	enum status status;

	(void)checking;
	if (!slice_is(record_named(period, "status"), "hard") ||
	    !period_month_or_year(record_named(period, "code"), &locked.first, &locked.last))
		return STATUS_OK;
	status = history_record(period->log, period->number, visit_revision, &locked, error);
	locks->list = memory_grow(locks->list, &locks->capacity, locks->count, sizeof *locks->list);
	locks->list[locks->count++] = locked;
	return status;
}

/* A posting does not change any more, so its transaction is the one that put it there. */
static enum status
visit_posting(struct checking *checking, const struct record *posting, void *context, struct error *error)
{
	const struct locks *locks = context;
	struct slice date = record_named(posting, "date");
	int32_t day;

	(void)error;
	if (!date_parse(date, &day))
		return STATUS_OK;
	for (size_t i = 0; i < locks->count; i++)
		if (day >= locks->list[i].first && day <= locks->list[i].last && posting->tx > locks->list[i].tx)
			check_report(checking, posting->log, posting->number, "date",
			    "%.*s: transaction %llu posted it, after %llu had closed that period for ever",
			    (int)date.length, date.data, (unsigned long long)posting->tx,
			    (unsigned long long)locks->list[i].tx);
	return STATUS_OK;
}

static enum status
run_periods(struct checking *checking, struct error *error)
{
	struct locks locks = { .list = NULL };
	struct log *periods, *postings;
	enum status status = view_log(checking->view, "period", &periods, error);

	if (status == STATUS_OK)
		status = view_log(checking->view, "posting", &postings, error);
	if (status == STATUS_OK)
		status = check_each(checking, periods, visit_period, &locks, error);
	if (status == STATUS_OK && locks.count > 0)
		status = check_each(checking, postings, visit_posting, &locks, error);
	free(locks.list);
	return status;
}

const struct check check_periods = {
	.name = "periods",
	.help = "nothing was posted to a period after it was closed for ever",
	.run = run_periods,
};
