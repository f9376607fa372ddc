/* net/sanitizers.h - WITH_ASAN, WITH_TSAN: what the compiler puts in, for gcc and clang */
#ifndef MG_SANITIZERS_H
#define MG_SANITIZERS_H

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define WITH_TSAN 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(WITH_ASAN)
#define WITH_ASAN 1
#endif
#if __has_feature(thread_sanitizer) && !defined(WITH_TSAN)
#define WITH_TSAN 1
#endif
#endif

#endif
