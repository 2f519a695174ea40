/*
 * disk: a file as a disk may have it after the power failed.
 *
 * What was written since the last sync may be there or not, in any order, torn at
 * sectors, or as zeros where only the new length arrived.
 */
#ifndef DISK_H
#define DISK_H

#include "base/hash.h"
#include "crash.h"

enum { SECTOR = 512 };

static uint32_t disk_seed = 1; /* of the random images, so that a run can be repeated */

static inline uint32_t
next_random(void)
{
	disk_seed = disk_seed * 1664525u + 1013904223u;
	return disk_seed >> 8;
}

struct operation {
	bool cut; /* ftruncate to offset; otherwise a write */
	size_t offset;
	struct slice data;
};

/* A file: what is on disk for certain, and what was done since. */
struct file {
	struct buffer durable;
	struct operation *pending;
	size_t count, capacity;
};

enum how { NOTHING, ALL, ZEROS, PREFIX, WITHOUT, RANDOM };

static inline void
put(struct buffer *bytes, size_t offset, const char *data, size_t length)
{
	size_t end = offset + length;

	if (end > bytes->length) {
		(void)buffer_reserve(bytes, end - bytes->length);
		memset(bytes->data + bytes->length, 0, end - bytes->length);
		bytes->length = end;
		bytes->data[end] = '\0';
	}
	if (length > 0)
		memcpy(bytes->data + offset, data, length);
}

/* Some sectors of a write arrive, others stay as they were (or zeros, behind the old end). */
static inline void
put_torn(struct buffer *bytes, const struct operation *operation)
{
	size_t at = operation->offset, end = at + operation->data.length;

	put(bytes, end, "", 0);
	while (at < end) {
		size_t next = (at / SECTOR + 1) * SECTOR;

		if (next > end)
			next = end;
		if (next_random() % 2 == 0)
			put(bytes, at, operation->data.data + (at - operation->offset), next - at);
		at = next;
	}
}

static inline void
apply_random(struct buffer *bytes, const struct operation *operation)
{
	switch (next_random() % 8) {
	case 0:
	case 1:
		return; /* never arrived */
	case 2:
		put(bytes, operation->offset, operation->data.data, next_random() % (operation->data.length + 1));
		return;
	case 3:
	case 4:
		put_torn(bytes, operation);
		return;
	default:
		put(bytes, operation->offset, operation->data.data, operation->data.length);
	}
}

static inline void
apply(struct buffer *bytes, const struct operation *operation, enum how how)
{
	if (operation->cut) {
		if (how == RANDOM && next_random() % 2 == 0)
			return;
		if (operation->offset < bytes->length)
			bytes->length = operation->offset;
		put(bytes, operation->offset, "", 0);
	} else if (how == ZEROS) {
		put(bytes, operation->offset + operation->data.length, "", 0);
	} else if (how == RANDOM) {
		apply_random(bytes, operation);
	} else {
		put(bytes, operation->offset, operation->data.data, operation->data.length);
	}
}

/* One file as the disk may have it; at says up to or without which operation. */
static inline void
build(const struct file *file, enum how how, size_t at, struct buffer *out)
{
	buffer_clear(out);
	buffer_add_slice(out, buffer_slice(&file->durable));
	for (size_t i = 0; how != NOTHING && i < file->count; i++)
		if (!(how == PREFIX && i >= at) && !(how == WITHOUT && i == at))
			apply(out, &file->pending[i], how);
}

static inline void
make_durable(struct file *file, size_t count)
{
	for (size_t i = 0; i < count && i < file->count; i++)
		apply(&file->durable, &file->pending[i], ALL);
	if (count > file->count)
		count = file->count;
	memmove(file->pending, file->pending + count, (file->count - count) * sizeof *file->pending);
	file->count -= count;
}

/*
 * The machine has been restarted: a watermark that arrived whole is of another boot,
 * and of the image's audit.csv.  One that arrived torn stays as it is.
 */
static inline void
age_watermark(struct buffer *bytes, ino_t inode)
{
	struct slice rest = buffer_slice(bytes), line = slice_cut(&rest, '\n'), text = line, words[6];
	struct buffer fresh = BUFFER_INIT;
	char digest[HASH_HEX + 1];

	if (line.length < 60 || rest.data == NULL)
		return;
	hash_text((struct slice){ line.data, line.length - 17 }, digest);
	if (memcmp(digest, line.data + line.length - 16, 16) != 0)
		return;
	text.length -= 17;
	for (size_t i = 0; i < 5; i++)
		words[i] = slice_cut(&text, ' ');
	buffer_format(&fresh, "bo-watermark 1 another-boot %.*s %" PRIuMAX " %.*s", (int)words[3].length,
	    words[3].data, (uintmax_t)inode, (int)text.length, text.data);
	hash_text(buffer_slice(&fresh), digest);
	buffer_format(&fresh, " %.16s\n", digest);
	buffer_clear(bytes);
	buffer_add_slice(bytes, buffer_slice(&fresh));
	buffer_release(&fresh);
}

#endif
