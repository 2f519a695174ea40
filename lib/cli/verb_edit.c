/*
 * edit: a record as a text, there and back.
 *
 *	# customer C17, as of transaction 12.  What is behind # is not read.
 *	name: Alfreds Futterkiste
 *	address: Obere Str. 57
 *	    Hinterhaus
 *
 * A line that is indented goes on with the value of the line before.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/ids.h"
#include "cli/message.h"
#include "cli/verbs.h"
#include "record/batch.h"

enum { TEXT_MAX = 16 << 20, WORDS_MAX = 64 };

#define CONTINUATION "    "

/* A line of the text that names a field, and what it had there. */
struct entry {
	char *name;
	struct buffer value;
	uintmax_t line;
};

struct editing {
	struct cli *cli;
	uint64_t number, tx;
	char *path; /* of the temporary file */
	struct buffer before, after;
	struct entry *entries; /* of what came back */
	size_t count, capacity;
};

static bool
is_offered(const struct table *table, size_t field)
{
	return !(table->fields[field].flags & (FIELD_DERIVED | FIELD_COMPUTED | FIELD_FOREIGN)) &&
	    field != table->state;
}

static void
add_value(struct buffer *out, struct slice value)
{
	struct buffer text = BUFFER_INIT;
	struct slice rest;
	bool first = true;

	text_unfold_breaks(&text, value);
	rest = buffer_slice(&text);
	do {
		struct slice line = slice_cut(&rest, '\n');

		buffer_add_text(out, first ? (line.length > 0 ? " " : "") : CONTINUATION);
		buffer_add_slice(out, line);
		buffer_add_char(out, '\n');
		first = false;
	} while (rest.data != NULL);
	buffer_release(&text);
}

static void
write_text(struct buffer *out, const struct record *record)
{
	const struct table *table = record->log->table;
	struct slice id = record_id(record);

	buffer_format(out, "# %s %.*s, as of transaction %llu.  Lines that begin with # are not read.\n",
	    table->name, (int)id.length, id.data, (unsigned long long)record->tx);
	for (size_t i = 0; i < table->field_count; i++) {
		if (!is_offered(table, i))
			continue;
		buffer_format(out, "%s:", table->fields[i].name);
		add_value(out, record_value(record, i));
	}
}

/* --- the editor ------------------------------------------------------------------- */

static enum status
make_file(struct editing *editing, struct error *error)
{
	const char *directory = getenv("TMPDIR");
	int fd;
	bool written;

	editing->path = memory_format("%s/bo-edit-XXXXXX",
	    directory != NULL && directory[0] == '/' ? directory : "/tmp");
	fd = mkostemp(editing->path, O_CLOEXEC);
	if (fd == -1)
		return error_set(error, STATUS_SYSTEM, "%s:", editing->path);
	written = file_write(fd, editing->before.data, editing->before.length);
	if (close(fd) != 0 || !written) {
		error_set(error, STATUS_SYSTEM, "%s:", editing->path);
		unlink(editing->path);
		return STATUS_SYSTEM;
	}
	return STATUS_OK;
}

/* Never returns.  The editor's name may have options; no shell is asked what they mean. */
static void
become_editor(char *editor, char *path)
{
	char *words[WORDS_MAX + 2], *at = editor;
	size_t count = 0;

	while (count < WORDS_MAX) {
		at += strspn(at, " ");
		if (*at == '\0')
			break;
		words[count++] = at;
		at += strcspn(at, " ");
		if (*at != '\0')
			*at++ = '\0';
	}
	words[count] = path;
	words[count + 1] = NULL;
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	execvp(words[0], words);
	_exit(127);
}

static enum status
run_editor(struct editing *editing, struct error *error)
{
	const char *named = getenv("VISUAL");
	char *editor;
	pid_t child;
	int result = 0;

	if (named == NULL || strspn(named, " ") == strlen(named))
		named = getenv("EDITOR");
	if (named == NULL || strspn(named, " ") == strlen(named))
		named = "vi";
	editor = memory_copy(named, strlen(named));
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	child = fork();
	if (child == 0)
		become_editor(editor, editing->path);
	while (child > 0 && waitpid(child, &result, 0) == -1 && errno == EINTR)
		continue;
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	if (child == -1)
		error_set(error, STATUS_SYSTEM, "%s:", named);
	else if (!WIFEXITED(result) || WEXITSTATUS(result) != 0)
		error_set(error, STATUS_SYSTEM, "%s: %s", named,
		    WIFEXITED(result) && WEXITSTATUS(result) == 127 ? "can't be run" : "did not end well");
	free(editor);
	return error->total > 0 ? STATUS_SYSTEM : STATUS_OK;
}

/* --- the way back -------------------------------------------------------------------- */

static struct place
place_of(const struct editing *editing, uintmax_t line)
{
	return (struct place){ .source = editing->path, .line = line };
}

/* One line of the text; empty counts lines that may have been in the middle of a value. */
static void
parse_line(struct editing *editing, struct slice line, uintmax_t number, size_t *empty, struct error *error)
{
	struct entry *last = editing->count > 0 ? &editing->entries[editing->count - 1] : NULL;
	struct place place = place_of(editing, number);
	struct slice rest = line, name;

	if (slice_starts(line, "#"))
		return;
	if (slice_trim(line).length == 0) {
		++*empty;
		return;
	}
	if (line.data[0] == ' ' || line.data[0] == '\t') {
		size_t skip = line.data[0] == '\t' ? 1
		    : strspn(line.data, " ") < 4   ? strspn(line.data, " ")
						   : 4;

		for (; last != NULL && *empty > 0; --*empty)
			buffer_add_char(&last->value, '\n');
		if (last == NULL)
			error_add(error, &place, "an indented line goes on with no field");
		else {
			buffer_add_char(&last->value, '\n');
			buffer_add(&last->value, line.data + skip, line.length - skip);
		}
		return;
	}
	*empty = 0;
	name = slice_trim(slice_cut(&rest, ':'));
	if (rest.data == NULL) {
		error_add(error, &place, "not FIELD: VALUE");
		return;
	}
	editing->entries = memory_grow(editing->entries, &editing->capacity, editing->count,
	    sizeof *editing->entries);
	last = &editing->entries[editing->count++];
	*last = (struct entry){ .name = memory_copy(name.data, name.length), .line = number };
	rest = slice_trim(rest);
	buffer_add(&last->value, rest.data, rest.length);
}

static enum status
read_back(struct editing *editing, struct error *error)
{
	struct slice rest;
	uintmax_t number = 0;
	size_t empty = 0;

	if (!file_load(editing->path, &editing->after, TEXT_MAX))
		return error_set(error, STATUS_SYSTEM, "%s:", editing->path);
	rest = buffer_slice(&editing->after);
	while (rest.length > 0)
		parse_line(editing, slice_cut(&rest, '\n'), ++number, &empty, error);
	return error->total > 0 ? STATUS_REFUSED : STATUS_OK;
}

static void
forget_entries(struct editing *editing)
{
	for (size_t i = 0; i < editing->count; i++) {
		free(editing->entries[i].name);
		buffer_release(&editing->entries[i].value);
	}
	free(editing->entries);
}

/* An edit that changes nothing makes no revision, so that all fields may be given as they came. */
static enum status
build(struct batch *batch, void *context, struct error *error)
{
	struct editing *editing = context;
	struct cli *cli = editing->cli;
	struct arena arena = ARENA_INIT;
	struct assign *assigns;
	struct edit edit = { .number = editing->number, .expected_tx = cli->options.force ? 0 : editing->tx };
	enum status status = cli_table(cli, error);

	assigns = arena_zero(&arena, editing->count + 1, sizeof *assigns);
	edit.table = cli->table;
	edit.assigns = assigns;
	edit.place = place_of(editing, 0);
	for (size_t i = 0; i < editing->count && status == STATUS_OK; i++) {
		struct entry *entry = &editing->entries[i];
		struct assign *assign = &assigns[edit.assign_count];
		struct error own = ERROR_INIT;
		struct place place = place_of(editing, entry->line);

		if (target_resolve(cli->view, cli->table, slice_of(entry->name), &assign->target, &own) != STATUS_OK)
			error_add(error, &place, "%s", own.faults[0].reason);
		else
			edit.assign_count++;
		error_release(&own);
		assign->value = entry->value.data != NULL ? buffer_slice(&entry->value) : slice_of("");
	}
	if (status == STATUS_OK && error->total == 0)
		status = batch_edit(batch, &edit, NULL, error);
	arena_release(&arena);
	return status == STATUS_OK && error->total > 0 ? STATUS_REFUSED : status;
}

static enum status
edit_record(struct editing *editing, struct log *log, struct error *error)
{
	struct arena arena = ARENA_INIT;
	struct record record;
	enum status status = record_read(log, editing->number, &arena, &record, error);

	if (status == STATUS_OK) {
		editing->tx = record.tx;
		write_text(&editing->before, &record);
		status = make_file(editing, error);
	}
	arena_release(&arena);
	if (status != STATUS_OK)
		return status;
	status = run_editor(editing, error);
	if (status == STATUS_OK)
		status = read_back(editing, error);
	if (status == STATUS_OK)
		status = cli_change(editing->cli, NULL, build, editing, error);
	/* What somebody typed is not thrown away because of a mistake in it. */
	if (status != STATUS_OK && status != STATUS_UNREPORTED && editing->after.length > 0)
		message(editing->cli->name, "the text is kept in %s", editing->path);
	else
		unlink(editing->path);
	return status;
}

enum status
verb_edit(struct cli *cli, struct error *error)
{
	struct editing editing = { .cli = cli };
	struct log *log;
	uint64_t *numbers;
	size_t count;
	enum status status = ids_read(cli, &log, &numbers, &count, error);

	if (status == STATUS_OK && count != 1)
		status = error_set(error, STATUS_USAGE, "one record at a time");
	if (status != STATUS_OK)
		return status;
	editing.number = numbers[0];
	status = edit_record(&editing, log, error);
	forget_entries(&editing);
	buffer_release(&editing.before);
	buffer_release(&editing.after);
	free(editing.path);
	return status;
}
