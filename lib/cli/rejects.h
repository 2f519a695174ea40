/*
 * rejects: the rows that were not taken, with the reason, as a file that can be
 * mended and read again (private to cli/).
 */
#ifndef CLI_REJECTS_H
#define CLI_REJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/error.h"
#include "stream/reader.h"

struct rejects {
	const char *path;
	int fd;
	char delimiter;
	struct buffer text;
	size_t count;
	bool begun; /* something was read, so the file has something to say */
};

/* Opens the file without emptying it yet: whether that is possible should be known before anything is written. */
enum status rejects_open(struct rejects *rejects, const char *path, char delimiter, struct error *error);
/* Starts again, for input with that header (empty for JSON). */
void rejects_begin(struct rejects *rejects, struct slice header);
/* One row as it came, and the faults of why (their text without file and line). */
void rejects_add(struct rejects *rejects, struct slice raw, const struct error *why);
/* Writes the file, unless nothing was read (a key that was used before): it stays as it is then. */
enum status rejects_write(struct rejects *rejects, struct error *error);
void rejects_close(struct rejects *rejects);

#endif
