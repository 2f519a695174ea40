/* message: one write each, made safe for a terminal */
#include "cli/message.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/text.h"

static void
add_fault(struct buffer *out, const struct fault *fault)
{
	if (fault->source != NULL) {
		buffer_add_text(out, fault->source);
		if (fault->line > 0) {
			buffer_add_char(out, ':');
			buffer_add_u64(out, fault->line);
		}
		buffer_add_text(out, ": ");
	}
	if (fault->field != NULL && fault->field[0] != '\0') {
		buffer_add_text(out, fault->field);
		buffer_add_text(out, ": ");
	}
	buffer_add_text(out, fault->reason);
}

char *
message_fault(const struct fault *fault)
{
	struct buffer out = BUFFER_INIT;

	add_fault(&out, fault);
	return out.data;
}

static void
print(const char *name, struct slice text)
{
	struct buffer out = BUFFER_INIT;

	text_safe(&out, slice_of(name));
	buffer_add_text(&out, ": ");
	text_safe(&out, text);
	buffer_add_char(&out, '\n');
	/* Where standard error itself fails there is nobody left to tell. */
	(void)file_write(STDERR_FILENO, out.data, out.length);
	buffer_release(&out);
}

void
message(const char *name, const char *format, ...)
{
	struct buffer text = BUFFER_INIT;
	va_list arguments;

	va_start(arguments, format);
	buffer_vformat(&text, format, arguments);
	va_end(arguments);
	print(name, buffer_slice(&text));
	buffer_release(&text);
}

void
message_error(const char *name, const struct error *error)
{
	struct buffer text = BUFFER_INIT;

	for (size_t i = 0; i < error->count; i++) {
		buffer_clear(&text);
		add_fault(&text, &error->faults[i]);
		print(name, buffer_slice(&text));
	}
	buffer_release(&text);
	if (error->total > error->count)
		message(name, "%zu faults in all; these are the first %zu", error->total, error->count);
}
