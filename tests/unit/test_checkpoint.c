/* test_checkpoint: what is kept of a history elsewhere finds it cut or written anew */
#include "store_fixture.h"

#include "store/checkpoint.h"

static struct checkpoint
head_of(struct fixture *fixture)
{
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	struct checkpoint checkpoint;

	checkpoint_make(snapshot, store_uuid(store), &checkpoint);
	snapshot_close(snapshot);
	store_close(store);
	return checkpoint;
}

static const char *
refusal_of(struct fixture *fixture, const struct checkpoint *checkpoint)
{
	struct store *store = fixture_open(fixture);
	struct snapshot *snapshot = fixture_snapshot(fixture, store);
	const char *refusal = checkpoint_refuses(snapshot, store_uuid(store), checkpoint);

	snapshot_close(snapshot);
	store_close(store);
	return refusal;
}

static void
test_a_history_goes_on_from_each_of_its_heads(void **state)
{
	struct fixture *fixture = *state;
	struct checkpoint heads[4];

	for (size_t i = 0; i < 4; i++) {
		heads[i] = head_of(fixture);
		assert_int_equal(heads[i].tx, i);
		fixture_fill(fixture, 1);
	}
	for (size_t i = 0; i < 4; i++)
		assert_null(refusal_of(fixture, &heads[i]));
}

static void
test_another_history_does_not(void **state)
{
	struct fixture *fixture = *state;
	struct checkpoint head, other;

	fixture_fill(fixture, 2);
	head = other = head_of(fixture);
	other.hash[5] = other.hash[5] == '0' ? '1' : '0';
	assert_string_equal(refusal_of(fixture, &other), "the history was another one then");
	other = head;
	other.tx = 3;
	assert_string_equal(refusal_of(fixture, &other), "the history ends before it");
	other = head;
	other.uuid[0] = other.uuid[0] == '0' ? '1' : '0';
	assert_string_equal(refusal_of(fixture, &other), "it is of another store");
	other = head;
	other.tx = 0;
	assert_string_equal(refusal_of(fixture, &other), "its hash is none of an empty store");
}

static void
test_what_is_printed_is_read(void **state)
{
	struct fixture *fixture = *state;
	struct buffer text = BUFFER_INIT;
	struct checkpoint head, again;
	struct slice rest;

	fixture_fill(fixture, 1);
	head = head_of(fixture);
	checkpoint_add(&text, &head);
	buffer_add_text(&text, "\n\xe2\x80\x94 auditor c2lnbmF0dXJl\n\n");
	checkpoint_add(&text, &head);
	rest = buffer_slice(&text);
	for (size_t i = 0; i < 2; i++) {
		assert_status(fixture, checkpoint_next(&rest, NULL, &again, &fixture->error), STATUS_OK);
		assert_string_equal(again.uuid, head.uuid);
		assert_int_equal(again.tx, head.tx);
		assert_string_equal(again.hash, head.hash);
	}
	assert_status(fixture, checkpoint_next(&rest, NULL, &again, &fixture->error), STATUS_NO);
	buffer_release(&text);
}

static void
test_every_mutilation_of_a_checkpoint_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct buffer text = BUFFER_INIT;
	struct checkpoint head, again;

	fixture_fill(fixture, 1);
	head = head_of(fixture);
	checkpoint_add(&text, &head);
	for (size_t length = 1; length < text.length; length++) {
		struct slice rest = { text.data, length };

		error_clear(&fixture->error);
		assert_status(fixture, checkpoint_next(&rest, NULL, &again, &fixture->error), STATUS_REFUSED);
	}
	buffer_release(&text);
}

static void
test_an_origin_that_is_no_uuid_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct buffer text = BUFFER_INIT;
	struct checkpoint head, again;

	fixture_fill(fixture, 1);
	head = head_of(fixture);
	checkpoint_add(&text, &head);
	for (size_t i = 0; i < UUID_SIZE - 1; i++) {
		struct slice rest = buffer_slice(&text);
		char kept = text.data[strlen("bo/") + i];

		text.data[strlen("bo/") + i] = '\0';
		error_clear(&fixture->error);
		assert_status(fixture, checkpoint_next(&rest, NULL, &again, &fixture->error), STATUS_REFUSED);
		text.data[strlen("bo/") + i] = kept;
	}
	buffer_release(&text);
}

static void
test_blame_names_the_first_that_is_bad(void **state)
{
	struct fixture *fixture = *state;
	struct buffer log = BUFFER_INIT;
	uint64_t good;

	fixture_fill(fixture, 3);
	fixture_read(fixture, "note.csv", &log);
	for (size_t at = 0; at < log.length; at++) {
		struct store *store;
		size_t line = 0;

		for (size_t i = 0; i < at; i++)
			line += log.data[i] == '\n';
		fixture_flip(fixture, "note.csv", (off_t)at);
		store = fixture_open(fixture);
		assert_status(fixture, store_blame(store, &good, &fixture->error), STATUS_NO);
		assert_int_equal(good, line == 0 ? 0 : line - 1);
		store_close(store);
		fixture_flip(fixture, "note.csv", (off_t)at);
	}
	buffer_release(&log);
}

static void
test_blame_finds_nothing_in_a_sound_store(void **state)
{
	struct fixture *fixture = *state;
	struct store *store;
	uint64_t good;

	fixture_fill(fixture, 3);
	store = fixture_open(fixture);
	assert_status(fixture, store_blame(store, &good, &fixture->error), STATUS_OK);
	assert_int_equal(good, 3);
	store_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
		TEST(test_a_history_goes_on_from_each_of_its_heads),
		TEST(test_another_history_does_not),
		TEST(test_what_is_printed_is_read),
		TEST(test_every_mutilation_of_a_checkpoint_is_refused),
		TEST(test_an_origin_that_is_no_uuid_is_refused),
		TEST(test_blame_names_the_first_that_is_bad),
		TEST(test_blame_finds_nothing_in_a_sound_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
