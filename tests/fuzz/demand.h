#pragma once
// What must hold whatever comes in: else the fuzzer keeps the input.
#include <cstdio>
#include <cstdlib>

#define DEMAND(condition)                                                          \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)
