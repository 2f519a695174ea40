/* ledger_scan: postings read from their lines, one after the other or by several threads */
#include "office/ledger/ledger_scan.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "office/help.h"
#include "record/glance.h"

enum {
	STRIDE = 16384,        /* postings of a job */
	ALONE = 2 * STRIDE + 1 /* so few are not worth a thread */
};

enum field_of {
	ARCHIVED,
	DATE,
	ACCOUNT,
	AMOUNT,
	CURRENCY,
	ENTRY,
	TEXT,
	TAGS,
	FIELDS,
	FIELDS_OF_SUMS = ENTRY
};

static const char *const field_names[FIELDS] = {
	[ARCHIVED] = "archived",
	[DATE] = "date",
	[ACCOUNT] = "account",
	[AMOUNT] = "amount",
	[CURRENCY] = "currency",
	[ENTRY] = "entry",
	[TEXT] = "text",
	[TAGS] = "tags",
};

struct walk {
	struct log *postings, *accounts;
	struct log *entries; /* opened where they are looked at */
	struct ledger_scan wanted;
	struct glance glance;
};

static enum status
open_walk(struct walk *walk, struct view *view, const struct ledger_scan *wanted, struct error *error)
{
	enum status status = view_log(view, "posting", &walk->postings, error);

	if (status == STATUS_OK)
		status = view_log(view, "account", &walk->accounts, error);
	if (status == STATUS_OK && wanted->whole)
		status = view_log(view, "entry", &walk->entries, error);
	if (status == STATUS_OK)
		glance_init(&walk->glance, walk->postings, field_names, wanted->whole ? FIELDS : FIELDS_OF_SUMS);
	walk->wanted = *wanted;
	return status;
}

/* As table_id_parse, without a call: every posting asks.  0 for what is no id of a record there is. */
static inline uint64_t
reference_number(const struct log *log, struct slice value)
{
	const char *prefix = log->table->prefix;
	uint64_t number = 0;
	size_t i = 0;

	for (; prefix[i] != '\0'; i++)
		if (i >= value.length || value.data[i] != prefix[i])
			return 0;
	if (i == value.length || value.data[i] == '0' || value.length - i > 10)
		return 0;
	for (; i < value.length; i++) {
		unsigned digit = (unsigned char)value.data[i] - (unsigned)'0';

		if (digit > 9)
			return 0;
		number = number * 10 + digit;
	}
	return number <= log->count ? number : 0;
}

/* The fields of a posting; what a glance can't tell is read into arena. */
static enum status
read_values(struct walk *walk, uint64_t number, struct arena *arena, struct slice *values, struct error *error)
{
	struct record record;
	enum status status;

	if (glance_at(&walk->glance, number, values))
		return STATUS_OK;
	arena_reset(arena);
	status = record_read(walk->postings, number, arena, &record, error);
	for (size_t i = 0; status == STATUS_OK && i < walk->glance.count; i++)
		values[i] = record_value(&record, walk->glance.fields[i]);
	return status;
}

static enum status
no_posting(const struct walk *walk, uint64_t number, struct error *error)
{
	return error_set(error, STATUS_SYSTEM, "posting.csv: %s%llu is no posting",
	    walk->postings->table->prefix, (unsigned long long)number);
}

/* STATUS_NO when the posting is not wanted, or does not count: a draft's, or of a day to come. */
static enum status
read_line(struct walk *walk, uint64_t number, struct arena *arena, struct ledger_line *line, struct error *error)
{
	struct slice values[FIELDS];
	enum status status = read_values(walk, number, arena, values, error);

	if (status != STATUS_OK)
		return status;
	line->account = reference_number(walk->accounts, values[ACCOUNT]);
	if (walk->wanted.chosen != NULL && line->account != 0 && !walk->wanted.chosen[line->account])
		return STATUS_NO;
	if (slice_is(values[ARCHIVED], "true") || !date_parse(values[DATE], &line->date) ||
	    line->date > walk->wanted.last)
		return STATUS_NO;
	line->number = number;
	line->currency = values[CURRENCY];
	if (line->account == 0 || !units_of(values[AMOUNT], &line->amount))
		return no_posting(walk, number, error);
	if (!walk->wanted.whole)
		return STATUS_OK;
	line->entry = reference_number(walk->entries, values[ENTRY]);
	line->text = values[TEXT];
	line->tags = values[TAGS];
	return line->entry != 0 ? STATUS_OK : no_posting(walk, number, error);
}

enum status
ledger_walk(struct view *view, int32_t last, ledger_visit *visit, void *context, struct error *error)
{
	const struct ledger_scan wanted = { .last = last, .whole = true };
	struct arena arena = ARENA_INIT;
	struct walk walk;
	enum status status = open_walk(&walk, view, &wanted, error);

	for (uint64_t number = 1; status == STATUS_OK && number <= walk.postings->count; number++) {
		struct ledger_line line;

		if (log_newest(walk.postings, number) == 0)
			continue;
		status = read_line(&walk, number, &arena, &line, error);
		if (status == STATUS_OK)
			status = visit(&line, context, error);
		else if (status == STATUS_NO)
			status = STATUS_OK;
	}
	arena_release(&arena);
	return status;
}

/* --- by several threads --------------------------------------------------------- */

/* What became of a job. */
struct outcome {
	enum status status;
	struct error error;
};

struct scan {
	struct walk walks[PARALLEL_WORKERS_MOST]; /* by worker */
	struct arena arenas[PARALLEL_WORKERS_MOST];
	ledger_scan_visit *visit;
	void *context;
	struct outcome *outcomes; /* by slot */
	enum status status;
	struct error *error;
};

static enum status
scan_one(struct scan *scan, size_t worker, uint64_t number, struct error *error)
{
	struct walk *walk = &scan->walks[worker];
	struct ledger_line line;
	enum status status;

	if (log_newest(walk->postings, number) == 0)
		return STATUS_OK;
	status = read_line(walk, number, &scan->arenas[worker], &line, error);
	if (status == STATUS_OK)
		scan->visit(&line, scan->context, worker);
	return status == STATUS_NO ? STATUS_OK : status;
}

static void
scan_some(void *context, size_t worker, size_t slot, size_t job)
{
	struct scan *scan = context;
	struct outcome *outcome = &scan->outcomes[slot];
	uint64_t number = (uint64_t)job * STRIDE + 1, end = number + STRIDE,
		 count = scan->walks[0].postings->count;

	outcome->status = STATUS_OK;
	for (; number < end && number <= count && outcome->status == STATUS_OK; number++)
		outcome->status = scan_one(scan, worker, number, &outcome->error);
}

static bool
take_outcome(void *context, size_t slot, size_t job)
{
	struct scan *scan = context;
	struct outcome *outcome = &scan->outcomes[slot];

	(void)job;
	if (outcome->status == STATUS_OK)
		return true;
	scan->status = outcome->status;
	error_release(scan->error);
	*scan->error = outcome->error;
	outcome->error = (struct error)ERROR_INIT;
	return false;
}

static void
scan_all(struct scan *scan)
{
	uint64_t count = scan->walks[0].postings->count;
	size_t jobs = (size_t)((count + STRIDE - 1) / STRIDE),
	       workers = count < ALONE ? 1 : parallel_workers(jobs);
	size_t slots = parallel_slots(workers);
	struct parallel parallel = { jobs, workers, scan, scan_some, take_outcome };

	scan->outcomes = memory_array(slots, sizeof *scan->outcomes);
	for (size_t i = 1; i < workers; i++)
		scan->walks[i] = scan->walks[0];
	log_fill(scan->walks[0].postings); /* threads may only look */
	parallel_run(&parallel);
	for (size_t i = 0; i < slots; i++)
		error_release(&scan->outcomes[i].error);
	for (size_t i = 0; i < workers; i++)
		arena_release(&scan->arenas[i]);
	free(scan->outcomes);
}

/* --- of few accounts ------------------------------------------------------------ */

/* The postings of the accounts that are chosen, in an array to be freed; false when no index tells. */
static bool
find_chosen(struct log *accounts, struct log *postings, const unsigned char *chosen, uint64_t **numbers,
    size_t *count)
{
	size_t field = table_field(postings->table, slice_of("account")), capacity = 0, found;
	const uint64_t *some;
	bool known = true;
	char id[ID_SIZE];

	*numbers = NULL;
	*count = 0;
	for (uint64_t account = 1; known && account <= accounts->count; account++) {
		if (!chosen[account])
			continue;
		known = log_having(postings, field, table_id(accounts->table, account, id), &some, &found);
		for (size_t i = 0; known && i < found; i++) {
			*numbers = memory_grow(*numbers, &capacity, *count, sizeof **numbers);
			(*numbers)[(*count)++] = some[i];
		}
	}
	return known;
}

enum status
ledger_scan(struct view *view, const struct ledger_scan *wanted, ledger_scan_visit *visit, void *context,
    struct error *error)
{
	struct scan scan = { .visit = visit, .context = context, .error = error };
	struct walk *walk = &scan.walks[0];
	uint64_t *numbers = NULL;
	size_t count = 0;

	scan.status = open_walk(walk, view, wanted, error);
	if (scan.status != STATUS_OK)
		return scan.status;
	if (wanted->chosen != NULL &&
	    find_chosen(walk->accounts, walk->postings, wanted->chosen, &numbers, &count)) {
		for (size_t i = 0; scan.status == STATUS_OK && i < count; i++)
			scan.status = scan_one(&scan, 0, numbers[i], error);
		arena_release(&scan.arenas[0]);
	} else
		scan_all(&scan);
	free(numbers);
	return scan.status;
}
