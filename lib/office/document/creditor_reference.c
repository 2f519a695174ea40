#include "office/document/creditor_reference.h"

#include <stdint.h>
#include <string.h>

#include "office/document/document.h"

enum { PREFIX = 4, BODY_MAX = 21, MODULUS = 97 };

/* 0 to 35, or -1 for what is neither letter nor digit. */
static int
value_of(char character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	if (character >= 'A' && character <= 'Z')
		return character - 'A' + 10;
	return character >= 'a' && character <= 'z' ? character - 'a' + 10 : -1;
}

static char
spelling_of(int value)
{
	return (char)(value < 10 ? '0' + value : 'A' + value - 10);
}

static unsigned
remainder_with(unsigned remainder, const char *text)
{
	for (; *text != '\0'; text++) {
		int value = value_of(*text);

		remainder = (remainder * (value < 10 ? 10 : 100) + (unsigned)value) % MODULUS;
	}
	return remainder;
}

/* The remainder of body with prefix (RF and two digits) behind it. */
static unsigned
remainder_of(const char *body, const char *prefix)
{
	return remainder_with(remainder_with(0, body), prefix);
}

bool
creditor_reference_make(struct slice number, char out[CREDITOR_REFERENCE_SIZE])
{
	char *body = out + PREFIX;
	size_t length = 0, first = number.length;
	unsigned check;

	while (first > 0 && length < BODY_MAX)
		length += value_of(number.data[--first]) >= 0;
	if (length == 0)
		return false;
	for (; first < number.length; first++) {
		int value = value_of(number.data[first]);

		if (value >= 0)
			*body++ = spelling_of(value);
	}
	*body = '\0';
	check = MODULUS + 1 - remainder_of(out + PREFIX, "RF00");
	memcpy(out, "RF", 2);
	out[2] = (char)('0' + check / 10);
	out[3] = (char)('0' + check % 10);
	return true;
}

bool
creditor_reference_parse(struct slice text, char out[CREDITOR_REFERENCE_SIZE])
{
	char prefix[PREFIX + 1];
	size_t length = 0;

	for (size_t i = 0; i < text.length; i++) {
		int value = value_of(text.data[i]);

		if (text.data[i] == ' ')
			continue;
		if (value < 0 || length == CREDITOR_REFERENCE_SIZE - 1)
			return false;
		out[length++] = spelling_of(value);
	}
	out[length] = '\0';
	if (length <= PREFIX || memcmp(out, "RF", 2) != 0 || value_of(out[2]) > 9 || value_of(out[3]) > 9)
		return false;
	memcpy(prefix, out, PREFIX);
	prefix[PREFIX] = '\0';
	return remainder_of(out + PREFIX, prefix) == 1;
}

static enum status
set_reference(struct batch *batch, struct draft *draft, struct error *error)
{
	char reference[CREDITOR_REFERENCE_SIZE];

	(void)batch, (void)error;
	if (draft_issues(draft) && creditor_reference_make(draft_named(draft, "number"), reference))
		draft_set(draft, "payment_reference", arena_copy(draft->arena, slice_of(reference)));
	return STATUS_OK;
}

const struct rule rule_invoice_reference = { .table = "invoice", .check = set_reference };
