/* access: an edit's verbs meet grants and duties; amounts are looked at in the end */
#include "record/access.h"

#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/memory.h"
#include "record/duty.h"
#include "record/grant.h"
#include "record/taken.h"

/* Something about a change that matters later in the same transaction. */
struct note {
	struct log *log;           /* of the document */
	uint64_t number;           /* 0 until it is known */
	size_t change;             /* of the batch, 0 until it is entered */
	const struct grant *grant; /* its limit must hold for what verb comes to, or NULL */
	const char *verb;
	size_t duty; /* of which this was the first half, or SIZE_MAX */
	const char *source;
	uintmax_t line;
};

struct access {
	struct view *view;
	bool binds; /* there are users: what they may do is what their roles say */
	const char *login;
	struct arena arena;   /* as long as this */
	struct arena scratch; /* of one check */
	bool known, archived;
	struct grants grants;
	struct duties *duties;
	struct note *notes;
	size_t count, capacity;
};

/* The document that an edit is about: the record itself, or whose line it is. */
struct subject {
	struct log *log;
	uint64_t number; /* 0 for a new one */
	bool line;       /* of it, not the document itself */
	const struct draft *draft;
	struct taken taken;
};

/* --- who ---------------------------------------------------------------------- */

static enum status
load_user(struct access *access, struct log *users, struct error *error)
{
	uint64_t number = log_find(users, users->table->key, slice_of(access->login));
	struct record record;
	enum status status;

	access->known = number != 0;
	if (number == 0)
		return STATUS_OK;
	status = record_read(users, number, &access->arena, &record, error);
	if (status == STATUS_OK)
		access->archived = record_archived(&record);
	return status == STATUS_OK ? grants_load(access->view, number, &access->arena, &access->grants, error)
				   : status;
}

static enum status
load(struct access *access, struct error *error)
{
	struct slice bytes;
	struct log *users;
	enum status status = snapshot_log(view_snapshot(access->view), "user", &bytes, error);

	if (status != STATUS_OK || bytes.length == 0)
		return status;
	status = view_log(access->view, "user", &users, error);
	if (status != STATUS_OK || users->settled == 0 || users->table->key == SIZE_MAX)
		return status;
	access->binds = true;
	access->login = store_login(view_store(access->view));
	status = load_user(access, users, error);
	return status == STATUS_OK ? duties_open(access->view, &access->duties, error) : status;
}

static enum status
access_open(struct view *view, struct access **out, struct error *error)
{
	struct access *access = memory_new(sizeof *access);
	enum status status;

	access->view = view;
	status = load(access, error);
	if (status != STATUS_OK) {
		access_close(access);
		access = NULL;
	}
	*out = access;
	return status;
}

void
access_close(struct access *access)
{
	if (access == NULL)
		return;
	grants_release(&access->grants);
	duties_close(access->duties);
	arena_release(&access->arena);
	arena_release(&access->scratch);
	free(access->notes);
	free(access);
}

/* --- what ------------------------------------------------------------------------ */

/* Several of a table: "invoices", "stock moves", "companies". */
static struct slice
several(const struct table *table, struct arena *arena)
{
	size_t length = strlen(table->name);
	bool ies = length > 1 && table->name[length - 1] == 'y' &&
	    strchr("aeiou", table->name[length - 2]) == NULL;
	bool same = table->name[length - 1] == 's';
	struct slice text = arena_format(arena, "%.*s%s", (int)(ies ? length - 1 : length), table->name,
	    same      ? ""
		: ies ? "ies"
		      : "s");

	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '_')
			((char *)(uintptr_t)text.data)[i] = ' ';
	}
	return text;
}

/* Why somebody may not: " (role clerk)". */
static struct slice
because(struct access *access)
{
	struct slice rest = access->grants.roles;
	struct slice list = { "", 0 };

	if (!access->known)
		return arena_format(&access->scratch, ": %s is no user of this store", access->login);
	if (access->archived)
		return arena_format(&access->scratch, ": %s is archived", access->login);
	if (rest.length == 0)
		return slice_of(" (no role)");
	if (memchr(rest.data, ' ', rest.length) == NULL)
		return arena_format(&access->scratch, " (role %.*s)", (int)rest.length, rest.data);
	while (rest.length > 0) {
		struct slice word = slice_cut(&rest, ' ');

		list = arena_format(&access->scratch, "%.*s%s%.*s", (int)list.length, list.data,
		    list.length > 0 ? ", " : "", (int)word.length, word.data);
	}
	return arena_format(&access->scratch, " (roles %.*s)", (int)list.length, list.data);
}

static enum status
refuse(struct access *access, const struct table *table, const char *verb, const struct place *place,
    struct error *error)
{
	struct slice them = several(table, &access->scratch), why = because(access);

	return error_add(error, place, "%s may not %s %.*s%.*s", access->login, verb, (int)them.length,
	    them.data, (int)why.length, why.data);
}

/* Climbs to the document; log is NULL where that is not there, which is another's fault to find. */
static enum status
find_subject(struct access *access, const struct draft *draft, const struct edit *edit,
    struct subject *subject, struct error *error)
{
	struct slice parent = { "", 0 };
	unsigned long long number;
	struct record record;
	enum status status = STATUS_OK;

	*subject = (struct subject){ .log = draft->log, .number = draft->is_new ? 0 : draft->number, .draft = draft };
	taken_by_draft(draft, edit, &subject->taken);
	if (draft->log->table->flags & TABLE_CHILD)
		parent = draft->values[draft->log->table->parent_field];
	while (status == STATUS_OK && subject->log != NULL && (subject->log->table->flags & TABLE_CHILD)) {
		status = view_log(access->view, subject->log->table->parent, &subject->log, error);
		if (status != STATUS_OK)
			break;
		subject->line = true;
		if (!table_id_parse(subject->log->table, parent, &number) || number > subject->log->count)
			subject->log = NULL;
		else if ((subject->log->table->flags & TABLE_CHILD) &&
		    (status = record_read(subject->log, number, &access->scratch, &record, error)) == STATUS_OK)
			parent = record_value(&record, subject->log->table->parent_field);
		subject->number = number;
	}
	if (subject->line && subject->taken.count > 0)
		subject->taken = (struct taken){ { "set" }, 1 };
	return status;
}

static struct note *
add_note(struct access *access, const struct subject *subject, const char *verb)
{
	struct note *note;

	access->notes = memory_grow(access->notes, &access->capacity, access->count, sizeof *access->notes);
	note = &access->notes[access->count++];
	*note = (struct note){ .log = subject->log,
		.number = subject->number,
		.verb = verb,
		.duty = SIZE_MAX,
		.source = subject->draft->place.source,
		.line = subject->draft->place.line };
	return note;
}

/* --- roles ------------------------------------------------------------------------ */

/* Units of 10^-6; what does not fit is more than any limit. */
static int64_t
units_of_amount(struct slice text)
{
	int64_t units = 0;

	if (text.length == 0 || decimal_parse(text, DECIMAL_DIGITS, &units) == DECIMAL_OK)
		return units == INT64_MIN ? INT64_MAX : units < 0 ? -units : units;
	return INT64_MAX;
}

/* The widest permission for it: one without a limit, else that with the highest; NULL when there is none. */
static const struct grant *
widest(const struct access *access, const struct table *table, const char *verb)
{
	const struct grant *best = NULL;

	for (size_t i = 0; i < access->grants.count; i++) {
		const struct grant *grant = &access->grants.list[i];

		if (!grant_covers(grant, table->name, verb))
			continue;
		if (grant->limit.length == 0)
			return grant;
		if (best == NULL || units_of_amount(grant->limit) > units_of_amount(best->limit))
			best = grant;
	}
	return best;
}

static enum status
check_verb(struct access *access, const struct subject *subject, const char *verb, struct error *error)
{
	const struct grant *grant = widest(access, subject->log->table, verb);
	struct place place = { subject->draft->place.source, subject->draft->place.line, NULL };

	if (grant == NULL)
		return refuse(access, subject->log->table, verb, &place, error);
	if (grant->limit.length > 0 && grant_amount(subject->log->table) != SIZE_MAX)
		add_note(access, subject, verb)->grant = grant;
	return STATUS_OK;
}

/* --- duties --------------------------------------------------------------------------- */

/* Whether this edit, or another one of this transaction, is the first half. */
static bool
done_here(const struct access *access, const struct subject *subject, size_t index, struct log *log, uint64_t number)
{
	const struct duty *duty = duties_at(access->duties, index);
	bool itself = duty->via.length == 0 && !slice_equal(duty->before, duty->verb);

	for (size_t i = 0; i < access->count; i++) {
		const struct note *note = &access->notes[i];

		/* A note of this very edit is about this document. */
		if (note->duty == index && note->log == log &&
		    (note->change == 0 ? itself : note->number == number && number != 0))
			return true;
	}
	return itself && subject->number == 0 && slice_is(duty->before, "add");
}

static enum status
refuse_duty(struct access *access, const struct subject *subject, const struct duty *duty, uint64_t number,
    struct error *error)
{
	static const char *const words[][2] = { { "add", "created" }, { "set", "changed" },
		{ "archive", "archived" }, { "unarchive", "unarchived" } };
	struct place place = { subject->draft->place.source, subject->draft->place.line, NULL };
	struct arena *arena = &access->scratch;
	char id[ID_SIZE];
	struct slice name = number != 0 ? table_id(duty->prior->table, number, id) : slice_of("it");
	struct slice did = arena_format(arena, "took \"%.*s\" on", (int)duty->before.length, duty->before.data);

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (slice_is(duty->before, words[i][0]))
			did = slice_of(words[i][1]);
	}
	if (duty->field != SIZE_MAX)
		did = arena_format(arena, "changed %s of", duty->prior->table->fields[duty->field].name);
	return error_add(error, &place, "%s %.*s %.*s himself: somebody else must %.*s it", access->login,
	    (int)did.length, did.data, (int)name.length, name.data, (int)duty->verb.length, duty->verb.data);
}

/* The second half of a pair; document values that lead to the first one are as they will be. */
static enum status
check_duty(struct access *access, const struct subject *subject, size_t index, struct error *error)
{
	const struct duty *duty = duties_at(access->duties, index);
	size_t via = duty_via(duty);
	struct slice first = { "", 0 };
	struct record record;
	uint64_t number;
	bool done;
	enum status status = STATUS_OK;

	if (via != SIZE_MAX && !subject->line)
		first = subject->draft->values[via];
	else if (via != SIZE_MAX) {
		status = record_read(subject->log, subject->number, &access->scratch, &record, error);
		if (status != STATUS_OK)
			return status;
		first = record_value(&record, via);
	}
	number = duty_prior(duty, subject->number, first, &access->scratch);
	done = done_here(access, subject, index, duty->prior, number);
	if (!done && number != 0)
		status = duties_done(access->duties, index, number, access->login, &done, error);
	return status == STATUS_OK && done ? refuse_duty(access, subject, duty, number, error) : status;
}

/* Whether this edit is the first half of a pair. */
static bool
is_prior(const struct subject *subject, const struct duty *duty)
{
	const struct draft *draft = subject->draft;

	if (duty->prior != subject->log)
		return false;
	if (duty->field != SIZE_MAX)
		return !subject->line &&
		    !slice_equal(draft->values[duty->field],
			draft->is_new ? (struct slice){ "", 0 } : record_value(draft->old, duty->field));
	for (size_t i = 0; i < subject->taken.count; i++) {
		if (slice_is(duty->before, subject->taken.verbs[i]))
			return true;
	}
	return slice_is(duty->before, "add") && subject->number == 0;
}

static enum status
check_duties(struct access *access, const struct subject *subject, struct error *error)
{
	size_t count = duties_count(access->duties), faults = error->total;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < count; i++) {
		if (is_prior(subject, duties_at(access->duties, i)))
			add_note(access, subject, "")->duty = i;
	}
	for (size_t i = 0; i < count && status == STATUS_OK && error->total == faults; i++) {
		const struct duty *duty = duties_at(access->duties, i);

		for (size_t k = 0; k < subject->taken.count && status == STATUS_OK; k++) {
			if (strcmp(duty->table->name, subject->log->table->name) == 0 &&
			    slice_is(duty->verb, subject->taken.verbs[k]))
				status = check_duty(access, subject, i, error);
		}
	}
	return status;
}

/* --- the life of an edit ------------------------------------------------------------ */

static enum status
check(struct access *access, const struct draft *draft, const struct edit *edit, struct error *error)
{
	struct subject subject;
	enum status status;

	while (access->count > 0 && access->notes[access->count - 1].change == 0)
		access->count--;
	arena_reset(&access->scratch);
	status = find_subject(access, draft, edit, &subject, error);
	/* The lines of a new document come with it. */
	if (status != STATUS_OK || subject.log == NULL || (subject.line && subject.number > subject.log->settled))
		return status;
	for (size_t i = 0; i < subject.taken.count && status == STATUS_OK; i++)
		status = check_verb(access, &subject, subject.taken.verbs[i], error);
	return status == STATUS_OK ? check_duties(access, &subject, error) : status;
}

enum status
access_check(struct access **access, const struct draft *draft, const struct edit *edit, struct error *error)
{
	enum status status = STATUS_OK;

	if (*access == NULL)
		status = access_open(draft->log->view, access, error);
	if (status != STATUS_OK || !(*access)->binds)
		return status;
	return check(*access, draft, edit, error);
}

bool
access_binds(struct access **access, struct view *view)
{
	struct error ignored = ERROR_INIT;
	bool binds = true;

	if (*access != NULL || access_open(view, access, &ignored) == STATUS_OK)
		binds = (*access)->binds;
	error_release(&ignored);
	return binds;
}

void
access_entered(struct access *access, uint64_t number, size_t change)
{
	for (size_t i = access != NULL ? access->count : 0; i > 0 && access->notes[i - 1].change == 0; i--) {
		access->notes[i - 1].change = change;
		if (access->notes[i - 1].number == 0)
			access->notes[i - 1].number = number;
	}
}

void
access_back(struct access *access, size_t changes)
{
	while (access != NULL && access->count > 0 &&
	    (access->notes[access->count - 1].change == 0 || access->notes[access->count - 1].change > changes))
		access->count--;
}

/* --- amounts ------------------------------------------------------------------------- */

/* Whether an amount of record is in the company's currency, which limits are in. */
static bool
is_home_currency(const struct record *record)
{
	size_t field = record->log->table->currency;
	struct slice currency = field != SIZE_MAX ? record_value(record, field) : (struct slice){ "", 0 };

	return currency.length == 0 || slice_equal(currency, view_company(record->log->view, "currency"));
}

static enum status
check_limit(struct access *access, const struct note *note, struct error *error)
{
	const struct table *table = note->log->table;
	struct place place = { note->source, note->line, NULL };
	struct record record;
	struct slice id, them, limit = note->grant->limit, role = note->grant->role;
	enum status status = record_read(note->log, note->number, &access->scratch, &record, error);
	int64_t amount;

	if (status != STATUS_OK)
		return status;
	amount = units_of_amount(record_value(&record, grant_amount(table)));
	if (amount == 0 || (amount <= units_of_amount(limit) && is_home_currency(&record)))
		return STATUS_OK;
	id = note->number <= note->log->settled ? record_id(&record) : (struct slice){ "", 0 };
	them = several(table, &access->scratch);
	if (is_home_currency(&record))
		return error_add(error, &place, "%.*s%s%s may not %s %.*s over %.*s (role %.*s)",
		    (int)id.length, id.data, id.length > 0 ? ": " : "", access->login, note->verb,
		    (int)them.length, them.data, (int)limit.length, limit.data, (int)role.length, role.data);
	return error_add(error, &place,
	    "%.*s%s%s may not %s %.*s in a foreign currency: the limit is in the company's (role %.*s)",
	    (int)id.length, id.data, id.length > 0 ? ": " : "", access->login, note->verb, (int)them.length,
	    them.data, (int)role.length, role.data);
}

enum status
access_finish(struct access *access, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t i = 0;
	     access != NULL && i < access->count && (status == STATUS_OK || status == STATUS_REFUSED); i++) {
		arena_reset(&access->scratch);
		if (access->notes[i].grant != NULL && access->notes[i].change != 0)
			status = check_limit(access, &access->notes[i], error);
	}
	return status;
}

enum status
access_verb(struct view *view, const struct table *table, const char *verb, struct error *error)
{
	struct access *access;
	enum status status = access_open(view, &access, error);

	if (status == STATUS_OK && access->binds && widest(access, table, verb) == NULL)
		status = refuse(access, table, verb, NULL, error);
	access_close(access);
	return status;
}
