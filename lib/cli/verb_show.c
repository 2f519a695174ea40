/* show: one record for a person: fields, children, what refers to it, history in brief */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/fit.h"
#include "cli/ids.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "record/erase.h"
#include "record/history.h"

enum { INDENT = 2, GAP = 2, HISTORY_SHOWN = 5 };

/* What people call a record: the first of these fields that it has. */
static const char *const naming[] = { "name", "subject", "number", "code", "sku", "description", NULL };

static void
add_spaces(struct buffer *out, size_t count)
{
	while (count-- > 0)
		buffer_add_char(out, ' ');
}

static struct slice
name_of(const struct record *record)
{
	for (const char *const *name = naming; *name != NULL; name++) {
		size_t field = table_field(record->log->table, slice_of(*name));
		struct slice value = field != SIZE_MAX ? record_value(record, field) : (struct slice){ "", 0 };

		if (value.length > 0)
			return value;
	}
	return (struct slice){ "", 0 };
}

/* What a reference leads to, behind its id. */
static void
add_referred(struct showing *showing, const struct record *record, const struct field *field, struct slice id)
{
	struct error ignored = ERROR_INIT;
	struct record referred;
	struct log *log;
	struct slice name = { "", 0 };
	unsigned long long number;

	if (view_log(showing->cli->view, field->target, &log, &ignored) == STATUS_OK &&
	    table_id_parse(log->table, id, &number) &&
	    record_read(log, number, record->arena, &referred, &ignored) == STATUS_OK)
		name = name_of(&referred);
	if (name.length > 0) {
		buffer_add_text(&showing->out, "  ");
		text_safe(&showing->out, name);
	}
	error_release(&ignored);
}

/* A value whose further lines stand below its first. */
static void
add_lines(struct buffer *out, struct slice value, size_t indent)
{
	struct buffer text = BUFFER_INIT;
	struct slice rest;
	bool first = true;

	text_unfold_breaks(&text, value);
	rest = buffer_slice(&text);
	do {
		struct slice line = slice_cut(&rest, '\n');

		if (!first) {
			buffer_add_char(out, '\n');
			if (line.length > 0)
				add_spaces(out, indent);
		}
		text_safe(out, line);
		first = false;
	} while (rest.data != NULL);
	buffer_release(&text);
}

static void
add_field(struct showing *showing, const struct record *record, size_t index, size_t width)
{
	const struct field *field = &record->log->table->fields[index];
	struct slice value = record_value(record, index);
	size_t length = strlen(field->name);

	if (value.length == 0)
		return;
	add_spaces(&showing->out, INDENT);
	buffer_add_text(&showing->out, field->name);
	add_spaces(&showing->out, width - length + GAP);
	add_lines(&showing->out, value, INDENT + width + GAP);
	if (field->type == TYPE_REF)
		add_referred(showing, record, field, value);
	buffer_add_char(&showing->out, '\n');
}

static void
add_fields(struct showing *showing, const struct record *record)
{
	const struct table *table = record->log->table;
	size_t width = 0;

	for (size_t i = 0; i < table->field_count; i++) {
		size_t length = strlen(table->fields[i].name);

		if (length > width)
			width = length;
	}
	for (size_t i = 0; i < table->field_count; i++)
		add_field(showing, record, i, width);
}

static enum status
flush(struct showing *showing, struct error *error)
{
	bool written = file_write(STDOUT_FILENO, showing->out.data, showing->out.length);

	buffer_clear(&showing->out);
	return written ? STATUS_OK : error_set(error, STATUS_SYSTEM, "standard output:");
}

/* --- history ------------------------------------------------------------------------ */

struct brief {
	struct showing *showing;
	uint64_t seen[HISTORY_SHOWN]; /* the last transactions, in a ring */
	size_t count;
};

static enum status
note_revision(const struct record *revision, const struct record *before, void *context, struct error *error)
{
	struct brief *brief = context;

	(void)before;
	(void)error;
	brief->seen[brief->count++ % HISTORY_SHOWN] = revision->tx;
	return STATUS_OK;
}

static enum status
add_history(struct showing *showing, const struct record *record, struct error *error)
{
	struct brief brief = { .showing = showing };
	struct slice audit = snapshot_audit(view_snapshot(showing->cli->view));
	struct buffer scratch = BUFFER_INIT, *out = &showing->out;
	struct audit_line line;
	enum status status = history_record(record->log, record->number, note_revision, &brief, error);
	size_t first = brief.count > HISTORY_SHOWN ? brief.count - HISTORY_SHOWN : 0;

	if (status == STATUS_OK)
		buffer_add_text(out, "history\n");
	if (status == STATUS_OK && first > 0)
		buffer_format(out, "  (%zu more before)\n", first);
	for (size_t i = first; i < brief.count && status == STATUS_OK; i++) {
		if (!audit_find(audit, brief.seen[i % HISTORY_SHOWN], &line, &scratch))
			continue;
		buffer_format(out, "  tx %llu  ", (unsigned long long)line.tx);
		text_safe(out, line.time);
		buffer_add_text(out, "  ");
		text_safe(out, line.actor);
		buffer_add_text(out, "  ");
		text_safe(out, line.command);
		if (line.reason.length > 0) {
			buffer_add_text(out, "  ");
			text_safe(out, line.reason);
		}
		buffer_add_char(out, '\n');
	}
	buffer_release(&scratch);
	return status;
}

/* What is left to be said of a record that was erased: when, by whom and why. */
static enum status
add_erasure(struct showing *showing, const struct record *record, struct error *error)
{
	struct slice audit = snapshot_audit(view_snapshot(showing->cli->view));
	struct buffer scratch = BUFFER_INIT, *out = &showing->out;
	struct audit_line line;
	uint64_t tx;
	enum status status = erase_found(record->log, record->number, &tx, error);

	if (status == STATUS_OK && tx != 0 && audit_find(audit, tx, &line, &scratch)) {
		buffer_format(out, "  erased  tx %llu  ", (unsigned long long)tx);
		text_safe(out, line.time);
		buffer_add_text(out, "  ");
		text_safe(out, line.actor);
		buffer_add_text(out, "  ");
		text_safe(out, line.reason);
		buffer_add_char(out, '\n');
	} else if (status == STATUS_OK)
		buffer_add_text(out, "  erased  since\n");
	buffer_release(&scratch);
	return status;
}

static enum status
show_one(struct showing *showing, struct log *log, uint64_t number, struct error *error)
{
	struct record record;
	struct slice id;
	enum status status;

	arena_reset(&showing->arena);
	status = record_read(log, number, &showing->arena, &record, error);
	if (status != STATUS_OK)
		return status;
	id = record_id(&record);
	buffer_format(&showing->out, "%s %.*s\n", log->table->name, (int)id.length, id.data);
	if (record.erased)
		status = add_erasure(showing, &record, error);
	else
		add_fields(showing, &record);
	if (status == STATUS_OK)
		status = show_children(showing, &record, error);
	if (status == STATUS_OK)
		status = show_related(showing, &record, error);
	if (status == STATUS_OK)
		status = add_history(showing, &record, error);
	return status == STATUS_OK ? flush(showing, error) : status;
}

enum status
verb_show(struct cli *cli, struct error *error)
{
	struct showing showing = { .cli = cli };
	struct log *log;
	uint64_t *numbers;
	size_t count;
	enum status status = ids_read(cli, &log, &numbers, &count, error);

	if (status != STATUS_OK || cli->options.quiet)
		return status;
	if (cli->options.output != FORMAT_AUTO || cli->options.fields != NULL)
		return cli_print(cli, log, numbers, count, error);
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		if (i > 0)
			buffer_add_char(&showing.out, '\n');
		status = show_one(&showing, log, numbers[i], error);
	}
	buffer_release(&showing.out);
	arena_release(&showing.arena);
	return status;
}
