/* test_index_place: where indexes are, who may have one, and what ends a read of it */
#include "fault_fixture.h"

#include <signal.h>

#include "store/guard.h"
#include "store/index_internal.h"

static void
use_cache(struct fixture *fixture)
{
	char *cache = memory_format("%s/cache", fixture->root);

	setenv("BO_CACHE", cache, 1);
	setenv("BO_INDEX", "always", 1);
	free(cache);
}

static int
setup(void **state)
{
	if (fixture_setup(state) != 0)
		return -1;
	use_cache(*state);
	return 0;
}

/* --- where it is ------------------------------------------------------------------------------ */

static void
test_where_indexes_are(void **state)
{
	static const struct {
		const char *mode, *named, *cache, *home, *place, *why;
	} cases[] = {
		{ NULL, "ROOT", "/x", "/x", "/", NULL },
		{ "on", "relative", "ROOT", "/x", "/bo/", NULL },
		{ "whatever", NULL, "relative", "ROOT", "/.cache/bo/", NULL },
		{ "always", NULL, NULL, "ROOT", "/.cache/bo/", NULL },
		{ NULL, NULL, NULL, "relative", NULL, "no directory to keep it in is named" },
		{ NULL, NULL, NULL, NULL, NULL, "no directory to keep it in is named" },
		{ "off", "ROOT", NULL, NULL, NULL, "BO_INDEX=off" },
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *const names[] = { "BO_CACHE", "XDG_CACHE_HOME", "HOME" };
		const char *values[] = { cases[i].named, cases[i].cache, cases[i].home }, *why, *place;
		struct store *store = fixture_open(fixture);

		unsetenv("BO_INDEX");
		if (cases[i].mode != NULL)
			setenv("BO_INDEX", cases[i].mode, 1);
		for (size_t k = 0; k < 3; k++) {
			unsetenv(names[k]);
			if (values[k] != NULL)
				setenv(names[k], strcmp(values[k], "ROOT") == 0 ? fixture->root : values[k], 1);
		}
		place = index_directory(store, &why);
		if (cases[i].place != NULL) {
			char *wanted = memory_format("%s%s%s", fixture->root, cases[i].place, store_uuid(store));

			assert_string_equal(place, wanted);
			free(wanted);
		} else {
			assert_null(place);
			assert_string_equal(why, cases[i].why);
		}
		store_close(store);
	}
	unsetenv("HOME");
}

static bool of_another;

static void
give_away(const char *function, struct stat *status)
{
	(void)function;
	if (of_another && S_ISDIR(status->st_mode))
		status->st_uid++;
}

static void
test_a_directory_that_is_not_fit_is_not_used(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	char *path = memory_format("%s/cache/%s", fixture->root, store_uuid(store));
	struct stat status;
	const char *why;
	int fd, audit;

	assert_non_null(index_directory(store, &why)); /* it is not there yet */
	plain_directories(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_non_null(index_directory(store, &why));
	of_another = true;
	fault_alter = give_away;
	assert_null(index_directory(store, &why));
	assert_string_equal(why, "it is not yours alone");
	fault_alter = NULL;
	fault_arm("open", 1, EACCES, false);
	assert_null(index_directory(store, &why));
	assert_non_null(fault_disarm());
	assert_string_equal(why, strerror(EACCES));
	fault_arm("fstat", 1, EIO, false);
	assert_null(index_directory(store, &why));
	assert_non_null(fault_disarm());
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_string_equal(index_refuses(store, fd, false, &status), "it is no file");
	audit = openat(store->directory, "audit.csv", O_RDONLY | O_CLOEXEC);
	assert_string_equal(index_refuses(store, audit, true, &status), "it is no directory");
	close(audit);
	unsetenv("BO_INDEX");
	fault_arm("fstatfs", 1, EIO, false);
	assert_null(index_refuses(store, fd, true, &status)); /* where the store is it was looked at */
	fault_disarm();
	store->device++;
	assert_null(index_refuses(store, fd, true, &status));
	fault_arm("fstatfs", 1, EIO, false);
	assert_string_equal(index_refuses(store, fd, true, &status), "it is on a network file system");
	assert_non_null(fault_disarm());
	setenv("BO_INDEX", "on", 1);
	fault_arm("fstatfs", 1, EIO, false);
	assert_null(index_refuses(store, fd, true, &status)); /* who says so knows it */
	fault_disarm();
	close(fd);
	store_close(store);
	free(path);
}

static void
test_small_and_new_logs_need_none(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);

	assert_false(index_wanted(store, 0));
	assert_true(index_wanted(store, 1));
	assert_true(index_outgrown(1, 2));
	assert_false(index_outgrown(2, 2));
	unsetenv("BO_INDEX");
	assert_false(index_wanted(store, 1));
	assert_true(index_wanted(store, 1 << 20));
	assert_false(index_outgrown(0, 1000));
	assert_true(index_outgrown(0, 1 << 20));
	assert_false(index_outgrown(((uint64_t)1 << 30) - 200000, (uint64_t)1 << 30));
	/* the place is looked for once */
	assert_true(index_place_make(store));
	assert_true(index_place_make(store));
	store_close(store);
	setenv("BO_INDEX", "off", 1);
	store = fixture_open(fixture);
	assert_false(index_place_make(store));
	store_close(store);
}

/* --- dropping ------------------------------------------------------------------------------------ */

static void
touch(const char *directory, const char *name)
{
	char *path = memory_format("%s/%s", directory, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
	free(path);
}

static void
test_only_indexes_are_dropped(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	char *path = memory_format("%s/cache/%s", fixture->root, store_uuid(store));
	size_t count = 7;

	assert_status(fixture, index_drop(store, &count, &fixture->error), STATUS_OK);
	assert_int_equal(count, 0);
	plain_directories(path);
	touch(fixture->root, "cache/file");
	assert_int_equal(mkdir(path, 0700), 0);
	touch(path, "note.index");
	touch(path, "note.index.new");
	touch(path, "note.indexes");
	touch(path, ".index");
	touch(path, "README");
	assert_status(fixture, index_drop(store, &count, &fixture->error), STATUS_OK);
	assert_int_equal(count, 2);
	touch(path, "note.index");
	fault_arm("unlinkat", 1, ENOENT, false);
	assert_status(fixture, index_drop(store, &count, &fixture->error), STATUS_OK);
	assert_non_null(fault_disarm());
	assert_int_equal(count, 0);
	fault_arm("unlinkat", 1, EIO, false);
	assert_status(fixture, index_drop(store, NULL, &fixture->error), STATUS_SYSTEM);
	assert_non_null(fault_disarm());
	assert_reason(fixture, "note.index: can't remove");
	store_close(store);
	/* where the directory is a file, and where there is no place */
	setenv("BO_CACHE", path, 1);
	store = fixture_open(fixture);
	touch(path, store_uuid(store));
	assert_status(fixture, index_drop(store, &count, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "can't read");
	store_close(store);
	unsetenv("BO_CACHE");
	unsetenv("HOME");
	unsetenv("XDG_CACHE_HOME");
	store = fixture_open(fixture);
	assert_status(fixture, index_drop(store, &count, &fixture->error), STATUS_OK);
	store_close(store);
	free(path);
}

/* --- reads that are given up ------------------------------------------------------------------------ */

static bool
give_up(void *context)
{
	(void)context;
	guard_give_up();
	return true;
}

static bool
raise_signal(void *context)
{
	raise(*(int *)context);
	return true;
}

static volatile sig_atomic_t caught;

static void
catch_signal(int number)
{
	caught = number;
}

static void
test_a_guarded_read_is_given_up(void **state)
{
	int bus = SIGBUS, segment = SIGSEGV;

	(void)state;
	signal(SIGSEGV, catch_signal);
	guard_logs();
	guard_reads();
	guard_reads(); /* twice is once */
	assert_false(guard_read(give_up, NULL));
	assert_false(guard_read(raise_signal, &bus));
	assert_false(guard_read(raise_signal, &segment));
	guard_give_up(); /* there is nothing to give up */
	raise(SIGSEGV);  /* outside of one it is whose it was before */
	assert_int_equal(caught, 0);
	raise(SIGSEGV);
	assert_int_equal(caught, SIGSEGV);
	signal(SIGSEGV, SIG_DFL);
}

static sigjmp_buf after_exit;
static int exited;

/* What ends the process does not end this one. */
void
_exit(int status)
{
	exited = status;
	siglongjmp(after_exit, 1);
}

static void
test_a_log_that_shrinks_ends_the_process_with_the_truth(void **state)
{
	int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	guard_logs();
	guard_stage(STATUS_UNKNOWN);
	dup2(null, STDERR_FILENO);
	if (sigsetjmp(after_exit, 1) == 0)
		raise(SIGBUS);
	dup2(kept, STDERR_FILENO);
	close(null);
	close(kept);
	assert_int_equal(exited, STATUS_UNKNOWN);
	guard_stage(STATUS_SYSTEM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_where_indexes_are),
		TEST(test_a_directory_that_is_not_fit_is_not_used),
		TEST(test_small_and_new_logs_need_none),
		TEST(test_only_indexes_are_dropped),
		cmocka_unit_test(test_a_guarded_read_is_given_up),
		cmocka_unit_test(test_a_log_that_shrinks_ends_the_process_with_the_truth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
