/* net/tls_verify.c - is the server who it should be, and if not, in words
 *
 * OpenSSL checks chain, dates and name; its callback here only turns a refusal into a sentence
 * while the certificate is at hand. */
#include "net/conn-private.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

static void append(char *words, size_t size, const char *more, size_t length)
{
    size_t at = strlen(words);
    size_t room = size - 1 - at;

    if (length > room)
        length = room;
    memcpy(words + at, more, length);
    words[at + length] = '\0';
}

static void name_append(char *words, size_t size, const GENERAL_NAME *name)
{
    char address[INET6_ADDRSTRLEN];

    if (words[0] && (name->type == GEN_DNS || name->type == GEN_IPADD))
        append(words, size, ", ", 2);
    if (name->type == GEN_DNS) {
        append(words, size, (const char *)ASN1_STRING_get0_data(name->d.dNSName),
               (size_t)ASN1_STRING_length(name->d.dNSName));
    } else if (name->type == GEN_IPADD) {
        int length = ASN1_STRING_length(name->d.iPAddress);

        if (length == 4 || length == 16) {
            inet_ntop(length == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(name->d.iPAddress),
                      address, sizeof(address));
            append(words, size, address, strlen(address));
        }
    }
}

/* The names that a certificate holds for, as many as fit. */
static void names_format(X509 *certificate, char *words, size_t size)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);

    words[0] = '\0';
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
        name_append(words, size, sk_GENERAL_NAME_value(names, i));
    GENERAL_NAMES_free(names);
    if (!words[0])
        append(words, size, "nobody", 6);
}

static void date_format(const ASN1_TIME *time, char date[16])
{
    struct tm tm;

    if (ASN1_TIME_to_tm(time, &tm) != 1 || strftime(date, 16, "%Y-%m-%d", &tm) == 0)
        strcpy(date, "?");
}

static void issuer_format(X509 *certificate, char *words, size_t size)
{
    const X509_NAME *issuer = X509_get_issuer_name(certificate);

    if (X509_NAME_get_text_by_NID((X509_NAME *)issuer, NID_commonName, words, (int)size) <= 0 &&
        X509_NAME_get_text_by_NID((X509_NAME *)issuer, NID_organizationName, words, (int)size) <= 0)
        snprintf(words, size, "somebody without a name");
}

static void verdict_set(struct conn_verdict *verdict, X509_STORE_CTX *store, const char *host)
{
    int code = X509_STORE_CTX_get_error(store);
    X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    const char *whose = X509_STORE_CTX_get_error_depth(store) > 0 ? "an authority's certificate"
                                                                  : "the certificate";
    char *words = verdict->words;
    size_t size = sizeof(verdict->words);
    char detail[160], date[16];

    verdict->refused = true;
    verdict->alert = SSL_AD_BAD_CERTIFICATE;
    switch (certificate ? code : X509_V_ERR_UNSPECIFIED) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        names_format(certificate, detail, sizeof(detail));
        snprintf(words, size, "the certificate is for %s, not for %.60s", detail, host);
        break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        verdict->alert = SSL_AD_CERTIFICATE_EXPIRED;
        date_format(X509_get0_notAfter(certificate), date);
        snprintf(words, size, "%s expired on %s", whose, date);
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        date_format(X509_get0_notBefore(certificate), date);
        snprintf(words, size, "%s is not valid before %s", whose, date);
        break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        verdict->alert = SSL_AD_UNKNOWN_CA;
        snprintf(words, size, "the certificate is self-signed and not among the trusted ones");
        break;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        verdict->alert = SSL_AD_UNKNOWN_CA;
        issuer_format(certificate, detail, sizeof(detail));
        snprintf(words, size, "the certificate is signed by \"%s\", which is not trusted", detail);
        break;
    default:
        snprintf(words, size, "the certificate does not hold: %s",
                 X509_verify_cert_error_string(code));
    }
}

static int verify_answer(int ok, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct conn *conn = SSL_get_app_data(ssl);

    if (!ok && !conn->verdict.refused)
        verdict_set(&conn->verdict, store, conn->host);
    return ok;
}

/* True if the host is a literal address, and then its bytes as X509_VERIFY_PARAM wants them. */
static bool literal_parse(const char *host, unsigned char address[16], size_t *ret_size)
{
    if (inet_pton(AF_INET, host, address) == 1) {
        *ret_size = 4;
        return true;
    }
    *ret_size = 16;
    return inet_pton(AF_INET6, host, address) == 1;
}

bool tls_verify_setup(struct conn *conn)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(conn->ssl);
    unsigned char address[16];
    char name[256];
    size_t size;

    SSL_set_app_data(conn->ssl, conn);
    SSL_set_verify(conn->ssl, SSL_VERIFY_PEER, verify_answer);

    if (literal_parse(conn->host, address, &size))
        return X509_VERIFY_PARAM_set1_ip(param, address, size) == 1;

    size = strlen(conn->host);
    if (size >= sizeof(name))
        return false;
    memcpy(name, conn->host, size + 1);
    if (size > 0 && name[size - 1] == '.') /* the root's dot is no part of the name (RFC 6066) */
        name[--size] = '\0';
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return size > 0 && X509_VERIFY_PARAM_set1_host(param, name, size) == 1 &&
           SSL_set_tlsext_host_name(conn->ssl, name) == 1;
}
