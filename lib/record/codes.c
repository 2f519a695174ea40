/*
 * codes: share/codes/country.csv, currency.csv and taxid.csv.
 *
 * Codes are looked up in tables indexed by their letters; names of countries, which
 * only come in with foreign data, are folded and sorted when the first one does.
 */
#include "record/value_internal.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "record/taxid.h"
#include "stream/csv.h"

enum { LETTERS = 26, FILE_MAX = 1 << 20 };

struct name {
	struct slice folded;
	struct slice code;
};

struct codes {
	char *share;
	struct arena arena;
	bool loaded;
	char *fault; /* why the lists could not be read; NULL */
	struct buffer countries;
	bool (*known)[LETTERS];                  /* alpha-2 codes; made, like digits, when they are wanted */
	signed char (*digits)[LETTERS][LETTERS]; /* of currencies, plus 1; 0 is no currency */
	struct name *names;                      /* sorted by folded */
	size_t count, capacity;
	struct taxids *taxids; /* likewise */
};

struct codes *
codes_open(const char *share)
{
	struct codes *codes = memory_new(sizeof(*codes));

	codes->share = memory_copy(share, strlen(share));
	return codes;
}

void
codes_close(struct codes *codes)
{
	if (codes == NULL)
		return;
	buffer_release(&codes->countries);
	arena_release(&codes->arena);
	free(codes->known);
	free(codes->digits);
	free(codes->names);
	taxids_close(codes->taxids);
	free(codes->fault);
	free(codes->share);
	free(codes);
}

static bool
capitals(struct slice text, size_t length)
{
	if (text.length != length)
		return false;
	for (size_t i = 0; i < length; i++)
		if (text.data[i] < 'A' || text.data[i] > 'Z')
			return false;
	return true;
}

/* Keeps the first fault; it must be free()able. */
static void
fault_set(struct codes *codes, char *fault)
{
	if (codes->fault == NULL)
		codes->fault = fault;
	else
		free(fault);
}

/* Reads a list and its header; false with the fault set. */
static bool
list_read(struct codes *codes, const char *name, const char *header, struct buffer *file, struct slice *rest)
{
	char *path = memory_format("%s/codes/%s.csv", codes->share, name);
	struct slice line;
	bool done = false;

	if (!file_load(path, file, FILE_MAX)) {
		fault_set(codes, memory_format("%s: %s", path, strerror(errno)));
	} else {
		*rest = buffer_slice(file);
		done = csv_line(rest, &line) && slice_is(line, header);
		if (!done)
			fault_set(codes, memory_format("%s:1: the header is not \"%s\"", path, header));
	}
	free(path);
	return done;
}

static void
list_wrong(struct codes *codes, const char *name, size_t line)
{
	fault_set(codes, memory_format("%s/codes/%s.csv:%zu: not a code", codes->share, name, line));
}

static void
currencies_load(struct codes *codes)
{
	struct buffer file = BUFFER_INIT;
	struct slice rest = { NULL, 0 }, line;

	if (list_read(codes, "currency", "code,digits,name", &file, &rest)) {
		for (size_t number = 2; csv_line(&rest, &line); number++) {
			struct slice code = csv_field(line, 0), digits = csv_field(line, 1);

			if (!capitals(code, 3) || digits.length != 1 || !is_digit(*digits.data) ||
			    *digits.data > '0' + DECIMAL_DIGITS)
				list_wrong(codes, "currency", number);
			else
				codes->digits[code.data[0] - 'A'][code.data[1] - 'A'][code.data[2] - 'A'] =
				    (signed char)(*digits.data - '0' + 1);
		}
	}
	buffer_release(&file);
}

static void
countries_load(struct codes *codes)
{
	struct slice rest = { NULL, 0 }, line;

	if (!list_read(codes, "country", "code,alpha3,name,aliases", &codes->countries, &rest))
		return;
	for (size_t number = 2; csv_line(&rest, &line); number++) {
		struct slice code = csv_field(line, 0);

		if (!capitals(code, 2))
			list_wrong(codes, "country", number);
		else
			codes->known[code.data[0] - 'A'][code.data[1] - 'A'] = true;
	}
}

static void
codes_load(struct codes *codes)
{
	if (codes->loaded)
		return;
	codes->loaded = true;
	codes->known = memory_array(LETTERS, sizeof(*codes->known));
	codes->digits = memory_array(LETTERS, sizeof(*codes->digits));
	currencies_load(codes);
	countries_load(codes);
}

const char *
codes_fault(struct codes *codes)
{
	codes_load(codes);
	return codes->fault;
}

const struct taxids *
codes_taxids(struct codes *codes)
{
	if (codes->taxids == NULL)
		codes->taxids = taxids_open(codes->share);
	return codes->taxids;
}

int
codes_currency_digits(struct codes *codes, struct slice currency)
{
	codes_load(codes);
	if (!capitals(currency, 3))
		return -1;
	return codes->digits[currency.data[0] - 'A'][currency.data[1] - 'A'][currency.data[2] - 'A'] - 1;
}

/* --- names -------------------------------------------------------------- */

/* Folded for comparing: case and full stops do not count, & is and. */
static void
name_fold(struct buffer *out, struct slice name)
{
	struct buffer plain = BUFFER_INIT;

	for (size_t i = 0; i < name.length; i++) {
		if (name.data[i] == '&')
			buffer_add_text(&plain, "and");
		else if (name.data[i] != '.')
			buffer_add_char(&plain, name.data[i]);
	}
	text_casefold(out, buffer_slice(&plain));
	buffer_release(&plain);
}

static void
name_add(struct codes *codes, struct slice code, struct slice name)
{
	struct buffer folded = BUFFER_INIT;

	if (name.length == 0)
		return;
	name_fold(&folded, name);
	codes->names = memory_grow(codes->names, &codes->capacity, codes->count, sizeof(*codes->names));
	codes->names[codes->count++] = (struct name){ arena_copy(&codes->arena, buffer_slice(&folded)), code };
	buffer_release(&folded);
}

static int
name_order(const void *a, const void *b)
{
	return slice_compare(((const struct name *)a)->folded, ((const struct name *)b)->folded);
}

static void
names_load(struct codes *codes)
{
	struct slice rest = buffer_slice(&codes->countries), line, raw[4];

	csv_line(&rest, &line);
	while (csv_line(&rest, &line)) {
		struct slice aliases;

		if (csv_split(line, raw, 4) != 4)
			continue;
		for (size_t i = 0; i < 3; i++)
			name_add(codes, raw[0], csv_decode(raw[i], &codes->arena));
		for (aliases = csv_decode(raw[3], &codes->arena); aliases.data != NULL;)
			name_add(codes, raw[0], slice_cut(&aliases, ';'));
	}
	if (codes->count > 0)
		qsort(codes->names, codes->count, sizeof(*codes->names), name_order);
}

struct slice
codes_country(struct codes *codes, struct slice name)
{
	struct buffer folded = BUFFER_INIT;
	struct name sought, *found = NULL;

	codes_load(codes);
	if (capitals(name, 2) && codes->known[name.data[0] - 'A'][name.data[1] - 'A'])
		return name;
	if (codes->count == 0 && codes->countries.length > 0)
		names_load(codes);
	name_fold(&folded, name);
	sought.folded = buffer_slice(&folded);
	if (codes->count > 0)
		found = bsearch(&sought, codes->names, codes->count, sizeof(*codes->names), name_order);
	buffer_release(&folded);
	return found != NULL ? found->code : (struct slice){ NULL, 0 };
}
