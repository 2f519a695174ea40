/* rejects: bad rows go to a file of their own */
#include "cli/rejects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum status
rejects_open(struct rejects *rejects, const char *path, char delimiter, struct error *error)
{
	*rejects = (struct rejects){ .path = path, .delimiter = delimiter != 0 ? delimiter : ',' };
	rejects->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (rejects->fd == -1)
		return error_set(error, STATUS_SYSTEM, "%s:", path);
	return STATUS_OK;
}

static bool
is_json(struct slice raw)
{
	return slice_starts(slice_trim(raw), "{");
}

void
rejects_begin(struct rejects *rejects, struct slice header)
{
	buffer_clear(&rejects->text);
	rejects->count = 0;
	rejects->begun = true;
	if (header.length == 0)
		return;
	buffer_add_slice(&rejects->text, header);
	buffer_add_char(&rejects->text, rejects->delimiter);
	buffer_add_text(&rejects->text, "reason\n");
}

/* The reason in double quotes, which CSV doubles and JSON escapes. */
static void
add_quoted(struct buffer *out, struct slice text, bool json)
{
	buffer_add_char(out, '"');
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c < ' ')
			c = ' ';
		if (c == '"')
			buffer_add_char(out, json ? '\\' : '"');
		if (c == '\\' && json)
			buffer_add_char(out, '\\');
		buffer_add_char(out, (char)c);
	}
	buffer_add_char(out, '"');
}

static void
add_reason(struct buffer *out, const struct error *why, bool json)
{
	struct buffer text = BUFFER_INIT;

	for (size_t i = 0; i < why->count; i++) {
		buffer_add_text(&text, i > 0 ? "; " : "");
		if (why->faults[i].field != NULL)
			buffer_format(&text, "%s: ", why->faults[i].field);
		buffer_add_text(&text, why->faults[i].reason);
	}
	add_quoted(out, buffer_slice(&text), json);
	buffer_release(&text);
}

void
rejects_add(struct rejects *rejects, struct slice raw, const struct error *why)
{
	struct buffer *out = &rejects->text;

	rejects->count++;
	while (raw.length > 0 && (raw.data[raw.length - 1] == '\n' || raw.data[raw.length - 1] == '\r'))
		raw.length--;
	if (is_json(raw)) {
		raw = slice_trim(raw);
		raw.length -= raw.length > 0 && raw.data[raw.length - 1] == '}';
		buffer_add_slice(out, raw);
		buffer_add_text(out, slice_is(slice_trim(raw), "{") ? "\"reason\":" : ",\"reason\":");
		add_reason(out, why, true);
		buffer_add_char(out, '}');
	} else {
		buffer_add_slice(out, raw);
		buffer_add_char(out, rejects->delimiter);
		add_reason(out, why, false);
	}
	buffer_add_char(out, '\n');
}

/* A pipe can neither be cut nor synced, and need not be. */
static bool
worked(int result)
{
	return result == 0 || errno == EINVAL || errno == EROFS;
}

enum status
rejects_write(struct rejects *rejects, struct error *error)
{
	if (!rejects->begun)
		return STATUS_OK;
	if (!worked(ftruncate(rejects->fd, 0)) ||
	    !file_write(rejects->fd, rejects->text.data, rejects->text.length) || !worked(fsync(rejects->fd)))
		return error_set(error, STATUS_SYSTEM, "%s:", rejects->path);
	return STATUS_OK;
}

void
rejects_close(struct rejects *rejects)
{
	buffer_release(&rejects->text);
	if (rejects->fd != -1)
		close(rejects->fd);
	rejects->fd = -1;
}
