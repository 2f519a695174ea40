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

static bool
is_reference(const struct table *table, size_t field)
{
	return table->fields[field].type == TYPE_REF && field != table->parent_field &&
	    !(table->fields[field].flags & FIELD_DERIVED);
}

static enum status
check_reference(struct checking *checking, const struct record *record, size_t index, struct slice value,
    void *unused, struct error *error)
{
	const struct field *field = &record->log->table->fields[index];
	enum status status = STATUS_OK;

	(void)unused;
	if (value.length > 0 && !leads_somewhere(checking->view, field, value, &status, error) && status == STATUS_OK)
		check_report(checking, record->log, record->number, field->name, "no such %s: \"%.*s\"",
		    field->target, (int)value.length, value.data);
	return status;
}

static enum status
run_references(struct checking *checking, struct error *error)
{
	return check_values(checking, is_reference, check_reference, NULL, error);
}

const struct check check_references = {
	.name = "references",
	.help = "what a record refers to is there",
	.run = run_references,
};

/* --- parents ------------------------------------------------------------------------- */

static bool
is_parent(const struct table *table, size_t field)
{
	return field == table->parent_field;
}

static enum status
check_parent(struct checking *checking, const struct record *record, size_t index, struct slice value,
    void *unused, struct error *error)
{
	const struct field *field = &record->log->table->fields[index];
	enum status status;

	(void)unused;
	if (!leads_somewhere(checking->view, field, value, &status, error) && status == STATUS_OK)
		check_report(checking, record->log, record->number, field->name,
		    value.length > 0 ? "its parent is not there: \"%.*s\"" : "it has no parent%.*s",
		    (int)value.length, value.data);
	return status;
}

static enum status
run_parents(struct checking *checking, struct error *error)
{
	return check_values(checking, is_parent, check_parent, NULL, error);
}

const struct check check_parents = {
	.name = "parents",
	.help = "every line, message and other child has a parent",
	.run = run_parents,
};

/* --- unique values --------------------------------------------------------------------- */

static bool
is_unique(const struct table *table, size_t field)
{
	unsigned flags = table->fields[field].flags;

	return (flags & (FIELD_UNIQUE | FIELD_KEY)) && !(flags & FIELD_DERIVED);
}

static enum status
check_unique_value(struct checking *checking, const struct record *record, size_t field, struct slice value,
    void *unused, struct error *error)
{
	const struct table *table = record->log->table;
	uint64_t found = value.length > 0 ? log_find(record->log, field, value) : record->number;
	struct slice other;
	char id[ID_SIZE];

	(void)unused;
	(void)error;
	if (found == record->number || found == 0)
		return STATUS_OK;
	other = table_id(table, found, id);
	check_report(checking, record->log, record->number, table->fields[field].name,
	    "%.*s has the same: \"%.*s\"", (int)other.length, other.data, (int)value.length, value.data);
	return STATUS_OK;
}

static enum status
run_unique(struct checking *checking, struct error *error)
{
	return check_values(checking, is_unique, check_unique_value, NULL, error);
}

const struct check check_unique = {
	.name = "unique",
	.help = "no two records have the same key, or the same value of another unique field",
	.run = run_unique,
};

/* --- required values --------------------------------------------------------------------- */

static bool
is_required(const struct table *table, size_t field)
{
	return (table->fields[field].flags & (FIELD_REQUIRED | FIELD_DERIVED)) == FIELD_REQUIRED;
}

/* What was written before there was such a field lacks it until it is written again. */
static enum status
check_there(struct checking *checking, const struct record *record, size_t field, struct slice value,
    void *unused, struct error *error)
{
	(void)unused;
	(void)error;
	if (value.length == 0 && layout_column(record->layout, field) != SIZE_MAX)
		check_report(checking, record->log, record->number, record->log->table->fields[field].name,
		    "missing");
	return STATUS_OK;
}

static enum status
run_required(struct checking *checking, struct error *error)
{
	return check_values(checking, is_required, check_there, NULL, error);
}

const struct check check_required = {
	.name = "required",
	.help = "required fields are filled",
	.run = run_required,
};

/* --- spelling --------------------------------------------------------------------------- */

struct speller {
	struct value_context context; /* its money_digits are of: */
	const struct log *log;
	uint64_t number;
};

static bool
is_spelled(const struct table *table, size_t field)
{
	return !(table->fields[field].flags & (FIELD_DERIVED | FIELD_FOREIGN));
}

static void
know_digits(struct speller *speller, const struct record *record)
{
	if (speller->log == record->log && speller->number == record->number)
		return;
	speller->log = record->log;
	speller->number = record->number;
	speller->context.money_digits = record_money_digits(record);
}

static enum status
check_spelled(struct checking *checking, const struct record *record, size_t index, struct slice value,
    void *context, struct error *error)
{
	const struct field *field = &record->log->table->fields[index];
	struct speller *speller = context;
	struct slice same, reason;

	(void)error;
	if (value.length == 0)
		return STATUS_OK;
	if (field->type == TYPE_MONEY)
		know_digits(speller, record);
	if (!value_parse(field, value, &speller->context, record->arena, &same, &reason))
		check_report(checking, record->log, record->number, field->name, "%.*s", (int)reason.length,
		    reason.data);
	else if (!slice_equal(value, same))
		check_report(checking, record->log, record->number, field->name,
		    "\"%.*s\" is written \"%.*s\"", (int)value.length, value.data, (int)same.length, same.data);
	return STATUS_OK;
}

static enum status
run_spelling(struct checking *checking, struct error *error)
{
	struct speller speller = { .context = { .codes = view_codes(checking->view),
				       .money_digits = -1,
				       .today = view_today(checking->view),
				       .now = view_now(checking->view) } };

	return check_values(checking, is_spelled, check_spelled, &speller, error);
}

const struct check check_spelling = {
	.name = "spelling",
	.help = "every value fits its type and is in its one spelling",
	.run = run_spelling,
};
