#include "record/taxid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "record/taxid_internal.h"
#include "stream/csv.h"

enum { COLUMNS = 6, FILE_MAX = 1 << 20 };

static const char header[] = "prefix,shape,method,numbers,example,name";

struct kind {
	struct slice prefix, shapes, example, name;
	taxid_method *method;
	struct taxid_numbers numbers;
};

struct taxids {
	struct buffer file;
	struct kind *kinds;
	size_t count, capacity;
	char *fault;
};

/* --- the list ------------------------------------------------------------------------- */

static bool
numbers_read(struct slice text, struct taxid_numbers *numbers)
{
	*numbers = (struct taxid_numbers){ .modulus = 0 };
	while (text.length > 0) {
		struct slice word = slice_cut(&text, ' ');
		unsigned long long number;

		if (slice_is(word, "/")) {
			numbers->first = numbers->count;
			continue;
		}
		if (!slice_to_u64(word, &number) || number > 1000 || numbers->count == TAXID_NUMBERS)
			return false;
		if (numbers->modulus == 0)
			numbers->modulus = (unsigned)number;
		else
			numbers->weights[numbers->count++] = (unsigned)number;
	}
	if (numbers->first == 0)
		numbers->first = numbers->count;
	return numbers->modulus == 0 || numbers->count > 0;
}

/* A line holds nothing that must be quoted, so its fields are as they stand. */
static bool
kind_read(struct slice line, struct kind *kind)
{
	struct slice fields[COLUMNS];

	if (csv_split(line, fields, COLUMNS) != COLUMNS)
		return false;
	*kind = (struct kind){ .prefix = fields[0], .shapes = fields[1], .example = fields[4], .name = fields[5] };
	kind->method = taxid_method_named(fields[2]);
	return kind->method != NULL && numbers_read(fields[3], &kind->numbers);
}

static void
list_read(struct taxids *taxids, const char *path)
{
	struct slice rest = buffer_slice(&taxids->file), line;

	if (!csv_line(&rest, &line) || !slice_is(line, header)) {
		taxids->fault = memory_format("%s:1: the header is not \"%s\"", path, header);
		return;
	}
	for (size_t number = 2; taxids->fault == NULL && csv_line(&rest, &line); number++) {
		struct kind kind;

		if (!kind_read(line, &kind)) {
			taxids->fault = memory_format("%s:%zu: not a kind of tax number", path, number);
			continue;
		}
		taxids->kinds = memory_grow(taxids->kinds, &taxids->capacity, taxids->count, sizeof kind);
		taxids->kinds[taxids->count++] = kind;
	}
}

struct taxids *
taxids_open(const char *share)
{
	struct taxids *taxids = memory_new(sizeof *taxids);
	char *path = memory_format("%s/codes/taxid.csv", share);

	if (file_load(path, &taxids->file, FILE_MAX))
		list_read(taxids, path);
	else
		taxids->fault = memory_format("%s: %s", path, strerror(errno));
	free(path);
	return taxids;
}

void
taxids_close(struct taxids *taxids)
{
	if (taxids == NULL)
		return;
	buffer_release(&taxids->file);
	free(taxids->kinds);
	free(taxids->fault);
	free(taxids);
}

const char *
taxids_fault(const struct taxids *taxids)
{
	return taxids->fault;
}

/* --- one number ------------------------------------------------------------------------- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
fits(char shape, char c)
{
	switch (shape) {
	case '#':
		return is_digit(c);
	case '@':
		return c >= 'A' && c <= 'Z';
	case '?':
		return true;
	default:
		return c == shape;
	}
}

/* Whether body has that form; its digits go to out. */
static bool
has_shape(struct slice body, struct slice shape, char out[TAXID_LENGTH], size_t *digits)
{
	*digits = 0;
	if (body.length != shape.length || body.length > TAXID_LENGTH)
		return false;
	for (size_t i = 0; i < body.length; i++) {
		if (!fits(shape.data[i], body.data[i]))
			return false;
		if (shape.data[i] == '#')
			out[(*digits)++] = body.data[i];
	}
	return true;
}

/* Numbers that authorities elsewhere give out may begin likewise, but go on with letters. */
static bool
all_digits(struct slice text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!is_digit(text.data[i]))
			return false;
	return text.length > 0;
}

/* What people type where a number is asked for and they have none. */
static bool
all_zeros(struct slice text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] != '0')
			return false;
	return true;
}

static enum taxid_verdict
judge_as(const struct kind *kind, struct slice whole)
{
	struct slice body = whole, shapes = kind->shapes;
	char digits[TAXID_LENGTH];
	size_t count;

	if (whole.length < kind->prefix.length ||
	    !slice_equal((struct slice){ whole.data, kind->prefix.length }, kind->prefix))
		return TAXID_UNKNOWN;
	body.data += kind->prefix.length;
	body.length -= kind->prefix.length;
	while (shapes.length > 0) {
		if (has_shape(body, slice_cut(&shapes, ' '), digits, &count)) {
			const struct taxid id = { whole, body, { digits, count }, &kind->numbers };

			return !all_zeros(id.digits) && kind->method(&id) ? TAXID_HOLDS : TAXID_DIGIT;
		}
	}
	return kind->prefix.length > 0 && all_digits(body) ? TAXID_FORM : TAXID_UNKNOWN;
}

/* Among the lines for a prefix one that holds counts most, then one whose form it has. */
struct taxid_finding
taxid_judge(const struct taxids *taxids, struct slice id)
{
	struct taxid_finding finding = { TAXID_UNKNOWN, { "", 0 }, { "", 0 } };

	for (size_t i = 0; i < taxids->count && finding.verdict != TAXID_HOLDS; i++) {
		const struct kind *kind = &taxids->kinds[i];
		enum taxid_verdict verdict = judge_as(kind, id);

		if (verdict == TAXID_HOLDS || verdict > finding.verdict)
			finding = (struct taxid_finding){ verdict, kind->name, kind->example };
	}
	return finding;
}
