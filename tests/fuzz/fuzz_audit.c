/*
 * fuzz_audit: whatever is in an audit log, or comes as a checkpoint, is taken or refused;
 * what was taken goes out and in again.
 *
 *	fuzz_audit [-n ROUNDS]     logs put together from pieces, always the same
 *	fuzz_audit FILE…           what a fuzzer found
 *
 * Lines whose hash is ZERO get the one that is due, or nothing that is made up would ever
 * get past the chain.  Built with clang -fsanitize=fuzzer -DLIBFUZZER it is a target of
 * libFuzzer.
 */
#include <inttypes.h>

#include "fuzz_stream.h"
#include "store/checkpoint.h"
#include "store/internal.h"
#include "stream/csv.h"

#define UUID "7fd2c4b0-0000-4000-8000-000000000001"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

/* The same bytes, with the hashes that are due. */
static void
chain(struct slice bytes, struct buffer *out)
{
	struct slice line;
	char hash[HASH_HEX + 1] = UUID;

	while (bytes.length > 0) {
		bool whole = memchr(bytes.data, '\n', bytes.length) != NULL;
		size_t start = out->length;

		line = slice_cut(&bytes, '\n');
		buffer_add_slice(out, line);
		if (line.length > HASH_HEX && memcmp(line.data + line.length - HASH_HEX, ZERO, HASH_HEX) == 0) {
			audit_chain(hash, line, hash);
			memcpy(out->data + start + line.length - HASH_HEX, hash, HASH_HEX);
		}
		if (whole)
			buffer_add_char(out, '\n');
	}
}

/* --- one line ------------------------------------------------------------------- */

/* The list of changes, put together again, as far as it makes sense. */
static void
write_changes(struct slice changes, struct buffer *out)
{
	struct audit_change change;
	const char *separator = "";

	while (audit_change_next(&changes, &change)) {
		buffer_format(out, "%s%.*s:%" PRIu64 ":%" PRIu64 ":%.*s", separator, (int)change.table.length,
		    change.table.data, change.offset, change.length, (int)change.digest.length,
		    change.digest.data);
		separator = ";";
	}
	if (changes.length > 0) {
		buffer_add_text(out, separator);
		buffer_add_slice(out, changes);
	}
}

static void
write_line(const struct audit_line *line, struct buffer *out)
{
	buffer_format(out, "%" PRIu64 ",%.*s,", line->tx, (int)line->time.length, line->time.data);
	csv_add(out, line->actor);
	buffer_add_char(out, ',');
	csv_add(out, line->command);
	buffer_add_char(out, ',');
	csv_add(out, line->key);
	buffer_add_char(out, ',');
	csv_add(out, line->reason);
	buffer_add_char(out, ',');
	write_changes(line->changes, out);
	buffer_format(out, ",%" PRIu64 ",%.*s", line->synced, (int)line->hash.length, line->hash.data);
}

/* What a line says can be written, and then says the same; of its changes no byte is made up. */
static void
goes_round(const struct audit_line *line)
{
	struct buffer text = BUFFER_INIT, scratch = BUFFER_INIT, changes = BUFFER_INIT;
	struct audit_line again;

	write_line(line, &text);
	insist(audit_parse(buffer_slice(&text), &again, &scratch));
	insist(again.tx == line->tx && again.synced == line->synced && slice_equal(again.time, line->time));
	insist(slice_equal(again.actor, line->actor) && slice_equal(again.command, line->command));
	insist(slice_equal(again.key, line->key) && slice_equal(again.reason, line->reason));
	insist(slice_equal(again.hash, line->hash));
	write_changes(line->changes, &changes);
	insist(changes.length <= line->changes.length + 1);
	buffer_release(&text);
	buffer_release(&scratch);
	buffer_release(&changes);
}

/* --- a log ------------------------------------------------------------------------ */

/* Forwards, as verify does: headers are passed over, but only one has its place.  Returns how many transactions the chain holds. */
static uint64_t
walk(struct slice audit, struct state *state)
{
	const char *start = audit.data;
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;
	bool good = true;

	state_empty(state, UUID);
	while (audit_next(&audit, &line, &scratch)) {
		if (line.tx > 0)
			goes_round(&line);
		good = good && line.tx > 0 && line.raw.data == start + state->audit_length &&
		    state_refuses(state, &line) == NULL;
		if (good)
			state_apply(state, &line);
	}
	buffer_release(&scratch);
	return state->tx;
}

/* Whatever the lines before say, who looks for a transaction gets that one or none. */
static void
look_for(struct slice audit, uint64_t tx)
{
	struct buffer scratch = BUFFER_INIT;
	struct audit_line line;

	insist(!audit_find(audit, tx, &line, &scratch) || line.tx == tx);
	buffer_release(&scratch);
}

/* The state that the whole of a good chain leaves behind is that of its last line alone. */
static void
look_back(struct slice audit, const struct state *walked)
{
	struct state state = { .tables = NULL };
	struct slice rest = audit, header = slice_cut(&rest, '\n');

	if (!slice_is(header, "tx,time,actor,command,key,reason,changes,synced,hash") || walked->tx == 0)
		return;
	audit.length = (size_t)walked->audit_length;
	insist(state_from_lines(&state, UUID, audit, 0) == STATE_FOUND);
	insist(state.tx == walked->tx && strcmp(state.hash, walked->hash) == 0 && state.count == walked->count);
	for (size_t i = 0; i < state.count; i++)
		insist(state.tables[i].length ==
		    state_length(walked, (struct slice){ state.tables[i].name, state.tables[i].name_length }));
	state_release(&state);
}

/* From a file the lines come the same. */
static void
read_file(struct slice audit)
{
	int fd = memfd_create("audit", MFD_CLOEXEC);
	struct error error = ERROR_INIT;
	struct audit_reader reader;
	struct slice raw;

	insist(file_write(fd, audit.data, audit.length));
	audit_reader_init(&reader, fd, 0);
	while (audit_reader_next(&reader, &raw, &error) == STATUS_OK)
		insist(slice_equal(raw, slice_cut(&audit, '\n')));
	insist(error.count == 0 && memchr(audit.data, '\n', audit.length) == NULL);
	audit_reader_release(&reader);
	close(fd);
}

/* --- checkpoints --------------------------------------------------------------------- */

static void
read_checkpoints(struct slice text)
{
	struct place place = { "in", 0, NULL };
	struct error error = ERROR_INIT;
	struct checkpoint checkpoint, again;
	struct buffer out = BUFFER_INIT;
	enum status status;

	while ((status = checkpoint_next(&text, &place, &checkpoint, &error)) == STATUS_OK) {
		struct slice rest;

		buffer_clear(&out);
		checkpoint_add(&out, &checkpoint);
		rest = buffer_slice(&out);
		insist(checkpoint_next(&rest, &place, &again, &error) == STATUS_OK);
		insist(strcmp(again.uuid, checkpoint.uuid) == 0 && again.tx == checkpoint.tx);
		insist(strcmp(again.hash, checkpoint.hash) == 0);
	}
	insist(status == STATUS_NO ? error.count == 0 : status == STATUS_REFUSED && error.count > 0);
	buffer_release(&out);
	error_release(&error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer bytes = BUFFER_INIT;
	struct state state = { .tables = NULL };
	struct slice audit;
	uint64_t last;

	chain((struct slice){ (const char *)data, size }, &bytes);
	audit = buffer_slice(&bytes);
	last = walk(audit, &state);
	for (uint64_t tx = 0; tx < last + 2; tx++)
		look_for(audit, tx);
	look_back(audit, &state);
	read_file(audit);
	read_checkpoints((struct slice){ (const char *)data, size });
	state_release(&state);
	buffer_release(&bytes);
	return 0;
}

#ifndef LIBFUZZER

static const char *const pieces[] = { "tx,time,actor,command,key,reason,changes,synced,hash\n",
	"1,2026-03-01T09:00:00.000Z,ada,note add,,,note:0:20:" ZERO ",0," ZERO "\n",
	"2,2026-03-01T09:00:01.000Z,ada,note add,job-7@x,\"why, \"\"so\"\"\",note:20:11:" ZERO
	";order:0:9:" ZERO ",1," ZERO "\n",
	"3,2026-03-01T09:00:02.000Z,\"a,b\",x,,,,1," ZERO "\n", "1", "2", "3", "18446744073709551615", "0",
	",", ",", ",", "\"", "\"\"", ";", ":", "\n", "\n", "note:0:20:" ZERO, "note:20:0:" ZERO,
	"order:18446744073709551615:2:" ZERO, "2026-03-01T09:00:00.000Z", ZERO, "," ZERO "\n", "audit", "a",
	"\xff", " ", "bo/" UUID "\n", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", "\n1723\n",
	"\xe2\x80\x94 signed\n" };

int
main(int argc, char *argv[])
{
	(void)argc;
	return fuzz_main(argv, pieces, sizeof(pieces) / sizeof(pieces[0]));
}

#endif
