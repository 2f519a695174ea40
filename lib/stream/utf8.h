/*
 * utf8: one character at a time (private to stream/); whole texts are base/text's.
 */
#ifndef STREAM_UTF8_H
#define STREAM_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* The length of the UTF-8 character (RFC 3629) that text begins with; 0 when it begins with none. */
size_t utf8_length(struct slice text);

/* The code point of a character that utf8_length has measured. */
uint32_t utf8_decode(const char *character, size_t length);

/* Writes a code point (no surrogate, at most 0x10ffff) to out; returns how many bytes it took. */
size_t utf8_encode(uint32_t code, char out[4]);

#endif
