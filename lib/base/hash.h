/*
 * hash: SHA-256 (FIPS 180-4) and HMAC (RFC 2104), lowercase hexadecimal.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum { HASH_SIZE = 32, HASH_HEX = 64 };

struct hash {
	_Alignas(16) unsigned char state[160]; /* holds the library's context */
};

void hash_init(struct hash *hash);
void hash_add(struct hash *hash, const void *data, size_t length);
/* Writes 64 digits and a NUL; the hash is ready for another message. */
void hash_hex(struct hash *hash, char out[HASH_HEX + 1]);
void hash_text(struct slice text, char out[HASH_HEX + 1]);
bool hash_is_hex(struct slice text);                                   /* 64 lowercase hexadecimal digits */
void hash_to_hex(const unsigned char *bytes, size_t count, char *out); /* 2 × count digits and a NUL */
void hash_hmac(struct slice key, struct slice text, char out[HASH_HEX + 1]);

/* HMAC under one key for many texts: the first 8 bytes of each, as a number. */
struct hash_key {
	_Alignas(16) unsigned char state[384]; /* holds the library's context */
};

void hash_key_init(struct hash_key *key, struct slice secret);
uint64_t hash_keyed(const struct hash_key *key, struct slice text);

/*
 * Bytes that nobody can foretell who does not know the key, which must serve nothing else:
 * AES-256 in counter mode (SP 800-38A), counted from 0.
 */
enum { KEYSTREAM_KEY = 32, KEYSTREAM_BLOCK = 16 };

struct keystream {
	_Alignas(16) unsigned char state[256]; /* holds the library's context */
	uint64_t counter;
};

void keystream_init(struct keystream *stream, const unsigned char key[KEYSTREAM_KEY]);
/* The next count bytes, a multiple of KEYSTREAM_BLOCK. */
void keystream_next(struct keystream *stream, unsigned char *out, size_t count);

/* A quick hash with a seed of the caller's: tells accidents, keeps no secrets, and is the same in every process. */
uint64_t hash_seeded(uint64_t seed, struct slice text);

/* A quick hash for tables in memory (not for the disk, not secret). */
uint64_t hash_quick(struct slice text);

#endif
