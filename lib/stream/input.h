/*
 * input: all of a stream at once, so that it can be read again.
 *
 * A regular file is mapped; anything else is read to its end first (and spooled
 * to an unlinked file when it is long): nothing slow ever happens while the store
 * is locked, and a conflict only costs another look at the same bytes.
 */
#ifndef STREAM_INPUT_H
#define STREAM_INPUT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"

struct input {
	const char *name; /* for messages; "-" is standard input */
	struct slice bytes;
	void *mapped; /* to give back, or NULL */
	size_t mapped_size;
	bool shared; /* it may be written to by others: what was looked at has to be made one's own first */
};

/*
 * path "-" is standard input.  STATUS_REFUSED when it is longer than limit bytes
 * (1 GiB unless told), STATUS_SYSTEM when it can't be read.  The name is not copied.
 */
enum status input_open(struct input *input, const char *path, size_t limit, struct error *error);
void input_close(struct input *input);

#endif
