#include "base/check_digit.h"

int
check_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : -1;
}

unsigned
check_weighted(struct slice text, const unsigned *weights, size_t count, unsigned modulus)
{
	unsigned sum = 0;

	for (size_t i = 0; i < text.length && i < count; i++)
		sum = (sum + weights[i] * (unsigned)check_value(text.data[i])) % modulus;
	return sum;
}

unsigned
check_modulo(struct slice text, unsigned modulus)
{
	unsigned remainder = 0;

	for (size_t i = 0; i < text.length; i++) {
		unsigned value = (unsigned)check_value(text.data[i]);

		remainder = (remainder * (value < 10 ? 10 : 100) + value) % modulus;
	}
	return remainder;
}

unsigned
check_luhn(struct slice text, unsigned base)
{
	unsigned sum = 0;

	for (size_t i = 0; i < text.length; i++) {
		unsigned value = (unsigned)check_value(text.data[i]);

		if ((text.length - i) % 2 == 0)
			value = value * 2 / base + value * 2 % base;
		sum += value;
	}
	return sum % base;
}

bool
check_mod_11_10(struct slice text)
{
	unsigned product = 10;

	for (size_t i = 0; i + 1 < text.length; i++) {
		unsigned sum = ((unsigned)check_value(text.data[i]) + product) % 10;

		product = (sum == 0 ? 10 : sum) * 2 % 11;
	}
	return text.length > 0 && (product + (unsigned)check_value(text.data[text.length - 1])) % 10 == 1;
}
