/*
 * base64: bytes as text (RFC 4648, section 4: with padding).
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/slice.h"

/* Adds count bytes as text, without line breaks. */
void base64_add(struct buffer *out, const unsigned char *bytes, size_t count);

/* text as exactly count bytes, in the one spelling that base64_add has; false when it is none. */
bool base64_parse(struct slice text, unsigned char *bytes, size_t count);

#endif
