/* check_event: what should have been posted is in the books, once */
#include <stdlib.h>

#include "base/memory.h"
#include "office/check/check.h"
#include "office/document/document.h"
#include "office/help.h"
#include "record/history.h"

/* Entries by what they say they come from. */
struct events {
	struct log *log;  /* of the documents or payments */
	unsigned *counts; /* by number: entries that name it as their source */
	uint64_t since;   /* the transaction from which on such entries are made; 0: none so far */
};

static enum status
count_entry(struct checking *checking, const struct record *entry, void *context, struct error *error)
{
	struct events *events = context;
	unsigned long long number;

	(void)checking;
	(void)error;
	if (!table_id_parse(events->log->table, record_named(entry, "source"), &number) ||
	    number > events->log->count || slice_is(record_named(entry, "kind"), "reversal"))
		return STATUS_OK;
	events->counts[number]++;
	if (events->since == 0 || entry->tx < events->since)
		events->since = entry->tx;
	return STATUS_OK;
}

/* How many entries a record should have. */
static unsigned
wanted_by(const struct record *record)
{
	struct slice status = record_named(record, "status");

	if (document_kind_of(record->log->table->name) != NULL)
		return document_stands(status) && units_or_zero(document_payable(record)) != 0;
	return units_or_zero(record_named(record, "amount")) == 0     ? 0
	    : slice_is(status, "bounced") || slice_is(status, "void") ? 2
								      : 1;
}

struct birth {
	uint64_t tx;
};

static enum status
note_birth(const struct record *revision, const struct record *before, void *context, struct error *error)
{
	struct birth *birth = context;

	(void)before;
	(void)error;
	if (birth->tx == 0 && wanted_by(revision) > 0)
		birth->tx = revision->tx;
	return STATUS_OK;
}

/* What was there before books were kept is in them as an opening balance, if at all. */
static enum status
visit_event(struct checking *checking, const struct record *record, void *context, struct error *error)
{
	struct events *events = context;
	unsigned wanted = wanted_by(record), found = events->counts[record->number];
	struct birth birth = { 0 };
	enum status status;

	if (found >= wanted || events->since == 0)
		return STATUS_OK;
	status = history_record(record->log, record->number, note_birth, &birth, error);
	if (status == STATUS_OK && birth.tx >= events->since)
		check_report(checking, record->log, record->number, NULL, "is not in the books%s",
		    found > 0 ? " as often as it should be" : "");
	return status;
}

static enum status
run_events(struct checking *checking, struct error *error)
{
	static const char *const tables[] = { "invoice", "bill", "payment" };
	struct log *entries;
	enum status status = view_log(checking->view, "entry", &entries, error);

	for (size_t i = 0; i < sizeof tables / sizeof tables[0] && status == STATUS_OK; i++) {
		struct events events = { .since = 0 };

		status = view_log(checking->view, tables[i], &events.log, error);
		if (status != STATUS_OK)
			break;
		events.counts = memory_array(events.log->count + 1, sizeof *events.counts);
		status = check_each(checking, entries, count_entry, &events, error);
		if (status == STATUS_OK)
			status = check_each(checking, events.log, visit_event, &events, error);
		free(events.counts);
	}
	return status;
}

const struct check check_events = {
	.name = "events",
	.help = "since books are kept, documents that stand and payments are in them",
	.run = run_events,
};
