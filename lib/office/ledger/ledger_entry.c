/* ledger_entry: an entry balances, and its postings count from the day it says */
#include "office/ledger/ledger_entry.h"

#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/memory.h"
#include "office/help.h"
#include "office/ledger/ledger.h"

enum { CURRENCIES_MAX = 16 }; /* in one entry */

struct touched {
	bool any;
	const char *source;
	size_t changes; /* batch_change_count after the last time */
};

void
entry_touch(struct batch *batch, const char *source)
{
	struct touched *touched = batch_memory(batch, &rule_entry, sizeof *touched, NULL);

	touched->any = true;
	touched->source = source;
}

/* What the postings of one entry come to, by currency. */
struct balance {
	struct {
		char currency[8];
		int128 sum;
	} parts[CURRENCIES_MAX];
	size_t count, postings;
};

static bool
add_posting(struct balance *balance, struct slice currency, int64_t amount)
{
	size_t i = 0;

	if (currency.length >= sizeof balance->parts[0].currency)
		return false;
	while (i < balance->count && !slice_is(currency, balance->parts[i].currency))
		i++;
	if (i == CURRENCIES_MAX)
		return false;
	if (i == balance->count) {
		memcpy(balance->parts[i].currency, currency.data, currency.length);
		balance->parts[i].currency[currency.length] = '\0';
		balance->parts[i].sum = 0;
		balance->count++;
	}
	balance->parts[i].sum += amount;
	balance->postings++;
	return true;
}

static enum status
say_unbalanced(const struct balance *balance, const struct place *place, struct slice id, struct error *error)
{
	size_t faults = error->total;

	for (size_t i = 0; i < balance->count; i++) {
		char text[DECIMAL_SIZE];
		int64_t sum;

		if (balance->parts[i].sum == 0)
			continue;
		if (!decimal_rescale(balance->parts[i].sum, DECIMAL_DIGITS, DECIMAL_DIGITS, &sum))
			error_add(error, place, "%.*s comes to more than an amount can hold", (int)id.length,
			    id.data);
		else {
			decimal_format(sum, DECIMAL_DIGITS, true, text);
			error_add(error, place,
			    "%.*s does not balance: its postings come to %s %s, not to nothing",
			    (int)id.length, id.data, text, balance->parts[i].currency);
		}
	}
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

/* Gives a posting the day of its entry. */
static enum status
set_day(struct batch *batch, const struct record *posting, struct slice day, const struct place *place,
    struct error *error)
{
	const struct assign assign = assign_value(posting->log->table, "date", day);
	const struct edit edit = { .table = posting->log->table,
		.number = posting->number,
		.assigns = &assign,
		.assign_count = 1,
		.place = *place,
		.by_rule = true };

	return slice_equal(record_named(posting, "date"), day) ? STATUS_OK
							       : batch_edit(batch, &edit, NULL, error);
}

static enum status
settle_entry(struct batch *batch, struct log *postings, const struct record *entry, const struct place *place,
    struct error *error)
{
	struct slice day = arena_copy(entry->arena, record_named(entry, "date"));
	/* A new one may yet be refused, and its id be another's. */
	struct slice id = entry->number > entry->log->settled ? slice_of("the entry") : record_id(entry);
	struct balance balance = { .count = 0 };
	size_t count;
	const uint64_t *children = log_children(postings, entry->number, &count);
	uint64_t *numbers = memory_array(count + 1, sizeof *numbers);
	enum status status = STATUS_OK;

	if (count > 0)
		memcpy(numbers, children, count * sizeof *numbers);
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		struct record posting;
		int64_t amount = 0;

		status = record_read(postings, numbers[i], entry->arena, &posting, error);
		if (status != STATUS_OK || record_archived(&posting))
			continue;
		units_of(record_named(&posting, "amount"), &amount);
		if (!add_posting(&balance, record_named(&posting, "currency"), amount))
			status = error_add(error, place, "%.*s has more than %d currencies", (int)id.length,
			    id.data, CURRENCIES_MAX);
		else
			status = set_day(batch, &posting, day, place, error);
	}
	free(numbers);
	if (status == STATUS_OK && balance.postings < 2)
		return error_add(error, place, "%.*s has %s: an entry takes two postings at least",
		    (int)id.length, id.data, balance.postings == 0 ? "no postings" : "one posting");
	return status == STATUS_OK ? say_unbalanced(&balance, place, id, error) : status;
}

/* Looks at each entry once, though every posting of it leads there. */
static enum status
settle_changed(struct batch *batch, struct log *entries, struct log *postings, const char *source,
    struct error *error)
{
	struct arena arena = ARENA_INIT;
	size_t count;
	const struct change *changes = batch_changes(batch, &count);
	struct change *copy = memory_array(count + 1, sizeof *copy);
	unsigned char *seen = memory_array(entries->count + 1, 1);
	enum status status = STATUS_OK;

	memcpy(copy, changes, count * sizeof *copy); /* edits make the list anew */
	for (size_t i = 0; i < count && (status == STATUS_OK || status == STATUS_REFUSED); i++) {
		struct place place = { source, copy[i].line, NULL };
		struct record entry;
		uint64_t number;

		arena_reset(&arena);
		number = change_parent(&copy[i], entries, postings, &arena);
		if (number == 0 || number > entries->count || seen[number])
			continue;
		seen[number] = 1;
		status = record_read(entries, number, &arena, &entry, error);
		if (status == STATUS_OK && slice_is(record_named(&entry, "status"), "posted"))
			status = settle_entry(batch, postings, &entry, &place, error);
	}
	free(copy);
	free(seen);
	arena_release(&arena);
	return status;
}

enum status
entry_whole(struct batch *batch, uint64_t number, const struct place *place, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct log *entries, *postings;
	struct record entry;
	enum status status = view_log(batch_view(batch), "entry", &entries, error);

	if (status == STATUS_OK)
		status = view_log(batch_view(batch), "posting", &postings, error);
	if (status == STATUS_OK)
		status = record_read(entries, number, &arena, &entry, error);
	if (status == STATUS_OK && slice_is(record_named(&entry, "status"), "posted"))
		status = settle_entry(batch, postings, &entry, place, error);
	arena_release(&arena);
	return status;
}

enum status
entries_settle(struct batch *batch, struct error *error)
{
	struct touched *touched = batch_memory(batch, &rule_entry, sizeof *touched, NULL);
	struct log *entries, *postings;
	enum status status;

	if (!touched->any || touched->changes == batch_change_count(batch))
		return STATUS_OK;
	status = view_log(batch_view(batch), "entry", &entries, error);
	if (status == STATUS_OK)
		status = view_log(batch_view(batch), "posting", &postings, error);
	if (status == STATUS_OK)
		status = settle_changed(batch, entries, postings, touched->source, error);
	touched->changes = batch_change_count(batch);
	return error->total > 0 ? STATUS_REFUSED : status;
}
