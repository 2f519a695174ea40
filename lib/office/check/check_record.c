/* check_record: what the schema says of every record */
#include "office/check/check.h"

/* --- references ------------------------------------------------------------------- */

/* Whether value is the id of a record that there is; an empty one is not. */
static bool
leads_somewhere(struct view *view, const struct field *field, struct slice value, enum status *status,
    struct error *error)
{
	unsigned long long number;
	struct log *log;

	*status = view_log(view, field->target, &log, error);
	return *status == STATUS_OK && table_id_parse(log->table, value, &number) && log_newest(log, number) != 0;
}

static enum status
visit_references(struct checking *checking, const struct record *record, void *context, struct error *error)
{
	const struct table *table = record->log->table;
	enum status status = STATUS_OK;

	(void)context;
	for (size_t i = 0; status == STATUS_OK && i < table->field_count; i++) {
		const struct field *field = &table->fields[i];
		struct slice value;

		if (field->type != TYPE_REF || i == table->parent_field || (field->flags & FIELD_DERIVED))
			continue;
		value = record_value(record, i);
		if (value.length > 0 && !leads_somewhere(checking->view, field, value, &status, error) &&
		    status == STATUS_OK)
			check_report(checking, record->log, record->number, field->name,
			    "no such %s: \"%.*s\"", field->target, (int)value.length, value.data);
	}
	return status;
}

static enum status
run_references(struct checking *checking, struct error *error)
{
	return check_all(checking, visit_references, NULL, error);
}

const struct check check_references = {
	.name = "references",
	.help = "what a record refers to is there",
	.run = run_references,
};

/* --- parents ------------------------------------------------------------------------- */

static enum status
visit_parent(struct checking *checking, const struct record *record, void *context, struct error *error)
{
	const struct table *table = record->log->table;
	const struct field *field;
	struct slice value;
	enum status status;

	(void)context;
	if (table->parent_field == SIZE_MAX)
		return STATUS_OK;
	field = &table->fields[table->parent_field];
	value = record_value(record, table->parent_field);
	if (!leads_somewhere(checking->view, field, value, &status, error) && status == STATUS_OK)
		check_report(checking, record->log, record->number, field->name,
		    value.length > 0 ? "its parent is not there: \"%.*s\"" : "it has no parent%.*s",
		    (int)value.length, value.data);
	return status;
}

static enum status
run_parents(struct checking *checking, struct error *error)
{
	return check_all(checking, visit_parent, NULL, error);
}

const struct check check_parents = {
	.name = "parents",
	.help = "every line, message and other child has a parent",
	.run = run_parents,
};

/* --- unique values --------------------------------------------------------------------- */

static enum status
visit_unique(struct checking *checking, const struct record *record, void *context, struct error *error)
{
	const struct table *table = record->log->table;
	char id[ID_SIZE];

	(void)context;
	(void)error;
	for (size_t i = 0; i < table->field_count; i++) {
		struct slice value, other;
		uint64_t found;

		if (!(table->fields[i].flags & (FIELD_UNIQUE | FIELD_KEY)) ||
		    (table->fields[i].flags & FIELD_DERIVED))
			continue;
		value = record_value(record, i);
		found = value.length > 0 ? log_find(record->log, i, value) : record->number;
		if (found == record->number || found == 0)
			continue;
		other = table_id(table, found, id);
		check_report(checking, record->log, record->number, table->fields[i].name,
		    "%.*s has the same: \"%.*s\"", (int)other.length, other.data, (int)value.length, value.data);
	}
	return STATUS_OK;
}

static enum status
run_unique(struct checking *checking, struct error *error)
{
	return check_all(checking, visit_unique, NULL, error);
}

const struct check check_unique = {
	.name = "unique",
	.help = "no two records have the same key, or the same value of another unique field",
	.run = run_unique,
};

/* --- required values --------------------------------------------------------------------- */

/* What was written before there was such a field lacks it until it is written again. */
static enum status
visit_required(struct checking *checking, const struct record *record, void *context, struct error *error)
{
	const struct table *table = record->log->table;

	(void)context;
	(void)error;
	for (size_t i = 0; i < table->field_count; i++) {
		if ((table->fields[i].flags & (FIELD_REQUIRED | FIELD_DERIVED)) == FIELD_REQUIRED &&
		    layout_column(record->layout, i) != SIZE_MAX && record_value(record, i).length == 0)
			check_report(checking, record->log, record->number, table->fields[i].name, "missing");
	}
	return STATUS_OK;
}

static enum status
run_required(struct checking *checking, struct error *error)
{
	return check_all(checking, visit_required, NULL, error);
}

const struct check check_required = {
	.name = "required",
	.help = "required fields are filled",
	.run = run_required,
};

/* --- spelling --------------------------------------------------------------------------- */

static void
check_value(struct checking *checking, const struct record *record, size_t index, struct value_context *context)
{
	const struct field *field = &record->log->table->fields[index];
	struct slice value = record_value(record, index), same, reason;

	if (value.length == 0)
		return;
	if (field->type == TYPE_MONEY && context->money_digits < 0)
		context->money_digits = record_money_digits(record);
	if (!value_parse(field, value, context, record->arena, &same, &reason))
		check_report(checking, record->log, record->number, field->name, "%.*s", (int)reason.length,
		    reason.data);
	else if (!slice_equal(value, same))
		check_report(checking, record->log, record->number, field->name,
		    "\"%.*s\" is written \"%.*s\"", (int)value.length, value.data, (int)same.length, same.data);
}

static enum status
visit_spelling(struct checking *checking, const struct record *record, void *unused, struct error *error)
{
	const struct table *table = record->log->table;
	struct value_context context = { .codes = view_codes(checking->view),
		.money_digits = -1,
		.today = view_today(checking->view),
		.now = view_now(checking->view) };

	(void)unused;
	(void)error;
	for (size_t i = 0; i < table->field_count; i++) {
		if (!(table->fields[i].flags & (FIELD_DERIVED | FIELD_FOREIGN)))
			check_value(checking, record, i, &context);
	}
	return STATUS_OK;
}

static enum status
run_spelling(struct checking *checking, struct error *error)
{
	return check_all(checking, visit_spelling, NULL, error);
}

const struct check check_spelling = {
	.name = "spelling",
	.help = "every value fits its type and is in its one spelling",
	.run = run_spelling,
};
