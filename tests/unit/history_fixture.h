/*
 * history_fixture: an audit log written line by line, as no program here would write it.
 *
 * Every line is chained to the one before, so that what is wrong with it is only what the
 * test made wrong.
 */
#ifndef HISTORY_FIXTURE_H
#define HISTORY_FIXTURE_H

#include "store_fixture.h"

#define HISTORY_TIME "2026-01-02T03:04:05.678Z"
#define HISTORY_HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HISTORY_UUID "2bcc1961-fa32-41c9-957d-0f8e12fe7abc"

struct history {
	struct buffer audit;
	char hash[HASH_HEX + 1]; /* of the last line */
	uint64_t tx;
};

static inline void
history_begin(struct history *history, const char *uuid)
{
	*history = (struct history){ .tx = 0 };
	buffer_add_text(&history->audit, AUDIT_HEADER);
	memcpy(history->hash, uuid, UUID_SIZE);
}

/* A line of any text up to its hash; what it begins with counts as its number. */
static inline void
history_line(struct history *history, const char *text)
{
	struct buffer line = BUFFER_INIT;

	buffer_format(&line, "%s%s,", history->hash, text);
	hash_text(buffer_slice(&line), history->hash);
	buffer_format(&history->audit, "%s,%s\n", text, history->hash);
	history->tx = strtoull(text, NULL, 10);
	buffer_release(&line);
}

/* The next transaction. */
static inline void
history_add(struct history *history, const char *reason, const char *changes, uint64_t synced)
{
	char *text = memory_format("%" PRIu64 "," HISTORY_TIME ",a,b,,%s,%s,%" PRIu64, history->tx + 1,
	    reason, changes, synced);

	history_line(history, text);
	free(text);
}

/* Writes it in the place of the store's own, which nobody remembers. */
static inline void
history_write(struct fixture *fixture, struct history *history)
{
	char *mark = fixture_path(fixture, "watermark");

	fixture_write(fixture, "audit.csv", buffer_slice(&history->audit));
	unlink(mark);
	fixture_forget_head(fixture);
	free(mark);
}

static inline void
history_release(struct history *history)
{
	buffer_release(&history->audit);
}

/* "TABLE:OFFSET:LENGTH:DIGEST" of bytes; free() it. */
static inline char *
history_change(const char *table, uint64_t offset, struct slice bytes)
{
	char digest[HASH_HEX + 1];

	hash_text(bytes, digest);
	return memory_format("%s:%" PRIu64 ":%zu:%s", table, offset, bytes.length, digest);
}

#endif
