/* the index: pages are what was written, or refused; nothing old, foreign or damaged is believed */
#include "store_fixture.h"
#include "store/index_internal.h"

enum { KINDS = 3, PAGES = 12, PAGE_WORDS = 1200, MUTILATIONS = 3000 };

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

/* What is in a page: made of its name, so that one in another's place is seen. */
static struct slice
content(uint32_t kind, uint32_t number, uint64_t *words)
{
	size_t count = (kind * 7 + number * 131) % PAGE_WORDS;

	for (size_t i = 0; i < count; i++)
		words[i] = ((uint64_t)kind << 40 | (uint64_t)number << 32 | i) * 0x9e3779b97f4a7c15u;
	return (struct slice){ (const char *)words, count * sizeof *words };
}

static struct index_writer *
begin(struct snapshot *snapshot)
{
	return index_write(snapshot, "note", ": text", false, NULL);
}

static void
write_pages(struct index_writer *writer)
{
	uint64_t words[PAGE_WORDS];

	for (uint32_t kind = 1; kind <= KINDS; kind++)
		for (uint32_t number = 0; number < PAGES; number++)
			index_write_page(writer, kind, number, content(kind, number, words));
}

static void
make(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	struct index_writer *writer = begin(snapshot);

	assert_non_null(writer);
	write_pages(writer);
	assert_true(index_write_end(writer, true));
	snapshot_close(snapshot);
	store_close(store);
}

static enum index_found
look(struct fixture *fixture, const char *fields)
{
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	struct index *index;
	enum index_found found = index_open(snapshot, "note", fields, &index);

	assert_int_equal(index != NULL, found == INDEX_USABLE || found == INDEX_AHEAD);
	index_close(index);
	snapshot_close(snapshot);
	store_close(store);
	return found;
}

static char *
path_of(struct fixture *fixture, const char *name)
{
	struct store *store = fixture_open(fixture);
	char *path = memory_format("%s/cache/%s/%s", fixture->root, store_uuid(store), name);

	store_close(store);
	return path;
}

/* How many pages are read; each of them is what was written. */
static size_t
read_pages(struct index *index)
{
	struct buffer page = BUFFER_INIT;
	uint64_t words[PAGE_WORDS];
	size_t good = 0;

	for (uint32_t kind = 1; kind <= KINDS; kind++) {
		for (uint32_t number = 0; number < PAGES; number++) {
			if (!index_page(index, kind, number, &page))
				continue;
			assert_true(slice_equal(buffer_slice(&page), content(kind, number, words)));
			good++;
		}
	}
	buffer_release(&page);
	return good;
}

static void
test_pages_are_what_was_written(void **state)
{
	struct fixture *fixture = *state;
	struct buffer page = BUFFER_INIT;
	struct snapshot *snapshot;
	struct store *store;
	struct index *index;

	fixture_fill(fixture, 3);
	assert_int_equal(look(fixture, ": text"), INDEX_MISSING);
	make(fixture);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	assert_int_equal(index_open(snapshot, "note", ": text", &index), INDEX_USABLE);
	assert_int_equal(index_tx(index), 3);
	assert_int_equal(read_pages(index), KINDS * PAGES);
	assert_false(index_page(index, KINDS + 1, 0, &page));
	assert_false(index_page(index, 1, PAGES, &page));
	index_close(index);
	buffer_release(&page);
	snapshot_close(snapshot);
	store_close(store);
}

static void
test_it_stays_usable_while_the_store_grows(void **state)
{
	struct fixture *fixture = *state;

	fixture_fill(fixture, 3);
	make(fixture);
	fixture_fill(fixture, 5);
	assert_int_equal(look(fixture, ": text"), INDEX_USABLE);
	assert_int_equal(look(fixture, ": text other"), INDEX_STALE);
}

static void
test_the_past_reads_what_came_later_and_makes_none(void **state)
{
	struct fixture *fixture = *state;
	struct snapshot *past;
	struct store *store;
	struct index *index;

	fixture_fill(fixture, 3);
	make(fixture);
	store = fixture_open(fixture);
	assert_status(fixture, snapshot_open_tx(store, 2, &past, &fixture->error), STATUS_OK);
	assert_int_equal(index_open(past, "note", ": text", &index), INDEX_AHEAD);
	assert_int_equal(index_tx(index), 3);
	assert_true(index_scanned(index) > state_length(snapshot_state(past), slice_of("note")));
	assert_int_equal(read_pages(index), KINDS * PAGES);
	assert_null(begin(past));
	index_close(index);
	assert_int_equal(index_open(past, "note", ": other", &index), INDEX_STALE);
	assert_null(index);
	snapshot_close(past);
	store_close(store);
	assert_int_equal(look(fixture, ": text"), INDEX_USABLE);
}

static void
test_another_history_makes_it_stale(void **state)
{
	struct fixture *fixture = *state;
	struct buffer log = BUFFER_INIT, audit = BUFFER_INIT;

	fixture_fill(fixture, 2);
	fixture_read(fixture, "audit.csv", &audit);
	fixture_read(fixture, "note.csv", &log);
	fixture_fill(fixture, 2);
	make(fixture);
	assert_int_equal(look(fixture, ": text"), INDEX_USABLE);
	/* An older copy is put back, and goes its own way. */
	fixture_write(fixture, "audit.csv", buffer_slice(&audit));
	fixture_write(fixture, "note.csv", buffer_slice(&log));
	fixture_forget_head(fixture);
	fixture_unlink(fixture, "watermark");
	assert_int_equal(look(fixture, ": text"), INDEX_STALE);
	fixture_fill(fixture, 4);
	assert_int_equal(look(fixture, ": text"), INDEX_STALE);
	buffer_release(&log);
	buffer_release(&audit);
}

static void
test_another_boot_makes_it_stale(void **state)
{
	struct fixture *fixture = *state;
	struct snapshot *snapshot;
	struct store *store;
	struct index *index;

	fixture_fill(fixture, 2);
	make(fixture);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	store->boot[0] = store->boot[0] == '0' ? '1' : '0';
	assert_int_equal(index_open(snapshot, "note", ": text", &index), INDEX_STALE);
	snapshot_close(snapshot);
	store_close(store);
}

static void
test_there_is_none_where_it_is_switched_off_or_has_no_place(void **state)
{
	struct fixture *fixture = *state;
	char *path;

	fixture_fill(fixture, 2);
	make(fixture);
	path = path_of(fixture, "note.index");
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(look(fixture, ": text"), INDEX_OFF);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(look(fixture, ": text"), INDEX_USABLE);
	free(path);
	unsetenv("BO_INDEX");
	assert_int_equal(look(fixture, ": text"), INDEX_SMALL);
	setenv("BO_INDEX", "off", 1);
	assert_int_equal(look(fixture, ": text"), INDEX_OFF);
	setenv("BO_INDEX", "always", 1);
	unsetenv("BO_CACHE");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("HOME");
	assert_int_equal(look(fixture, ": text"), INDEX_OFF);
}

static void
test_none_is_made_where_others_may_write(void **state)
{
	struct fixture *fixture = *state;
	struct snapshot *snapshot;
	struct store *store;
	char *path;

	fixture_fill(fixture, 2);
	make(fixture);
	path = path_of(fixture, "");
	assert_int_equal(chmod(path, 0777), 0);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	assert_null(begin(snapshot));
	snapshot_close(snapshot);
	store_close(store);
	free(path);
}

static void
test_one_writes_at_a_time_and_a_killed_one_is_in_nobodys_way(void **state)
{
	struct fixture *fixture = *state;
	struct snapshot *snapshot;
	struct index_writer *writer;
	struct store *store;
	pid_t pid;

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	writer = begin(snapshot);
	assert_non_null(writer);
	write_pages(writer);
	assert_null(begin(snapshot));
	assert_false(index_write_end(writer, false));
	assert_int_equal(look(fixture, ": text"), INDEX_MISSING);
	pid = fork();
	if (pid == 0) {
		write_pages(begin(snapshot));
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(look(fixture, ": text"), INDEX_MISSING);
	make(fixture);
	assert_int_equal(look(fixture, ": text"), INDEX_USABLE);
	snapshot_close(snapshot);
	store_close(store);
}

static void
test_dropping_leaves_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	size_t count;

	fixture_fill(fixture, 2);
	make(fixture);
	store = fixture_open(fixture);
	assert_status(fixture, index_drop(store, &count, &fixture->error), STATUS_OK);
	assert_int_equal(count, 1);
	store_close(store);
	assert_int_equal(look(fixture, ": text"), INDEX_MISSING);
}

/* --- mutilation -------------------------------------------------------------------- */

static uint64_t
draw(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

/* Flips up to 8 bits, fills a stretch, or cuts: all of it or only the first pages, where LMDB's tree is. */
static void
mutilate(const char *path, struct slice whole, uint64_t *seed)
{
	char *bytes = memory_copy(whole.data, whole.length);
	size_t length = whole.length, reach = draw(seed) % 2 ? whole.length : 16384;
	int fd;

	switch (draw(seed) % 4) {
	case 0:
		length = draw(seed) % whole.length;
		break;
	case 1: {
		size_t from = draw(seed) % reach, count = 1 + draw(seed) % 600;

		memset(bytes + from, (int)draw(seed), count < whole.length - from ? count : whole.length - from);
		break;
	}
	default:
		for (size_t i = draw(seed) % 8 + 1; i > 0; i--)
			bytes[draw(seed) % reach] ^= (char)(1 << draw(seed) % 8);
	}
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(file_write(fd, bytes, length));
	close(fd);
	free(bytes);
}

static void
test_whatever_happens_to_the_file_no_page_is_wrong(void **state)
{
	struct fixture *fixture = *state;
	struct buffer whole = BUFFER_INIT;
	struct snapshot *snapshot;
	struct store *store;
	size_t opened = 0, lost = 0;
	uint64_t seed = 1;
	char *path;

	fixture_fill(fixture, 2);
	make(fixture);
	path = path_of(fixture, "note.index");
	assert_true(file_load(path, &whole, SIZE_MAX - 1));
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	for (int i = 0; i < MUTILATIONS; i++) {
		struct index *index;

		mutilate(path, buffer_slice(&whole), &seed);
		if (index_open(snapshot, "note", ": text", &index) == INDEX_USABLE) {
			opened++;
			lost += read_pages(index) < KINDS * PAGES;
		}
		index_close(index);
	}
	/* Both happen, or this proves nothing. */
	assert_true(opened > MUTILATIONS / 20);
	assert_true(lost > MUTILATIONS / 20);
	snapshot_close(snapshot);
	store_close(store);
	buffer_release(&whole);
	free(path);
}

/* Cut while it is open: the map is longer than the file. */
static void
test_a_file_that_is_cut_while_it_is_read_only_lacks_pages(void **state)
{
	struct fixture *fixture = *state;
	struct snapshot *snapshot;
	struct store *store;
	struct index *index;
	char *path;

	fixture_fill(fixture, 2);
	make(fixture);
	path = path_of(fixture, "note.index");
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	assert_int_equal(index_open(snapshot, "note", ": text", &index), INDEX_USABLE);
	assert_int_equal(truncate(path, 8192), 0);
	assert_true(read_pages(index) < KINDS * PAGES);
	index_close(index);
	snapshot_close(snapshot);
	store_close(store);
	free(path);
}

static void
test_tags_of_personal_tables_depend_on_the_file(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	struct snapshot *snapshot;
	uint32_t tags[2];

	fixture_fill(fixture, 2);
	store = fixture_open(fixture);
	snapshot = fixture_snapshot(fixture, store);
	for (int i = 0; i < 2; i++) {
		struct index_writer *writer = index_write(snapshot, "note", ": text", true, NULL);

		tags[i] = index_tag(index_writer_key(writer), slice_of("alice@example.com"));
		assert_int_equal(tags[i], index_tag(index_writer_key(writer), slice_of("alice@example.com")));
		assert_false(index_write_end(writer, false));
	}
	assert_int_not_equal(tags[0], tags[1]);
	snapshot_close(snapshot);
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pages_are_what_was_written),
		TEST(test_it_stays_usable_while_the_store_grows),
		TEST(test_the_past_reads_what_came_later_and_makes_none),
		TEST(test_another_history_makes_it_stale),
		TEST(test_another_boot_makes_it_stale),
		TEST(test_there_is_none_where_it_is_switched_off_or_has_no_place),
		TEST(test_none_is_made_where_others_may_write),
		TEST(test_one_writes_at_a_time_and_a_killed_one_is_in_nobodys_way),
		TEST(test_dropping_leaves_nothing),
		TEST(test_whatever_happens_to_the_file_no_page_is_wrong),
		TEST(test_a_file_that_is_cut_while_it_is_read_only_lacks_pages),
		TEST(test_tags_of_personal_tables_depend_on_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
