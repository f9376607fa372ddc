/* net/openssl_init.c - OpenSSL made ready as a guest in somebody's process */
#include "net/openssl_init.h"

#include <openssl/ssl.h>
#include <pthread.h>

static void openssl_init(void)
{
    OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_LOAD_SSL_STRINGS |
                         OPENSSL_INIT_LOAD_CRYPTO_STRINGS,
                     NULL);
}

void openssl_init_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, openssl_init);
}
