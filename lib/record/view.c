/* view: a snapshot, the schemas that apply to it, and its logs */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/memory.h"
#include "record/expr.h"
#include "record/indexed.h"
#include "record/log.h"
#include "record/rule.h"
#include "record/view.h"
#include "record/derived.h"

struct keepsake {
	const void *key;
	void *memory;
	void (*release)(void *);
};

struct view {
	struct store *store;
	struct snapshot *snapshot;
	char *share;
	const struct rule *const *rules;
	struct schema *schema;
	struct codes *codes;
	struct log **logs;
	size_t log_count, log_capacity;
	struct keepsake *keepsakes;
	size_t keepsake_count, keepsake_capacity;
	struct derived *derived;
	size_t defined; /* bytes of the logs that define tables and fields */
	bool has_today, has_now;
	int32_t today;
	int64_t now;
	struct arena arena; /* the company record */
	struct record company;
	uint64_t company_at; /* the newest line of its log when it was read */
};

static const char *const defining[] = { "table", "field" };

static void
forget_memory(struct view *view)
{
	for (size_t i = 0; i < view->keepsake_count; i++) {
		if (view->keepsakes[i].release != NULL)
			view->keepsakes[i].release(view->keepsakes[i].memory);
		free(view->keepsakes[i].memory);
	}
	view->keepsake_count = 0;
}

static void
drop_logs(struct view *view)
{
	forget_memory(view);
	derived_free(view->derived);
	view->derived = NULL;
	for (size_t i = 0; i < view->log_count; i++)
		log_free(view->logs[i]);
	view->log_count = 0;
	view->company_at = 0;
	schema_close(view->schema);
	view->schema = NULL;
}

/* How many bytes define tables and fields: when they are more, the schema is another one. */
static enum status
defined_bytes(struct view *view, size_t *total, struct error *error)
{
	*total = 0;
	for (size_t i = 0; i < sizeof defining / sizeof defining[0]; i++) {
		struct slice bytes;
		enum status status = snapshot_log(view->snapshot, defining[i], &bytes, error);

		if (status != STATUS_OK)
			return status;
		*total += bytes.length;
	}
	return STATUS_OK;
}

static enum status
add_defined_table(struct view *view, const struct record *record, struct error *error)
{
	struct table_text text = {
		.table = record_named(record, "table"),
		.prefix = record_named(record, "prefix"),
		.parent = record_named(record, "parent"),
		.flags = record_named(record, "flags"),
		.help = record_named(record, "help"),
	};

	return schema_add_table(view->schema, &text, error);
}

static enum status
add_defined_field(struct view *view, const struct record *record, struct error *error)
{
	struct field_text text = {
		.table = record_named(record, "table"),
		.field = record_named(record, "field"),
		.type = record_named(record, "type"),
		.flags = record_named(record, "flags"),
		.preset = record_named(record, "default"),
		.help = record_named(record, "help"),
	};

	return schema_add_field(view->schema, &text, error);
}

/* What the store defines for itself, on top of share/.  An archived definition stays: its data does. */
static enum status
define(struct view *view, const char *name,
    enum status (*add)(struct view *, const struct record *, struct error *), struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct log *log;
	enum status status = view_log(view, name, &log, error);

	for (uint64_t number = 1; status == STATUS_OK && number <= log->count; number++) {
		struct record record;

		arena_reset(&arena);
		status = record_read(log, number, &arena, &record, error);
		if (status == STATUS_OK)
			status = add(view, &record, error);
		if (status == STATUS_REFUSED) {
			error->status = STATUS_SYSTEM;
			status = STATUS_SYSTEM;
		}
	}
	arena_release(&arena);
	return status;
}

static enum status
open_schema(struct view *view, struct error *error)
{
	enum status status = defined_bytes(view, &view->defined, error);

	/* One that somebody has looked at already takes no more definitions. */
	if (status == STATUS_OK && view->defined > 0) {
		schema_close(view->schema);
		view->schema = NULL;
	}
	if (status == STATUS_OK && view->schema == NULL)
		status = schema_open(view->share, &view->schema, error);
	if (status == STATUS_OK && view->defined > 0) {
		status = define(view, "table", add_defined_table, error);
		if (status == STATUS_OK)
			status = define(view, "field", add_defined_field, error);
	}
	return status;
}

enum status
view_open(struct store *store, struct snapshot *snapshot, const char *share, const struct rule *const *rules,
    struct view **out, struct error *error)
{
	struct schema *schema;
	enum status status = schema_open(share, &schema, error);

	*out = NULL;
	if (status == STATUS_OK)
		return view_open_schema(store, snapshot, schema, rules, out, error);
	snapshot_close(snapshot);
	return status;
}

enum status
view_open_schema(struct store *store, struct snapshot *snapshot, struct schema *schema,
    const struct rule *const *rules, struct view **out, struct error *error)
{
	const char *share = schema_share(schema);
	struct view *view = memory_new(sizeof *view);
	enum status status;

	view->store = store;
	view->snapshot = snapshot;
	view->schema = schema;
	view->share = memory_copy(share, strlen(share));
	view->rules = rules;
	view->codes = codes_open(share);
	status = open_schema(view, error);
	if (status != STATUS_OK) {
		view_close(view);
		view = NULL;
	}
	*out = view;
	return status;
}

void
view_close(struct view *view)
{
	if (view == NULL)
		return;
	drop_logs(view);
	free(view->logs);
	free(view->keepsakes);
	codes_close(view->codes);
	snapshot_close(view->snapshot);
	arena_release(&view->arena);
	free(view->share);
	free(view);
}

void
view_wait(struct view *view)
{
	for (size_t i = 0; i < view->log_count; i++)
		indexed_wait(view->logs[i]);
}

void
view_fill(struct view *view)
{
	for (size_t i = 0; i < view->log_count; i++)
		log_fill(view->logs[i]);
}

enum status
view_follow(struct view *view, struct error *error)
{
	size_t defined;
	enum status status = defined_bytes(view, &defined, error);

	if (status != STATUS_OK)
		return status;
	forget_memory(view);
	if (defined != view->defined) {
		drop_logs(view);
		return open_schema(view, error);
	}
	for (size_t i = 0; status == STATUS_OK && i < view->log_count; i++) {
		struct slice bytes;

		status = snapshot_log(view->snapshot, view->logs[i]->table->name, &bytes, error);
		if (status == STATUS_OK)
			status = log_follow(view->logs[i], bytes, error);
	}
	return status;
}

struct store *
view_store(const struct view *view)
{
	return view->store;
}

struct snapshot *
view_snapshot(const struct view *view)
{
	return view->snapshot;
}

struct schema *
view_schema(const struct view *view)
{
	return view->schema;
}

const struct rule *const *
view_rules(const struct view *view)
{
	return view->rules;
}

struct codes *
view_codes(const struct view *view)
{
	return view->codes;
}

struct derived **
view_derived(struct view *view)
{
	return &view->derived;
}

int64_t
view_now(struct view *view)
{
	if (!view->has_now) {
		view->now = clock_milliseconds() / 1000;
		view->has_now = true;
	}
	return view->now;
}

int32_t
view_today(struct view *view)
{
	if (!view->has_today) {
		struct slice name = view_company(view, "timezone");
		char *zone = memory_copy(name.data, name.length);

		view->today = zone_day(zone, view_now(view));
		view->has_today = true;
		free(zone);
	}
	return view->today;
}

void
view_set_today(struct view *view, int32_t day)
{
	view->today = day;
	view->has_today = true;
	/* Expressions that are compiled already have the other day in them. */
	derived_free(view->derived);
	view->derived = NULL;
}

/* The company record as it stands now, or NULL; it is asked for with every amount. */
static const struct record *
company_record(struct view *view, struct log *log, struct error *error)
{
	if (log->count == 0)
		return NULL;
	if (view->company_at != log_newest(log, 1)) {
		arena_reset(&view->arena);
		if (record_read(log, 1, &view->arena, &view->company, error) != STATUS_OK)
			return NULL;
		view->company_at = log_newest(log, 1);
	}
	return &view->company;
}

struct slice
view_company(struct view *view, const char *name)
{
	struct error ignored = ERROR_INIT;
	struct slice value = { NULL, 0 };
	const struct record *record;
	struct log *log;
	size_t field;

	if (view_log(view, "company", &log, &ignored) == STATUS_OK &&
	    (field = table_field(log->table, slice_of(name))) != SIZE_MAX) {
		record = company_record(view, log, &ignored);
		value = record != NULL ? record_value(record, field) : slice_of(log->table->fields[field].preset);
	}
	error_release(&ignored);
	return value;
}

void *
view_memory(struct view *view, const void *key, size_t size, void (*release)(void *))
{
	for (size_t i = 0; i < view->keepsake_count; i++) {
		if (view->keepsakes[i].key == key)
			return view->keepsakes[i].memory;
	}
	view->keepsakes = memory_grow(view->keepsakes, &view->keepsake_capacity, view->keepsake_count,
	    sizeof *view->keepsakes);
	view->keepsakes[view->keepsake_count] = (struct keepsake){ key, memory_new(size), release };
	return view->keepsakes[view->keepsake_count++].memory;
}

enum status
view_table(struct view *view, const char *name, const struct table **table, struct error *error)
{
	return schema_table(view->schema, name, table, error);
}

enum status
view_sound(const struct view *view, struct error *error)
{
	enum status status = STATUS_OK;

	for (size_t i = 0; status == STATUS_OK && i < view->log_count; i++)
		status = log_sound(view->logs[i], error);
	return status;
}

static struct log *
find_log(const struct view *view, const char *name)
{
	for (size_t i = 0; i < view->log_count; i++) {
		if (strcmp(view->logs[i]->table->name, name) == 0)
			return view->logs[i];
	}
	return NULL;
}

enum status
view_log(struct view *view, const char *name, struct log **out, struct error *error)
{
	const struct table *table;
	struct slice bytes;
	struct log *log = find_log(view, name);
	enum status status = STATUS_OK;

	if (log == NULL) {
		status = schema_table(view->schema, name, &table, error);
		if (status == STATUS_OK)
			status = snapshot_log(view->snapshot, name, &bytes, error);
		if (status != STATUS_OK)
			return status;
		log = log_new(view, table);
		status = log_follow(log, bytes, error);
		if (status != STATUS_OK) {
			log_free(log);
			return status;
		}
		view->logs = memory_grow(view->logs, &view->log_capacity, view->log_count, sizeof *view->logs);
		view->logs[view->log_count++] = log;
	}
	*out = log;
	return status;
}
