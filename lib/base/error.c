#include "base/error.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

static void
fault_release(struct fault *fault)
{
	free(fault->source);
	free(fault->field);
	free(fault->reason);
}

void
error_release(struct error *error)
{
	for (size_t i = 0; i < error->count; i++)
		fault_release(&error->faults[i]);
	free(error->faults);
	*error = (struct error)ERROR_INIT;
}

void
error_clear(struct error *error)
{
	error_release(error);
}

static char *
copy_or_null(const char *text)
{
	return text == NULL ? NULL : memory_copy(text, strlen(text));
}

/* The text of a reason; owned by the caller. */
static char *__attribute__((format(printf, 1, 0))) reason_format(const char *format, va_list arguments)
{
	int number = errno;
	size_t length = strlen(format);
	struct buffer reason = BUFFER_INIT;

	buffer_vformat(&reason, format, arguments);
	if (length > 0 && format[length - 1] == ':')
		buffer_format(&reason, " %s", strerror(number));
	errno = number;
	return reason.data;
}

/* Takes reason over. */
static void
fault_add(struct error *error, const struct place *place, char *reason)
{
	struct fault *fault;

	error->total++;
	if (error->count == ERROR_FAULTS_KEPT) {
		free(reason);
		return;
	}
	/* Room for all at the first fault: they come alone or by the hundred. */
	if (error->faults == NULL)
		error->faults = memory_array(ERROR_FAULTS_KEPT, sizeof(*error->faults));
	fault = &error->faults[error->count++];
	fault->reason = reason;
	if (place != NULL) {
		fault->source = copy_or_null(place->source);
		fault->line = place->line;
		fault->field = copy_or_null(place->field);
	}
}

enum status
error_vset(struct error *error, enum status status, const char *format, va_list arguments)
{
	/* Before the old faults go: the arguments may point into them. */
	char *reason = reason_format(format, arguments);

	error_clear(error);
	error->status = status;
	fault_add(error, NULL, reason);
	return status;
}

enum status
error_set(struct error *error, enum status status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	error_vset(error, status, format, arguments);
	va_end(arguments);
	return status;
}

enum status
error_add(struct error *error, const struct place *place, const char *format, ...)
{
	va_list arguments;

	if (error->status != STATUS_OK && error->status != STATUS_REFUSED)
		return error->status;
	error->status = STATUS_REFUSED;
	va_start(arguments, format);
	fault_add(error, place, reason_format(format, arguments));
	va_end(arguments);
	return STATUS_REFUSED;
}

static bool
is_later(const struct fault *fault, const struct fault *other)
{
	return fault->line > other->line && other->line > 0 && fault->source != NULL &&
	    other->source != NULL && strcmp(fault->source, other->source) == 0;
}

void
error_sort(struct error *error)
{
	/* They are few, and nearly in order. */
	for (size_t i = 1; i < error->count; i++) {
		struct fault fault = error->faults[i];
		size_t at = i;

		for (; at > 0 && is_later(&error->faults[at - 1], &fault); at--)
			error->faults[at] = error->faults[at - 1];
		error->faults[at] = fault;
	}
}

enum status
error_prefix(struct error *error, const char *what)
{
	for (size_t i = 0; i < error->count; i++) {
		char *old = error->faults[i].reason;

		error->faults[i].reason = memory_format("%s: %s", what, old);
		free(old);
	}
	return error->status;
}
