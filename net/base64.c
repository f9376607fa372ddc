/* net/base64.c - base64 (RFC 4648, section 4) from secret to secret
 *
 * OpenSSL translates; it is lenient about '=' in odd places, so what a server sent is checked
 * first. */
#include "net/sasl.h"

#include <openssl/evp.h>
#include <string.h>

#include "mapi/mapicode.h"

HRESULT secret_base64(const struct secret *secret, struct secret **ret_encoded)
{
    size_t size = secret_size(secret);
    struct secret *encoded;
    HRESULT hr = secret_create_empty((size + 2) / 3 * 4, &encoded);

    if (FAILED(hr))
        return hr;
    EVP_EncodeBlock((unsigned char *)secret_fill(encoded),
                    (const unsigned char *)secret_bytes(secret), (int)size);
    *ret_encoded = encoded;
    return S_OK;
}

/* Tells whether the text is whole base64, and how many of its last characters are padding. */
static bool base64_check(const char *text, size_t size, size_t *ret_padding)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t padding = 0;

    if (size % 4 != 0)
        return false;
    while (padding < 2 && padding < size && text[size - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < size - padding; i++) {
        if (text[i] == '\0' || !strchr(alphabet, text[i]))
            return false;
    }
    *ret_padding = padding;
    return true;
}

HRESULT secret_from_base64(const char *text, size_t size, struct secret **ret_decoded)
{
    struct secret *whole, *decoded;
    size_t padding;
    HRESULT hr;

    if (!base64_check(text, size, &padding))
        return MAPI_E_CORRUPT_DATA;

    hr = secret_create_empty(size / 4 * 3, &whole);
    if (FAILED(hr))
        return hr;
    if (size > 0 && EVP_DecodeBlock((unsigned char *)secret_fill(whole),
                                    (const unsigned char *)text, (int)size) < 0) {
        secret_unref(whole);
        return MAPI_E_CORRUPT_DATA;
    }
    if (padding == 0) {
        *ret_decoded = whole;
        return S_OK;
    }

    hr = secret_create(secret_bytes(whole), secret_size(whole) - padding, &decoded);
    secret_unref(whole);
    if (FAILED(hr))
        return hr;
    *ret_decoded = decoded;
    return S_OK;
}
