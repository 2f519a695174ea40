/*
 * json_text: the words of JSON (RFC 8259): strings, numbers, literals (private to stream/).
 */
#ifndef STREAM_JSON_TEXT_H
#define STREAM_JSON_TEXT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"

struct json_text {
	const char *p, *end; /* what is still to be read */
	const char *why;     /* the function that returned false did */
	struct buffer scratch;
};

/* Takes c and the white space before it, if it comes next; says nothing in why. */
bool json_take(struct json_text *text, char c);
/* Whether nothing but white space is left. */
bool json_ended(struct json_text *text);

/*
 * A string whose opening quote has been taken, and any value that is neither object
 * nor array: true and false as words, null as the empty text, a number as it is written
 * (with an exponent: as it would be written without).  They point into the text or the arena.
 */
bool json_string(struct json_text *text, struct arena *arena, struct slice *value);
bool json_scalar(struct json_text *text, struct arena *arena, struct slice *value);

#endif
