/* test_seal: digests of chunks, against a straightforward implementation */
#include "store_fixture.h"

#define SALT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* The sealed form of one line, as bo(5) words it, with all the memory and time in the world. */
static void
reference_line(struct buffer *out, struct slice line, size_t fields)
{
	struct slice rest = line, id, tx, salt;
	char digest[HASH_HEX + 1];
	bool blank;
	size_t commas = 0;

	id = slice_cut(&rest, ',');
	tx = slice_cut(&rest, ',');
	hash_text(rest, digest);
	salt = slice_cut(&rest, ',');
	blank = rest.length > 0 && rest.data[0] == ' ';
	for (size_t i = 0; i < rest.length; i++) {
		commas += rest.data[i] == ',';
		if (rest.data[i] != ' ' && rest.data[i] != ',')
			blank = false;
	}
	if (slice_is(id, "id") || (blank && commas == fields - 1)) {
		buffer_add_slice(out, line);
	} else {
		buffer_format(out, "%.*s,%.*s,%s,", (int)id.length, id.data, (int)tx.length, tx.data, digest);
		for (size_t i = 0; i < rest.length - (fields - 1); i++)
			buffer_add_char(out, ' ');
		for (size_t i = 0; i < fields - 1; i++)
			buffer_add_char(out, ',');
	}
	(void)salt;
	buffer_add_char(out, '\n');
}

static void
reference_digest(struct slice bytes, size_t fields, char out[HASH_HEX + 1])
{
	struct buffer sealed = BUFFER_INIT;

	while (bytes.length > 0)
		reference_line(&sealed, slice_cut(&bytes, '\n'), fields);
	hash_text(buffer_slice(&sealed), out);
	buffer_release(&sealed);
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* A value that sometimes needs quotes, is empty, or is long. */
static void
add_value(struct buffer *out, uint32_t *seed)
{
	switch (next_random(seed) % 6) {
	case 0:
		break;
	case 1:
		buffer_add_text(out, "\"a, \"\"quoted\"\", value\"");
		break;
	case 2:
		for (uint32_t n = next_random(seed) % 20000; n > 0; n--)
			buffer_add_char(out, 'x');
		break;
	default:
		buffer_format(out, "value %u", (unsigned)next_random(seed));
	}
}

static void
test_a_chunk_has_the_digest_of_its_sealed_lines(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct buffer bytes = BUFFER_INIT;
		struct chunk chunk = { .table = "person" };
		char wanted[HASH_HEX + 1];
		size_t fields = 2 + next_random(&seed) % 4;
		struct slice header;

		buffer_add_text(&bytes, "id,tx,seal");
		for (size_t i = 0; i < fields; i++)
			buffer_format(&bytes, ",f%zu", i);
		buffer_add_char(&bytes, '\n');
		header = (struct slice){ bytes.data, bytes.length };
		for (uint32_t lines = next_random(&seed) % 8; lines > 0; lines--) {
			buffer_format(&bytes, "P%u,3," SALT ",who", (unsigned)lines);
			for (size_t i = 1; i < fields; i++) {
				buffer_add_char(&bytes, ',');
				add_value(&bytes, &seed);
			}
			buffer_add_char(&bytes, '\n');
		}
		chunk.bytes = buffer_slice(&bytes);
		chunk_digest(&chunk, (struct slice){ NULL, 0 });
		reference_digest(chunk.bytes, fields, wanted);
		assert_string_equal(chunk.digest, wanted);
		/* the same without the header, when that came before */
		header.data = bytes.data;
		chunk.bytes.data += header.length;
		chunk.bytes.length -= header.length;
		chunk_digest(&chunk, header);
		reference_digest(chunk.bytes, fields, wanted);
		assert_string_equal(chunk.digest, wanted);
		buffer_release(&bytes);
	}
}

static void
test_a_table_without_seal_has_the_plain_digest(void **state)
{
	struct chunk chunk = { .table = "note", .bytes = slice_of("id,tx,sealing\nN1,1," SALT ",x\n") };
	char wanted[HASH_HEX + 1];

	(void)state;
	chunk_digest(&chunk, (struct slice){ NULL, 0 });
	hash_text(chunk.bytes, wanted);
	assert_string_equal(chunk.digest, wanted);
}

static void
test_an_erased_line_has_the_same_digest_and_length(void **state)
{
	static const char header[] = "id,tx,seal,name,town,mail\n";
	static const char line[] = "C17,42," SALT ",Ada,\"Lovelace, Countess\",";
	char erased[sizeof line], again[sizeof line];
	struct buffer live = BUFFER_INIT, blank = BUFFER_INIT;
	struct chunk one = { .table = "person" }, other = { .table = "person" };

	(void)state;
	line_seal((struct slice){ line, sizeof line - 1 }, erased);
	erased[sizeof line - 1] = '\0';
	assert_null(strstr(erased, "Ada"));
	assert_null(strstr(erased, SALT));
	assert_int_equal(erased[sizeof line - 2], ',');
	assert_int_equal(erased[sizeof line - 3], ',');
	assert_int_equal(erased[sizeof line - 4], ' ');
	line_seal((struct slice){ erased, sizeof line - 1 }, again);
	assert_memory_equal(erased, again, sizeof line - 1);
	buffer_format(&live, "%s%s\nC18,42," SALT ",a,b,c\n", header, line);
	buffer_format(&blank, "%s%s\nC18,42," SALT ",a,b,c\n", header, erased);
	one.bytes = buffer_slice(&live);
	other.bytes = buffer_slice(&blank);
	assert_int_equal(one.bytes.length, other.bytes.length);
	chunk_digest(&one, (struct slice){ NULL, 0 });
	chunk_digest(&other, (struct slice){ NULL, 0 });
	assert_string_equal(one.digest, other.digest);
	buffer_release(&live);
	buffer_release(&blank);
}

static void
test_another_salt_or_value_has_another_digest(void **state)
{
	struct chunk chunk = { .table = "person", .bytes = slice_of("id,tx,seal,name\nP1,1," SALT ",Ada\n") };
	char first[HASH_HEX + 1];

	(void)state;
	chunk_digest(&chunk, (struct slice){ NULL, 0 });
	memcpy(first, chunk.digest, sizeof first);
	chunk.bytes = slice_of("id,tx,seal,name\nP1,1," SALT ",Adb\n");
	chunk_digest(&chunk, (struct slice){ NULL, 0 });
	assert_string_not_equal(chunk.digest, first);
	chunk.bytes = slice_of("id,tx,seal,name\nP1,1,1" SALT "Ada\n");
	chunk_digest(&chunk, (struct slice){ NULL, 0 });
	assert_string_not_equal(chunk.digest, first);
}

/* Lines lie across the pieces in which a file is read. */
static void
test_a_file_has_the_digest_of_its_bytes(void **state)
{
	struct fixture *fixture = *state;
	struct buffer bytes = BUFFER_INIT;
	struct chunk chunk = { .table = "person" };
	char digest[HASH_HEX + 1], *path = fixture_path(fixture, "person.csv");
	uint32_t seed = 3;
	int fd;

	buffer_add_text(&bytes, "id,tx,seal,name,town\n");
	for (int i = 0; bytes.length < 900000; i++) {
		buffer_format(&bytes, "P%d,1," SALT ",who,", i);
		add_value(&bytes, &seed);
		buffer_add_char(&bytes, '\n');
	}
	fixture_write(fixture, "person.csv", buffer_slice(&bytes));
	chunk.bytes = buffer_slice(&bytes);
	chunk_digest(&chunk, (struct slice){ NULL, 0 });
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(chunk_hash_file(fd, 0, bytes.length, digest), STATUS_OK);
	assert_string_equal(digest, chunk.digest);
	assert_int_equal(chunk_hash_file(fd, 0, bytes.length + 1, digest), STATUS_NO);
	close(fd);
	free(path);
	buffer_release(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_chunk_has_the_digest_of_its_sealed_lines),
		cmocka_unit_test(test_a_table_without_seal_has_the_plain_digest),
		cmocka_unit_test(test_an_erased_line_has_the_same_digest_and_length),
		cmocka_unit_test(test_another_salt_or_value_has_another_digest),
		cmocka_unit_test_setup_teardown(test_a_file_has_the_digest_of_its_bytes, fixture_setup,
		    fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
