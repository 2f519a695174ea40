/*
 * generate: made-up customers as CSV, the same ones every time.
 *
 *	generate COUNT
 *
 * Names are in several scripts, some hold commas and quotes, as real ones do.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const names[] = { "Alfreds Futterkiste", "\"Smith, Jones & Co.\"",
	"Société Générale de Café", "株式会社 山田商店", "شركة القهوة", "خان ٹریڈرز", "कॉफ़ी हाउस", "ООО Ромашка",
	"\"The \"\"Blue\"\" Kettle\"", "Ærø Rederi", "Ñandú Exportaciones", "Kestrel Roasters ☕" };
static const char *const cities[] = { "Berlin", "London", "Lahore", "大阪市", "Москва", "Zürich", "São Paulo",
	"Cork" };
static const char *const countries[] = { "DE", "GB", "PK", "JP", "RU", "CH", "BR", "IE" };

enum { NAMES = sizeof names / sizeof names[0], CITIES = sizeof cities / sizeof cities[0] };

/* A step of splitmix64: well mixed, and the same on every machine. */
static uint64_t
next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

int
main(int argc, char *argv[])
{
	uint64_t state = 1, count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000;

	puts("code,name,contact,email,phone,address,postcode,city,country,notes");
	for (uint64_t i = 1; i <= count; i++) {
		uint64_t r = next(&state);
		size_t city = (r >> 8) % CITIES;

		printf("K-%08" PRIu64 ",%s,Contact %" PRIu64 ",user%" PRIu64 "@example.com,+49 30 %07" PRIu64
		       ",\"%" PRIu64 " High Street, Floor %" PRIu64 "\",%05" PRIu64 ",%s,%s,since %" PRIu64 "\n",
		    i, names[r % NAMES], (r >> 16) % 100000, i, (r >> 20) % 10000000, (r >> 24) % 999 + 1,
		    (r >> 40) % 9 + 1, (r >> 30) % 100000, cities[city], countries[city], (r >> 44) % 60 + 1960);
	}
	return fflush(stdout) != 0;
}
