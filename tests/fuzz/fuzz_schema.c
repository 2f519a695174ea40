/*
 * fuzz_schema: whatever is in the files of share/, or in the fields and tables that a
 * store defines for itself, is loaded or refused with a reason; what was loaded can be
 * written as such files, and is loaded the same again.
 *
 *	fuzz_schema [-n ROUNDS]     files put together from pieces, always the same
 *	fuzz_schema FILE…           what a fuzzer found
 *
 * A line "@" ends a file: tables.csv, schema/a.csv, flow/a.csv, schema/b.csv, and what a
 * store defines, a table (two columns more than a field, and so told apart) or a field
 * on each line.  Built with clang -fsanitize=fuzzer -DLIBFUZZER it is a target of libFuzzer.
 */
#include <ftw.h>
#include <sys/stat.h>

#include "fuzz_stream.h"
#include "record/schema.h"
#include "stream/csv.h"

enum { FILES = 4, COLUMNS_MOST = 6 };

static const char *const file_names[FILES] = { "tables.csv", "schema/a.csv", "flow/a.csv", "schema/b.csv" };
static const char *const headers[FILES] = { "table,prefix,parent,refers,flags,command,help\n",
	"field,type,flags,default,help\n", "verb,from,to,needs,help\n", "field,type,flags,default,help\n" };

/* --- files ------------------------------------------------------------------------------ */

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static char share[64]; /* a directory, made when it is first needed, removed at the end */

static void
remove_share(void)
{
	nftw(share, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* In memory, as it is written often. */
static const char *
directory(void)
{
	char *folder;

	if (share[0] != '\0')
		return share;
	snprintf(share, sizeof share, "%s/bo-schema-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	insist(mkdtemp(share) != NULL && atexit(remove_share) == 0);
	for (int i = 0; i < 2; i++) {
		folder = memory_format("%s/%s", share, i == 0 ? "schema" : "flow");
		insist(mkdir(folder, 0700) == 0);
		free(folder);
	}
	return share;
}

static void
put_file(const char *name, struct slice bytes)
{
	char *path = memory_format("%s/%s", directory(), name);
	FILE *file = fopen(path, "w");

	insist(file != NULL && fwrite(bytes.data, 1, bytes.length, file) == bytes.length && fclose(file) == 0);
	free(path);
}

/* What is before the next line "@"; the rest stays. */
static struct slice
cut_file(struct slice *text)
{
	struct slice file = { text->data, 0 };

	while (text->length > 0) {
		struct slice line = slice_cut(text, '\n');

		if (slice_is(line, "@"))
			break;
		file.length = (size_t)(line.data + line.length - file.data) + (text->data != NULL);
	}
	return file;
}

/* --- out ---------------------------------------------------------------------------------- */

static void
add_flags(struct buffer *out, unsigned flags, const char *const *names)
{
	const char *separator = "";

	for (; *names != NULL; names++, flags >>= 1)
		if (flags & 1) {
			buffer_format(out, "%s%s", separator, *names);
			separator = " ";
		}
}

static void
add_words(struct buffer *out, const char *const *words)
{
	for (const char *separator = ""; *words != NULL; words++, separator = " ")
		buffer_format(out, "%s%s", separator, *words);
}

static void
write_field(struct buffer *out, const struct field *field)
{
	static const char *const names[] = { "required", "unique", "key", "fixed", "indexed", "derived",
		"hidden", "computed", NULL };
	char type[1 << 15];

	buffer_format(out, "%s,", field->name);
	csv_add(out, field_type_text(field, type, sizeof type));
	buffer_add_char(out, ',');
	add_flags(out, field->flags, names);
	buffer_add_char(out, ',');
	csv_add(out, slice_of(field->preset));
	buffer_add_char(out, ',');
	csv_add(out, slice_of(field->help));
	buffer_add_char(out, '\n');
}

static void
write_transition(struct buffer *out, const struct transition *transition)
{
	buffer_format(out, "%s,", transition->verb);
	add_words(out, transition->from);
	buffer_format(out, ",%s,", transition->to);
	add_words(out, transition->needs);
	buffer_add_char(out, ',');
	csv_add(out, slice_of(transition->help));
	buffer_add_char(out, '\n');
}

/* All tables that can be loaded, as files; those of a store's own are written like others. */
static void
write_all(struct schema *schema, struct buffer out[FILES])
{
	static const char *const flags[] = { "personal", "child", "single", NULL };

	for (size_t i = 0; i < FILES; i++)
		buffer_clear(&out[i]), buffer_add_text(&out[i], headers[i]);
	for (const char *const *name = schema_names(schema); *name != NULL; name++) {
		struct error error = ERROR_INIT;
		const struct table *table;
		enum status status = schema_table(schema, *name, &table, &error);

		if (status != STATUS_OK) {
			insist(status == STATUS_SYSTEM && error.count > 0 && error.faults[0].reason[0] != '\0');
			error_release(&error);
			continue;
		}
		buffer_format(&out[0], "%s,%s,%s,", table->name, table->prefix, table->parent);
		csv_add(&out[0], slice_of(table->refers));
		buffer_add_char(&out[0], ',');
		add_flags(&out[0], table->flags, flags);
		buffer_add_char(&out[0], ',');
		csv_add(&out[0], slice_of(table->command));
		buffer_add_char(&out[0], ',');
		csv_add(&out[0], slice_of(table->help));
		buffer_add_char(&out[0], '\n');
		insist(table->field_count > 0 && table->archived == table->field_count - 1);
		for (size_t i = 0; i + 1 < table->field_count; i++)
			write_field(&out[strcmp(table->name, "b") == 0 ? 3 : 1], &table->fields[i]);
		for (size_t i = 0; i < table->transition_count; i++)
			write_transition(&out[2], &table->transitions[i]);
	}
}

/* --- in ------------------------------------------------------------------------------------- */

static void
add_own(struct schema *schema, struct slice text)
{
	struct arena arena = { .used = 0 };
	struct slice line;

	while (csv_line(&text, &line)) {
		struct slice columns[COLUMNS_MOST] = { { NULL, 0 } };
		size_t count = csv_split(line, columns, COLUMNS_MOST);
		struct error error = ERROR_INIT;
		enum status status;

		for (size_t i = 0; i < COLUMNS_MOST && i < count; i++)
			columns[i] = csv_decode(columns[i], &arena);
		if (count == COLUMNS_MOST)
			status = schema_add_field(schema,
			    &(struct field_text){ columns[0], columns[1], columns[2], columns[3], columns[4],
				columns[5] },
			    &error);
		else
			status = schema_add_table(schema,
			    &(struct table_text){ columns[0], columns[1], columns[2], columns[3], columns[4] },
			    &error);
		insist(status == STATUS_OK || (status == STATUS_REFUSED && error.faults[0].reason[0] != '\0'));
		error_release(&error);
	}
	arena_release(&arena);
}

/* NULL where it is refused. */
static struct schema *
open_schema(void)
{
	struct error error = ERROR_INIT;
	struct schema *schema;
	enum status status = schema_open(directory(), &schema, &error);

	insist(status == STATUS_OK || (schema == NULL && error.faults[0].reason[0] != '\0'));
	error_release(&error);
	return schema;
}

/* A flow that is empty is no file: a table without states may have none. */
static void
put_all(const struct buffer out[FILES])
{
	for (size_t i = 0; i < FILES; i++) {
		char *path = memory_format("%s/%s", directory(), file_names[i]);

		if (i == 2 && out[i].length <= strlen(headers[i]))
			unlink(path);
		else
			put_file(file_names[i], buffer_slice(&out[i]));
		free(path);
	}
}

/* Only tables a and b have files of theirs here, and all must have been loaded. */
static bool
may_go_round(struct schema *schema)
{
	for (const char *const *name = schema_names(schema); *name != NULL; name++) {
		struct error error = ERROR_INIT;
		const struct table *table;
		bool known = strcmp(*name, "a") == 0 || strcmp(*name, "b") == 0;

		known = known && schema_table(schema, *name, &table, &error) == STATUS_OK;
		error_release(&error);
		if (!known)
			return false;
		for (size_t i = 0; i < table->field_count; i++)
			if (strncmp(table->fields[i].name, "x_", 2) == 0) /* the stores' own */
				return false;
		if (table->transition_count > 0 && strcmp(*name, "b") == 0)
			return false;
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct buffer first[FILES] = { BUFFER_INIT }, second[FILES] = { BUFFER_INIT };
	struct schema *schema;

	for (size_t i = 0; i < FILES; i++)
		buffer_add_slice(&first[i], cut_file(&text));
	put_all(first);
	schema = open_schema();
	if (schema != NULL) {
		add_own(schema, text);
		write_all(schema, first);
		if (may_go_round(schema)) {
			struct schema *again;

			put_all(first);
			again = open_schema();
			insist(again != NULL);
			write_all(again, second);
			for (size_t i = 0; i < FILES; i++)
				insist(slice_equal(buffer_slice(&first[i]), buffer_slice(&second[i])));
			schema_close(again);
		}
	}
	schema_close(schema);
	for (size_t i = 0; i < FILES; i++)
		buffer_release(&first[i]), buffer_release(&second[i]);
	return 0;
}

#ifndef LIBFUZZER

#define TABLES "table,prefix,parent,refers,flags,command,help\n"
#define FIELDS "field,type,flags,default,help\n"
#define VERBS "verb,from,to,needs,help\n"

static const char *const pieces[] = { TABLES "a,A,,,,,help\n",
	TABLES "a,A,,,personal,bo-a,\nb,B,a,,child,,\"x, y\"\n@\n",
	TABLES "a,A,,,,,\n@\n" FIELDS "name,text,required,,\nstate,state(open done),,open,\n@\n" VERBS
	       "begin,-,open,,\nend,open,done,name,\n@\n" FIELDS "@\n",
	"@\n", "@\n", "@\n", FIELDS, VERBS, "name,text,required key,,\n", "a,ref(a),,,\n", "b,B,,a b,,,\n",
	"kind,enum(x y z),,x,\n", "state,state(open done),,open,\n", "sum,money,derived,1 + 1,\n",
	"since,date,fixed,today,\n", "b,B,,,,,\n", "begin,-,open,,\n", "end,*,done,name,\n",
	"end,open,done,,\n", "c,C,,,help\n", "c,name,text,,,\n", "a,x_own,enum(p q),,p,\n", "a,x_b,ref(c),,,\n",
	"id,text,,,\n", "A", "a", "x_", "(", ")", " ", ",", "\"", "\n", "derived ", "child", "\xff" };

int
main(int argc, char *argv[])
{
	(void)argc;
	return fuzz_main(argv, pieces, sizeof(pieces) / sizeof(pieces[0]));
}

#endif
