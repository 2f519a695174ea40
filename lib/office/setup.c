/* setup: nothing gets into these tables that would keep the store from being opened */
#include "office/setup.h"

#include <stdlib.h>

#include "base/date.h"
#include "base/memory.h"

static void
fault(const struct draft *draft, const char *field, struct error *error, const char *what, struct slice value)
{
	struct place place = { draft->place.source, draft->place.line, field };

	error_add(error, &place, "%s: \"%.*s\"", what, (int)value.length, value.data);
}

/* MM-DD of a year without a 29th of February. */
static bool
is_month_day(struct slice text)
{
	char date[DATE_SIZE] = "2001-";
	int32_t day;

	if (text.length != 5)
		return false;
	memcpy(date + 5, text.data, 5);
	return date_parse((struct slice){ date, DATE_SIZE - 1 }, &day);
}

static enum status
check_company(struct batch *batch, struct draft *draft, struct error *error)
{
	struct slice zone = draft_named(draft, "timezone"), start = draft_named(draft, "fiscal_year");
	char *name = memory_copy(zone.data, zone.length);
	size_t faults = error->total;

	(void)batch;
	if (zone.length > 0 && !zone_valid(name))
		fault(draft, "timezone", error, "not a time zone", zone);
	if (start.length > 0 && !is_month_day(start))
		fault(draft, "fiscal_year", error, "not a day as MM-DD", start);
	free(name);
	return error->total > faults ? STATUS_REFUSED : STATUS_OK;
}

const struct rule rule_company = { .table = "company", .check = check_company };

/* --- tables and fields ------------------------------------------------------------- */

/* A value by the name of its field, of a record or of a draft. */
typedef struct slice value_of(const void *from, const char *field);

static struct slice
value_of_record(const void *from, const char *field)
{
	return record_named(from, field);
}

static struct slice
value_of_draft(const void *from, const char *field)
{
	return draft_named(from, field);
}

static enum status
add_table(struct schema *schema, const void *from, value_of *value, struct error *error)
{
	struct table_text text = { .table = value(from, "table"),
		.prefix = value(from, "prefix"),
		.parent = value(from, "parent"),
		.flags = value(from, "flags"),
		.help = value(from, "help") };

	return schema_add_table(schema, &text, error);
}

static enum status
add_field(struct schema *schema, const void *from, value_of *value, struct error *error)
{
	struct field_text text = { .table = value(from, "table"),
		.field = value(from, "field"),
		.type = value(from, "type"),
		.flags = value(from, "flags"),
		.preset = value(from, "default"),
		.help = value(from, "help") };

	return schema_add_field(schema, &text, error);
}

typedef enum status add_definition(struct schema *, const void *, value_of *, struct error *);

/* All definitions of one kind that the store has, pending ones too, but for record number but. */
static enum status
add_present(struct view *view, struct schema *schema, const char *table, uint64_t but, add_definition *add,
    struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct log *log;
	enum status status = view_log(view, table, &log, error);

	for (uint64_t number = 1; status == STATUS_OK && number <= log->count; number++) {
		struct record record;

		if (number == but)
			continue;
		arena_reset(&arena);
		status = record_read(log, number, &arena, &record, error);
		if (status == STATUS_OK)
			status = add(schema, &record, value_of_record, error);
	}
	arena_release(&arena);
	return status;
}

/* Puts the definition where it would go, into a schema that is thrown away afterwards. */
static enum status
try_definition(struct batch *batch, const struct draft *draft, bool is_field, struct error *error)
{
	struct view *view = batch_view(batch);
	uint64_t but = draft->is_new ? 0 : draft->number;
	struct schema *schema = NULL;
	struct error own = ERROR_INIT;
	enum status status = schema_open(schema_share(view_schema(view)), &schema, error);

	if (status == STATUS_OK)
		status = add_present(view, schema, "table", is_field ? 0 : but, add_table, error);
	if (status == STATUS_OK && is_field)
		status = add_present(view, schema, "field", but, add_field, error);
	if (status == STATUS_OK) {
		status = (is_field ? add_field : add_table)(schema, draft, value_of_draft, &own);
		if (status != STATUS_OK && own.count > 0)
			status = error_add(error, &draft->place, "%s", own.faults[0].reason);
	}
	error_release(&own);
	schema_close(schema);
	return status;
}

static enum status
check_table(struct batch *batch, struct draft *draft, struct error *error)
{
	return try_definition(batch, draft, false, error);
}

static enum status
check_field(struct batch *batch, struct draft *draft, struct error *error)
{
	return try_definition(batch, draft, true, error);
}

const struct rule rule_table = { .table = "table", .check = check_table };
const struct rule rule_field = { .table = "field", .check = check_field };
