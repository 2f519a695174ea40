/* test_blob: documents by their digest */
#include "store_fixture.h"

static void
test_a_blob_comes_back_as_it_was(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	static const size_t sizes[] = { 0, 1, 4096, 1000003 };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char *bytes = memory_new(sizes[i] + 1), name[HASH_HEX + 1], wanted[HASH_HEX + 1];
		struct buffer out = BUFFER_INIT;

		for (size_t k = 0; k < sizes[i]; k++)
			bytes[k] = (char)(k * 31 + k / 256);
		hash_text((struct slice){ bytes, sizes[i] }, wanted);
		assert_status(fixture,
		    blob_put(store, (struct slice){ bytes, sizes[i] }, name, &fixture->error), STATUS_OK);
		assert_string_equal(name, wanted);
		assert_true(blob_exists(store, slice_of(name)));
		buffer_add_text(&out, "before ");
		assert_status(fixture, blob_get(store, name, &out, &fixture->error), STATUS_OK);
		assert_int_equal(out.length, sizes[i] + 7);
		assert_memory_equal(out.data + 7, bytes, sizes[i]);
		buffer_release(&out);
		free(bytes);
	}
	store_close(store);
}

static size_t
files_in(const char *path)
{
	char *command = memory_format("find %s -type f | wc -l", path);
	FILE *pipe = popen(command, "r");
	char line[32] = "";

	assert_non_null(fgets(line, sizeof line, pipe));
	pclose(pipe);
	free(command);
	return (size_t)strtoul(line, NULL, 10);
}

static void
test_the_same_bytes_twice_are_one_blob(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	char name[HASH_HEX + 1], *blobs = fixture_path(fixture, "blob");

	assert_status(fixture, blob_put(store, slice_of("letter"), name, &fixture->error), STATUS_OK);
	assert_status(fixture, blob_put(store, slice_of("letter"), name, &fixture->error), STATUS_OK);
	assert_int_equal(files_in(blobs), 1);
	assert_status(fixture, blob_put(store, slice_of("another"), name, &fixture->error), STATUS_OK);
	assert_int_equal(files_in(blobs), 2);
	store_close(store);
	free(blobs);
}

static void
test_what_is_not_there_is_a_no(void **state)
{
	static const char *const bad[] = {
		"",
		"../../../etc/passwd",
		"0123",
		"00000000000000000000000000000000000000000000000000000000000000/.",
		"0000000000000000000000000000000000000000000000000000000000000000",
	};
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct buffer out = BUFFER_INIT;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_status(fixture, blob_get(store, bad[i], &out, &fixture->error), STATUS_NO);
		assert_false(blob_exists(store, slice_of(bad[i])));
	}
	store_close(store);
	buffer_release(&out);
}

static void
test_a_damaged_blob_is_told_and_can_be_put_again(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct buffer out = BUFFER_INIT;
	char name[HASH_HEX + 1], *path;

	assert_status(fixture, blob_put(store, slice_of("letter"), name, &fixture->error), STATUS_OK);
	path = memory_format("blob/%.2s/%s", name, name);
	fixture_flip(fixture, path, 2);
	assert_status(fixture, blob_get(store, name, &out, &fixture->error), STATUS_SYSTEM);
	assert_reason(fixture, "damaged");
	assert_int_equal(out.length, 0);
	assert_status(fixture, blob_put(store, slice_of("letter"), name, &fixture->error), STATUS_OK);
	assert_status(fixture, blob_get(store, name, &out, &fixture->error), STATUS_OK);
	store_close(store);
	buffer_release(&out);
	free(path);
}

static void
test_a_blob_is_not_read_through_a_link(void **state)
{
	struct fixture *fixture = *state;
	struct store *store = fixture_open(fixture);
	struct buffer out = BUFFER_INIT;
	char name[HASH_HEX + 1], *blobs = fixture_path(fixture, "blob"), *moved = fixture_path(fixture, "moved");

	assert_status(fixture, blob_put(store, slice_of("letter"), name, &fixture->error), STATUS_OK);
	assert_int_equal(rename(blobs, moved), 0);
	assert_int_equal(symlink(moved, blobs), 0);
	assert_status(fixture, blob_get(store, name, &out, &fixture->error), STATUS_SYSTEM);
	assert_status(fixture, blob_put(store, slice_of("letter"), name, &fixture->error), STATUS_SYSTEM);
	store_close(store);
	buffer_release(&out);
	free(blobs);
	free(moved);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_blob_comes_back_as_it_was),
		TEST(test_the_same_bytes_twice_are_one_blob),
		TEST(test_what_is_not_there_is_a_no),
		TEST(test_a_damaged_blob_is_told_and_can_be_put_again),
		TEST(test_a_blob_is_not_read_through_a_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
