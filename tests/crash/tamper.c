/*
 * tamper: every edit of a good store is found.
 *
 *	tamper [-e] [-n EDITS] [-s SEED]
 *
 * Edits one file of a store, in place, as somebody might who can write it: flips a
 * bit, cuts something out or off, puts something in, swaps, repeats or blanks lines,
 * takes a line from another store, puts back an older copy of one file or of all;
 * with the watermark left alone, or removed.  Then the store must not open, or must
 * not verify, or must show just what it showed before.  Only when nothing but the end
 * is missing may it look like an earlier state of itself, and then the head that the
 * user remembers must tell.
 *
 * -e also blanks lines of a personal table as an erasure does, without saying so.
 * Prints how many of each kind were found how; exits 1 when one was missed.
 */
#include "disk.h"

enum { TRANSACTIONS = 48, OLDER_AT = 30, LOGS = 4, PERSON = 3, EDITS_CI = 3000, SHOWN_MOST = 10 };

static const char *const file_names[LOGS] = { "audit.csv", "note.csv", "ticket.csv", "person.csv" };

enum edit { FLIP, CUT_OUT, CUT_OFF, PUT_IN, SWAP, REPEAT, BLANK, SPLICE, OLDER, OLDER_ALL, ERASE, EDITS };

static const char *const edit_names[EDITS] = { "flip a bit", "cut out", "cut off", "put in", "swap lines",
	"repeat a line", "blank a line", "splice from another store", "an older copy of a file",
	"an older copy of all", "erase without saying so" };

enum verdict { FOUND, SAME, EARLIER, MISSED, VERDICTS };

static struct {
	char *work, *directory, *heads;
	struct buffer good[LOGS], older[LOGS], foreign[LOGS], mark, now[LOGS];
	struct store *original; /* an untouched copy */
	long tally[EDITS][VERDICTS];
	uint64_t tx; /* shown by the tampered store */
} tampering;         /* the program is about nothing else */

/* --- the good store ------------------------------------------------------------- */

/* Some lines for the table of a file; "person" is sealed. */
static enum status
make_chunk(struct snapshot *snapshot, size_t file, uint64_t number, struct buffer *bytes, struct chunk *chunk,
    struct error *error)
{
	static const char *const tables[LOGS] = { "", "note", "ticket", "person" };
	bool sealed = file == PERSON;
	char salt[HASH_HEX + 1];
	struct slice log;
	enum status status = snapshot_log(snapshot, tables[file], &log, error);

	hash_text((struct slice){ (const char *)&number, sizeof number }, salt);
	if (status == STATUS_OK && log.length == 0)
		buffer_add_text(bytes, sealed ? "id,tx,seal,text\n" : "id,tx,text\n");
	for (uint64_t line = 0; line <= number % 3; line++)
		buffer_format(bytes, "R%" PRIu64 ",%" PRIu64 ",%s%stext %" PRIu32 "\n", line + 1,
		    snapshot_tx(snapshot) + 1, sealed ? salt : "", sealed ? "," : "", next_random() % 1000);
	*chunk = (struct chunk){ .table = tables[file], .bytes = buffer_slice(bytes), .offset = log.length };
	chunk_digest(chunk, slice_cut(&log, '\n'));
	return status;
}

/* The next transaction: some lines in some of the tables. */
static enum status
add_some(struct store *store, uint64_t number, struct error *error)
{
	struct buffer bytes[LOGS] = { BUFFER_INIT };
	struct chunk chunks[LOGS];
	struct transaction transaction = { "tamper add", "",
		number % 5 == 0 ? "a reason, with \"quotes\"" : "", chunks, 0 };
	struct snapshot *snapshot = NULL;
	uint64_t tx = 0;
	enum status status = snapshot_open(store, &snapshot, error);

	if (status == STATUS_OK)
		status = store_lock(store, clock_monotonic() + 2000, error);
	if (status == STATUS_OK)
		status = snapshot_to_head(snapshot, error);
	for (size_t i = 1; i < LOGS && status == STATUS_OK; i++)
		if (number == 1 || number % (i + 1) != 0)
			status = make_chunk(snapshot, i, number, &bytes[i], &chunks[transaction.count++], error);
	if (status == STATUS_OK)
		status = store_append(store, snapshot, &transaction, &tx, error);
	store_unlock(store);
	if (status == STATUS_OK)
		status = store_settle(store, tx, clock_monotonic() + 2000, error);
	snapshot_close(snapshot);
	for (size_t i = 0; i < LOGS; i++)
		buffer_release(&bytes[i]);
	return status;
}

static void
load(const char *directory, struct buffer files[LOGS])
{
	for (size_t i = 0; i < LOGS; i++) {
		char *path = memory_format("%s/%s", directory, file_names[i]);

		buffer_clear(&files[i]);
		if (!file_load(path, &files[i], 1 << 24))
			die(path);
		free(path);
	}
}

/* A store in directory; older: its files some transactions before the end. */
static void
make_store(const char *directory, struct buffer files[LOGS], struct buffer *older)
{
	struct error error = ERROR_INIT;
	struct store *store = NULL;
	enum status status = store_create(directory, &error);

	if (status == STATUS_OK)
		status = store_open(directory, &store, &error);
	for (uint64_t i = 1; i <= TRANSACTIONS && status == STATUS_OK; i++) {
		status = add_some(store, i, &error);
		if (i == OLDER_AT && older != NULL)
			load(directory, older);
	}
	if (status != STATUS_OK)
		die(reason(&error));
	store_close(store);
	load(directory, files);
}

/* What the tampering starts from, and what is remembered of it. */
static void
prepare(void)
{
	struct error error = ERROR_INIT;
	struct store *store;
	char *other = memory_format("%s/other", tampering.work), *copy = memory_format("%s/copy", tampering.work);
	char *mark = memory_format("%s/store/watermark", tampering.work);
	uint64_t tx;

	tampering.directory = memory_format("%s/store", tampering.work);
	tampering.heads = memory_format("%s/heads", tampering.work);
	setenv("XDG_STATE_HOME", tampering.heads, 1);
	make_store(tampering.directory, tampering.good, tampering.older);
	unsetenv("XDG_STATE_HOME");
	make_store(other, tampering.foreign, NULL);
	copy_store(tampering.directory, copy);
	if (store_open(copy, &tampering.original, &error) != STATUS_OK ||
	    store_open(tampering.directory, &store, &error) != STATUS_OK ||
	    prove_store(store, &tx, &error) != STATUS_OK || tx != TRANSACTIONS ||
	    !file_load(mark, &tampering.mark, 1 << 16))
		die(reason(&error));
	store_close(store);
	free(mark);
	free(copy);
	free(other);
}

/* --- edits ------------------------------------------------------------------------- */

/* A line of bytes, not the first; its newline is part of it. */
static struct slice
any_line(const struct buffer *bytes)
{
	size_t at = next_random() % bytes->length;
	const char *start, *end;

	start = memrchr(bytes->data, '\n', at);
	start = start != NULL && start + 1 < bytes->data + bytes->length
	    ? start + 1
	    : (const char *)memchr(bytes->data, '\n', bytes->length) + 1;
	end = memchr(start, '\n', bytes->length - (size_t)(start - bytes->data));
	return (struct slice){ start, (size_t)(end - start) + 1 };
}

/* Puts `fresh` in the place of the bytes [at, at + length). */
static void
replace(struct buffer *bytes, size_t at, size_t length, struct slice fresh)
{
	struct buffer out = BUFFER_INIT;

	buffer_add_slice(&out, (struct slice){ bytes->data, at });
	buffer_add_slice(&out, fresh);
	buffer_add_slice(&out, (struct slice){ bytes->data + at + length, bytes->length - at - length });
	buffer_clear(bytes);
	buffer_add_slice(bytes, buffer_slice(&out));
	buffer_release(&out);
}

static void
flip(struct buffer *bytes)
{
	bytes->data[next_random() % bytes->length] ^= (char)(1 << next_random() % 8);
}

static void
put_in(struct buffer *bytes)
{
	char noise[16];
	size_t length = 1 + next_random() % sizeof noise;

	for (size_t i = 0; i < length; i++)
		noise[i] = "\n,0a9\" ;:R"[next_random() % 10];
	replace(bytes, next_random() % bytes->length, 0, (struct slice){ noise, length });
}

static void
swap(struct buffer *bytes)
{
	struct slice one = any_line(bytes), two = any_line(bytes), early, late;
	struct buffer first = BUFFER_INIT, second = BUFFER_INIT;

	early = one.data < two.data ? one : two;
	late = one.data < two.data ? two : one;
	buffer_add_slice(&first, early);
	buffer_add_slice(&second, late);
	if (early.data != late.data) {
		replace(bytes, (size_t)(late.data - bytes->data), late.length, buffer_slice(&first));
		replace(bytes, (size_t)(early.data - bytes->data), early.length, buffer_slice(&second));
	}
	buffer_release(&first);
	buffer_release(&second);
}

/* As an erasure leaves a line: the same digest, and nothing to read. */
static void
erase(struct buffer *bytes)
{
	struct slice line = any_line(bytes);
	char *sealed = memory_new(line.length);
	size_t at = (size_t)(line.data - bytes->data);

	line_seal((struct slice){ line.data, line.length - 1 }, sealed);
	memcpy(bytes->data + at, sealed, line.length - 1);
	free(sealed);
}

static void
change_lines(struct buffer *bytes, enum edit edit, const struct buffer *foreign)
{
	struct slice line = any_line(bytes), other = any_line(foreign);
	size_t at = (size_t)(line.data - bytes->data);
	struct buffer copy = BUFFER_INIT;

	if (edit == BLANK) {
		memset(bytes->data + at, ' ', line.length - 1);
		return;
	}
	buffer_add_slice(&copy, edit == SPLICE ? other : line);
	replace(bytes, at, edit == SPLICE ? line.length : 0, buffer_slice(&copy));
	buffer_release(&copy);
}

/* Does it to one file, and leaves the result in tampering.now. */
static void
tamper(enum edit edit)
{
	size_t file = edit == ERASE ? PERSON : next_random() % LOGS, at, length;
	struct buffer *bytes = &tampering.now[file];

	for (size_t i = 0; i < LOGS; i++) {
		buffer_clear(&tampering.now[i]);
		buffer_add_slice(&tampering.now[i],
		    buffer_slice(edit == OLDER_ALL ? &tampering.older[i] : &tampering.good[i]));
	}
	at = next_random() % bytes->length;
	length = 1 + next_random() % (bytes->length - at);
	switch (edit) {
	case FLIP:
		flip(bytes);
		break;
	case CUT_OUT:
		replace(bytes, at, next_random() % 2 == 0 ? 1 : length, (struct slice){ "", 0 });
		break;
	case CUT_OFF:
		bytes->length = at;
		break;
	case PUT_IN:
		put_in(bytes);
		break;
	case SWAP:
		swap(bytes);
		break;
	case ERASE:
		erase(bytes);
		break;
	case OLDER:
		buffer_clear(bytes);
		buffer_add_slice(bytes, buffer_slice(&tampering.older[file]));
		break;
	case OLDER_ALL:
		break;
	default:
		change_lines(bytes, edit, &tampering.foreign[file]);
	}
}

/* --- is it found? --------------------------------------------------------------------- */

static void
lay_out(bool with_mark)
{
	for (size_t i = 0; i < LOGS; i++)
		write_file(tampering.directory, file_names[i], buffer_slice(&tampering.now[i]));
	write_file(tampering.directory, "watermark",
	    with_mark ? buffer_slice(&tampering.mark) : (struct slice){ "\n", 1 });
}

/* What is shown is what the original had at that transaction, in every log and in the audit log. */
static bool
is_original(struct snapshot *snapshot, struct error *error)
{
	struct snapshot *then = NULL;
	bool same = snapshot_tx(snapshot) <= TRANSACTIONS &&
	    snapshot_open_tx(tampering.original, snapshot_tx(snapshot), &then, error) == STATUS_OK &&
	    same_logs(snapshot, then);

	if (same) {
		/* the mapping of a snapshot of the past is longer than the past */
		struct slice now = snapshot_audit(snapshot), old = snapshot_audit(then);

		same = slice_equal(now, old);
	}
	snapshot_close(then);
	return same;
}

static enum verdict
look(void)
{
	struct error error = ERROR_INIT;
	struct verify_report report;
	struct snapshot *snapshot = NULL;
	struct store *store = NULL;
	enum verdict verdict = FOUND;

	if (store_open(tampering.directory, &store, &error) == STATUS_OK &&
	    snapshot_open(store, &snapshot, &error) == STATUS_OK &&
	    store_verify(snapshot, &report, &error) == STATUS_OK) {
		tampering.tx = snapshot_tx(snapshot);
		if (!is_original(snapshot, &error))
			verdict = MISSED;
		else
			verdict = tampering.tx == TRANSACTIONS ? SAME : EARLIER;
	}
	snapshot_close(snapshot);
	store_close(store);
	error_release(&error);
	return verdict;
}

/*
 * An earlier state is all right where only the end is missing, and who remembers the
 * head is told.  The newline between the last two lines belongs to both: without it
 * nothing says that either was on disk.
 */
static enum verdict
judge_earlier(enum edit edit, bool with_mark)
{
	bool end = edit == CUT_OFF || edit == CUT_OUT || edit == OLDER || edit == OLDER_ALL;
	enum verdict again;

	if (!end && tampering.tx + 2 < TRANSACTIONS)
		return MISSED;
	lay_out(with_mark);
	setenv("XDG_STATE_HOME", tampering.heads, 1);
	again = look();
	unsetenv("XDG_STATE_HOME");
	return again == FOUND ? EARLIER : MISSED;
}

static void
try_edit(enum edit edit)
{
	bool with_mark = next_random() % 2 == 0;
	uint32_t seed = disk_seed;
	enum verdict verdict;

	tamper(edit);
	lay_out(with_mark);
	verdict = look();
	if (verdict == EARLIER)
		verdict = judge_earlier(edit, with_mark);
	if (verdict == MISSED && tampering.tally[edit][MISSED] < SHOWN_MOST)
		printf("# missed: %s, watermark %s, state %" PRIu32 "\n", edit_names[edit],
		    with_mark ? "kept" : "removed", seed);
	tampering.tally[edit][verdict]++;
}

static long
report(void)
{
	long sums[VERDICTS] = { 0 }, all = 0;

	for (int i = 0; i < EDITS; i++) {
		const long *tally = tampering.tally[i];

		printf("%-26s %6ld found, %5ld told by the remembered head, %5ld without effect, %ld missed\n",
		    edit_names[i], tally[FOUND], tally[EARLIER], tally[SAME], tally[MISSED]);
		for (int j = 0; j < VERDICTS; j++) {
			sums[j] += tally[j];
			all += tally[j];
		}
	}
	printf("%ld edits, %ld found, %ld told by the remembered head, %ld without effect, %ld missed\n", all,
	    sums[FOUND], sums[EARLIER], sums[SAME], sums[MISSED]);
	return sums[MISSED];
}

int
main(int argc, char *argv[])
{
	long edits = EDITS_CI, missed;
	int option, kinds = ERASE;

	while ((option = getopt(argc, argv, "en:s:")) != -1) {
		if (option == 'e')
			kinds = EDITS;
		else if (option == 'n')
			edits = strtol(optarg, NULL, 10);
		else if (option == 's')
			disk_seed = (uint32_t)strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	tampering.work = make_work();
	prepare();
	for (long i = 0; i < edits; i++)
		try_edit((enum edit)(i % kinds));
	missed = report();
	store_close(tampering.original);
	remove_tree(tampering.work);
	return missed > 0;
}
