/*
 * test_indexed: whatever a log is asked, as of whatever transaction, an index that is behind,
 * between, ahead or damaged makes it say what it says without one
 */
#define FIXTURE_OUTSIDE
#include "store_fixture.h"

#include "record/gather.h"
#include "record/history.h"
#include "record/indexed.h"

enum {
	TRANSACTIONS = 20,
	BULK = 2100, /* records that a large transaction adds: more than a page has */
	NUMBERS = 300,
	QUESTIONS = 24,
	BUILDS = 4,
	MUTILATIONS = 40
};

enum { OFTEN = 4 }; /* ways from there on ask often */

static const char *const tables[] = { "order", "order_line", "remark" };

enum { TABLES = sizeof tables / sizeof tables[0] };

/* The columns of each, which change once. */
static const char *const headers[TABLES][2] = {
	{ "id,tx,customer,state,number,archived\n", "id,tx,number,customer,state,archived,due\n" },
	{ "id,tx,order,qty,archived\n", "id,tx,other,order,qty,archived\n" },
	{ "id,tx,seal,of,text,archived\n", "id,tx,seal,text,of,archived\n" },
};

static const char *const prefixes[TABLES] = { "O", "OL", "R" };

struct writing {
	struct store *store;
	uint32_t random;
	uint64_t counts[TABLES];
	size_t shapes[TABLES]; /* which header is the newest one + 1 */
};

static uint32_t
draw(uint32_t *random, uint32_t below)
{
	*random ^= *random << 13;
	*random ^= *random >> 17;
	*random ^= *random << 5;
	return *random % below;
}

static int
setup(void **state)
{
	struct fixture *fixture;
	char *cache;

	if (fixture_setup(state) != 0)
		return -1;
	fixture = *state;
	cache = memory_format("%s/cache", fixture->root);
	setenv("BO_CACHE", cache, 1);
	setenv("BO_INDEX", "always", 1);
	free(cache);
	return 0;
}

/* --- what is in the store ------------------------------------------------------------- */

/* A number that somebody may have, had, or never has; some hold a comma. */
static void
make_number(uint32_t *random, char out[16])
{
	uint32_t number = draw(random, NUMBERS);

	if (number % 11 == 0)
		out[0] = '\0';
	else
		snprintf(out, 16, number % 7 == 0 ? "N,%u" : "N-%u", number);
}

static void
add_line(struct writing *writing, size_t table, uint64_t number, uint64_t tx, struct buffer *out)
{
	bool changed = writing->shapes[table] == 2;
	uint64_t parent = draw(&writing->random, 60) + 1;
	char value[16];

	buffer_format(out, "%s%" PRIu64 ",%" PRIu64 ",", prefixes[table], number, tx);
	make_number(&writing->random, value);
	switch (table) {
	case 0:
		if (strchr(value, ',') != NULL)
			snprintf(value, sizeof value, "\"N,%u\"", draw(&writing->random, 99));
		if (changed)
			buffer_format(out, "%s,C%" PRIu64 ",open,,\n", value, parent);
		else
			buffer_format(out, "C%" PRIu64 ",open,%s,\n", parent, value);
		break;
	case 1: /* a child stays with its parent */
		if (changed)
			buffer_format(out, "O%" PRIu64 ",", parent);
		buffer_format(out, "O%" PRIu64 ",7,\n", number % 60 + 1);
		break;
	default:
		for (int i = 0; i < 8; i++)
			buffer_format(out, "%08x", draw(&writing->random, UINT32_MAX));
		if (changed)
			buffer_format(out, ",%s,O%" PRIu64 ",\n", "words", number % 60 + 1);
		else
			buffer_format(out, ",O%" PRIu64 ",%s,\n", number % 60 + 1, "words");
	}
}

/* Some new records and some new lines of old ones, in any order. */
static void
add_lines(struct writing *writing, size_t table, uint64_t tx, struct buffer *out)
{
	size_t fresh = draw(&writing->random, 6) == 0 ? BULK : draw(&writing->random, 20);
	size_t revised = draw(&writing->random, 60) + 1;

	if (writing->shapes[table] == 0 || (tx > TRANSACTIONS / 2 && writing->shapes[table] == 1))
		buffer_add_text(out, headers[table][writing->shapes[table]++]);
	if (writing->counts[table] == 0)
		fresh++;
	while (fresh + revised > 0) {
		bool old = writing->counts[table] > 0 &&
		    draw(&writing->random, (uint32_t)(fresh + revised)) < revised;
		uint64_t number = old ? draw(&writing->random, (uint32_t)writing->counts[table]) + 1
				      : writing->counts[table] + 1;

		if (!old && fresh == 0)
			break;
		*(old ? &revised : &fresh) -= 1;
		writing->counts[table] += !old;
		add_line(writing, table, number, tx, out);
	}
}

/* One transaction of some of the tables. */
static void
commit(struct fixture *fixture, struct writing *writing)
{
	struct snapshot *snapshot = fixture_snapshot(fixture, writing->store);
	struct chunk chunks[TABLES];
	struct buffer bytes[TABLES] = { BUFFER_INIT };
	struct transaction transaction = { .command = "test add", .key = "", .reason = "", .chunks = chunks };
	uint64_t tx = snapshot_tx(snapshot) + 1;

	assert_status(fixture, store_lock(writing->store, clock_monotonic() + 30000, &fixture->error), STATUS_OK);
	assert_status(fixture, snapshot_to_head(snapshot, &fixture->error), STATUS_OK);
	for (size_t i = 0; i < TABLES; i++) {
		struct slice log;

		if (i > 0 && tx > 2 && draw(&writing->random, 4) == 0)
			continue;
		add_lines(writing, i, tx, &bytes[i]);
		if (bytes[i].length == 0)
			continue;
		assert_status(fixture, snapshot_log(snapshot, tables[i], &log, &fixture->error), STATUS_OK);
		chunks[transaction.count] = (struct chunk){ .table = tables[i],
			.bytes = buffer_slice(&bytes[i]),
			.offset = log.length };
		chunk_digest(&chunks[transaction.count++], slice_cut(&log, '\n'));
	}
	if (transaction.count > 0)
		assert_status(fixture,
		    store_append(writing->store, snapshot, &transaction, &tx, &fixture->error), STATUS_OK);
	store_unlock(writing->store);
	if (transaction.count > 0)
		assert_status(fixture,
		    store_settle(writing->store, tx, clock_monotonic() + 30000, &fixture->error), STATUS_OK);
	for (size_t i = 0; i < TABLES; i++)
		buffer_release(&bytes[i]);
	snapshot_close(snapshot);
}

/* --- questions ------------------------------------------------------------------------- */

static enum status
see_revision(const struct record *revision, const struct record *before, void *context, struct error *error)
{
	(void)error;
	buffer_format(context, "%p %p ", (const void *)(revision->line.data - revision->log->bytes.data),
	    before != NULL ? (const void *)(before->line.data - before->log->bytes.data) : NULL);
	return STATUS_OK;
}

/* The base says what it says in any order, one at a time or all at once. */
static void
ask_lines(struct log *log, bool filled, uint32_t random, struct buffer *out)
{
	buffer_format(out, "%" PRIu64 " %zu: ", log->count, log->layout_count);
	for (size_t i = 0; i < QUESTIONS; i++) {
		uint64_t number = draw(&random, (uint32_t)log->count + 3);

		buffer_format(out, "%" PRIu64 "=%" PRIu64 " ", number, log_newest(log, number));
	}
	if (filled)
		log_fill(log);
	for (uint64_t number = 0; number <= log->count + 3; number++)
		buffer_format(out, "%" PRIu64 " ", log_newest(log, number));
	buffer_add_char(out, '\n');
}

static void
add_numbers(struct buffer *out, const uint64_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buffer_format(out, "%" PRIu64 " ", numbers[i]);
	buffer_add_char(out, '\n');
}

/* Who has a value: where nobody knows, by a look at all. */
static void
ask_having(struct log *log, size_t field, struct slice value, struct buffer *out)
{
	struct arena arena = ARENA_INIT;
	struct error error = ERROR_INIT;
	const uint64_t *numbers;
	size_t count;
	bool known = log_having(log, field, value, &numbers, &count);

	if (known)
		add_numbers(out, numbers, count);
	for (uint64_t number = 1; !known && number <= log->count; number++) {
		struct record record;

		assert_int_equal(record_read(log, number, &arena, &record, &error), STATUS_OK);
		if (slice_equal(record_value(&record, field), value))
			add_numbers(out, &number, 1), out->length--;
		arena_reset(&arena);
	}
	if (!known)
		buffer_add_char(out, '\n');
	arena_release(&arena);
}

static void
ask_orders(struct log *log, uint32_t random, struct buffer *out)
{
	size_t field = table_field(log->table, slice_of("number"));
	size_t customer = table_field(log->table, slice_of("customer"));
	char text[ID_SIZE];

	for (size_t i = 0; i < QUESTIONS; i++) {
		make_number(&random, text);
		/* Several may have it here, where nobody looked: any of them will do. */
		if (text[0] != '\0') {
			buffer_format(out, "%d ", log_find(log, field, slice_of(text)) != 0);
			ask_having(log, field, slice_of(text), out);
		}
		snprintf(text, sizeof text, "C%u", draw(&random, 64));
		buffer_format(out, "%" PRIu64 " ", log_find(log, customer, slice_of(text)));
		ask_having(log, customer, slice_of(text), out);
	}
}

/* Who refers to a customer now: some have referred to another, or to this one twice. */
static void
ask_referring(struct log *log, uint32_t random, struct buffer *out)
{
	size_t customer = table_field(log->table, slice_of("customer")), count;
	struct error error = ERROR_INIT;
	struct arena arena = ARENA_INIT;
	uint64_t target = draw(&random, 60) + 1, truth = 0;
	char id[ID_SIZE];
	const uint64_t *numbers;

	for (uint64_t other = 0; other <= 62; other += 1 + draw(&random, 8)) {
		numbers = log_referring(log, customer, other, &count);
		add_numbers(out, numbers, count);
	}
	if (draw(&random, 3) > 0)
		return; /* to look at all takes a while */
	snprintf(id, sizeof id, "C%" PRIu64, target);
	numbers = log_referring(log, customer, target, &count);
	for (uint64_t number = 1; number <= log->count; number++) {
		struct record record;

		arena_reset(&arena);
		assert_int_equal(record_read(log, number, &arena, &record, &error), STATUS_OK);
		if (slice_is(record_value(&record, customer), id))
			assert_true(truth < count && numbers[truth++] == number);
	}
	assert_int_equal(truth, count);
	arena_release(&arena);
}

static void
ask_children(struct log *log, struct buffer *out)
{
	for (uint64_t parent = 0; parent <= 62; parent++) {
		size_t count;
		const uint64_t *numbers = log_children(log, parent, &count);

		add_numbers(out, numbers, count);
	}
}

static void
ask_history(struct log *log, uint32_t random, struct buffer *out)
{
	struct error error = ERROR_INIT;

	for (size_t i = 0; i < QUESTIONS / 4; i++) {
		uint64_t number = draw(&random, (uint32_t)log->count) + 1;

		assert_int_equal(history_record(log, number, see_revision, out, &error), STATUS_OK);
		buffer_add_char(out, '\n');
	}
}

/* Asks as often as makes it worth knowing all: whatever comes after is answered without an index. */
static void
ask_often(struct log *log)
{
	struct buffer ignored = BUFFER_INIT;

	for (size_t i = 0; i < 40; i++)
		ask_children(log, &ignored);
	buffer_release(&ignored);
}

/* Everything about the store as of a transaction; way says in which order. */
static void
ask(struct fixture *fixture, uint64_t tx, unsigned way, struct buffer *out)
{
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot;
	struct view *view;

	buffer_clear(out);
	assert_status(fixture, snapshot_open_tx(store, tx, &snapshot, &fixture->error), STATUS_OK);
	assert_status(fixture, view_open(store, snapshot, "tests/data/share", NULL, &view, &fixture->error),
	    STATUS_OK);
	for (size_t i = 0; i < TABLES; i++) {
		struct log *log;

		assert_status(fixture, view_log(view, tables[i], &log, &fixture->error), STATUS_OK);
		if (log->bytes.length == 0)
			continue;
		/* The same questions, whichever comes first. */
		if (way % 2 == 0)
			ask_lines(log, way % 4 == 0, (uint32_t)tx + 1, out);
		if (i > 0)
			ask_children(log, out);
		else {
			ask_orders(log, (uint32_t)tx + 1, out);
			ask_referring(log, (uint32_t)tx + 1, out);
		}
		if (i > 0 && way >= OFTEN) {
			struct buffer again = BUFFER_INIT;
			size_t before = out->length;

			ask_often(log);
			ask_children(log, &again);
			assert_true(before >= again.length &&
			    memcmp(out->data + before - again.length, again.data, again.length) == 0);
			buffer_release(&again);
		}
		ask_history(log, (uint32_t)tx + 1, out);
	}
	assert_status(fixture, view_sound(view, &fixture->error), STATUS_OK);
	view_close(view);
	store_close(store);
}

/* --- indexes ------------------------------------------------------------------------------ */

static char *
cache_path(struct fixture *fixture, const char *table)
{
	struct store *store = fixture_open(fixture);
	char *path = memory_format("%s/cache/%s/%s.index", fixture->root, store_uuid(store), table);

	store_close(store);
	return path;
}

/* One of every table, of the newest transaction, into files. */
static void
build(struct fixture *fixture, struct buffer files[TABLES])
{
	struct store *store = fixture_open(fixture);
	struct view *view;

	assert_status(fixture,
	    view_open(store, fixture_snapshot(fixture, store), "tests/data/share", NULL, &view, &fixture->error),
	    STATUS_OK);
	for (size_t i = 0; i < TABLES; i++) {
		const struct table *table;
		char *path = cache_path(fixture, tables[i]);
		bool made;

		assert_status(fixture, view_table(view, tables[i], &table, &fixture->error), STATUS_OK);
		assert_status(fixture, indexed_build(view, table, &made, &fixture->error), STATUS_OK);
		buffer_clear(&files[i]);
		assert_true(file_load(path, &files[i], SIZE_MAX - 1));
		free(path);
	}
	view_close(view);
	store_close(store);
}

/* Puts them back, or (NULL) takes all away. */
static void
put(struct fixture *fixture, const struct buffer *files)
{
	for (size_t i = 0; i < TABLES; i++) {
		char *path = cache_path(fixture, tables[i]);
		int fd;

		unlink(path);
		if (files != NULL) {
			fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
			assert_true(fd >= 0);
			assert_true(file_write(fd, files[i].data, files[i].length));
			close(fd);
		}
		free(path);
	}
}

/* How the index of the orders stands to a transaction. */
static enum index_found
stands(struct fixture *fixture, uint64_t tx)
{
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot;
	struct index_report report;
	const struct table *table;
	struct view *view;

	assert_status(fixture, snapshot_open_tx(store, tx, &snapshot, &fixture->error), STATUS_OK);
	assert_status(fixture, view_open(store, snapshot, "tests/data/share", NULL, &view, &fixture->error),
	    STATUS_OK);
	assert_status(fixture, view_table(view, "order", &table, &fixture->error), STATUS_OK);
	assert_status(fixture, indexed_report(view, table, &report, &fixture->error), STATUS_OK);
	view_close(view);
	store_close(store);
	return report.found;
}

/* The answers without any index, and indexes of some transactions. */
struct past {
	struct buffer answers[TRANSACTIONS][2];
	struct buffer files[BUILDS][TABLES];
	uint64_t built[BUILDS];
};

static void
make_past(struct fixture *fixture, struct past *past, uint32_t seed)
{
	struct writing writing = { .store = fixture_open(fixture), .random = seed };

	for (size_t i = 0, builds = 0; i < TRANSACTIONS; i++) {
		commit(fixture, &writing);
		if (i % (TRANSACTIONS / BUILDS) == 3) {
			put(fixture, NULL);
			past->built[builds] = i + 1;
			build(fixture, past->files[builds++]);
		}
	}
	store_close(writing.store);
	setenv("BO_INDEX", "off", 1);
	for (size_t i = 0; i < TRANSACTIONS; i++) {
		for (unsigned way = 0; way < 2; way++)
			ask(fixture, i + 1, way, &past->answers[i][way]);
	}
	setenv("BO_INDEX", "always", 1);
}

static void
past_release(struct past *past)
{
	for (size_t i = 0; i < TRANSACTIONS; i++) {
		for (unsigned way = 0; way < 2; way++)
			buffer_release(&past->answers[i][way]);
	}
	for (size_t i = 0; i < BUILDS; i++) {
		for (size_t j = 0; j < TABLES; j++)
			buffer_release(&past->files[i][j]);
	}
	free(past);
}

static void
compare(struct fixture *fixture, const struct past *past, uint64_t tx, unsigned way)
{
	struct buffer answer = BUFFER_INIT;

	ask(fixture, tx, way, &answer);
	if (!slice_equal(buffer_slice(&answer), buffer_slice(&past->answers[tx - 1][way % 2])))
		fail_msg("as of %" PRIu64 ", way %u: another answer", tx, way);
	buffer_release(&answer);
}

static void
test_an_index_of_any_transaction_tells_of_any_other(void **state)
{
	struct fixture *fixture = *state;
	struct past *past = memory_new(sizeof *past);
	size_t ahead = 0, usable = 0;

	make_past(fixture, past, 20010301);
	for (size_t i = 0; i < BUILDS; i++) {
		put(fixture, past->files[i]);
		/* At the head a new one would be made. */
		for (uint64_t tx = 1; tx < TRANSACTIONS; tx++) {
			enum index_found found = stands(fixture, tx);

			ahead += found == INDEX_AHEAD;
			usable += found == INDEX_USABLE;
			assert_true(found == (tx < past->built[i] ? INDEX_AHEAD : INDEX_USABLE));
			for (unsigned way = 0; way < 3; way++)
				compare(fixture, past, tx, way);
			if (tx % 8 == 0)
				compare(fixture, past, tx, OFTEN);
		}
	}
	assert_true(ahead > TRANSACTIONS && usable > TRANSACTIONS / 2);
	past_release(past);
}

static void
test_damage_to_an_index_that_is_ahead_is_no_other_answer(void **state)
{
	struct fixture *fixture = *state;
	struct past *past = memory_new(sizeof *past);
	uint32_t random = 7;

	make_past(fixture, past, 19991231);
	for (size_t i = 0; i < MUTILATIONS; i++) {
		struct buffer files[TABLES] = { BUFFER_INIT };

		for (size_t j = 0; j < TABLES; j++) {
			const struct buffer *whole = &past->files[BUILDS - 1][j];

			buffer_add(&files[j], whole->data, whole->length);
			for (size_t k = draw(&random, 40); k > 0; k--)
				files[j].data[draw(&random, (uint32_t)whole->length)] ^= (char)(1 +
				    draw(&random, 255));
		}
		put(fixture, files);
		compare(fixture, past, draw(&random, TRANSACTIONS - 1) + 1, (unsigned)i);
		for (size_t j = 0; j < TABLES; j++)
			buffer_release(&files[j]);
	}
	past_release(past);
}

/* Byte by byte, in steps: whatever page can't be read is to be missed in no answer. */
static void
test_a_damaged_page_is_no_other_answer(void **state)
{
	enum { STEP = 2039, LMDB_OWN = 2 * 4096 };
	struct fixture *fixture = *state;
	struct past *past = memory_new(sizeof *past);
	struct buffer *file;
	size_t damaged = 0;

	make_past(fixture, past, 20010301);
	file = &past->files[BUILDS - 1][0];
	for (size_t at = LMDB_OWN; at < file->length; at += STEP, damaged++) {
		file->data[at] ^= 1;
		put(fixture, past->files[BUILDS - 1]);
		compare(fixture, past, TRANSACTIONS - 1, 1);
		file->data[at] ^= 1;
	}
	assert_true(damaged > 10);
	past_release(past);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

static void
test_a_header_that_names_a_column_too_often_makes_no_index(void **state)
{
	static const char *const names[] = { "code", NULL };
	struct gathering gathering;

	(void)state;
	gather_init(&gathering, slice_of("id,tx,code,code,code,code\nC1,1,a,b,c,d\n"), "C", NULL, names);
	assert_false(gather_read(&gathering));
	gather_release(&gathering);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_header_that_names_a_column_too_often_makes_no_index),
		TEST(test_an_index_of_any_transaction_tells_of_any_other),
		TEST(test_damage_to_an_index_that_is_ahead_is_no_other_answer),
		TEST(test_a_damaged_page_is_no_other_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
