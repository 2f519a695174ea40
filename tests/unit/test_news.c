/* test_news: what ends the wait for news, and what does not */
#include <signal.h>
#include <sys/resource.h>

#include "store_fixture.h"

#include "store/news.h"

static void
test_a_change_ends_the_wait(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct news news;
	char event[512];

	news_open(&news, store);
	assert_true(news.signals >= 0 && news.changes >= 0);
	fixture_write(fixture, "watermark", slice_of("\n"));
	assert_true(news_wait(&news, STDOUT_FILENO));
	assert_int_equal(read(news.changes, event, sizeof event), -1); /* what was told is told once */
	fixture_write(fixture, "other", slice_of("\n"));
	assert_true(read(news.changes, event, sizeof event) > 0);
	while (read(news.changes, event, sizeof event) > 0)
		continue;
	assert_true(news_wait(&news, STDOUT_FILENO)); /* and without news it is asked again after a while */
	news_close(&news);
	store_close(store);
}

static void
test_a_signal_is_the_end(void **state)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct news news;
		sigset_t set;
		int number;

		news_open(&news, store);
		raise(numbers[i]);
		assert_false(news_wait(&news, STDOUT_FILENO));
		news_close(&news);
		sigemptyset(&set);
		sigaddset(&set, numbers[i]);
		sigwait(&set, &number); /* so that it is not there next time */
	}
	store_close(store);
}

static void
test_an_output_that_nobody_reads_is_the_end(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct news news;
	int ends[2];

	news_open(&news, store);
	assert_int_equal(pipe(ends), 0);
	fixture_write(fixture, "watermark", slice_of("\n"));
	assert_true(news_wait(&news, ends[1]));
	close(ends[0]);
	assert_false(news_wait(&news, ends[1]));
	close(ends[1]);
	assert_false(news_wait(&news, ends[1]));
	news_close(&news);
	store_close(store);
}

/* Where the system has no descriptors to give, or the directory is gone, it is asked every second. */
static void
test_without_anything_that_tells_it_is_asked_by_the_clock(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct rlimit limit, none;
	struct news news;
	char *moved = memory_format("%s/moved", fixture->root);

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	news_open(&news, store);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(news.signals, -1);
	assert_int_equal(news.changes, -1);
	assert_true(news_wait(&news, STDOUT_FILENO));
	news_close(&news);
	assert_int_equal(rename(fixture->directory, moved), 0);
	news_open(&news, store);
	assert_true(news.signals >= 0);
	assert_int_equal(news.changes, -1);
	news_close(&news);
	assert_int_equal(rename(moved, fixture->directory), 0);
	store_close(store);
	free(moved);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_change_ends_the_wait),
		TEST(test_a_signal_is_the_end),
		TEST(test_an_output_that_nobody_reads_is_the_end),
		TEST(test_without_anything_that_tells_it_is_asked_by_the_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
