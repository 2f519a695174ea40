/* trace: parts of the lines that strace -f -y -xx prints */
#ifndef TRACE_H
#define TRACE_H

#include "crash.h"

struct trace_process {
	long pid;
	char *unfinished; /* the beginning of a call that is still running */
	size_t pending;   /* operations of the file there when its sync began */
};

/* The process of that number, new if it was not met before; valid until the next call. */
static inline struct trace_process *
trace_process(struct trace_process **processes, size_t *count, size_t *capacity, long pid)
{
	for (size_t i = 0; i < *count; i++)
		if ((*processes)[i].pid == pid)
			return &(*processes)[i];
	*processes = memory_grow(*processes, capacity, *count, sizeof **processes);
	(*processes)[*count] = (struct trace_process){ .pid = pid };
	return &(*processes)[(*count)++];
}

/* \x61\x62 as bytes, up to the quote or bracket that ends it. */
static inline char *
unescape(const char *text, size_t *length)
{
	char *out = memory_new(strlen(text) / 4 + 2);

	for (*length = 0; text[0] == '\\' && text[1] == 'x'; text += 4) {
		char digits[3] = { text[2], text[3], '\0' };

		out[(*length)++] = (char)strtoul(digits, NULL, 16);
	}
	return out;
}

/* The number after the last ", " of the arguments. */
static inline size_t
last_number(const char *call)
{
	const char *end = strrchr(call, ')'), *comma = end;

	while (comma > call && *comma != ',')
		comma--;
	return (size_t)strtoull(comma + 1, NULL, 10);
}

#endif
