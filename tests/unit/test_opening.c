/* test_opening: which directory is taken for a store, by whom, and what keeps him waiting */
#include "fault_fixture.h"

/* --- bo.format --------------------------------------------------------------------- */

static void
test_a_format_that_bo_init_does_not_write_is_no_format(void **state)
{
	static const char *const bad[] = {
		"",
		"bo 1 2bcc1961-fa32-41c9-957d-0f8e12fe7abc", /* without its newline */
		"bo 1 2bcc1961-fa32-41c9-957d-0f8e12fe7abc\n\n",
		"so 1 2bcc1961-fa32-41c9-957d-0f8e12fe7abc\n",
		"bo x 2bcc1961-fa32-41c9-957d-0f8e12fe7abc\n",
		"bo 1 2bcc1961-fa32-41c9-957d-0f8e12fe7abcd\n",
		"bo 1 2bcc1961-fa32-41c9-957d-0f8e12fe7ab \n",
	};
	struct fixture *fixture = *state;
	struct store *store;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		fixture_write(fixture, "bo.format", slice_of(bad[i]));
		assert_status(fixture, store_open(fixture->directory, &store, &fixture->error), STATUS_SYSTEM);
		assert_reason(fixture, "bo.format: not what bo-init writes");
	}
}

static void
test_an_audit_log_without_its_header_is_damage(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;

	fixture_truncate(fixture, "audit.csv", 3);
	assert_status(fixture, store_open(fixture->directory, &store, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "lacks its header");
}

static void
test_who_may_not_write_opens_it_to_read(void **state)
{
	static const int numbers[] = { EACCES, EROFS, EPERM };
	struct fixture *fixture = *state;
	struct store *store;

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		fault_arm("openat", 2, numbers[i], false); /* after bo.format */
		assert_status(fixture, store_open(fixture->directory, &store, &fixture->error), STATUS_OK);
		assert_non_null(fault_disarm());
		assert_false(store_writable(store));
		store_close(store);
	}
	fault_arm("openat", 2, EINTR, false);
	assert_status(fixture, store_open(fixture->directory, &store, &fixture->error), STATUS_OK);
	assert_non_null(fault_disarm());
	assert_true(store_writable(store));
	store_close(store);
}

/* --- whose store it is ----------------------------------------------------------------- */

struct whose {
	uid_t owner;
	gid_t group;
	mode_t others;
	gid_t also; /* the group that this user belongs to beside his own; 0: none */
	gid_t effective;
};

static struct whose whose;

enum { ME = 7001, MINE = 7002, STRANGER = 7003, STRANGERS = 7004 };

/* Whoever runs this, while it is asked whose a file is. */
static bool me;

uid_t
getuid(void)
{
	return me ? ME : (uid_t)syscall(SYS_getuid);
}

gid_t
getgid(void)
{
	return me ? MINE : (gid_t)syscall(SYS_getgid);
}

gid_t
getegid(void)
{
	return me ? whose.effective : (gid_t)syscall(SYS_getegid);
}

int
getgroups(int size, gid_t *groups)
{
	if (whose.also != 0 && size > 0)
		groups[0] = whose.also;
	return whose.also != 0;
}

static void
give_away(const char *function, struct stat *status)
{
	(void)function;
	if (!S_ISREG(status->st_mode))
		return;
	status->st_uid = whose.owner;
	status->st_gid = whose.group;
	status->st_mode |= whose.others;
}

static void
test_a_store_that_nobody_named_must_be_of_somebody_trusted(void **state)
{
	static const struct {
		struct whose file;
		const char *why; /* it is not; NULL: it is */
	} cases[] = {
		{ { ME, STRANGERS, 0, 0, MINE }, NULL },
		{ { 0, STRANGERS, 0, 0, MINE }, NULL },
		{ { STRANGER, MINE, 0, 0, 0 }, NULL },
		{ { STRANGER, STRANGERS, 0, 0, STRANGERS }, NULL },
		{ { STRANGER, STRANGERS, 0, STRANGERS, MINE }, NULL },
		{ { STRANGER, STRANGERS, 0, STRANGERS + 1, MINE }, "belongs to somebody else" },
		{ { STRANGER, STRANGERS, 0, 0, MINE }, "belongs to somebody else" },
		{ { ME, MINE, S_IWOTH, 0, MINE }, "anybody may write to it" },
	};
	struct fixture *fixture = *state;
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(chdir(fixture->directory), 0);
	fault_alter = give_away;
	me = true;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct store *store;

		whose = cases[i].file;
		assert_int_equal(store_open(NULL, &store, &fixture->error),
		    cases[i].why == NULL ? STATUS_OK : STATUS_SYSTEM);
		if (cases[i].why != NULL) {
			assert_reason(fixture, fixture->directory);
			assert_reason(fixture, cases[i].why);
		}
		store_close(store);
	}
	fault_alter = NULL;
	me = false;
	assert_int_equal(fchdir(here), 0);
	close(here);
}

/* --- looking upwards --------------------------------------------------------------------- */

static enum status
open_from(struct fixture *fixture, const char *directory, const char *only, unsigned at)
{
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct store *store;
	enum status status;

	assert_int_equal(chdir(directory), 0);
	if (only != NULL)
		fault_arm(only, at, EIO, false);
	status = store_open(NULL, &store, &fixture->error);
	if (only != NULL)
		assert_non_null(fault_disarm());
	store_close(store);
	assert_int_equal(fchdir(here), 0);
	close(here);
	return status;
}

static void
test_the_way_up_ends_where_it_can_not_be_gone(void **state)
{
	struct fixture *fixture = *state;
	char *below = fixture_path(fixture, "below");

	assert_int_equal(mkdir(below, 0770), 0);
	assert_status(fixture, open_from(fixture, below, NULL, 0), STATUS_OK);
	assert_status(fixture, open_from(fixture, below, "open", 1), STATUS_SYSTEM); /* "." */
	assert_status(fixture, open_from(fixture, below, "openat", 2), STATUS_SYSTEM); /* "..", after bo.format */
	assert_reason(fixture, "no store here or above");
	assert_status(fixture, open_from(fixture, below, "fstat", 1), STATUS_SYSTEM);
	assert_status(fixture, open_from(fixture, below, "fstat", 2), STATUS_SYSTEM);
	setenv("BO_STORE", "", 1);
	assert_status(fixture, open_from(fixture, below, NULL, 0), STATUS_OK); /* empty is as if unset */
	unsetenv("BO_STORE");
	/* from one file system to another, and to the root of all */
	assert_status(fixture, open_from(fixture, "/proc/self", NULL, 0), STATUS_SYSTEM);
	assert_status(fixture, open_from(fixture, "/", NULL, 0), STATUS_SYSTEM);
	free(below);
}

static void
test_the_way_up_is_not_gone_for_ever(void **state)
{
	struct fixture *fixture = *state;
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct store *store;

	assert_int_equal(chdir(fixture->directory), 0);
	for (int i = 0; i < 300; i++)
		assert_int_equal(mkdir("d", 0770) | chdir("d"), 0);
	assert_status(fixture, store_open(NULL, &store, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "no store here or above");
	for (int i = 0; i < 100; i++)
		assert_int_equal(chdir(".."), 0);
	assert_status(fixture, store_open(NULL, &store, &fixture->error), STATUS_OK);
	store_close(store);
	assert_int_equal(fchdir(here), 0);
	close(here);
}

/* Where nobody can say what its directory is called. */
static void
test_a_store_without_a_path_is_here(void **state)
{
	struct fixture *fixture = *state;
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct store *store;

	assert_int_equal(chdir(fixture->directory), 0);
	fault_arm("readlink", 1, ENOENT, true);
	assert_status(fixture, store_open(NULL, &store, &fixture->error), STATUS_OK);
	assert_non_null(fault_disarm());
	assert_string_equal(store_path(store), ".");
	store_close(store);
	assert_int_equal(fchdir(here), 0);
	close(here);
}

/* --- descriptors ------------------------------------------------------------------------------ */

/* Opens the store while 0 to 2 are closed; what only fails at its at-th call, if anything. */
static enum status
open_without_standard(struct fixture *fixture, const char *only, unsigned at)
{
	int kept[3];
	struct store *store;
	enum status status;

	for (int fd = 0; fd < 3; fd++) {
		kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
		close(fd);
	}
	if (only != NULL)
		fault_arm(only, at, EIO, false);
	status = store_open(fixture->directory, &store, &fixture->error);
	fault_disarm();
	if (status == STATUS_OK && (store->directory < 3 || store->audit < 3))
		status = STATUS_NO;
	store_close(store);
	for (int fd = 0; fd < 3; fd++) {
		dup2(kept[fd], fd);
		close(kept[fd]);
	}
	return status;
}

static void
test_no_file_of_the_store_becomes_a_standard_one(void **state)
{
	struct fixture *fixture = *state;

	assert_status(fixture, open_without_standard(fixture, NULL, 0), STATUS_OK);
	assert_status(fixture, open_without_standard(fixture, "fcntl", 1), STATUS_SYSTEM);
	assert_reason(fixture, "can't open the store: Input/output error");
	assert_status(fixture, open_without_standard(fixture, "open", 2), STATUS_SYSTEM);
	assert_reason(fixture, "/dev/null: can't open: Input/output error");
}

static void
test_nothing_is_made_without_standard_descriptors(void **state)
{
	struct fixture *fixture = *state;
	char *second = memory_format("%s/second", fixture->root);
	int kept = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10);
	enum status status;

	close(STDIN_FILENO);
	fault_arm("open", 1, EIO, false);
	status = store_create(second, &fixture->error);
	fault_disarm();
	dup2(kept, STDIN_FILENO);
	close(kept);
	assert_status(fixture, status, STATUS_SYSTEM);
	assert_reason(fixture, "/dev/null: can't open");
	assert_int_not_equal(access(second, F_OK), 0);
	free(second);
}

/* --- making ------------------------------------------------------------------------------------- */

/* An unfinished store that somebody filled is not a leftover. */
static void
test_a_store_is_not_made_over_transactions(void **state)
{
	struct fixture *fixture = *state;

	fixture_fill(fixture, 1);
	fixture_unlink(fixture, "bo.format");
	fixture_unlink(fixture, "note.csv");
	assert_status(fixture, store_create(fixture->directory, &fixture->error), STATUS_REFUSED);
	assert_reason(fixture, "not empty");
	assert_true(fixture_size(fixture, "audit.csv") > AUDIT_HEADER_LENGTH);
}

static void
test_a_store_is_not_made_through_a_link_to_nowhere(void **state)
{
	struct fixture *fixture = *state;
	char *name = memory_format("%s/link", fixture->root);

	assert_int_equal(symlink("nowhere", name), 0);
	assert_status(fixture, store_create(name, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "can't open the directory");
	free(name);
}

/* Somebody else made the directory at the same moment. */
static void
test_a_directory_that_appears_meanwhile_is_fine(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	char *torn = fixture_path(fixture, "torn");
	int fd;

	assert_int_equal(mkdir(torn, 0770), 0);
	fault_arm("openat", 1, ENOENT, false);
	fd = plain_directory(store->directory, "torn", true);
	assert_non_null(fault_disarm());
	assert_true(fd >= 0);
	close(fd);
	/* and one of another user, who alone may say what its mode is */
	assert_int_equal(rmdir(torn), 0);
	fault_arm("fchmod", 1, EPERM, false);
	fd = plain_directory(store->directory, "torn", true);
	assert_non_null(fault_disarm());
	assert_true(fd >= 0);
	close(fd);
	store_close(store);
	free(torn);
}

/* --- who it was ------------------------------------------------------------------------------------ */

static struct passwd somebody;

static int
find_somebody(struct passwd *entry, struct passwd **found)
{
	*entry = somebody;
	*found = somebody.pw_name != NULL ? entry : NULL;
	return 0;
}

/* What this user is called, by this /etc/passwd (NULL: there is none), else by this name service (NULL: it knows him not). */
static void
assert_login(struct fixture *fixture, const char *passwd, char *service, const char *wanted)
{
	struct store *store = fixture_open(fixture);
	char *path = fixture_path(fixture, "passwd");

	if (passwd != NULL)
		fixture_write(fixture, "passwd", slice_of(passwd));
	somebody.pw_name = service;
	fault_user = find_somebody;
	fault_passwd = path;
	me = true;
	assert_string_equal(store_login(store), wanted);
	assert_ptr_equal(store_login(store), store_login(store));
	me = false;
	fault_passwd = NULL;
	fault_user = NULL;
	if (passwd != NULL)
		fixture_unlink(fixture, "passwd");
	free(path);
	store_close(store);
}

static void
test_a_user_without_a_name_is_a_number(void **state)
{
	char ada[] = "ada", bad[] = "a\nda", none[] = "", longest[80] = "";
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);

	memset(longest, 'x', sizeof longest - 1);
	assert_login(fixture, "root:x:0:0::/:\nida:x:7001:1::/:\n", ada, "ida");
	assert_login(fixture,
	    "root:x:0:0::/:\nida:x:70010:1::/:\nno line\n:x:7001:1::/:\na\tb:x:7001:1::/:", ada, "a\tb");
	assert_login(fixture, "i\177da:x:7001:1::/:\n", ada, "ada");
	assert_login(fixture, "", ada, "ada");
	assert_login(fixture, NULL, ada, "ada");
	assert_login(fixture, NULL, NULL, "7001");
	assert_login(fixture, NULL, bad, "7001");
	assert_login(fixture, NULL, none, "7001");
	assert_login(fixture, NULL, longest, "7001");
	fault_passwd = "/nowhere";
	fault_arm("getpwuid_r", 1, EIO, false);
	assert_true(store_login(store)[0] >= '0' && store_login(store)[0] <= '9');
	assert_non_null(fault_disarm());
	fault_passwd = NULL;
	store_close(store);
}

static void
test_a_claim_that_says_nothing_is_not_noted(void **state)
{
	struct fixture *fixture = *state;
	struct store *login = fixture_open(fixture);
	const char *claims[] = { "", store_login(login),
		"a name that is far too long to be the name of a user, "
		"and so is nobody's" };

	for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
		struct store *store = fixture_open(fixture);

		setenv("SUDO_USER", claims[i], 1);
		assert_string_equal(store_actor(store), store_login(login));
		store_close(store);
	}
	unsetenv("SUDO_USER");
	store_close(login);
}

/* --- locks -------------------------------------------------------------------------------------------- */

static void
test_a_holder_who_can_not_be_named_is_another_process(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture), *other = fixture_open(fixture);
	struct flock holder = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = ((off_t)1 << 62) + LOCK_HOLDER,
		.l_len = 1 };
	bool taken;

	assert_status(fixture, lock_try(other, LOCK_WRITER, &taken, &fixture->error), STATUS_OK);
	assert_status(fixture, store_lock(store, clock_monotonic(), &fixture->error), STATUS_BUSY);
	assert_reason(fixture, "another process is writing");
	/* held by an open file, which belongs to no process */
	assert_int_equal(fcntl(other->audit, F_OFD_SETLK, &holder), 0);
	assert_status(fixture, store_lock(store, clock_monotonic(), &fixture->error), STATUS_BUSY);
	assert_reason(fixture, "another process is writing");
	fault_arm("fcntl", 2, EIO, false); /* the first finds it locked, the second asks by whom */
	assert_status(fixture, store_lock(store, clock_monotonic(), &fixture->error), STATUS_BUSY);
	assert_non_null(fault_disarm());
	assert_reason(fixture, "another process is writing");
	lock_release(other, LOCK_WRITER);
	assert_status(fixture, lock_try(other, LOCK_SYNC, &taken, &fixture->error), STATUS_OK);
	assert_status(fixture, lock_wait(store, LOCK_SYNC, clock_monotonic(), &fixture->error), STATUS_BUSY);
	assert_reason(fixture, "another process is syncing");
	store_close(store);
	store_close(other);
}

static void
test_a_holder_without_a_name_is_a_number(void **state)
{
	struct fixture *fixture = *state;
	int ready[2], done[2];
	char byte;
	pid_t pid;
	struct store *store;

	assert_int_equal(pipe(ready) | pipe(done), 0);
	pid = fork();
	if (pid == 0) {
		store = fixture_open(fixture);
		assert_status(fixture, store_lock(store, clock_monotonic(), &fixture->error), STATUS_OK);
		(void)!write(ready[1], "x", 1);
		(void)!read(done[0], &byte, 1);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	store = fixture_open(fixture);
	fault_arm("open", 1, ENOENT, true); /* there is no /proc */
	assert_status(fixture, store_lock(store, clock_monotonic(), &fixture->error), STATUS_BUSY);
	assert_non_null(fault_disarm());
	assert_reason(fixture, "the store is busy: process ");
	assert_null(strchr(fixture->error.faults[0].reason, '('));
	assert_int_equal(write(done[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	store_close(store);
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(done[i]);
	}
}

static unsigned other_devices;

/* As if audit.csv had been mounted over, by a file with the same number. */
static void
move_device(const char *function, struct stat *status)
{
	if (strcmp(function, "fstatat") == 0 && other_devices > 0) {
		other_devices--;
		status->st_dev++;
	}
}

static void
test_a_file_on_another_device_is_another_file(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	unsigned before = store->generation;

	other_devices = 1;
	fault_alter = move_device;
	assert_status(fixture, store_lock(store, clock_monotonic(), &fixture->error), STATUS_OK);
	fault_alter = NULL;
	assert_int_equal(store->generation, before + 1); /* opened again */
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_format_that_bo_init_does_not_write_is_no_format),
		TEST(test_an_audit_log_without_its_header_is_damage),
		TEST(test_who_may_not_write_opens_it_to_read),
		TEST(test_a_store_that_nobody_named_must_be_of_somebody_trusted),
		TEST(test_the_way_up_ends_where_it_can_not_be_gone),
		TEST(test_the_way_up_is_not_gone_for_ever),
		TEST(test_a_store_without_a_path_is_here),
		TEST(test_no_file_of_the_store_becomes_a_standard_one),
		TEST(test_nothing_is_made_without_standard_descriptors),
		TEST(test_a_store_is_not_made_over_transactions),
		TEST(test_a_store_is_not_made_through_a_link_to_nowhere),
		TEST(test_a_directory_that_appears_meanwhile_is_fine),
		TEST(test_a_user_without_a_name_is_a_number),
		TEST(test_a_claim_that_says_nothing_is_not_noted),
		TEST(test_a_holder_who_can_not_be_named_is_another_process),
		TEST(test_a_holder_without_a_name_is_a_number),
		TEST(test_a_file_on_another_device_is_another_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
